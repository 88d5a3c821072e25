"""Tags themselves: renamed, merged, deleted, called otherwise, coloured, described; all of it taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import pytest
from shelf import Pictures, Shelf, check, make_bearing

from mediaforge.errors import LaterEdits, NothingMatched, UsageError
from mediaforge.operations import collections, rules, taxonomy
from mediaforge.operations.catalogues import Catalogue, opened
from mediaforge.operations.edit import Edited
from mediaforge.operations.tags import add_tags, list_tags, remove_tags, replace_tag, tag_tree
from mediaforge.operations.undo import list_changes, redo, undo

TREE: Pictures = {"a.jpg": 1, "b.jpg": 2, "c.jpg": 3, "d.jpg": 4}


@asynccontextmanager
async def filled(shelf: Shelf, **tagged: str) -> AsyncIterator[Catalogue]:
    """Scan TREE, tag its items (by the letter that they are called), and open its catalogue."""
    shelf.make(TREE)
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        for letters, names in tagged.items():
            await add_tags(catalogue, names, [anyone(letters)])
        yield catalogue


def anyone(letters: str) -> str:
    return " OR ".join(f"name:{letter}.jpg" for letter in letters)


async def borne(shelf: Shelf) -> dict[str, str]:
    """Return the tags of each item, by the letter that it is called."""
    return {path[0]: " ".join(media.tags) for path, media in (await shelf.items()).items() if media.tags}


async def names(catalogue: Catalogue) -> list[str]:
    return [tag.name for tag in await list_tags(catalogue, every=True)]


STATE = (
    "SELECT id, key, name, description, colour FROM tag ORDER BY 1",
    "SELECT key, name, tag_id FROM tag_alias ORDER BY 1",
    "SELECT media_id, tag_id, source, rule_id FROM media_tag ORDER BY 1, 2",
    "SELECT media_id, tag_id FROM media_tag_refused ORDER BY 1, 2",
    "SELECT id, query FROM tag_rule ORDER BY 1",
    "SELECT rule_id, tag_id FROM tag_rule_tag ORDER BY 1, 2",
)


def state(shelf: Shelf) -> list[Any]:
    """Return all that tags are and do."""
    return [shelf.rows(sql) for sql in STATE]


# Replace.


async def test_replace_changes_only_those_of_the_targets_that_have_the_tag(shelf: Shelf) -> None:
    async with filled(shelf, ab="old", c="other") as catalogue:
        assert await replace_tag(catalogue, "old", "new,x", ["-name:b.jpg"]) == Edited(matched=1, changed=1)
        assert await borne(shelf) == {"a": "new x", "b": "old", "c": "other"}
        await undo(catalogue)
        assert await borne(shelf) == {"a": "old", "b": "old", "c": "other"}
        with pytest.raises(NothingMatched, match="none of these items has the tag 'old'"):
            await replace_tag(catalogue, "old", "new", ["name:c.jpg"])
        with pytest.raises(NothingMatched, match="no tag 'odl'; did you mean 'old'"):
            await replace_tag(catalogue, "odl", "new", ["name:c.jpg"])


# List, as a list and as a tree.


async def test_a_tag_that_no_item_bears_is_listed_only_where_it_is_asked_for(shelf: Shelf) -> None:
    async with filled(shelf, a="x", b="y") as catalogue:
        await remove_tags(catalogue, "y", ["is:any"])
        assert [tag.name for tag in await list_tags(catalogue)] == ["x"]
        assert await names(catalogue) == ["x", "y"]
    (shelf.folder / "a.jpg").unlink()
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        assert [(tag.name, tag.items) for tag in await list_tags(catalogue)] == [("x", 0)], "a missing item bears it"


async def test_the_tree_counts_each_item_once_at_every_level(shelf: Shelf) -> None:
    async with filled(shelf, ab="Travel/Italy", b="Travel/Italy/Rome", c="travel/Japan,Work", d="Travel2") as catalogue:
        tree = [(one.path, one.depth, one.tag.items if one.tag else None, one.items) for one in await tag_tree(catalogue)]
    assert tree == [
        ("Travel", 0, None, 3),
        ("Travel/Italy", 1, 2, 2),
        ("Travel/Italy/Rome", 2, 1, 1),
        ("travel/Japan", 1, 1, 1),
        ("Travel2", 0, 1, 1),
        ("Work", 0, 1, 1),
    ]


# Rename.


RENAMES = {
    "a tag": ("x", "y", ["y", "x2"]),
    "how it is written": ("x", "X", ["X", "x2"]),
    "accents": ("x", "x\u0301", ["x\u0301", "x2"]),
    "into a folder": ("x", "deep/down/x", ["deep/down/x", "x2"]),
}


@pytest.mark.parametrize("case", RENAMES)
async def test_rename_changes_what_a_tag_is_called_and_nothing_else(shelf: Shelf, case: str) -> None:
    old, new, after = RENAMES[case]
    async with filled(shelf, ab="x", c="x2") as catalogue:
        before = state(shelf)
        done = await taxonomy.rename(catalogue, old, new)
        assert (done.names, done.items) == ((after[0],), 2)
        assert sorted(await names(catalogue)) == sorted(after)
        await undo(catalogue)
        assert state(shelf) == before


async def test_rename_takes_with_it_all_that_is_below(shelf: Shelf) -> None:
    async with filled(shelf, a="Travel/Italy/Rome", b="Travel/Italy", c="Travelling", d="travel/japan") as catalogue:
        await taxonomy.rename(catalogue, "TRAVEL", "Trips/Abroad")
        assert await names(catalogue) == ["Travelling", "Trips/Abroad/Italy", "Trips/Abroad/Italy/Rome", "Trips/Abroad/japan"]
        await taxonomy.rename(catalogue, "trips/abroad/italy", "Trips/Abroad/Italy/All")
        assert (await borne(shelf))["a"] == "Trips/Abroad/Italy/All/Rome"
        assert set(await shelf.items("tag:trips/")) == {"a.jpg", "b.jpg", "d.jpg"}
        await undo(catalogue, last=2)
        assert (await borne(shelf))["a"] == "Travel/Italy/Rome"


async def test_rename_onto_another_tag_points_to_merge(shelf: Shelf) -> None:
    async with filled(shelf, a="x", b="y", c="x/sub", d="z/sub") as catalogue:
        before = state(shelf)
        for new in ("Y", "z"):
            with pytest.raises(
                UsageError, match=r"there is a tag '.*' already; to make one of both: mediaforge tag merge FROM"
            ):
                await taxonomy.rename(catalogue, "x", new)
        assert state(shelf) == before


async def test_rename_takes_a_name_that_is_nothing_to_anybody(shelf: Shelf) -> None:
    async with filled(shelf, a="x") as catalogue:
        await add_tags(catalogue, "typo", ["name:b.jpg"])
        await undo(catalogue)
        await taxonomy.rename(catalogue, "x", "typo")
        assert await names(catalogue) == ["typo"]
        await taxonomy.rename(catalogue, "typo", "x")
        await taxonomy.describe(catalogue, "x", "meant")
        await add_tags(catalogue, "y", ["name:c.jpg"])
        with pytest.raises(UsageError, match="there is a tag 'x' already"):
            await taxonomy.rename(catalogue, "y", "x")


async def test_two_tags_may_swap_their_names_in_undo_and_redo(shelf: Shelf) -> None:
    async with filled(shelf, a="x", b="y") as catalogue:
        await taxonomy.rename(catalogue, "x", "z")
        await taxonomy.rename(catalogue, "y", "x")
        await taxonomy.rename(catalogue, "z", "y")
        assert await borne(shelf) == {"a": "y", "b": "x"}
        await undo(catalogue, last=3)
        assert await borne(shelf) == {"a": "x", "b": "y"}
        await redo(catalogue, last=3)
        assert await borne(shelf) == {"a": "y", "b": "x"}


async def test_a_tag_that_is_not_there_is_told_with_the_nearest(shelf: Shelf) -> None:
    async with filled(shelf, a="Holiday", b="travel/italy") as catalogue:
        acts: Sequence[Callable[[str], Awaitable[object]]] = (
            lambda name: taxonomy.rename(catalogue, name, "y"),
            lambda name: taxonomy.merge(catalogue, [name], "travel/italy"),
            lambda name: taxonomy.merge(catalogue, ["travel/italy"], name),
            lambda name: taxonomy.delete(catalogue, name),
            lambda name: taxonomy.delete(catalogue, f"{name}/"),
            lambda name: taxonomy.alias(catalogue, "y", name),
            lambda name: taxonomy.colour(catalogue, name, "red"),
            lambda name: taxonomy.describe(catalogue, name, "words"),
            lambda name: taxonomy.show(catalogue, name),
        )
        for act in acts:
            with pytest.raises(NothingMatched, match="no tag 'holyday'; did you mean 'Holiday'") as told:
                await act("holyday")
            assert told.value.exit_code == 4
        assert [change.command for change in await list_changes(catalogue)] == [
            "tag add travel/italy name:b.jpg",
            "tag add Holiday name:a.jpg",
        ]


# Aliases.


async def test_an_alias_is_another_name_for_everything(shelf: Shelf) -> None:
    async with filled(shelf, a="New York", b="new york/zoo") as catalogue:
        await taxonomy.alias(catalogue, "NYC", "new york")
        assert [tag.aliases for tag in await list_tags(catalogue)] == [("NYC",), ()]
        for query in ("tag:nyc", "nyc", "tag:NYC"):
            assert set(await shelf.items(query)) == {"a.jpg"}
        assert set(await shelf.items("tag:nyc/")) == {"a.jpg", "b.jpg"}
        await add_tags(catalogue, "nyc", ["name:c.jpg"])
        assert await borne(shelf) == {"a": "New York", "b": "new york/zoo", "c": "New York"}
        await remove_tags(catalogue, "nyc", ["name:c.jpg"])
        await taxonomy.unalias(catalogue, "nyc")
        assert set(await shelf.items("tag:nyc")) == set()
        await undo(catalogue)
        assert set(await shelf.items("tag:nyc")) == {"a.jpg"}


async def test_an_alias_must_be_free(shelf: Shelf) -> None:
    async with filled(shelf, a="x", b="y") as catalogue:
        with pytest.raises(UsageError, match="there is a tag 'y' already; to make one of both: mediaforge tag merge 'y' 'x'"):
            await taxonomy.alias(catalogue, "y", "x")
        await taxonomy.alias(catalogue, "z", "x")
        with pytest.raises(UsageError, match="there is a tag 'Z' already"):
            await taxonomy.alias(catalogue, "Z", "y")
        assert (await taxonomy.alias(catalogue, "Z", "x")).names == (), "it is one already"
        with pytest.raises(NothingMatched, match="'y' is a tag, not an alias"):
            await taxonomy.unalias(catalogue, "y")
        with pytest.raises(NothingMatched, match="no alias 'w'; list them with: mediaforge tag alias"):
            await taxonomy.unalias(catalogue, "w")
        with pytest.raises(UsageError, match="'z' is an alias of 'x'; delete that, or: mediaforge tag alias --remove 'z'"):
            await taxonomy.delete(catalogue, "z")


async def test_a_tag_may_be_renamed_to_its_own_alias(shelf: Shelf) -> None:
    async with filled(shelf, a="new york") as catalogue:
        await taxonomy.alias(catalogue, "nyc", "new york")
        before = state(shelf)
        await taxonomy.rename(catalogue, "new york", "NYC")
        assert [(tag.name, tag.aliases) for tag in await list_tags(catalogue)] == [("NYC", ())]
        await undo(catalogue)
        assert state(shelf) == before


# Merge.


async def test_merge_puts_one_tag_in_the_place_of_others(shelf: Shelf) -> None:
    async with filled(shelf, ab="x", b="y,z", c="y", d="w") as catalogue:
        await taxonomy.alias(catalogue, "xx", "x")
        await taxonomy.colour(catalogue, "y", "red")
        await rules.add_rule(catalogue, "name:q*", ["x,w"])
        before = state(shelf)
        done = await taxonomy.merge(catalogue, ["x", "Y"], "z")
        assert (done.names, done.items) == (("x", "y"), 3)
        assert await borne(shelf) == {"a": "z", "b": "z", "c": "z", "d": "w"}
        found = {tag.name: tag for tag in await list_tags(catalogue, every=True)}
        assert set(found) == {"z", "w"} and (found["z"].aliases, found["z"].colour) == (("xx",), "red")
        assert [rule.rule.names for rule in await rules.list_rules(catalogue)] == [("w", "z")]
        check(shelf.config.catalog)
        await undo(catalogue)
        assert state(shelf) == before
        await redo(catalogue)
        assert await borne(shelf) == {"a": "z", "b": "z", "c": "z", "d": "w"}


async def test_merge_of_a_folder_keeps_its_levels(shelf: Shelf) -> None:
    async with filled(shelf, a="trips", b="trips/italy", c="travel/italy", d="trips/japan") as catalogue:
        await add_tags(catalogue, "travel", ["name:d.jpg"])
        before = state(shelf)
        assert (await taxonomy.merge(catalogue, ["trips/"], "travel", dry_run=True)).items == 3
        assert state(shelf) == before
        await taxonomy.merge(catalogue, ["trips/"], "travel")
        assert await borne(shelf) == {"a": "travel", "b": "travel/italy", "c": "travel/italy", "d": "travel travel/japan"}
        await undo(catalogue)
        assert await borne(shelf) == {"a": "trips", "b": "trips/italy", "c": "travel/italy", "d": "travel trips/japan"}


async def test_merge_into_itself_is_refused(shelf: Shelf) -> None:
    async with filled(shelf, a="x", b="y") as catalogue:
        before = state(shelf)
        with pytest.raises(UsageError, match="'x' cannot be merged into itself"):
            await taxonomy.merge(catalogue, ["y", "X"], "x")
        assert state(shelf) == before


async def test_saved_queries_are_left_and_told(shelf: Shelf) -> None:
    async with filled(shelf, a="x", b="y") as catalogue:
        await collections.create(catalogue, "best", query="(tag:X OR -tag:x/sub) kind:image")
        await rules.add_rule(catalogue, "tag:x", ["seen"])
        told = (
            "the query of the collection 'best' still says: (tag:X OR -tag:x/sub) kind:image",
            "the query of rule 1 still says: tag:x",
        )
        assert (await taxonomy.rename(catalogue, "x", "z", dry_run=True)).remarks == told
        assert (await taxonomy.merge(catalogue, ["x"], "y", dry_run=True)).remarks == told
        assert (await taxonomy.delete(catalogue, "x", dry_run=True)).remarks == told
        assert (await taxonomy.rename(catalogue, "x", "X")).remarks == (), "which finds it all the same"
        assert (await taxonomy.delete(catalogue, "y", dry_run=True)).remarks == ()


# Delete.


async def test_delete_takes_a_tag_off_and_forgets_it(shelf: Shelf) -> None:
    async with filled(shelf, ab="x", b="y,x/sub") as catalogue:
        await taxonomy.describe(catalogue, "x", "of no use")
        await taxonomy.alias(catalogue, "xx", "x")
        await rules.add_rule(catalogue, "name:q*", ["x"])
        await rules.add_rule(catalogue, "name:r*", ["x,y"])
        before = state(shelf)
        done = await taxonomy.delete(catalogue, "x")
        assert (done.names, done.items, done.remarks) == (("x",), 2, ("rule 1 gave nothing else and is removed: name:q*",))
        assert await borne(shelf) == {"b": "x/sub y"}
        assert await names(catalogue) == ["x/sub", "y"]
        assert [told.rule.names for told in await rules.list_rules(catalogue)] == [("y",)]
        check(shelf.config.catalog)
        await undo(catalogue)
        assert state(shelf) == before
        await redo(catalogue)
        assert await names(catalogue) == ["x/sub", "y"]
        await undo(catalogue)
        await taxonomy.delete(catalogue, "x/")
        assert await borne(shelf) == {"b": "y"}
        await undo(catalogue)
        assert state(shelf) == before


async def test_a_level_that_is_no_tag_is_deleted_with_all_below(shelf: Shelf) -> None:
    async with filled(shelf, a="travel/italy", b="travel/japan", c="work") as catalogue:
        with pytest.raises(NothingMatched, match="no tag 'travel'"):
            await taxonomy.delete(catalogue, "travel")
        assert (await taxonomy.delete(catalogue, "travel/")).names == ("travel/italy", "travel/japan")
        assert await borne(shelf) == {"c": "work"}


async def test_undo_of_a_deletion_does_not_take_a_name_that_is_taken_again(shelf: Shelf) -> None:
    async with filled(shelf, a="x") as catalogue:
        await taxonomy.delete(catalogue, "x")
        await add_tags(catalogue, "X", ["name:b.jpg"])
        deletion = (await list_changes(catalogue))[1]
        with pytest.raises(UsageError, match="there is another tag 'x' by now; give it another name first"):
            await undo(catalogue, deletion.id)
        await taxonomy.rename(catalogue, "X", "newer")
        await undo(catalogue, deletion.id)
        assert await borne(shelf) == {"a": "x", "b": "newer"}


async def test_redo_of_a_deletion_leaves_what_was_tagged_since(shelf: Shelf) -> None:
    async with filled(shelf, a="x") as catalogue:
        await taxonomy.delete(catalogue, "x")
        await undo(catalogue)
        await add_tags(catalogue, "x", ["name:b.jpg"])
        await redo(catalogue)
        assert await borne(shelf) == {"b": "x"}


async def test_undo_of_an_edit_whose_tag_was_deleted_says_so(shelf: Shelf) -> None:
    async with filled(shelf, a="x") as catalogue:
        await taxonomy.delete(catalogue, "x")
        with pytest.raises(LaterEdits, match=r"edit 2 \('tag delete x'\) changed the same of 1 item; undo that first"):
            await undo(catalogue, 1)


# What is said of a tag.


async def test_colour_and_description_are_said_and_taken_away(shelf: Shelf) -> None:
    async with filled(shelf, a="x") as catalogue:
        before = state(shelf)
        await taxonomy.colour(catalogue, "X", "RED")
        await taxonomy.colour(catalogue, "x", "#12AbeF")
        await taxonomy.describe(catalogue, "x", "  what is to be seen ")
        [tag] = await list_tags(catalogue)
        assert (tag.colour, tag.description) == ("#12abef", "what is to be seen")
        told = await taxonomy.show(catalogue, "x")
        assert (told.tag, told.below, told.sources, told.rules) == (tag, 1, {"person": 1}, [])
        await taxonomy.colour(catalogue, "x", None)
        await taxonomy.describe(catalogue, "x", None)
        assert state(shelf) == before
        await undo(catalogue, last=5)
        assert state(shelf) == before
        assert (await taxonomy.colour(catalogue, "x", None)).names == (), "nothing was changed"
        for shade in ("reddish", "#12345", "#1234567", "", "#ggg000"):
            with pytest.raises(UsageError, match="is no colour; write #rrggbb, or one of red, orange"):
                await taxonomy.colour(catalogue, "x", shade)
        with pytest.raises(UsageError, match="a description has words"):
            await taxonomy.describe(catalogue, "x", " ")


async def test_a_dry_run_of_anything_changes_nothing(shelf: Shelf) -> None:
    async with filled(shelf, a="x", b="y") as catalogue:
        await taxonomy.alias(catalogue, "z", "x")
        before = [*state(shelf), *shelf.rows("SELECT count(*) FROM change")]
        await taxonomy.rename(catalogue, "x", "w", dry_run=True)
        await taxonomy.merge(catalogue, ["x"], "y", dry_run=True)
        await taxonomy.delete(catalogue, "x", dry_run=True)
        await taxonomy.alias(catalogue, "v", "x", dry_run=True)
        await taxonomy.unalias(catalogue, "z", dry_run=True)
        await taxonomy.colour(catalogue, "x", "red", dry_run=True)
        await taxonomy.describe(catalogue, "x", "words", dry_run=True)
        await replace_tag(catalogue, "x", "new", ["is:any"], dry_run=True)
        assert [*state(shelf), *shelf.rows("SELECT count(*) FROM change")] == before


# What files say.


_WIDTHS = count(16, 16)


async def rescan(shelf: Shelf, **files: Sequence[str]) -> dict[str, str]:
    """Let files say these keywords, read them, and return the tags of each."""
    for letter, keywords in files.items():
        make_bearing(shelf.folder / f"{letter}.jpg", keywords, width=next(_WIDTHS))  # never of a size that was there before
    await shelf.scan()
    return await borne(shelf)


async def test_what_files_call_otherwise_stays_renamed(shelf: Shelf) -> None:
    assert await rescan(shelf, a=["beach", "Places|Rome"]) == {"a": "beach Places/Rome"}
    async with opened(shelf.config) as catalogue:
        done = await taxonomy.rename(catalogue, "beach", "Seaside")
        assert done.remarks == ("'beach' stays an alias, since files call it so",)
        await taxonomy.rename(catalogue, "places", "World")
        assert await rescan(shelf, a=["beach", "Places|Rome"], b=["Beach"]) == {"a": "Seaside World/Rome", "b": "Seaside"}
        await taxonomy.rename(catalogue, "seaside", "beach")
        assert [tag.aliases for tag in await list_tags(catalogue)] == [(), ("Places/Rome",)], "no file says seaside"


async def test_what_files_call_otherwise_stays_merged(shelf: Shelf) -> None:
    await rescan(shelf, a=["beach", "sun"], b=["sea"])
    async with opened(shelf.config) as catalogue:
        await remove_tags(catalogue, "sun", ["name:a.jpg"])
        await taxonomy.merge(catalogue, ["sea", "sun"], "beach")
        assert await borne(shelf) == {"a": "beach", "b": "beach"}
        assert await rescan(shelf, a=["beach", "sun"], b=["sea"]) == {"a": "beach", "b": "beach"}


async def test_what_files_say_is_not_brought_back_after_a_deletion(shelf: Shelf) -> None:
    await rescan(shelf, a=["beach", "sun"], b=["sun"])
    async with opened(shelf.config) as catalogue:
        await add_tags(catalogue, "beach", ["name:a.jpg", "OR", "name:b.jpg"])
        done = await taxonomy.delete(catalogue, "beach")
        assert done.remarks == ("1 file says 'beach', which is remembered as taken off there",)
        assert await rescan(shelf, a=["beach", "sun"], b=["sun"]) == {"a": "sun", "b": "sun"}
        assert [tag.name for tag in await list_tags(catalogue)] == ["sun"]
        assert await rescan(shelf, c=["beach"]) == {"a": "sun", "b": "sun", "c": "beach"}, "another file is another matter"


async def test_a_tag_of_a_person_that_the_file_says_too_stays_off(shelf: Shelf) -> None:
    await rescan(shelf, a=["beach"])
    async with opened(shelf.config) as catalogue:
        await add_tags(catalogue, "beach", ["is:any"])
        await remove_tags(catalogue, "beach", ["is:any"])
        assert await rescan(shelf, a=["beach"]) == {}


async def test_what_a_person_put_stays_the_persons_in_a_merge(shelf: Shelf) -> None:
    await rescan(shelf, a=["x", "y"], b=["x", "y"], c=["x"])
    async with opened(shelf.config) as catalogue:
        await add_tags(catalogue, "x", ["name:a.jpg"])
        await remove_tags(catalogue, "y", ["name:a.jpg", "OR", "name:b.jpg"])
        await taxonomy.merge(catalogue, ["x"], "y")
        sources = {path[0]: dict(media.tag_sources) for path, media in (await shelf.items()).items()}
        assert sources == {"a": {"y": "person"}, "b": {}, "c": {"y": "embedded"}}


async def test_a_keyword_with_a_comma_is_removed_by_its_name(shelf: Shelf) -> None:
    assert await rescan(shelf, a=["Smith, John"]) == {"a": "Smith, John"}
    async with opened(shelf.config) as catalogue:
        assert await remove_tags(catalogue, "smith, john", ["is:any"]) == Edited(matched=1, changed=1)
