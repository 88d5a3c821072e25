"""The pictures that cameras put into their RAW files: JPEGs, of which the smallest that is large enough is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from mediaforge.extract import tiff
from mediaforge.extract.exif import read_directories, reader_of
from mediaforge.extract.thumbnail import LARGE
from mediaforge.model import Kind

_LARGEST = 64 << 20  # bytes of one JPEG
_SEARCHED = 48 << 20  # bytes in which JPEGs are looked for where no directory names them
_MOST = 64  # of them
_BEGINNING = b"\xff\xd8\xff"
_FRAMES = (0xC0, 0xC1, 0xC2)  # SOF markers (ITU-T T.81, table B.1) of what is to be seen; RAW data are lossless JPEGs, SOF3
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
# TIFF tags: where a JPEG begins and how long it is (Exif's, and as the one strip of a picture), how it is compressed.
_OFFSET, _LENGTH, _STRIPS, _STRIP_LENGTHS, _COMPRESSION = 0x0201, 0x0202, 0x0111, 0x0117, 0x0103
_JPEG = (6, 7)


@dataclass(frozen=True, slots=True)
class Preview:
    """A JPEG out of a RAW file, and EXIF's orientation of the file."""

    data: bytes
    orientation: int | None


def preview(path: str, suffix: str, head: bytes) -> Preview | None:
    """Return the JPEG to show for a RAW file; None where there is none in it."""
    with open(path, "rb") as file:
        places = [(offset, length, size) for offset, length in _named(file) if (size := _size(file, offset))]
        if max((size for *_place, size in places), default=0) < LARGE:
            places += _found(file)
        if not places:
            return None
        enough = [place for place in places if place[2] >= LARGE]
        offset, length, _longer = min(enough, key=_by_size) if enough else max(places, key=_by_size)
        file.seek(offset)
        data = file.read(min(length, _LARGEST))
    return Preview(data, tiff.read(path, suffix, head, Kind.IMAGE).values.get("orientation"))


def _by_size(place: tuple[int, int, int]) -> int:
    return place[2]


def _named(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield where the directories of a TIFF say that JPEGs stand, and how long they are."""
    for directory in read_directories(reader_of(file)).directories:
        yield from _pair(directory.get(_OFFSET), directory.get(_LENGTH))
        if directory.get(_COMPRESSION) in _JPEG:
            yield from _pair(directory.get(_STRIPS), directory.get(_STRIP_LENGTHS))


def _pair(offset: Any, length: Any) -> Iterator[tuple[int, int]]:
    if isinstance(offset, int) and isinstance(length, int):
        yield offset, length


def _found(file: BinaryIO) -> Iterator[tuple[int, int, int]]:
    """Yield where JPEGs begin in a file that has them in places of its own, the bytes that follow, and their size."""
    file.seek(0)
    data = file.read(_SEARCHED)
    at = data.find(_BEGINNING)
    for _ in range(_MOST):
        if at < 0:
            return
        if size := _size(file, at):
            yield at, _LARGEST, size
        at = data.find(_BEGINNING, at + 1)


def _size(file: BinaryIO, offset: int) -> int:
    """Return the longer side of the JPEG that begins there; 0 where none does that is to be seen."""
    file.seek(offset)
    if file.read(2) != _BEGINNING[:2]:
        return 0
    for _ in range(_MOST):
        mark = file.read(2)
        if len(mark) < 2 or mark[0] != 0xFF:
            return 0
        if mark[1] in _ALONE:
            continue
        length = int.from_bytes(file.read(2), "big")
        if 0xC0 <= mark[1] <= 0xCF and mark[1] not in (0xC4, 0xC8, 0xCC):
            frame = file.read(5)
            sides = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
            return max(sides) if mark[1] in _FRAMES and all(sides) else 0
        if mark[1] == 0xDA or length < 2:
            return 0
        file.seek(length - 2, 1)
    return 0
