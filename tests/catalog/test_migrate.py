from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

import mediaforge
from mediaforge.catalog import database, tables
from mediaforge.catalog.migrate import script, scripts, upgrade

CHECKOUT = Path(__file__).parents[2]
# A later migration, as a later release will bring one.
SECOND = """
from alembic import op
import sqlalchemy as sa
revision = "0002"
down_revision = "0001"
def upgrade():
    op.add_column("library", sa.Column("colour", sa.Text()))
    op.execute("UPDATE library SET colour = 'red'")
    op.drop_table("change")
"""
# Dies, as in a power cut, where a statement would begin.
KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from mediaforge.catalog.migrate import upgrade
def before(statement):
    if statement.split()[:2] == sys.argv[2].split():
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(Engine, "before_cursor_execute", lambda _connection, _cursor, statement, *_: before(statement))
event.listen(Engine, "commit", lambda _connection: before("COMMIT the transaction"))
upgrade(sys.argv[1])
"""
UPGRADE = "import sys; from mediaforge.catalog.migrate import upgrade; upgrade(sys.argv[1])"


def schema(path: Path) -> dict[str, set[str]]:
    """Return name to definition of everything in the database, cut at its commas: columns and constraints have no order."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    outside_brackets = r",(?![^()]*\))|\n\)"
    return {name: {" ".join(part.split()) for part in re.split(outside_brackets, sql)} for name, sql in rows}


def migrated(folder: Path) -> Path:
    upgrade(str(folder / "migrated.db"))
    return folder / "migrated.db"


def installed(target: Path) -> Path:
    """Lay the package out as a wheel does, with one migration more, and return the folder to import it from."""
    shutil.copytree(Path(mediaforge.__file__).parent, target / "mediaforge", ignore=shutil.ignore_patterns("_alembic"))
    shutil.copytree(scripts(), target / "mediaforge" / "_alembic", ignore=shutil.ignore_patterns("__pycache__"))
    (target / "mediaforge" / "_alembic" / "versions" / "0002_second.py").write_text(SECOND)
    return target


def run(code: str, *arguments: object, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    env = dict(os.environ, PYTHONPATH=str(path)) if path else None
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    return subprocess.run(command, env=env, cwd="/", capture_output=True, text=True)


def test_the_migrations_lead_to_the_tables(tmp_path: Path) -> None:
    declared = create_engine(f"sqlite:///{tmp_path}/declared.db")
    with declared.begin() as connection:
        tables.metadata.create_all(connection)
        for statement in tables.FTS_DDL:
            connection.exec_driver_sql(statement)
    declared.dispose()
    engine = create_engine(f"sqlite:///{migrated(tmp_path)}")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _parents: kind != "table" or not name.startswith("media_fts")},
        )
        missing = render_python_code(produce_migrations(context, tables.metadata).upgrade_ops)  # type: ignore[arg-type]
    engine.dispose()
    have, want = schema(tmp_path / "migrated.db"), schema(tmp_path / "declared.db")
    assert have.pop("alembic_version")
    different = [
        f"{name}: alembic/versions has {sorted(have.get(name, set()) - want.get(name, set()))}, "
        f"tables.py has {sorted(want.get(name, set()) - have.get(name, set()))}"
        for name in sorted(have.keys() | want.keys())
        if have.get(name) != want.get(name)
    ]
    assert not different, (
        "catalog/tables.py and alembic/versions lead to different schemas; write what is missing into a new migration, "
        "shaped like alembic/script.py.mako, and its number into HEAD of catalog/database.py. Alembic proposes:\n"
        f"{missing}\n\n" + "\n".join(different)
    )
    assert "op." not in missing


def test_a_new_catalogue_is_what_the_migrations_lead_to(tmp_path: Path) -> None:
    told = script(str(migrated(tmp_path)))
    how = "upgrade a new file with migrate.upgrade, and write what migrate.script says of it into catalog/schema.sql"
    assert database.SCHEMA.read_text() == told, f"the migrations have changed; {how}"
    database.create_catalogue(os.fsencode(tmp_path / "new.db"))
    assert schema(tmp_path / "new.db") == schema(tmp_path / "migrated.db")


