"""What a video's name and its folders say: title and year of a film, show, season and episode, and how it was released.

Plain names are understood by our own patterns in some 0.1 ms; guessit, 10 ms a name and 250 ms to import, is asked only about a
name that says more than they understand. A camera's name says nothing, and nobody is asked about it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from mediaforge.extract.draft import Draft
from mediaforge.extract.name_folders import MOST, read_folders
from mediaforge.extract.name_marks import Ignored, Said, tail
from mediaforge.extract.name_patterns import parse
from mediaforge.extract.name_words import Above, Understood, clean, value_of
from mediaforge.model import SUFFIXES
from mediaforge.text import clean_text, fold

__all__ = ["MOST", "Ignored", "Said", "Understood", "identify", "understand"]

# Names that say nothing, though a part of them may look like a year or an episode.
_MEANINGLESS = re.compile(
    r"""(?P<camera>(?:
        _?(?:img|dsc[fn]?|mvi|mov|vid|pxl|mvimg|sam|sany|pict|hpim|cimg|imgp|kic|mah|stc|sdc|_mg|wp|cam|rec|clip|dvr)[-_]?\d{3,}
      | img\ \d{4} | (?:gopr|gp|g[hxl])\d{4,} | dji[-_]\d | p\d{7} | c\d{4} | m2u\d{5} | \d{3}[-_]\d{4} | [a-z]\d{3}_?c\d{3} )
        (?![a-z]))
      | (?P<date>(?:19|20)\d\d(?P<sign>[-_.]?)(?:0[1-9]|1[0-2])(?P=sign)(?:0[1-9]|[12]\d|3[01])(?!\d))
      | (?P<program>(?:screen[ _-]?(?:shot|rec|recording|recorder|record|cast|capture)|bildschirm(?:foto|aufnahme)|whatsapp
          |fullsizerender|rpreplay_|inshot_|youcut_|vlc-record|snapchat-\d|signal-\d|received_\d|video_\d|lv_\d|gmt\d|zoom_\d)
      | [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4} | [0-9a-f]{20,}$)
      | (?P<default>(?:untitled|unnamed|clip|capture|recording|output|export|render|timeline|sequence|test|trim|download
          |videoplayback|final|project|tape|(?:new|my)[ ](?:project|movie|video|recording)|(?:video|movie|film)[ _-]?(?=\d))
        (?:[ _.-]*+(?:project|video|clip|copy|final|\d{3,4}p|4k|v?\d{1,6}|\(\d{1,3}\)))*+$)
      | (?P<song>.*(?:\bofficial[ ._](?:(?:hd|4k|music|lyrics?)[ ._])*(?:video|audio|clip|visuali[sz]er|mv)\b
          |\b(?:lyrics?|music)[ ._]video\b|[(\[]m-?v[)\]]|[(\[]lyrics?[)\]]))""",
    re.IGNORECASE | re.VERBOSE,
)
_WHY: Mapping[str, str] = {
    "camera": "a camera's name says nothing",
    "date": "a name that begins with a date is a recording's",
    "program": "a name that a program made up says nothing",
    "default": "a name that anything may have says nothing",
    "song": "the name of a music video: its artist and its song are left to its tags",
}
# Names that leave it to the folder to say what they are.
_PLACEHOLDER = re.compile(
    r"(?:the )?(?:film|movie|video|feature|main|full)(?: (?:film|movie|feature))?|title[ _]?t?\d+|[a-z]\d_t\d+|vts_\d+_\d+"
    r"|\d{3,4}p",
    re.IGNORECASE,
)
_ORDER = ("title", "show", "season", "episode", "name_last_episode", "episode_title", "year", "name_date")


def identify(draft: Draft, path: str) -> None:
    """Add what a video's path says to what the file itself says, which is believed before it."""
    for one in understand(path).said:
        if not one.field.startswith("name_"):
            draft.put(one.field, one.value, one.origin)
        elif one.field not in draft.extra:
            draft.note(one.field, one.value)
            draft.origins[one.field] = one.origin


