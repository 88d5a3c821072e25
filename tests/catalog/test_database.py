"""A catalogue file: made, opened, refused, read where it cannot be written, and never left in half a transaction."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from mediaforge.catalog.database import HEAD, create_catalogue, open_catalogue
from mediaforge.errors import CatalogueError, CatalogueNewer, MediaForgeError


@pytest.fixture
def path(tmp_path: Path) -> bytes:
    """Return the path of a new catalogue."""
    catalogue = os.fsencode(tmp_path / "catalog.db")
    create_catalogue(catalogue)
    return catalogue


def _write(path: bytes, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)


async def test_a_catalogue_is_made_with_its_folders_and_left_alone_the_next_time(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path / "a" / "b" / "catalog.db")
    create_catalogue(path)
    assert os.listdir(tmp_path / "a" / "b") == ["catalog.db"]
    _write(path, "INSERT INTO tag (key, name) VALUES ('x', 'X')")
    create_catalogue(path)
    async with open_catalogue(path) as catalogue:
        assert await catalogue.value("SELECT name FROM tag") == "X"
        assert await catalogue.value("SELECT version_num FROM alembic_version") == HEAD
        assert await catalogue.value("PRAGMA journal_mode") == "wal"
        assert await catalogue.value("PRAGMA foreign_keys") == 1


@pytest.mark.parametrize("name", ["ca t?alog#1%.db", "ünïcode.db", "a&mode=memory.db"])
async def test_any_name_will_do(tmp_path: Path, name: str) -> None:
    path = os.fsencode(tmp_path / name)
    create_catalogue(path)
    async with open_catalogue(path) as catalogue, catalogue.transaction():
        await catalogue.insert("INSERT INTO tag (key, name) VALUES ('x', 'X')")
    assert os.listdir(os.fsencode(tmp_path)) == [os.fsencode(name)]


async def test_a_name_that_is_not_utf_8_will_do(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.db"
    create_catalogue(path)
    async with open_catalogue(path) as catalogue:
        assert await catalogue.value("SELECT count(*) FROM media") == 0
    assert os.listdir(os.fsencode(tmp_path)) == [b"caf\xe9.db"]


def _not_a_database(path: Path) -> None:
    path.write_bytes(b"this is a text that is long enough to be taken for a header of a database file" * 20)


def _another_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE mine (x)")


def _empty(path: Path) -> None:
    path.touch()


def _newer(path: Path) -> None:
    create_catalogue(os.fsencode(path))
    _write(os.fsencode(path), "UPDATE alembic_version SET version_num = '9999'")


def _without_revision(path: Path) -> None:
    create_catalogue(os.fsencode(path))
    _write(os.fsencode(path), "DELETE FROM alembic_version")


def _cut_off(path: Path) -> None:
    create_catalogue(os.fsencode(path))
    with open(path, "r+b") as file:
        file.truncate(8192)


@pytest.mark.parametrize(
    ("harm", "error", "said"),
    [
        (lambda path: None, CatalogueError, "no catalogue at '{}'; make one with: mediaforge scan FOLDER"),
        (Path.mkdir, CatalogueError, "'{}' is a folder, not a catalogue; name a file with --catalog"),
        (_not_a_database, CatalogueError, "'{}' is not a catalogue; name another file with --catalog"),
        (_another_database, CatalogueError, "'{}' is not a MediaForge catalogue; name another file with --catalog"),
        (_empty, CatalogueError, "'{}' is not a MediaForge catalogue; name another file with --catalog"),
        (_newer, CatalogueNewer, "the catalogue '{}' was written by a newer MediaForge (schema 9999); update this program"),
        (_without_revision, CatalogueError, "'{}' is not a MediaForge catalogue; name another file with --catalog"),
        (_cut_off, CatalogueError, "the catalogue '{}' is damaged; restore a backup of it, or name another with --catalog"),
    ],
    ids=["nothing", "folder", "text", "other database", "empty", "newer", "no revision", "cut off"],
)
async def test_what_cannot_be_opened_is_told(
    tmp_path: Path, harm: Callable[[Path], object], error: type[MediaForgeError], said: str
) -> None:
    path = tmp_path / "catalog.db"
    harm(path)
    with pytest.raises(error) as told:
        async with open_catalogue(os.fsencode(path)) as catalogue:
            await catalogue.value("SELECT count(*) FROM media")
    assert str(told.value) == said.format(path)
    assert told.value.exit_code == (12 if error is CatalogueNewer else 10)


@pytest.mark.parametrize("folder", ["file/catalog.db", "/proc/catalog.db"])
def test_where_no_catalogue_can_be_made_is_told(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CatalogueError, match=r"cannot make a catalogue at '|cannot be opened"):
        create_catalogue(os.fsencode(tmp_path / folder))


async def test_what_fails_inside_a_transaction_is_rolled_back(path: bytes) -> None:
    async with open_catalogue(path) as catalogue:
        with pytest.raises(RuntimeError):
            async with catalogue.transaction():
                await catalogue.execute("INSERT INTO tag (key, name) VALUES ('x', 'X')")
                raise RuntimeError
        assert await catalogue.value("SELECT count(*) FROM tag") == 0
        async with catalogue.transaction():
            await catalogue.execute("INSERT INTO tag (key, name) VALUES ('y', 'Y')")
        assert await catalogue.value("SELECT name FROM tag") == "Y"


async def test_a_statement_for_each_row_binds_its_names_where_they_stand(path: bytes) -> None:
    sql = """INSERT INTO tag (key, name, added_at, description) VALUES (:key, :name, strftime('%Y:%M', 'now'), :name || :key)
        ON CONFLICT (key) DO UPDATE SET name = :name"""
    async with open_catalogue(path) as catalogue:
        await catalogue.execute_each(sql, [])
        await catalogue.execute_each(sql, [{"name": "A", "key": "a"}, {"name": "B", "key": "b"}, {"name": "Z", "key": "a"}])
        assert await catalogue.fetch("SELECT key, name, description FROM tag ORDER BY key") == [
            ("a", "Z", "Aa"),
            ("b", "B", "Bb"),
        ]


async def test_transactions_of_one_connection_wait_for_each_other(path: bytes) -> None:
    async with open_catalogue(path) as catalogue:

        async def insert(n: int) -> None:
            async with catalogue.transaction(durable=n % 2 == 0):
                before = await catalogue.value("SELECT count(*) FROM tag")
                await asyncio.sleep(0)
                await catalogue.execute("INSERT INTO tag (key, name) VALUES (?, ?)", (str(before), str(n)))

        await asyncio.gather(*(insert(n) for n in range(20)))
        assert await catalogue.value("SELECT count(*) FROM tag") == 20


async def test_cancelled_while_it_waits_for_its_turn_no_transaction_stays_open(path: bytes) -> None:
    """A scan's heartbeat is cancelled at its end, perhaps just when another program writes."""
    other = sqlite3.connect(path, isolation_level=None)
    async with open_catalogue(path) as catalogue:
        other.execute("BEGIN IMMEDIATE")

        async def write(name: str) -> None:
            async with catalogue.transaction(durable=False):
                await catalogue.execute("INSERT INTO tag (key, name) VALUES (?, ?)", (name, name))

        waiting = asyncio.create_task(write("cancelled"))
        await asyncio.sleep(0.1)
        waiting.cancel()
        await asyncio.sleep(0.1)
        other.execute("ROLLBACK")
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await write("next")
        assert await catalogue.fetch("SELECT name FROM tag") == [("next",)]
    other.close()


