"""Items: found by a condition, and read back whole."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from mediaforge.catalog.columns import FACT_COLUMNS
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.paths import join
from mediaforge.model import Chapter, Facts, Failure, Kind, Media, MediaId, State, Stream, StreamType, TakenSource

_PAGE = 500

_HEAD = (
    "m.id, l.slug, l.root, m.path, m.kind, m.size, m.mtime_ns, m.added_at, m.missing_at, l.online, l.volume_label, m.sha256,"
    " m.fingerprint, m.facts_failure, m.facts_error, m.reader"
)
_PLAIN = [
    name for name in FACT_COLUMNS if name not in {"chapters", "keywords", "extra", "origins"} and not name.startswith("taken")
]
_COLUMNS = f"{_HEAD}, {', '.join(f'm.{name}' for name in FACT_COLUMNS)}"


async def select_ids(
    catalogue: Catalogue, where: str, params: Mapping[str, object], *, order: str, join: str = "", limit: int = -1
) -> list[MediaId]:
    """Return the ids of the items `m` that `where` finds, in `order`, which may need a `join`; -1 is no limit."""
    rows = await catalogue.fetch(
        f"SELECT m.id FROM media m {join} WHERE {where} ORDER BY {order} LIMIT :row_limit", {**params, "row_limit": limit}
    )
    return [MediaId(row[0]) for row in rows]


async def load(catalogue: Catalogue, ids: Sequence[MediaId]) -> AsyncIterator[Media]:
    """Yield the items with these ids, in their order, page by page; an id that is gone meanwhile is left out."""
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        rows = await _by_ids(
            catalogue, f"SELECT {_COLUMNS} FROM media m JOIN library l ON l.id = m.library_id WHERE m.id", page
        )
        heads = {row[0]: row for row in rows}
        streams, tags, collections = await _belongings(catalogue, page)
        for media in page:
            if media in heads:
                yield _media(heads[media], streams.get(media, []), tags.get(media, []), collections.get(media, []))


async def _by_ids(catalogue: Catalogue, select: str, ids: Sequence[MediaId], order: str = "") -> list[Any]:
    return await catalogue.fetch(f"{select} IN (SELECT value FROM json_each(?)) {order}", (json.dumps(list(ids)),))


async def _belongings(catalogue: Catalogue, page: Sequence[MediaId]) -> tuple[_Rows, _Rows, _Rows]:
    streams = await _by_ids(catalogue, "SELECT * FROM stream WHERE media_id", page, "ORDER BY media_id, idx")
    tags = await _by_ids(
        catalogue,
        "SELECT media_id, name, source FROM media_tag JOIN tag ON tag.id = tag_id WHERE media_id",
        page,
        "ORDER BY media_id, key",
    )
    collections = await _by_ids(
        catalogue,
        "SELECT media_id, name FROM collection_media JOIN collection c ON c.id = collection_id WHERE media_id",
        page,
        "ORDER BY media_id, c.key",
    )
    return _grouped(streams), _grouped(tags), _grouped(collections)


_Rows = dict[int, list[Any]]


def _grouped(rows: Sequence[Any]) -> _Rows:
    groups: _Rows = {}
    for row in rows:
        groups.setdefault(row[0], []).append(row)
    return groups


def _media(row: Any, streams: Sequence[Any], tags: Sequence[Any], collections: Sequence[Any]) -> Media:
    state = State.MISSING if row[8] else State.PRESENT if row[9] else State.OFFLINE
    return Media(
        id=MediaId(row[0]),
        library=row[1],
        path=join(row[2], row[3]),
        kind=Kind(row[4]),
        state=state,
        size=row[5],
        modified=instant(row[6]),
        added=datetime.fromisoformat(row[7]),
        missing_since=datetime.fromisoformat(row[8]) if row[8] else None,
        volume_label=row[10],
        sha256=row[11],
        fingerprint=row[12],
        facts=_facts(row[15], dict(zip(FACT_COLUMNS, row[16:], strict=True)), streams),
        tags=tuple(tag[1] for tag in tags),
        tag_sources={tag[1]: tag[2] for tag in tags},
        collections=tuple(collection[1] for collection in collections),
        failure=Failure(row[13]) if row[13] else None,
        error=row[14],
    )


def instant(nanoseconds: int) -> datetime:
    """Return a modification time as an aware instant; one outside the years 1 to 9999 as the nearest that can be named."""
    try:
        return datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC) + timedelta(
            microseconds=nanoseconds // 1000 % 1_000_000
        )
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC) if nanoseconds > 0 else datetime.min.replace(tzinfo=UTC)


def _facts(reader: str | None, columns: Mapping[str, Any], streams: Sequence[Any]) -> Facts:
    taken = datetime.fromisoformat(columns["taken_local"])
    if columns["taken_offset"] is not None:
        taken = taken.replace(tzinfo=timezone(timedelta(seconds=columns["taken_offset"])))
    return Facts(
        reader=reader or "",
        streams=tuple(_stream(stream) for stream in streams),
        chapters=tuple(Chapter(**chapter) for chapter in _loaded(columns["chapters"], [])),
        taken_at=taken,
        taken_source=TakenSource(columns["taken_source"]),
        keywords=tuple(_loaded(columns["keywords"], [])),
        extra=_loaded(columns["extra"], {}),
        origins=_loaded(columns["origins"], {}),
        **{name: columns[name] for name in _PLAIN},
    )


def _loaded(text: str | None, nothing: Any) -> Any:
    return json.loads(text) if text else nothing


_STREAM_FIELDS = [field.name for field in fields(Stream)]
_FLAGS = ("default", "forced", "attached_picture")


def _stream(row: Any) -> Stream:
    values = dict(zip(_STREAM_FIELDS, row[1:], strict=True))
    return Stream(**{**values, "type": StreamType(values["type"]), **{name: bool(values[name]) for name in _FLAGS}})
