"""Boxes of the ISO base media file format (ISO/IEC 14496-12): just enough for what no library hands out."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_MOST_BOXES = 4096  # on one level; real files have dozens
_LARGEST = 64 * 2**20  # bytes of one box that are read into memory


@dataclass(frozen=True, slots=True)
class Track:
    """What a track's header says: clockwise degrees a player turns it, and whether it is Dolby Vision."""

    rotation: int | None
    dolby_vision: bool


def top_boxes(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Yield (type, start of its content, its length) for each box of a file; stops at what is no box."""
    file.seek(0, 2)
    end, position = file.tell(), 0
    for _ in range(_MOST_BOXES):
        if position + 8 > end:
            return
        file.seek(position)
        header = file.read(16)
        size, kind = struct.unpack_from(">I4s", header)
        start = position + 8
        if size == 1 and len(header) == 16:
            size, start = struct.unpack_from(">Q", header, 8)[0], position + 16
        elif size == 0:
            size = end - position
        if size < start - position:
            return
        yield kind, start, min(position + size, end) - start
        position += size


def boxes(data: bytes, start: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """Yield (type, content) for each box of a box's content; stops at what is no box."""
    for _ in range(_MOST_BOXES):
        if start + 8 > len(data):
            return
        size, kind = struct.unpack_from(">I4s", data, start)
        header = 8
        if size == 1 and start + 16 <= len(data):
            size, header = struct.unpack_from(">Q", data, start + 8)[0], 16
        elif size == 0:
            size = len(data) - start
        if size < header:
            return
        yield kind, data[start + header : start + size]
        start += size


def read_box(file: BinaryIO, name: bytes) -> bytes | None:
    """Return the content of the first top box of that type."""
    for kind, start, length in top_boxes(file):
        if kind == name and length <= _LARGEST:
            file.seek(start)
            return file.read(length)
    return None


def tracks(path: str) -> dict[int, Track]:
    """Return track id to what its header says, of an MP4 or QuickTime file."""
    with open(path, "rb") as file:
        moov = read_box(file, b"moov")
    found = {}
    for kind, trak in boxes(moov or b""):
        if kind == b"trak":
            header = next((content for name, content in boxes(trak) if name == b"tkhd"), b"")
            offset = 20 if header[:1] == b"\x01" else 12  # version 1 has 64-bit times
            if len(header) >= offset + 64:
                matrix = struct.unpack_from(">4i", _without_w(header, offset + 28 if offset == 12 else offset + 32))
                dolby = b"dvcC" in trak or b"dvvC" in trak
                found[struct.unpack_from(">I", header, offset)[0]] = Track(_rotation(matrix), dolby)
    return found


def _without_w(header: bytes, start: int) -> bytes:
    """Return a, b, c, d of the matrix a b u / c d v / x y w (8.3.2)."""
    return header[start : start + 8] + header[start + 12 : start + 20]


def _rotation(matrix: tuple[int, ...]) -> int | None:
    a, b, c, d = matrix
    if (a, b) == (0, 0) or (c, d) == (0, 0):
        return None
    return round(math.degrees(math.atan2(b, a))) % 360
