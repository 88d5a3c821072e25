"""A scan finds what changed, reads only that, and says so."""

from __future__ import annotations

import dataclasses
import logging
import os
import re
import shutil
from pathlib import Path

import pytest
from shelf import Pictures, Shelf, check, names, on

from mediaforge.errors import RootNotFound, UsageError
from mediaforge.events import Counted, Event, Planned, Progress, ScanStarted, Trouble
from mediaforge.operations.catalogues import opened
from mediaforge.operations.scan import ScanReport
from mediaforge.operations.scans import show_scan
from mediaforge.scan.plan import Action

TREE: Pictures = {"a.jpg": 1, "b.jpg": 2, "trip": {"c.jpg": 3, "deep": {"d.jpg": 4}}}
ALL = ["a.jpg", "b.jpg", "trip/c.jpg", "trip/deep/d.jpg"]


async def test_the_first_scan_reads_everything_and_the_second_nothing(shelf: Shelf) -> None:
    shelf.make({**TREE, "notes.txt": b"no media", ".hidden.jpg": 9, "@eaDir": {"x.jpg": 9}})
    first = await shelf.scan()
    assert (first.plan, first.found, first.done, first.exit_code) == (Planned(new=4), 4, 4, 0)
    items = await shelf.items("kind:image")
    assert names(items) == ALL
    assert all(media.facts.width == 48 and media.fingerprint for media in items.values())
    before = shelf.checksum(), shelf.checksum("stream")
    second = await shelf.scan()
    assert (second.plan, second.done, second.failed, second.exit_code) == (Planned(unchanged=4), 0, 0, 0)
    assert (shelf.checksum(), shelf.checksum("stream")) == before
    check(shelf.config.catalog)


AHEAD = re.compile(r"(\d+) processes start ahead of their work, expecting (.*)")


@pytest.mark.parametrize(("pictures", "ahead"), [(0, []), (5, [("1", "nothing much")]), (40, [("2", "image")])])
async def test_readers_start_as_soon_as_there_is_something_to_read(
    shelf: Shelf, caplog: pytest.LogCaptureFixture, pictures: int, ahead: list[tuple[str, str]]
) -> None:
    shelf.make(TREE)
    await shelf.scan()
    shelf.make({f"{number}.jpg": 10 + number for number in range(pictures)})
    with caplog.at_level(logging.DEBUG, "mediaforge.build.pool"):
        report = await Shelf(shelf.folder, dataclasses.replace(shelf.config, jobs=2)).scan()
    assert report.done == pictures
    assert AHEAD.findall(caplog.text) == ahead


async def test_events_tell_what_happens_in_its_order(shelf: Shelf) -> None:
    shelf.make({**TREE, "broken.jpg": b"no picture"})
    heard: list[Event] = []
    report = await shelf.scan(events=heard.append)
    kinds = [type(event) for event in heard]
    assert kinds[0] is ScanStarted and kinds.index(Counted) < kinds.index(Planned) < kinds.index(Progress)
    assert heard[0] == ScanStarted(report.id, (os.fsencode(shelf.folder),))
    assert [event for event in heard if isinstance(event, Planned)] == [report.plan]
    assert [event.path for event in heard if isinstance(event, Trouble)] == [os.fsencode(shelf.folder / "broken.jpg")]
    last = heard[-1]
    assert isinstance(last, Progress) and (last.done, last.total, last.failed) == (5, 5, 1)
    assert sum(1 for event in heard if isinstance(event, Counted) and event.files == 5) >= 1


async def test_full_reads_every_file_again(shelf: Shelf) -> None:
    shelf.make(TREE)
    await shelf.scan()
    before = await shelf.tag_each()
    report = await shelf.scan(full=True)
    assert (report.done, report.plan) == (4, Planned(unchanged=4))
    assert await shelf.items() == before


async def test_a_dry_run_of_the_first_scan_leaves_no_catalogue(shelf: Shelf) -> None:
    shelf.make(TREE)
    report = await shelf.scan(dry_run=True)
    assert (report.plan, report.done) == (Planned(new=4), 0)
    assert shelf.bytes() == {}


