"""mediaforge dupes, as a person sees it."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
from pathlib import Path

import pytest
from media_shelf import Shelf
from PIL import Image, ImageDraw
from terminal import on_a_terminal, run

from media_files import exif_bytes, make_jpeg

STYLE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture
def copies(tmp_path: Path) -> Shelf:
    """A library of two copies of one picture and three of another, one of them a link; scanned."""
    root = tmp_path / "copies"
    (root / "old").mkdir(parents=True)
    for number, (name, seed) in enumerate((("sea.jpg", 1), ("old/sea (1).jpg", 1), ("a.jpg", 2), ("old/a.jpg", 2))):
        make_jpeg(root / name, seed=seed, size=(64, 64) if seed == 1 else (640, 640))
        os.utime(root / name, (1_600_000_000 + number, 1_600_000_000 + number))
    os.link(root / "a.jpg", root / "a-link.jpg")
    catalogue = tmp_path / "catalog.db"
    assert run(catalogue, "scan", str(root)).returncode == 0
    return Shelf(root, catalogue)


def told(shelf: Shelf, *words: str) -> list[dict[str, object]]:
    """Return what is printed as JSON."""
    found: list[dict[str, object]] = json.loads(run(shelf.catalogue, "dupes", *words, "-f", "json").stdout)
    return found


def test_into_a_pipe_each_copy_is_a_line(copies: Shelf) -> None:
    done = run(copies.catalogue, "dupes")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert [(line[0], line[4], os.path.relpath(line[5], copies.root)) for line in lines] == [
        ("1", "best: modified 2020-09-13, the others later", "a.jpg"),
        ("1", f"the same file as {lines[0][2]}", "a-link.jpg"),
        ("1", "modified 2020-09-13, later", "old/a.jpg"),
        ("2", "best: the others are copies by their names", "sea.jpg"),
        ("2", "a copy by its name", "old/sea (1).jpg"),
    ]
    win = sum(os.path.getsize(copies.root / name) for name in ("a.jpg", "sea.jpg"))
    assert done.stderr == f"2 groups of 4 files: {win / 1000:.1f} kB ({win:,} bytes) can be won back\n"
    assert done.returncode == 0
    assert run(copies.catalogue, "dupes", "-q").stderr == ""


def test_a_terminal_shows_headings_and_few_groups(copies: Shelf) -> None:
    shown = STYLE.sub("", on_a_terminal(copies.catalogue, "dupes", "--no-progress", width=200))
    head, *lines = shown.splitlines()
    assert head.split() == ["group", "can", "be", "won", "id", "size", "why", "path"]
    assert re.match(r" +1 +[\d.]+ kB +\d+ ", lines[0]) and re.match(r" +\d+ +[\d.]+ kB +the same file as", lines[1])
    narrow = STYLE.sub("", on_a_terminal(copies.catalogue, "dupes", "--no-progress", "--limit", "1", width=80)).splitlines()
    assert f"    {copies.root}/a.jpg" in narrow, "a path that does not fit stands on a line of its own, whole"
    assert "the first 1 group; all of them: --limit 0" in on_a_terminal(
        copies.catalogue, "dupes", "--no-progress", "--limit", "1", width=200
    )


def test_json_tells_everything(copies: Shelf) -> None:
    first, second = told(copies)
    assert list(first) == ["kind", "files", "win", "items"] and first["kind"] == "exact" and first["files"] == 2
    items = second["items"]
    assert isinstance(items, list)
    assert [(item["best"], item["here"], item["why"]) for item in items] == [
        (True, True, ["the others are copies by their names"]),
        (False, True, ["a copy by its name"]),
    ]
    assert {"id", "path", "size"} <= set(items[0]) and "same_as" not in items[0]
    lines = run(copies.catalogue, "dupes", "-f", "jsonl").stdout.splitlines()
    assert list(map(json.loads, lines)) == [first, second]
    assert told(copies, "name:sea.jpg") == [] and told(copies, "find", "path:old/") == []


def test_csv_has_a_line_for_each_copy(copies: Shelf) -> None:
    rows = list(csv.DictReader(io.StringIO(run(copies.catalogue, "dupes", "-f", "csv").stdout)))
    assert [(row["group"], row["best"], os.path.basename(row["path"])) for row in rows] == [
        ("1", "True", "a.jpg"),
        ("1", "False", "a-link.jpg"),
        ("1", "False", "a.jpg"),
        ("2", "True", "sea.jpg"),
        ("2", "False", "sea (1).jpg"),
    ]
    assert rows[1]["same_as"] == rows[0]["id"] and rows[0]["same_as"] == ""


def test_paths_with_a_line_between_groups_and_a_format_of_ones_own(copies: Shelf) -> None:
    out = run(copies.catalogue, "dupes", "-f", "paths").stdout
    assert [part.split("\n") for part in out.rstrip("\n").replace(f"{copies.root}/", "").split("\n\n")] == [
        ["a.jpg", "a-link.jpg", "old/a.jpg"],
        ["sea.jpg", "old/sea (1).jpg"],
    ]
    zeros = run(copies.catalogue, "dupes", "-f", "paths0").stdout.split("\0")
    assert [os.path.basename(path) for path in zeros] == ["a.jpg", "a-link.jpg", "a.jpg", "sea.jpg", "sea (1).jpg", ""]
    own = run(copies.catalogue, "dupes", "--limit", "1", "-f", "{id}:{name}").stdout.splitlines()
    assert [line.partition(":")[2] for line in own] == ["a.jpg", "a-link.jpg", "a.jpg"]


def test_with_nothing_to_tell(shelf: Shelf) -> None:
    for how, out in (("table", ""), ("json", "[]\n"), ("jsonl", ""), ("paths", "")):
        done = run(shelf.catalogue, "dupes", "kind:video", "-f", how)
        assert (done.stdout, done.stderr, done.returncode) == (out, "no copies found\n", 0)


def test_a_dry_run_reads_nothing(copies: Shelf) -> None:
    done = run(copies.catalogue, "dupes", "-n")
    assert (done.stdout, done.stderr) == ("0 files (0 B) would be read (a dry run: nothing was)\n", "")


def test_a_word_that_is_a_command_is_searched_for_behind_find(copies: Shelf) -> None:
    assert run(copies.catalogue, "dupes", "find", "plan").stderr == "no copies found\n"
    assert run(copies.catalogue, "dupes", "--", "-is:missing").returncode == 0
    assert "find" in run(copies.catalogue, "dupes", "--help").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["kin:video"], "there is no field 'kin'"),
        (["--limit", "few"], "'--limit' takes a whole number, not 'few'"),
        (["plan", "--keep", "all"], "--keep takes best, oldest, newest, or path: and a folder such as path:Photos/, not 'all'"),
        (["--distance", "3"], "--distance is about what looks alike; say --alike, too"),
        (["plan", "--bursts"], "--bursts is about what looks alike; say --alike, too"),
        (["--alike", "--distance", "65"], "a distance is 0 to 32 bits"),
        (["merge"], "missing argument 'PLAN'"),
        (["merge", "nothing.json"], "the plan 'nothing.json' cannot be read: no such file or directory"),
    ],
)
def test_what_makes_no_sense(copies: Shelf, words: list[str], said: str) -> None:
    done = run(copies.catalogue, "dupes", *words)
    assert done.returncode == 2 and done.stderr.startswith(f"error: {said}"), done.stderr


def test_a_plan_is_written_read_and_carried_out(copies: Shelf, tmp_path: Path) -> None:
    plan = str(tmp_path / "plan.json")
    run(copies.catalogue, "tag", "add", "sea,sand", "path:old/")
    done = run(copies.catalogue, "dupes", "plan", "path:sea OR name:sea*", "-o", plan)
    assert done.returncode == 0 and f"planned 1 group in '{plan}'; then: mediaforge dupes merge '{plan}'\n" in done.stderr
    assert json.loads(Path(plan).read_text())["query"] == "path:sea OR name:sea*"
    again = run(copies.catalogue, "dupes", "plan", "-o", plan)
    assert again.returncode == 2 and "is there already; name another file, or say --force" in again.stderr
    assert run(copies.catalogue, "dupes", "plan", "-o", plan, "--force").returncode == 0
    printed = run(copies.catalogue, "dupes", "plan").stdout
    assert json.loads(printed)["groups"] == json.loads(Path(plan).read_text())["groups"]
    tried = run(copies.catalogue, "dupes", "merge", plan, "-n")
    assert (tried.stdout, tried.stderr) == ("", "would hand over 4 tags to 2 items\n")
    assert run(copies.catalogue, "dupes", "merge", plan).stderr == "handed over 4 tags to 2 items; undo with: mediaforge undo\n"
    again = run(copies.catalogue, "dupes", "merge", plan)
    assert again.stderr == "nothing to hand over: the copies that stay have it all\n" and again.returncode == 0
    assert run(copies.catalogue, "undo").stderr == f"undid edit 2, 2 items: dupes merge {plan}\n"
    os.utime(copies.root / "sea.jpg", (1, 1))
    run(copies.catalogue, "scan", str(copies.root), "-q")
    late = run(copies.catalogue, "dupes", "merge", plan)
    assert late.returncode == 2 and "has changed since the plan was made, so nothing was changed" in late.stderr


def test_groups_with_no_copy_where_one_is_to_be_kept_are_told(copies: Shelf) -> None:
    done = run(copies.catalogue, "dupes", "plan", "--keep", "path:a-link.jpg")
    assert [group["keep"]["path"] for group in json.loads(done.stdout)["groups"]] == [f"{copies.root}/a-link.jpg"]
    assert "1 group with no copy in path:a-link.jpg: not in the plan" in done.stderr


def test_names_that_could_drive_a_terminal_do_not(tmp_path: Path) -> None:
    root = tmp_path / "strange"
    root.mkdir()
    picture = make_jpeg(root / "a.jpg", seed=1).read_bytes()
    for name in (b"new\nline.jpg", b"esc \x1b[31m.jpg", b"latin \xe9.jpg"):
        Path(os.fsdecode(os.path.join(os.fsencode(root), name))).write_bytes(picture)
    catalogue = tmp_path / "catalog.db"
    run(catalogue, "scan", str(root))
    out = run(catalogue, "dupes").stdout
    assert out.count("\n") == 4 and "\x1b" not in out
    exact = told(Shelf(root, catalogue))[0]["items"]
    assert isinstance(exact, list) and sum("path_base64" in item for item in exact) == 1


def test_stats_tell_copies(copies: Shelf) -> None:
    totals = json.loads(run(copies.catalogue, "stats", "-f", "json").stdout)
    win = sum(os.path.getsize(copies.root / name) for name in ("a.jpg", "sea.jpg"))
    assert (totals["duplicates"], totals["reclaimable"]) == (2, win)
    assert "total\tduplicates\t2\n" in run(copies.catalogue, "stats").stdout
    assert "can be won back" in on_a_terminal(copies.catalogue, "stats")
    assert "can be won back" not in run(copies.catalogue, "stats", "name:sea.jpg").stdout


def test_alike_pictures_are_groups_with_the_best_first(tmp_path: Path) -> None:
    root = tmp_path / "alike"
    root.mkdir()
    picture = _scene(1)
    picture.save(root / "sea.jpg", quality=95, exif=exif_bytes({"DateTimeOriginal": "2021:07:04 18:30:00"}))
    picture.save(root / "a sent copy.jpg", quality=50)
    picture.resize((300, 200)).save(root / "small.jpg")
    os.link(root / "small.jpg", root / "small-link.jpg")
    _scene(2).save(root / "other.jpg")
    alike = Shelf(root, tmp_path / "catalog.db")
    assert run(alike.catalogue, "scan", str(root)).returncode == 0
    tried = run(alike.catalogue, "dupes", "--alike", "-n")
    assert tried.stdout == "5 files would be read (a dry run: nothing was)\n"
    (group,) = told(alike, "--alike")
    items = group["items"]
    assert isinstance(items, list) and group["kind"] == "alike" and group["files"] == 3
    assert [os.path.basename(item["path"]) for item in items] == ["sea.jpg", "a sent copy.jpg", "small.jpg", "small-link.jpg"]
    assert items[0]["why"] == ["600×400, others are smaller", "taken_at from EXIF"]
    assert [item["why"] for item in items[1:3]] == [["taken_at from its file"], ["300×200, smaller"]]
    assert items[3]["same_as"] == items[2]["id"] and all(0 <= item["distance"] <= 10 for item in items)
    assert group["win"] == sum(os.path.getsize(root / name) for name in ("a sent copy.jpg", "small.jpg"))
    assert told(alike, "--alike", "name:small.jpg") == [] == told(alike)[:0]
    run(alike.catalogue, "rate", "5", "name:small.jpg")
    plan = tmp_path / "plan.json"
    assert run(alike.catalogue, "dupes", "plan", "--alike", "-o", str(plan)).returncode == 0
    assert json.loads(plan.read_text())["groups"][0]["hand_over"]["rating"] == 5
    assert run(alike.catalogue, "dupes", "merge", str(plan)).stderr.startswith("handed over 1 rating to 1 item")
    assert run(alike.catalogue, "search", "rating:5", "name:sea", "-f", "paths").stdout == f"{root}/sea.jpg\n"


def _scene(seed: int) -> Image.Image:
    """Return a picture of which no other looks like it."""
    chance = random.Random(seed)
    picture = Image.new("RGB", (600, 400), (chance.randrange(256),) * 3)
    draw = ImageDraw.Draw(picture)
    for _ in range(30):
        x, y = chance.randrange(600), chance.randrange(400)
        draw.ellipse([x, y, x + 150, y + 100], fill=tuple(chance.randrange(256) for _ in range(3)))
    return picture
