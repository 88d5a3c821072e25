"""What ffprobe and exiftool say of a file beside what MediaForge says: pure comparisons, for fidelity.py and the corpus test.

A row is one field of one file. Tools disagree among themselves about which of several tags is *the* title: ours is equal
when it is one of those that the trusted tool states.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mediaforge.model import Facts, StreamType, TakenSource

Row = Mapping[str, Any]

# What is asked of exiftool (with -n: numbers as numbers).
EXIFTOOL_TAGS = (
    "ImageWidth ImageHeight Orientation Rotation Make Model ExposureTime FNumber ISO FocalLength GPSLatitude GPSLongitude"
    " DateTimeOriginal SubSecTimeOriginal CreationDate Rating Title ObjectName Headline XPTitle Description ImageDescription"
    " Caption-Abstract UserComment XPComment XPSubject Comment Artist Creator By-line Author XPAuthor Subject Keywords"
    " XPKeywords HierarchicalSubject TagsList LastKeywordXMP FileType Error"
).split()


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of one file: what each says, and how they stand to one another.

    `verdict` is equal, different, only ours, only theirs, or ours is right, and then `why` says why.
    """

    field: str
    path: str
    ours: object
    theirs: object
    verdict: str
    why: str | None = None


# Field of the table: the least share, in per cent, of what the trusted tool states that must be equal.
LEAST: Mapping[str, float] = {
    "size": 99.5, "orientation": 99, "rotation": 99, "camera": 99, "exposure": 98, "aperture": 98, "iso": 98,
    "focal length": 98, "gps": 99, "taken": 99, "sub-seconds": 99, "keywords": 97, "rating": 97, "description": 97,
    "artist": 97, "title": 97, "duration": 97, "streams": 97, "codecs": 97, "channels": 97, "sample rate": 97,
    "music: title": 98, "music: artist": 98, "music: album": 98, "music: genre": 98, "music: year": 98, "music: track": 98,
}  # fmt: skip


def same(ours: Any, theirs: Any) -> bool:
    return bool(ours == theirs)


def one_of(ours: Any, theirs: Iterable[Any]) -> bool:
    """Tell whether our text is one of theirs, white space aside; a list is one text with commas or semicolons."""
    return _plain(ours) in {_plain(told) for told in theirs}


def _plain(value: Any) -> str:
    return re.sub(r"[\s;,.]+|[^\0-\x7f]", " ", str(value).encode("ascii", "replace").decode().replace("?", " ")).strip()


def near(ours: Any, theirs: Any) -> bool:
    numbers = map(float, str(theirs).split())  # exiftool gives two ISO speeds in one text
    return any(abs(ours - number) <= 0.01 * abs(number) for number in numbers)


def place(ours: Any, theirs: Any) -> bool:
    return all(abs(a - float(b)) <= 1e-5 for a, b in zip(ours, theirs, strict=True))


def lasting(ours: Any, theirs: Any) -> bool:
    return bool(abs(ours - theirs) <= max(0.01 * theirs, 0.05))


def words(ours: Any, theirs: Any) -> bool:
    return {_plain(word) for word in theirs} <= {_plain(word) for word in ours}


def moment(ours: Any, theirs: Any) -> bool:
    """Tell whether both name one second, at the place where one says so, or as the same instant."""
    here = theirs.replace(tzinfo=ours.tzinfo) if ours.tzinfo is None or theirs.tzinfo is None else theirs
    return bool(abs(here - ours) < timedelta(seconds=1))


# Values that a trusted tool hands on though nobody meant them: (fields, whether it is such a value, why ours is right).
NONSENSE: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("exposure aperture iso focal-length", lambda told: float(str(told).split()[0]) == 0, "0 is how EXIF says «not known»"),
    ("exposure aperture iso focal-length", lambda told: float(str(told).split()[0]) >= 2**31, "2^32 - 1 is no measurement"),
    ("gps", lambda told: abs(float(told[0])) > 90 or abs(float(told[1])) > 180, "there is no such place on Earth"),
    ("gps", lambda told: float(told[0]) == float(told[1]) == 0, "0, 0 is what devices write while they do not know"),
    ("taken", lambda told: told > datetime.now(told.tzinfo) + timedelta(days=2), "that time is yet to come"),
    ("iso", lambda told: float(str(told).split()[-1]) < 25, "exiftool -n gives Pentax's number for a speed, not the speed"),
    ("orientation", lambda told: told not in range(1, 9), "EXIF knows the orientations 1 to 8"),
    ("rating", lambda told: told == 0, "0 is how cameras say that nobody has rated"),
    ("track year channels sample-rate", lambda told: told == 0, "0 is how tags and tools say «not known»"),
    ("duration", lambda told: told == 0, "nothing lasts no time"),
)
# Formats in which the tool answers another question: field, suffix, why ours is right.
ANSWERED_OTHERWISE = (("size", ".ico", "an icon is as large as its largest picture; exiftool gives the first one's size"),)
# Single files of the corpus that were looked at: field, end of the path, why ours is right.
JUDGED: tuple[tuple[str, str, str], ...] = (
    (
        "gps", "geodegrees_as_string.jpg",
        "«52,00000,50,00000,34,01180» is 52°50'34.0118\", with decimal commas; exiftool takes it for 52°0'50\"",
    ),
    ("streams", "coverart.ogg", "the cover stands in the comment COVERART, which ffprobe does not read"),
    ("codecs", "coverart.ogg", "the cover stands in the comment COVERART, which ffprobe does not read"),
    ("streams", "image.ape", "both covers are whole pictures; ffprobe guesses from a file name that is not there"),
    ("codecs", "image.ape", "both covers are whole pictures; ffprobe guesses from a file name that is not there"),
)  # fmt: skip


