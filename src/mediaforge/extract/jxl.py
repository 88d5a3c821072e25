"""JPEG XL: size and orientation in its first bytes (ISO/IEC 18181-1), metadata in its boxes (18181-2).

Our own since neither Pillow nor pillow-heif reads it, and it takes 40 lines.
"""

from __future__ import annotations

from typing import BinaryIO

from mediaforge.errors import ExtractError
from mediaforge.extract.boxes import top_boxes
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import Exif, parse_exif
from mediaforge.extract.metadata import apply_metadata
from mediaforge.model import Kind

_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_WIDTHS = (9, 13, 18, 30)  # bits
_LARGEST = 4 * 2**20  # bytes of a metadata box


class _Bits:
    def __init__(self, data: bytes) -> None:
        self.value, self.left = int.from_bytes(data, "little"), len(data) * 8

    def take(self, count: int) -> int:
        if count > self.left:
            raise ExtractError("ends within its header")
        found = self.value & ((1 << count) - 1)
        self.value >>= count
        self.left -= count
        return found


def read_jxl(file: BinaryIO, kind: Kind) -> Draft:
    """Read a JPEG XL, bare or in boxes."""
    draft = Draft("jxl", kind)
    draft.put("format", "jxl", "signature")
    exif, packet = Exif(), b""
    file.seek(0)
    if file.read(2) == b"\xff\x0a":
        stream = file.read(32)
    else:
        stream = b""
        for name, start, length in top_boxes(file):
            file.seek(start)
            if name in (b"jxlc", b"jxlp") and not stream:
                stream = file.read(min(64, length))[6 if name == b"jxlp" else 2 :]
            elif name == b"Exif" and 4 < length <= _LARGEST:
                exif = parse_exif(file.read(length)[4:])
            elif name == b"xml " and length <= _LARGEST:
                packet = file.read(length)
    width, height, orientation = size(stream)
    draft.put("width", width, "SizeHeader")
    draft.put("height", height, "SizeHeader")
    draft.put("orientation", orientation, "ImageMetadata")
    apply_metadata(draft, exif, packet)
    return draft


def size(stream: bytes) -> tuple[int, int, int]:
    """Return width, height and orientation of a codestream that begins after its signature."""
    bits = _Bits(stream)
    small = bits.take(1)

    def one() -> int:
        return (bits.take(5) + 1) * 8 if small else bits.take(_WIDTHS[bits.take(2)]) + 1

    height = one()
    ratio = _RATIOS.get(bits.take(3))
    width = height * ratio[0] // ratio[1] if ratio else one()
    orientation = 1
    if not bits.take(1) and bits.take(1):  # not all default, and extra fields
        orientation = bits.take(3) + 1
    return width, height, orientation
