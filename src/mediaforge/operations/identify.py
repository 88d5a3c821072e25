"""Which of the files that were found are ones that were missed: the steps of recognising, most trusted first."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence

from mediaforge.build.pool import Pool
from mediaforge.catalog.differences import AFTER_READING, BEFORE_READING, Alike, Differences
from mediaforge.config import Config
from mediaforge.extract.work import Fingerprinted
from mediaforge.model import Difference, Library, LibraryId, Stamp
from mediaforge.operations.recipes import FINGERPRINT
from mediaforge.scan.plan import Match, Pair, match

_BATCH = 64


async def recognise(differences: Differences, libraries: Mapping[LibraryId, Library], config: Config) -> list[Match]:
    """Match found files with rows that are gone, and return what stayed ambiguous.

    Fingerprints are read only where they may tell.
    """
    ambiguous: dict[tuple[int, ...], Match] = {}
    for step in BEFORE_READING:
        await _match(differences, step, ambiguous)
    await _read_fingerprints(differences, libraries, config)
    for step in AFTER_READING:
        await _match(differences, step, ambiguous)
    return await _still_unmatched(differences, ambiguous)


async def _match(differences: Differences, step: Alike, ambiguous: dict[tuple[int, ...], Match]) -> None:
    pairs = await differences.pairs(step)
    moves = []
    for found in match(Pair(pair.key, pair.difference, pair.media) for pair in pairs):
        if found.moved is None:
            ambiguous[found.differences] = found
        else:
            moves.append(found.moved)
    await differences.add_moves(moves, step.evidence)


async def _still_unmatched(differences: Differences, ambiguous: Mapping[tuple[int, ...], Match]) -> list[Match]:
    matched = await differences.matched()
    return [found for found in ambiguous.values() if not matched.issuperset(found.differences)]


async def _read_fingerprints(differences: Differences, libraries: Mapping[LibraryId, Library], config: Config) -> None:
    async with Pool(FINGERPRINT, slots=config.workers, deadline=config.deadline, memory_limit=config.memory or None) as pool:
        async for page in differences.unmatched():
            batches = [page[start : start + _BATCH] for start in range(0, len(page), _BATCH)]
            read = await asyncio.gather(*(_fingerprints(pool, batch, libraries) for batch in batches))
            await differences.add_fingerprints([pair for pairs in read for pair in pairs])


async def _fingerprints(
    pool: Pool, batch: Sequence[Difference], libraries: Mapping[LibraryId, Library]
) -> list[tuple[int, str]]:
    """Return the fingerprints of these files by their differences' ids; a file that changed meanwhile, or fails, has none."""
    read: list[tuple[int, str]] = []

    async def received(index: int, outcome: object) -> None:
        found = batch[index]
        if isinstance(outcome, Fingerprinted) and outcome.stamp == Stamp(found.size, found.mtime_ns):
            read.append((found.id, outcome.fingerprint))

    payloads = [(os.path.join(libraries[found.library].root, found.path), found.suffix) for found in batch]
    await pool.run(payloads, received)
    return read
