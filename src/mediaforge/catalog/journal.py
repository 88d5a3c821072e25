"""The journal of a person's edits, with what it takes to take each back, and to do it again.

An edit is stored page by page, packed: the cells that it changed, or, of a prune, the rows that it took out.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mediaforge.catalog.cells import Aspect, Cells
from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.catalog.indexed import index_text
from mediaforge.model import MediaId
from mediaforge.text import clean_text

# What belongs to an item and goes with it, the item first: by which column.
_BELONGINGS = (
    ("media", "id"),
    ("stream", "media_id"),
    ("target", "media_id"),
    ("likeness", "media_id"),
    ("verification", "media_id"),
    ("correction", "media_id"),
    ("media_tag", "media_id"),
    ("media_tag_refused", "media_id"),
    ("collection_media", "media_id"),
    ("history", "media_id"),
)
MADE: Aspect = ("item", None)
"""The aspect of an edit that made items: all of them."""

_PAGE = 1_000
_VALUES = 500  # rows of a list in SQL


@dataclass(frozen=True, slots=True)
class Change:
    """One edit by a person: what was typed, how many items it changed, and which aspects of them."""

    id: int
    at: str
    command: str
    items: int
    aspects: tuple[Aspect, ...]
    undone_at: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of an edit: cells that it changed, rows of items that are taken out, or the ids of items that are back.

    Items are taken out by the edit, or, where it `made` them, by its undoing.
    """

    cells: tuple[Cells, ...] = ()
    rows: Mapping[str, Any] | None = None
    back: tuple[MediaId, ...] = ()
    made: bool = False

    def pack(self) -> bytes:
        """Return the page as it is stored."""
        plain = {"cells": [cells.to_json() for cells in self.cells], "rows": self.rows, "back": self.back, "made": self.made}
        return zlib.compress(json.dumps({name: part for name, part in plain.items() if part}).encode(), 1)

    @classmethod
    def unpack(cls, content: bytes) -> Page:
        """Return what `pack` made."""
        plain = json.loads(zlib.decompress(content))
        cells = tuple(map(Cells.from_json, plain.get("cells", ())))
        return cls(cells, plain.get("rows"), tuple(map(MediaId, plain.get("back", ()))), plain.get("made", False))


async def record_change(
    catalogue: Catalogue, command: str, *, items: int, aspects: Iterable[Aspect] = (), pages: Iterable[bytes] = ()
) -> int:
    """Record one edit in the caller's transaction and return its number."""
    number = await catalogue.insert(
        "INSERT INTO change (command, items, aspects) VALUES (?, ?, ?)",
        (clean_text(command), items, json.dumps(list(aspects))),
    )
    await catalogue.executemany(
        "INSERT INTO change_page VALUES (?, ?, ?)", [(number, at, content) for at, content in enumerate(pages)]
    )
    return number


async def complete_change(catalogue: Catalogue, number: int, *, items: int, aspects: Iterable[Aspect]) -> None:
    """State what an edit came to, whose pages were written one by one; one without any is forgotten."""
    await catalogue.execute("UPDATE change SET items = ?, aspects = ? WHERE id = ?", (items, json.dumps(list(aspects)), number))
    await catalogue.execute(
        "DELETE FROM change WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM change_page WHERE change_id = ?1)", (number,)
    )


_COLUMNS = "id, at, command, items, aspects, undone_at"


def _change(row: Any) -> Change:
    return Change(row[0], row[1], row[2], row[3], tuple((kind, key) for kind, key in json.loads(row[4])), row[5])


async def list_changes(catalogue: Catalogue, *, limit: int = -1) -> list[Change]:
    """Return the edits, newest first."""
    rows = await catalogue.fetch(f"SELECT {_COLUMNS} FROM change ORDER BY id DESC LIMIT ?", (limit,))
    return [_change(row) for row in rows]


async def find_change(catalogue: Catalogue, number: int) -> Change | None:
    """Return the edit with this number."""
    rows = await catalogue.fetch(f"SELECT {_COLUMNS} FROM change WHERE id = ?", (number,))
    return _change(rows[0]) if rows else None


async def next_change(catalogue: Catalogue, *, undone: bool) -> Change | None:
    """Return the last edit that stands, or, with `undone`, the edit that was the last to be taken back."""
    # Edits that were taken back in one go are of one instant, the oldest of them last.
    which = "undone_at IS NOT NULL ORDER BY undone_at DESC, id" if undone else "undone_at IS NULL ORDER BY id DESC"
    rows = await catalogue.fetch(f"SELECT {_COLUMNS} FROM change WHERE {which} LIMIT 1")
    return _change(rows[0]) if rows else None


async def standing_after(catalogue: Catalogue, change: Change) -> list[Change]:
    """Return the later edits that stand and changed an aspect that `change` changed, oldest first; all, if it made items."""
    rows = await catalogue.fetch(f"SELECT {_COLUMNS} FROM change WHERE id > ? AND undone_at IS NULL ORDER BY id", (change.id,))
    some = set(change.aspects)
    return [later for later in map(_change, rows) if MADE in some or not some.isdisjoint(later.aspects)]


