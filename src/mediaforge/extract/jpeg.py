"""JPEG (ITU-T T.81, annex B): size and metadata, which stand in segments before the pixels.

Our own because these are most of what people have, and it takes a third of Pillow's time; and because what stands before a
broken segment is often whole.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from mediaforge.errors import ExtractError
from mediaforge.extract.door import door
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import Exif, parse_exif, text
from mediaforge.extract.iptc import from_photoshop
from mediaforge.extract.metadata import apply_metadata
from mediaforge.model import Kind

_MOST = 10_000  # segments
_PIECE, _LARGEST = 2**20, 2**24  # bytes that are read at once, where the first ones do not suffice, and at most
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF markers (table B.1)
_ALONE = frozenset({0x00, 0x01, 0xC8, *range(0xD0, 0xDA), *range(0xF0, 0xFE)})  # markers without a segment
_SCAN, _EXIF_OR_XMP, _PHOTOSHOP, _COMMENT = 0xDA, 0xE1, 0xED, 0xFE
_MARKS = {"exif": b"Exif\0\0", "xmp": b"http://ns.adobe.com/xap/1.0/\0", "photoshop": b"Photoshop 3.0\0"}


@dataclass(slots=True)
class Found:
    """What the segments hold, whole or not: size and depth of the picture, blocks of metadata, a comment."""

    size: tuple[int, int] | None = None
    depth: int | None = None
    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""
    comment: bytes | None = None


def read(path: str, _suffix: str, head: bytes, kind: Kind) -> Draft:
    """Read a JPEG up to its pixels."""
    draft = Draft("jpeg", kind)
    with door():
        found = find(path, head)
        if found.size is None or not all(found.size):
            raise ExtractError("ends before its size")
        draft.put("format", "jpeg", "signature")
        draft.put("width", found.size[0], "SOF")
        draft.put("height", found.size[1], "SOF")
        draft.put("bit_depth", found.depth, "SOF")
        exif = parse_exif(found.exif) if found.exif else Exif()
        apply_metadata(draft, exif, found.xmp, found.iptc)
        if found.comment is not None:
            draft.note("comment", text(found.comment))
    return draft


def find(path: str, head: bytes) -> Found:
    """Return what stands before the pixels, or before what is broken."""
    found, resources = Found(), b""
    for marker, data in _segments(path, head):
        if marker in _FRAMES and len(data) >= 5:
            depth, height, width = struct.unpack_from(">BHH", data)
            found.size, found.depth = (width, height), depth
        elif marker == _EXIF_OR_XMP and data.startswith(_MARKS["exif"]):
            found.exif += data[6:] if found.exif else data  # more than 64 KiB goes on in further segments
        elif marker == _EXIF_OR_XMP and data.startswith(_MARKS["xmp"]):
            found.xmp = data[len(_MARKS["xmp"]) :]
        elif marker == _PHOTOSHOP and data.startswith(_MARKS["photoshop"]):
            resources += data[len(_MARKS["photoshop"]) :]  # one that is larger than a segment goes on in the next
        elif marker == _COMMENT:
            found.comment = data
    found.iptc = from_photoshop(resources)
    return found


def _segments(path: str, head: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and content of each segment before the pixels; a file that ends within one has the last of them."""
    data, position = head, 2
    for _ in range(_MOST):
        data = _reaching(path, data, position + 4)
        position = data.find(b"\xff", position)
        if position < 0 or position + 4 > len(data) or data[position + 1] == _SCAN:
            return
        marker = data[position + 1]
        if marker == 0xFF or marker in _ALONE:
            position += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        end = position + 2 + length
        data = _reaching(path, data, end)
        if length < 2:
            return
        yield marker, data[position + 4 : end]
        position = end


def _reaching(path: str, data: bytes, end: int) -> bytes:
    """Return `data` with what follows it in the file, where it does not reach `end`."""
    if end <= len(data) or end > _LARGEST:
        return data
    with open(path, "rb") as file:
        file.seek(len(data))
        return data + file.read(max(_PIECE, end - len(data)))
