"""Many small questions to worker processes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from mediaforge.build.pool import Pool
from mediaforge.config import Config

_BATCH = 100


async def ask(config: Config, work: str, payloads: Sequence[object]) -> list[object]:
    """Return what a work function makes of each payload, in processes of their own: a value, or a Failed."""
    answers: list[object] = [None] * len(payloads)
    if not payloads:
        return answers
    async with Pool(work, slots=config.workers, deadline=config.deadline, memory_limit=config.memory or None) as pool:

        async def batch(start: int) -> None:
            async def received(index: int, answer: object) -> None:
                answers[start + index] = answer

            await pool.run(payloads[start : start + _BATCH], received)

        await asyncio.gather(*(batch(start) for start in range(0, len(payloads), _BATCH)))
    return answers
