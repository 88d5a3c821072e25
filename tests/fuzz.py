"""Feed mutated real files to the readers, in worker processes as a scan does: `make fuzz`.

    fuzz.py [--count 10000] [--seed 1] [--keep FOLDER] [FOLDER...]

Originals are the media files below the folders (../shared/corpus/media, where it is) and one file of every format that the
tests can make; hypothesis chooses what is broken in them, and of what goes wrong looks for the smallest change that still does.
Nothing but a Reading or an unreadable file's Failed may come out, within the deadline; anything else is told, kept below --keep
with its seed in its name, and makes the exit code 1. The same seed makes the same files.
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
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import media_files
from mediaforge.build.pool import Pool
from mediaforge.extract.work import read
from mediaforge.model import SUFFIXES, Failure
from mediaforge.scanned import Failed, Reading

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "media"
_LARGEST = 2**20  # bytes of an original: beyond, a mutation hardly ever strikes what is read
_DEADLINE = 20.0  # seconds; a scan's is longer, and a reader that needs this many is a hang
_SLOWEST = 5
_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@dataclass(slots=True)
class Tally:
    """What came out: counts by outcome, what may not come out, and the slowest files."""

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slow: list[tuple[float, str]] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How many came out."""
        return sum(self.outcomes.values())


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


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken file: what it is named after, and its bytes."""

    suffix: str
    data: bytes = field(repr=False)


def mutants(known: Sequence[tuple[str, bytes]]) -> st.SearchStrategy[Mutant]:
    """Return broken copies of originals; every twentieth has another format's name."""

    def broken(chosen: tuple[tuple[str, bytes], tuple[str, bytes], int, random.Random]) -> Mutant:
        (suffix, data), (other, spare), name, chance = chosen
        return Mutant(other if name == 19 else suffix, mutate(chance, data, spare))

    one = st.sampled_from(known)
    return st.tuples(one, one, st.integers(0, 19), st.randoms(use_true_random=False)).map(broken)


async def feed(pool: Pool, path: Path) -> object:
    """Return what a worker makes of a file."""
    came: list[object] = []

    async def received(_index: int, value: object) -> None:
        came.append(value)

    await pool.run([(os.fsencode(path), path.suffix[1:])], received)
    return came[0]


def judge(path: Path, value: object, seconds: float, tally: Tally, keep: Path) -> bool:
    """Count an outcome, keep the file where nothing of the kind may come out, and say whether it may."""
    good = isinstance(value, Reading) or (isinstance(value, Failed) and value.reason is Failure.UNREADABLE)
    name = value.reason.value if isinstance(value, Failed) else type(value).__name__
    tally.outcomes[name] += 1
    tally.slow = sorted([*tally.slow, (seconds, path.name)], reverse=True)[:_SLOWEST]
    if not good or seconds > _DEADLINE / 4:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / path.name).write_bytes(path.read_bytes())
    if not good:
        tally.wrong.append(f"{path.name}: {value.message if isinstance(value, Failed) else value!r:.300}")
    return good


def fuzz(seed: int, count: int, folders: list[Path], keep: Path) -> Tally:
    """Feed `count` mutants to the readers and return what came out; one that is wrong is made as small a change as can be."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as place, asyncio.Runner() as runner:
        pool = Pool(f"{read.__module__}:{read.__name__}", slots=1, deadline=_DEADLINE)

        @hypothesis.seed(seed)
        @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(mutants(originals(folders, Path(made))))
        def is_read_or_refused(mutant: Mutant) -> None:
            path = Path(place) / f"{seed}-{tally.number}.{mutant.suffix}"
            path.write_bytes(mutant.data)
            began = time.monotonic()
            good = judge(path, runner.run(feed(pool, path)), time.monotonic() - began, tally, keep)
            path.unlink()
            assert good

        try:
            is_read_or_refused()
        except (AssertionError, hypothesis.errors.Flaky):
            pass  # it is in the tally
        finally:
            runner.run(pool.__aexit__(None, None, None))
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
    tally = fuzz(asked.seed, asked.count, asked.folders, asked.keep)
    print(f"{tally.number} mutants in {time.monotonic() - began:.0f} s:", dict(tally.outcomes))
    print("slowest:", ", ".join(f"{name} {seconds:.2f} s" for seconds, name in tally.slow))
    print(*(f"WRONG {line}" for line in tally.wrong), sep="\n")
    return int(bool(tally.wrong))


if __name__ == "__main__":
    sys.exit(main())
