"""The newest items of a query: the same whichever way they are found, and by the indexes that are meant for it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bench.make_catalog import make_catalogue
from bench.queries import QUERIES
from mediaforge.catalog.beginnings import spelled_out
from mediaforge.catalog.clause import newest_first
from mediaforge.catalog.database import Catalogue, open_catalogue
from mediaforge.catalog.newest import newest_ids
from mediaforge.catalog.tags import ensure_tag, put
from mediaforge.catalog.where import Where, where
from mediaforge.query import parse

ROWS = 3_000
MORE = (
    "family holiday",  # two words of tags
    "family garden",
    "rome",  # a tag and a place
    "is:any beach",
    "is:missing",
    "is:missing beach",
    "-beach",
    "holiday -tag:holiday",
    "beach OR tag:family",
    '"to sort"',
    "1000001",
    "id:17",
    "beach id:17..40",
    "nothingiscalledso",
    "taken:2019..",
    "taken:<2010 beach",
    "taken:2012-03..2014",
    "taken:1500..1600",
    "bea sun",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of ROWS items, some of them missing."""
    path = tmp_path_factory.mktemp("newest") / "catalog.db"

    async def make() -> None:
        await make_catalogue(str(path), rows=ROWS)
        async with open_catalogue(os.fsencode(path)) as catalogue, catalogue.transaction():
            await catalogue.execute("UPDATE media SET missing_at = '2024-01-01' WHERE id % 7 = 0")
            await put(catalogue, await ensure_tag(catalogue, "beach year"), dict.fromkeys(range(5, 300, 9), "person"))

    asyncio.run(make())
    return path


@pytest.fixture(scope="module")
def analysed(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, and SQLite knows how often its values occur."""
    path = tmp_path_factory.mktemp("analysed") / "catalog.db"
    shutil.copy(made, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ANALYZE")
    return path


@pytest_asyncio.fixture
async def catalogue(made: Path) -> AsyncIterator[Catalogue]:
    """The made catalogue, open."""
    async with open_catalogue(os.fsencode(made)) as opened:
        yield opened


@pytest_asyncio.fixture(params=["made", "analysed"])
async def planner(request: pytest.FixtureRequest, made: Path, analysed: Path) -> AsyncIterator[Catalogue]:
    """The made catalogue, open, with and without the statistics of its values."""
    async with open_catalogue(os.fsencode({"made": made, "analysed": analysed}[request.param])) as opened:
        yield opened


def compiled(text: str) -> Where:
    """Return what a query means."""
    return where(parse(text), text=text, now=datetime.now().astimezone())


@pytest.mark.parametrize("text", [*QUERIES, *MORE])
async def test_a_part_tells_the_same_as_all(catalogue: Catalogue, text: str) -> None:
    found = compiled(text)
    rows = await catalogue.fetch(f"SELECT m.id FROM media m WHERE {found.sql} ORDER BY m.newest DESC", found.params)
    expected = [row[0] for row in rows]
    for limit in (1, 8, 51, ROWS):
        for hits, first in (((3, 40), 20), ((500,), 300), ((10,), 2 * ROWS)):
            assert await newest_ids(catalogue, found, limit, hits=hits, first=first) == expected[:limit]


async def test_the_order_is_that_of_the_local_time_then_of_the_id(catalogue: Catalogue) -> None:
    by_time = await catalogue.fetch("SELECT id FROM media ORDER BY substr(taken_local, 1, 19) DESC, id DESC")
    assert await newest_ids(catalogue, compiled("is:any"), ROWS) == [row[0] for row in by_time]


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("", "ix_media_newest"),
        ("kind:video size:>=990M", "ix_media_newest"),
        ("-tag:family kind:image", "ix_media_newest"),
        ("taken:2021-07", "ix_media_newest (newest>? AND newest<?)"),
        ("year:1953", "ix_media_year (shown_year=?"),
        ("near:48.85,2.35,10km", "ix_media_place (latitude>? AND latitude<?)"),
        ("tag:travel/italy/rome", "INTEGER PRIMARY KEY"),
        ("audio:ja", "INTEGER PRIMARY KEY"),
        ("sha256:9f86", "ix_media_sha256"),
        ("fingerprint:51c3", "ix_media_fingerprint"),
    ],
)
async def test_what_collects_everything_reads_an_index(planner: Catalogue, text: str, index: str) -> None:
    found = compiled(text)
    plan = await planner.fetch(
        f"EXPLAIN QUERY PLAN SELECT m.newest, m.id FROM media m WHERE {found.sql} ORDER BY m.newest DESC LIMIT 51", found.params
    )
    assert index in (told := " / ".join(row[3] for row in plan)), told


@pytest.mark.parametrize(
    "text", ["kind:video", "size:>=990M", "duration:>1h", "rating:>=4", "video_codec:av1", "has:gps", "year:2019"]
)
async def test_reading_on_from_the_newest_looks_at_no_row(planner: Catalogue, text: str) -> None:
    sql = newest_first(compiled(text).sql)
    plan = await planner.fetch(
        f"""EXPLAIN QUERY PLAN SELECT m.newest, m.id FROM media m INDEXED BY ix_media_newest
        WHERE m.newest BETWEEN 1 AND 2 AND {sql} ORDER BY m.newest DESC LIMIT 51""",
        compiled(text).params,
    )
    assert [row[3] for row in plan] == ["SEARCH m USING COVERING INDEX ix_media_newest (newest>? AND newest<?)"]


async def test_a_beginning_becomes_the_words_that_begin_so(catalogue: Catalogue) -> None:
    async def matched(text: str) -> object:
        found = compiled(text)
        return (await spelled_out(catalogue, found.sql, found.params))[found.words[0].match]

    assert await matched("SUNSE") == '("sunset")'
    assert await matched("sun") == '"sun"*'  # the index of beginnings serves it
    assert await matched("0000") == '"0000"*'  # too many words
    assert await matched("nothingiscalledso") == '("nothingiscalledso")'
    assert await matched('"golden hour"') == '"golden hour"'
    assert await matched("straße") == '"straße"*'
