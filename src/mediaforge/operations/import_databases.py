"""Import from the database files of other programs: beets' library, and digiKam's."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from mediaforge.catalog.imports import Borne, Incoming
from mediaforge.catalog.tags import tag_name
from mediaforge.config import Config
from mediaforge.errors import UsageError
from mediaforge.operations.import_moves import Moves
from mediaforge.operations.import_said import corrections, level
from mediaforge.operations.imports import Record, Source
from mediaforge.text import display_path

_DEEPEST = 100  # levels of a tag; a broken database may go round in circles
_BETWEEN = "\\␀"  # beets' own, between several values of one field

# Columns of beets' items, by what they are here; the first that is there and says something counts.
_BEETS: Mapping[str, tuple[str, ...]] = {
    "title": ("title",),
    "artist": ("artist",),
    "album": ("album",),
    "album_artist": ("albumartist",),
    "composer": ("composer", "composers"),
    "genre": ("genres", "genre"),
    "year": ("year",),
    "track": ("track",),
    "disc": ("disc",),
    "description": ("comments",),
}


def has_tables(*names: str) -> Callable[[bytes, bytes], bool]:
    """Return what says whether a file is a database of SQLite that has all these tables."""

    def is_one(path: bytes, head: bytes) -> bool:
        if not head.startswith(b"SQLite format 3\0"):
            return False
        with closing(_opened(path)) as connection:
            rows = _rows(connection, path, "SELECT lower(name) FROM sqlite_master WHERE type = 'table'")
            return {name.lower() for name in names} <= {row[0] for row in rows}

    return is_one


def _opened(path: bytes) -> sqlite3.Connection:
    """Open somebody's database, of which nothing is written and no code in it is run."""
    if os.path.isdir(path):
        raise UsageError(f"'{display_path(path)}' is a folder; name the file of the database in it")
    try:
        connection = sqlite3.connect(f"file:{quote(os.path.abspath(path))}?mode=ro", uri=True)
        connection.execute("PRAGMA trusted_schema=OFF")
    except sqlite3.Error as error:
        raise _unread(path, error) from error
    return connection


def _unread(path: bytes, error: sqlite3.Error) -> UsageError:
    return UsageError(f"'{display_path(path)}' cannot be read: {error}; nothing was imported")


def _rows(connection: sqlite3.Connection, path: bytes, sql: str) -> Iterator[tuple[Any, ...]]:
    try:
        cursor = connection.execute(sql)
        while rows := cursor.fetchmany(1000):
            yield from rows
    except sqlite3.Error as error:
        raise _unread(path, error) from error


async def read_beets(path: bytes, moves: Moves, _config: Config) -> Source:
    """Return what beets knows: fields, ratings, and tags where somebody keeps any."""

    def records() -> Iterator[Record]:
        with closing(_opened(path)) as connection:
            yield from _beets(connection, path, moves)

    return records


def _beets(connection: sqlite3.Connection, path: bytes, moves: Moves) -> Iterator[Incoming]:
    there = {row[1] for row in _rows(connection, path, "PRAGMA table_info(items)")}
    columns = {name: [column for column in wanted if column in there] for name, wanted in _BEETS.items()}
    plain = list(dict.fromkeys(column for wanted in columns.values() for column in wanted))
    added = "added" if "added" in there else "NULL"
    rating = "(SELECT value FROM item_attributes WHERE entity_id = items.id AND key = 'rating')"
    rows = _rows(connection, path, f"SELECT id, path, {added}, {rating}, {', '.join(plain)} FROM items ORDER BY id")
    for number, where, since, stars, *values in rows:
        known = dict(zip(plain, values, strict=True))
        said = {name: [text for column in wanted if (text := _text(known[column]))] for name, wanted in columns.items()}
        file = moves(_path(where))
        if not file.startswith(b"/"):
            raise UsageError(
                f"the paths in '{display_path(path)}' are relative to beets' music folder; say where that is: --library =FOLDER"
            )
        yield Incoming(
            number=number,
            path=file,
            added=_instant(since),
            corrections=corrections(**{name: texts[0] for name, texts in said.items() if texts}, rating=_stars(stars)),
            news=True,
        )


def _path(value: Any) -> bytes:
    return os.fsencode(value) if isinstance(value, str) else bytes(value or b"")


