"""What a person sees on a terminal."""

from __future__ import annotations

import re
from pathlib import Path

from media_shelf import STRANGE, Shelf
from terminal import on_a_terminal, run

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def test_a_table_is_aligned_and_a_path_is_never_cut(scanned: Shelf) -> None:
    shown = STYLE.sub("", on_a_terminal(scanned.catalogue, "search", width=80))
    lines = shown.splitlines()
    assert re.fullmatch(r"id  kind   taken +size  details +title, path", lines[0])
    narrow = "".join(lines)
    for name in ("beach.jpg", "clip.mp4", "01.mp3"):
        folder = {"beach.jpg": "Beach", "clip.mp4": "Beach", "01.mp3": "Music"}[name]
        assert f"{_shown(scanned)}/{folder}/{name}" in narrow
    assert "由紀さおり – 浜辺の歌" in shown
    columns = {line.index("image") for line in lines if " image " in line}
    assert len(columns) == 1


def _shown(shelf: Shelf) -> str:
    # the tests' HOME is the folder of the catalogue
    return str(shelf.root).replace(str(shelf.catalogue.parent), "~")


def test_names_cannot_drive_the_terminal(scanned: Shelf) -> None:
    shown = STYLE.sub("", on_a_terminal(scanned.catalogue, "search", "path:Strange", width=300))
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 1 + len(STRANGE)


def test_no_colour_where_it_is_not_wanted(scanned: Shelf) -> None:
    assert "\x1b[" in on_a_terminal(scanned.catalogue, "search", "beach")
    assert "\x1b" not in on_a_terminal(scanned.catalogue, "search", "beach", TERM="dumb")
    assert "\x1b[3" not in on_a_terminal(scanned.catalogue, "search", "beach", NO_COLOR="1")


def test_no_hits_and_more_hits_are_said(scanned: Shelf) -> None:
    assert on_a_terminal(scanned.catalogue, "search", "nothing") == "nothing found\n"
    shown = on_a_terminal(scanned.catalogue, "search", "--limit", "2")
    assert shown.splitlines()[-1] == "the first 2; all of them: --limit 0"


def test_a_progress_bar_is_drawn_and_taken_away(scanned: Shelf, tmp_path: Path) -> None:
    shown = on_a_terminal(tmp_path / "catalog.db", "scan", str(scanned.root), width=100)
    assert "reading" in shown
    assert "/12" in shown
    assert shown.rstrip().endswith("11 read, 1 could not be read")
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") > 0  # the cursor comes back
    for option, term in (("--no-progress", "xterm"), ("-q", "xterm"), ("--full", "dumb")):
        assert "reading" not in on_a_terminal(tmp_path / "catalog.db", "scan", "--full", str(scanned.root), option, TERM=term)


def test_help_query_fits_80_columns_and_names_every_field(scanned: Shelf) -> None:
    shown = on_a_terminal(scanned.catalogue, "help", "query", width=80)
    assert max(len(line) for line in shown.splitlines()) <= 80
    rows = [line.split("\t") for line in run(scanned.catalogue, "help", "query", "-f", "csv").stdout.splitlines()[1:]]
    for row in rows:
        name = row[0].split(",")[0].strip('"')
        assert re.search(rf"^  {name} ", shown, re.MULTILINE), name


def test_stats_and_scans_have_headings(scanned: Shelf) -> None:
    shown = STYLE.sub("", on_a_terminal(scanned.catalogue, "stats"))
    assert re.search(r"^items +12$", shown, re.MULTILINE)
    assert re.search(r"^kind +items +size +playing time$", shown, re.MULTILINE)
    scans = STYLE.sub("", on_a_terminal(scanned.catalogue, "scans"))
    assert scans.splitlines()[0].split() == ["scan", "status", "started", "found", "done", "failed", "roots"]
