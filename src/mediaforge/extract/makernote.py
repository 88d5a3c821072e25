"""What only cameras' own notes say: the speed and the stars of cameras that leave EXIF's tags empty, Apple's identifiers.

Nothing else of maker notes is read. They are undocumented; these tags are those of which the free tools agree what they mean.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from functools import partial

from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import MAKER_NOTE, Exif, Source, directory, text

_CAMERA_SETTINGS, _SHOT_INFO = 1, 4
# Canon's steps of CameraISO; 14 and 15 are its two ways of saying automatic.
_KODAK_SPEED = 0x60  # after the eight bytes of the mark
_CANON_STEPS = {16: 50, 17: 100, 18: 200, 19: 400, 20: 800}


def apply_maker_note(draft: Draft, exif: Exif) -> None:
    """Put what the maker note says into the draft where EXIF and XMP say nothing."""
    place = exif.tags.get(MAKER_NOTE)
    if not isinstance(place, tuple) or exif.source is None:
        return
    maker = (text(exif.tags.get(0x010F)) or "").split(" ")[0].upper()
    for field, read in _READERS.get(maker, ()):
        if field not in draft.values:
            draft.put(field, read(exif.source, exif.order, place[0]), f"exif:MakerNote.{maker.lower()}")


def _apple(tag: int, source: Source, _order: str, start: int) -> object:
    if source(start, 10) != b"Apple iOS\0":
        return None
    found = directory(lambda offset, length: source(start + offset, length), ">", 14, frozenset({tag}))[0]
    return text(found.get(tag))


def _casio(source: Source, _order: str, start: int) -> object:
    named = source(start, 4) in (b"QVC\0", b"DCI\0")
    start += 6 if named else 0
    # Its own byte order, whatever EXIF's is: no note has more than 255 entries.
    order = ">" if source(start, 1) == b"\0" else "<"
    tag = 0x3014 if named else 0x0014
    return directory(source, order, start, frozenset({tag}))[0].get(tag)


def _nikon(source: Source, order: str, start: int) -> object:
    head, first = source(start, 18), start
    if head[:7] == b"Nikon\0\2" and len(head) == 18:
        start += 10  # a TIFF of its own
        order = ">" if head[10:12] == b"MM" else "<"
        (first,) = struct.unpack_from(f"{order}I", head, 14)
    elif head.startswith(b"Nikon"):
        return None
    else:  # the D1's, D100's and older ones' are a directory like any other
        start = 0
    found = directory(lambda offset, length: source(start + offset, length), order, first, frozenset({2}))[0].get(2)
    return found[1] if isinstance(found, tuple) and len(found) == 2 else None


def _canon(source: Source, order: str, start: int) -> object:
    found = directory(source, order, start, frozenset({_CAMERA_SETTINGS, _SHOT_INFO}))[0]
    settings, shot = (_shorts(found.get(tag)) for tag in (_CAMERA_SETTINGS, _SHOT_INFO))
    step = settings[16] if len(settings) > 16 else 0
    if step in _CANON_STEPS or step & 0x4000:
        return _CANON_STEPS.get(step, step & 0x3FFF)
    if len(shot) < 3 or not 0 <= shot[1] < 1024 or not 0 < shot[2] < 1024:
        return None
    automatic, base = (2 ** (value / 32) for value in shot[1:3])  # in 32nds of a stop
    return round(automatic * base * 100 / 32)


def _fujifilm(source: Source, _order: str, start: int) -> object:
    head = source(start, 12)
    if head[:8] != b"FUJIFILM" or len(head) < 12:
        return None
    (first,) = struct.unpack_from("<I", head, 8)  # little-endian and counted from its own start, whatever EXIF's are
    return directory(lambda offset, length: source(start + offset, length), "<", first, frozenset({0x1431}))[0].get(0x1431)


def _kodak(source: Source, _order: str, start: int) -> object:
    head = source(start, 8 + _KODAK_SPEED + 2)
    if head[:3] != b"KDK" or len(head) < 8 + _KODAK_SPEED + 2:
        return None
    order = ">" if head[:8] == b"KDK INFO" else "<"
    return struct.unpack_from(f"{order}H", head, 8 + _KODAK_SPEED)[0]


def _shorts(value: object) -> tuple[int, ...]:
    return value if isinstance(value, tuple) and all(isinstance(part, int) for part in value) else ()


def _sony(source: Source, order: str, start: int) -> object:
    if source(start, 9) != b"SONY DSC ":
        return None
    return directory(source, order, start + 12, frozenset({0x2002}))[0].get(0x2002)


# The first word of the maker's name: the fields, and what reads each (source, struct's letter, where the note starts).
_READERS: Mapping[str, tuple[tuple[str, Callable[[Source, str, int], object]], ...]] = {
    "CASIO": (("iso", _casio),), "NIKON": (("iso", _nikon),), "CANON": (("iso", _canon),), "SONY": (("rating", _sony),),
    "EASTMAN": (("iso", _kodak),), "FUJIFILM": (("rating", _fujifilm),),
    "APPLE": (("burst_id", partial(_apple, 0x000B)), ("live_id", partial(_apple, 0x0011))),
}  # fmt: skip
