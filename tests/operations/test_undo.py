"""Undo and redo: any edit is taken back and done again, and none that would trample a later one."""

from __future__ import annotations

import asyncio
import json
import os
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from shelf import Shelf, check

from media_files import make_jpeg
from mediaforge.catalog.cells import Cells
from mediaforge.catalog.tags import ensure_tag, put
from mediaforge.errors import LaterEdits, NothingMatched, UsageError
from mediaforge.model import MediaId
from mediaforge.operations import correct, edit
from mediaforge.operations.catalogues import Catalogue, opened
from mediaforge.operations.libraries import relocate
from mediaforge.operations.prune import prunable, prune
from mediaforge.operations.tags import add_tags, remove_tags
from mediaforge.operations.undo import ANYTHING, list_changes, redo, undo

TABLES = {
    "media": "*",
    "media_fts": "rowid, *",
    "correction": "media_id, field, value, read",
    "media_tag": "media_id, tag_id, source",
    "media_tag_refused": "*",
    "library": "*",
}


def state(shelf: Shelf) -> dict[str, object]:
    """Return all that edits change of items, but for the instants at which they did."""
    return {table: shelf.rows(f"SELECT {columns} FROM {table} ORDER BY 1, 2") for table, columns in TABLES.items()}


async def told(shelf: Shelf, name: str) -> list[object]:
    """Return a fact of every item, in the order of their names."""
    return [getattr(item.facts, name) for _path, item in sorted((await shelf.items()).items())]


@asynccontextmanager
async def filled(shelf: Shelf) -> AsyncIterator[Catalogue]:
    """Scan three pictures, of which two bear a title and a keyword, and open their catalogue."""
    exif = {"ImageDescription": "DSC_001", "DateTimeOriginal": "2021:07:04 18:30:00", "XPKeywords": "sea\0".encode("utf-16-le")}
    make_jpeg(shelf.folder / "a.jpg", seed=1, exif=exif)
    make_jpeg(shelf.folder / "b.jpg", seed=2, exif=exif)
    make_jpeg(shelf.folder / "c.jpg", seed=3)
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        yield catalogue


Act = Callable[[Catalogue], Awaitable[object]]
ALL = ["is:any"]
EDITS: dict[str, Act] = {
    "tag add x": lambda c: add_tags(c, "x,y/z", ALL),
    "tag add sea, which two bear": lambda c: add_tags(c, "sea", ALL),
    "tag remove sea": lambda c: remove_tags(c, "sea", ALL),
    "set title": lambda c: correct.set_fields(c, ["title=New", *ALL]),
    "set taken and year": lambda c: correct.set_fields(c, ["taken=1999", "year=1998", *ALL]),
    "set description of one": lambda c: correct.set_fields(c, ["description=New", "gps=1,2", "name:a"]),
    "rate": lambda c: correct.rate(c, "3", ALL),
    "note": lambda c: correct.note(c, "words", ALL),
    "favourite": lambda c: correct.favourite(c, ALL),
}


@pytest.mark.parametrize("name", EDITS)
async def test_an_edit_is_undone_and_redone_whole(shelf: Shelf, name: str) -> None:
    async with filled(shelf) as catalogue:
        before = state(shelf)
        await EDITS[name](catalogue)
        after = state(shelf)
        assert after != before
        for _ in range(2):
            [back] = await undo(catalogue)
            assert (back.change.id, back.gone) == (1, 0)
            assert state(shelf) == before
            check(shelf.config.catalog)
            [again] = await redo(catalogue)
            assert again.change.id == 1
            assert state(shelf) == after
            check(shelf.config.catalog)


