"""Find again what belongs together, where a scan has changed anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from mediaforge.catalog import regroup as due
from mediaforge.catalog.database import Catalogue
from mediaforge.grouping import Member, grouped, near
from mediaforge.model import MediaId

_SHARED = {"group_id": "group", "live_id": "live_id", "burst_id": "burst_id"}  # a column to what of a Member it is


async def regroup(catalogue: Catalogue, may_go_on: Callable[[], Awaitable[bool]]) -> None:
    """Find the groups of all items that are due, page by page; what is due stays so until its page is written down."""
    while await may_go_on() and (ids := await due.due(catalogue)):
        known = await _neighbourhood(catalogue, ids)
        found = grouped(list(known.values()))
        wanted = {media: found.get(media, (None, None)) for media in known}
        async with catalogue.transaction(durable=False):
            await due.write(
                catalogue,
                {media: new for media, new in wanted.items() if new != (known[media].group, known[media].group_kind)},
            )
            await due.settle(catalogue, {*ids, *known})


async def _neighbourhood(catalogue: Catalogue, ids: Iterable[MediaId]) -> dict[MediaId, Member]:
    """Return items with everything that may belong to them, and to that, and was in a group with any of them."""
    known: dict[MediaId, Member] = {}
    asked: set[object] = set()
    found = await due.members(catalogue, "id", ids)
    while new := {member.id: member for member in found if member.id not in known}:
        known |= new
        places = {place for member in new.values() for place in near(member)} - asked
        found = await due.members(catalogue, "id", await due.named(catalogue, list(places)) - known.keys())
        asked |= places
        for column, name in _SHARED.items():
            values = {(name, value) for member in new.values() if (value := getattr(member, name))} - asked
            asked |= values
            if values:
                found += await due.members(catalogue, column, [value for _name, value in values])
    return known
