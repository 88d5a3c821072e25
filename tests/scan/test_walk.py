from __future__ import annotations

import asyncio
import os
import shutil
import socket
import tempfile
import threading
from pathlib import Path

import pytest
from harmed import harmed
from walked import see

from mediaforge.errors import VolumeOffline
from mediaforge.model import signed
from mediaforge.scan.ignore import Rules
from mediaforge.scan.walk import JUNK, walk
from mediaforge.scanned import Found
from trees import Tree, make_tree


async def test_a_found_file_is_told_with_its_stamp(tmp_path: Path) -> None:
    root = make_tree(tmp_path, {"a": {"B.JPG": b"12345"}})
    path = tmp_path / "a" / "B.JPG"
    os.utime(path, ns=(1, 1_600_000_000_123_456_789))
    assert (await see(root)).found == [(b"a/B.JPG", "jpg", "image", 5, 1_600_000_000_123_456_789, path.stat().st_ino, None)]


TREES: list[tuple[str, Tree, list[bytes]]] = [
    ("nothing", {}, []),
    ("kinds", {"a.mkv": b"", "b.flac": b"", "c.jpeg": b""}, [b"a.mkv", b"b.flac", b"c.jpeg"]),
    ("case", {"a.Mp4": b"", "b.JPEG": b""}, [b"a.Mp4", b"b.JPEG"]),
    ("not media", {"a.txt": b"", "mp4": b"", "jpg.": b"", "x.jpg.part": b"", "é": b""}, []),
    ("deep", {"a": {"b": {"c": {"d.mp3": b""}}}, "e": {"f.mp3": b""}}, [b"a/b/c/d.mp3", b"e/f.mp3"]),
    ("hidden", {".a.jpg": b"", ".b": {"c.jpg": b""}, "d": {".e": {"f.jpg": b""}}, "._g.jpg": b""}, []),
    (
        "a folder named like a file",
        {"Best of.mp3": {"1.mp3": b""}, "a.b": {"c.jpg": b""}},
        [b"Best of.mp3/1.mp3", b"a.b/c.jpg"],
    ),
    ("junk", {"@eaDir": {"a.jpg": b""}, "b": {"$Recycle.Bin": {"a.jpg": b""}}, "lost+found.jpg": b""}, [b"lost+found.jpg"]),
    ("names that are not UTF-8", {b"\xff": {b"\xfe\xfd.jpg": b""}, b"\xe9.mp3": b""}, [b"\xe9.mp3", b"\xff/\xfe\xfd.jpg"]),
    (
        "names that are odd",
        {"a\nb": {" .jpg": b""}, "-rf.jpg": b"", "'\"\\.jpg": b""},
        [b"'\"\\.jpg", b"-rf.jpg", b"a\nb/ .jpg"],
    ),
]


@pytest.mark.parametrize(("tree", "paths"), [row[1:] for row in TREES], ids=[row[0] for row in TREES])
async def test_what_a_walk_sees(tmp_path: Path, tree: Tree, paths: list[bytes]) -> None:
    seen = await see(make_tree(tmp_path, tree))
    assert (seen.paths, seen.unknown, seen.troubles) == (paths, [], [])


@pytest.mark.parametrize("name", [*sorted(JUNK), b".Trash-1000", b".thumbnails"])
async def test_junk_is_not_seen_but_may_be_a_root(tmp_path: Path, name: bytes) -> None:
    root = make_tree(tmp_path, {name: {"a.jpg": b""}})
    assert (await see(root)).paths == []
    assert (await see(os.path.join(root, name))).paths == [b"a.jpg"]


async def test_symlinks_are_not_followed(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "root", {"a.jpg": b"", "sub": {}})
    make_tree(tmp_path / "else", {"b.jpg": b""})
    for link, target in {
        "to-file.jpg": "a.jpg",
        "to-folder": "../else",
        "sub/up": "..",
        "sub/self.jpg": "self.jpg",
        "dangling.mp4": "nowhere",
        "to-folder.mp3": "../else",
    }.items():
        os.symlink(target, tmp_path / "root" / link)
    seen = await see(root)
    assert (seen.paths, seen.troubles) == ([b"a.jpg"], [])


