"""Names of films: `Film (1999)`, `Film.1999.1080p.BluRay.x264-GROUP`, and titles before the marks of a release."""

from __future__ import annotations

import re

from mediaforge.extract import name_doubts as doubts
from mediaforge.extract.name_marks import Ignored, Said, marks_of, tail
from mediaforge.extract.name_words import (
    NOT_UNDERSTOOD,
    YEAR,
    Above,
    Understood,
    clean,
    group_of,
    is_year,
    leads_on,
    with_marks,
    year_in,
)


def film(text: str, _above: Above) -> Understood | None:
    """Read a title before a year, behind which nothing but marks stands: the last such year."""
    unknown = False
    years = [found for found in YEAR.finditer(text) if is_year(found)]
    for found in reversed([year for year in years if year["bracketed"]] or years):
        if read := _before_year(text, found):
            if read.whole:
                return read
            unknown = True
    return NOT_UNDERSTOOD if unknown else None


def _before_year(text: str, found: re.Match[str]) -> Understood | None:
    """Return the film of a year; None where it is none, so that another year may be."""
    group, title = _titled(text, found.start())
    marks = tail(text, found.end())
    if not title:
        return None
    if marks is None:
        return NOT_UNDERSTOOD if found["bracketed"] or _is_dotted(text) else None
    if found["bare"] and (leads_on(title) or (_is_song(text[: found.start()]) and not marks.of_release)):
        return None
    if doubts.of_film(title.strip("[]")):
        return NOT_UNDERSTOOD
    if group and not marks.of_release:  # `[REC] 2 (2009)`
        group, title = (), clean(text[: found.start()], text)
    return with_marks((Said("title", title, title), Said("year", year_in(found), found[0]), *group), marks)


def release(text: str, _above: Above) -> Understood | None:
    """Read a title before the marks of a release; before a size alone, `Artist - Title` may be a song."""
    marks = marks_of(text)
    if marks is None:
        return NOT_UNDERSTOOD
    if not marks.strong:
        return None
    group, title = _titled(text, marks.start)
    if doubts.of_numbered(title.strip("[]")) or (group and title[:2].isdecimal()):
        return NOT_UNDERSTOOD
    if _is_song(title) and not marks.of_release and not group:
        return with_marks((), marks, Ignored(title, "it may be an artist and a song"))
    return with_marks((*([Said("title", title, title)] if title else []), *group), marks)


def _titled(text: str, end: int) -> tuple[tuple[Said, ...], str]:
    """Return the group that stands first, and the title behind it; in `[REC] (2007)` it is the title itself."""
    group, start = group_of(text)
    title = clean(text[start:end], text)
    return (group, title) if title or not group else ((), clean(text[:end], text))


def _is_dotted(text: str) -> bool:
    """Tell whether a name is written as releases are."""
    return " " not in text and text.count(".") > 1


def _is_song(text: str) -> bool:
    """Tell whether a text may be an artist and a song: `Artist - Song`, and `Prince - 1999`."""
    return " - " in text