def test_the_programs_revision_is_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(scripts()))
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert revisions == [database.HEAD], "an older catalogue needs a migration, and a backup before it"


def test_a_second_upgrade_changes_nothing(tmp_path: Path) -> None:
    path = migrated(tmp_path)
    before = path.read_bytes()
    upgrade(os.fsencode(path))
    assert path.read_bytes() == before


def test_any_path_will_do(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/a b%20'\xff?.db"
    upgrade(path)
    assert os.path.getsize(path) > 0


def test_write_ahead_logging_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "wal.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    upgrade(str(path))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_it_neither_prints_nor_touches_logging(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = (logging.root.level, list(logging.root.handlers), logging.getLogger("alembic").handlers)
    upgrade(str(tmp_path / "a.db"))
    assert (logging.root.level, list(logging.root.handlers), logging.getLogger("alembic").handlers) == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("name", "code"), [("text.db", "SQLITE_NOTADB"), ("absent/a.db", "SQLITE_CANTOPEN")])
def test_errors_are_sqlites_own(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "text.db").write_text("not a database" * 100)
    with pytest.raises(sqlite3.Error) as caught:
        upgrade(str(tmp_path / name))
    assert caught.value.sqlite_errorname == code


@pytest.mark.parametrize("statement", ["CREATE TRIGGER", "COMMIT the"])
def test_killed_while_it_makes_a_catalogue(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "a.db"
    assert run(KILLED, path, statement).returncode == -signal.SIGKILL
    assert schema(path) == {}
    upgrade(str(path))
    assert "media_fts" in schema(path)


@pytest.mark.parametrize("statement", ["UPDATE library", "DROP TABLE", "COMMIT the"])
def test_killed_while_it_migrates(tmp_path: Path, statement: str) -> None:
    path = migrated(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("INSERT INTO library (slug, root, root_display) VALUES ('a', x'2f61', '/a')")
    before = schema(path)
    package = installed(tmp_path / "site")
    assert run(KILLED, path, statement, path=package).returncode == -signal.SIGKILL
    assert schema(path) == before
    assert run(UPGRADE, path, path=package).stderr == ""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT slug, colour FROM library").fetchall() == [("a", "red")]
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0002",)]


def test_two_at_once_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    both = [subprocess.Popen([sys.executable, "-c", UPGRADE, path], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate()[1] for process in both] == ["", ""]
    assert "media_fts" in schema(path)


def test_a_wheel_carries_every_module_and_the_migrations(tmp_path: Path) -> None:
    """Builds one as an installer would, from a copy, since building leaves nothing beside the sources."""
    uv = shutil.which("uv", path=os.path.dirname(sys.executable))
    assert uv, "uv is in the development group; run `make install`"
    source = tmp_path / "source"
    source.mkdir()
    for name in ["src", "alembic"]:
        shutil.copytree(CHECKOUT / name, source / name)
    for name in [".gitignore", "pyproject.toml", "README.md", "LICENSE", "NOTICE"]:
        shutil.copy(CHECKOUT / name, source)
    for command in (["build", "--wheel", "--out-dir", "."], ["pip", "install", "--no-deps", "--target", "site", "."]):
        done = subprocess.run([uv, *command, "--quiet", "--no-config"], cwd=source, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    site = source / "site"
    modules = {path.relative_to(CHECKOUT / "src") for path in (CHECKOUT / "src").rglob("*.py")}
    assert modules == {path.relative_to(site) for path in site.rglob("*.py") if "_alembic" not in path.parts}
    code = UPGRADE + "; from mediaforge.catalog.migrate import scripts; print(scripts())"
    done = run(code, tmp_path / "a.db", path=site)
    assert (done.stdout.strip(), done.stderr) == (str(site / "mediaforge" / "_alembic"), "")
    assert schema(tmp_path / "a.db") == schema(migrated(tmp_path))
    assert not [name for name in os.listdir(site / "mediaforge" / "_alembic") if name.startswith("__pycache")]
