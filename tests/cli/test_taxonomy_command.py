"""mediaforge tag, of tags themselves and of rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from media_shelf import Shelf
from terminal import on_a_terminal, run

from media_files import make_jpeg


def say(shelf: Shelf, *words: str) -> str:
    """Run a command of tags that works, and return what it says."""
    done = run(shelf.catalogue, "tag", *words)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return done.stderr


def listed(shelf: Shelf, *options: str) -> list[str]:
    return run(shelf.catalogue, "tag", "list", *options).stdout.splitlines()


@pytest.fixture
def tagged(shelf: Shelf) -> Shelf:
    """Return a shelf with tags at two levels."""
    say(shelf, "add", "Travel/Italy,holiday", "kind:image beach.jpg")
    say(shelf, "add", "Travel/Italy/Rome", "kind:video clip")
    say(shelf, "add", "work", "kind:audio")
    return shelf


def test_lists_and_trees(tagged: Shelf) -> None:
    assert listed(tagged) == ["holiday\t1", "Travel/Italy\t1", "Travel/Italy/Rome\t1", "work\t2"]
    tree = ["holiday\t1\t1", "Travel\t\t2", "Travel/Italy\t1\t2", "Travel/Italy/Rome\t1\t1", "work\t2\t2"]
    assert listed(tagged, "--tree") == tree
    say(tagged, "remove", "work", "kind:audio")
    assert listed(tagged) == ["holiday\t1", "Travel/Italy\t1", "Travel/Italy/Rome\t1"]
    assert listed(tagged, "--all")[-1] == "work\t0"
    assert listed(tagged, "--tree", "--all")[-1] == "work\t0\t0"
    records = [json.loads(line) for line in listed(tagged, "--tree", "-f", "jsonl")]
    nothing: dict[str, object] = {"aliases": [], "colour": None, "description": None}
    assert records[1:3] == [
        {"tag": "Travel", "items": 0, **nothing, "below": 2},
        {"tag": "Travel/Italy", "items": 1, **nothing, "below": 2},
    ]
    assert listed(tagged, "-f", "csv")[:2] == ["tag,items,aliases,colour,description", "holiday,1,[],,"]


def test_on_a_terminal_a_tree_is_indented_and_tags_have_their_colours(tagged: Shelf) -> None:
    say(tagged, "colour", "holiday", "red")
    say(tagged, "colour", "travel/italy", "#00ff00")
    screen = on_a_terminal(tagged.catalogue, "tag", "list", "--tree", NO_COLOR="1")
    assert (
        "\nTravel                          2\n  Italy       1                 2\n    Rome      1                 1\n" in screen
    )
    screen = on_a_terminal(tagged.catalogue, "tag", "list", COLORTERM="truecolor")
    assert "\x1b[38;2;229;72;77mholiday\x1b[0m" in screen and "\x1b[38;2;0;255;0mTravel/Italy\x1b[0m" in screen


def test_show(tagged: Shelf) -> None:
    say(tagged, "alias", "hols", "holiday")
    say(tagged, "describe", "holiday", "Days off")
    say(tagged, "rule", "add", "path:Beach/", "holiday", "--existing")
    told = json.loads(run(tagged.catalogue, "tag", "show", "HOLS", "-f", "json").stdout)
    assert told.pop("added")
    assert told == {
        "tag": "holiday",
        "items": 2,
        "below": 2,
        "aliases": ["hols"],
        "colour": None,
        "description": "Days off",
        "sources": {"person": 1, "rule": 1},
        "rules": [{"rule": 1, "query": "path:Beach/"}],
    }
    lines = run(tagged.catalogue, "tag", "show", "holiday").stdout.splitlines()
    assert "sources\t1 by you, 1 by rules" in lines and "rules\t1: path:Beach/" in lines


def test_names_are_changed_and_changed_back(tagged: Shelf) -> None:
    assert say(tagged, "rename", "travel", "Trips", "-n") == "would rename 2 tags to 'Trips/Italy', 'Trips/Italy/Rome'\n"
    assert say(tagged, "rename", "travel", "Trips") == "renamed 2 tags to 'Trips/Italy', 'Trips/Italy/Rome'\n"
    assert say(tagged, "rename", "trips", "Trips") == "renamed nothing; it is called that already\n"
    assert say(tagged, "merge", "trips/", "work", "holiday", "--dry-run") == "would merge 3 tags of 4 items into 'holiday'\n"
    assert say(tagged, "merge", "trips/italy/rome", "work", "holiday") == "merged 2 tags of 3 items into 'holiday'\n"
    assert listed(tagged) == ["holiday\t4", "Trips/Italy\t1"]
    assert run(tagged.catalogue, "undo", "--last", "2").returncode == 0
    assert listed(tagged) == ["holiday\t1", "Travel/Italy\t1", "Travel/Italy/Rome\t1", "work\t2"]
    done = run(tagged.catalogue, "tag", "rename", "work", "holiday")
    assert (done.returncode, done.stderr) == (
        2,
        "error: there is a tag 'holiday' already; to make one of both: mediaforge tag merge FROM 'holiday'\n",
    )


def test_delete_asks_where_items_have_the_tag(tagged: Shelf) -> None:
    done = run(tagged.catalogue, "tag", "delete", "work")
    assert (done.returncode, done.stderr) == (2, "error: nobody is here to be asked, so nothing was changed; say --yes\n")
    assert say(tagged, "delete", "work", "--dry-run") == "would delete 1 tag of 2 items\n"
    assert say(tagged, "delete", "travel/", "-y") == "deleted 2 tags of 2 items\n"
    assert listed(tagged) == ["holiday\t1", "work\t2"]
    say(tagged, "remove", "work", "is:any")
    assert say(tagged, "delete", "work") == "deleted 1 tag of 0 items\n"
    assert listed(tagged, "--all") == ["holiday\t1"]
    screen = on_a_terminal(tagged.catalogue, "tag", "delete", "holiday", "--yes")
    assert screen == "deleted 1 tag of 1 item\n"


def test_what_is_said_of_a_tag(tagged: Shelf) -> None:
    assert say(tagged, "alias", "hols", "holiday") == "'hols' is an alias of 'holiday'\n"
    assert run(tagged.catalogue, "tag", "alias").stdout == "hols\tholiday\n"
    assert json.loads(run(tagged.catalogue, "tag", "alias", "-f", "json").stdout) == [{"alias": "hols", "tag": "holiday"}]
    assert run(tagged.catalogue, "search", "tag:HOLS", "-f", "paths").stdout.count("\n") == 1
    assert say(tagged, "alias", "--remove", "Hols") == "'Hols' is no alias any more\n"
    assert say(tagged, "colour", "holiday", "blue") == "changed 'holiday'\n"
    assert say(tagged, "colour", "holiday", "blue") == "'holiday' is so already\n"
    assert say(tagged, "colour", "holiday", "--remove", "-n") == "would change 'holiday'\n"
    assert say(tagged, "describe", "holiday", "Days off", "-q") == ""
    assert run(tagged.catalogue, "history", "--limit", "1").stdout.split("\t")[4] == "tag describe holiday 'Days off'\n"
    assert run(tagged.catalogue, "undo").stderr == "undid edit 7: tag describe holiday 'Days off'\n"


def test_replace(tagged: Shelf) -> None:
    assert say(tagged, "replace", "work", "play,fun", "kind:audio", "OR", "kind:image") == "changed 2 items\n"
    assert listed(tagged)[:3] == ["fun\t2", "holiday\t1", "play\t2"]


def test_rules(tagged: Shelf, tmp_path: Path) -> None:
    assert say(tagged, "rule", "add", "kind:audio OR kind:video", "av,heard", "--dry-run") == "would make rule 1\n"
    assert say(tagged, "rule", "add", "kind:audio OR -kind:image", "av,heard") == "made rule 1\n"
    assert say(tagged, "rule", "add", "-kind:audio", "seen", "--existing") == "made rule 2, which tags 10 items that are here\n"
    rows = run(tagged.catalogue, "tag", "rule", "list").stdout.splitlines()
    assert rows == ["1\t0\tav, heard\tkind:audio OR -kind:image", "2\t10\tseen\t-kind:audio"]
    [first, _second] = json.loads(run(tagged.catalogue, "tag", "rule", "list", "-f", "json").stdout)
    assert first.pop("added")
    assert first == {"rule": 1, "query": "kind:audio OR -kind:image", "tags": ["av", "heard"], "items": 0, "problem": None}
    assert json.loads(run(tagged.catalogue, "tag", "rule", "show", "2", "-f", "json").stdout)["items"] == 10
    assert say(tagged, "rule", "run", "1") == "tagged 5 items\n"
    (tmp_path / "new").mkdir()
    make_jpeg(tmp_path / "new" / "a.jpg", seed=7)
    done = run(tagged.catalogue, "scan", str(tmp_path / "new"))
    assert done.stdout.endswith("1 read, 1 tag by rules\n")
    sheet = run(tagged.catalogue, "show", "name:a.jpg").stdout.splitlines()
    assert "tag seen\tput there by itself\trule 2: -kind:audio" in sheet
    item = json.loads(run(tagged.catalogue, "show", "name:a.jpg", "-f", "json").stdout)
    assert item["rules"] == {"seen": {"rule": 2, "query": "-kind:audio"}}
    assert say(tagged, "rule", "remove", "2") == "removed rule 2\nwhat it put on 11 items stays; --tags takes it off\n"
    assert run(tagged.catalogue, "undo").returncode == 0
    assert say(tagged, "rule", "remove", "2", "--tags") == "removed rule 2, and its tags from 11 items\n"
    assert "seen\t0" not in listed(tagged)


WRONG = {
    ("show", "holyday"): (4, "no tag 'holyday'; did you mean 'holiday'?"),
    ("remove", "holyday", "is:any"): (4, "no tag 'holyday'; did you mean 'holiday'?"),
    ("replace", "holyday", "x", "is:any"): (4, "no tag 'holyday'; did you mean 'holiday'?"),
    ("rename", "zzz", "x"): (4, "no tag 'zzz'; list them with: mediaforge tag list"),
    ("rename", "work", "a//b"): (2, "'a//b' is no tag; a tag is a name, or names with slashes between them: travel/italy"),
    ("merge", "work"): (2, "name the tags to be merged, and last the one that they become"),
    ("merge", "work", "wrok"): (4, "no tag 'wrok'; did you mean 'work'?"),
    ("alias", "x"): (2, "which tag is 'x' to be an alias of? say: mediaforge tag alias 'x' NAME"),
    ("alias", "x", "work", "--remove"): (2, "an alias is removed by its own name alone"),
    ("colour", "work"): (2, "a colour, or --remove to take it away"),
    ("colour", "work", "red", "--remove"): (2, "a colour, or --remove to take it away"),
    ("describe", "work"): (2, "a description, or --remove to take it away"),
    ("rule", "show", "9"): (4, "no rule 9; list them with: mediaforge tag rule list"),
    ("rule", "remove", "x"): (2, "'number' takes a whole number, not 'x'"),
    ("rule", "run"): (4, "no rules yet; make one with: mediaforge tag rule add QUERY TAG"),
    ("rule", "run", "x"): (2, "'ID' takes a whole number, not 'x'"),
    ("rule", "add", "", "x"): (2, "a rule needs a query; is:any is everything"),
}


@pytest.mark.parametrize("words", WRONG)
def test_what_makes_no_sense_is_told_in_a_sentence(tagged: Shelf, words: tuple[str, ...]) -> None:
    code, said = WRONG[words]
    done = run(tagged.catalogue, "tag", *words)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", f"error: {said}\n")


def test_a_rule_whose_query_does_not_parse_is_told_with_a_caret(tagged: Shelf) -> None:
    done = run(tagged.catalogue, "tag", "rule", "add", "kind:film", "x")
    assert done.returncode == 2 and done.stderr.splitlines()[2] == "       ^^^^"
