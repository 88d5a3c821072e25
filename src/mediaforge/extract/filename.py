"""When a file was taken, as its name says."""

from __future__ import annotations

import re
from datetime import UTC, datetime

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
