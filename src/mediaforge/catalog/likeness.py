"""What items look like, as the recipe `phash` wrote it down, and `like:` in a query."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from mediaforge.catalog.clause import Ask
from mediaforge.catalog.database import Catalogue
from mediaforge.model import MediaId
from mediaforge.query import Field, Value

RECIPE = "phash"
MOST = 32
"""The largest distance that can be asked for: half of the bits, by which any two pictures differ."""

_BITS = (1 << 64) - 1

# What was made of the file as it is, by the version that is asked for: hashes of two versions say nothing of each other.
_FROM = f"""likeness k JOIN target t ON t.media_id = k.media_id AND t.recipe = '{RECIPE}' AND t.version = :version
    AND t.failure IS NULL JOIN media m ON m.id = k.media_id AND m.size = t.size AND m.mtime_ns = t.mtime_ns"""
# The same, all hashes in a row: where SQLite begins with the items, a million take it four times as long.
_FROM_HASHES = _FROM.replace("JOIN", "CROSS JOIN")
# What copies are made of comes first: it has the most pixels, then the most bytes, and was there before.
_ORIGINALS = "coalesce(m.width * m.height, 0) DESC, m.size DESC, m.id"


class Frame(NamedTuple):
    """What is seen at `at` seconds of a video: its hashes, of 64 bits each."""

    at: float
    phash: int
    dhash: int


class Picture(NamedTuple):
    """What a picture looks like. `group`: the item that leads the group that it is in. There may be a million."""

    id: MediaId
    phash: int
    dhash: int
    group: MediaId | None


@dataclass(frozen=True, slots=True)
class Film:
    """What a video looks like, first frame to last."""

    id: MediaId
    frames: tuple[Frame, ...]
    duration: float | None
    group: MediaId | None


async def pictures(catalogue: Catalogue, version: int, ids: Sequence[MediaId] | None) -> list[Picture]:
    """Return what pictures look like that are not missing (None: all of them), those that copies are made of first."""
    rows = await catalogue.fetch(
        f"""SELECT m.id, k.phash, k.dhash, m.group_id FROM {_FROM} WHERE k.at IS NULL AND m.missing_at IS NULL AND {_among(ids)}
        ORDER BY {_ORIGINALS}""",
        {"version": version, "ids": _listed(ids)},
    )
    return [Picture(MediaId(row[0]), row[1] & _BITS, row[2] & _BITS, row[3]) for row in rows]


async def films(catalogue: Catalogue, version: int, ids: Sequence[MediaId] | None, *, missing: bool = False) -> list[Film]:
    """Return what videos look like, in the same order; with `missing` also those that are."""
    rows = await catalogue.fetch(
        f"""SELECT m.id, m.duration, m.group_id, k.at, k.phash, k.dhash FROM {_FROM} WHERE k.at IS NOT NULL
        AND (:missing OR m.missing_at IS NULL) AND {_among(ids)} ORDER BY {_ORIGINALS}, k.position""",
        {"version": version, "ids": _listed(ids), "missing": missing},
    )
    return [
        Film(MediaId(media), tuple(Frame(row[3], row[4] & _BITS, row[5] & _BITS) for row in frames), duration, group)
        for (media, duration, group), frames in groupby(rows, key=lambda row: (row[0], row[1], row[2]))
    ]


async def picture(catalogue: Catalogue, version: int, media: MediaId) -> Picture | None:
    """Return what a picture looks like; None where nothing is known of that."""
    rows = await catalogue.fetch(
        f"SELECT m.id, k.phash, k.dhash, m.group_id FROM {_FROM} WHERE m.id = :id AND k.at IS NULL",
        {"version": version, "id": media},
    )
    return Picture(MediaId(rows[0][0]), rows[0][1] & _BITS, rows[0][2] & _BITS, rows[0][3]) if rows else None


async def pictures_near(catalogue: Catalogue, version: int, one: Picture, distance: int) -> list[Picture]:
    """Return the pictures, missing or not, whose pHash differs from that of `one` in no more bits."""
    phash = one.phash - (1 << 64) if one.phash >> 63 else one.phash
    rows = await catalogue.fetch(
        f"""SELECT m.id, k.phash, k.dhash, m.group_id FROM {_FROM_HASHES}
        WHERE k.at IS NULL AND bits_apart(k.phash, :phash) <= :distance ORDER BY m.id""",
        {"version": version, "phash": phash, "distance": distance},
    )
    return [Picture(MediaId(row[0]), row[1] & _BITS, row[2] & _BITS, row[3]) for row in rows]


@dataclass(frozen=True, slots=True)
class Known:
    """What became of looking at an item as it is now, by this version: whether it was done, or why it could not be."""

    looked_at: bool
    error: str | None


async def known(catalogue: Catalogue, version: int, media: MediaId) -> Known | None:
    """Return what became of looking at an item; None where there is no such item."""
    rows = await catalogue.fetch(
        f"""SELECT t.media_id IS NOT NULL AND t.failure IS NULL, t.error FROM media m LEFT JOIN target t ON t.media_id = m.id
        AND t.recipe = '{RECIPE}' AND t.version = :version AND m.size = t.size AND m.mtime_ns = t.mtime_ns WHERE m.id = :id""",
        {"version": version, "id": media},
    )
    return Known(bool(rows[0][0]), rows[0][1]) if rows else None


def _among(ids: Sequence[MediaId] | None) -> str:
    return "1" if ids is None else "m.id IN (SELECT value FROM json_each(:ids))"


def _listed(ids: Sequence[MediaId] | None) -> str | None:
    return None if ids is None else json.dumps(list(ids))


Asked = tuple[MediaId, int | None]
"""What `like:` asks for: like which item, and how far from it; None: as usual."""


def build(ask: Ask, field: Field) -> str:
    """Return a condition for what is like an item. `ask.likes` tells it; without, the field is only checked."""
    ids = ask.likes.get(asked(ask, field), ())
    return f"m.id IN (SELECT value FROM json_each({ask.bind(json.dumps(list(ids)))}))"


def asked(ask: Ask, field: Field) -> Asked:
    """Return what the field asks for; raises QueryError where it makes no sense."""
    if field.op not in ("", "="):
        ask.refuse(f"'like' cannot be asked with {field.op!r}", field.span, "write like:ID, or like:ID,DISTANCE")
    texts = [value.text.strip() if isinstance(value, Value) else "" for value in field.values]
    if len(texts) > 2 or not all(text.isascii() and text.isdigit() for text in texts):
        ask.refuse("this takes the id of an item and, after a comma, a distance: like:12 or like:12,6", field.span)
    distance = int(texts[1]) if len(texts) == 2 else None
    if distance is not None and distance > MOST:
        ask.refuse(f"{texts[1]} bits of 64 are too many to be alike; write {MOST} at the most", field.values[1].span)
    return MediaId(min(int(texts[0]), 2**63 - 1)), distance
