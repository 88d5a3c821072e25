"""What stands beside a file is read into its facts, each with its place in the order of trust."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_files import make_jpeg, make_mp4
from mediaforge.extract.work import read
from mediaforge.model import Facts, TakenSource
from mediaforge.scanned import Reading
from mediaforge.sidecars import PROBLEMS, Companion, pack

NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/", "xmp": "http://ns.adobe.com/xap/1.0/", "exif": "http://ns.adobe.com/exif/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/", "lr": "http://ns.adobe.com/lightroom/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
}  # fmt: skip


def packet(**properties: str | list[str]) -> str:
    """Return XMP of properties such as `dc_title`; a list is a bag."""
    parts = "".join(
        f"<{name.replace('_', ':')}>{value if isinstance(value, str) else _bag(value)}</{name.replace('_', ':')}>"
        for name, value in properties.items()
    )
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {rdf}><rdf:Description rdf:about="" {spaces}>'
        f"{parts}</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def _bag(words: list[str]) -> str:
    return f"<rdf:Bag>{''.join(f'<rdf:li>{word}</rdf:li>' for word in words)}</rdf:Bag>"


def facts_of(path: Path, beside: Mapping[str, str | bytes]) -> Facts:
    """Return the facts of a file with these sidecars, which are made beside it."""
    reading = reading_of(path, beside)
    assert isinstance(reading, Reading)
    return reading.facts


def reading_of(path: Path, beside: Mapping[str, str | bytes]) -> Any:
    for name, content in beside.items():
        (path.parent / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read((os.fsencode(path), path.suffix[1:].lower(), standing(path.parent, *beside)))


def standing(folder: Path, *names: str) -> bytes | None:
    """Return what a walk says of these sidecars."""
    stats = [(name, (folder / name).stat()) for name in names]
    return pack([Companion(os.fsencode(name), status.st_size, status.st_mtime_ns) for name, status in sorted(stats)])


OWN = {
    "DateTimeOriginal": "2021:07:04 12:00:00", "OffsetTimeOriginal": "+02:00", "ImageDescription": "own", "Artist": "Own",
    "Make": "Canon", "Rating": 2, "GPSLatitudeRef": "N", "GPSLatitude": (10.0, 0.0, 0.0), "GPSLongitudeRef": "E",
    "GPSLongitude": (20.0, 0.0, 0.0), "GPSAltitudeRef": b"\0", "GPSAltitude": 30.0,
}  # fmt: skip
CORRECTED = packet(
    dc_title=["A title"], dc_description=["Corrected"], dc_creator=["Ansel"], dc_subject=["beach", "sun"], xmp_Rating="4",
    exif_GPSLatitude="48,30.0N", exif_GPSLongitude="2,30.0E", tiff_Make="Nikon",
)  # fmt: skip


def test_xmp_is_believed_before_the_file_but_for_what_the_camera_measured(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", exif=OWN, xmp=packet(dc_subject=["own"], dc_title=["Own"]))
    facts = facts_of(path, {"a.xmp": CORRECTED})
    assert (facts.title, facts.description, facts.artist, facts.rating) == ("A title", "Corrected", "Ansel", 4)
    assert (facts.latitude, facts.longitude, facts.altitude) == (48.5, 2.5, None)
    assert facts.keywords == ("beach", "sun")
    assert (facts.camera_make, facts.taken_at) == ("Canon", datetime(2021, 7, 4, 12, tzinfo=timezone(timedelta(hours=2))))
    assert facts.origins["title"] == "sidecar-xmp:dc:title"
    assert facts.origins["keywords"] == "sidecar-xmp:dc:subject"
    assert facts.origins["camera_make"] == "exif:Make"


def test_what_xmp_does_not_say_the_file_says(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", exif=OWN, xmp=packet(dc_subject=["own"]))
    facts = facts_of(path, {"a.xmp": packet(xmp_Rating="5", tiff_Model="EOS")})
    assert (facts.rating, facts.description, facts.keywords, facts.latitude) == (5, "own", ("own",), 10.0)
    assert (facts.camera_model, facts.origins["camera_model"]) == ("EOS", "sidecar-xmp:tiff:Model")


def test_of_two_xmp_the_one_with_the_whole_name_is_believed_first(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg")
    both = {"a.jpg.xmp": packet(dc_title=["By name"]), "a.xmp": packet(dc_title=["By stem"], dc_description=["More"])}
    facts = facts_of(path, both)
    assert (facts.title, facts.description) == ("By name", "More")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2020-01-02T03:04:05", datetime(2020, 1, 2, 3, 4, 5)),
        ("2020-01-02T03:04:05+01:00", datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1)))),
        ("2021-07-04T12:00:00", datetime(2021, 7, 4, 12, tzinfo=timezone(timedelta(hours=2)))),  # the copy that programs make
        ("2021-07-04T10:00:00Z", datetime(2021, 7, 4, 12, tzinfo=timezone(timedelta(hours=2)))),  # the same moment
        ("2021-07-05T10:00:00Z", datetime(2021, 7, 5, 10, tzinfo=UTC)),
    ],
)
def test_a_time_that_was_corrected(tmp_path: Path, told: str, expected: datetime) -> None:
    facts = facts_of(make_jpeg(tmp_path / "a.jpg", exif=OWN), {"a.xmp": packet(exif_DateTimeOriginal=told)})
    assert facts.taken_at == expected and facts.taken_at.utcoffset() == expected.utcoffset()


def test_a_time_of_utc_does_not_correct_a_local_one(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", exif={"DateTimeOriginal": "2021:07:04 12:00:00"})
    assert facts_of(path, {"a.xmp": packet(exif_DateTimeOriginal="2021-07-04T10:00:00Z")}).taken_at == datetime(2021, 7, 4, 12)


def test_levels_of_keywords_and_encodings(tmp_path: Path) -> None:
    text = packet(lr_hierarchicalSubject=["Places|Italy|Rome"], dc_title=["Été"])
    path = make_jpeg(tmp_path / "a.jpg")
    for encoded in (
        text.encode("utf-16"),
        b"\xef\xbb\xbf" + text.encode(),
        f"<?xpacket begin=''?>{text}<?xpacket end='w'?>".encode(),
    ):
        facts = facts_of(path, {"a.xmp": encoded})
        assert (facts.keywords, facts.title) == (("Places|Italy|Rome",), "Été")


TAKEOUT = {
    "title": "a.jpg", "description": "From Google", "photoTakenTime": {"timestamp": "1577934245", "formatted": "…"},
    "geoData": {"latitude": 41.5, "longitude": 12.5, "altitude": 20.0}, "geoDataExif": {"latitude": 0.0, "longitude": 0.0},
    "people": [{"name": "Anna"}, {"name": "Bob"}], "favorited": True,
}  # fmt: skip


def test_takeout_fills_what_the_file_leaves(tmp_path: Path) -> None:
    facts = facts_of(make_jpeg(tmp_path / "a.jpg"), {"a.jpg.json": json.dumps(TAKEOUT)})
    assert (facts.description, facts.latitude, facts.longitude, facts.altitude) == ("From Google", 41.5, 12.5, 20.0)
    assert (facts.taken_at, facts.taken_source) == (datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC), TakenSource.TAKEOUT)
    assert (facts.extra["people"], facts.extra["favorited"]) == ("Anna, Bob", True)
    assert facts.origins["description"] == "takeout:description"
    assert facts.origins["latitude"] == "takeout:geoData"
    assert facts.origins["taken_at"] == "takeout:photoTakenTime"


def test_takeout_is_believed_after_the_file(tmp_path: Path) -> None:
    facts = facts_of(make_jpeg(tmp_path / "a.jpg", exif=OWN), {"a.jpg.json": json.dumps(TAKEOUT)})
    assert (facts.description, facts.latitude, facts.longitude) == ("own", 10.0, 20.0)
    assert facts.taken_source is TakenSource.EXIF_OFFSET


def test_a_place_is_never_mixed_of_two(tmp_path: Path) -> None:
    own = {name: value for name, value in OWN.items() if "Altitude" not in name}
    facts = facts_of(make_jpeg(tmp_path / "a.jpg", exif=own), {"a.jpg.json": json.dumps(TAKEOUT)})
    assert (facts.latitude, facts.altitude) == (10.0, None)
    high = packet(exif_GPSLatitude="1,0.0N", exif_GPSLongitude="1,0.0E", exif_GPSAltitude="99/1")
    facts = facts_of(make_jpeg(tmp_path / "b.jpg"), {"b.jpg.xmp": CORRECTED, "b.xmp": high, "b.json": json.dumps(TAKEOUT)})
    assert (facts.latitude, facts.altitude) == (48.5, None)


def test_takeout_is_believed_after_xmp(tmp_path: Path) -> None:
    beside = {"a.jpg.json": json.dumps(TAKEOUT), "a.xmp": packet(dc_description=["Mine"])}
    assert facts_of(make_jpeg(tmp_path / "a.jpg"), beside).description == "Mine"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("IMG_20200102_050400.jpg", datetime(2020, 1, 2, 5, 4, 5, tzinfo=timezone(timedelta(hours=2)))),  # five seconds later
        ("IMG_20200102_051400.jpg", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),  # no zone is 2:10 from UTC
        ("IMG_20190102_030405.jpg", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("IMG-20200102-WA0001.jpg", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),  # a day has no time
    ],
)
def test_the_name_tells_in_which_zone_an_instant_of_takeout_was(tmp_path: Path, name: str, expected: datetime) -> None:
    facts = facts_of(make_jpeg(tmp_path / name), {f"{name}.json": json.dumps(TAKEOUT)})
    assert facts.taken_at == expected and facts.taken_at.utcoffset() == expected.utcoffset()


@pytest.mark.parametrize(
    "content",
    [
        "[]", '{"version": 8}', '{"photoTakenTime": 5}', '{"photoTakenTime": {}}', '{"photoTakenTime": {"timestamp": "0"}}',
        '{"photoTakenTime": {"timestamp": "99999999999"}, "geoData": {"latitude": "x", "longitude": 1}}',
        '{"photoTakenTime": {"timestamp": "0"}, "geoData": {"latitude": 91, "longitude": 1}, "people": [1, {"name": 2}]}',
        '{"photoTakenTime": {"timestamp": 0}, "geoData": {"latitude": 1, "longitude": null}, "description": ["a"]}',
        '{"photoTakenTime": {"timestamp": 0}, "geoData": {"latitude": true, "longitude": NaN}, "description": 7}',
    ],
)  # fmt: skip
def test_json_of_other_programs_says_nothing(tmp_path: Path, content: str) -> None:
    facts = facts_of(make_jpeg(tmp_path / "a.jpg"), {"a.jpg.json": content})
    known = (facts.description, facts.latitude, facts.longitude, facts.extra)
    assert (known, facts.taken_source) == ((None, None, None, {}), TakenSource.MTIME)


def make_film(folder: Path, name: str = "The.Wrong.Name.2001.mkv", **tags: str) -> Path:
    return make_mp4(folder / name, seconds=0.3, tags=tags)


MOVIE = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<movie><title>Brazil &amp; more</title><originaltitle>Brazil</originaltitle><year>1985</year><plot>A plot.</plot>
<genre>Comedy</genre><genre>Drama</genre><tag>dystopia</tag><userrating>7</userrating><rating>8.1</rating>
<uniqueid type="imdb" default="true">tt0088846</uniqueid><uniqueid type="tmdb">68</uniqueid>
<director>Terry Gilliam</director></movie>
https://www.imdb.com/title/tt0088846/ and a line that is no XML & never was"""
EPISODE = """<episodedetails><title>Dulcinea</title><showtitle>The Expanse</showtitle><season>1</season><episode>1</episode>
<aired>2015-12-14</aired><plot>They meet.</plot></episodedetails>
<episodedetails><title>The Big Empty</title><season>1</season><episode>2</episode></episodedetails>"""


