"""Copies as people and programs make them of pictures and videos, and films that are made of pictures."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import av
import pillow_heif
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from mediaforge.errors import ExtractError
from mediaforge.extract import extract
from mediaforge.extract.thumbnail_image import draw
from mediaforge.model import SUFFIXES, Kind

pillow_heif.register_heif_opener()

_LEAST = 200  # pixels of the shorter side, below which nobody keeps a picture
_MOST = 2000
_SIZE, _RATE = (320, 240), 12  # of films that are made
_SHOTS, _FILMS = 6, 16
_SECONDS = 8.0  # of a video, below which there is nothing to trim


def media_below(folder: str) -> tuple[list[str], list[str]]:
    """Return the pictures that are large enough, and the videos that are long enough."""
    found: dict[Kind, list[str]] = {Kind.IMAGE: [], Kind.VIDEO: [], Kind.AUDIO: []}
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            kind = SUFFIXES.get(name.rpartition(".")[2].lower())
            if kind and _serves(os.path.join(place, name), kind):
                found[kind].append(os.path.join(place, name))
    return found[Kind.IMAGE], found[Kind.VIDEO]


def _serves(path: str, kind: Kind) -> bool:
    try:
        facts = extract(path, path.rpartition(".")[2].lower())
    except (ExtractError, OSError):
        return False
    if kind is Kind.VIDEO:
        return (facts.duration or 0) >= _SECONDS and facts.video_codec is not None
    return min(facts.width or 0, facts.height or 0) >= _LEAST and (facts.width or 0) * (facts.height or 0) < 1 << 26


def _opened(path: str) -> Image.Image:
    with open(path, "rb") as file:
        picture = draw(path, path.rpartition(".")[2].lower(), file.read(1 << 16), size=_MOST)
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")


def _picture(change: Callable[[Image.Image], Image.Image], suffix: str = "jpg", **options: Any) -> Callable[[str, str], str]:
    """Return what writes a changed copy of a picture, and returns its name."""

    def make(path: str, stem: str) -> str:
        change(_opened(path)).save(f"{stem}.{suffix}", **{"quality": 85, **options} if suffix == "jpg" else options)
        return f"{stem}.{suffix}"

    return make


def _turned(path: str, stem: str) -> str:
    exif = Image.Exif()
    exif[0x0112] = 6
    _opened(path).transpose(Image.Transpose.ROTATE_90).save(f"{stem}.jpg", quality=85, exif=exif)
    return f"{stem}.jpg"


def _cropped(left: float, top: float, right: float, bottom: float) -> Callable[[Image.Image], Image.Image]:
    def crop(picture: Image.Image) -> Image.Image:
        width, height = picture.size
        return picture.crop((int(width * left), int(height * top), int(width * (1 - right)), int(height * (1 - bottom))))

    return crop


def _marked(picture: Image.Image) -> Image.Image:
    pen, (width, height) = ImageDraw.Draw(picture, "RGBA"), picture.size
    pen.text((width * 0.55, height * 0.88), "© Example 2026", (255, 255, 255, 160), font_size=max(9, height // 14))
    return picture


OF_PICTURES: Mapping[str, Callable[[str, str], str]] = {
    "half the size": _picture(lambda one: one.resize((one.width // 2, one.height // 2), Image.Resampling.BICUBIC)),
    "320 pixels": _picture(lambda one: ImageOps.contain(one, (320, 320))),
    "JPEG of quality 30": _picture(lambda one: one, quality=30),
    "as WebP of quality 50": _picture(lambda one: one, "webp", quality=50),
    "as PNG": _picture(lambda one: one, "png", compress_level=1),
    "5 % less around": _picture(_cropped(0.025, 0.025, 0.025, 0.025)),
    "5 % less at one side": _picture(_cropped(0.05, 0, 0, 0)),
    "10 % less around": _picture(_cropped(0.05, 0.05, 0.05, 0.05)),
    "20 % brighter": _picture(lambda one: ImageEnhance.Brightness(one).enhance(1.2)),
    "20 % darker": _picture(lambda one: ImageEnhance.Brightness(one).enhance(0.8)),
    "30 % more contrast": _picture(lambda one: ImageEnhance.Contrast(one).enhance(1.3)),
    "without colour": _picture(lambda one: one.convert("L")),
    "with a watermark": _picture(_marked),
    "turned, and EXIF says so": _turned,
}
"""What is done to pictures: writes a copy under a name to which it adds a suffix, and returns that."""


def make_films(pictures: Sequence[str], folder: str) -> list[str]:
    """Make films of shots, in each of which a camera moves over a picture; of every picture in one film at the most."""
    chance, left, made = random.Random(1), list(pictures), list[str]()
    chance.shuffle(left)
    while len(left) >= _SHOTS and len(made) < _FILMS:
        some, left = left[:_SHOTS], left[_SHOTS:]
        made.append(os.path.join(folder, f"film-{len(made)}.mp4"))
        _encode(made[-1], (shot for path in some for shot in _shot(_opened(path), chance)), _RATE, {"g": "250"})
    return made


def _shot(picture: Image.Image, chance: random.Random) -> Iterator[Image.Image]:
    wide = ImageOps.fit(picture, (int(_SIZE[0] * 1.4), int(_SIZE[1] * 1.4)))
    dx, dy, count = chance.uniform(-1, 1), chance.uniform(-1, 1), int(_RATE * chance.uniform(2.5, 6))
    room = (wide.width - _SIZE[0]) / 2, (wide.height - _SIZE[1]) / 2
    for number in range(count):
        along = 2 * number / count - 1
        x, y = int(room[0] * (1 + dx * along)), int(room[1] * (1 + dy * along))
        yield wide.crop((x, y, x + _SIZE[0], y + _SIZE[1]))


def _encode(path: str, frames: Iterator[Image.Image], rate: int, options: dict[str, str], codec: str = "libx264") -> None:
    with av.open(path, "w") as out:
        stream: Any = None
        for picture in frames:
            if stream is None:
                stream = out.add_stream(codec, rate=rate, options={"preset": "ultrafast", **options})
                stream.width, stream.height, stream.pix_fmt = picture.width // 2 * 2, picture.height // 2 * 2, "yuv420p"
            frame: Any = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            out.mux(stream.encode(frame.reformat(stream.width, stream.height)))
        out.mux(stream.encode(None))


def _video(
    part: tuple[float, float] = (0.0, 1.0), scale: float = 1.0, codec: str = "libx264", **options: str
) -> Callable[[str, str], str]:
    """Return what encodes a part of a video again."""

    def make(path: str, stem: str) -> str:
        with av.open(path) as given:
            stream = given.streams.video[0]
            rate, seconds = round(stream.average_rate or 25), (given.duration or 0) / av.time_base
            begin = (given.start_time or 0) / av.time_base
            low, high = begin + part[0] * seconds, begin + part[1] * seconds
            shown: Iterator[Any] = (frame for frame in given.decode(stream) if low <= (frame.time or 0.0) < high)
            size = max(16, int(stream.width * scale)), max(16, int(stream.height * scale))
            pictures = (frame.to_image().resize(size) for frame in shown)
            _encode(f"{stem}.mp4", pictures, rate, options, codec)
        return f"{stem}.mp4"

    return make


OF_VIDEOS: Mapping[str, Callable[[str, str], str]] = {
    "encoded again": _video(crf="32"),
    "half the size": _video(scale=0.5, crf="26"),
    "key frames at other places": _video(g="37"),
    "as MPEG-4": _video(codec="mpeg4"),
    "without the last 10 %": _video((0.0, 0.9)),
    "without the last 30 %": _video((0.0, 0.7)),
    "without the first 10 %": _video((0.1, 1.0)),
    "without the first 30 %": _video((0.3, 1.0)),
    "without 5 % at both ends": _video((0.05, 0.95)),
}
"""The same for videos."""
