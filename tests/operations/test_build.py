"""Build: what is stale is made once, killed or not, and what failed is tried again when it may pass."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import time
from pathlib import Path

import pytest
from program import command, environment, mediaforge
from shelf import Shelf, ask, check, on
from test_durability import fill

from mediaforge.config import RECIPES
from mediaforge.errors import NothingMatched
from mediaforge.events import Progress
from mediaforge.operations import targets
from mediaforge.operations.catalogues import opened
from mediaforge.operations.recipes import TARGETS
from mediaforge.operations.targets import BuildOptions, BuildReport, Built, build
from mediaforge.operations.verify import VerifyOptions, verify


async def made(shelf: Shelf, *targets: str, recipe: str = "sha256", **options: object) -> Built:
    """Build one recipe, and return what came of it."""
    report = await build(shelf.config, BuildOptions((recipe,), targets, **options), stop=asyncio.Event())  # type: ignore[arg-type]
    (built,) = report.built
    return built


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_configuration_knows_every_recipe() -> None:
    assert tuple(TARGETS) == RECIPES


async def test_what_is_stale_is_made_once(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b": {"c.jpg": 2}})
    await shelf.scan()
    assert await made(shelf) == Built("sha256", stale=2, made=2)
    items = await shelf.items()
    assert {path: item.sha256 for path, item in items.items()} == {path: _digest(shelf.folder / path) for path in items}
    assert await made(shelf) == Built("sha256")


async def test_a_file_that_changed_is_stale_and_one_that_moved_is_not(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    await made(shelf)
    shelf.make({"a.jpg": 3})
    (shelf.folder / "b.jpg").rename(shelf.folder / "c.jpg")
    await shelf.scan()
    assert await made(shelf) == Built("sha256", stale=1, made=1)
    assert (await shelf.items())["a.jpg"].sha256 == _digest(shelf.folder / "a.jpg")


async def test_what_an_older_version_made_is_stale_and_what_a_newer_one_made_is_not(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    await made(shelf)
    for version, expected in ((0, Built("sha256", stale=1, made=1)), (99, Built("sha256"))):
        async with opened(shelf.config) as catalogue:
            await catalogue.execute("UPDATE target SET version = ?", (version,))
        assert await made(shelf) == expected


async def test_a_hash_that_is_gone_is_made_again(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    await made(shelf)
    async with opened(shelf.config) as catalogue:
        await catalogue.execute("UPDATE media SET sha256 = NULL")
    assert await made(shelf) == Built("sha256", stale=1, made=1)


async def test_only_what_a_query_finds_is_made(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b": {"c.jpg": 2}})
    await shelf.scan()
    assert await made(shelf, "name:c.jpg") == Built("sha256", stale=1, made=1)
    assert await made(shelf, str(shelf.folder / "b")) == Built("sha256")
    assert await made(shelf, "name:a.jpg", dry_run=True) == Built("sha256", stale=1)
    assert ask(shelf.config.catalog, "SELECT count(*) FROM target") == [(1,)]


async def test_words_that_mean_nothing_are_told(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    with pytest.raises(NothingMatched, match="nothing matches 'thumbnails'"):
        await made(shelf, "thumbnails")
    with pytest.raises(NothingMatched):
        await verify(shelf.config, VerifyOptions(("no-such-thing",)), stop=asyncio.Event())


async def test_missing_and_offline_items_are_left_alone(shelf: Shelf, tmp_path: Path) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    (shelf.folder / "a.jpg").unlink()
    await shelf.scan()
    assert (await made(shelf, dry_run=True)).stale == 1
    shelf.folder.rename(tmp_path / "unplugged")
    report = await build(shelf.config, BuildOptions(("sha256",)), stop=asyncio.Event())
    assert report.built == [Built("sha256")] and "is left as it was" in report.offline[0] and report.exit_code == 0
    assert ask(shelf.config.catalog, "SELECT count(*) FROM target") == [(0,)]


async def test_a_scan_that_reads_again_keeps_the_hash_and_one_with_hashes_makes_the_target(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan(hashes=True)
    assert await made(shelf) == Built("sha256")
    before = (await shelf.items())["a.jpg"].sha256
    await shelf.scan(full=True)
    assert (await shelf.items())["a.jpg"].sha256 == before is not None
    shelf.make({"a.jpg": 2})
    await shelf.scan()
    assert (await shelf.items())["a.jpg"].sha256 is None, "the hash of what was there before is no hash of it"


async def test_a_file_that_changed_since_the_scan_is_left_for_the_next(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    with open(shelf.folder / "a.jpg", "ab") as file:
        file.write(b"more")
    assert await made(shelf) == Built("sha256", stale=1, unsettled=1)
    assert ask(shelf.config.catalog, "SELECT count(*) FROM target") == [(0,)]


async def _age(shelf: Shelf, minutes: int) -> None:
    """Let the last attempts be so long ago."""
    async with opened(shelf.config) as catalogue:
        await catalogue.execute(f"UPDATE target SET made_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-{minutes} minutes')")


async def test_what_may_pass_is_tried_again_after_pauses_that_grow(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    (shelf.folder / "a.jpg").rename(shelf.folder / "away")
    (shelf.folder / "b.jpg").write_bytes(b"so that the root is not empty")
    assert await made(shelf) == Built("sha256", stale=1, failed=1)
    for pause, early in ((2, 0), (5, 2), (17, 5)):
        await _age(shelf, early)
        assert await made(shelf) == Built("sha256"), "not yet"
        await _age(shelf, pause)
        assert await made(shelf) == Built("sha256", stale=1, tried_again=1)
    assert ask(shelf.config.catalog, "SELECT failure, attempts FROM target") == [("vanished", 4)]
    (shelf.folder / "away").rename(shelf.folder / "a.jpg")
    await _age(shelf, 70)
    assert await made(shelf) == Built("sha256", stale=1, made=1)
    assert ask(shelf.config.catalog, "SELECT failure, attempts FROM target") == [(None, 0)]


async def test_what_will_not_pass_is_tried_again_only_when_asked(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    (shelf.folder / "a.jpg").unlink()
    os.mkfifo(shelf.folder / "a.jpg")
    (shelf.folder / "b.jpg").write_bytes(b"so that the root is not empty")
    assert await made(shelf) == Built("sha256", stale=1, failed=1)
    await _age(shelf, 10_000)
    assert await made(shelf) == Built("sha256")
    assert await made(shelf, retry=True) == Built("sha256", stale=1, tried_again=1)
    async with opened(shelf.config) as catalogue:
        (problem,) = await targets.problems(catalogue, BuildOptions())
    assert (problem.message, problem.attempts) == ("is not a regular file", 2)


async def test_stopping_keeps_what_was_made(shelf: Shelf) -> None:
    fill(shelf.folder, range(300))
    await shelf.scan()
    stop = asyncio.Event()

    def begun() -> None:
        asyncio.get_running_loop().call_soon(stop.set)

    report = await build(shelf.config, BuildOptions(("sha256",)), stop=stop, events=on(Progress, begun))
    ((count,),) = ask(shelf.config.catalog, "SELECT count(*) FROM target")
    assert report.exit_code == 130 and report.built[0].made == count < 300
    assert await made(shelf) == Built("sha256", stale=300 - count, made=300 - count)


async def test_when_the_time_is_over_it_ends_in_good_order(shelf: Shelf) -> None:
    fill(shelf.folder, range(300))
    await shelf.scan()
    report = await build(shelf.config, BuildOptions(("sha256",), seconds=0.0), stop=asyncio.Event())
    assert report.out_of_time and report.exit_code == 0 and not report.cancelled


async def test_a_scan_builds_what_the_configuration_wants(shelf: Shelf) -> None:
    from dataclasses import replace

    shelf.config = replace(shelf.config, after_scan=("sha256",))
    shelf.make({"a.jpg": 1})
    report = await shelf.scan()
    assert report.build == BuildReport([Built("sha256", stale=1, made=1)])
    assert (await shelf.scan(dry_run=True)).build is None


def test_killed_at_any_moment_it_goes_on_where_it_was(shelf: Shelf) -> None:
    fill(shelf.folder, range(3000))
    catalogue = shelf.config.catalog
    assert mediaforge(catalogue, "scan", shelf.folder).code == 0
    done: set[tuple[object, ...]] = set()
    for _time in range(3):
        process = subprocess.Popen(command(catalogue, "build", "sha256"), stdout=subprocess.DEVNULL, env=environment())
        while process.poll() is None and len(ask(catalogue, "SELECT media_id FROM target")) <= len(done):
            time.sleep(0.005)
        process.kill()
        process.wait()
        check(catalogue)
        after = set(ask(catalogue, "SELECT media_id, made_at FROM target"))
        assert done < after, "what was made is not made again"
        done = after
    assert len(done) < 3000
    assert f"sha256: {3000 - len(done):,} made\n" in mediaforge(catalogue, "build", "sha256").out
    assert set(ask(catalogue, "SELECT media_id, made_at FROM target")) > done
    check(catalogue)
