"""Rules: what scans tag by themselves, and what they leave alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from shelf import Shelf, check, copy_away, make_bearing, on

from mediaforge.errors import NothingMatched, QueryError, UsageError
from mediaforge.events import Event, Planned, Progress, Remark
from mediaforge.operations import collections, taxonomy
from mediaforge.operations.catalogues import opened
from mediaforge.operations.rules import Ruled, add_rule, list_rules, remove_rule, run_rules, show_rule
from mediaforge.operations.search import show
from mediaforge.operations.tags import add_tags, list_tags, remove_tags
from mediaforge.operations.undo import list_changes, redo, undo


async def rule(shelf: Shelf, query: str, *names: str, existing: bool = False) -> Ruled:
    async with opened(shelf.config) as catalogue:
        return await add_rule(catalogue, query, names, existing=existing)


async def sources(shelf: Shelf) -> dict[str, Mapping[str, str]]:
    """Return who put which tags on each item that has any."""
    return {path: media.tag_sources for path, media in (await shelf.items()).items() if media.tags}


async def test_a_rule_tags_what_is_new_and_leaves_what_was_there(shelf: Shelf) -> None:
    shelf.make({"old.jpg": 1, "Holidays": {"a.jpg": 2}})
    await shelf.scan()
    assert await rule(shelf, "path:Holidays/ kind:image", "holiday,Trip/All", "seen") == Ruled((1,))
    shelf.make({"new.jpg": 3, "Holidays": {"b.jpg": 4}})
    report = await shelf.scan()
    assert report.tagged == 3
    given = {"holiday": "rule", "seen": "rule", "Trip/All": "rule"}
    assert await sources(shelf) == {"Holidays/b.jpg": given}
    assert (await shelf.scan()).tagged == 0
    check(shelf.config.catalog)


async def test_a_rule_tags_what_is_there_where_it_is_asked_to(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    await shelf.tag("seen", "name:a.jpg")
    assert await rule(shelf, "kind:image", "seen", existing=True) == Ruled((1,), items=1)
    assert await sources(shelf) == {"a.jpg": {"seen": "person"}, "b.jpg": {"seen": "rule"}}
    async with opened(shelf.config) as catalogue:
        await undo(catalogue)
        assert await list_rules(catalogue) == []
        assert await sources(shelf) == {"a.jpg": {"seen": "person"}}
        await redo(catalogue)
        [told] = await list_rules(catalogue)
        assert (told.rule.query, told.rule.names, told.items, told.problem) == ("kind:image", ("seen",), 1, None)
        assert await show_rule(catalogue, 1) == told


async def test_show_says_which_rule_put_a_tag_there(shelf: Shelf) -> None:
    await rule_before_anything(shelf)
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    await shelf.tag("mine", "is:any")
    async with opened(shelf.config) as catalogue:
        [item] = [media async for media in (await show(catalogue, ["is:any"])).items]
        assert item.rules == {"seen": (1, "kind:image")}
        await remove_rule(catalogue, 1)
        [item] = [media async for media in (await show(catalogue, ["is:any"])).items]
        assert item.rules == {"seen": (1, None)}, "it is not there any more"
        await undo(catalogue)
        [item] = [media async for media in (await show(catalogue, ["is:any"])).items]
        assert item.rules == {"seen": (1, "kind:image")}


async def rule_before_anything(shelf: Shelf, query: str = "kind:image", *names: str) -> None:
    """Make a rule in an empty catalogue."""
    await shelf.scan()
    await rule(shelf, query, *(names or ("seen",)))


async def test_what_was_read_again_is_asked_again_and_what_was_touched_is_not(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2, "c.jpg": 3})
    await shelf.scan()
    await rule(shelf, "kind:image", "seen")
    shelf.make({"b.jpg": 5})
    (shelf.folder / "c.jpg").rename(shelf.folder / "moved.jpg")
    await shelf.scan()
    assert set(await sources(shelf)) == {"b.jpg", "moved.jpg"}


async def test_a_file_that_cannot_be_read_is_asked_about_too(shelf: Shelf) -> None:
    await rule_before_anything(shelf, "name:broken*")
    shelf.make({"broken.mp4": b"\0\0\0\x18ftypmp42" + b"x" * 100})
    assert (await shelf.scan()).failed == 1
    assert set(await sources(shelf)) == {"broken.mp4"}


async def test_a_moved_file_is_asked_about_where_it_is_now(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    await rule(shelf, "path:Holidays/", "holiday")
    copy_away(shelf.folder / "a.jpg", shelf.folder / "Holidays" / "a.jpg")
    await shelf.scan()
    assert await sources(shelf) == {"Holidays/a.jpg": {"holiday": "rule"}}


async def test_what_a_person_took_off_is_not_put_back(shelf: Shelf) -> None:
    await rule_before_anything(shelf)
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        await remove_tags(catalogue, "seen", ["name:a.jpg"])
        await add_tags(catalogue, "seen", ["name:b.jpg"])
        await remove_tags(catalogue, "seen", ["name:b.jpg"])
    shelf.make({"a.jpg": 3, "b.jpg": 4})
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        await run_rules(catalogue)
    assert await sources(shelf) == {}
    async with opened(shelf.config) as catalogue:
        await undo(catalogue, last=3)
    assert await sources(shelf) == {"a.jpg": {"seen": "rule"}, "b.jpg": {"seen": "rule"}}


async def test_a_rule_never_takes_the_place_of_a_person_a_file_or_an_earlier_rule(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    make_bearing(shelf.folder / "b.jpg", ["seen"])
    await shelf.scan()
    await shelf.tag("seen", "name:a.jpg")
    await rule(shelf, "name:c*", "seen")
    await rule(shelf, "kind:image", "seen,all")
    shelf.make({"a.jpg": 2, "c.jpg": 3})
    make_bearing(shelf.folder / "b.jpg", ["seen"], width=64)
    await shelf.scan()
    expected = {"a.jpg": "person", "b.jpg": "embedded", "c.jpg": "rule"}
    assert {path: given["seen"] for path, given in (await sources(shelf)).items()} == expected
    assert shelf.rows("SELECT DISTINCT rule_id FROM media_tag JOIN tag ON tag.id = tag_id WHERE key = 'seen'") == [
        (None,),
        (1,),
    ]


async def test_a_rule_may_build_on_an_earlier_one(shelf: Shelf) -> None:
    await rule_before_anything(shelf, "kind:image", "picture")
    await rule(shelf, "tag:picture name:a*", "first")
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    assert {path: set(given) for path, given in (await sources(shelf)).items()} == {
        "a.jpg": {"picture", "first"},
        "b.jpg": {"picture"},
    }


async def test_a_tag_of_a_rule_that_a_person_puts_there_too_is_the_persons(shelf: Shelf) -> None:
    await rule_before_anything(shelf)
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    await shelf.tag("seen", "is:any")
    who = "SELECT source, rule_id FROM media_tag"
    assert shelf.rows(who) == [("person", None)]
    async with opened(shelf.config) as catalogue:
        await undo(catalogue)
        assert shelf.rows(who) == [("rule", 1)]
        await redo(catalogue)
        await remove_rule(catalogue, 1, its_tags=True)
    assert shelf.rows(who) == [("person", None)]


QUERIES = {
    "a word": ("beach", {"x/beach one.jpg", "new beach.jpg"}),
    "words and a field": ('"beach one" kind:image', {"x/beach one.jpg"}),
    "a tag": ("tag:mine OR name:new*", {"new beach.jpg", "mine.jpg"}),
    "not": ("-beach", {"mine.jpg", "old.jpg", "y.jpg"}),
    "a folder": ("path:x/", {"x/beach one.jpg"}),
    "a collection": ("in:saved", {"x/beach one.jpg", "new beach.jpg"}),
    "a duplicate": ("is:duplicate", {"y.jpg", "old.jpg"}),
}


@pytest.mark.parametrize("name", QUERIES)
async def test_rules_find_what_searches_find(shelf: Shelf, name: str) -> None:
    query, expected = QUERIES[name]
    shelf.make({"mine.jpg": 1, "old.jpg": 2})
    await shelf.scan()
    await shelf.tag("mine", "name:mine.jpg")
    async with opened(shelf.config) as catalogue:
        await collections.create(catalogue, "saved", query="beach")
    await rule(shelf, query, "found")
    shelf.make({"x": {"beach one.jpg": 3}, "new beach.jpg": 4, "y.jpg": 2})
    await shelf.scan(full=True)
    assert set(await shelf.items("tag:found")) == expected == set(await shelf.items(query))


async def test_what_a_scan_did_not_come_to_is_asked_of_by_the_next(shelf: Shelf) -> None:
    await rule_before_anything(shelf)
    shelf.make({f"{number}.jpg": number for number in range(20)})
    stop = asyncio.Event()
    report = await shelf.scan(stop=stop, events=on(Progress, stop.set))
    assert report.cancelled and await sources(shelf) == {}
    assert report.done
    await shelf.scan()
    assert len(await sources(shelf)) == 20


async def test_a_dry_run_of_a_scan_tags_nothing(shelf: Shelf) -> None:
    await rule_before_anything(shelf)
    shelf.make({"a.jpg": 1})
    await shelf.scan(dry_run=True)
    assert shelf.rows("SELECT * FROM tag_rule_due") == []


async def test_a_rule_that_cannot_be_asked_any_more_is_told_of_and_left_out(shelf: Shelf) -> None:
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        await collections.create(catalogue, "best", query="kind:image")
        await add_rule(catalogue, "in:best", ["good"])
        await add_rule(catalogue, "kind:image", ["seen"])
        await collections.delete(catalogue, "best")
    shelf.make({"a.jpg": 1})
    heard: list[Event] = []
    report = await shelf.scan(events=heard.append)
    assert (report.exit_code, report.tagged) == (0, 1)
    remarks = [event.text for event in heard if isinstance(event, Remark)]
    said = (
        "rule 1 ('in:best') cannot be asked and was left out: no collection 'best'; list them with: mediaforge collection list"
    )
    assert remarks == [said]
    async with opened(shelf.config) as catalogue:
        assert (await list_rules(catalogue))[0].problem == "no collection 'best'; list them with: mediaforge collection list"
        assert (await run_rules(catalogue, dry_run=True)).remarks == (said,)
    assert not any(isinstance(event, Remark) for event in await scanned_again(shelf)), "nothing was asked"


async def scanned_again(shelf: Shelf) -> list[Event]:
    heard: list[Event] = []
    await shelf.scan(events=heard.append)
    assert any(isinstance(event, Planned) for event in heard)
    return heard


async def test_rules_run_where_they_are_asked_to(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    await rule(shelf, "name:a*", "one,both")
    await rule(shelf, "kind:image", "two,both")
    async with opened(shelf.config) as catalogue:
        assert (await run_rules(catalogue, [1], dry_run=True)).items == 1
        assert await sources(shelf) == {}
        assert await run_rules(catalogue) == Ruled((1, 2), items=2)
        every = {path: set(given) for path, given in (await sources(shelf)).items()}
        assert every == {"a.jpg": {"one", "two", "both"}, "b.jpg": {"two", "both"}}
        assert [told.items for told in await list_rules(catalogue)] == [1, 2]
        assert (await list_changes(catalogue))[0].command == "tag rule run"
        await undo(catalogue)
        assert await sources(shelf) == {}
        await run_rules(catalogue, [2])
        assert set((await sources(shelf))["a.jpg"]) == {"two", "both"}
        with pytest.raises(NothingMatched, match="no rule 3; list them with: mediaforge tag rule list"):
            await run_rules(catalogue, [2, 3])


async def test_a_rule_is_removed_with_its_tags_or_without(shelf: Shelf) -> None:
    await rule_before_anything(shelf)
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    await shelf.tag("seen", "name:b.jpg")
    before = await sources(shelf)
    async with opened(shelf.config) as catalogue:
        assert (await remove_rule(catalogue, 1)).remarks == ("what it put on 1 item stays; --tags takes it off",)
        assert await list_rules(catalogue) == [] and await sources(shelf) == before
        await undo(catalogue)
        assert await remove_rule(catalogue, 1, its_tags=True, dry_run=True) == Ruled((1,), items=1)
        await remove_rule(catalogue, 1, its_tags=True)
        assert await sources(shelf) == {"b.jpg": {"seen": "person"}}
        await undo(catalogue)
        assert await sources(shelf) == before
        assert [told.rule.id for told in await list_rules(catalogue)] == [1]
        with pytest.raises(NothingMatched, match="no rule 7; list them with: mediaforge tag rule list"):
            await remove_rule(catalogue, 7)


async def test_an_id_is_never_given_again(shelf: Shelf) -> None:
    await rule_before_anything(shelf)
    async with opened(shelf.config) as catalogue:
        await remove_rule(catalogue, 1)
        assert (await add_rule(catalogue, "kind:video", ["films"])).rules == (2,)
        await undo(catalogue, 2)
        assert [told.rule.id for told in await list_rules(catalogue)] == [1, 2]


async def test_a_renamed_tag_is_still_given(shelf: Shelf) -> None:
    await rule_before_anything(shelf)
    async with opened(shelf.config) as catalogue:
        await taxonomy.rename(catalogue, "seen", "looked at")
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    assert await sources(shelf) == {"a.jpg": {"looked at": "rule"}}


async def test_what_is_no_rule_is_told(shelf: Shelf) -> None:
    await rule_before_anything(shelf)
    async with opened(shelf.config) as catalogue:
        for query, names, error, said in (
            ("", ["x"], UsageError, "a rule needs a query; is:any is everything"),
            ("kind:film", ["x"], QueryError, "'film' does not fit here"),
            ("in:nowhere", ["x"], QueryError, "no collection 'nowhere'"),
            ("kind:image", ["x,"], UsageError, "'' is no tag"),
            ("kind:image", ["SEEN"], UsageError, "rule 1 does just that already"),
        ):
            with pytest.raises(error, match=said):
                await add_rule(catalogue, query, names)
        assert [tag.name for tag in await list_tags(catalogue, every=True)] == ["seen"]
        assert await add_rule(catalogue, "is:any", ["x"], existing=True, dry_run=True) == Ruled((2,))
        assert len(await list_rules(catalogue)) == 1
        await remove_rule(catalogue, 1)
        with pytest.raises(NothingMatched, match="no rules yet; make one with"):
            await run_rules(catalogue)
