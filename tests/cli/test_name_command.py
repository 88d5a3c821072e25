"""mediaforge name."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest
from terminal import on_a_terminal, run

EPISODE = "Show/Season 02/03 - Name.1080p.BluRay.x264.mkv"


@pytest.fixture
def none(tmp_path: Path) -> Path:
    """Return where no catalogue is, and none may be after."""
    return tmp_path / "none.db"


def test_what_was_understood_from_which_part_and_what_was_ignored(none: Path) -> None:
    done = run(none, "name", "explain", EPISODE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{EPISODE}\tshow\tShow\tfolder:show\tShow",
        f"{EPISODE}\tseason\t2\tfolder:season\tSeason 02",
        f"{EPISODE}\tepisode\t3\tname:episode\t03",
        f"{EPISODE}\tepisode_title\tName\tname:episode_title\tName",
        f"{EPISODE}\tname_screen_size\t1080p\tname:screen_size\t1080p",
        f"{EPISODE}\tname_source\tBlu-ray\tname:source\tBluRay",
        f"{EPISODE}\tignored\tx264\t\tthe file itself says it",
    ]
    assert not none.exists()


@pytest.mark.parametrize(
    ("path", "said", "ignored"),
    [
        ("IMG_0001.mp4", {}, {"IMG_0001.mp4": "a camera's name says nothing"}),
        ("holiday.mp4", {}, {"holiday.mp4": "it has the shape of no film and of no episode"}),
        ("00001.MTS", {}, {"00001.MTS": "a number alone says nothing"}),
        (
            "Christmas (1999) at home.mp4",
            {"title": ("Christmas", "guessit:title", "Christmas"), "year": (1999, "guessit:year", "1999")},
            {},
        ),
        (
            "Films/Heat (1995).mkv",
            {"title": ("Heat", "name:title", "Heat"), "year": (1995, "name:year", "(1995)")},
            {"Films": "a folder's name of no shape that counts"},
        ),
        (
            "VID_20210704_120001.mp4",
            {"taken_at": ("2021-07-04T12:00:01", "filename:date", "VID_20210704_120001.mp4")},
            {"VID_20210704_120001.mp4": "a camera's name says nothing"},
        ),
        ("IMG_20210704_120001.jpg", {"taken_at": ("2021-07-04T12:00:01", "filename:date", "IMG_20210704_120001.jpg")}, {}),
        ("Heat (1995).jpg", {}, {
            "Heat (1995).jpg": "an image is not named for what it shows: its name says when it was taken, or nothing"
        }),
        ("no suffix S01E02", {"show": ("no suffix", "name:show", "no suffix"), "season": (1, "name:season", "S01E02"),
                              "episode": (2, "name:episode", "S01E02")}, {}),
    ],
)  # fmt: skip
def test_reasons_in_json(none: Path, path: str, said: dict[str, object], ignored: dict[str, str]) -> None:
    [record] = json.loads(run(none, "name", "explain", path, "-f", "json").stdout)
    assert record["path"] == path
    assert {one["field"]: (one["value"], one["origin"], one["text"]) for one in record["said"]} == said
    assert {one["text"]: one["why"] for one in record["ignored"]} == ignored


def test_several_paths_in_every_format(none: Path) -> None:
    paths = [EPISODE, "IMG_0001.mp4"]
    lines = run(none, "name", "explain", *paths, "-f", "jsonl").stdout.splitlines()
    assert [json.loads(line)["path"] for line in lines] == paths
    rows = list(csv.reader(run(none, "name", "explain", *paths, "-f", "csv").stdout.splitlines()))
    assert rows[0][:4] == ["path", "field", "value", "from"]
    assert {row[0] for row in rows[1:]} == set(paths)
    shown = on_a_terminal(none, "name", "explain", *paths)
    assert shown.startswith(f"{EPISODE}\n")
    assert "\n\nIMG_0001.mp4\n" in shown
    assert "folder:season" in shown


def test_a_path_that_is_there_is_read_as_a_scan_reads_it(none: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "The Wire" / "Season 01"
    folder.mkdir(parents=True)
    (folder / "02.mkv").touch()
    monkeypatch.chdir(folder)
    [there] = json.loads(run(none, "name", "explain", "02.mkv", "-f", "json").stdout)
    assert [one["value"] for one in there["said"]] == ["The Wire", 1, 2]
    [gone] = json.loads(run(none, "name", "explain", "03.mkv", "-f", "json").stdout)
    assert gone["said"] == []


def test_names_that_are_not_utf8_or_hold_control_characters(none: Path) -> None:
    done = run(none, "name", "explain", os.fsencode("Caf") + b"\xe9 S01E02\x1b[31m.mkv")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "Caf�" in done.stdout


def test_a_path_is_asked_for(none: Path) -> None:
    done = run(none, "name", "explain")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: missing argument 'PATH'")
