"""Which of several copies is the best, and why: one table of criteria, for exact copies and for alike ones. Pure."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mediaforge.model import RAW_SUFFIXES, Kind, LibraryId, MediaId, TakenSource

_TRUSTED = frozenset(TakenSource) - {TakenSource.FILENAME, TakenSource.MTIME}
_SOURCES = {
    TakenSource.PERSON: "you",
    TakenSource.EXIF_OFFSET: "EXIF",
    TakenSource.EXIF: "EXIF",
    TakenSource.GPS: "GPS",
    TakenSource.QUICKTIME_OFFSET: "QuickTime",
    TakenSource.CONTAINER: "its container",
    TakenSource.TAKEOUT: "Google Takeout",
    TakenSource.FILENAME: "its name",
    TakenSource.MTIME: "its file",
}

# What programs put into the name of a copy: "a (1)", "a copy 2", "a - Copy", "Copy of a", "a~2", and the same of others.
_COPY = "cop(?:y|ie|ia)|kopie|kopi|コピー|副本"
_COPIED = re.compile(
    rf"(?:{_COPY})\s+(?:of|von|de|di|van)\s.+|.*(?:\s?\(\d{{1,3}}\)|[\s_.-](?:{_COPY})(?:[\s_]?\(?\d{{1,3}}\)?)?|~\d{{1,3}})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A copy, and what speaks for it.

    `file` is what two names of one file have in common. `edits`: a sidecar says how the picture is edited. `said` is how much
    a person said of it: tags, ratings, notes, collections.
    """

    id: MediaId
    library: LibraryId
    path: bytes  # absolute
    kind: Kind
    suffix: str
    size: int
    mtime_ns: int
    file: str = ""
    here: bool = True
    width: int | None = None
    height: int | None = None
    bit_rate: int | None = None
    taken: str = ""  # local time at the place, ISO 8601
    taken_source: TakenSource = TakenSource.MTIME
    edits: bool = False
    said: int = 0


@dataclass(frozen=True, slots=True)
class Criterion:
    """One reason for one copy and against another: the greater `of` it, the better. `said` tells what it is of one copy."""

    name: str
    of: Callable[[Candidate], Any]
    said: Callable[[Candidate], str]
    better: str  # than the others
    worse: str  # than the best


def _pixels(one: Candidate) -> int:
    return (one.width or 0) * (one.height or 0)


def _rate(one: Candidate) -> int:
    return 0 if one.kind is Kind.IMAGE else one.bit_rate or 0


def _dated(one: Candidate) -> bool:
    return one.taken_source in _TRUSTED


def _earliness(one: Candidate) -> float:
    """Return the greater a number, the earlier a picture was taken, where that is to be trusted."""
    if not (_dated(one) and one.taken):
        return 0.0
    return -(datetime.fromisoformat(one.taken) - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 - local


def _is_original(one: Candidate) -> bool:
    stem = os.path.splitext(os.path.basename(os.fsdecode(one.path)))[0]
    return not _COPIED.fullmatch(stem)


def _day(one: Candidate) -> str:
    seconds = one.mtime_ns // 10**9
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):
        return "at no date"


def _bits(one: Candidate) -> str:
    return f"{_rate(one) / 1e6:.1f} Mbit/s" if _rate(one) >= 1e6 else f"{_rate(one) / 1e3:.0f} kbit/s"


# The most telling first. Copies whose bytes are the same differ in the last ones alone.
CRITERIA: tuple[Criterion, ...] = (
    Criterion("here", lambda one: one.here, lambda _one: "", "it is here", "on a volume that is not here"),
    Criterion("raw", lambda one: one.suffix in RAW_SUFFIXES, lambda one: one.suffix.upper(), "a RAW picture", "no RAW picture"),
    Criterion("resolution", _pixels, lambda one: f"{one.width or 0}×{one.height or 0}", "the others are smaller", "smaller"),
    Criterion("bit_rate", _rate, _bits, "the others have less", "less"),
    Criterion("dated", _dated, lambda one: f"taken_at from {_SOURCES[one.taken_source]}", "", ""),
    Criterion("taken", _earliness, lambda one: f"taken {one.taken[:19].replace('T', ' ')}", "the others later", "later"),
    Criterion(
        "bytes",
        lambda one: one.size if one.kind is Kind.IMAGE else 0,
        lambda one: f"{one.size:,} bytes",
        "the others are compressed more",
        "compressed more",
    ),
    Criterion("edits", lambda one: one.edits, lambda _one: "", "it has edits beside it", "no edits beside it"),
    Criterion("name", _is_original, lambda _one: "", "the others are copies by their names", "a copy by its name"),
    Criterion("modified", lambda one: -one.mtime_ns, lambda one: f"modified {_day(one)}", "the others later", "later"),
    Criterion(
        "depth", lambda one: -one.path.count(b"/"), lambda _one: "", "the others are in deeper folders", "in a deeper folder"
    ),
    Criterion("path", lambda one: -len(one.path), lambda _one: "", "its path is the shortest", "a longer path"),
    Criterion("library", lambda one: -one.library, lambda _one: "", "its library was added first", "in a later library"),
    Criterion("said", lambda one: one.said, lambda _one: "", "you said more of it", "you said less of it"),
    Criterion("id", lambda one: -one.id, lambda _one: "", "it was found first", "found later"),
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A copy, and why it stands where it stands: why it is the best, or why it is not."""

    candidate: Candidate
    why: tuple[str, ...]


def rank(candidates: Sequence[Candidate]) -> list[Ranked]:
    """Return copies with the best first: by the first criterion that tells one from the other."""
    told = [(tuple([criterion.of(one) for criterion in CRITERIA]), one) for one in candidates]
    told.sort(key=lambda each: each[0], reverse=True)
    (best_values, best), *others = told
    deciding = [_first_difference(best_values, values) for values, _other in others]
    why = []
    for criterion in CRITERIA:
        if count := sum(decided is criterion for decided in deciding):
            better = criterion.better if count == len(others) else criterion.better.replace("the others", "others")
            why.append(_said(criterion, best, better))
    behind = zip(deciding, others, strict=True)
    return [Ranked(best, tuple(why)), *(Ranked(one, (_said(by, one, by.worse),)) for by, (_values, one) in behind)]


def _first_difference(best: Sequence[object], other: Sequence[object]) -> Criterion:
    of_all = zip(CRITERIA, best, other, strict=True)
    return next((criterion for criterion, mine, theirs in of_all if mine != theirs), CRITERIA[-1])


def _said(criterion: Criterion, one: Candidate, compared: str) -> str:
    return ", ".join(filter(None, (criterion.said(one), compared)))
