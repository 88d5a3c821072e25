"""Boxes of the ISO base media file format (ISO/IEC 14496-12): just enough for what no library hands out."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

_MOST_BOXES = 4096  # on one level; real files have dozens
_LARGEST = 64 * 2**20  # bytes of one box that are read into memory
_LARGEST_PACKET = 4 * 2**20
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # of the box that holds XMP (XMP part 3, 1.2.7.1)


@dataclass(frozen=True, slots=True)
class Track:
    """What a track's header says: clockwise degrees a player turns it, and whether it is Dolby Vision."""

    rotation: int | None
    dolby_vision: bool


@dataclass(frozen=True, slots=True)
class Movie:
    """Tracks by their ids, and the packet of XMP, empty where there is none."""

    tracks: Mapping[int, Track]
    xmp: bytes


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


def read_movie(path: str) -> Movie:
    """Return what the boxes of an MP4 or QuickTime file tell beyond what FFmpeg hands out."""
    moov = packet = b""
    with open(path, "rb", buffering=0) as file:  # a few short reads, far from each other
        for kind, start, length in top_boxes(file):
            if kind == b"moov" and length <= _LARGEST and not moov:
                file.seek(start)
                moov = file.read(length)
            elif kind == b"uuid" and 16 < length <= _LARGEST_PACKET and not packet:
                file.seek(start)
                packet = file.read(length)
    packet = packet[16:] if packet.startswith(XMP_UUID) else b""
    found = {}
    for kind, content in boxes(moov):
        if kind == b"trak" and (track := _track(content)):
            found[track[0]] = track[1]
        elif kind == b"udta" and not packet:  # QuickTime's place for it (XMP part 3, 1.1.4)
            packet = next((data for name, data in boxes(content) if name == b"XMP_"), b"")
    return Movie(found, packet)


def _track(trak: bytes) -> tuple[int, Track] | None:
    """Return a track's id and what its header says."""
    header = next((content for name, content in boxes(trak) if name == b"tkhd"), b"")
    offset = 20 if header[:1] == b"\x01" else 12  # version 1 has 64-bit times
    if len(header) < offset + 64:
        return None
    matrix = struct.unpack_from(">4i", _without_w(header, offset + 28 if offset == 12 else offset + 32))
    return struct.unpack_from(">I", header, offset)[0], Track(_rotation(matrix), b"dvcC" in trak or b"dvvC" in trak)


def _without_w(header: bytes, start: int) -> bytes:
    """Return a, b, c, d of the matrix a b u / c d v / x y w (8.3.2)."""
    return header[start : start + 8] + header[start + 12 : start + 20]


def _rotation(matrix: tuple[int, ...]) -> int | None:
    a, b, c, d = matrix
    if (a, b) == (0, 0) or (c, d) == (0, 0):
        return None
    return round(math.degrees(math.atan2(b, a))) % 360