def test_an_nfo_of_a_film_is_believed_before_its_name_and_its_tags(tmp_path: Path) -> None:
    facts = facts_of(make_film(tmp_path, title="encoded by me"), {"The.Wrong.Name.2001.nfo": MOVIE})
    assert (facts.title, facts.year, facts.description, facts.genre) == ("Brazil & more", 1985, "A plot.", "Comedy, Drama")
    assert (facts.keywords, facts.rating) == (("dystopia",), 4)
    noted = {name: facts.extra[name] for name in ("imdb", "tmdb", "director", "original_title")}
    assert noted == {"imdb": "tt0088846", "tmdb": "68", "director": "Terry Gilliam", "original_title": "Brazil"}
    assert facts.origins["title"] == "nfo:title" and facts.origins["imdb"] == "nfo:imdb"


def test_an_nfo_of_a_film_unsays_that_it_is_an_episode(tmp_path: Path) -> None:
    path = make_film(tmp_path, "Show.S01E02.Name.mkv")
    assert (facts_of(path, {}).show, facts_of(path, {}).episode) == ("Show", 2)
    facts = facts_of(path, {"Show.S01E02.Name.nfo": "<movie><title>Film</title></movie>"})
    assert (facts.title, facts.show, facts.season, facts.episode, facts.episode_title) == ("Film", None, None, None, None)


