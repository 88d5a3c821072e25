"""Creates a catalogue's tables, or brings an older one to this program's schema. Only this module imports Alembic."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event, exc
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from mediaforge.errors import CatalogueError

_WAIT = 60  # seconds for another process that writes, perhaps this same migration
_PACKAGE = Path(__file__).resolve().parents[1]


def scripts() -> Path:
    """Return the folder of the migrations: inside an installed package, or beside the sources of a checkout.

    Raises CatalogueError where there is neither.
    """
    for folder in (_PACKAGE / "_alembic", _PACKAGE.parents[1] / "alembic"):
        if (folder / "env.py").is_file():
            return folder
    raise CatalogueError(f"no migrations in '{_PACKAGE}'; install mediaforge again")


def upgrade(path: bytes | str) -> None:
    """Create or migrate the database file at `path`, in one transaction: whatever happens, its schema is the old or the new.

    Another process that does the same is waited for. Raises sqlite3.Error, as the rest of `catalog` does below its door.
    """
    engine = create_engine("sqlite://", creator=lambda: _open(path), poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    config = Config()
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except exc.DBAPIError as error:
        raise (error.orig or error) from error


def script(path: bytes | str) -> str:
    """Return the SQL that makes a database file with the schema of the one at `path`, and its revision.

    `schema.sql` is this of a new catalogue, so that making one need not load Alembic and SQLAlchemy, which takes 0.4 s.
    """
    with closing(_open(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    statements = [
        sql for name, sql in rows if not name.startswith(("media_fts_", "sqlite_")) or sql.startswith("CREATE TRIGGER")
    ]
    statements = ["\n".join(line.rstrip() for line in sql.splitlines() if line.strip()) for sql in statements]
    return ";\n".join([*statements, f"INSERT INTO alembic_version VALUES ('{revision}')"]) + ";\n"


def _open(path: bytes | str) -> sqlite3.Connection:
    # Foreign keys stay off, as SQLite asks for where a table is rebuilt: dropping the old one would cascade.
    return sqlite3.connect(path, timeout=_WAIT, isolation_level=None)


def _begin(connection: Connection) -> None:
    # sqlite3 by itself begins a transaction before INSERT and UPDATE, but not before CREATE TABLE.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
