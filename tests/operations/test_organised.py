"""Whatever a person does with tags, rules and collections: undo takes back step by step, and redo does it again."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shelf import Shelf, ask, check, make_bearing, make_pictures

from mediaforge.config import Config
from mediaforge.errors import NothingMatched, QueryError, UsageError
from mediaforge.operations import collections, rules, tags, taxonomy
from mediaforge.operations.catalogues import Catalogue, opened
from mediaforge.operations.undo import list_changes, redo, undo

ITEMS = ["1", "2", "3", "4"]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a catalogue of two pictures without keywords and two with some."""
    folder = tmp_path_factory.mktemp("organised")
    make_pictures(folder / "shelf", {"a.jpg": 1, "b.jpg": 2})
    make_bearing(folder / "shelf" / "c.jpg", ["x", "y|z"])
    make_bearing(folder / "shelf" / "d.jpg", ["Y", "w"], width=64)
    shelf = Shelf(folder / "shelf", Config(catalog=str(folder / "catalog.db"), jobs=1))
    asyncio.run(shelf.scan())
    return shelf.config.catalog


STATE = (
    "SELECT id, key, name, description, colour, added_at FROM tag ORDER BY 1",
    "SELECT key, name, tag_id FROM tag_alias ORDER BY 1",
    "SELECT media_id, tag_id, source, rule_id FROM media_tag ORDER BY 1, 2",
    "SELECT media_id, tag_id FROM media_tag_refused ORDER BY 1, 2",
    "SELECT id, query, added_at FROM tag_rule ORDER BY 1",
    "SELECT rule_id, tag_id FROM tag_rule_tag ORDER BY 1, 2",
    "SELECT id, key, name, description, query, sort, added_at FROM collection ORDER BY 1",
    "SELECT collection_id, media_id, position FROM collection_media ORDER BY 1, 3, 2",
)

Act = Callable[[Catalogue], Awaitable[object]]
NAMES = st.sampled_from(["x", "X", "y", "y/z", "Y/Z/deep", "w", "alias"])
SHELVES = st.sampled_from(["one", "One/two", "one/three", "smart"])
SOME = st.lists(st.sampled_from(ITEMS), min_size=1, unique=True)
YES = st.booleans()


def act(
    doing: Callable[..., Any], *arguments: st.SearchStrategy[Any], **options: st.SearchStrategy[Any]
) -> st.SearchStrategy[Act]:
    """Return acts of one kind."""
    named = st.fixed_dictionaries(options)

    def bound(given: tuple[tuple[Any, ...], dict[str, Any]]) -> Act:
        return lambda catalogue: doing(catalogue, *given[0], **given[1])

    return st.tuples(st.tuples(*arguments), named).map(bound)


ACTS = st.one_of(
    act(tags.add_tags, NAMES, SOME),
    act(tags.remove_tags, NAMES, SOME),
    act(tags.replace_tag, NAMES, NAMES, SOME),
    act(taxonomy.rename, NAMES, NAMES),
    act(taxonomy.merge, st.lists(st.one_of(NAMES, st.just("y/")), min_size=1, max_size=2), NAMES),
    act(taxonomy.delete, st.one_of(NAMES, st.just("y/"))),
    act(taxonomy.alias, NAMES, NAMES),
    act(taxonomy.unalias, NAMES),
    act(taxonomy.colour, NAMES, st.sampled_from(["red", None])),
    act(rules.add_rule, st.sampled_from(["kind:image", "id:..2", "tag:x"]), st.lists(NAMES, min_size=1), existing=YES),
    act(rules.run_rules),
    act(rules.remove_rule, st.integers(1, 3), its_tags=YES),
    act(collections.create, SHELVES, query=st.sampled_from([None, "in:one", "in:one/", "tag:x"])),
    act(collections.change, SHELVES, query=st.sampled_from(["in:smart", "in:one/two", "id:1"])),
    act(collections.add, SHELVES, SOME),
    act(collections.remove, SHELVES, SOME),
    act(collections.move, SHELVES, SOME, st.integers(1, 5).map(collections.Place)),
    act(collections.rename, SHELVES, SHELVES),
    act(collections.delete, st.one_of(SHELVES, st.just("one/"))),
)


@settings(max_examples=40, deadline=None)
@given(acts=st.lists(ACTS, min_size=1, max_size=12))
def test_undo_goes_back_through_every_state_and_redo_forth(template: str, acts: list[Act]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copy(template, Path(folder) / "catalog.db")
        asyncio.run(_there_and_back(str(path), acts))
        check(str(path))


@pytest.mark.parametrize(
    "in_its_place",
    [
        lambda catalogue: taxonomy.rename(catalogue, "x", "Y/Z/deep"),
        lambda catalogue: taxonomy.alias(catalogue, "y/z/DEEP", "x"),
    ],
    ids=["rename", "alias"],
)
def test_an_unused_tag_is_back_when_what_took_its_name_is_undone(template: str, tmp_path: Path, in_its_place: Act) -> None:
    path = shutil.copy(template, tmp_path / "catalog.db")
    acts: list[Act] = [
        lambda catalogue: tags.add_tags(catalogue, "y/z/deep", ["1"]),
        lambda catalogue: tags.remove_tags(catalogue, "y/z/deep", ["1"]),
        in_its_place,
    ]
    asyncio.run(_there_and_back(str(path), acts))
    check(str(path))


async def _there_and_back(path: str, acts: list[Act]) -> None:
    def state() -> list[Any]:
        return [ask(path, sql) for sql in STATE]

    states = [state()]
    async with opened(Config(catalog=path)) as catalogue:
        for doing in acts:
            try:
                await doing(catalogue)
            except (UsageError, NothingMatched, QueryError):
                assert state() == states[-1], "what is refused changes nothing"
            if len(await list_changes(catalogue)) == len(states):
                states.append(state())
            else:
                assert state() == states[-1], "what changes something is in the journal"
        for before in reversed(states[:-1]):
            await undo(catalogue)
            assert state() == before
        for after in states[1:]:
            await redo(catalogue)
            assert state() == after
