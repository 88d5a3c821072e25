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
from mediaforge.model import Chapter, Facts, Failure, GroupKind, Kind, Media, MediaId, State, Stream, StreamType, TakenSource
from mediaforge.text import display_path

_PAGE = 500
_MANY = 10_000  # ids, of which little is asked

_HEAD = (
    "m.id, l.slug, l.root, m.path, m.kind, m.size, m.mtime_ns, m.added_at, m.missing_at, l.online, l.volume_label, m.sha256,"
    " m.fingerprint, m.favourite, m.note, m.facts_failure, m.facts_error, m.companions, m.group_id, m.group_kind, m.reader"
)
_YES_OR_NO = ("interlaced", "variable_frame_rate", "cover", "motion")
_PLAIN = [
    name
    for name in FACT_COLUMNS
    if name not in {"chapters", "keywords", "extra", "origins", *_YES_OR_NO} and not name.startswith("taken")
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


async def count(catalogue: Catalogue, where: str, params: Mapping[str, object]) -> int:
    """Return how many items `m` there are of which `where` holds."""
    items: int = await catalogue.value(f"SELECT count(*) FROM media m WHERE {where}", params)
    return items


async def still_missing(catalogue: Catalogue, ids: Sequence[MediaId]) -> list[MediaId]:
    """Return those of these items that are missing."""
    rows = await _by_ids(catalogue, "SELECT id FROM media WHERE missing_at IS NOT NULL AND id", ids)
    return [MediaId(row[0]) for row in rows]


async def leads(catalogue: Catalogue, ids: Sequence[MediaId]) -> dict[MediaId, MediaId]:
    """Return of those of these items that are in groups the item that leads."""
    found: dict[MediaId, MediaId] = {}
    for start in range(0, len(ids), _MANY):
        some = ids[start : start + _MANY]
        rows = await _by_ids(catalogue, "SELECT id, group_id FROM media WHERE group_id IS NOT NULL AND id", some)
        found |= {MediaId(row[0]): MediaId(row[1]) for row in rows}
    return found


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
        facts=_facts(row[20], dict(zip(FACT_COLUMNS, row[21:], strict=True)), streams),
        sidecars=_names_of(row[17]) if row[17] else (),
        group=MediaId(row[18]) if row[18] else None,
        group_kind=GroupKind(row[19]) if row[19] else None,
        tags=tuple(tag[1] for tag in tags),
        tag_sources={tag[1]: tag[2] for tag in tags},
        collections=tuple(collection[1] for collection in collections),
        favourite=bool(row[13]),
        note=row[14],
        failure=Failure(row[15]) if row[15] else None,
        error=row[16],
    )


def _names_of(packed: bytes) -> tuple[str, ...]:
    from mediaforge.sidecars import unpack  # here: few items have any

    return tuple(display_path(one.name) for one in unpack(packed))


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
    flags: dict[str, Any] = {name: None if columns[name] is None else bool(columns[name]) for name in _YES_OR_NO}
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
        **flags,
    )


def _loaded(text: str | None, nothing: Any) -> Any:
    return json.loads(text) if text else nothing


_STREAM_FIELDS = [field.name for field in fields(Stream)]
_FLAGS = ("default", "forced", "attached_picture")


def _stream(row: Any) -> Stream:
    values = dict(zip(_STREAM_FIELDS, row[1:], strict=True))
    return Stream(**{**values, "type": StreamType(values["type"]), **{name: bool(values[name]) for name in _FLAGS}})
