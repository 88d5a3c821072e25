"""Verify: read files again and compare them with their hashes, which tells bit rot from edits."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from mediaforge.build.pool import Pool
from mediaforge.build.run import Recipe, Source, run
from mediaforge.catalog import verifications
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.verifications import HashedRow, Outcome, Verification
from mediaforge.config import Config
from mediaforge.errors import Cancelled
from mediaforge.events import BuildStarted, Listener, Trouble, nobody
from mediaforge.extract.made import Made
from mediaforge.model import Failure, MediaId
from mediaforge.operations.catalogues import opened
from mediaforge.operations.targets import deadline, end_after, offline_libraries, selected
from mediaforge.scanned import Failed

__all__ = ["Outcome", "Verification", "VerifyOptions", "VerifyReport", "verification_log", "verify"]

_READ_AGAIN = Recipe(name="verify", version=1, work="mediaforge.extract.made:sha256_from_disk", batch=16)


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """Which items to read again (no target: all of them): of these the `count` or the `share` (0 to 1) not read for longest."""

    targets: tuple[str, ...] = ()
    count: int | None = None
    share: float | None = None
    dry_run: bool = False
    seconds: float | None = None

    def of(self, number: int) -> int:
        """Return how many of so many items to read."""
        if self.share is not None:
            return min(number, -int(-number * self.share // 1))
        return number if self.count is None else min(number, self.count)


@dataclass(slots=True)
class VerifyReport:
    """What came of it. `unhashed` items have no hash of their file as it is, and were not read."""

    wanted: int = 0
    bytes: int = 0
    unhashed: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    offline: list[str] = field(default_factory=list)
    cancelled: bool = False
    out_of_time: bool = False

    @property
    def exit_code(self) -> int:
        """The documented exit code: cancelled before rotten or unreadable."""
        if self.cancelled:
            return Cancelled.exit_code
        return 3 if self.outcomes[Outcome.ROTTEN] or self.outcomes[Outcome.UNREADABLE] else 0


async def verify(config: Config, options: VerifyOptions, *, stop: asyncio.Event, events: Listener = nobody) -> VerifyReport:
    """Read files again, log what came of it, and change no hash. Raises CatalogueError and QueryError."""
    report = VerifyReport()
    async with opened(config) as catalogue:
        with end_after(options.seconds, stop, report):
            sql, params = await selected(catalogue, options.targets)
            offline, report.offline = await offline_libraries(catalogue, config)
            found = await verifications.oldest_first(catalogue, sql, params, offline)
            found = found[: options.of(len(found))]
            report.wanted, report.bytes = len(found), sum(size for _media, size in found)
            report.unhashed = await verifications.count_unhashed(catalogue, sql, params)
            if found and not options.dry_run:
                await _read_again(catalogue, config, found, report, stop, events)
        report.cancelled = stop.is_set() and not report.out_of_time
    return report


async def _read_again(
    catalogue: Catalogue,
    config: Config,
    found: Sequence[tuple[MediaId, int]],
    report: VerifyReport,
    stop: asyncio.Event,
    events: Listener,
) -> None:
    async def ids() -> AsyncIterator[MediaId]:
        for media, _size in found:
            yield media

    events(BuildStarted(_READ_AGAIN.name, len(found)))
    patience = deadline(config, max(size for _media, size in found))
    async with Pool(_READ_AGAIN.work, slots=config.workers, deadline=patience, memory_limit=config.memory or None) as pool:
        await run(
            _Hashes(catalogue, report, events),
            _READ_AGAIN,
            ids(),
            pool,
            window=2 * config.workers,
            stop=stop,
            events=events,
            total=len(found),
        )


class _Hashes:
    """Files and their hashes, as a build sees them."""

    def __init__(self, catalogue: Catalogue, report: VerifyReport, events: Listener) -> None:
        self._catalogue, self._report, self._events = catalogue, report, events
        self._rows: dict[MediaId, HashedRow] = {}

    async def sources(self, recipe: str, version: int, ids: Sequence[MediaId]) -> list[Source]:
        """Return those of `ids` whose hash can be checked now."""
        rows = await verifications.hashed(self._catalogue, ids)
        self._rows.update((row.id, row) for row in rows)
        return [Source(row.id, row.path, (row.path, row.suffix), row.stamp) for row in rows]

    async def store(self, recipe: str, version: int, outcomes: Sequence[tuple[Source, object | Failed]]) -> None:
        """Log what came of it, and tell what is rotten."""
        told = []
        for source, outcome in outcomes:
            assert isinstance(outcome, Failed | Made)
            row = self._rows.pop(source.id)
            result, message = _judged(row, outcome)
            told.append((row.id, result, message))
            if result is Outcome.ROTTEN and message:
                self._events(Trouble(row.path, result.value, message))
        async with self._catalogue.transaction(durable=False):
            await verifications.add(self._catalogue, told)
        self._report.outcomes.update(result for _media, result, _message in told)


def _judged(row: HashedRow, outcome: Made | Failed) -> tuple[Outcome, str | None]:
    if outcome.stamp is not None and outcome.stamp != row.stamp:
        return Outcome.EDITED, None
    if isinstance(outcome, Failed):
        return Outcome.GONE if outcome.reason is Failure.VANISHED else Outcome.UNREADABLE, outcome.message
    if outcome.value == row.sha256:
        return Outcome.WHOLE, None
    return Outcome.ROTTEN, (
        f"is not what it was on {row.at[:10]}, though its size and time are: bit rot, unless a program wrote it and set its"
        f" time back (SHA-256 was {row.sha256[:12]}…, is {str(outcome.value)[:12]}…)"
    )


async def verification_log(catalogue: Catalogue, targets: Sequence[str], *, limit: int) -> list[Verification]:
    """Return what came of reading the items again that targets mean, or all of them, newest first; 0 is no limit."""
    sql, params = await selected(catalogue, targets)
    return await verifications.log(catalogue, sql, params, limit=limit)
