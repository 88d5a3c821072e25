"""Search and show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from mediaforge.catalog import media
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.fields import help_rows
from mediaforge.catalog.newest import newest_ids
from mediaforge.catalog.sort import is_newest, rank_sql, sort_sql
from mediaforge.errors import NothingMatched
from mediaforge.model import Media, MediaId
from mediaforge.operations.select import by_query, by_targets


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found: how many items there are to read, one after the other. `more`: the limit cut some off."""

    ids: Sequence[MediaId]
    items: AsyncIterator[Media]
    more: bool = False


async def search(catalogue: Catalogue, arguments: Sequence[str], *, sort: str = "newest", limit: int = 0) -> Hits:
    """Find items by a query, newest first unless `sort` says otherwise; 0 is no limit."""
    selection = by_query(arguments)
    if limit and selection.found and is_newest(sort):
        ids = await newest_ids(catalogue, selection.found, limit + 1)
    else:
        join, rank = rank_sql(sort, selection.tree)
        params = {**selection.params, **rank}
        ids = await media.select_ids(
            catalogue, selection.sql, params, join=join, order=sort_sql(sort), limit=limit + 1 if limit else -1
        )
    more = bool(limit) and len(ids) > limit
    ids = ids[:limit] if more else ids
    return Hits(ids, media.load(catalogue, ids), more)


def query_help() -> tuple[tuple[str, ...], ...]:
    """Return a row for each field of the query language."""
    return help_rows()


async def show(catalogue: Catalogue, arguments: Sequence[str]) -> Hits:
    """Read the items that targets mean; NothingMatched when there are none."""
    selection = await by_targets(catalogue, arguments)
    ids = await media.select_ids(catalogue, selection.sql, selection.params, order="m.id")
    if not ids:
        raise NothingMatched(f"nothing matches '{selection.text}'")
    return Hits(ids, media.load(catalogue, ids))
