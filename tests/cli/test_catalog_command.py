"""mediaforge catalog, as people run it."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing

import pytest
from media_shelf import Shelf
from terminal import run


def test_the_path_of_a_catalogue_that_is_not_there_yet(shelf: Shelf) -> None:
    missing = shelf.catalogue.parent / "none" / "catalog.db"
    assert run(missing, "catalog", "path").stdout == f"{missing}\n"


def test_a_backup_is_a_catalogue(shelf: Shelf) -> None:
    done = run(shelf.catalogue, "catalog", "backup")
    assert done.returncode == 0 and done.stderr.startswith("copied ")
    copy = done.stdout.strip()
    found = run(shelf.catalogue, "search", "beach", "--format", "paths").stdout
    assert run(shelf.catalogue, "--catalog", copy, "search", "beach", "--format", "paths").stdout == found != ""


def test_a_named_backup_takes_nobodys_place(shelf: Shelf) -> None:
    target = shelf.catalogue.parent / "copy.db"
    assert run(shelf.catalogue, "--quiet", "catalog", "backup", str(target)).stdout == f"{target}\n"
    again = run(shelf.catalogue, "catalog", "backup", str(target))
    assert (again.returncode, again.stderr) == (2, f"error: '{target}' is there already; name another file\n")


def test_a_whole_catalogue(shelf: Shelf) -> None:
    done = run(shelf.catalogue, "catalog", "check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"the catalogue '{shelf.catalogue}' is whole\n")


def test_a_damaged_catalogue(shelf: Shelf) -> None:
    with closing(sqlite3.connect(shelf.catalogue)) as connection, connection:
        connection.execute("DROP INDEX ix_media_size")
    done = run(shelf.catalogue, "catalog", "check", "--format", "jsonl")
    assert done.returncode == 10
    assert json.loads(done.stdout) == {"what": "schema", "detail": "'ix_media_size' is missing"}
    assert done.stderr.startswith(f"error: the catalogue '{shelf.catalogue}' is not as it should be")


def test_a_smaller_catalogue(shelf: Shelf) -> None:
    before = os.path.getsize(shelf.catalogue)
    done = run(shelf.catalogue, "catalog", "vacuum")
    assert done.returncode == 0 and " before, " in done.stderr
    assert os.path.getsize(shelf.catalogue) <= before


@pytest.mark.parametrize("command", ["backup", "check", "vacuum"])
def test_there_must_be_a_catalogue(shelf: Shelf, command: str) -> None:
    done = run(shelf.catalogue.parent / "none.db", "catalog", command)
    assert (done.returncode, done.stdout) == (10, "")
    assert "no catalogue at" in done.stderr