async def test_many_edits_are_undone_and_redone_in_their_order(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        states = [state(shelf)]
        for act in EDITS.values():
            await act(catalogue)
            states.append(state(shelf))
        for expected in reversed(states[:-1]):
            await undo(catalogue)
            assert state(shelf) == expected
        with pytest.raises(NothingMatched, match="nothing to undo; list the edits with: mediaforge history"):
            await undo(catalogue)
        for expected in states[1:]:
            await redo(catalogue)
            assert state(shelf) == expected
        with pytest.raises(NothingMatched, match="nothing to redo"):
            await redo(catalogue)
        assert [one.change.id for one in await undo(catalogue, last=3)] == [9, 8, 7]
        assert state(shelf) == states[6]
        assert [one.change.id for one in await redo(catalogue, last=2)] == [7, 8]
        assert state(shelf) == states[8]
        assert len(await undo(catalogue, last=99)) == 8
        assert state(shelf) == states[0]
        assert all(change.undone_at for change in await list_changes(catalogue))
        check(shelf.config.catalog)


async def test_an_edit_is_undone_by_its_number_and_each_once(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await add_tags(catalogue, "x", ["name:a"])
        await correct.rate(catalogue, "3", ["name:a"])
        await undo(catalogue, 1)
        assert [(item.tags, item.facts.rating) for item in (await shelf.items("name:a")).values()] == [(("sea",), 3)]
        with pytest.raises(UsageError, match=r"edit 1 \('tag add x name:a'\) was undone already"):
            await undo(catalogue, 1)
        with pytest.raises(UsageError, match=r"edit 2 \('rate 3 name:a'\) is not undone"):
            await redo(catalogue, 2)
        for act in (undo, redo):
            with pytest.raises(NothingMatched, match="no edit 77; list the edits with: mediaforge history"):
                await act(catalogue, 77)
        assert [one.change.id for one in await redo(catalogue, 1)] == [1]


async def test_what_was_set_anew_goes_back_to_what_was_set_before(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await correct.set_fields(catalogue, ["title=first", "name:a"])
        await correct.set_fields(catalogue, ["title=second", *ALL])
        await correct.unset_fields(catalogue, "title", ["name:a"])
        await undo(catalogue)
        assert await told(shelf, "title") == ["second"] * 3
        await undo(catalogue)
        assert await told(shelf, "title") == ["first", None, None]


async def test_undo_after_the_file_changed_gives_back_what_it_says_now(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await correct.set_fields(catalogue, ["description=mine", "name:a"])
        make_jpeg(shelf.folder / "a.jpg", seed=9, size=(64, 32), exif={"ImageDescription": "again"})
        await shelf.scan()
        await undo(catalogue)
        assert (await shelf.items())["a.jpg"].facts.description == "again"
        await redo(catalogue)
        assert (await shelf.items("mine"))["a.jpg"].facts.description == "mine"
        await correct.unset_fields(catalogue, "description", ALL)
        assert (await shelf.items())["a.jpg"].facts.description == "again"
        check(shelf.config.catalog)


# What would trample a later edit. Edits by their number in order, which of them is acted upon, and which stand in the way.

TRAMPLING: dict[str, tuple[list[Act], int, list[int]]] = {
    "the same field": ([EDITS["set title"], lambda c: correct.set_fields(c, ["title=Other", "name:a"])], 1, [2]),
    "another field": ([EDITS["set title"], EDITS["rate"]], 1, []),
    "other items": (
        [lambda c: correct.rate(c, "1", ["name:a"]), lambda c: correct.rate(c, "2", ["name:b"])],
        1,
        [],
    ),
    "the last": ([EDITS["rate"], lambda c: correct.rate(c, "5", ALL)], 2, []),
    "the same tag": ([EDITS["tag add x"], lambda c: remove_tags(c, "x", ["name:b"])], 1, [2]),
    "another tag": ([EDITS["tag add x"], lambda c: add_tags(c, "w", ALL)], 1, []),
    "a later edit that changed nothing there": (
        [lambda c: add_tags(c, "x", ["name:a"]), lambda c: add_tags(c, "x", ALL)],
        1,
        [],
    ),
    "two of them": (
        [
            EDITS["rate"],
            lambda c: correct.rate(c, "5", ["name:a"]),
            EDITS["note"],
            lambda c: correct.rate(c, "none", ["name:b"]),
        ],
        1,
        [2, 4],
    ),
    "one that says the same again": (
        [
            lambda c: add_tags(c, "x", ["name:a"]),
            lambda c: remove_tags(c, "x", ["name:a"]),
            lambda c: add_tags(c, "x", ["name:a"]),
        ],
        1,
        [2, 3],
    ),
    "one that was undone": ([EDITS["rate"], lambda c: correct.rate(c, "5", ALL), undo], 1, []),
    "one that was redone": ([EDITS["rate"], lambda c: correct.rate(c, "5", ALL), undo, redo], 1, [2]),
}


@pytest.mark.parametrize("name", TRAMPLING)
async def test_a_later_edit_is_not_trampled(shelf: Shelf, name: str) -> None:
    acts, number, expected = TRAMPLING[name]
    async with filled(shelf) as catalogue:
        for act in acts:
            await act(catalogue)
        before = state(shelf)
        if not expected:
            await undo(catalogue, number)
            return
        with pytest.raises(LaterEdits) as way:
            await undo(catalogue, number)
        assert way.value.edits == frozenset(expected)
        assert way.value.exit_code == 2
        assert all(f"edit {later} ('" in str(way.value) for later in expected)
        assert state(shelf) == before
        if len(expected) > 1:
            with pytest.raises(LaterEdits):
                await undo(catalogue, number, over={expected[0]})
        await undo(catalogue, number, over=frozenset(expected))
        assert state(shelf) != before
        check(shelf.config.catalog)


async def test_what_stands_in_the_way_is_named_with_how_many_items(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await correct.rate(catalogue, "1", ALL)
        await correct.rate(catalogue, "2", ["name:a", "OR", "name:b"])
        with pytest.raises(LaterEdits) as way:
            await undo(catalogue, 1)
    assert str(way.value) == ("edit 2 ('rate 2 name:a OR name:b') changed the same of 2 items; undo that first, or say --force")


async def test_redo_tramples_nothing_either(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await correct.rate(catalogue, "1", ALL)
        await undo(catalogue)
        await correct.rate(catalogue, "2", ["name:a"])
        with pytest.raises(LaterEdits) as way:
            await redo(catalogue)
        assert way.value.edits == {2}
        await redo(catalogue, over=ANYTHING)
        assert await told(shelf, "rating") == [1, 1, 1]


async def test_what_force_left_is_not_trampled_without_a_word(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await correct.set_fields(catalogue, ["title=first", *ALL])
        await correct.set_fields(catalogue, ["title=second", *ALL])
        await undo(catalogue, 1, over=ANYTHING)
        assert await told(shelf, "title") == [None] * 3
        with pytest.raises(LaterEdits, match=r"what edit 2 .* changed of 3 items is something else by now; say --force") as way:
            await undo(catalogue, 2)
        assert way.value.edits == {0}
        await undo(catalogue, 2, over={0})
        assert await told(shelf, "title") == ["first"] * 3


async def test_a_scan_between_is_no_later_edit(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await add_tags(catalogue, "moon", ["name:c"])
        await remove_tags(catalogue, "moon", ["name:c"])
        exif = {"XPKeywords": "moon\0".encode("utf-16-le")}
        make_jpeg(shelf.folder / "c.jpg", seed=3, size=(64, 32), exif=exif)
        await shelf.scan()
        assert (await shelf.items())["c.jpg"].tag_sources == {"moon": "embedded"}
        await undo(catalogue)
        assert (await shelf.items())["c.jpg"].tag_sources == {"moon": "person"}


async def test_items_that_are_gone_are_left_out_and_counted(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await correct.set_fields(catalogue, ["title=x", "rating=3", *ALL])
        await add_tags(catalogue, "x", ALL)
        (shelf.folder / "a.jpg").unlink()
        await shelf.scan()
        await prune(catalogue, await prunable(catalogue, older_than=0))
        for number in (1, 2):
            [done] = await undo(catalogue, number)
            assert (done.change.items, done.gone) == (3, 1)
        assert await told(shelf, "title") == [None, None]
        for number in (1, 2):
            [again] = await redo(catalogue, number)
            assert again.gone == 1
        assert set(await shelf.items("tag:x title:x")) == {"b.jpg", "c.jpg"}
        check(shelf.config.catalog)


async def test_a_prune_is_done_again_but_for_what_came_back(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        content = (shelf.folder / "b.jpg").read_bytes()
        for name in ("a.jpg", "b.jpg"):
            (shelf.folder / name).unlink()
        await shelf.scan()
        missing = state(shelf)
        await prune(catalogue, await prunable(catalogue, older_than=0, targets=["name:*.jpg"]))
        assert [change.command for change in await list_changes(catalogue)] == ["prune --older-than=0d 'name:*.jpg'"]
        pruned = state(shelf)
        await undo(catalogue)
        assert state(shelf) == missing
        await redo(catalogue)
        assert state(shelf) == pruned
        await undo(catalogue)
        (shelf.folder / "b.jpg").write_bytes(content)
        await shelf.scan()
        await redo(catalogue)
        assert set(await shelf.items()) == {"b.jpg", "c.jpg"}
        await undo(catalogue)
        assert set(await shelf.items()) == {"a.jpg", "b.jpg", "c.jpg"}
        check(shelf.config.catalog)


async def test_a_relocation_is_undone_and_redone_but_not_onto_another_library(shelf: Shelf) -> None:
    new, old = shelf.folder.with_name("new place"), shelf.folder
    async with filled(shelf) as catalogue:
        old.rename(new)
        await relocate(catalogue, shelf.config, "shelf", os.fspath(new))
        await undo(catalogue)
        assert shelf.rows("SELECT root FROM library") == [(os.fsencode(old),)]
        await redo(catalogue)
        assert shelf.rows("SELECT root FROM library") == [(os.fsencode(new),)]
        old.mkdir()
        make_jpeg(old / "d.jpg", seed=4)
        await shelf.scan(old)
        with pytest.raises(UsageError, match="belongs to the library 'shelf-2' now; nothing was changed"):
            await undo(catalogue)
        assert len(await list_changes(catalogue)) == 1


async def test_a_dry_run_of_undo_tries_and_changes_nothing(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await correct.set_fields(catalogue, ["title=x", "taken=1999", *ALL])
        await correct.set_fields(catalogue, ["title=y", *ALL])
        before = state(shelf)
        assert [one.change.id for one in await undo(catalogue, last=2, dry_run=True)] == [2, 1]
        with pytest.raises(LaterEdits):
            await undo(catalogue, 1, dry_run=True)
        assert state(shelf) == before
        assert [change.undone_at for change in await list_changes(catalogue)] == [None, None]
        await undo(catalogue)
        assert [one.change.id for one in await redo(catalogue, dry_run=True)] == [2]
        assert [bool(change.undone_at) for change in await list_changes(catalogue)] == [True, False]


async def test_a_tag_that_was_refused_is_refused_again(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await remove_tags(catalogue, "sea", ["name:a"])
        refused = state(shelf)
        await add_tags(catalogue, "sea", ["name:a"])
        await undo(catalogue)
        assert state(shelf) == refused
        await shelf.scan(full=True)
        assert "sea" not in (await shelf.items())["a.jpg"].tags


async def test_an_edit_of_many_items_is_kept_small_and_page_by_page(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit, "_PAGE", 2)
    async with filled(shelf) as catalogue:
        before = state(shelf)
        await correct.set_fields(catalogue, ["title=x", "taken=1999", *ALL])
        pages = [json.loads(zlib.decompress(row[0])) for row in shelf.rows("SELECT content FROM change_page ORDER BY page")]
        assert [[cells[1] for cells in page["cells"]] for page in pages] == [["title", "taken"], ["title", "taken"]]
        assert pages[0]["cells"][0] == ["field", "title", [[None, '"x"', [1, 1]]]]
        await undo(catalogue)
        assert state(shelf) == before
    many = Cells(("tag", 1), dict.fromkeys(range(5, 100_005), (None, "person")))
    packed = zlib.compress(json.dumps(many.to_json()).encode())
    assert len(packed) < 1_000
    assert Cells.from_json(json.loads(zlib.decompress(packed))) == many


# Two people at once.


async def test_two_people_who_edit_at_once_lose_neither_edit(shelf: Shelf) -> None:
    async with filled(shelf):
        pass

    async def person(name: str) -> None:
        async with opened(shelf.config) as catalogue:
            for number in range(5):
                await correct.note(catalogue, f"{name}{number}", ALL, append=True)
                await add_tags(catalogue, f"{name}/{number}", ["name:a"])
                await correct.set_fields(catalogue, [f"{'title' if name == 'ann' else 'album'}={name}{number}", *ALL])

    await asyncio.gather(person("ann"), person("tom"))
    lines = sorted(f"{name}{number}" for name in ("ann", "tom") for number in range(5))
    for item in (await shelf.items()).values():
        assert sorted((item.note or "").split("\n")) == lines
        assert (item.facts.title, item.facts.album) == ("ann4", "tom4")
    async with opened(shelf.config) as catalogue:
        assert len(await list_changes(catalogue)) == 30
        assert len(await undo(catalogue, last=30)) == 30
    assert shelf.rows("SELECT count(*) FROM correction") == [(0,)]
    check(shelf.config.catalog)


async def test_an_edit_that_fails_leaves_nothing_behind(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        before = state(shelf)
        with pytest.raises(UsageError):
            async with catalogue.transaction():
                await put(catalogue, await ensure_tag(catalogue, "x"), {MediaId(1): "person"})
                raise UsageError("no")
        assert state(shelf) == before
