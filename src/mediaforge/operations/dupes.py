"""Dupes: which files are copies of others, the best of each group first, and how many bytes could be won back.

Exact copies are found by size and fingerprint, which the catalogue knows, and then by SHA-256, which is read where it is not
known yet: by the recipe of that name, so that nothing is read twice, and a run that was stopped is gone on with by the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from mediaforge.catalog import copies, targets
from mediaforge.catalog.copies import Copy
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.media import load, select_ids
from mediaforge.catalog.targets import Target, Wanted
from mediaforge.config import Config
from mediaforge.errors import Cancelled
from mediaforge.events import Listener, nobody
from mediaforge.model import LibraryId, MediaId, Stamp
from mediaforge.operations.ask import ask
from mediaforge.operations.recipes import TARGETS, WHICH_FILE
from mediaforge.operations.select import by_targets
from mediaforge.operations.targets import Built, build_wanted, offline_libraries
from mediaforge.ranking import Candidate, rank

__all__ = ["Candidate", "DupesOptions", "DupesReport", "Group", "Member", "find", "load"]

EXACT, ALIKE = "exact", "alike"


@dataclass(frozen=True, slots=True)
class DupesOptions:
    """Among which items to look (no target: among all): for exact copies, or for alike ones.

    `distance` is in how many of 64 bits the hashes of alike ones may differ, None as usual. `dry_run` reads nothing.
    """

    targets: tuple[str, ...] = ()
    alike: bool = False
    distance: int | None = None
    bursts: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """One of a group. `same_as` another of it that is the very same file; `distance` from the others, of alike ones."""

    candidate: Candidate
    why: tuple[str, ...]
    same_as: MediaId | None = None
    distance: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Files of which one would do, the best first. `win`: the bytes of the others, those that are one file counted once."""

    kind: str
    members: tuple[Member, ...]
    files: int
    win: int
    sha256: str | None = None


@dataclass(slots=True)
class DupesReport:
    """What was found. `elsewhere`: copies that are missing or on a volume that is not there, which win nothing.

    `to_read` files of `bytes_to_read` are not known by their SHA-256 yet (in a dry run; otherwise they were before), and of
    these `unread` could not be read, or changed since they were scanned: they are in no group.
    """

    groups: list[Group] = field(default_factory=list)
    to_read: int = 0
    bytes_to_read: int = 0
    unread: int = 0
    failed: int = 0
    elsewhere: int = 0
    offline: list[str] = field(default_factory=list)
    cancelled: bool = False

    @property
    def win(self) -> int:
        """The bytes that could be won back."""
        return sum(group.win for group in self.groups)

    @property
    def exit_code(self) -> int:
        """The documented exit code: cancelled before what could not be read."""
        if self.cancelled:
            return Cancelled.exit_code
        return 3 if self.failed else 0


async def find(
    catalogue: Catalogue, config: Config, options: DupesOptions, *, stop: asyncio.Event, events: Listener = nobody
) -> DupesReport:
    """Find groups of copies, the biggest win first. Raises CatalogueError and QueryError.

    Once `stop` is set, what was read is stored and the report has no groups.
    """
    report = DupesReport()
    sql, params = "1", dict[str, object]()
    if options.targets:
        selection = await by_targets(catalogue, options.targets)
        sql, params = selection.sql, dict(selection.params)
    offline, report.offline = await offline_libraries(catalogue, config)
    if options.alike:
        wanted = Wanted("phash", TARGETS["phash"].version, sql, params, offline=offline)
        await _Alike(catalogue, config, options, wanted, report).run(stop, events)
    else:
        await _Exact(catalogue, config, sql, params, offline, report).run(stop, events, dry_run=options.dry_run)
    report.groups.sort(key=lambda group: (-group.win, group.members[0].candidate.path))
    return report


