"""What the catalogue holds, as the lines of an export: plain values, read page by page. docs/export.md describes them."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence, Sized
from dataclasses import dataclass, fields
from datetime import datetime, timedelta, timezone
from typing import Any

from mediaforge.catalog.columns import FACT_COLUMNS
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.settable import SETTABLE
from mediaforge.model import Facts, MediaId, Stream
from mediaforge.sidecars import unpack
from mediaforge.text import display_path

Line = dict[str, object]
_Rows = Sequence[tuple[Any, ...]]

_PAGE = 1_000

# Columns of `media`, and their keys in a line; those of a reading stand in an object of their own.
_FILE = {
    "kind": "kind",
    "size": "size",
    "mtime_ns": "mtime_ns",
    "inode": "inode",
    "added_at": "added",
    "missing_at": "missing_since",
    "fingerprint": "fingerprint",
    "sha256": "sha256",
}
_READ = {f"facts_{name}": name for name in "version size mtime_ns at attempts failure error".split()} | {"reader": "reader"}
_COLUMNS = ("id", "library_id", "path", "companions", "facts_companions", *_FILE, *_READ, *FACT_COLUMNS)
_JSON = frozenset({"chapters", "keywords", "extra", "origins"})
_FLAGS = frozenset(field.name for field in fields(Facts) if str(field.type).startswith("bool"))
_STREAM = [field.name for field in fields(Stream)]
_FLAGGED = [field.name for field in fields(Stream) if field.default is False]
TARGET = "recipe version size mtime_ns attempts failure error made_at value bytes seconds".split()
"""The columns of `target` beside the item's id, as a line names them."""

OF_A_PERSON = """(EXISTS (SELECT 1 FROM media_tag t WHERE t.media_id = m.id AND t.source = 'person')
    OR EXISTS (SELECT 1 FROM media_tag_refused r WHERE r.media_id = m.id)
    OR EXISTS (SELECT 1 FROM correction c WHERE c.media_id = m.id)
    OR EXISTS (SELECT 1 FROM collection_media g WHERE g.media_id = m.id))"""
"""The condition in SQL that a person did anything with an item `m`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is told: of these items alone where `partial`, and only what a person did where `only_mine`."""

    ids: Sequence[MediaId]
    partial: bool = False
    only_mine: bool = False

    def among(self, select: str) -> str:
        """Return the condition in SQL that an id is one that `select` gives for the items, or that everything is told."""
        return f"id IN ({select} WHERE media_id IN (SELECT value FROM json_each(:ids)))" if self.partial else "TRUE"

    @property
    def params(self) -> Mapping[str, object]:
        """The parameters of that condition."""
        return {"ids": json.dumps(list(self.ids)) if self.partial else "[]"}


async def libraries(catalogue: Catalogue, choice: Choice) -> list[Line]:
    """Return a line for each library."""
    among = choice.among("SELECT library_id FROM (SELECT id AS media_id, library_id FROM media)")
    rows = await catalogue.fetch(
        f"""SELECT slug, root, volume, volume_label, mount_point, online, added_at, seen_at FROM library WHERE {among}
        ORDER BY slug""",
        choice.params,
    )
    return [
        {"type": "library", "slug": row[0], **_path("root", row[1])}
        | _known({"volume": row[2], "volume_label": row[3], "mount_point": bool(row[4]), "online": bool(row[5])})
        | _known({"added": row[6], "seen": row[7]})
        for row in rows
    ]


# Tags that are in nobody's files alone.
_BY_A_PERSON = """(colour IS NOT NULL OR description IS NOT NULL OR id IN (SELECT tag_id FROM tag_alias UNION
    SELECT tag_id FROM tag_rule_tag UNION SELECT tag_id FROM media_tag_refused UNION
    SELECT tag_id FROM media_tag WHERE source = 'person'))"""


