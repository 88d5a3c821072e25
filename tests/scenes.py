"""Pictures and videos in which there is something to be seen: shapes of many sizes, others for each seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageDraw, ImageFilter


def scene(seed: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Return a picture; equal seeds make equal pictures, of whichever size."""
    chance, width, height = random.Random(seed), 640, 480
    picture = Image.new("RGB", (width, height), _colour(chance))
    pen = ImageDraw.Draw(picture)
    for number in range(60):
        x, y, side = chance.randrange(width), chance.randrange(height), chance.randrange(30, 260 - 3 * number)
        shape = chance.choice((pen.ellipse, pen.rectangle))
        shape((x - side // 2, y - side // 2, x + side // 2, y + side // 2), fill=_colour(chance))
    return picture.filter(ImageFilter.GaussianBlur(2)).resize(size, Image.Resampling.LANCZOS)


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)


def write_film(path: Path, paint: Callable[[float], Image.Image], seconds: float, *, every: int = 250, rate: int = 10) -> Path:
    """Write a video whose picture is painted by its time, with a key frame `every` so many frames."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "g": str(every)})
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(int(seconds * rate)):
            frame: Any = av.VideoFrame.from_image(paint(number / rate).resize((160, 120)))  # type: ignore[no-untyped-call]
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def shots(seed: int, *, begin: float = 0.0, each: float = 1.5) -> Callable[[float], Image.Image]:
    """Return what paints a film of scenes that are shown for so long, from `begin` on."""
    known: dict[int, Image.Image] = {}

    def paint(at: float) -> Image.Image:
        number = int((at + begin) / each)
        if number not in known:
            known[number] = scene(1000 * seed + number, (160, 120))
        return known[number]

    return paint