async def test_a_dry_run_prints_the_plan_of_the_scan_and_writes_nothing(shelf: Shelf, tmp_path: Path) -> None:
    shelf.make({**TREE, "same.jpg": 5, "gone.jpg": 6})
    await shelf.scan()
    (shelf.folder / "b.jpg").write_bytes(b"other")
    (shelf.folder / "trip" / "c.jpg").rename(shelf.folder / "c2.jpg")
    (shelf.folder / "gone.jpg").unlink()
    shelf.make({"new.jpg": 7})
    before = shelf.bytes()
    rehearsed = await shelf.scan(dry_run=True)
    assert shelf.bytes() == before
    done = {(action, os.path.relpath(os.fsdecode(path), shelf.folder)) for action, path in rehearsed.actions}
    assert done == {
        (Action.CHANGED, "b.jpg"),
        (Action.MOVED, "c2.jpg"),
        (Action.MISSING, "gone.jpg"),
        (Action.NEW, "new.jpg"),
    }
    assert (await shelf.scan()).plan == rehearsed.plan


async def test_a_dry_run_tells_what_would_be_read(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": b"broken", "c.jpg": 3, "d.jpg": 4})
    assert (await shelf.scan(dry_run=True)).to_read == 4
    await shelf.scan()
    assert (await shelf.scan(dry_run=True)).to_read == 0
    assert (await shelf.scan(dry_run=True, retry=True)).to_read == 1
    assert (await shelf.scan(dry_run=True, full=True)).to_read == 4
    (shelf.folder / "a.jpg").unlink()
    shelf.make({"c.jpg": 5, "new.jpg": 6})
    os.utime(shelf.folder / "c.jpg", (1, 1))
    assert (await shelf.scan(dry_run=True)).to_read == 2
    assert (await shelf.scan(dry_run=True, full=True)).to_read == 4
    report = await shelf.scan(retry=True)
    assert (report.tried_again, report.known_failed) == (1, 1)


async def test_a_dry_run_of_two_new_roots_names_files_where_they_are(shelf: Shelf, tmp_path: Path) -> None:
    shelf.make({"one": {"a.jpg": 1}, "two": {"a.jpg": 2}})
    report = await shelf.scan(shelf.folder / "one", shelf.folder / "two", dry_run=True)
    assert {path for _action, path in report.actions} == {os.fsencode(shelf.folder / name / "a.jpg") for name in ("one", "two")}
    assert report.plan == Planned(new=2)


async def test_a_dry_run_of_a_root_above_libraries_has_the_same_plan(shelf: Shelf) -> None:
    shelf.make({"one": {"a.jpg": 1, "gone.jpg": 2}, "two": {"b.jpg": 3}, "c.jpg": 4})
    await shelf.scan(shelf.folder / "one", shelf.folder / "two")
    (shelf.folder / "one" / "gone.jpg").unlink()
    rehearsed = await shelf.scan(dry_run=True)
    assert rehearsed.plan == Planned(new=1, missing=1, unchanged=2)
    assert {os.path.relpath(os.fsdecode(path), shelf.folder) for _action, path in rehearsed.actions} == {
        "one/gone.jpg",
        "c.jpg",
    }
    assert (await shelf.scan()).plan == rehearsed.plan


async def test_a_changed_file_is_read_again_and_keeps_what_a_person_did(shelf: Shelf) -> None:
    shelf.make(TREE)
    await shelf.scan()
    before = (await shelf.tag_each())["a.jpg"]
    (shelf.folder / "a.jpg").unlink()
    shelf.make({"a.jpg": b""})
    shutil.copy(shelf.folder / "b.jpg", shelf.folder / "a.jpg")
    report = await shelf.scan()
    assert (report.plan, report.done) == (Planned(changed=1, unchanged=3), 1)
    after = (await shelf.items())["a.jpg"]
    assert (after.id, after.tags, after.added) == (before.id, before.tags, before.added)
    assert after.fingerprint == (await shelf.items())["b.jpg"].fingerprint != before.fingerprint


async def test_a_file_that_only_got_a_new_time_is_known_still(shelf: Shelf) -> None:
    shelf.make(TREE)
    await shelf.scan()
    before = await shelf.tag_each()
    os.utime(shelf.folder / "a.jpg", ns=(0, 1_600_000_000_123_456_789))
    report = await shelf.scan()
    assert report.plan.new == report.plan.moved == report.plan.missing == 0
    after = (await shelf.items())["a.jpg"]
    assert (after.id, after.tags) == (before["a.jpg"].id, before["a.jpg"].tags)
    assert after.modified.year == 2020
    assert (await shelf.scan()).plan == Planned(unchanged=4)


# What could not be read.


async def test_a_known_broken_file_is_no_news(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "broken.jpg": b"no picture at all"})
    first = await shelf.scan()
    assert (first.done, first.failed, first.known_failed, first.exit_code) == (1, 1, 0, 3)
    broken = (await shelf.items("is:failed"))["broken.jpg"]
    assert broken.failure == "unreadable" and broken.error
    second = await shelf.scan()
    assert (second.done, second.failed, second.known_failed, second.exit_code) == (0, 0, 1, 0)


