"""Names of episodes: `Show S01E02`, `03 - Name` in the folder of a season, `[Group] Name - 05`, `The Daily Show 2021-03-04`."""

from __future__ import annotations

import re
from dataclasses import replace

from mediaforge.extract import name_doubts as doubts
from mediaforge.extract.name_marks import Ignored, Said, Tail, marks_of, tail, words_of
from mediaforge.extract.name_words import (
    AFTER,
    BEFORE,
    EPISODE_WORDS,
    NEVER,
    NOT_UNDERSTOOD,
    SEASON_WORDS,
    YEAR,
    Above,
    Understood,
    clean,
    group_of,
    is_year,
    leads_on,
    value_of,
    with_marks,
    year_in,
)


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(BEFORE + pattern + AFTER, re.IGNORECASE)


# Season and episode, as nobody writes anything else. `more`: what a file of several episodes has behind the first.
_EPISODES = (
    _shape(
        r"[st](?P<season>\d{1,2}|(?:19|20)\d\d)[ ._x-]*e(?:p(?:isode)?)?[ ._]?(?P<episode>\d{1,4})"
        r"(?P<more>(?:[ ._+&-]{0,3}(?:s\d{1,2})?ep?\d{1,4}|-\d{2,3})*)(?:v\d)?"
    ),
    _shape(r"(?P<season>\d{1,2})[x×](?P<episode>\d{2,3})(?P<more>(?:-(?:\d{1,2}x)?\d{2,3}|x\d{2,3})*)"),
    _shape(
        rf"(?:{SEASON_WORDS})[ ._]?(?P<season>\d{{1,2}})[ ._,-]*(?:{EPISODE_WORDS}|e)[ ._]?(?P<episode>\d{{1,3}})(?P<more>)"
    ),
)
# An episode without its season; asked after the year of a film, for `Star Wars Episode 4 (1977)` is one.
_LONE_EPISODES = (
    _shape(rf"(?:{EPISODE_WORDS})[ ._]{{0,2}}(?P<season>)(?P<episode>\d{{1,4}})(?P<more>(?:-\d{{1,4}})?)"),
    re.compile(rf"(?<=-[ ._])e(?P<season>)(?P<episode>\d{{2,4}})(?P<more>){AFTER}", re.IGNORECASE),
    re.compile(r"第(?P<season>)(?P<episode>\d{1,4})(?P<more>)[話话集回]"),
)
_NUMBER = (
    rf"(?:(?:{EPISODE_WORDS}|e|#)[ ._]?)?(?P<season>)(?P<episode>\d{{1,3}})(?P<more>(?:-e?\d{{1,3}})?)(?:v\d)?"
    r"(?!\.[01](?!\d))"  # 5.1
)
_FIRST = re.compile(rf"{_NUMBER}(?=$|[ ._]*[-–.\[(]|[ _])", re.IGNORECASE)
_DASHED = re.compile(rf"(?<=[ _.])-[ _.]{_NUMBER}(?=$|[ _.]*[\[(]|[ _.]-[ _.])", re.IGNORECASE)
_ANIME = re.compile(
    r"(?<=[ _.])-[ _.](?P<season>)(?P<episode>\d{1,4})(?P<more>(?:-\d{1,4})?)(?:v\d)?(?=$|[ _.~]*[\[(]|[ _.]-[ _.])"
)
_ANIME_PLAIN = re.compile(r"(?<=[^\W\d_][ _.])(?P<season>)(?P<episode>\d{2,3})(?P<more>(?:-\d{2,3})?)(?:v\d)?(?=$|[ _.]*[\[(])")
_ANIME_BRACKETS = re.compile(
    r"\[([^\]]+)\][ ._]?\[([^\]]+)\][ ._]?\[(\d{1,4})(?:v\d)?(?:end)?\]((?:[ ._]?\[[^\]]+\])*)", re.IGNORECASE
)
_OLD = re.compile(r"(?<=[^\W_][ ._])(?P<season>[1-9])(?P<episode>\d\d)(?P<more>)(?=[ ._](?:hdtv|pdtv|dsr)\b)", re.IGNORECASE)
_SEASON = _shape(rf"(?:(?:{SEASON_WORDS})[ ._]?|s)(?P<season>\d{{1,2}})")
_SEASON_LAST = re.compile(
    rf"[ ._-]+(?:s(\d{{1,2}})|(?:{SEASON_WORDS})[ ._]?(\d{{1,2}})|(\d)(?:st|nd|rd|th) season)$", re.IGNORECASE
)
_DATE = re.compile(
    rf"{BEFORE}(?P<year>(?:19|20)\d\d)(?P<sign>[-. ])(?P<month>0[1-9]|1[0-2])(?P=sign)(?P<day>0[1-9]|[12]\d|3[01]){AFTER}"
)
_TIME = re.compile(r"[ _-]*(?:at |\d\d[.:_-]?\d\d)")
_OF_DAYS = re.compile(
    r"\b(?:show|daily|nightly|tonight|late|news|report|week|weekly|today|live with|jeopardy|talk)\b", re.IGNORECASE
)
_MOST_EPISODES = 50  # in one file
_WITH_YEARS = frozenset({"space 1999"})  # shows whose year is a part of the name


