"""Copies: the items whose fingerprints others have too, what is known of their content, and what speaks for each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mediaforge.catalog.clause import COPIES, DUPLICATE, FILE, SHARED, Ask, compared
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.paths import join
from mediaforge.catalog.values import whole
from mediaforge.model import FINGERPRINTED, Kind, LibraryId, MediaId, TakenSource
from mediaforge.query import Field, Range
from mediaforge.ranking import Candidate

_MANY = 10_000  # ids, of which little is asked
# A fingerprint is of the file as it is where it was read since the last change; where reading broke off, it may be older.
_READ = "m.facts_size = m.size AND m.facts_mtime_ns = m.mtime_ns"
_HASH = "CASE WHEN t.failure IS NULL AND t.size = m.size AND t.mtime_ns = m.mtime_ns THEN m.sha256 END"
_HERE = "(l.online = 1 AND m.library_id NOT IN (SELECT value FROM json_each(:c_offline)))"

_compared = compared(COPIES, whole("it takes a whole number"))


def build(ask: Ask, field: Field) -> str:
    """Return a condition on how many files have the content of an item; one that asks for several looks at these alone."""
    sql = _compared(ask, field)
    return f"({DUPLICATE} AND {sql})" if all(_asks_for_several(field.op, value) for value in field.values) else sql


def _asks_for_several(op: str, value: object) -> bool:
    if isinstance(value, Range):
        return value.low is not None and _asks_for_several("", value.low)
    number = int(getattr(value, "text", "0"))
    return op not in ("<", "<=") and number + (op == ">") > 1


@dataclass(frozen=True, slots=True)
class Copy:
    """An item with a fingerprint that others have. `sure`: two of one fingerprint are the same, whatever their SHA-256.

    `sha256` is of the file as it is. `volume` and `inode` are the file's, whatever names it has; `here`: its volume is, too.
    """

    id: MediaId
    volume: str | None
    inode: int
    size: int
    mtime_ns: int
    fingerprint: str
    sha256: str | None
    sure: bool
    here: bool


async def shared(
    catalogue: Catalogue, sql: str, params: Mapping[str, object], offline: frozenset[LibraryId]
) -> dict[tuple[str, int], list[Copy]]:
    """Return by fingerprint and size those of the items `m` for which `sql` holds that are not alone with them.

    Missing ones and empty ones are left out, and those that were not read since they changed.
    """
    rows = await catalogue.fetch(
        f"""SELECT m.id, l.volume, m.inode, m.size, m.mtime_ns, m.fingerprint, {_HASH}, m.facts_failure IS NULL, {_HERE}
        FROM ({SHARED}) s CROSS JOIN media m INDEXED BY ix_media_fingerprint ON m.fingerprint = s.fingerprint
        JOIN library l ON l.id = m.library_id LEFT JOIN target t ON t.media_id = m.id AND t.recipe = 'sha256'
        WHERE m.missing_at IS NULL AND m.size > 0 AND {_READ} AND ({sql})""",
        {**params, "c_offline": json.dumps(sorted(offline))},
    )
    found: dict[tuple[str, int], list[Copy]] = {}
    for row in rows:
        media, volume, inode, size, mtime_ns, fingerprint, sha256, is_read, here = row
        sure = bool(is_read) and size <= FINGERPRINTED
        one = Copy(media, volume, inode, size, mtime_ns, fingerprint, sha256, sure, bool(here))
        found.setdefault((fingerprint, size), []).append(one)
    return {key: copies for key, copies in found.items() if len(copies) > 1}


async def count_missing(catalogue: Catalogue, sql: str, params: Mapping[str, object], fingerprints: Sequence[str]) -> int:
    """Return how many missing items have one of these fingerprints."""
    items: int = await catalogue.value(
        f"""SELECT count(*) FROM media m INDEXED BY ix_media_fingerprint WHERE m.missing_at IS NOT NULL AND ({sql})
        AND m.fingerprint IN (SELECT value FROM json_each(:c_fingerprints))""",
        {**params, "c_fingerprints": json.dumps(list(fingerprints))},
    )
    return items


async def mark(catalogue: Catalogue, ids: Sequence[MediaId]) -> str:
    """Remember these items, until others are, and return the condition that an item `m` is one of them."""
    await catalogue.execute("CREATE TEMP TABLE IF NOT EXISTS marked (id INTEGER PRIMARY KEY)")
    await catalogue.execute("DELETE FROM temp.marked")
    await catalogue.execute("INSERT INTO temp.marked SELECT value FROM json_each(?)", (json.dumps(list(ids)),))
    return "m.id IN (SELECT id FROM temp.marked)"


async def unhashed(catalogue: Catalogue, ids: Sequence[MediaId]) -> tuple[int, int]:
    """Return how many of these items have no SHA-256 of the file as it is, and their bytes."""
    condition = await mark(catalogue, ids)
    ((count, size),) = await catalogue.fetch(
        f"""SELECT count(*), coalesce(sum(m.size), 0) FROM media m LEFT JOIN target t ON t.media_id = m.id
        AND t.recipe = 'sha256' WHERE {condition} AND ({_HASH}) IS NULL"""
    )
    return count, size


async def paths(catalogue: Catalogue, ids: Sequence[MediaId]) -> dict[MediaId, bytes]:
    """Return the absolute paths of these items."""
    found: dict[MediaId, bytes] = {}
    for start in range(0, len(ids), _MANY):
        rows = await catalogue.fetch(
            """SELECT m.id, l.root, m.path FROM media m JOIN library l ON l.id = m.library_id
            WHERE m.id IN (SELECT value FROM json_each(?))""",
            (json.dumps(ids[start : start + _MANY]),),
        )
        found |= {MediaId(row[0]): join(row[1], row[2]) for row in rows}
    return found


_COUNT = "(SELECT count(*) FROM {0} WHERE {0}.media_id = m.id)"


async def candidates(
    catalogue: Catalogue, ids: Sequence[MediaId], offline: frozenset[LibraryId] = frozenset()
) -> dict[MediaId, Candidate]:
    """Return what speaks for each of these items."""
    found: dict[MediaId, Candidate] = {}
    for start in range(0, len(ids), _MANY):
        rows = await catalogue.fetch(
            f"""SELECT m.id, m.library_id, l.root, m.path, m.kind, m.suffix, m.size, m.mtime_ns,
            m.missing_at IS NULL AND {_HERE}, m.width, m.height, m.bit_rate, m.taken_local, m.taken_source,
            m.companions IS NOT NULL AND json_extract(m.extra, '$.edited'),
            {_COUNT.format("correction")} + {_COUNT.format("media_tag")} + {_COUNT.format("collection_media")},
            {FILE}
            FROM media m JOIN library l ON l.id = m.library_id WHERE m.id IN (SELECT value FROM json_each(:c_ids))""",
            {"c_ids": json.dumps(ids[start : start + _MANY]), "c_offline": json.dumps(sorted(offline))},
        )
        found |= {MediaId(row[0]): _candidate(row) for row in rows}
    return found


def _candidate(row: Any) -> Candidate:
    media, library, root, path, kind, suffix, size, mtime_ns, here, width, height, rate, taken, source, edits, said, file = row
    return Candidate(
        id=media,
        library=library,
        path=join(root, path),
        kind=Kind(kind),
        suffix=suffix,
        size=size,
        mtime_ns=mtime_ns,
        here=bool(here),
        width=width,
        height=height,
        bit_rate=rate,
        taken=taken,
        taken_source=TakenSource(source),
        edits=bool(edits),
        said=said,
        file=file,
    )
