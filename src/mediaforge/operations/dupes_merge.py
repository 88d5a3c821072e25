"""Carry out a plan: the copies that stay get what the others hand over, as one edit that can be undone. No file is touched."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from mediaforge.catalog import cells, collections, handover
from mediaforge.catalog.cells import Aspect, Cells, State
from mediaforge.catalog.corrections import packed
from mediaforge.catalog.database import Catalogue
from mediaforge.errors import PlanOutdated, UsageError
from mediaforge.operations.collections import existing
from mediaforge.operations.dupes_plan import File, HandOver, Plan
from mediaforge.operations.edit import apply
from mediaforge.operations.tags import meant, name_of
from mediaforge.text import clean_text, display_path

_FIELDS = ("rating", "note", "favourite", "title")


@dataclass(slots=True)
class Merged:
    """What a merge came to: how many items got something, and how much of what."""

    groups: int = 0
    items: int = 0
    given: Counter[str] = field(default_factory=Counter)


async def merge(catalogue: Catalogue, plan: Plan, command: Sequence[str], *, dry_run: bool = False) -> Merged:
    """Hand over what a plan says, all of it or nothing; `command` is what a person typed.

    PlanOutdated where an item is not what it was when the plan was made, UsageError where the plan says what cannot be.
    """
    _check_twice(plan)
    async with catalogue.transaction():
        await _check_files(catalogue, plan)
        given = {group.keep.id: group.hand_over for group in plan.groups}
        steps = [*await _tags(catalogue, given), *await _fields(catalogue, given), *await _members(catalogue, given)]
        steps = [step for step in steps if step.changes]
        items = {item for step in steps if cells.of_items(step) for item in step.changes}
        if items and not dry_run:
            await apply(catalogue, command, steps, items=len(items))
    merged = Merged(len(plan.groups), len(items))
    for step in steps:
        if cells.of_items(step):
            merged.given[_named(step.aspect)] += len(step.changes)
    return merged


def _named(aspect: Aspect) -> str:
    kind, key = aspect
    return str(key) if kind == "field" else "collection" if kind == "member" else str(kind)


def _check_twice(plan: Plan) -> None:
    """Refuse a plan in which one item has two parts to play."""
    seen: dict[int, str] = {}
    for place, file in _files(plan):
        if file.id in seen:
            raise UsageError(f"item {file.id} stands twice in the plan, at {seen[file.id]} and {place}; nothing was changed")
        seen[file.id] = place


def _files(plan: Plan) -> list[tuple[str, File]]:
    return [
        (f"groups[{at}].{where}", file)
        for at, group in enumerate(plan.groups)
        for where, file in [("keep", group.keep), *((f"others[{n}]", other) for n, other in enumerate(group.others))]
    ]


async def _check_files(catalogue: Catalogue, plan: Plan) -> None:
    """Refuse a plan whose files are others by now, or gone."""
    files = _files(plan)
    known = await handover.known(catalogue, [file.id for _place, file in files])
    for place, file in files:
        now = known.get(file.id)
        if now is None:
            why = "is not in the catalogue any more"
        elif now.missing:
            why = "is missing by now"
        elif now.path != file.name:
            why = f"is '{display_path(now.path)}' by now"
        elif (now.size, now.mtime_ns) != (file.size, file.mtime_ns):
            why = "has changed since the plan was made"
        else:
            continue
        raise PlanOutdated(
            f"item {file.id} ('{display_path(file.name)}', {place}) {why}, so nothing was changed;"
            " make the plan anew with: mediaforge dupes plan"
        )


async def _tags(catalogue: Catalogue, given: Mapping[int, HandOver]) -> list[Cells]:
    """Return how tags are put on, and before it how those that are not there yet are made."""
    bearers: dict[str, list[int]] = {}
    for item, one in given.items():
        for tag in one.tags:
            bearers.setdefault(name_of(tag), []).append(item)
    found, made = await meant(catalogue, list(bearers))
    steps: dict[int, list[int]] = {}
    for name, items in bearers.items():
        steps.setdefault(found[name], []).extend(items)
    on = [await _changed(catalogue, ("tag", tag), dict.fromkeys(items, _on)) for tag, items in steps.items()]
    return [*(made if any(step.changes for step in on) else []), *on]


_Become = Callable[[State], State]


def _on(before: State) -> State:
    return "person" if before in (None, "refused") else before


async def _fields(catalogue: Catalogue, given: Mapping[int, HandOver]) -> list[Cells]:
    wanted: dict[str, dict[int, _Become]] = {name: {} for name in _FIELDS}
    for item, one in given.items():
        if one.rating is not None:
            wanted["rating"][item] = _always(packed((one.rating,)))
        if one.favourite:
            wanted["favourite"][item] = _always(packed((True,)))
        if title := clean_text(one.title or ""):
            wanted["title"][item] = _always(packed((title,)))
        if note := clean_text(one.note or ""):
            wanted["note"][item] = _below(note)
    return [await _changed(catalogue, ("field", name), become) for name, become in wanted.items()]


def _always(state: State) -> _Become:
    return lambda _before: state


def _below(note: str) -> _Become:
    """Return how a note is put below the one that is there, unless it stands there already."""

    def below(before: State) -> State:
        known = json.loads(before) if before is not None else ""
        return before if note in known else packed((f"{known}\n{note}" if known else note,))

    return below


async def _changed(catalogue: Catalogue, aspect: Aspect, wanted: Mapping[int, _Become]) -> Cells:
    now = await cells.states(catalogue, aspect, list(wanted))
    changes = {item: (now.get(item), become(now.get(item))) for item, become in wanted.items()}
    return Cells(aspect, {item: states for item, states in changes.items() if states[0] != states[1]})


async def _members(catalogue: Catalogue, given: Mapping[int, HandOver]) -> list[Cells]:
    """Return how items are put behind what is in collections; UsageError where one is a saved query, or is not there."""
    wanted: dict[str, list[int]] = {}
    for item, one in given.items():
        for name in one.collections:
            wanted.setdefault(name, []).append(item)
    steps = []
    for name, items in wanted.items():
        found = await existing(catalogue, name)
        if found.query is not None:
            raise UsageError(f"'{found.name}' is a saved query, and nothing is put into it by hand; take it out of the plan")
        inside = await collections.positions(catalogue, found.id, items)
        last = await collections.last_position(catalogue, found.id) or 0
        new = [item for item in items if item not in inside]
        steps.append(Cells(("member", found.id), {item: (None, str(last + n)) for n, item in enumerate(new, start=1)}))
    return steps
