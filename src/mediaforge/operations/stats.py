"""What is in here, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mediaforge.catalog import stats
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.stats import Group, Totals
from mediaforge.operations.select import by_query

__all__ = ["GROUPS", "Group", "Stats", "Totals", "collect"]

GROUPS = tuple(stats.GROUPS)


@dataclass(frozen=True, slots=True)
class Stats:
    """The totals, and the groups by each of GROUPS."""

    totals: Totals
    groups: tuple[Group, ...]


async def collect(catalogue: Catalogue, arguments: Sequence[str]) -> Stats:
    """Count what a query finds; an empty one is everything."""
    selection = await by_query(catalogue, arguments or ["is:any"])
    totals = await stats.totals(catalogue, selection.sql, selection.params)
    groups = [group for by in GROUPS for group in await stats.groups(catalogue, by, selection.sql, selection.params)]
    return Stats(totals, tuple(groups))
