"""mediaforge scan and scans: what is said, the exit codes, and all the ways to stop."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from media_shelf import Shelf
from terminal import COMMAND, environment, run, start


def test_a_scan_tells_what_it_came_to(scanned: Shelf, tmp_path: Path) -> None:
    catalogue = tmp_path / "new folder" / "catalog.db"
    first = run(catalogue, "scan", str(scanned.root))
    assert (first.returncode, first.stdout) == (3, "12 files found: 12 new\n11 read, 1 could not be read\n")
    began, broken = first.stderr.splitlines()
    assert began[:5] == "scan " and began[13:] == f" of {scanned.root}"
    assert broken == f"{scanned.root}/Films/broken.mp4: cannot be read as an MP4 file: moov atom not found"
    second = run(catalogue, "scan", str(scanned.root))
    assert (second.returncode, second.stdout) == (0, "12 files found: 12 unchanged\n0 read, 1 known to be unreadable\n")
    listed = [line.split("\t") for line in run(catalogue, "scans").stdout.splitlines()]
    assert [(row[1], row[3:]) for row in listed] == [
        ("finished", ["12", "0", "0", str(scanned.root)]),
        ("finished", ["12", "12", "1", str(scanned.root)]),
    ]
    assert listed[1][0] == began[5:13]
    shown = json.loads(run(catalogue, "scans", "show", began[5:9], "-f", "json").stdout)
    assert (shown["status"], shown["counters"]["new"], shown["counters"]["failed"]) == ("finished", 12, 1)
    assert [(problem["reason"], Path(problem["path"]).name) for problem in shown["problems"]] == [("unreadable", "broken.mp4")]


def test_a_dry_run_writes_nothing(scanned: Shelf, tmp_path: Path) -> None:
    done = run(tmp_path / "catalog.db", "scan", "--dry-run", str(scanned.root / "Music"))
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "2 would be read (a dry run: nothing was written)"
    assert sorted(done.stdout.splitlines()[:2]) == [f"new\t{scanned.root}/Music/01.mp3", f"new\t{scanned.root}/Music/02.flac"]
    assert not (tmp_path / "catalog.db").exists()


def test_quiet_says_nothing_when_nothing_is_wrong(scanned: Shelf, tmp_path: Path) -> None:
    done = run(tmp_path / "catalog.db", "scan", str(scanned.root / "Music"), "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_exclude(scanned: Shelf, tmp_path: Path) -> None:
    words = ["scan", "--exclude", "*.mp3", "--exclude", "Strange/", "-n", str(scanned.root)]
    found = run(tmp_path / "catalog.db", *words).stdout
    assert "02.flac" in found
    assert "01.mp3" not in found
    assert "Strange" not in found


def test_a_root_that_was_never_there(tmp_path: Path) -> None:
    done = run(tmp_path / "catalog.db", "scan", "/no/such/folder")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: no file or folder at '/no/such/folder'; is its drive plugged in?\n"


def test_a_library_that_is_gone_is_offline(scanned: Shelf, tmp_path: Path) -> None:
    root = tmp_path / "shelf"
    shutil.copytree(scanned.root / "Music", root)
    assert run(tmp_path / "catalog.db", "scan", str(root)).returncode == 0
    shutil.rmtree(root)
    done = run(tmp_path / "catalog.db", "scan", str(root))
    assert done.returncode == 13
    assert f"offline: '{root}' is left as it was: " in done.stderr
    items = [json.loads(line) for line in run(tmp_path / "catalog.db", "search", "-f", "jsonl").stdout.splitlines()]
    assert [item["state"] for item in items] == ["offline", "offline"]


# A scan that cannot end: its worker processes are stopped before they have read anything, and are given a minute.


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _eventually(what: object) -> object:
    assert callable(what)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.005)
    raise AssertionError("it never came")


class Stuck:
    """A scan whose workers are stopped."""

    def __init__(self, shelf: Shelf, catalogue: Path) -> None:
        self.catalogue = catalogue
        self.process = start(catalogue, "scan", str(shelf.root), MEDIAFORGE_JOBS="1")
        self.workers: list[int] = []
        _eventually(self._stop_workers)
        _eventually(lambda: "reading" in self._phase())

    def _stop_workers(self) -> bool:
        # Not before it is a worker: between fork and exec it would stop its parent, too, which waits for that.
        self.workers = [pid for pid in _children(self.process.pid) if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        for worker in self.workers:
            os.kill(worker, signal.SIGSTOP)
        return bool(self.workers)

    def _phase(self) -> str:
        with sqlite3.connect(f"file:{self.catalogue}?mode=ro", uri=True) as connection:
            row = connection.execute("SELECT phase FROM scan").fetchone()
        connection.close()
        return str(row[0]) if row else ""

    def ends(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err

    def clean_up(self) -> None:
        for pid in (*self.workers, self.process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.communicate()


@pytest.fixture
def stuck(scanned: Shelf, tmp_path: Path) -> Iterator[Stuck]:
    scan = Stuck(scanned, tmp_path / "catalog.db")
    try:
        yield scan
    finally:
        scan.clean_up()


def _sound(catalogue: Path) -> bool:
    with sqlite3.connect(catalogue) as connection:
        [answer] = connection.execute("PRAGMA integrity_check").fetchone()
    connection.close()
    return bool(answer == "ok")


def test_it_is_cancelled_from_another_terminal(stuck: Stuck) -> None:
    [row] = run(stuck.catalogue, "scans").stdout.splitlines()
    prefix = row[:8]
    assert row.split("\t")[1] == "running"
    shown = run(stuck.catalogue, "scans", "show", prefix).stdout
    assert "\nprocess\t" in shown
    assert "\nphase\treading: 0 of 12" in shown
    asked = run(stuck.catalogue, "scans", "cancel", prefix)
    assert (asked.returncode, asked.stderr) == (0, f"asked scan {prefix} to stop\n")
    code, out, _err = stuck.ends()
    assert (code, out.splitlines()[-1]) == (130, "0 read; cancelled")
    assert run(stuck.catalogue, "scans").stdout.split("\t")[1] == "cancelled"
    again = run(stuck.catalogue, "scans", "cancel", prefix)
    assert (again.returncode, again.stderr) == (2, f"error: scan {prefix} is not running; it is cancelled\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_good_order(stuck: Stuck, number: int) -> None:
    os.killpg(stuck.process.pid, number)  # as a terminal does: the workers get it, too
    code, out, err = stuck.ends()
    assert (code, out.splitlines()[-1]) == (130, "0 read; cancelled")
    assert err.splitlines()[1:] == ["stopping; what was read is kept (once more to leave at once)"]
    assert run(stuck.catalogue, "scans").stdout.split("\t")[1] == "cancelled"


def test_a_second_ctrl_c_leaves_at_once(stuck: Stuck, scanned: Shelf) -> None:
    assert stuck.process.stderr is not None
    os.kill(stuck.process.pid, signal.SIGINT)
    while "stopping" not in stuck.process.stderr.readline():
        pass
    os.kill(stuck.process.pid, signal.SIGINT)
    assert stuck.ends()[0] == 130
    # Not cancelled in good order, which would have taken another second: nobody wrote how it ended.
    assert run(stuck.catalogue, "scans").stdout.split("\t")[1] == "interrupted"
    assert _sound(stuck.catalogue)
    assert run(stuck.catalogue, "scan", str(scanned.root)).returncode == 3
    assert [line.split("\t")[1] for line in run(stuck.catalogue, "scans").stdout.splitlines()] == ["finished", "interrupted"]


def test_a_second_scan_of_the_same_library_names_the_first(stuck: Stuck, scanned: Shelf) -> None:
    prefix = run(stuck.catalogue, "scans").stdout[:8]
    done = run(stuck.catalogue, "scan", str(scanned.root / "Music"))
    assert (done.returncode, done.stdout) == (11, "")
    assert done.stderr == (
        f"error: scan {prefix} of the same library is running; wait for it, or stop it with: mediaforge scans cancel {prefix}\n"
    )
    os.kill(stuck.process.pid, signal.SIGKILL)
    stuck.ends()
    taken_over = run(stuck.catalogue, "scan", str(scanned.root))
    assert taken_over.returncode == 3
    assert _sound(stuck.catalogue)


def test_nohup_is_obeyed(scanned: Shelf, tmp_path: Path) -> None:
    script = 'trap "" HUP; exec "$@"'
    process = subprocess.Popen(
        ["sh", "-c", script, "sh", *COMMAND, "scan", str(scanned.root)],
        env=environment(tmp_path / "catalog.db"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    process.stderr.readline()  # it has begun
    process.send_signal(signal.SIGHUP)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, "stopping" in err) == (3, False), out


def test_there_is_no_such_scan(shelf: Shelf) -> None:
    done = run(shelf.catalogue, "scans", "show", "zzz")
    assert (done.returncode, done.stderr) == (4, "error: no scan 'zzz'; list them with: mediaforge scans\n")
