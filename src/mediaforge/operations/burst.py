"""Changes that come in bursts, and are scanned when they have come to rest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from math import inf
from time import monotonic

_PATIENCE = 12  # times `settle` after which a burst that has no end is scanned all the same


class Burst:
    """Paths that have changed since they were scanned last; `settle`: the seconds without another change that are rest."""

    def __init__(self, settle: float) -> None:
        self.noted = asyncio.Event()  # something was; whoever waits for it clears it
        self._settle = settle
        self._changed: set[bytes] = set()
        self._first = self._last = 0.0  # when the burst began, and when the last change came

    def note(self, paths: Iterable[bytes]) -> None:
        """Remember what is to be scanned."""
        if found := set(paths):
            now = monotonic()
            self._first, self._last = (self._first if self._changed else now), now
            self._changed |= found
            self.noted.set()

    @property
    def due(self) -> float:
        """When it is to be scanned, on the clock of `monotonic`; infinity while there is nothing."""
        return min(self._last + self._settle, self._first + _PATIENCE * self._settle) if self._changed else inf

    def take(self) -> set[bytes]:
        """Return what is to be scanned, and forget it."""
        changed, self._changed = self._changed, set()
        return changed
