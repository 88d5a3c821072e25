"""mediaforge set, unset, rate, note, favourite, and how undo asks before it tramples a later edit."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from media_shelf import Shelf
from terminal import on_a_terminal, run


def shown(shelf: Shelf, *targets: str) -> dict[str, Any]:
    """Return what `show` says of one item, in JSON."""
    found: dict[str, Any] = json.loads(run(shelf.catalogue, "show", *targets, "-f", "json").stdout)
    return found


def lines(shelf: Shelf, *targets: str) -> dict[str, tuple[str, str]]:
    """Return the sheet of an item: by field, its value and where it came from."""
    rows = (line.split("\t") for line in run(shelf.catalogue, "show", *targets).stdout.splitlines())
    return {row[0]: (row[1], row[2]) for row in rows}


# What is typed, and what it says when it is typed again, too.
COMMANDS = [
    (["set", "title=Big Trip", "rating=4", "beach.jpg"], "set title, rating of 1 item\n", "0 items; 1 had that already"),
    (["rate", "4", "kind:audio"], "rated 2 items\n", "rated 0 items; 2 had that already"),
    (["rate", "none", "kind:audio"], "rated 0 items; 2 had that already\n", "2 had that already"),
    (["note", "ask Anna", "beach.jpg"], "noted on 1 item\n", "noted on 0 items; 1 had that already"),
    (["favourite", "kind:audio"], "set favourite of 2 items\n", "set favourite of 0 items; 2 were that already"),
    (["favourite", "--off", "beach.jpg"], "unset favourite of 0 items; 1 were none\n", "1 were none"),
    (["unset", "title,stars", "beach.jpg"], "unset title, rating of 0 items; 1 had none of yours\n", "1 had none of yours"),
]


@pytest.mark.parametrize(("words", "said", "again"), COMMANDS, ids=[" ".join(words) for words, _said, _again in COMMANDS])
def test_what_an_edit_came_to_is_told(shelf: Shelf, words: list[str], said: str, again: str) -> None:
    dry = run(shelf.catalogue, *words, "--dry-run")
    assert (dry.returncode, dry.stdout) == (0, "")
    assert dry.stderr.startswith("would ")
    assert run(shelf.catalogue, "history").stdout == ""
    done = run(shelf.catalogue, *words)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", said)
    assert again in run(shelf.catalogue, *words).stderr
    assert run(shelf.catalogue, *words, "-q").stderr == ""


def test_show_tells_apart_what_was_read_and_what_was_set(shelf: Shelf) -> None:
    run(shelf.catalogue, "set", "title=So Sorry", "show=The Expanse", "gps=48.85,2.35", "taken=1999", "name:02.flac")
    told = lines(shelf, "name:02.flac")
    assert told["title"] == ("So Sorry", "you; the file says 'So What'")
    assert told["show"] == ("The Expanse", "you")
    assert told["longitude"] == ("2.35", "you")
    assert told["taken_at"][0] == "1999-01-01T00:00:00"
    assert told["taken_at"][1].startswith("you; the file says '2022-04-15T")
    assert told["taken_source"] == ("person", "you")
    assert told["artist"][1] != "you"
    item = shown(shelf, "name:02.flac")
    assert item["title"] == "So Sorry"
    assert {name: (one["value"], one.get("read")) for name, one in item["corrections"].items() if name != "taken"} == {
        "gps": ([48.85, 2.35], None),
        "place": ("Paris, Île-de-France, France", None),  # it follows from the other
        "show": ("The Expanse", None),
        "title": ("So Sorry", "So What"),
    }
    run(shelf.catalogue, "unset", "title,show,gps,taken", "name:02.flac")
    assert lines(shelf, "name:02.flac")["title"][0] == "So What"
    assert "corrections" not in shown(shelf, "name:02.flac")


def test_every_format_has_what_was_set(shelf: Shelf) -> None:
    run(shelf.catalogue, "set", "title=Dunes", "note=one\ntwo", "favourite=yes", "beach.jpg")
    [item] = json.loads(run(shelf.catalogue, "search", "is:favourite", "-f", "json").stdout)
    assert (item["title"], item["note"], item["favourite"]) == ("Dunes", "one\ntwo", True)
    [row] = csv.DictReader(io.StringIO(run(shelf.catalogue, "search", "note:two", "-f", "csv").stdout))
    assert (row["title"], row["note"], row["favourite"]) == ("Dunes", "one\ntwo", "True")
    assert run(shelf.catalogue, "search", "dunes").stdout.count("\n") == 1
    assert lines(shelf, "beach.jpg")["note"] == ("one / two", "you")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["set", "titel=x", "beach"], 2, "there is no field 'titel' to set; did you mean 'title'?"),
        (["set", "title=", "beach"], 2, "'title=' has no value; to take yours away, say: mediaforge unset title TARGET"),
        (["set", "beach"], 2, "nothing to set; write FIELD=VALUE before the targets, such as title=Holiday"),
        (["set", "title=x"], 2, "nothing to select; give a query, ids or paths"),
        (["set", "title=x", "nowhere"], 4, "nothing matches 'nowhere', so nothing was changed"),
        (["unset", "titles", "beach"], 2, "there is no field 'titles' to set; did you mean 'title'?"),
        (["rate", "6", "beach"], 2, "a rating is 0 to 5, or none to take yours away; not '6'"),
        (["rate", "3"], 2, "missing argument 'TARGET'; see: mediaforge rate --help"),
        (["undo", "1", "--last", "2"], 2, "an edit by its id, or the last ones with --last, but not both"),
        (["redo"], 4, "nothing to redo; list the edits with: mediaforge history"),
    ],
)
def test_mistakes_are_told_in_one_sentence(shelf: Shelf, words: list[str], code: int, said: str) -> None:
    done = run(shelf.catalogue, *words)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", f"error: {said}\n")


def test_help_set_lists_the_fields(shelf: Shelf) -> None:
    rows = json.loads(run(shelf.catalogue, "help", "set", "-f", "json").stdout)
    assert rows[1] == {
        "field": "description",
        "aliases": ["comment"],
        "meaning": "description or comment",
        "example": "description='Low tide'",
    }
    assert len(run(shelf.catalogue, "help", "set").stdout.splitlines()) == len(rows) > 20
    assert run(shelf.catalogue, "set", rows[1]["example"].replace("'", ""), "beach.jpg").returncode == 0


def test_undo_and_redo_say_what_they_did(shelf: Shelf) -> None:
    run(shelf.catalogue, "rate", "3", "beach.jpg")
    run(shelf.catalogue, "note", "ask Anna", "beach.jpg")
    assert run(shelf.catalogue, "undo", "--last", "2").stderr == (
        "undid edit 2, 1 item: note 'ask Anna' beach.jpg\nundid edit 1, 1 item: rate 3 beach.jpg\n"
    )
    assert run(shelf.catalogue, "redo", "--dry-run").stderr == "would redo edit 1, 1 item: rate 3 beach.jpg\n"
    assert run(shelf.catalogue, "redo", "2").stderr == "redid edit 2, 1 item: note 'ask Anna' beach.jpg\n"
    edits = json.loads(run(shelf.catalogue, "history", "-f", "json").stdout)
    assert [(edit["id"], bool(edit["undone"]), edit["edit"]) for edit in edits] == [
        (2, False, "note 'ask Anna' beach.jpg"),
        (1, True, "rate 3 beach.jpg"),
    ]


def test_undo_refuses_to_trample_a_later_edit_where_nobody_can_be_asked(shelf: Shelf) -> None:
    run(shelf.catalogue, "rate", "3", "kind:audio")
    run(shelf.catalogue, "rate", "5", "name:01.mp3")
    done = run(shelf.catalogue, "undo", "1")
    assert (done.returncode, done.stderr) == (
        2,
        "error: edit 2 ('rate 5 name:01.mp3') changed the same of 1 item; undo that first, or say --force\n",
    )
    assert run(shelf.catalogue, "undo", "1", "--force").returncode == 0
    assert run(shelf.catalogue, "search", "is:rated").stdout == ""


@pytest.mark.parametrize(("typed", "left"), [("y\n", 0), ("n\n", 2), ("\n", 2)])
def test_undo_asks_on_a_terminal(shelf: Shelf, typed: str, left: int) -> None:
    run(shelf.catalogue, "rate", "3", "kind:audio")
    run(shelf.catalogue, "rate", "5", "name:01.mp3")
    screen = on_a_terminal(shelf.catalogue, "undo", "1", typed=typed)
    assert "edit 2 ('rate 5 name:01.mp3') changed the same of 1 item\nundo it all the same? [y/N]:" in screen
    assert ("undid edit 1" if left == 0 else "error: nothing was changed") in screen
    assert len(run(shelf.catalogue, "search", "is:rated", "-f", "paths").stdout.splitlines()) == left
