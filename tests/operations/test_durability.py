"""Whatever is killed, full, deleted or busy: the catalogue is sound, and the next scan ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from program import NOT_ALLOWED, command, environment, frozen, mediaforge, scanning
from shelf import Shelf, ask, check

from mediaforge.errors import Busy
from mediaforge.events import Planned
from mediaforge.operations.catalogues import opened
from mediaforge.operations.scans import cancel_scan, list_scans, show_scan


def fill(folder: Path, numbers: range) -> None:
    """Put a picture for each number into `folder`, no two alike."""
    from media_files import make_jpeg

    folder.mkdir(exist_ok=True)
    picture = make_jpeg(folder / "first.jpg", seed=1)
    data = picture.read_bytes()
    picture.unlink()
    for number in numbers:
        (folder / f"{number}.jpg").write_bytes(data + b"%d" % number)


def contents(catalogue: str) -> list[tuple[object, ...]]:
    """Return everything that a scan writes of present files, but for ids and the time when it was written."""
    columns = [row[1] for row in ask(catalogue, "PRAGMA table_info(media)")]
    told = [name for name in columns if name not in ("id", "library_id", "newest", "added_at", "facts_at", "facts_attempts")]
    texts = [row[1] for row in ask(catalogue, "PRAGMA table_info(media_fts)")]
    return ask(
        catalogue,
        f"""SELECT {", ".join(f"m.{name}" for name in told)}, {", ".join(f"f.{name}" for name in texts)},
        (SELECT group_concat(type || codec) FROM stream WHERE media_id = m.id) FROM media m
        JOIN media_fts f ON f.rowid = m.newest WHERE missing_at IS NULL ORDER BY m.path""",
    )


# Busy, dead, cancelled.


async def test_a_second_scan_of_a_library_is_refused_while_the_first_lives(shelf: Shelf) -> None:
    fill(shelf.folder / "many", range(300))
    shelf.make({"other": {"a.jpg": 1}})
    catalogue = shelf.config.catalog
    with scanning(catalogue, shelf.folder / "many") as process, frozen(catalogue, process):
        async with opened(shelf.config) as open_catalogue:
            (running,) = await list_scans(open_catalogue)
        assert running.status == "running" and running.pid == process.pid
        for root in (shelf.folder / "many", shelf.folder / "many" / "1.jpg", shelf.folder):
            with pytest.raises(Busy, match=f"scan {running.id[:8]} of the same library is running"):
                await shelf.scan(root)
        assert (await shelf.scan(shelf.folder / "other")).exit_code == 0, "another library is free"
        assert mediaforge(catalogue, "scan", shelf.folder / "many").code == 11
    assert (await shelf.scan(shelf.folder / "many")).exit_code == 0


async def test_a_scan_whose_process_is_dead_is_taken_over(shelf: Shelf) -> None:
    fill(shelf.folder, range(400))
    catalogue = shelf.config.catalog
    with scanning(catalogue, shelf.folder) as process, frozen(catalogue, process):
        process.kill()
        process.wait()
    (told,) = ask(catalogue, "SELECT id, status FROM scan")
    assert told[1] == "running", "nobody was left to write that it ended"
    async with opened(shelf.config) as open_catalogue:
        assert (await show_scan(open_catalogue, told[0])).scan.status == "interrupted"
    report = await shelf.scan()
    assert report.exit_code == 0
    assert ask(catalogue, "SELECT status, ended_at IS NOT NULL FROM scan WHERE id = ?", told[0]) == [("interrupted", 1)]
    assert ask(catalogue, "SELECT count(*) FROM media WHERE facts_version IS NOT NULL") == [(400,)]
    assert (await shelf.scan()).plan == Planned(unchanged=400)


async def test_a_scan_is_cancelled_from_elsewhere_and_what_was_read_is_kept(shelf: Shelf) -> None:
    fill(shelf.folder, range(3000))
    catalogue = shelf.config.catalog
    with scanning(catalogue, shelf.folder) as process:
        with frozen(catalogue, process):
            async with opened(shelf.config) as open_catalogue:
                (running,) = await list_scans(open_catalogue)
                await cancel_scan(open_catalogue, running.id[:6])
        assert process.wait(60) == 130
    ((status, done),) = ask(catalogue, "SELECT status, done FROM scan")
    assert status == "cancelled" and done < 3000
    assert ask(catalogue, "SELECT count(*) FROM media WHERE facts_version IS NOT NULL") == [(done,)]
    check(catalogue)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_a_scan_in_good_order(shelf: Shelf, number: signal.Signals) -> None:
    fill(shelf.folder, range(3000))
    with scanning(shelf.config.catalog, shelf.folder) as process:
        process.send_signal(number)
        assert process.wait(60) == 130
        assert process.stderr is not None and "Traceback" not in process.stderr.read()
    assert ask(shelf.config.catalog, "SELECT status FROM scan") == [("cancelled",)]
    check(shelf.config.catalog)


# Killed.


def _harm(folder: Path, where: dict[int, str], chance: random.Random) -> None:
    """Rename some files, change others, and add some; `where` says which picture has which name.

    One that is renamed and changed before anybody looks is another file: no scan could know better.
    """
    for number in chance.sample([number for number in where if number % 2], 12):
        name = f"{chance.randrange(10**9)}-{number}.jpg"
        os.rename(folder / where[number], folder / name)
        where[number] = name
    for number in chance.sample([number for number in where if not number % 2], 4):
        with open(folder / where[number], "ab") as file:
            file.write(b"more")
    fill(folder, range(max(where) + 1, max(where) + 9))
    where |= {number: f"{number}.jpg" for number in range(max(where) + 1, max(where) + 9)}


def _kill_many_times(shelf: Shelf, times: int, seed: int) -> None:
    chance = random.Random(seed)
    catalogue, folder = shelf.config.catalog, shelf.folder
    fill(folder, range(250))
    where = {number: f"{number}.jpg" for number in range(250)}
    assert mediaforge(catalogue, "scan", folder).code == 0
    assert mediaforge(catalogue, "tag", "add", "kept", "kind:image").code == 0
    born = {row[1]: row[0] for row in ask(catalogue, "SELECT id, CAST(path AS TEXT) FROM media")}
    tagged = {number: born[f"{number}.jpg"] for number in range(250)}
    for time_number in range(times):
        _harm(folder, where, chance)
        with scanning(catalogue, folder, *(["--full"] if time_number % 2 else [])) as process:
            time.sleep(chance.random() * 0.6)
            process.kill()
        check(catalogue)
    assert mediaforge(catalogue, "scan", folder).code == 0
    now = {row[1]: row[0] for row in ask(catalogue, "SELECT id, CAST(path AS TEXT) FROM media WHERE missing_at IS NULL")}
    assert {number: now[where[number]] for number in tagged} == tagged, "every renamed file has its row"
    assert ask(catalogue, "SELECT count(*) FROM media_tag JOIN media m ON m.id = media_id AND missing_at IS NULL") == [(250,)]
    undisturbed = str(Path(catalogue).with_name("undisturbed.db"))
    assert mediaforge(undisturbed, "scan", folder).code == 0
    assert contents(catalogue) == contents(undisturbed)
    assert "0 read" in mediaforge(catalogue, "scan", folder).out


def test_killed_at_random_moments_nothing_is_lost(shelf: Shelf) -> None:
    _kill_many_times(shelf, 8, seed=int.from_bytes(os.urandom(4)))


@pytest.mark.soak
def test_killed_a_hundred_times_nothing_is_lost(shelf: Shelf) -> None:
    _kill_many_times(shelf, 100, seed=int.from_bytes(os.urandom(4)))


def test_killed_in_its_first_scan_it_goes_on_where_it_was(shelf: Shelf) -> None:
    fill(shelf.folder, range(400))
    for _time in range(4):
        with scanning(shelf.config.catalog, shelf.folder) as process:
            time.sleep(random.random() * 0.5)
            process.kill()
        check(shelf.config.catalog)
    undisturbed = str(Path(shelf.config.catalog).with_name("undisturbed.db"))
    for catalogue in (shelf.config.catalog, undisturbed):
        assert mediaforge(catalogue, "scan", shelf.folder).code == 0
    assert contents(shelf.config.catalog) == contents(undisturbed)


def test_killed_while_it_makes_the_catalogue_nothing_half_made_stands_there(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    catalogue = shelf.config.catalog
    for pause in (0.2, 0.3, 0.4, 0.5):
        process = subprocess.Popen(command(catalogue, "scan", shelf.folder), stderr=subprocess.DEVNULL, env=environment())
        time.sleep(pause)
        process.kill()
        process.wait()
        if os.path.exists(catalogue):
            check(catalogue)
    assert mediaforge(catalogue, "scan", shelf.folder).code == 0
    check(catalogue)


# Full, deleted, shared.


def _with_small_files(limit: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def test_a_disk_that_refuses_to_write_is_told_and_what_was_committed_is_kept(shelf: Shelf) -> None:
    catalogue = shelf.config.catalog
    shelf.make({"first.jpg": 1})
    assert mediaforge(catalogue, "scan", shelf.folder).code == 0
    fill(shelf.folder, range(600))
    limit = os.path.getsize(catalogue) + 64 * 1024
    done = subprocess.run(
        command(catalogue, "scan", shelf.folder),
        capture_output=True,
        text=True,
        env=environment(),
        preexec_fn=lambda: _with_small_files(limit),
    )
    assert done.returncode == 10, done.stderr
    assert f"error: the disk of the catalogue '{catalogue}' reports an error; what was committed is kept\n" in done.stderr
    assert "Traceback" not in done.stderr
    check(catalogue)
    assert mediaforge(catalogue, "scan", shelf.folder).code == 0
    assert ask(catalogue, "SELECT count(facts_version) FROM media") == [(601,)]


def test_a_full_disk_is_told_and_what_was_committed_is_kept(shelf: Shelf, tmp_path: Path) -> None:
    fill(shelf.folder, range(1500))
    (tmp_path / "disk").mkdir()
    script = str(Path(__file__).with_name("small_disk.py"))
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, script, str(tmp_path / "disk"), str(shelf.folder)],
        capture_output=True,
        text=True,
        env={**environment(), "PYTHONPATH": paths},
    )
    if done.returncode == NOT_ALLOWED:
        pytest.skip(f"a disk of one's own cannot be mounted here ({done.stderr.strip()})")
    assert done.returncode == 0, done.stderr
    full, roomy = json.loads(done.stdout)
    assert full["code"] == 10, full
    assert "error: no space left for the catalogue '" in full["err"] and "Traceback" not in full["err"]
    assert roomy["code"] == 0 and roomy["kept"] == [1500, 1500], roomy


def test_a_catalogue_that_is_deleted_in_mid_scan_is_told(shelf: Shelf) -> None:
    fill(shelf.folder, range(600))
    catalogue = shelf.config.catalog
    with scanning(catalogue, shelf.folder) as process:
        with frozen(catalogue, process):
            for suffix in ("", "-wal", "-shm"):
                Path(catalogue + suffix).unlink(missing_ok=True)
        assert process.stderr is not None
        said = process.stderr.read()
        assert process.wait(60) == 10, said
    assert f"error: the catalogue '{catalogue}' was deleted or replaced while it was in use\n" in said
    assert "Traceback" not in said
    assert mediaforge(catalogue, "scan", shelf.folder).code == 0


def test_programs_that_make_the_catalogue_at_the_same_moment_share_it(shelf: Shelf) -> None:
    shelf.make({name: {"a.jpg": n} for n, name in enumerate(("one", "two", "three"))})
    catalogue = shelf.config.catalog
    lines = [command(catalogue, "scan", shelf.folder / name) for name in ("one", "two", "three")]
    running = [subprocess.Popen(line, stderr=subprocess.PIPE, text=True, env=environment()) for line in lines]
    told = [(process.communicate(timeout=60)[1], process.returncode) for process in running]
    assert [code for _said, code in told] == [0, 0, 0], told
    assert ask(catalogue, "SELECT count(*) FROM media") == [(3,)]
    assert os.listdir(Path(catalogue).parent) == ["catalog.db"], "nothing is left beside it"
    check(catalogue)


def test_first_scans_of_one_folder_at_the_same_moment_make_one_library(shelf: Shelf) -> None:
    fill(shelf.folder, range(100))
    catalogue = shelf.config.catalog
    line = command(catalogue, "scan", shelf.folder)
    running = [subprocess.Popen(line, stderr=subprocess.PIPE, text=True, env=environment()) for _ in range(3)]
    told = [(process.communicate(timeout=60)[1], process.returncode) for process in running]
    assert {code for _said, code in told} <= {0, 11} and 0 in [code for _said, code in told], told
    assert ask(catalogue, "SELECT count(*) FROM library") == [(1,)]
    assert ask(catalogue, "SELECT count(facts_version) FROM media") == [(100,)]


_TAGGER = """
import asyncio, sys
from mediaforge.config import Config
from mediaforge.operations.catalogues import opened
from mediaforge.operations.tags import add_tags

