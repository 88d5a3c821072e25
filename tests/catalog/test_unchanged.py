"""The statement that a rescan runs for every thousand files costs as much in a large catalogue as in a small one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mediaforge.catalog.database import create_catalogue
from mediaforge.catalog.differences import unchanged_sql
from mediaforge.model import LibraryId


@pytest.mark.parametrize("beside", [False, True], ids=["no sidecars", "sidecars"])
def test_files_that_stand_as_they_were_are_found_by_their_paths_alone(tmp_path: Path, beside: bool) -> None:
    path = tmp_path / "catalog.db"
    create_catalogue(bytes(path))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO library (slug, root, root_display) VALUES ('a', x'2f61', '/a')")
        rows = [(f"{n:05}.jpg".encode(), f"{n:05}.jpg", n, n) for n in range(3000)]
        connection.executemany(
            """INSERT INTO media (library_id, path, path_text, suffix, kind, size, mtime_ns, inode, newest, shown_year,
            taken_local, taken_source) VALUES (1, ?, ?, 'jpg', 'image', 1, 1, ?, ?, 2020, '2020-01-01', 'mtime')""",
            rows,
        )
        connection.execute("ANALYZE")  # as `Catalogue.optimize` does after a scan
        sql = unchanged_sql(LibraryId(1), 1000, beside=beside)
        values = [value for row in rows[:1000] for value in ((row[0], 1, 1, None) if beside else (row[0], 1, 1))]
        plan = " / ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values))
        found = connection.execute(sql, values).fetchall()
    assert "SEARCH m USING INDEX uq_media_library_id_path (library_id=? AND path=?)" in plan
    assert "BLOOM" not in plan, "SQLite would read all of `media` for each thousand files"
    assert len(found) == 1000