async def test_a_deleted_catalogue_is_not_written_on(path: bytes) -> None:
    async with open_catalogue(path) as catalogue:
        os.unlink(path)
        with pytest.raises(CatalogueError, match="was deleted or replaced while it was in use"):
            async with catalogue.transaction():
                await catalogue.execute("INSERT INTO tag (key, name) VALUES ('x', 'X')")


async def test_a_replaced_catalogue_is_not_written_on(path: bytes) -> None:
    async with open_catalogue(path) as catalogue:
        create_catalogue(path + b"2")
        os.rename(path + b"2", path)
        with pytest.raises(CatalogueError, match="was deleted or replaced while it was in use"):
            async with catalogue.transaction():
                await catalogue.execute("INSERT INTO tag (key, name) VALUES ('x', 'X')")


async def test_our_own_mistakes_in_sql_stay_what_they_are(path: bytes) -> None:
    async with open_catalogue(path) as catalogue:
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await catalogue.fetch("SELECT * FROM nowhere")
        with pytest.raises(sqlite3.IntegrityError):
            await catalogue.execute("INSERT INTO media_tag (media_id, tag_id, source) VALUES (1, 1, 'person')")


def test_what_is_searched_needs_no_sqlalchemy(path: bytes) -> None:
    code = (
        "import asyncio, sys\n"
        "from mediaforge.catalog.database import open_catalogue\n"
        "async def main():\n"
        "    async with open_catalogue(sys.argv[1].encode()) as catalogue: await catalogue.value('SELECT 1')\n"
        "asyncio.run(main())\n"
        "print([name for name in ('sqlalchemy', 'alembic') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, os.fsdecode(path)], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


async def test_without_write_ahead_logging_it_is_read_and_written_all_the_same(tmp_path: Path) -> None:
    """As on a network share, where processes of two machines have no memory in common."""
    path = os.fsencode(tmp_path / "catalog.db")
    create_catalogue(path, wal=False)
    async with open_catalogue(path) as first, open_catalogue(path) as second:
        assert await first.value("PRAGMA journal_mode") == "delete"
        async with first.transaction():
            await first.execute("INSERT INTO tag (key, name) VALUES ('x', 'x')")
        assert await second.value("SELECT name FROM tag") == "x"
    assert sorted(name.name for name in tmp_path.iterdir()) == ["catalog.db"]
