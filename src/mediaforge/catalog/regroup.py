"""Groups, as a scan finds them: which items are due, what may belong to them, and what was found."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from mediaforge.catalog.database import Catalogue
from mediaforge.grouping import Member, Near
from mediaforge.model import GroupKind, MediaId

_PAGE = 1_000  # items that are due, looked at together
_PLACES = 500  # in one statement

_COLUMNS = (
    "id, library_id, path, kind, suffix, duration, taken_local, taken_offset, taken_source, live_id, burst_id, group_id,"
    " group_kind"
)  # in the order of Member


async def mark_due(catalogue: Catalogue, ids: Iterable[MediaId]) -> None:
    """Remember that these items may belong to others by now, in the caller's transaction; nothing of music ever does."""
    await catalogue.execute(
        """INSERT OR IGNORE INTO group_due SELECT id FROM media
        WHERE id IN (SELECT value FROM json_each(?)) AND kind <> 'audio'""",
        (json.dumps(list(ids)),),
    )


async def leave(catalogue: Catalogue, which: str) -> None:
    """Take items out of their groups, which are due then, in the caller's transaction; `which` selects their ids."""
    await catalogue.execute(
        f"""INSERT OR IGNORE INTO group_due SELECT id FROM media WHERE group_id IN (
        SELECT group_id FROM media WHERE id IN ({which}) AND group_id IS NOT NULL)"""
    )
    alone = "UPDATE media SET group_id = NULL, group_kind = NULL"
    await catalogue.execute(f"{alone} WHERE group_id IS NOT NULL AND id IN ({which})")


async def due(catalogue: Catalogue) -> list[MediaId]:
    """Return the next items that are due."""
    rows = await catalogue.fetch("SELECT media_id FROM group_due ORDER BY media_id LIMIT ?", (_PAGE,))
    return [MediaId(row[0]) for row in rows]


async def settle(catalogue: Catalogue, ids: Iterable[MediaId]) -> None:
    """State that these items are due no more, in the caller's transaction."""
    listed = json.dumps(list(ids))
    await catalogue.execute("DELETE FROM group_due WHERE media_id IN (SELECT value FROM json_each(?))", (listed,))


async def members(catalogue: Catalogue, column: str, values: Iterable[object]) -> list[Member]:
    """Return the present files of which a column (id, group_id, live_id or burst_id) has one of these values."""
    rows = await catalogue.fetch(
        f"SELECT {_COLUMNS} FROM media WHERE missing_at IS NULL AND {column} IN (SELECT value FROM json_each(?))",
        (json.dumps(list(values)),),
    )
    return [Member(*row) for row in rows]


async def named(catalogue: Catalogue, places: Sequence[Near]) -> set[MediaId]:
    """Return the present items that are named as any of `places` says; an index alone tells them."""
    found: set[MediaId] = set()
    for start in range(0, len(places), _PLACES):
        some = places[start : start + _PLACES]
        # LIMIT as in differences.py: without it SQLite takes these for so many that it reads all of `media` first.
        rows = await catalogue.fetch(
            f"""WITH near (library, low, high, part) AS (
            SELECT * FROM (VALUES {", ".join(["(?, ?, ?, ?)"] * len(some))}) LIMIT {len(some)})
            SELECT m.id FROM near CROSS JOIN media m INDEXED BY uq_media_library_id_path
            ON m.library_id = near.library AND m.path >= near.low AND m.path < near.high AND m.missing_at IS NULL
            WHERE instr(m.path, near.part)""",
            [value for near in some for value in (near.library, near.low, near.high, near.part)],
        )
        found.update(MediaId(row[0]) for row in rows)
    return found


async def write(catalogue: Catalogue, groups: Mapping[MediaId, tuple[MediaId | None, GroupKind | None]]) -> None:
    """Write down the leads and kinds of groups by item, in the caller's transaction; None: it is alone."""
    await catalogue.executemany(
        "UPDATE media SET group_id = ?, group_kind = ? WHERE id = ?",
        [(lead, kind and kind.value, media) for media, (lead, kind) in groups.items()],
    )
