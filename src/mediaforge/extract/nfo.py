"""NFO: what media centres (Kodi, Jellyfin, Emby) write beside a film or an episode."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from mediaforge.extract.draft import Draft
from mediaforge.extract.markup import decoded, first_element

_ROOT = re.compile(r"<(movie|episodedetails|tvshow|musicvideo)\b")
_IMDB = re.compile(r"imdb\.com/title/(tt\d{7,9})")

# Of each kind of document: the fields, and the elements that say them, the best first.
_SAME = {"description": ("plot", "outline"), "year": ("year", "premiered", "aired", "releasedate")}
_FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "movie": {"title": ("title",), **_SAME},
    "episodedetails": {
        "episode_title": ("title",), "show": ("showtitle",), "season": ("season",), "episode": ("episode",), **_SAME,
    },
    "musicvideo": {"title": ("title",), "album": ("album",), "track": ("track",), **_SAME},
    "tvshow": {"show": ("title",)},
}  # fmt: skip
_NUMBERS = frozenset({"year", "season", "episode", "track"})
_LISTS: Mapping[str, Mapping[str, str]] = {
    "movie": {"genre": "genre"}, "episodedetails": {"genre": "genre"}, "musicvideo": {"genre": "genre", "artist": "artist"},
}  # fmt: skip
_NOTED = (("originaltitle", "original_title"), ("set/name", "set"))
OTHERS = {
    "movie": ("show", "season", "episode", "episode_title"),
    "musicvideo": ("show", "season", "episode", "episode_title"),
    "episodedetails": ("title",),
}  # fmt: skip
"""What a name may have said of a file that is something else, by what it is."""


def read_nfo(draft: Draft, data: bytes) -> str | None:
    """Put what an NFO says into the draft, and return what it is of; None where it is text for people.

    Of an NFO of several episodes in one file the first is read. Raises ExtractError where it is broken.
    """
    text = decoded(data)
    if link := _IMDB.search(text):
        draft.note("imdb", link[1], "nfo:imdb")
    found = _ROOT.search(text)
    if found is None:
        return None
    root = first_element(text[found.start() :])
    kind = found[1]
    for field, names in _FIELDS[kind].items():
        for name in names:
            value = _text(root, name)
            draft.put(field, _number(value) if field in _NUMBERS else value, f"nfo:{name}")
    for field, name in _LISTS.get(kind, {}).items():
        draft.put(field, ", ".join(_texts(root, name)), f"nfo:{name}")
    if kind != "tvshow":
        _apply_rest(draft, root)
    return kind


def _apply_rest(draft: Draft, root: Element) -> None:
    draft.keywords(_texts(root, "tag"), "nfo:tag")
    points = _number(_text(root, "userrating"))
    draft.put("rating", (points + 1) // 2 if points else None, "nfo:userrating")  # of ten
    for name, key in _NOTED:
        draft.note(key, _text(root, name), f"nfo:{name}")
    draft.note("director", ", ".join(_texts(root, "director")) or None, "nfo:director")
    for one in root.iterfind("uniqueid"):
        if (source := one.get("type", "").lower()) in ("imdb", "tmdb", "tvdb"):
            draft.note(source, one.text, f"nfo:uniqueid[{source}]")


def _texts(root: Element, name: str) -> list[str]:
    return [one.text.strip() for one in root.iterfind(name) if one.text and one.text.strip()]


def _text(root: Element, name: str) -> str | None:
    return next(iter(_texts(root, name)), None)


def _number(value: str | None) -> int | None:
    """Read a whole number, or the year that a date begins with."""
    match = re.match(r"(\d{1,6})(?:\.0+)?(?![\d.])", value or "")
    return int(match[1]) if match else None
