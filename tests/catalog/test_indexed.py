"""The full text as it is written: in few pieces, and with FTS5's own settings left as they were."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench import make_catalog
from bench.make_catalog import make_catalogue
from mediaforge.catalog import indexed
from mediaforge.catalog.database import open_catalogue
from mediaforge.catalog.indexed import index_text
from mediaforge.catalog.record import record_new
from mediaforge.model import LibraryId, MediaId
from mediaforge.operations.correct import set_fields
from mediaforge.operations.undo import undo

ROWS = 600


@pytest.fixture
async def made(tmp_path: Path) -> Path:
    """A catalogue of items whose times are in no order."""
    path = tmp_path / "catalog.db"
    await make_catalogue(str(path), rows=ROWS)
    return path


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def pieces(path: Path) -> int:
    """Return of how many pieces the index consists."""
    count: int = ask(path, "SELECT count(DISTINCT segid) FROM media_fts_idx")[0][0]
    return count


async def test_what_is_written_in_one_go_is_few_pieces(made: Path) -> None:
    assert pieces(made) <= 3, "new, dropped, added"
    before = ask(made, "SELECT rowid, * FROM media_fts ORDER BY rowid")
    async with open_catalogue(os.fsencode(made)) as catalogue, catalogue.transaction():
        await index_text(catalogue, [MediaId(number) for number in range(1, ROWS + 1)])
    assert pieces(made) <= 5
    assert ask(made, "SELECT rowid, * FROM media_fts ORDER BY rowid") == before


async def test_the_text_of_new_files_is_collected_until_the_end(made: Path) -> None:
    before = pieces(made)
    async with open_catalogue(os.fsencode(made)) as catalogue, catalogue.transaction():
        await record_new(catalogue, [make_catalog._item(LibraryId(1), 2, ROWS + number)[0] for number in range(ROWS)])
        written = await catalogue.value("SELECT count(DISTINCT segid) FROM media_fts_idx")
    assert written == before
    assert len(ask(made, "SELECT 1 FROM media_fts WHERE media_fts MATCH 'path : jpg'")) > ROWS / 3


async def test_the_settings_of_the_index_are_as_they_were(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = sorted(indexed._USUAL.items())
    monkeypatch.setattr(indexed, "_MANY", 1)
    async with open_catalogue(os.fsencode(made)) as catalogue:
        for fields in (["title=Dunes"], ["taken=1999"], ["rating=3"]):
            await set_fields(catalogue, [*fields, "kind:image"])
        assert sorted(row for row in ask(made, "SELECT k, v FROM media_fts_config") if row[0] != "version") == usual
        assert len(ask(made, "SELECT 1 FROM media_fts WHERE media_fts MATCH 'title : dunes'")) > ROWS / 3
        await undo(catalogue, last=3)
    assert ask(made, "SELECT 1 FROM media_fts WHERE media_fts MATCH 'title : dunes'") == []
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("INSERT INTO media_fts (media_fts, rank) VALUES ('integrity-check', 1)")
