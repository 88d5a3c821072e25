"""The full text of items, written from what `media` holds.

Rows are written in the order of their rowids. FTS5 collects what it is given in memory, and writes it down as soon as a rowid
comes that is smaller than the last: in any other order each item became a piece of the index of its own, and a first scan's
writer took a third longer.

While many rows are written anew (`in_bulk`), FTS5 merges no pieces of its index: 2.2 s in place of 3.3 for 100,000 items. The
next writes merge them as they go.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from mediaforge.catalog.columns import FTS_COLUMNS
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.fulltext import fts_text
from mediaforge.model import MediaId

_THESE = "SELECT newest FROM media WHERE id IN (SELECT value FROM json_each(?))"


# FTS5's own settings, and how they are while many rows are written.
_USUAL = {"automerge": 4, "crisismerge": 16, "hashsize": 1 << 20}
_BULK = {"automerge": 0, "crisismerge": 1_000, "hashsize": 8 << 20}
_MANY = 2_000


@asynccontextmanager
async def in_bulk(catalogue: Catalogue, items: int) -> AsyncIterator[None]:
    """Write the full text of so many items, in the caller's transaction, which holds the settings for nobody else to see."""
    if items < _MANY:
        yield
        return
    await _configure(catalogue, _BULK)
    yield
    await _configure(catalogue, _USUAL)


async def _configure(catalogue: Catalogue, settings: Mapping[str, int]) -> None:
    await catalogue.executemany("INSERT INTO media_fts (media_fts, rank) VALUES (?, ?)", list(settings.items()))


async def index_text(catalogue: Catalogue, ids: Sequence[MediaId]) -> None:
    """Make the full text of these items anew."""
    await drop_text(catalogue, ids)
    await add_text(catalogue, ids)


async def drop_text(catalogue: Catalogue, ids: Sequence[MediaId]) -> None:
    """Take the full text of these items away."""
    await catalogue.execute(f"DELETE FROM media_fts WHERE rowid IN ({_THESE})", (json.dumps(list(ids)),))


async def add_text(catalogue: Catalogue, ids: Sequence[MediaId]) -> None:
    """Write the full text of these items, which have none."""
    rows = await _texts(catalogue, FTS_COLUMNS, ids)
    columns = ", ".join(FTS_COLUMNS)
    await catalogue.executemany(
        f"INSERT INTO media_fts ({columns}, rowid) VALUES (?{', ?' * len(FTS_COLUMNS)})",
        rows,
    )


async def change_text(catalogue: Catalogue, columns: Iterable[str], ids: Sequence[MediaId]) -> None:
    """Write some columns of the full text of these items anew."""
    names = list(columns)
    rows = await _texts(catalogue, names, ids)
    await catalogue.executemany(f"UPDATE media_fts SET {', '.join(f'{name} = ?' for name in names)} WHERE rowid = ?", rows)


async def _texts(catalogue: Catalogue, columns: Iterable[str], ids: Sequence[MediaId]) -> list[tuple[object, ...]]:
    """Return what stands in these columns of the full text, and the rowid behind them."""
    sources = ", ".join(FTS_COLUMNS[name] for name in columns)
    rows = await catalogue.fetch(
        f"SELECT {sources}, newest FROM media WHERE id IN (SELECT value FROM json_each(?)) ORDER BY +newest",
        (json.dumps(list(ids)),),
    )
    return [(*(fts_text(text) if text else None for text in row[:-1]), row[-1]) for row in rows]