async def mark(catalogue: Catalogue, number: int, *, undone: bool) -> None:
    """Record that an edit was taken back, or done again."""
    await catalogue.execute(f"UPDATE change SET undone_at = {NOW if undone else 'NULL'} WHERE id = ?", (number,))


async def pages(catalogue: Catalogue, number: int, *, backwards: bool = False) -> AsyncIterator[tuple[int, Page]]:
    """Yield the pages of an edit with their numbers, in the order in which they were done, or the last first."""
    order = "DESC" if backwards else "ASC"
    for (at,) in await catalogue.fetch(f"SELECT page FROM change_page WHERE change_id = ? ORDER BY page {order}", (number,)):
        content = await catalogue.value("SELECT content FROM change_page WHERE change_id = ? AND page = ?", (number, at))
        yield at, Page.unpack(content)


async def set_page(catalogue: Catalogue, number: int, at: int, page: Page) -> None:
    """Write one page of an edit."""
    await catalogue.execute(
        """INSERT INTO change_page VALUES (?, ?, ?)
        ON CONFLICT (change_id, page) DO UPDATE SET content = excluded.content""",
        (number, at, page.pack()),
    )


async def forget_items(catalogue: Catalogue, number: int, ids: Sequence[MediaId], *, made: bool = False) -> int:
    """Take items and all that belongs to them out of the catalogue into the edit, in the caller's transaction.

    Return how many pages that takes. With `made` doing it again takes out the present ones, too, not only who is missing then.
    """
    starts = range(0, len(ids), _PAGE)
    for at, start in enumerate(starts):
        await forget_page(catalogue, number, at, ids[start : start + _PAGE], made=made)
    return len(starts)


async def forget_page(catalogue: Catalogue, number: int, at: int, ids: Sequence[MediaId], *, made: bool = False) -> None:
    """Take the items of one page out of the catalogue."""
    some = json.dumps(list(ids))
    kept = {}
    for table, key in _BELONGINGS:
        columns = [row[1] for row in await catalogue.fetch(f"PRAGMA table_info({table})")]
        rows = await catalogue.fetch(
            f"SELECT {', '.join(columns)} FROM {table} WHERE {key} IN (SELECT value FROM json_each(?))", (some,)
        )
        kept[table] = {"columns": columns, "rows": [[_plain(value) for value in row] for row in rows]}
    await set_page(catalogue, number, at, Page(rows=kept, made=made))
    await catalogue.execute("DELETE FROM media WHERE id IN (SELECT value FROM json_each(?))", (some,))


async def restore_page(catalogue: Catalogue, number: int, at: int, kept: Mapping[str, Any], *, made: bool = False) -> None:
    """Put the items of one page back, in the caller's transaction; tags and collections deleted since stay away.

    Where a scan has found a file anew meanwhile, the item that is put back is a missing one.
    """
    for table, _key in _BELONGINGS:
        columns = kept[table]["columns"]
        rows = [tuple(_unplain(value) for value in values) for values in kept[table]["rows"]]
        rows = await _still_meant(catalogue, table, columns, rows)
        if table == "media":
            rows = await _beside_others(catalogue, columns, rows)
        await catalogue.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows
        )
    ids = [MediaId(values[0]) for values in kept["media"]["rows"]]
    await index_text(catalogue, ids)
    await set_page(catalogue, number, at, Page(back=tuple(ids), made=made))


async def _beside_others(catalogue: Catalogue, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> list[tuple[object, ...]]:
    """Return rows of items, missing where a present item is at their path by now."""
    library, path, missing = (columns.index(name) for name in ("library_id", "path", "missing_at"))
    there = [row for row in rows if row[missing] is None]
    taken = {
        (row[0], row[1])
        for start in range(0, len(there), _VALUES)
        for row in await catalogue.fetch(
            f"""SELECT library_id, path FROM media WHERE missing_at IS NULL AND (library_id, path) IN
            (VALUES {", ".join(["(?, ?)"] * len(there[start : start + _VALUES]))})""",
            [value for row in there[start : start + _VALUES] for value in (row[library], row[path])],
        )
    }
    now = await catalogue.value(f"SELECT {NOW}")
    return [
        (*row[:missing], now, *row[missing + 1 :]) if row[missing] is None and (row[library], row[path]) in taken else row
        for row in rows
    ]


async def _still_meant(
    catalogue: Catalogue, table: str, columns: Sequence[str], rows: list[tuple[object, ...]]
) -> list[tuple[object, ...]]:
    """Return those of the rows whose tag or collection still exists."""
    for other in ("tag", "collection"):
        if f"{other}_id" in columns:
            there = {row[0] for row in await catalogue.fetch(f"SELECT id FROM {other}")}
            position = columns.index(f"{other}_id")
            return [row for row in rows if row[position] in there]
    return rows


def _plain(value: object) -> object:
    return {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _unplain(value: Any) -> object:
    return base64.b64decode(value["bytes"]) if isinstance(value, dict) else value
