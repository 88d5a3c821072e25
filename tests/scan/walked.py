"""Walks a tree to its end."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from mediaforge.scan.ignore import Rules
from mediaforge.scan.walk import Chunk, walk
from mediaforge.scanned import Found


@dataclass
class Seen:
    """All chunks of a walk, joined."""

    chunks: list[Chunk]

    @property
    def found(self) -> list[Found]:
        return sorted(found for chunk in self.chunks for found in chunk.found)

    @property
    def paths(self) -> list[bytes]:
        return [found[0] for found in self.found]

    @property
    def unknown(self) -> list[bytes]:
        return sorted(path for chunk in self.chunks for path in chunk.unknown)

    @property
    def troubles(self) -> list[tuple[bytes, str]]:
        """Name and reason."""
        return sorted((os.path.basename(t.path), t.reason) for chunk in self.chunks for t in chunk.troubles)


async def see(root: bytes, below: bytes = b"", exclude: Iterable[str] = (), chunk: int = 5000) -> Seen:
    return Seen([c async for c in walk(root, below, Rules(exclude), silence=60, chunk=chunk)])
