"""EXIF, XMP and IPTC together: which of them is believed."""

from __future__ import annotations

from mediaforge.extract import iptc, xmp
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import Exif, apply_exif, apply_exif_words
from mediaforge.extract.makernote import apply_maker_note


def apply_metadata(draft: Draft, exif: Exif, packet: bytes, records: bytes = b"") -> None:
    """Put EXIF, XMP and IPTC into the draft: the camera's data from EXIF first, words from XMP, which editors write last."""
    found = xmp.properties(packet) if packet else {}
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
