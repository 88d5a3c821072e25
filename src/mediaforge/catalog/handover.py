"""What a person said of items, as far as one copy can hand it over to another; and which files a plan can name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.paths import join
from mediaforge.model import MediaId

_THESE = "(SELECT value FROM json_each(:ids))"


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an item. `tags` without those that a rule gives; `refused` were taken off by a person.

    `rated`: the rating is the person's own, and not read from the file. The title is the person's, or None.
    """

    tags: tuple[str, ...] = ()
    refused: frozenset[str] = frozenset()
    rating: int | None = None
    rated: bool = False
    note: str | None = None
    favourite: bool = False
    title: str | None = None
    collections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """A file as the catalogue knows it now."""

    path: bytes  # absolute
    size: int
    mtime_ns: int
    missing: bool


async def said(catalogue: Catalogue, ids: Sequence[MediaId]) -> dict[MediaId, Said]:
    """Return what is said of these items."""
    given = {"ids": json.dumps(list(ids))}
    tags = await _lists(
        catalogue,
        f"""SELECT media_id, name FROM media_tag JOIN tag ON tag.id = tag_id
        WHERE source <> 'rule' AND media_id IN {_THESE} ORDER BY key""",
        given,
    )
    refused = await _lists(
        catalogue,
        f"SELECT media_id, name FROM media_tag_refused JOIN tag ON tag.id = tag_id WHERE media_id IN {_THESE}",
        given,
    )
    collections = await _lists(
        catalogue,
        f"""SELECT media_id, name FROM collection_media JOIN collection c ON c.id = collection_id
        WHERE media_id IN {_THESE} ORDER BY key""",
        given,
    )
    rows = await catalogue.fetch(
        f"""SELECT m.id, m.rating, r.value IS NOT NULL, m.note, m.favourite, t.value FROM media m
        LEFT JOIN correction r ON r.media_id = m.id AND r.field = 'rating'
        LEFT JOIN correction t ON t.media_id = m.id AND t.field = 'title' WHERE m.id IN {_THESE}""",
        given,
    )
    return {
        media: Said(
            tags=tuple(tags.get(media, ())),
            refused=frozenset(refused.get(media, ())),
            rating=rating,
            rated=bool(rated),
            note=note,
            favourite=bool(favourite),
            title=json.loads(title) if title else None,
            collections=tuple(collections.get(media, ())),
        )
        for media, rating, rated, note, favourite, title in rows
    }


async def _lists(catalogue: Catalogue, sql: str, params: dict[str, str]) -> dict[MediaId, list[str]]:
    found: dict[MediaId, list[str]] = {}
    for media, value in await catalogue.fetch(sql, params):
        found.setdefault(MediaId(media), []).append(value)
    return found


async def known(catalogue: Catalogue, ids: Sequence[int]) -> dict[int, Known]:
    """Return how the catalogue knows the files of those of these items that there are."""
    rows = await catalogue.fetch(
        f"""SELECT m.id, l.root, m.path, m.size, m.mtime_ns, m.missing_at IS NOT NULL
        FROM media m JOIN library l ON l.id = m.library_id WHERE m.id IN {_THESE}""",
        {"ids": json.dumps(list(ids))},
    )
    return {row[0]: Known(join(row[1], row[2]), row[3], row[4], bool(row[5])) for row in rows}
