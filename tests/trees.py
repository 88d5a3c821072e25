"""Folders for tests, written as literals."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

Tree = Mapping[str | bytes, "bytes | Tree"]
"""A name to a file's content or to a folder's tree."""


def make_tree(root: Path, tree: Tree) -> bytes:
    """Make `tree` in `root`, which is made too, and return the path of `root`."""
    _make(os.fsencode(root), tree)
    return os.fsencode(root)


def _make(folder: bytes, tree: Tree) -> None:
    os.makedirs(folder, exist_ok=True)
    for name, content in tree.items():
        path = os.path.join(folder, os.fsencode(name))
        if isinstance(content, bytes):
            with open(path, "wb") as file:
                file.write(content)
        else:
            _make(path, content)
