"""Dupes: copies are found by their content, told once, and never wrongly."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import random
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from program import command, environment, mediaforge
from shelf import Shelf, ask, on
from test_build import made

from mediaforge.events import Event, Listener, Progress, Trouble, nobody
from mediaforge.model import FINGERPRINTED
from mediaforge.operations.catalogues import opened
from mediaforge.operations.dupes import DupesOptions, DupesReport, find


def blob(size: int, *, seed: int = 0, middle: int = 0) -> bytes:
    """Return a picture with so much behind it, which differs with `seed` there and with `middle` in the middle alone."""
    content = bytearray(_PICTURE + random.Random(seed).randbytes(size - len(_PICTURE)))
    content[size // 2] ^= middle
    return bytes(content)


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "JPEG")
    return file.getvalue()


_PICTURE = _picture()
BIG = FINGERPRINTED + 1


async def dupes(
    shelf: Shelf, *targets: str, events: Listener = nobody, stop: asyncio.Event | None = None, **more: object
) -> DupesReport:
    """Find copies."""
    async with opened(shelf.config) as catalogue:
        options = DupesOptions(targets, **more)  # type: ignore[arg-type]
        return await find(catalogue, shelf.config, options, stop=stop or asyncio.Event(), events=events)


def names(shelf: Shelf, report: DupesReport) -> list[list[str]]:
    """Return the paths of each group's members, the best first; names of one file follow it behind an equals sign."""
    told = []
    for group in report.groups:
        paths = [(os.path.relpath(os.fsdecode(one.candidate.path), shelf.folder), one.same_as) for one in group.members]
        told.append([f"= {path}" if same_as else path for path, same_as in paths])
    return told


def hashed(shelf: Shelf) -> set[str]:
    """Return the names of the files of which the SHA-256 was read."""
    rows = ask(shelf.config.catalog, "SELECT path_text FROM target JOIN media ON media.id = media_id WHERE recipe = 'sha256'")
    return {row[0] for row in rows}


def age(path: Path, seconds: int) -> None:
    """Let a file be modified at such an instant."""
    os.utime(path, (seconds, seconds))


async def test_copies_are_found_by_content_and_the_biggest_win_comes_first(shelf: Shelf) -> None:
    small, big = blob(1000, seed=1), blob(BIG, seed=2)
    shelf.make(
        {"a.jpg": small, "sub": {"b.jpg": small, "c.jpg": small}, "x.jpg": big, "y.jpg": big, "alone.jpg": blob(1000, seed=3)}
    )
    for number, path in enumerate(("a.jpg", "sub/b.jpg", "sub/c.jpg", "x.jpg", "y.jpg")):
        age(shelf.folder / path, 1_600_000_000 + number)
    await shelf.scan()
    report = await dupes(shelf)
    assert names(shelf, report) == [["x.jpg", "y.jpg"], ["a.jpg", "sub/b.jpg", "sub/c.jpg"]]
    assert [(group.files, group.win) for group in report.groups] == [(2, BIG), (3, 2000)]
    assert report.win == BIG + 2000 and report.exit_code == 0
    assert report.groups[0].sha256 == hashlib.sha256(big).hexdigest()


async def test_only_what_must_be_read_is_read_and_nothing_twice(shelf: Shelf) -> None:
    whole, big = blob(FINGERPRINTED, seed=1), blob(BIG, seed=2)
    shelf.make({"a.jpg": whole, "b.jpg": whole, "x.jpg": big, "y.jpg": big, "alone.jpg": blob(BIG, seed=3)})
    shelf.make({"as-large.jpg": blob(BIG, seed=4)})
    await shelf.scan()
    report = await dupes(shelf, dry_run=True)
    assert (report.to_read, report.bytes_to_read, report.groups) == (2, 2 * BIG, []) and hashed(shelf) == set()
    assert len((await dupes(shelf)).groups) == 2
    assert hashed(shelf) == {"x.jpg", "y.jpg"}
    again = await dupes(shelf)
    assert again.to_read == 0 and len(again.groups) == 2


@pytest.mark.parametrize(("size", "told"), [(FINGERPRINTED, "fingerprints"), (BIG, "SHA-256")])
async def test_a_difference_in_the_middle_is_told(shelf: Shelf, size: int, told: str) -> None:
    shelf.make({"a.jpg": blob(size), "b.jpg": blob(size, middle=1)})
    await shelf.scan()
    rows = ask(shelf.config.catalog, "SELECT count(DISTINCT fingerprint) FROM media")
    assert rows == [(2 if told == "fingerprints" else 1,)], "of no more than FINGERPRINTED bytes all are in the fingerprint"
    assert names(shelf, await dupes(shelf)) == []
    assert len(hashed(shelf)) == (0 if told == "fingerprints" else 2)
    assert await shelf.items("is:duplicate") == {}