async def tags(catalogue: Catalogue, choice: Choice) -> list[Line]:
    """Return a line for each tag."""
    borne = choice.among("SELECT tag_id FROM (SELECT media_id, tag_id FROM media_tag UNION SELECT * FROM media_tag_refused)")
    aliases = _grouped(await catalogue.fetch("SELECT tag_id, name FROM tag_alias ORDER BY key"))
    rows = await catalogue.fetch(
        f"""SELECT id, name, colour, description, added_at FROM tag WHERE {borne}
        AND {_BY_A_PERSON if choice.only_mine else "TRUE"} ORDER BY key""",
        choice.params,
    )
    return [
        {"type": "tag", "name": row[1]}
        | _known({"colour": row[2], "description": row[3], "aliases": _names(aliases, row[0]), "added": row[4]})
        for row in rows
    ]


async def rules(catalogue: Catalogue) -> list[Line]:
    """Return a line for each rule that gives tags."""
    names = _grouped(
        await catalogue.fetch("SELECT rule_id, name FROM tag_rule_tag JOIN tag ON tag.id = tag_id ORDER BY rule_id, key")
    )
    rows = await catalogue.fetch("SELECT id, query, added_at FROM tag_rule ORDER BY id")
    return [
        {"type": "rule", "id": row[0], "query": row[1], "tags": _names(names, row[0]) or [], "added": row[2]} for row in rows
    ]


async def collections(catalogue: Catalogue, choice: Choice) -> list[Line]:
    """Return a line for each collection; which items are in one by hand, the items say."""
    rows = await catalogue.fetch(
        f"""SELECT name, description, query, sort, added_at FROM collection
        WHERE {choice.among("SELECT collection_id FROM collection_media")} ORDER BY key""",
        choice.params,
    )
    keys = ("name", "description", "query", "sort", "added")
    return [{"type": "collection"} | _known(dict(zip(keys, row, strict=True))) for row in rows]


def _names(groups: Mapping[int, _Rows], owner: int) -> list[str] | None:
    return [name for (name,) in groups.get(owner, ())] or None


async def items(catalogue: Catalogue, choice: Choice) -> AsyncIterator[Line]:
    """Yield a line for each item, page by page."""
    slugs = dict(await catalogue.fetch("SELECT id, slug FROM library"))
    for start in range(0, len(choice.ids), _PAGE):
        page = json.dumps(choice.ids[start : start + _PAGE])
        heads = await catalogue.fetch(
            f"SELECT {', '.join(_COLUMNS)} FROM media WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", (page,)
        )
        belongings = {name: _grouped(await catalogue.fetch(sql, (page,))) for name, sql in _BELONGINGS.items()}
        for head in heads:
            columns = dict(zip(_COLUMNS, head, strict=True))
            own = {name: rows.get(head[0], ()) for name, rows in belongings.items()}
            yield _item(columns, slugs[columns["library_id"]], own, only_mine=choice.only_mine)


_THESE = "media_id IN (SELECT value FROM json_each(?))"
_BELONGINGS: Mapping[str, str] = {
    "streams": f"SELECT * FROM stream WHERE {_THESE} ORDER BY media_id, idx",
    # Not of phash: told without its hashes (`likeness`) it would never be made again.
    "targets": f"""SELECT media_id, {", ".join(TARGET)} FROM target WHERE {_THESE} AND recipe <> 'phash'
        ORDER BY media_id, recipe""",
    "verifications": f"SELECT media_id, at, outcome, message FROM verification WHERE {_THESE} ORDER BY media_id, id",
    "tags": f"""SELECT media_id, name, source, rule_id, b.added_at FROM media_tag b JOIN tag ON tag.id = tag_id WHERE {_THESE}
        ORDER BY media_id, key""",
    "refused": f"""SELECT media_id, name FROM media_tag_refused JOIN tag ON tag.id = tag_id WHERE {_THESE}
        ORDER BY media_id, key""",
    "corrections": f"SELECT media_id, field, value, read, added_at FROM correction WHERE {_THESE} ORDER BY media_id, field",
    "collections": f"""SELECT media_id, name, position FROM collection_media JOIN collection c ON c.id = collection_id
        WHERE {_THESE} ORDER BY media_id, c.key""",
}
"""What belongs to items, each row beginning with its item's id."""


