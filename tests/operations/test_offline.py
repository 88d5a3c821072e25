"""Where nothing can be seen nothing is missing: volumes that are not there, folders that cannot be read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from program import mediaforge
from shelf import Pictures, Shelf, make_pictures

from mediaforge.errors import RootNotFound, VolumeOffline
from mediaforge.events import Planned

USB: Pictures = {"a.jpg": 1, "film": {"b.jpg": 2}}


def _unplugged(root: Path) -> None:
    root.rename(root.with_name("elsewhere"))


def _unmounted(root: Path) -> None:
    _unplugged(root)
    root.mkdir()


def _plugged_in(root: Path) -> None:
    if root.exists():
        root.rmdir()
    root.with_name("elsewhere").rename(root)


@pytest.mark.parametrize("harm", [_unplugged, _unmounted])
@pytest.mark.parametrize("below", ["", "film", "a.jpg"])
async def test_a_volume_that_is_not_there_leaves_everything_as_it_was(
    shelf: Shelf, harm: Callable[[Path], None], below: str
) -> None:
    usb, home = shelf.folder / "usb", shelf.folder / "home"
    shelf.make({"usb": USB, "home": {"c.jpg": 3}})
    await shelf.scan(usb, home)
    before = await shelf.tag_each()
    harm(usb)
    shelf.make({"home": {"new.jpg": 4}})
    report = await shelf.scan(usb / below, home)
    assert report.exit_code == 13 and len(report.offline) == 1
    assert (report.plan.missing, report.plan.new, report.done) == (0, 1, 1), "the other root is still scanned"
    states = {"usb/a.jpg": "offline", "usb/film/b.jpg": "offline", "home/c.jpg": "present", "home/new.jpg": "present"}
    assert await shelf.states() == states
    assert await shelf.ids("tag:was/usb-a.jpg") == {"usb/a.jpg": before["usb/a.jpg"].id}, "offline items are searched"
    _plugged_in(usb)
    again = await shelf.scan(usb)
    assert (again.plan, again.done, again.exit_code) == (Planned(unchanged=2), 0, 0)
    after = await shelf.items()
    assert after["usb/a.jpg"] == before["usb/a.jpg"]


async def test_an_offline_library_says_so(shelf: Shelf) -> None:
    shelf.make(USB)
    await shelf.scan()
    _unplugged(shelf.folder)
    report = await shelf.scan()
    assert report.offline == [f"'{shelf.folder}' is left as it was: it is not there"]
    assert shelf.rows("SELECT online FROM library") == [(0,)]
    assert shelf.rows("SELECT outcome FROM scan_root WHERE scan_id = ?", report.id) == [("offline",)]


async def test_a_dry_run_does_not_write_that_a_volume_is_gone(shelf: Shelf) -> None:
    shelf.make(USB)
    await shelf.scan()
    _unplugged(shelf.folder)
    before = shelf.bytes()
    report = await shelf.scan(dry_run=True)
    assert len(report.offline) == 1 and report.plan.missing == 0
    assert shelf.bytes() == before


async def test_a_library_that_was_always_empty_is_not_offline(shelf: Shelf) -> None:
    assert (await shelf.scan()).exit_code == 0
    assert (await shelf.scan()).exit_code == 0
    shelf.make({"a.jpg": 1})
    assert (await shelf.scan()).plan == Planned(new=1)


async def test_the_last_file_of_a_library_can_go_missing_where_something_else_is_left(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "notes.txt": b"still here"})
    await shelf.scan()
    (shelf.folder / "a.jpg").unlink()
    assert (await shelf.scan()).plan == Planned(missing=1)


async def test_a_root_that_became_a_file_is_offline(shelf: Shelf) -> None:
    shelf.make(USB)
    await shelf.scan()
    _unplugged(shelf.folder)
    shelf.folder.write_bytes(b"a file")
    report = await shelf.scan()
    assert (report.exit_code, report.plan.missing) == (13, 0)


async def test_a_new_root_beside_one_that_was_never_seen_is_not_scanned(shelf: Shelf) -> None:
    shelf.make(USB)
    with pytest.raises(RootNotFound):
        await shelf.scan(shelf.folder, shelf.folder.parent / "never")
    assert shelf.rows("SELECT count(*) FROM scan") == [(0,)]


async def test_a_library_below_that_is_unplugged_is_not_emptied_by_a_root_above_it(shelf: Shelf) -> None:
    usb = shelf.folder / "usb"
    shelf.make({"usb": USB, "c.jpg": 3})
    await shelf.scan(usb)
    before = await shelf.tag_each()
    drawer = shelf.folder.parent / "drawer"
    usb.rename(drawer)
    usb.mkdir()
    with pytest.raises(
        VolumeOffline, match=r"it is empty, and held files before; .*; '.*' can take it over only while it is there"
    ):
        await shelf.scan()
    assert await shelf.states() == {"usb/a.jpg": "present", "usb/film/b.jpg": "present"}
    usb.rmdir()
    drawer.rename(usb)
    assert (await shelf.scan()).plan == Planned(new=1, unchanged=2)
    after = await shelf.items()
    assert {path: (after[path].id, after[path].tags) for path in before} == {path: (m.id, m.tags) for path, m in before.items()}


def test_an_unreadable_folder_leaves_what_is_known_below_it(shelf: Shelf) -> None:
    catalogue = shelf.config.catalog
    shelf.make({"open": {"a.jpg": 1}, "shut": {"b.jpg": 2, "deep": {"c.jpg": 3}}})
    assert mediaforge(catalogue, "scan", shelf.folder, lowly=True).code == 0
    (shelf.folder / "shut").chmod(0)
    (shelf.folder / "open" / "a.jpg").unlink()
    try:
        done = mediaforge(catalogue, "scan", shelf.folder, lowly=True)
        again = mediaforge(catalogue, "scan", shelf.folder, lowly=True)
    finally:
        (shelf.folder / "shut").chmod(0o755)
    assert done.code == 3 and f"{shelf.folder}/shut: cannot be read: Permission denied" in done.err
    assert again.code == 3
    assert shelf.rows("SELECT path_text FROM media WHERE missing_at IS NOT NULL") == [("open/a.jpg",)]
    assert mediaforge(catalogue, "scan", shelf.folder, lowly=True).code == 0


def test_an_unreadable_root_leaves_what_is_known_below_it(shelf: Shelf) -> None:
    shelf.make(USB)
    assert mediaforge(shelf.config.catalog, "scan", shelf.folder, lowly=True).code == 0
    shelf.folder.chmod(0)
    try:
        done = mediaforge(shelf.config.catalog, "scan", shelf.folder, lowly=True)
    finally:
        shelf.folder.chmod(0o755)
    assert done.code in (3, 13) and "Permission denied" in done.err
    assert shelf.rows("SELECT count(*) FROM media WHERE missing_at IS NOT NULL") == [(0,)]


def test_an_unreadable_file_is_told_once_and_read_when_it_may_be(shelf: Shelf) -> None:
    shelf.make(USB)
    (shelf.folder / "a.jpg").chmod(0)
    first = mediaforge(shelf.config.catalog, "scan", shelf.folder, lowly=True)
    assert first.code == 3 and f"{shelf.folder}/a.jpg: Permission denied" in first.err
    assert mediaforge(shelf.config.catalog, "scan", shelf.folder, lowly=True).code == 0
    (shelf.folder / "a.jpg").chmod(0o644)
    assert mediaforge(shelf.config.catalog, "scan", shelf.folder, lowly=True).code == 0
    assert shelf.rows("SELECT count(*) FROM media WHERE facts_failure IS NULL AND width = 48") == [(2,)]


async def test_a_folder_moved_from_an_offline_library_is_not_guessed_from(shelf: Shelf) -> None:
    """A backup of an unplugged disk is a copy, not a move: the disk still has its files."""
    usb, home = shelf.folder / "usb", shelf.folder / "home"
    shelf.make({"usb": USB, "home": {"c.jpg": 3}})
    await shelf.scan(usb, home)
    before = await shelf.tag_each()
    shutil.copytree(usb, home / "backup")
    _unmounted(usb)
    report = await shelf.scan(usb, home)
    assert (report.plan.new, report.plan.moved, report.plan.missing) == (2, 0, 0)
    after = await shelf.items()
    assert {path: (after[path].id, after[path].tags) for path in before} == {path: (m.id, m.tags) for path, m in before.items()}
    assert after["usb/a.jpg"].state == "offline"


def test_make_pictures_makes_what_the_tests_mean(tmp_path: Path) -> None:
    """Equal seeds are equal files and others are not, on which the tests of identity stand."""
    folder = make_pictures(tmp_path / "x", {"a.jpg": 1, "b.jpg": 1, "c.jpg": 2})
    data = [(folder / name).read_bytes() for name in ("a.jpg", "b.jpg", "c.jpg")]
    assert data[0] == data[1] != data[2]
    assert os.path.getsize(folder / "a.jpg") > 300
