"""What the sequence parameter sets of H.264 (ITU-T H.264, 7.3.2.1.1, E.1) and HEVC (H.265, 7.3.2.2, E.2) state.

Anything unusual is left to FFmpeg: None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_LARGEST = 4096  # bytes; real ones have fewer than 100
_UNSPECIFIED = 2  # H.273, of primaries, transfer and matrix
_MPEG, _JPEG = 1, 2  # AVColorRange
_OTHER_TRANSFERS = frozenset({14, 15})  # BT.2020's: a message between the pictures may say that HLG is meant (H.265, D.2.38)
# Sample aspect ratios by their number (H.264, table E-1); the first says «unspecified».
_ASPECTS = (
    (0, 1), (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11), (80, 33), (18, 11), (15, 11),
    (64, 33), (160, 99), (4, 3), (3, 2), (2, 1),
)  # fmt: skip
_EXTENDED_ASPECT = 255
_CHROMAS = {1: (2, 2), 2: (2, 1), 3: (1, 1)}  # chroma_format_idc: samples of brightness to one of colour, across and down
_SAMPLINGS = {1: "420", 2: "422", 3: "444"}
_WITH_CHROMA = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})  # H.264's profiles that state it
_H264_PROFILES = {
    66: "Baseline", 77: "Main", 88: "Extended", 100: "High", 110: "High 10", 122: "High 4:2:2", 244: "High 4:4:4 Predictive",
}  # fmt: skip
_H264_CONSTRAINED = {
    (66, 0x40): "Constrained Baseline", (110, 0x10): "High 10 Intra", (122, 0x10): "High 4:2:2 Intra",
    (244, 0x10): "High 4:4:4 Intra",
}  # fmt: skip
_HEVC_PROFILES = {1: "Main", 2: "Main 10", 3: "Main Still Picture", 4: "Rext"}


@dataclass(frozen=True, slots=True)
class Sequence:
    """What a parameter set states: size in samples, FFmpeg's names of profile and pixels, numbers of H.273.

    `aspect` of a sample is (0, 1) where it is not stated. `colour` is (primaries, transfer, matrix), None where not stated,
    and `range` (AVColorRange) likewise.
    """

    width: int
    height: int
    profile: str
    level: int
    pixels: str
    aspect: tuple[int, int]
    range: int | None
    colour: tuple[int, int, int] | None
    cropped_at_start: bool  # at the left or the top


class _Bits:
    """A bit string, read from its beginning; ValueError at its end."""

    __slots__ = ("_left", "_whole")

    def __init__(self, data: bytes) -> None:
        self._whole = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """Return an unsigned number of so many bits."""
        self._left -= count
        if self._left < 0:
            raise ValueError("the parameter set ends early")
        return (self._whole >> self._left) & ((1 << count) - 1)

    def golomb(self) -> int:
        """Return an unsigned number of Exp-Golomb code (9.1)."""
        zeros = self._left - (self._whole & ((1 << self._left) - 1)).bit_length()
        if zeros > 32:
            raise ValueError("a number is too long")
        self._left -= zeros
        return self.take(zeros + 1) - 1

    def signed(self) -> int:
        """Return a signed number of Exp-Golomb code (9.1.1)."""
        number = self.golomb()
        return (number + 1) // 2 if number & 1 else -(number // 2)


def read_h264(header: bytes) -> Sequence | None:
    """Read a stream's header, avcC (ISO/IEC 14496-15, 5.3.3) or start codes; None where FFmpeg has to decode."""
    return _read(header, _h264_set(header), _h264)


def read_hevc(header: bytes) -> Sequence | None:
    """Read a stream's header, hvcC (ISO/IEC 14496-15, 8.3.3) or start codes; None where FFmpeg has to decode."""
    return _read(header, _hevc_set(header), _hevc)


def _read(header: bytes, found: bytes, read: Callable[[_Bits], Sequence | None]) -> Sequence | None:
    if not found or len(header) > 16 * _LARGEST or len(found) > _LARGEST:
        return None
    try:
        stated = read(_Bits(found.replace(b"\0\0\3", b"\0\0")))
    except ValueError:
        return None
    return stated if stated and stated.width > 0 and stated.height > 0 else None


