"""Prune, undo, relocate, why: what only a person's word does to the catalogue, and takes back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from shelf import Shelf, check, copy_away

from media_files import make_mp4
from mediaforge.errors import NothingMatched, UsageError
from mediaforge.model import MediaId
from mediaforge.operations.catalogues import opened
from mediaforge.operations.libraries import relocate, why
from mediaforge.operations.prune import prunable, prune
from mediaforge.operations.tags import remove_tags
from mediaforge.operations.undo import list_changes, undo

TABLES = ("media", "stream", "media_tag", "target", "collection_media", "history")


def everything(shelf: Shelf) -> dict[str, list[tuple[object, ...]]]:
    """Return all that the catalogue knows of items, and what their full text holds."""
    texts = "SELECT rowid, title, path, artist, description, keywords FROM media_fts ORDER BY rowid"
    return {table: shelf.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES} | {"fts": shelf.rows(texts)}


async def forget(shelf: Shelf, *targets: str, older_than: float = 0) -> int:
    """Prune, and return how many items were forgotten."""
    async with opened(shelf.config) as catalogue:
        found = await prunable(catalogue, older_than=older_than, targets=targets)
        if found.ids:
            await prune(catalogue, found)
        return len(found.ids)


async def take_back(shelf: Shelf, number: int | None = None) -> str:
    async with opened(shelf.config) as catalogue:
        [done] = await undo(catalogue, number)
        return done.change.command


async def test_prune_forgets_missing_items_and_undo_brings_all_of_them_back(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2, "c": {"d.jpg": 3}})
    make_mp4(shelf.folder / "film.mp4", seed=4)
    await shelf.scan()
    await shelf.tag_each()
    (shelf.folder / "a.jpg").unlink()
    (shelf.folder / "film.mp4").unlink()
    await shelf.scan()
    before = everything(shelf)
    assert any(row[1] for row in before["stream"])
    assert await forget(shelf) == 2
    assert set(await shelf.items()) == {"b.jpg", "c/d.jpg"}
    check(shelf.config.catalog)
    assert await take_back(shelf) == "prune --older-than=0d"
    assert everything(shelf) == before
    check(shelf.config.catalog)


async def test_prune_leaves_what_is_there_offline_or_missing_for_too_short(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    (shelf.folder / "a.jpg").unlink()
    await shelf.scan()
    assert await forget(shelf, older_than=1) == 0
    assert await forget(shelf, "b.jpg") == 0
    shelf.folder.rename(shelf.folder.with_name("elsewhere"))
    assert (await shelf.scan()).exit_code == 13
    assert await forget(shelf) == 1
    assert await shelf.states() == {"b.jpg": "offline"}


async def test_prune_forgets_only_what_its_targets_mean(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2, "c.jpg": 3})
    await shelf.scan()
    for name in ("a.jpg", "b.jpg"):
        (shelf.folder / name).unlink()
    await shelf.scan()
    assert await forget(shelf, "name:a.jpg") == 1
    assert set(await shelf.items()) == {"b.jpg", "c.jpg"}


async def test_an_id_that_was_forgotten_is_never_given_again(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    last = max((await shelf.items()).items(), key=lambda item: item[1].id)[0]
    (shelf.folder / last).unlink()
    await shelf.scan()
    await forget(shelf)
    shelf.make({"c.jpg": 3})
    await shelf.scan()
    assert (await shelf.ids())["c.jpg"] == 3
    await take_back(shelf)
    assert len(await shelf.items()) == 3


async def test_a_file_that_came_back_after_prune_is_new_and_undo_keeps_both(shelf: Shelf) -> None:
    path = shelf.make({"a.jpg": 1, "b.jpg": 2}) / "a.jpg"
    await shelf.scan()
    kept = path.read_bytes()
    path.unlink()
    await shelf.scan()
    await forget(shelf)
    path.write_bytes(kept)
    await shelf.scan()
    await take_back(shelf)
    rows = shelf.rows("SELECT missing_at IS NULL FROM media WHERE path = ?", b"a.jpg")
    assert sorted(rows) == [(0,), (1,)]
    check(shelf.config.catalog)


async def test_undo_takes_back_tags_newest_first_and_each_once(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    await shelf.tag("x", "name:a")
    await shelf.tag("x,y", "is:present")
    async with opened(shelf.config) as catalogue:
        await remove_tags(catalogue, "y", ["name:b"])
        assert [change.items for change in await list_changes(catalogue)] == [1, 2, 1]
    assert {path: media.tags for path, media in (await shelf.items()).items()} == {"a.jpg": ("x", "y"), "b.jpg": ("x",)}
    assert await take_back(shelf) == "tag remove y name:b"
    assert {path: media.tags for path, media in (await shelf.items()).items()} == {"a.jpg": ("x", "y"), "b.jpg": ("x", "y")}
    assert await take_back(shelf) == "tag add x,y is:present"
    assert {path: media.tags for path, media in (await shelf.items()).items()} == {"a.jpg": ("x",), "b.jpg": ()}
    with pytest.raises(UsageError, match=r"edit 2 \('tag add x,y is:present'\) was undone already"):
        await take_back(shelf, 2)
    await take_back(shelf)
    with pytest.raises(NothingMatched, match="nothing to undo"):
        await take_back(shelf)
    with pytest.raises(NothingMatched, match="no edit 77"):
        await take_back(shelf, 77)


async def test_a_library_whose_mount_point_changed_is_relocated_without_reading(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "c": {"d.jpg": 2}})
    await shelf.scan()
    before = await shelf.tag_each()
    new = shelf.folder.with_name("new place")
    shelf.folder.rename(new)
    async with opened(shelf.config) as catalogue:
        await relocate(catalogue, shelf.config, "shelf", os.fspath(new))
    report = await shelf.scan(new)
    assert (report.plan.unchanged, report.done, report.exit_code) == (2, 0, 0)
    after = await shelf.items()
    assert {media.id: media.tags for media in after.values()} == {media.id: media.tags for media in before.values()}
    assert [media.path for media in after.values()] == [os.fsencode(new / "a.jpg"), os.fsencode(new / "c/d.jpg")]
    await take_back(shelf)
    new.rename(shelf.folder)
    assert (await shelf.scan()).plan.unchanged == 2


@pytest.mark.parametrize(
    ("slug", "to", "complaint"),
    [
        ("nowhere", "new", "no library 'nowhere'; there are other, shelf"),
        ("shelf", "gone", "no folder at '.*gone'; is its drive plugged in"),
        ("shelf", "other/inside", "belongs to the library 'other'"),
        ("shelf", "new", "holds none of the files of 'shelf', such as 'a.jpg'; is it the right folder"),
    ],
)
async def test_a_library_is_not_relocated_by_mistake(shelf: Shelf, tmp_path: Path, slug: str, to: str, complaint: str) -> None:
    shelf.make({"a.jpg": 1})
    (tmp_path / "other/inside").mkdir(parents=True)
    (tmp_path / "new").mkdir()
    await shelf.scan(shelf.folder, tmp_path / "other")
    before = shelf.checksum("library")
    async with opened(shelf.config) as catalogue:
        with pytest.raises((UsageError, NothingMatched), match=complaint):
            await relocate(catalogue, shelf.config, slug, os.fspath(tmp_path / to))
    assert shelf.checksum("library") == before


async def test_why_tells_how_an_item_was_recognised_through_time(shelf: Shelf, tmp_path: Path) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    media = (await shelf.ids())["a.jpg"]
    (shelf.folder / "a.jpg").rename(shelf.folder / "renamed.jpg")
    await shelf.scan()
    copy_away(shelf.folder / "renamed.jpg", tmp_path / "away.jpg")
    await shelf.scan()
    shutil.move(tmp_path / "away.jpg", shelf.folder / "back.jpg")
    await shelf.scan()
    assert (await shelf.ids())["back.jpg"] == media
    async with opened(shelf.config) as catalogue:
        life = await why(catalogue, media)
        told = [(event.event, event.evidence, event.before, event.after) for event in life.events]
        with pytest.raises(NothingMatched, match="no item 99"):
            await why(catalogue, MediaId(99))
    a, renamed, back = (os.fsencode(shelf.folder / name) for name in ("a.jpg", "renamed.jpg", "back.jpg"))
    assert told == [
        ("moved", "inode", a, renamed),
        ("missing", None, renamed, None),
        ("moved", "fingerprint", renamed, back),
    ]
    scans = {scan for (scan,) in shelf.rows("SELECT id FROM scan")}
    assert all(event.scan in scans for event in life.events)


async def test_a_sha256_overrules_a_fingerprint_where_it_was_asked_for(shelf: Shelf, tmp_path: Path) -> None:
    """Two files that are alike but in the middle, which a fingerprint does not see."""
    ends = b"\xff\xd8" + bytes(100_000)
    first, second = (ends + middle + bytes(100_000) for middle in (b"one", b"two"))
    shelf.make({"a.jpg": first, "b.jpg": second})
    await shelf.scan(hashes=True)
    known = await shelf.ids()
    (shelf.folder / "b.jpg").unlink()
    shelf.make({"c.jpg": first})
    assert (await shelf.scan(hashes=True, dry_run=True)).plan.moved == 0
    assert (await shelf.scan(dry_run=True)).plan.moved == 1, "without it the fingerprint is believed"
    (shelf.folder / "a.jpg").unlink()
    shelf.make({"d.jpg": second})
    assert (await shelf.scan(dry_run=True)).plan.ambiguous == 2
    assert (await shelf.scan(hashes=True)).plan.moved == 2
    assert await shelf.ids() == {"c.jpg": known["a.jpg"], "d.jpg": known["b.jpg"]}
    assert shelf.rows("SELECT evidence FROM history WHERE event = 'moved'") == [("sha256",), ("sha256",)]


async def test_what_was_not_guessed_is_recorded_with_both_names(shelf: Shelf, tmp_path: Path) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 1, "c.jpg": 2})
    await shelf.scan()
    copy_away(shelf.folder / "a.jpg", shelf.folder / "d.jpg")
    (shelf.folder / "b.jpg").unlink()
    report = await shelf.scan()
    assert (report.plan.ambiguous, report.plan.new, report.plan.missing, report.exit_code) == (1, 1, 2, 0)
    [(path, message)] = shelf.rows("SELECT path, message FROM scan_problem WHERE reason = 'ambiguous'")
    assert path == os.fsencode(shelf.folder / "d.jpg")
    assert f"'{shelf.folder / 'a.jpg'}', '{shelf.folder / 'b.jpg'}'" in message
