"""Tags of containers by FFmpeg's names, as PyAV and ffprobe give them, to fields."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mediaforge.extract.draft import Draft
from mediaforge.extract.taken import Candidate, candidate, parse
from mediaforge.model import TakenSource

# Field, and the tags that may hold it in order of trust. Keys are compared in lower case: Matroska writes TITLE, MP4 title.
TEXT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("title", ("title", "com.apple.quicktime.title", "com.apple.quicktime.displayname", "title-eng")),
    (
        "artist",
        ("artist", "com.apple.quicktime.artist", "author", "com.apple.quicktime.author", "performer", "iart", "wm/artist"),
    ),
    ("album", ("album", "com.apple.quicktime.album", "wm/albumtitle", "iprd")),
    ("album_artist", ("album_artist", "albumartist", "album artist", "wm/albumartist")),
    ("composer", ("composer", "wm/composer")),
    ("genre", ("genre", "com.apple.quicktime.genre", "wm/genre")),
    (
        "description",
        ("description", "com.apple.quicktime.description", "synopsis", "comment", "com.apple.quicktime.comment", "summary"),
    ),
    ("camera_make", ("com.apple.quicktime.make", "make", "com.android.manufacturer")),
    ("camera_model", ("com.apple.quicktime.model", "model", "com.android.model")),
    ("lens", ("com.apple.quicktime.camera.lens_model",)),
    ("show", ("show", "wm/seriestitle")),
    ("live_id", ("com.apple.quicktime.content.identifier",)),
)
NUMBERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("year", ("date", "year", "originalyear", "date_released", "wm/year", "com.apple.quicktime.year", "tyer", "icrd")),
    ("track", ("track", "tracknumber", "part_number", "wm/tracknumber", "iprt")),
    ("disc", ("disc", "discnumber", "wm/partofset")),
    ("season", ("season_number",)),
    ("episode", ("episode_sort",)),
    ("rating", ("com.apple.quicktime.rating.user",)),
)
TAKEN: tuple[tuple[TakenSource, str], ...] = (
    (TakenSource.QUICKTIME_OFFSET, "com.apple.quicktime.creationdate"),
    (TakenSource.CONTAINER, "creation_time"),
    (TakenSource.CONTAINER, "date_recorded"),
    (TakenSource.CONTAINER, "date_digitized"),
    (TakenSource.CONTAINER, "idit"),
)
PLACE = "com.apple.quicktime.location.name"
LOCATION = ("com.apple.quicktime.location.iso6709", "location", "location-eng", "xyz")
NOTED = (
    "encoder", "copyright", "major_brand", "publisher", "language", "com.apple.quicktime.software", "com.android.version",
    "com.android.capture.fps",
)  # fmt: skip

_POINT = re.compile(r"([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?")


def apply_tags(draft: Draft, tags: Mapping[str, str]) -> None:
    """Put what a container's tags say into the draft."""
    known = {key.lower(): value for key, value in tags.items()}
    for field, names in TEXT:
        for name in names:
            if name in known and draft.put(field, known[name], name):
                break
    for field, names in NUMBERS:
        for name in names:
            if name in known and draft.put(field, year(known[name]) if field == "year" else leading_number(known[name]), name):
                break
    for name in ("keywords", "com.apple.quicktime.keywords", "wm/category"):
        if name in known:
            draft.keywords(split_words(known[name]), name)
    for source, name in TAKEN:
        draft.taken(candidate(source, known.get(name), f"{draft.reader}:{name}"))
    draft.taken(_dated(known, draft.reader))
    draft.note("sublocation", known.get(PLACE), PLACE)
    for name in LOCATION:
        if name in known and (point := iso6709(known[name])):
            for field, number in zip(("latitude", "longitude", "altitude"), point, strict=False):
                draft.put(field, number, name)
            draft.note("sublocation", known[name].partition("/")[2], name)  # 3GPP's `loci` names the place (TS 26.244, 8.10)
            break
    for name in NOTED:
        if name in known:
            draft.note(name, known[name])


def _dated(known: Mapping[str, str], reader: str) -> Candidate | None:
    """Return the moment of a date that has a time: QuickTime's ©day of cameras, and what recorders write into WAV (bext)."""
    if "origination_date" in known:
        told = f"{known['origination_date']} {known.get('origination_time', '')}".strip()
        return candidate(TakenSource.CONTAINER, told, f"{reader}:origination_date")
    told = known.get("date", "")
    if len(told) < 16:  # a day is that of release
        return None
    when = parse(told)
    source = TakenSource.QUICKTIME_OFFSET if when and when.tzinfo else TakenSource.CONTAINER
    return candidate(source, when, f"{reader}:date")


def leading_number(value: object) -> int | None:
    """Return the number at the start of `3/12` or `03 of 12`."""
    match = re.match(r"\s*(\d{1,9})", str(value))
    return int(match[1]) if match else None


def year(value: object) -> int | None:
    """Return the year in `2000`, `2000-05-01` or `1 May 2000`."""
    match = re.search(r"(?<!\d)(\d{4})(?!\d)|(?<!\d)(\d{4})\d{4}(?!\d)", str(value))
    return int(match[1] or match[2]) if match else None


def split_words(value: str) -> list[str]:
    """Return the keywords of a list that is written with semicolons or commas."""
    return value.split(";" if ";" in value else ",")


def iso6709(text: str) -> tuple[float, ...] | None:
    """Read latitude, longitude and altitude (degrees and metres) of `+48.8577+002.295+035.000/` (ISO 6709, annex H).

    Degrees may have minutes and seconds after them: `+4851.46`, `+485124.0`.
    """
    match = _POINT.search(text)
    if not match:
        return None
    values = [_degrees(match[1], 2), _degrees(match[2], 3)]
    if values == [0.0, 0.0]:  # what phones write while they do not know where they are
        return None
    return (*values, float(match[3])) if match[3] else tuple(values)


def _degrees(text: str, digits: int) -> float:
    sign, whole, fraction = re.fullmatch(r"([+-])(\d+)(\.\d+)?", text).groups()  # type: ignore[union-attr]  # _POINT's own groups
    extra = len(whole) - digits
    value = float(whole + (fraction or ""))
    if extra >= 3:
        degrees, rest = divmod(value, 10_000)
        value = degrees + (rest // 100) / 60 + (rest % 100) / 3600
    elif extra >= 1:
        degrees, minutes = divmod(value, 100)
        value = degrees + minutes / 60
    return -value if sign == "-" else value
