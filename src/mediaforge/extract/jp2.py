"""JPEG 2000: size in its first boxes or bytes (ISO/IEC 15444-1, I.5.3.1 and A.5.1), metadata in its boxes.

Our own since Pillow reads no metadata of it, and refuses what ends within its pixels.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from mediaforge.errors import ExtractError
from mediaforge.extract.boxes import XMP_UUID, boxes, top_boxes
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import Exif, parse_exif
from mediaforge.extract.iptc import from_photoshop
from mediaforge.extract.metadata import apply_metadata
from mediaforge.model import Kind

_CODESTREAM = b"\xff\x4f\xff\x51"  # SOC, SIZ
_LARGEST = 4 * 2**20  # bytes of a box of metadata
# The identifiers of boxes of metadata; Photoshop's differ from those that others agreed on.
_EXIF = (b"JpgTiffExif->JP2", bytes.fromhex("0537cdab9d0c4431a72afa561f2a113e"))
_IPTC = (bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38"), bytes.fromhex("09a14e97c0b442e0bebf36df6f0ce36f"))
_PHOTOSHOP = bytes.fromhex("2c4c0100850440b9a03e562148d6dfeb")


def read_jp2(file: BinaryIO, kind: Kind) -> Draft:
    """Read a JPEG 2000, bare or in boxes."""
    draft = Draft("jp2", kind)
    exif, packet, records = Exif(), b"", b""
    file.seek(0)
    shape = _of_codestream(file.read(64))
    for name, start, length in top_boxes(file) if shape is None else ():
        if name not in (b"jp2h", b"jp2c", b"uuid", b"xml ") or (length > _LARGEST and name != b"jp2c"):
            continue
        file.seek(start)
        content = file.read(64 if name == b"jp2c" else length)
        if name == b"jp2h":
            shape = _of_header(content) or shape
        elif name == b"jp2c":
            shape = shape or _of_codestream(content)
        elif name == b"xml " and b"<x:xmpmeta" in content:
            packet = packet or content
        elif (mark := content[:16]) == XMP_UUID:
            packet = content[16:]
        elif mark in _EXIF:
            exif = parse_exif(content[16:])
        elif mark in _IPTC:
            records = content[16:]
        elif mark == _PHOTOSHOP:
            records = records or from_photoshop(content[16:])
    if shape is None or not all(shape[:2]):
        raise ExtractError("ends before its size")
    draft.put("format", "jp2", "signature")
    for field, value in zip(("width", "height", "bit_depth"), shape, strict=True):
        draft.put(field, value, "ihdr")
    apply_metadata(draft, exif, packet, records)
    return draft


def _of_header(content: bytes) -> tuple[int, int, int | None] | None:
    """Return width, height and depth of the box `ihdr`; a depth that varies from channel to channel is not known."""
    header = next((inner for name, inner in boxes(content) if name == b"ihdr"), b"")
    if len(header) < 11:
        return None
    height, width, _, depth = struct.unpack_from(">IIHB", header)
    return width, height, None if depth == 255 else (depth & 0x7F) + 1


def _of_codestream(data: bytes) -> tuple[int, int, int | None] | None:
    """Return width, height and depth of the first channel that the marker SIZ states."""
    if not data.startswith(_CODESTREAM) or len(data) < 43:
        return None
    right, bottom, left, top = struct.unpack_from(">4I", data, 8)
    return max(0, right - left), max(0, bottom - top), (data[42] & 0x7F) + 1
