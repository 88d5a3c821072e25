"""The target `facts`: which are stale, and the facts that were read, written down."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from operator import attrgetter

from mediaforge.catalog import corrections
from mediaforge.catalog.columns import DERIVED, FACT_COLUMNS
from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.catalog.indexed import add_text, drop_text
from mediaforge.catalog.paths import join
from mediaforge.catalog.record import local_mtime
from mediaforge.model import PASSING, Facts, Failure, MediaId, Stamp, Stream
from mediaforge.scanned import Failed, Reading, StaleRow

_PAGE = 5_000

_PASSING = ", ".join(f"'{failure}'" for failure in sorted(PASSING))

# A hash stays while the file's stamp does: read again, rotten bits would otherwise pass for what the file was.
_HASHED = "sha256 IS NOT NULL AND facts_size IS :{0}size AND facts_mtime_ns IS :{0}mtime_ns"

# Word for word the condition of the partial index that holds hardly more than the stale rows; SQLite would take another.
_FEW = "media m INDEXED BY ix_media_stale"
_MAYBE_STALE = (
    "(facts_version IS NULL OR facts_size IS NOT size OR facts_mtime_ns IS NOT mtime_ns"
    " OR facts_companions IS NOT companions OR facts_failure IS NOT NULL)"
)
_STALE = f"""(facts_version IS NULL OR facts_version < :version OR facts_size IS NOT size OR facts_mtime_ns IS NOT mtime_ns
    OR facts_companions IS NOT companions OR facts_failure IN ({_PASSING}) OR (facts_failure IS NOT NULL AND :retry))"""
_IN_SCOPE = """missing_at IS NULL AND EXISTS (SELECT 1 FROM temp.scope s WHERE s.known AND s.library_id = m.library_id
    AND m.path >= s.low AND (s.high IS NULL OR m.path < s.high))"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which facts are stale: read by an older `version`, of an earlier stamp, failed and due (`retry`: all that failed),
    or, with `full`, read before that instant."""

    version: int
    retry: bool = False
    full: str | None = None

    @property
    def params(self) -> dict[str, object]:
        """The parameters of the statements that ask."""
        return {"version": self.version, "retry": self.retry, "full": self.full}

    @property
    def condition(self) -> str:
        """The condition in SQL that a row's facts are stale."""
        return f"(({_STALE}) OR facts_at IS NULL OR facts_at < :full)" if self.full else _STALE

    async def branches(self, catalogue: Catalogue) -> Sequence[tuple[str, str]]:
        """Return what to read, with conditions that cover the stale rows without overlap.

        The first is served by an index that holds hardly more than them. The second, of what an older version read, has to
        look at every row, 1.3 µs each, so it is left out where an index says that there is none.
        """
        if self.full:
            return (("media m", self.condition),)
        outdated = await catalogue.value("SELECT EXISTS (SELECT 1 FROM media WHERE facts_version < ?)", (self.version,))
        older = (("media m", f"facts_version < :version AND NOT {_MAYBE_STALE}"),) if outdated else ()
        return ((_FEW, f"{_MAYBE_STALE} AND {_STALE}"), *older)


async def count_stale(catalogue: Catalogue, wanted: Wanted) -> int:
    """Return how many files in the scan's scope have stale facts."""
    total = 0
    for rows, branch in await wanted.branches(catalogue):
        total += await catalogue.value(f"SELECT count(*) FROM {rows} WHERE {_IN_SCOPE} AND {branch}", wanted.params)
    return total


async def count_pending(catalogue: Catalogue, wanted: Wanted) -> int:
    """Return how many files that stand as they were have stale facts all the same, before a plan is written down."""
    found = "SELECT media_id FROM temp.difference WHERE media_id IS NOT NULL UNION SELECT media_id FROM temp.gone"
    count: int = await catalogue.value(
        f"SELECT count(*) FROM media m WHERE {_IN_SCOPE} AND ({wanted.condition}) AND id NOT IN ({found})", wanted.params
    )
    return count


async def count_failed(catalogue: Catalogue) -> int:
    """Return how many files in the scan's scope could not be read, now or earlier."""
    count: int = await catalogue.value(
        f"SELECT count(*) FROM {_FEW} WHERE {_IN_SCOPE} AND {_MAYBE_STALE} AND facts_failure IS NOT NULL"
    )
    return count


async def stale(catalogue: Catalogue, wanted: Wanted) -> AsyncIterator[MediaId]:
    """Yield the ids of the files in the scan's scope whose facts are stale."""
    for source, branch in await wanted.branches(catalogue):
        after = 0
        while rows := await catalogue.fetch(
            f"SELECT id FROM {source} WHERE id > :after AND {_IN_SCOPE} AND {branch} ORDER BY id LIMIT {_PAGE}",
            {"after": after, **wanted.params},
        ):
            after = rows[-1][0]
            for row in rows:
                yield MediaId(row[0])


async def still_stale(catalogue: Catalogue, wanted: Wanted, ids: Sequence[MediaId]) -> list[StaleRow]:
    """Return those of `ids` whose facts are stale now."""
    rows = await catalogue.fetch(
        f"""SELECT m.id, l.root, m.path, m.suffix, m.size, m.mtime_ns, m.companions,
        CASE WHEN facts_size IS m.size AND facts_mtime_ns IS m.mtime_ns THEN facts_failure END
        FROM media m JOIN library l ON l.id = m.library_id
        WHERE m.id IN (SELECT value FROM json_each(:ids)) AND missing_at IS NULL AND {wanted.condition} ORDER BY m.id""",
        {"ids": json.dumps(list(ids)), **wanted.params},
    )
    return [
        StaleRow(MediaId(row[0]), join(row[1], row[2]), row[3], Stamp(*row[4:7]), Failure(row[7]) if row[7] else None)
        for row in rows
    ]


