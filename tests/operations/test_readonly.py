"""A catalogue in a folder that cannot be written is still searched, and an edit of it is refused in one sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from program import Done, mediaforge
from shelf import Shelf


@contextmanager
def _read_only(catalogue: str, *, folder: bool, file: bool) -> Iterator[None]:
    parent = Path(catalogue).parent
    if file:
        Path(catalogue).chmod(0o444)
    if folder:
        parent.chmod(0o555)
    try:
        yield
    finally:
        parent.chmod(0o755)
        Path(catalogue).chmod(0o644)


@pytest.mark.parametrize(("folder", "file"), [(True, True), (True, False), (False, True)])
async def test_a_read_only_catalogue_is_searched_and_not_changed(shelf: Shelf, folder: bool, file: bool) -> None:
    shelf.make({"beach.jpg": 1})
    await shelf.scan()
    catalogue = shelf.config.catalog
    with _read_only(catalogue, folder=folder, file=file):
        before = shelf.bytes()
        found = mediaforge(catalogue, "search", "beach", "--format", "paths", lowly=True)
        refused = [
            mediaforge(catalogue, "tag", "add", "sea", "beach", lowly=True),
            mediaforge(catalogue, "scan", shelf.folder, lowly=True),
        ]
        assert shelf.bytes() == before
    assert (found.code, found.out) == (0, f"{shelf.folder}/beach.jpg\n")
    for done in refused:
        assert done.code == 10
        assert done.said == (f"the catalogue '{catalogue}' cannot be written; check its permissions and those of its folder")


def test_a_catalogue_that_cannot_be_made_is_told(shelf: Shelf) -> None:
    shelf.make({"beach.jpg": 1})
    parent = Path(shelf.config.catalog).parent
    parent.chmod(0o555)
    try:
        done: Done = mediaforge(shelf.config.catalog, "scan", shelf.folder, lowly=True)
    finally:
        parent.chmod(0o755)
    assert done.code == 10 and shelf.config.catalog in done.said
    assert os.listdir(parent) == []


@pytest.mark.parametrize(
    ("name", "code"), [("nothing.db", 10), ("folder.db", 10), ("text.db", 10)], ids=["missing", "a folder", "not a database"]
)
def test_every_command_refuses_what_is_no_catalogue_in_one_sentence(shelf: Shelf, name: str, code: int) -> None:
    catalogue = Path(shelf.config.catalog).with_name(name)
    if name == "folder.db":
        catalogue.mkdir()
    if name == "text.db":
        catalogue.write_bytes(b"no database" * 500)
    done = mediaforge(str(catalogue), "search", "beach")
    assert done.code == code and str(catalogue) in done.said
    if name != "nothing.db":
        assert mediaforge(str(catalogue), "scan", shelf.folder).code == code
