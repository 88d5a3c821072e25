"""Verify: bit rot is told from edits, logged, and never believed."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from program import mediaforge
from shelf import Shelf, ask
from test_build import made

from mediaforge.events import Event, Trouble
from mediaforge.operations.catalogues import opened
from mediaforge.operations.verify import Outcome, VerifyOptions, VerifyReport, verification_log, verify


async def read_again(shelf: Shelf, *targets: str, **options: object) -> VerifyReport:
    return await verify(shelf.config, VerifyOptions(targets, **options), stop=asyncio.Event())  # type: ignore[arg-type]


def rot(path: Path) -> None:
    """Change one bit of a file, and neither its size nor its time."""
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    with open(path, "r+b") as file:
        file.write(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


async def test_rot_is_told_from_edits_and_its_hash_stays(shelf: Shelf) -> None:
    shelf.make({"whole.jpg": 1, "rotten.jpg": 2, "edited.jpg": 3, "gone.jpg": 4})
    await shelf.scan()
    await made(shelf)
    before = {path: item.sha256 for path, item in (await shelf.items()).items()}
    rot(shelf.folder / "rotten.jpg")
    shelf.make({"edited.jpg": 5})
    (shelf.folder / "gone.jpg").unlink()
    told: list[Event] = []
    report = await verify(shelf.config, VerifyOptions(), stop=asyncio.Event(), events=told.append)
    assert report.outcomes == dict.fromkeys((Outcome.WHOLE, Outcome.ROTTEN, Outcome.EDITED, Outcome.GONE), 1)
    assert report.exit_code == 3
    (trouble,) = [event for event in told if isinstance(event, Trouble) and event.reason == "rotten"]
    assert trouble.path == os.fsencode(shelf.folder / "rotten.jpg") and "bit rot" in trouble.message
    assert {path: item.sha256 for path, item in (await shelf.items()).items()} == before
    assert list(await shelf.items("is:rotten")) == ["rotten.jpg"]
    await shelf.scan(full=True, hashes=True)
    assert (await shelf.items())["rotten.jpg"].sha256 == before["rotten.jpg"], "nor does a scan believe what it reads"
    async with opened(shelf.config) as catalogue:
        log = await verification_log(catalogue, ["name:rotten.jpg"], limit=0)
    assert [(one.outcome, one.path) for one in log] == [(Outcome.ROTTEN, os.fsencode(shelf.folder / "rotten.jpg"))]


async def test_a_file_that_was_restored_is_whole_again(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    await made(shelf)
    rot(shelf.folder / "a.jpg")
    assert (await read_again(shelf)).outcomes == {Outcome.ROTTEN: 1}
    rot(shelf.folder / "a.jpg")  # the same bit: as it was
    assert (await read_again(shelf)).outcomes == {Outcome.WHOLE: 1}
    assert await shelf.items("is:rotten") == {}
    assert len(ask(shelf.config.catalog, "SELECT id FROM verification")) == 2
    await read_again(shelf)
    assert len(ask(shelf.config.catalog, "SELECT id FROM verification")) == 2, "of those that are whole the last is kept"


@pytest.mark.parametrize(
    ("options", "nights"),
    [(VerifyOptions(share=0.25), [3, 3, 3, 3]), (VerifyOptions(count=5), [5, 5, 5]), (VerifyOptions(share=0.01), [1] * 3)],
)
async def test_spread_over_nights_the_oldest_are_read_first(shelf: Shelf, options: VerifyOptions, nights: list[int]) -> None:
    shelf.make({f"{number}.jpg": number for number in range(10)})
    await shelf.scan()
    await made(shelf)
    seen: list[int] = []
    for night in nights:
        assert (await verify(shelf.config, options, stop=asyncio.Event())).outcomes.total() == night
        seen += [
            row[0] for row in ask(shelf.config.catalog, "SELECT media_id FROM verification ORDER BY id DESC LIMIT ?", night)
        ]
    assert len(set(seen)) == min(10, sum(nights)), "nothing twice before everything once"


async def test_what_has_no_hash_is_counted_and_not_read(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2, "c.jpg": 3})
    await shelf.scan()
    await made(shelf, "name:a.jpg", "OR", "name:b.jpg")
    shelf.make({"b.jpg": 4})
    await shelf.scan()
    report = await read_again(shelf)
    assert (report.wanted, report.unhashed, report.exit_code) == (1, 2, 0)
    assert (await read_again(shelf, dry_run=True)).outcomes == {}


async def test_the_command_names_what_is_rotten(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    catalogue = shelf.config.catalog
    assert mediaforge(catalogue, "scan", "--sha256", shelf.folder).code == 0
    done = mediaforge(catalogue, "verify", "--oldest", "100%")
    assert (done.code, done.out.split(": ")[1], done.err) == (0, "2 whole\n", "")
    rot(shelf.folder / "b.jpg")
    done = mediaforge(catalogue, "verify", "--quiet")
    assert done.code == 3 and done.out == ""
    assert done.err.startswith(f"rotten: {shelf.folder}/b.jpg: is not what it was on 20")
    ids = {path: str(media) for path, media in (await shelf.ids()).items()}
    log = mediaforge(catalogue, "verify", "--log", "--limit", "1", "is:rotten").out.splitlines()
    assert [line.split("\t")[1:] for line in log] == [["rotten", ids["b.jpg"], f"{shelf.folder}/b.jpg"]]
    for wrong in ("0", "5x", "-1", "0%", "101%", "nan%"):
        done = mediaforge(catalogue, "verify", f"--oldest={wrong}")
        assert (done.code, done.said) == (2, f"--oldest takes a number such as 100, or a share such as 5%, not '{wrong}'")
