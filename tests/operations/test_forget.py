"""Forgetting a library: its items go with all that a person did with them, and undo brings both back."""

from __future__ import annotations

from pathlib import Path

import pytest
from shelf import Shelf, check, make_pictures

from mediaforge.errors import NothingMatched, UsageError
from mediaforge.operations import collections, correct
from mediaforge.operations.catalogues import opened
from mediaforge.operations.libraries import forget, forgettable
from mediaforge.operations.undo import redo, undo

TABLES = {"media": "*", "media_fts": "rowid, *", "media_tag": "*", "correction": "*", "collection_media": "*"}


def state(shelf: Shelf) -> dict[str, object]:
    """Return all that there is of items."""
    return {table: shelf.rows(f"SELECT {columns} FROM {table} ORDER BY 1, 2") for table, columns in TABLES.items()}


async def organised(shelf: Shelf) -> None:
    """Two libraries, and something that a person did with each item; one of the first's is missing."""
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    (shelf.folder / "b.jpg").unlink()
    await shelf.scan()
    await shelf.scan(make_pictures(shelf.folder.parent / "other", {"c.jpg": 3}))
    await shelf.tag("mine", "is:any")
    async with opened(shelf.config) as here:
        await correct.rate(here, "4", ["is:any"])
        await collections.create(here, "all")
        await collections.add(here, "all", ["is:any"])


async def test_a_library_is_forgotten_and_comes_back(shelf: Shelf) -> None:
    await organised(shelf)
    before = state(shelf)
    slug = shelf.folder.name
    async with opened(shelf.config) as here:
        assert len((await forgettable(here, slug)).ids) == 2
        number = await forget(here, slug)
        check(shelf.config.catalog)
        assert shelf.rows("SELECT slug FROM library") == [("other",)]
        assert shelf.rows("SELECT path FROM media") == [(b"c.jpg",)]
        after = state(shelf)
        await undo(here, number)
        assert state(shelf) == before
        await redo(here, number)
        assert state(shelf) == after
        await undo(here, number)
    check(shelf.config.catalog)
    await shelf.scan()
    assert shelf.rows("SELECT count(*) FROM media") == [(3,)]
    assert (shelf.folder / "a.jpg").exists()


async def test_another_library_does_not_take_its_place(shelf: Shelf, tmp_path: Path) -> None:
    await organised(shelf)
    async with opened(shelf.config) as here:
        number = await forget(here, "other")
    await shelf.scan(make_pictures(tmp_path / "third", {"d.jpg": 4}))
    async with opened(shelf.config) as here:
        await undo(here, number)
    roots = {
        Path(root.decode()).name: path
        for root, path in shelf.rows("SELECT root, path FROM media JOIN library l ON l.id = library_id")
    }
    assert (roots["other"], roots["third"]) == (b"c.jpg", b"d.jpg")


async def test_a_library_that_was_scanned_anew_is_not_doubled(shelf: Shelf) -> None:
    await organised(shelf)
    async with opened(shelf.config) as here:
        number = await forget(here, "other")
    await shelf.scan(shelf.folder.parent / "other")
    async with opened(shelf.config) as here:
        with pytest.raises(UsageError, match="the library 'other' has the name or root of 'other' now"):
            await undo(here, number)
        await forget(here, "other")
        await undo(here, number)
    assert shelf.rows("SELECT count(*) FROM media_tag") == [(3,)]


async def test_a_library_that_is_none(shelf: Shelf) -> None:
    await organised(shelf)
    async with opened(shelf.config) as here:
        with pytest.raises(NothingMatched, match="no library 'othre'; there are "):
            await forget(here, "othre")
