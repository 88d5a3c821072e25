"""Import from what people have already: beets, digiKam, Google Takeout, XMP sidecars."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from exported import bring
from shelf import Shelf, check

from media_files import make_flac, make_jpeg, make_mp4
from mediaforge.errors import CatalogueError, UsageError
from mediaforge.operations.catalogues import opened
from mediaforge.operations.undo import undo

# As beets 2 makes it, but for columns that nothing is read of.
BEETS = """
CREATE TABLE items (id INTEGER PRIMARY KEY, path BLOB, album_id INTEGER, title TEXT, artist TEXT, artists TEXT, album TEXT,
    albumartist TEXT, composer TEXT, {genre} TEXT, year INTEGER, month INTEGER, day INTEGER, track INTEGER, tracktotal INTEGER,
    disc INTEGER, comments TEXT, length REAL, bitrate INTEGER, format TEXT, mtime REAL, added REAL);
CREATE TABLE albums (id INTEGER PRIMARY KEY, artpath BLOB, added REAL, albumartist TEXT, album TEXT);
CREATE TABLE item_attributes (id INTEGER PRIMARY KEY, entity_id INTEGER, key TEXT, value TEXT, UNIQUE(entity_id, key));
CREATE TABLE album_attributes (id INTEGER PRIMARY KEY, entity_id INTEGER, key TEXT, value TEXT, UNIQUE(entity_id, key));
"""


def make_beets(path: Path, items: list[dict[str, object]], ratings: Mapping[int, str], *, genre: str = "genre") -> Path:
    """Make a library file of beets."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(BEETS.format(genre=genre))
        for item in items:
            names = ", ".join(item)
            connection.execute(f"INSERT INTO items ({names}) VALUES ({', '.join('?' * len(item))})", tuple(item.values()))
        rows = [(number, "rating", value) for number, value in ratings.items()]
        rows += [(number, "play_count", "7") for number in ratings]
        connection.executemany("INSERT INTO item_attributes (entity_id, key, value) VALUES (?, ?, ?)", rows)
    return path


@pytest.fixture
async def music(shelf: Shelf) -> Shelf:
    for seed, (name, tags) in enumerate(
        {
            "so.flac": {"title": "So What", "artist": "Miles Davis", "date": "1959"},
            "blue.flac": {"title": "blue in green", "artist": "Miles Davis"},
            "other.flac": {},
        }.items()
    ):
        make_flac(shelf.folder / name, seed=seed, tags=tags or None)
    await shelf.scan()
    return shelf


async def test_beets(music: Shelf, tmp_path: Path) -> None:
    def at(name: str) -> bytes:
        return os.fsencode(music.folder / name)

    library = make_beets(
        tmp_path / "musiclibrary.db",
        [
            {
                "id": 1,
                "path": at("so.flac"),
                "title": "So What",
                "artist": "Miles Davis",
                "year": 1959,
                "track": 0,
                "added": 1e9,
            },
            {"id": 2, "path": at("blue.flac"), "title": "Blue in Green", "album": "Kind of Blue", "track": 3, "genre": "Jazz"},
            {"id": 3, "path": at("gone.flac"), "title": "Freddie Freeloader", "added": 0},
        ],
        {1: "0.8", 2: "3", 3: "5"},
    )
    before = library.read_bytes()
    report = await bring(music.config, library)
    assert (dict(report.found), report.changed, [one.path for one in report.left]) == ({"path": 2}, 2, [at("gone.flac")])
    assert library.read_bytes() == before
    items = await music.items()
    so, blue = items["so.flac"], items["blue.flac"]
    assert (so.facts.rating, blue.facts.rating) == (4, 3)
    assert (blue.facts.title, blue.facts.album, blue.facts.track, blue.facts.genre) == (
        "Blue in Green",
        "Kind of Blue",
        3,
        "Jazz",
    )
    assert f"{so.added:%Y-%m-%d}" == "2001-09-09"
    set_by_a_person = music.rows("SELECT media_id, field FROM correction ORDER BY 1, 2")
    assert [field for media, field in set_by_a_person if media == so.id] == ["rating"]  # the file says the rest itself
    async with opened(music.config) as catalogue:
        await undo(catalogue)
    assert (await music.items())["blue.flac"].facts.title == "blue in green"
    assert music.rows("SELECT count(*) FROM correction") == [(0,)]