def _text(value: object) -> str | None:
    """Return what a column says; 0 is how beets says that it does not know."""
    return str(value).replace(_BETWEEN, ", ") if value not in (None, "", 0) else None


def _stars(value: object) -> int | None:
    """Return stars of a rating that plugins keep as 0.0 to 1.0, and people as stars, or of 10 or 100."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    for most, scale in ((1.0, 5.0) if "." in str(value) else (5.0, 1.0), (5.0, 1.0), (10.0, 0.5), (100.0, 0.05)):
        if 0 <= number <= most:
            return round(number * scale)
    return None


def _instant(value: object) -> str | None:
    """Return seconds since 1970 as the catalogue writes instants."""
    try:
        at = datetime.fromtimestamp(float(str(value)), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if float(str(value)) > 0 else None


async def read_digikam(path: bytes, moves: Moves, _config: Config) -> Source:
    """Return what digiKam knows: tags, ratings, titles, captions, places on the map."""

    def records() -> Iterator[Record]:
        with closing(_opened(path)) as connection:
            yield from _digikam(connection, path, moves)

    return records


# digiKam's numbers: a picture that is shown; a caption; a title.
_VISIBLE, _CAPTION, _TITLE = 1, 1, 3
_INTERNAL = "_Digikam_Internal_Tags_"  # what the program itself keeps in tags, such as which versions belong together
_IMAGES = f"""SELECT i.id, r.identifier, r.specificPath, a.relativePath, i.name, n.rating, p.latitudeNumber, p.longitudeNumber,
    (SELECT comment FROM ImageComments c WHERE c.imageid = i.id AND c.type = {_TITLE} ORDER BY c.language <> 'x-default'),
    (SELECT comment FROM ImageComments c WHERE c.imageid = i.id AND c.type = {_CAPTION} ORDER BY c.language <> 'x-default'),
    (SELECT group_concat(tagid) FROM ImageTags t WHERE t.imageid = i.id)
    FROM Images i JOIN Albums a ON a.id = i.album JOIN AlbumRoots r ON r.id = a.albumRoot
    LEFT JOIN ImageInformation n ON n.imageid = i.id LEFT JOIN ImagePositions p ON p.imageid = i.id
    WHERE i.status = {_VISIBLE} ORDER BY i.id"""


def _digikam(connection: sqlite3.Connection, path: bytes, moves: Moves) -> Iterator[Incoming]:
    names = _tag_names({row[0]: (row[1], row[2]) for row in _rows(connection, path, "SELECT id, pid, name FROM Tags")})
    for number, identifier, root, album, name, rating, latitude, longitude, title, caption, tags in _rows(
        connection, path, _IMAGES
    ):
        folder = f"{_volume(identifier)}{root}".rstrip("/") + str(album).rstrip("/")
        borne = [names[int(tag)] for tag in str(tags or "").split(",") if tag]
        known = latitude is not None and longitude is not None
        yield Incoming(
            number=number,
            path=moves(os.fsencode(f"{folder}/{name}")),
            tags=tuple(Borne(tag) for tag in borne if tag),
            corrections=corrections(
                title=title,
                description=caption,
                rating=rating if rating and rating > 0 else None,
                gps=(float(latitude), float(longitude)) if known else None,
            ),
            news=True,
        )


def _volume(identifier: object) -> str:
    """Return where a volume is mounted, if digiKam knows it by that; otherwise paths are below its root.

    `volumeid:?path=/a`, `networkshareid:?mountpath=/a&…`, or `volumeid:?uuid=…`: percent-encoded, with a + for itself.
    """
    parts = dict(part.partition("=")[::2] for part in urlsplit(str(identifier)).query.split("&"))
    return unquote(parts.get("path") or parts.get("mountpath") or "").rstrip("/")


def _tag_names(tags: Mapping[Any, tuple[Any, str]]) -> Mapping[int, str | None]:
    """Return the name of each tag with the tags above it; None for those that are digiKam's own."""

    def name(tag: object) -> list[str]:
        levels: list[str] = []
        while tag in tags and len(levels) < _DEEPEST:
            parent, own = tags[tag]
            levels.insert(0, level(own))
            tag = parent
        return levels

    found = {tag: name(tag) for tag in tags}
    return {int(tag): None if levels[0] == _INTERNAL else tag_name("/".join(levels)) for tag, levels in found.items()}