def episode(text: str, _above: Above) -> Understood | None:
    """Read what is an episode and nothing else: `S01E02`, `1x02`, `Season 1 Episode 2`."""
    for shape in _EPISODES:
        if found := shape.search(text):
            return _of_show(text, found)
    return None


def lone_episode(text: str, _above: Above) -> Understood | None:
    """Read `Show Episode 5`."""
    for shape in _LONE_EPISODES:
        if (found := shape.search(text)) and int(found["episode"]) not in NEVER:
            read = _of_show(text, found)
            return NOT_UNDERSTOOD if doubts.of_numbered(str(value_of(read.said, "show") or "")) else read
    return None


def in_season(text: str, above: Above) -> Understood | None:
    """Read `03 - Name`, `Show - 03` and `Show 03 Name` in the folder of a season of that show."""
    if not above.season:
        return None
    start = _after(text, str(value_of(above.season, "show") or ""))
    found = _FIRST.match(text, start) or _DASHED.search(text)
    if not found or int(found["episode"]) in NEVER or YEAR.search(text, found.end("episode")):
        return None
    read = _of_show(text, found, show=start == 0)
    number = found["episode"]
    if len(number) == 3 and int(number[0]) == value_of(above.season, "season"):  # 203 in the second season
        said = (replace(one, value=int(number[1:])) if one.field == "episode" else one for one in read.said)
        return replace(read, said=tuple(said))
    return read


def _after(text: str, title: str) -> int:
    """Return where a text goes on after a title, whose words it begins with; 0 where it does not."""
    wanted = [word for *_, word in words_of(title)]
    words = words_of(text)
    if not wanted or len(words) <= len(wanted) or [word for *_, word in words[: len(wanted)]] != wanted:
        return 0
    return words[len(wanted)][0]


def anime(text: str, above: Above) -> Understood | None:
    """Read `Name - 05`, where a group, a folder or the marks of a release tell that it is no song."""
    grouped, start = group_of(text)
    found = _ANIME.search(text) or (_ANIME_PLAIN.search(text, start) if grouped else None)
    if not found or int(found["episode"]) in NEVER or _LONE_EPISODES[0].search(text):
        return None
    if grouped or above.numbered or ((marks := marks_of(text, found.end())) and marks.of_release):
        return _of_show(text, found)
    return None


def brackets(text: str, _above: Above) -> Understood | None:
    """Read `[Group][Name][05][1080P][GB]`."""
    found = _ANIME_BRACKETS.fullmatch(text)
    if not found or int(found[3]) in NEVER:
        return None
    said = [Said("name_release_group", found[1], found[1]), Said("show", clean(found[2], found[2]), found[2])]
    said.append(Said("episode", int(found[3]), f"[{found[3]}]"))
    parts = re.findall(r"\[([^\]]+)\]", found[4])
    marks = [tail(part, 0) or Tail(0, ignored=(Ignored(part, "it is no mark that is known"),)) for part in parts]
    every = Tail(0, tuple(one for mark in marks for one in mark.said), tuple(one for mark in marks for one in mark.ignored))
    return with_marks(said, every)


