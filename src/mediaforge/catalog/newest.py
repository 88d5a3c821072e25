"""The newest items of a condition, out of any number of them.

SQLite does not know how many items a condition will find. Where they are many, it is quickest to walk the items from the
newest on until there are enough; where they are few, to collect them all and sort them. So the first few thousand items are
walked, and what is found among them tells which it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from mediaforge.catalog.clause import newest_first
from mediaforge.catalog.database import Catalogue
from mediaforge.model import MediaId

_FIRST = 4_000  # items that are walked before anything is known: some 4 ms
_SPARE = 1.5  # times as many as what was found promises, since items of one kind come in lumps
_NEVER = 0.3  # share of the catalogue from which on walking it costs more than collecting what is meant


async def newest_ids(catalogue: Catalogue, where: str, params: Mapping[str, object], limit: int) -> list[MediaId]:
    """Return the ids of the newest `limit` items `m` for which `where` holds, newest first."""
    newest = await catalogue.value("SELECT max(newest) FROM media")
    total = await catalogue.value("SELECT seq FROM sqlite_sequence WHERE name = 'media'") or 0
    found, walked, ahead = list[MediaId](), 0, _FIRST
    while total > _FIRST and len(found) < limit and walked + ahead < _NEVER * total:
        oldest = await catalogue.value(
            "SELECT newest FROM media WHERE newest <= ? ORDER BY newest DESC LIMIT 1 OFFSET ?", (newest, ahead - 1)
        )
        if oldest is None:
            break
        rows = await catalogue.fetch(
            f"""SELECT m.id FROM media m INDEXED BY ix_media_newest WHERE m.newest BETWEEN :oldest AND :newest
            AND {newest_first(where)} ORDER BY m.newest DESC LIMIT :wanted""",
            {**params, "oldest": oldest, "newest": newest, "wanted": limit - len(found)},
        )
        found += [MediaId(row[0]) for row in rows]
        walked += ahead
        newest = oldest - 1
        ahead = int(_SPARE * (limit - len(found)) * walked / len(found)) if found else total
    if len(found) >= limit:
        return found
    rows = await catalogue.fetch(
        f"SELECT m.id FROM media m WHERE {where} AND m.newest <= :newest ORDER BY m.newest DESC LIMIT :wanted",
        {**params, "newest": newest, "wanted": limit - len(found)},
    )
    return found + [MediaId(row[0]) for row in rows]
