"""The plan of a scan, written down: new, changed, moved and missing rows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from mediaforge.catalog.columns import DERIVED
from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.catalog.differences import IS_MISSING
from mediaforge.catalog.fulltext import fts_text
from mediaforge.catalog.regroup import leave
from mediaforge.model import ScanId, TakenSource
from mediaforge.scanned import Difference
from mediaforge.text import display_path

_PATH = "CAST(rtrim(l.root, '/') || '/' || m.path AS BLOB)"  # bytes stay as they are: || and CAST look at none of them


async def record_departures(catalogue: Catalogue, scan: ScanId) -> None:
    """Mark the rows missing that are not where they were, in the caller's transaction.

    Those that were recognised elsewhere, too: all leave their old paths before any takes its new one, since files may have
    swapped their names. Should the scan end here, the next one finds them as missing ones that turn up.
    """
    await catalogue.execute(
        f"""INSERT INTO history (media_id, scan_id, event, before) SELECT m.id, ?, 'missing', {_PATH}
        FROM media m JOIN library l ON l.id = m.library_id
        WHERE m.missing_at IS NULL AND m.id IN (SELECT g.media_id FROM temp.gone g WHERE {IS_MISSING})""",
        (scan,),
    )
    departed = f"SELECT media_id FROM temp.moved UNION SELECT g.media_id FROM temp.gone g WHERE {IS_MISSING}"
    await leave(catalogue, departed)
    await catalogue.execute(f"UPDATE media SET missing_at = {NOW} WHERE missing_at IS NULL AND id IN ({departed})")


async def record_moved(catalogue: Catalogue, scan: ScanId, differences: Sequence[Difference]) -> None:
    """Give the rows of files that were recognised their new paths, in the caller's transaction."""
    await catalogue.executemany(
        f"""INSERT INTO history (media_id, scan_id, event, evidence, before, after)
        SELECT m.id, ?, 'moved', ?, {_PATH}, CAST(rtrim(n.root, '/') || '/' || ? AS BLOB)
        FROM media m JOIN library l ON l.id = m.library_id JOIN library n ON n.id = ? WHERE m.id = ?""",
        [(scan, d.evidence, d.path, d.library, d.was) for d in differences],
    )
    await catalogue.executemany(
        """UPDATE media SET library_id = ?, path = ?, path_text = ?, suffix = ?, kind = ?, size = ?, mtime_ns = ?, inode = ?,
        companions = ?, missing_at = NULL WHERE id = ?""",
        [(d.library, d.path, display_path(d.path), d.suffix, d.kind, *_state(d), d.was) for d in differences],
    )
    await catalogue.executemany(
        "UPDATE media_fts SET path = ? WHERE rowid = (SELECT newest FROM media WHERE id = ?)",
        [(fts_text(display_path(d.path)), d.was) for d in differences],
    )


async def record_changed(catalogue: Catalogue, differences: Sequence[Difference]) -> None:
    """Give the rows of changed files their new stamps, which makes their facts stale."""
    await catalogue.executemany(
        "UPDATE media SET size = ?, mtime_ns = ?, inode = ?, companions = ? WHERE id = ?",
        [(*_state(d), d.media) for d in differences],
    )


def _state(d: Difference) -> tuple[object, ...]:
    return d.size, d.mtime_ns, d.inode, d.companions


async def record_touched(catalogue: Catalogue, differences: Sequence[Difference]) -> None:
    """Give the rows of files whose time alone moved their new stamps, under which their facts stay true."""
    await catalogue.executemany(
        """UPDATE media SET facts_mtime_ns = CASE WHEN facts_mtime_ns IS mtime_ns THEN ?1 ELSE facts_mtime_ns END,
        facts_companions = CASE WHEN facts_companions IS companions THEN ?4 ELSE facts_companions END,
        mtime_ns = ?1, inode = ?2, companions = ?4 WHERE id = ?3""",
        [(d.mtime_ns, d.inode, d.media, d.companions) for d in differences],
    )


async def record_new(catalogue: Catalogue, differences: Sequence[Difference]) -> None:
    """Add rows for new files; they are found by their names at once, and by their facts when these are read."""
    derived = ", ".join(sql.format(id="?1", taken_local="?11", year="NULL") for sql in DERIVED.values())
    first = 1 + (await catalogue.value("SELECT seq FROM sqlite_sequence WHERE name = 'media'") or 0)
    rows, texts = [], []
    for media, d in enumerate(differences, start=first):
        shown = display_path(d.path)
        local, offset = local_mtime(d.mtime_ns)
        rows.append((media, d.library, d.path, shown, d.suffix, d.kind, *_state(d), local, offset))
        texts.append((local, media, fts_text(shown)))
    await catalogue.executemany(
        f"""INSERT INTO media (id, library_id, path, path_text, suffix, kind, size, mtime_ns, inode, companions, taken_local,
        taken_offset, taken_source, {", ".join(DERIVED)})
        VALUES (?1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?11, ?, '{TakenSource.MTIME.value}', {derived})""",
        rows,
    )
    # By their rowids, as indexed.py says, and not from a SELECT: before each of these FTS5 writes down what it has collected,
    # which took four times as long.
    newest = DERIVED["newest"].format(id="?2", taken_local="?1")
    await catalogue.executemany(f"INSERT INTO media_fts (rowid, path) VALUES ({newest}, ?3)", sorted(texts))


def local_mtime(mtime_ns: int) -> tuple[str, int]:
    """Return a modification time as this machine's local time in ISO 8601, and its offset in seconds east of UTC."""
    try:
        parts = time.localtime(mtime_ns // 1_000_000_000)
    except (OverflowError, ValueError, OSError):  # a year that the C library cannot name
        return "1970-01-01T00:00:00", 0
    if not 0 < parts.tm_year < 10_000:
        return "1970-01-01T00:00:00", 0
    return datetime(*parts[:6]).isoformat(), parts.tm_gmtoff  # noqa: DTZ001 - local by intent, the offset stands beside it