def _of_show(text: str, found: re.Match[str], *, show: bool = True) -> Understood:
    """Return what a name says around season and episode; the words before them are the show's unless told otherwise."""
    last, end = _last_episode(found)
    group, start = group_of(text)
    shown = _show(text[start : found.start()], text, season=bool(found["season"])) if show else []
    marks = marks_of(text, end)
    if marks is None or shown is None:
        return NOT_UNDERSTOOD
    title = clean(text[end : marks.start], text)
    if doubts.of_episode(title, released=marks.strong > 0 and " " not in text):
        return NOT_UNDERSTOOD
    numbers = {"season": found["season"], "episode": found["episode"], "name_last_episode": last}
    said = [*group, *shown, *(Said(field, int(number), found[0].strip()) for field, number in numbers.items() if number)]
    if title and not (title.isdecimal() and int(title) in NEVER):
        said.append(Said("episode_title", title, title))
    return with_marks(said, marks)


def _last_episode(found: re.Match[str]) -> tuple[str | None, int]:
    """Return the last of several episodes, and where the name goes on; `S01E02-720` is not seven hundred of them."""
    if not (numbers := re.findall(r"\d+", found["more"])):
        return None, found.end()
    first, last = int(found["episode"]), int(numbers[-1])
    likely = first < last <= first + _MOST_EPISODES and last not in NEVER
    return (numbers[-1], found.end()) if likely else (None, found.end("episode"))


def _show(raw: str, text: str, *, season: bool) -> list[Said] | None:
    """Return the show that the words before an episode name, with its year and season; None where they say more."""
    title = clean(raw, text)
    if doubts.of_show(title):
        return None
    said: list[Said] = []
    if not season and (found := _SEASON_LAST.search(title)):
        said.append(Said("season", int(found[1] or found[2] or found[3]), found[0].strip()))
        title = title[: found.start()].rstrip(" -")
    title, year = _without_year(title)
    return [*([Said("show", title, title)] if title else []), *said, *year]


def _without_year(title: str) -> tuple[str, tuple[Said, ...]]:
    """Return a show's name and the year that tells it from one of the same name: `Doctor Who (2005)`."""
    found = next(reversed(list(YEAR.finditer(title))), None)
    if not found or found.end() < len(title) or not is_year(found):
        return title, ()
    before = title[: found.start()].rstrip(" -")
    if not before or (found["bare"] and (leads_on(before) or title.casefold() in _WITH_YEARS)):
        return title, ()
    return before, (Said("year", year_in(found), found[0]),)


def dated(text: str, _above: Above) -> Understood | None:
    """Read `The Daily Show 2021-03-04`; a date behind any other word is that of a recording, unless a release says more."""
    found = _DATE.search(text)
    if not found or not (title := clean(text[: found.start()], text)):
        return None
    marks = marks_of(text, found.end())
    if marks is None:
        return NOT_UNDERSTOOD
    date = f"{found['year']}-{found['month']}-{found['day']}"
    said = [Said("show", title, title), Said("name_date", date, found[0])]
    if numbered := _LONE_EPISODES[0].search(text, found.end()):  # `Tatort - 2021-03-07 - Folge 1160`
        said.append(Said("episode", int(numbered["episode"]), numbered[0].strip()))
        rest = clean(text[numbered.end() : marks.start], text)
        return with_marks([*said, *([Said("episode_title", rest, rest)] if rest else [])], marks)
    if not (marks.of_release or _OF_DAYS.search(title)) or _TIME.match(text, found.end()):
        return Understood(ignored=(Ignored(found[0], "a date alone tells when it was recorded, and makes no show"),))
    if episode := clean(text[found.end() : marks.start], text):
        said.append(Said("episode_title", episode, episode))
    return with_marks(said, marks)


def old(text: str, _above: Above) -> Understood | None:
    """Read `show.102.hdtv`: of what was broadcast, three digits before the source are season and episode."""
    found = _OLD.search(text)
    if not found or not 0 < int(found["episode"]) < _MOST_EPISODES:
        return None
    marks = tail(text, found.end())
    if marks is None or value_of(marks.said, "name_source") not in ("HDTV", "Digital TV", "Satellite"):
        return None
    return _of_show(text, found)


def season(text: str, _above: Above) -> Understood | None:
    """Read `Show.S02.1080p.WEB-DL`, and `Show Season 2`."""
    found = _SEASON.search(text)
    if not found or (marks := tail(text, found.end())) is None or not (marks.strong or len(found[0]) > 3):
        return None
    group, before = group_of(text)
    shown = _show(text[before : found.start()], text, season=True)
    if not shown or doubts.of_numbered(str(shown[0].value)):
        return None
    return with_marks((*shown, Said("season", int(found["season"]), found[0]), *group), marks)
