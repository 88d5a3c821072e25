"""Make a catalogue of any size without files: `python -m bench.make_catalog FILE --rows 1000000 --seed 1`.

Rows, facts and tags go through the program's own repository, so that its indexes and full text are as a scan leaves them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import groupby

from bench.words import GENRES, Teller
from mediaforge.catalog import facts, libraries, record, tags
from mediaforge.catalog.database import Catalogue, create_catalogue, open_catalogue
from mediaforge.model import SUFFIXES, Facts, Kind, LibraryId, MediaId, Stamp, Stream, StreamType, TakenSource
from mediaforge.scanned import Difference, Reading, StaleRow

_CHUNK = 5_000
_VERSION = 1  # of the recipe `facts`
_SUFFIXES = {Kind.IMAGE: ("jpg", "heic", "png"), Kind.AUDIO: ("mp3", "flac", "m4a"), Kind.VIDEO: ("mp4", "mkv", "mov")}
_VIDEO_CODECS = ("h264", "h264", "h264", "hevc", "hevc", "vp9", "mpeg4", "av1")

# Tags as people have them: name, and how many in a thousand items bear it.
_TAGS: tuple[tuple[str, int], ...] = (
    ("holiday", 60),
    ("family", 150),
    ("work", 40),
    ("travel/italy", 20),
    ("travel/italy/rome", 8),
    ("travel/japan", 12),
)
_TAGS += (("favourite", 5), ("to-sort", 100), ("people/anna", 30), ("people/tom", 25))


async def make_catalogue(path: str, *, rows: int, seed: int = 1) -> None:
    """Make a catalogue of `rows` items at `path`, where none may be."""
    create_catalogue(os.fsencode(path))
    async with open_catalogue(os.fsencode(path)) as catalogue:
        async with catalogue.transaction(durable=False):
            library = await libraries.add_library(catalogue, "made", b"/made/for/bench")
            known = {name: await tags.ensure_tag(catalogue, name) for name, _share in _TAGS}
        for start in range(0, rows, _CHUNK):
            async with catalogue.transaction(durable=False):
                await _add(catalogue, library, known, seed, range(start, min(start + _CHUNK, rows)))


async def _add(catalogue: Catalogue, library: LibraryId, known: dict[str, int], seed: int, numbers: range) -> None:
    first = 1 + (await catalogue.value("SELECT max(id) FROM media") or 0)
    made = [_item(library, seed, number) for number in numbers]
    await record.record_new(catalogue, [difference for difference, _facts in made])
    readings = []
    for media, (d, read) in enumerate(made, start=first):
        stamp = Stamp(d.size, d.mtime_ns)
        row = StaleRow(MediaId(media), b"", d.suffix, stamp, None)
        readings.append((row, Reading(stamp, d.inode, f"{d.inode:032x}", read)))
    await facts.store_facts(catalogue, _VERSION, readings)
    chance = Teller(f"{seed}:tags:{numbers.start}").random
    bears = [(name, MediaId(first + i)) for name, share in _TAGS for i in range(len(made)) if chance.random() * 1000 < share]
    for name, pairs in groupby(bears, key=lambda pair: pair[0]):
        await tags.put(catalogue, known[name], dict.fromkeys((media for _name, media in pairs), "person"))


def _item(library: LibraryId, seed: int, number: int) -> tuple[Difference, Facts]:
    teller = Teller(f"{seed}:{number}")
    kind = teller.random.choices(tuple(_SUFFIXES), weights=(60, 25, 15))[0]
    suffix, taken = teller.random.choice(_SUFFIXES[kind]), teller.time()
    assert SUFFIXES[suffix] is kind
    folder = f"{taken:%Y}/{taken:%Y-%m} {teller.title(1, 2)}"
    path = f"{kind.value}/{folder}/{teller.title(1, 3)} {number:07}.{suffix}"
    size = teller.random.randrange(10**5, 10**7) * (100 if kind is Kind.VIDEO else 1)
    mtime_ns = int((taken - datetime(1970, 1, 1)).total_seconds()) * 10**9 + number % 10**9  # noqa: DTZ001
    found = Difference(0, library, path.encode(), suffix, kind.value, size, mtime_ns, number + 1)
    return found, {Kind.IMAGE: _image, Kind.AUDIO: _audio, Kind.VIDEO: _video}[kind](teller, suffix, taken)


def _image(teller: Teller, suffix: str, taken: datetime) -> Facts:
    chance, (make, model, lens) = teller.random, teller.camera()
    place, latitude, longitude = teller.place() if chance.random() < 0.4 else (None, None, None)
    return Facts(
        reader="image",
        format={"jpg": "jpeg", "heic": "heif"}.get(suffix, suffix),
        width=4000,
        height=3000,
        orientation=chance.choice((1, 1, 1, 6)),
        taken_at=taken.replace(tzinfo=timezone(timedelta(hours=chance.choice((0, 1, 2, 9))))),
        taken_source=TakenSource.EXIF_OFFSET,
        camera_make=make,
        camera_model=model,
        lens=lens,
        iso=chance.choice((50, 100, 200, 400, 800, 1600, 3200, 6400)),
        f_number=chance.choice((1.8, 2.8, 4.0, 5.6, 8.0)),
        exposure_time=1 / chance.choice((30, 60, 125, 250, 500)),
        focal_length=chance.choice((24.0, 35.0, 50.0, 85.0)),
        latitude=latitude,
        longitude=longitude,
        place=place,
        title=teller.title() if chance.random() < 0.3 else None,
        description=teller.title(3, 12) if chance.random() < 0.2 else None,
        keywords=tuple(teller.words(3)) if chance.random() < 0.2 else (),
        rating=chance.choice((None, None, None, 3, 4, 5)),
        origins={"taken_at": "exif:DateTimeOriginal", "width": "pillow:size"},
    )


def _audio(teller: Teller, suffix: str, taken: datetime) -> Facts:
    chance, codec = teller.random, {"m4a": "aac"}.get(suffix, suffix)
    return Facts(
        reader="audio",
        format={"m4a": "mp4"}.get(suffix, suffix),
        duration=chance.uniform(60, 600),
        bit_rate=chance.choice((128_000, 192_000, 320_000, 900_000)),
        audio_codec=codec,
        channels=2,
        sample_rate=44_100,
        streams=(Stream(0, StreamType.AUDIO, codec, channels=2, sample_rate=44_100),),
        title=teller.title(),
        artist=teller.title(1, 2),
        album=teller.title(1, 3),
        genre=chance.choice(GENRES),
        year=chance.randint(1960, 2025),
        track=chance.randint(1, 14),
        origins={"title": "id3:TIT2", "artist": "id3:TPE1"},
    )


def _video(teller: Teller, suffix: str, taken: datetime) -> Facts:
    chance = teller.random
    codec, (width, height) = chance.choice(_VIDEO_CODECS), chance.choice(((1920, 1080), (3840, 2160), (1280, 720), (720, 576)))
    sound = Stream(1, StreamType.AUDIO, "aac", language=chance.choice(("eng", "jpn", "deu", None)), channels=2)
    return Facts(
        reader="video",
        format={"mkv": "matroska"}.get(suffix, suffix),
        duration=chance.uniform(5, 7200),
        bit_rate=8_000_000,
        width=width,
        height=height,
        fps=chance.choice((25.0, 29.97, 60.0)),
        video_codec=codec,
        audio_codec="aac",
        streams=(Stream(0, StreamType.VIDEO, codec, width=width, height=height), sound),
        taken_at=taken.replace(tzinfo=UTC),
        taken_source=TakenSource.CONTAINER,
        title=teller.title() if chance.random() < 0.5 else None,
        origins={"duration": "pyav:duration"},
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and make the catalogue."""
    parser = argparse.ArgumentParser(prog="python -m bench.make_catalog", description="Make a catalogue without files.")
    parser.add_argument("file")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    if os.path.exists(asked.file):
        parser.error(f"there is a file at '{asked.file}' already; name another")
    began = time.monotonic()
    asyncio.run(make_catalogue(asked.file, rows=asked.rows, seed=asked.seed))
    print(f"{asked.rows} rows in '{asked.file}' in {time.monotonic() - began:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
