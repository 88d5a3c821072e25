"""The catalogue as a build sees it, for the recipe `facts`."""

from __future__ import annotations

from collections.abc import Sequence

from mediaforge.build.run import Source
from mediaforge.catalog import facts, regroup, rules, scans, tags
from mediaforge.catalog.database import Catalogue
from mediaforge.events import Trouble
from mediaforge.model import MediaId
from mediaforge.operations.job import Job
from mediaforge.operations.recipes import TARGETS
from mediaforge.scanned import Failed, Reading, ScanProblem, StaleRow
from mediaforge.sidecars import PROBLEMS

_SHA256 = TARGETS["sha256"]


class FactsTargets:
    """Sources and targets of the recipe `facts` in one scan, whose report counts what comes of them.

    A file that changed between the passes is left for the next scan. One that failed just so before counts as known.
    """

    def __init__(self, job: Job, wanted: facts.Wanted) -> None:
        self._job, self._wanted = job, wanted
        self._rows: dict[MediaId, StaleRow] = {}

    async def sources(self, recipe: str, version: int, ids: Sequence[MediaId]) -> list[Source]:
        """Return those of `ids` whose facts are still stale; while the scan is paused, nobody gets an answer."""
        if not await self._job.may_go_on():
            return []
        rows = await facts.still_stale(self._job.catalogue, self._wanted, ids)
        self._rows.update((row.id, row) for row in rows)
        return [Source(row.id, row.path, (row.path, row.suffix, row.stamp.companions), row.stamp) for row in rows]

    async def store(self, recipe: str, version: int, outcomes: Sequence[tuple[Source, object | Failed]]) -> None:
        """Write down facts and failures in one transaction."""
        readings: list[tuple[StaleRow, Reading]] = []
        failures: list[tuple[StaleRow, Failed]] = []
        for source, outcome in outcomes:
            row = self._rows.pop(source.id)
            assert isinstance(outcome, Failed | Reading)
            if outcome.stamp is not None and outcome.stamp != row.stamp:
                self._job.report.unsettled += 1
            elif isinstance(outcome, Failed):
                failures.append((row, outcome))
            else:
                readings.append((row, outcome))
        await self._write(version, readings, failures)

    async def _write(
        self,
        version: int,
        readings: Sequence[tuple[StaleRow, Reading]],
        failures: Sequence[tuple[StaleRow, Failed]],
    ) -> None:
        job, catalogue = self._job, self._job.catalogue
        new = [(row, failed) for row, failed in failures if row.known_failure != failed.reason]
        job.done += len(readings) + len(failures)
        job.report.done += len(readings)
        job.report.failed += len(new)
        job.report.tried_again += len(failures) - len(new)
        problems = [ScanProblem(row.path, failed.reason.value, failed.message, row.id) for row, failed in new]
        problems += self._beside(readings)
        async with catalogue.transaction(durable=False):
            await facts.store_facts(catalogue, version, readings)
            await tags.set_embedded(catalogue, {row.id: reading.facts.keywords for row, reading in readings})
            await facts.store_failures(catalogue, version, failures)
            if job.options.hashes:
                await _store_hashes(catalogue, [*readings, *failures])
            read = [row.id for row, _outcome in (*readings, *failures)]
            await rules.mark_due(catalogue, read)
            await regroup.mark_due(catalogue, read)
            await scans.add_problems(catalogue, job.report.id, problems)
            await job.beat()

    def _beside(self, readings: Sequence[tuple[StaleRow, Reading]]) -> list[ScanProblem]:
        """Tell of the sidecars that could not be read; the files beside which they stand were."""
        problems = [
            ScanProblem(row.path, "sidecar", f"its sidecar {sentence}", row.id)
            for row, reading in readings
            for sentence in _sentences(reading.facts.extra.get(PROBLEMS))
        ]
        for problem in problems:
            self._job.hear(Trouble(problem.path, problem.reason, problem.message))
        return problems


def _sentences(found: object) -> list[str]:
    return found if isinstance(found, list) else []


async def _store_hashes(catalogue: Catalogue, read: Sequence[tuple[StaleRow, Reading | Failed]]) -> None:
    """Write down the hashes that were read by the way."""
    from mediaforge.catalog import targets  # 4 ms of every scan, and hardly any hashes files

    hashed = [targets.Target(row.id, one.stamp or row.stamp, one.sha256) for row, one in read if one.sha256]
    await targets.store_hashes(catalogue, _SHA256.version, hashed)
