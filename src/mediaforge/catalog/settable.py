"""What a person may set of an item: one literal table, which reads values and prints `mediaforge help set`.

A value that is not right raises ValueError, and the message says which values are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mediaforge.errors import UsageError
from mediaforge.model import TakenSource
from mediaforge.text import clean_text

Values = tuple[object, ...] | None
"""One for each column of a field; None where the value is that there is nothing."""

_CLOCK = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?"
_TIME = re.compile(rf"(\d{{4}})(?:-(\d{{1,2}})(?:-(\d{{1,2}})(?:[T ]+{_CLOCK})?)?)?", re.IGNORECASE | re.ASCII)
_TIMES = "a time is written 2021, 2021-07, 2021-07-04, 2021-07-04T18:30 or 2021-07-04T18:30:05+02:00"
_DEGREES = r"([+-]?\d{1,3}(?:\.\d{1,15})?)"
_YES, _NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")


@dataclass(frozen=True, slots=True)
class Settable:
    """One field: its columns in `media`, how a value is read, one line of help, one example; those of the full text."""

    columns: tuple[str, ...]
    read: Callable[[str], Values]
    help: str
    example: str
    indexed: str | None = None
    aliases: tuple[str, ...] = ()


def _text(value: str) -> Values:
    return (clean_text(value),)


def _whole(low: int, high: int) -> Callable[[str], Values]:
    def read(value: str) -> Values:
        if not re.fullmatch(r"[0-9]{1,9}", value.strip()) or not low <= int(value) <= high:
            raise ValueError(f"it takes a whole number of {low} to {high}")
        return (int(value),)

    return read


def _taken(value: str) -> Values:
    """Read a local time; of what is not written the first is meant, and an offset is known only where it is written."""
    match = _TIME.fullmatch(value.strip())
    if match is None:
        raise ValueError(_TIMES)
    *numbers, fraction, offset = match.groups()
    try:
        year, month, day, hour, minute, second = (int(part or least) for part, least in zip(numbers, "111000", strict=True))
        local = datetime(year, month, day, hour, minute, second, int((fraction or "0").ljust(6, "0")))  # noqa: DTZ001 - local
        return local.isoformat(), None if offset is None else _seconds(offset), TakenSource.PERSON.value
    except ValueError as error:
        raise ValueError(_TIMES) from error


def _seconds(offset: str) -> int:
    """Return seconds east of UTC; ValueError for an offset that no place has."""
    if offset in "Zz":
        return 0
    digits = offset[1:].replace(":", "").ljust(4, "0")
    seconds = (int(digits[:2]) * 60 + int(digits[2:])) * 60
    if seconds > 14 * 3600 or int(digits[2:]) > 59:
        raise ValueError(_TIMES)
    return -seconds if offset.startswith("-") else seconds


def _place_on_earth(value: str) -> Values:
    match = re.fullmatch(rf"{_DEGREES}\s*,\s*{_DEGREES}", value.strip(), re.ASCII)
    if match is None or abs(float(match[1])) > 90 or abs(float(match[2])) > 180:
        raise ValueError("a place is written LATITUDE,LONGITUDE in degrees: 48.85,2.35")
    return float(match[1]), float(match[2])


def _yes(value: str) -> Values:
    if value.strip().lower() not in (*_YES, *_NO):
        raise ValueError("it takes yes or no")
    return (True,) if value.strip().lower() in _YES else None


def _words(name: str, meaning: str, example: str, *aliases: str, indexed: bool = True) -> tuple[str, Settable]:
    """Return a text that is a column of `media`, and of `media_fts`, by its own name."""
    return name, Settable((name,), _text, meaning, example, name if indexed else None, aliases)


def _number(name: str, meaning: str, example: str, high: int, *aliases: str, low: int = 0) -> tuple[str, Settable]:
    """Return a whole number that is a column of `media` by its own name."""
    return name, Settable((name,), _whole(low, high), meaning, example, None, aliases)


# In the order in which a person meets them.
SETTABLE: Mapping[str, Settable] = dict(
    (
        _words("title", "title", "title=Holiday"),
        _words("description", "description or comment", "description='Low tide'", "comment"),
        _words("note", "a note; `mediaforge note` does it, too", "note='ask Anna'"),
        _number("rating", "0 to 5; `mediaforge rate`, too", "rating=4", 5, "stars"),
        (
            "favourite",
            Settable(("favourite",), _yes, "yes, no; `mediaforge favourite`, too", "favourite=yes", None, ("favorite",)),
        ),
        (
            "taken",
            Settable(
                ("taken_local", "taken_offset", "taken_source"),
                _taken,
                "local time; 1975-08 is enough",
                "taken=2021-07-04T18:30",
                None,
                ("date",),
            ),
        ),
        ("gps", Settable(("latitude", "longitude"), _place_on_earth, "latitude,longitude in degrees", "gps=48.85,2.35")),
        _words("place", "name of the place", "place=Paris"),
        _words("artist", "artist", "artist=ABBA"),
        _words("album", "album", "album='Kind of Blue'"),
        _words("album_artist", "artist of the album", "album_artist=Various", "albumartist"),
        _words("composer", "composer", "composer=Bach"),
        _words("genre", "genre", "genre=Jazz"),
        _number("year", "year of release", "year=1969", 9999, low=1000),
        _number("track", "number of the track", "track=1", 9999),
        _number("disc", "number of the disc", "disc=2", 999, "disk"),
        _words("show", "name of the series", "show='The Expanse'", "series"),
        _number("season", "number of the season; 0: specials", "season=3", 9999),
        _number("episode", "number of the episode", "episode=4", 99999),
        _words("episode_title", "title of the episode", "episode_title=Pilot"),
        ("camera_make", Settable(("camera_make",), _text, "make of the camera", "camera_make=Canon", "camera")),
        ("camera_model", Settable(("camera_model",), _text, "model of the camera", "camera_model='EOS R5'", "camera")),
        _words("lens", "lens", "lens='Helios 44-2'", indexed=False),
    )
)

_BY_NAME = {alias: name for name, one in SETTABLE.items() for alias in (name, *one.aliases)}


def settable_name(written: str) -> str:
    """Return the field that is called so; UsageError with the nearest one if there is none."""
    name = written.strip().lower().replace("-", "_")
    if name not in _BY_NAME:
        close = difflib.get_close_matches(name, _BY_NAME, n=1, cutoff=0.6)
        meant = f"did you mean '{close[0]}'?" if close else "list them with: mediaforge help set"
        raise UsageError(f"there is no field '{written}' to set; {meant}")
    return _BY_NAME[name]


def read_value(field: str, written: str) -> Values:
    """Return what `written` means for a field; UsageError says which values are right."""
    if clean_text(written) is None:
        raise UsageError(f"'{field}=' has no value; to take yours away, say: mediaforge unset {field} TARGET")
    try:
        return SETTABLE[field].read(written)
    except ValueError as error:
        raise UsageError(f"'{field}={written}' cannot be; {error}") from None
