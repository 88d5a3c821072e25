"""Search and show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from mediaforge.catalog import media
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.fields import help_rows
from mediaforge.catalog.newest import newest_ids, of_groups
from mediaforge.catalog.sort import is_newest, rank_sql, sort_sql
from mediaforge.errors import NothingMatched
from mediaforge.model import Media, MediaId
from mediaforge.operations.select import Selection, by_query, by_targets


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found: how many items there are to read, one after the other. `more`: the limit cut some off.

    `folded` are, by the item that stands for its group, the suffixes of the others of it that were found.
    """

    ids: Sequence[MediaId]
    items: AsyncIterator[Media]
    more: bool = False
    folded: Mapping[MediaId, Sequence[str]] = field(default_factory=dict)


async def search(catalogue: Catalogue, arguments: Sequence[str], *, sort: str = "", limit: int = 0, fold: bool = False) -> Hits:
    """Find items by a query; 0 is no limit. Without `sort` they are newest first, or as `like:` tells, nearest first.

    With `fold` one item stands for all of its group that were found, the lead if it is among them, and is one to the limit.
    """
    selection = await by_query(catalogue, arguments)
    if fold:
        return await _folded(catalogue, selection, sort, limit)
    ids = await _find(catalogue, selection, sort, limit and limit + 1)
    more = bool(limit) and len(ids) > limit
    ids = ids[:limit] if more else ids
    return Hits(ids, media.load(catalogue, ids), more)


async def _find(catalogue: Catalogue, selection: Selection, sort: str, limit: int) -> list[MediaId]:
    if selection.nearest and not sort:
        ids = set(await media.select_ids(catalogue, selection.sql, selection.params, order="m.id"))
        return [one for one in selection.nearest if one in ids][: limit or None]
    sort = sort or "newest"
    if limit and selection.found and is_newest(sort):
        return await newest_ids(catalogue, selection.found, limit)
    join, rank = rank_sql(sort, selection.tree)
    params = {**selection.params, **rank}
    return await media.select_ids(catalogue, selection.sql, params, join=join, order=sort_sql(sort), limit=limit or -1)


async def _folded(catalogue: Catalogue, selection: Selection, sort: str, limit: int) -> Hits:
    """Find as `search` does, with one item for each group, at the place of its first."""
    take = limit and limit + 1
    while True:
        found = await _find(catalogue, selection, sort, take)
        leads = await media.leads(catalogue, found)
        first: dict[MediaId, MediaId] = {}  # by group, and by item that is alone
        for item in found:
            first.setdefault(leads.get(item, item), item)
        if not limit or len(first) > limit or len(found) < take:
            break
        take *= 2
    lines = dict(list(first.items())[:limit] if limit else first)
    members = await of_groups(catalogue, selection.sql, selection.params, [group for group in lines if group in leads.values()])
    ids = [group if group in members.get(group, ()) else item for group, item in lines.items()]
    folded = {
        item: [suffix for other, suffix in members[group].items() if other != item]
        for group, item in zip(lines, ids, strict=True)
        if group in members
    }
    return Hits(ids, media.load(catalogue, ids), len(first) > len(lines), folded)


def query_help() -> tuple[tuple[str, ...], ...]:
    """Return a row for each field of the query language."""
    return help_rows()


async def show(catalogue: Catalogue, arguments: Sequence[str]) -> Hits:
    """Read all of the items that targets mean, with what plays them and what a person set; NothingMatched without any."""
    from mediaforge.operations.playable import in_full  # here: no search asks for it

    selection = await by_targets(catalogue, arguments)
    ids = await media.select_ids(catalogue, selection.sql, selection.params, order="m.id")
    if not ids:
        raise NothingMatched(f"nothing matches '{selection.text}'")
    return Hits(ids, in_full(catalogue, ids))
