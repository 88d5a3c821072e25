"""The items of a HEIF or AVIF (ISO/IEC 23008-12, ISO/IEC 14496-12 8.11): the coded size, and metadata by the way.

libheif turns and crops a picture before it states a size; the catalogue keeps the size as coded, as other tools state it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from mediaforge.extract.boxes import boxes, read_box

THUMBNAIL_OF = b"thmb"
"""How a preview refers to the picture that it is made of (ISO/IEC 23008-12, 6.4.4)."""

_MOST_ITEMS = 10_000
_LARGEST = 4 * 2**20  # bytes of a metadata item


@dataclass(frozen=True, slots=True)
class Items:
    """The primary picture's coded size, and the blocks of metadata."""

    size: tuple[int, int] | None
    exif: bytes = b""
    xmp: bytes = b""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its item, its coded size, its ICC profile, or its primaries and transfer (ITU-T H.273), how it is turned."""

    item: int
    size: tuple[int, int] | None
    profile: bytes | None
    coded: tuple[int, int] | None
    turned: tuple[tuple[bytes, bytes], ...]


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


def read_pictures(file: BinaryIO) -> tuple[Picture, tuple[Picture, ...]] | None:
    """Return the primary picture, and the previews that are made of it; None where a file does not say which it is."""
    parts = dict(reversed(list(boxes(read_box(file, b"meta") or b"", 4))))
    primary = _primary(parts)
    if primary is None:
        return None
    previews = [
        _picture(parts, item)
        for kind, item, of in _references(parts.get(b"iref", b""))
        if kind == THUMBNAIL_OF and primary in of
    ]
    return _picture(parts, primary), tuple(previews)


def _picture(parts: dict[bytes, bytes], item: int) -> Picture:
    properties = _properties(parts, item)
    colours = [content for kind, content in properties if kind == b"colr"]
    profile = next((content[4:] for content in colours if content[:4] in (b"prof", b"rICC")), None)
    coded = next(
        (struct.unpack_from(">HH", content, 4) for content in colours if content[:4] == b"nclx" and len(content) >= 8), None
    )
    turned = tuple(prop for prop in properties if prop[0] in (b"irot", b"imir", b"clap"))
    return Picture(item, _size_in(properties), profile, coded, turned)


def _references(iref: bytes) -> Iterator[tuple[bytes, int, tuple[int, ...]]]:
    """Yield how, which item, and to which others it refers (14496-12, 8.11.12)."""
    letter, step = ("H", 2) if iref[:1] == b"\0" else ("I", 4)
    for kind, content in boxes(iref, 4):
        if len(content) >= step + 2:
            item, count = struct.unpack_from(f">{letter}H", content)
            count = min(count, (len(content) - step - 2) // step)
            yield kind, item, struct.unpack_from(f">{count}{letter}", content, step + 2)


def _primary(parts: dict[bytes, bytes]) -> int | None:
    pitm = parts.get(b"pitm", b"")
    if len(pitm) < 6 or (pitm[0] and len(pitm) < 8):
        return None
    number: int = struct.unpack_from(">I" if pitm[0] else ">H", pitm, 4)[0]
    return number


def _size(parts: dict[bytes, bytes]) -> tuple[int, int] | None:
    primary = _primary(parts)
    return None if primary is None else _size_in(_properties(parts, primary))


def _size_in(properties: Sequence[tuple[bytes, bytes]]) -> tuple[int, int] | None:
    for kind, content in properties:
        if kind == b"ispe" and len(content) >= 12:
            width, height = struct.unpack_from(">II", content, 4)
            return width, height
    return None


def _properties(parts: dict[bytes, bytes], item: int) -> list[tuple[bytes, bytes]]:
    """Return what is said of an item, in order."""
    inner = dict(boxes(parts.get(b"iprp", b"")))
    known = list(boxes(inner.get(b"ipco", b"")))
    indexes = _associations(inner.get(b"ipma", b"")).get(item, ())
    return [known[index - 1] for index in indexes if 0 < index <= len(known)]


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
