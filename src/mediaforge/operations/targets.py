"""Build: make what is stale of the recipes beside the facts, and tell what there is of each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from mediaforge.build.pool import Pool
from mediaforge.build.run import Source, run
from mediaforge.catalog import libraries, targets
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.targets import Problem, Stored, Target, Wanted
from mediaforge.config import Config
from mediaforge.errors import Cancelled, NothingMatched
from mediaforge.events import BuildStarted, Listener, nobody
from mediaforge.extract.made import Made
from mediaforge.model import LibraryId, MediaId
from mediaforge.operations import roots
from mediaforge.operations.catalogues import opened
from mediaforge.operations.recipes import READS_ALL, TARGETS
from mediaforge.operations.select import by_targets
from mediaforge.operations.thumbnails import RECIPE, Thumbnails
from mediaforge.scanned import Failed, StaleRow

__all__ = ["BuildOptions", "BuildReport", "Built", "Overview", "Problem", "build", "build_in", "overview", "problems"]

log = logging.getLogger(__name__)

_SLOWEST = 4 << 20  # bytes a second that even a bad share gives; of a large file the deadline is longer by it


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What to make: recipes (none named: all of them), of which items (no target: of all of them), for how many seconds.

    `retry` tries again what failed before, `dry_run` only counts.
    """

    recipes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    retry: bool = False
    dry_run: bool = False
    seconds: float | None = None


@dataclass(slots=True)
class Built:
    """What making the targets of one recipe came to. `stale`: how many there were to make."""

    recipe: str
    stale: int = 0
    made: int = 0
    failed: int = 0
    tried_again: int = 0  # in vain, for the reason that is known
    unsettled: int = 0  # their files changed since they were scanned, or while they were read: left for the next scan
    cleared: int = 0  # files that nothing needs any more, removed from the cache


@dataclass(slots=True)
class BuildReport:
    """What a build came to. `out_of_time`: it ended because the time that it was given was over."""

    built: list[Built] = field(default_factory=list)
    offline: list[str] = field(default_factory=list)
    cancelled: bool = False
    out_of_time: bool = False

    @property
    def exit_code(self) -> int:
        """The documented exit code: cancelled before what could not be made."""
        if self.cancelled:
            return Cancelled.exit_code
        return 3 if any(one.failed for one in self.built) else 0


async def build(config: Config, options: BuildOptions, *, stop: asyncio.Event, events: Listener = nobody) -> BuildReport:
    """Make what is stale; a file's failure is counted and stored. Raises CatalogueError and QueryError.

    Once `stop` is set, what was made is stored and the build ends as cancelled.
    """
    async with opened(config) as catalogue:
        return await build_in(catalogue, config, options, stop=stop, events=events)


async def build_in(
    catalogue: Catalogue, config: Config, options: BuildOptions, *, stop: asyncio.Event, events: Listener = nobody
) -> BuildReport:
    """Make what is stale in a catalogue that is open."""
    report = BuildReport()
    with end_after(options.seconds, stop, report):
        offline, report.offline = await offline_libraries(catalogue, config)
        sql, params = await selected(catalogue, options.targets)
        await _find_gone(catalogue, config, options.recipes or tuple(TARGETS))
        for name in options.recipes or TARGETS:
            wanted = Wanted(name, TARGETS[name].version, sql, params, options.retry, offline)
            if not stop.is_set():
                built = await build_wanted(catalogue, config, wanted, stop, events, dry_run=options.dry_run)
                report.built.append(built)
                if name == RECIPE and not (options.targets or options.dry_run or stop.is_set()):
                    built.cleared = await Thumbnails(config).clear(catalogue)
    report.cancelled = stop.is_set() and not report.out_of_time
    return report


class Ending(Protocol):
    """A report that tells whether it ended because the time that it was given was over."""

    out_of_time: bool


@contextmanager
def end_after(seconds: float | None, stop: asyncio.Event, report: Ending) -> Iterator[None]:
    """Set `stop` after so long, and tell the report that nobody asked for it."""

    def end() -> None:
        report.out_of_time = not stop.is_set()
        stop.set()

    timer = asyncio.get_running_loop().call_later(seconds, end) if seconds is not None else None
    try:
        yield
    finally:
        if timer:
            timer.cancel()


async def selected(catalogue: Catalogue, words: Sequence[str]) -> tuple[str, Mapping[str, object]]:
    """Return the condition that targets mean, of all items without one; NothingMatched where that is none."""
    if not words:
        return "1", {}
    selection = await by_targets(catalogue, words)
    if not await targets.any_item(catalogue, selection.sql, selection.params):
        raise NothingMatched(f"nothing matches '{selection.text}'")
    return selection.sql, selection.params


async def _find_gone(catalogue: Catalogue, config: Config, recipes: Collection[str]) -> None:
    await targets.prepare(catalogue)
    if RECIPE in recipes:
        await Thumbnails(config).find_gone(catalogue)


