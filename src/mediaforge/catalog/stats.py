"""What is in here: counts, sizes and durations by one field or another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mediaforge.catalog.clause import FILE, SHARED
from mediaforge.catalog.database import Catalogue

GROUPS: Mapping[str, str] = {
    "kind": "m.kind",
    "format": "coalesce(m.format, '(unknown)')",
    "codec": "coalesce(m.video_codec, m.audio_codec, m.format, '(unknown)')",
    "year": "CAST(m.shown_year AS TEXT)",
    "library": "(SELECT slug FROM library WHERE id = m.library_id)",
}
"""What items can be counted by, and its SQL."""


@dataclass(frozen=True, slots=True)
class Group:
    """How many items share a value, their bytes, and their seconds of video and audio."""

    by: str
    value: str
    items: int
    size: int
    duration: float


@dataclass(frozen=True, slots=True)
class Totals:
    """The catalogue in numbers; `missing` and `unreadable` items are counted beside, the rest without the missing.

    `duplicates` are the files that others here have the content of, as far as is known, but for one of each; `reclaimable`
    their bytes.
    """

    items: int
    size: int
    duration: float
    missing: int
    offline: int
    unreadable: int
    tags: int
    duplicates: int
    reclaimable: int


async def totals(catalogue: Catalogue, where: str, params: Mapping[str, object]) -> Totals:
    """Return the catalogue, or what `where` finds of it, in numbers."""
    [row] = await catalogue.fetch(
        f"""SELECT count(*) FILTER (WHERE missing_at IS NULL), coalesce(sum(size) FILTER (WHERE missing_at IS NULL), 0),
        coalesce(sum(duration) FILTER (WHERE missing_at IS NULL), 0), count(*) FILTER (WHERE missing_at IS NOT NULL),
        count(*) FILTER (WHERE missing_at IS NULL AND library_id IN (SELECT id FROM library WHERE NOT online)),
        count(*) FILTER (WHERE missing_at IS NULL AND facts_failure IS NOT NULL),
        (SELECT count(DISTINCT t.tag_id) FROM media_tag t WHERE t.media_id IN (SELECT m.id FROM media m WHERE {where}))
        FROM media m WHERE {where}""",
        params,
    )
    return Totals(*(*row, *await _duplicates(catalogue, where, params)))


async def _duplicates(catalogue: Catalogue, where: str, params: Mapping[str, object]) -> tuple[int, int]:
    """Return how many files are copies of others among what `where` finds, and their bytes; of each content one is none."""
    [row] = await catalogue.fetch(
        f"""WITH same AS MATERIALIZED (
        SELECT m.size AS size, count(DISTINCT {FILE}) - max(1, count(DISTINCT m.sha256)) AS others
        FROM ({SHARED}) s CROSS JOIN media m INDEXED BY ix_media_fingerprint ON m.fingerprint = s.fingerprint
        JOIN library l ON l.id = m.library_id
        WHERE ({where}) AND m.missing_at IS NULL AND l.online = 1 AND m.size > 0 GROUP BY m.fingerprint, m.size)
        SELECT coalesce(sum(others), 0), coalesce(sum(others * size), 0) FROM same WHERE others > 0""",
        params,
    )
    return row[0], row[1]


async def groups(catalogue: Catalogue, by: str, where: str, params: Mapping[str, object]) -> list[Group]:
    """Return the items that `where` finds, grouped by one of GROUPS, largest group first (years: newest first)."""
    order = "1 DESC" if by == "year" else "2 DESC, 1"
    rows = await catalogue.fetch(
        f"""SELECT {GROUPS[by]}, count(*), sum(m.size), coalesce(sum(m.duration), 0) FROM media m
        WHERE ({where}) AND m.missing_at IS NULL GROUP BY 1 ORDER BY {order}""",
        params,
    )
    return [Group(by, *row) for row in rows]
