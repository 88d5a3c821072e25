"""Names of plain shapes, understood to their last word: `Film (1999)`, `Show.S01E02.Title.720p.WEB-DL`, `[Group] Name - 05`.

A name that is of such a shape in part alone is not guessed at: `whole` is false, and guessit is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mediaforge.extract.name_films import film, release
from mediaforge.extract.name_marks import Ignored, Said, tail
from mediaforge.extract.name_shows import anime, brackets, dated, episode, in_season, lone_episode, old, season
from mediaforge.extract.name_words import NOT_UNDERSTOOD, NOWHERE, SEASON_WORDS, Above, Understood, value_of

_JUNK = re.compile(
    r"""[ ._]*(?:
        (?P<crc>\[[0-9A-Fa-f]{8}\])
      | (?P<number>(?<=[)][ ._])\[\d+\] | \[(?!(?:19|20)\d\d\])\d+\])
      | (?P<copy>(?<=[)\]][ ._])\(\d{1,2}\) | (?<=[)\]])\(\d{1,2}\))
      | (?P<id>\[(?=[^\]]*[a-z])(?=[^\]]*[A-Z])(?=[^\]]*[\d_-])[\w-]{11}\]))$""",
    re.VERBOSE,
)
_COPY_OF = re.compile(r"(?:copy|kopie|copie|copia) (?:of|von|de|di) ", re.IGNORECASE)
_JUNK_IS: Mapping[str, str] = {
    "crc": "a checksum says nothing of what is shown",
    "number": "a number in brackets says nothing",
    "copy": "it counts copies",
    "id": "it is the id of a web site's video",
}
_EXTRAS: Mapping[str, str] = {
    "trailer": "trailer", "teaser": "trailer", "sample": "sample", "featurette": "featurette", "clip": "clip", "short": "short",
    "behindthescenes": "behind the scenes", "deleted": "deleted scene", "deletedscene": "deleted scene",
    "interview": "interview", "scene": "scene", "extra": "extra", "other": "extra",
}  # fmt: skip
_EXTRAS_ALONE = ("trailer", "sample", "featurette", "behind the scenes")  # whatever stands before them
_EXTRA_LAST = re.compile(
    rf"(?:-|(?:^|[ ._](?:- ?)?)(?=trailer|teaser|sample|featurette))({'|'.join(_EXTRAS)})[ _-]?\d{{0,2}}$", re.IGNORECASE
)
_SAMPLE_FIRST = re.compile(r"sample[ ._-]+(?=.)", re.IGNORECASE)
_WEB_SITE = re.compile(r"\bwww[ .]|^\[ ?[\w.-]+\.(?:com|net|org|to|me)\b", re.IGNORECASE)
# What may still be a name of something, though no shape fits.
_SOMETHING = re.compile(
    rf"(?<![a-z0-9])s\d{{1,2}}[ ._-]?e\d|(?<!\d)\d{{1,2}}x\d{{2}}(?!\d)|\b(?:{SEASON_WORDS}|episode)[ ._]?\d"
    r"|^\[[^\]]+\].*(?<!\d)\d{1,3}(?!\d)",
    re.IGNORECASE,
)
_Shape = Callable[[str, Above], Understood | None]


def parse(stem: str, above: Above = NOWHERE) -> Understood:
    """Return what a name without its suffix says."""
    text, ignored = _without_junk(stem)
    text, extra = _without_extra(text)
    for shape in _SHAPES:
        if found := shape(text, above):
            if _WEB_SITE.search(text):
                return NOT_UNDERSTOOD
            extra = extra if value_of(found.said, "name_extra") is None else ()
            return Understood((*found.said, *extra), (*found.ignored, *ignored), found.whole)
    alone = tuple(one for one in extra if one.value in _EXTRAS_ALONE)
    return Understood(alone, ignored, whole=_SOMETHING.search(text) is None)


def _without_junk(stem: str) -> tuple[str, tuple[Ignored, ...]]:
    ignored: list[Ignored] = []
    if found := _COPY_OF.match(stem):
        ignored.append(Ignored(found[0].strip(), _JUNK_IS["copy"]))
        stem = stem[found.end() :]
    while stem[-1:] in (")", "]") and (found := _JUNK.search(stem)):
        if not found.start() or (found.lastgroup == "number" and stem.startswith("[")) or tail(found[0], 0):
            break  # `[Group] Name [05]`; `[WEBDL-2160p]`
        ignored.append(Ignored(found[0].strip(" ._"), _JUNK_IS[found.lastgroup or ""]))
        stem = stem[: found.start()]
    return stem, tuple(ignored)


def _without_extra(text: str) -> tuple[str, tuple[Said, ...]]:
    if found := _EXTRA_LAST.search(text):
        return text[: found.start()], (Said("name_extra", _EXTRAS[found[1].casefold()], found[0].strip(" ._")),)
    if found := _SAMPLE_FIRST.match(text):
        return text[found.end() :], (Said("name_extra", "sample", found[0].strip(" ._")),)
    return text, ()


# Most certain first.
_SHAPES: tuple[_Shape, ...] = (episode, in_season, brackets, anime, dated, film, lone_episode, season, old, release)