async def test_retry_reads_a_broken_file_again(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "broken.jpg": b"no picture at all"})
    await shelf.scan()
    attempts = "SELECT facts_attempts FROM media WHERE path = CAST('broken.jpg' AS BLOB)"
    assert shelf.rows(attempts) == [(1,)]
    report = await shelf.scan(retry=True)
    assert (report.done, report.failed, report.known_failed, report.exit_code) == (0, 0, 1, 0)
    assert shelf.rows(attempts) == [(2,)]


async def test_a_mended_file_is_read(shelf: Shelf) -> None:
    shelf.make({"broken.jpg": b"no picture at all"})
    await shelf.scan()
    shelf.make({"broken.jpg": 3})
    report = await shelf.scan()
    assert (report.plan, report.done, report.known_failed, report.exit_code) == (Planned(changed=1), 1, 0, 0)
    assert await shelf.items("is:failed") == {}
    assert (await shelf.items())["broken.jpg"].facts.width == 48


async def test_a_file_that_broke_keeps_its_tags_and_is_told(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    before = (await shelf.tag_each())["a.jpg"]
    (shelf.folder / "a.jpg").write_bytes(b"overwritten by something")
    report = await shelf.scan()
    assert (report.failed, report.exit_code) == (1, 3)
    after = (await shelf.items())["a.jpg"]
    assert (after.id, after.tags, after.failure) == (before.id, before.tags, "unreadable")


async def test_a_file_that_vanishes_between_the_passes_is_told_and_missing_next(shelf: Shelf) -> None:
    shelf.make(TREE)
    report = await shelf.scan(events=on(Planned, (shelf.folder / "a.jpg").unlink))
    assert (report.done, report.failed, report.exit_code) == (3, 1, 3)
    async with opened(shelf.config) as catalogue:
        problems = (await show_scan(catalogue, report.id)).problems
    assert [(problem.path, problem.reason) for problem in problems] == [(os.fsencode(shelf.folder / "a.jpg"), "vanished")]
    again = await shelf.scan()
    assert (again.plan.missing, again.failed, again.exit_code) == (1, 0, 0)
    assert (await shelf.states())["a.jpg"] == "missing"


async def test_a_file_that_changes_between_the_passes_ends_as_it_is(shelf: Shelf) -> None:
    shelf.make(TREE)
    await shelf.scan(events=on(Planned, lambda: shelf.make({"a.jpg": 77})))
    await shelf.scan()
    assert (await shelf.scan()).plan == Planned(unchanged=4)
    shelf.make({"expected.jpg": 77})
    await shelf.scan()
    items = await shelf.items()
    assert items["a.jpg"].fingerprint == items["expected.jpg"].fingerprint


async def test_a_broken_file_stays_an_item_that_is_found_by_its_name(shelf: Shelf) -> None:
    shelf.make({"sunset beach.jpg": b"no picture"})
    await shelf.scan()
    assert names(await shelf.items("beach")) == ["sunset beach.jpg"]


# Roots.


def _write_as(shelf: Shelf, form: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HOME", str(shelf.folder.parent))
    monkeypatch.chdir(shelf.folder.parent)
    return {
        "absolute": str(shelf.folder),
        "trailing slash": f"{shelf.folder}/",
        "doubled slash": f"{shelf.folder.parent}//{shelf.folder.name}",
        "tilde": f"~/{shelf.folder.name}",
        "relative": shelf.folder.name,
        "dots": f"./{shelf.folder.name}/../{shelf.folder.name}/.",
    }[form]


@pytest.mark.parametrize("form", ["absolute", "trailing slash", "doubled slash", "tilde", "relative", "dots"])
async def test_a_root_is_the_same_however_it_is_written(shelf: Shelf, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan(_write_as(shelf, form, monkeypatch), dry_run=False)
    assert (await shelf.scan()).plan == Planned(unchanged=1)
    assert shelf.rows("SELECT root FROM library") == [(os.fsencode(shelf.folder),)]


async def test_a_partial_scan_speaks_only_of_what_is_below_it(shelf: Shelf) -> None:
    shelf.make(TREE)
    await shelf.scan()
    for name in ("a.jpg", "trip/deep/d.jpg"):
        (shelf.folder / name).unlink()
    report = await shelf.scan(shelf.folder / "trip")
    assert report.plan == Planned(missing=1, unchanged=1)
    assert await shelf.states() == {
        "a.jpg": "present",
        "b.jpg": "present",
        "trip/c.jpg": "present",
        "trip/deep/d.jpg": "missing",
    }
    assert len(shelf.rows("SELECT 1 FROM library")) == 1


async def test_a_folder_of_a_library_that_is_gone_takes_its_files_with_it(shelf: Shelf) -> None:
    shelf.make(TREE)
    await shelf.scan()
    shutil.rmtree(shelf.folder / "trip")
    report = await shelf.scan(shelf.folder / "trip")
    assert (report.plan, report.exit_code) == (Planned(missing=2), 0)


async def test_names_that_begin_alike_are_not_below_one_another(shelf: Shelf) -> None:
    shelf.make({"trip": {"a.jpg": 1}, "trip2": {"b.jpg": 2}, "trip.jpg": 3, "trip-x": {"c.jpg": 4}})
    await shelf.scan()
    shutil.rmtree(shelf.folder / "trip")
    (shelf.folder / "trip2" / "b.jpg").unlink()
    assert (await shelf.scan(shelf.folder / "trip")).plan == Planned(missing=1)


async def test_a_single_file_is_scanned_alone(shelf: Shelf) -> None:
    shelf.make(TREE)
    await shelf.scan()
    shelf.make({"a.jpg": 50, "b.jpg": 51})
    (shelf.folder / "trip" / "c.jpg").unlink()
    report = await shelf.scan(shelf.folder / "a.jpg")
    assert (report.plan, report.done) == (Planned(changed=1), 1)
    (shelf.folder / "a.jpg").unlink()
    assert (await shelf.scan(shelf.folder / "a.jpg")).plan == Planned(missing=1)


async def test_a_single_file_of_no_library_is_catalogued_and_its_neighbours_are_not(shelf: Shelf) -> None:
    shelf.make(TREE)
    report = await shelf.scan(shelf.folder / "b.jpg")
    assert (report.plan, report.done) == (Planned(new=1), 1)
    assert names(await shelf.items()) == ["b.jpg"]
    assert (await shelf.scan()).plan == Planned(new=3, unchanged=1)


async def test_a_root_above_libraries_takes_them_over_with_their_rows(shelf: Shelf) -> None:
    shelf.make({"one": {"a.jpg": 1, "gone.jpg": 2}, "two": {"b.jpg": 3}, "c.jpg": 4})
    await shelf.scan(shelf.folder / "one")
    await shelf.scan(shelf.folder / "two")
    (shelf.folder / "one" / "gone.jpg").unlink()
    await shelf.scan(shelf.folder / "one")
    before = await shelf.tag_each()
    report = await shelf.scan()
    assert report.plan == Planned(new=1, unchanged=2)
    after = await shelf.items()
    for path in ("one/a.jpg", "one/gone.jpg", "two/b.jpg"):
        assert (after[path].id, after[path].tags, after[path].state) == (before[path].id, before[path].tags, before[path].state)
    assert shelf.rows("SELECT slug FROM library") == [("shelf",)]
    assert names(await shelf.items("two")) == ["two/b.jpg"], "the words of the longer path are found"
    check(shelf.config.catalog)
    assert (await shelf.scan(shelf.folder / "one")).plan == Planned(unchanged=1)


async def test_of_overlapping_roots_the_outer_one_is_scanned(shelf: Shelf) -> None:
    shelf.make(TREE)
    report = await shelf.scan(shelf.folder / "trip", shelf.folder, shelf.folder)
    assert (report.plan, report.done) == (Planned(new=4), 4)
    assert len(shelf.rows("SELECT 1 FROM library")) == 1


async def test_two_parts_of_one_library_are_scanned_together(shelf: Shelf) -> None:
    shelf.make({"one": {"a.jpg": 1}, "two": {"b.jpg": 2}, "three": {"c.jpg": 3}})
    await shelf.scan()
    for name in ("one/a.jpg", "two/b.jpg", "three/c.jpg"):
        (shelf.folder / name).unlink()
    assert (await shelf.scan(shelf.folder / "one", shelf.folder / "two")).plan == Planned(missing=2)


async def test_libraries_of_the_same_name_get_slugs_of_their_own(shelf: Shelf) -> None:
    shelf.make({"x": {"Pictures": {"a.jpg": 1}}, "y": {"Pictures": {"b.jpg": 2}}})
    await shelf.scan(shelf.folder / "x/Pictures", shelf.folder / "y/Pictures")
    assert sorted(shelf.rows("SELECT slug FROM library")) == [("pictures",), ("pictures-2",)]


async def test_a_root_never_seen_that_is_not_there_is_a_mistake(shelf: Shelf) -> None:
    with pytest.raises(RootNotFound, match=r"no file or folder at '.*/nowhere'") as told:
        await shelf.scan(shelf.folder / "nowhere")
    assert told.value.exit_code == 2


async def test_a_root_that_is_no_file_is_a_mistake(shelf: Shelf) -> None:
    os.mkfifo(shelf.folder / "pipe.mp4")
    with pytest.raises(UsageError, match="neither a folder nor a file"):
        await shelf.scan(shelf.folder / "pipe.mp4")


# What is left out.


async def _left_out(shelf: Shelf, *exclude: str) -> ScanReport:
    shelf.make(TREE)
    await shelf.scan()
    shelf.make({"trip": {"new.jpg": 9}})
    return await shelf.scan(exclude=exclude)


async def test_exclude_leaves_known_files_as_they_were(shelf: Shelf) -> None:
    report = await _left_out(shelf, "trip/", "a.*")
    assert report.plan == Planned(unchanged=1, unknown=3)
    assert set((await shelf.states()).values()) == {"present"}
    assert report.exit_code == 0


async def test_a_mediaforgeignore_takes_files_out_of_the_library(shelf: Shelf) -> None:
    shelf.make({".mediaforgeignore": b"trip/\na.*\n"})
    report = await _left_out(shelf)
    assert names(await shelf.items("is:any")) == ["b.jpg"]
    (shelf.folder / ".mediaforgeignore").write_bytes(b"")
    await shelf.scan()
    before = await shelf.tag_each()
    (shelf.folder / ".mediaforgeignore").write_bytes(b"trip/\na.*\n")
    report = await shelf.scan()
    assert report.plan == Planned(missing=4, unchanged=1)
    (shelf.folder / ".mediaforgeignore").unlink()
    report = await shelf.scan()
    assert (report.plan, report.done) == (Planned(moved=4, unchanged=1), 0)
    assert {path: (m.id, m.tags) for path, m in (await shelf.items()).items()} == {
        path: (m.id, m.tags) for path, m in before.items()
    }


async def test_things_that_are_no_files_are_told_and_left_alone(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    os.mkfifo(shelf.folder / "stall.mp4")
    os.symlink(shelf.folder / "a.jpg", shelf.folder / "link.jpg")
    os.symlink(shelf.folder, shelf.folder / "loop")
    heard: list[Event] = []
    report = await shelf.scan(events=heard.append)
    assert (report.found, report.done) == (1, 1)
    assert [event.reason for event in heard if isinstance(event, Trouble)] == ["not-a-file"]


async def test_a_file_that_becomes_a_fifo_between_the_passes_does_not_stall(shelf: Shelf) -> None:
    shelf.make(TREE)

    def swap() -> None:
        (shelf.folder / "a.jpg").unlink()
        os.mkfifo(shelf.folder / "a.jpg")

    report = await shelf.scan(events=on(Planned, swap))
    assert (report.done, report.failed) == (3, 1)
    again = await shelf.scan()
    assert (await shelf.states())["a.jpg"] == "missing" and again.failed == 0


async def test_a_scan_leaves_statistics_for_the_query_planner(shelf: Shelf) -> None:
    shelf.make({f"{number}.jpg": number for number in range(40)})
    await shelf.scan()
    assert "ix_media_newest" in {row[0] for row in shelf.rows("SELECT idx FROM sqlite_stat1 WHERE tbl = 'media'")}
