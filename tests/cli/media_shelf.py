"""A small library with something of everything in it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from media_files import make_flac, make_jpeg, make_mp3, make_mp4

STRANGE = [b"latin \xe9.jpg", b"new\nline.jpg", b"quote ' \" $x `y`.jpg", b"tab\there.jpg", b"esc \x1b[31mred.jpg", b"-q.jpg"]
"""Names that a file may have."""


@dataclass(frozen=True)
class Shelf:
    """A library, and the catalogue of it."""

    root: Path
    catalogue: Path


def make_shelf(root: Path) -> None:
    """Make the library: pictures, videos, music, a broken file, and strange names."""
    exif = {"Make": "Canon", "Model": "EOS R5", "DateTimeOriginal": "2021:07:04 18:30:00", "OffsetTimeOriginal": "+02:00"}
    for folder in ("Beach", "Films", "Music", "Strange"):
        (root / folder).mkdir(parents=True)
    make_jpeg(root / "Beach" / "beach.jpg", seed=1, exif={**exif, "ISO": 200, "FNumber": 2.8, "ExposureTime": 0.004})
    make_mp4(root / "Beach" / "clip.mp4", seed=2, seconds=1, tags={"title": "Waves at dusk"})
    make_mp4(root / "Films" / "film.mkv", seed=3, seconds=1, chapters=[(0, 0.5, "One"), (0.5, 1, "Two")], language="jpn")
    make_mp3(root / "Music" / "01.mp3", seed=4, tags={"title": "浜辺の歌", "artist": "由紀さおり", "date": "1969"})
    make_flac(root / "Music" / "02.flac", seed=5, tags={"title": "So What", "artist": "Miles Davis", "date": "1959"})
    (root / "Films" / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + b"x" * 100)
    picture = (root / "Beach" / "beach.jpg").read_bytes()
    for number, name in enumerate(STRANGE):
        with open(os.path.join(os.fsencode(root), b"Strange", name), "wb") as file:
            file.write(picture + b"%d" % number)
    for path in (*(root / "Films").iterdir(), *(root / "Beach").iterdir(), *(root / "Music").iterdir()):
        os.utime(path, (1_650_000_000, 1_650_000_000))  # 2022-04-15