async def test_names_of_one_file_win_nothing(shelf: Shelf) -> None:
    big = blob(BIG)
    shelf.make({"a.jpg": big, "linked-only.jpg": blob(BIG, seed=2)})
    os.link(shelf.folder / "a.jpg", shelf.folder / "a-link.jpg")
    os.link(shelf.folder / "linked-only.jpg", shelf.folder / "other.jpg")
    await shelf.scan()
    assert names(shelf, await dupes(shelf)) == [] and hashed(shelf) == set(), "nothing had to be read"
    assert await shelf.items("is:duplicate") == {}
    shelf.make({"b.jpg": big})
    age(shelf.folder / "b.jpg", 1)
    await shelf.scan()
    report = await dupes(shelf)
    assert names(shelf, report) == [["b.jpg", "a.jpg", "= a-link.jpg"]]
    assert [(group.files, group.win) for group in report.groups] == [(2, BIG)]
    assert report.to_read == 2 and hashed(shelf) == {"a.jpg", "a-link.jpg", "b.jpg"}, "one reading for both names"
    assert (
        sorted(await shelf.items("is:duplicate")) == sorted(await shelf.items("copies:2")) == ["a-link.jpg", "a.jpg", "b.jpg"]
    )


async def test_a_folder_in_two_libraries_holds_no_copies(shelf: Shelf, tmp_path: Path) -> None:
    shelf.make({"a.jpg": blob(BIG), "small.jpg": 1})
    (tmp_path / "linked").symlink_to(shelf.folder)
    await shelf.scan(shelf.folder, tmp_path / "linked")
    assert len(await shelf.items()) == 4
    assert (await dupes(shelf)).groups == [] and await shelf.items("copies:>1") == {}
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.jpg").write_bytes(blob(BIG))
    await shelf.scan(tmp_path / "other")
    report = await dupes(shelf)
    assert [(group.files, group.win, len(group.members)) for group in report.groups] == [(2, BIG, 3)]


async def test_the_same_inode_on_two_disks_is_two_files(shelf: Shelf) -> None:
    """What the catalogue takes for one file, the disk tells apart: file systems below one library number their inodes alike."""
    shelf.make({"a.jpg": blob(BIG), "b.jpg": blob(BIG)})
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        await catalogue.execute("UPDATE media SET inode = 12")
    assert [group.files for group in (await dupes(shelf)).groups] == [2]


async def test_missing_and_offline_copies_are_told_and_not_counted(shelf: Shelf, tmp_path: Path) -> None:
    big = blob(BIG)
    shelf.make({"a.jpg": big, "b.jpg": big, "gone.jpg": big})
    away = tmp_path / "away"
    away.mkdir()
    for name in ("c.jpg", "d.jpg"):
        (away / name).write_bytes(big)
    await shelf.scan(shelf.folder, away)
    await dupes(shelf)
    (shelf.folder / "gone.jpg").unlink()
    await shelf.scan()
    away.rename(tmp_path / "unplugged")
    report = await dupes(shelf)
    (group,) = report.groups
    assert (group.files, group.win, report.elsewhere) == (2, BIG, 3)
    assert [one.candidate.here for one in group.members] == [True, True, False, False], "known by their stored hashes"
    assert group.members[2].why == ("on a volume that is not here",) and len(report.offline) == 1
    (shelf.folder / "b.jpg").unlink()
    await shelf.scan()
    assert (await dupes(shelf)).groups == [], "with no second copy here there is nothing to win"


async def test_only_among_what_a_query_finds(shelf: Shelf) -> None:
    shelf.make({"one": {"a.jpg": 1, "b.jpg": 1}, "two": {"c.jpg": 1, "d.jpg": 2}})
    await shelf.scan()
    assert names(shelf, await dupes(shelf, "path:two/")) == []
    assert len(names(shelf, await dupes(shelf, str(shelf.folder / "one")))[0]) == 2
    assert len(names(shelf, await dupes(shelf))[0]) == 3


async def test_empty_files_are_no_copies(shelf: Shelf) -> None:
    shelf.make({"a.jpg": b"", "b.jpg": b""})
    await shelf.scan()
    assert (await dupes(shelf)).groups == []
    assert await shelf.items("is:duplicate") == {} == await shelf.items("copies:>1")


async def test_a_file_that_changed_since_the_scan_is_in_no_group(shelf: Shelf) -> None:
    big = blob(BIG)
    shelf.make({"a.jpg": big, "b.jpg": big, "c.jpg": big})
    await shelf.scan()
    with open(shelf.folder / "c.jpg", "ab") as file:
        file.write(b"more")
    report = await dupes(shelf)
    assert sorted(names(shelf, report)[0]) == ["a.jpg", "b.jpg"] and (report.unread, report.failed) == (1, 0)
    assert hashed(shelf) == {"a.jpg", "b.jpg"}, "its hash stays to be made"
    shelf.make({"b.jpg": blob(BIG, seed=9)})
    await shelf.scan()
    assert names(shelf, await dupes(shelf)) == []


