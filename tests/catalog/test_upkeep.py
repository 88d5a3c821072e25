"""The catalogue's file: copies that are whole, damage that is found, room that is given back."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from test_migrate import installed

from bench.make_catalog import make_catalogue
from mediaforge.catalog import upkeep
from mediaforge.catalog.database import open_catalogue
from mediaforge.errors import CatalogueError, UsageError


@pytest.fixture
async def path(tmp_path: Path) -> bytes:
    """A catalogue of 300 items."""
    path = tmp_path / "catalog.db"
    await make_catalogue(str(path), rows=300)
    return os.fsencode(path)


def change(path: bytes, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def rows(path: bytes, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_a_copy_is_the_same_catalogue(path: bytes, tmp_path: Path) -> None:
    target = os.fsencode(tmp_path / "new folder" / "copy.db")
    assert upkeep.copy_catalogue(path, target) == os.path.getsize(target)
    for sql in ("SELECT * FROM media", "SELECT rowid, * FROM media_fts", "SELECT * FROM media_tag", "PRAGMA journal_mode"):
        assert rows(target, sql) == rows(path, sql)
    assert upkeep.check_catalogue(target) == []
    assert os.listdir(tmp_path / "new folder") == ["copy.db"]


def test_a_copy_is_one_moment_of_a_catalogue_that_is_written(path: bytes, tmp_path: Path) -> None:
    change(path, "CREATE TABLE pair (a INTEGER, b INTEGER)", "INSERT INTO pair VALUES (0, 0)")
    over = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as connection:
            while not over.is_set():
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("UPDATE pair SET a = a + 1")
                connection.execute("UPDATE pair SET b = b + 1")
                connection.execute("COMMIT")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            target = os.fsencode(tmp_path / f"{number}.db")
            upkeep.copy_catalogue(path, target)
            ((a, b),) = rows(target, "SELECT a, b FROM pair")
            assert a == b
    finally:
        over.set()
        writer.join()


def test_a_copy_takes_nobodys_place(path: bytes, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match=re.escape(f"'{tmp_path}/mine.txt' is there already; name another file")):
        upkeep.copy_catalogue(path, os.fsencode(tmp_path / "mine.txt"))
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_where_no_copy_can_be_written(path: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CatalogueError, match="cannot write the backup"):
        upkeep.copy_catalogue(path, os.fsencode(tmp_path / "file" / "copy.db"))


def test_the_newest_copies_are_kept(path: bytes) -> None:
    made = []
    for number in range(upkeep.KEPT + 2):
        made.append(upkeep.next_backup(path, "0001"))
        upkeep.copy_catalogue(path, made[-1])
        os.utime(made[-1], (1_700_000_000 + number,) * 2)
    upkeep.forget_backups(path)
    folder = upkeep.backup_folder(path)
    assert sorted(os.path.join(folder, name) for name in os.listdir(folder)) == sorted(made[2:])


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM media_fts WHERE rowid = (SELECT newest FROM media WHERE id = 7)", "1 items without full text"),
        ("UPDATE media_fts SET rowid = 5 WHERE rowid = (SELECT newest FROM media WHERE id = 7)", "full text of items that are"),
        ("UPDATE media SET shown_year = 1 WHERE id IN (3, 4)", "2 items whose 'shown_year' does not follow"),
        ("DELETE FROM tag WHERE name = 'family'", "rows of 'media_tag' name a row of 'tag' that is not there"),
        ("DROP INDEX ix_media_size", "'ix_media_size' is missing"),
        ("CREATE TABLE extra (a)", "'extra' does not belong here"),
        ("DROP TRIGGER media_fts_delete", "'media_fts_delete' is missing"),
    ],
)
def test_what_a_check_finds(path: bytes, statement: str, found: str) -> None:
    assert upkeep.check_catalogue(path) == []
    change(path, "PRAGMA foreign_keys = OFF", statement)
    told = [finding.detail for finding in upkeep.check_catalogue(path)]
    assert any(found in detail for detail in told), told


def test_a_check_finds_broken_pages(path: bytes) -> None:
    change(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    ((page, size),) = rows(path, "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'ix_media_size'")
    assert isinstance(page, int) and isinstance(size, int)
    with open(path, "r+b") as file:
        file.seek((page - 1) * size + 200)
        file.write(bytes(1000))
    assert "damaged" in {finding.what for finding in upkeep.check_catalogue(path)}


def test_a_check_finds_a_full_text_that_is_not_its_rows(path: bytes) -> None:
    assert upkeep.check_full_text(path) == []
    change(path, "UPDATE media_fts_content SET c0 = 'something else' WHERE id = (SELECT newest FROM media WHERE id = 9)")
    assert [finding.what for finding in upkeep.check_full_text(path)] == ["damaged"]


def test_room_is_given_back(path: bytes) -> None:
    change(path, "PRAGMA foreign_keys = ON", "DELETE FROM media WHERE id > 20")
    before, after = upkeep.vacuum(path)
    assert after < before / 2 and after == os.path.getsize(path)
    assert upkeep.check_catalogue(path) == [] == upkeep.check_full_text(path)


def next_release(folder: Path) -> Path:
    """Lay out the package as the release after this one, with a migration more."""
    site = installed(folder)
    module = site / "mediaforge" / "catalog" / "database.py"
    module.write_text(module.read_text().replace('HEAD = "0001"', 'HEAD = "0002"'))
    return site


def with_release(site: Path, catalogue: bytes, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(site), "MEDIAFORGE_CATALOG": os.fsdecode(catalogue), "LC_ALL": "C.UTF-8"}
    environ["XDG_STATE_HOME"] = environ["XDG_CONFIG_HOME"] = str(site)
    return subprocess.run([sys.executable, "-m", "mediaforge", *words], env=environ, capture_output=True, text=True, cwd="/")


def test_the_next_release_brings_a_catalogue_up_to_date_and_keeps_a_copy(path: bytes, tmp_path: Path) -> None:
    site = next_release(tmp_path / "site")
    before = rows(path, "SELECT * FROM media_tag")
    done = with_release(site, path, "search", "tag:family", "--limit", "1", "--format", "paths")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1), done.stderr
    (copy,) = os.listdir(upkeep.backup_folder(path))
    kept = os.path.join(upkeep.backup_folder(path), copy)
    assert f"brought the catalogue up to date; a copy of what it was is '{os.fsdecode(kept)}'" in done.stderr
    assert rows(path, "SELECT version_num FROM alembic_version") == [("0002",)]
    assert rows(path, "SELECT * FROM media_tag") == before == rows(kept, "SELECT * FROM media_tag")
    assert upkeep.check_catalogue(kept) == []
    again = with_release(site, path, "search", "tag:family", "--limit", "1", "--format", "paths")
    assert again.stderr == "" and os.listdir(upkeep.backup_folder(path)) == [copy]


def test_a_catalogue_that_cannot_be_brought_up_to_date_is_left_alone(path: bytes, tmp_path: Path) -> None:
    site = next_release(tmp_path / "site")
    os.mkdir(os.path.dirname(path) + b"/taken")
    with open(upkeep.backup_folder(path), "w"):  # where the folder of copies would be
        pass
    done = with_release(site, path, "search", "beach")
    assert done.returncode == 10 and done.stderr.startswith("error: cannot write the backup"), done.stderr
    assert rows(path, "SELECT version_num FROM alembic_version") == [("0001",)]


async def test_opening_a_catalogue_of_this_release_copies_nothing(path: bytes) -> None:
    async with open_catalogue(path) as catalogue:
        assert catalogue.backup is None
    assert not os.path.exists(upkeep.backup_folder(path))
