"""A scan that lasts: many small files, and what to ask of a catalogue meanwhile."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from terminal import run

from media_files import make_jpeg
from mediaforge.catalog.database import create_catalogue

MANY = 6_000  # files; a scan with one worker takes two seconds and more


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "catalog.db")
        create_catalogue(os.fsencode(path))
        return Path(path).read_bytes()


def empty_catalogue(path: Path) -> Path:
    """Make a catalogue without anything in it, which takes the program half a second."""
    path.write_bytes(_empty())
    return path


def make_many(root: Path, count: int = MANY) -> Path:
    """Make a folder of pictures that differ."""
    root.mkdir()
    picture = make_jpeg(root / "0.jpg").read_bytes()
    for number in range(1, count):
        (root / f"{number}.jpg").write_bytes(picture + b"%d" % number)
    return root


def ask(catalogue: Path, sql: str, *params: object) -> list[tuple[Any, ...]]:
    """Ask a database file, past the program."""
    with closing(sqlite3.connect(catalogue)) as connection:
        return connection.execute(sql, params).fetchall()


def change(catalogue: Path, sql: str, *params: object) -> None:
    """Change a database file, past the program."""
    with closing(sqlite3.connect(catalogue)) as connection, connection:
        connection.execute(sql, params)


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something, which is expected at once."""
    for _ in range(round(seconds / 0.02)):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come")


def running(catalogue: Path) -> bool:
    """Say whether a scan is recorded as running."""
    return catalogue.exists() and bool(ask(catalogue, "SELECT 1 FROM scan WHERE status = 'running'"))


def read(catalogue: Path) -> int:
    """Return of how many files the facts are stored."""
    return int(ask(catalogue, "SELECT count(*) FROM media WHERE facts_version IS NOT NULL")[0][0])


def paused_scan(catalogue: Path, root: Path) -> str:
    """Begin a scan in the background, pause it as `scans pause` does, only sooner, and return its id once it has paused."""
    begun = run(catalogue, "scan", "--background", str(root), MEDIAFORGE_JOBS="1")
    assert (begun.returncode, begun.stderr) == (0, "")
    scan = begun.stdout.strip()
    change(catalogue, "UPDATE scan SET pause_requested = 1")
    until(lambda: ask(catalogue, "SELECT phase FROM scan WHERE id = ?", scan) == [("paused",)])
    return scan
