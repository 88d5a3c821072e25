"""What the parts of one scan share: what was asked for, what is at hand, and what it has come to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mediaforge.build.pool import Pool
from mediaforge.catalog import libraries, scans
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.differences import Differences
from mediaforge.config import Config
from mediaforge.errors import Cancelled, MediaForgeError, VolumeOffline
from mediaforge.events import Event, Listener, Planned, Progress, Trouble
from mediaforge.model import Library, LibraryId, ScanId
from mediaforge.operations.roots import Root
from mediaforge.scan.ignore import Rules
from mediaforge.scan.plan import Action
from mediaforge.scanned import ScanProblem

if TYPE_CHECKING:
    from mediaforge.operations.targets import BuildReport

_LOOK = 0.2  # seconds between two looks whether a pause is over


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """How to scan.

    `full` reads every file again, `retry` those that failed, `hashes` reads SHA-256, too, `dry_run` only says what would be
    done. `settle`: seconds for which a file must have been left alone (None: as configured). `all_libraries`: the roots are
    those of every library, and one that is offline is nothing special.
    """

    full: bool = False
    retry: bool = False
    dry_run: bool = False
    hashes: bool = False
    all_libraries: bool = False
    settle: float | None = None
    exclude: tuple[str, ...] = ()


@dataclass(slots=True)
class ScanReport:
    """What a scan came to. `known_failed` files failed before, just so, and have not changed since."""

    id: ScanId
    plan: Planned = field(default_factory=Planned)
    found: int = 0
    to_read: int = 0  # only of a dry run
    done: int = 0
    failed: int = 0
    tried_again: int = 0  # in vain
    known_failed: int = 0
    unsettled: int = 0  # changed while they were looked at: left for the next scan
    tagged: int = 0  # tags that rules gave
    unreadable_folders: int = 0
    cancelled: bool = False
    offline: list[str] = field(default_factory=list)
    offline_is_failure: bool = False
    build: BuildReport | None = None  # of the recipes that are built after every scan
    build_error: MediaForgeError | None = None  # why these could not be
    actions: list[tuple[Action, bytes]] = field(default_factory=list)  # only of a dry run; absolute paths

    @property
    def exit_code(self) -> int:
        """The documented exit code: cancelled before offline before unreadable; what ended a build after it before all."""
        if self.build_error:
            return self.build_error.exit_code
        if self.cancelled:
            return Cancelled.exit_code
        if self.offline_is_failure:
            return VolumeOffline.exit_code
        if self.failed or self.unreadable_folders:
            return 3
        return self.build.exit_code if self.build else 0


@dataclass(slots=True)
class Job:
    """One scan at work."""

    catalogue: Catalogue
    config: Config
    options: ScanOptions
    rules: Rules
    roots: Sequence[Root]
    stop: asyncio.Event
    listener: Listener
    report: ScanReport
    differences: Differences
    pool: Pool | None = None  # where files are read; none in a rehearsal
    prepared: bool = False  # the pool's processes were started ahead
    known: dict[LibraryId, Library] = field(default_factory=dict)
    phase: str = "counting"
    paused: bool = False
    total: int = 0
    done: int = 0
    current: bytes | None = None

    def hear(self, event: Event) -> None:
        """Pass an event on, and remember which file is in work."""
        if isinstance(event, Progress):
            self.current = event.path
        self.listener(event)

    async def may_go_on(self) -> bool:
        """Wait while the scan is paused, and say whether to go on rather than to stop."""
        while self.paused and not self.stop.is_set():
            await asyncio.sleep(_LOOK)
        return not self.stop.is_set()

    async def look_for_orders(self) -> None:
        """Obey what was asked from another terminal."""
        orders = await scans.orders(self.catalogue, self.report.id)
        self.paused = orders.pause
        if orders.cancel:
            self.stop.set()

    async def beat(self) -> None:
        """Record how far the scan is, in the caller's transaction."""
        report = self.report
        counters = {
            **scans.plan_counters(report.plan),
            "found": report.found,
            "total": self.total,
            "done": self.done,
            "failed": report.failed,
            "known_failed": report.known_failed,
        }
        phase = "paused" if self.paused else self.phase
        await scans.beat(self.catalogue, report.id, counters, phase=phase, current=self.current)

    async def note(self, troubles: Sequence[Trouble]) -> None:
        """Tell and record what went wrong in the first pass."""
        for trouble in troubles:
            self.hear(trouble)
            self.report.unreadable_folders += trouble.reason in ("io", "ignore-file")
        if troubles and not self.options.dry_run:
            problems = [ScanProblem(trouble.path, trouble.reason, trouble.message) for trouble in troubles]
            async with self.catalogue.transaction(durable=False):
                await scans.add_problems(self.catalogue, self.report.id, problems)

    async def note_offline(self, root: Root, why: str) -> None:
        """Tell and record that a root's volume is not there: what is known of it stays as it is."""
        self.report.offline.append(why)
        if not self.options.dry_run:
            async with self.catalogue.transaction(durable=False):
                await libraries.set_offline(self.catalogue, root.library.id)
                await scans.set_outcome(self.catalogue, self.report.id, root.library.id, "offline")
