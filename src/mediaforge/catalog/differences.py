"""What was found, compared with what is known: temporary tables on the scan's own connection.

`chunk` holds what the walk has just handed over, `seen` the rows found at their path, `difference` the files that are new or
changed, `gone` the rows that are not where they were, `moved` which of the two are one file. Nothing here grows with the
number of unchanged files but `seen`, at 8 bytes or so each.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, fields

from mediaforge.catalog.database import Catalogue
from mediaforge.model import Difference, Evidence, LibraryId, MediaId

_TABLES = (
    "CREATE TEMP TABLE chunk (path BLOB, suffix TEXT, kind TEXT, size INTEGER, mtime_ns INTEGER, inode INTEGER)",
    "CREATE TEMP TABLE seen (media_id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE scope (library_id INTEGER, known INTEGER, low BLOB, high BLOB)",
    """CREATE TEMP TABLE difference (id INTEGER PRIMARY KEY, library_id INTEGER, path BLOB, suffix TEXT, kind TEXT,
        size INTEGER, mtime_ns INTEGER, inode INTEGER, media_id INTEGER, fingerprint TEXT)""",
    """CREATE TEMP TABLE gone (media_id INTEGER PRIMARY KEY, library_id INTEGER, path BLOB, size INTEGER, mtime_ns INTEGER,
        inode INTEGER, fingerprint TEXT, known_at TEXT)""",
    "CREATE TEMP TABLE moved (difference_id INTEGER PRIMARY KEY, media_id INTEGER UNIQUE, evidence TEXT)",
)

# `known_at` says how a row came to be in `gone`: it was missing before, it is missing now, or another file stands at its path.
_WAS, _NOW, _DISPLACED = "was missing", "now missing", "displaced"

_PAGE = 2_000
_FIELDS = [field.name for field in fields(Difference)]


@dataclass(frozen=True, slots=True)
class GonePair:
    """A found file and a row that is not where it was, alike in what makes them candidates for one another."""

    key: tuple[object, ...]
    difference: int
    media: MediaId


@dataclass(frozen=True, slots=True)
class Alike:
    """One step of recognising moved files: what a found file and a gone row share, in SQL."""

    evidence: Evidence
    key: str
    condition: str


_SAME_VOLUME = """(g.library_id = d.library_id OR (SELECT volume FROM library WHERE id = g.library_id)
    = (SELECT volume FROM library WHERE id = d.library_id))"""
_AT_ITS_PATH = f"g.library_id = d.library_id AND g.path = d.path AND d.media_id IS NULL AND g.known_at = '{_WAS}'"

BEFORE_READING = (
    Alike(
        Evidence.INODE,
        "d.inode, d.size, d.mtime_ns",
        f"g.size = d.size AND g.inode = d.inode AND g.mtime_ns = d.mtime_ns AND {_SAME_VOLUME}",
    ),
    Alike(Evidence.PATH, "d.library_id, d.path", f"{_AT_ITS_PATH} AND g.size = d.size AND g.mtime_ns = d.mtime_ns"),
)
"""What recognises a file without reading it, most trusted first."""

AFTER_READING = (
    Alike(
        Evidence.FINGERPRINT,
        "d.size, d.fingerprint",
        f"g.size = d.size AND g.fingerprint = d.fingerprint AND d.media_id IS NULL AND g.known_at != '{_DISPLACED}'",
    ),
    # Restored, or made anew, where it was missed: whoever tagged the old one means this one.
    Alike(Evidence.PATH, "d.library_id, d.path", _AT_ITS_PATH),
)
"""What recognises a file once the fingerprints of the candidates are known."""


def below(path: bytes) -> tuple[bytes, bytes | None]:
    """Return the bounds `low <= p < high` of the paths that are below the folder `path` (relative; b"" is the root)."""
    return (path + b"/", path + b"0") if path else (b"", None)  # "0" is the character after "/"


class Differences:
    """One scan's comparison. Its tables go when the connection does."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def prepare(self) -> None:
        """Make the tables."""
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

    async def add(self, library: LibraryId, found: Sequence[tuple[bytes, str, str, int, int, int]]) -> None:
        """Compare found files (path, suffix, kind, size, mtime_ns, inode) with the rows at their paths."""
        catalogue, params = self._catalogue, {"library": library}
        await catalogue.executemany("INSERT INTO temp.chunk VALUES (?, ?, ?, ?, ?, ?)", found)
        await catalogue.execute(
            """INSERT INTO temp.difference (library_id, path, suffix, kind, size, mtime_ns, inode, media_id)
            SELECT :library, c.path, c.suffix, c.kind, c.size, c.mtime_ns, c.inode, m.id FROM temp.chunk c
            LEFT JOIN media m ON m.library_id = :library AND m.path = c.path AND m.missing_at IS NULL
            WHERE m.id IS NULL OR m.size != c.size OR m.mtime_ns != c.mtime_ns""",
            params,
        )
        await catalogue.execute(
            """INSERT OR IGNORE INTO temp.seen SELECT m.id FROM temp.chunk c
            JOIN media m ON m.library_id = :library AND m.path = c.path AND m.missing_at IS NULL""",
            params,
        )
        await catalogue.execute("DELETE FROM temp.chunk")

    async def find_gone(self) -> None:
        """Collect the rows that are not where they were, as far as they may matter to what was found."""
        columns = "m.id, m.library_id, m.path, m.size, m.mtime_ns, m.inode, m.fingerprint"
        await self._catalogue.execute("CREATE INDEX temp.difference_size ON difference (size)")
        await self._catalogue.execute(
            f"""INSERT INTO temp.gone SELECT {columns}, '{_NOW}' FROM media m
            WHERE m.missing_at IS NULL AND m.library_id IN (SELECT library_id FROM temp.scope WHERE known)
            AND m.id NOT IN (SELECT media_id FROM temp.seen) AND {_within(known=True)} AND NOT {_within(known=False)}"""
        )
        await self._catalogue.execute(
            f"""INSERT INTO temp.gone SELECT {columns}, '{_WAS}' FROM media m
            WHERE m.missing_at IS NOT NULL AND (m.size IN (SELECT size FROM temp.difference WHERE media_id IS NULL)
            OR (m.library_id, m.path) IN (SELECT library_id, path FROM temp.difference WHERE media_id IS NULL))"""
        )
        await self._catalogue.execute(
            f"""INSERT INTO temp.gone SELECT {columns}, '{_DISPLACED}' FROM temp.difference d
            JOIN media m ON m.id = d.media_id WHERE m.inode != d.inode"""
        )
        await self._catalogue.execute("CREATE INDEX temp.gone_size ON gone (size)")

    async def pairs(self, step: Alike) -> list[GonePair]:
        """Return found files and gone rows, not matched yet, that are alike as `step` says, grouped by what they share."""
        rows = await self._catalogue.fetch(
            f"""SELECT {step.key}, d.id, g.media_id FROM temp.difference d JOIN temp.gone g ON {step.condition}
            WHERE d.id NOT IN (SELECT difference_id FROM temp.moved)
            AND g.media_id NOT IN (SELECT media_id FROM temp.moved) ORDER BY {step.key}, d.id, g.media_id"""
        )
        return [GonePair(tuple(row[:-2]), row[-2], MediaId(row[-1])) for row in rows]

    async def add_moves(self, moves: Sequence[tuple[int, MediaId]], evidence: Evidence) -> None:
        """Record which found file is which row."""
        await self._catalogue.executemany(
            "INSERT OR IGNORE INTO temp.moved VALUES (?, ?, ?)", [(d, media, evidence.value) for d, media in moves]
        )

    async def matched(self) -> set[int]:
        """Return the ids of the differences that were recognised."""
        return {row[0] for row in await self._catalogue.fetch("SELECT difference_id FROM temp.moved")}

    async def unmatched(self) -> AsyncIterator[list[Difference]]:
        """Yield, page by page, the new files whose fingerprint would tell whether they moved."""
        where = f"""d.media_id IS NULL AND d.id NOT IN (SELECT difference_id FROM temp.moved) AND EXISTS (
            SELECT 1 FROM temp.gone g WHERE g.size = d.size AND g.fingerprint IS NOT NULL AND g.known_at != '{_DISPLACED}'
            AND g.media_id NOT IN (SELECT media_id FROM temp.moved))"""
        async for page in self._pages(where):
            yield page

    async def add_fingerprints(self, fingerprints: Sequence[tuple[int, str]]) -> None:
        """Record the fingerprints of found files, by their differences' ids."""
        await self._catalogue.executemany(
            "UPDATE temp.difference SET fingerprint = ?2 WHERE id = ?1", [tuple(pair) for pair in fingerprints]
        )

    async def all(self) -> AsyncIterator[list[Difference]]:
        """Yield every difference, page by page, with the row that it was recognised as."""
        async for page in self._pages("TRUE"):
            yield page

    async def _pages(self, where: str) -> AsyncIterator[list[Difference]]:
        after = 0
        while rows := await self._catalogue.fetch(
            f"""SELECT d.id, d.library_id, d.path, d.suffix, d.kind, d.size, d.mtime_ns, d.inode, d.media_id,
            v.media_id, v.evidence FROM temp.difference d LEFT JOIN temp.moved v ON v.difference_id = d.id
            WHERE d.id > ? AND {where} ORDER BY d.id LIMIT {_PAGE}""",
            (after,),
        ):
            after = rows[-1][0]
            yield [Difference(**dict(zip(_FIELDS, row, strict=True))) for row in rows]

    async def missing(self) -> AsyncIterator[list[tuple[MediaId, LibraryId, bytes]]]:
        """Yield, page by page, the rows that are missing now: nothing was recognised as them, and their path is free."""
        after = 0
        while rows := await self._catalogue.fetch(
            f"""SELECT media_id, library_id, path FROM temp.gone g WHERE media_id > ? AND {MISSING_NOW}
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
        return unchanged, unknown


def _within(*, known: bool) -> str:
    return f"""EXISTS (SELECT 1 FROM temp.scope s WHERE {"" if known else "NOT"} s.known AND s.library_id = m.library_id
        AND m.path >= s.low AND (s.high IS NULL OR m.path < s.high))"""


# A row is missing now when it is neither where it was nor anywhere else, or when a moved file has taken its place.
MISSING_NOW = f"""g.media_id NOT IN (SELECT media_id FROM temp.moved) AND (g.known_at = '{_NOW}'
    OR (g.known_at = '{_DISPLACED}' AND g.media_id IN (SELECT d.media_id FROM temp.difference d
        JOIN temp.moved v ON v.difference_id = d.id)))"""
