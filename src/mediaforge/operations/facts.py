"""The catalogue as a build sees it, for the recipe `facts`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from mediaforge.build.run import Source
from mediaforge.catalog import facts, scans
from mediaforge.catalog.database import Catalogue
from mediaforge.model import Failed, MediaId, Reading, ScanId, ScanProblem


class FactsTargets:
    """Sources and targets of the recipe `facts` in one scan.

    `failed` counts the files that failed for the first time in this state; `known` those that failed just so before.
    `beat` is called in each transaction that stores outcomes.
    """

    def __init__(self, catalogue: Catalogue, wanted: facts.Wanted, scan: ScanId, beat: Callable[[], Awaitable[None]]) -> None:
        self._catalogue, self._wanted, self._scan, self._beat = catalogue, wanted, scan, beat
        self._rows: dict[MediaId, facts.StaleRow] = {}
        self.failed = self.known = self.done = 0

    async def sources(self, recipe: str, version: int, ids: Sequence[MediaId]) -> list[Source]:
        """Return those of `ids` whose facts are still stale."""
        rows = await facts.still_stale(self._catalogue, self._wanted, ids)
        self._rows.update((row.id, row) for row in rows)
        return [Source(row.id, row.path, (row.path, row.suffix), row.stamp) for row in rows]

    async def store(self, recipe: str, version: int, outcomes: Sequence[tuple[Source, object | Failed]]) -> None:
        """Write down facts and failures in one transaction."""
        readings: list[tuple[facts.StaleRow, Reading]] = []
        failures: list[tuple[facts.StaleRow, Failed]] = []
        for source, outcome in outcomes:
            row = self._rows.pop(source.id)
            if isinstance(outcome, Failed):
                failures.append((row, outcome))
            else:
                assert isinstance(outcome, Reading)
                readings.append((row, outcome))
        new = [(row, failed) for row, failed in failures if row.known_failure != failed.reason]
        self.done += len(readings)
        self.failed += len(new)
        self.known += len(failures) - len(new)
        async with self._catalogue.transaction(durable=False):
            await facts.store_facts(self._catalogue, version, readings)
            await facts.store_failures(self._catalogue, version, failures)
            await scans.add_problems(
                self._catalogue,
                self._scan,
                [ScanProblem(row.path, failed.reason.value, failed.message, row.id) for row, failed in new],
            )
            await self._beat()