def test_an_nfo_of_an_episode(tmp_path: Path) -> None:
    facts = facts_of(make_film(tmp_path), {"The.Wrong.Name.2001.nfo": EPISODE})
    told = (facts.show, facts.season, facts.episode, facts.episode_title, facts.title, facts.year, facts.description)
    assert told == ("The Expanse", 1, 1, "Dulcinea", None, 2015, "They meet.")


def test_the_nfo_of_the_series_names_it(tmp_path: Path) -> None:
    path = make_film(tmp_path, "expanse.s01e01.mkv")
    series = {"tvshow.nfo": "<tvshow><title>The Expanse (2015)</title><plot>Of all.</plot></tvshow>"}
    facts = facts_of(path, series)
    assert (facts.show, facts.season, facts.episode, facts.description) == ("The Expanse (2015)", 1, 1, None)
    assert facts_of(path, {**series, "expanse.s01e01.nfo": EPISODE}).show == "The Expanse"


def test_an_nfo_for_people_is_no_problem(tmp_path: Path) -> None:
    text = "  ▄▄ RELEASED BY ▄▄\n see imdb.com/title/tt0088846 < & >".encode("cp437")
    facts = facts_of(make_film(tmp_path), {"The.Wrong.Name.2001.nfo": text})
    assert (facts.title, facts.extra["imdb"], facts.extra.get(PROBLEMS)) == ("The Wrong Name", "tt0088846", None)


