"""What a file's name says: when it was taken, and which film or episode a video is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from mediaforge.extract.door import door
from mediaforge.extract.draft import Draft
from mediaforge.extract.taken import Candidate, candidate
from mediaforge.model import TakenSource

# Dates that devices and programs write into names. A year of 19xx or 20xx that stands alone is required, so that a serial
# number or a phone number is no date. A time follows after one sign, after the word that a system's language puts there, or, in
# a date without signs, at once. An hour of one digit, and AM and PM, are Apple's and WhatsApp's.
_DATE = re.compile(
    r"""(?<!\d)(?P<year>(?:19|20)\d\d)(?P<dash>[-_.]?)(?P<month>0[1-9]|1[0-2])(?P=dash)(?P<day>0[1-9]|[12]\d|3[01])
        (?:(?:[-_.\ T]|[ _-](?:at|um|à|om|kl\.?|alle)[ _-]|(?<=\d{8}))
           (?P<hour>[01]\d|2[0-3]|\d(?=[-_.:h]))(?P<dot>[-_.:h]?)(?P<minute>[0-5]\d)(?P=dot)(?P<second>[0-5]\d)
           (?:[-.]?(?P<fraction>\d{3})(?!\d))?(?:[ \u202f]?(?P<half>[AP]M)\b)?
           (?!\d{4,})\d{0,3})?
        (?!\d)""",
    re.VERBOSE,
)
_TELEGRAM = re.compile(r"@(?P<day>\d\d)-(?P<month>\d\d)-(?P<year>20\d\d)_(?P<hour>\d\d)-(?P<minute>\d\d)-(?P<second>\d\d)")
# Milliseconds since 1970, as messengers name what they save; a bare number only where it is later than 2014.
_EPOCH = re.compile(r"^(?:(?:FB_IMG_|mmexport|wx_camera_|Camera_)(1[2-9]\d{11})|(1[4-9]\d{11}))(?!\d)")
_UTC_NAMES = ("PXL_",)  # Google's camera names its files in UTC

# What a name must have before guessit is asked (8 ms a name, and it finds a title in `IMG_0001` too): SxxEyy, 1x02, a year in
# brackets or between dots, `Season 2`, `[Group] Name - 05`, or a mark of a release such as 1080p.
_SAYS_SOMETHING = re.compile(
    r"""\bs\d{1,2}[ ._-]?e\d{1,3} | (?<!\d)\d{1,2}x\d{2}(?!\d) | [(\[](?:19|20)\d\d[)\]]
      | [. _](?:19|20)\d\d[. _](?!\d\d[. _-]\d\d)
      | \bseason[ ._]?\d | \bepisode[ ._]?\d | ^\[[^\]]+\].+\b\d{1,3}\b | [. _](?:480|576|720|1080|2160)[pi]\b
      | \b(?:web-?dl|webrip|blu-?ray|bdrip|dvdrip|hdtv)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_OF_A_CAMERA = re.compile(
    r"^(?:img|dsc[fn]?|mvi|mov|vid|pxl|gopr|g[hx]\d\d|dji|screenshot|screen recording|whatsapp|signal|video|wp|p)[-_ ]?\d",
    re.IGNORECASE,
)
_FIELDS = (  # guessit's name, ours
    ("season", "season"),
    ("episode", "episode"),
    ("episode_title", "episode_title"),
    ("year", "year"),
)


def taken(name: str) -> Candidate | None:
    """Return when a file was taken as its name has it; a date alone (WhatsApp's `IMG-20210704-WA0001`) means midnight."""
    if match := _EPOCH.match(name):
        when = datetime.fromtimestamp(int(match[1] or match[2]) // 1000, UTC)
        return candidate(TakenSource.FILENAME, when, "filename:epoch")
    for match in (*_TELEGRAM.finditer(name), *_DATE.finditer(name)):
        if found := candidate(TakenSource.FILENAME, _moment(match, utc=name.startswith(_UTC_NAMES)), "filename:date"):
            return found
    return None


def _moment(match: re.Match[str], *, utc: bool) -> str:
    parts = match.groupdict(default="")
    day = f"{parts['year']}-{parts['month']}-{parts['day']}"
    if not parts["hour"]:
        return day
    hour = int(parts["hour"])
    if half := parts.get("half"):
        hour = hour % 12 + (12 if half == "PM" else 0)
    return f"{day} {hour:02}:{parts['minute']}:{parts['second']}.{parts.get('fraction') or 0}{'Z' if utc else ''}"


def identify(draft: Draft, name: str) -> None:
    """Add show, season, episode, title and year where a video's name states them."""
    if not says_something(name):
        return
    guess = _guess(name)
    episode = guess.get("type") == "episode" and ("season" in guess or "episode" in guess)
    for theirs, ours in _FIELDS:
        draft.put(ours, _first(guess.get(theirs)), f"guessit:{theirs}")
    draft.put("show" if episode else "title", guess.get("title"), "guessit:title")
    for key in ("screen_size", "source", "release_group", "edition"):
        if key in guess:
            draft.note(f"name_{key}", str(_first(guess[key])))


def says_something(name: str) -> bool:
    """Tell whether a name is worth guessit's time."""
    return _SAYS_SOMETHING.search(name) is not None and _OF_A_CAMERA.match(name) is None


@lru_cache(maxsize=4096)
def _guess(name: str) -> Mapping[str, object]:
    from guessit import guessit

    from mediaforge.errors import ExtractError

    try:
        with door():
            return dict(guessit(name, {"type": None, "no_user_config": True}))
    except ExtractError:  # a name that guessit stumbles over says nothing; the file is not broken for it
        return {}


def _first(value: object) -> object:
    """Return the first of several: an episode of two is found by its first."""
    return value[0] if isinstance(value, list) and value else value
