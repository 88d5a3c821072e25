"""How the values of a query are read: text to numbers, durations, times, with what equality and comparison mean for each.

A value that is not right raises ValueError, and the message says which values are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as SQL compares it.

    `x` equals it where low <= x < high, or x = low where the two are the same. `point`, where there is one, is what
    `>` and `<` and the ends of ranges compare with; a period such as a year has none, and `>` means after all of it.
    """

    low: object
    high: object
    point: object = None


Reader = Callable[[str, datetime], Reading]

_THOUSANDS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
SIZES = {
    **{f"{unit}{b}": factor for unit, factor in _THOUSANDS.items() for b in ("", "b")},
    **{f"{unit}i{b}": 1024**power for power, unit in enumerate("kmgt", 1) for b in ("", "b")},
}
BIT_RATES = {f"{unit}{b}": factor for unit, factor in _THOUSANDS.items() for b in ("", "bps", "bit/s", "b/s")}
HERTZ = {f"{unit}{hz}": factor for unit, factor in _THOUSANDS.items() for hz in ("", "hz")}
PIXELS = {"": 1, "p": 1, "i": 1, "px": 1}
MILLIMETRES: Mapping[str, int | Decimal] = {"": 1, "mm": 1}
METRES: Mapping[str, int | Decimal] = {"m": Decimal("0.001"), "km": 1, "": 1, "mi": Decimal("1.609344")}  # to kilometres
_QUANTITY = re.compile(r"([+-]?[0-9]{1,15}(?:\.[0-9]{1,9})?) ?([a-z/]*)", re.IGNORECASE)
_CLOCK = re.compile(r"(?:([0-9]{1,4}):)?([0-9]{1,4}):([0-9]{2}(?:\.[0-9]{1,6})?)")
_NUMBER = r"([0-9]{1,9}(?:\.[0-9]{1,6})?)"
_DURATION = re.compile(rf"(?:{_NUMBER} ?h)? ?(?:{_NUMBER} ?m(?:in)?)? ?(?:{_NUMBER} ?s)?", re.IGNORECASE)
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2})(?:[t ]([0-9]{1,2})(?::([0-9]{2})(?::([0-9]{2}))?)?)?)?)?")
_TIMES = "a time is written 2021, 2021-07, 2021-07-04, 2021-07-04T18:30, today, yesterday, or -7d (h, d, w, m, y)"
_AGO = re.compile(r"-([0-9]{1,5})([hdwmy])")


