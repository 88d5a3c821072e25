"""The journal of a person's edits, with what is needed to take each back."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.catalog.facts import index_text
from mediaforge.model import MediaId
from mediaforge.text import clean_text

# What belongs to an item and goes with it, the item first: by which column.
_BELONGINGS = (
    ("media", "id"),
    ("stream", "media_id"),
    ("target", "media_id"),
    ("media_tag", "media_id"),
    ("media_tag_refused", "media_id"),
    ("collection_media", "media_id"),
    ("history", "media_id"),
)
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Change:
    """One edit by a person: what was typed, how many items it changed, and what takes it back."""

    id: int
    at: str
    command: str
    items: int
    undo: Mapping[str, Any]
    undone_at: str | None


async def record_change(catalogue: Catalogue, command: str, *, items: int, undo: Mapping[str, object]) -> int:
    """Record one edit in the caller's transaction and return its number. `undo` is plain JSON."""
    return await catalogue.insert(
        "INSERT INTO change (command, items, undo) VALUES (?, ?, ?)", (clean_text(command), items, json.dumps(undo))
    )


_COLUMNS = "id, at, command, items, undo, undone_at"


def _change(row: Any) -> Change:
    return Change(row[0], row[1], row[2], row[3], json.loads(row[4]), row[5])


async def list_changes(catalogue: Catalogue, *, limit: int = -1) -> list[Change]:
    """Return the edits, newest first."""
    rows = await catalogue.fetch(f"SELECT {_COLUMNS} FROM change ORDER BY id DESC LIMIT ?", (limit,))
    return [_change(row) for row in rows]


async def find_change(catalogue: Catalogue, number: int | None) -> Change | None:
    """Return the edit with this number, or the last that was not undone."""
    which = "id = :id" if number is not None else "undone_at IS NULL"
    rows = await catalogue.fetch(f"SELECT {_COLUMNS} FROM change WHERE {which} ORDER BY id DESC LIMIT 1", {"id": number})
    return _change(rows[0]) if rows else None


async def mark_undone(catalogue: Catalogue, number: int) -> None:
    """Record that an edit was taken back."""
    await catalogue.execute(f"UPDATE change SET undone_at = {NOW} WHERE id = ?", (number,))


async def forget_items(catalogue: Catalogue, change: int, ids: Sequence[MediaId]) -> None:
    """Take items and all that belongs to them out of the catalogue into the edit, in the caller's transaction."""
    for page, start in enumerate(range(0, len(ids), _PAGE)):
        some = json.dumps(list(ids[start : start + _PAGE]))
        kept = {}
        for table, key in _BELONGINGS:
            columns = [row[1] for row in await catalogue.fetch(f"PRAGMA table_info({table})")]
            rows = await catalogue.fetch(
                f"SELECT {', '.join(columns)} FROM {table} WHERE {key} IN (SELECT value FROM json_each(?))", (some,)
            )
            kept[table] = {"columns": columns, "rows": [[_packed(value) for value in row] for row in rows]}
        await catalogue.execute(
            "INSERT INTO change_row VALUES (?, ?, ?)", (change, page, zlib.compress(json.dumps(kept).encode()))
        )
        await catalogue.execute("DELETE FROM media WHERE id IN (SELECT value FROM json_each(?))", (some,))


async def restore_items(catalogue: Catalogue, change: int) -> None:
    """Put back what `forget_items` took out, in the caller's transaction; tags and collections deleted since stay away."""
    for row in await catalogue.fetch("SELECT rows FROM change_row WHERE change_id = ? ORDER BY page", (change,)):
        kept = json.loads(zlib.decompress(row[0]))
        for table, _key in _BELONGINGS:
            columns = kept[table]["columns"]
            rows = [tuple(_unpacked(value) for value in values) for values in kept[table]["rows"]]
            rows = await _still_meant(catalogue, table, columns, rows)
            await catalogue.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows
            )
        await index_text(catalogue, [MediaId(values[0]) for values in kept["media"]["rows"]])
    await catalogue.execute("DELETE FROM change_row WHERE change_id = ?", (change,))


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


def _packed(value: object) -> object:
    return {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _unpacked(value: Any) -> object:
    return base64.b64decode(value["bytes"]) if isinstance(value, dict) else value
