"""The fields that say where an item stands: in folders, under tags, in collections, on the map."""

from __future__ import annotations

import math
import os
import re
import unicodedata

from mediaforge.catalog.clause import (
    Ask,
    Builder,
    any_of,
    belongs,
    codes,
    compared,
    contains,
    each,
    is_glob,
    like,
    matching,
    read,
    with_value,
)
from mediaforge.catalog.columns import SECONDS
from mediaforge.catalog.fulltext import fts_phrase, has_token
from mediaforge.catalog.values import METRES, fraction, language_codes, whole
from mediaforge.query import Field, Value
from mediaforge.text import fold

_LIBRARY_PATHS = "(SELECT root_display || '/' || m.path_text FROM library WHERE id = m.library_id)"
# Roots with one slash at the end, as bytes: what is left of an absolute path behind one is relative to that library.
_ROOTS = "(SELECT id, root, CAST(rtrim(root, '/') || '/' AS BLOB) AS base FROM library)"
_KM_PER_DEGREE = 111.19
_DEGREES = fraction("near takes latitude,longitude,radius in degrees and km, m or mi: near:48.85,2.35,10km", {"": 1})
_RADIUS = fraction("a radius is written 10km, 500m or 5mi", METRES)


def _path(ask: Ask, op: str, value: Value) -> str:
    text = with_value(ask, value)
    if op == "~":
        return contains("m.path_text")(ask, Field("path", op, (value,)))
    absolute = text.startswith(("/", "~"))
    if is_glob(text) and op == "":
        whole = Value(os.path.expanduser(text) if absolute else text, value.span)
        return like(ask, _LIBRARY_PATHS if absolute else "'/' || m.path_text", whole, "{}" if absolute else "%/{}")
    if absolute:
        return _below(ask, os.path.expanduser(text))
    if op == "=":
        return f"folded(m.path_text) = {ask.bind(fold(text))}"
    if text.endswith("/"):
        return _in_folder(ask, text, value)
    return like(ask, "m.path_text", value, "%{}%")


def _in_folder(ask: Ask, text: str, value: Value) -> str:
    """Return a condition for a folder of this name anywhere; the full text tells first which paths have its words.

    LIKE looks at every path: of a million rows that took 10 s and more, and with the full text before it some ms.
    """
    inside = like(ask, "'/' || m.path_text", value, "%/{}%")
    if not has_token(text):
        return inside
    words = ask.bind(f"path : ({fts_phrase(text)})")
    return f"({matching(words)} AND {inside})"


def _below(ask: Ask, path: str) -> str:
    """Return a condition for an absolute path: a file, or a folder and all below it.

    The name is asked in both normal forms, since file systems keep either and a query has one.
    """
    folder = os.path.normpath(path).rstrip("/").encode("utf-8", "surrogateescape")
    forms = {unicodedata.normalize(form, folder.decode("utf-8", "replace")).encode() for form in ("NFC", "NFD")}
    return any_of(_below_bytes(ask, form, only_folder=path.endswith("/")) for form in sorted(forms))


def _below_bytes(ask: Ask, folder: bytes, *, only_folder: bool) -> str:
    itself, inside, beyond = ask.bind(folder), ask.bind(folder + b"/"), ask.bind(folder + b"0")  # 0 comes after /
    rest = "substr({}, length(l.base) + 1)"
    is_it = "" if only_folder else f"f.path = {rest.format(itself)} OR "
    return (
        f"m.library_id IN (SELECT l.id FROM {_ROOTS} l WHERE substr(l.base, 1, length({inside})) = {inside})"
        f" OR m.id IN (SELECT f.id FROM {_ROOTS} l JOIN media f ON f.library_id = l.id"
        f" WHERE substr({inside}, 1, length(l.base)) = l.base AND"
        f" ({is_it}f.path >= {rest.format(inside)} AND f.path < {rest.format(beyond)}))"
    )


path = each(_path, "= ~")


def _tag(ask: Ask, op: str, value: Value) -> str:
    text = with_value(ask, value)
    if op == "~":
        tags = f"SELECT id FROM tag WHERE {contains('key')(ask, Field('tag', op, (value,)))}"
    elif is_glob(text):
        tags = f"SELECT id FROM tag WHERE {like(ask, 'key', value, '{}')}"
    else:
        key = tag_key(text)
        if not key:
            ask.refuse(f"{text!r} names no tag; write one, as in tag:travel/", value.span)
        tags = _tags_below(ask, key) if text.rstrip().endswith("/") else _tags_called(ask, key)
    return belongs("media_tag", f"tag_id IN ({tags})")


def tag_key(text: str) -> str:
    """Return the key under which the table `tag` has a tag: its levels folded, joined by slashes."""
    return "/".join(level for level in map(fold, text.split("/")) if level)


def _tags_called(ask: Ask, key: str) -> str:
    name = ask.bind(key)
    return f"SELECT id FROM tag WHERE key = {name} UNION ALL SELECT tag_id FROM tag_alias WHERE key = {name}"


def _tags_below(ask: Ask, key: str) -> str:
    name, inside, beyond = ask.bind(key), ask.bind(f"{key}/"), ask.bind(f"{key}0")
    return (
        f"SELECT id FROM tag WHERE key = {name} OR key >= {inside} AND key < {beyond}"
        " UNION SELECT b.id FROM tag_alias a JOIN tag t ON t.id = a.tag_id"
        f" JOIN tag b ON b.key = t.key OR b.key >= t.key || '/' AND b.key < t.key || '0' WHERE a.key = {name}"
    )


tag = each(_tag, "= ~")


