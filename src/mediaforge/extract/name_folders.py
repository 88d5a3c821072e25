"""What the folders above a video say: the season, the show above it, `Film (1999)`, and folders of trailers and the like.

Only strict shapes count, since a folder may be called anything, and says it of every file in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from mediaforge.extract.name_marks import Said, Tail, is_release, tail
from mediaforge.extract.name_patterns import parse
from mediaforge.extract.name_words import SEASON_WORDS, Above, clean, value_of

MOST = 3
"""Folders above a file that are asked, innermost first."""

_SEASON = re.compile(rf"(?:{SEASON_WORDS})[ ._-]?(?P<number>\d{{1,2}})(?!\d)", re.IGNORECASE)
_SHORT = re.compile(r"s(?P<number>\d{1,2})", re.IGNORECASE)
_SPECIALS = re.compile(r"specials?|season[ ._]?0+", re.IGNORECASE)
_PACK = re.compile(
    rf"(?P<show>.+?)[ ._-]+(?:s|(?P<word>{SEASON_WORDS})[ ._]?)(?P<number>\d{{1,2}})(?![^ ._(\[-])", re.IGNORECASE
)
_IN_YEAR = re.compile(r"[ ._]*\((?:19|20)\d\d\)")
_DISC = re.compile(r"(?:cd|dvd|dis[ck])[ ._-]?(?P<number>\d{1,2})|video_ts", re.IGNORECASE)
_ANIME = frozenset({"anime", "animes", "animé", "アニメ"})
_EXTRAS: Mapping[str, str] = {
    "trailers": "trailer", "trailer": "trailer", "featurettes": "featurette", "featurette": "featurette",
    "samples": "sample", "sample": "sample", "behind the scenes": "behind the scenes", "deleted scenes": "deleted scene",
    "gag reel": "gag reel", "bloopers": "gag reel",
}  # fmt: skip
# These count below a film or a season alone: anybody may have a folder of interviews.
_LOOSE_EXTRAS: Mapping[str, str] = {
    "extras": "extra", "extra": "extra", "bonus": "extra", "other": "extra", "interviews": "interview", "scenes": "scene",
    "shorts": "short", "clips": "clip",
}  # fmt: skip
# Folders that are called for what is in them; none is a show.
_GENERIC = frozenset(
    "tv,tv shows,tv series,tvshows,shows,series,serien,séries,anime,animes,cartoons,documentaries,docs,kids,video,videos,films,"
    "filme,movies,media,library,libraries,plex,jellyfin,kodi,downloads,download,incoming,complete,completed,torrents,desktop,tmp,temp,"
    "new folder,documents,home,users,public,mnt,volumes,data,nas,share,shares,srv,usb,backup,archive,storage,disk".split(",")
)


@lru_cache(maxsize=256)
def read_folders(names: tuple[str, ...]) -> Above:
    """Return what folders say, innermost first."""
    extra, rest = _extra(names)
    sure = extra if names and names[0].casefold() in _EXTRAS else ()
    if not rest:
        return Above(extra=sure)
    numbered = any(name.casefold() in _ANIME for name in names)
    parent = "" if _is_generic(rest[0]) else rest[0]
    if season := _season(rest):
        short = _SHORT.fullmatch(rest[0]) or _SPECIALS.fullmatch(rest[0])
        lasting = not short and value_of(season, "show") is not None
        return Above(season=season, lasting=lasting, extra=extra, numbered=numbered, parent=parent)
    film, release = _film(rest[0])
    return Above(film=film, release=release, extra=extra if film else sure, numbered=numbered, parent=parent)


def _extra(names: tuple[str, ...]) -> tuple[tuple[Said, ...], Sequence[str]]:
    """Return what folders inside a film's or a season's say, and the others."""
    if not names:
        return (), ()
    name = names[0].casefold()
    if disc := _DISC.fullmatch(name):
        part = disc["number"]
        return ((Said("name_part", int(part), names[0], "folder"),) if part else ()), names[1:]
    if kind := _EXTRAS.get(name) or _LOOSE_EXTRAS.get(name):
        return (Said("name_extra", kind, names[0], "folder"),), names[1:]
    return (), names


def _season(names: Sequence[str]) -> tuple[Said, ...]:
    """Return what `Show/Season 02` and `Show.S02.1080p.WEB-DL` say (`Galaxy S21` is a telephone), innermost first."""
    name = names[0]
    if _SPECIALS.fullmatch(name):
        return (Said("season", 0, name, "folder"), *_show(names[1:]))
    found = _SHORT.fullmatch(name) or _SEASON.match(name)
    if found and _closed(name, found.end()):
        return (Said("season", int(found["number"]), name, "folder"), *_show(names[1:]))
    if (found := _PACK.match(name)) and (marks := _closed(name, found.end())) and (found["word"] or marks.of_release):
        shown = _show([found["show"]], name)
        season = Said("season", int(found["number"]), name, "folder")
        return (season, *shown, *(replace(one, text=name, by="folder") for one in marks.said)) if shown else ()
    return ()


def _closed(name: str, at: int) -> Tail | None:
    """Return the marks that follow, where nothing else does but a year."""
    year = _IN_YEAR.match(name, at)
    return tail(name, year.end() if year else at)


def _show(names: Sequence[str], whole: str = "") -> tuple[Said, ...]:
    """Return the show that a folder is named for, and its year."""
    if not names or not names[0].strip() or _is_generic(names[0]):
        return ()
    name = names[0]
    read = parse(name)
    titles = [one for one in read.said if one.field in ("title", "show")] if read.whole else []
    text = whole or name
    if titles and "episode" not in {one.field for one in read.said}:
        kept = [one for one in read.said if one.field == "year"]
        return tuple(replace(one, text=text, by="folder") for one in (replace(titles[0], field="show"), *kept))
    title = clean(name, name)
    return (Said("show", title, text, "folder"),) if title else ()


def _film(name: str) -> tuple[tuple[Said, ...], bool]:
    """Return what `Film (1999)` and the folder of a release say, and whether it is a release's."""
    read = parse(name)
    fields = {one.field for one in read.said}
    released = is_release(read.said, read.ignored)
    shaped = "year" in fields and "title" in fields and ("(" in name or "[" in name or released)
    if not read.whole or not (shaped or (released and "episode" in fields)):
        return (), False
    return tuple(replace(one, text=name, by="folder") for one in read.said), released


def _is_generic(name: str) -> bool:
    return name.casefold().strip() in _GENERIC