@pytest.mark.parametrize(
    ("value", "stars"),
    [
        ("0.5", 2),
        ("1.0", 5),
        ("0.0", 0),
        ("1", 1),
        ("4", 4),
        ("4.6", 5),
        ("9", 4),
        ("10", 5),
        ("80", 4),
        ("-1", None),
        ("x", None),
    ],
)
async def test_ratings_of_beets(music: Shelf, tmp_path: Path, value: str, stars: int | None) -> None:
    path = os.fsencode(music.folder / "other.flac")
    await bring(music.config, make_beets(tmp_path / "b.db", [{"id": 1, "path": path}], {1: value}))
    assert (await music.items())["other.flac"].facts.rating == stars


async def test_relative_paths_and_lists_of_beets(music: Shelf, tmp_path: Path) -> None:
    """Beets 2.10 keeps paths relative to its music folder, and genres as a list."""
    items: list[dict[str, object]] = [{"id": 1, "path": b"so.flac", "genres": "Jazz\\␀Modal"}]
    library = make_beets(tmp_path / "b.db", items, {}, genre="genres")
    with pytest.raises(UsageError, match="relative to beets' music folder; say where that is: --library =FOLDER"):
        await bring(music.config, library)
    await bring(music.config, library, f"={music.folder}")
    assert (await music.items())["so.flac"].facts.genre == "Jazz, Modal"
    (tmp_path / "c.db").write_bytes(library.read_bytes()[:5000])
    with pytest.raises(UsageError, match=r"cannot be read: .*; nothing was imported"):
        await bring(music.config, tmp_path / "c.db", kind="beets")


async def test_others_need_a_catalogue(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no catalogue at"):
        await bring(shelf.config, make_beets(tmp_path / "b.db", [], {}))


# As digiKam 8 makes it, but for tables and columns that nothing is read of.
DIGIKAM = """
CREATE TABLE AlbumRoots (id INTEGER PRIMARY KEY, label TEXT, status INTEGER NOT NULL, type INTEGER NOT NULL, identifier TEXT,
    specificPath TEXT, UNIQUE(identifier, specificPath));
CREATE TABLE Albums (id INTEGER PRIMARY KEY, albumRoot INTEGER NOT NULL, relativePath TEXT NOT NULL, date DATE, caption TEXT,
    collection TEXT, icon INTEGER, UNIQUE(albumRoot, relativePath));
CREATE TABLE Images (id INTEGER PRIMARY KEY, album INTEGER, name TEXT NOT NULL, status INTEGER NOT NULL,
    category INTEGER NOT NULL, modificationDate DATETIME, fileSize INTEGER, uniqueHash TEXT, manualOrder INTEGER);
CREATE TABLE ImageInformation (imageid INTEGER PRIMARY KEY, rating INTEGER, creationDate DATETIME);
CREATE TABLE ImagePositions (imageid INTEGER PRIMARY KEY, latitude TEXT, latitudeNumber REAL, longitude TEXT,
    longitudeNumber REAL, altitude REAL);
CREATE TABLE ImageComments (id INTEGER PRIMARY KEY, imageid INTEGER, type INTEGER, language TEXT, author TEXT, date DATETIME,
    comment TEXT, UNIQUE(imageid, type, language, author));
CREATE TABLE Tags (id INTEGER PRIMARY KEY, pid INTEGER, name TEXT NOT NULL, icon INTEGER, iconkde TEXT, UNIQUE (name, pid));
CREATE TABLE ImageTags (imageid INTEGER NOT NULL, tagid INTEGER NOT NULL, UNIQUE (imageid, tagid));
"""


@pytest.mark.parametrize(
    ("volume", "mounted"),
    [
        ("volumeid:?path={}", True),
        ("networkshareid:?mountpath={}&fileuuid=1b2c", True),
        ("volumeid:?uuid=800b21c2-dadc-4930-829e-a96b04ce26fa", False),
    ],
)
async def test_digikam(shelf: Shelf, tmp_path: Path, volume: str, mounted: bool) -> None:
    shelf.make({"2021": {"a.jpg": 1, "b.jpg": 2}, "c.jpg": 3})
    await shelf.scan()
    identifier = volume.format(quote(str(shelf.folder), safe=""))
    rows: dict[str, list[tuple[object, ...]]] = {
        "AlbumRoots": [(1, "Pictures", 0, 1, identifier, "/" if mounted else "/pictures")],
        "Albums": [(1, 1, "/", None, None, None, None), (2, 1, "/2021", None, None, None, None)],
        "Images": [
            (1, 2, "a.jpg", 1, 1, None, None, None, None),
            (2, 2, "b.jpg", 3, 1, None, None, None, None),  # in digiKam's trash
            (3, 1, "c.jpg", 1, 1, None, None, None, None),
        ],
        "ImageInformation": [(1, 4, None), (2, 5, None), (3, -1, None)],
        "ImagePositions": [(1, None, 48.8582, None, 2.2945, None)],
        "ImageComments": [
            (1, 1, 1, "fr-FR", None, None, "Au crépuscule"),
            (2, 1, 1, "x-default", None, None, "At dusk"),
            (3, 1, 3, "x-default", None, None, "The tower"),
        ],
        "Tags": [
            (1, 0, "_Digikam_Internal_Tags_", None, None),
            (2, 1, "Original Version", None, None),
            (3, 0, "Places", None, None),
            (4, 3, "Paris/France", None, None),
            (5, 0, "Round", None, None),
        ],
        "ImageTags": [(1, 2), (1, 4), (3, 5)],
    }
    with closing(sqlite3.connect(tmp_path / "digikam4.db")) as connection, connection:
        connection.executescript(DIGIKAM)
        for table, values in rows.items():
            connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values[0]))})", values)
    report = await bring(shelf.config, tmp_path / "digikam4.db", *([] if mounted else [f"/pictures={shelf.folder}"]))
    assert (dict(report.found), report.changed, report.left) == ({"path": 2}, 2, [])
    items = await shelf.items()
    a, c = items["2021/a.jpg"], items["c.jpg"]
    assert (a.tags, c.tags) == (("Places/Paris France",), ("Round",))
    assert (a.facts.rating, a.facts.title, a.facts.description) == (4, "The tower", "At dusk")
    assert (a.facts.latitude, a.facts.longitude) == (48.8582, 2.2945)
    assert (c.facts.rating, items["2021/b.jpg"].facts.rating) == (None, None)


