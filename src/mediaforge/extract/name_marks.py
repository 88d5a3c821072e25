"""Marks in names: screen sizes, sources, editions, codecs and other words of releases, and what stands behind a title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

_IN_FILE = "the file itself says it"
_VERSION = "it tells releases apart, and says nothing of what is shown"
_SIZES = "240|360|480|540|576|720|900|1080|1440|2160|4320"

# field of `name_…`, or why it is ignored; its value; the marks, without the signs between their words: `web-dl`, `web.dl` and
# `webdl` are one. A strong mark can be nothing else. Any other may be a word of a title as well, so that it counts only after a
# year or in a row with a strong one. Values are guessit's: it is asked about some names, and both kinds must be found alike.
_STRONG: tuple[tuple[str, str, str], ...] = (
    ("source", "Ultra HD Blu-ray", "uhdbluray uhdbd ultrahdbluray 4kbluray uhdblurayrip uhdbdrip"),
    ("source", "Blu-ray", "bluray blurayrip bdrip brrip bdremux bdmux bdmv bd25 bd50"),
    ("source", "HD-DVD", "hddvd hddvdrip"),
    ("source", "DVD", "dvdrip dvdr dvd5 dvd9 dvdscr dvdmux"),
    ("source", "Web", "webdl webdlrip webrip webcap webdlx264 webdlx265 webx264"),
    ("source", "HDTV", "hdtv hdtvrip hdtvmux hdtvx264 hdtvx265"),
    ("source", "Digital TV", "pdtv pdtvrip pdtvx264 dvbrip"),
    ("source", "Satellite", "dsr dsrip satrip"),
    ("source", "TV", "tvrip"),
    ("source", "VHS", "vhsrip"),
    ("source", "Telesync", "telesync"),
    ("source", "HD Camera", "hdcam"),
    (_IN_FILE, "", "x264 x265 h264 h265 h266 hevc xvid divx av1 vp9 8bit 10bit 12bit 8bits 10bits 12bits hi10p hi10 hdrip"),
    (_IN_FILE, "", "ddp eac3 ac3 aac heaac flac dts dtshd dtshdma dtshdhra dtsx dtses truehd atmos truehdatmos"),
    (_IN_FILE, "", "2.0 2.1 5.1 6.1 7.1 hdr10 hdr10plus dolbyvision"),
    *((_IN_FILE, "", f"{codec}20 {codec}51 {codec}71") for codec in "dd ddp aac ac3 eac3 flac dts".split()),
)  # fmt: skip
_WEAK: tuple[tuple[str, str, str], ...] = (
    ("screen_size", "2160p", "4k 4kuhd"),
    *(("screen_size", f"{size}p", size) for size in "480 576 720 1080 2160".split()),
    ("source", "Web", "web"),
    ("source", "DVD", "dvd"),
    ("source", "Blu-ray", "bd"),
    ("source", "VHS", "vhs"),
    (_IN_FILE, "", "avc opus mp3 pcm lpcm dd hdr sdr hlg dv dovi uhd hd fhd mhd hdlight hires 3d sbs hsbs hou"),
    (_IN_FILE, "", "6ch 8ch 50fps 60fps"),
    (_IN_FILE, "", "dualaudio multiaudio multiplesubtitle multiplesubtitles multisubtitle multisub multisubs subs esub esubs"),
    (_IN_FILE, "", "hardsub hardsubs fastsub subforced vostfr multi subbed dubbed englishdubbed dublado legendado"),
    (_IN_FILE, "", "pal ntsc secam"),
    (_VERSION, "", "remux proper repack repack2 rerip internal readnfo nfofix dirfix hybrid openmatte ws complete retail"),
    (_VERSION, "", "v2 v3"),
    ("edition", "Director's Cut", "directorscut"),
    ("edition", "Final Cut", "finalcut thefinalcut"),
    ("edition", "Extended", "extended extendedcut extendedversion extendededition"),
    ("edition", "Theatrical", "theatrical theatricalcut theatricalversion theatricaledition"),
    ("edition", "Unrated", "unrated unratedcut unratedversion unratededition"),
    ("edition", "Uncut", "uncut uncutversion uncutedition"),
    ("edition", "Uncensored", "uncensored"),
    ("edition", "Remastered", "remastered 4kremastered remaster 4kremaster"),
    ("edition", "Restored", "restored 4krestored"),
    ("edition", "IMAX", "imax imaxedition"),
    ("edition", "Criterion", "criterion criterioncollection criterionedition"),
    ("edition", "Special", "specialedition"),
    ("edition", "Collector", "collectorsedition"),
    ("edition", "Ultimate", "ultimatecut ultimateedition"),
    ("edition", "Limited", "limited limitededition"),
    ("extra", "trailer", "trailer trailers teaser teasertrailer theatricaltrailer officialtrailer finaltrailer"),
    ("extra", "featurette", "featurette featurettes"),
    ("extra", "behind the scenes", "behindthescenes makingof"),
    ("extra", "deleted scene", "deletedscene deletedscenes"),
    ("extra", "interview", "interview interviews"),
    ("extra", "gag reel", "gagreel bloopers outtakes"),
    ("extra", "opening or ending", "ncop ncop1 ncop2 nced nced1 nced2 creditlessop creditlessed"),
    ("extra", "sample", "sample"),
    ("extra", "extra", "extra extras bonus"),
)  # fmt: skip
# These count as they are written alone: `German` is a language, and `it` a word.
_AS_WRITTEN: tuple[tuple[str, str, str], ...] = (
    (_IN_FILE, "", "FRENCH TRUEFRENCH VFF VOSTFR GERMAN German GER ITALIAN iTALiAN ITA ENG SPANISH CASTELLANO LATINO RUS"),
    (_IN_FILE, "", "RUSSIAN JPN JAP KOREAN HINDI NORDIC NORDiC SWEDISH DANISH DUTCH POLISH CZECH MULTI MULTi DL DUAL"),
    (_VERSION, "", "AMZN NF DSNP HMAX MAX ATVP HULU PCOK PMTP CR iP iT STAN ALL4 REAL"),
    ("edition", "Director's Cut", "DC"),
)  # fmt: skip


def _table(rows: tuple[tuple[str, str, str], ...]) -> Mapping[str, tuple[str, str]]:
    return {word: (field, value) for field, value, words in rows for word in words.split()}


_STRONG_MARKS, _WEAK_MARKS, _WRITTEN_MARKS = _table(_STRONG), _table(_WEAK), _table(_AS_WRITTEN)
_BEGINNINGS = {key[:count] for marks in (_STRONG_MARKS, _WEAK_MARKS) for key in marks for count in (1, 2)}
_BEGINNINGS |= {word[:2].casefold() for word in _WRITTEN_MARKS} | {"cd", "di", "pa", "pt"}
_LONGEST = 3  # words of one mark
GAPS = r" ._,+~&\-\[\](){}"
"""Signs between words, for a class of a pattern."""
_WORD = re.compile(rf"[2-7]\.[01](?![^{GAPS}])|[^{GAPS}]+")
_SIZE = re.compile(rf"(?:\d{{3,4}}[x×])?({_SIZES})([pi])(?:\d\d)?|\d{{3,4}}[x×]({_SIZES})")
_PART = re.compile(r"(?:cd|disc|disk|part|pt)(\d{1,2})")
# The last words of a release's name: who made it. `x264-GROUP`, `[x264]-GROUP[site]`, `[1080p] [YTS.MX]`, `x264.YIFY`.
_BY = re.compile(r"[\])]?-([A-Za-z0-9]+)(?: ?\[[\w.-]+\])?$|[ ._\])-]{1,2}\[([\w.-]+)\]$")
_BY_LAST = re.compile(r"[ .]([A-Za-z0-9]{2,})\)?$")
_ID = re.compile(r"[\[{(](?:(imdb|tmdb|tvdb)(?:id)?[-= ](\w+)|edition-([^\]})]+))[\]})]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """One fact that a path states: a field of Facts, or `name_…` of its extra, and the words that it was read from."""

    field: str
    value: str | int
    text: str
    by: str = "name"  # name, folder, or guessit; or a whole origin

    @property
    def origin(self) -> str:
        """Where it was read, as origins of facts are written."""
        return self.by if ":" in self.by else f"{self.by}:{self.field.removeprefix('name_')}"


@dataclass(frozen=True, slots=True)
class Ignored:
    """A part of a path that no fact was made of, and why."""

    text: str
    why: str


def is_release(said: Iterable[Said], ignored: Iterable[Ignored]) -> bool:
    """Tell whether a source or a codec is named."""
    return any(one.field == "name_source" for one in said) or any(one.why == _IN_FILE for one in ignored)


@dataclass(frozen=True, slots=True)
class Tail:
    """What stands behind a title, understood to its end. `strong` counts the marks that can be nothing else."""

    start: int
    said: tuple[Said, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    strong: int = 0

    @property
    def of_release(self) -> bool:
        """Whether it names a source or a codec, which whoever exports a video of a holiday does not."""
        return is_release(self.said, self.ignored)


_Mark = tuple[str, str | int, bool, int]  # field or why it is ignored, value, whether it is strong, how many words
Words = list[tuple[int, int, str]]
"""The words of a text: where each begins and ends, and what it is as it is looked up."""


def words_of(text: str, at: int = 0) -> Words:
    """Return the words of a text from `at` on."""
    return [(found.start(), found.end(), found[0].casefold().replace("'", "")) for found in _WORD.finditer(text, at)]


def tail(text: str, at: int) -> Tail | None:
    """Read `text` from `at` to its end as marks and nothing else; None where there is anything else."""
    return _tail(text, words_of(text, at), 0, at)


def marks_of(text: str, at: int = 0) -> Tail | None:
    """Return the marks at the end of a text, the first of which may stand at `at`.

    An empty Tail where it holds no strong one; None where it holds one, and something unknown after it.
    """
    words = words_of(text, at)
    for number, (start, _end, _key) in enumerate(words):
        if found := _mark(text, words, number):
            if (read := _tail(text, words, number, start)) and read.strong:
                return read
            if found[2]:
                return None
    return Tail(len(text))


def marks_in(text: str) -> list[tuple[str, str, bool]]:
    """Return every word, the field of the mark that it begins (`""` where none), and whether that is a strong one."""
    words = words_of(text)
    marks = (_mark(text, words, number) for number in range(len(words)))
    found = zip(words, marks, strict=True)
    return [(text[start:end], mark[0] if mark else "", bool(mark and mark[2])) for (start, end, _key), mark in found]


def _tail(text: str, words: Words, number: int, start: int) -> Tail | None:
    said: list[Said] = []
    ignored: list[Ignored] = []
    strong, end, codec = 0, start, False
    while number < len(words):
        at = words[number][0]
        if found := _ID.match(text, max(at - 1, 0)):
            said.append(_id(found))
            end, codec, count = found.end(), False, sum(one[0] < found.end() for one in words[number:])
        elif mark := _mark(text, words, number):
            field, value, sure, count = mark
            end = words[number + count - 1][1]
            if " " in field:
                ignored.append(Ignored(text[at:end], field))
            else:
                said.append(Said(f"name_{field}", value, text[at:end]))
            strong, codec = strong + sure, field == _IN_FILE
        elif strong and (made := _BY.match(text, end) or (codec and _BY_LAST.match(text, end))):
            said.append(Said("name_release_group", str(made[made.lastindex or 0]), made[0].strip(" ._()[]")))
            break
        else:
            return None
        number += count
    return Tail(start, _settled(said), tuple(ignored), strong)


def _mark(text: str, words: Words, number: int) -> _Mark | None:
    """Return the mark that begins with a word: the longest, for `web-dl` begins with `web`."""
    start, end, first = words[number]
    if first[:2] not in _BEGINNINGS and not first[:1].isdigit():
        return None
    if row := _WRITTEN_MARKS.get(text[start:end]):
        return (*row, False, 1)
    best, key = None, ""
    for count, (_start, _end, word) in enumerate(words[number : number + _LONGEST], start=1):
        key += word
        if row := _STRONG_MARKS.get(key):
            best = (*row, True, count)
        elif row := _WEAK_MARKS.get(key):
            best = (*row, False, count)
    return best or _numbered(words[number : number + 2])


def _numbered(words: Words) -> _Mark | None:
    """Return the mark that a number is in: `1920x1080`, `720p60`, `cd 2`."""
    first = words[0][2]
    if size := _SIZE.fullmatch(first):
        return "screen_size", f"{size[1] or size[3]}{size[2] or 'p'}", True, 1
    for count, key in enumerate((first, "".join(word for _start, _end, word in words)), start=1):
        if part := _PART.fullmatch(key):
            return "part", int(part[1]), False, count
    return None


def _id(found: re.Match[str]) -> Said:
    of, number, edition = found.groups()
    return Said(f"name_{of.lower()}", number, found[0]) if of else Said("name_edition", edition, found[0])


def _settled(said: list[Said]) -> tuple[Said, ...]:
    """Return what was said, each field once; a Blu-ray of 2160 lines is an Ultra HD one."""
    first = {one.field: one for one in reversed(said)}
    source, size = first.get("name_source"), first.get("name_screen_size")
    if source and size and (source.value, size.value) == ("Blu-ray", "2160p"):
        first["name_source"] = replace(source, value="Ultra HD Blu-ray")
    return tuple(first[field] for field in dict.fromkeys(one.field for one in said))