def quantity(text: str, units: Mapping[str, int | Decimal], right: str) -> tuple[Decimal, Decimal]:
    """Return a number in its base unit and the worth of its last digit; `right` says which values are right."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None or match[2].lower() not in units:
        raise ValueError(right)
    number, factor = Decimal(match[1]), units[match[2].lower()]
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # a finite number
    return number * factor, Decimal(10) ** exponent * factor


def whole(right: str, units: Mapping[str, int | Decimal] = PIXELS) -> Reader:
    """Return a reader of whole numbers; with a unit or a fraction, equal is what rounds to the digits written."""

    def read(text: str, _now: datetime) -> Reading:
        value, step = quantity(text, units, right)
        if step == 1:
            return Reading(_plain(value), _plain(value))
        return _about(value, step)

    return read


def fraction(right: str, units: Mapping[str, int | Decimal]) -> Reader:
    """Return a reader of numbers with fractions; equal is what rounds to the digits written."""
    return lambda text, _now: _about(*quantity(text, units, right))


def _about(value: Decimal, step: Decimal) -> Reading:
    return Reading(_plain(value - step / 2), _plain(value + step / 2), _plain(value))


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() and abs(value) < 2**62 else float(value)


def duration(text: str, _now: datetime) -> Reading:
    """Read 90, 90s, 5m, 1h30m, 1:30 or 1:02:03 as seconds."""
    text = text.strip()
    match = _CLOCK.fullmatch(text) or _DURATION.fullmatch(re.sub(r"^[0-9.]+$", r"\g<0>s", text))
    if not text or match is None:
        raise ValueError("a duration is written 90s, 5m, 1h30m, 1:30 or 1:02:03")
    value, step = Decimal(0), Decimal(1)
    for part, unit in zip(match.groups(), (3600, 60, 1), strict=True):
        if part is not None:
            number, step = quantity(part, {"": unit}, "")
            value += number
    return _about(value, step)


def exposure(text: str, _now: datetime) -> Reading:
    """Read 1/250, 0.004 or 2s as seconds."""
    right = "an exposure is written 1/250, 0.5 or 2s"
    if not (below := re.fullmatch(r"1/(\S+)", text.strip())):
        return _about(*quantity(text, {"": 1, "s": 1}, right))
    value, step = quantity(below[1], {"": 1, "s": 1}, right)
    if value <= step / 2:
        raise ValueError(right)
    return Reading(float(1 / (value + step / 2)), float(1 / (value - step / 2)), float(1 / value))


def aperture(text: str, now: datetime) -> Reading:
    """Read 2.8 or f/2.8."""
    return fraction("an aperture is written 2.8 or f/2.8", {"": 1})(re.sub(r"^[fF]/?", "", text.strip()), now)


def _period(text: str, now: datetime) -> tuple[datetime, datetime, bool]:
    """Return the beginning and end of a time as it is written, in the clock of `now`; True if it is a point."""
    if text in ("today", "yesterday"):
        day = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=text == "yesterday")
        return day, day + timedelta(days=1), False
    if match := _AGO.fullmatch(text):
        then = _ago(now, int(match[1]), match[2])
        return then, then, True
    if match := _DATE.fullmatch(text):
        given = [int(part) for part in match.groups() if part is not None]
        year, month, date, hour, minute, second = given + [0, 1, 1, 0, 0, 0][len(given) :]
        low = datetime(year, month, date, hour, minute, second, tzinfo=now.tzinfo)
        return low, _after(low, len(given)), False
    raise ValueError("no time")


def _after(low: datetime, given: int) -> datetime:
    if given == 1:
        return low.replace(year=low.year + 1)
    if given == 2:
        return low.replace(year=low.year + low.month // 12, month=low.month % 12 + 1)
    return low + timedelta(**{("days", "hours", "minutes", "seconds")[given - 3]: 1})


def _ago(now: datetime, count: int, unit: str) -> datetime:
    if unit in "my":
        months = now.year * 12 + now.month - 1 - count * (12 if unit == "y" else 1)
        first = now.replace(year=months // 12, month=months % 12 + 1, day=1)
        last_day = (_after(first, 2) - timedelta(days=1)).day
        return first.replace(day=min(now.day, last_day))
    return now - timedelta(**{{"h": "hours", "d": "days", "w": "weeks"}[unit]: count})


def _time(stored: Callable[[datetime], object]) -> Reader:
    def read(text: str, now: datetime) -> Reading:
        try:
            low, high, point = _period(text.strip().lower(), now)
            first, last = stored(low), stored(high)
        except (ValueError, OverflowError) as error:
            raise ValueError(
                "a time is written 2021, 2021-07, 2021-07-04, 2021-07-04T18:30, today, yesterday, or -7d"
            ) from error
        return Reading(first, last, first if point else None)

    return read


local_time = _time(lambda at: at.replace(tzinfo=None).isoformat(timespec="seconds"))
utc_time = _time(lambda at: at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds"))
nanoseconds = _time(lambda at: int(at.timestamp()) * 10**9)

# Codecs by the names people use, in FFmpeg's.
CODECS: Mapping[str, str] = {
    "h265": "hevc",
    "h.265": "hevc",
    "x265": "hevc",
    "avc": "h264",
    "h.264": "h264",
    "x264": "h264",
    "divx": "mpeg4",
    "xvid": "mpeg4",
    "mpeg2": "mpeg2video",
    "prores_ks": "prores",
    "dolby": "ac3",
    "srt": "subrip",
    "pgs": "hdmv_pgs_subtitle",
    "jpg": "mjpeg",
    "jpeg": "mjpeg",
}
# Formats by other names, in ours.
FORMATS: Mapping[str, str] = {"jpg": "jpeg", "tif": "tiff", "mkv": "matroska", "m4v": "mp4", "heic": "heif"}


def language_codes(text: str) -> tuple[str, ...]:
    """Return every code of the language that a code or an English name tells."""
    from mediaforge.languages import SAME_LANGUAGE  # here: few queries ask for a language

    code = text.strip().lower()
    if known := SAME_LANGUAGE.get(code):
        return known
    if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]+)*", code):
        return (code,)
    raise ValueError("a language is written en, eng or english")