def _grouped(rows: Sequence[Any]) -> dict[int, list[tuple[Any, ...]]]:
    groups: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        groups.setdefault(row[0], []).append(row[1:])
    return groups


def _item(columns: dict[str, Any], library: str, own: Mapping[str, _Rows], *, only_mine: bool) -> Line:
    head = {"type": "item", "id": columns["id"], "library": library, **_path("path", columns["path"])}
    head |= _known({key: columns[name] for name, key in _FILE.items()})
    read = {} if only_mine else _reading(columns, own)
    tags = [_known(dict(zip(("name", "source", "rule", "added"), row, strict=True))) for row in own["tags"]]
    person = {
        **_some("tags", [tag for tag in tags if tag["source"] == "person"] if only_mine else tags),
        **_some("refused", [name for (name,) in own["refused"]]),
        **_some("corrections", {row[0]: _correction(*row) for row in own["corrections"]}),
        **_some("collections", [{"name": name, "position": position} for name, position in own["collections"]]),
    }
    return head | read | person


def _correction(field: str, value: str, _read: str | None, added: str) -> Line:
    """Return what a person set: a time in ISO 8601, with its offset where it is known."""
    set_to = json.loads(value)
    return {"value": _moment(set_to[0], set_to[1]) if field == "taken" else set_to, "added": added}


def _reading(columns: dict[str, Any], own: Mapping[str, _Rows]) -> Line:
    """Return what was read from a file, which where a person set something else stands in the correction."""
    for field, _value, read, _added in own["corrections"]:
        names = SETTABLE[field].columns
        values = json.loads(read or "null")
        if names[0] in FACT_COLUMNS:
            columns |= zip(names, (values or [None] * len(names)) if len(names) > 1 else [values], strict=True)
    return {
        **_companions(columns["companions"]),
        "read": _known({key: columns[name] for name, key in _READ.items()}) | _companions(columns["facts_companions"]),
        "facts": _facts(columns),
        **_some("streams", [_stream(row) for row in own["streams"]]),
        **_some("targets", [_known(dict(zip(TARGET, row, strict=True))) for row in own["targets"]]),
        **_some(
            "verifications",
            [_known(dict(zip(("at", "outcome", "message"), row, strict=True))) for row in own["verifications"]],
        ),
    }


def _companions(packed: bytes | None) -> Line:
    """Return what stands beside a file."""
    found = [{**_path("name", one.name), "size": one.size, "mtime_ns": one.mtime_ns} for one in unpack(packed)]
    return _some("companions", found)


def _facts(columns: Mapping[str, Any]) -> Line:
    facts: Line = {}
    for name in FACT_COLUMNS:
        value = columns[name]
        if name == "taken_local":
            facts["taken_at"] = _moment(value, columns["taken_offset"])
        elif value is not None and name != "taken_offset":
            facts[name] = json.loads(value) if name in _JSON else bool(value) if name in _FLAGS else value
    return facts


def _stream(row: tuple[Any, ...]) -> Line:
    values = _known(dict(zip(_STREAM, row, strict=True)))
    plain = {name: value for name, value in values.items() if name not in _FLAGGED}
    return plain | {name: True for name in _FLAGGED if values[name]}


def _moment(local: str, offset: int | None) -> str:
    """Return a local time, with its offset in seconds where it is known, in ISO 8601."""
    at = datetime.fromisoformat(local)
    return (at if offset is None else at.replace(tzinfo=timezone(timedelta(seconds=offset)))).isoformat()


def _path(name: str, path: bytes) -> dict[str, str]:
    """Return a path as text, and as it is where the text is not all of it."""
    text = display_path(path)
    return {name: text} if text.encode() == path else {name: text, f"{name}_base64": base64.b64encode(path).decode()}


def _known(values: Line) -> Line:
    return {name: value for name, value in values.items() if value is not None}


def _some(name: str, values: Sized) -> Line:
    return {name: values} if values else {}
