"""IPTC's information interchange model (IIM 4.2), as Photoshop embeds it: title, words, caption, people and place."""

from __future__ import annotations

import struct

from mediaforge.extract.draft import Draft
from mediaforge.extract.taken import candidate
from mediaforge.model import TakenSource

_MOST = 2000  # records
_SIGNATURES = frozenset({b"8BIM", b"PHUT", b"DCSR", b"AgHg", b"MeSa"})  # Photoshop's, and those of other programs beside it
_UTF8 = b"\x1b%G"  # ISO 2022's escape to UTF-8, in record 1:90


def from_photoshop(data: bytes) -> bytes:
    """Return the IPTC (resource 0x0404, in one piece or several) of Photoshop's image resources; empty where there is none."""
    position, found = 0, b""
    while data[position : position + 4] in _SIGNATURES and position + 12 <= len(data):
        resource, name = struct.unpack_from(">HB", data, position + 4)
        start = position + 6 + (name + 2) // 2 * 2  # the name is padded to even, its length byte included
        if start + 4 > len(data):
            break
        size = struct.unpack_from(">I", data, start)[0]
        if resource == 0x0404:
            found += data[start + 4 : start + 4 + size]
        position = start + 4 + size + size % 2
    return found


def records(data: bytes) -> dict[int, list[str]]:
    """Return the values of each dataset of record 2, decoded."""
    found: dict[int, list[bytes]] = {}
    position, utf8 = 0, False
    for _ in range(_MOST):
        position += len(data) - position - len(data[position:].lstrip(b"\0"))  # between two pieces
        if position + 5 > len(data) or data[position] != 0x1C:
            break
        record, number, size = struct.unpack_from(">BBH", data, position + 1)
        if size & 0x8000:  # an extended length: more than any text needs
            break
        value = data[position + 5 : position + 5 + size]
        position += 5 + size
        if (record, number) == (1, 90):
            utf8 = _UTF8 in value
        elif record == 2:
            found.setdefault(number, []).append(value)
    return {number: [_decode(value, utf8) for value in values] for number, values in found.items()}


def _decode(value: bytes, utf8: bool) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("utf-8" if utf8 else "cp1252", "replace")


def apply_iptc(draft: Draft, data: bytes) -> None:
    """Put what an IPTC block says into the draft."""
    found = records(data)
    for field, number, name in (
        ("title", 5, "ObjectName"), ("description", 120, "Caption-Abstract"), ("artist", 80, "By-line"),
        ("title", 105, "Headline"),
    ):  # fmt: skip
        draft.put(field, next(iter(found.get(number, ())), None), f"iptc:{name}")
    draft.keywords(found.get(25, ()), "iptc:Keywords")
    for key, number, name in (
        ("sublocation", 92, "Sub-location"), ("city", 90, "City"), ("state", 95, "Province-State"),
        ("country", 101, "Country-PrimaryLocationName"), ("copyright", 116, "CopyrightNotice"),
    ):  # fmt: skip
        draft.note(key, next(iter(found.get(number, ())), None), f"iptc:{name}")
    day, clock = (next(iter(found.get(number, ())), "") for number in (55, 60))
    if len(day) == 8 and day.isdecimal():
        told = f"{day[:4]}-{day[4:6]}-{day[6:]}" + (f" {clock[:2]}:{clock[2:4]}:{clock[4:]}" if len(clock) >= 6 else "")
        draft.taken(candidate(TakenSource.EXIF, told, "iptc:DateCreated", weak=not clock, copied=True))
