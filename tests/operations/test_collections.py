"""Collections: by hand in their order, smart ones, folders of them; in queries, and taken back."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from shelf import Pictures, Shelf, check

from mediaforge.errors import LaterEdits, NothingMatched, QueryError, UsageError
from mediaforge.operations import collections
from mediaforge.operations.catalogues import Catalogue, opened
from mediaforge.operations.collections import Place
from mediaforge.operations.edit import Edited
from mediaforge.operations.prune import prunable, prune
from mediaforge.operations.rules import add_rule
from mediaforge.operations.search import search
from mediaforge.operations.undo import list_changes, redo, undo

TREE: Pictures = {"a.jpg": 1, "b.jpg": 2, "c.jpg": 3, "d.jpg": 4, "x": {"e.jpg": 5, "f.jpg": 6}}


@asynccontextmanager
async def filled(shelf: Shelf, **inside: str) -> AsyncIterator[Catalogue]:
    """Scan TREE, make collections with items (by their letters) in them, and open the catalogue."""
    shelf.make(TREE)
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        for name, letters in inside.items():
            await collections.create(catalogue, name)
            if letters:
                await collections.add(catalogue, name, await ids(shelf, letters))
        yield catalogue


async def ids(shelf: Shelf, letters: str) -> list[str]:
    """Return the ids of items by their letters, in that order, as they are typed."""
    known = {os.path.basename(path)[0]: str(media) for path, media in (await shelf.ids()).items()}
    return [known[letter] for letter in letters]


async def inside(catalogue: Catalogue, name: str, *, limit: int = 0) -> str:
    """Return the letters of what is in a collection, in its order."""
    shown = await collections.show(catalogue, name, limit=limit)
    return "".join([os.path.basename(media.path).decode()[0] async for media in shown.hits.items])


async def found(catalogue: Catalogue, *query: str) -> str:
    hits = await search(catalogue, query, sort="name")
    return "".join([os.path.basename(media.path).decode()[0] async for media in hits.items])


STATE = (
    "SELECT id, key, name, description, query, sort FROM collection ORDER BY 1",
    "SELECT collection_id, media_id, position FROM collection_media ORDER BY 1, 3, 2",
)


def state(shelf: Shelf) -> list[object]:
    return [shelf.rows(sql) for sql in STATE]


# By hand.


async def test_items_come_in_the_order_in_which_they_are_told(shelf: Shelf) -> None:
    async with filled(shelf, trip="") as catalogue:
        assert await collections.add(catalogue, "Trip", await ids(shelf, "cab")) == Edited(3, 3)
        assert await collections.add(
            catalogue, "trip", [*await ids(shelf, "d"), str(shelf.folder / "x"), *await ids(shelf, "c")]
        ) == Edited(4, 3)
        assert await inside(catalogue, "trip") == "cabdef"
        await collections.create(catalogue, "named")
        await collections.add(catalogue, "named", ["-path:x/"], sort="name:desc")
        assert await inside(catalogue, "named") == "dcba"
        assert await inside(catalogue, "named", limit=3) == "dcb"
        assert (await shelf.items("name:c.jpg"))["c.jpg"].collections == ("named", "trip")


async def test_what_a_query_finds_comes_newest_first(shelf: Shelf) -> None:
    shelf.make(TREE)
    for days, name in enumerate(("b.jpg", "d.jpg", "a.jpg")):
        os.utime(shelf.folder / name, (days * 86400, days * 86400))
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        await collections.create(catalogue, "old")
        await collections.add(catalogue, "old", ["taken:..1971"])
        assert await inside(catalogue, "old") == "adb"


MOVES = {
    "to the beginning": ("d", Place(to=1), "dabcef"),
    "to the end": ("a", Place(to=6), "bcdefa"),
    "past the end": ("a", Place(to=99), "bcdefa"),
    "down": ("b", Place(to=4), "acdbef"),
    "up": ("e", Place(to=2), "aebcdf"),
    "several, as they stand": ("fb", Place(to=1), "bfacde"),
    "before": ("a", Place(before=5), "bcdaef"),
    "behind": ("f", Place(after=1), "afbcde"),
    "where it is": ("c", Place(to=3), "abcdef"),
}


@pytest.mark.parametrize("case", MOVES)
async def test_items_move_in_a_collection(shelf: Shelf, case: str) -> None:
    moved, place, after = MOVES[case]
    async with filled(shelf, trip="abcdef") as catalogue:
        letters = {letter: int(number) for letter, number in zip("abcdef", await ids(shelf, "abcdef"), strict=True)}
        there = Place(place.to, *(letters["abcdef"[n - 1]] if n else None for n in (place.before, place.after)))
        before = state(shelf)
        assert (await collections.move(catalogue, "trip", await ids(shelf, moved), there, dry_run=True)).matched == len(moved)
        assert state(shelf) == before
        await collections.move(catalogue, "trip", await ids(shelf, moved), there)
        assert await inside(catalogue, "trip") == after
        if after != "abcdef":
            await undo(catalogue)
            assert state(shelf) == before
            await redo(catalogue)
            assert await inside(catalogue, "trip") == after


async def test_a_move_counts_what_is_shown(shelf: Shelf) -> None:
    async with filled(shelf, trip="abcdef") as catalogue:
        (shelf.folder / "a.jpg").unlink()
        (shelf.folder / "c.jpg").unlink()
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        shown = await collections.show(catalogue, "trip")
        assert (len(shown.hits.ids), shown.missing) == (4, 2)
        await collections.move(catalogue, "trip", await ids(shelf, "f"), Place(to=2))
        assert await inside(catalogue, "trip") == "bfde"
        assert await found(catalogue, "in:trip", "is:missing") == "ac"


async def test_a_move_to_what_is_not_in_it_is_refused(shelf: Shelf) -> None:
    async with filled(shelf, trip="abc") as catalogue:
        [d, a] = await ids(shelf, "da")
        for other in (int(d), int(a), 99):
            with pytest.raises(UsageError, match=f"item {other} is not in the collection 'trip', or is moved itself"):
                await collections.move(catalogue, "trip", [a], Place(before=other))
        with pytest.raises(NothingMatched, match="nothing of that is in the collection 'trip', so nothing was changed"):
            await collections.move(catalogue, "trip", [d], Place(to=1))


async def test_items_that_are_removed_and_brought_back_stand_where_they_stood(shelf: Shelf) -> None:
    async with filled(shelf, trip="abcdef", named="a") as catalogue:
        assert await collections.remove(catalogue, "trip", ["name:b.jpg OR name:e.jpg"]) == Edited(2, 2)
        assert await inside(catalogue, "trip") == "acdf"
        await collections.move(catalogue, "trip", await ids(shelf, "f"), Place(to=1))
        assert await inside(catalogue, "trip") == "facd"
        removal = (await list_changes(catalogue))[1].id
        await undo(catalogue, removal)
        assert await inside(catalogue, "trip") == "fbaced", "the others keep the order of now"
        with pytest.raises(NothingMatched, match="nothing of that is in the collection"):
            await collections.remove(catalogue, "named", ["name:f.jpg"])


async def test_undo_of_an_addition_that_was_moved_since_says_so(shelf: Shelf) -> None:
    async with filled(shelf, trip="abc") as catalogue:
        await collections.move(catalogue, "trip", await ids(shelf, "c"), Place(to=1))
        addition = (await list_changes(catalogue))[1].id
        with pytest.raises(LaterEdits, match="changed the same of 3 items"):
            await undo(catalogue, addition)


# The collections themselves.


async def test_a_collection_is_made_changed_and_deleted(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        empty = state(shelf)
        await collections.create(catalogue, " Best  of / 2021 ", query="kind:image", sort="name:desc", description=" the best ")
        [listed] = await collections.list_collections(catalogue)
        one = listed.collection
        assert (one.name, one.query, one.sort, one.description) == ("Best of/2021", "kind:image", "name:desc", "the best")
        assert (listed.items, await inside(catalogue, "best OF/2021")) == (6, "fedcba")
        await collections.change(catalogue, "best of/2021", query="path:x/", description="")
        assert await inside(catalogue, "best of/2021") == "fe"
        await collections.delete(catalogue, "best of/2021")
        assert state(shelf) == empty
        await undo(catalogue)
        assert await inside(catalogue, "best of/2021") == "fe"
        await undo(catalogue)
        assert await inside(catalogue, "best of/2021") == "fedcba"
        await undo(catalogue)
        assert state(shelf) == empty
        await redo(catalogue, last=3)
        assert state(shelf) == empty


async def test_what_cannot_be_is_told(shelf: Shelf) -> None:
    async with filled(shelf, trip="a", other="") as catalogue:
        await collections.create(catalogue, "best", query="kind:image")
        before = state(shelf)
        here = catalogue
        for act, error, said in (
            (collections.create(here, "TRIP"), UsageError, "there is a collection 'trip' already; choose another name"),
            (collections.create(here, "a//b"), UsageError, "'a//b' is no name of a collection"),
            (collections.create(here, "x", query=" "), UsageError, "a smart collection needs a query"),
            (collections.create(here, "x", query="kind:film"), QueryError, "'film' does not fit here"),
            (collections.create(here, "x", query="in:y"), QueryError, "no collection 'y'"),
            (collections.create(here, "x", sort="name"), UsageError, "--sort is for a collection with a --query"),
            (collections.create(here, "x", query="a", sort="nmae"), UsageError, "did you mean 'name'"),
            (collections.change(here, "trip", query="a"), UsageError, "'trip' is made by hand"),
            (collections.change(here, "trip"), UsageError, "nothing to change"),
            (collections.change(here, "tirp", query="a"), NothingMatched, "no collection 'tirp'; did you mean 'trip'"),
            (
                collections.add(here, "best", ["is:any"]),
                UsageError,
                "'best' is a saved query, and nothing is put into it by hand",
            ),
            (collections.remove(here, "best", ["is:any"]), UsageError, "'best' is a saved query"),
            (
                collections.add(here, "zzz", ["is:any"]),
                NothingMatched,
                "no collection 'zzz'; list them with: mediaforge collection",
            ),
            (collections.add(here, "trip", ["nosuchword"]), NothingMatched, "nothing matches 'nosuchword'"),
            (collections.rename(here, "trip", "Other"), UsageError, "there is a collection 'other' already"),
            (collections.rename(here, "tirp", "x"), NothingMatched, "did you mean 'trip'"),
            (collections.delete(here, "tirp"), NothingMatched, "did you mean 'trip'"),
            (collections.delete(here, "tirp/"), NothingMatched, "no collection 'tirp/'; did you mean 'trip'"),
            (collections.show(here, "tirp"), NothingMatched, "did you mean 'trip'"),
            (collections.show(here, "tirp/"), NothingMatched, "did you mean 'trip'"),
        ):
            with pytest.raises(error, match=said):
                await act
        assert state(shelf) == before


async def test_a_dry_run_changes_nothing(shelf: Shelf) -> None:
    async with filled(shelf, trip="ab") as catalogue:
        await collections.create(catalogue, "best", query="kind:image")
        before = [*state(shelf), *shelf.rows("SELECT count(*) FROM change")]
        await collections.create(catalogue, "new", dry_run=True)
        await collections.change(catalogue, "best", query="kind:video", dry_run=True)
        assert await collections.add(catalogue, "trip", ["is:any"], dry_run=True) == Edited(6, 4)
        assert await collections.remove(catalogue, "trip", ["is:any"], dry_run=True) == Edited(2, 2)
        await collections.rename(catalogue, "trip", "new", dry_run=True)
        assert (await collections.delete(catalogue, "trip", dry_run=True)).items == 2
        assert [*state(shelf), *shelf.rows("SELECT count(*) FROM change")] == before


async def test_a_folder_is_renamed_and_deleted_with_all_in_it(shelf: Shelf) -> None:
    async with filled(shelf, **{"Family/Summer": "ab", "family/winter/snow": "c", "family2": "d"}) as catalogue:
        await collections.create(catalogue, "Family/all", query="in:family/ OR in:family2")
        before = state(shelf)
        done = await collections.rename(catalogue, "FAMILY", "People/Family")
        assert done.names == ("People/Family/all", "People/Family/Summer", "People/Family/winter/snow")
        assert done.remarks == ("the query of the collection 'People/Family/all' still says: in:family/ OR in:family2",)
        await undo(catalogue)
        assert state(shelf) == before
        with pytest.raises(NothingMatched, match="no collection 'family'"):
            await collections.delete(catalogue, "family")
        done = await collections.delete(catalogue, "family/")
        assert (done.names, done.items) == (("Family/all", "Family/Summer", "family/winter/snow"), 3)
        assert [listed.collection.name for listed in await collections.list_collections(catalogue)] == ["family2"]
        await undo(catalogue)
        assert state(shelf) == before


async def test_what_is_deleted_does_not_come_back_over_another(shelf: Shelf) -> None:
    async with filled(shelf, trip="ab") as catalogue:
        await collections.delete(catalogue, "trip")
        deletion = (await list_changes(catalogue))[0].id
        await collections.create(catalogue, "Trip")
        with pytest.raises(UsageError, match="there is another collection 'trip' by now; give it another name first"):
            await undo(catalogue, deletion)
        await collections.rename(catalogue, "trip", "Later")
        await undo(catalogue, deletion)
        assert await inside(catalogue, "trip") == "ab"
        await redo(catalogue, deletion)
        await undo(catalogue, deletion)
        await collections.add(catalogue, "later", await ids(shelf, "c"))
        with pytest.raises(UsageError, match="items are in the collection 'Later' by now"):
            await undo(catalogue, deletion + 1, over=range(99))


async def test_prune_and_undo_keep_the_place_in_a_collection(shelf: Shelf) -> None:
    async with filled(shelf, trip="abc") as catalogue:
        (shelf.folder / "b.jpg").unlink()
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        before = state(shelf)
        await prune(catalogue, await prunable(catalogue, older_than=0, targets=[]))
        assert await inside(catalogue, "trip") == "ac"
        await undo(catalogue)
        assert state(shelf) == before
        check(shelf.config.catalog)


# In queries.


async def test_collections_are_part_of_any_query(shelf: Shelf) -> None:
    async with filled(shelf, **{"Family/Summer": "ab", "family/winter": "bc", "family2": "d", "Best of": "ef"}) as catalogue:
        await collections.create(catalogue, "family/smart", query="name:f* OR name:e*")
        await collections.create(catalogue, "few", query='in:"best of" -name:e*')
        for query, letters in {
            "in:family/summer": "ab",
            "in:FAMILY/": "abcef",
            "-in:family/": "d",
            "in:family/summer in:family/winter": "b",
            "in:family/summer,family2": "abd",
            'in:"best of"': "ef",
            "collection:few": "f",
            "in:few,family2": "df",
            "in:few OR name:a*": "af",
            "-in:few in:family/smart": "e",
            "NOT (in:few OR in:family2) name:d*": "",
            "in:family/smart f": "f",
        }.items():
            assert await found(catalogue, query) == letters, query
            newest = await search(catalogue, [query], limit=9)
            assert len(newest.ids) == len(letters), query


async def test_a_smart_collection_is_its_query_in_brackets(shelf: Shelf) -> None:
    async with filled(shelf, trip="a") as catalogue:
        await collections.create(catalogue, "gone", query="is:missing")
        await collections.create(catalogue, "either", query="name:a* OR name:b*")
        await collections.create(catalogue, "nested", query="in:either -in:trip")
        (shelf.folder / "c.jpg").unlink()
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        assert await found(catalogue, "in:gone") == "c"
        assert await found(catalogue, "-in:either") == "def"
        assert await found(catalogue, "in:either name:b*") == "b"
        assert await found(catalogue, "in:nested") == "b"
        assert [listed.items for listed in await collections.list_collections(catalogue)] == [2, 1, 1, 1]


@pytest.mark.parametrize("name", ["best", "family/", "zzz/yyy", "famly"])
async def test_a_collection_that_is_not_there_is_told_with_the_nearest_and_a_caret(shelf: Shelf, name: str) -> None:
    async with filled(shelf, family="", bests="") as catalogue:
        if name == "family/":
            assert await found(catalogue, f"in:{name}") == ""
            return
        with pytest.raises(QueryError) as told:
            await found(catalogue, f"beach in:{name}")
        meant = {"best": "bests", "famly": "family"}.get(name)
        said = f"did you mean '{meant}'?" if meant else "list them with: mediaforge collection list"
        assert str(told.value) == f"no collection '{name}'; {said}"
        assert told.value.text[told.value.start : told.value.end] == name


async def test_a_circle_is_refused_before_it_is_made_and_where_it_is(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await collections.create(catalogue, "One", query="kind:image")
        await collections.create(catalogue, "two", query="in:one OR name:b*")
        await collections.create(catalogue, "three", query="-in:two")
        said = r"these collections name each other in a circle: 'One' → 'three' → 'two' → 'One'; change the query of one"
        with pytest.raises(QueryError, match=said):
            await collections.change(catalogue, "one", query="kind:video in:three")
        with pytest.raises(QueryError, match="in a circle: 'One' → 'One'"):
            await collections.change(catalogue, "one", query="in:ONE")
        await collections.rename(catalogue, "one", "uno")
        await collections.rename(catalogue, "three", "one")
        with pytest.raises(QueryError, match="in a circle: 'two' → 'one' → 'two'") as told:
            await found(catalogue, "a OR in:two")
        assert told.value.text[told.value.start : told.value.end] == "two"
        problems = [listed.problem for listed in await collections.list_collections(catalogue)]
        assert [problem is None for problem in problems] == [False, False, True]


async def test_a_collection_in_the_folder_that_it_asks_for_means_the_others(shelf: Shelf) -> None:
    async with filled(shelf, **{"family/one": "a", "family/two": "b"}) as catalogue:
        await collections.create(catalogue, "family/all", query="in:family/")
        await collections.create(catalogue, "alone/all", query="in:alone/")
        assert await inside(catalogue, "family/all") == "ab"
        assert await inside(catalogue, "alone/all") == ""


async def test_a_saved_query_that_cannot_be_asked_any_more_is_told(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await collections.create(catalogue, "inner", query="kind:image")
        await collections.create(catalogue, "outer", query="in:inner -name:a*")
        await collections.delete(catalogue, "inner")
        with pytest.raises(QueryError, match="the collection 'outer' asks for another: no collection 'inner'") as told:
            await found(catalogue, "name:b* in:outer")
        assert told.value.text[told.value.start : told.value.end] == "outer"
        async with catalogue.transaction():
            await catalogue.execute("UPDATE collection SET query = 'kind:hologram' WHERE key = 'outer'")
        with pytest.raises(
            QueryError, match="the query of the collection 'outer' cannot be asked: 'hologram' does not fit"
        ) as told:
            await collections.show(catalogue, "outer")
        assert told.value.hint == "it is: kind:hologram"


async def test_collections_in_collections_have_a_limit(shelf: Shelf) -> None:
    async with filled(shelf) as catalogue:
        await collections.create(catalogue, "c0", query="name:a*")
        for depth in range(1, 10):
            await collections.create(catalogue, f"c{depth}", query=f"in:c{depth - 1}")
        assert await found(catalogue, "in:c9") == "a"
        with pytest.raises(QueryError, match="collections are more than 10 deep in one another here"):
            await collections.create(catalogue, "c10", query="in:c9")
        await collections.create(catalogue, "wide", query=" OR ".join(f"name:{n}*" for n in range(300)))
        await collections.create(catalogue, "wider", query="in:wide")
        with pytest.raises(
            QueryError, match="a query has at most 500 words and values, and with its collections this has more"
        ):
            await found(catalogue, "in:wide in:wider")
        await collections.create(catalogue, "deep", query="(" * 40 + "a" + ")" * 40)
        assert await found(catalogue, "in:deep") == "a"


async def test_saved_queries_that_name_a_collection_are_told(shelf: Shelf) -> None:
    async with filled(shelf, trip="a") as catalogue:
        await collections.create(catalogue, "best", query="in:Trip name:a*")
        await add_rule(catalogue, "collection:trip,best", ["seen"])
        told = (
            "the query of the collection 'best' still says: in:Trip name:a*",
            "the query of rule 1 still says: collection:trip,best",
        )
        assert (await collections.delete(catalogue, "trip", dry_run=True)).remarks == told
        assert (await collections.rename(catalogue, "trip", "x", dry_run=True)).remarks == told
        assert (await collections.rename(catalogue, "trip", "TRIP", dry_run=True)).remarks == ()