def takeout(name: str, **more: object) -> str:
    nowhere = {"latitude": 0.0, "longitude": 0.0, "altitude": 0.0, "latitudeSpan": 0.0, "longitudeSpan": 0.0}
    taken = {"timestamp": "1625416200", "formatted": "4 Jul 2021, 16:30:00 UTC"}
    known = {"title": name, "description": "", "imageViews": "3", "creationTime": taken, "photoTakenTime": taken}
    return json.dumps(
        {**known, "geoData": nowhere, "geoDataExif": nowhere, "url": "https://photos.google.com/photo/AF", **more}
    )


@pytest.mark.parametrize("scanned", ["the takeout itself", "the originals elsewhere"])
async def test_google_takeout(shelf: Shelf, tmp_path: Path, scanned: str) -> None:
    photos = tmp_path / "Takeout" / "Google Photos"
    year, album = photos / "Photos from 2021", photos / "Summer / 2021".replace(" / ", " _ ")
    for folder in (year, album):
        folder.mkdir(parents=True)
    make_jpeg(year / "IMG_1.jpg", seed=1)
    make_jpeg(year / "IMG_2.jpg", seed=2)
    make_mp4(year / "clip.mp4", seed=3, seconds=0.3)
    people = [{"name": "Anna"}, {"name": "Bo/b"}, {}, 7]
    here = {"latitude": 48.8582, "longitude": 2.2945, "altitude": 30.0}
    (year / "IMG_1.jpg.json").write_text(
        takeout("IMG_1.jpg", description="At dusk", favorited=True, people=people, geoData=here)
    )
    (year / "IMG_2.jpg.supplemental-metadata.json").write_text(takeout("IMG_2.jpg"))
    (year / "clip.mp4.supplemental-me.json").write_text(takeout("clip.mp4", favorited=True))
    (year / "broken.json").write_text("{")
    (year / "lost.jpg.json").write_text(takeout("lost.jpg", favorited=True))
    (year / "metadata.json").write_text(json.dumps({"title": "Photos from 2021"}))
    (album / "metadata.json").write_text(json.dumps({"title": "Summer / 2021", "description": "", "access": "protected"}))
    shutil.copy2(year / "IMG_1.jpg", album / "IMG_1.jpg")
    (album / "IMG_1.jpg.json").write_text(takeout("IMG_1.jpg", description="At dusk"))
    itself = scanned == "the takeout itself"
    for name in ("IMG_1.jpg", "IMG_2.jpg", "clip.mp4"):
        shutil.copy2(year / name, shelf.folder / f"my {name}")
    await shelf.scan(*([tmp_path / "Takeout"] if itself else []))
    report = await bring(shelf.config, tmp_path / "Takeout")
    assert dict(report.found) == ({"path": 4} if itself else {"fingerprint": 3})
    assert sorted((one.path, one.why) for one in report.left) == [
        (os.fsencode(year / "broken.json"), "expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (os.fsencode(year / "lost.jpg"), "not found"),
    ]
    items = {
        os.path.basename(item.path).decode().removeprefix("my "): item for item in (await shelf.items("tag:people/")).values()
    }
    one = items["IMG_1.jpg"]
    assert (one.favourite, one.facts.description, one.tags) == (True, "At dusk", ("people/Anna", "people/Bo b"))
    assert (one.facts.latitude, one.facts.longitude) == (48.8582, 2.2945)
    assert {field for (field,) in shelf.rows("SELECT field FROM correction WHERE media_id = ?", one.id)} >= {
        "description",
        "gps",
    }
    assert len(await shelf.ids("is:favourite")) == 2
    assert shelf.rows("SELECT name FROM collection") == [("Summer 2021",)]
    assert len(await shelf.ids('in:"Summer 2021"')) == 1
    check(shelf.config.catalog)


XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:lr="http://ns.adobe.com/lightroom/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmp:Rating="{rating}" xmp:Label="{label}" photoshop:City="Paris" photoshop:Country="France">
 <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
 <dc:subject><rdf:Bag><rdf:li>Italy</rdf:li><rdf:li>Rome</rdf:li><rdf:li>sea</rdf:li></rdf:Bag></dc:subject>
 <lr:hierarchicalSubject><rdf:Bag><rdf:li>travel|Italy|Rome</rdf:li></rdf:Bag></lr:hierarchicalSubject>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.mark.parametrize("where", ["beside the files", "in a folder of their own"])
async def test_xmp_sidecars(shelf: Shelf, tmp_path: Path, where: str) -> None:
    shelf.make({"a.jpg": 1, "raw.dng": 2, "sub": {"c.jpg": 3}})
    await shelf.scan()
    folder = shelf.folder if where == "beside the files" else tmp_path / "sidecars"
    (folder / "sub").mkdir(parents=True, exist_ok=True)
    (folder / "a.jpg.xmp").write_text(XMP.format(rating=4, label="Red", title="The tower"))
    (folder / "sub" / "c.xmp").write_text(XMP.format(rating=9, label="None", title=""))
    (folder / "sub" / "bad.jpg.xmp").write_text("<x>")
    moves = [] if folder == shelf.folder else [f"{folder}={shelf.folder}"]
    report = await bring(shelf.config, folder, *moves)
    items = await shelf.items()
    a, c = items["a.jpg"], items["sub/c.jpg"]
    assert (a.tags, a.facts.title, a.facts.rating) == (("label/Red", "sea", "travel/Italy/Rome"), "The tower", 4)
    assert set(a.tag_sources.values()) == {"person"}
    assert (a.facts.place, items["raw.dng"].tags) == ("Paris, France", ())
    if moves:
        assert c.tags == ()  # which of the files called `c` is meant, only they can tell
        assert [one.path for one in report.left] == [
            os.fsencode(folder / "sub" / "bad.jpg.xmp"),
            os.fsencode(shelf.folder / "sub" / "c.xmp"),
        ]
    else:
        assert (c.tags, c.facts.title, c.facts.rating) == (("sea", "travel/Italy/Rome"), None, None)
        assert [(one.path, one.why) for one in report.left] == [
            (os.fsencode(folder / "sub" / "bad.jpg.xmp"), "is cut short, or no XML")
        ]


async def test_what_only_sidecars_say_becomes_a_persons_own(shelf: Shelf) -> None:
    """A scan reads what stands beside a file; an import lets it stay when that goes."""
    shelf.make({"a.jpg": 1})
    sidecar = shelf.folder / "a.jpg.xmp"
    sidecar.write_text(XMP.format(rating=4, label="Red", title="The tower"))
    await shelf.scan()
    assert set((await shelf.items())["a.jpg"].tag_sources.values()) == {"embedded"}
    await bring(shelf.config, shelf.folder)
    sidecar.unlink()
    await shelf.scan()
    item = (await shelf.items())["a.jpg"]
    assert (item.facts.title, item.facts.rating, item.facts.place) == ("The tower", 4, "Paris, France")
    assert item.tags == ("label/Red", "sea", "travel/Italy/Rome")
    again = await bring(shelf.config, shelf.folder, kind="xmp")
    assert (again.changed, again.edit) == (0, None)
