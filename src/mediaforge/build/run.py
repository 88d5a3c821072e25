"""Bring the stale targets of a recipe up to date: ids in, batches through the pool, outcomes to one writer.

It is idempotent and runs at least once: what was stored is no longer stale, everything else is found again by asking
for what is stale. So nothing is recovered after a crash, and cancelling loses at most what was in work.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mediaforge.build.pool import Pool
from mediaforge.events import Listener, Progress, Trouble, nobody
from mediaforge.model import MediaId, Stamp
from mediaforge.scanned import Failed

log = logging.getLogger(__name__)

_GROUP = 512  # outcomes stored in one transaction, and
_GROUP_SECONDS = 0.5  # how long the first of them waits for the others: what a kill -9 may cost
_PROGRESS_SECONDS = 0.05  # a person sees no more than 20 pictures a second of a progress bar
_GRACE_SECONDS = 1.0  # for the batches in flight once asked to stop; all of stopping must be over within two


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named, versioned function from a file to one target.

    `work` names it (`package.module:function`), so that only worker processes import it. `batch` is how many files one
    process gets at a time: many where each takes a millisecond, 1 where each takes minutes.
    """

    name: str
    version: int
    work: str
    batch: int = 64


@dataclass(frozen=True, slots=True)
class Source:
    """A file whose target is stale. `path` is absolute, `payload` the plain value that the work function gets."""

    id: MediaId
    path: bytes
    payload: object
    stamp: Stamp


class Catalogue(Protocol):
    """What a build asks of whoever remembers sources and targets."""

    async def sources(self, recipe: str, version: int, ids: Sequence[MediaId]) -> Sequence[Source]:
        """Return those of `ids` whose target is still stale."""

    async def store(self, recipe: str, version: int, outcomes: Sequence[tuple[Source, object | Failed]]) -> None:
        """Remember all of `outcomes` in one transaction."""


@dataclass(slots=True)
class Tally:
    """What a run came to, in files; `skipped` ones were no longer stale when their turn came."""

    done: int = 0
    failed: int = 0
    skipped: int = 0
    cancelled: bool = False


async def run(
    catalogue: Catalogue,
    recipe: Recipe,
    ids: AsyncIterable[MediaId],
    pool: Pool,
    *,
    window: int,
    stop: asyncio.Event,
    events: Listener = nobody,
    total: int = 0,
) -> Tally:
    """Make the targets of `ids` in `pool` and store them; at most `window` batches are in work or ready to be.

    Once `stop` is set no batch begins, those in flight get a second to finish, and what has come is stored.
    Any error of the catalogue or the pool ends the run as it is; a file's failure is an outcome.
    """
    job = _Run(catalogue, recipe, ids, pool, window, events, total)
    problem: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(job.store())
            lanes = [group.create_task(job.lane()) for _ in range(window)]
            await job.finish(lanes, stop)
            job.end()
    except ExceptionGroup as errors:
        problem = _first(errors)
    if problem:
        raise problem  # here, so that it keeps the cause and context that it came with
    job.report(final=True)
    return job.tally


