from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from walked import see

from mediaforge.errors import UsageError
from mediaforge.scan.ignore import BadIgnoreFile, Rules, read_layer
from trees import Tree, make_tree

FILES: Tree = {
    "a.jpg": b"",
    "b.png": b"",
    "#c.jpg": b"",
    b"\xff.jpg": b"",
    "raw": {"d.jpg": b"", "e.png": b"", "deep": {"a.jpg": b""}},
}
EVERY = [b"#c.jpg", b"a.jpg", b"b.png", b"raw/d.jpg", b"raw/deep/a.jpg", b"raw/e.png", b"\xff.jpg"]

# Patterns, and which of EVERY they leave out (gitignore(5)).
PATTERNS: list[tuple[list[str], list[bytes]]] = [
    ([], []),
    (["*.png"], [b"b.png", b"raw/e.png"]),
    (["/a.jpg"], [b"a.jpg"]),
    (["a.jpg"], [b"a.jpg", b"raw/deep/a.jpg"]),
    (["raw/"], [b"raw"]),
    (["raw"], [b"raw"]),
    (["a.jpg/"], []),
    (["raw/*", "!raw/d.jpg"], [b"raw/deep", b"raw/e.png"]),
    (["raw/", "!raw/d.jpg"], [b"raw"]),  # what is in a folder that is left out cannot be taken back
    (["**/deep/*.jpg"], [b"raw/deep/a.jpg"]),
    (["*", "!*.png", "!*/"], [b"#c.jpg", b"a.jpg", b"raw/d.jpg", b"raw/deep/a.jpg", b"\xff.jpg"]),
    (["\udcff*"], [b"\xff.jpg"]),
]


def left(out: list[bytes]) -> list[bytes]:
    return [path for path in EVERY if not any(path == gone or path.startswith(gone + b"/") for gone in out)]


@pytest.mark.parametrize(("patterns", "out"), PATTERNS)
async def test_exclude_leaves_as_it_was(tmp_path: Path, patterns: list[str], out: list[bytes]) -> None:
    seen = await see(make_tree(tmp_path, FILES), exclude=patterns)
    assert (seen.paths, seen.unknown, seen.troubles) == (left(out), out, [])


@pytest.mark.parametrize(("patterns", "out"), PATTERNS)
async def test_an_ignore_file_takes_out_of_the_library(tmp_path: Path, patterns: list[str], out: list[bytes]) -> None:
    root = make_tree(tmp_path, FILES)
    (tmp_path / ".mediaforgeignore").write_bytes(os.fsencode("\n".join(patterns)))
    seen = await see(root)
    assert (seen.paths, seen.unknown, seen.troubles) == (left(out), [], [])


async def test_an_exclude_has_no_comments(tmp_path: Path) -> None:
    assert (await see(make_tree(tmp_path, FILES), exclude=["#c.jpg", " "])).unknown == [b"#c.jpg"]


IGNORE_FILES: list[tuple[str, Tree, list[bytes]]] = [
    ("comments and blank lines", {".mediaforgeignore": b"# *.png\n\n   \n*.jpg\n", "a.jpg": b"", "b.png": b""}, [b"b.png"]),
    (
        "a BOM and CRLF",
        {".mediaforgeignore": b"\xef\xbb\xbf*.jpg\r\n*.png\r\n", "a.jpg": b"", "b.png": b"", "c.mp3": b""},
        [b"c.mp3"],
    ),
    (
        "UTF-8 and what is not",
        {".mediaforgeignore": "é.jpg\n".encode() + b"\xff.jpg", "é.jpg": b"", b"\xff.jpg": b"", "e.jpg": b""},
        [b"e.jpg"],
    ),
    (
        "a line separator is no end of line",
        {".mediaforgeignore": "a\u2028b.jpg".encode(), "a\u2028b.jpg": b"", "b.jpg": b""},
        [b"b.jpg"],
    ),
    (
        "patterns are relative to their folder, and hold below it alone",
        {"x": {".mediaforgeignore": b"/a.jpg\nsub/b.jpg\n", "a.jpg": b"", "sub": {"a.jpg": b"", "b.jpg": b""}}, "a.jpg": b""},
        [b"a.jpg", b"x/sub/a.jpg"],
    ),
    (
        "the innermost decides",
        {
            ".mediaforgeignore": b"*.jpg",
            "x": {".mediaforgeignore": b"!keep.jpg", "keep.jpg": b"", "a.jpg": b""},
            "keep.jpg": b"",
        },
        [b"x/keep.jpg"],
    ),
    ("below a name with a newline", {".mediaforgeignore": b"a.jpg", "x\ny": {"a.jpg": b"", "b.jpg": b""}}, [b"x\ny/b.jpg"]),
    ("an empty one", {".mediaforgeignore": b"", "a.jpg": b""}, [b"a.jpg"]),
]


