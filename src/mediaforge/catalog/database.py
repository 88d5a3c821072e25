"""One catalogue file: made, opened, read and written through one aiosqlite connection."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiosqlite

from mediaforge.catalog.where import FUNCTIONS
from mediaforge.errors import CatalogueError, CatalogueNewer
from mediaforge.text import display_path

if TYPE_CHECKING:
    from mediaforge.players import Player

SCHEMA = Path(__file__).with_name("schema.sql")
"""What a new catalogue is made by: what the migrations lead to, as migrate.script writes it."""

HEAD = "0001"
"""The schema's revision that this program reads and writes; alembic is imported only for a catalogue that lacks it."""

NOW = "strftime('%Y-%m-%dT%H:%M:%fZ','now')"

_NAMED = re.compile(r":([a-z_]\w*)")  # parameters; what strftime takes begins with a %
_ROWS = 500  # of one INSERT; SQLite takes 32,766 values at the most
_BUSY_SECONDS = 60  # a scan's transactions last well under one; ten commands in a queue wait for each other

_LONG_SECONDS = 1.0  # a transaction that others had to wait for

log = logging.getLogger(__name__)

Params = Mapping[str, object] | Sequence[object]

# What SQLite says, in a person's words. The extended code's low byte is the primary one.
_MEANINGS: Mapping[int, str] = {
    sqlite3.SQLITE_NOTADB: "'{path}' is not a catalogue; name another file with --catalog",
    sqlite3.SQLITE_CORRUPT: "the catalogue '{path}' is damaged; restore a backup of it, or name another with --catalog",
    sqlite3.SQLITE_FULL: "no space left for the catalogue '{path}'; free some and run this again: what was committed is kept",
    sqlite3.SQLITE_READONLY: "the catalogue '{path}' cannot be written; check its permissions and those of its folder",
    sqlite3.SQLITE_CANTOPEN: "the catalogue '{path}' cannot be opened; check its permissions and those of its folder",
    sqlite3.SQLITE_PERM: "the catalogue '{path}' cannot be opened; check its permissions",
    sqlite3.SQLITE_IOERR: "the disk of the catalogue '{path}' reports an error; what was committed is kept",
    sqlite3.SQLITE_BUSY: "the catalogue '{path}' has been busy for a minute; try again when the other command is done",
    sqlite3.SQLITE_LOCKED: "the catalogue '{path}' is locked; try again when the other command is done",
}