async def test_a_file_that_vanished_or_breaks_is_told_and_in_no_group(shelf: Shelf) -> None:
    big = blob(BIG)
    shelf.make({"a.jpg": big, "b.jpg": big, "gone.jpg": big, "pipe.jpg": big})
    await shelf.scan()
    (shelf.folder / "gone.jpg").unlink()
    (shelf.folder / "pipe.jpg").unlink()
    os.mkfifo(shelf.folder / "pipe.jpg")
    told: list[Event] = []
    report = await dupes(shelf, events=told.append)
    assert sorted(names(shelf, report)[0]) == ["a.jpg", "b.jpg"]
    assert (report.unread, report.failed, report.exit_code) == (2, 2, 3)
    assert {Path(os.fsdecode(one.path)).name for one in told if isinstance(one, Trouble)} == {"gone.jpg", "pipe.jpg"}
    again = await dupes(shelf)
    assert (again.unread, again.failed, again.exit_code) == (2, 0, 0), "known, and not due"


async def test_an_old_fingerprint_of_a_file_that_no_reader_survived_proves_nothing(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 1})
    await shelf.scan()
    content = bytearray((shelf.folder / "b.jpg").read_bytes())
    content[-1] ^= 1
    (shelf.folder / "b.jpg").write_bytes(content)
    status = (shelf.folder / "b.jpg").stat()
    async with opened(shelf.config) as catalogue:  # as after a reading that killed its worker
        await catalogue.execute(
            """UPDATE media SET size = :size, facts_size = :size, mtime_ns = :mtime, facts_mtime_ns = :mtime,
            facts_failure = 'crashed' WHERE path_text = 'b.jpg'""",
            {"size": status.st_size, "mtime": status.st_mtime_ns},
        )
    assert (await dupes(shelf)).groups == [] and hashed(shelf) == {"a.jpg", "b.jpg"}


async def test_what_was_not_read_since_it_changed_is_left_out(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 1})
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        await catalogue.execute("UPDATE media SET mtime_ns = mtime_ns + 1 WHERE path_text = 'b.jpg'")
    assert (await dupes(shelf)).groups == []


async def test_hashes_that_are_known_are_used(shelf: Shelf) -> None:
    shelf.make({"a.jpg": blob(BIG), "b.jpg": blob(BIG)})
    await shelf.scan()
    await made(shelf)
    assert (await dupes(shelf)).to_read == 0


async def test_stopping_keeps_what_was_read(shelf: Shelf) -> None:
    shelf.make({f"{n}.jpg": blob(BIG, seed=n // 2) for n in range(200)})
    await shelf.scan()
    stop = asyncio.Event()
    report = await dupes(shelf, stop=stop, events=on(Progress, lambda: asyncio.get_running_loop().call_soon(stop.set)))
    assert report.exit_code == 130 and report.groups == []
    kept = len(hashed(shelf))
    assert 0 < kept < 200
    again = await dupes(shelf)
    assert again.to_read == 200 - kept and len(again.groups) == 100


def test_ctrl_c_while_hashing_is_gone_on_with(shelf: Shelf) -> None:
    for number in range(40):  # with holes, which are read like bytes, but take no room
        path = shelf.folder / f"{number}.jpg"
        path.write_bytes(blob(1000, seed=number // 2))
        os.truncate(path, 40 << 20)
    catalogue = shelf.config.catalog
    assert mediaforge(catalogue, "scan", shelf.folder).code == 0
    line = command(catalogue, "dupes")
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()) as process:
        while process.poll() is None and not hashed(shelf):
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130 and out == "" and "cancelled; the rest is read next time" in err
    kept = len(hashed(shelf))
    assert 0 < kept < 40
    done = mediaforge(catalogue, "dupes", "--dry-run")
    assert done.out.startswith(f"{40 - kept} file")
    assert mediaforge(catalogue, "dupes", "-f", "jsonl").out.count("\n") == 20


async def test_stats_tell_what_dupes_would_win_as_far_as_it_is_known(shelf: Shelf) -> None:
    from mediaforge.operations.stats import collect

    async def told(*query: str) -> Sequence[int]:
        async with opened(shelf.config) as catalogue:
            totals = (await collect(catalogue, query)).totals
        return totals.duplicates, totals.reclaimable

    shelf.make({"a.jpg": blob(BIG), "b.jpg": blob(BIG), "c.jpg": blob(BIG, middle=1), "d": {"e.jpg": 1, "f.jpg": 1}})
    os.link(shelf.folder / "a.jpg", shelf.folder / "link.jpg")
    await shelf.scan()
    small = (shelf.folder / "d" / "e.jpg").stat().st_size
    assert await told() == (3, 2 * BIG + small), "by size and fingerprint, before anything is read"
    report = await dupes(shelf)
    assert await told() == (2, BIG + small) == (2, report.win)
    assert await told("path:d/") == (1, small) and await told("name:a.jpg") == (0, 0)