async def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    root = make_tree(tmp_path, {"a.jpg": b""})
    os.mkfifo(tmp_path / "b.jpg")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "c.mp3"))
        chunks = [c async for c in walk(root, b"", Rules(), silence=60)]
    assert sorted((t.path, t.message) for c in chunks for t in c.troubles) == [
        (root + b"/b.jpg", "is a FIFO, not a file"),
        (root + b"/c.mp3", "is a socket, not a file"),
    ]
    assert (await see(root)).paths == [b"a.jpg"]


BELOW: list[tuple[bytes, list[bytes], list[tuple[bytes, str]]]] = [
    (b"a", [b"a/1.jpg", b"a/b/2.jpg"], []),
    (b"a/b", [b"a/b/2.jpg"], []),
    (b"a/1.jpg", [b"a/1.jpg"], []),
    (b"nowhere", [], []),
    (b"a/nowhere/x.jpg", [], []),
    (b".hidden", [], [(b".hidden", "left-out")]),
    (b".hidden/3.jpg", [], [(b"3.jpg", "left-out")]),
    (b"link", [], [(b"link", "left-out")]),
    (b"@eaDir", [], [(b"@eaDir", "left-out")]),
    (b"notes.txt", [], [(b"notes.txt", "left-out")]),
]


@pytest.mark.parametrize(("below", "paths", "troubles"), BELOW)
async def test_a_part_of_a_library(tmp_path: Path, below: bytes, paths: list[bytes], troubles: list[tuple[bytes, str]]) -> None:
    files: Tree = {"a": {"1.jpg": b"", "b": {"2.jpg": b""}}, ".hidden": {"3.jpg": b""}, "@eaDir": {}, "notes.txt": b""}
    root = make_tree(tmp_path, files)
    os.symlink("a", tmp_path / "link")
    seen = await see(root, below)
    assert (seen.paths, seen.troubles, seen.unknown) == (paths, troubles, [])


async def test_a_root_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(VolumeOffline, match=r"cannot reach '.*/gone': No such file or directory; is its drive plugged in\?"):
        await see(os.fsencode(tmp_path / "gone"))
    make_tree(tmp_path, {"file": b""})
    with pytest.raises(VolumeOffline, match="is no folder any more"):
        await see(os.fsencode(tmp_path / "file"))


async def test_a_folder_too_deep_to_name_is_unknown(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "root", {"a.jpg": b""})
    name = "d" * 250
    before = os.open(".", os.O_RDONLY)
    os.chdir(tmp_path / "root")
    try:
        for _ in range(17):  # 17 × 251 is beyond PATH_MAX, 4,096
            os.mkdir(name)
            os.chdir(name)
    finally:
        os.fchdir(before)
        os.close(before)
    seen = await see(root)
    assert seen.paths == [b"a.jpg"]
    assert [reason for _, reason in seen.troubles] == ["io"]
    assert len(seen.unknown) == 1
    assert seen.unknown[0].startswith(name.encode() + b"/")


async def test_numbers_that_sqlite_cannot_hold_are_made_to_fit(tmp_path: Path) -> None:
    root = make_tree(tmp_path, {"a.jpg": b""})
    os.utime(tmp_path / "a.jpg", ns=(0, 2**63 + 10**9))  # in the year 2262
    if (tmp_path / "a.jpg").stat().st_mtime_ns <= 2**63:
        pytest.skip("this file system does not reach the year 2262")
    assert (await see(root)).found[0][4] == 2**63 - 1


@pytest.mark.parametrize(("inode", "stored"), [(1, 1), (2**63 - 1, 2**63 - 1), (2**63, -(2**63)), (2**64 - 1, -1)])
def test_inodes_fit_into_64_signed_bits(inode: int, stored: int) -> None:
    assert signed(inode) == stored


async def test_chunks_are_bounded_and_complete(tmp_path: Path) -> None:
    root = make_tree(tmp_path, {f"{n}": {f"{m}.jpg": b"" for m in range(25)} for n in range(4)})
    seen = await see(root, chunk=10)
    assert len(seen.paths) == 100
    assert max(len(chunk.found) for chunk in seen.chunks) == 10
    assert sum(chunk.folders for chunk in seen.chunks) == 5


