"""Forget missing items, which nothing but a person's word does."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from mediaforge.catalog import journal, media
from mediaforge.catalog.database import Catalogue
from mediaforge.errors import UsageError
from mediaforge.model import MediaId
from mediaforge.operations.search import Hits
from mediaforge.operations.select import by_targets


@dataclass(frozen=True, slots=True)
class Prunable:
    """The items that would be forgotten, and what a person asked for, word by word."""

    ids: Sequence[MediaId]
    hits: Hits
    command: tuple[str, ...] = ("prune",)


async def prunable(catalogue: Catalogue, *, older_than: float, targets: Sequence[str] = ()) -> Prunable:
    """Find the items that have been missing for more than `older_than` days, of those that the targets mean."""
    if older_than < 0:
        raise UsageError("--older-than takes days of at least 0, such as 30d")
    where, params = "TRUE", dict[str, object]()
    if targets:
        selection = await by_targets(catalogue, ["is:missing", *targets])
        where, params = selection.sql, dict(selection.params)
    ids = await media.select_ids(
        catalogue,
        f"({where}) AND m.missing_at IS NOT NULL AND m.missing_at <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now', :older)",
        {**params, "older": f"-{older_than * 86_400:.0f} seconds"},
        order="m.id",
    )
    return Prunable(ids, Hits(ids, media.load(catalogue, ids)), ("prune", f"--older-than={older_than:g}d", *targets))


async def prune(catalogue: Catalogue, found: Prunable) -> int:
    """Forget these items and return the number of the edit, by which undo brings them back."""
    async with catalogue.transaction():
        change = await journal.record_change(catalogue, shlex.join(found.command), items=len(found.ids))
        await journal.forget_items(catalogue, change, found.ids)
    return change
