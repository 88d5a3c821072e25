"""Files in the making, and times that file systems shift."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from shelf import Shelf, on

from media_files import make_jpeg
from mediaforge.events import Planned

SECOND = 1_000_000_000
HOUR = 3600 * SECOND


def set_time(path: Path, mtime_ns: int) -> None:
    os.utime(path, ns=(mtime_ns, mtime_ns))


async def test_a_young_file_is_left_for_the_next_scan(shelf: Shelf) -> None:
    shelf.make({"young.jpg": 1, "old.jpg": 2, "future.jpg": 3})
    set_time(shelf.folder / "old.jpg", time.time_ns() - HOUR)
    set_time(shelf.folder / "future.jpg", time.time_ns() + 24 * HOUR)  # a wrong clock must not hide a file for ever
    report = await shelf.scan(settle=60)
    assert (report.plan.new, report.plan.settling) == (2, 1)
    assert set(await shelf.items()) == {"old.jpg", "future.jpg"}
    assert (await shelf.scan()).plan.new == 1
    assert set(await shelf.items()) == {"old.jpg", "young.jpg", "future.jpg"}


async def test_a_known_file_that_is_being_written_stays_as_it_was(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    before = await shelf.items()
    make_jpeg(shelf.folder / "a.jpg", seed=3, size=(64, 64))
    report = await shelf.scan(settle=60)
    assert (report.plan.settling, report.plan.changed, report.plan.unchanged, report.done) == (1, 0, 1, 0)
    assert await shelf.items() == before
    assert (await shelf.scan()).done == 1
    assert (await shelf.items())["a.jpg"].facts.width == 64


async def test_a_file_that_changes_between_the_passes_is_left_for_the_next_scan(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    path = shelf.folder / "a.jpg"
    report = await shelf.scan(events=on(Planned, lambda: make_jpeg(path, seed=2, size=(80, 40))))
    assert (report.unsettled, report.done, report.failed) == (1, 0, 0)
    assert report.exit_code == 0
    assert (await shelf.items())["a.jpg"].facts.width is None
    assert (await shelf.scan()).done == 1
    assert (await shelf.items())["a.jpg"].facts.width == 80


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (1_600_000_001 * SECOND + 234_567_891, 1_600_000_000 * SECOND),  # FAT: two whole seconds
        (1_600_000_001 * SECOND + 234_567_891, 1_600_000_002 * SECOND),
        (1_600_000_001 * SECOND + 500, 1_600_000_001 * SECOND + 500 + HOUR),  # SMB in local time, the clocks went forward
        (1_600_000_001 * SECOND + 500, 1_600_000_001 * SECOND + 500 - HOUR),
        (1_600_000_001 * SECOND, 1_600_000_001 * SECOND + 5 * HOUR + HOUR // 2),  # another zone: India
    ],
)
async def test_a_shifted_time_reads_nothing_but_the_fingerprint(shelf: Shelf, before: int, after: int) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    for name in ("a.jpg", "b.jpg"):
        set_time(shelf.folder / name, before)
    await shelf.scan()
    read_at = shelf.rows("SELECT id, facts_at FROM media")
    set_time(shelf.folder / "a.jpg", after)
    report = await shelf.scan()
    assert (report.plan.touched, report.plan.changed, report.done) == (1, 0, 0)
    assert shelf.rows("SELECT id, facts_at FROM media") == read_at
    assert (await shelf.scan()).plan.unchanged == 2


async def test_a_shifted_time_over_other_bytes_is_a_change(shelf: Shelf) -> None:
    """Of the same length, so that only what is in the file tells."""
    path = shelf.make({"a.jpg": 1}) / "a.jpg"
    set_time(path, 1_600_000_001 * SECOND)
    await shelf.scan()
    bytes_ = bytearray(path.read_bytes())
    bytes_[-3] ^= 1
    path.write_bytes(bytes_)
    set_time(path, 1_600_000_001 * SECOND + HOUR)
    report = await shelf.scan()
    assert (report.plan.touched, report.plan.changed, report.done) == (0, 1, 1)


@pytest.mark.parametrize("delta", [3 * SECOND, 61 * SECOND, HOUR + 10 * SECOND, 25 * HOUR, SECOND + 7])
async def test_a_time_that_no_file_system_shifts_so_is_a_change(shelf: Shelf, delta: int) -> None:
    """As an editor leaves it that changes the middle of a file, which no fingerprint sees."""
    path = shelf.make({"a.jpg": 1}) / "a.jpg"
    set_time(path, 1_600_000_001 * SECOND + 123)
    await shelf.scan()
    set_time(path, 1_600_000_001 * SECOND + 123 + delta)
    report = await shelf.scan()
    assert (report.plan.touched, report.plan.changed, report.done) == (0, 1, 1)