SUBTITLES = [
    ("Film.srt", (None, "subrip", None, False, False)),
    ("Film.en.srt", ("en", "subrip", None, False, False)),
    ("Film.eng.forced.srt", ("eng", "subrip", None, True, False)),
    ("Film.German.default.ass", ("de", "ass", None, False, True)),
    ("Film.pt-BR.vtt", ("pt", "webvtt", "pt-BR", False, False)),
    ("Film.hi.srt", ("hi", "subrip", None, False, False)),
    ("Film.en.hi.srt", ("en", "subrip", "hi", False, False)),
    ("Film.en.SDH.ssa", ("en", "ssa", "SDH", False, False)),
    ("Film.Commentary.srt", (None, "subrip", "Commentary", False, False)),
    ("Film.mkv.fr.sub", ("fr", "microdvd", None, False, False)),
]


@pytest.mark.parametrize(("name", "expected"), SUBTITLES)
def test_subtitles_are_streams(tmp_path: Path, name: str, expected: tuple[object, ...]) -> None:
    facts = facts_of(make_mp4(tmp_path / "Film.mkv", seconds=0.3), {name: "{1}{2}a"})
    *own, stream = facts.streams
    assert (stream.language, stream.codec, stream.title, stream.forced, stream.default) == expected
    assert (stream.file, stream.index, [one.file for one in own]) == (name, 2, [None, None])


def test_subtitles_of_pictures_are_told_by_their_first_bytes(tmp_path: Path) -> None:
    facts = facts_of(make_mp4(tmp_path / "Film.mkv", seconds=0.3), {"Film.sub": b"\0\0\x01\xba" + bytes(100)})
    assert facts.streams[-1].codec == "dvd_subtitle"


