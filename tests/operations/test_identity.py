"""A file keeps its row, and what a person did with it, wherever it moves; and where that cannot be told, nothing is guessed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from shelf import Pictures, Shelf, check, copy_away

from mediaforge.events import Planned
from mediaforge.model import Media
from mediaforge.operations.catalogues import opened
from mediaforge.operations.search import search


@dataclass(frozen=True)
class Case:
    """A tree, what is done to it, and where its files are then: path after to path before."""

    tree: Pictures
    act: Callable[[Path], object]
    kept: Mapping[str, str]
    plan: Planned
    read: int = 0


def _swap(root: Path) -> None:
    os.rename(root / "a.jpg", root / "x")
    os.rename(root / "b.jpg", root / "a.jpg")
    os.rename(root / "x", root / "b.jpg")


def _rotate(root: Path) -> None:
    os.rename(root / "c.jpg", root / "x")
    os.rename(root / "b.jpg", root / "c.jpg")
    os.rename(root / "a.jpg", root / "b.jpg")
    os.rename(root / "x", root / "a.jpg")


def _swap_folders(root: Path) -> None:
    os.rename(root / "one", root / "x")
    os.rename(root / "two", root / "one")
    os.rename(root / "x", root / "two")


def _rename_and_replace(root: Path) -> None:
    os.rename(root / "a.jpg", root / "b.jpg")
    shutil.copy2(root / "other.jpg", root / "a.jpg")
    os.utime(root / "a.jpg", ns=(1, 1))


def _copied_over(root: Path) -> None:
    copy_away(root / "b.jpg", root / "new" / "b.jpg")
    copy_away(root / "c.jpg", root / "new" / "c.jpg")


def _by_editor(root: Path) -> None:
    shutil.copy(root / "b.jpg", root / "a.jpg.tmp")
    os.rename(root / "a.jpg.tmp", root / "a.jpg")
    os.utime(root / "a.jpg", ns=(5, 5))


def _upper_case(root: Path) -> None:
    os.rename(root / "a.jpg", root / "A.JPG")


THREE: Pictures = {"a.jpg": 1, "b.jpg": 2, "c.jpg": 3}

CASES = {
    "renamed": Case(
        THREE, lambda root: os.rename(root / "a.jpg", root / "z.jpg"), {"z.jpg": "a.jpg"}, Planned(moved=1, unchanged=2)
    ),
    "case of the name": Case(THREE, _upper_case, {"A.JPG": "a.jpg"}, Planned(moved=1, unchanged=2)),
    "into a new folder": Case(
        THREE,
        lambda root: os.renames(root / "a.jpg", root / "new" / "a.jpg"),
        {"new/a.jpg": "a.jpg"},
        Planned(moved=1, unchanged=2),
    ),
    "renamed folder": Case(
        {"one": THREE, "b.jpg": 9},
        lambda root: os.rename(root / "one", root / "eins"),
        {"eins/a.jpg": "one/a.jpg", "eins/b.jpg": "one/b.jpg", "eins/c.jpg": "one/c.jpg"},
        Planned(moved=3, unchanged=1),
    ),
    "folder into a folder": Case(
        {"one": THREE, "two": {"d.jpg": 4}},
        lambda root: os.rename(root / "one", root / "two" / "one"),
        {"two/one/a.jpg": "one/a.jpg", "two/one/b.jpg": "one/b.jpg", "two/one/c.jpg": "one/c.jpg"},
        Planned(moved=3, unchanged=1),
    ),
    "swapped names": Case(THREE, _swap, {"a.jpg": "b.jpg", "b.jpg": "a.jpg"}, Planned(moved=2, unchanged=1)),
    "rotated names": Case(THREE, _rotate, {"a.jpg": "c.jpg", "b.jpg": "a.jpg", "c.jpg": "b.jpg"}, Planned(moved=3)),
    "swapped folders": Case(
        {"one": {"1.jpg": 1, "2.jpg": 2}, "two": {"1.jpg": 3, "2.jpg": 4}},
        _swap_folders,
        {"one/1.jpg": "two/1.jpg", "one/2.jpg": "two/2.jpg", "two/1.jpg": "one/1.jpg", "two/2.jpg": "one/2.jpg"},
        Planned(moved=4),
    ),
    "moved over another": Case(
        THREE,
        lambda root: os.rename(root / "b.jpg", root / "a.jpg"),
        {"a.jpg": "b.jpg"},
        Planned(moved=1, missing=1, unchanged=1),
    ),
    "copied to another disk": Case(
        THREE, _copied_over, {"new/b.jpg": "b.jpg", "new/c.jpg": "c.jpg"}, Planned(moved=2, unchanged=1)
    ),
    "another in its old place": Case(
        {"a.jpg": 1, "other.jpg": 2}, _rename_and_replace, {"b.jpg": "a.jpg"}, Planned(moved=1, new=1, unchanged=1), 1
    ),
    "saved by an editor": Case(THREE, _by_editor, {"a.jpg": "a.jpg"}, Planned(changed=1, unchanged=2), 1),
}


def _kept(media: Media) -> tuple[object, ...]:
    return media.id, media.tags, media.added


@pytest.mark.parametrize("name", CASES)
async def test_a_file_that_moved_is_known(shelf: Shelf, name: str) -> None:
    case = CASES[name]
    shelf.make(case.tree)
    await shelf.scan()
    before = await shelf.tag_each()
    assert all(media.tags for media in before.values())
    case.act(shelf.folder)
    report = await shelf.scan()
    assert (report.plan, report.done, report.exit_code) == (case.plan, case.read, 0)
    after = await shelf.items("")
    assert {path: _kept(after[path]) for path in case.kept} == {path: _kept(before[old]) for path, old in case.kept.items()}
    assert all(after[path].fingerprint for path in case.kept)
    tags_before = {tag for media in before.values() for tag in media.tags}
    assert {tag for media in (await _all(shelf)) for tag in media.tags} == tags_before, "no tag is lost"
    again = await shelf.scan()
    assert (again.plan.unchanged, again.done) == (len(after), 0)
    check(shelf.config.catalog)


async def _all(shelf: Shelf) -> list[Media]:
    return [*(await shelf.items("is:missing")).values(), *(await shelf.items("")).values()]


async def test_a_moved_file_is_found_by_its_new_name_and_not_by_its_old_one(shelf: Shelf) -> None:
    shelf.make({"sunrise.jpg": 1})
    await shelf.scan()
    os.rename(shelf.folder / "sunrise.jpg", shelf.folder / "morning.jpg")
    await shelf.scan()
    assert list(await shelf.items("morning")) == ["morning.jpg"]
    assert await shelf.items("sunrise") == {}


@pytest.mark.parametrize("how", [os.rename, copy_away], ids=["same disk", "other disk"])
async def test_a_file_that_moves_between_libraries_keeps_its_row(shelf: Shelf, how: Callable[[Path, Path], None]) -> None:
    shelf.make({"one": {"a.jpg": 1, "b.jpg": 2}, "two": {"c.jpg": 3}})
    roots = shelf.folder / "one", shelf.folder / "two"
    await shelf.scan(*roots)
    before = await shelf.tag_each()
    how(shelf.folder / "one" / "a.jpg", shelf.folder / "two" / "z.jpg")
    report = await shelf.scan(*roots)
    assert (report.plan, report.done) == (Planned(moved=1, unchanged=2), 0)
    after = (await shelf.items())["two/z.jpg"]
    assert _kept(after) == _kept(before["one/a.jpg"]) and after.library == "two"


async def test_a_file_that_was_missed_first_is_known_in_the_library_where_it_turns_up_later(shelf: Shelf) -> None:
    shelf.make({"one": {"a.jpg": 1, "b.jpg": 2}, "two": {"c.jpg": 3}})
    await shelf.scan(shelf.folder / "one", shelf.folder / "two")
    before = await shelf.tag_each()
    copy_away(shelf.folder / "one" / "a.jpg", shelf.folder / "two" / "z.jpg")
    assert (await shelf.scan(shelf.folder / "one")).plan == Planned(missing=1, unchanged=1)
    assert (await shelf.scan(shelf.folder / "two")).plan == Planned(moved=1, unchanged=1)
    assert _kept((await shelf.items())["two/z.jpg"]) == _kept(before["one/a.jpg"])


async def test_a_file_is_known_in_the_library_that_is_scanned_first(shelf: Shelf) -> None:
    """Where the file turned up is scanned before it is missed where it was."""
    shelf.make({"one": {"a.jpg": 1, "b.jpg": 2}, "two": {"c.jpg": 3}})
    await shelf.scan(shelf.folder / "one", shelf.folder / "two")
    before = await shelf.tag_each()
    os.rename(shelf.folder / "one" / "a.jpg", shelf.folder / "two" / "z.jpg")
    await shelf.scan(shelf.folder / "two")
    await shelf.scan(shelf.folder / "one")
    assert _kept((await shelf.items(""))["two/z.jpg"]) == _kept(before["one/a.jpg"])
    assert len(await _all(shelf)) == 3


async def test_a_copy_into_a_part_that_is_scanned_alone_is_new(shelf: Shelf) -> None:
    shelf.make({"one": {"a.jpg": 1}, "two": {"c.jpg": 3}})
    await shelf.scan()
    before = await shelf.tag_each()
    shutil.copy2(shelf.folder / "one" / "a.jpg", shelf.folder / "two" / "copy.jpg")
    report = await shelf.scan(shelf.folder / "two")
    assert report.plan == Planned(new=1, unchanged=1)
    assert _kept((await shelf.items())["one/a.jpg"]) == _kept(before["one/a.jpg"])


async def test_a_hardlink_is_an_item_of_its_own_and_a_rename_of_one_leaves_the_other(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    os.link(shelf.folder / "a.jpg", shelf.folder / "b.jpg")
    assert (await shelf.scan()).plan == Planned(new=2)
    before = await shelf.tag_each()
    os.link(shelf.folder / "a.jpg", shelf.folder / "third.jpg")
    assert (await shelf.scan()).plan == Planned(new=1, unchanged=2)
    os.rename(shelf.folder / "b.jpg", shelf.folder / "c.jpg")
    assert (await shelf.scan()).plan == Planned(moved=1, unchanged=2)
    after = await shelf.items("")
    assert _kept(after["c.jpg"]) == _kept(before["b.jpg"])
    assert _kept(after["a.jpg"]) == _kept(before["a.jpg"])


async def test_two_copies_that_move_on_their_disk_are_told_apart_by_it(shelf: Shelf) -> None:
    shelf.make({"one": {"a.jpg": 1, "copy of a.jpg": 1}})
    await shelf.scan()
    before = await shelf.tag_each()
    os.rename(shelf.folder / "one", shelf.folder / "two")
    assert (await shelf.scan()).plan == Planned(moved=2)
    after = await shelf.items()
    assert _kept(after["two/a.jpg"]) == _kept(before["one/a.jpg"])
    assert _kept(after["two/copy of a.jpg"]) == _kept(before["one/copy of a.jpg"])


async def test_two_copies_that_move_at_once_to_another_disk_are_never_guessed(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 1, "c.jpg": 3})
    await shelf.scan()
    before = await shelf.tag_each()
    copy_away(shelf.folder / "a.jpg", shelf.folder / "new" / "x.jpg")
    copy_away(shelf.folder / "b.jpg", shelf.folder / "new" / "y.jpg")
    report = await shelf.scan()
    assert report.plan == Planned(new=2, missing=2, unchanged=1, ambiguous=2)
    missing = await shelf.items("is:missing")
    assert {path: _kept(media) for path, media in missing.items()} == {path: _kept(before[path]) for path in ("a.jpg", "b.jpg")}
    assert all(not media.tags for path, media in (await shelf.items("")).items() if path != "c.jpg")


async def test_a_copy_of_what_is_there_still_is_new(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    before = await shelf.tag_each()
    shutil.copy2(shelf.folder / "a.jpg", shelf.folder / "copy.jpg")
    assert (await shelf.scan()).plan == Planned(new=1, unchanged=1)
    after = await shelf.items()
    assert _kept(after["a.jpg"]) == _kept(before["a.jpg"]) and after["copy.jpg"].tags == ()


async def test_files_of_one_size_are_told_apart_by_what_is_in_them(shelf: Shelf) -> None:
    shelf.make({"one": {f"{n}.bmp": bytes([n]) * 900 for n in range(6)}})
    await shelf.scan()
    before = await shelf.tag_each()
    for n in range(6):
        copy_away(shelf.folder / "one" / f"{n}.bmp", shelf.folder / "two" / f"{5 - n}.bmp")
    # Broken files, which have no fingerprint of their own, are no worse for it than a file that can be read.
    await shelf.scan()
    assert {tag for media in await _all(shelf) for tag in media.tags} == {
        tag for media in before.values() for tag in media.tags
    }


async def test_a_deleted_file_is_missing_and_comes_back(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    before = (await shelf.tag_each())["a.jpg"]
    aside = shelf.folder.parent / "aside.jpg"
    shutil.copy2(shelf.folder / "a.jpg", aside)
    (shelf.folder / "a.jpg").unlink()
    assert (await shelf.scan()).plan == Planned(missing=1, unchanged=1)
    gone = (await shelf.items("is:missing"))["a.jpg"]
    assert _kept(gone) == _kept(before) and gone.missing_since is not None
    assert list(await shelf.items("")) == ["b.jpg"]
    assert (await shelf.scan()).plan == Planned(unchanged=1)
    shutil.copy2(aside, shelf.folder / "a.jpg")
    report = await shelf.scan()
    assert (report.plan, report.done) == (Planned(moved=1, unchanged=1), 0)
    back = (await shelf.items(""))["a.jpg"]
    assert _kept(back) == _kept(before) and back.missing_since is None


async def test_a_file_that_comes_back_under_another_name_is_known(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    before = (await shelf.tag_each())["a.jpg"]
    aside = shelf.folder.parent / "aside.jpg"
    copy_away(shelf.folder / "a.jpg", aside)
    await shelf.scan()
    shutil.copy(aside, shelf.folder / "restored.jpg")
    assert (await shelf.scan()).plan == Planned(moved=1, unchanged=1)
    assert _kept((await shelf.items(""))["restored.jpg"]) == _kept(before)


async def test_another_file_where_one_was_missed_takes_its_row(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    before = (await shelf.tag_each())["a.jpg"]
    (shelf.folder / "a.jpg").unlink()
    shelf.make({"other.jpg": 5})
    await shelf.scan()
    shelf.make({"a.jpg": 200})
    report = await shelf.scan()
    assert (report.plan.new, report.done) == (0, 1)
    after = (await shelf.items(""))["a.jpg"]
    assert _kept(after) == _kept(before) and after.fingerprint != before.fingerprint


async def test_one_overwritten_by_another_is_missing_and_not_forgotten(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    before = await shelf.tag_each()
    os.rename(shelf.folder / "b.jpg", shelf.folder / "a.jpg")
    await shelf.scan()
    assert _kept((await shelf.items("is:missing"))["a.jpg"]) == _kept(before["a.jpg"])
    assert _kept((await shelf.items(""))["a.jpg"]) == _kept(before["b.jpg"])


async def test_hundreds_of_files_in_a_renamed_folder_are_known_without_being_read(shelf: Shelf) -> None:
    folder = shelf.make({"one": {"0.jpg": 0}}) / "one"
    picture = (folder / "0.jpg").read_bytes()
    for n in range(1, 400):
        (folder / f"{n}.jpg").write_bytes(picture + b"%d" % n)
    await shelf.scan()
    before = await shelf.ids()
    os.rename(folder, shelf.folder / "two")
    report = await shelf.scan()
    assert (report.plan, report.done) == (Planned(moved=400), 0)
    assert {path.replace("two/", "one/"): media for path, media in (await shelf.ids()).items()} == before


async def test_hundreds_of_files_on_another_disk_are_known_by_their_fingerprints(shelf: Shelf) -> None:
    folder = shelf.make({"one": {"0.jpg": 0}}) / "one"
    picture = (folder / "0.jpg").read_bytes()
    for n in range(1, 400):
        (folder / f"{n}.jpg").write_bytes(picture + b"%03d" % n)  # all of one size
    await shelf.scan()
    before = await shelf.ids()
    for n in range(400):
        copy_away(folder / f"{n}.jpg", shelf.folder / "two" / f"x{n}.jpg")
    report = await shelf.scan()
    assert (report.plan, report.done) == (Planned(moved=400), 0)
    assert {path.replace("two/x", "one/"): media for path, media in (await shelf.ids()).items()} == before


UGLY = [
    b"caf\xe9.jpg",
    "café.jpg".encode(),
    b"new\nline.jpg",
    b"a;b 'c' \"d\".jpg",
    b"-q.jpg",
    b"\xf0\x9f\x98\x80.jpg",
    b"%2e.jpg",
]


async def test_any_name_goes_through_scan_search_tag_and_move(shelf: Shelf) -> None:
    folder = os.fsencode(shelf.folder)
    source = shelf.make({"source.jpg": 1}) / "source.jpg"
    picture = source.read_bytes()
    source.unlink()
    for n, name in enumerate(UGLY):
        with open(folder + b"/" + name, "wb") as file:
            file.write(picture + b"%d" % n)
    report = await shelf.scan()
    assert (report.plan, report.done) == (Planned(new=len(UGLY)), len(UGLY))
    before = {media.path: media for media in (await shelf.items()).values()}
    assert set(before) == {folder + b"/" + name for name in UGLY}
    for path, media in before.items():
        await shelf.tag(f"t{media.id}", os.fsdecode(path))
    tagged = {media.path: media.tags for media in (await shelf.items()).values()}
    assert tagged == {path: (f"t{media.id}",) for path, media in before.items()}
    os.rename(folder, folder + b"\xff")
    assert (await shelf.scan(os.fsdecode(folder + b"\xff"))).plan == Planned(new=len(UGLY)), "the volume may be elsewhere"
    os.rename(folder + b"\xff", folder)
    assert (await shelf.scan()).plan == Planned(unchanged=len(UGLY))
    async with opened(shelf.config) as catalogue:
        found = [media async for media in (await search(catalogue, ["library:shelf"])).items]
    assert {media.path: media.tags for media in found} == tagged