def understand(path: str) -> Understood:
    """Return what the path of a video says: its name, and at most three folders above it."""
    *folders, name = (clean_text(path) or "").split("/")
    stem, dot, suffix = name.rpartition(".")
    if not dot or suffix.lower() not in SUFFIXES:
        stem = name
    if found := _MEANINGLESS.match(stem):
        return Understood(ignored=(Ignored(name, _WHY[found.lastgroup or "song"]),))
    above = read_folders(tuple(reversed([folder for folder in folders if folder][-MOST:])))
    own = parse(stem, above)
    if not own.whole:
        from mediaforge.extract.name_guesses import guess

        guessed = guess(stem)
        own = Understood((*guessed.said, *own.said), (*guessed.ignored, *own.ignored))
    said, ignored = _joined(own, above, stem)
    ranked = sorted(said.values(), key=lambda one: _ORDER.index(one.field) if one.field in _ORDER else len(_ORDER))
    if not said and not own.ignored:
        ignored = (Ignored(name, _plainly(stem)), *ignored)
    return Understood(tuple(ranked), (*own.ignored, *ignored))


def _plainly(stem: str) -> str:
    return "a number alone says nothing" if stem.isdecimal() else "it has the shape of no film and of no episode"


_Facts = dict[str, Said]
_Joined = tuple[_Facts, tuple[Ignored, ...]]


def _joined(own: Understood, above: Above, stem: str) -> _Joined:
    """Let the folders vote: they add what the name leaves out, and spell what it names alike."""
    said: _Facts = {}
    for one in own.said:
        said.setdefault(one.field, one)
    if above.season and ("episode" in said or (above.lasting and "year" not in said)):
        joined = _in_season(said, above)
    elif "episode" in said or "show" in said:
        joined = _of_show(said, above)
    else:
        joined = _of_film(said, above, stem)
    for one in above.extra if above.season or above.film or not own.said else ():
        if one.field not in said and one.field == "name_extra" and not own.said:
            title = clean(stem, stem)
            said["name_extra_title"] = Said("name_extra_title", title, stem)
        said.setdefault(one.field, one)
    return joined


def _in_season(said: _Facts, above: Above) -> _Joined:
    if "title" in said:
        said["episode_title"] = replace(said.pop("title"), field="episode_title")
    return said, _vote(said, above.season)


def _of_show(said: _Facts, above: Above) -> _Joined:
    votes = tuple(replace(one, field="show") if one.field == "title" else one for one in above.film)
    if votes and ("show" not in said or _alike(said["show"], votes)):
        return said, _vote(said, votes)
    if "show" not in said and "season" in said and above.parent:
        show = clean(above.parent, above.parent)
        said["show"] = Said("show", show, above.parent, "folder")
    return said, ()


def _of_film(said: _Facts, above: Above, stem: str) -> _Joined:
    if not above.film:
        return said, ()
    title = next(str(one.value) for one in above.film if one.field in ("title", "show"))
    if "title" in said and value_of(above.extra, "name_extra") and "year" not in said:
        said["name_extra_title"] = replace(said.pop("title"), field="name_extra_title")
    if "title" in said:
        its_own = _alike(said["title"], above.film)
    else:
        its_own = bool(
            above.release or above.extra or "name_extra" in said or _PLACEHOLDER.fullmatch(stem) or _begins(stem, title)
        )
    if not its_own:
        return said, (Ignored(above.film[0].text, "the folder of a film of another name"),)
    if "title" not in said and (marks := tail(stem, _same_until(stem, title))):
        said |= {one.field: one for one in marks.said if one.field not in said}
    return said, _vote(said, above.film)


def _vote(said: _Facts, votes: tuple[Said, ...]) -> tuple[Ignored, ...]:
    """Add what folders say, and return what the name contradicts; what both name alike, the folder spells."""
    ignored: list[Ignored] = []
    for one in votes:
        known = said.get(one.field)
        if known is None:
            said[one.field] = one
        elif one.field in ("title", "show") and _key(known.value) == _key(one.value):
            said[one.field] = known if known.value == one.value else one
        elif one.value != known.value and one.field in ("title", "show", "season", "year"):
            ignored.append(Ignored(one.text, f"the name says {one.field} {known.value}"))
            if one.field in ("title", "show"):
                return tuple(ignored)  # of something else, and so is its year
    return tuple(ignored)


def _alike(named: Said, votes: tuple[Said, ...]) -> bool:
    return any(one.field in ("title", "show") and _key(one.value) == _key(named.value) for one in votes)


def _key(value: object) -> str:
    return "".join(filter(str.isalnum, fold(str(value))))


def _begins(stem: str, title: str) -> bool:
    return _same_until(stem, title) > 0


def _same_until(stem: str, title: str) -> int:
    """Return where a name goes on that begins with a title; 0 where it begins with something else."""
    wanted = _key(title)
    for end in range(len(title.strip()) - 1, len(stem) + 1):
        if wanted and _key(stem[:end]) == wanted and not stem[end : end + 1].isalnum():
            return end
    return 0
