"""WebP (RFC 9649): size in its first chunk, metadata in chunks after the pixels.

Our own since Pillow hands the whole file to a decoder, and refuses one that ends within its pixels.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from mediaforge.errors import ExtractError
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import Exif, parse_exif
from mediaforge.extract.metadata import apply_metadata
from mediaforge.model import Kind

_MOST = 10_000  # chunks: of an animation each frame is one
_LARGEST = 4 * 2**20  # bytes of a chunk of metadata
_LOSSY, _LOSSLESS, _EXTENDED = b"VP8 ", b"VP8L", b"VP8X"


def read_webp(file: BinaryIO, kind: Kind) -> Draft:
    """Read a WebP; what ends within its pixels has its size."""
    draft, exif, packet = Draft("webp", kind), Exif(), b""
    size: tuple[int, int] | None = None
    position = 12
    for _ in range(_MOST):
        file.seek(position)
        header = file.read(8)
        if len(header) < 8:
            break
        name, length = header[:4], int.from_bytes(header[4:], "little")
        position += 8 + length + length % 2
        if name in (_LOSSY, _LOSSLESS, _EXTENDED):
            size = size or _size(name, file.read(10))
        elif name == b"EXIF" and length <= _LARGEST:
            exif = parse_exif(file.read(length))
        elif name == b"XMP " and length <= _LARGEST:
            packet = file.read(length)
    if size is None:
        raise ExtractError("ends before its size")
    draft.put("format", "webp", "signature")
    draft.put("width", size[0], "header")
    draft.put("height", size[1], "header")
    draft.put("bit_depth", 8, "signature")
    apply_metadata(draft, exif, packet)
    return draft


def _size(name: bytes, data: bytes) -> tuple[int, int] | None:
    """Return the size that the first bytes of a chunk state: the canvas (2.7), or the only frame (VP8: RFC 6386, 9.1)."""
    if len(data) < 10:
        return None
    if name == _EXTENDED:
        return 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")
    if name == _LOSSLESS and data[0] == 0x2F:
        bits = int.from_bytes(data[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if name == _LOSSY and data[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 6)
        return (width & 0x3FFF, height & 0x3FFF) if width & 0x3FFF and height & 0x3FFF else None
    return None