def test_edits_and_pictures_are_noted(tmp_path: Path) -> None:
    facts = facts_of(make_mp4(tmp_path / "a.mov", seconds=0.3), {"a.aae": "<plist/>", "a-poster.jpg": b"x"})
    assert (facts.extra["edited"], facts.extra["artwork"]) == (True, "a-poster.jpg")
    assert facts.origins["edited"] == "aae:a.aae"


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
BROKEN: list[tuple[str, str | bytes, str]] = [
    ("a.xmp", "", "'a.xmp' is cut short, or no XML"),
    ("a.xmp", "not XML at all", "'a.xmp' syntax error: line 1, column 0"),
    ("a.xmp", packet(dc_title=["A"])[:-30], "'a.xmp' is cut short, or no XML"),
    ("a.xmp", bytes(range(256)), "'a.xmp' "),
    ("a.xmp", f"{BOMB}{packet(dc_title=['&b;'])}", "'a.xmp' declares a document type, which is refused"),
    ("a.xmp", f"{BOMB}{packet(dc_title=['&b;'])}".encode("utf-16"), "'a.xmp' declares a document type, which is refused"),
    ("a.xmp", f'<?xml version="1.0" encoding="cp037"?>{BOMB}<a/>'.encode("cp037"), "'a.xmp' "),
    ("a.xmp", b" " * (4 * 2**20 + 1), "'a.xmp' is larger than 4 MiB"),
    ("a.jpg.json", "{", "'a.jpg.json' expecting property name enclosed in double quotes: line 1 column 2 (char 1"),
    ("a.jpg.json", "[" * 100_000, "'a.jpg.json' maximum recursion depth exceeded"),
    ("a.jpg.json", '{"photoTakenTime": {"timestamp": "soon"}}', "'a.jpg.json' has a time that is none: 'soon'"),
    ("a.jpg.json", '{"photoTakenTime": {"timestamp": "9999999999999999"}}', "'a.jpg.json' "),
]


@pytest.mark.parametrize(("name", "content", "says"), BROKEN, ids=[f"{row[0]} {row[2][-20:]}" for row in BROKEN])
def test_a_broken_sidecar_is_a_note_and_costs_nothing_else(tmp_path: Path, name: str, content: str | bytes, says: str) -> None:
    path = make_jpeg(tmp_path / "a.jpg", exif=OWN)
    facts = facts_of(path, {name: content, "a.aae": ""})
    [problem] = cast("list[str]", facts.extra[PROBLEMS])
    assert problem.startswith(says)
    assert (facts.description, facts.rating, facts.extra["edited"]) == ("own", 2, True)


def test_a_broken_nfo_is_a_note(tmp_path: Path) -> None:
    path = make_film(tmp_path)
    facts = facts_of(path, {"The.Wrong.Name.2001.nfo": "<movie><title>Tom & Jerry</title></movie>"})
    assert facts.extra[PROBLEMS] == ["'The.Wrong.Name.2001.nfo' not well-formed (invalid token): line 1, column 19"]
    assert facts.title == "The Wrong Name"


def test_the_state_that_is_told_is_that_which_was_read(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg")
    (tmp_path / "a.xmp").write_text(CORRECTED)
    (tmp_path / "a.json").write_text("{}")
    seen = standing(tmp_path, "a.xmp", "a.json")
    assert read((os.fsencode(path), "jpg", seen)).stamp.companions == seen  # type: ignore[union-attr]
    (tmp_path / "a.json").unlink()
    (tmp_path / "a.xmp").write_text(packet(dc_title=["Later"]))
    reading = read((os.fsencode(path), "jpg", seen))
    assert isinstance(reading, Reading) and reading.facts.title == "Later"
    assert reading.stamp.companions == standing(tmp_path, "a.xmp")


def test_what_is_no_file_any_more_is_not_opened(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg")
    (tmp_path / "a.xmp").write_text("")
    seen = standing(tmp_path, "a.xmp")
    (tmp_path / "a.xmp").unlink()
    os.mkfifo(tmp_path / "a.xmp")
    reading = read((os.fsencode(path), "jpg", seen))
    assert isinstance(reading, Reading) and reading.facts.extra[PROBLEMS] == ["'a.xmp' is no file"]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=400), cut=st.integers(0, 2000), flip=st.integers(0, 2000))
def test_any_bytes_may_stand_beside(tmp_path: Path, content: bytes, cut: int, flip: int) -> None:
    film = tmp_path / "a.mov"
    if not film.exists():
        make_mp4(film, seconds=0.3)
    whole = {"a.xmp": CORRECTED, "a.nfo": MOVIE, "a.mov.json": json.dumps(TAKEOUT)}
    broken = {}
    for name, text in whole.items():
        data = bytearray(text.encode())
        data[flip % len(data)] ^= 0x55
        data[cut % len(data) :] = content
        broken[name] = bytes(data)
    assert isinstance(reading_of(film, {**broken, "a.sub": content}), Reading)
