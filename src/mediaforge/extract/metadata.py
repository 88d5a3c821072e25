"""EXIF, XMP and IPTC together: which of them is believed."""

from __future__ import annotations

import struct

from mediaforge.extract import iptc, xmp
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import Exif, apply_exif, apply_exif_words
from mediaforge.extract.makernote import apply_maker_note

_RECORD = b"\x1c"  # begins each of IPTC's
_XMP, _IPTC, _PHOTOSHOP = 0x02BC, 0x83BB, 0x8649


def apply_metadata(draft: Draft, exif: Exif, packet: bytes, records: bytes = b"") -> None:
    """Put EXIF, XMP and IPTC into the draft: the camera's data from EXIF first, words from XMP, which editors write last.

    A TIFF keeps the other two in tags of EXIF's own.
    """
    packet = packet or _bytes(exif, _XMP)
    found = xmp.properties(packet) if packet else {}
    records = records or _records(exif)
    if found:
        xmp.apply_words(draft, found)
    if records:
        iptc.apply_iptc(draft, records)
    if exif.tags or exif.gps:
        apply_exif_words(draft, exif)
        apply_exif(draft, exif)
    if found:
        xmp.apply_camera(draft, found)
    apply_maker_note(draft, exif)


def _records(exif: Exif) -> bytes:
    """Return the IPTC of a TIFF; some programs write it as numbers of 32 bits, in either order of bytes."""
    block = exif.tags.get(_IPTC)
    if isinstance(block, tuple) and all(isinstance(part, int) and 0 <= part < 2**32 for part in block) and max(block) > 255:
        packed = (struct.pack(f"{order}{len(block)}I", *block) for order in "<>")
        return next((found for found in packed if found.startswith(_RECORD)), b"")
    found = _bytes(exif, _IPTC) or _bytes(exif, _PHOTOSHOP)
    return iptc.from_photoshop(found) if found.startswith(b"8BIM") else found


def _bytes(exif: Exif, tag: int) -> bytes:
    """Return a block that stands in a tag, written as bytes or as numbers; empty where there is none."""
    block = exif.tags.get(tag)
    if isinstance(block, tuple) and all(isinstance(part, int) and 0 <= part < 256 for part in block):
        return bytes(block)
    return block if isinstance(block, bytes) else b""