@dataclass(slots=True)
class _Alike:
    """One search for what looks alike among the items that `wanted` tells."""

    catalogue: Catalogue
    config: Config
    options: DupesOptions
    wanted: Wanted
    report: DupesReport

    async def run(self, stop: asyncio.Event, events: Listener) -> None:
        """Make the hashes that are stale, and add the groups to the report."""
        await self._clusters([])  # before anything is read, since it refuses a distance that cannot be
        await targets.prepare(self.catalogue)
        dry_run = self.options.dry_run
        built = await build_wanted(self.catalogue, self.config, self.wanted, stop, events, dry_run=dry_run)
        report = self.report
        report.to_read, report.failed = built.stale, built.failed + built.tried_again
        report.unread, report.cancelled = report.failed + built.unsettled, stop.is_set()
        if dry_run or report.cancelled:
            return
        found = await self._clusters(await self._ids())
        known = await copies.candidates(self.catalogue, [media for members in found for media in members], self.wanted.offline)
        for members in found:
            group = _alike_group([known[media] for media in members], members)
            if group.files > 1:
                report.groups.append(group)
                report.elsewhere += sum(not one.candidate.here for one in group.members)

    async def _clusters(self, ids: Sequence[MediaId] | None) -> list[dict[MediaId, int]]:
        """Return the members of each cluster with their distances."""
        from mediaforge.operations import alike  # here: exact copies need none of it

        distance = alike.DISTANCE if self.options.distance is None else self.options.distance
        found = await alike.clusters(self.catalogue, ids, distance=distance, bursts=self.options.bursts)
        return [dict(zip(one.members, one.distances, strict=True)) for one in found]

    async def _ids(self) -> list[MediaId] | None:
        if not self.options.targets:
            return None
        sql = f"m.missing_at IS NULL AND ({self.wanted.sql})"
        return await select_ids(self.catalogue, sql, self.wanted.selection, order="m.id")


def _alike_group(members: Sequence[Candidate], distances: Mapping[MediaId, int]) -> Group:
    found = _members(members, {one.id: one.file for one in members}, distances)
    sizes = [one.candidate.size for one in found if one.candidate.here and one.same_as is None]
    return Group(ALIKE, found, len(sizes), sum(sizes[1:]))


def _members(
    some: Sequence[Candidate], files: Mapping[MediaId, object], distances: Mapping[MediaId, int]
) -> tuple[Member, ...]:
    """Return copies with the best first, each name of a file behind the best of its names, which alone is compared."""
    names: dict[object, list[Candidate]] = {}
    ranked = rank(some)
    for one in ranked:
        names.setdefault(files[one.candidate.id], []).append(one.candidate)
    found = []
    for each in ranked if len(names) == len(some) else rank([same[0] for same in names.values()]):
        first = each.candidate
        found.append(Member(first, each.why, None, distances.get(first.id)))
        others = names[files[first.id]][1:]
        found += [Member(one, (f"the same file as {first.id}",), first.id, distances.get(one.id)) for one in others]
    return tuple(found)


_Key = tuple[str, int]  # fingerprint, size


