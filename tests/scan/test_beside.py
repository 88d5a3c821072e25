"""What a walk tells of the sidecars beside media files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from walked import Seen, see

from mediaforge.sidecars import Companion, unpack
from trees import Tree, make_tree


def beside(seen: Seen) -> dict[str, list[str]]:
    """Return by path the names of what stands beside it."""
    return {os.fsdecode(found[0]): [os.fsdecode(one.name) for one in unpack(found[6])] for found in seen.found}


async def walked(root: bytes, below: bytes = b"", exclude: Iterable[str] = (), chunk: int = 5000) -> dict[str, list[str]]:
    return beside(await see(root, below, exclude, chunk))


FAMILY: Tree = {
    "Show": {
        "tvshow.nfo": b"",
        "Season 1": {"S01E01.mkv": b"", "S01E01.nfo": b"", "S01E01.en.srt": b"", "Deep": {"x.mkv": b""}},
        "Season 2": {"S02E01.mkv": b"", "tvshow.nfo": b""},
        "Trailer.mp4": b"",
    },
    "Photos": {"a.jpg": b"", "a.jpg.xmp": b"", "a.xmp": b"", "b.jpg": b"", "c.xmp": b"", "notes.json": b""},
    "Films": {"Film.mkv": b"", "Film-thumb.jpg": b"", "Other-thumb.jpg": b"", "Film.tbn": b""},
    "Music": {"a.mp3": b"", "a.mp3.xmp": b""},
}
EXPECTED = {
    "Show/Season 1/S01E01.mkv": ["../tvshow.nfo", "S01E01.en.srt", "S01E01.nfo"],
    "Show/Season 1/Deep/x.mkv": [],
    "Show/Season 2/S02E01.mkv": ["tvshow.nfo"],
    "Show/Trailer.mp4": ["tvshow.nfo"],
    "Photos/a.jpg": ["a.jpg.xmp", "a.xmp"],
    "Photos/b.jpg": [],
    "Films/Film.mkv": ["Film-thumb.jpg", "Film.tbn"],
    "Films/Other-thumb.jpg": [],
    "Music/a.mp3": ["a.mp3.xmp"],
}


@pytest.mark.parametrize("chunk", [1, 2, 3, 5000], ids=lambda chunk: f"chunks of {chunk}")
async def test_the_sidecars_of_every_file_are_told_with_it(tmp_path: Path, chunk: int) -> None:
    assert await walked(make_tree(tmp_path, FAMILY), chunk=chunk) == EXPECTED


@pytest.mark.parametrize("path", EXPECTED)
async def test_a_part_of_a_library_is_told_the_same(tmp_path: Path, path: str) -> None:
    root = make_tree(tmp_path, FAMILY)
    assert await walked(root, os.fsencode(path)) == {path: EXPECTED[path]}
    folder = os.path.dirname(path)
    inside = {other: names for other, names in EXPECTED.items() if other.startswith(f"{folder}/")}
    assert await walked(root, os.fsencode(folder)) == inside


async def test_a_picture_of_a_video_is_none_of_its_own_when_it_is_scanned_alone(tmp_path: Path) -> None:
    assert await walked(make_tree(tmp_path, FAMILY), b"Films/Film-thumb.jpg") == {}


async def test_a_sidecar_is_told_with_its_stamp(tmp_path: Path) -> None:
    root = make_tree(tmp_path, {"a.jpg": b"", "a.xmp": b"12345"})
    os.utime(tmp_path / "a.xmp", ns=(1, 1_600_000_000_123_456_789))
    [found] = (await see(root)).found
    assert unpack(found[6]) == [Companion(b"a.xmp", 5, 1_600_000_000_123_456_789)]


async def test_a_folder_of_many_files_is_told_in_chunks_with_all_sidecars(tmp_path: Path) -> None:
    files: Tree = {f"{number:03}.{suffix}": b"" for number in range(100) for suffix in ("jpg", "xmp")}
    seen = await see(make_tree(tmp_path, files), chunk=7)
    assert len(seen.chunks) > 10
    assert beside(seen) == {f"{number:03}.jpg": [f"{number:03}.xmp"] for number in range(100)}


async def test_what_is_left_out_is_no_sidecar(tmp_path: Path) -> None:
    tree: Tree = {"a.jpg": b"", ".a.xmp": b"", "a.xmp": b"", "a.jpg.json": b"", "sub": {"b.jpg": b"", "b.xmp": b""}}
    root = make_tree(tmp_path, tree)
    assert await walked(root, exclude=["*.xmp"]) == {"a.jpg": ["a.jpg.json"], "sub/b.jpg": []}
    assert (await see(root, exclude=["*.xmp"])).unknown == []
    make_tree(tmp_path, {".mediaforgeignore": b"*.json\n/sub/*.xmp\n"})
    assert await walked(root) == {"a.jpg": ["a.xmp"], "sub/b.jpg": []}


async def test_a_picture_that_is_left_out_is_neither_an_item_nor_a_videos(tmp_path: Path) -> None:
    root = make_tree(tmp_path, {"a.mkv": b"", "a-thumb.jpg": b"", ".mediaforgeignore": b"*-thumb.jpg"})
    for chunk in (1, 5000):
        assert await walked(root, chunk=chunk) == {"a.mkv": []}


@pytest.mark.parametrize("chunk", [1, 5000])
async def test_a_picture_of_a_video_that_is_left_out_is_an_item(tmp_path: Path, chunk: int) -> None:
    tree: Tree = {"a.mkv": b"", "a-thumb.jpg": b"", "b.mkv": b"", "b.de.srt": b"", ".mediaforgeignore": b"a.mkv"}
    assert await walked(make_tree(tmp_path, tree), chunk=chunk) == {"a-thumb.jpg": [], "b.mkv": ["b.de.srt"]}


async def test_what_is_no_file_is_no_sidecar(tmp_path: Path) -> None:
    root = make_tree(tmp_path, {"a.jpg": b"", "a.xmp": {"b.jpg": b""}, "real": b""})
    os.symlink("real", tmp_path / "a.json")
    os.mkfifo(tmp_path / "a.jpg.xmp")
    seen = await see(root)
    assert beside(seen) == {"a.jpg": [], "a.xmp/b.jpg": []}
    assert seen.troubles == []


async def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    root = make_tree(tmp_path, {b"\xff.jpg": b"", b"\xff.xmp": b"1"})
    [found] = (await see(root)).found
    assert [one.name for one in unpack(found[6])] == [b"\xff.xmp"]
