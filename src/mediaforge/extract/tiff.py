"""TIFF and cameras' RAW files, which are TIFFs inside or keep TIFF blocks in boxes: size and metadata; no pixel is decoded."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

from mediaforge.errors import ExtractError
from mediaforge.extract.boxes import XMP_UUID, boxes, read_box, top_boxes
from mediaforge.extract.door import door
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import Exif, parse_exif, read_directories, reader_of
from mediaforge.extract.metadata import apply_metadata
from mediaforge.extract.sniff import sniff
from mediaforge.model import RAW_SUFFIXES, Kind

_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")  # the uuid of the box that holds CR3's EXIF
_BITS, _PANASONIC_SPEED = 0x0102, 0x0017
_DNG_VERSION, _SUBFILE_TYPE, _WIDTH, _HEIGHT = 0xC612, 0x00FE, 0x0100, 0x0101


def read(path: str, suffix: str, head: bytes, kind: Kind) -> Draft:
    """Read a TIFF or a RAW file."""
    draft, packet = Draft("tiff", kind), b""
    seen = sniff(head)
    with open(path, "rb") as file, door():
        if seen and seen[0] == "cr3":
            name, size, exif = "cr3", None, _cr3(file)
            packet = _cr3_xmp(file)
        elif seen and seen[0] == "raf":
            name, size, exif = "raf", *_raf(file)
        else:
            exif = read_directories(reader_of(file))
            name = suffix if suffix in RAW_SUFFIXES and 0x010F in exif.tags else "tiff"  # 0x010F: the camera's make
            size = _panasonic(exif) if seen and seen[0] == "rw2" else None if name in RAW_SUFFIXES else _first(exif)
            if _DNG_VERSION in exif.tags:
                name, size = "dng", None
        size = size or _largest(exif)
        if size is None:
            raise ExtractError("has no picture directory")
        draft.put("format", name, "signature")
        draft.put("width", size[0], "ImageWidth")
        draft.put("height", size[1], "ImageHeight")
        if name == "tiff":
            bits = exif.tags.get(_BITS, 1)
            draft.put("bit_depth", max(bits) if isinstance(bits, tuple) else bits, "BitsPerSample")
        apply_metadata(draft, exif, packet)
        if name == "rw2":
            draft.put("iso", _whole(exif.tags.get(_PANASONIC_SPEED)), "rw2:ISO")
    return draft


def _first(exif: Exif) -> tuple[int, int] | None:
    """Return the size of the first picture that is no thumbnail: others of a TIFF are further pages."""
    for directory in exif.directories:
        width, height, reduced = (_whole(directory.get(tag)) for tag in (_WIDTH, _HEIGHT, _SUBFILE_TYPE))
        if width and height and not (reduced or 0) & 1:
            return width, height
    return None


def _largest(exif: Exif) -> tuple[int, int] | None:
    """Return the size of the largest picture that is no thumbnail (TIFF 6.0, NewSubfileType, bit 0)."""
    sizes = []
    for directory in exif.directories:
        width, height, reduced = (_whole(directory.get(tag)) for tag in (_WIDTH, _HEIGHT, _SUBFILE_TYPE))
        if width and height:
            sizes.append((not (reduced or 0) & 1, width * height, width, height))
    return max(sizes)[2:] if sizes else None


def _whole(value: Any) -> int | None:
    value = value[0] if isinstance(value, tuple) and value else value
    return value if isinstance(value, int) else None


def _panasonic(exif: Exif) -> tuple[int, int] | None:
    """Return the size within the sensor's borders (top, left, bottom, right are tags 4 to 7)."""
    top, left, bottom, right = (_whole(exif.tags.get(tag)) or 0 for tag in (4, 5, 6, 7))
    return (right - left, bottom - top) if right > left and bottom > top else None


def _cr3(file: BinaryIO) -> Exif:
    """Return the EXIF of a CR3, whose directories are TIFF blocks of their own (CMT1 main, CMT2 EXIF, CMT4 GPS)."""
    exif = Exif()
    for name, content in boxes(read_box(file, b"moov") or b""):
        if name == b"uuid" and content.startswith(_CANON):
            for part, data in boxes(content, len(_CANON)):
                found = parse_exif(data)
                if part in (b"CMT1", b"CMT2"):
                    exif.tags = {**found.tags, **exif.tags}
                    exif.directories += found.directories
                elif part == b"CMT4":
                    exif.gps = found.tags
    return exif


def _cr3_xmp(file: BinaryIO) -> bytes:
    for name, start, length in top_boxes(file):
        if name == b"uuid" and 16 < length < 2**22:
            file.seek(start)
            if file.read(16) == XMP_UUID:
                return file.read(length - 16)
    return b""


def _raf(file: BinaryIO) -> tuple[tuple[int, int] | None, Exif]:
    """Return the size from Fujifilm's directory (tag 0x0111, else 0x0100: height, width), and the EXIF of the JPEG inside."""
    read_at = reader_of(file)
    header = read_at(84, 16)
    picture, length, directory, _ = struct.unpack(">4I", header)
    (count,) = struct.unpack(">I", read_at(directory, 4))
    entries: dict[int, bytes] = {}
    position = directory + 4
    for _ in range(min(count, 255)):
        tag, width = struct.unpack(">HH", read_at(position, 4))
        entries[tag] = read_at(position + 4, width)
        position += 4 + width
    size = next((struct.unpack(">HH", entries[tag][:4]) for tag in (0x0111, 0x0100) if len(entries.get(tag, b"")) >= 4), None)
    # APP1 is the JPEG's first segment: its marker, length and `Exif` stand before the TIFF header.
    block = read_at(picture, min(length, 256 * 1024))
    start = block.find(b"Exif\0\0", 0, 64)
    return (size[1], size[0]) if size else None, parse_exif(block[start:]) if start >= 0 else Exif()