@dataclass(slots=True)
class _Exact:
    """One search for exact copies among the items for which `sql` holds."""

    catalogue: Catalogue
    config: Config
    sql: str
    params: Mapping[str, object]
    offline: frozenset[LibraryId]
    report: DupesReport
    same: dict[MediaId, MediaId] = field(default_factory=dict)  # an item to the first that is the same file

    async def run(self, stop: asyncio.Event, events: Listener, *, dry_run: bool) -> None:
        found = await self._candidates()
        await self._find_links(found.values())
        wanted = [one.id for some in found.values() for one in self._to_hash(some)]
        self.report.to_read, self.report.bytes_to_read = await copies.unhashed(self.catalogue, wanted)
        if dry_run:
            return
        if self.report.to_read:
            built = await self._hash(wanted, stop, events)
            self.report.failed = built.failed + built.tried_again
            if stop.is_set():
                self.report.cancelled = True
                return
            self.report.unread, _bytes = await copies.unhashed(self.catalogue, wanted)
            found = await self._candidates()
            await self._tell_links(found.values())
        await self._add_groups(found)

    async def _candidates(self) -> dict[_Key, list[Copy]]:
        """Return the items that may be copies of one another, of which several can be read now."""
        found = await copies.shared(self.catalogue, self.sql, self.params, self.offline)
        return {key: some for key, some in found.items() if sum(one.here for one in some) > 1}

    async def _find_links(self, found: Iterable[Sequence[Copy]]) -> None:
        """Find which items are one file: of those here the disk is asked, of the others the catalogue's word is taken."""
        suspects = [same for some in found for same in _by_inode(some)]
        asked = [one.id for some in suspects for one in some if one.here]
        known = await copies.paths(self.catalogue, asked)
        answers = await ask(self.config, WHICH_FILE, [known[media] for media in asked])
        files = {media: answer for media, answer in zip(asked, answers, strict=True) if isinstance(answer, tuple)}
        for some in suspects:
            first: dict[object, MediaId] = {}
            for one in some:
                file = files.get(one.id, (one.volume, one.inode, one.mtime_ns))
                self.same[one.id] = first.setdefault(file, one.id)

    def _file(self, one: Copy) -> MediaId:
        return self.same.get(one.id, one.id)

    def _to_hash(self, some: Sequence[Copy]) -> list[Copy]:
        """Return of candidates of one fingerprint those whose SHA-256 is needed: one of each file, if there are several."""
        here = [one for one in some if one.here]
        if all(one.sure for one in here):
            return []
        files: dict[MediaId, Copy] = {}
        for one in sorted(here, key=lambda one: (one.sha256 is None, one.id)):
            files.setdefault(self._file(one), one)
        return list(files.values()) if len(files) > 1 else []

    async def _hash(self, ids: Sequence[MediaId], stop: asyncio.Event, events: Listener) -> Built:
        await targets.prepare(self.catalogue)
        recipe = TARGETS["sha256"]
        wanted = Wanted(recipe.name, recipe.version, await copies.mark(self.catalogue, ids), offline=self.offline)
        return await build_wanted(self.catalogue, self.config, wanted, stop, events)

    async def _tell_links(self, found: Iterable[Sequence[Copy]]) -> None:
        """Write down that the other names of a file that was read have its SHA-256, too."""
        rows = list[Target]()
        for some in found:
            read = {self._file(one): one for one in some if one.sha256}
            rows += [
                Target(one.id, Stamp(one.size, one.mtime_ns), other.sha256)
                for one in some
                if one.sha256 is None and (other := read.get(self._file(one))) and other.mtime_ns == one.mtime_ns
            ]
        async with self.catalogue.transaction(durable=False):
            await targets.store_made(self.catalogue, "sha256", TARGETS["sha256"].version, rows)

    async def _add_groups(self, found: Mapping[_Key, Sequence[Copy]]) -> None:
        groups = [same for some in found.values() for same in self._alike_in_content(some)]
        known = await copies.candidates(self.catalogue, [one.id for same in groups for one in same], self.offline)
        for same in groups:
            self.report.groups.append(self._group(same, known))
        self.report.elsewhere += sum(not one.here for same in groups for one in same)
        fingerprints = [same[0].fingerprint for same in groups]
        self.report.elsewhere += await copies.count_missing(self.catalogue, self.sql, self.params, fingerprints)

    def _alike_in_content(self, some: Sequence[Copy]) -> list[list[Copy]]:
        """Return the candidates of one fingerprint in groups of the same content, of which several files are here."""
        hashes = {self._file(one): one.sha256 for one in some if one.sha256}
        surely = all(one.sure for one in some if one.here)

        def content(one: Copy) -> str:
            if surely:
                return one.fingerprint if one.sure else ""
            return hashes.get(self._file(one), "")

        groups = groupby(sorted(some, key=content), key=content)
        found = [list(same) for known, same in groups if known]
        return [same for same in found if len({self._file(one) for one in same if one.here}) > 1]

    def _group(self, same: Sequence[Copy], known: Mapping[MediaId, Candidate]) -> Group:
        files = {one.id: self._file(one) for one in same}
        members = _members([known[one.id] for one in same], files, {})
        count = len({files[one.id] for one in same if one.here})
        sha256 = next((one.sha256 for one in same if one.sha256), None)
        return Group(EXACT, members, count, same[0].size * (count - 1), sha256)


def _by_inode(some: Sequence[Copy]) -> list[list[Copy]]:
    """Return the candidates of one fingerprint that may be one file: those of one inode, on whatever volume."""
    found: dict[int, list[Copy]] = {}
    for one in some:
        found.setdefault(one.inode, []).append(one)
    return [same for same in found.values() if len(same) > 1]
