"""The tree in which copies are looked for: what it holds is known, so that what is found can be told right from wrong."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from pathlib import Path

import pytest

from bench import dupes


def test_the_tree_has_copies_links_and_almost_copies(tmp_path: Path) -> None:
    folder = str(tmp_path / "tree")
    dupes.make_tree(folder, 101)
    files = [Path(where, name) for where, _folders, names in os.walk(folder) for name in names]
    assert len(files) == 101 + 26 + 3 + 3
    contents = defaultdict(set)
    for path in files:
        contents[hashlib.sha256(path.read_bytes()).digest()].add(path.stat().st_ino)
    assert sum(len(inodes) == 2 for inodes in contents.values()) == 26
    dupes.forget(folder)
    dupes.remember(folder)


def test_it_measures_whoever_is_installed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dupes.main(["--files", "8", "--pairs", "1", "--scratch", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| | against | ours | theirs | ratio |"
    assert all(line.count("|") == 6 for line in lines) and (len(lines) - 2) % 4 == 0
