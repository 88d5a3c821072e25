"""Scans that outlive their terminal: begun, awaited, followed, paused, resumed, cancelled, killed."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from lasting import MANY, ask, change, empty_catalogue, make_many, paused_scan, read, running
from terminal import on_a_terminal, run, start

from media_files import make_jpeg


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_many(tmp_path_factory.mktemp("background") / "many")


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Path]:
    """An empty catalogue; no scan outlives its test."""
    (tmp_path / "home").mkdir()
    path = empty_catalogue(tmp_path / "home" / "catalog.db")
    yield path
    if path.read_bytes()[:6] == b"SQLite":
        for (scan,) in ask(path, "SELECT id FROM scan WHERE status = 'running'"):
            run(path, "scans", "cancel", scan)
            run(path, "scans", "wait", scan)


def row(catalogue: Path, scan: str, columns: str) -> tuple[object, ...]:
    return ask(catalogue, f"SELECT {columns} FROM scan WHERE id = ?", scan)[0]


def test_a_scan_in_the_background_is_nobodys_child(many: Path, catalogue: Path) -> None:
    begun = run(catalogue, "scan", "--background", str(many))
    scan = begun.stdout.strip()
    assert (begun.returncode, begun.stderr, str(uuid.UUID(scan))) == (0, "", scan)
    [(pid, status)] = ask(catalogue, "SELECT pid, status FROM scan WHERE id = ?", scan)
    assert status == "running"
    assert os.getsid(pid) == pid != os.getsid(0)
    assert [os.readlink(f"/proc/{pid}/fd/{number}") for number in (0, 1)] == ["/dev/null", "/dev/null"]
    waited = run(catalogue, "scans", "wait", scan[:8])
    assert (waited.returncode, waited.stdout, waited.stderr) == (0, "", "")
    assert (row(catalogue, scan, "status, found"), read(catalogue)) == (("finished", MANY), MANY)


def test_what_it_was_told_is_told_to_it(tmp_path: Path, catalogue: Path) -> None:
    for name in ("--background", "left out"):
        (tmp_path / "shelf" / name).mkdir(parents=True)
        make_jpeg(tmp_path / "shelf" / name / "a.jpg")
    (tmp_path / "bad.jpg").write_bytes(b"bad")
    words = ["--exclude", "left out", "--report", str(tmp_path / "report.json"), "--", f"{tmp_path}/shelf/--background/../../"]
    begun = run(catalogue, "-q", "scan", "--background", *words)
    assert run(catalogue, "scans", "wait", begun.stdout.strip()).returncode == 3
    assert [Path(os.fsdecode(path)).name for (path,) in ask(catalogue, "SELECT path FROM media ORDER BY path")] == [
        "bad.jpg",
        "a.jpg",
    ]
    assert json.loads((tmp_path / "report.json").read_text())["id"] == begun.stdout.strip()


@pytest.mark.parametrize("code", [2, 10, 11])
def test_one_that_cannot_begin_says_what_it_would_say_here(many: Path, tmp_path: Path, catalogue: Path, code: int) -> None:
    root = many
    if code == 2:
        root = tmp_path / "nowhere"
    elif code == 10:
        catalogue.write_bytes(b"not a database" * 100)
    else:
        paused_scan(catalogue, many)
    here = run(catalogue, "scan", str(root))
    there = run(catalogue, "scan", "--background", str(root))
    assert (here.returncode, here.stderr.count("\n")) == (code, 1)
    assert (there.returncode, there.stdout, there.stderr) == (code, "", here.stderr)


@pytest.mark.parametrize(
    ("word", "says"),
    [("--dry-run", "a dry run leaves no trace"), ("--report=-", "prints no report"), ("--report=json", "prints no report")],
)
def test_what_makes_no_sense_in_the_background(tmp_path: Path, catalogue: Path, word: str, says: str) -> None:
    done = run(catalogue, "scan", "--background", word, str(tmp_path))
    assert done.returncode == 2
    assert says in done.stderr
    assert ask(catalogue, "SELECT * FROM scan") == []


def test_a_paused_scan_does_nothing_until_it_is_resumed(many: Path, catalogue: Path) -> None:
    scan = paused_scan(catalogue, many)
    change(catalogue, "UPDATE scan SET pause_requested = 0")
    assert run(catalogue, "scans", "pause", scan[:6]).returncode == 0
    before = None
    while before != (before := read(catalogue)):
        time.sleep(0.7)  # what was in work is stored within half a second
    assert before < MANY
    assert run(catalogue, "scans").stdout.split("\t")[:2] == [scan[:8], "paused"]
    shown = json.loads(run(catalogue, "scans", "show", scan, "-f", "json").stdout)
    assert (shown["status"], shown["phase"], shown["pause_requested"]) == ("running", "paused", True)
    time.sleep(1.2)
    assert read(catalogue) == before
    assert run(catalogue, "scans", "resume", scan[:6]).returncode == 0
    assert run(catalogue, "scans", "wait", scan).returncode == 0
    assert read(catalogue) == MANY


def test_a_paused_scan_can_be_cancelled(many: Path, catalogue: Path) -> None:
    scan = paused_scan(catalogue, many)
    assert run(catalogue, "scans", "cancel", scan).returncode == 0
    waited = run(catalogue, "scans", "wait", scan)
    assert waited.returncode == 130
    assert f"scan {scan[:8]} cancelled" in waited.stderr
    assert row(catalogue, scan, "status, exit_code") == ("cancelled", 130)
    for command in ("pause", "resume", "cancel"):
        late = run(catalogue, "scans", command, scan)
        assert (late.returncode, late.stderr) == (2, f"error: scan {scan[:8]} is not running; it is cancelled\n")


def test_a_killed_scan_is_awaited_no_longer(many: Path, catalogue: Path) -> None:
    scan = paused_scan(catalogue, many)
    waiting = start(catalogue, "scans", "wait", scan)
    following = start(catalogue, "scans", "follow", scan)
    assert following.stdout is not None
    assert "paused" in following.stdout.readline()
    os.kill(int(str(row(catalogue, scan, "pid")[0])), signal.SIGKILL)
    assert [process.communicate(timeout=60)[0][:22] for process in (waiting, following)] == ["", f"scan {scan[:8]} interrup"]
    assert (waiting.returncode, following.returncode) == (130, 130)
    change(catalogue, "UPDATE scan SET status = 'interrupted'")


def test_the_exit_code_of_a_scan_that_failed(tmp_path: Path, catalogue: Path) -> None:
    make_jpeg(tmp_path / "a.jpg")
    assert run(catalogue, "scan", str(tmp_path)).returncode == 0
    [(scan,)] = ask(catalogue, "SELECT id FROM scan")
    for status, code, expected in (("failed", 10, 10), ("failed", None, 1), ("interrupted", None, 130), ("finished", 3, 3)):
        change(catalogue, "UPDATE scan SET status = ?, exit_code = ?, error = 'no space'", status, code)
        waited = run(catalogue, "scans", "wait", scan)
        said = "" if status == "finished" else f"scan {scan[:8]} {status}: 1 file found, 1 of 1 done; no space\n"
        assert (waited.returncode, waited.stdout, waited.stderr) == (expected, "", said)
    assert run(catalogue, "scans", "follow", scan).returncode == 3
    change(catalogue, "UPDATE scan SET status = 'failed'")
    assert run(catalogue, "-q", "scans", "wait", scan).stderr == ""


def test_ids_by_their_first_digits(tmp_path: Path, catalogue: Path) -> None:
    assert run(catalogue, "scan", str(tmp_path)).returncode == 0
    columns = "mode, status, host, pid, pid_started, exit_code"
    for scan in ("zzb", "zzc"):
        change(catalogue, f"INSERT INTO scan (id, {columns}) SELECT ?, {columns} FROM scan LIMIT 1", scan)
    assert run(catalogue, "scans", "wait", "y").returncode == 4
    assert run(catalogue, "scans", "wait", "zzb").returncode == 0
    for command in ("wait", "follow", "pause", "resume"):
        done = run(catalogue, "scans", command, "zz")
        assert (done.returncode, done.stderr) == (2, "error: several scans begin with 'zz'; give more digits of the id\n")


def test_follow_writes_lines_into_a_pipe(many: Path, catalogue: Path) -> None:
    scan = paused_scan(catalogue, many)
    assert run(catalogue, "scans", "resume", scan).returncode == 0
    followed = run(catalogue, "scans", "follow", scan[:5])
    lines = followed.stdout.splitlines()
    assert followed.returncode == 0
    assert lines[0].startswith(f"scan {scan[:8]} ")
    assert lines[-1] == f"scan {scan[:8]} finished: {MANY:,} files found, {MANY:,} of {MANY:,} done"


def test_follow_draws_on_a_terminal(many: Path, catalogue: Path) -> None:
    scan = paused_scan(catalogue, many)
    resume = threading.Timer(2, run, (catalogue, "scans", "resume", scan))
    resume.start()
    shown = on_a_terminal(catalogue, "scans", "follow", scan, width=120)
    resume.join()
    assert "paused" in shown
    assert "reading" in shown
    assert f"/{MANY}" in shown
    assert f"scan {scan[:8]} finished: {MANY:,} files found" in shown


def test_interrupting_follow_leaves_the_scan_alone(many: Path, catalogue: Path) -> None:
    scan = paused_scan(catalogue, many)
    following = start(catalogue, "scans", "follow", scan)
    assert following.stdout is not None
    following.stdout.readline()
    os.kill(following.pid, signal.SIGINT)
    assert following.communicate(timeout=60)[1] == "the scan goes on\n"
    assert following.returncode == 130
    assert running(catalogue)
    assert run(catalogue, "scans", "resume", scan).returncode == 0
    assert run(catalogue, "scans", "wait", scan).returncode == 0
