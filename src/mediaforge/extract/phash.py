"""What a picture or a video looks like, as numbers that differ in few bits where two look alike. Runs in a worker.

Two hashes of 64 bits tell a picture. The pHash is the signs of the lowest 64 frequencies of its brightness beside the mean
(a discrete cosine transform of 32 x 32 pixels, taken from low to high), the dHash tells of 8 x 8 places whether it is brighter
to their right. Where there is nothing to be seen, both are noise, and every dark picture would be like every other: then there
is none.
"""

from __future__ import annotations

import json
import math
import os
from operator import mul
from typing import TYPE_CHECKING

from mediaforge.extract.made import Made, Pictures, made_of
from mediaforge.extract.thumbnail import by_kind
from mediaforge.extract.work import File
from mediaforge.model import Kind
from mediaforge.scanned import Failed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

Look = tuple[float | None, int, int]
"""When a frame is seen, in seconds (None of a picture), its pHash and dHash as signed integers."""

SIZE = 256
"""Pixels of the longer side at which pictures are decoded; the rest is averaged away."""

_SIDE = 32
_LOW = 11  # frequencies of each direction in which the 64 lowest are found
# From low to high: by their sum, then by the horizontal one. Without the first, which is the mean.
_ORDER = sorted(((x, y) for x in range(_LOW) for y in range(_LOW)), key=lambda at: (sum(at), at[0]))[1:65]
_WAVES = [[math.cos(math.pi * u * (2 * x + 1) / (2 * _SIDE)) for x in range(_SIDE)] for u in range(_LOW)]
# A frequency tells something where its waves are higher than one of 256 greys; a picture does where so many of them do. Of the
# real pictures of docs/duplicates.md, those with fewer are plain areas, whose bits compression changes at will.
_FAINT = _SIDE * _SIDE / 4
_ENOUGH = 24

_LOOKERS = {Kind.IMAGE: "phash:look_at_picture", Kind.VIDEO: "phash_film:look_at_film", Kind.AUDIO: "phash:hear"}


def look(payload: File) -> Made | Failed:
    """Look at a file; the value is a JSON array of what was seen, None where there is nothing.

    A file that changes meanwhile is Failed. Raises ExtractError and OSError.
    """
    path, suffix = payload

    def make(head: bytes) -> tuple[str | None, Pictures]:
        seen: Sequence[Look] = by_kind(os.fsdecode(path), suffix, head, _LOOKERS)
        return json.dumps(seen) if seen else None, ()

    return made_of(path, make)


def look_at_picture(path: str, suffix: str, head: bytes) -> list[Look]:
    """Return what a picture looks like, upright; nothing where it is plain."""
    from mediaforge.extract.thumbnail_image import draw

    found = hashes(draw(path, suffix, head, size=SIZE))
    return [(None, *found)] if found else []


def hear(_path: str, _suffix: str, _head: bytes) -> list[Look]:
    """Return nothing: the songs of an album have one cover, and are not alike."""
    return []


def hashes(picture: Image) -> tuple[int, int] | None:
    """Return the pHash and the dHash of a picture as signed integers; None where it shows too little to tell it by."""
    from PIL import Image

    if picture.mode == "RGBA":
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture)
    grey = picture.convert("L")
    strengths = _frequencies(grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0).tobytes())
    if sum(abs(strength) > _FAINT for strength in strengths) < _ENOUGH:
        return None
    steps = grey.resize((9, 8), Image.Resampling.LANCZOS, reducing_gap=3.0).tobytes()
    rises = [steps[at] < steps[at + 1] for at in range(72) if at % 9 < 8]
    return _number([strength > 0 for strength in strengths]), _number(rises)


def _frequencies(pixels: bytes) -> list[float]:
    """Return the strengths of the 64 lowest frequencies (DCT-II, without its factors)."""
    rows = [pixels[start : start + _SIDE] for start in range(0, _SIDE * _SIDE, _SIDE)]
    across = [[sum(map(mul, wave, row)) for row in rows] for wave in _WAVES]
    return [sum(map(mul, _WAVES[y], across[x])) for x, y in _ORDER]


def _number(bits: Sequence[bool]) -> int:
    number = int("".join("01"[bit] for bit in bits), 2)
    return number - (1 << 64) if number >> 63 else number
