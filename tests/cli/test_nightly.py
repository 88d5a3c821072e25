"""What cron can rely on: --all, --quiet, exit codes, reports, retention."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from lasting import ask, change, empty_catalogue, make_many, paused_scan, running, until
from terminal import COMMAND, environment, run, start

from media_files import make_jpeg

KEYS = (
    "id mode status exit_code phase started ended heartbeat host pid cancel_requested pause_requested current_file error"
    " counters roots problems moved missing"
).split()


def add(folder: Path, *names: str) -> Path:
    """Add a picture for each name, all of them different."""
    folder.mkdir(exist_ok=True)
    for name in names:
        make_jpeg(folder / name, seed=sum(name.encode()))
    return folder


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return empty_catalogue(tmp_path / "data" / "catalog.db")


@pytest.fixture
def two(tmp_path: Path, catalogue: Path) -> tuple[Path, Path]:
    """Two folders that were scanned."""
    folders = add(tmp_path / "one", "a.jpg", "b.jpg"), add(tmp_path / "two", "c.jpg")
    assert run(catalogue, "scan", *map(str, folders)).returncode == 0
    return folders


def test_all_scans_every_library(two: tuple[Path, Path], catalogue: Path) -> None:
    for folder in two:
        add(folder, "new.jpg")
    done = run(catalogue, "scan", "--all")
    assert (done.returncode, done.stdout) == (0, "5 files found: 2 new, 3 unchanged\n2 read\n")


@pytest.mark.parametrize("words", [[], ["--all", "folder"]])
def test_what_to_scan_is_said_once(catalogue: Path, words: list[str]) -> None:
    done = run(catalogue, "scan", *words)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--all" in done.stderr
    assert "folder" in done.stderr
    assert ask(catalogue, "SELECT * FROM scan") == []


def test_all_is_offline_only_where_all_are(two: tuple[Path, Path], catalogue: Path) -> None:
    one, other = two
    one.rename(one.with_name("unplugged"))
    quiet = run(catalogue, "-q", "scan", "--all")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert f"offline: '{one}' is left as it was" in run(catalogue, "scan", "--all").stderr
    other.rename(other.with_name("unplugged too"))
    quiet = run(catalogue, "-q", "scan", "--all")
    assert (quiet.returncode, quiet.stdout) == (13, "")
    assert [line.split("'")[:2] for line in quiet.stderr.splitlines()] == [["offline: ", str(one)], ["offline: ", str(other)]]


# What goes wrong, done to a folder of pictures and its catalogue before `scan --quiet --all` of it, by exit code.


def nothing(_folder: Path, _catalogue: Path) -> None:
    pass


def change_files(folder: Path, _catalogue: Path) -> None:
    (folder / "a.jpg").rename(folder / "moved.jpg")
    (folder / "b.jpg").unlink()
    add(folder, "new.jpg")


def break_the_history(_folder: Path, catalogue: Path) -> None:
    change(catalogue, "DROP TABLE history")


def name_a_setting_that_is_none(_folder: Path, catalogue: Path) -> None:
    (catalogue.parent / "config" / "mediaforge").mkdir(parents=True)
    (catalogue.parent / "config" / "mediaforge" / "config.toml").write_text("x = 1")


def break_a_file(folder: Path, _catalogue: Path) -> None:
    (folder / "bad.jpg").write_text("bad")


def break_the_catalogue(_folder: Path, catalogue: Path) -> None:
    catalogue.write_bytes(b"not a database" * 100)


def scan_it_already(folder: Path, catalogue: Path) -> None:
    make_many(folder / "many")
    paused_scan(catalogue, folder)


def be_newer(_folder: Path, catalogue: Path) -> None:
    change(catalogue, "UPDATE alembic_version SET version_num = '9999'")


def unplug(folder: Path, _catalogue: Path) -> None:
    folder.rename(folder.with_name("unplugged"))


TROUBLES: list[tuple[int, Callable[[Path, Path], None], str]] = [
    (0, nothing, ""),
    (0, change_files, ""),
    (1, break_the_history, "error: this is a bug in MediaForge"),
    (2, name_a_setting_that_is_none, "error: unknown setting 'x'"),
    (3, break_a_file, "bad.jpg: is text, not a JPEG file"),
    (10, break_the_catalogue, "error: '{catalogue}' is not a catalogue"),
    (11, scan_it_already, "error: scan "),
    (12, be_newer, "error: the catalogue '{catalogue}' was written by a newer MediaForge"),
    (13, unplug, "offline: '{folder}' is left as it was"),
]


@pytest.mark.parametrize(("code", "harm", "says"), TROUBLES, ids=[harm.__name__ for _code, harm, _says in TROUBLES])
def test_quiet_speaks_only_when_something_is_wrong(
    tmp_path: Path, catalogue: Path, code: int, harm: Callable[[Path, Path], None], says: str
) -> None:
    folder = add(tmp_path / "folder", "a.jpg", "b.jpg")
    first = run(catalogue, "--quiet", "scan", str(folder))
    assert (first.returncode, first.stdout, first.stderr) == (0, "", "")
    harm(folder, catalogue)
    done = run(catalogue, "--quiet", "scan", "--all", "--report", str(tmp_path / "report.json"))
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert says.format(folder=folder, catalogue=catalogue) in done.stderr
    assert done.stderr.count("\n") == (code != 0) or code == 1
    if code not in (1, 2):  # a bug leaves no report, and what is wrong with the words is found before one is begun
        report = json.loads((tmp_path / "report.json").read_text())
        assert report["exit_code"] == code
    if code == 3:  # known by tomorrow, and no reason for another letter
        again = run(catalogue, "--quiet", "scan", "--all", "--retry")
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    if code == 11:
        run(catalogue, "scans", "cancel", ask(catalogue, "SELECT id FROM scan WHERE status = 'running'")[0][0])


def test_a_quiet_scan_that_is_stopped_says_so(tmp_path: Path, catalogue: Path) -> None:
    process = start(catalogue, "-q", "scan", str(make_many(tmp_path / "many")), MEDIAFORGE_JOBS="1")
    until(lambda: running(catalogue))
    os.kill(process.pid, signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    [(scan,)] = ask(catalogue, "SELECT id FROM scan")
    assert (process.returncode, out, err) == (130, "", f"scan {scan[:8]} was cancelled; what it read is kept\n")


def test_known_failures_are_not_told_among_new_ones(tmp_path: Path, catalogue: Path) -> None:
    (tmp_path / "old.jpg").write_text("bad")
    assert run(catalogue, "scan", str(tmp_path)).returncode == 3
    (tmp_path / "new.jpg").write_text("bad as well")
    done = run(catalogue, "-q", "scan", "--retry", str(tmp_path))
    assert (done.returncode, done.stderr) == (3, f"{tmp_path}/new.jpg: is text, not a JPEG file\n")


def test_a_report_is_written_where_a_link_leads_and_into_what_is_no_file(
    two: tuple[Path, Path], catalogue: Path, tmp_path: Path
) -> None:
    (tmp_path / "link.json").symlink_to("kept.json")
    assert run(catalogue, "scan", "--all", "--report", str(tmp_path / "link.json")).returncode == 0
    assert (tmp_path / "link.json").is_symlink() and json.loads((tmp_path / "kept.json").read_text())["exit_code"] == 0
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", str(tmp_path / "pipe")], stdout=subprocess.PIPE, text=True) as reader:
        run(catalogue, "scan", "--all", "--report", str(tmp_path / "pipe"))
        assert reader.stdout is not None and json.loads(reader.stdout.read())["exit_code"] == 0
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("target", ["report.json", "json"])
def test_a_report_tells_everything(two: tuple[Path, Path], catalogue: Path, target: str) -> None:
    one, other = two
    exact = os.fsencode(one) + b"/latin \xe9.jpg"
    os.rename(one / "a.jpg", exact)
    (one / "b.jpg").unlink()
    (one / "bad.jpg").write_text("bad")
    add(other, "new.jpg")
    done = subprocess.run(
        [*COMMAND, "scan", "--all", "--report", target],
        env=environment(catalogue),
        cwd=one,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3
    if target == "report.json":
        assert done.stdout == "4 files found: 2 new, 1 moved, 1 missing, 1 unchanged\n1 read, 1 could not be read\n"
        text = (one / target).read_text()
    else:
        text = done.stdout
    report = json.loads(text)
    ids = {Path(os.fsdecode(path)).name: media for media, path in ask(catalogue, "SELECT id, path FROM media")}
    assert list(report) == KEYS
    assert (report["status"], report["exit_code"], report["error"], report["phase"]) == ("finished", 3, None, None)
    assert report["started"] < report["ended"]
    counters = {name: number for name, number in report["counters"].items() if number}
    assert counters == {"found": 4, "new": 2, "moved": 1, "missing": 1, "unchanged": 1, "total": 2, "done": 2, "failed": 1}
    assert report["roots"] == [{"path": str(root), "outcome": "scanned"} for root in (one, other)]
    assert report["problems"] == [
        {"path": f"{one}/bad.jpg", "reason": "unreadable", "message": "is text, not a JPEG file", "media": ids["bad.jpg"]}
    ]
    [moved] = report["moved"]
    assert base64.b64decode(moved.pop("after_base64")) == exact
    assert moved == {
        "media": ids[os.fsdecode(b"latin \xe9.jpg")],
        "before": f"{one}/a.jpg",
        "after": f"{one}/latin \N{REPLACEMENT CHARACTER}.jpg",
        "evidence": "inode",
    }
    assert report["missing"] == [{"media": ids["b.jpg"], "path": f"{one}/b.jpg"}]
    assert json.loads(run(catalogue, "scans", "show", report["id"], "-f", "json").stdout) == json.loads(text)


def test_show_tells_what_moved_and_what_was_not_guessed(tmp_path: Path, catalogue: Path) -> None:
    folder = add(tmp_path / "folder", "a.jpg", "b.jpg")
    for twin in ("x.jpg", "y.jpg"):
        (folder / twin).write_bytes(make_jpeg(tmp_path / "twin.jpg", seed=9).read_bytes())
    assert run(catalogue, "scan", str(folder)).returncode == 0
    for name in ("a", "x", "y"):
        picture = (folder / f"{name}.jpg").read_bytes()
        (folder / f"{name}.jpg").unlink()
        (folder / f"new {name}.jpg").write_bytes(picture)
    assert run(catalogue, "scan", str(folder)).returncode == 0
    [(scan,)] = ask(catalogue, "SELECT id FROM scan ORDER BY started_at DESC LIMIT 1")
    shown = run(catalogue, "scans", "show", scan[:8]).stdout.splitlines()
    assert f"fingerprint\t{folder}/a.jpg\t{folder}/new a.jpg" in shown
    ambiguous = sorted(line.split("\t") for line in shown if line.startswith("ambiguous\tcould be"))
    assert [path for _reason, _message, path in ambiguous] == [f"{folder}/new x.jpg", f"{folder}/new y.jpg"]
    report = json.loads(run(catalogue, "scans", "show", scan, "-f", "json").stdout)
    assert [problem["reason"] for problem in report["problems"]] == ["ambiguous", "ambiguous"]
    assert {Path(one["path"]).name for one in report["missing"]} == {"x.jpg", "y.jpg"}


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("nowhere/report.json", "no folder '{folder}/nowhere' for the report"),
        (".", "is a folder; name a file in it"),
        ("/proc/report.json", "cannot"),
    ],
)
def test_a_report_that_cannot_be_written(tmp_path: Path, catalogue: Path, target: str, says: str) -> None:
    done = run(catalogue, "scan", str(tmp_path), "--report", str(tmp_path / target))
    assert (done.returncode, done.stdout) == (2, done.stdout)
    assert says.format(folder=tmp_path) in done.stderr
    # root may write where it must not: then it is said in the end
    assert len(ask(catalogue, "SELECT * FROM scan")) == target.startswith("/")


def test_a_report_replaces_the_last_one_whole(two: tuple[Path, Path], catalogue: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("x" * 100_000)
    assert run(catalogue, "scan", "--all", "--report", str(report)).returncode == 0
    assert json.loads(report.read_text())["status"] == "finished"
    change(catalogue, "UPDATE alembic_version SET version_num = '9999'")
    failed = run(catalogue, "scan", "--all", "--report", str(report))
    written = json.loads(report.read_text())
    assert written == {"id": None, "status": "failed", "exit_code": 12, "error": failed.stderr.strip()[len("error: ") :]}
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["report.json"]


def test_a_dry_run_has_no_report(two: tuple[Path, Path], catalogue: Path, tmp_path: Path) -> None:
    done = run(catalogue, "scan", "--all", "--dry-run", "--report", str(tmp_path / "report.json"))
    assert (done.returncode, done.stderr) == (2, "error: a dry run leaves no trace; leave '--report' out\n")


@pytest.mark.parametrize(("keep", "left"), [("30", [29]), ("90", [29, 31]), ("0", [])])
def test_old_scans_are_forgotten(two: tuple[Path, Path], catalogue: Path, keep: str, left: list[int]) -> None:
    (two[0] / "b.jpg").unlink()
    (two[0] / "bad.jpg").write_text("bad")
    assert run(catalogue, "scan", "--all").returncode == 3
    ages = [29, 31]
    for age, (scan,) in zip(ages, ask(catalogue, "SELECT id FROM scan ORDER BY started_at"), strict=True):
        change(catalogue, "UPDATE scan SET started_at = datetime('now', ?) WHERE id = ?", f"-{age} days", scan)
    assert run(catalogue, "scan", "--all", "--report", str(two[1] / "r.json"), MEDIAFORGE_KEEP_SCANS=keep).returncode == 0
    found = ask(catalogue, "SELECT round(julianday('now') - julianday(started_at)) FROM scan ORDER BY started_at DESC")
    assert [int(age) for (age,) in found] == [0, *left]
    assert ask(catalogue, "SELECT count(*) FROM scan_problem WHERE scan_id NOT IN (SELECT id FROM scan)") == [(0,)]
    assert ask(catalogue, "SELECT count(*) FROM history") == [(1,)]  # how items were recognised is kept for `why`


def test_a_file_that_is_too_young_is_left_for_the_next_scan(two: tuple[Path, Path], catalogue: Path) -> None:
    add(two[0], "young.jpg")
    assert "1 still being written" in run(catalogue, "scan", "--all", "--settle", "3600").stdout
    assert "1 new" in run(catalogue, "scan", "--all", "--sha256").stdout
    [(digest,)] = ask(catalogue, "SELECT sha256 FROM media WHERE path = ?", b"young.jpg")
    assert len(digest) == 64
