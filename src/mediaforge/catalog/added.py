"""When items came in: the earliest that any catalogue of theirs knows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from mediaforge.catalog.database import Catalogue


async def states(catalogue: Catalogue, _which: None, ids: Sequence[int]) -> dict[int, str]:
    """Return the instants at which these items were added."""
    rows = await catalogue.fetch(
        "SELECT id, added_at FROM media WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    )
    return dict(rows)


async def put(catalogue: Catalogue, _which: None, wanted: Mapping[int, str | None]) -> None:
    """State when items were added."""
    await catalogue.execute(
        "UPDATE media SET added_at = j.value FROM json_each(?) j WHERE media.id = CAST(j.key AS INTEGER)", (json.dumps(wanted),)
    )
