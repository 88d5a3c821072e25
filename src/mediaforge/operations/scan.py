"""Scan: walk, compare, plan, record; then build the facts that are stale."""

from __future__ import annotations

import asyncio
import os
import tempfile
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from mediaforge.build.pool import Pool
from mediaforge.build.run import run
from mediaforge.catalog import facts, libraries, record, scans
from mediaforge.catalog.database import Catalogue, create_catalogue, open_catalogue
from mediaforge.catalog.differences import Differences
from mediaforge.config import Config
from mediaforge.errors import Busy, CatalogueError, VolumeOffline
from mediaforge.model import (
    Counted,
    Difference,
    Event,
    Library,
    LibraryId,
    Listener,
    Planned,
    Progress,
    ScanId,
    ScanProblem,
    ScanStarted,
    ScanStatus,
    Trouble,
    nobody,
)
from mediaforge.operations import roots as scan_roots
from mediaforge.operations.facts import FactsTargets
from mediaforge.operations.identify import recognise
from mediaforge.operations.processes import Process, alive, this_process
from mediaforge.operations.recipes import FACTS
from mediaforge.operations.roots import Root
from mediaforge.scan import plan as scan_plan
from mediaforge.scan.ignore import Rules
from mediaforge.scan.plan import Action
from mediaforge.scan.walk import walk

_BEAT = 0.5  # seconds between looking whether to stop, and signs of life


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """How to scan: `full` reads every file again, `retry` those that failed, `dry_run` only says what would be done."""

    full: bool = False
    retry: bool = False
    dry_run: bool = False
    exclude: tuple[str, ...] = ()


@dataclass(slots=True)
class ScanReport:
    """What a scan came to. `known_failed` files failed before, just so, and have not changed since."""

    id: ScanId
    plan: Planned = field(default_factory=Planned)
    found: int = 0
    done: int = 0
    failed: int = 0
    known_failed: int = 0
    unreadable_folders: int = 0
    cancelled: bool = False
    offline: list[str] = field(default_factory=list)
    actions: list[tuple[Action, bytes]] = field(default_factory=list)  # only of a dry run; absolute paths

    @property
    def exit_code(self) -> int:
        """The documented exit code: cancelled before offline before unreadable."""
        if self.cancelled:
            return 130
        if self.offline:
            return VolumeOffline.exit_code
        return 3 if self.failed or self.unreadable_folders else 0


async def scan(
    config: Config,
    paths: Sequence[str],
    options: ScanOptions = ScanOptions(),
    *,
    stop: asyncio.Event,
    events: Listener = nobody,
) -> ScanReport:
    """Bring the catalogue up to date with what is below `paths`, which a person typed.

    Raises RootNotFound, Busy, CatalogueError. A file's failure is counted and stored. Once `stop` is set, what was read
    is stored and the scan ends as cancelled.
    """
    rules = Rules((*config.exclude, *options.exclude))
    roots = [scan_roots.absolute(path) for path in paths]
    async with _catalogue(config, dry_run=options.dry_run) as catalogue:
        resolved = await scan_roots.resolve(catalogue, roots, silence=config.silence)
        job = _Scan(catalogue, config, options, rules, resolved, stop, events)
        return await (job.rehearse() if options.dry_run else job.perform())


@asynccontextmanager
async def _catalogue(config: Config, *, dry_run: bool) -> AsyncIterator[Catalogue]:
    """Open the catalogue, made where there is none; for a dry run it is made where it leaves no trace."""
    path = os.fsencode(config.catalog)
    with tempfile.TemporaryDirectory(prefix="mediaforge-") as scratch:
        if dry_run and not os.path.exists(path):
            path = os.path.join(os.fsencode(scratch), b"catalog.db")
        create_catalogue(path)
        async with open_catalogue(path) as catalogue:
            yield catalogue


