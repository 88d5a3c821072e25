"""Import: what others wrote down, brought into this catalogue in one transaction, and as one edit that can be undone."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mediaforge.catalog import cells, imports, regroup, rules
from mediaforge.catalog.cells import Aspect, Cells
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.imports import Arrivals, Incoming, New
from mediaforge.errors import UsageError
from mediaforge.events import BuildStarted, Checked, Listener, Progress, nobody
from mediaforge.model import MediaId
from mediaforge.operations.export_lines import CollectionLine, LibraryLine, RuleLine, TagLine
from mediaforge.operations.import_definitions import Definitions
from mediaforge.operations.import_entry import Entry

_PAGE = 2_000
NOT_FOUND, SEVERAL = "not found", "could be several"


@dataclass(frozen=True, slots=True)
class Left:
    """What did not come in: an item by its number and absolute path, or a file; and why."""

    number: int
    path: bytes
    why: str


Record = LibraryLine | TagLine | RuleLine | CollectionLine | Incoming | Left
Source = Callable[[], Iterator[Record]]
"""Read twice: first what items are in, bear and are given, then the items, by rising numbers."""


@dataclass(frozen=True, slots=True)
class Merge:
    """How what comes in meets what is here.

    `prefer_import`: where both say something else, what comes in wins. `create`: an item that is not found is made, as a
    missing one; into a catalogue without items all are made, as they were.
    """

    prefer_import: bool = False
    create: bool = False


@dataclass(slots=True)
class Report:
    """What an import came to.

    `made` items, those `found` by their evidence, and of these how many `changed`; how often something was `kept` as it is
    here against what came in; how many libraries, tags, rules and collections are `new`; the number of the edit.
    """

    made: int = 0
    found: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    kept: int = 0
    new: Counter[str] = field(default_factory=Counter)
    left: list[Left] = field(default_factory=list)
    edit: int | None = None


class _OnlyTried(Exception):
    """Rolls back what was done for a dry run."""


async def bring_in(
    catalogue: Catalogue, command: str, source: Source, merge: Merge, *, dry_run: bool = False, events: Listener = nobody
) -> Report:
    """Bring in what a source says; `command` is what a person typed. Nothing is changed where anything is wrong."""
    arrivals = Arrivals(catalogue)
    first, total = await _stage(arrivals, source, events)
    events(BuildStarted("importing", total))
    report = Report()
    try:
        async with catalogue.transaction():
            entry = await Entry.begin(catalogue, command)
            known = Definitions(catalogue, entry, report.new, prefer_import=merge.prefer_import)
            empty = not await catalogue.value("SELECT EXISTS (SELECT 1 FROM media)")
            at_work = _Import(catalogue, merge, entry, arrivals, report, known, empty)
            await at_work.run(first, _told(source, total, events))
            report.edit = await entry.end(report.made + report.changed)
            if dry_run:
                raise _OnlyTried
    except _OnlyTried:
        report.edit = None
    await catalogue.optimize()
    return report


async def _stage(arrivals: Arrivals, source: Source, events: Listener) -> tuple[list[Record], int]:
    """Read all of a source, so that nothing is begun where anything in it is wrong.

    Return what is no item in it, and how many items there are.
    """
    await arrivals.prepare()
    first: list[Record] = []
    total = 0
    for page in _pages(source(), first):
        await arrivals.add(page)
        total += len(page)
        events(Checked(total))
    if same := await arrivals.twice():
        raise UsageError(f"lines {same[0]} and {same[1]} are one and the same file, so nothing was imported")
    return first, total


def _told(source: Source, total: int, events: Listener) -> Iterator[list[Incoming]]:
    """Yield the items of a source in pages, and tell how many are done."""
    done = 0
    for page in _pages(source()):
        yield page
        done += len(page)
        events(Progress(done, total, 0))


def _pages(records: Iterable[Record], others: list[Record] | None = None) -> Iterator[list[Incoming]]:
    """Yield the items among records in pages, and add what else there is to `others`."""
    page: list[Incoming] = []
    for record in records:
        if isinstance(record, Incoming):
            page.append(record)
            if len(page) == _PAGE:
                yield page
                page = []
        elif others is not None:
            others.append(record)
    if page:
        yield page


@dataclass(slots=True)
class _Import:
    """One import at work, in the caller's transaction."""

    catalogue: Catalogue
    merge: Merge
    entry: Entry
    arrivals: Arrivals
    report: Report
    known: Definitions
    empty: bool

    async def run(self, first: Sequence[Record], pages: Iterator[list[Incoming]]) -> None:
        """Bring everything in."""
        self.known.keep_ids = await imports.is_untouched(self.catalogue) and await self.arrivals.have_ids()
        self.report.left += [one for one in first if isinstance(one, Left)]
        await self.known.define(first, everything=self.empty)
        await self.arrivals.locate()
        if not self.empty:
            await self.arrivals.match()
        for page in pages:
            found = await self.arrivals.found(page)
            self.report.found.update(evidence for _media, evidence in found.values())
            here = {number: media for number, (media, _evidence) in found.items()}
            await self._meet([(here[item.number], item) for item in page if item.number in here])
            here |= await self._make([item for item in page if item.number not in here])
            await self._leave_out([item for item in page if item.number not in here])
            members = (
                (name, position, here[item.number])
                for item in page
                if item.number in here
                for name, position in item.collections.items()
            )
            await self.known.put_into(self.arrivals, members)
        await self.known.join(self.arrivals)
        self.report.kept += self.known.kept

    async def _make(self, items: Sequence[Incoming]) -> dict[int, MediaId]:
        """Make items that are not here, as far as that is asked for and they can be; return their ids by number."""
        if not (self.empty or self.merge.create):
            return {}
        following = await imports.next_id(self.catalogue)
        places = await self.arrivals.places(items) if items else {}
        new: list[New] = []
        for item in items:
            if item.make is None:
                continue
            place = places.get(item.number)
            if place is None and (library := await self.known.library(item.library)) is not None:
                place = library, item.below
            if place is not None:
                number = item.id if self.known.keep_ids and item.id else MediaId(following + len(new))
                new.append(New(number, *place, item, self._missing(item), item.make()))
        if new:
            await self.known.ensure_tags(tag.name for one in new for tag in one.item.tags)
            await imports.insert_items(self.catalogue, new, self.known.tags, self.known.rules)
            await self.entry.made([one.id for one in new])
            await regroup.mark_due(self.catalogue, [one.id for one in new])
            if not self.empty:
                await rules.mark_due(self.catalogue, [one.id for one in new])
        self.report.made += len(new)
        return {one.item.number: one.id for one in new}

    def _missing(self, item: Incoming) -> str | None:
        """Return since when an item that is made is missing: beside others it is until a scan has found its file."""
        return item.missing or (None if self.empty else self.known.now)

    async def _leave_out(self, items: Sequence[Incoming]) -> None:
        several = await self.arrivals.ambiguous(items) if items else set()
        self.report.left += [Left(item.number, item.path, SEVERAL if item.number in several else NOT_FOUND) for item in items]

    async def _meet(self, pairs: Sequence[tuple[MediaId, Incoming]]) -> None:
        """Unite what a person did with items that are here and what comes in for them."""
        await self.known.ensure_tags(tag.name for _media, item in pairs for tag in item.tags if tag.state in _OF_A_PERSON)
        wanted: dict[Aspect, dict[MediaId, tuple[str, bool]]] = {}
        for media, item in pairs:
            for tag in item.tags:
                if tag.state in _OF_A_PERSON:
                    wanted.setdefault(("tag", self.known.tags[tag.name]), {})[media] = tag.state, False
            if item.added:
                wanted.setdefault(_ADDED, {})[media] = item.added, False
            for name, one in item.corrections.items():
                wanted.setdefault(("field", name), {})[media] = one.value, item.news
        page = [await self._changes(aspect, states) for aspect, states in wanted.items()]
        await self.entry.put(page)
        self.report.changed += len({item for some in page for item in some.changes})

    async def _changes(self, aspect: Aspect, wanted: Mapping[MediaId, tuple[str, bool]]) -> Cells:
        """Return the cells of an aspect that change: what a person said here stays, unless what comes in is preferred."""
        now = await cells.states(self.catalogue, aspect, list(wanted))
        kind, key = aspect
        shown = await imports.own_values(self.catalogue, key, list(wanted)) if kind == "field" else {}
        changes: dict[int, tuple[str | None, str | None]] = {}
        for media, (state, only_news) in wanted.items():
            before = now.get(media)
            if before == state or (aspect == _ADDED and before is not None and before <= state):
                continue
            if before is None and only_news and _is_said(key, shown.get(media, ()), state):
                continue
            if before is None or aspect == _ADDED or (kind == "tag" and before not in _OF_A_PERSON) or self.merge.prefer_import:
                changes[media] = before, state
            else:
                self.report.kept += 1
        return Cells(aspect, changes)


_ADDED: Aspect = ("added", None)
_OF_A_PERSON = frozenset({"person", "refused"})


def _is_said(name: str, shown: Sequence[Any], state: str) -> bool:
    """Say whether an item shows what would be set already; a time whose offset is not told is the same at any."""
    if not shown:
        return False
    values = json.loads(state)
    if name == "taken":
        return bool(shown[0] == values[0] and values[1] in (None, shown[1]))
    if name == "gps":
        return None not in shown and all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(shown, values, strict=True))
    return bool(shown[0] == values)
