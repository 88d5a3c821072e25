"""When a file was taken: the sources in order of trust, and what none of them is believed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from mediaforge.model import TakenSource

# Most trusted first. EXIF's own clock was set by the person or phone on the spot; GPS time is exact but UTC, and old by hours
# where the fix was stale; a container's creation_time is UTC by standard and local time by many cameras; Google Photos had it
# from one of these, or from a person; a name was often given by the device. EXIF's DateTime is when a program last wrote the
# file, hence after the name: `Candidate.weak`.
TRUST = (
    TakenSource.EXIF_OFFSET,
    TakenSource.EXIF,
    TakenSource.GPS,
    TakenSource.QUICKTIME_OFFSET,
    TakenSource.CONTAINER,
    TakenSource.TAKEOUT,
    TakenSource.FILENAME,
    TakenSource.MTIME,
)
_RANK = {source: rank for rank, source in enumerate(TRUST)}
_EXIF = (TakenSource.EXIF_OFFSET, TakenSource.EXIF)
_BEFORE_MTIME = len(TRUST) - 1.5

_ZONES, _FARTHEST = timedelta(minutes=15), timedelta(hours=14)  # time zones differ by, and at most from UTC
_DELAY = timedelta(minutes=2)  # between the shot and the name of its file
_MIDNIGHT = datetime.min.time()  # of a name that has no time

_EPOCHS = frozenset({(1904, 1, 1), (1970, 1, 1), (1980, 1, 1)})  # QuickTime's, Unix's and FAT's zero, when it is midnight
_EARLIEST = 1826  # the oldest photograph; earlier dates are noise
_DATE = re.compile(
    r"\s*(\d{4})[-:/.](\d\d?)[-:/.](\d\d?)"
    r"(?:[T _]+(\d\d?)[:.](\d\d)(?:[:.](\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?)?"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer to when a file was taken: aware where the offset is known, naive local time at the place where not."""

    source: TakenSource
    when: datetime
    origin: str  # reader:tag
    weak: bool = False  # believed only before the file's mtime
    copied: bool = False  # XMP's or IPTC's copy: never believed before EXIF's own clock, but asked for its offset


def candidate(
    source: TakenSource, value: str | datetime | None, origin: str, *, weak: bool = False, copied: bool = False
) -> Candidate | None:
    """Return a candidate, or None when the value is no date or a nonsensical one."""
    when = parse(value) if isinstance(value, str) else value
    return Candidate(source, when, origin, weak, copied) if when and is_sane(when) else None


def parse(value: str) -> datetime | None:
    """Read `2021:07:04 12:00:00.25+02:00` and ISO 8601; a date alone is midnight; None where it is no date."""
    match = _DATE.match(value)
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        return datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            min(int(second or 0), 59),
            micro,
            parse_offset(zone),
        )
    except ValueError:
        return None


def parse_offset(text: str | None) -> timezone | None:
    """Read `+02:00`, `+0200`, `Z` or `UTC`; None where it says nothing or cannot be."""
    match = re.fullmatch(r"\s*(?:(Z|UTC)|([+-])(\d\d):?(\d\d))\s*", text or "")
    if not match:
        return None
    if match[1]:
        return UTC
    minutes = int(match[3]) * 60 + int(match[4])
    return timezone(timedelta(minutes=-minutes if match[2] == "-" else minutes)) if minutes <= 15 * 60 else None


def is_sane(when: datetime) -> bool:
    """Tell whether a date can be meant: no epoch's zero, not before photography, not in the future (of any zone)."""
    if when.year < _EARLIEST or (
        (when.year, when.month, when.day) in _EPOCHS and (when.hour, when.minute, when.second) == (0, 0, 0)
    ):
        return False
    naive = when.replace(tzinfo=None)
    return naive <= datetime.fromtimestamp(time.time(), UTC).replace(tzinfo=None) + timedelta(days=1)


def from_mtime(mtime_ns: int) -> Candidate:
    """Return the file's own time in this machine's zone: the last resort, which every file has."""
    try:
        when = datetime.fromtimestamp(mtime_ns // 1_000_000_000).astimezone()
    except (OverflowError, OSError, ValueError):  # a file system may hold times that no calendar has
        when = datetime.fromtimestamp(0, UTC)
    return Candidate(TakenSource.MTIME, when, "stat:mtime")


def choose(candidates: Iterable[Candidate]) -> Candidate | None:
    """Return the most trusted candidate, the first of equals; EXIF's with what copies of the same second add to it."""
    known = list(candidates)
    best = min(known, key=_rank, default=None)
    if best and best.source is TakenSource.TAKEOUT:
        return _at_the_place(best, known)
    if best is None or best.source not in _EXIF or best.weak or best.copied:
        return best
    for other in known:
        if other.copied and _local_second(other.when) == _local_second(best.when):
            best = _completed(best, other)
    return best


def _at_the_place(best: Candidate, known: Iterable[Candidate]) -> Candidate:
    """Return an instant in UTC as the local time that the file's name has for it, where the two differ by a time zone."""
    for other in known:
        if other.source is TakenSource.FILENAME and other.when.tzinfo is None and other.when.time() != _MIDNIGHT:
            offset = other.when.replace(tzinfo=UTC) - best.when
            zone = round(offset / _ZONES) * _ZONES
            if abs(zone) <= _FARTHEST and abs(offset - zone) <= _DELAY:
                return Candidate(best.source, best.when.astimezone(timezone(zone)), f"{best.origin} {other.origin}")
    return best


def _completed(best: Candidate, other: Candidate) -> Candidate:
    """Return `best` with the offset and the fraction of a second that only its copy has."""
    when = best.when.replace(
        tzinfo=best.when.tzinfo or other.when.tzinfo, microsecond=best.when.microsecond or other.when.microsecond
    )
    if when == best.when and when.tzinfo == best.when.tzinfo:
        return best
    source = TakenSource.EXIF_OFFSET if when.tzinfo else TakenSource.EXIF
    return Candidate(source, when, f"{best.origin} {other.origin}")


def _local_second(when: datetime) -> datetime:
    return when.replace(tzinfo=None, microsecond=0)


def _rank(found: Candidate) -> float:
    if found.weak:
        return _BEFORE_MTIME
    return _RANK[TakenSource.EXIF] + 0.5 if found.copied else _RANK[found.source]
