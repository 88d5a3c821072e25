"""mediaforge tag."""

from __future__ import annotations

import json
from pathlib import Path

from media_shelf import Shelf
from terminal import run


def test_tag_and_search_agree(shelf: Shelf) -> None:
    done = run(shelf.catalogue, "tag", "add", "holiday,travel/italy", "beach", "kind:image")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "tagged 1 item\n")
    for query in ("tag:holiday", "holiday", "tag:travel/", "tag:travel/italy"):
        found = run(shelf.catalogue, "search", query, "-f", "paths").stdout.splitlines()
        assert found == [str(shelf.root / "Beach" / "beach.jpg")]
    assert run(shelf.catalogue, "search", "-tag:holiday", "beach.jpg").stdout == ""
    listed = json.loads(run(shelf.catalogue, "tag", "list", "-f", "json").stdout)
    assert {tag["tag"]: tag["items"] for tag in listed}["holiday"] == 1
    again = run(shelf.catalogue, "tag", "add", "holiday", "beach", "kind:image")
    assert again.stderr == "tagged 0 items; 1 had that already\n"
    assert run(shelf.catalogue, "tag", "remove", "holiday", str(shelf.root / "Beach")).stderr.startswith("untagged 1 item")
    assert run(shelf.catalogue, "search", "tag:holiday").stdout == ""


def test_a_dry_run_changes_nothing(shelf: Shelf) -> None:
    done = run(shelf.catalogue, "tag", "add", "holiday", "kind:audio", "--dry-run")
    assert (done.returncode, done.stderr) == (0, "would tag 2 items\n")
    assert run(shelf.catalogue, "search", "tag:holiday").stdout == ""
    assert "no tags yet" in run(shelf.catalogue, "tag", "list").stderr


def test_nothing_to_tag(shelf: Shelf) -> None:
    for words, code in [
        (["add", "x", "nothing"], 4),
        (["add", "x", ""], 2),
        (["add", "x"], 2),
        (["add", "", "beach"], 2),
        (["remove", "x", "beach"], 4),
        (["add", "x", "/elsewhere"], 4),
    ]:
        done = run(shelf.catalogue, "tag", *words)
        assert (done.returncode, done.stdout) == (code, ""), words
        assert done.stderr.startswith("error: ")
        assert len(done.stderr.splitlines()) == 1


def test_a_tag_that_is_none_is_told(shelf: Shelf) -> None:
    run(shelf.catalogue, "tag", "add", "holiday,travel/italy/rome", "beach")
    near = "no tag 'holidya'; did you mean 'holiday'?"
    for words, code, said in [
        (["search", "tag:holidya"], 0, near),
        (["search", "beach tag:holidya,nothing"], 0, f"{near}\nno tag 'nothing'; list them with: mediaforge tag list"),
        (["search", "tag:rmoe"], 0, "no tag 'rmoe'; did you mean 'travel/italy/rome'?"),
        (["search", "tag:travel"], 0, "no tag 'travel', only below it; 'tag:travel/' finds these"),
        (["search", "tag:travel/ nothing"], 0, ""),
        (["search", "tag:holiday -tag:holidya nothing"], 0, ""),
        (["rate", "3", "tag:holidya"], 4, f"error: nothing matches 'tag:holidya', so nothing was changed; {near}"),
        (["tag", "remove", "holidya", "beach"], 4, f"error: {near}"),
        (
            ["tag", "delete", "travel"],
            4,
            "error: no tag 'travel', only below it, as 'travel/italy/rome'; to delete or merge these, say 'travel/'",
        ),
    ]:
        done = run(shelf.catalogue, *words)
        assert (done.returncode, done.stdout, done.stderr.rstrip("\n")) == (code, "", said), words


def test_a_catalogue_that_cannot_be_written(shelf: Shelf, tmp_path: Path) -> None:
    done = run(tmp_path / "none.db", "tag", "add", "x", "beach")
    assert done.returncode == 10
    assert done.stderr == f"error: no catalogue at '{tmp_path}/none.db'; make one with: mediaforge scan FOLDER\n"
