"""What every name is made of: words, years and the name of a group; and what is made of a name."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

from mediaforge.extract.name_marks import GAPS, Ignored, Said, Tail

NEVER = frozenset({240, 264, 265, 266, 360, 480, 540, 576, 720, 900, 1080, 1440, 2160, 4320})
"""Lines of a picture and numbers of codecs: alone, none is an episode, a season or a year."""
BEFORE, AFTER = rf"(?<![^{GAPS}])", rf"(?![^{GAPS}])"
"""Where a word begins and ends, for patterns."""
SEASON_WORDS = "season|series|staffel|saison|temporada|stagione|seizoen|säsong|sezon|сезон"
EPISODE_WORDS = "episode|épisode|folge|episodio|capitulo|capítulo|aflevering|avsnitt|odcinek|серия|ep"
YEAR = re.compile(rf"[(\[](?P<bracketed>(?:18|19|20)\d\d)(?:[-–](?:\d{{4}})?)?[)\]]|{BEFORE}(?P<bare>(?:19|20)\d\d){AFTER}")

_GROUP = re.compile(r"\[([^\]]{1,40})\][ ._]*(?=[^ ._])")
_ACRONYM = re.compile(r"(?<![^.])(?:[A-Z]\.){2,}(?:[A-Z](?![^.])\.?)?")  # S.H.I.E.L.D.
# What a bare year after these words belongs to is a title (`Class of 1984`) or a date (`July 2015`).
_LEADS_ON = frozenset(
    "a an the of in from since to until till and vs for by at on january february march april may june july august september"
    " october november december jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_DAY_LAST = re.compile(r"\b(?:\d\d[ -]|(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]* )\d\d?$", re.IGNORECASE)
_FIRST_YEAR = 1888  # of the oldest film
_LAST_YEAR = time.gmtime().tm_year + 2  # of one that is announced


@dataclass(frozen=True, slots=True)
class Understood:
    """What a name says, and what of it says nothing. Where not `whole`, it says more than was understood."""

    said: tuple[Said, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Above:
    """What the folders above a video say of it."""

    season: tuple[Said, ...] = ()  # season, show, year of the show
    lasting: bool = False  # and of a file that names no episode, too: `Show/Season 2` says more than `S02`
    film: tuple[Said, ...] = ()  # title, year and more of `Film (1999)`
    release: bool = False  # and it is written as releases are, so that every video in it is that film or episode
    extra: tuple[Said, ...] = ()  # it is a trailer, a sample, or a part
    numbered: bool = False  # they are anime: `Name - 05` is an episode
    parent: str = ""  # the innermost that may be a show, where the file is called `S01E05`


NOWHERE = Above()
NOT_UNDERSTOOD = Understood(whole=False)


def clean(raw: str, text: str) -> str:
    """Return a part of a name as words: where no blank stands in the whole name, dots are blanks."""
    if " " not in text:
        raw = _ACRONYM.sub(lambda found: found[0].replace(".", "\0"), raw).replace(".", " ").replace("\0", ".")
    elif raw.endswith("."):  # it only parts `Name.1080p`
        raw = raw[:-1]
    words = " ".join(raw.replace("_", " ").split())
    return words.lstrip(" -–,~+.)]}").rstrip(" -–,~+([{")


def is_year(found: re.Match[str]) -> bool:
    """Tell whether what YEAR found can be when a film was made."""
    return _FIRST_YEAR <= year_in(found) <= _LAST_YEAR


def year_in(found: re.Match[str]) -> int:
    """Return the year that YEAR found."""
    return int(found["bracketed"] or found["bare"])


def leads_on(title: str) -> bool:
    """Tell whether a bare year behind these words is a part of them, or of a date."""
    return title.rpartition(" ")[2].casefold() in _LEADS_ON or _DAY_LAST.search(title) is not None


def group_of(text: str) -> tuple[tuple[Said, ...], int]:
    """Return the group whose name stands first, in brackets, and where the name itself begins."""
    found = _GROUP.match(text)
    return ((Said("name_release_group", found[1], found[0].strip(" ._")),), found.end()) if found else ((), 0)


def with_marks(said: Iterable[Said], marks: Tail, *ignored: Ignored) -> Understood:
    """Return what a name says in its title and in its marks, where the first word on a field counts.

    A group that stands last, behind a dash, made this release; one in brackets before the name may be a part of the title.
    """
    fields: dict[str, Said] = {}
    for one in (*said, *marks.said):
        if one.field not in fields or (one.field == "name_release_group" and one.text.startswith("-")):
            fields[one.field] = one
    return Understood(tuple(fields.values()), (*marks.ignored, *ignored))


def value_of(said: Iterable[Said], field: str) -> str | int | None:
    """Return what is said of a field."""
    return next((one.value for one in said if one.field == field), None)
