"""mediaforge open, with a desktop's opener that writes down what it was given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from media_shelf import Shelf
from terminal import run


@pytest.fixture
def opener(tmp_path: Path) -> Path:
    """A folder with an xdg-open in it, and the file in which it notes its arguments."""
    program = tmp_path / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf \'%s\\n\' "$@" >> \'{tmp_path}/opened\'\ntest "${{1%.mkv}}" = "$1"\n')
    program.chmod(0o755)
    return program.parent


def opened(folder: Path) -> list[str]:
    return (folder.parent / "opened").read_text().splitlines() if (folder.parent / "opened").exists() else []


def test_files_are_handed_to_the_desktop(shelf: Shelf, opener: Path) -> None:
    done = run(shelf.catalogue, "open", "name:beach.jpg", PATH=f"{opener}:{os.environ['PATH']}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert opened(opener) == [str(shelf.root / "Beach" / "beach.jpg")]


def test_a_rehearsal_opens_nothing(shelf: Shelf, opener: Path) -> None:
    done = run(shelf.catalogue, "open", "--dry-run", "kind:audio", PATH=f"{opener}:{os.environ['PATH']}")
    assert sorted(done.stdout.splitlines()) == [str(shelf.root / "Music" / name) for name in ("01.mp3", "02.flac")]
    assert opened(opener) == []


def test_many_at_once_are_asked_for_twice(shelf: Shelf, opener: Path) -> None:
    path = f"{opener}:{os.environ['PATH']}"
    done = run(shelf.catalogue, "open", "kind:image OR kind:audio OR kind:video", PATH=path)
    assert done.returncode == 2 and "open all of them with --yes" in done.stderr and opened(opener) == []


def test_an_opener_that_fails_is_told(shelf: Shelf, opener: Path) -> None:
    done = run(shelf.catalogue, "open", "name:film.mkv", PATH=f"{opener}:{os.environ['PATH']}")
    assert done.returncode == 2 and "'xdg-open' could not open" in done.stderr


def test_without_an_opener(shelf: Shelf, tmp_path: Path) -> None:
    done = run(shelf.catalogue, "open", "name:beach.jpg", PATH=str(tmp_path))
    assert done.returncode == 2 and "there is no 'xdg-open' here to open files with" in done.stderr


def test_what_is_not_there_is_not_opened(shelf: Shelf, opener: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(shelf.root / "Beach", copy)
    catalogue = tmp_path / "other.db"
    run(catalogue, "scan", str(copy))
    (copy / "beach.jpg").unlink()
    run(catalogue, "scan", str(copy))
    done = run(catalogue, "open", "is:missing", PATH=f"{opener}:{os.environ['PATH']}")
    assert done.returncode == 4 and f"is missing: '{copy}/beach.jpg'" in done.stderr and opened(opener) == []
