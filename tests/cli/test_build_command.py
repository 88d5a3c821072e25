"""mediaforge build, as a person sees it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from media_shelf import Shelf
from terminal import on_a_terminal, run

from media_files import make_jpeg

_GIVEN = 12  # files on the shelf


def test_it_makes_tells_and_makes_nothing_twice(shelf: Shelf) -> None:
    done = run(shelf.catalogue, "build", "sha256", "kind:video")
    assert (done.stdout, done.stderr, done.returncode) == ("sha256: 3 made\n", "", 0)
    done = run(shelf.catalogue, "build", "sha256", "kind:video", "--quiet")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert run(shelf.catalogue, "build", "sha256", "kind:video").stdout == "sha256: nothing is stale\n"
    assert run(shelf.catalogue, "search", "has:hash", "-f", "csv").stdout.count("\n") == 4


def test_a_dry_run_only_counts(shelf: Shelf) -> None:
    done = run(shelf.catalogue, "build", "sha256", "-n")
    assert done.stdout == f"sha256: {_GIVEN} would be made\n(a dry run: nothing was written)\n"
    assert json.loads(run(shelf.catalogue, "build", "--list", "-f", "json").stdout)[0]["made"] == 0


def test_list_tells_what_there_is_of_each_recipe(shelf: Shelf) -> None:
    run(shelf.catalogue, "build", "sha256", "kind:audio")
    rows = json.loads(run(shelf.catalogue, "build", "--list", "-f", "json").stdout)
    row = next(row for row in rows if row["recipe"] == "sha256")
    assert 0 < row.pop("seconds") < 60
    assert row == {"recipe": "sha256", "version": 1, "made": 2, "stale": _GIVEN - 2, "failed": 0, "bytes": 0}
    shown = on_a_terminal(shelf.catalogue, "build", "--list")
    assert "time a file" in shown and " ms" in shown


def test_what_could_not_be_made_is_told_once_and_found_again(shelf: Shelf) -> None:
    os.rename(shelf.root / "Films" / "film.mkv", shelf.root / "film")
    try:
        done = run(shelf.catalogue, "build", "sha256")
        assert done.returncode == 3
        assert done.stdout == f"sha256: {_GIVEN - 1} made, 1 could not be made\n"
        assert done.stderr == f"{shelf.root}/Films/film.mkv: was there when it was counted, and is gone\n"
        assert run(shelf.catalogue, "build", "sha256").returncode == 0, "known, and not due"
        (problem,) = json.loads(run(shelf.catalogue, "build", "--problems", "-f", "json").stdout)
        assert (problem["path"], problem["reason"]) == (f"{shelf.root}/Films/film.mkv", "vanished")
        again = run(shelf.catalogue, "build", "--retry", "sha256")
        assert (again.returncode, again.stdout) == (0, "sha256: 0 made, 1 tried again in vain\n")
    finally:
        os.rename(shelf.root / "film", shelf.root / "Films" / "film.mkv")


@pytest.mark.parametrize("time", ["2", "h", "0h", "tomorrow"])
def test_a_time_that_makes_no_sense(shelf: Shelf, time: str) -> None:
    done = run(shelf.catalogue, "build", "--for", time)
    assert (done.returncode, done.stderr) == (2, f"error: --for takes a time such as 2h, 90m or 1h30m, not '{time}'\n")


def test_gently_for_a_while_with_one_process(shelf: Shelf) -> None:
    done = run(shelf.catalogue, "build", "sha256", "--nice", "--jobs", "1", "--for", "1h30m")
    assert (done.stdout, done.returncode) == (f"sha256: {_GIVEN} made\n", 0)


def test_a_scan_tells_what_it_built(shelf: Shelf) -> None:
    done = run(shelf.catalogue, "scan", str(shelf.root), MEDIAFORGE_AFTER_SCAN="sha256")
    assert done.stdout.endswith(f"sha256: {_GIVEN} made\n") and done.returncode == 0
    wrong = run(shelf.catalogue, "scan", str(shelf.root), MEDIAFORGE_AFTER_SCAN="hash")
    assert wrong.returncode == 2 and "MEDIAFORGE_AFTER_SCAN takes a list of " in wrong.stderr


def test_a_scan_tells_what_it_found_even_where_nothing_can_be_built_after_it(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    make_jpeg(tmp_path / "pictures" / "a.jpg")
    (tmp_path / "cache").write_text("no folder")
    catalogue = tmp_path / "catalog.db"
    done = run(
        catalogue,
        "scan",
        str(tmp_path / "pictures"),
        MEDIAFORGE_AFTER_SCAN="thumbnail",
        MEDIAFORGE_CACHE=str(tmp_path / "cache"),
    )
    assert done.stdout == "1 file found: 1 new\n1 read\n"
    assert done.returncode == 10 and "cache" in done.stderr.splitlines()[-1]
    assert run(catalogue, "scans", "-f", "json").stdout.count('"finished"') == 1
