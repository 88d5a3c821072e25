"""Items with what only `show` tells: what plays them, what a person set, and which rules tagged them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from mediaforge.catalog import corrections, groups, media, playable, rules
from mediaforge.catalog.database import Catalogue
from mediaforge.model import Media, MediaId

_PAGE = 500


async def in_full(catalogue: Catalogue, ids: Sequence[MediaId]) -> AsyncIterator[Media]:
    """Yield the items with these ids, each with what players say, what a person set, what rules put there, its group."""
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        reasons = await playable.reasons(catalogue, page)
        corrected = await corrections.of_items(catalogue, page)
        ruled = await rules.of_items(catalogue, page)
        grouped = await groups.others(catalogue, page)
        async for item in media.load(catalogue, page):
            said, set_, put = reasons.get(item.id), corrected.get(item.id), ruled.get(item.id)
            yield replace(item, playable=said, corrections=set_, rules=put, group_with=tuple(grouped.get(item.id, ())) or None)
