"""Measure everything and print one table: `make bench`, or `python -m bench.run --quick` for a look whether it works."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from bench import growth, peers, results, rows
from bench.measure import SCRATCH


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, print and write down."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.run", description="Measure speed against other programs, side by side."
    )
    parser.add_argument("--quick", action="store_true", help="tiny sizes and one pair: numbers that mean nothing")
    parser.add_argument("--pairs", type=int, help="runs of each in turn (5)")
    parser.add_argument("--million", action="store_true", help="memory and rescan with 1,000,000 files, too")
    parser.add_argument("--growth", action="store_true", help="and how each kind of work grows: bench.growth in the same run")
    parser.add_argument("--only", choices=[section.__name__ for section in rows.SECTIONS], action="append", help="a part of it")
    parser.add_argument("--scratch", default=SCRATCH, help="where libraries and catalogues are made and kept")
    parser.add_argument("--results", help="where the results are written; those of a part or of --quick stay in the scratch")
    parser.add_argument("--write-docs", action="store_true", help="write the table into docs/performance.md")
    asked = parser.parse_args(arguments)
    if asked.growth and asked.quick:
        parser.error("--growth says nothing of tiny sizes")
    sizes = rows.QUICK if asked.quick else rows.Sizes()
    if asked.pairs:
        sizes = replace(sizes, pairs=asked.pairs)
    if asked.million:
        sizes = replace(sizes, memory=(*sizes.memory, 1_000_000), unchanged=(*sizes.unchanged, 1_000_000))
    run = results.facts_of_run(sys.argv[1:] if arguments is None else arguments)
    whole = not (asked.quick or asked.only)  # or a part would take the place of what the next whole run compares with
    folder = asked.results or (results.FOLDER if whole else os.path.join(asked.scratch, "results"))
    bench, measured = rows.Bench(asked.scratch, sizes), list[results.Row]()
    before = results.last(str(run["machine"]), folder)
    written = ""
    for section in rows.SECTIONS:
        if not asked.only or section.__name__ in asked.only:
            print(f"measuring: {section.__name__.replace('_', ' ')} …", file=sys.stderr)
            measured += section(bench)
            written = results.save(run, measured, folder)  # now: it took minutes, and the next may fail
    text = results.table(measured, before)
    print(text)
    if absent := peers.missing():
        print(f"\nnot installed: {', '.join(absent)}; get them with: make bench-setup", file=sys.stderr)
    print(f"\nwritten to '{written}'", file=sys.stderr)
    if asked.write_docs:
        results.write_docs(run, text)
    if asked.growth:
        growth.measure(bench, max(sizes.memory), sizes.catalogue, run if asked.write_docs else None)


if __name__ == "__main__":
    main()
