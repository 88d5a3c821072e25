"""The previews that cameras put into HEIF files: taken for the picture where one is large enough, since it decodes sooner."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import BinaryIO

from mediaforge.extract.heif import THUMBNAIL_OF, Picture, read_pictures

_LARGEST = 256 << 20  # bytes of a file, which is held whole, as libheif does
_ALIKE = 0.02  # by which the shape of a preview may differ: some have black bars


@dataclass(frozen=True, slots=True)
class Look:
    """The file to decode, and what the colours in it mean: an ICC profile, or primaries and transfer (ITU-T H.273)."""

    file: BinaryIO
    profile: bytes | None = None
    coded: tuple[int, int] | None = None


def look(file: BinaryIO, size: int) -> Look:
    """Return what to decode of a HEIF or AVIF file: itself, or itself with a preview of that `size` in the picture's place."""
    found = read_pictures(file)
    file.seek(0)
    if found is None:
        return Look(file)
    picture, previews = found
    enough = [one for one in previews if _serves(one, picture, size)]
    if not enough:
        return Look(file, picture.profile, picture.coded)
    preview = min(enough, key=_longer)
    told = preview if preview.profile or preview.coded else picture
    data = file.read(_LARGEST)
    file.seek(0)
    return Look(io.BytesIO(_instead(data, picture.item, preview.item)), told.profile, told.coded)


def _longer(picture: Picture) -> int:
    return max(picture.size or (0,))


def _serves(preview: Picture, picture: Picture, size: int) -> bool:
    """Return whether a preview is large enough, smaller than the picture, of its shape, and turned like it."""
    if preview.size is None or picture.size is None or not all((*preview.size, *picture.size)):
        return False
    shapes = preview.size[0] / preview.size[1], picture.size[0] / picture.size[1]
    alike = abs(shapes[0] / shapes[1] - 1) <= _ALIKE
    return alike and size <= _longer(preview) < _longer(picture) and preview.turned == picture.turned


def _instead(data: bytes, picture: int, preview: int) -> bytes:
    """Return a file whose primary item is the preview, which is no preview any more."""
    start = data.index(b"meta")
    at = data.index(b"pitm", start) + 4
    shape = ">I" if data[at] else ">H"
    if struct.unpack_from(shape, data, at + 4)[0] != picture:
        return data
    changed = bytearray(data)
    struct.pack_into(shape, changed, at + 4, preview)
    while (at := changed.find(THUMBNAIL_OF, start)) >= 0 and at < start + (1 << 20):
        changed[at : at + 4] = b"free"
    return bytes(changed)
