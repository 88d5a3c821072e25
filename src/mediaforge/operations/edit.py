"""Change what targets mean, in one transaction and as one entry of the journal."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mediaforge.catalog import cells, journal
from mediaforge.catalog.cells import Aspect, Cells, State
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.groups import members_of
from mediaforge.catalog.media import select_ids
from mediaforge.errors import NothingMatched
from mediaforge.model import MediaId
from mediaforge.operations.select import by_targets

_PAGE = 50_000

Become = Callable[[State], State]
"""The state that a cell is to have, from that which it has."""


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit came to: the items that the targets mean, and those that changed.

    `joined` of those that were meant are so only since another of their group is.
    """

    matched: int
    changed: int
    joined: int = 0


@dataclass(frozen=True, slots=True)
class Reworked:
    """What a change of tags or collections themselves came to: which, of how many items, and what else is to be known."""

    names: tuple[str, ...]
    items: int = 0
    remarks: tuple[str, ...] = ()


async def matching(catalogue: Catalogue, targets: Sequence[str]) -> list[MediaId]:
    """Return what the targets mean; NothingMatched when that is nothing."""
    selection = await by_targets(catalogue, targets)
    ids = await select_ids(catalogue, selection.sql, selection.params, order="m.id")
    if not ids:
        from mediaforge.operations.misnamed import misnamed  # here: it is above this module, and seldom asked

        why = await misnamed(catalogue, targets)
        raise NothingMatched("; ".join([f"nothing matches '{selection.text}', so nothing was changed", *why]))
    return ids


async def meaning(catalogue: Catalogue, targets: Sequence[str], *, group: bool) -> tuple[list[MediaId], int]:
    """Return what the targets mean, with `group` also the others of their groups, and how many these are; as `matching`."""
    ids = await matching(catalogue, targets)
    whole = await members_of(catalogue, ids) if group else ids
    return whole, len(whole) - len(ids)


async def edit(
    catalogue: Catalogue,
    command: Sequence[str],
    ids: Sequence[MediaId],
    wanted: Mapping[Aspect, Become],
    *,
    first: Sequence[Cells] = (),
    dry_run: bool = False,
) -> Edited:
    """Bring cells of items into wanted states, in the caller's transaction, and record it, unless nothing changes.

    `command` is what a person typed, word by word; `first` is what has to be before any item changes.
    """
    changed, pages = 0, list[bytes]()
    for start in range(0, len(ids), _PAGE):
        page = await _compared(catalogue, ids[start : start + _PAGE], wanted)
        changed += len({item for some in page for item in some.changes})
        if page and not dry_run:
            pages += [] if pages else [await _written(catalogue, [step]) for step in first]
            pages.append(await _written(catalogue, page))
    if pages:
        aspects = dict.fromkeys([*(step.aspect for step in first), *wanted])
        await journal.record_change(catalogue, shlex.join(command), items=changed, aspects=aspects, pages=pages)
    return Edited(len(ids), changed)


async def _written(catalogue: Catalogue, page: Sequence[Cells]) -> bytes:
    """Write the cells of a page, and return what the journal keeps of it."""
    await cells.write(catalogue, page, after=True)
    return journal.Page(tuple(page)).pack()


async def apply(catalogue: Catalogue, command: Sequence[str], steps: Sequence[Cells], *, items: int) -> None:
    """Bring cells into their states after an edit, step by step in the caller's transaction, and record it.

    It is taken back from the last step to the first. `items` is how many items it changed, for a person.
    """
    pages = []
    for step in steps:
        changes = list(step.changes.items())
        parts = [Cells(step.aspect, dict(changes[start : start + _PAGE])) for start in range(0, len(changes), _PAGE)]
        pages += [await _written(catalogue, [part]) for part in parts]
    if pages:
        aspects = dict.fromkeys(step.aspect for step in steps if step.changes)
        await journal.record_change(catalogue, shlex.join(command), items=items, aspects=aspects, pages=pages)


async def _compared(catalogue: Catalogue, ids: Sequence[MediaId], wanted: Mapping[Aspect, Become]) -> list[Cells]:
    """Return the cells of these items that are not as they are wanted."""
    found = []
    for aspect, become in wanted.items():
        now = await cells.states(catalogue, aspect, ids)
        changes: dict[int, tuple[State, State]] = {}
        for item in ids:
            before = now.get(item)
            after = become(before)
            if after != before:
                changes[item] = before, after
        if changes:
            found.append(Cells(aspect, changes))
    return found