async def store_facts(catalogue: Catalogue, version: int, readings: Sequence[tuple[StaleRow, Reading]]) -> None:
    """Write down what was read, in the caller's transaction; a newer version's facts are left alone.

    What a person set stays, and what the file says instead is kept beside it.
    """
    ids = [row.id for row, _reading in readings]
    await drop_text(catalogue, ids)  # first, since a new time moves the text; what has no text yet is not moved
    named = {"id": ":id", "taken_local": ":taken_local", "year": ":year"}
    derived = ", ".join(f"{name} = {sql.format(**named)}" for name, sql in DERIVED.items())
    columns = [*FACT_COLUMNS, "facts_size", "facts_mtime_ns", "facts_companions", "inode", "fingerprint", "reader"]
    await catalogue.execute_each(
        f"""UPDATE media SET {", ".join(f"{name} = :{name}" for name in columns)}, {derived}, kind = coalesce(:kind, kind),
        sha256 = CASE WHEN {_HASHED.format("facts_")} THEN sha256 ELSE :sha256 END,
        facts_version = :version, facts_attempts = 0, facts_failure = NULL, facts_error = NULL, facts_at = {NOW}
        WHERE id = :id AND coalesce(facts_version, 0) <= :version""",
        [_row(row, reading, version) for row, reading in readings],
    )
    await corrections.keep(catalogue, ids, version)
    await catalogue.executemany("DELETE FROM stream WHERE media_id = ?", [(media,) for media in ids])
    await catalogue.executemany(
        f"INSERT INTO stream VALUES (?{', ?' * 19})",
        [_stream(row.id, stream) for row, reading in readings for stream in reading.facts.streams],
    )
    await add_text(catalogue, ids)


_PLAIN = tuple(name for name in FACT_COLUMNS if name in Facts.__slots__)  # the others are made of what is not plain
_plain = attrgetter(*_PLAIN)


def _row(row: StaleRow, reading: Reading, version: int) -> dict[str, object]:
    facts = reading.facts
    return {
        **dict(zip(_PLAIN, _plain(facts), strict=True)),
        **_taken(facts, reading.stamp),
        "chapters": _json([_without_none(asdict(chapter)) for chapter in facts.chapters]),
        "keywords": _json(list(facts.keywords)),
        "extra": _json(facts.extra),
        "origins": _json(facts.origins),
        "facts_size": reading.stamp.size,
        "facts_mtime_ns": reading.stamp.mtime_ns,
        "facts_companions": reading.stamp.companions,
        "inode": reading.inode,
        "fingerprint": reading.fingerprint,
        "sha256": reading.sha256,
        "reader": facts.reader,
        "kind": facts.kind,
        "version": version,
        "id": row.id,
    }


def _taken(facts: Facts, stamp: Stamp) -> dict[str, object]:
    if facts.taken_at is None or facts.taken_source is None:
        local, seconds = local_mtime(stamp.mtime_ns)
        return {"taken_local": local, "taken_offset": seconds, "taken_source": "mtime"}
    offset: timedelta | None = facts.taken_at.utcoffset()
    return {
        "taken_local": facts.taken_at.replace(tzinfo=None).isoformat(),
        "taken_offset": None if offset is None else int(offset.total_seconds()),
        "taken_source": facts.taken_source.value,
    }


def _stream(media: MediaId, s: Stream) -> tuple[object, ...]:
    described = (s.codec, s.profile, s.level, s.language, s.title, s.bit_rate)
    shape = (s.width, s.height, s.fps, s.pixel_format, s.bit_depth, s.channels, s.sample_rate)
    flags = (int(s.default), int(s.forced), int(s.attached_picture))
    return (media, s.index, s.type.value, *described, *shape, *flags, s.file)


def _without_none(value: Mapping[str, object]) -> dict[str, object]:
    return {name: part for name, part in value.items() if part is not None}


def _json(value: Mapping[str, object] | Sequence[object]) -> str | None:
    return json.dumps(value, ensure_ascii=False, default=str) if value else None


async def store_failures(catalogue: Catalogue, version: int, failures: Sequence[tuple[StaleRow, Failed]]) -> None:
    """Write down why files could not be read, in the caller's transaction; what was read of them before stays."""
    await catalogue.executemany(
        f"""UPDATE media SET facts_version = :version, facts_size = :size, facts_mtime_ns = :mtime_ns,
        facts_companions = :companions, facts_attempts = facts_attempts + 1, facts_failure = :failure,
        facts_error = :error, facts_at = {NOW}, fingerprint = coalesce(:fingerprint, fingerprint),
        sha256 = CASE WHEN :fingerprint IS NULL OR ({_HASHED.format("")}) THEN sha256 ELSE :sha256 END
        WHERE id = :id AND coalesce(facts_version, 0) <= :version""",
        [
            {
                "version": version,
                "size": (failed.stamp or row.stamp).size,
                "mtime_ns": (failed.stamp or row.stamp).mtime_ns,
                "companions": (failed.stamp or row.stamp).companions,
                "failure": failed.reason.value,
                "error": failed.message,
                "fingerprint": failed.fingerprint,
                "sha256": failed.sha256,
                "id": row.id,
            }
            for row, failed in failures
        ],
    )
