"""Cells: what a person can change of an item, one aspect at a time, so that every edit is taken back and done again alike.

A cell is an aspect (a tag, a field, the root of a library) of one item, and has a state, or None where there is nothing. An
edit is the cells that it changed, with their states before and after.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mediaforge.catalog import added, collections, corrections, libraries, rules, tags
from mediaforge.catalog.database import Catalogue
from mediaforge.model import MediaId

State = str | None
Aspect = tuple[str, Any]
"""A kind of cells, and which of them: a tag's id, a field's name."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How cells of one kind are read and written, and in which tables their items are, and their keys, if those may go.

    Without a table nothing is ever gone: that there is no such item is a state of it. `theirs` are states that no person
    leaves, or what stands before a colon in them: a scan may come between two of them.
    """

    states: Callable[[Catalogue, Any, Sequence[int]], Awaitable[Mapping[int, str]]]
    put: Callable[[Catalogue, Any, Mapping[int, State]], Awaitable[None]]
    table: str | None = "media"
    keys: str | None = None
    theirs: frozenset[str] = frozenset()


KINDS: Mapping[str, Kind] = {
    "tag": Kind(tags.states, tags.put, keys="tag", theirs=frozenset({"embedded", "rule"})),
    "field": Kind(corrections.states, corrections.put),
    "root": Kind(libraries.roots, libraries.put_roots, "library"),
    "added": Kind(added.states, added.put),
    "libraries": Kind(libraries.known_as, libraries.put_known, table=None),
    "tags": Kind(tags.known_as, tags.put_known, table=None),
    "rules": Kind(rules.known_as, rules.put_known, table=None),
    "collections": Kind(collections.known_as, collections.put_known, table=None),
    "member": Kind(collections.positions, collections.put_positions, keys="collection"),
}


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one aspect that an edit changed: by item, the state before and the state after."""

    aspect: Aspect
    changes: Mapping[int, tuple[State, State]]

    def states(self, *, after: bool) -> dict[int, State]:
        """Return the states before or after, by item."""
        return {item: change[after] for item, change in self.changes.items()}

    def without(self, items: frozenset[int]) -> Cells:
        """Return the cells but for those of `items`."""
        return Cells(self.aspect, {item: change for item, change in self.changes.items() if item not in items})

    def to_json(self) -> list[object]:
        """Return this as plain JSON: items that went from one state to the same other stand together, as differences."""
        groups: dict[tuple[State, State], list[int]] = {}
        for item in sorted(self.changes):
            groups.setdefault(self.changes[item], []).append(item)
        return [*self.aspect, [[*change, [b - a for a, b in pairwise([0, *items])]] for change, items in groups.items()]]

    @classmethod
    def from_json(cls, found: Sequence[Any]) -> Cells:
        """Return what `to_json` made plain."""
        changes: dict[int, tuple[State, State]] = {}
        for before, after, steps in found[2]:
            item = 0
            for step in steps:
                item += step
                changes[item] = before, after
        return cls((found[0], found[1]), changes)


def of_items(cells: Cells) -> bool:
    """Say whether cells are of items, and not of what else a person can change."""
    return KINDS[cells.aspect[0]].table == "media"


async def states(catalogue: Catalogue, aspect: Aspect, items: Sequence[int]) -> Mapping[int, str]:
    """Return the states of the cells that have one."""
    return await KINDS[aspect[0]].states(catalogue, aspect[1], items)


async def write(catalogue: Catalogue, page: Iterable[Cells], *, after: bool) -> None:
    """Put cells into their states before or after an edit, in the caller's transaction, and let follow what follows."""
    fields: dict[str, None] = {}
    items: dict[int, None] = {}
    for cells in page:
        kind, key = cells.aspect
        await KINDS[kind].put(catalogue, key, cells.states(after=after))
        if kind == "field":
            fields[key] = None
            items |= dict.fromkeys(cells.changes)
    if items:
        await corrections.settle(catalogue, fields, [MediaId(item) for item in items])


async def gone(catalogue: Catalogue, cells: Cells) -> frozenset[int]:
    """Return the items that are not in the catalogue any more."""
    kind, key = KINDS[cells.aspect[0]], cells.aspect[1]
    if kind.keys and not await catalogue.value(f"SELECT EXISTS (SELECT 1 FROM {kind.keys} WHERE id = ?)", (key,)):
        return frozenset(cells.changes)
    if kind.table is None:
        return frozenset()
    rows = await catalogue.fetch(
        f"SELECT value FROM json_each(?) j WHERE NOT EXISTS (SELECT 1 FROM {kind.table} WHERE id = j.value)",
        (json.dumps(list(cells.changes)),),
    )
    return frozenset(row[0] for row in rows)


async def differing(catalogue: Catalogue, cells: Cells, *, after: bool) -> int:
    """Return how many cells are in another state than an edit left them in, or found them in, by a person's doing."""
    kind = KINDS[cells.aspect[0]]
    now = await states(catalogue, cells.aspect, list(cells.changes))

    def of_a_person(state: State) -> State:
        return None if state and state.partition(":")[0] in kind.theirs else state

    expected = cells.states(after=after)
    return sum(of_a_person(now.get(item)) != of_a_person(state) for item, state in expected.items())
