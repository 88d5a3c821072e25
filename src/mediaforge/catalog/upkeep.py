"""The catalogue's file: copied whole while others write, checked, made smaller."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from mediaforge.catalog.columns import DERIVED
from mediaforge.catalog.database import SCHEMA, door
from mediaforge.errors import CatalogueError, UsageError
from mediaforge.text import display_path

KEPT = 5
"""How many of the copies that the program itself has named are kept."""

_WAIT = 60.0  # seconds for another that writes

# What must hold beside SQLite's own checks: a word for it, and a count of the rows for which it does not.
_RULES: tuple[tuple[str, str], ...] = (
    ("full text of items that are not there", "SELECT count(*) FROM media_fts WHERE rowid NOT IN (SELECT newest FROM media)"),
    ("items without full text", "SELECT count(*) FROM media WHERE newest NOT IN (SELECT rowid FROM media_fts)"),
    *(
        (
            f"items whose '{name}' does not follow from their facts",
            f"SELECT count(*) FROM media WHERE {name} IS NOT {sql.format(id='id', taken_local='taken_local', year='year')}",
        )
        for name, sql in DERIVED.items()
    ),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a catalogue that is not as it must be: what, and how many or where, in words."""

    what: str
    detail: str


def backup_folder(path: bytes) -> bytes:
    """Return the folder in which the copies of a catalogue are kept that were not given a name."""
    return path + b".backups"


def next_backup(path: bytes, revision: str) -> bytes:
    """Return where the next copy of a catalogue goes, by its schema and the time in UTC."""
    name = f"{revision}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    folder, number = backup_folder(path), 0
    while os.path.exists(target := os.path.join(folder, f"{name}{f'-{number}' if number else ''}.db".encode())):
        number += 1
    return target


def copy_catalogue(path: bytes, target: bytes) -> int:
    """Write a consistent copy of the catalogue to `target`, whoever writes meanwhile, and return its bytes.

    It is made under another name and renamed when it is whole. UsageError where `target` is there already,
    CatalogueError where it cannot be written.
    """
    shown = display_path(target)
    if os.path.lexists(target):
        raise UsageError(f"'{shown}' is there already; name another file")
    draft = target + b".%d.draft" % os.getpid()
    try:
        os.makedirs(os.path.dirname(os.path.abspath(target)), exist_ok=True)
        with door(path), closing(_open(path)) as connection:
            connection.execute("VACUUM INTO ?", (os.fsdecode(draft),))
            mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        with door(draft), closing(_open(draft)) as connection:
            connection.execute(f"PRAGMA journal_mode={mode}")
        _sync(draft)
        os.rename(draft, target)
        _sync(os.path.dirname(os.path.abspath(target)))
        return os.path.getsize(target)
    except OSError as error:
        raise CatalogueError(f"cannot write the backup '{shown}': {error.strerror or error}") from error
    finally:
        for suffix in (b"", b"-wal", b"-shm", b"-journal"):
            if os.path.exists(draft + suffix):
                os.unlink(draft + suffix)


def _sync(path: bytes) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def forget_backups(path: bytes, *, kept: int = KEPT) -> None:
    """Delete all but the newest copies in the folder of those without a name."""
    folder = backup_folder(path)
    names = sorted((name for name in os.listdir(folder) if name.endswith(b".db")), key=lambda name: _age(folder, name))
    for name in names[: max(0, len(names) - kept)]:
        os.unlink(os.path.join(folder, name))


def _age(folder: bytes, name: bytes) -> tuple[int, bytes]:
    return os.stat(os.path.join(folder, name)).st_mtime_ns, name


def check_catalogue(path: bytes) -> list[Finding]:
    """Return what is wrong with a catalogue: its pages, references, full text, derived columns, and its schema."""
    with door(path), closing(_open(path)) as connection:
        connection.execute("BEGIN")  # one look for all: a scan may be at work
        return [*_broken_pages(connection), *_broken_references(connection), *_broken_rules(connection), *_schema(connection)]


def _broken_pages(connection: sqlite3.Connection) -> Iterator[Finding]:
    for (told,) in connection.execute("PRAGMA integrity_check(20)"):
        if told != "ok":
            yield Finding("damaged", told)


def _broken_references(connection: sqlite3.Connection) -> Iterator[Finding]:
    for table, parent, count in connection.execute(
        'SELECT "table", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2'
    ):
        yield Finding("orphans", f"{count} rows of '{table}' name a row of '{parent}' that is not there")


def _broken_rules(connection: sqlite3.Connection) -> Iterator[Finding]:
    for what, sql in _RULES:
        if count := connection.execute(sql).fetchone()[0]:
            yield Finding("untrue", f"{count} {what}")


def _schema(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Compare what the catalogue consists of with a new one's."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        fresh.executescript(SCHEMA.read_text())
        want = _definitions(fresh)
    have = _definitions(connection)
    for name in sorted(have.keys() | want.keys()):
        if have.get(name) != want.get(name):
            how = "is missing" if name not in have else "does not belong here" if name not in want else "is defined otherwise"
            yield Finding("schema", f"'{name}' {how}")


def _definitions(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """Return name to definition, cut at its commas: a column that a migration added stands elsewhere than in a new one."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_stat%'")
    return {name: {" ".join(part.split()) for part in _COMMA.split(sql)} for name, sql in rows}


_COMMA = re.compile(r",(?![^()]*\))|\n\)")  # outside of brackets


def check_full_text(path: bytes) -> list[Finding]:
    """Return what FTS5 finds wrong with its own index; that is asked by a statement that writes, so it waits for a scan."""
    with closing(_open(path)) as connection:
        try:
            connection.execute("INSERT INTO media_fts (media_fts, rank) VALUES ('integrity-check', 0)")
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
                with door(path):
                    raise
            return [Finding("damaged", "the full text is not what its rows say")]
    return []


def vacuum(path: bytes) -> tuple[int, int]:
    """Make a catalogue as small as it can be; return its bytes before and after."""
    with door(path), closing(_open(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = os.path.getsize(path)
        connection.execute("INSERT INTO media_fts (media_fts) VALUES ('optimize')")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return before, os.path.getsize(path)


def _open(path: bytes) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