class _Scan:
    """One scan, from its roots to its report."""

    def __init__(
        self,
        catalogue: Catalogue,
        config: Config,
        options: ScanOptions,
        rules: Rules,
        roots: Sequence[Root],
        stop: asyncio.Event,
        events: Listener,
    ) -> None:
        self.catalogue, self.config, self.options, self.rules, self.roots = catalogue, config, options, rules, roots
        self.stop, self.events = stop, events
        self.report = ScanReport(ScanId(str(uuid.uuid4())))
        self.differences = Differences(catalogue)
        self.targets: FactsTargets | None = None
        self.phase, self.total, self.folders = "counting", 0, 0
        self.current: bytes | None = None

    async def rehearse(self) -> ScanReport:
        """Find out what a scan would do, and do nothing."""
        await self._first_pass()
        return self.report

    async def perform(self) -> ScanReport:
        """Scan."""
        await self._begin()
        self.events(ScanStarted(self.report.id, tuple(root.path for root in self.roots)))
        try:
            await self._passes_while_beating()
        except BaseException as error:
            await self._end_as_failed(error)
            raise
        async with self.catalogue.transaction(durable=False):
            await self._beat()
            status = ScanStatus.CANCELLED if self.report.cancelled else ScanStatus.FINISHED
            await scans.end_scan(self.catalogue, self.report.id, status)
            await scans.forget_scans(self.catalogue, days=self.config.keep_scans)
        return self.report

    async def _begin(self) -> None:
        """Write the scan and its roots down, unless another one is at work on a library of ours."""
        me, scan = this_process(), self.report.id
        async with self.catalogue.transaction(durable=False):
            known = [root.library.id for root in self.roots] + [lower.id for root in self.roots for lower in root.takes_over]
            for other in await scans.running_on(self.catalogue, known):
                if alive(Process(other.host, other.pid, other.pid_started), heartbeat=other.heartbeat):
                    raise Busy(
                        f"scan {other.id[:8]} of the same library is running; wait for it, or stop it with:"
                        f" mediaforge scans cancel {other.id[:8]}"
                    )
                await scans.end_scan(self.catalogue, other.id, ScanStatus.INTERRUPTED)
            mode = "full" if self.options.full else "quick"
            await scans.add_scan(self.catalogue, scan, mode=mode, host=me.host, pid=me.pid, pid_started=me.started)
            for root in self.roots:
                await scan_roots.register(self.catalogue, root)
                await scans.add_root(self.catalogue, scan, root.library.id, root.path)

    async def _passes_while_beating(self) -> None:
        """Run both passes; a heartbeat that fails (the catalogue is gone) ends them."""
        problem: BaseException | None = None
        try:
            async with asyncio.TaskGroup() as group:
                heart = group.create_task(self._heart())
                await self._passes()
                heart.cancel()
        except* Exception as errors:  # noqa: BLE001 - unwrapped and raised below, as itself
            problem = errors
            while isinstance(problem, BaseExceptionGroup):
                problem = problem.exceptions[0]
        if problem:
            raise problem

    async def _heart(self) -> None:
        while True:
            await asyncio.sleep(_BEAT)
            if await scans.cancel_requested(self.catalogue, self.report.id):
                self.stop.set()
            async with self.catalogue.transaction(durable=False):
                await self._beat()

    async def _beat(self) -> None:
        report, targets = self.report, self.targets
        counters = {**scans.plan_counters(report.plan), "found": report.found, "total": self.total}
        if targets:
            counters |= {"done": targets.done, "failed": targets.failed, "known_failed": report.known_failed}
        await scans.beat(self.catalogue, report.id, counters, phase=self.phase, current=self.current)

    async def _end_as_failed(self, error: BaseException) -> None:
        """Leave a record of why the scan failed, where the catalogue still takes one."""
        try:
            async with self.catalogue.transaction(durable=False):
                await scans.end_scan(self.catalogue, self.report.id, ScanStatus.FAILED, error=str(error) or repr(error))
        except CatalogueError:
            pass  # the catalogue is what failed: `error` says so, and is raised

    async def _passes(self) -> None:
        await self._first_pass()
        if not self.stop.is_set():
            await self._record()
        if not self.stop.is_set():
            await self._second_pass()
        self.report.cancelled = self.stop.is_set()

    # The first pass: what is there, and what follows from it.

    async def _first_pass(self) -> None:
        await self.differences.prepare()
        for root in self.roots:
            if not self.stop.is_set():
                await self._walk(root)
        if self.stop.is_set():
            self.report.cancelled = True
            return
        await self.differences.find_gone()
        known = {library.id: library for library in await libraries.list_libraries(self.catalogue)}
        known |= {root.library.id: root.library for root in self.roots}
        ambiguous = await recognise(self.differences, known, self.config)
        await self._plan(len(ambiguous), known)

    async def _walk(self, root: Root) -> None:
        """Compare what is below a root with what is known; where the volume is not there, nothing is known."""
        library = root.library.id
        await self.differences.scan_below(library, root.below)
        if root.offline is None:
            try:
                async with aclosing(walk(root.library.root, root.below, self.rules, silence=self.config.silence)) as chunks:
                    async for chunk in chunks:
                        await self.differences.add(library, chunk.found)
                        for path in chunk.unknown:
                            await self.differences.leave_unknown(library, path)
                        await self._troubles(chunk.troubles)
                        self.report.found += len(chunk.found)
                        self.folders += chunk.folders
                        self.events(Counted(self.report.found, self.folders))
                        if self.stop.is_set():
                            return
            except VolumeOffline as error:
                root.offline = str(error)
        if root.offline is not None:
            await self._offline(root, root.offline)

    async def _offline(self, root: Root, why: str) -> None:
        await self.differences.leave_unknown(root.library.id, root.below)
        self.report.offline.append(why)
        if not self.options.dry_run:
            async with self.catalogue.transaction(durable=False):
                await libraries.set_offline(self.catalogue, root.library.id)
                await scans.set_outcome(self.catalogue, self.report.id, root.library.id, "offline")

    async def _troubles(self, troubles: Sequence[Trouble]) -> None:
        for trouble in troubles:
            self.events(trouble)
            self.report.unreadable_folders += trouble.reason in ("io", "ignore-file")
        if troubles and not self.options.dry_run:
            problems = [ScanProblem(trouble.path, trouble.reason, trouble.message) for trouble in troubles]
            async with self.catalogue.transaction(durable=False):
                await scans.add_problems(self.catalogue, self.report.id, problems)

    async def _plan(self, ambiguous: int, known: dict[LibraryId, Library]) -> None:
        actions: Counter[Action] = Counter()
        async for page in self.differences.all():
            actions.update(scan_plan.action(difference) for difference in page)
            self._rehearsed([(scan_plan.action(d), d.library, d.path) for d in page], known)
        async for gone in self.differences.missing():
            actions[Action.MISSING] += len(gone)
            self._rehearsed([(Action.MISSING, library, path) for _media, library, path in gone], known)
        unchanged, unknown = await self.differences.counts()
        self.report.plan = scan_plan.summary(actions, unknown=unknown, unchanged=unchanged, ambiguous=ambiguous)
        self.events(self.report.plan)

    def _rehearsed(self, actions: Sequence[tuple[Action, LibraryId, bytes]], known: dict[LibraryId, Library]) -> None:
        if self.options.dry_run:
            self.report.actions += [(what, facts.join(known[library].root, path)) for what, library, path in actions]

    async def _record(self) -> None:
        async with self.catalogue.transaction(durable=False):
            await record.record_moves_and_missing(self.catalogue)
        async for page in self.differences.all():
            by_action: dict[Action, list[Difference]] = {action: [] for action in Action}
            for difference in page:
                by_action[scan_plan.action(difference)].append(difference)
            async with self.catalogue.transaction(durable=False):
                await record.record_changed(self.catalogue, by_action[Action.CHANGED])
                await record.record_new(self.catalogue, by_action[Action.NEW])
            if self.stop.is_set():
                return

    # The second pass: the facts that are stale.

    async def _second_pass(self) -> None:
        self.phase = "reading"
        started = (await scans.find_scan(self.catalogue, self.report.id)).started
        wanted = facts.Wanted(FACTS.version, retry=self.options.retry, full=started if self.options.full else None)
        self.total = await facts.count_stale(self.catalogue, wanted)
        targets = self.targets = FactsTargets(self.catalogue, wanted, self.report.id, self._beat)
        workers, config = self.config.workers, self.config
        async with Pool(FACTS.work, slots=workers, deadline=config.deadline, memory_limit=config.memory or None) as pool:
            await run(
                targets,
                FACTS,
                facts.stale(self.catalogue, wanted),
                pool,
                window=2 * workers,
                stop=self.stop,
                events=self._hear,
                total=self.total,
            )
        self.report.done, self.report.failed = targets.done, targets.failed
        self.report.known_failed = await facts.count_failed(self.catalogue) - targets.failed

    def _hear(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.current = event.path
        self.events(event)
