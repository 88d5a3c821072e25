"""Make a library of real, playable, distinct files: `python -m bench.make_library DIR --files 2000 --mix 20/35/45 --seed 1`.

The same arguments make the same names and tags. Pictures and clips are small, since what is measured reads no pixels; they
have the structure, the EXIF and the tags of real ones.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from io import BytesIO
from typing import Any

from bench import clips
from bench.words import GENRES, Teller

# Suffixes as people have them, in parts of a hundred of their kind.
VIDEOS = {"mp4": 34, "mkv": 18, "mov": 14, "avi": 8, "webm": 5, "m4v": 4, "mts": 4, "wmv": 3, "mpg": 3, "ts": 2, "3gp": 2}
VIDEOS |= {"flv": 2, "ogv": 1}
AUDIO = {"mp3": 46, "flac": 20, "m4a": 15, "ogg": 5, "opus": 4, "wav": 3, "wma": 3, "aiff": 2, "mka": 1, "aac": 1}
IMAGES = {"jpg": 72, "heic": 6, "png": 9, "webp": 4, "tif": 3, "gif": 2, "jpeg": 2, "avif": 1, "bmp": 1}

_LIGHT = 50  # pictures of which light files are copies
_CHUNK = 100  # files that a process makes at a time
_GPS, _EXIF = 0x8825, 0x8769


def make_library(
    folder: str, *, files: int, mix: Sequence[int] = (20, 35, 45), seed: int = 1, processes: int = 2, light: bool = False
) -> None:
    """Make `files` files below `folder`, of which `mix` tells the hundredths that are video, audio and images.

    With `light` all are JPEGs, made some 40 times as fast: each is one of a few pictures with a comment of its own.
    """
    starts = range(0, files, _CHUNK)
    make = partial(_make_chunk, os.fsencode(os.path.abspath(folder)), files, None if light else tuple(mix), seed)
    if processes == 1:
        for start in starts:
            make(start)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for _ in pool.imap_unordered(make, starts):
            pass


def _make_chunk(folder: bytes, files: int, mix: Sequence[int] | None, seed: int, start: int) -> None:
    numbers = range(start, min(start + _CHUNK, files))
    if mix is None:
        return _make_light(folder, seed, numbers)
    for number in numbers:
        _make_file(folder, mix, seed, number)
    return None


def _make_light(folder: bytes, seed: int, numbers: range) -> None:
    """Write a folder of JPEGs; a comment segment that holds its number makes each another file."""
    below = os.path.join(folder, b"%04d" % (numbers.start // 10_000), b"%06d" % numbers.start)
    os.makedirs(below, exist_ok=True)
    for number in numbers:
        picture, comment = _light_picture(number % _LIGHT), f"{seed}:{number}".encode()
        with open(os.path.join(below, b"IMG_%07d.jpg" % number), "wb") as file:
            file.write(picture[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + picture[2:])


@cache
def _light_picture(number: int) -> bytes:
    from PIL import Image

    teller, made = Teller(f"light {number}"), BytesIO()
    Image.effect_noise((96, 64), 30).convert("RGB").save(made, format="JPEG", quality=60, exif=_exif(teller.time(), teller))
    return made.getvalue()


def _make_file(folder: bytes, mix: Sequence[int], seed: int, number: int) -> None:
    teller = Teller(f"{seed}:{number}")
    make = teller.random.choices((_video, _music, _picture), weights=mix)[0]
    make(folder, teller, number)


def _place(folder: bytes, parts: Sequence[str]) -> bytes:
    path = os.path.join(folder, *(os.fsencode(part) for part in parts))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def _pick(teller: Teller, shares: Mapping[str, int]) -> str:
    return teller.random.choices(list(shares), weights=list(shares.values()))[0]


def _dated(path: bytes, taken: datetime) -> None:
    os.utime(path, (taken.timestamp(), taken.timestamp()))


def _video(folder: bytes, teller: Teller, number: int) -> None:
    suffix, taken, title = _pick(teller, VIDEOS), teller.time(), teller.title()
    which = teller.random.random()
    if which < 0.3:
        name = f"{title} ({taken.year}) [{number}].{suffix}"
        parts = ["Videos", "Films", f"{title} ({taken.year})", name]
    elif which < 0.5:
        show, season = Teller(number // 40).title(1, 2), number // 8 % 5 + 1
        name = f"{show} S{season:02}E{number % 8 + 1:02} {title} {number}.{suffix}"
        parts = ["Videos", "Series", show, f"Season {season:02}", name]
    else:
        parts = ["Videos", "Camera", f"{taken:%Y}", f"{taken:%m}", f"VID_{taken:%Y%m%d_%H%M%S}_{number}.{suffix}"]
    tags = {"title": f"{title} {number}", "comment": teller.title(3, 8), "service_name": f"{title} {number}"}
    tags["creation_time"] = f"{taken:%Y-%m-%dT%H:%M:%S}.000000Z"
    if suffix == "mov":
        make, model, _ = teller.camera()
        tags |= {"com.apple.quicktime.creationdate": f"{taken:%Y-%m-%dT%H:%M:%S}+0200"}
        tags |= {"com.apple.quicktime.make": make, "com.apple.quicktime.model": model}
    path = _place(folder, parts)
    clips.write(path, suffix, tags, number)
    _dated(path, taken)


def _music(folder: bytes, teller: Teller, number: int) -> None:
    suffix, taken, title = _pick(teller, AUDIO), teller.time(), teller.title()
    album = Teller(f"album {number // 12}")  # some neighbours share one
    artist, name, year = album.title(1, 2), album.title(1, 3), album.time().year
    track = number % 12 + 1
    tags = {"title": title, "artist": artist, "album": name, "album_artist": artist, "composer": teller.title(2, 2)}
    tags |= {"genre": album.random.choice(GENRES), "date": str(year), "track": f"{track}/12", "disc": "1/1"}
    tags["comment"] = f"{teller.title(2, 5)} {number}"
    path = _place(folder, ["Music", artist, f"{name} ({year})", f"{track:02} {title} [{number}].{suffix}"])
    clips.write(path, suffix, tags, number)
    _dated(path, taken)


def _picture(folder: bytes, teller: Teller, number: int) -> None:
    from PIL import Image

    suffix, taken = _pick(teller, IMAGES), teller.time()
    event = f"{taken:%Y-%m} {teller.title(1, 2)}"
    which = teller.random.random()
    if which < 0.10:
        parts = ["Photos", "Inbox"]  # wide: one folder that everything falls into
    elif which < 0.12:
        parts = ["Photos", "Archive", *teller.words(12)]  # deep
    else:
        parts = ["Photos", f"{taken:%Y}", event]
    stem = teller.random.choice(("IMG_{:06}", "DSC{:06}", "PXL_{:%Y%m%d_%H%M%S}{:06}"))
    stem = stem.format(taken, number) if ":%" in stem else stem.format(number)
    path = _place(folder, [*parts, f"{stem}.{suffix.upper() if teller.random.random() < 0.3 else suffix}"])
    size = (96, 64) if suffix in ("heic", "avif") else teller.random.choice(((320, 240), (240, 320), (160, 120)))
    picture = Image.effect_noise(size, teller.random.uniform(5, 60)).convert("RGB")
    picture.paste(tuple(teller.random.choices(range(256), k=3)), (0, 0, size[0] // 2, size[1] // 2))
    _save(picture, path, suffix, taken, teller)
    _dated(path, taken)


def _save(picture: Any, path: bytes, suffix: str, taken: datetime, teller: Teller) -> None:
    options: dict[str, Any] = {}
    if suffix == "heic":
        import pillow_heif

        pillow_heif.register_heif_opener()
    if suffix not in ("gif", "bmp"):
        options["exif"] = _exif(taken, teller)
    if suffix in ("jpg", "jpeg", "webp"):
        options["quality"] = teller.random.randint(60, 90)
    if suffix == "avif":
        options["speed"] = 10
    if suffix == "png":
        options["compress_level"] = 1
    picture.save(
        os.fsdecode(path), format={"jpg": "JPEG", "tif": "TIFF", "heic": "HEIF"}.get(suffix, suffix.upper()), **options
    )


def _exif(taken: datetime, teller: Teller) -> Any:
    from PIL import Image

    chance, (make, model, lens) = teller.random, teller.camera()
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = make, model
    exif[0x0112] = chance.choice((1, 1, 1, 1, 6, 8))  # orientation
    exif[0x0132] = f"{taken:%Y:%m:%d %H:%M:%S}"
    exif[0x010E] = teller.title(1, 6).encode("ascii", "replace").decode()  # description
    inner = exif.get_ifd(_EXIF)
    inner[0x9003] = inner[0x9004] = f"{taken:%Y:%m:%d %H:%M:%S}"
    if chance.random() < 0.5:
        inner[0x9011] = "+02:00"
    inner[0x829A], inner[0x829D] = 1 / chance.choice((30, 60, 125, 250, 500)), chance.choice((1.8, 2.8, 4.0, 8.0))
    inner[0x8827], inner[0x920A], inner[0xA434] = chance.choice((100, 200, 400, 1600)), chance.choice((24.0, 35.0, 50.0)), lens
    if chance.random() < 0.4:
        _name, latitude, longitude = teller.place()
        gps = exif.get_ifd(_GPS)
        gps[1], gps[2] = "N" if latitude >= 0 else "S", _sexagesimal(abs(latitude))
        gps[3], gps[4] = "E" if longitude >= 0 else "W", _sexagesimal(abs(longitude))
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return float(int(degrees)), float(int(minutes)), round(minutes % 1 * 60, 2)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and make the library."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.make_library", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("folder")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--mix", default="20/35/45", help="hundredths of video/audio/images")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--light", action="store_true", help="JPEGs alone, made some 40 times as fast")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(arguments)
    mix = [int(part) for part in asked.mix.split("/")]
    if len(mix) != 3 or sum(mix) != 100:
        parser.error(f"--mix takes three numbers that make 100, such as 20/35/45, not '{asked.mix}'")
    began = time.monotonic()
    make_library(asked.folder, files=asked.files, mix=mix, seed=asked.seed, processes=asked.processes, light=asked.light)
    print(f"{asked.files} files below '{asked.folder}' in {time.monotonic() - began:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