@pytest.mark.parametrize(("tree", "paths"), [row[1:] for row in IGNORE_FILES], ids=[row[0] for row in IGNORE_FILES])
async def test_ignore_files(tmp_path: Path, tree: Tree, paths: list[bytes]) -> None:
    seen = await see(make_tree(tmp_path, tree))
    assert (seen.paths, seen.unknown, seen.troubles) == (paths, [], [])


async def test_what_is_excluded_and_ignored_is_left_as_it_was(tmp_path: Path) -> None:
    root = make_tree(tmp_path, {".mediaforgeignore": b"*.jpg", "a.jpg": b"", "b.jpg": b""})
    assert (await see(root, exclude=["a.*"])).unknown == [b"a.jpg"]


@pytest.mark.parametrize("below", [b"x", b"x/y", b"x/y/a.jpg"])
async def test_a_part_obeys_the_folders_above_it(tmp_path: Path, below: bytes) -> None:
    root = make_tree(tmp_path, {".mediaforgeignore": b"a.jpg", "x": {"y": {"a.jpg": b""}}})
    seen = await see(root, below)
    assert (seen.paths, seen.unknown) == ([], [])
    os.unlink(tmp_path / ".mediaforgeignore")
    assert (await see(root, below, exclude=["x/y"])).unknown == [b"x/y"]
    assert (await see(root, below)).paths == [b"x/y/a.jpg"]


BAD_FILES: list[tuple[bytes, str]] = [
    (b"[z-a].jpg", "has a bad pattern"),
    (b"!", "has a bad pattern"),
    (b"#" * (1 << 20) + b"\n*.jpg", "is larger than a megabyte"),
]


@pytest.mark.parametrize(("content", "message"), BAD_FILES)
async def test_a_bad_ignore_file_makes_its_folder_unknown(tmp_path: Path, content: bytes, message: str) -> None:
    root = make_tree(tmp_path, {"x": {".mediaforgeignore": content, "a.jpg": b"", "y": {"b.jpg": b""}}, "c.jpg": b""})
    seen = await see(root)
    assert (seen.paths, seen.unknown, seen.troubles) == ([b"c.jpg"], [b"x"], [(b".mediaforgeignore", "ignore-file")])
    assert (await see(root, b"x/y")).unknown == [b"x"]
    with pytest.raises(BadIgnoreFile, match=message):
        read_layer(root + b"/x/", 2)


async def test_an_ignore_file_that_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    root = make_tree(
        tmp_path, {"fifo": {"a.jpg": b""}, "folder": {".mediaforgeignore": {}}, "link": {"a.jpg": b""}, "b.jpg": b""}
    )
    os.mkfifo(tmp_path / "fifo" / ".mediaforgeignore")  # a plain open would wait for a writer
    os.symlink("/etc/passwd", tmp_path / "link" / ".mediaforgeignore")
    seen = await see(root)
    assert (seen.paths, seen.unknown) == ([b"b.jpg"], [b"fifo", b"folder", b"link"])
    assert seen.troubles == [(b".mediaforgeignore", "ignore-file")] * 3


@pytest.mark.parametrize("pattern", ["[z-a]", "!", "a\\"])
def test_a_bad_exclude_is_wrong_usage(pattern: str) -> None:
    with pytest.raises(UsageError, match="--exclude"):
        Rules(["*.jpg", pattern])


def test_pathspec_is_imported_only_for_patterns(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a.jpg": b""})
    program = (
        "import asyncio, sys; from mediaforge.scan.walk import walk; from mediaforge.scan.ignore import Rules\n"
        "async def go():\n  return [c async for c in walk(sys.argv[1].encode(), b'', Rules(), silence=60)]\n"
        "[chunk] = asyncio.run(go()); assert chunk.found; print('pathspec' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("False", "")
