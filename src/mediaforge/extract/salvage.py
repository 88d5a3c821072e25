"""Pictures that Pillow refuses: their size and metadata, which stand before the pixels and are often whole."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from mediaforge.errors import ExtractError
from mediaforge.extract import iptc
from mediaforge.extract.door import door
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import parse_exif
from mediaforge.extract.heif import read_items
from mediaforge.extract.image import apply_metadata, apply_png_words, raw_profile
from mediaforge.extract.sniff import sniff
from mediaforge.model import Kind

_MOST = 10_000  # segments or chunks
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF markers (ITU-T T.81, table B.1)
_LARGEST = 4 * 2**20  # bytes of a chunk


class _Found:
    def __init__(self) -> None:
        self.size: tuple[int, int] | None = None
        self.exif = self.xmp = self.iptc = b""
        self.words: dict[str, str] = {}


def read(path: str, _suffix: str, head: bytes, kind: Kind) -> Draft:
    """Read what stands before the pixels."""
    seen = sniff(head)
    draft, found = Draft("salvage", kind), _Found()
    with open(path, "rb") as file, door():
        match seen[0] if seen else None:
            case "jpeg":
                _jpeg(file, found)
            case "png":
                _png(file, found)
            case "gif":
                found.size = struct.unpack_from("<HH", head, 6)
            case "heif" | "avif":
                items = read_items(file)
                found.size, found.exif, found.xmp = items.size, items.exif, items.xmp
            case _:
                raise ExtractError("has no mark of any picture")
        exif = parse_exif(found.exif)
        if seen is None or (not (found.size and all(found.size)) and not exif.tags):
            raise ExtractError("ends before its size and its metadata")
        draft.put("format", seen[0], "signature")
        for field, value in zip(("width", "height"), found.size or (), strict=False):
            draft.put(field, value, "header")
        apply_metadata(draft, exif, found.xmp, found.iptc)
        apply_png_words(draft, found.words)
    return draft


def _jpeg(file: BinaryIO, found: _Found) -> None:
    for marker, data in _segments(file):
        if marker in _FRAMES and len(data) >= 5:
            height, width = struct.unpack_from(">HH", data, 1)
            found.size = (width, height)
            return
        if marker == 0xE1 and data.startswith(b"Exif\0\0"):
            found.exif = found.exif or data
        elif marker == 0xE1 and data.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
            found.xmp = found.xmp or data[29:]
        elif marker == 0xED and data.startswith(b"Photoshop 3.0\0"):
            found.iptc = found.iptc or iptc.from_photoshop(data[14:])


def _segments(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    file.seek(2)
    for _ in range(_MOST):
        header = file.read(4)
        if len(header) < 4 or header[0] != 0xFF or header[1] == 0xDA:
            return
        yield header[1], file.read(max(0, struct.unpack_from(">H", header, 2)[0] - 2))


def _png(file: BinaryIO, found: _Found) -> None:
    file.seek(8)
    for _ in range(_MOST):
        header = file.read(8)
        if len(header) < 8:
            return
        length, name = struct.unpack(">I4s", header)
        if name in (b"IHDR", b"eXIf", b"iTXt", b"tEXt") and length <= _LARGEST:
            data = file.read(length)
            file.seek(4, 1)
            if name == b"IHDR" and length >= 8:
                found.size = struct.unpack_from(">II", data)
            elif name == b"eXIf":
                found.exif = data
            elif data.startswith(b"Raw profile type") and not found.exif:
                found.exif = raw_profile(data.partition(b"\0")[2].decode("latin-1")) or b""
            elif data.startswith(b"XML:com.adobe.xmp\0\0\0"):
                found.xmp = data[20:].split(b"\0", 1)[-1].lstrip(b"\0")
            elif name == b"tEXt":
                key, _, value = data.partition(b"\0")
                found.words[key.decode("latin-1")] = value.decode("latin-1")
        else:
            file.seek(length + 4, 1)
