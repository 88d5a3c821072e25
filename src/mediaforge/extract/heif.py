"""The items of a HEIF or AVIF (ISO/IEC 23008-12, ISO/IEC 14496-12 8.11): the coded size, and metadata by the way.

libheif turns and crops a picture before it states a size; the catalogue keeps the size as coded, as other tools state it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from mediaforge.extract.boxes import boxes, read_box

_MOST_ITEMS = 10_000
_LARGEST = 4 * 2**20  # bytes of a metadata item


@dataclass(frozen=True, slots=True)
class Items:
    """The primary picture's coded size, and the blocks of metadata."""

    size: tuple[int, int] | None
    exif: bytes = b""
    xmp: bytes = b""


def read_items(file: BinaryIO) -> Items:
    """Read the primary item's `ispe` and the metadata items; what is not there is None or empty."""
    meta = read_box(file, b"meta") or b""
    parts = dict(reversed(list(boxes(meta, 4))))
    names = _names(parts.get(b"iinf", b""))
    places = _places(parts.get(b"iloc", b""))
    found = {}
    for wanted in (b"Exif", b"mime"):
        item = next((i for i, name in names.items() if name == wanted and i in places), None)
        if item is not None and places[item][1] <= _LARGEST:
            file.seek(places[item][0])
            found[wanted] = file.read(places[item][1])
    exif = found.get(b"Exif", b"")
    # An Exif item begins with the offset of its TIFF header (23008-12, annex A.2.1).
    start = 4 + struct.unpack_from(">I", exif)[0] if len(exif) > 8 else 0
    return Items(_size(parts), exif[start:], found.get(b"mime", b""))


def _size(parts: dict[bytes, bytes]) -> tuple[int, int] | None:
    pitm = parts.get(b"pitm", b"")
    if len(pitm) < 6:
        return None
    primary = struct.unpack_from(">H" if pitm[0] == 0 else ">I", pitm, 4)[0]
    inner = dict(boxes(parts.get(b"iprp", b"")))
    properties = list(boxes(inner.get(b"ipco", b"")))
    for index in _associations(inner.get(b"ipma", b"")).get(primary, ()):
        if 0 < index <= len(properties) and properties[index - 1][0] == b"ispe" and len(properties[index - 1][1]) >= 12:
            width, height = struct.unpack_from(">II", properties[index - 1][1], 4)
            return width, height
    return None


def _associations(ipma: bytes) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    if len(ipma) < 8:
        return found
    version, wide = ipma[0], ipma[3] & 1
    position = 8
    for _ in range(min(struct.unpack_from(">I", ipma, 4)[0], _MOST_ITEMS)):
        item, count = struct.unpack_from(">HB" if version == 0 else ">IB", ipma, position)
        position += 3 if version == 0 else 5
        step = 2 if wide else 1
        numbers = struct.unpack_from(f">{count}{'H' if wide else 'B'}", ipma, position)
        found[item] = [number & (0x7FFF if wide else 0x7F) for number in numbers]  # the highest bit says «essential»
        position += count * step
    return found


def _names(iinf: bytes) -> dict[int, bytes]:
    found = {}
    for kind, entry in boxes(iinf, 6 if iinf[:1] == b"\0" else 8):
        if kind == b"infe" and entry[:1] in (b"\2", b"\3") and len(entry) >= 8 + 2 * (entry[0] == 3) + 4:
            wide = entry[0] == 3
            found[struct.unpack_from(">I" if wide else ">H", entry, 4)[0]] = entry[10:14] if wide else entry[8:12]
    return found


def _places(iloc: bytes) -> dict[int, tuple[int, int]]:
    """Return item to (offset in the file, length) for items of one extent that stand in the file itself."""
    found: dict[int, tuple[int, int]] = {}
    if len(iloc) < 8:
        return found
    version = iloc[0]
    offset_size, length_size, base_size, index_size = iloc[4] >> 4, iloc[4] & 15, iloc[5] >> 4, iloc[5] & 15 if version else 0
    position = 6

    def take(size: int) -> int:
        nonlocal position
        position += size
        if position > len(iloc):
            raise ValueError("the item locations end early")
        return int.from_bytes(iloc[position - size : position], "big")

    wide = 4 if version == 2 else 2
    for _ in range(min(take(wide), _MOST_ITEMS)):
        item = take(wide)
        method = take(2) & 15 if version else 0
        take(2)  # which file: this one
        base = take(base_size)
        extents = []
        for _ in range(min(take(2), _MOST_ITEMS)):
            take(index_size)
            extents.append((base + take(offset_size), take(length_size)))
        if method == 0 and len(extents) == 1:
            found[item] = extents[0]
    return found
