"""A plan says what stays, why, and what is handed over; merging does it as one edit, or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from program import mediaforge
from shelf import Shelf, check
from test_dupes import age, dupes

from mediaforge.catalog.handover import Said
from mediaforge.errors import NothingMatched, PlanOutdated, UsageError
from mediaforge.model import MediaId
from mediaforge.operations import collections, correct
from mediaforge.operations.catalogues import opened
from mediaforge.operations.dupes_merge import Merged, merge
from mediaforge.operations.dupes_plan import File, HandOver, Plan, hand_over, make_plan, read_plan
from mediaforge.operations.tags import add_tags, remove_tags
from mediaforge.operations.undo import list_changes, redo, undo


async def planned(shelf: Shelf, keep: str = "best", *query: str) -> Plan:
    """Plan what to do with all copies."""
    groups = (await dupes(shelf, *query)).groups
    async with opened(shelf.config) as catalogue:
        return (await make_plan(catalogue, groups, keep, " ".join(query))).plan


async def merged(shelf: Shelf, plan: Plan, *, dry_run: bool = False) -> Merged:
    """Carry a plan out."""
    async with opened(shelf.config) as catalogue:
        return await merge(catalogue, plan, ["dupes", "merge", "plan.json"], dry_run=dry_run)


async def three(shelf: Shelf) -> dict[str, str]:
    """Make three copies of one picture, a the oldest, and return their ids."""
    shelf.make({"a.jpg": 1, "b.jpg": 1, "c.jpg": 1, "other.jpg": 2})
    for number, name in enumerate(("a.jpg", "b.jpg", "c.jpg")):
        age(shelf.folder / name, 1_600_000_000 + number)
    await shelf.scan()
    return {path: str(media) for path, media in (await shelf.ids()).items()}


def name(file: File) -> str:
    return os.path.basename(file.path)


@pytest.mark.parametrize(
    ("keep", "stays", "why"),
    [
        ("best", "a.jpg", "modified 2020-09-13, the others later"),
        ("oldest", "a.jpg", "it is the oldest"),
        ("newest", "c.jpg", "it is the newest"),
        ("path:b.jpg", "b.jpg", "it is in path:b.jpg"),
    ],
)
async def test_which_stays(shelf: Shelf, keep: str, stays: str, why: str) -> None:
    await three(shelf)
    (group,) = (await planned(shelf, keep)).groups
    assert (name(group.keep), group.keep.why) == (stays, (why,))
    assert sorted(map(name, group.others)) == sorted({"a.jpg", "b.jpg", "c.jpg"} - {stays})


async def test_a_group_with_no_copy_at_the_path_is_left_out(shelf: Shelf) -> None:
    shelf.make({"keep": {"a.jpg": 1}, "b.jpg": 1, "x.jpg": 2, "y.jpg": 2})
    await shelf.scan()
    groups = (await dupes(shelf)).groups
    async with opened(shelf.config) as catalogue:
        found = await make_plan(catalogue, groups, "path:keep/", "")
        assert [name(group.keep) for group in found.plan.groups] == ["a.jpg"] and found.left_out == 1
        for wrong in ("path:", "first", ""):
            with pytest.raises(UsageError, match="--keep takes best, oldest, newest"):
                await make_plan(catalogue, groups, wrong, "")


A, B = MediaId(7), MediaId(8)


@pytest.mark.parametrize(
    ("kept", "others", "given", "remarks"),
    [
        (Said(), [Said()], HandOver(), []),
        (Said(tags=("a",)), [Said(tags=("a", "b")), Said(tags=("c", "b"))], HandOver(tags=("b", "c")), []),
        (Said(refused=frozenset({"b"})), [Said(tags=("b", "c"))], HandOver(tags=("c",)), []),
        (Said(rating=3), [Said(rating=3, rated=True)], HandOver(), []),
        (Said(), [Said(rating=4)], HandOver(rating=4), []),
        (
            Said(),
            [Said(rating=2, rated=True), Said(rating=5)],
            HandOver(rating=2),
            ["rating 2, that of item 7, wins among 2 of item 7, 5 of item 8"],
        ),
        (
            Said(),
            [Said(rating=2, rated=True), Said(rating=4, rated=True)],
            HandOver(rating=4),
            ["rating 4, that of item 8, wins among 2 of item 7, 4 of item 8"],
        ),
        (
            Said(rating=1, rated=True),
            [Said(rating=5, rated=True)],
            HandOver(),
            ["rating 1, its own, wins among 1 of its own, 5 of item 7"],
        ),
        (
            Said(rating=1),
            [Said(rating=5, rated=True)],
            HandOver(rating=5),
            ["rating 5, that of item 7, wins among 1 of its own, 5 of item 7"],
        ),
        (Said(), [Said(note="sea")], HandOver(note="sea"), []),
        (Said(note="the sea"), [Said(note="sea")], HandOver(), []),
        (
            Said(note="mine"),
            [Said(note="a"), Said(note="b")],
            HandOver(note="a\nb"),
            ["all notes stay, one below the other: that of item 7, that of item 8"],
        ),
        (Said(), [Said(favourite=True)], HandOver(favourite=True), []),
        (Said(favourite=True), [Said(favourite=True)], HandOver(), []),
        (Said(), [Said(title="Sea"), Said(title="Sea")], HandOver(title="Sea"), []),
        (Said(), [Said(title="A"), Said(title="B")], HandOver(title="A"), ["title 'A' wins over 'A' of item 7, 'B' of item 8"]),
        (Said(title="Mine"), [Said(title="A")], HandOver(), ["title 'Mine' wins over 'A' of item 7"]),
        (Said(collections=("x",)), [Said(collections=("x", "y"))], HandOver(collections=("y",)), []),
    ],
)
def test_what_is_handed_over_and_who_wins(kept: Said, others: list[Said], given: HandOver, remarks: list[str]) -> None:
    assert hand_over(kept, list(zip((A, B), others, strict=False))) == (given, remarks)


async def said_of(shelf: Shelf, path: str) -> tuple[object, ...]:
    """Return all that a merge can change of an item."""
    one = (await shelf.items())[path]
    return sorted(one.tags), one.facts.rating, one.note, one.favourite, one.facts.title, sorted(one.collections)


async def test_merging_hands_everything_over_as_one_edit(shelf: Shelf, tmp_path: Path) -> None:
    ids = await three(shelf)
    async with opened(shelf.config) as catalogue:
        await add_tags(catalogue, "mine,sea", [ids["a.jpg"]])
        await remove_tags(catalogue, "sea", [ids["a.jpg"]])
        await add_tags(catalogue, "travel/italy,sea", [ids["b.jpg"]])
        await correct.rate(catalogue, "4", [ids["b.jpg"]])
        await correct.note(catalogue, "from anna", [ids["b.jpg"]])
        await correct.note(catalogue, "mine", [ids["a.jpg"]])
        await correct.favourite(catalogue, [ids["c.jpg"]])
        await correct.set_fields(catalogue, ["title=Low tide", ids["c.jpg"]])
        await collections.create(catalogue, "best")
        await collections.add(catalogue, "best", [ids["other.jpg"], ids["c.jpg"]])
    plan = await planned(shelf, "oldest")
    path = tmp_path / "plan.json"
    path.write_text(plan.to_json())
    assert read_plan(str(path)) == plan
    before, changes = await said_of(shelf, "a.jpg"), shelf.checksum("change")
    tried = await merged(shelf, plan, dry_run=True)
    assert await said_of(shelf, "a.jpg") == before and shelf.checksum("change") == changes
    done = await merged(shelf, plan)
    assert done == tried and (done.groups, done.items) == (1, 1)
    assert done.given == {"tag": 2, "rating": 1, "note": 1, "favourite": 1, "title": 1, "collection": 1}
    after = (["mine", "sea", "travel/italy"], 4, "mine\nfrom anna", True, "Low tide", ["best"])
    assert await said_of(shelf, "a.jpg") == after
    async with opened(shelf.config) as catalogue:
        shown = await collections.show(catalogue, "best")
        assert [str(media) for media in shown.hits.ids] == [ids["other.jpg"], ids["c.jpg"], ids["a.jpg"]]
        assert [change.command for change in await list_changes(catalogue, limit=1)] == ["dupes merge plan.json"]
        await undo(catalogue)
    assert await said_of(shelf, "a.jpg") == before
    async with opened(shelf.config) as catalogue:
        await redo(catalogue)
    assert await said_of(shelf, "a.jpg") == after
    check(shelf.config.catalog)
    changes = shelf.checksum("change")
    assert (await merged(shelf, plan)).items == 0 and shelf.checksum("change") == changes, "there is nothing left to hand over"


async def test_a_person_edits_the_plan(shelf: Shelf) -> None:
    await three(shelf)
    plain = json.loads((await planned(shelf)).to_json())
    plain["groups"][0]["hand_over"] |= {"tags": ["New One"], "note": "by hand", "rating": 5}
    await merged(shelf, Plan.model_validate_json(json.dumps(plain)))
    assert await said_of(shelf, "a.jpg") == (["New One"], 5, "by hand", False, None, [])
    async with opened(shelf.config) as catalogue:
        await undo(catalogue)
    assert await said_of(shelf, "a.jpg") == ([], None, None, False, None, [])
    assert shelf.rows("SELECT count(*) FROM tag") == [(0,)], "the tag that it made is taken back, too"


async def test_a_collection_that_is_not_there_stops_it_all(shelf: Shelf) -> None:
    ids = await three(shelf)
    plain = json.loads((await planned(shelf)).to_json())
    plain["groups"][0]["hand_over"] |= {"tags": ["x"], "collections": ["nowhere"]}
    with pytest.raises(NothingMatched, match="no collection 'nowhere'"):
        await merged(shelf, Plan.model_validate_json(json.dumps(plain)))
    async with opened(shelf.config) as catalogue:
        await collections.create(catalogue, "nowhere", query="is:any")
    with pytest.raises(UsageError, match="'nowhere' is a saved query"):
        await merged(shelf, Plan.model_validate_json(json.dumps(plain)))
    assert await said_of(shelf, "a.jpg") == ([], None, None, False, None, []) and ids


def _gone(shelf: Shelf) -> None:
    (shelf.folder / "b.jpg").unlink()


def _changed(shelf: Shelf) -> None:
    shelf.make({"b.jpg": 9})


def _moved(shelf: Shelf) -> None:
    (shelf.folder / "b.jpg").rename(shelf.folder / "moved.jpg")


@pytest.mark.parametrize(
    ("act", "why"), [(_gone, "is missing by now"), (_changed, "has changed since"), (_moved, "moved.jpg' by now")]
)
async def test_what_is_not_so_any_more_stops_it_all(shelf: Shelf, act: Callable[[Shelf], None], why: str) -> None:
    ids = await three(shelf)
    async with opened(shelf.config) as catalogue:
        await add_tags(catalogue, "sea", [ids["c.jpg"]])
    plan = await planned(shelf)
    act(shelf)
    await shelf.scan()
    with pytest.raises(PlanOutdated, match=why) as error:
        await merged(shelf, plan)
    assert "groups[0].others[0]) " in str(error.value) and "mediaforge dupes plan" in str(error.value)
    assert await said_of(shelf, "a.jpg") == ([], None, None, False, None, [])


async def test_an_item_that_was_forgotten_stops_it_all(shelf: Shelf) -> None:
    await three(shelf)
    plan = await planned(shelf)
    async with opened(shelf.config) as catalogue:
        await catalogue.execute("DELETE FROM media WHERE path_text = 'c.jpg'")
    with pytest.raises(PlanOutdated, match="is not in the catalogue any more"):
        await merged(shelf, plan)


def _edit(plain: dict[str, Any], path: str, value: object) -> None:
    *keys, last = path.split(".")
    for key in keys:
        plain = plain[int(key) if key.isdigit() else key]  # type: ignore[index]
    plain[int(last) if last.isdigit() else last] = value  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("mediaforge", "export", "mediaforge: input should be 'duplicates'"),
        ("version", 99, "was written by a newer MediaForge (version 99); update this program"),
        ("groups.0.keep.id", "one", "groups[0].keep.id: input should be a valid integer"),
        ("groups.0.keep.size", 2**64, "groups[0].keep.size: "),
        ("groups.0.others", [], "groups[0].others: tuple should have at least 1 item"),
        ("groups.0.hand_over.rating", 6, "groups[0].hand_over.rating: input should be less than or equal to 5"),
        ("groups.0.hand_over.tag", ["x"], "groups[0].hand_over.tag: extra inputs are not permitted"),
        ("groups.0.keep.path_base64", "?", "groups[0].keep.path_base64: it is not in base64"),
    ],
)
async def test_a_broken_plan_is_told_with_its_place(shelf: Shelf, tmp_path: Path, path: str, value: object, told: str) -> None:
    await three(shelf)
    plain = json.loads((await planned(shelf)).to_json())
    _edit(plain, path, value)
    (tmp_path / "plan.json").write_text(json.dumps(plain))
    with pytest.raises(UsageError) as error:
        read_plan(str(tmp_path / "plan.json"))
    assert told in str(error.value) and str(error.value).startswith(f"the plan '{tmp_path}/plan.json' ")


@pytest.mark.parametrize("text", [b"", b"{", b'{"mediaforge": ', b"\xff\xfe", b"[]", b'{"groups": [}\n'])
def test_what_is_no_plan(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "plan.json").write_bytes(text)
    with pytest.raises(UsageError, match="is broken at"):
        read_plan(str(tmp_path / "plan.json"))
    with pytest.raises(UsageError, match="cannot be read: no such file"):
        read_plan(str(tmp_path / "none.json"))


async def test_an_item_with_two_parts_to_play(shelf: Shelf) -> None:
    await three(shelf)
    plain = json.loads((await planned(shelf)).to_json())
    plain["groups"][0]["others"][1] = plain["groups"][0]["keep"]
    with pytest.raises(UsageError, match=r"stands twice in the plan, at groups\[0\].keep and groups\[0\].others\[1\]"):
        await merged(shelf, Plan.model_validate_json(json.dumps(plain)))


async def test_names_that_are_no_text_come_through(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 1})
    os.rename(shelf.folder / "b.jpg", os.path.join(os.fsencode(shelf.folder), b"b\xff.jpg"))
    await shelf.scan()
    plan = await planned(shelf)
    files = [plan.groups[0].keep, *plan.groups[0].others]
    assert {file.name for file in files} == {os.path.join(os.fsencode(shelf.folder), one) for one in (b"a.jpg", b"b\xff.jpg")}
    assert Plan.model_validate_json(plan.to_json()) == plan
    assert (await merged(shelf, plan)).items == 0


async def test_names_of_one_file_are_told(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 1})
    os.link(shelf.folder / "a.jpg", shelf.folder / "link.jpg")
    await shelf.scan()
    (group,) = (await planned(shelf, "path:a.jpg")).groups
    links = {name(file): file.same_as for file in (group.keep, *group.others)}
    ids = await shelf.ids()
    assert links["b.jpg"] is None and {links["a.jpg"], links["link.jpg"]} <= {None, ids["a.jpg"], ids["link.jpg"]}
    assert sum(one is not None for one in links.values()) == 1


def test_no_file_is_touched(shelf: Shelf, tmp_path: Path) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 1})
    catalogue, plan = shelf.config.catalog, tmp_path / "plan.json"
    mediaforge(catalogue, "scan", shelf.folder)
    mediaforge(catalogue, "tag", "add", "sea", "name:a.jpg")

    def state() -> list[tuple[str, int, int]]:
        return sorted((path.name, path.stat().st_mtime_ns, path.stat().st_ino) for path in shelf.folder.iterdir())

    before = state()
    assert mediaforge(catalogue, "dupes", "plan", "--keep", "path:b.jpg", "-o", plan).code == 0
    assert mediaforge(catalogue, "dupes", "merge", plan).err == "handed over 1 tag to 1 item; undo with: mediaforge undo\n"
    assert state() == before
