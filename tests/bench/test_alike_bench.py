"""What alikeness is measured with: copies are made and found, and speed is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import alike, alike_copies
from scenes import scene, shots, write_film


def test_copies_of_pictures_and_videos_are_made_and_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike_copies, "_SHOTS", 2)
    monkeypatch.setattr(alike_copies, "OF_VIDEOS", {"without the last 10 %": alike_copies.OF_VIDEOS["without the last 10 %"]})
    for seed in (1, 2):
        scene(seed).save(tmp_path / f"{seed}.jpg")
    scene(1).save(tmp_path / "version.png")
    scene(3, (64, 48)).save(tmp_path / "small.jpg")
    write_film(tmp_path / "film.mp4", shots(9), 9)
    pictures, videos = (told.splitlines() for told in alike.quality(str(tmp_path)).split("\n\n"))
    assert pictures[0].startswith("| 2 originals |") and videos[0].startswith("| 2 originals |")
    found = {line.split(" | ")[0].strip("| "): line.strip("| ").split(" | ")[1:] for line in (*pictures[2:], *videos[2:])}
    assert set(alike_copies.OF_PICTURES) < set(found)
    assert found["as PNG"] == found["turned, and EXIF says so"] == found["without the last 10 %"] == ["100%"] * 4
    assert pictures[-1].endswith("| 0 | 0 | 0 | 0 |")


def test_speed_is_told_of_hashes_of_which_a_tenth_are_near_others() -> None:
    heading, _line, *rows = alike.speed(2000, 6).splitlines()
    assert heading.startswith("| 2,000 hashes, distance 6 |")
    assert [row.split(" | ")[1] for row in rows] == ["200", "400"]
