"""Tagging: names, spellings of one name, what targets mean, and the journal of what was done."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from shelf import Pictures, Shelf

from mediaforge.errors import NothingMatched, QueryError, UsageError
from mediaforge.operations.catalogues import Catalogue, opened
from mediaforge.operations.edit import Edited
from mediaforge.operations.search import search, show
from mediaforge.operations.tags import add_tags, list_tags, names_of, remove_tags

TREE: Pictures = {"beach.jpg": 1, "trip": {"c.jpg": 2, "d.jpg": 3}, "trip2": {"e.jpg": 4}}


@asynccontextmanager
async def filled(shelf: Shelf) -> AsyncIterator[Catalogue]:
    """Scan TREE, and open its catalogue."""
    shelf.make(TREE)
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        yield catalogue


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("holiday", ["holiday"]),
        ("a,b,a", ["a", "b"]),
        (" Big  Trip , x ", ["Big Trip", "x"]),
        ("travel / italy/ rome ", ["travel/italy/rome"]),
        ("été", ["été"]),
        ("2021", ["2021"]),
        ("a:b (c)", ["a:b (c)"]),
    ],
)
def test_names_are_read(text: str, names: list[str]) -> None:
    assert names_of(text) == names


@pytest.mark.parametrize("text", ["", " ", "a,", ",a", "/a", "a/", "a//b", "\0", "a, ,b"])
def test_what_is_no_name_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="is no tag; a tag is a name, or names with slashes between them: travel/italy"):
        names_of(text)


async def test_tag_add_and_search_agree(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        assert await add_tags(catalogue, "holiday,Travel/Italy", ["path:trip/"]) == Edited(matched=2, changed=2)
        assert await add_tags(catalogue, "holiday", ["kind:image"]) == Edited(matched=4, changed=2)
        assert [(tag.name, tag.items) for tag in await list_tags(catalogue)] == [("holiday", 4), ("Travel/Italy", 2)]
    assert set(await shelf.items("tag:holiday")) == {"beach.jpg", "trip/c.jpg", "trip/d.jpg", "trip2/e.jpg"}
    assert set(await shelf.items("tag:travel/")) == {"trip/c.jpg", "trip/d.jpg"}
    assert set(await shelf.items("italy")) == {"trip/c.jpg", "trip/d.jpg"}
    assert (await shelf.items())["trip/c.jpg"].tags == ("holiday", "Travel/Italy")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("Holiday", "HOLIDAY"),
        ("Café", "cafe"),
        ("café", "cafe\u0301"),
        ("Travel/Italy", "travel/ITALY"),
        ("big trip", "Big  Trip"),
    ],
)
async def test_spellings_of_one_name_are_one_tag(shelf: Shelf, first: str, then: str) -> None:
    async with filled(shelf) as catalogue:
        await add_tags(catalogue, first, ["beach"])
        assert await add_tags(catalogue, then, ["beach"]) == Edited(matched=1, changed=0)
        assert [tag.name for tag in await list_tags(catalogue)] == [first]
        assert await remove_tags(catalogue, then, ["beach"]) == Edited(matched=1, changed=1)


async def test_levels_are_names_of_their_own(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await add_tags(catalogue, "travel/italy", ["beach"])
        await add_tags(catalogue, "travelitaly,travel italy", ["beach"])
        assert len(await list_tags(catalogue)) == 3


async def test_an_edit_is_in_the_journal_with_what_takes_it_back(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await add_tags(catalogue, "x", ["beach"])
        await add_tags(catalogue, "x", ["beach"])
        await add_tags(catalogue, "x", ["path:trip/c.jpg"])
        await remove_tags(catalogue, "x", ["beach"])
    ids = await shelf.ids()
    assert shelf.rows("SELECT command, items, undone_at FROM change ORDER BY id") == [
        ("tag add x beach", 1, None),
        ("tag add x path:trip/c.jpg", 1, None),
        ("tag remove x beach", 1, None),
    ], "an edit that changed nothing is none"
    tag = shelf.rows("SELECT id FROM tag")[0][0]
    pages = [json.loads(zlib.decompress(row[0])) for row in shelf.rows("SELECT content FROM change_page ORDER BY change_id")]
    assert pages[0]["cells"][0][0] == "tags", "it was not there yet"
    assert pages[1] == {"cells": [["tag", tag, [[None, "person", [ids["beach.jpg"]]]]]]}
    assert pages[3] == {"cells": [["tag", tag, [["person", None, [ids["beach.jpg"]]]]]]}


async def test_a_dry_run_counts_and_changes_nothing(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await add_tags(catalogue, "x", ["beach"])
    before = [shelf.checksum(table) for table in ("tag", "media_tag", "change")]
    async with opened(shelf.config) as catalogue:
        assert await add_tags(catalogue, "x,y", ["kind:image"], dry_run=True) == Edited(matched=4, changed=4)
        assert await remove_tags(catalogue, "x", ["kind:image"], dry_run=True) == Edited(matched=4, changed=1)
    assert [shelf.checksum(table) for table in ("tag", "media_tag", "change")] == before


async def test_nothing_is_tagged_where_nothing_matches(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        for targets in (["nosuchword"], ["999"], [str(shelf.folder / "nowhere.jpg")]):
            with pytest.raises(NothingMatched, match=r"nothing matches '.*', so nothing was changed"):
                await add_tags(catalogue, "x", targets)
        assert await list_tags(catalogue) == [], "a tag that nobody bears is not made"
    assert shelf.rows("SELECT count(*) FROM change") == [(0,)]


async def test_a_tag_that_is_not_there_is_told_with_the_nearest(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await add_tags(catalogue, "holiday", ["beach"])
        with pytest.raises(NothingMatched, match="no tag 'holyday'; did you mean 'holiday'") as told:
            await remove_tags(catalogue, "holyday", ["beach"])
        assert told.value.exit_code == 4
        with pytest.raises(NothingMatched, match="no tag 'zzz'; list them with: mediaforge tag list"):
            await remove_tags(catalogue, "zzz", ["beach"])


async def test_of_several_tags_none_is_removed_where_one_is_not_there(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await add_tags(catalogue, "x", ["beach"])
        with pytest.raises(NothingMatched):
            await remove_tags(catalogue, "x,nosuch", ["beach"])
    assert set(await shelf.items("tag:x")) == {"beach.jpg"}


# What targets mean.


TARGETS = {
    "an id": (["{beach}"], {"beach.jpg"}),
    "ids": (["{beach}", "{c}"], {"beach.jpg", "trip/c.jpg"}),
    "a file": (["{root}/trip/c.jpg"], {"trip/c.jpg"}),
    "a folder": (["{root}/trip"], {"trip/c.jpg", "trip/d.jpg"}),
    "a folder with its slash": (["{root}/trip/"], {"trip/c.jpg", "trip/d.jpg"}),
    "the library": (["{root}"], {"beach.jpg", "trip/c.jpg", "trip/d.jpg", "trip2/e.jpg"}),
    "above the library": (["/"], {"beach.jpg", "trip/c.jpg", "trip/d.jpg", "trip2/e.jpg"}),
    "relative": (["./trip"], {"trip/c.jpg", "trip/d.jpg"}),
    "relative without a dot": (["trip/c.jpg"], {"trip/c.jpg"}),
    "up and down": (["trip/../trip2/"], {"trip2/e.jpg"}),
    "at home": (["~/trip2"], {"trip2/e.jpg"}),
    "paths": (["{root}/beach.jpg", "{root}/trip2"], {"beach.jpg", "trip2/e.jpg"}),
    "an id and a path": (["{beach}", "{root}/trip2"], {"beach.jpg", "trip2/e.jpg"}),
    "a word": (["beach"], {"beach.jpg"}),
    "words": (["kind:image", "-beach"], {"trip/c.jpg", "trip/d.jpg", "trip2/e.jpg"}),
    "a tag and all below": (["tag:travel/"], {"trip/c.jpg"}),
    "a tag below": (["tag:travel/italy"], {"trip/c.jpg"}),
    "without a tag below": (["-tag:travel/"], {"beach.jpg", "trip/d.jpg", "trip2/e.jpg"}),
    "a folder in the query": (["path:trip/"], {"trip/c.jpg", "trip/d.jpg"}),
    "a quoted query with a slash": (["kind:image path:trip/"], {"trip/c.jpg", "trip/d.jpg"}),
    "brackets": (["(tag:travel/ OR beach)"], {"beach.jpg", "trip/c.jpg"}),
    "a path and a query": (["{root}/trip", "-tag:travel/"], {"trip/d.jpg"}),
    "an id and a query": (["{beach}", "kind:image"], {"beach.jpg"}),
    "OR between arguments": (["beach", "OR", "tag:travel/italy"], {"beach.jpg", "trip/c.jpg"}),
}


@pytest.mark.parametrize("name", TARGETS)
async def test_targets_mean_what_they_look_like(shelf: Shelf, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shelf.folder)
    monkeypatch.setenv("HOME", str(shelf.folder))
    async with filled(shelf) as catalogue:
        await add_tags(catalogue, "Travel/Italy", ["path:trip/c.jpg"])
        ids = await shelf.ids()
        written = {"beach": ids["beach.jpg"], "c": ids["trip/c.jpg"], "root": shelf.folder}
        arguments, expected = TARGETS[name]
        hits = await show(catalogue, [argument.format(**written) for argument in arguments])
        assert {os.path.relpath(os.fsdecode(media.path), shelf.folder) async for media in hits.items} == expected


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ([], UsageError, "nothing to select; give a query, ids or paths"),
        (["", "  "], UsageError, "nothing to select; give a query, ids or paths"),
        (["/nowhere/at/all"], NothingMatched, "'/nowhere/at/all' is in no library; list them with: mediaforge library list"),
        (["99999999999999999999999"], NothingMatched, "nothing matches '99999999999999999999999'"),
        (["nosuch:field"], QueryError, "nosuch"),
    ],
)
async def test_targets_that_mean_nothing_are_told(
    shelf: Shelf, arguments: list[str], error: type[Exception], said: str
) -> None:
    async with filled(shelf) as catalogue:
        with pytest.raises(error) as told:
            await show(catalogue, arguments)
        assert said in str(told.value)


async def test_a_missing_item_is_shown_by_its_id(shelf: Shelf) -> None:
    shelf.make(TREE)
    await shelf.scan()
    ids = await shelf.ids()
    (shelf.folder / "beach.jpg").unlink()
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        (media,) = [media async for media in (await show(catalogue, [str(ids["beach.jpg"])])).items]
    assert media.state == "missing"


# Search.


async def test_a_search_is_newest_first_and_says_when_there_is_more(shelf: Shelf) -> None:
    shelf.make({name: n for n, name in enumerate(("a.jpg", "b.jpg", "c.jpg"))})
    for n, name in enumerate(("b.jpg", "c.jpg", "a.jpg")):
        os.utime(shelf.folder / name, (n * 86400 * 400, n * 86400 * 400))
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        hits = await search(catalogue, [], limit=2)
        assert [os.path.basename(media.path) async for media in hits.items] == [b"a.jpg", b"c.jpg"]
        assert hits.more
        assert not (await search(catalogue, [], limit=3)).more
        by_path = await search(catalogue, [], sort="path")
        assert [os.path.basename(media.path) async for media in by_path.items] == [b"a.jpg", b"b.jpg", b"c.jpg"]
