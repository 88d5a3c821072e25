"""What a person did with items, as far as it goes into their sidecars."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.catalog.paths import join
from mediaforge.model import Kind, MediaId
from mediaforge.sidecars import Companion, pack, unpack

_THESE = "IN (SELECT value FROM json_each(?))"


_RECIPE = "sidecar"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A present item: all its tags, whether a person or a rule had a part in them, and what a person set, by field.

    `seen` are its sidecars as the last scan saw them, `read` as they were read, `ours` the one that was written from here
    last; `twins` the suffixes of other items whose names differ from its own in nothing but that.
    """

    id: MediaId
    path: bytes  # absolute
    kind: Kind
    tags: tuple[str, ...]
    tagged: bool
    set_to: Mapping[str, Any]
    seen: tuple[Companion, ...]
    read: tuple[Companion, ...]
    ours: Companion | None
    twins: tuple[str, ...]


async def outgoing(catalogue: Catalogue, ids: Sequence[MediaId]) -> list[Outgoing]:
    """Return those of these items that are present, in the order of their ids."""
    some = (json.dumps(list(ids)),)
    rows = await catalogue.fetch(
        f"""SELECT m.id, m.library_id, l.root, m.path, m.kind, m.companions,
        CASE WHEN m.facts_failure IS NULL THEN m.facts_companions END,
        (SELECT value FROM target t WHERE t.media_id = m.id AND t.recipe = '{_RECIPE}'),
        EXISTS (SELECT 1 FROM media_tag_refused r WHERE r.media_id = m.id)
        FROM media m JOIN library l ON l.id = m.library_id WHERE m.missing_at IS NULL AND l.online = 1 AND m.id {_THESE}
        ORDER BY m.id""",
        some,
    )
    tags, by_a_person = await _tags(catalogue, some)
    set_to: dict[int, dict[str, Any]] = {}
    for media, name, value in await catalogue.fetch(
        f"SELECT media_id, field, value FROM correction WHERE media_id {_THESE} ORDER BY media_id, field", some
    ):
        set_to.setdefault(media, {})[name] = json.loads(value)
    return [
        Outgoing(
            MediaId(media),
            join(root, path),
            Kind(kind),
            tuple(tags.get(media, ())),
            bool(refused) or media in by_a_person,
            set_to.get(media, {}),
            tuple(unpack(seen)),
            tuple(unpack(read)),
            next(iter(unpack(bytes.fromhex(ours or ""))), None),
            await _twins(catalogue, library, path),
        )
        for media, library, root, path, kind, seen, read, ours, refused in rows
    ]


async def _tags(catalogue: Catalogue, some: tuple[str]) -> tuple[dict[int, list[str]], set[int]]:
    """Return the tags of items, and which of the items have any that are not from their files."""
    tags: dict[int, list[str]] = {}
    by_a_person: set[int] = set()
    for media, name, source in await catalogue.fetch(
        f"""SELECT media_id, name, source FROM media_tag JOIN tag ON tag.id = tag_id WHERE media_id {_THESE}
        ORDER BY media_id, key""",
        some,
    ):
        tags.setdefault(media, []).append(name)
        if source != "embedded":
            by_a_person.add(media)
    return tags, by_a_person


async def _twins(catalogue: Catalogue, library: int, path: bytes) -> tuple[str, ...]:
    stem = path.rpartition(b".")[0]
    rows = await catalogue.fetch(
        "SELECT path, suffix FROM media WHERE library_id = ? AND path > ? AND path < ? AND path <> ? AND missing_at IS NULL",
        (library, stem + b".", stem + b"/", path),
    )
    return tuple(suffix for other, suffix in rows if other.rpartition(b".")[0] == stem)


async def set_ours(catalogue: Catalogue, media: MediaId, now: Companion) -> None:
    """Remember the sidecar of an item that was just written, in the caller's transaction, to know it again before a scan."""
    await catalogue.execute(
        f"""INSERT INTO target (media_id, recipe, version, size, mtime_ns, value)
        SELECT id, '{_RECIPE}', {_VERSION}, size, mtime_ns, :value FROM media WHERE id = :id
        ON CONFLICT (media_id, recipe) DO UPDATE SET version = excluded.version, size = excluded.size,
        mtime_ns = excluded.mtime_ns, made_at = {NOW}, value = excluded.value""",
        {"id": media, "value": (pack([now]) or b"").hex()},
    )