def _collection(ask: Ask, _op: str, value: Value) -> str:
    text = with_value(ask, value)
    name = ask.bind(key := tag_key(text))
    called = f"key = {name}"
    if text.rstrip().endswith("/"):
        called += f" OR key >= {ask.bind(f'{key}/')} AND key < {ask.bind(f'{key}0')}"
    return belongs("collection_media", f"collection_id IN (SELECT id FROM collection WHERE {called})")


collection = each(_collection, "=")


def _library(ask: Ask, _op: str, value: Value) -> str:
    slug = ask.bind(with_value(ask, value).strip().lower())
    return f"m.library_id IN (SELECT id FROM library WHERE slug = {slug})"


library = each(_library, "=")


def near(ask: Ask, field: Field) -> str:
    """Return a condition for latitude, longitude and radius: a box that an index can tell, and the distance in it."""
    three = [value for value in field.values if isinstance(value, Value)]
    if field.op not in ("", "=") or len(three) != 3 or len(field.values) != 3:
        ask.refuse("near takes latitude,longitude,radius, as in near:48.85,2.35,10km", field.span)
    readings = [read(ask, reader, value) for reader, value in zip((_DEGREES, _DEGREES, _RADIUS), three, strict=True)]
    lat, lon, km = (float(str(reading.point)) for reading in readings)
    if abs(lat) > 90 or abs(lon) > 180 or km < 0:
        ask.refuse("a latitude is -90 to 90, a longitude -180 to 180, a radius 0 or more", field.span)
    high = lat + km / _KM_PER_DEGREE * 1.01  # a little more: the earth of the box and of the distance differ by less
    low = lat - km / _KM_PER_DEGREE * 1.01
    box = [f"m.latitude BETWEEN {ask.bind(low)} AND {ask.bind(high)}"]
    if high < 90 and low > -90:
        box.append(_meridians(ask, lon, km / _KM_PER_DEGREE * 1.01 / math.cos(math.radians(max(abs(low), abs(high))))))
    distance = f"distance_km(m.latitude, m.longitude, {ask.bind(lat)}, {ask.bind(lon)}) <= {ask.bind(km)}"
    return f"({' AND '.join([*box, distance])})"


def _meridians(ask: Ask, lon: float, width: float) -> str:
    """Return a condition for the longitudes around `lon`, also across the antimeridian."""
    if width >= 180:
        return "m.longitude IS NOT NULL"
    west, east = lon - width, lon + width
    if west < -180 or east > 180:
        west, east = (west + 540) % 360 - 180, (east + 540) % 360 - 180
        return f"(m.longitude >= {ask.bind(west)} OR m.longitude <= {ask.bind(east)})"
    return f"m.longitude BETWEEN {ask.bind(west)} AND {ask.bind(east)}"


def _language(kind: str, ask: Ask, value: Value) -> str:
    try:
        known = language_codes(value.text)
    except ValueError as error:
        hint = f"the codec of a stream is asked with {'audio_' if kind == 'audio' else ''}codec:"
        ask.refuse(f"{value.text!r} does not fit here; {error}", value.span, hint)
    listed = ", ".join(map(ask.bind, known))
    return belongs("stream", f"type = '{kind}' AND language IN ({listed})")


audio = each(lambda ask, _op, value: _language("audio", ask, value), "=")
subtitle = each(lambda ask, _op, value: _language("subtitle", ask, value), "=")

_profiles = codes("replace(lower(profile), ' ', '')")
_levels = compared("level", fraction("a level is written 4 or 4.1", {"": 1}))


def _profile(ask: Ask, op: str, value: Value) -> str:
    squeezed = Value("".join(value.text.split()), value.span)
    return belongs("stream", _profiles(ask, Field("profile", op, (squeezed,))))


profile = each(_profile, "=")


def level(ask: Ask, field: Field) -> str:
    """Return a condition on the level of a stream's codec."""
    return belongs("stream", _levels(ask, field))


_ACROSS = "(coalesce(m.orientation, 1) >= 5 OR coalesce(m.rotation, 0) % 180 <> 0)"  # shown with width and height swapped
SHAPES = {
    "landscape": f"m.width <> m.height AND (m.width > m.height) <> {_ACROSS}",
    "portrait": f"m.width <> m.height AND (m.width < m.height) <> {_ACROSS}",
    "square": "m.width = m.height",
}
_number = compared("m.orientation", whole("an orientation is 1 to 8, landscape, portrait or square"))


def orientation(ask: Ask, field: Field) -> str:
    """Return a condition for EXIF's number, or for the shape as it is shown."""
    parts = []
    for value in field.values:
        shape = value.text.strip().lower() if isinstance(value, Value) and field.op in ("", "=") else ""
        parts.append(
            f"({SHAPES[shape]})" if shape in SHAPES else _number(ask, Field(field.name, field.op, (value,), field.span))
        )
    return any_of(parts)


def newest(op: str, name: str) -> str:
    """Return what a bound of the local time means for the index by which items are shown."""
    seconds = SECONDS.format(name)
    return f"m.newest >= ({seconds} << 29)" if op[0] == ">" else f"m.newest < (({seconds} + 1) << 29)"


def hex_prefix(column: str) -> Builder:
    """Return a builder for a hash in hexadecimal, or the beginning of one."""

    def one(ask: Ask, _op: str, value: Value) -> str:
        digits = value.text.strip().lower()
        if not re.fullmatch("[0-9a-f]+", digits):
            ask.refuse(f"{value.text!r} does not fit here; write hexadecimal digits, the first few are enough", value.span)
        return f"{column} >= {ask.bind(digits)} AND {column} < {ask.bind(digits + 'g')}"  # g comes after f

    return each(one, "=")