def _h264_set(header: bytes) -> bytes:
    """Return the one parameter set, without the byte that names it; empty where there is another number of them."""
    if header[:1] != b"\1":
        sets = [unit for unit in _units(header) if unit[0] & 31 == 7]
        return sets[0][1:] if len(sets) == 1 else b""
    end = 8 + int.from_bytes(header[6:8], "big")
    return header[9:end] if len(header) >= max(end, 9) and header[5] & 31 == 1 else b""


def _hevc_set(header: bytes) -> bytes:
    """Return the first parameter set of the base layer, without the two bytes that name it."""
    if header[:1] != b"\1":
        sets = [unit for unit in _units(header) if unit[0] >> 1 & 63 == 33]
    else:
        sets, position = [], 23
        for _ in range(header[22] if len(header) > 22 else 0):
            kind, count = header[position : position + 1], int.from_bytes(header[position + 1 : position + 3], "big")
            position += 3
            for _ in range(count):
                length = int.from_bytes(header[position : position + 2], "big")
                if kind and kind[0] & 63 == 33:
                    sets.append(header[position + 2 : position + 2 + length])
                position += 2 + length
                if position > len(header):
                    return b""
    base = [one[2:] for one in sets if len(one) > 2 and not (one[0] & 1 or one[1] >> 3)]
    return base[0] if len(base) == 1 else b""


def _units(header: bytes) -> list[bytes]:
    """Return the units between start codes (H.264, annex B)."""
    return [unit for unit in (part.rstrip(b"\0") for part in header.split(b"\0\0\1")[1:]) if unit]


def _h264(bits: _Bits) -> Sequence | None:
    number, constraints, level = bits.take(8), bits.take(8), bits.take(8)
    profile = next((name for (one, flag), name in _H264_CONSTRAINED.items() if one == number and constraints & flag), None)
    profile = profile or _H264_PROFILES.get(number)
    bits.golomb()  # its own number
    chroma, depth = 1, 8
    if number in _WITH_CHROMA:
        chroma = bits.golomb()
        apart = chroma == 3 and bits.take(1)
        depth, depth_of_colour = 8 + bits.golomb(), 8 + bits.golomb()
        bits.take(1)
        if apart or depth != depth_of_colour:
            return None
        if bits.take(1):
            for index in range(12 if chroma == 3 else 8):
                if bits.take(1):
                    _skip_scaling(bits, 16 if index < 6 else 64)
    _skip_order(bits)
    bits.golomb()
    bits.take(1)
    across, down = bits.golomb() + 1, bits.golomb() + 1
    frames_only = bits.take(1)
    bits.take(1 if frames_only else 2)
    if profile is None or chroma not in _CHROMAS:
        return None
    units = (_CHROMAS[chroma][0], _CHROMAS[chroma][1] * (2 - frames_only))
    left, right, top, bottom = (bits.golomb() for _ in range(4)) if bits.take(1) else (0, 0, 0, 0)
    width = 16 * across - units[0] * (left + right)
    height = 16 * down * (2 - frames_only) - units[1] * (top + bottom)
    aspect, wide, colour = _usability(bits) if bits.take(1) else (_ASPECTS[0], None, None)
    pixels = _pixels(chroma, depth, colour, full=wide == _JPEG)
    return Sequence(width, height, profile, level, pixels, aspect, wide, colour, bool(left or top)) if pixels else None


def _skip_order(bits: _Bits) -> None:
    """Skip how the order of pictures is written."""
    bits.golomb()
    kind = bits.golomb()
    if kind == 0:
        bits.golomb()
    elif kind == 1:
        bits.take(1)
        for _ in range(2):
            bits.golomb()
        for _ in range(min(bits.golomb(), 256)):
            bits.golomb()


def _skip_scaling(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) & 255
        last = following or last


