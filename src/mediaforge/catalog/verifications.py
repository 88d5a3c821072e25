"""Hashes that can be checked against their files, and the log of such checks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.catalog.paths import join
from mediaforge.model import LibraryId, MediaId, Stamp


class Outcome(StrEnum):
    """What reading a file again came to."""

    WHOLE = "whole"
    ROTTEN = "rotten"  # its content is another, its size and time are not
    EDITED = "edited"  # its size or time is another: no wonder, and the next scan will see it
    GONE = "gone"
    UNREADABLE = "unreadable"


# Hashes of the state that the catalogue knows; the hash of an earlier one says nothing of the file as it is.
_HASHED = """media m JOIN library l ON l.id = m.library_id JOIN target t ON t.media_id = m.id AND t.recipe = 'sha256'
    WHERE m.missing_at IS NULL AND l.online = 1 AND m.library_id NOT IN (SELECT value FROM json_each(:v_offline))
    AND m.sha256 IS NOT NULL AND t.failure IS NULL AND t.size = m.size AND t.mtime_ns = m.mtime_ns"""
_LAST = "coalesce((SELECT max(v.at) FROM verification v WHERE v.media_id = m.id), t.made_at)"


async def oldest_first(
    catalogue: Catalogue, sql: str, params: Mapping[str, object], offline: frozenset[LibraryId]
) -> list[tuple[MediaId, int]]:
    """Return the items `m` for which `sql` holds and whose hash can be checked, with their sizes.

    First those whose last check, or whose hash, is oldest.
    """
    rows = await catalogue.fetch(
        f"SELECT m.id, m.size FROM {_HASHED} AND ({sql}) ORDER BY {_LAST}, m.id",
        {**params, "v_offline": json.dumps(sorted(offline))},
    )
    return [(MediaId(row[0]), row[1]) for row in rows]


async def count_unhashed(catalogue: Catalogue, sql: str, params: Mapping[str, object]) -> int:
    """Return how many present items have no hash of their file as it is."""
    count: int = await catalogue.value(
        f"""SELECT count(*) FROM media m WHERE m.missing_at IS NULL AND ({sql}) AND NOT EXISTS (SELECT 1 FROM target t
        WHERE t.media_id = m.id AND t.recipe = 'sha256' AND m.sha256 IS NOT NULL AND t.size = m.size
        AND t.mtime_ns = m.mtime_ns)""",
        params,
    )
    return count


@dataclass(frozen=True, slots=True)
class HashedRow:
    """An item, and the hash that its file had in the state that `stamp` tells, when it was read at the instant `at`."""

    id: MediaId
    path: bytes  # absolute
    suffix: str
    stamp: Stamp
    sha256: str
    at: str


async def hashed(catalogue: Catalogue, ids: Sequence[MediaId]) -> list[HashedRow]:
    """Return those of `ids` whose hash can be checked now."""
    rows = await catalogue.fetch(
        f"""SELECT m.id, l.root, m.path, m.suffix, m.size, m.mtime_ns, m.sha256, t.made_at FROM {_HASHED}
        AND m.id IN (SELECT value FROM json_each(:v_ids)) ORDER BY m.id""",
        {"v_ids": json.dumps(list(ids)), "v_offline": "[]"},
    )
    return [HashedRow(row[0], join(row[1], row[2]), row[3], Stamp(row[4], row[5]), row[6], row[7]) for row in rows]


async def add(catalogue: Catalogue, found: Sequence[tuple[MediaId, Outcome, str | None]]) -> None:
    """Log outcomes, in the caller's transaction; of those that are whole only the last is kept, or the log would never end."""
    await catalogue.executemany(
        "DELETE FROM verification WHERE media_id = ? AND outcome = 'whole'",
        [(media,) for media, outcome, _message in found if outcome is Outcome.WHOLE],
    )
    await catalogue.executemany(
        f"""INSERT INTO verification (media_id, at, outcome, message)
        SELECT :id, {NOW}, :outcome, :message WHERE EXISTS (SELECT 1 FROM media WHERE id = :id)""",
        [{"id": media, "outcome": outcome.value, "message": message} for media, outcome, message in found],
    )


@dataclass(frozen=True, slots=True)
class Verification:
    """One line of the log."""

    media: MediaId
    path: bytes  # absolute
    at: str
    outcome: Outcome
    message: str | None


async def log(catalogue: Catalogue, sql: str, params: Mapping[str, object], *, limit: int) -> list[Verification]:
    """Return the log of the items `m` for which `sql` holds, newest first; 0 is no limit."""
    rows = await catalogue.fetch(
        f"""SELECT m.id, l.root, m.path, v.at, v.outcome, v.message FROM verification v JOIN media m ON m.id = v.media_id
        JOIN library l ON l.id = m.library_id WHERE ({sql}) ORDER BY v.id DESC LIMIT :v_limit""",
        {**params, "v_limit": limit or -1},
    )
    return [Verification(row[0], join(row[1], row[2]), row[3], Outcome(row[4]), row[5]) for row in rows]
