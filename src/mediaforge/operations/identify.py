"""Which of the files that were found are ones that were missed: the steps of recognising, most trusted first."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mediaforge.build.pool import Pool
from mediaforge.catalog.differences import Differences
from mediaforge.catalog.evidence import BEFORE_READING, BY_FINGERPRINT, BY_PATH, BY_SHA256, Step
from mediaforge.config import Config
from mediaforge.identity import Fingerprinted, Hashed
from mediaforge.model import Library, LibraryId, Stamp
from mediaforge.operations.recipes import FINGERPRINT, IS_GONE, SHA256
from mediaforge.scan.plan import Match, match
from mediaforge.scanned import Difference

T = TypeVar("T")

log = logging.getLogger(__name__)

_BATCH = 64


@dataclass(slots=True)
class Identify:
    """One scan's search for the files that moved. `hashes`: SHA-256 are read, too, where fingerprints leave a doubt."""

    differences: Differences
    libraries: Mapping[LibraryId, Library]
    config: Config
    hashes: bool = False

    async def recognise(self) -> list[Match]:
        """Match found files with rows that are gone, and return what stayed ambiguous.

        Contents are read only where they may tell, and of those elsewhere only whether they are still there is asked.
        """
        ambiguous: dict[tuple[int, ...], Match] = {}
        for step in BEFORE_READING:
            await self._match(step, ambiguous)
        await self._read_fingerprints()
        if self.hashes:
            await self._read_hashes()
        await self._match(BY_FINGERPRINT, ambiguous)
        if self.hashes:
            await self._match(BY_SHA256, ambiguous)
        await self._match(BY_PATH, ambiguous)
        matched = await self.differences.matched()
        return [found for found in ambiguous.values() if not matched.issuperset(found.differences)]

    async def _match(self, step: Step, ambiguous: dict[tuple[int, ...], Match]) -> None:
        await self._question_suspects(step)
        pairs = await self.differences.pairs(step)
        moves = []
        for found in match(pairs):
            if found.moved is None:
                ambiguous[found.differences] = found
            else:
                moves.append(found.moved)
        await self.differences.add_moves(moves, step.evidence)
        log.debug("by %s: %d pairs, %d moves, %d ambiguous until now", step.evidence, len(pairs), len(moves), len(ambiguous))

    async def _question_suspects(self, step: Step) -> None:
        """Look whether the rows outside the scope that this step would match are still where they were: then it is a copy."""
        pairs = await self.differences.pairs(step, only_suspects=True)
        suspects = sorted({pair.media for pair in pairs})
        if not suspects:
            return
        places = await self.differences.places(suspects)
        answers = await self._ask(IS_GONE, places, lambda place: (place[1], place[2]))
        gone = {places[index][0] for index, answer in answers if answer is True}
        log.debug("by %s: of %d files elsewhere that match, %d are gone", step.evidence, len(suspects), len(gone))
        await self.differences.settle_suspects(sorted(gone), [media for media in suspects if media not in gone])

    async def _read_fingerprints(self) -> None:
        async for page in self.differences.unmatched():
            await self.differences.add_fingerprints(await self._fingerprints(page))

    async def _fingerprints(self, page: Sequence[Difference]) -> list[tuple[int, str]]:
        """Return the fingerprints of these files by their differences' ids; one that changed meanwhile, or fails, has none."""
        return [
            (found.id, answer.fingerprint)
            for index, answer in await self._ask(FINGERPRINT, page, self._payload)
            if isinstance(answer, Fingerprinted) and answer.stamp == _stamp(found := page[index])
        ]

    async def _read_hashes(self) -> None:
        async for page in self.differences.unmatched(hashed=True):
            hashes = [
                (found.id, answer.sha256)
                for index, answer in await self._ask(SHA256, page, self._payload)
                if isinstance(answer, Hashed) and answer.stamp == _stamp(found := page[index])
            ]
            await self.differences.add_fingerprints(hashes, hashed=True)

    async def find_touched(self) -> None:
        """Find the changed files whose time alone moved, as file systems move it: their fingerprint is the known one."""
        async for page in self.differences.shifted():
            read = dict(await self._fingerprints([difference for difference, _known in page]))
            same = [difference.id for difference, known in page if read.get(difference.id) == known]
            log.debug("%d of %d files whose time alone is another are the same", len(same), len(page))
            await self.differences.add_touched(same)

    def _payload(self, found: Difference) -> tuple[bytes, str]:
        return os.path.join(self.libraries[found.library].root, found.path), found.suffix

    async def _ask(self, work: str, about: Sequence[T], payload: Callable[[T], object]) -> list[tuple[int, object]]:
        """Run a work function on each of `about` in worker processes, and return its answers by index."""
        answers: list[tuple[int, object]] = []
        config = self.config
        async with Pool(work, slots=config.workers, deadline=config.deadline, memory_limit=config.memory or None) as pool:

            async def batch(start: int) -> None:
                async def received(index: int, answer: object) -> None:
                    answers.append((start + index, answer))

                await pool.run([payload(one) for one in about[start : start + _BATCH]], received)

            await asyncio.gather(*(batch(start) for start in range(0, len(about), _BATCH)))
        return answers


def _stamp(found: Difference) -> Stamp:
    return Stamp(found.size, found.mtime_ns)
