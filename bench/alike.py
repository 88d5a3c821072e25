"""How well and how fast what looks alike is found: `python -m bench.alike --quality DIR`, `… --hashes 1000000`.

Quality is told by copies that are made of the real pictures and videos below DIR, and of films that are made of its pictures:
how many are found again, and how many pairs of different ones are taken for copies. Speed is that of random hashes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from bench import alike_copies
from mediaforge.catalog.likeness import Film, Frame
from mediaforge.errors import ExtractError
from mediaforge.extract import extract
from mediaforge.extract.made import Made
from mediaforge.extract.phash import look
from mediaforge.model import MediaId
from mediaforge.operations.alike import DISTANCE
from mediaforge.operations.distance import apart, film_distance
from mediaforge.operations.nearness import in_company, pairs

_DISTANCES = (6, 8, 10, 12)
_BITS = (1 << 64) - 1
_MARGIN = 4  # bits beyond the usual distance within which two originals are taken for versions of one picture


@dataclass(frozen=True, slots=True)
class Seen:
    """A file that was looked at, what it is a copy of and by which operation (none: it is the original)."""

    name: str
    original: int
    operation: str
    film: Film


def _distance(one: Seen, other: Seen, most: int) -> int | None:
    """Return how far apart two pictures, or two videos, are; None where that is more than `most`."""
    if one.film.duration is None:
        far = apart(one.film.frames[0], other.film.frames[0])
        return far if far <= most else None
    return film_distance(one.film, other.film, most)


def _seen(path: str, original: int, operation: str) -> Seen | None:
    """Look at a file as a worker does; None where there is nothing in it to be seen."""
    suffix = path.rpartition(".")[2].lower()
    try:
        made = look((os.fsencode(path), suffix))
        assert isinstance(made, Made)
        duration = extract(path, suffix).duration
    except (ExtractError, OSError):
        return None
    frames = [Frame(at or 0.0, phash & _BITS, dhash & _BITS) for at, phash, dhash in json.loads(made.value or "[]")]
    if not frames:
        return None
    moving = any(frame.at for frame in frames)
    return Seen(path, original, operation, Film(MediaId(original), tuple(frames), duration if moving else None, None))


def measure(originals: Sequence[str], operations: Mapping[str, Callable[[str, str], str]], folder: str) -> str:
    """Return a table of the share of copies that are found, and of pairs of different ones that are taken for copies."""
    first = [one for number, path in enumerate(originals) if (one := _seen(path, number, ""))]
    kept = list[Seen]()
    for one in first:
        version = next((other for other in kept if _distance(one, other, DISTANCE + _MARGIN) is not None), None)
        if version:
            print(f"versions of one: {os.path.basename(one.name)}, {os.path.basename(version.name)}", file=sys.stderr)
        else:
            kept.append(one)
    copies = list[Seen]()
    missed = dict.fromkeys(operations, 0)  # in which nothing is to be seen any more
    for one in kept:
        for number, (operation, make) in enumerate(operations.items()):
            copy = _seen(make(one.name, os.path.join(folder, f"{one.original}-{number}")), one.original, operation)
            if copy:
                copies.append(copy)
            else:
                missed[operation] += 1
    return _table(kept, copies, missed)


def _table(kept: Sequence[Seen], copies: Sequence[Seen], missed: Mapping[str, int]) -> str:
    by_number = {one.original: one for one in kept}
    lines = [f"| {len(kept)} originals | {' | '.join(map(str, _DISTANCES))} |", f"|---|{'---:|' * len(_DISTANCES)}"]
    for operation, lost in missed.items():
        some = [copy for copy in copies if copy.operation == operation]
        shares = [
            sum(_distance(by_number[copy.original], copy, most) is not None for copy in some) / max(len(some) + lost, 1)
            for most in _DISTANCES
        ]
        lines.append(f"| {operation} | {' | '.join(f'{share:.0%}' for share in shares)} |")
    others = [(one, other) for one, other in combinations([*kept, *copies], 2) if one.original != other.original]
    wrong = [sum(_distance(one, other, most) is not None for one, other in others) for most in _DISTANCES]
    return "\n".join([*lines, f"| wrong, of {len(others):,} pairs | {' | '.join(map(str, wrong))} |"])


def quality(folder: str) -> str:
    """Return the tables of pictures and of videos."""
    pictures, videos = alike_copies.media_below(folder)
    with tempfile.TemporaryDirectory() as scratch:
        told = [measure(pictures, alike_copies.OF_PICTURES, scratch)]
        made = alike_copies.make_films([path for path in pictures if _seen(path, 0, "")], scratch)
        told.append(measure([*videos, *made], alike_copies.OF_VIDEOS, scratch))
    return "\n\n".join(told)


def speed(count: int, distance: int) -> str:
    """Return what finding all pairs costs among random hashes, a tenth of which are near copies of others."""
    chance = random.Random(1)
    hashes = [chance.getrandbits(64) for _ in range(count * 9 // 10)]
    copied = chance.sample(hashes, count - len(hashes))
    hashes += [one ^ sum(1 << bit for bit in chance.sample(range(64), chance.randint(1, distance or 1))) for one in copied]
    hashes = list(dict.fromkeys(hashes))
    chance.shuffle(hashes)
    works: dict[str, Callable[[], Any]] = {
        "all pairs": lambda: sum(1 for _ in pairs(hashes, distance)),
        "those that have another near": lambda: max((len(some) for some in in_company(hashes, distance)), default=0),
    }
    lines = [
        f"| {len(hashes):,} hashes, distance {distance} | found | time | CPU | peak memory, with the hashes |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, work in works.items():
        began, cpu = time.perf_counter(), time.process_time()
        found = work()
        spent = f"{time.perf_counter() - began:.1f} s | {time.process_time() - cpu:.1f} s"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        lines.append(f"| {name} | {found:,} | {spent} | {peak} MB |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.alike", description="How well and how fast what looks alike is found."
    )
    parser.add_argument("--quality", metavar="DIR", help="measure by copies of what is below a folder")
    parser.add_argument("--hashes", type=int, metavar="N", help="measure by so many random hashes")
    parser.add_argument("--distance", type=int, default=6)
    asked = parser.parse_args(arguments)
    if asked.quality:
        print(quality(asked.quality))
    if asked.hashes:
        print(speed(asked.hashes, asked.distance))


if __name__ == "__main__":
    main()