def _verdict(field: str, path: str, ours: Any, theirs: Any, agree: Callable[[Any, Any], bool]) -> Compared | None:
    known, told = ours not in (None, (), ""), theirs not in (None, (), "", [], {})
    if not known and not told:
        return None
    if not told:
        return Compared(field, path, ours, None, "only ours")
    if known and agree(ours, theirs):
        return Compared(field, path, ours, theirs, "equal")
    name = field.removeprefix("music: ").replace(" ", "-")
    why = next((why for names, strange, why in NONSENSE if name in names.split() and strange(theirs)), None)
    why = why or next((why for of, end, why in (*ANSWERED_OTHERWISE, *JUDGED) if of == field and path.endswith(end)), None)
    return Compared(field, path, ours, theirs, "ours is right" if why else "different" if known else "only theirs", why)


def by_ffprobe(path: str, ours: Facts, row: Row) -> Iterator[Compared]:
    """Compare what ffprobe says of a video or music; nothing where it could not read the file."""
    if row["rc"] != 0 or not row["streams"]:
        return
    for field, mine, told, agree in _of_streams(path, ours, row):
        if found := _verdict(field, path, mine, told, agree):
            yield found


def _of_streams(path: str, ours: Facts, row: Row) -> Iterator[tuple[str, Any, Any, Callable[[Any, Any], bool]]]:
    streams = row["streams"]
    pictures = [s for s in streams if s.get("codec_type") == "video" and not s.get("disposition_attached_pic")]
    sounds = [s for s in streams if s.get("codec_type") == "audio"]
    mine = [s for s in ours.streams if s.type in (StreamType.VIDEO, StreamType.AUDIO)]
    yield "streams", [s.type.value for s in ours.streams], [s.get("codec_type", "unknown") for s in streams], same
    told = [s.get("codec_name") for s in streams if s.get("codec_type") in ("video", "audio")]
    yield "codecs", [s.codec for s in mine], told, same
    if pictures and pictures[0].get("width"):
        yield "size", (ours.width, ours.height), (pictures[0]["width"], pictures[0]["height"]), same
        yield "rotation", ours.rotation or None, pictures[0].get("rotation"), same
    if sounds:
        first = next((s for s in mine if s.type is StreamType.AUDIO), None)
        yield "channels", first and first.channels, sounds[0].get("channels"), same
        yield "sample rate", first and first.sample_rate, int(sounds[0].get("sample_rate") or 0), same
    yield "duration", ours.duration, float(row["duration"]) if row.get("duration") else None, lasting
    tags = {key.lower(): value for key, value in (row["tags"] or _of_ogg(path, sounds) or {}).items()}
    for name in ("title", "artist", "album", "genre"):
        yield f"music: {name}", getattr(ours, name), [tags[name]] if tags.get(name, "").strip() else [], one_of
    for name, key in (("year", "date"), ("track", "track")):
        digits = re.match(r"\s*(\d+)", tags.get(key, "").split("/")[0])
        number = int(digits[1][:4]) if digits else None
        yield f"music: {name}", getattr(ours, name), number, same


def _of_ogg(path: str, sounds: list[Row]) -> Row | None:
    """Return the tags of the first sound where the container has none of its own: in other containers they name the track."""
    return sounds[0].get("tags") if sounds and path.lower().endswith((".ogg", ".oga", ".opus", ".spx")) else None


def by_exiftool(path: str, ours: Facts, row: Row) -> Iterator[Compared]:
    """Compare what exiftool says of a picture."""
    if "Error" in row:
        return
    for field, mine, told, agree in (*_of_camera(ours, row), *_of_words(ours, row)):
        if found := _verdict(field, path, mine, told, agree):
            yield found


