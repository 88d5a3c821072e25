"""What was found, compared with what is known: temporary tables on the scan's own connection.

`chunk` holds what the walk has just handed over, `seen` the rows found at their path, `difference` the files that are new or
changed, `gone` the rows that are not where they were, `moved` which of the two are one file. Nothing here grows with the
number of unchanged files but `seen`, at 8 bytes or so each.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import fields
from operator import itemgetter

from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.evidence import DISPLACED, NOW_MISSING, SUSPECT, WAS_MISSING, Step
from mediaforge.catalog.libraries import has_files
from mediaforge.catalog.paths import below
from mediaforge.model import LibraryId, MediaId
from mediaforge.scanned import Difference, Evidence, Found, Pair
from mediaforge.sidecars import moved_alike

_TABLES = (
    """CREATE TEMP TABLE chunk (path BLOB, suffix TEXT, kind TEXT, size INTEGER, mtime_ns INTEGER, inode INTEGER,
        companions BLOB)""",
    "CREATE TEMP TABLE seen (media_id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE scope (library_id INTEGER, known INTEGER, low BLOB, high BLOB)",
    """CREATE TEMP TABLE difference (id INTEGER PRIMARY KEY, library_id INTEGER, path BLOB, suffix TEXT, kind TEXT,
        size INTEGER, mtime_ns INTEGER, inode INTEGER, companions BLOB, media_id INTEGER, fingerprint TEXT, sha256 TEXT,
        touched INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TEMP TABLE gone (media_id INTEGER PRIMARY KEY, library_id INTEGER, path BLOB, size INTEGER, mtime_ns INTEGER,
        inode INTEGER, fingerprint TEXT, sha256 TEXT, how TEXT)""",
    "CREATE TEMP TABLE moved (difference_id INTEGER PRIMARY KEY, media_id INTEGER UNIQUE, evidence TEXT)",
)
# Made when the tables are full. The join of a move is by what the two files share, never by size alone: of a camera's raw
# pictures thousands are of one size.
_INDEXES = (
    "CREATE INDEX temp.gone_inode ON gone (inode, size)",
    "CREATE INDEX temp.gone_fingerprint ON gone (fingerprint)",
    "CREATE INDEX temp.gone_path ON gone (path)",
    "CREATE INDEX temp.gone_size ON gone (size)",
)

_PAGE = 2_000
_COMPARED = 1_000  # found files in one statement
_COMPANIONS = itemgetter(6)
_FIELDS = [field.name for field in fields(Difference)]

# A modification time that moved as file systems move it: FAT keeps two seconds, and a share in local time jumps by whole
# half-hours when daylight saving begins or ends. The other side must be exact, or a real edit could pass for it.
_DELTA = "abs(d.mtime_ns - m.mtime_ns)"
_SHIFTED = f"""d.size = m.size AND d.mtime_ns <> m.mtime_ns AND (
    ({_DELTA} <= 2000000000 AND (d.mtime_ns % 1000000000 = 0 OR m.mtime_ns % 1000000000 = 0))
    OR ({_DELTA} <= 86400000000000 AND ({_DELTA} + 2000000000) % 1800000000000 <= 4000000000
        AND ({_DELTA} % 1000000000 = 0 OR d.mtime_ns % 1000000000 = 0 OR m.mtime_ns % 1000000000 = 0)))"""


def unchanged_sql(library: LibraryId, files: int, *, beside: bool) -> str:
    """Return a query for the ids of so many files that stand as they were; `beside`: with what stands beside any of them.

    LIMIT tells SQLite how few files these are. It takes VALUES for very many, and would read all of `media` for each such
    query, to set up a filter before the index.
    """
    columns, row = ("path, size, mtime_ns, companions", "(?, ?, ?, ?)") if beside else ("path, size, mtime_ns", "(?, ?, ?)")
    values = ", ".join([row] * files)
    return f"""WITH c ({columns}) AS (SELECT * FROM (VALUES {values}) LIMIT {files})
        SELECT m.id FROM c CROSS JOIN media m ON m.library_id = {int(library)} AND m.path = c.path AND m.missing_at IS NULL
        WHERE m.size = c.size AND m.mtime_ns = c.mtime_ns AND m.companions IS {"c.companions" if beside else "NULL"}"""


class Differences:
    """One scan's comparison. Its tables go when the connection does."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._known: dict[LibraryId, bool] = {}  # whether a library has any files
        self._settling = 0  # known files that are left for the next scan: neither changed nor unchanged

    async def prepare(self) -> None:
        """Make the tables, outside of a transaction; beyond 8 MB they go to a file: a million files take 60."""
        for setting in ("temp_store=FILE", "temp.cache_size=-8192"):
            await self._catalogue.execute(f"PRAGMA {setting}")
        for statement in _TABLES:
            await self._catalogue.execute(statement)

    async def scan_below(self, library: LibraryId, path: bytes) -> None:
        """State that what is known below `path`, or at it, is looked for."""
        await self._add_scope(library, path, known=True)

    async def leave_unknown(self, library: LibraryId, path: bytes) -> None:
        """State that below `path`, or at it, nothing could be seen: what is known there stays as it is."""
        await self._add_scope(library, path, known=False)

    async def _add_scope(self, library: LibraryId, path: bytes, *, known: bool) -> None:
        bounds = [below(path)] + ([(path, path + b"\0")] if path else [])
        await self._catalogue.executemany(
            "INSERT INTO temp.scope VALUES (?, ?, ?, ?)", [(library, known, low, high) for low, high in bounds]
        )

    async def add(self, library: LibraryId, found: Sequence[Found]) -> None:
        """Compare found files with the rows at their paths."""
        if library not in self._known:
            self._known[library] = await has_files(self._catalogue, library)
        pages = [found[start : start + _COMPARED] for start in range(0, len(found), _COMPARED)]
        for page in pages:
            if not (self._known[library] and await self._see_unchanged(library, page) == len(page)):
                await self._add_different(library, page)

    async def _see_unchanged(self, library: LibraryId, found: Sequence[Found]) -> int:
        """Note the files that stand as they were, and return how many: nearly always all, which is what a rescan costs."""
        beside = any(map(_COMPANIONS, found))
        return await self._catalogue.execute(
            f"INSERT OR IGNORE INTO temp.seen {unchanged_sql(library, len(found), beside=beside)}",
            [value for one in found for value in ((one[0], one[3], one[4], one[6]) if beside else (one[0], one[3], one[4]))],
        )

    async def _add_different(self, library: LibraryId, found: Sequence[Found]) -> None:
        catalogue, params = self._catalogue, {"library": library}
        await catalogue.insert_rows("INSERT INTO temp.chunk", found)
        await catalogue.execute(
            """INSERT INTO temp.difference (library_id, path, suffix, kind, size, mtime_ns, inode, companions, media_id)
            SELECT :library, c.*, m.id FROM temp.chunk c
            LEFT JOIN media m ON m.library_id = :library AND m.path = c.path AND m.missing_at IS NULL
            WHERE m.id IS NULL OR m.size != c.size OR m.mtime_ns != c.mtime_ns OR m.companions IS NOT c.companions""",
            params,
        )
        await catalogue.execute(
            """INSERT OR IGNORE INTO temp.seen SELECT m.id FROM temp.chunk c
            JOIN media m ON m.library_id = :library AND m.path = c.path AND m.missing_at IS NULL""",
            params,
        )
        await catalogue.execute("DELETE FROM temp.chunk")

    async def kinds(self) -> dict[str, int]:
        """Return how many files of each kind differ so far."""
        return dict(await self._catalogue.fetch("SELECT kind, count(*) FROM temp.difference GROUP BY kind"))

    async def leave_settling(self, seconds: float) -> int:
        """Leave files that were written in the last `seconds` for the next scan, and return how many they are."""
        if not seconds:
            return 0
        young = "abs(mtime_ns / 1e9 - (julianday('now') - 2440587.5) * 86400) < ?"
        known = f"SELECT count(*) FROM temp.difference WHERE media_id IS NOT NULL AND {young}"
        self._settling = await self._catalogue.value(known, (seconds,))
        return await self._catalogue.execute(f"DELETE FROM temp.difference WHERE {young}", (seconds,))

    async def find_gone(self) -> None:
        """Collect the rows that are not where they were, as far as they may matter to what was found.

        Beside those of the scan's scope these are the ones missed before, those in whose place another file stands, and,
        until somebody has looked, those elsewhere that are as large as a new file.
        """
        everything = await self._catalogue.value(
            """SELECT (SELECT count(*) FROM media WHERE missing_at IS NULL
            AND library_id IN (SELECT library_id FROM temp.scope WHERE known)) = (SELECT count(*) FROM temp.seen)"""
        )  # counted, which is a tenth of the work: usually nothing is gone
        columns = "m.id, m.library_id, m.path, m.size, m.mtime_ns, m.inode, m.fingerprint, m.sha256"
        new_sizes = "SELECT size FROM temp.difference WHERE media_id IS NULL"
        for source, how in (
            (
                f"""media m WHERE m.missing_at IS NULL AND m.library_id IN (SELECT library_id FROM temp.scope WHERE known)
                AND m.id NOT IN (SELECT media_id FROM temp.seen) AND {_within(known=True)} AND NOT {_within(known=False)}""",
                NOW_MISSING,
            ),
            (
                f"""media m INDEXED BY ix_media_missing WHERE m.missing_at IS NOT NULL
                AND (m.size IN ({new_sizes}) OR (m.library_id, m.path) IN (
                SELECT library_id, path FROM temp.difference WHERE media_id IS NULL))""",
                WAS_MISSING,
            ),
            ("temp.difference d JOIN media m ON m.id = d.media_id WHERE m.inode != d.inode", DISPLACED),
            (f"media m WHERE m.missing_at IS NULL AND m.size IN ({new_sizes}) AND NOT {_within()}", SUSPECT),
        ):
            if not (everything and how == NOW_MISSING):
                await self._catalogue.execute(f"INSERT INTO temp.gone SELECT {columns}, '{how}' FROM {source}")
        for statement in _INDEXES:
            await self._catalogue.execute(statement)

    async def pairs(self, step: Step, *, only_suspects: bool = False) -> list[Pair]:
        """Return found files and gone rows, not matched yet, that are alike as `step` says, grouped by what they share."""
        rows = await self._catalogue.fetch(
            f"""SELECT {step.key}, d.id, g.media_id FROM temp.difference d JOIN temp.gone g ON {step.condition}
            WHERE d.id NOT IN (SELECT difference_id FROM temp.moved) {f"AND g.how = '{SUSPECT}'" if only_suspects else ""}
            AND g.media_id NOT IN (SELECT media_id FROM temp.moved) ORDER BY {step.key}, d.id, g.media_id"""
        )
        return [Pair(tuple(row[:-2]), row[-2], MediaId(row[-1])) for row in rows]

    async def places(self, ids: Sequence[MediaId]) -> list[tuple[MediaId, bytes, bytes]]:
        """Return for these rows the roots of their libraries and their paths."""
        rows = await self._catalogue.fetch(
            """SELECT m.id, l.root, m.path FROM media m JOIN library l ON l.id = m.library_id
            WHERE m.id IN (SELECT value FROM json_each(?)) ORDER BY l.root, m.path""",
            (json.dumps(list(ids)),),
        )
        return [(MediaId(row[0]), row[1], row[2]) for row in rows]

    async def settle_suspects(self, gone: Sequence[MediaId], still_there: Sequence[MediaId]) -> None:
        """Record of which suspects somebody has looked that they are gone, or still where they were."""
        update = f"UPDATE temp.gone SET how = '{NOW_MISSING}' WHERE media_id = ?"
        await self._catalogue.executemany(update, [(media,) for media in gone])
        await self._catalogue.executemany("DELETE FROM temp.gone WHERE media_id = ?", [(media,) for media in still_there])

    async def add_moves(self, moves: Sequence[tuple[int, MediaId]], evidence: Evidence) -> None:
        """Record which found file is which row."""
        await self._catalogue.executemany(
            "INSERT OR IGNORE INTO temp.moved VALUES (?, ?, ?)", [(d, media, evidence.value) for d, media in moves]
        )

    async def matched(self) -> set[int]:
        """Return the ids of the differences that were recognised."""
        return {row[0] for row in await self._catalogue.fetch("SELECT difference_id FROM temp.moved")}

    async def unmatched(self, *, hashed: bool = False) -> AsyncIterator[list[Difference]]:
        """Yield, page by page, the new files whose fingerprint (`hashed`: whose SHA-256) would tell whether they moved."""
        column = "sha256" if hashed else "fingerprint"
        where = f"""d.media_id IS NULL AND d.id NOT IN (SELECT difference_id FROM temp.moved) AND EXISTS (
            SELECT 1 FROM temp.gone g WHERE g.size = d.size AND g.{column} IS NOT NULL AND g.how != '{DISPLACED}'
            AND g.media_id NOT IN (SELECT media_id FROM temp.moved))"""
        async for page in self._pages(where):
            yield page

    async def shifted(self) -> AsyncIterator[list[tuple[Difference, str]]]:
        """Yield, page by page, changed files whose time alone moved, as file systems move it, and their known fingerprints.

        What stands beside them has not changed either, but perhaps its time.
        """
        where = f"d.media_id IN (SELECT m.id FROM media m WHERE m.id = d.media_id AND m.fingerprint IS NOT NULL AND {_SHIFTED})"
        async for page in self._pages(where):
            rows = await self._catalogue.fetch(
                "SELECT id, fingerprint, mtime_ns, companions FROM media WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps([difference.media for difference in page]),),
            )
            known = {row[0]: row[1:] for row in rows}
            yield [
                (found, fingerprint)
                for found, (fingerprint, mtime_ns, companions) in ((found, known[found.media]) for found in page)
                if moved_alike(companions, found.companions, found.mtime_ns - mtime_ns)
            ]

    async def add_touched(self, differences: Sequence[int]) -> None:
        """Record that of these changed files only the modification time is another."""
        await self._catalogue.executemany("UPDATE temp.difference SET touched = 1 WHERE id = ?", [(d,) for d in differences])

    async def add_fingerprints(self, fingerprints: Sequence[tuple[int, str]], *, hashed: bool = False) -> None:
        """Record the fingerprints (`hashed`: the SHA-256) of found files, by their differences' ids."""
        await self._catalogue.executemany(
            f"UPDATE temp.difference SET {'sha256' if hashed else 'fingerprint'} = ?2 WHERE id = ?1",
            [tuple(pair) for pair in fingerprints],
        )

    async def all(self) -> AsyncIterator[list[Difference]]:
        """Yield every difference, page by page, with the row that it was recognised as."""
        async for page in self._pages("TRUE"):
            yield page

    async def some(self, ids: Sequence[int]) -> list[Difference]:
        """Return the differences with these ids."""
        return await self._differences(f"d.id IN ({', '.join(str(int(d)) for d in ids)})")

    async def _pages(self, where: str) -> AsyncIterator[list[Difference]]:
        after = 0
        while page := await self._differences(f"d.id > {after} AND {where} ORDER BY d.id LIMIT {_PAGE}"):
            after = page[-1].id
            yield page

    async def _differences(self, where: str) -> list[Difference]:
        # A row that was recognised elsewhere is not the one at its old path any more: what stands there now is another file.
        rows = await self._catalogue.fetch(
            f"""SELECT d.id, d.library_id, d.path, d.suffix, d.kind, d.size, d.mtime_ns, d.inode, d.companions,
            CASE WHEN d.media_id NOT IN (SELECT media_id FROM temp.moved) THEN d.media_id END,
            v.media_id, v.evidence, d.touched FROM temp.difference d LEFT JOIN temp.moved v ON v.difference_id = d.id
            WHERE {where}"""
        )
        return [Difference(**dict(zip(_FIELDS, row, strict=True))) for row in rows]

    async def missing(self) -> AsyncIterator[list[tuple[MediaId, LibraryId, bytes]]]:
        """Yield, page by page, the rows that are missing now: nothing was recognised as them, and their path is free."""
        after = 0
        while rows := await self._catalogue.fetch(
            f"""SELECT media_id, library_id, path FROM temp.gone g WHERE media_id > ? AND {IS_MISSING}
            ORDER BY media_id LIMIT {_PAGE}""",
            (after,),
        ):
            after = rows[-1][0]
            yield [(MediaId(row[0]), LibraryId(row[1]), row[2]) for row in rows]

    async def counts(self) -> tuple[int, int]:
        """Return how many known items are unchanged, and of how many nothing is known in this scan."""
        unchanged = await self._catalogue.value(
            "SELECT (SELECT count(*) FROM temp.seen) - (SELECT count(*) FROM temp.difference WHERE media_id IS NOT NULL)"
        )
        unknown = await self._catalogue.value(
            f"""SELECT count(*) FROM media m WHERE m.missing_at IS NULL
            AND m.library_id IN (SELECT library_id FROM temp.scope WHERE NOT known)
            AND m.id NOT IN (SELECT media_id FROM temp.seen) AND {_within(known=True)} AND {_within(known=False)}"""
        )
        return unchanged - self._settling, unknown


def _within(*, known: bool | None = None) -> str:
    kind = "" if known is None else "s.known AND" if known else "NOT s.known AND"
    return f"""EXISTS (SELECT 1 FROM temp.scope s WHERE {kind} s.library_id = m.library_id
        AND m.path >= s.low AND (s.high IS NULL OR m.path < s.high))"""


IS_MISSING = f"""g.media_id NOT IN (SELECT media_id FROM temp.moved) AND (g.how = '{NOW_MISSING}'
    OR (g.how = '{DISPLACED}' AND g.media_id IN (SELECT d.media_id FROM temp.difference d
        JOIN temp.moved v ON v.difference_id = d.id)))"""
"""A row `g` is missing now when it is neither where it was nor anywhere else, or when a moved file has taken its place."""
