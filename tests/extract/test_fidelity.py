"""The comparison with other tools, and the fuzzer: that they would see what they look for."""

from __future__ import annotations

import os
import random
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import fidelity
import fuzz
import media_files
from agreement import LEAST, Compared, by_exiftool, by_ffprobe, share
from mediaforge.model import Facts, Failure, Stamp, Stream, StreamType, TakenSource
from mediaforge.scanned import Failed, Reading
from reading import facts_of

# Our facts, exiftool's row, the field: the verdict.
VERDICTS: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"iso": 100}, {"ISO": 100}, "iso", "equal"),
    ({"iso": 100}, {"ISO": 200}, "iso", "different"),
    ({"iso": 100}, {}, "iso", "only ours"),
    ({"iso": 200}, {"ISO": "0 200"}, "iso", "equal"),
    ({"iso": 200}, {"ISO": 9}, "iso", "ours is right"),
    ({"artist": "Träger"}, {"Artist": "Tr?ger"}, "artist", "equal"),
    ({"artist": "Träger"}, {"Artist": "Trader"}, "artist", "different"),
    ({}, {"ISO": 200}, "iso", "only theirs"),
    ({}, {"ExposureTime": 4294967295}, "exposure", "ours is right"),
    ({}, {"ExposureTime": 0}, "exposure", "ours is right"),
    ({}, {"Orientation": 9}, "orientation", "ours is right"),
    ({"orientation": 1}, {"Orientation": 6}, "orientation", "different"),
    ({}, {"DateTimeOriginal": "2099:09:29 10:10:10"}, "taken", "ours is right"),
    ({}, {"DateTimeOriginal": "2021:07:04 12:00:01"}, "taken", "only theirs"),
    ({"taken_at": datetime(2021, 7, 4, 12, 0, 1), "taken_source": TakenSource.EXIF},
     {"DateTimeOriginal": "2021:07:04 12:00:01"}, "taken", "equal"),
    ({"taken_at": datetime(2021, 7, 4, 12, 0, 1, 840_000), "taken_source": TakenSource.EXIF},
     {"DateTimeOriginal": "2021:07:04 12:00:01", "SubSecTimeOriginal": 84}, "sub-seconds", "equal"),
    ({"latitude": 1.0, "longitude": 2.0}, {"GPSLatitude": 1.000009, "GPSLongitude": 2}, "gps", "equal"),
    ({"latitude": 1.0, "longitude": 2.0}, {"GPSLatitude": 1.00002, "GPSLongitude": 2}, "gps", "different"),
    ({"keywords": ("a", "b", "P|I")}, {"Subject": ["a", "b"], "TagsList": ["P/I"]}, "keywords", "equal"),
    ({"keywords": ("a",)}, {"Subject": ["a", "b"]}, "keywords", "different"),
    ({"title": "T"}, {"Title": "X", "ObjectName": "T"}, "title", "equal"),
    ({"width": 6}, {"ImageWidth": 6, "ImageHeight": 5}, "size", "different"),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs", "field", "verdict"), VERDICTS)
def test_the_verdict_on_a_picture(ours: dict[str, Any], theirs: dict[str, Any], field: str, verdict: str) -> None:
    rows = {row.field: row for row in by_exiftool("a.jpg", Facts(reader="pillow", **ours), theirs)}
    assert rows[field].verdict == verdict
    assert (rows[field].why is not None) == (verdict == "ours is right")


@pytest.mark.parametrize(("seconds", "verdict"), [(10.05, "equal"), (10.2, "different")])
def test_the_verdict_on_a_film(seconds: float, verdict: str) -> None:
    sound = Stream(index=0, type=StreamType.AUDIO, codec="aac", channels=2, sample_rate=48_000)
    ours = Facts(reader="pyav", duration=seconds, streams=(sound,))
    stream = {"codec_type": "audio", "codec_name": "aac", "channels": 2, "sample_rate": "48000"}
    rows = {r.field: r.verdict for r in by_ffprobe("a.m4a", ours, {"rc": 0, "duration": "10", "tags": {}, "streams": [stream]})}
    assert rows == {"streams": "equal", "codecs": "equal", "channels": "equal", "sample rate": "equal", "duration": verdict}