def _of_camera(ours: Facts, row: Row) -> Iterator[tuple[str, Any, Any, Callable[[Any, Any], bool]]]:
    size = (row["ImageWidth"], row["ImageHeight"]) if "ImageWidth" in row and "ImageHeight" in row else None
    yield "size", (ours.width, ours.height) if ours.width else None, size, same
    yield "orientation", ours.orientation, row.get("Orientation"), same
    for name, key in (("camera_make", "Make"), ("camera_model", "Model")):
        yield "camera", getattr(ours, name), _stated(row, key), one_of
    for field, name, key in (
        ("exposure", "exposure_time", "ExposureTime"), ("aperture", "f_number", "FNumber"), ("iso", "iso", "ISO"),
        ("focal length", "focal_length", "FocalLength"),
    ):  # fmt: skip
        told = row.get(key)
        yield field, getattr(ours, name), told if re.match(r"[\d.]", str(told)) else None, near
    point = (row.get("GPSLatitude"), row.get("GPSLongitude"))
    mine = (ours.latitude, ours.longitude) if ours.latitude is not None else None
    yield "gps", mine, point if all(isinstance(number, int | float) for number in point) else None, place
    exact = ours.taken_source in (TakenSource.EXIF, TakenSource.EXIF_OFFSET)
    when = _local(str(row.get("DateTimeOriginal") or ""))
    taken = ours.taken_at.replace(tzinfo=None) if exact and ours.taken_at else None
    yield "taken", taken, when, moment
    if when and str(row.get("SubSecTimeOriginal", "")).strip().isdecimal():
        digits = str(row["SubSecTimeOriginal"]).strip()
        mine_digits = f"{taken.microsecond:06}"[: len(digits)] if taken else None
        yield "sub-seconds", mine_digits, digits[:6], same


def _of_words(ours: Facts, row: Row) -> Iterator[tuple[str, Any, Any, Callable[[Any, Any], bool]]]:
    yield "rating", ours.rating, row.get("Rating"), same
    yield "title", ours.title, _stated(row, "Title", "ObjectName", "Headline", "XPTitle"), one_of
    said = _stated(row, "Description", "ImageDescription", "Caption-Abstract", "UserComment", "XPComment", "XPSubject")
    if row.get("FileType") == "PNG":  # a JPEG's or a GIF's comment names the program that wrote it
        said += _stated(row, "Comment")
    yield "description", ours.description, said, one_of
    yield "artist", ours.artist, _stated(row, "Artist", "Creator", "By-line", "Author", "XPAuthor"), one_of
    told: list[Any] = []
    for key, between in (
        ("Subject", "|"), ("Keywords", "|"), ("HierarchicalSubject", "|"), ("TagsList", "/"), ("LastKeywordXMP", "/"),
    ):  # fmt: skip
        stated = row[key] if isinstance(row.get(key), list) else _stated(row, key)
        told += [str(word).replace(between, "|") for word in stated]
    told += [word for text in _stated(row, "XPKeywords") for word in str(text).split(";")]
    yield "keywords", ours.keywords, told, words


def of_film(path: str, ours: Facts, row: Row) -> Iterator[Compared]:
    """Compare what exiftool alone says of a video: the camera, the place, and the time with its offset."""
    point = None
    if isinstance(row.get("GPSLatitude"), int | float) and isinstance(row.get("GPSLongitude"), int | float):
        point = (row["GPSLatitude"], row["GPSLongitude"])
    checks: list[tuple[str, Any, Any, Callable[[Any, Any], bool]]] = [
        ("gps", (ours.latitude, ours.longitude) if ours.latitude is not None else None, point, place),
        ("camera", ours.camera_make, _stated(row, "Make"), one_of),
        ("camera", ours.camera_model, _stated(row, "Model"), one_of),
    ]
    if isinstance(row.get("Rotation"), int | float):
        checks.append(("rotation", ours.rotation or None, row["Rotation"] or None, same))
    if ours.video_codec and "CreationDate" in row:
        when = _local(str(row.get("CreationDate") or ""))
        checks.append(("taken", ours.taken_at and ours.taken_at.replace(tzinfo=None), when, moment))
    for field, mine, told, agree in checks:
        if found := _verdict(field, path, mine, told, agree):
            yield found


def _stated(row: Row, *keys: str) -> list[str]:
    found = []
    for key in keys:
        value = row.get(key)
        text = ", ".join(map(str, value)) if isinstance(value, list) else str("" if value is None else value)
        if text.strip(" \0"):
            found.append(text)
    return found


def _local(text: str) -> datetime | None:
    """Read exiftool's `2021:07:04 12:00:00+02:00` as the local time; None for zeros and for what is no date."""
    match = re.match(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d)(?::(\d\d))?", text)
    try:
        return datetime(*(int(part or 0) for part in match.groups())) if match else None  # type: ignore[arg-type]
    except ValueError:
        return None


def share(rows: Iterable[Compared]) -> float:
    """Return the per cent of what the trusted tool states sensibly that is equal; 100 where it states nothing."""
    verdicts = [row.verdict for row in rows if row.verdict in ("equal", "different", "only theirs")]
    return 100 * verdicts.count("equal") / len(verdicts) if verdicts else 100.0
