"""Facts in the making: the first value that is put for a field stays, so that the order of puts is the order of trust."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable
from dataclasses import replace
from typing import Any

from mediaforge.extract.taken import Candidate, choose
from mediaforge.model import Chapter, Facts, Kind, Stream
from mediaforge.text import clean_text

# (lowest, highest) that a field can hold; what lies outside was never meant: 0 for "not known", or noise of a broken file.
LIMITS: dict[str, tuple[float, float]] = {
    "duration": (1e-6, 1e8), "bit_rate": (1, 1e12), "width": (1, 2**31 - 1), "height": (1, 2**31 - 1), "orientation": (1, 8),
    "rotation": (0, 359), "fps": (1e-3, 1e4), "bit_depth": (1, 64), "channels": (1, 1024), "sample_rate": (1, 1e8),
    "iso": (1, 1e8), "f_number": (1e-2, 1e3), "exposure_time": (1e-9, 1e6), "focal_length": (1e-2, 1e5), "latitude": (-90, 90),
    "longitude": (-180, 180), "altitude": (-12_000, 1e6), "year": (1000, 2999), "track": (1, 1e5), "disc": (1, 1e4),
    "season": (0, 9999), "episode": (0, 99_999), "rating": (0, 5), "level": (0.5, 20),
}  # fmt: skip
_REAL = frozenset(
    "duration fps level f_number exposure_time focal_length latitude longitude altitude".split()
)  # numbers with a fraction; every other one is whole
_FLAGS = frozenset({"cover", "interlaced", "motion", "variable_frame_rate"})
_LARGEST = 2**63  # what a column holds


class Draft:
    """Collects fields with their origins; `facts` ends it."""

    def __init__(self, reader: str, kind: Kind) -> None:
        self.reader = reader
        self.kind = kind
        self.streams: list[Stream] = []
        self.chapters: list[Chapter] = []
        self.values: dict[str, Any] = {}
        self.origins: dict[str, str] = {}
        self.extra: dict[str, object] = {}
        self.candidates: list[Candidate] = []
        self._keywords: dict[str, None] = {}

    def put(self, field: str, value: object, origin: str) -> bool:
        """Set a field unless it is set or the value says nothing, and tell whether; `origin` is a tag, or `reader:tag`."""
        if field in self.values:
            return False
        value = sane(field, value)
        if value is None:
            return False
        self.values[field] = value
        self.origins[field] = self._named(origin)
        return True

    def keywords(self, words: Iterable[object], origin: str) -> None:
        """Add keywords to those that are known."""
        before = len(self._keywords)
        for word in words:
            if cleaned := clean_text(str(word)):
                self._keywords.setdefault(cleaned)
        if len(self._keywords) > before:
            known = self.origins.get("keywords")
            self.origins["keywords"] = f"{known} {self._named(origin)}" if known else self._named(origin)

    def note(self, name: str, value: object, origin: str | None = None) -> None:
        """Keep a fact that has no field of its own; the first one stays, too."""
        value = clean_text(value) if isinstance(value, str) else value
        if value is not None and not (isinstance(value, float) and not math.isfinite(value)):
            if origin and name not in self.extra:
                self.origins[name] = self._named(origin)
            self.extra.setdefault(name, value)

    def taken(self, candidate: Candidate | None) -> None:
        """Remember one answer to when it was taken."""
        if candidate is not None:
            self.candidates.append(candidate)

    def adopt(self, other: Draft, over: Container[str] = (), prefix: str = "") -> None:
        """Take over what `other` says: what `over` names even where something else is known, the rest where nothing is.

        `prefix` goes before its origins.
        """
        for field, value in other.values.items():
            if field in over or field not in self.values:
                self.values[field], self.origins[field] = value, prefix + other.origins[field]
        for name, note in other.extra.items():
            if name in over or name not in self.extra:
                self.extra[name] = note
                self.origins |= {name: prefix + other.origins[name]} if name in other.origins else {}
        if other._keywords and "keywords" in over:
            self._keywords.clear()
            self.origins.pop("keywords", None)
        if other._keywords:
            self.keywords(other._keywords, " ".join(prefix + origin for origin in other.origins["keywords"].split()))
        self.candidates += [replace(found, origin=prefix + found.origin) for found in other.candidates]
        self.streams += other.streams

    def facts(self, *, kind: Kind | None) -> Facts:
        """Return what was collected, with the most trusted time of recording; `kind` is Facts' own."""
        if best := choose(self.candidates):
            self.values |= {"taken_at": best.when, "taken_source": best.source}
            self.origins["taken_at"] = best.origin
        return Facts(
            reader=self.reader, kind=kind, streams=tuple(self.streams), chapters=tuple(self.chapters),
            keywords=tuple(self._keywords), extra=self.extra, origins=self.origins, **self.values,
        )  # fmt: skip

    def _named(self, origin: str) -> str:
        return origin if ":" in origin else f"{self.reader}:{origin}"


def sane(field: str, value: object) -> object:
    """Return a value fit for its field: cleaned text, a number within its limits; None for the rest."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, (int, float)):
        low, high = LIMITS.get(field, (-_LARGEST, _LARGEST - 1))
        if not low <= value <= high:  # true for NaN, too
            return None
        if field in _FLAGS:
            return bool(value)
        # mutagen says True channels of a mono WavPack, and EXIF's orientation may be written as a fraction.
        return float(value) if field in _REAL else int(value)
    return None
