"""What an import brings: items matched with those that are here, and items made."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mediaforge.catalog.columns import DERIVED
from mediaforge.catalog.corrections import packed
from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.catalog.export import TARGET
from mediaforge.catalog.indexed import add_text
from mediaforge.catalog.settable import SETTABLE
from mediaforge.model import LibraryId, MediaId
from mediaforge.text import display_path

_TABLES = (
    """CREATE TEMP TABLE incoming (number INTEGER PRIMARY KEY, path BLOB, library TEXT, below BLOB, missing INTEGER,
        size INTEGER, fingerprint TEXT, sha256 TEXT, id INTEGER, library_id INTEGER, relative BLOB)""",
    "CREATE TEMP TABLE found (number INTEGER PRIMARY KEY, media_id INTEGER UNIQUE, evidence TEXT)",
    "CREATE TEMP TABLE joining (collection_id INTEGER, position INTEGER, media_id INTEGER)",
)
_INDEXES = (
    "CREATE INDEX temp.incoming_relative ON incoming (library_id, relative)",
    "CREATE INDEX temp.incoming_fingerprint ON incoming (fingerprint)",
    "CREATE INDEX temp.incoming_sha256 ON incoming (sha256)",
)


@dataclass(frozen=True, slots=True)
class Borne:
    """A tag of an item that comes in: its name, its state (as in catalog/tags.py), the rule that put it there, since when."""

    name: str
    state: str = "person"
    rule: int | None = None
    added: str | None = None


@dataclass(frozen=True, slots=True)
class Set:
    """What a person set in a field of an item that comes in: as JSON (corrections.packed), and since when."""

    value: str
    added: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """What an item is made of: the columns of `media` as they were read, and rows of other tables without the item's id."""

    media: Mapping[str, object]
    streams: tuple[tuple[object, ...], ...] = ()
    targets: tuple[tuple[object, ...], ...] = ()
    verifications: tuple[tuple[object, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An item that comes in: by what it is known, and what a person did with it.

    `number` is its line, or its place among others. `make` returns the rows that it is made of; without them it can only be
    found.
    """

    number: int
    path: bytes  # absolute
    library: str = ""
    below: bytes = b""  # the path within that library
    id: MediaId | None = None
    missing: str | None = None
    added: str | None = None  # as the catalogue writes instants
    size: int | None = None
    fingerprint: str | None = None
    sha256: str | None = None
    tags: tuple[Borne, ...] = ()
    corrections: Mapping[str, Set] = field(default_factory=dict)
    collections: Mapping[str, int] = field(default_factory=dict)
    news: bool = False  # what it says is set only where it says something else than what is here
    make: Callable[[], Rows] | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """What an item `i` that comes in and one `m` that is here may share, in SQL. Where several could be meant, none is."""

    evidence: str
    key: str
    condition: str
    source: str = "temp.incoming i JOIN media m"


_AT_ITS_PATH = "m.library_id = i.library_id AND m.path = i.relative"
_SAME = "(m.fingerprint = i.fingerprint OR m.sha256 = i.sha256)"
# Most trusted first. Rows of missing items share their paths with whatever stands there now, hence the first two; copies
# share their contents, hence the fourth, before the last ones.
STEPS = (
    Alike("path", "m.id", f"{_AT_ITS_PATH} AND m.missing_at IS NULL AND NOT i.missing"),
    Alike("path", "m.library_id, m.path, m.fingerprint", f"{_AT_ITS_PATH} AND {_SAME}"),
    Alike("path", "m.library_id, m.path", _AT_ITS_PATH),
    Alike(
        "path",
        "m.library_id, m.path",
        f"m.library_id = l.id AND m.path = i.below AND {_SAME}",
        "temp.incoming i JOIN library l ON l.slug = i.library JOIN media m",
    ),
    Alike("sha256", "m.sha256", "m.sha256 = i.sha256"),
    Alike(
        "fingerprint",
        "m.fingerprint, m.size",
        "m.fingerprint = i.fingerprint AND m.size = i.size AND coalesce(m.sha256 = i.sha256, TRUE)",
    ),
)


class Arrivals:
    """The items that come in, in temporary tables, and which of those that are here they are."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def prepare(self) -> None:
        """Make the tables."""
        for table in ("incoming", "found", "joining"):
            await self._catalogue.execute(f"DROP TABLE IF EXISTS temp.{table}")
        for statement in _TABLES:
            await self._catalogue.execute(statement)

    async def add(self, items: Sequence[Incoming]) -> None:
        """Note by what items are known."""
        await self._catalogue.insert_rows(
            "INSERT INTO temp.incoming (number, path, library, below, missing, size, fingerprint, sha256, id)",
            [
                (i.number, i.path, i.library, i.below, i.missing is not None, i.size, i.fingerprint, i.sha256, i.id)
                for i in items
            ],
        )

    async def locate(self) -> None:
        """Tell in which libraries that are here the items would be, in the caller's transaction."""
        await self._catalogue.execute(
            """UPDATE temp.incoming SET library_id = l.id, relative = substr(incoming.path, length(l.base) + 1)
            FROM (SELECT id, CAST(rtrim(root, '/') || '/' AS BLOB) AS base FROM library) l
            WHERE substr(incoming.path, 1, length(l.base)) = l.base"""
        )

    async def match(self) -> None:
        """Find the items among those that are here, in the caller's transaction."""
        for statement in _INDEXES:
            await self._catalogue.execute(statement)
        for step in STEPS:
            await self._catalogue.execute(
                f"""INSERT OR IGNORE INTO temp.found SELECT min(i.number), min(m.id), :evidence
                FROM {step.source} ON {step.condition} WHERE i.number NOT IN (SELECT number FROM temp.found)
                AND m.id NOT IN (SELECT media_id FROM temp.found) GROUP BY {step.key}
                HAVING min(i.number) = max(i.number) AND min(m.id) = max(m.id)""",
                {"evidence": step.evidence},
            )

    async def twice(self) -> tuple[int, int] | None:
        """Return two items that come in and claim to be one and the same file, if any do."""
        rows = await self._catalogue.fetch(
            """SELECT min(number), max(number) FROM temp.incoming WHERE NOT missing AND library <> '' GROUP BY path
            HAVING min(number) < max(number) ORDER BY 2 LIMIT 1"""
        )
        return (rows[0][0], rows[0][1]) if rows else None

    async def have_ids(self) -> bool:
        """Say whether every item comes in with an id of its own."""
        return bool(await self._catalogue.value("SELECT count(*) = count(DISTINCT id) FROM temp.incoming"))

    async def join(self, members: Sequence[tuple[int, int, MediaId]]) -> None:
        """Note the collections, positions and ids of items that come into collections."""
        await self._catalogue.insert_rows("INSERT INTO temp.joining", members)

    async def joining(self, collection: int) -> list[tuple[MediaId, int]]:
        """Return the items that come into a collection in which they are not, in their order, with their positions."""
        rows = await self._catalogue.fetch(
            """SELECT media_id, min(position) FROM temp.joining j WHERE collection_id = :one AND NOT EXISTS
            (SELECT 1 FROM collection_media c WHERE c.collection_id = :one AND c.media_id = j.media_id)
            GROUP BY media_id ORDER BY 2, 1""",
            {"one": collection},
        )
        return [(MediaId(media), position) for media, position in rows]

    async def found(self, items: Sequence[Incoming]) -> dict[int, tuple[MediaId, str]]:
        """Return by number which of these items are here, and by what evidence."""
        rows = await self._catalogue.fetch(
            "SELECT number, media_id, evidence FROM temp.found WHERE number BETWEEN ? AND ?",
            (items[0].number, items[-1].number),
        )
        return {number: (MediaId(media), evidence) for number, media, evidence in rows}

    async def places(self, items: Sequence[Incoming]) -> dict[int, tuple[LibraryId, bytes]]:
        """Return by number the library that each of these items is in, and its path there, of those in any."""
        rows = await self._catalogue.fetch(
            "SELECT number, library_id, relative FROM temp.incoming WHERE number BETWEEN ? AND ? AND library_id IS NOT NULL",
            (items[0].number, items[-1].number),
        )
        return {number: (LibraryId(library), relative) for number, library, relative in rows}

    async def ambiguous(self, items: Sequence[Incoming]) -> set[int]:
        """Return the numbers of those of these items that could be several of those that are here."""
        rows = await self._catalogue.fetch(
            f"""SELECT i.number FROM temp.incoming i WHERE i.number BETWEEN ? AND ? AND EXISTS (SELECT 1 FROM media m WHERE
            ({_AT_ITS_PATH}) OR m.sha256 = i.sha256 OR (m.fingerprint = i.fingerprint AND m.size = i.size))""",
            (items[0].number, items[-1].number),
        )
        return {row[0] for row in rows}


@dataclass(frozen=True, slots=True)
class New:
    """An item that is to be made: its id and its place, since when it is missing, and what it is made of."""

    id: MediaId
    library: LibraryId
    path: bytes
    item: Incoming
    missing: str | None
    rows: Rows


async def next_id(catalogue: Catalogue) -> int:
    """Return the id that the next item gets."""
    return 1 + (await catalogue.value("SELECT seq FROM sqlite_sequence WHERE name = 'media'") or 0)


async def is_untouched(catalogue: Catalogue) -> bool:
    """Say whether nothing was ever in the catalogue, so that ids may be what they were elsewhere."""
    return await next_id(catalogue) == 1


async def insert_items(catalogue: Catalogue, items: Sequence[New], tags: Mapping[str, int], rules: Mapping[int, int]) -> None:
    """Make items with all that belongs to them, in the caller's transaction; by the ids of tags and rules here."""
    rows = [_row(new) for new in items]
    names = list(rows[0])
    named = {"id": ":id", "taken_local": ":taken_local", "year": ":year"}
    derived = ", ".join(sql.format(**named) for sql in DERIVED.values())
    await catalogue.executemany(
        f"INSERT INTO media ({', '.join(names)}, {', '.join(DERIVED)}) VALUES ({', '.join(map(_value, names))}, {derived})",
        rows,
    )
    for sql, values in (
        ("INSERT INTO stream VALUES ({})", _own(items, "streams")),
        (f"INSERT INTO target (media_id, {', '.join(TARGET)}) VALUES ({{}})", _own(items, "targets")),
        ("INSERT INTO verification (media_id, at, outcome, message) VALUES ({})", _own(items, "verifications")),
        (_TAG, [_tag(new.id, one, tags, rules) for new in items for one in new.item.tags if one.state != "refused"]),
        (_REFUSED, [(new.id, tags[one.name]) for new in items for one in new.item.tags if one.state == "refused"]),
        (_CORRECTION, [_correction(new, name) for new in items for name in new.item.corrections]),
    ):
        if values:
            await catalogue.executemany(sql.format(", ".join("?" * len(values[0]))), values)
    await add_text(catalogue, [new.id for new in items])


def _own(items: Sequence[New], name: str) -> list[tuple[object, ...]]:
    return [(new.id, *row) for new in items for row in getattr(new.rows, name)]


def _value(column: str) -> str:
    return f"coalesce(:{column}, {NOW})" if column == "added_at" else f":{column}"


_TAG = f"INSERT INTO media_tag (media_id, tag_id, source, rule_id, added_at) VALUES (?, ?, ?, ?, coalesce(?, {NOW}))"
_REFUSED = "INSERT INTO media_tag_refused (media_id, tag_id) VALUES (?, ?)"
_CORRECTION = f"INSERT INTO correction (media_id, field, value, read, added_at) VALUES (?, ?, ?, ?, coalesce(?, {NOW}))"


def _tag(media: MediaId, one: Borne, tags: Mapping[str, int], rules: Mapping[int, int]) -> tuple[object, ...]:
    rule = None if one.rule is None else rules.get(one.rule, one.rule)
    return media, tags[one.name], one.state, rule, one.added


def _row(new: New) -> dict[str, Any]:
    """Return the columns of an item: what was read, but for what a person set."""
    own = {"id": new.id, "library_id": new.library, "path": new.path, "path_text": display_path(new.path)}
    row = {"note": None, "favourite": None, **new.rows.media, **own, "missing_at": new.missing}
    for name, one in new.item.corrections.items():
        columns = SETTABLE[name].columns
        values = json.loads(one.value)
        row |= zip(columns, values if len(columns) > 1 else [values], strict=True)
    return row


def _correction(new: New, name: str) -> tuple[object, ...]:
    read = tuple(new.rows.media.get(column) for column in SETTABLE[name].columns)
    one = new.item.corrections[name]
    return new.id, name, one.value, packed(read) if any(value is not None for value in read) else None, one.added


async def own_values(catalogue: Catalogue, name: str, ids: Sequence[MediaId]) -> dict[MediaId, list[Any]]:
    """Return what the columns of a field hold for these items, but for those of which only a sidecar says so."""
    columns = SETTABLE[name].columns
    origin = f"coalesce(json_extract(origins, '$.{'taken_at' if name == 'taken' else columns[0]}'), '')"
    rows = await catalogue.fetch(
        f"""SELECT id, {", ".join(columns)} FROM media WHERE id IN (SELECT value FROM json_each(?))
        AND {origin} NOT LIKE 'sidecar-%' AND {origin} NOT LIKE 'takeout:%'""",
        (json.dumps(list(ids)),),
    )
    return {MediaId(row[0]): list(row[1:]) for row in rows}
