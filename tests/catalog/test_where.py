"""Queries against a real catalogue: what each finds, and what is said of those that make no sense."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from mediaforge.catalog.clause import COMPARED, PLAIN, TEXT, FieldSpec
from mediaforge.catalog.columns import DERIVED, FTS_COLUMNS
from mediaforge.catalog.fields import BY_NAME, FIELDS, help_rows
from mediaforge.catalog.fulltext import fts_text
from mediaforge.catalog.functions import FUNCTIONS
from mediaforge.catalog.sort import SORTS, rank_sql, sort_sql
from mediaforge.catalog.tables import FTS_DDL, metadata
from mediaforge.catalog.where import where
from mediaforge.errors import QueryError, UsageError
from mediaforge.model import MediaId
from mediaforge.query import parse, quote
from mediaforge.text import display_path, fold

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
MIB = 1024 * 1024

# id, library, path, and whatever differs from nothing known.
ITEMS: list[tuple[int, int, str, dict[str, object]]] = [
    (1, 1, "Holidays/2021/beach2021.mp4", {
        "kind": "video", "size": 1_500_000_000, "format": "mp4", "duration": 330.4, "bit_rate": 8_000_000, "width": 3840,
        "height": 2160, "fps": 29.97002997, "hdr": "hdr10", "bit_depth": 10, "video_codec": "hevc", "audio_codec": "aac",
        "channels": 2, "sample_rate": 48000, "taken_local": "2021-07-04T12:00:00", "taken_source": "container",
        "latitude": 48.8584, "longitude": 2.2945, "place": "Paris", "title": "Golden hour", "rating": 5, "rotation": 90,
        "favourite": 1, "note": "ask Anna",
        "fingerprint": "51c3aa", "sha256": "9f86d081", "chapters": '[{"start": 0.0}]', "facts_at": "2024-01-01",
        "interlaced": 0, "variable_frame_rate": 1, "cover": 0}),
    (2, 1, "Holidays/IMG_1234.jpg", {
        "kind": "image", "size": 3_000_000, "format": "jpeg", "width": 6000, "height": 4000, "orientation": 6,
        "taken_local": "2021-07-31T23:59:59.500", "taken_source": "exif", "camera_make": "Canon", "camera_model": "EOS R5",
        "lens": "RF35mm F1.8", "iso": 3200, "f_number": 2.8, "exposure_time": 0.004, "focal_length": 35.0, "latitude": -17.0,
        "longitude": 179.99, "keywords": '["Garden", "Été"]', "description": "sunset at the sea", "motion": 1,
        "companions": b"IMG_1234.xmp/7/8", "extra": '{"edited": true}', "group_id": 2, "group_kind": "live"}),
    (3, 2, "ABBA/Arrival/02 - Dancing Queen.flac", {
        "kind": "audio", "size": 30 * MIB, "format": "flac", "duration": 230.0, "audio_codec": "flac", "channels": 2,
        "sample_rate": 44100, "title": "Dancing Queen", "artist": "ABBA", "album": "Arrival", "album_artist": "ABBA",
        "composer": "Andersson", "genre": "Europop", "year": 1976, "track": 2, "disc": 1, "fingerprint": "51c3bb",
        "facts_at": "2024-01-01", "cover": 1}),
    (4, 1, "Series/Northwind/Northwind.S01E04.mkv", {
        "kind": "video", "size": 700_000_000, "format": "matroska", "duration": 2700.0, "width": 1920, "height": 1080,
        "fps": 23.976, "video_codec": "h264", "audio_codec": "ac3", "show": "Northwind", "season": 1, "episode": 4,
        "episode_title": "Pilot light", "title": "S01E04", "year": 2019, "taken_local": "2023-02-01T10:00:00",
        "missing_at": None, "facts_at": "2024-01-01", "interlaced": 1, "variable_frame_rate": 0,
        "companions": b"a-thumb.jpg/7/8", "extra": '{"artwork": "a-thumb.jpg"}', "group_id": 2, "group_kind": "live"}),
    (5, 1, "old/gone beach.avi", {"kind": "video", "suffix": "avi", "missing_at": "2024-01-01T00:00:00.000Z"}),
    (6, 3, "usb/東京旅行.jpg", {"kind": "image", "fingerprint": "51c3bb", "size": 30 * MIB, "description": "夏の思い出"}),
    (7, 1, "broken.mov", {"kind": "video", "facts_failure": "crashed", "facts_error": "it crashed"}),
    (8, 1, "Café/100%_Übung.wav", {"kind": "audio", "facts_failure": "unreadable", "added_at": "2024-04-28T10:00:00.000Z"}),
    (9, 1, "Holidays2/notes.png", {"kind": "image", "width": 100, "height": 100, "taken_local": "2024-04-30T08:30:00"}),
]  # fmt: skip
STREAMS = [
    (1, 0, "video", "hevc", "und", 0, "Main 10", 5.1), (1, 1, "audio", "aac", "eng", 0, "LC", None),
    (4, 0, "video", "h264", None, 0, "High", 4.0), (4, 1, "audio", "ac3", "jpn", 0, None, None),
    (4, 2, "subtitle", "subrip", "en", 0, None, None), (4, 3, "audio", "dts", "ger", 0, "DTS-HD MA", None),
    (3, 0, "audio", "flac", None, 0, None, None), (3, 1, "video", "mjpeg", None, 1, None, None),
]  # fmt: skip
TAGS = [(1, "Travel"), (2, "Travel/Italy"), (3, "Work"), (4, "New York"), (5, "旅行"), (6, "Travels"), (7, "Café")]
TAGGED = [(1, 1), (2, 2), (4, 3), (9, 4), (8, 6), (3, 7)]


@pytest.fixture(scope="module")
def catalogue() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    for table in metadata.sorted_tables:
        connection.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
        for index in table.indexes:
            connection.execute(str(CreateIndex(index).compile(dialect=sqlite.dialect())))
    for statement in FTS_DDL:
        connection.execute(statement)
    for name, arity, function in FUNCTIONS:
        connection.create_function(name, arity, function, deterministic=True)
    libraries = [(1, "videos", b"/srv/media", 1), (2, "music", b"/srv/media/music", 1), (3, "stick", b"/media/usb", 0)]
    connection.executemany(
        "INSERT INTO library (id, slug, root, root_display, online) VALUES (?, ?, ?, ?, ?)",
        [(number, slug, root, display_path(root), online) for number, slug, root, online in libraries],
    )
    for number, library, path, facts in ITEMS:
        _insert(connection, number, library, path, facts)
    connection.executemany(
        "INSERT INTO stream (media_id, idx, type, codec, language, is_attached_picture, profile, level)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        STREAMS,
    )
    keyed = [(number, "/".join(map(fold, name.split("/"))), name) for number, name in TAGS]
    connection.executemany("INSERT INTO tag (id, key, name) VALUES (?, ?, ?)", keyed)
    connection.execute("INSERT INTO tag_alias (key, name, tag_id) VALUES ('trips', 'Trips', 1)")
    connection.executemany("INSERT INTO media_tag (media_id, tag_id, source) VALUES (?, ?, 'person')", TAGGED)
    connection.execute("INSERT INTO collection (id, key, name) VALUES (1, 'best of', 'Best of')")
    connection.execute("INSERT INTO collection_media (collection_id, media_id, position) VALUES (1, 3, 1)")
    return connection


def _insert(connection: sqlite3.Connection, number: int, library: int, path: str, facts: dict[str, object]) -> None:
    row: dict[str, object] = {
        "id": number, "library_id": library, "path": path.encode(), "path_text": path, "suffix": path.rpartition(".")[2],
        "size": 1000 + number, "mtime_ns": 1_577_836_800 * 10**9 + number, "inode": number,
        "added_at": "2024-01-01T00:00:00.000Z",
        "taken_local": f"2020-01-01T00:00:0{number}", "taken_source": "mtime", **facts,
    }  # fmt: skip
    row |= {"year": None} | row
    marks = ", ".join(f":{name}" for name in row)
    derived = ", ".join(sql.format(id=":id", taken_local=":taken_local", year=":year") for sql in DERIVED.values())
    connection.execute(f"INSERT INTO media ({', '.join([*row, *DERIVED])}) VALUES ({marks}, {derived})", row)
    camera = f"{facts.get('camera_make', '')} {facts.get('camera_model', '')}"
    keywords = " ".join(json.loads(str(facts.get("keywords", "[]"))))
    texts = {**{name: str(facts.get(name) or "") for name in FTS_COLUMNS}, "path": path, "camera": camera, "keywords": keywords}
    connection.execute(
        f"INSERT INTO media_fts (rowid, {', '.join(FTS_COLUMNS)}) SELECT newest{', ?' * len(FTS_COLUMNS)}"
        " FROM media WHERE id = ?",
        (*(fts_text(texts[name]) for name in FTS_COLUMNS), number),
    )


LIKES = {(MediaId(2), None): [MediaId(6), MediaId(2)], (MediaId(2), 4): [MediaId(2), MediaId(4)]}
"""What `like:` was found to mean."""


def find(catalogue: sqlite3.Connection, text: str) -> list[int]:
    found = where(parse(text), text=text, now=NOW, likes=LIKES)
    return [row[0] for row in catalogue.execute(f"SELECT m.id FROM media m WHERE {found.sql} ORDER BY m.id", found.params)]


PRESENT = [1, 2, 3, 4, 6, 7, 8, 9]

QUERIES: list[tuple[str, list[int]]] = [
    ("", PRESENT),
    # words: beginnings, in any text or in a tag
    ("beach", [1]),
    ("bea", [1]),
    ("each", []),
    ("BEACH golden", [1]),
    ("beach dancing", []),
    ("beach OR dancing", [1, 3]),
    ("-beach", [2, 3, 4, 6, 7, 8, 9]),
    ("NOT (beach OR dancing)", [2, 4, 6, 7, 8, 9]),
    ("--beach", [1]),
    ("IMG_1234", [2]),
    ("IMG_12", [2]),
    ("IMG-1234.jpg", [2]),
    ("cafe", [3, 8]),
    ("übung", [8]),
    ("ubung", [8]),
    ("京旅", [6]),
    ("東京", [6]),
    ("京東", []),
    ("夏の", [6]),
    ("italy", [2]),
    ("york", [9]),
    ("trips", [1]),
    ('"golden hour"', [1]),
    ('"golden hou"', []),
    ('"hour golden"', []),
    ('"new york"', [9]),
    ('"new yor"', []),
    ('say"ing" OR 1=1', []),
    ("arr* OR NEAR", [3]),
    # the file
    ("kind:video", [1, 4, 7]),
    ("type:photo,music", [2, 3, 6, 8, 9]),
    ("name:beach", [1]),
    ("name:IMG_*.JPG", [2]),
    ("name:holidays", []),
    ("name:=broken.MOV", [7]),
    (r"name:~^\d\d", [3, 8]),
    ("name:100%_ü", [8]),
    ("name:%", [8]),
    ("path:Holidays/", [1, 2]),
    ("path:holidays/2021/", [1]),
    ("path:2021/", [1]),
    ("path:holidays", [1, 2, 9]),
    ("path:CAFÉ/", [8]),
    ("path:cafe/", [8]),
    ("path:*/northwind/*", [4]),
    ("path:arrival/*.flac", [3]),
    ("path:/srv/media/*.jpg", [2]),
    ("path:=broken.mov", [7]),
    ("path:~^old|^usb", [6]),
    ("path:/srv/media/Holidays", [1, 2]),
    ("path:/srv/media/Holidays/", [1, 2]),
    ("path:/srv/media/broken.mov", [7]),
    ("path:/srv/media/broken.mov/", []),
    ("path:/srv/media/music", [3]),
    ("path:/srv/media/music/ABBA", [3]),
    ("path:/srv/media", [1, 2, 3, 4, 7, 8, 9]),
    ("path:/srv/media/Café", [8]),
    ("path:/srv/med", []),
    ("path:/", PRESENT),
    ("path:../x", []),
    ("ext:mkv,.MP4", [1, 4]),
    ("ext:mk*", [4]),
    ("library:music", [3]),
    ("size:>=1.5G", [1]),
    ("size:>1.5G", []),
    ("size:1.5GB", [1]),
    ("size:30MiB", [3, 6]),
    ("size:31457280", [3, 6]),
    ("size:1M..100M", [2, 3, 6]),
    ("id:1,3", [1, 3]),
    ("id:2..4", [2, 3, 4]),
    ("sha256:9F86", [1]),
    ("hash:9f87", []),
    ("fingerprint:51c3", [1, 3, 6]),
    # properties
    ("is:any", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ("is:missing", [5]),
    ("beach is:any", [1, 5]),
    ("-is:missing kind:video", [1, 4, 7]),
    ("is:present", [1, 2, 3, 4, 7, 8, 9]),
    ("is:offline", [6]),
    ("state:missing,offline", [5, 6]),
    ("is:untagged", [6, 7]),
    ("is:tagged", [1, 2, 3, 4, 8, 9]),
    ("is:failed", [7, 8]),
    ("is:unreadable", [8]),
    ("is:quarantined", [7]),
    ("is:duplicate", [3, 6]),
    ("copies:>1", [3, 6]),
    ("like:2", [2, 6]),
    ("like:2,4 -id:2", [4]),
    ("like:5", []),
    ("is:hdr", [1]),
    ("is:interlaced", [4]),
    ("kind:video -is:interlaced", [1, 7]),
    ("is:vfr", [1]),
    ("is:vfr OR is:interlaced", [1, 4]),
    ("is:rated", [1]),
    ("is:favourite", [1]),
    ("-is:favourite is:rated", []),
    ("is:corrected", []),
    ("-is:unrated", [1]),
    ("is:raw", []),
    ("is:motion", [2]),
    ("is:edited", [2]),
    ("is:grouped", [2, 4]),
    ("is:lead", [2]),
    ("group:live", [2, 4]),
    ("group:raw,burst", []),
    ("group:4", [2, 4]),
    ("group:1", []),
    ("-group:live kind:image", [6, 9]),
    ("has:group", [2, 4]),
    ("has:sidecar", [2, 4]),
    ("has:artwork", [4]),
    ("has:gps", [1, 2]),
    ("has:chapters", [1]),
    ("has:title", [1, 3, 4]),
    ("-has:title kind:video", [7]),
    ("has:cover", [3]),
    ("has:video", [1, 4]),
    ("has:audio", [1, 3, 4]),
    ("has:subtitles", [4]),
    ("has:tag", [1, 2, 3, 4, 8, 9]),
    ("has:collection", [3]),
    ("has:rating,keyword", [1, 2]),
    ("has:fingerprint", [1, 3, 6]),
    ("has:hash", [1]),
    ("has:taken", [1, 2]),
    # time
    ("taken:2021", [1, 2]),
    ("taken:2021-07", [1, 2]),
    ("taken:2021-07-31", [2]),
    ("taken:2021-07-04T12", [1]),
    ('taken:"2021-07-04 12:00"', [1]),
    ("taken:>2021", [4, 9]),
    ("taken:>=2021", [1, 2, 4, 9]),
    ("taken:<=2021-07-04", [1, 3, 6, 7, 8]),
    ("taken:2021-07-05..2023", [2, 4]),
    ("taken:-2d..", [9]),
    ("taken:..-3y", [3, 6, 7, 8]),
    ("taken:yesterday", [9]),
    ("taken:today", []),
    ("added:-7d..", [8]),
    ("added:2024-04-28", [8]),
    ("added:>-1m", [8]),
    ("modified:2020-01-01", PRESENT),
    ("modified:<2020", []),
    ("year:1976", [3]),
    ("year:2019..2021", [1, 2, 4, 6, 7, 8]),
    ("month:7", [1, 2]),
    # what is in it
    ("format:mkv", [4]),
    ("duration:>5m", [1, 4]),
    ("duration:5m30s", [1]),
    ("duration:7m", []),
    ("duration:5:30", [1]),
    ("duration:45m,230", [3, 4]),
    ("duration:3m..6m", [1, 3]),
    ("length:>=0.75h", [4]),
    ("height:>=2160", [1, 2]),
    ("height:1080p", [4]),
    ("width:>=3840 kind:video", [1]),
    ("orientation:portrait", [1, 2]),
    ("orientation:landscape,square", [4, 9]),
    ("orientation:6", [2]),
    ("orientation:>=5", [2]),
    ("rotation:90", [1]),
    ("fps:29.97", [1]),
    ("fps:24", [4]),
    ("bitrate:8M", [1]),
    ("bit_rate:>8M", []),
    ("bit-depth:10", [1]),
    ("hdr:*", [1]),
    ("hdr:hlg", []),
    ("profile:main10", [1]),
    ('profile:"Main 10"', [1]),
    ("profile:main", []),
    ("profile:main*,high", [1, 4]),
    ("profile:dts-hdma", [4]),
    ("level:5.1", [1]),
    ("level:4", [4]),
    ("level:>4", [1]),
    ("level:..5", [4]),
    ("playable:apple", [1, 3]),
    ("playable:web", [3]),
    ("playable:web,apple", [1, 3]),
    ("kind:video -playable:apple", [4, 7]),
    ("PLAYABLE:Apple", [1, 3]),
    ("codec:h265", [1]),
    ("codec:flac,dts", [3, 4]),
    ("codec:sub*", [4]),
    ("-video_codec:h264 kind:video", [1, 7]),
    ("audio_codec:aac", [1]),
    ("audio:ja", [4]),
    ("audio:japanese", [4]),
    ("audio:deu", [4]),
    ("audio:fr", []),
    ("subtitle:eng", [4]),
    ("subtitle:ja", []),
    ("channels:2", [1, 3]),
    ("sample_rate:44.1k", [3]),
    ("sample_rate:48kHz", [1]),
    ('camera:"EOS R5"', [2]),
    ("camera:canon", [2]),
    ('camera:="canon eos r5"', [2]),
    ("camera:=canon", [2]),
    ("camera:=eos", []),
    ("lens:35MM", [2]),
    ("iso:>=3200", [2]),
    ("f:2.8", [2]),
    ("aperture:f/2.8", [2]),
    ("f_number:<2.8", []),
    ("exposure:1/250", [2]),
    ("exposure:<=1/250", [2]),
    ("exposure:1/125", []),
    ("focal:24..70mm", [2]),
    ("near:48.85,2.29,2km", [1]),
    ("near:48.85,2.29,500m", []),
    ("near:-17,-179.99,5", [2]),
    ("near:90,0,20000km", [1, 2]),
    ("place:paris", [1]),
    # who made it, and what people did
    ("title:gold", [1]),
    ('title:"golden ho"', [1]),
    ("title:hour", [1]),
    ("title:beach", []),
    ("title:=dancing", []),
    ('title:="dancing QUEEN"', [3]),
    ('title:~"^S0[1-3]"', [4]),
    ("-title:gold kind:video", [4, 7]),
    ("artist:abba title:queen", [3]),
    ("album:arr album_artist:abba composer:and genre:pop", [3]),
    ("track:2 disc:1", [3]),
    ("description:sun", [2]),
    ("description:思い", [6]),
    ("keyword:gard", [2]),
    ("keyword:=ete", [2]),
    ("keyword:=gard", []),
    ("keyword:~^g", [2]),
    ("show:northwind season:1 episode:4..", [4]),
    ("episode_title:pilot", [4]),
    ("rating:>=4", [1]),
    ("note:ask anna", [1]),
    ("-has:note kind:image", [2, 6, 9]),
    ("-rating:>=4 kind:image", [2, 6, 9]),
    ("tag:travel", [1]),
    ("tag:Travel/", [1, 2]),
    ("tag:travel/italy", [2]),
    ("tag:italy", []),
    ("tag:*italy", [2]),
    ("tag:trips", [1]),
    ("tag:trips/", [1, 2]),
    ("tag:work,CAFE", [3, 4]),
    ("tag:~^trav", [1, 2, 8]),
    ("-tag:work kind:video", [1, 7]),
    ('in:"best of"', [3]),
    ("collection:none", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "ids"), QUERIES)
def test_a_query_finds(catalogue: sqlite3.Connection, text: str, ids: list[int]) -> None:
    assert find(catalogue, text) == ids


def test_an_item_with_the_fingerprint_and_size_of_another_is_a_duplicate(catalogue: sqlite3.Connection) -> None:
    catalogue.execute("SAVEPOINT twins")
    catalogue.execute("UPDATE media SET missing_at = 'now' WHERE id = 6")
    alone = find(catalogue, "is:duplicate")
    catalogue.execute("ROLLBACK TO twins")
    assert (find(catalogue, "is:duplicate"), alone) == ([3, 6], [])


def test_a_path_is_found_in_the_other_normal_form(catalogue: sqlite3.Connection) -> None:
    catalogue.execute("SAVEPOINT mac")
    catalogue.execute("UPDATE media SET path = ? WHERE id = 8", ("Cafe\u0301/x.wav".encode(),))
    found = find(catalogue, "path:/srv/media/Café/")
    catalogue.execute("ROLLBACK TO mac")
    assert found == [8]


def test_a_path_below_home_is_expanded(catalogue: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/srv/media")
    assert find(catalogue, "path:~/Holidays/") == [1, 2]
    assert find(catalogue, "path:~/*.mov") == [7]


def test_the_root_of_the_file_system_may_be_a_library(catalogue: sqlite3.Connection) -> None:
    catalogue.execute("SAVEPOINT root")
    catalogue.execute("UPDATE library SET root = x'2f', root_display = '/' WHERE id = 1")
    found = find(catalogue, "path:/Holidays/"), find(catalogue, "path:/Holidays/2021")
    catalogue.execute("ROLLBACK TO root")
    assert found == ([1, 2], [1])


# What the caret stands under, and what the message or its hint must say.
ERRORS = [
    ("year:2021..2019", "2021..2019", "goes backwards; write its lower end first"),
    ("beach size:2G..300M", "2G..300M", "goes backwards"),
    ("taken:2021-07..2020", "2021-07..2020", "goes backwards"),
    ("colour:red", "colour", "there is no field 'colour'"),
    ("a knd:video", "knd", "did you mean 'kind'"),
    ('titel:"a b"', "titel", "did you mean 'title'"),
    ("zzzzz:1", "zzzzz", "mediaforge help query"),
    ("kind:film", "film", "video.*audio.*image"),
    ("kind:>video", "kind:>video", "cannot be asked with '>'"),
    ("is:nice", "nice", "untagged"),
    ("group:family", "family", "takes live, raw, burst, or the id of an item"),
    ("playable:wbe", "wbe", "did you mean 'web'.*help playable"),
    ("playable:toaster", "toaster", "there are web, apple"),
    ("level:high", "high", "4 or 4.1"),
    ('profile:""', '""', "this value is empty"),
    ("has:feathers", "feathers", "gps"),
    ("size:big", "big", "300M"),
    ("size:5x", "5x", "300M"),
    ("size:>1..2", "size:>1..2", "compares with one value"),
    ("size:>1,2", "size:>1,2", "compares with one value"),
    ("size:~5", "size:~5", "is no text"),
    ("duration:x", "x", "1h30m"),
    ("duration:1h30", "1h30", "1h30m"),
    ('duration:""', '""', "1h30m"),
    ("taken:2021-13", "2021-13", "2021-07"),
    ("taken:2021-02-30..", "2021-02-30", "2021-07"),
    ("taken:9999", "9999", "2021-07"),
    ("taken:-99999y..", "-99999y", "2021-07"),
    ("added:-7d", "-7d", "-7d.. for since then"),
    ("rating:many", "many", "whole number"),
    ("near:1,2", "near:1,2", "latitude,longitude,radius"),
    ("near:91,2,3km", "near:91,2,3km", "-90 to 90"),
    ("near:1,2,far", "far", "10km"),
    ("exposure:1/0", "1/0", "1/250"),
    ("audio:klingonese", "klingonese", "audio_codec"),
    ("title:~[", "[", "no regular expression"),
    ('title:"..."', '"..."', "no letter or digit"),
    ("a !?", "!?", "no letter or digit"),
    ('"-"', '"-"', "no letter or digit"),
    ("- a", "-", "no letter or digit"),
    ('name:""', '""', "empty"),
    ('tag:""', '""', "empty"),
    ("tag:/", "/", "names no tag"),
    ("hash:xyz", "xyz", "hexadecimal"),
    ("name:" + "a" * 30_000, "a" * 30_000, "too long"),
]


@pytest.mark.parametrize(("text", "under", "says"), ERRORS, ids=[text[:20] for text, _, _ in ERRORS])
def test_what_makes_no_sense_is_pointed_at(text: str, under: str, says: str) -> None:
    with pytest.raises(QueryError) as raised:
        where(parse(text), text=text, now=NOW)
    error = raised.value
    assert error.text[error.start : error.end] == under
    assert re.search(says, f"{error} {error.hint}")


def test_an_unknown_field_may_have_been_meant_as_text() -> None:
    with pytest.raises(QueryError) as raised:
        where(parse('Mission:"Impossible 2"'), text='Mission:"Impossible 2"', now=NOW)
    assert raised.value.hint == 'to search for the text itself, put it in quotes: "Mission:Impossible 2"'


def test_carets_count_in_the_text_as_it_is_cleaned() -> None:
    text = "  e\u0301 kind:x"
    with pytest.raises(QueryError) as raised:
        where(parse(text), text=text, now=NOW)
    assert raised.value.text[raised.value.start :] == "x"


def test_days_are_those_of_the_person() -> None:
    tokyo = NOW.astimezone(ZoneInfo("Asia/Tokyo"))
    assert list(where(parse("added:2024-02-01"), text="", now=tokyo).params.values()) == [
        "2024-01-31T15:00:00.000",
        "2024-02-01T15:00:00.000",
    ]
    assert list(where(parse("modified:>=2024-02-01"), text="", now=tokyo).params.values()) == [1_706_713_200 * 10**9]
    assert where(parse("taken:today"), text="", now=tokyo).params["q0"] == "2024-05-01T00:00:00"


def test_the_zone_of_the_system_knows_summer_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        summer = NOW.astimezone()
        found = where(parse("added:>=2024-01-15 added:>=2024-06-15"), text="", now=summer)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert list(found.params.values()) == ["2024-01-14T23:00:00.000", "2024-06-14T22:00:00.000"]


def test_no_value_of_a_query_is_in_its_sql() -> None:
    text = 'word "a phrase" title:one title:=two title:~three tag:four tag:five/ in:six library:seven path:eight/ path:/nine'
    sql = where(parse(text), text=text, now=NOW).sql
    assert not re.search("word|phrase|one|two|three|four|five|six|seven|eight|nine", sql)


def test_every_field_is_asked_for_in_this_file() -> None:
    names = {name.replace("-", "_") for text, _ in QUERIES for name in re.findall(r"(?:^|[ (-])([a-z][a-z0-9_-]*):", text)}
    asked = {BY_NAME[name].name for name in names}
    assert asked == {spec.name for spec in FIELDS}


@pytest.mark.parametrize("spec", FIELDS, ids=lambda spec: spec.name)
def test_the_example_of_every_field_runs(catalogue: sqlite3.Connection, spec: FieldSpec) -> None:
    assert spec.example.lstrip("-").startswith(f"{spec.name}:")
    find(catalogue, spec.example)
    find(catalogue, f"NOT {spec.example.lstrip('-')}")


def test_no_two_fields_have_one_name() -> None:
    assert len(BY_NAME) == sum(1 + len(spec.aliases) for spec in FIELDS)


def test_the_documentation_has_every_field() -> None:
    lines = (Path(__file__).parents[2] / "docs" / "query.md").read_text().splitlines()
    for names, help_line, operators, example in help_rows():
        listed = ", ".join(f"`{name}`" for name in names.split(", "))
        assert f"| {listed} | {help_line} | {kind_of(operators)} | `{example}` |" in lines
    assert sum(line.startswith("| `") and line.count("|") == 5 for line in lines) == len(FIELDS)


def kind_of(operators: str) -> str:
    return {COMPARED: "order", TEXT: "text", PLAIN: "one of"}[operators]


def test_the_documentation_has_every_sort() -> None:
    text = (Path(__file__).parents[2] / "docs" / "query.md").read_text()
    assert [name for name in SORTS if f"`{name}`" not in text] == []


def chain(depth: int, inner: str = "x") -> str:
    """Return brackets in one another, AND and OR by turns."""
    for level in range(depth):
        inner = f"(a {'OR' if level % 2 else ''} {inner})"
    return inner


def halves(depth: int, leaf: str) -> str:
    """Return brackets in one another as a full binary tree."""
    half = halves(depth - 1, leaf) if depth else leaf
    return f"({half} {'OR' if depth % 2 else ''} {half})" if depth else leaf


@pytest.mark.parametrize(
    "text",
    [
        chain(49),
        "-(a " * 25 + "x" + ")" * 25,
        " ".join(["a"] * 500),
        " OR ".join(["title:=a"] * 500),
        "id:" + ",".join(map(str, range(500))),
        " ".join(f"near:1,{n},3" for n in range(160)),
        "-" * 50 + "a",
        chain(25, halves(8, "path:/a/b")),
        chain(25, halves(8, "tag:a/")),
        halves(7, "near:1,2,3"),
        "playable:" + ",".join(["web"] * 500),
        chain(25, halves(8, "playable:dlna")),
    ],
    ids=lambda text: text[:12],
)
def test_the_largest_queries_run(catalogue: sqlite3.Connection, text: str) -> None:
    find(catalogue, text)


def test_brackets_that_sqlite_cannot_hold_are_refused(catalogue: sqlite3.Connection) -> None:
    with pytest.raises(QueryError, match="flatter"):
        find(catalogue, chain(41, halves(8, "a")))


TEXTS = st.text() | st.sampled_from(
    ["1", "-7d", "a b", "2021", '"', "*", "[", "'", "%", "99999999999999999999", "/", "~", "東", "-"]
)
OPERATORS = st.sampled_from(["", "=", "~", ">", "<="])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(BY_NAME)), OPERATORS, st.lists(st.tuples(TEXTS, st.none() | TEXTS), min_size=1, max_size=3))
def test_any_value_of_any_field_runs_or_is_refused(
    catalogue: sqlite3.Connection, name: str, op: str, parts: list[tuple[str, str | None]]
) -> None:
    values = (quote(low) if high is None else f"{quote(low)}..{quote(high)}" for low, high in parts)
    try:
        find(catalogue, f"{name}:{op}{','.join(values)}")
    except QueryError as error:
        assert error.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_any_text_finds_something_or_is_refused(catalogue: sqlite3.Connection, text: str) -> None:
    try:
        found = find(catalogue, text)
    except QueryError:
        return
    assert set(found) <= {number for number, *_ in ITEMS}


@given(st.sampled_from([text for text, _ in QUERIES if text and "is:" not in text and "state:" not in text]))
def test_a_query_and_its_negation_share_out_everything(catalogue: sqlite3.Connection, text: str) -> None:
    assert sorted(find(catalogue, text) + find(catalogue, f"NOT ({text})")) == PRESENT


def ordered(catalogue: sqlite3.Connection, text: str, spec: str) -> list[int]:
    tree = parse(text)
    found = where(tree, text=text, now=NOW)
    join, params = rank_sql(spec, tree)
    sql = f"SELECT m.id FROM media m {join} WHERE {found.sql} ORDER BY {sort_sql(spec)}"
    return [row[0] for row in catalogue.execute(sql, {**found.params, **params})]


@pytest.mark.parametrize(
    ("text", "spec", "ids"),
    [
        ("", "newest", [9, 4, 2, 1, 8, 7, 6, 3]),
        ("", "taken:asc", [3, 6, 7, 8, 1, 2, 4, 9]),
        ("has:duration", "duration", [4, 1, 3]),
        ("has:duration", "duration:asc", [3, 1, 4]),
        ("kind:audio", "duration:asc", [3, 8]),
        ("kind:audio", "duration", [3, 8]),
        ("kind:video", "name", [1, 7, 4]),
        ("kind:video", "path", [1, 4, 7]),
        ("id:1,3,4", "year", [1, 4, 3]),
        ("id:1,3,4", "title", [3, 1, 4]),
        ("id:1,3,4", "album", [3, 1, 4]),
        ("id:1,3,4", "show", [4, 1, 3]),
        ("abba", "relevance", [3]),
        ("beach OR golden OR sunset OR work", "relevance", [1, 2, 4]),
        ("beach OR golden OR sunset OR work", "relevance:asc", [2, 1, 4]),
        ("kind:video -x", "relevance", [4, 1, 7]),
    ],
)
def test_items_are_sorted(catalogue: sqlite3.Connection, text: str, spec: str, ids: list[int]) -> None:
    assert ordered(catalogue, text, spec) == ids


@pytest.mark.parametrize("name", SORTS)
def test_every_sort_runs_both_ways(catalogue: sqlite3.Connection, name: str) -> None:
    assert sorted(ordered(catalogue, "beach", f"{name}:asc")) == sorted(ordered(catalogue, "beach", f"{name}:DESC")) == [1]


@pytest.mark.parametrize(
    ("spec", "says"),
    [("siez", "did you mean 'size'"), ("zzz", "one of newest"), ("size:up", "size:asc or size:desc"), ("size:", "size:asc")],
)
def test_a_sort_that_does_not_exist(spec: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        sort_sql(spec)


def test_newest_first_reads_its_index(catalogue: sqlite3.Connection) -> None:
    found = where(parse("-kind:audio"), text="", now=NOW)
    sql = f"EXPLAIN QUERY PLAN SELECT m.id FROM media m WHERE {found.sql} ORDER BY {sort_sql('newest')} LIMIT 50"
    plan = " ".join(row[3] for row in catalogue.execute(sql, found.params))
    assert "ix_media_newest" in plan and "TEMP B-TREE" not in plan
