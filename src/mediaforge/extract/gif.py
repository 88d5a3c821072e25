"""GIF (89a specification): size, comment and XMP, which stand before the first picture; XMP after the last one, too.

Our own because Pillow fills a whole frame when it opens one: 68 bytes that claim 65,535 pixels each way cost 8 s and 4 GiB.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from mediaforge.errors import ExtractError
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import Exif, text
from mediaforge.extract.metadata import apply_metadata
from mediaforge.model import Kind

_MOST = 1000  # extensions
_LARGEST = 2**20  # bytes of one extension
_COMMENT, _APPLICATION = 0xFE, 0xFF
_XMP = b"XMP DataXMP"  # identifier and authentication code of the extension
_TAIL = 64 * 1024
_XMP_TRAILER = 258  # bytes that lead a reader of blocks to the end of a packet, which is not in blocks (XMP part 3, 1.1.2)


def read_gif(file: BinaryIO, kind: Kind) -> Draft:
    """Read a GIF up to its first picture."""
    file.seek(0)
    head = file.read(13)
    if len(head) < 13:
        raise ExtractError("ends within its header")
    draft, packet = Draft("gif", kind), b""
    width, height, flags = struct.unpack_from("<HHB", head, 6)
    draft.put("format", "gif", "signature")
    draft.put("width", width, "LogicalScreen")
    draft.put("height", height, "LogicalScreen")
    draft.put("bit_depth", 8, "signature")
    if flags & 0x80:
        file.seek(3 << (flags & 7) + 1, 1)  # the colours
    for label, data in _extensions(file):
        if label == _COMMENT:
            draft.note("comment", text(data))
        elif data.startswith(_XMP):
            packet = data[len(_XMP) : -_XMP_TRAILER]
    packet = packet or _at_the_end(file)
    apply_metadata(draft, Exif(), packet)
    return draft


def _at_the_end(file: BinaryIO) -> bytes:
    """Return the packet of XMP after the pictures, where it stands within the file's last 64 KiB; empty where it does not."""
    start = max(0, file.seek(0, 2) - _TAIL)
    file.seek(start)
    place = file.read(_TAIL).rfind(bytes((0x21, _APPLICATION, len(_XMP))) + _XMP)
    if place < 0:
        return b""
    file.seek(start + place)
    return next((data[len(_XMP) : -_XMP_TRAILER] for _, data in _extensions(file)), b"")


def _extensions(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield label and content of each extension before the first picture; XMP's as it stands, with its trailer."""
    for _ in range(_MOST):
        mark = file.read(2)
        if len(mark) < 2 or mark[0] != 0x21:
            return
        blocks: list[bytes] = []
        total, raw = 0, False
        while (size := file.read(1)) not in (b"", b"\0") and total < _LARGEST:
            data = file.read(size[0])
            blocks.append(size + data if raw else data)
            raw = raw or (mark[1] == _APPLICATION and data == _XMP)
            total += len(data) + 1
        yield mark[1], b"".join(blocks) + (size if raw else b"")
