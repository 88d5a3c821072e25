"""mediaforge collection."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from media_shelf import Shelf
from terminal import on_a_terminal, run


def say(shelf: Shelf, *words: str) -> str:
    """Run a command of collections that works, and return what it says."""
    done = run(shelf.catalogue, "collection", *words)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return done.stderr


def paths(shelf: Shelf, *words: str) -> list[str]:
    """Return what a command prints as paths, below the library."""
    done = run(shelf.catalogue, *words, "-f", "paths")
    assert done.returncode == 0, done.stderr
    return [os.path.relpath(path, shelf.root) for path in done.stdout.splitlines()]


@pytest.fixture
def filled(shelf: Shelf) -> Shelf:
    """Return a shelf with a collection by hand and a smart one."""
    say(shelf, "create", "Mix/Evening", "--description", "For later")
    say(shelf, "add", "mix/evening", str(shelf.root / "Music"))
    say(shelf, "add", "mix/evening", "-name:*.mp3", "kind:video")
    say(shelf, "create", "best", "--query", "kind:audio OR name:clip*", "--sort", "name")
    return shelf


def test_by_hand(filled: Shelf) -> None:
    music, films = ["Music/01.mp3", "Music/02.flac"], ["Films/film.mkv", "Films/broken.mp4", "Beach/clip.mp4"]
    assert sorted(paths(filled, "collection", "show", "Mix/Evening")[2:]) == sorted(films)
    assert paths(filled, "collection", "show", "Mix/Evening", "--limit", "2") == music
    assert say(filled, "add", "mix/evening", "kind:audio") == "added 0 items; 2 in it already\n"
    [clip] = json.loads(run(filled.catalogue, "search", "clip", "-f", "json").stdout)
    assert clip["collections"] == ["Mix/Evening"]
    assert say(filled, "move", "mix/evening", "clip", "--to", "1", "-n") == "would move 1 item\n"
    assert say(filled, "move", "mix/evening", "clip", "--to", "1") == "moved 1 item\n"
    assert paths(filled, "collection", "show", "mix/evening", "--limit", "2") == ["Beach/clip.mp4", "Music/01.mp3"]
    assert say(filled, "move", "mix/evening", "film.mkv", "--before", str(clip["id"])) == "moved 1 item\n"
    assert say(filled, "move", "mix/evening", "01.mp3", "--after", str(clip["id"])) == "moved 1 item\n"
    assert paths(filled, "collection", "show", "mix/evening", "--limit", "3") == ["Films/film.mkv", "Beach/clip.mp4", music[0]]
    assert say(filled, "remove", "mix/evening", "kind:video", "-name:clip*") == "removed 2 items\n"
    assert paths(filled, "collection", "show", "mix/evening") == ["Beach/clip.mp4", *music]
    assert run(filled.catalogue, "undo", "--last", "4").returncode == 0
    assert paths(filled, "collection", "show", "mix/evening", "--limit", "2") == music


def test_smart(filled: Shelf) -> None:
    assert paths(filled, "collection", "show", "best") == ["Music/01.mp3", "Music/02.flac", "Beach/clip.mp4"]
    assert say(filled, "edit", "best", "--sort", "name:desc") == "changed the collection 'best'\n"
    assert paths(filled, "collection", "show", "best")[0] == "Beach/clip.mp4"
    assert paths(filled, "search", "in:best", "-kind:audio") == ["Beach/clip.mp4"]
    assert run(filled.catalogue, "tag", "add", "good", "in:best").stderr == "tagged 3 items\n"
    assert sorted(paths(filled, "collection", "show", "mix/")) == sorted(paths(filled, "search", "in:mix/evening"))
    [clip] = json.loads(run(filled.catalogue, "search", "clip", "-f", "json").stdout)
    assert clip["collections"] == ["Mix/Evening"], "those by hand alone"


def test_lists_and_trees(filled: Shelf) -> None:
    rows = ["best\t3\tkind:audio OR name:clip*", "Mix/Evening\t5\t"]
    assert run(filled.catalogue, "collection", "list").stdout.splitlines() == rows
    tree = run(filled.catalogue, "collection", "list", "--tree").stdout.splitlines()
    assert tree == ["best\t3\tkind:audio OR name:clip*", "Mix\t\t", "Mix/Evening\t5\t"]
    screen = on_a_terminal(filled.catalogue, "collection", "list", "--tree", NO_COLOR="1")
    assert "\nMix\n  Evening       5\n" in screen
    [best, mix] = json.loads(run(filled.catalogue, "collection", "list", "-f", "json").stdout)
    assert best.pop("added") and mix.pop("added")
    assert best == {
        "collection": "best",
        "items": 3,
        "query": "kind:audio OR name:clip*",
        "sort": "name",
        "description": None,
        "problem": None,
    }
    assert mix["description"] == "For later"


def test_a_collection_that_cannot_be_asked_is_listed_and_told(filled: Shelf) -> None:
    say(filled, "create", "loud", "--query", "in:best")
    done = run(filled.catalogue, "collection", "rename", "best", "better")
    assert done.stderr == "renamed 1 collection\nthe query of the collection 'loud' still says: in:best\n"
    done = run(filled.catalogue, "collection", "list")
    assert done.stderr == "'loud' cannot be asked: no collection 'best'; list them with: mediaforge collection list\n" or (
        done.stderr == "'loud' cannot be asked: no collection 'best'; did you mean 'better'?\n"
    )
    assert "loud\t\tin:best" in done.stdout.splitlines()
    done = run(filled.catalogue, "search", "beach in:loud")
    assert done.returncode == 2
    assert done.stderr.splitlines()[1:3] == ["  beach in:loud", "           ^^^^"]


def test_delete_asks_where_items_are_in_it(filled: Shelf) -> None:
    done = run(filled.catalogue, "collection", "delete", "mix/evening")
    assert (done.returncode, done.stderr) == (2, "error: nobody is here to be asked, so nothing was changed; say --yes\n")
    assert say(filled, "delete", "mix/", "-n") == "would delete 1 collection of 5 items\n"
    assert say(filled, "delete", "mix/", "-y") == "deleted 1 collection of 5 items\n"
    assert say(filled, "delete", "best") == "deleted 1 collection of 0 items\n"
    assert "no collections yet" in run(filled.catalogue, "collection", "list").stderr
    run(filled.catalogue, "undo", "--last", "2")
    assert len(paths(filled, "collection", "show", "mix/evening")) == 5


# Export.


def test_a_playlist(filled: Shelf) -> None:
    say(filled, "create", "play")
    say(filled, "add", "play", str(filled.root / "Music"), str(filled.root / "Beach"))
    lines = run(filled.catalogue, "collection", "export", "play").stdout.splitlines()
    root = filled.root
    assert lines[0] == "#EXTM3U"
    assert lines[2::2] == [f"{root}/Music/01.mp3", f"{root}/Music/02.flac", f"{root}/Beach/beach.jpg", f"{root}/Beach/clip.mp4"]
    names = [line.partition(",")[2] for line in lines[1::2]]
    assert names == ["由紀さおり - 浜辺の歌", "Miles Davis - So What", "beach", "Waves at dusk"]
    lengths = [line.removeprefix("#EXTINF:").partition(",")[0] for line in lines[1::2]]
    assert lengths[2:] == ["-1", "1"] and all(int(length) >= 0 for length in lengths[:2])
    relative = run(filled.catalogue, "collection", "export", "play", "--relative-to", str(root / "Music")).stdout.splitlines()
    assert relative[2::2] == ["01.mp3", "02.flac", "../Beach/beach.jpg", "../Beach/clip.mp4"]


def test_a_playlist_of_strange_names_is_utf8_and_has_a_line_each(filled: Shelf) -> None:
    say(filled, "create", "strange")
    say(filled, "add", "strange", str(filled.root / "Strange"))
    folder = str(filled.root / "Strange")
    done = run(filled.catalogue, "collection", "export", "strange", "--relative-to", folder)
    lines = done.stdout.splitlines()
    assert sorted(lines[2::2]) == sorted(
        [
            "-q.jpg",
            "esc \x1b[31mred.jpg",
            "quote ' \" $x `y`.jpg",
            "tab\there.jpg",
            f"file://{folder}/latin%20%E9.jpg",
            f"file://{folder}/new%0Aline.jpg",
        ]
    )
    assert len(lines) == 13


@pytest.mark.parametrize("how", ["m3u8", "jsonl", "csv", "paths", "paths0"])
def test_a_file_is_written_whole_or_not_at_all(filled: Shelf, tmp_path: Path, how: str) -> None:
    target = tmp_path / "list"
    printed = run(filled.catalogue, "collection", "export", "best", "-f", how).stdout
    said = say(filled, "export", "best", "-f", how, "-o", str(target))
    assert said == f"exported 3 items to '{target}'\n"
    assert target.read_bytes().decode(errors="surrogateescape") == printed
    done = run(filled.catalogue, "collection", "export", "mix/evening", "-f", how, "-o", str(target))
    assert (done.returncode, target.read_text()) == (2, printed)
    assert "is there already; name another file, or say --force" in done.stderr
    assert say(filled, "export", "mix/evening", "-f", how, "-o", str(target), "--force").startswith("exported 5 items")
    assert target.read_text() != printed
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("list")] == ["list"]


def test_what_is_missing_is_left_out_and_told(filled: Shelf) -> None:
    (filled.root / "Music" / "gone.mp3").write_bytes((filled.root / "Music" / "01.mp3").read_bytes() + b"x")
    try:
        run(filled.catalogue, "scan", str(filled.root / "Music"))
        say(filled, "add", "mix/evening", "gone")
    finally:
        (filled.root / "Music" / "gone.mp3").unlink()
    run(filled.catalogue, "scan", str(filled.root / "Music"))
    done = run(filled.catalogue, "collection", "export", "mix/evening", "-f", "paths")
    assert (len(done.stdout.splitlines()), done.stderr) == (5, "1 item of it is missing and left out\n")
    assert run(filled.catalogue, "collection", "show", "mix/evening").stderr == done.stderr


WRONG = {
    ("show", "bset"): (4, "no collection 'bset'; did you mean 'best'?"),
    ("export", "bset"): (4, "no collection 'bset'; did you mean 'best'?"),
    ("add", "bset", "is:any"): (4, "no collection 'bset'; did you mean 'best'?"),
    ("create", "Best"): (2, "there is a collection 'best' already; choose another name"),
    ("create", "x", "--sort", "name"): (
        2,
        "what is made by hand has an order of its own; --sort is for a collection with a --query",
    ),
    ("move", "mix/evening", "clip"): (2, "say where to, by one of --to, --before and --after"),
    ("move", "mix/evening", "clip", "--to", "1", "--after", "2"): (2, "say where to, by one of --to, --before and --after"),
    ("move", "mix/evening", "clip", "--to", "0"): (2, "'--to' takes a whole number of at least 1, not '0'"),
    ("move", "mix/evening", "beach.jpg", "--to", "1"): (
        4,
        "nothing of that is in the collection 'Mix/Evening', so nothing was changed",
    ),
    ("edit", "best"): (2, "nothing to change; say --query, --sort or --description"),
    ("export", "best", "-f", "csv", "--relative-to", "/"): (
        2,
        "--relative-to is of the format m3u8; csv has absolute paths",
    ),
    ("export", "best", "-f", "table"): (2, "'--format' takes one of m3u8, jsonl, csv, paths, paths0, not 'table'"),
}


@pytest.mark.parametrize("words", WRONG)
def test_what_makes_no_sense_is_told_in_a_sentence(filled: Shelf, words: tuple[str, ...]) -> None:
    code, said = WRONG[words]
    done = run(filled.catalogue, "collection", *words)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", f"error: {said}\n")


def test_a_dry_run_of_a_creation(filled: Shelf) -> None:
    assert say(filled, "create", "new", "--dry-run") == "would make the collection 'new'\n"
    assert run(filled.catalogue, "collection", "show", "new").returncode == 4
