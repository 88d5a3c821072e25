"""Feed mutated real files to the readers, in worker processes as a scan does: `make fuzz`.

    fuzz.py [--count 10000] [--seed 1] [--keep FOLDER] [FOLDER...]

Originals are the media files below the folders (../shared/corpus/media, where it is) and one file of every format that the
tests can make. Nothing but a Reading or an unreadable file's Failed may come out, within the deadline; anything else is told,
kept below --keep with its seed in its name, and makes the exit code 1. The same seed makes the same files.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import media_files
from mediaforge.build.pool import Pool
from mediaforge.extract.work import read
from mediaforge.model import SUFFIXES, Failure
from mediaforge.scanned import Failed, Reading

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "media"
_LARGEST = 2**20  # bytes of an original: beyond, a mutation hardly ever strikes what is read
_BATCH = 100  # files that exist at once, for each worker
_DEADLINE = 20.0  # seconds; a scan's is longer, and a reader that needs this many is a hang
_SLOWEST = 5
_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@dataclass(slots=True)
class Tally:
    """What came out: counts by outcome, what may not come out, and the slowest files."""

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slow: list[tuple[float, str]] = field(default_factory=list)


def originals(folders: list[Path], place: Path) -> list[tuple[str, bytes]]:
    """Return suffix and bytes of every original: real files, and one made of every format."""
    paths = sorted(p for folder in folders for p in folder.rglob("*") if p.suffix[1:].lower() in SUFFIXES and p.is_file())
    made = [
        *media_files.VIDEO_CODECS,
        *media_files.AUDIO_CODECS,
        *"jpg png gif webp tif bmp heic avif jp2 ico tga dsf jxl".split(),
    ]
    paths += [media_files.make_media(place / f"made.{suffix}", seed=1) for suffix in made]
    return [(p.suffix[1:].lower(), p.read_bytes()) for p in paths if 0 < p.stat().st_size <= _LARGEST]


def mutate(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Return a broken copy: bits flipped, numbers at their extremes, pieces moved, doubled, cut out, or taken from `other`."""
    broken = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8, 32))):
        # Headers and directories are where readers go wrong: most harm is done near the beginning, and at the end.
        size = max(1, len(broken))
        at = chance.choice((chance.randrange(min(64, size)), chance.randrange(min(4096, size)), chance.randrange(size)))
        length = chance.choice((1, 2, 4, 8, 64, 1024))
        match chance.randrange(8):
            case 0 | 1 if broken:
                broken[at] ^= 1 << chance.randrange(8)
            case 2 | 3:
                broken[at : at + 4] = struct.pack(chance.choice("<>") + "I", chance.choice(_EXTREMES))
            case 4:
                broken[at : at + 2] = struct.pack(chance.choice("<>") + "H", chance.choice(_EXTREMES) & 0xFFFF)
            case 5:
                del broken[at : at + length]
            case 6:
                broken[at:at] = broken[at : at + length] * chance.choice((1, 1, 20))
            case 7:
                start = chance.randrange(max(1, len(other)))
                broken[at : at + length] = other[start : start + length]
    return bytes(broken[: chance.randrange(len(broken) + 1)] if chance.random() < 0.2 else broken)


def mutants(seed: int, count: int, known: list[tuple[str, bytes]], place: Path) -> Iterator[Path]:
    """Write mutants and yield their paths; every twentieth has another format's name."""
    for number in range(count):
        chance = random.Random(f"{seed}:{number}")
        (suffix, data), (other, spare) = chance.choice(known), chance.choice(known)
        path = place / f"{seed}-{number}.{other if number % 20 == 0 else suffix}"
        path.write_bytes(mutate(chance, data, spare))
        yield path


async def feed(pool: Pool, paths: Iterator[Path], tally: Tally, keep: Path) -> None:
    """Read batch after batch until no mutant is left."""
    while batch := list(islice(paths, _BATCH)):
        last = time.monotonic()

        async def received(index: int, value: object, batch: list[Path] = batch) -> None:
            nonlocal last
            path, now = batch[index], time.monotonic()
            judge(path, value, now - last, tally, keep)
            last = now
            path.unlink()

        await pool.run([(os.fsencode(path), path.suffix[1:]) for path in batch], received)


def judge(path: Path, value: object, seconds: float, tally: Tally, keep: Path) -> None:
    """Count an outcome, and keep the file where nothing of the kind may come out."""
    good = isinstance(value, Reading) or (isinstance(value, Failed) and value.reason is Failure.UNREADABLE)
    name = value.reason.value if isinstance(value, Failed) else type(value).__name__
    tally.outcomes[name] += 1
    tally.slow = sorted([*tally.slow, (seconds, path.name)], reverse=True)[:_SLOWEST]
    if not good or seconds > _DEADLINE / 4:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / path.name).write_bytes(path.read_bytes())
    if not good:
        tally.wrong.append(f"{path.name}: {value.message if isinstance(value, Failed) else value!r:.300}")


async def fuzz(seed: int, count: int, folders: list[Path], keep: Path) -> Tally:
    """Feed `count` mutants to the readers and return what came out."""
    tally, slots = Tally(), os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as place:
        paths = mutants(seed, count, originals(folders, Path(made)), Path(place))
        async with Pool(f"{read.__module__}:{read.__name__}", slots=slots, deadline=_DEADLINE) as pool:
            await asyncio.gather(*(feed(pool, paths, tally, keep) for _ in range(slots)))
    return tally


def main() -> int:
    """Fuzz, print, and return the exit code."""
    parser = argparse.ArgumentParser(description="feed mutated real files to the readers")
    parser.add_argument("folders", type=Path, nargs="*", default=[CORPUS] if CORPUS.is_dir() else [])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir(), "mediaforge-fuzz"))
    asked = parser.parse_args()
    began = time.monotonic()
    tally = asyncio.run(fuzz(asked.seed, asked.count, asked.folders, asked.keep))
    print(f"{sum(tally.outcomes.values())} mutants in {time.monotonic() - began:.0f} s:", dict(tally.outcomes))
    print("slowest:", ", ".join(f"{name} {seconds:.2f} s" for seconds, name in tally.slow))
    print(*(f"WRONG {line}" for line in tally.wrong), sep="\n")
    return int(bool(tally.wrong))


if __name__ == "__main__":
    sys.exit(main())