@contextmanager
def door(path: bytes) -> Iterator[None]:
    """Turn what SQLite raises about the catalogue at `path` into a CatalogueError; our own mistakes in SQL stay as they are."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        meaning = _MEANINGS.get(code & 0xFF) if code is not None else None
        if meaning is None:
            raise
        raise CatalogueError(meaning.format(path=display_path(path))) from error


class Catalogue:
    """An open catalogue. Readers call `fetch`; whoever writes does so inside `transaction`.

    `players` are the person's own, which queries may name beside those that everybody knows.
    """

    def __init__(self, path: bytes, connection: aiosqlite.Connection) -> None:
        self.path = path
        self.players: Mapping[str, Player] = {}
        self._connection = connection
        self.backup: bytes | None = None  # the copy that was made when this one was brought up to date
        self._inode = os.stat(path).st_ino
        self._synchronous = ""
        self._writing = asyncio.Lock()  # a scan's heartbeat and its batches share the connection

    async def fetch(self, sql: str, params: Params = ()) -> list[Any]:
        """Return all rows of a statement."""
        with door(self.path):
            return list(await self._connection.execute_fetchall(sql, params))

    async def value(self, sql: str, params: Params = ()) -> Any:
        """Return the first column of the first row, or None."""
        rows = await self.fetch(sql, params)
        return rows[0][0] if rows else None

    # A statement that changes rows is done when it has run, and closing its cursor would be one more hop to the thread.

    async def execute(self, sql: str, params: Params = ()) -> int:
        """Run one statement and return the number of rows that it changed."""
        with door(self.path):
            return (await self._connection.execute(sql, params)).rowcount

    async def insert(self, sql: str, params: Params = ()) -> int:
        """Run one INSERT and return the id of its row."""
        with door(self.path):
            number = (await self._connection.execute(sql, params)).lastrowid
        assert number is not None
        return number

    async def executemany(self, sql: str, rows: Iterable[Params]) -> None:
        """Run one statement for each of `rows`, in one hop to the connection's thread."""
        with door(self.path):
            await self._connection.executemany(sql, rows)

    async def execute_each(self, sql: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Run one statement with `:names` for each of `rows`, which have the same names in the same order.

        They are bound by their places: sqlite3 looks each name up anew for each row, and 85 took it 44 µs in place of 22.
        """
        if rows:
            places = {name: f"?{place}" for place, name in enumerate(rows[0], start=1)}
            numbered = _NAMED.sub(lambda found: places[found[1]], sql)
            await self.executemany(numbered, [tuple(row.values()) for row in rows])

    async def insert_rows(self, into: str, rows: Sequence[Sequence[object]]) -> None:
        """Insert `rows` with `into` (`INSERT INTO t`), many with one statement.

        While another thread computes, `executemany` waits for the interpreter's lock at every row: 200,000 rows beside the
        walk took 2.3 s, so they take 0.3.
        """
        for start in range(0, len(rows), _ROWS):
            some = rows[start : start + _ROWS]
            row = f"({', '.join('?' * len(some[0]))})"
            await self.execute(f"{into} VALUES {', '.join([row] * len(some))}", [value for values in some for value in values])

    async def optimize(self) -> None:
        """Renew what SQLite knows of how often values occur, by which it chooses indexes, where that has become untrue."""
        await self.execute("PRAGMA analysis_limit=400")  # rows of an index that are looked at: it takes some ms at any size
        async with self.transaction(durable=False):  # it reads before it writes: without, it would not wait for other writers
            await self.fetch("PRAGMA optimize")

    @asynccontextmanager
    async def transaction(self, *, durable: bool = True) -> AsyncIterator[None]:
        """Commit what happens inside, or roll all of it back on any exception.

        `durable` survives a power cut at once (a person's edits); without it the last commits may be lost to one, but
        nothing is ever torn (a scan's batches, which are simply made again).
        """
        async with self._writing:
            await self._set_synchronous("FULL" if durable else "NORMAL")
            asked = began = time.monotonic()
            try:
                await self.execute("BEGIN IMMEDIATE")  # inside: whoever is cancelled here may have begun all the same
                began = time.monotonic()
                yield
                self._still_there()
            except BaseException as error:
                log.debug("rolled back after %.3f s: %r", time.monotonic() - asked, error)
                with door(self.path):
                    await self._connection.rollback()
                raise
            await self._commit()
            if (took := time.monotonic() - asked) > _LONG_SECONDS:
                log.debug("a transaction took %.3f s, %.3f s of it waiting for another writer", took, began - asked)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        """Let everything that is read inside be of one moment, whoever writes meanwhile."""
        async with self._writing:
            await self.execute("BEGIN")
            try:
                yield
            finally:
                with door(self.path):
                    await self._connection.rollback()

    async def _commit(self) -> None:
        try:
            await self.execute("COMMIT")
        except CatalogueError:
            await self._connection.rollback()
            raise

    async def _set_synchronous(self, mode: str) -> None:
        if self._synchronous != mode:
            await self.execute(f"PRAGMA synchronous={mode}")
            self._synchronous = mode

    def _still_there(self) -> None:
        """Refuse to write on into a file that was deleted or replaced: SQLite would, and all of it would be lost."""
        try:
            same = os.stat(self.path).st_ino == self._inode
        except FileNotFoundError:
            same = False
        if not same:
            raise CatalogueError(f"the catalogue '{display_path(self.path)}' was deleted or replaced while it was in use")

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()


@asynccontextmanager
async def open_catalogue(path: bytes) -> AsyncIterator[Catalogue]:
    """Open the catalogue at `path`, read-only where its folder cannot be written; CatalogueError if there is none.

    One of an older program is copied and brought to this one's schema first; `backup` is where the copy is then.
    """
    async with _connected(path) as catalogue:
        older = await _older_revision(catalogue)
        if older is None:
            yield catalogue
            return
    backup = await asyncio.to_thread(_bring_up, path, older)
    async with _connected(path) as catalogue:
        catalogue.backup = backup
        yield catalogue


def _bring_up(path: bytes, revision: str) -> bytes:
    """Copy the catalogue, and migrate it; return where the copy is."""
    from mediaforge.catalog import upkeep
    from mediaforge.catalog.migrate import upgrade

    if not os.access(path, os.W_OK) or not os.access(os.path.dirname(os.path.abspath(path)), os.W_OK):
        raise CatalogueError(
            f"the catalogue '{display_path(path)}' was written by an older MediaForge (schema {revision}) and has to be"
            " brought up to date; make it and its folder writable"
        )
    backup = upkeep.next_backup(path, revision)
    upkeep.copy_catalogue(path, backup)
    with door(path):
        upgrade(path)
    upkeep.forget_backups(path)
    return backup


@asynccontextmanager
async def _connected(path: bytes) -> AsyncIterator[Catalogue]:
    if not os.path.exists(path):
        raise CatalogueError(f"no catalogue at '{display_path(path)}'; make one with: mediaforge scan FOLDER")
    if os.path.isdir(path):
        raise CatalogueError(f"'{display_path(path)}' is a folder, not a catalogue; name a file with --catalog")
    connecting = aiosqlite.connect(_uri(path), uri=True, isolation_level=None, timeout=_BUSY_SECONDS)
    try:
        with door(path):
            connection = await connecting
    except BaseException:
        connecting._thread.join()  # told to end by aiosqlite, which does not wait for it: it would outlive the loop, and say so
        raise
    catalogue = Catalogue(path, connection)
    try:
        await _prepare(catalogue, connection)
        yield catalogue
    finally:
        await catalogue.close()


def _uri(path: bytes) -> str:
    quoted = "".join(chr(b) if bytes([b]).isalnum() or b in b"/._-" else f"%{b:02x}" for b in os.path.abspath(path))
    folder = os.path.dirname(os.path.abspath(path))
    if os.access(path, os.W_OK) and os.access(folder, os.W_OK):
        return f"file:{quoted}?mode=rw"
    # Without a -wal beside it nobody is writing, and SQLite need not make one in a folder where it cannot.
    return f"file:{quoted}?mode=ro" + ("" if os.path.exists(path + b"-wal") else "&immutable=1")


async def _prepare(catalogue: Catalogue, connection: aiosqlite.Connection) -> None:
    await catalogue.execute("PRAGMA foreign_keys=ON")
    await catalogue.execute("PRAGMA temp_store=MEMORY")
    await catalogue.execute("PRAGMA cache_size=-32768")
    for name, arguments, function in FUNCTIONS:
        await connection.create_function(name, arguments, function, deterministic=True)


async def _older_revision(catalogue: Catalogue) -> str | None:
    """Return the schema's revision where it is older than this program's; an error where it is newer, or none at all."""
    shown = display_path(catalogue.path)
    foreign = CatalogueError(f"'{shown}' is not a MediaForge catalogue; name another file with --catalog")
    try:
        revision = await catalogue.value("SELECT version_num FROM alembic_version")
    except sqlite3.OperationalError as error:
        raise foreign from error
    if revision is None:
        raise foreign
    if revision <= HEAD:
        return None if revision == HEAD else str(revision)
    raise CatalogueNewer(f"the catalogue '{shown}' was written by a newer MediaForge (schema {revision}); update this program")


def create_catalogue(path: bytes, *, wal: bool = True) -> None:
    """Make a new catalogue at `path` and the folders above it; one that is there already is left alone.

    It is made under another name and linked into place, so that a half-made one never stands at `path`, and of two
    programs that make one at the same moment, both use the same.
    """
    if os.path.exists(path):
        return
    shown = display_path(path)
    draft = path + b".%d.new" % os.getpid()
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        with door(draft), closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA journal_mode={'WAL' if wal else 'DELETE'}")
            connection.executescript(f"BEGIN;\n{SCHEMA.read_text()}COMMIT;")
        put_in_place(draft, path)
    except OSError as error:
        raise CatalogueError(f"cannot make a catalogue at '{shown}': {error.strerror or error}") from error
    finally:
        remove_catalogue(draft)


def put_in_place(draft: bytes, path: bytes) -> bool:
    """Let a catalogue that nobody has open stand at `path`, unless one stands there already; return whether it does."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        os.rename(draft, path)
    return True


def remove_catalogue(path: bytes) -> None:
    """Remove a catalogue's file, and those beside it, if they are there."""
    for suffix in (b"", b"-wal", b"-shm", b"-journal"):
        if os.path.exists(path + suffix):
            os.unlink(path + suffix)