async def main():
    for k in range(6):
        async with opened(Config(catalog=sys.argv[1])) as catalogue:
            await add_tags(catalogue, f"t{sys.argv[2]}/{k},all", ["library:one"])

asyncio.run(main())
"""


def test_ten_processes_tag_while_one_scans(shelf: Shelf) -> None:
    fill(shelf.folder / "one", range(20))
    fill(shelf.folder / "two", range(1500))
    catalogue = shelf.config.catalog
    assert mediaforge(catalogue, "scan", shelf.folder / "one").code == 0
    with scanning(catalogue, shelf.folder / "two") as process:
        line = [sys.executable, "-c", _TAGGER, catalogue]
        taggers = [subprocess.Popen([*line, str(n)], stderr=subprocess.PIPE, text=True) for n in range(10)]
        told = [(tagger.communicate(timeout=120)[1], tagger.returncode) for tagger in taggers]
        assert told == [("", 0)] * 10
        assert process.wait(120) == 0
    borne = ask(catalogue, "SELECT name, count(*) FROM media_tag JOIN tag ON tag.id = tag_id GROUP BY name ORDER BY name")
    assert borne == sorted([("all", 20), *((f"t{n}/{k}", 20) for n in range(10) for k in range(6))])
    assert ask(catalogue, "SELECT count(*) FROM change") == [(60,)]
    assert ask(catalogue, "SELECT count(facts_version) FROM media") == [(1520,)]
    check(catalogue)
