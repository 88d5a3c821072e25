"""Extraction alone: the program's own workers over every media file below a folder, and nothing is stored."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from itertools import islice

from mediaforge.build.pool import Pool
from mediaforge.config import Config
from mediaforge.model import SUFFIXES
from mediaforge.operations.recipes import FACTS


def _files(folder: bytes) -> Iterator[tuple[bytes, str]]:
    for parent, _folders, names in os.walk(folder):
        for name in names:
            suffix = os.path.splitext(name)[1][1:].lower().decode()
            if suffix in SUFFIXES:
                yield os.path.join(parent, name), suffix


async def extract_all(folder: bytes) -> int:
    """Read the facts of every media file below `folder` and return how many they are."""
    config, files, count = Config(), _files(folder), 0

    async def received(_index: int, _value: object) -> None:
        nonlocal count
        count += 1

    async def lane(pool: Pool) -> None:
        while batch := list(islice(files, FACTS.batch)):
            await pool.run(batch, received)

    async with Pool(FACTS.work, slots=config.workers, deadline=config.deadline, memory_limit=config.memory) as pool:
        await asyncio.gather(*(lane(pool) for _ in range(2 * config.workers)))
    return count


if __name__ == "__main__":
    print(asyncio.run(extract_all(os.fsencode(sys.argv[1]))))
