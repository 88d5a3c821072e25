"""docs/walkthrough.md is what happens: every command of it is run, and prints what stands there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from terminal import COMMAND, environment

from media_files import make_flac, make_jpeg, make_mp3, make_mp4

WALKTHROUGH = Path(__file__).parents[2] / "docs" / "walkthrough.md"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SCAN = re.compile(r"^scan [0-9a-f]{8} ", re.MULTILINE)


def steps() -> list[tuple[str, str]]:
    """Return each command with what stands below it."""
    parts = [part for block in _BLOCK.findall(WALKTHROUGH.read_text()) for part in re.split(r"^\$ ", block, flags=re.MULTILINE)]
    return [(command, output) for command, _line, output in (part.partition("\n") for part in parts if part)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    media = tmp_path / "Media"
    for folder in ("Beach", "Films", "Music"):
        (media / folder).mkdir(parents=True)
    exif = {"Make": "Canon", "Model": "EOS R5", "DateTimeOriginal": "2021:07:04 18:30:00", "OffsetTimeOriginal": "+02:00"}
    make_jpeg(media / "Beach" / "beach.jpg", seed=1, exif={**exif, "ISO": 200, "ExposureTime": 0.004})
    make_jpeg(media / "Beach" / "sunset.jpg", seed=2, exif={"DateTimeOriginal": "2019:08:20 20:15:00"})
    make_mp4(media / "Beach" / "clip.mp4", seed=3)
    make_mp4(media / "Films" / "harbour.mkv", seed=4)
    (media / "Films" / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + b"x" * 100)
    make_flac(media / "Music" / "01 so what.flac", seed=5, tags={"title": "So What", "artist": "Miles Davis", "date": "1959"})
    make_mp3(media / "Music" / "02 hamabe no uta.mp3", seed=6, tags={"title": "浜辺の歌", "artist": "由紀さおり"})
    for path in media.rglob("*.m*"):
        os.utime(path, (1_650_000_000, 1_650_000_000))  # 2022-04-15: what says nothing of its time has its file's
    program = tmp_path / "bin" / "mediaforge"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {" ".join(COMMAND)} "$@"\n')
    program.chmod(0o755)
    return tmp_path


def test_every_step_is_true(home: Path) -> None:
    env = environment(home / "catalog.db", PATH=f"{home}/bin:{os.environ['PATH']}")
    status = 0
    assert len(steps()) > 20
    for command, output in steps():
        script = f"(exit {status}); {command}"  # `echo $?` tells of the step before
        done = subprocess.run(
            ["bash", "-c", script], cwd=home, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60
        )
        status = done.returncode
        assert _plain(done.stdout, home) == _plain(output, home), command


def _plain(text: str, home: Path) -> str:
    """Return output with what must differ made alike: the folder of the person, and the ids of scans."""
    return _SCAN.sub("scan 51f3c0de ", text.replace(str(home), "/home/ann"))
