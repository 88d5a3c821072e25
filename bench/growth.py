"""How each kind of work grows with the library: `python -m bench.growth`, a table and a picture with the slope of each.

A slope is the exponent of growth: 1 is in step with the number of items, 0 not at all. Scans read light files; searches and
tags work on catalogues without files, since a million files fit few disks.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from math import log
from statistics import median

from bench import results
from bench.measure import ROOT, SCRATCH, run
from bench.plot import draw
from bench.queries import time_queries, time_tagging
from bench.rows import SCAN_EXITS, Bench, Sizes

_COUNTS = (1_000, 10_000, 100_000, 1_000_000)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the exponent b of the curve a * x**b that fits (x, y) best: least squares of the logarithms."""
    xs, ys = [log(x) for x, _ in points], [log(y) for _, y in points]
    x0, y0 = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - x0) * (y - y0) for x, y in zip(xs, ys, strict=True)) / sum((x - x0) ** 2 for x in xs)


def _scan(bench: Bench, count: int) -> float:
    return bench.scanned(count).peaks.cpu


def _rescan(bench: Bench, count: int) -> float:
    command = bench.scan(bench.scanned(count).catalogue, bench.library(count, light=True))
    return median(run(command, bench.environ, ok=SCAN_EXITS).cpu for _ in range(3))


def _size(bench: Bench, count: int) -> float:
    return os.path.getsize(bench.catalogue(count)) / 1e6


def _search(bench: Bench, count: int) -> float:
    return median(asyncio.run(time_queries(bench.catalogue(count), rounds=1)).values())


def _tag(bench: Bench, count: int) -> float:
    return asyncio.run(time_tagging(bench.catalogue(count), "beach")).tagged


def _undo(bench: Bench, count: int) -> float:
    return asyncio.run(time_tagging(bench.catalogue(count), "beach")).undone


# Work, its unit, how it is measured, whether it needs files. A rescan follows the scan of the same files.
_WORK: tuple[tuple[str, str, Callable[[Bench, int], float], bool], ...] = (
    ("first scan (CPU)", "s", _scan, True),
    ("rescan (CPU)", "s", _rescan, True),
    ("catalogue", "MB", _size, False),
    ("search, median of all queries", "ms", _search, False),
    ("tag what a common word finds", "s", _tag, False),
    ("undo of that", "s", _undo, False),
)


def table(counts: Sequence[int], measured: Sequence[tuple[str, str, Sequence[tuple[int, float]]]]) -> str:
    """Return what was measured as a table in Markdown, a row for each kind of work."""
    lines = [f"| work | {' | '.join(f'{count:,}' for count in counts)} | slope |", f"|---|{'---:|' * (len(counts) + 1)}"]
    for work, unit, points in measured:
        known = dict(points)
        cells = [f"{known[count]:.3g} {unit}" if count in known else "" for count in counts]
        lines.append(f"| {work} | {' | '.join(cells)} | {slope(points):.2f} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description="How each kind of work grows.")
    parser.add_argument("--scratch", default=SCRATCH)
    parser.add_argument("--most-files", type=int, default=100_000)
    parser.add_argument("--most-rows", type=int, default=1_000_000)
    parser.add_argument("--write-docs", action="store_true", help="write the table and the picture into docs/")
    asked = parser.parse_args(arguments)
    told = results.facts_of_run(sys.argv[1:] if arguments is None else arguments, "bench.growth")
    measure(Bench(asked.scratch, Sizes()), asked.most_files, asked.most_rows, told if asked.write_docs else None)


def measure(bench: Bench, most_files: int, most_rows: int, told: Mapping[str, object] | None = None) -> None:
    """Measure and print, and with what is `told` of the run write the table and the picture into docs/."""
    points: dict[str, list[tuple[int, float]]] = {work: [] for work, *_ in _WORK}
    for count in _COUNTS:
        for work, _unit, measured, files in _WORK:
            if count <= (most_files if files else most_rows):
                points[work].append((count, measured(bench, count)))
    counts = [count for count in _COUNTS if count <= max(most_files, most_rows)]
    text = table(counts, [(work, unit, points[work]) for work, unit, *_ in _WORK])
    print(text)
    if told is not None:
        results.write_docs(told, text, marks=results.GROWTH)
        lines = [(f"{work}, {unit}", slope(points[work]), points[work]) for work, unit, *_ in _WORK]
        with open(os.path.join(ROOT, "docs", "growth.svg"), "w") as file:
            file.write(draw(lines))


if __name__ == "__main__":
    main()
