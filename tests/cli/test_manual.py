"""Manual pages: one a command, and groff finds nothing wrong with them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from terminal import run

from mediaforge.cli.words import COMMANDS


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("manual")
    done = run(folder / "none.db", "manual", "--write", str(folder / "man1"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder / "man1"


def test_there_is_a_page_for_every_command(pages: Path) -> None:
    expected = {"-".join(["mediaforge", *name.split()]) + ".1" for name in COMMANDS}
    assert {path.name for path in pages.iterdir()} == expected


def test_groff_finds_nothing_wrong(pages: Path) -> None:
    groff = shutil.which("groff")
    assert groff, "groff is not installed; .ci/run installs it"
    for path in sorted(pages.iterdir()):
        done = subprocess.run([groff, "-man", "-ww", "-Tutf8", "-P-cbou", str(path)], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), path.name
        assert "SYNOPSIS" in done.stdout


def test_a_page_says_what_help_says(pages: Path) -> None:
    text = run(pages / "none.db", "manual", "search").stdout
    assert text.startswith(".TH MEDIAFORGE\\-SEARCH 1 ")
    for part in ("find items by words and fields, newest first", "\\-\\-sort", "\\-\\-limit", "QUERY"):
        assert part in text
    assert "EXIT STATUS" in run(pages / "none.db", "manual").stdout


def test_a_command_that_is_not_there(pages: Path) -> None:
    done = run(pages / "none.db", "manual", "serach")
    assert (done.returncode, done.stderr) == (2, "error: no such command 'serach'; see: mediaforge --help\n")


def test_where_nothing_can_be_written(pages: Path) -> None:
    done = run(pages / "none.db", "manual", "--write", str(pages / "mediaforge.1"))
    assert done.returncode == 1 and "cannot write into" in done.stderr
