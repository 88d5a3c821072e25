"""Fields that ask for copies: what they find, and that they look at few rows of many."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bench.make_catalog import make_catalogue
from mediaforge.catalog.clause import newest_first
from mediaforge.catalog.database import Catalogue, open_catalogue
from mediaforge.catalog.newest import newest_ids
from mediaforge.catalog.where import Where, where
from mediaforge.errors import QueryError
from mediaforge.query import parse

ROWS = 2_000
# Items that stand for others: id to what it takes over of the row before it. What is not in here is alone.
_COPIES = "UPDATE media SET (fingerprint, size) = (SELECT fingerprint, size FROM media o WHERE o.id = media.id - 1)"
PAIRS = range(100, 1_000, 50)  # the second of two
DIFFERENT = range(1_000, 1_200, 50)  # the same, but their SHA-256 say otherwise
LINKS = range(1_200, 1_400, 50)  # the same, and the very same file
MISSED = range(1_400, 1_600, 50)  # the same, and missing


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of ROWS items, some of them copies."""
    path = tmp_path_factory.mktemp("copies") / "catalog.db"

    async def make() -> None:
        await make_catalogue(str(path), rows=ROWS)
        async with open_catalogue(os.fsencode(path)) as catalogue, catalogue.transaction():
            for second in (*PAIRS, *DIFFERENT, *LINKS, *MISSED):
                await catalogue.execute(f"{_COPIES} WHERE id = ?", (second,))
            for second in DIFFERENT:
                await catalogue.execute("UPDATE media SET sha256 = printf('%064x', id) WHERE id IN (?1, ?1 - 1)", (second,))
            for second in LINKS:
                await catalogue.execute(
                    """UPDATE media SET (inode, mtime_ns) = (SELECT inode, mtime_ns FROM media o WHERE o.id = ?1 - 1)
                    WHERE id = ?1""",
                    (second,),
                )
            for second in MISSED:
                await catalogue.execute("UPDATE media SET missing_at = '2024-01-01' WHERE id = ?", (second,))

    asyncio.run(make())
    return path


@pytest_asyncio.fixture
async def catalogue(made: Path) -> AsyncIterator[Catalogue]:
    """The made catalogue, open."""
    async with open_catalogue(os.fsencode(made)) as opened:
        yield opened


def compiled(text: str) -> Where:
    """Return what a query means."""
    return where(parse(text), text=text, now=datetime.now().astimezone())


BOTH = {media for second in PAIRS for media in (second - 1, second)}


@pytest.mark.parametrize(
    "text",
    [
        "is:duplicate",
        "copies:>1",
        "copies:>=2",
        "copies:2",
        "copies:2..",
        "copies:2,3",
        "-copies:1",
        "-copies:<2",
        "copies:2..9",
    ],
)
async def test_what_has_a_copy(catalogue: Catalogue, text: str) -> None:
    found = compiled(text)
    rows = await catalogue.fetch(f"SELECT m.id FROM media m WHERE {found.sql}", found.params)
    assert {row[0] for row in rows} == BOTH
    newest = await newest_ids(catalogue, found, 10)
    order = await catalogue.fetch(f"SELECT m.id FROM media m WHERE {found.sql} ORDER BY m.newest DESC LIMIT 10", found.params)
    assert newest == [row[0] for row in order]


@pytest.mark.parametrize(
    ("text", "count"),
    [("copies:1", ROWS - len(MISSED)), ("copies:>2", 0), ("copies:..1", ROWS - len(MISSED)), ("has:copies", None)],
)
async def test_how_many(catalogue: Catalogue, text: str, count: int | None) -> None:
    if count is None:
        with pytest.raises(QueryError, match="'copies' does not fit here"):
            compiled(text)
        return
    found = compiled(text)
    ((items,),) = await catalogue.fetch(f"SELECT count(*) FROM media m WHERE {found.sql}", found.params)
    assert items == count - (len(BOTH) if count else 0)


@pytest.mark.parametrize("text", ["copies:many", "copies:~2", "is:duplicates"])
def test_what_makes_no_sense(text: str) -> None:
    with pytest.raises(QueryError):
        compiled(text)


@pytest.mark.parametrize("text", ["is:duplicate", "copies:>1", "is:duplicate kind:video", "copies:3.."])
async def test_what_collects_everything_reads_the_index_of_fingerprints(catalogue: Catalogue, text: str) -> None:
    found = compiled(text)
    plan = await catalogue.fetch(
        f"EXPLAIN QUERY PLAN SELECT m.newest, m.id FROM media m WHERE {found.sql} ORDER BY m.newest DESC LIMIT 51", found.params
    )
    told = [row[3] for row in plan]
    assert "SEARCH media USING COVERING INDEX ix_media_fingerprint (fingerprint>?)" in told, told
    assert "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)" in told, told
    assert not [step for step in told if step.startswith("SCAN m ") or step in ("SCAN m", "SCAN d", "SCAN media")], told


async def test_reading_on_from_the_newest_asks_of_each_item_alone(catalogue: Catalogue) -> None:
    plan = await catalogue.fetch(
        f"""EXPLAIN QUERY PLAN SELECT m.newest FROM media m INDEXED BY ix_media_newest
        WHERE m.newest BETWEEN 1 AND 2 AND {newest_first(compiled("is:duplicate").sql)} ORDER BY m.newest DESC LIMIT 51"""
    )
    told = [row[3] for row in plan]
    assert [step for step in told if step.startswith("SEARCH d USING INDEX ix_media_")], told
    assert not [step for step in told if "SCAN" in step], told


@pytest.mark.parametrize("leaf", ["is:duplicate", "copies:>1", "copies:1", "-copies:2.."])
@pytest.mark.parametrize("around", ["(year:1 OR {})", "(kind:video {})", "NOT ({} size:1)"])
async def test_as_deep_in_brackets_as_anything_may_be(catalogue: Catalogue, leaf: str, around: str) -> None:
    """SQLite's parser has a stack of few places, of which a condition that has a subselect in it takes many."""
    text, deepest = leaf, 0
    while deepest < 50:
        try:
            found = compiled(text)
        except QueryError:
            break
        text, deepest = around.format(text), deepest + 1
    assert deepest > 20
    await newest_ids(catalogue, found, 5)
    await newest_ids(catalogue, found, ROWS)