async def offline_libraries(catalogue: Catalogue, config: Config) -> tuple[frozenset[LibraryId], list[str]]:
    """Return the libraries whose volumes are not there just now, and why each counts as not there."""
    known = [library.root for library in await libraries.list_libraries(catalogue) if library.online]
    found = [root for root in await roots.resolve(catalogue, known, silence=config.silence) if root.offline is not None]
    return frozenset(root.library.id for root in found), [str(root.offline) for root in found]


def deadline(config: Config, largest: int) -> float:
    """Return the seconds that reading a file may take of which every byte is read, where the largest has so many bytes."""
    return config.deadline + largest / _SLOWEST


async def build_wanted(
    catalogue: Catalogue,
    config: Config,
    wanted: Wanted,
    stop: asyncio.Event,
    events: Listener,
    *,
    dry_run: bool = False,
) -> Built:
    """Make the targets that are wanted and stale; `targets.prepare` has found those whose products are gone."""
    recipe = TARGETS[wanted.recipe]
    built = Built(recipe.name)
    built.stale, largest = await targets.count_stale(catalogue, wanted)
    log.debug("%s: %d targets are stale", recipe.name, built.stale)
    if dry_run or not built.stale:
        return built
    events(BuildStarted(recipe.name, built.stale))
    patience = deadline(config, largest if recipe.name in READS_ALL else 0)
    async with Pool(recipe.work, slots=config.workers, deadline=patience, memory_limit=config.memory or None) as pool:
        await run(
            Targets(catalogue, wanted, built, Thumbnails(config)),
            recipe,
            targets.stale(catalogue, wanted),
            pool,
            window=2 * config.workers,
            stop=stop,
            events=events,
            total=built.stale,
        )
    return built


class Targets:
    """Sources and targets of one recipe, as a build sees them; `built` counts what comes of them."""

    def __init__(self, catalogue: Catalogue, wanted: Wanted, built: Built, cache: Thumbnails) -> None:
        self._catalogue, self._wanted, self._built, self._cache = catalogue, wanted, built, cache
        self._rows: dict[MediaId, StaleRow] = {}

    async def sources(self, recipe: str, version: int, ids: Sequence[MediaId]) -> list[Source]:
        """Return those of `ids` whose targets are still stale."""
        rows = await targets.still_stale(self._catalogue, self._wanted, ids)
        self._rows.update((row.id, row) for row in rows)
        return [Source(row.id, row.path, (row.path, row.suffix), row.stamp) for row in rows]

    async def store(self, recipe: str, version: int, outcomes: Sequence[tuple[Source, object | Failed]]) -> None:
        """Write down what was made and what failed in one transaction."""
        made: list[tuple[MediaId, Made]] = []
        failures: list[tuple[StaleRow, Failed]] = []
        for source, outcome in outcomes:
            row = self._rows.pop(source.id)
            assert isinstance(outcome, Failed | Made)
            if outcome.stamp is not None and outcome.stamp != row.stamp:
                self._built.unsettled += 1
            elif isinstance(outcome, Failed):
                failures.append((row, outcome))
            else:
                made.append((row.id, outcome))
        rows = [await self._kept(media, one) for media, one in made]
        async with self._catalogue.transaction(durable=False):
            await targets.store_made(self._catalogue, recipe, version, rows)
            await targets.store_failures(self._catalogue, recipe, version, failures)
        await targets.forget_gone(self._catalogue, recipe, [row.id for row in rows])
        again = sum(row.known_failure == failed.reason for row, failed in failures)
        self._built.made += len(made)
        self._built.failed += len(failures) - again
        self._built.tried_again += again

    async def _kept(self, media: MediaId, made: Made) -> Target:
        """Write down in files what belongs there: before the catalogue says that it is there."""
        size = None
        if made.value and made.pictures:
            size = await asyncio.to_thread(self._cache.keep, made.value, made.pictures)
        return Target(media, made.stamp, made.value, size, made.seconds)


@dataclass(frozen=True, slots=True)
class Overview:
    """A recipe, and what there is of it."""

    recipe: str
    version: int
    stale: int
    stored: Stored


async def overview(catalogue: Catalogue, config: Config) -> list[Overview]:
    """Return what there is of every recipe, and how much of it is stale."""
    offline, _why = await offline_libraries(catalogue, config)
    await _find_gone(catalogue, config, TARGETS)
    found = []
    for recipe in TARGETS.values():
        wanted = Wanted(recipe.name, recipe.version, offline=offline)
        stale, _largest = await targets.count_stale(catalogue, wanted)
        found.append(Overview(recipe.name, recipe.version, stale, await targets.stored(catalogue, recipe.name)))
    return found


async def problems(catalogue: Catalogue, options: BuildOptions) -> list[Problem]:
    """Return what could not be made, of the recipes and the items that are asked for."""
    sql, params = await selected(catalogue, options.targets)
    return await targets.problems(catalogue, options.recipes or tuple(TARGETS), sql, params)
