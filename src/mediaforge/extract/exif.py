"""EXIF (CIPA DC-008, which is TIFF 6.0 inside): the tags that matter, from bytes or from a TIFF-like file.

Our own because one parser serves JPEG, PNG, WebP, HEIF, AVIF, JPEG XL and the cameras' RAW files, whose headers differ from
TIFF's by two bytes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timezone
from typing import Any, BinaryIO

from mediaforge.extract.draft import Draft
from mediaforge.extract.taken import Candidate, candidate, parse, parse_offset
from mediaforge.model import TakenSource

Source = Callable[[int, int], bytes]
"""(offset, length) -> bytes, fewer at the end."""

_MOST_ENTRIES = 1000
_MOST_DIRECTORIES = 32
_LARGEST = 64 * 1024  # bytes of one value: a title is short
_BLOCKS = frozenset({0x02BC, 0x83BB, 0x8649})  # XMP, IPTC, Photoshop's: whole blocks inside TIFF files
_LARGEST_BLOCK = 4 * 2**20

# Type number: bytes of one, struct's letter.
_TYPES = {
    1: (1, "B"), 2: (1, "s"), 3: (2, "H"), 4: (4, "I"), 5: (8, "II"), 6: (1, "b"), 7: (1, "s"), 8: (2, "h"), 9: (4, "i"),
    10: (8, "ii"), 11: (4, "f"), 12: (8, "d"), 13: (4, "I"),
}  # fmt: skip
_ENTRIES = {order: struct.Struct(f"{order}HHI4s") for order in "<>"}  # tag, type, number, value or where it stands
_ORDERS = {b"II*\0": "<", b"MM\0*": ">", b"IIRO": "<", b"IIRS": "<", b"MMOR": ">", b"IIU\0": "<"}  # TIFF, ORF, RW2

_EXIF, _GPS, _SUBIFDS = 0x8769, 0x8825, 0x014A
MAKER_NOTE = 0x927C


@dataclass(slots=True)
class Exif:
    """Tags by number: of the main directories (first one wins), of the GPS directory, and each directory by itself.

    `source` and `order` (struct's letter) are what they were read from: a maker note is read only when it is asked for.
    """

    tags: dict[int, Any] = field(default_factory=dict)
    gps: dict[int, Any] = field(default_factory=dict)
    directories: list[dict[int, Any]] = field(default_factory=list)
    source: Source | None = None
    order: str = "<"


def parse_exif(data: bytes) -> Exif:
    """Parse a block of EXIF, with or without the `Exif` marker before it; what is broken in it is left out."""
    if data.startswith(b"Exif\0\0"):
        data = data[6:]
    return read_directories(lambda offset, length: data[offset : offset + length])


def reader_of(file: BinaryIO) -> Source:
    """Return a function (offset, length) -> bytes of a file."""

    def read_at(offset: int, length: int) -> bytes:
        file.seek(offset)
        return file.read(length)

    return read_at


def read_directories(source: Source) -> Exif:
    """Read every directory of a TIFF structure that can be reached from its header."""
    exif = Exif()
    head = source(0, 8)
    order = _ORDERS.get(head[:4])
    if order is None or len(head) < 8:
        return exif
    exif.source, exif.order = source, order
    queue: list[tuple[int, str]] = [(struct.unpack_from(f"{order}I", head, 4)[0], "main")]
    seen: set[int] = set()
    while queue and len(seen) < _MOST_DIRECTORIES:
        offset, role = queue.pop(0)
        if offset in seen or offset < 8:
            continue
        seen.add(offset)
        found, following = directory(source, order, offset)
        if role == "gps":
            exif.gps = {**found, **exif.gps}
            continue
        if role == "main":
            exif.directories.append(found)
            if following:
                queue.append((following, "next"))
        elif role in ("next", "sub"):
            exif.directories.append(found)
        if role != "next":  # the second directory of a JPEG is its thumbnail's
            exif.tags = {**found, **exif.tags} if role != "sub" else exif.tags
        queue += [(o, "exif") for o in _offsets(found, _EXIF)]
        queue += [(o, "gps") for o in _offsets(found, _GPS)]
        queue += [(o, "sub") for o in _offsets(found, _SUBIFDS)]
    return exif


def _offsets(found: dict[int, Any], tag: int) -> list[int]:
    value = found.get(tag)
    values = value if isinstance(value, tuple) else (value,)
    return [v for v in values if isinstance(v, int)]


def directory(source: Source, order: str, offset: int, wanted: frozenset[int] | None = None) -> tuple[dict[int, Any], int]:
    """Read one directory, or the `wanted` tags of it, and where the next one stands; a maker note is (offset, length)."""
    found: dict[int, Any] = {}
    start = source(offset, 2)
    if len(start) < 2:
        return found, 0
    count = struct.unpack(f"{order}H", start)[0]
    entries = source(offset + 2, min(count, _MOST_ENTRIES) * 12 + 4)
    for tag, kind, number, inline in _ENTRIES[order].iter_unpack(entries[: min(count, len(entries) // 12) * 12]):
        if wanted is not None and tag not in wanted:
            continue
        if tag == MAKER_NOTE:
            found.setdefault(tag, (struct.unpack(f"{order}I", inline)[0], number))
            continue
        width, letter = _TYPES.get(kind, (0, ""))
        length = width * number
        if not width or not number or length > (_LARGEST_BLOCK if tag in _BLOCKS else _LARGEST):
            continue
        data = inline[:length] if length <= 4 else source(struct.unpack(f"{order}I", inline)[0], length)
        if len(data) == length:
            found.setdefault(tag, _value(order, letter, number, data))
    end = count * 12
    following = struct.unpack_from(f"{order}I", entries, end)[0] if len(entries) >= end + 4 else 0
    return found, following


def _value(order: str, letter: str, number: int, data: bytes) -> Any:
    if letter == "s":
        return data
    values = struct.unpack(f"{order}{len(letter) * number}{letter[0]}", data)
    if len(letter) == 2:
        values = tuple((values[i] / values[i + 1]) if values[i + 1] else None for i in range(0, len(values), 2))
    return values[0] if number == 1 else values


# Field, tag, origin. Most pictures have few of them: what is absent costs nothing more than its absence.
_TEXTS = (
    ("camera_make", 0x010F, "exif:Make"), ("camera_model", 0x0110, "exif:Model"), ("lens", 0xA434, "exif:LensModel"),
    ("artist", 0x013B, "exif:Artist"),
)  # fmt: skip
_NUMBERS = (
    ("orientation", 0x0112, "exif:Orientation"), ("f_number", 0x829D, "exif:FNumber"),
    ("exposure_time", 0x829A, "exif:ExposureTime"), ("focal_length", 0x920A, "exif:FocalLength"),
    ("iso", 0x8827, "exif:ISOSpeedRatings"), ("iso", 0x8833, "exif:ISOSpeed"), ("rating", 0x4746, "exif:Rating"),
)  # fmt: skip
_NOTED = (("software", 0x0131), ("copyright", 0x8298), ("lens_make", 0xA433))


def apply_exif(draft: Draft, exif: Exif) -> None:
    """Put what EXIF says of the camera, the exposure, the place and the time into the draft."""
    tags = exif.tags
    for name, tag, origin in _TEXTS:
        if tag in tags:
            draft.put(name, text(tags[tag]), origin)
    for name, tag, origin in _NUMBERS:
        if tag in tags:
            draft.put(name, _first_number(tags[tag]), origin)
    if 0x4749 in tags:
        draft.put("rating", PER_CENT_STARS.get(_first_number(tags[0x4749])), "exif:RatingPercent")
    for name, tag in _NOTED:
        if tag in tags:
            draft.note(name, text(tags[tag]))
    draft.note("color_space", _COLOUR_SPACES.get(tags.get(0xA001, 0)))
    if exif.gps:
        _apply_position(draft, exif.gps)
    for found in _moments(exif):
        draft.taken(found)


def apply_exif_words(draft: Draft, exif: Exif) -> None:
    """Put EXIF's title, description and keywords into the draft: after XMP's and IPTC's, which editors write last."""
    tags = exif.tags
    for name, tag, read, origin in _WORDS:
        if tag in tags:
            draft.put(name, read(tags[tag]), origin)
    if 0x9C9E in tags:
        draft.keywords((windows_text(tags[0x9C9E]) or "").split(";"), "exif:XPKeywords")


PER_CENT_STARS: dict[float | None, int] = {1: 1, 25: 2, 50: 3, 75: 4, 99: 5}  # Windows writes these, and no others
_COLOUR_SPACES = {1: "srgb", 2: "adobe-rgb", 0xFFFD: "wide-gamut", 0xFFFE: "icc", 0xFFFF: "uncalibrated"}


def text(value: object) -> str | None:
    """Return EXIF's ASCII, which is UTF-8 from phones and Latin-1 from old programs, up to its first NUL."""
    if not isinstance(value, bytes):
        return None
    value = value.split(b"\0", 1)[0]
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def windows_text(value: object) -> str | None:
    """Return the UTF-16 text of Windows' XP tags, which are written as bytes."""
    data = bytes(value) if isinstance(value, tuple) and all(isinstance(v, int) and 0 <= v < 256 for v in value) else value
    return data.decode("utf-16-le", "replace").split("\0", 1)[0] if isinstance(data, bytes) else None


def user_comment(value: object) -> str | None:
    """Return a UserComment, whose first eight bytes name its character code (EXIF 4.6.6)."""
    if not isinstance(value, bytes) or len(value) <= 8:
        return None
    code, rest = value[:8], value[8:]
    if code.startswith(b"UNICODE"):
        little = rest[1:2] == b"\0" and rest[:1] != b"\0"
        return rest.decode("utf-16-le" if little else "utf-16-be", "replace").split("\0", 1)[0]
    if code.startswith(b"JIS"):
        return rest.decode("iso2022_jp", "replace")
    # Some phones write no code at all. What is no text then is a program's own data.
    told = text(rest if code in (b"ASCII\0\0\0", bytes(8)) else value)
    return told if told and all(c.isprintable() or c in "\r\n\t" for c in told) else None


_WORDS: tuple[tuple[str, int, Callable[[object], str | None], str], ...] = (
    ("title", 0x9C9B, windows_text, "exif:XPTitle"), ("description", 0x010E, text, "exif:ImageDescription"),
    ("description", 0x9286, user_comment, "exif:UserComment"), ("description", 0x9C9C, windows_text, "exif:XPComment"),
    ("artist", 0x9C9D, windows_text, "exif:XPAuthor"),
)  # fmt: skip


def _first_number(value: object) -> float | int | None:
    value = value[0] if isinstance(value, tuple) and value else value
    return value if isinstance(value, (int, float)) else None


def _apply_position(draft: Draft, gps: dict[int, Any]) -> None:
    latitude = _degrees(gps.get(2), text(gps.get(1)), "S")
    longitude = _degrees(gps.get(4), text(gps.get(3)), "W")
    if latitude is not None and longitude is not None and abs(latitude) <= 90 and abs(longitude) <= 180:
        draft.put("latitude", latitude, "exif:GPSLatitude")
        draft.put("longitude", longitude, "exif:GPSLongitude")
    height = _first_number(gps.get(6))
    if height is not None:
        below = _first_number(int.from_bytes(gps[5][:1], "big") if isinstance(gps.get(5), bytes) else gps.get(5)) == 1
        draft.put("altitude", -height if below else height, "exif:GPSAltitude")


def _degrees(value: object, reference: str | None, negative: str) -> float | None:
    parts = _numbers(value) if isinstance(value, bytes) else value if isinstance(value, tuple) else (value,)
    if not parts or not isinstance(parts[0], (int, float)):
        return None
    degrees: float = sum(float(part) / 60.0**power for power, part in enumerate(parts[:3]) if isinstance(part, (int, float)))
    return -degrees if (reference or "").strip().upper().startswith(negative) else degrees


def _numbers(value: bytes) -> tuple[float, ...]:
    """Read degrees, minutes and seconds that a program wrote as text: `52/1,50/1,34/1`, `52,00000,50,00000,34,01180`."""
    numbers = re.findall(r"\d+(?:\.\d+)?(?:/\d+)?", text(value) or "")
    if len(numbers) == 6:  # more than three: the commas were decimal ones, too
        numbers = [f"{whole}.{fraction}" for whole, fraction in zip(numbers[::2], numbers[1::2], strict=True)]
    parts = (number.partition("/") for number in numbers[:3])
    return tuple(float(above) / (float(below or 1) or 1) for above, _, below in parts)


# Time, its offset, its fraction of a second; the name of the first.
_TIMES = (
    (0x9003, 0x9011, 0x9291, "DateTimeOriginal"),
    (0x9004, 0x9012, 0x9292, "DateTimeDigitized"),
)


def _moments(exif: Exif) -> list[Candidate | None]:
    tags = exif.tags
    found: list[Candidate | None] = []
    for number, offset, fraction, name in _TIMES:
        when = parse(text(tags.get(number)) or "")
        if when is None:
            continue
        digits = (text(tags.get(fraction)) or "").strip()
        if digits.isdecimal():
            when = when.replace(microsecond=int(digits[:6].ljust(6, "0")))
        zone = parse_offset(text(tags.get(offset))) or _offset_of_writing(tags, number)
        source = TakenSource.EXIF_OFFSET if zone else TakenSource.EXIF
        found.append(candidate(source, when.replace(tzinfo=zone) if zone else when, f"exif:{name}"))
        if found[-1]:
            break  # a scan was digitised, with an offset, long after it was taken
    clock = exif.gps.get(7)
    clock = _numbers(clock) if isinstance(clock, bytes) else clock
    if isinstance(clock, tuple) and len(clock) == 3 and all(isinstance(part, (int, float)) for part in clock):
        hour, minute, second = (int(part) for part in clock)
        told = f"{text(exif.gps.get(29)) or ''} {hour:02}:{minute:02}:{second:02}Z"
        found.append(candidate(TakenSource.GPS, told, "exif:GPSDateTime"))
    found.append(candidate(TakenSource.EXIF, text(tags.get(0x0132)), "exif:DateTime", weak=True))
    return found


def _offset_of_writing(tags: dict[int, Any], number: int) -> timezone | None:
    """Return the offset of DateTime where it is the same moment: some phones write no other offset."""
    return parse_offset(text(tags.get(0x9010))) if tags.get(number) == tags.get(0x0132) else None
