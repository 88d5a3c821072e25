"""The flight recorder: what the program did last is in a file when something unexpected happened, and only then."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lasting import MANY, ask, change, empty_catalogue, make_many, read, running, until
from terminal import environment, run, start

from media_files import make_jpeg
from mediaforge.build.pool import Pool
from mediaforge.catalog.database import create_catalogue, open_catalogue


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return empty_catalogue(tmp_path / "home" / "catalog.db")


def written(folder: Path) -> list[Path]:
    """Return the files of the recorder, oldest first."""
    return sorted((folder / "forensics").glob("*.jsonl"))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def break_the_catalogue(tmp_path: Path, catalogue: Path) -> Path:
    """Scan a folder, and do to its catalogue what no program of ours does; return the folder."""
    (tmp_path / "shelf").mkdir()
    make_jpeg(tmp_path / "shelf" / "a.jpg")
    assert run(catalogue, "scan", str(tmp_path / "shelf")).returncode == 0
    change(catalogue, "DROP TABLE history")
    return tmp_path / "shelf"


def test_a_bug_is_written_down_with_what_led_to_it(tmp_path: Path, catalogue: Path) -> None:
    shelf = break_the_catalogue(tmp_path, catalogue)
    failed = run(catalogue, "-q", "scan", "--all", MEDIAFORGE_STATE=str(tmp_path / "state"))
    [path] = written(tmp_path / "state")
    assert failed.returncode == 1
    assert f"what the program did last is in '{path}'\nerror: this is a bug" in failed.stderr
    head, *records = lines(path)
    assert re.fullmatch(r"\d{8}T\d{6}\.\d{6}Z-\d+\.jsonl", path.name)
    assert (head["why"], head["words"]) == ("bug", ["-q", "scan", "--all"])
    assert "no such table: history" in head["traceback"]
    assert all(list(record) == ["at", "level", "logger", "message"] for record in records)
    [(scan,)] = ask(catalogue, "SELECT id FROM scan WHERE status = 'failed'")
    told = "\n".join(f"{record['logger']} {record['message']}" for record in records)
    assert f"mediaforge.operations.scan scan {scan}: ScanOptions(" in told
    assert f"mediaforge.operations.scan ScanStarted(scan='{scan}', roots=({os.fsencode(shelf)!r},))" in told
    assert "mediaforge.operations.passes walked: 1 found" in told
    assert "mediaforge.catalog.database rolled back after" in told


def test_without_a_bug_nothing_is_written(tmp_path: Path, catalogue: Path) -> None:
    done = run(catalogue, "scan", str(tmp_path / "nowhere"), MEDIAFORGE_STATE=str(tmp_path / "state"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert run(catalogue, "-q", "scan", str(tmp_path), MEDIAFORGE_STATE=str(tmp_path / "state")).stderr == ""
    assert not (tmp_path / "state").exists()


def test_by_default_it_is_in_the_state_folder_of_the_platform(tmp_path: Path, catalogue: Path) -> None:
    break_the_catalogue(tmp_path, catalogue)
    run(catalogue, "scan", "--all", XDG_STATE_HOME=str(tmp_path / "xdg"))
    assert len(written(tmp_path / "xdg" / "mediaforge")) == 1


def test_a_state_folder_that_cannot_be_written_hides_no_bug(tmp_path: Path, catalogue: Path) -> None:
    break_the_catalogue(tmp_path, catalogue)
    (tmp_path / "state").touch()
    failed = run(catalogue, "scan", "--all", MEDIAFORGE_STATE=str(tmp_path / "state"))
    assert failed.returncode == 1
    assert "what the program did last could not be written down: Not a directory" in failed.stderr
    assert "no such table: history" in failed.stderr
    assert "error: this is a bug" in failed.stderr


def test_the_newest_files_are_kept(tmp_path: Path, catalogue: Path) -> None:
    break_the_catalogue(tmp_path, catalogue)
    folder = tmp_path / "state" / "forensics"
    folder.mkdir(parents=True)
    for day in range(1, 26):
        (folder / f"202001{day:02}T000000.000000Z-1.jsonl").touch()
    (folder / "notes.txt").touch()
    run(catalogue, "scan", "--all", MEDIAFORGE_STATE=str(tmp_path / "state"))
    left = written(tmp_path / "state")
    assert [path.name[:8] for path in left[:-1]] == [f"202001{day:02}" for day in range(7, 26)]
    assert len(lines(left[-1])) > 5
    assert (folder / "notes.txt").exists()


def test_on_sigusr1_the_scan_tells_what_it_does_and_goes_on(tmp_path: Path, catalogue: Path) -> None:
    many = make_many(tmp_path / "many")
    process = start(catalogue, "scan", str(many), MEDIAFORGE_JOBS="1", MEDIAFORGE_STATE=str(tmp_path / "state"))
    # 512 are stored at a time, and by the second time the first was told of
    until(lambda: running(catalogue) and read(catalogue) > 512)
    os.kill(process.pid, signal.SIGUSR1)
    _out, err = process.communicate(timeout=60)
    [path] = written(tmp_path / "state")
    assert (process.returncode, f"what the program did last is in '{path}'\n" in err) == (0, True)
    assert read(catalogue) == MANY
    head, *records = lines(path)
    assert head["why"] == "SIGUSR1"
    assert any("second_pass" in task or "run" in task for task in head["tasks"])
    told = "\n".join(f"{record['logger']} {record['message']}" for record in records)
    assert re.search(r"mediaforge\.build\.pool worker \d+ started: mediaforge\.extract", told)
    assert re.search(r"mediaforge\.build\.run facts: batch of \d+ begun, ids \d+ to \d+", told)
    assert re.search(r"mediaforge\.build\.run facts: \d+ outcomes stored in [\d.]+ s", told)
    [planned] = [record["message"] for record in records if record["message"].startswith("Planned")]
    assert planned.startswith(f"Planned(new={MANY}, ")
    assert len(records) < 500  # by batch and by decision, not by file


def test_a_signal_outside_of_a_scan(tmp_path: Path) -> None:
    script = "from mediaforge.cli import recorder; import os, signal; recorder.start(); os.kill(os.getpid(), signal.SIGUSR1)"
    env = environment(tmp_path / "catalog.db", MEDIAFORGE_STATE=str(tmp_path / "state"))
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)
    [path] = written(tmp_path / "state")
    assert (done.returncode, done.stderr) == (0, f"what the program did last is in '{path}'\n")
    assert lines(path)[0]["tasks"] == []


def test_the_last_records_are_kept_and_none_are_printed(tmp_path: Path) -> None:
    script = """if True:
        import logging
        from mediaforge.cli import recorder
        recorder.start()
        log = logging.getLogger("mediaforge.anything")
        for number in range(50_100):
            log.debug("number %d, %s", number, "\\udcff")
        log.error("an error is for the file, too")
        recorder.write_down("a test", more=1)
    """
    env = environment(tmp_path / "catalog.db", MEDIAFORGE_STATE=str(tmp_path / "state"))
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    head, *records = lines(written(tmp_path / "state")[0])
    assert (head["why"], head["more"], len(records)) == ("a test", 1, 50_000)
    assert records[0]["message"].startswith("number 101,")
    assert (records[-1]["level"], records[-1]["message"]) == ("error", "an error is for the file, too")


async def test_the_fate_of_workers_is_recorded(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="mediaforge")

    async def received(_index: int, _value: object) -> None: ...

    async with Pool("builtins:len", slots=1, deadline=30, recycle=2) as pool:
        await pool.run(["a", "b"], received)
    async with Pool("os:_exit", slots=1, deadline=30) as pool:
        await pool.run([3], received)
    async with Pool("time:sleep", slots=1, deadline=0.2) as pool:
        await pool.run([60], received)
    told = [re.sub(r"worker \d+", "worker", record.getMessage()) for record in caplog.records]
    assert told == [
        "worker started: builtins:len",
        "worker dismissed: it has read enough",
        "worker started: os:_exit",
        "worker dismissed: ended its reader (exit status 3)",
        "3 lost its worker (crashed): it is tried alone",
        "worker started: os:_exit",
        "worker dismissed: ended its reader (exit status 3)",
        "3 is given up: ended its reader (exit status 3)",
        "worker started: time:sleep",
        "worker dismissed: was not read within 0.2 s",
        "60 lost its worker (timed-out): it is tried alone",
        "worker started: time:sleep",
        "worker dismissed: was not read within 0.2 s",
        "60 is given up: was not read within 0.2 s",
    ]


async def test_long_transactions_are_recorded(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = os.fsencode(tmp_path / "catalog.db")
    create_catalogue(path)
    caplog.set_level(logging.DEBUG, logger="mediaforge")
    async with open_catalogue(path) as catalogue:
        async with catalogue.transaction():
            pass
        async with catalogue.transaction():
            await asyncio.sleep(1.05)
    told = caplog.records[-1].getMessage()
    assert re.fullmatch(r"a transaction took [\d.]+ s, [\d.]+ s of it waiting for another writer", told)
