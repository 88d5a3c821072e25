"""The rows of design section 8, each measured side by side with what it is compared to."""

from __future__ import annotations

import asyncio
import glob
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from statistics import median

from bench import peers
from bench.make_catalog import make_catalogue
from bench.make_library import make_library
from bench.measure import PROGRAM, PYTHON, Peaks, environment, in_turn, peaks, ratio, run
from bench.queries import percentile, time_queries, time_tagging
from bench.results import Row
from mediaforge.catalog.database import create_catalogue

_IMPORTS = "import typer, rich.table, asyncio, aiosqlite"  # what no search of ours could do without
SCAN_EXITS = (0, 3)
_DROP = "/proc/sys/vm/drop_caches"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured: files, rows, and pairs of runs."""

    pairs: int = 5
    library: int = 2_000
    unchanged: tuple[int, ...] = (200_000,)
    small_catalogue: int = 10_000
    catalogue: int = 1_000_000
    memory: tuple[int, ...] = (10_000, 200_000)


QUICK = Sizes(pairs=1, library=40, unchanged=(300,), small_catalogue=300, catalogue=1_000, memory=(100, 300))


@dataclass(frozen=True, slots=True)
class Scanned:
    """A first scan: the catalogue that it made, and what it took."""

    catalogue: str
    peaks: Peaks


class Bench:
    """One run: its sizes, and a folder in which what it makes is kept for the next one."""

    def __init__(self, scratch: str, sizes: Sizes) -> None:
        self.scratch, self.sizes, self.environ = scratch, sizes, environment(scratch)
        self._scanned: dict[int, Scanned] = {}
        os.makedirs(scratch, exist_ok=True)

    def library(self, files: int, *, light: bool = False) -> str:
        """Return a made library of so many files."""
        folder = os.path.join(self.scratch, f"{'light' if light else 'library'}-{files}")
        made = self._made(folder, lambda path: make_library(path, files=files, light=light))
        return os.path.realpath(made)  # find does not follow a link that it is pointed at

    def catalogue(self, rows: int) -> str:
        """Return a made catalogue of so many rows, without files."""
        path = os.path.join(self.scratch, f"catalogue-{self.schema}-{rows}.db")
        return self._made(path, lambda draft: asyncio.run(make_catalogue(draft, rows=rows)))

    def scanned(self, files: int) -> Scanned:
        """Return what a first scan of a light library came to: one in each run, whose catalogue is there for rescans."""
        if files not in self._scanned:
            catalogue = self._absent(f"scan-{files}.db")
            self._scanned[files] = Scanned(
                catalogue, peaks(self.scan(catalogue, self.library(files, light=True)), self.environ)
            )
        return self._scanned[files]

    @cached_property
    def schema(self) -> str:
        """Return what tells this program's schema from another's, whose catalogues would not do."""
        path = self.fresh()
        create_catalogue(os.fsencode(path))
        with closing(sqlite3.connect(path)) as connection:
            told = connection.execute("SELECT group_concat(sql) FROM (SELECT sql FROM sqlite_master ORDER BY name)").fetchone()[
                0
            ]
        return sha256(told.encode()).hexdigest()[:8]

    def _made(self, path: str, make: Callable[[str], None]) -> str:
        if not os.path.exists(path):
            draft = f"{path}.draft"  # renamed when it is whole
            shutil.rmtree(draft, ignore_errors=True)
            for old in glob.glob(f"{glob.escape(draft)}*"):
                os.unlink(old)
            make(draft)
            os.rename(draft, path)
        return path

    def fresh(self) -> str:
        """Return where a catalogue of a scan may be made, with none there."""
        return self._absent("scan.db")

    def _absent(self, name: str) -> str:
        path = os.path.join(self.scratch, name)
        for old in glob.glob(f"{glob.escape(path)}*"):
            os.unlink(old)
        return path

    def scan(self, catalogue: str, folder: str) -> list[str]:
        """Return the command that scans a folder."""
        return [PROGRAM, "--catalog", catalogue, "--quiet", "scan", folder]

    def seconds(self, *command: str) -> float:
        """Return how long a command takes."""
        return run(command, self.environ, ok=SCAN_EXITS).seconds

    def cpu(self, *command: str) -> float:
        """Return what CPU a command takes, with the processes that it starts."""
        return run(command, self.environ, ok=SCAN_EXITS).cpu


def first_scan(bench: Bench) -> Iterator[Row]:
    """First scan of a mixed library against whoever else reads one."""
    count, pairs = bench.sizes.library, bench.sizes.pairs
    folder = bench.library(count)
    work = f"first scan, {count:,} mixed files"

    def ours() -> float:
        return count / bench.seconds(*bench.scan(bench.fresh(), folder))

    def peer(*command: str) -> Callable[[], float]:
        return lambda: count / run(command, bench.environ, ok=(0, 1)).seconds

    def dlna() -> float:
        seconds, files = peers.minidlna(folder)
        return files / seconds

    against: list[tuple[str, Callable[[], float], float | None]] = [
        ("bare extraction, same workers", peer(PYTHON, "-m", "bench.bare", folder), 0.75)
    ]
    if peers.find("minidlnad"):
        against.append(("minidlnad -R", dlna, 3.0))
    if program := peers.find("exiftool"):
        against.append(("exiftool -r -fast2 -json", peer(program, "-r", "-fast2", "-json", folder), 5.0))
    if program := peers.find("mediainfo"):
        against.append(("mediainfo --Output=JSON", peer(program, "--Output=JSON", folder), None))
    for name, measure, must in against:
        mine, theirs = in_turn(pairs, ours, measure)
        yield Row(work, name, ratio(mine, theirs), _rate(mine), _rate(theirs), must, at_least=True)


def music(bench: Bench) -> Iterator[Row]:
    """First scan of the music alone against mpd."""
    if not peers.find("mpd"):
        return
    folder = os.path.join(bench.library(bench.sizes.library), "Music")
    files = sum(len(names) for _folder, _folders, names in os.walk(folder))

    def theirs() -> float:
        seconds, songs = peers.mpd(folder)
        return songs / seconds

    ours, others = in_turn(bench.sizes.pairs, lambda: files / bench.seconds(*bench.scan(bench.fresh(), folder)), theirs)
    work = f"first scan, {files:,} songs"
    yield Row(work, "mpd's database", ratio(ours, others), _rate(ours), _rate(others), at_least=True)


def _rate(values: list[float]) -> str:
    return f"{median(values):,.0f} files/s"


def _took(values: list[float]) -> str:
    return f"{median(values):.2f} s"


def rescan(bench: Bench) -> Iterator[Row]:
    """Rescan of unchanged files against find, beyond what starting the program costs."""
    for count in bench.sizes.unchanged:
        yield from _rescan(bench, count)


def _rescan(bench: Bench, count: int) -> Iterator[Row]:
    folder, one = bench.library(count, light=True), bench.library(1, light=True)
    scans = (bench.scan(bench.scanned(count).catalogue, folder), bench.scan(bench.scanned(1).catalogue, one))
    yield from _warm(bench, count, folder, *scans)
    yield from _cold(bench, count, folder, scans[0])


def _warm(bench: Bench, count: int, folder: str, scan: list[str], scan_one: list[str]) -> Iterator[Row]:
    whole, start, find = in_turn(
        bench.sizes.pairs,
        lambda: bench.seconds(*scan),
        lambda: bench.seconds(*scan_one),
        lambda: bench.seconds(*_find(folder)),
    )
    beyond = [a - b for a, b in zip(whole, start, strict=True)]
    yield Row(
        f"rescan, {count:,} unchanged files, beyond start-up",
        "find -printf",
        ratio(beyond, find),
        _took(beyond),
        _took(find),
        3.0,
    )


def _find(folder: str) -> tuple[str, ...]:
    return "find", folder, "-type", "f", "-printf", "%s %T@ %p\n"


def _cold(bench: Bench, count: int, folder: str, scan: list[str]) -> Iterator[Row]:
    """With nothing of the disk in memory, which only root can bring about."""
    if not os.access(_DROP, os.W_OK):
        return

    def cold(*command: str) -> float:
        os.sync()
        with open(_DROP, "w") as file:
            file.write("3")
        return bench.seconds(*command)

    mine, theirs = in_turn(bench.sizes.pairs, lambda: cold(*scan), lambda: cold(*_find(folder)))
    work = f"rescan, {count:,} unchanged files, cold cache, whole process"
    yield Row(work, "find -printf, cold cache", ratio(mine, theirs), _took(mine), _took(theirs))


def start_up(bench: Bench) -> Iterator[Row]:
    """Whole processes: a search against importing what it needs, and a scan of ten files against a search."""
    catalogue, ten = bench.catalogue(bench.sizes.small_catalogue), bench.library(10)
    search = (PROGRAM, "--catalog", catalogue, "search", "beach", "--limit", "50")
    pairs = 2 * bench.sizes.pairs + 1  # they are quick
    found, imported = in_turn(pairs, lambda: bench.cpu(*search), lambda: bench.cpu(PYTHON, "-c", _IMPORTS))
    name = f"search, whole process, {bench.sizes.small_catalogue:,} items (CPU)"
    yield Row(name, "importing its libraries", ratio(found, imported), _ms(found), _ms(imported), 1.4)

    def scan() -> float:
        path = os.path.join(bench.scratch, "ten.db")
        return bench.cpu(*bench.scan(path, ten), "--full")

    scan()  # makes the catalogue, which is no part of a scan
    scanned, found = in_turn(pairs, scan, lambda: bench.cpu(*search))
    yield Row("scan of 10 files, whole process (CPU)", "search", ratio(scanned, found), _ms(scanned), _ms(found), 2.5)
    yield from _other_searches(bench, search, pairs)


def _ms(values: list[float]) -> str:
    return f"{1000 * median(values):.0f} ms"


def _other_searches(bench: Bench, search: tuple[str, ...], pairs: int) -> Iterator[Row]:
    folder = bench.library(bench.sizes.library)
    if locate := peers.find("plocate"):
        database = os.path.join(bench.scratch, "plocate.db")
        updatedb = shutil.which("updatedb.plocate", path="/usr/sbin:/usr/bin") or "updatedb"
        run([updatedb, "-l", "no", "-U", folder, "-o", database], bench.environ)
        mine, theirs = in_turn(
            pairs,
            lambda: bench.seconds(*search),
            lambda: run([locate, "-d", database, "beach"], bench.environ, ok=(0, 1)).seconds,
        )
        yield Row("search, whole process (time)", "plocate, names alone", ratio(mine, theirs), _ms(mine), _ms(theirs))
    if program := peers.find("library"):
        database = os.path.join(bench.scratch, "xklb.db")
        if not os.path.exists(database):
            run([program, "fsadd", "--audio", database, os.path.join(folder, "Music")], bench.environ)
        asked = (program, "fs", database, "--search", "beach", "--print")  # its `search` is one of captions
        mine, theirs = in_turn(min(pairs, 5), lambda: bench.seconds(*search), lambda: bench.seconds(*asked))
        yield Row("search, whole process (time)", "library fs, the music alone", ratio(mine, theirs), _ms(mine), _ms(theirs))
    if program := peers.find("beet"):
        settings = os.path.join(bench.scratch, "beets.yaml")
        with open(settings, "w") as file:
            file.write(
                f"directory: {folder}\nlibrary: {bench.scratch}/beets.db\nimport: {{copy: no, write: no, autotag: no}}\n"
            )
        beet = (program, "--config", settings)
        run([*beet, "import", "-q", "-A", os.path.join(folder, "Music")], bench.environ)
        mine, theirs = in_turn(pairs, lambda: bench.seconds(*search), lambda: bench.seconds(*beet, "ls", "beach"))
        yield Row("search, whole process (time)", "beet ls, the music alone", ratio(mine, theirs), _ms(mine), _ms(theirs))


def in_process(bench: Bench) -> Iterator[Row]:
    """Searches and an edit over a large catalogue, against the limits of the design."""
    count = bench.sizes.catalogue
    catalogue = bench.catalogue(count)
    times = asyncio.run(time_queries(catalogue, rounds=bench.sizes.pairs))
    ordered = sorted(times.values())
    slowest = sorted(times, key=lambda query: -times[query])[:3]
    told = f"p50 {percentile(ordered, 0.5):.1f}, p95 {percentile(ordered, 0.95):.1f}, max {ordered[-1]:.0f} ms"
    told += f" ({'; '.join(query or 'everything' for query in slowest)})"
    work = f"search in process, {count:,} items, newest 50 of {len(times)} queries"
    yield Row(work, "30 ms at p95", percentile(ordered, 0.95) / 30, told.replace("|", "\\|"), "30 ms", 1.0)
    taken = [asyncio.run(time_tagging(catalogue, f"id:1..{min(count, 100_000)}")) for _ in range(bench.sizes.pairs)]
    for work, seconds, limit in (
        ("tag {:,} items by query", [one.tagged for one in taken], 2),
        ("undo of tagging {:,} items", [one.undone for one in taken], 3),
    ):
        yield Row(work.format(taken[0].items), f"{limit} s", median(seconds) / limit, _took(seconds), f"{limit} s", 1.0)


def memory(bench: Bench) -> Iterator[Row]:
    """Peak memory of first scans of growing libraries, parent and workers each."""
    smallest: Peaks | None = None
    for count in bench.sizes.memory:
        found = bench.scanned(count).peaks
        smallest = smallest or found
        for who, peak, first in (("parent", found.parent, smallest.parent), ("largest worker", found.child, smallest.child)):
            work, told = f"peak memory of a scan of {count:,} files, {who}", f"{peak:.0f} MB"
            yield Row(work, "300 MB", peak / 300, told, "300 MB", 1.0)
            if count != bench.sizes.memory[0]:
                grown = f"50 MB more than {bench.sizes.memory[0]:,} files"
                yield Row(work, grown, max(0.0, peak - first) / 50, f"{peak - first:+.0f} MB", "50 MB", 1.0)


SECTIONS = (first_scan, music, rescan, start_up, in_process, memory)