async def test_a_long_walk_hands_over_what_it_has(tmp_path: Path) -> None:
    """A pattern whose matching grows with the fourth power of a name's length makes a slow folder of a fast one."""
    root = make_tree(tmp_path, {"a" * 100 + f"{n}.jpg": b"" for n in range(100)})
    (tmp_path / ".mediaforgeignore").write_text("*a*a*a*b.jpg\n")
    seen = await see(root)
    assert len(seen.paths) == 100
    assert len([chunk for chunk in seen.chunks if chunk.found]) > 1


async def test_a_slow_reader_holds_the_walk_back(tmp_path: Path) -> None:
    """What was not read yet when the reader came back can be taken away, and is then simply not found."""
    root = make_tree(tmp_path, {f"{n}.jpg": b"" for n in range(500)})
    found = 0
    async for chunk in walk(root, b"", Rules(), silence=60, chunk=10):
        if found == 0:
            await asyncio.sleep(0.2)
            for name in os.listdir(root):
                os.unlink(os.path.join(root, name))
        found += len(chunk.found)
        assert not chunk.troubles
    assert 10 <= found <= 50


async def test_a_folder_that_goes_while_it_is_walked_is_not_an_unreadable_one(tmp_path: Path) -> None:
    root = make_tree(tmp_path, {f"{n}": {f"{m}.jpg": b"" for m in range(10)} for n in range(40)})
    found: list[Found] = []
    async for chunk in walk(root, b"", Rules(), silence=60, chunk=10):
        if not found:
            for name in os.listdir(root):
                shutil.rmtree(os.path.join(root, name))
        found += chunk.found
        assert (chunk.troubles, chunk.unknown) == ([], [])
    assert 10 <= len(found) < 400


async def test_closing_early_ends_the_thread(tmp_path: Path) -> None:
    root = make_tree(tmp_path, {f"{n}.jpg": b"" for n in range(500)})
    chunks = walk(root, b"", Rules(), silence=60, chunk=10)
    await anext(chunks)
    [thread] = [thread for thread in threading.enumerate() if thread.name == "walk"]
    assert thread.daemon
    await chunks.aclose()
    await asyncio.to_thread(thread.join, 30)
    assert not thread.is_alive()


def test_an_unreadable_folder_is_unknown_and_told() -> None:
    with tempfile.TemporaryDirectory() as folder:  # not tmp_path, above which only its owner may read
        os.chmod(folder, 0o755)
        make_tree(Path(folder), {"a.jpg": b"", "locked": {"b.jpg": b""}, "z": {"c.jpg": b""}})
        os.chmod(Path(folder, "locked"), 0)
        try:
            assert harmed("unreadable", Path(folder)) == {
                "found": ["a.jpg", "z/c.jpg"],
                "unknown": ["locked"],
                "troubles": ["locked: cannot be read: Permission denied"],
                "empty": False,
            }
        finally:
            os.chmod(Path(folder, "locked"), 0o755)


def test_an_unreadable_root_is_unknown_and_told() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0)
        name = os.path.basename(folder)
        try:
            assert harmed("unreadable", Path(folder)) == {
                "found": [],
                "unknown": [""],
                "troubles": [f"{name}: cannot be read: Permission denied"],
                "empty": False,
            }
        finally:
            os.chmod(folder, 0o755)


def test_a_share_that_stalls_ends_the_walk_and_the_process(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a.jpg": b"", "share": {}})
    assert harmed("stalled_walk", tmp_path) == {
        "error": "RootSilent",
        "message": f"'{tmp_path}' has not answered for 0.3 seconds; is its drive or share awake?",
    }


def test_a_dead_share_in_a_library_is_unknown_and_told(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a.jpg": b"", "share": {}})
    assert harmed("dead_share", tmp_path) == {
        "found": ["a.jpg"],
        "unknown": ["share"],
        "troubles": ["share: cannot be read: Transport endpoint is not connected"],
    }


def test_a_dead_share_as_root_is_offline(tmp_path: Path) -> None:
    make_tree(tmp_path, {"share": {}})
    assert harmed("dead_root", tmp_path)["error"] == "VolumeOffline"


def test_a_root_that_is_unmounted_while_it_is_walked_is_offline(tmp_path: Path) -> None:
    make_tree(tmp_path, {"share": {}})
    assert harmed("unplugged", tmp_path) == {
        "error": "VolumeOffline",
        "message": f"'{tmp_path}/share' was unmounted or replaced while it was scanned; scan it again",
    }
