"""--log-file and -v."""

from __future__ import annotations

import json
import re
import shutil
from datetime import datetime
from pathlib import Path

from media_shelf import Shelf
from terminal import run

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warning|error) (-|[0-9a-f]{8}) ([a-z_]+)(?: (.*))?")


def test_a_scan_is_logged(scanned: Shelf, tmp_path: Path) -> None:
    log = tmp_path / "log"
    done = run(tmp_path / "catalog.db", "scan", "-q", "--log-file", str(log), str(scanned.root / "Films"))
    assert done.returncode == 3
    lines = [LINE.fullmatch(line) for line in log.read_text().splitlines()]
    assert [(line[1], line[3]) for line in lines if line] == [
        ("info", "command"),
        ("info", "scan_started"),
        ("info", "planned"),
        ("warning", "trouble"),
        ("info", "scan_ended"),
    ]
    [scan] = {line[2] for line in lines[1:] if line}
    assert scan == run(tmp_path / "catalog.db", "scans").stdout[:8]
    assert lines[3] and f'path="{scanned.root}/Films/broken.mp4"' in lines[3][4].replace("path=/", 'path="/').replace(
        "mp4 ", 'mp4" '
    )
    assert lines[4] and {"exit_code=3", "done=1", "failed=1", "new=2"} <= set(lines[4][4].split())


def test_json_has_the_scan_on_every_line_and_errors_too(scanned: Shelf, tmp_path: Path) -> None:
    root, log = tmp_path / "gone", tmp_path / "log"
    shutil.copytree(scanned.root / "Music", root)
    options = ["--log-file", str(log), "--log-format", "json"]
    assert run(tmp_path / "catalog.db", "scan", str(root), *options).returncode == 0
    shutil.rmtree(root)
    assert run(tmp_path / "catalog.db", "scan", str(root), *options).returncode == 13
    assert run(tmp_path / "catalog.db", "show", "nothing", *options).returncode == 4
    records = [json.loads(line) for line in log.read_text().splitlines()]
    for record in records:
        assert list(record)[:3] == ["at", "level", "event"]
        assert datetime.fromisoformat(record["at"]).tzinfo is not None
        assert ("scan" in record) is (record["event"] not in ("command", "failed"))
    assert len({record["scan"] for record in records if "scan" in record}) == 2
    assert [record["message"][:8] for record in records if record["event"] == "offline"] == [f"'{root}'"[:8]]
    assert records[-1]["event"] == "failed"
    assert (records[-1]["exit_code"], records[-1]["error"]) == (4, "nothing matches 'nothing'")


def test_v_prints_the_same_lines_and_vv_more(scanned: Shelf, tmp_path: Path) -> None:
    def events(flag: str) -> set[str]:
        done = run(tmp_path / "catalog.db", "scan", "--full", flag, str(scanned.root / "Films"))
        return {match[3] for line in done.stderr.splitlines() if (match := LINE.fullmatch(line))}

    assert events("-v") == {"command", "scan_started", "planned", "trouble", "scan_ended"}
    assert events("-vv") >= {"command", "scan_started", "counted", "planned", "progress", "scan_ended"}


def test_a_log_that_fills_the_disk_does_not_stop_the_work(scanned: Shelf) -> None:
    done = run(scanned.catalogue, "search", "waves", "-f", "paths", "--log-file", "/dev/full")
    assert (done.returncode, done.stdout) == (0, f"{scanned.root}/Beach/clip.mp4\n")
    assert done.stderr == "warning: the log ends here: no space left on device\n"
