"""mediaforge sheet: what is drawn, and what is said where nothing can be."""

from __future__ import annotations

from pathlib import Path

from media_shelf import Shelf
from PIL import Image
from terminal import run


def test_items_stand_in_a_grid(shelf: Shelf, tmp_path: Path) -> None:
    done = run(shelf.catalogue, "sheet", "kind:image", "-o", str(tmp_path / "s.jpg"), "--columns", "3")
    assert (done.stdout, done.stderr, done.returncode) == ("", f"drew 7 items into '{tmp_path}/s.jpg'\n", 0)
    with Image.open(tmp_path / "s.jpg") as sheet:
        assert sheet.format == "JPEG" and sheet.width == 3 * 320 + 2 * 14 + 2 * 24
        colours = sheet.convert("RGB").getcolors(1 << 24)
    assert colours is not None and len(colours) > 100, "the pictures themselves are on it"
    done = run(shelf.catalogue, "sheet", "kind:image", "-o", str(tmp_path / "s.jpg"), "--limit", "2", "--force")
    assert done.stderr == f"drew 2 items of 7 into '{tmp_path}/s.jpg'\n"
    with Image.open(tmp_path / "s.jpg") as sheet:
        assert sheet.width == 2 * 320 + 14 + 2 * 24


def test_a_single_video_shows_its_own_frames(shelf: Shelf, tmp_path: Path) -> None:
    done = run(shelf.catalogue, "sheet", "name:film.mkv", "-o", str(tmp_path / "s.jpg"), "--frames", "4", "--columns", "2")
    assert (done.stderr, done.returncode) == (f"drew 4 frames of a video into '{tmp_path}/s.jpg'\n", 0)
    with Image.open(tmp_path / "s.jpg") as sheet:
        assert sheet.width == 2 * 320 + 14 + 2 * 24


def test_a_file_that_is_there_is_replaced_only_when_asked(shelf: Shelf, tmp_path: Path) -> None:
    mine = tmp_path / "mine.jpg"
    mine.write_bytes(b"mine")
    done = run(shelf.catalogue, "sheet", "kind:image", "-o", str(mine))
    assert done.returncode == 2 and "is there already; name another file, or say --force" in done.stderr
    assert mine.read_bytes() == b"mine"
    assert run(shelf.catalogue, "sheet", "kind:image", "-o", str(tmp_path)).returncode == 2
    assert run(shelf.catalogue, "sheet", "kind:image", "-o", str(mine), "--force").returncode == 0
    assert mine.read_bytes()[:3] == b"\xff\xd8\xff"


def test_what_cannot_be_drawn_is_told(shelf: Shelf, tmp_path: Path) -> None:
    for words, code, said in (
        (("nothing-like-it", "-o", "s.jpg"), 4, "nothing matches 'nothing-like-it'"),
        (
            ("kind:image", "-o", f"{tmp_path}/no/s.jpg"),
            2,
            f"cannot write the sheet '{tmp_path}/no/s.jpg': there is no folder '{tmp_path}/no'",
        ),
        (("name:broken.mp4", "-o", f"{tmp_path}/s.jpg"), 1, "the sheet of 'broken.mp4' cannot be drawn: it"),
    ):
        done = run(shelf.catalogue, "sheet", *words)
        assert done.returncode == code and done.stderr.splitlines()[-1].startswith(f"error: {said}"), done.stderr
    assert list(tmp_path.glob("*.jpg")) == []
