"""Groups through whole scans: found after each scan where it changed anything, searched, shown and tagged as one."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest
from program import mediaforge
from shelf import Shelf, check, make_pictures

from media_files import make_image, make_jpeg, make_mp4
from mediaforge.events import Planned
from mediaforge.model import GroupKind
from mediaforge.operations.catalogues import opened
from mediaforge.operations.groups import regroup
from mediaforge.operations.search import search
from mediaforge.operations.tags import add_tags, remove_tags
from mediaforge.operations.undo import undo

TAKEN = {"DateTimeOriginal": "2021:07:04 12:00:01", "OffsetTimeOriginal": "+02:00"}
IDENTIFIER = "com.apple.quicktime.content.identifier"
CREATED = {"com.apple.quicktime.creationdate": "2021-07-04T12:00:00+0200"}


def make_live(folder: Path, name: str, *, seed: int = 1) -> None:
    """Make a picture and the video of its moment."""
    make_jpeg(folder / f"{name}.jpg", seed=seed, exif=TAKEN)
    make_mp4(folder / f"{name}.mov", seed=seed, seconds=0.5, tags=CREATED)


def make_raw(folder: Path, name: str, *, seed: int = 1) -> None:
    """Make a RAW picture (a TIFF, as most are) and the JPEG beside it."""
    make_jpeg(folder / f"{name}.jpg", seed=seed)
    make_image(folder / f"{name}.tif", seed=seed).rename(folder / f"{name}.dng")


async def groups(shelf: Shelf, *query: str) -> dict[str, set[str]]:
    """Return the names of the members of each group, by what it is and the name of its lead."""
    items = await shelf.items(*query)
    names = {item.id: path for path, item in items.items()}
    found: dict[str, set[str]] = {}
    for path, item in items.items():
        if item.group is not None:
            found.setdefault(f"{item.group_kind} {names.get(item.group)}", set()).add(path)
    return found


async def test_what_belongs_together_is_one_group_after_a_scan(shelf: Shelf) -> None:
    make_live(shelf.folder, "a")
    make_raw(shelf.folder, "b")
    shelf.make({"c_BURST001.jpg": 3, "c_BURST002_COVER.jpg": 4, "c_BURST003.jpg": 5, "alone.jpg": 6})
    await shelf.scan()
    assert await groups(shelf) == {
        "live a.jpg": {"a.jpg", "a.mov"},
        "raw b.jpg": {"b.jpg", "b.dng"},
        "burst c_BURST002_COVER.jpg": {"c_BURST001.jpg", "c_BURST002_COVER.jpg", "c_BURST003.jpg"},
    }
    assert set(await shelf.items("is:grouped -is:lead")) == {"a.mov", "b.dng", "c_BURST001.jpg", "c_BURST003.jpg"}
    assert set(await shelf.items("(is:lead OR -is:grouped)")) == {"a.jpg", "b.jpg", "c_BURST002_COVER.jpg", "alone.jpg"}
    assert set(await shelf.items("group:live")) == {"a.jpg", "a.mov"}
    assert set(await shelf.items(f"group:{(await shelf.ids())['b.dng']}")) == {"b.jpg", "b.dng"}
    check(shelf.config.catalog)


async def test_an_unchanged_rescan_looks_at_no_group(shelf: Shelf) -> None:
    make_live(shelf.folder, "a")
    await shelf.scan()
    before = shelf.checksum()
    assert shelf.rows("SELECT * FROM group_due") == []
    await shelf.scan()
    assert (shelf.checksum(), shelf.rows("SELECT * FROM group_due")) == (before, [])


async def test_a_member_that_comes_and_goes(shelf: Shelf) -> None:
    make_jpeg(shelf.folder / "a.jpg", exif=TAKEN)
    await shelf.scan()
    assert await groups(shelf) == {}
    make_live(shelf.folder, "a")
    await shelf.scan()
    assert await groups(shelf) == {"live a.jpg": {"a.jpg", "a.mov"}}
    (shelf.folder / "a.jpg").rename(shelf.folder.parent / "a.jpg")
    await shelf.scan()
    assert await groups(shelf) == {}
    (shelf.folder.parent / "a.jpg").rename(shelf.folder / "a.jpg")
    await shelf.scan()
    assert await groups(shelf) == {"live a.jpg": {"a.jpg", "a.mov"}}


async def test_a_group_that_loses_its_lead_has_another(shelf: Shelf) -> None:
    shelf.make({f"a_BURST00{number}{'_COVER' if number == 2 else ''}.jpg": number for number in range(1, 5)})
    await shelf.scan()
    (shelf.folder / "a_BURST002_COVER.jpg").unlink()
    await shelf.scan()
    left = {f"a_BURST00{number}.jpg" for number in (1, 3, 4)}
    assert await groups(shelf, "") == {"burst a_BURST001.jpg": left}
    assert (await shelf.items("is:missing"))["a_BURST002_COVER.jpg"].group is None


async def test_a_change_of_what_is_read_changes_the_group(shelf: Shelf) -> None:
    make_live(shelf.folder, "a")
    await shelf.scan()
    make_jpeg(shelf.folder / "a.jpg", seed=2, exif={**TAKEN, "DateTimeOriginal": "2021:07:04 15:00:01"})
    await shelf.scan()
    assert await groups(shelf) == {}


async def test_members_that_move_stay_together(shelf: Shelf) -> None:
    make_live(shelf.folder, "a")
    make_raw(shelf.folder, "b", seed=2)
    await shelf.scan()
    ids = await shelf.ids()
    (shelf.folder / "new").mkdir()
    for name in ("a.jpg", "a.mov", "b.dng"):
        (shelf.folder / name).rename(shelf.folder / "new" / name)
    report = await shelf.scan()
    assert (report.plan, report.done) == (Planned(moved=3, unchanged=1), 0)
    assert await groups(shelf) == {"live new/a.jpg": {"new/a.jpg", "new/a.mov"}}
    assert (await shelf.ids("group:live")) == {"new/a.jpg": ids["a.jpg"], "new/a.mov": ids["a.mov"]}


async def test_a_live_photo_is_known_by_its_identifier_in_two_folders(shelf: Shelf) -> None:
    make_pictures(shelf.folder, {"photos": {"a.jpg": 1}, "videos": {}})
    make_mp4(shelf.folder / "videos" / "other.mov", seconds=0.5, tags={IDENTIFIER: "6F1C"})
    await shelf.scan()
    async with opened(shelf.config) as catalogue, catalogue.transaction():
        await catalogue.execute("UPDATE media SET live_id = '6F1C' WHERE suffix = 'jpg'")
        await catalogue.execute("INSERT INTO group_due SELECT id FROM media WHERE suffix = 'jpg'")
    await shelf.scan()
    assert await groups(shelf) == {"live photos/a.jpg": {"photos/a.jpg", "videos/other.mov"}}


async def test_a_scan_that_is_stopped_leaves_what_is_due_to_the_next(shelf: Shelf) -> None:
    make_live(shelf.folder, "a")
    stop = asyncio.Event()

    def hear(event: object) -> None:
        if isinstance(event, Planned):
            stop.set()

    assert (await shelf.scan(stop=stop, events=hear)).cancelled
    await shelf.scan()
    assert await groups(shelf) == {"live a.jpg": {"a.jpg", "a.mov"}}


async def test_what_a_killed_scan_has_read_is_still_due(shelf: Shelf) -> None:
    make_live(shelf.folder, "a")
    await shelf.scan()
    async with opened(shelf.config) as catalogue, catalogue.transaction():  # as when it was killed between the two
        await catalogue.execute("UPDATE media SET group_id = NULL, group_kind = NULL")
        await catalogue.execute("INSERT INTO group_due SELECT id FROM media")
    await shelf.scan()
    assert await groups(shelf) == {"live a.jpg": {"a.jpg", "a.mov"}}


async def test_a_scan_of_one_file_finds_its_group(shelf: Shelf) -> None:
    make_jpeg(shelf.folder / "a.jpg", exif=TAKEN)
    await shelf.scan()
    make_live(shelf.folder, "a")
    await shelf.scan(shelf.folder / "a.mov")
    assert await groups(shelf) == {"live a.jpg": {"a.jpg", "a.mov"}}


@pytest.mark.parametrize("page", [1, 3, 1000])
async def test_many_groups_in_many_folders_page_by_page(shelf: Shelf, page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mediaforge.catalog.regroup._PAGE", page)
    monkeypatch.setattr("mediaforge.catalog.regroup._PLACES", 2)
    burst = {f"0000{n}IMG_0000{n}_BURST20210704120000123{'_COVER' if n == 4 else ''}.jpg": n for n in range(6)}
    shelf.make({"": {}, "x": burst, "y": burst, "z": {"a_BURST1.jpg": 1, "a_BURST2.jpg": 2, "b.jpg": 3}, **burst})
    await shelf.scan()
    found = {lead: len(some) for lead, some in (await groups(shelf)).items()}
    lead = "00004IMG_00004_BURST20210704120000123_COVER.jpg"
    assert found == {f"burst {lead}": 6, f"burst x/{lead}": 6, f"burst y/{lead}": 6, "burst z/a_BURST1.jpg": 2}


async def test_finding_groups_asks_for_what_is_due_alone(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    asked: list[bool] = []

    async def may_go_on() -> bool:
        asked.append(True)
        return True

    async with opened(shelf.config) as catalogue:
        await regroup(catalogue, may_go_on)
    assert asked == [True]


# How a search shows a group.


async def folded(
    shelf: Shelf, *query: str, limit: int = 0, sort: str = "newest"
) -> tuple[list[str], dict[str, list[str]], bool]:
    """Return the names that a search shows, what those stand for, and whether there are more."""
    async with opened(shelf.config) as catalogue:
        hits = await search(catalogue, query, limit=limit, sort=sort, fold=True)
        names = {item.id: os.path.basename(os.fsdecode(item.path)) async for item in hits.items}
    return list(names.values()), {names[item]: sorted(some) for item, some in hits.folded.items() if some}, hits.more


async def test_a_group_is_one_line(shelf: Shelf) -> None:
    make_live(shelf.folder, "a")
    make_raw(shelf.folder, "b")
    shelf.make({"c.jpg": 3})
    await shelf.scan()
    assert await folded(shelf, sort="name") == (["a.jpg", "b.jpg", "c.jpg"], {"a.jpg": ["mov"], "b.jpg": ["dng"]}, False)
    assert await folded(shelf, sort="name", limit=2) == (["a.jpg", "b.jpg"], {"a.jpg": ["mov"], "b.jpg": ["dng"]}, True)
    assert await folded(shelf, sort="name", limit=3) == (
        ["a.jpg", "b.jpg", "c.jpg"],
        {"a.jpg": ["mov"], "b.jpg": ["dng"]},
        False,
    )


async def test_a_line_stands_for_what_was_found_of_its_group(shelf: Shelf) -> None:
    make_live(shelf.folder, "a")
    await shelf.scan()
    assert await folded(shelf, "kind:video") == (["a.mov"], {}, False)
    assert await folded(shelf, "kind:image") == (["a.jpg"], {}, False)


@pytest.mark.parametrize("sort", ["newest", "name", "size"])
async def test_a_limit_counts_lines_however_large_the_groups_are(shelf: Shelf, sort: str) -> None:
    shelf.make({f"{name}_BURST{number:03}.jpg": number for name in "abc" for number in range(20)})
    await shelf.scan()
    names, others, more = await folded(shelf, "burst", limit=2, sort=sort)
    assert (len(names), more) == (2, True)
    assert [len(some) for some in others.values()] == [19, 19]
    names, others, more = await folded(shelf, limit=3, sort=sort)
    assert (len(names), more) == (3, False)


def run(shelf: Shelf, *words: str) -> list[str]:
    done = mediaforge(shelf.config.catalog, *words)
    assert done.code == 0, done.err
    return done.out.splitlines()


async def test_what_a_person_sees_of_a_group(shelf: Shelf) -> None:
    make_live(shelf.folder, "a")
    shelf.make({f"b_BURST00{number}.jpg": number for number in range(1, 5)})
    await shelf.scan()
    ids = await shelf.ids()
    lines = [line.split("\t")[4] for line in run(shelf, "search", "--sort", "name")]
    assert lines == ["48×32 jpeg +MOV", "48×32 jpeg +3"]
    assert len(run(shelf, "search", "--no-group")) == len(run(shelf, "search", "-f", "paths")) == 6
    found = [json.loads(line) for line in run(shelf, "search", "group:live", "--sort", "name", "-f", "jsonl")]
    assert [(item["group"], item["group_kind"]) for item in found] == [(ids["a.jpg"], "live")] * 2
    [sheet] = [line for line in run(shelf, "show", str(ids["a.jpg"])) if line.startswith("group with")]
    assert sheet.split("\t")[1] == f"{ids['a.mov']} {shelf.folder / 'a.mov'}"
    shown = json.loads("\n".join(run(shelf, "show", str(ids["a.mov"]), "-f", "json")))
    assert shown["group_with"] == [{"id": ids["a.jpg"], "path": str(shelf.folder / "a.jpg")}]


# Edits of a group.


async def test_a_group_is_tagged_as_one(shelf: Shelf) -> None:
    make_live(shelf.folder, "a")
    shelf.make({"c.jpg": 3})
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        tried = await add_tags(catalogue, "t", ["kind:video"], group=True, dry_run=True)
        assert (tried.matched, tried.changed, tried.joined) == (2, 2, 1)
        assert await shelf.items("tag:t") == {}
        await add_tags(catalogue, "t", ["kind:video"], group=True)
        assert set(await shelf.items("tag:t")) == {"a.jpg", "a.mov"}
        await undo(catalogue)
        assert await shelf.items("tag:t") == {}
        await add_tags(catalogue, "t", ["is:any"])
        await remove_tags(catalogue, "t", ["a.jpg"], group=True)
    assert set(await shelf.items("tag:t")) == {"c.jpg"}


async def test_without_the_option_only_what_was_meant_is_tagged(shelf: Shelf) -> None:
    make_live(shelf.folder, "a")
    await shelf.scan()
    await shelf.tag("t", "kind:video")
    assert set(await shelf.items("tag:t")) == {"a.mov"}


async def test_the_command_says_what_the_group_brought(shelf: Shelf) -> None:
    make_live(shelf.folder, "a")
    await shelf.scan()
    done = mediaforge(shelf.config.catalog, "tag", "add", "-n", "--group", "t", "kind:video")
    assert done.err.strip() == "would tag 2 items; 1 of these only as part of a group"
    done = mediaforge(shelf.config.catalog, "tag", "add", "--group", "t", "kind:video")
    assert done.err.strip() == "tagged 2 items; 1 of these only as part of a group"
    assert "tag add --group t kind:video" in mediaforge(shelf.config.catalog, "history").out


OF_GROUPS = [
    (["set", "--group", "title=T", "kind:video"], "set title of 2 items; 1 of these only as part of a group"),
    (["rate", "--group", "4", "kind:video"], "rated 2 items; 1 of these only as part of a group"),
    (["note", "--group", "n", "kind:video"], "noted on 2 items; 1 of these only as part of a group"),
    (["favourite", "--group", "kind:video"], "set favourite of 2 items; 1 of these only as part of a group"),
    (["unset", "--group", "title", "kind:video"],
     "unset title of 0 items; 2 had none of yours; 1 of these only as part of a group"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "told"), OF_GROUPS, ids=[words[0] for words, _ in OF_GROUPS])
async def test_every_edit_can_mean_whole_groups(words: list[str], told: str, shelf: Shelf) -> None:
    make_live(shelf.folder, "a")
    await shelf.scan()
    done = mediaforge(shelf.config.catalog, *words)
    assert (done.code, done.err.strip()) == (0, told)
    told_again = " ".join(words) in mediaforge(shelf.config.catalog, "history").out
    assert told_again is (words[0] != "unset")


def test_every_kind_of_group_is_asked_for() -> None:
    assert [kind.value for kind in GroupKind] == ["live", "raw", "burst"]


async def test_a_group_in_a_copy_of_a_folder_is_another(shelf: Shelf) -> None:
    (shelf.folder / "x").mkdir()
    make_live(shelf.folder / "x", "a")
    shutil.copytree(shelf.folder / "x", shelf.folder / "y")
    await shelf.scan()
    assert await groups(shelf) == {"live x/a.jpg": {"x/a.jpg", "x/a.mov"}, "live y/a.jpg": {"y/a.jpg", "y/a.mov"}}