class _Run:
    """What the lanes and the writer of one run share."""

    def __init__(
        self,
        catalogue: Catalogue,
        recipe: Recipe,
        ids: AsyncIterable[MediaId],
        pool: Pool,
        window: int,
        events: Listener,
        total: int,
    ) -> None:
        self.catalogue, self.recipe, self.pool, self.events, self.total = catalogue, recipe, pool, events, total
        self.tally = Tally()
        self._outcomes: list[tuple[Source, object]] = []  # that wait for the writer
        self._some, self._enough, self._room = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._ended = False
        self._ids, self._turn = aiter(ids), asyncio.Lock()
        self._small = 2 * pool.slots  # so many batches are small, for a few files to spread over the processes
        self._busy: set[asyncio.Task[None] | None] = set()
        self._path: bytes | None = None
        self._reported = 0.0

    async def lane(self) -> None:
        """Take one batch of ids after the other through the pool."""
        this = asyncio.current_task()
        while not self.tally.cancelled and (ids := await self._batch()):
            self._busy.add(this)
            sources = await self.catalogue.sources(self.recipe.name, self.recipe.version, ids)
            self.tally.skipped += len(ids) - len(sources)
            self._busy.discard(this)  # until there is a process for it
            await self._compute(sources)
            self._busy.discard(this)

    async def finish(self, lanes: Sequence[asyncio.Task[None]], stop: asyncio.Event) -> None:
        """Wait until the lanes have run out of ids, or end them once `stop` is set."""
        running, stopped = set(lanes), asyncio.create_task(stop.wait())
        try:
            while running and not stopped.done():
                await asyncio.wait({stopped, *running}, return_when=asyncio.FIRST_COMPLETED)
                running = {lane for lane in running if not lane.done()}
        finally:
            stopped.cancel()
        if running:
            self.tally.cancelled = True
            log.debug("stopping: %d batches in flight", len(running & self._busy))
            for lane in running - self._busy:
                lane.cancel()  # it waits for an id, perhaps for ever, or for a process
            await asyncio.wait(running, timeout=_GRACE_SECONDS)
            self.pool.abort()
            for lane in running:
                lane.cancel()
            await asyncio.wait(running)

    async def store(self) -> None:
        """Store outcomes in groups until there are no more."""
        while group := await self._group():
            began = time.monotonic()
            await self.catalogue.store(self.recipe.name, self.recipe.version, group)
            log.debug("%s: %d outcomes stored in %.3f s", self.recipe.name, len(group), time.monotonic() - began)

    def end(self) -> None:
        """Let the writer store what has come, and no more."""
        self._ended = True
        self._some.set()
        self._enough.set()

    async def _group(self) -> list[tuple[Source, object]]:
        """Return what is to be stored next: a whole group, or what has come for a while; nothing once all is stored."""
        await self._some.wait()
        try:
            async with asyncio.timeout(_GROUP_SECONDS):
                await self._enough.wait()
        except TimeoutError:
            pass  # what has come is stored, the rest comes with the next group
        group, self._outcomes = self._outcomes[:_GROUP], self._outcomes[_GROUP:]
        self._room.set()
        if not self._ended and len(self._outcomes) < _GROUP:
            self._enough.clear()
            if not self._outcomes:
                self._some.clear()
        return group

    async def _keep(self, source: Source, outcome: object) -> None:
        """Hand an outcome to the writer; one that falls behind holds up the readers, and not the memory."""
        while len(self._outcomes) >= 2 * _GROUP:
            self._room.clear()
            await self._room.wait()
        self._outcomes.append((source, outcome))
        self._some.set()
        if len(self._outcomes) >= _GROUP:
            self._enough.set()

    def report(self, *, final: bool = False) -> None:
        """Tell how far the run is, unless it was told just now."""
        now = time.monotonic()
        if final or now - self._reported >= _PROGRESS_SECONDS:
            self._reported = now
            done = self.tally.done + self.tally.failed + self.tally.skipped
            self.events(Progress(done, self.total, self.tally.failed, None if final else self._path))

    async def _batch(self) -> list[MediaId]:
        async with self._turn:
            size = self.recipe.batch
            if self._small > 0:
                self._small -= 1
                size = max(1, size // 4)
            batch: list[MediaId] = []
            while len(batch) < size and (media := await anext(self._ids, None)) is not None:
                batch.append(media)
            return batch

    async def _compute(self, sources: Sequence[Source]) -> None:
        this = asyncio.current_task()

        def started(index: int) -> None:
            if index == 0:
                first, last = sources[0].id, sources[-1].id
                log.debug("%s: batch of %d begun, ids %d to %d", self.recipe.name, len(sources), first, last)
            self._busy.add(this)
            self._path = sources[index].path
            self.report()

        async def received(index: int, value: object) -> None:
            source = sources[index]
            if isinstance(value, Failed):
                self.tally.failed += 1
                self.events(Trouble(source.path, value.reason, value.message))
            else:
                self.tally.done += 1
            await self._keep(source, value)

        await self.pool.run([source.payload for source in sources], received, started)


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the error that began it: the others are what its end brought about."""
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
