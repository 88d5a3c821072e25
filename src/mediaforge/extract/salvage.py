"""Pictures that Pillow refuses: their size and metadata, which stand before the pixels and are often whole."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import BinaryIO

from mediaforge.errors import ExtractError
from mediaforge.extract import jpeg, png
from mediaforge.extract.door import door
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import Exif, parse_exif
from mediaforge.extract.heif import read_items
from mediaforge.extract.metadata import apply_metadata
from mediaforge.extract.sniff import sniff
from mediaforge.model import Kind


@dataclass(slots=True)
class _Found:
    size: tuple[int, int] | None = None
    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""
    words: dict[str, str] = field(default_factory=dict)


def read(path: str, suffix: str, head: bytes, kind: Kind) -> Draft:
    """Read what stands before the pixels."""
    seen = sniff(head)
    name = seen[0] if seen else suffix
    draft = Draft("salvage", kind)
    with open(path, "rb") as file, door():
        found = _find(file, name, head)
        exif = parse_exif(found.exif)
        size = found.size if found.size and all(found.size) else _stated(exif)
        if size is None and not exif.tags:
            raise ExtractError("ends before its size and its metadata")
        draft.put("format", name, "signature")
        for dimension, value in zip(("width", "height"), size or (), strict=False):
            draft.put(dimension, value, "header")
        apply_metadata(draft, exif, found.xmp, found.iptc)
        png.apply_words(draft, found.words)
    return draft


def _find(file: BinaryIO, name: str, head: bytes) -> _Found:
    match name:
        case "jpeg":
            whole = jpeg.find(file.name, head)
            return _Found(whole.size, whole.exif, whole.xmp, whole.iptc)
        case "png":
            chunks = png.read_chunks(file)
            exif, packet, records = chunks.blocks()
            return _Found(chunks.size, exif, packet, records, chunks.words)
        case "heif" | "avif":
            items = read_items(file)
            return _Found(items.size, items.exif, items.xmp)
        case "bmp" if len(head) >= 26 and head.startswith(b"BM"):
            width, height = struct.unpack_from("<ii", head, 18)
            return _Found((abs(width), abs(height)))  # a picture whose first row is its top has a negative height
    raise ExtractError("has no mark of any picture")


def _stated(exif: Exif) -> tuple[int, int] | None:
    """Return the size that EXIF states, of a picture that ends before its own: the file's, or else the camera's."""
    for tags in ((0x0100, 0x0101), (0xA002, 0xA003)):
        width, height = (exif.tags.get(tag) for tag in tags)
        if isinstance(width, int) and isinstance(height, int) and width > 0 and height > 0:
            return width, height
    return None
