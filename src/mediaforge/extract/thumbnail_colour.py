"""What coded colours mean on a screen: pixels of wide primaries, of PQ and of HLG, brought to sRGB by a table."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import ImageFilter

if TYPE_CHECKING:
    from PIL.Image import Image

_STEPS = 25  # of the table in each direction; between them is mixed
_PQ, _HLG = 16, 18  # ITU-T H.273, table 3
_WHITE = 203.0  # cd/m² of what is white paper in HDR (ITU-R BT.2408, table 1)
_KNEE = 0.5  # of white: what is darker stays as it is, what is brighter is pressed together

_Rows = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
# Linear light of primaries (ITU-T H.273, table 2) in those of sRGB: ITU-R BT.2087, and SMPTE EG 432-1 likewise.
_BT2020: _Rows = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))
_P3: _Rows = ((1.2249, -0.2247, 0.0), (-0.0420, 1.0419, 0.0), (-0.0197, -0.0786, 1.0979))
_PRIMARIES: dict[int, _Rows] = {9: _BT2020, 12: _P3}


def shown(picture: Image, primaries: int, transfer: int) -> Image:
    """Return a picture in sRGB whose pixels are coded so (ITU-T H.273); itself where they are near enough."""
    if picture.mode not in ("RGB", "RGBA") or (primaries not in _PRIMARIES and transfer not in (_PQ, _HLG)):
        return picture
    opaque = picture.convert("RGB").filter(_table(primaries, transfer))
    if picture.mode == "RGBA":
        opaque.putalpha(picture.getchannel("A"))
    return opaque


@lru_cache(maxsize=4)  # a camera codes every picture alike
def _table(primaries: int, transfer: int) -> ImageFilter.Color3DLUT:
    rows = _PRIMARIES.get(primaries)

    def mapped(*coded: float) -> tuple[float, float, float]:
        light = _light(coded, transfer)
        if rows:
            light = tuple(max(0.0, sum(part * value for part, value in zip(row, light, strict=True))) for row in rows)
        red, green, blue = (_srgb(value) for value in (_pressed(light) if transfer in (_PQ, _HLG) else light))
        return red, green, blue

    return ImageFilter.Color3DLUT.generate(_STEPS, mapped)


def _light(coded: tuple[float, ...], transfer: int) -> tuple[float, ...]:
    """Return linear light, of which 1 is white."""
    if transfer == _PQ:
        return tuple(_pq(value) / _WHITE for value in coded)
    if transfer == _HLG:
        scene = [_hlg(value) for value in coded]
        # The screen's part: a gamma of the luminance, here of a screen of 1,000 cd/m² (ITU-R BT.2100, table 5).
        luminance = 0.2627 * scene[0] + 0.678 * scene[1] + 0.0593 * scene[2]
        return tuple(1000 * luminance**0.2 * value / _WHITE for value in scene)
    return tuple(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in coded)


def _pq(value: float) -> float:
    """Return the cd/m² of a value in PQ (ITU-R BT.2100, table 4)."""
    power = math.pow(value, 1 / 78.84375)
    return 10_000 * math.pow(max(power - 0.8359375, 0.0) / (18.8515625 - 18.6875 * power), 1 / 0.1593017578125)


def _hlg(value: float) -> float:
    """Return the light of the scene, 0 to 1, of a value in HLG (ITU-R BT.2100, table 5)."""
    return value**2 / 3 if value <= 0.5 else (math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12


def _pressed(light: tuple[float, ...]) -> tuple[float, ...]:
    """Return light that a screen of sRGB can show: what is brighter than the knee is pressed together, its hue stays."""
    brightest = max(light)
    if brightest <= _KNEE:
        return light
    room = 1 - _KNEE
    scale = (_KNEE + room * (1 - math.exp((_KNEE - brightest) / room))) / brightest
    return tuple(value * scale for value in light)


def _srgb(value: float) -> float:
    value = min(max(value, 0.0), 1.0)
    return value * 12.92 if value <= 0.0031308 else 1.055 * math.pow(value, 1 / 2.4) - 0.055
