"""Titles that are hardly titles alone: whether a pattern understood a name to its last word.

A pattern that took more for a title than it is would be wrong where guessit may be right, so that guessit is asked instead.
"""

from __future__ import annotations

import re

from mediaforge.extract.name_marks import marks_in
from mediaforge.extract.name_words import EPISODE_WORDS, SEASON_WORDS, YEAR, is_year

_GLUED = re.compile(
    rf"[\[\]{{}}]|[hx]26[45]|hdtv|web-?dl|dvd-?rip|xvid|\d{{3,4}}p\b|\bcomplete (?:mini)?series\b|\d ?(?:{SEASON_WORDS})\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    rf"\b(?:(?:{SEASON_WORDS}|{EPISODE_WORDS}|seasons|int[eé]grale?)\b|s\d|e\d|x\d\d|\d+ ?(?:[x×]|of|de|di|von|van) ?\d)"
    r"|第|シーズン| - \d{1,4}(?:v\d)?\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"^(?:of|de|di|von|van|din|из) \d|\b\d{3}-\d{3}\b|\b\d+x\d", re.IGNORECASE)
_EPISODE = re.compile(r"\be\d{2,3}\b", re.IGNORECASE)


def of_film(title: str) -> bool:
    """Tell whether what stands before a year holds a mark: `Brazil Criterion Edition (1985)`."""
    if _GLUED.search(title) or _EPISODE.search(title):
        return True
    return any(strong or field == "edition" for _word, field, strong in marks_in(title)[1:])


def of_show(title: str) -> bool:
    """Tell whether what stands before an episode holds a mark that can be nothing else, or more episodes."""
    return bool(_GLUED.search(title) or _SEVERAL.search(title)) or any(strong for _word, _field, strong in marks_in(title))


def of_numbered(title: str) -> bool:
    """Tell whether a title before a number or marks holds another mark, a word of seasons and episodes, or a year."""
    if _GLUED.search(title) or _NUMBERED.search(title):
        return True
    years = (found for found in YEAR.finditer(title) if found.start() and is_year(found))
    return any(field for _word, field, _strong in marks_in(title)[1:]) or next(years, None) is not None


def of_episode(title: str, *, released: bool) -> bool:
    """Tell whether the title of an episode holds a mark, or in a release a word that is written as marks are: `PREAIR`."""
    if _GLUED.search(title) or _SEVERAL.search(title):
        return True
    if any(strong for _word, _field, strong in marks_in(title)):
        return True
    return released and any(len(word) > 1 and word.isalpha() and word.isupper() for word in title.split())