def _hevc(bits: _Bits) -> Sequence | None:
    bits.take(4)
    layers = bits.take(3)
    bits.take(1)
    profile, level = _hevc_profile(bits, layers)
    bits.golomb()  # its own number
    chroma = bits.golomb()
    if chroma == 3 and bits.take(1):
        return None
    width, height = bits.golomb(), bits.golomb()
    left, right, top, bottom = (bits.golomb() for _ in range(4)) if bits.take(1) else (0, 0, 0, 0)
    depth, depth_of_colour = 8 + bits.golomb(), 8 + bits.golomb()
    if profile is None or chroma not in _CHROMAS or depth != depth_of_colour:
        return None
    _skip_hevc_tools(bits, layers)
    aspect, wide, colour = _usability(bits) if bits.take(1) else (_ASPECTS[0], None, None)
    pixels = _pixels(chroma, depth, colour, full=wide == _JPEG and chroma == 1)
    if pixels is None:
        return None
    across, down = _CHROMAS[chroma]
    return Sequence(
        width - across * (left + right), height - down * (top + bottom), profile, level, pixels, aspect,
        wide or _MPEG, colour or (_UNSPECIFIED,) * 3, bool(left or top),
    )  # fmt: skip


def _hevc_profile(bits: _Bits, layers: int) -> tuple[str | None, int]:
    """Return profile and level (7.3.3)."""
    bits.take(3)
    number = bits.take(5)
    bits.take(80)
    level = bits.take(8)
    stated = [(bits.take(1), bits.take(1)) for _ in range(layers)]
    if layers:
        bits.take(2 * (8 - layers))
    for own_profile, own_level in stated:
        bits.take(88 * own_profile + 8 * own_level)
    return _HEVC_PROFILES.get(number), level


def _skip_hevc_tools(bits: _Bits, layers: int) -> None:
    """Skip what stands between the depths and the usability information."""
    order = bits.golomb() + 4
    for _ in range(layers + 1 if bits.take(1) else 1):
        for _ in range(3):
            bits.golomb()
    for _ in range(6):
        bits.golomb()
    if bits.take(1) and bits.take(1):
        _skip_hevc_scaling(bits)
    bits.take(2)
    if bits.take(1):
        bits.take(8)
        for _ in range(2):
            bits.golomb()
        bits.take(1)
    _skip_references(bits)
    if bits.take(1):
        for _ in range(min(bits.golomb(), 32)):
            bits.take(order + 1)
    bits.take(2)


def _skip_hevc_scaling(bits: _Bits) -> None:
    for size in range(4):
        for _ in range(0, 6, 3 if size == 3 else 1):
            if not bits.take(1):
                bits.golomb()
                continue
            for _ in range(min(64, 1 << (4 + 2 * size)) + (size > 1)):
                bits.golomb()


def _skip_references(bits: _Bits) -> None:
    """Skip the sets of reference pictures (7.3.7), each of which may be written as a change to the one before it."""
    before = 0
    for index in range(min(bits.golomb(), 64)):
        if index and bits.take(1):
            bits.take(1)
            bits.golomb()
            kept = 0
            for _ in range(before + 1):
                used = bits.take(1)
                kept += used or bits.take(1)
            before = kept
            continue
        before = bits.golomb() + bits.golomb()
        if before > 32:
            raise ValueError("a set has too many references")
        for _ in range(before):
            bits.golomb()
            bits.take(1)


def _usability(bits: _Bits) -> tuple[tuple[int, int], int | None, tuple[int, int, int] | None]:
    """Return aspect of a sample, range and colour: the beginning of the usability information, alike in both standards."""
    aspect, wide, colour = _ASPECTS[0], None, None
    if bits.take(1):
        number = bits.take(8)
        if number == _EXTENDED_ASPECT:
            aspect = (bits.take(16), bits.take(16))
        elif number < len(_ASPECTS):
            aspect = _ASPECTS[number]
    if bits.take(1):
        bits.take(1)
    if bits.take(1):
        bits.take(3)
        wide = _JPEG if bits.take(1) else _MPEG
        if bits.take(1):
            colour = (bits.take(8), bits.take(8), bits.take(8))
    return aspect, wide, colour


def _pixels(chroma: int, depth: int, colour: tuple[int, int, int] | None, *, full: bool) -> str | None:
    """Return FFmpeg's name of a layout of samples; None for the rare ones, RGB among them, and where HLG may be meant."""
    if depth not in (8, 10, 12) or (colour and (colour[2] == 0 or colour[1] in _OTHER_TRANSFERS)):
        return None
    return f"yuv{'j' if full and depth == 8 else ''}{_SAMPLINGS[chroma]}p{f'{depth}le' if depth > 8 else ''}"