def test_a_share_is_of_what_the_other_tool_states_sensibly() -> None:
    verdicts = ("equal", "equal", "different", "only theirs", "only ours", "ours is right")
    rows = [Compared("iso", "a", 1, 1, verdict) for verdict in verdicts]
    assert share(rows) == 50
    lines = list(fidelity.report({"iso": rows}, LEAST, brief=False))
    assert lines[1].split() == ["iso", "4", "2", "1", "1", "1", "1", "50.0%", "98%", "BELOW"]
    assert len(lines) == 2 + 3  # one of each that a person judges


def test_an_older_ffprobe_measures_films_differently() -> None:
    assert (fidelity.least_for("5.1.9")["duration"], fidelity.least_for("99.0")["duration"]) == (95, 97)


def test_both_tools_are_asked_now(tmp_path: Path) -> None:
    if missing := [tool for tool in ("ffprobe", "exiftool") if shutil.which(tool) is None]:
        pytest.skip(f"{' and '.join(missing)} not on PATH: asking now is not tested")
    media_files.make_jpeg(tmp_path / "ä 1.jpg", exif={"Model": "EOS R5", "ISO": 400})
    media_files.make_mp4(tmp_path / "b.mp4", seconds=0.2, rotation=90, tags={"title": "T"})
    paths = fidelity.media_below(tmp_path)
    rows = list(fidelity.compare(tmp_path, {path: facts_of(path) for path in paths}, *fidelity.live_answers(paths)))
    equal = {row.field for row in rows if row.verdict == "equal"}
    assert {"size", "iso", "camera", "rotation", "streams", "codecs", "duration", "music: title"} <= equal
    assert [row for row in rows if row.verdict in ("different", "only theirs")] == []


def test_half_an_answer_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "ffprobe"
    tool.write_text("#!/bin/sh\nprintf '{ \"streams\": ['\nkill -SEGV $$\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert fidelity.ask_ffprobe(tmp_path / "a.ts")["rc"] == -1


def test_a_stream_of_no_known_type_is_compared() -> None:
    ours = Facts(reader="pyav", duration=1.0)
    rows = list(by_ffprobe("a.ogg", ours, {"rc": 0, "duration": "1", "tags": None, "streams": [{"codec_name": "x"}]}))
    assert [(row.field, row.verdict) for row in rows] == [
        ("streams", "different"),
        ("codecs", "only ours"),
        ("duration", "equal"),
    ]


@pytest.mark.parametrize(("name", "verdicts"), [("a.ogg", ["equal"]), ("a.m4a", ["only ours"])])
def test_tags_of_an_ogg_are_its_streams(name: str, verdicts: list[str]) -> None:
    stream = {"codec_type": "audio", "codec_name": "vorbis", "tags": {"TITLE": "T"}}
    rows = by_ffprobe(name, Facts(reader="mutagen", title="T"), {"rc": 0, "tags": {}, "streams": [stream]})
    assert [row.verdict for row in rows if row.field == "music: title"] == verdicts


def test_a_mutant_is_made_again_from_its_seed() -> None:
    data = bytes(range(256)) * 20
    mutants = [fuzz.mutate(random.Random(f"1:{n}"), data, b"other") for n in range(50)]
    assert mutants == [fuzz.mutate(random.Random(f"1:{n}"), data, b"other") for n in range(50)]
    assert len(set(mutants)) > 40
    assert isinstance(fuzz.mutate(random.Random(1), b"", b""), bytes)


def test_the_fuzzer_reads_in_workers(tmp_path: Path) -> None:
    tally = fuzz.fuzz(1, 60, [], tmp_path / "kept")
    assert (sum(tally.outcomes.values()), tally.wrong) == (60, [])
    assert tally.outcomes["Reading"] > 5
    assert not (tmp_path / "kept").exists()


OUTCOMES = [
    (Failed(Failure.UNREADABLE, "is empty"), True), (Failed(Failure.BUG, "KeyError"), False),
    (Failed(Failure.TIMED_OUT, "was not read within 20 s"), False), (Failed(Failure.CRASHED, "died"), False), ("text", False),
    (Reading(Stamp(1, 1), 1, "", Facts(reader="pyav")), True),
]  # fmt: skip


@pytest.mark.parametrize(("value", "good"), OUTCOMES)
def test_what_may_not_come_out_is_kept(value: object, good: bool, tmp_path: Path) -> None:
    (tmp_path / "1-1.mp4").write_bytes(b"x")
    tally = fuzz.Tally()
    fuzz.judge(tmp_path / "1-1.mp4", value, 0.1, tally, tmp_path / "kept")
    assert (tally.wrong == []) is good
    assert (tmp_path / "kept" / "1-1.mp4").exists() is not good
