"""What a person sets: it is found and sorted by, stays through whatever happens to the file, and goes when it is taken back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from shelf import Shelf, check, copy_away

from media_files import gps_tags, make_jpeg, make_mp3, make_mp4
from mediaforge.catalog import facts
from mediaforge.catalog.columns import FACT_COLUMNS
from mediaforge.catalog.database import open_catalogue
from mediaforge.catalog.settable import SETTABLE
from mediaforge.errors import NothingMatched, UsageError
from mediaforge.model import Facts, Media, MediaId, Stamp
from mediaforge.operations import correct
from mediaforge.operations.catalogues import opened
from mediaforge.operations.edit import Edited
from mediaforge.operations.prune import prunable, prune
from mediaforge.operations.search import search, show
from mediaforge.operations.undo import undo
from mediaforge.scanned import Reading, StaleRow

PLUS_TWO = timezone(timedelta(hours=2))
EXIF: Mapping[str, Any] = {
    "Make": "Canon",
    "Model": "EOS R5",
    "Artist": "Ann",
    "ImageDescription": "DSC_001",
    "DateTimeOriginal": "2021:07:04 18:30:00",
    "OffsetTimeOriginal": "+02:00",
    "Rating": 2,
    **gps_tags(48 + 20 / 60, 2.25),  # of which 15 digits would not be enough
}


async def put(shelf: Shelf, *arguments: str) -> Edited:
    async with opened(shelf.config) as catalogue:
        return await correct.set_fields(catalogue, arguments)


async def unset(shelf: Shelf, names: str, *targets: str) -> Edited:
    async with opened(shelf.config) as catalogue:
        return await correct.unset_fields(catalogue, names, targets)


async def take_back(shelf: Shelf) -> None:
    async with opened(shelf.config) as catalogue:
        await undo(catalogue)


async def shown(shelf: Shelf, *targets: str) -> Media:
    """Return the one item that targets mean, with what a person set."""
    async with opened(shelf.config) as catalogue:
        [item] = [media async for media in (await show(catalogue, targets or ["is:any"])).items]
        return item


async def only(shelf: Shelf) -> Facts:
    """Return the facts of the one item that there is."""
    [item] = (await shelf.items()).values()
    return item.facts


def texts(shelf: Shelf) -> list[tuple[Any, ...]]:
    """Return the full text of every item, by its rowid."""
    return shelf.rows("SELECT rowid, * FROM media_fts ORDER BY rowid")


# Each field: what is written, which facts come of it, and queries that find it then (and did not before).
FIELDS: Mapping[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "title": ("title=Day in Rome", {"title": "Day in Rome"}, ("rome", 'title:="day in rome"', 'title:"day in"')),
    "description": ("comment=Golden hour", {"description": "Golden hour"}, ("golden", "description:hour")),
    "note": ("note=ask Anna", {}, ("anna", "note:ask", "has:note")),
    "rating": ("rating=5", {"rating": 5}, ("rating:5", "is:rated")),
    "favourite": ("favourite=yes", {}, ("is:favourite",)),
    "taken": (
        "taken=1975-08-01T12:00:30.5+02:00",
        {"taken_at": datetime(1975, 8, 1, 12, 0, 30, 500_000, tzinfo=PLUS_TWO), "taken_source": "person"},
        ("taken:1975-08-01", "year:1975", "month:8", "taken:<1980"),
    ),
    "gps": ("gps=-33.8568, 151.2153", {"latitude": -33.8568, "longitude": 151.2153}, ("near:-33.8568,151.2153,1km", "has:gps")),
    "place": ("place=東京", {"place": "東京"}, ("東", "place:東京", "has:place")),
    "artist": ("artist=ABBA", {"artist": "ABBA"}, ("abba", "artist:abb")),
    "album": ("album=Arrival", {"album": "Arrival"}, ("arrival", "album:arrival")),
    "album_artist": ("album-artist=Various", {"album_artist": "Various"}, ("album_artist:various",)),
    "composer": ("composer=Bach", {"composer": "Bach"}, ("bach", "composer:bach")),
    "genre": ("genre=Jazz", {"genre": "Jazz"}, ("jazz", "genre:jaz")),
    "year": ("year=1969", {"year": 1969}, ("year:1969", "has:year")),
    "track": ("track=07", {"track": 7}, ("track:7",)),
    "disc": ("disc=2", {"disc": 2}, ("disc:2",)),
    "show": ("series=The Expanse", {"show": "The Expanse"}, ("expanse", "show:the")),
    "season": ("season=0", {"season": 0}, ("season:0",)),
    "episode": ("episode=12", {"episode": 12}, ("episode:12",)),
    "episode_title": ("episode_title=Dulcinea", {"episode_title": "Dulcinea"}, ("dulcinea",)),
    "camera_make": ("camera_make=Leica", {"camera_make": "Leica"}, ("leica", "camera:leica")),
    "camera_model": ("camera_model=M3", {"camera_model": "M3"}, ("camera:m3", "has:camera")),
    "lens": ("lens=Helios 44-2", {"lens": "Helios 44-2"}, ("lens:helios",)),
}


def test_every_field_is_in_the_table_of_this_file() -> None:
    assert list(FIELDS) == list(SETTABLE)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("exif", [{}, EXIF], ids=["bare", "read"])
async def test_a_field_that_is_set_is_found_and_gone_when_it_is_unset(
    shelf: Shelf, field: str, exif: Mapping[str, Any]
) -> None:
    make_jpeg(shelf.folder / "a.jpg", exif=exif)
    shelf.make({"b.jpg": 2})
    await shelf.scan()
    before, text, untouched = shelf.checksum(), texts(shelf), await shelf.items("name:b")
    written, expected, queries = FIELDS[field]
    earlier = {query: set(await shelf.items(query)) for query in queries}
    assert await put(shelf, written, "name:a") == Edited(matched=1, changed=1)
    item = (await shelf.items("name:a"))["a.jpg"]
    assert {name: getattr(item.facts, name) for name in expected} == expected
    for query in queries:
        assert set(await shelf.items(query)) - {"b.jpg"} == {"a.jpg"}, query
    assert any("a.jpg" not in some for some in earlier.values())
    assert set(await shelf.items("is:corrected")) == {"a.jpg"}
    assert await shelf.items("name:b") == untouched
    check(shelf.config.catalog)
    assert await put(shelf, written, "name:a") == Edited(matched=1, changed=0)
    assert await unset(shelf, field, "name:a") == Edited(matched=1, changed=1)
    assert (shelf.checksum(), texts(shelf)) == (before, text)
    assert await unset(shelf, field, "name:a") == Edited(matched=1, changed=0)
    check(shelf.config.catalog)


async def test_show_tells_what_was_set_from_what_was_read(shelf: Shelf) -> None:
    make_jpeg(shelf.folder / "a.jpg", exif=EXIF)
    await shelf.scan()
    await put(shelf, "description=The harbour", "taken=2021-07-05", "gps=1.5,2.5", "rating=4", "note=mine", "favourite=on", "1")
    item = await shown(shelf)
    assert (item.note, item.favourite, item.facts.rating) == ("mine", True, 4)
    found = item.corrections or {}
    added = {one.added for one in found.values()}
    assert all(moment.utcoffset() == timedelta(0) for moment in added)
    assert {name: (one.value, one.read) for name, one in found.items()} == {
        "description": ("The harbour", "DSC_001"),
        "favourite": (True, None),
        "gps": ([1.5, 2.5], [48 + 20 / 60, 2.25]),
        "note": ("mine", None),
        "rating": (4, 2),
        "taken": ("2021-07-05T00:00:00", "2021-07-04T18:30:00+02:00"),
    }
    assert (await shelf.items())["a.jpg"].corrections is None, "a search asks for none"


# What happens to files and their readings.


async def test_corrections_stay_through_every_kind_of_scan(shelf: Shelf) -> None:
    make_jpeg(shelf.folder / "a.jpg", exif=EXIF)
    await shelf.scan()
    held = f"SELECT newest, shown_year, favourite, note, {', '.join(FACT_COLUMNS)} FROM media"
    before, plain = shelf.rows(held), texts(shelf)
    await put(shelf, "description=The harbour", "taken=1999", "year=1998", "gps=1,2", "rating=0", "note=mine", "is:any")
    corrected, text = shelf.rows(held), texts(shelf)
    for option in ("full", "retry", "hashes"):
        await shelf.scan(**{option: True})  # type: ignore[arg-type]
        assert (shelf.rows(held), texts(shelf)) == (corrected, text)
        check(shelf.config.catalog)
    kept = await only(shelf)
    assert (kept.latitude, kept.longitude, kept.rating, kept.year) == (1.0, 2.0, 0, 1998)
    assert kept.taken_at == datetime(1999, 1, 1)
    await unset(shelf, "description,taken,year,gps,rating,note", "is:any")
    assert shelf.rows("SELECT count(*) FROM correction") == [(0,)]
    assert (shelf.rows(held), texts(shelf)) == (before, plain)


async def test_what_a_changed_file_says_is_kept_beside_what_was_set(shelf: Shelf) -> None:
    path = make_jpeg(shelf.folder / "a.jpg", exif=EXIF)
    await shelf.scan()
    await put(shelf, "description=The harbour", "taken=1999-01-01", "gps=1,2", "artist=Me", "is:any")
    make_jpeg(path, seed=9, size=(64, 32), exif={"ImageDescription": "again", "DateTimeOriginal": "2022:01:01 00:00:00"})
    await shelf.scan()
    item = await shown(shelf)
    assert (item.facts.width, item.facts.description, item.facts.artist) == (64, "The harbour", "Me")
    assert {name: one.read for name, one in (item.corrections or {}).items()} == {
        "description": "again",
        "taken": "2022-01-01T00:00:00",
        "gps": None,
        "artist": None,
    }
    assert set(await shelf.items("taken:1999 harbour")) == {"a.jpg"}
    await unset(shelf, "description,taken,gps,artist", "is:any")
    facts_now = await only(shelf)
    assert (facts_now.description, facts_now.latitude, facts_now.artist) == ("again", None, None)
    assert facts_now.taken_at == datetime(2022, 1, 1)
    assert set(await shelf.items("year:2022 again")) == {"a.jpg"}
    check(shelf.config.catalog)


async def test_a_reading_corrects_no_other_item_and_keeps_no_note_as_read(shelf: Shelf) -> None:
    for seed, name in enumerate(("a.jpg", "b.jpg", "c.jpg")):
        make_jpeg(shelf.folder / name, seed=seed, exif={"ImageDescription": name})
    await shelf.scan()
    await put(shelf, "description=mine", "note=words", "favourite=yes", "name:b")
    await shelf.scan(full=True)
    told = {path: item.facts.description for path, item in (await shelf.items()).items()}
    assert told == {"a.jpg": "a.jpg", "b.jpg": "mine", "c.jpg": "c.jpg"}
    assert shelf.rows("SELECT field, read FROM correction ORDER BY field") == [
        ("description", '"b.jpg"'),
        ("favourite", None),
        ("note", None),
    ]


async def test_an_older_program_does_not_take_a_correction_for_what_the_file_says(shelf: Shelf) -> None:
    make_jpeg(shelf.folder / "a.jpg", exif=EXIF)
    await shelf.scan()
    await put(shelf, "description=mine", "is:any")
    async with open_catalogue(os.fsencode(shelf.config.catalog)) as catalogue, catalogue.transaction():
        row = StaleRow(MediaId(1), b"", "jpg", Stamp(1, 1), None)
        reading = Reading(Stamp(1, 1), 1, "00", Facts(reader="old", description="older"))
        await facts.store_facts(catalogue, 0, [(row, reading)])
    item = await shown(shelf)
    assert (item.facts.description, (item.corrections or {})["description"].read) == ("mine", "DSC_001")
    check(shelf.config.catalog)


async def test_corrections_go_with_a_file_that_moves_is_missing_or_cannot_be_read(shelf: Shelf, tmp_path: Path) -> None:
    path = make_jpeg(shelf.folder / "a.jpg", exif=EXIF)
    shelf.make({"other.jpg": 7})
    await shelf.scan()
    await put(shelf, "title=Mine", "taken=2000-01-01", "name:a.jpg")

    async def is_kept(name: str, state: str) -> None:
        [(where, item)] = (await shelf.items("mine", "taken:2000-01-01", "is:any")).items()
        assert (where, item.state, item.facts.title) == (name, state, "Mine")

    path.rename(shelf.folder / "b.jpg")
    await shelf.scan()
    await is_kept("b.jpg", "present")
    copy_away(shelf.folder / "b.jpg", tmp_path / "away.jpg")
    await shelf.scan()
    await is_kept("b.jpg", "missing")
    copy_away(tmp_path / "away.jpg", shelf.folder / "c" / "d.jpg")
    await shelf.scan()
    await is_kept("c/d.jpg", "present")
    content = (shelf.folder / "c/d.jpg").read_bytes()
    (shelf.folder / "c/d.jpg").write_bytes(b"no picture any more")
    await shelf.scan()
    await is_kept("c/d.jpg", "present")
    assert set(await shelf.items("is:failed")) == {"c/d.jpg"}
    (shelf.folder / "c/d.jpg").write_bytes(content)
    await shelf.scan()
    await is_kept("c/d.jpg", "present")
    await unset(shelf, "title,taken", "name:d.jpg")
    assert (await shelf.items())["c/d.jpg"].facts.taken_at == datetime(2021, 7, 4, 18, 30, tzinfo=PLUS_TWO)
    check(shelf.config.catalog)


async def test_corrections_come_back_with_what_was_pruned(shelf: Shelf) -> None:
    path = make_jpeg(shelf.folder / "a.jpg", exif=EXIF)
    shelf.make({"b.jpg": 5})
    await shelf.scan()
    await put(shelf, "title=Mine", "note=words", "gps=1,2", "name:a")
    before = {table: shelf.checksum(table) for table in ("media", "correction")}
    stored = shelf.rows("SELECT * FROM correction")
    path.unlink()
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        await prune(catalogue, await prunable(catalogue, older_than=0))
    assert shelf.rows("SELECT count(*) FROM correction") == [(0,)]
    await take_back(shelf)
    assert shelf.rows("SELECT * FROM correction") == stored
    assert shelf.checksum("correction") == before["correction"]
    assert set(await shelf.items("mine words is:missing")) == {"a.jpg"}
    check(shelf.config.catalog)


async def test_what_a_name_says_wrong_is_corrected_for_a_series(shelf: Shelf) -> None:
    for episode in (1, 2):
        make_mp4(shelf.folder / f"the expense s01e0{episode}.mp4", seed=episode)
    await shelf.scan()
    assert {item.facts.show for item in (await shelf.items()).values()} == {"the expense"}
    assert await put(shelf, "show=The Expanse", "season=3", "show:expense") == Edited(matched=2, changed=2)
    await shelf.scan(full=True)
    found = await shelf.items("show:expanse season:3")
    assert sorted(item.facts.episode or 0 for item in found.values()) == [1, 2]
    assert await shelf.items("show:expense") == {}


async def test_the_order_follows_what_was_set(shelf: Shelf) -> None:
    for name, day in (("a.jpg", 1), ("b.jpg", 2), ("c.jpg", 3)):
        make_jpeg(shelf.folder / name, seed=day, exif={"DateTimeOriginal": f"2021:07:0{day} 12:00:00"})
    await shelf.scan()
    await put(shelf, "taken=2021-07-02T18:00", "rating=5", "name:a")
    await put(shelf, "rating=3", "name:c")

    async def order(sort: str) -> list[str]:
        async with opened(shelf.config) as catalogue:
            hits = await search(catalogue, ["is:any"], sort=sort)
            return [os.fsdecode(os.path.basename(item.path)) async for item in hits.items]

    assert await order("newest") == ["c.jpg", "a.jpg", "b.jpg"]
    assert await order("rating") == ["a.jpg", "c.jpg", "b.jpg"]


# Ratings, notes, favourites.


async def test_rate_note_and_favourite_are_fields_by_shorter_names(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    make_mp3(shelf.folder / "b.mp3", seed=2)
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        assert await correct.rate(catalogue, "4", ["is:any"]) == Edited(2, 2)
        assert await correct.rate(catalogue, "None", ["name:a"]) == Edited(1, 1)
        assert await correct.note(catalogue, "ask Anna", ["is:any"]) == Edited(2, 2)
        assert await correct.note(catalogue, "and Tom", ["name:a"], append=True) == Edited(1, 1)
        assert await correct.note(catalogue, " only Tom ", ["name:b"]) == Edited(1, 1)
        assert await correct.favourite(catalogue, ["is:any"]) == Edited(2, 2)
        assert await correct.favourite(catalogue, ["name:a"], off=True) == Edited(1, 1)
        assert await correct.favourite(catalogue, ["is:any"], off=True, dry_run=True) == Edited(2, 1)
    found = await shelf.items()
    assert [(item.facts.rating, item.note, item.favourite) for item in found.values()] == [
        (None, "ask Anna\nand Tom", False),
        (4, "only Tom", True),
    ]
    assert set(await shelf.items("is:favourite rating:>=4 note:tom")) == {"b.mp3"}
    assert set(await shelf.items("-is:favourite has:note")) == {"a.jpg"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["titel=x", "is:any"], "there is no field 'titel' to set; did you mean 'title'?"),
        (["quux=x", "is:any"], "there is no field 'quux' to set; list them with: mediaforge help set"),
        (["width=5", "is:any"], "there is no field 'width' to set"),
        (["title=", "is:any"], "'title=' has no value; to take yours away, say: mediaforge unset title TARGET"),
        (["title=\0 ", "is:any"], "'title=' has no value"),
        (["title=a", "title=b", "is:any"], "'title' is set twice; say it once"),
        (["is:any"], "nothing to set; write FIELD=VALUE before the targets, such as title=Holiday"),
        (["title=a"], "nothing to select; give a query, ids or paths"),
        (["year=69", "is:any"], "'year=69' cannot be; it takes a whole number of 1000 to 9999"),
        (["rating=6", "is:any"], "'rating=6' cannot be; it takes a whole number of 0 to 5"),
        (["rating=4.5", "is:any"], "'rating=4.5' cannot be"),
        (["track=-1", "is:any"], "'track=-1' cannot be"),
        (["track=٣", "is:any"], "'track=٣' cannot be"),
        (["taken=2021-13", "is:any"], "'taken=2021-13' cannot be; a time is written 2021, 2021-07"),
        (["taken=2021-02-30", "is:any"], "cannot be"),
        (["taken=0000", "is:any"], "cannot be"),
        (["taken=2021-07-04T18:30+15", "is:any"], "cannot be"),
        (["taken=yesterday", "is:any"], "cannot be"),
        (["gps=91,0", "is:any"], "'gps=91,0' cannot be; a place is written LATITUDE,LONGITUDE in degrees: 48.85,2.35"),
        (["gps=0,-180.5", "is:any"], "cannot be"),
        (["gps=48.85", "is:any"], "cannot be"),
        (["favourite=perhaps", "is:any"], "'favourite=perhaps' cannot be; it takes yes or no"),
    ],
)
async def test_what_cannot_be_set_is_told_and_nothing_is_changed(shelf: Shelf, arguments: list[str], said: str) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    before = shelf.checksum()
    with pytest.raises(UsageError) as told:
        await put(shelf, *arguments)
    assert said in str(told.value)
    assert told.value.exit_code == 2
    assert (shelf.checksum(), shelf.rows("SELECT * FROM change")) == (before, [])


@pytest.mark.parametrize(
    ("written", "local", "offset"),
    [
        ("2021", "2021-01-01T00:00:00", None),
        ("2021-7", "2021-07-01T00:00:00", None),
        ("2021-07-04", "2021-07-04T00:00:00", None),
        ("2021-07-04 18:30", "2021-07-04T18:30:00", None),
        ("2021-07-04T18:30:05.25", "2021-07-04T18:30:05.250000", None),
        ("2021-07-04T18:30Z", "2021-07-04T18:30:00", 0),
        ("2021-07-04T18:30 -0330", "2021-07-04T18:30:00", -12600),
        ("2021-07-04T18:30+14", "2021-07-04T18:30:00", 50400),
        (" 0800-12-25 ", "0800-12-25T00:00:00", None),
    ],
)
def test_times_are_read(written: str, local: str, offset: int | None) -> None:
    assert SETTABLE["taken"].read(written) == (local, offset, "person")


async def test_other_mistakes_are_told(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        for stars in ("6", "-1", "", "many", "4.5"):
            with pytest.raises(UsageError, match="a rating is 0 to 5, or none to take yours away; not"):
                await correct.rate(catalogue, stars, ["is:any"])
        with pytest.raises(UsageError, match="a note has words; to take a note away, say: mediaforge unset note TARGET"):
            await correct.note(catalogue, " ", ["is:any"])
        with pytest.raises(UsageError, match="there is no field 'titel' to set; did you mean 'title'"):
            await correct.unset_fields(catalogue, "note,titel", ["is:any"])
        with pytest.raises(NothingMatched, match="nothing matches 'nothing', so nothing was changed"):
            await correct.rate(catalogue, "4", ["nothing"])
    assert shelf.rows("SELECT count(*) FROM change") == [(0,)]


async def test_a_dry_run_counts_and_changes_nothing(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    await put(shelf, "title=x", "name:a")
    before = [shelf.checksum(table) for table in ("media", "correction", "change")]
    async with opened(shelf.config) as catalogue:
        assert await correct.set_fields(catalogue, ["title=x", "year=2000", "is:any"], dry_run=True) == Edited(2, 2)
        assert await correct.set_fields(catalogue, ["title=x", "is:any"], dry_run=True) == Edited(2, 1)
        assert await correct.unset_fields(catalogue, "title", ["is:any"], dry_run=True) == Edited(2, 1)
        assert await correct.note(catalogue, "x", ["is:any"], dry_run=True) == Edited(2, 2)
    assert [shelf.checksum(table) for table in ("media", "correction", "change")] == before


async def test_a_favourite_is_taken_back_by_no(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    await put(shelf, "favourite=yes", "is:any")
    assert await put(shelf, "favourite=no", "is:any") == Edited(1, 1)
    assert (await shown(shelf)).corrections is None
    assert not (await shown(shelf)).favourite


PARIS, ROME = "gps=48.8577,2.295", "gps=41.8902,12.4922"


@pytest.mark.parametrize(
    ("before", "then", "place"),
    [
        ([], [PARIS], "Paris, Île-de-France, France"),
        ([[ROME]], [PARIS], "Paris, Île-de-France, France"),
        ([], [PARIS, "place=At home"], "At home"),
        ([["place=At home"]], [PARIS], "At home"),
        ([[ROME, "place=At home"]], [PARIS], "At home"),
        ([[PARIS]], ["gps=0,-30"], None),
    ],
    ids=["none", "another", "one beside it", "one of hers", "one of hers beside coordinates", "where nothing is"],
)
async def test_coordinates_bring_the_name_of_their_place(
    before: list[list[str]], then: list[str], place: str | None, shelf: Shelf
) -> None:
    make_jpeg(shelf.folder / "a.jpg")
    await shelf.scan()
    for one in before:
        await put(shelf, *one, "a.jpg")
    await put(shelf, *then, "a.jpg")
    assert (await shown(shelf)).facts.place == place
    await shelf.scan(full=True)
    assert (await shown(shelf)).facts.place == place


async def test_the_name_of_the_place_goes_with_its_coordinates(shelf: Shelf) -> None:
    make_jpeg(shelf.folder / "a.jpg", exif=gps_tags(41.8902, 12.4922))
    await shelf.scan()
    assert (await put(shelf, PARIS, "a.jpg")).changed == 1
    assert set(await shelf.items("place:paris")) == {"a.jpg"}
    await unset(shelf, "gps", "a.jpg")
    assert (await shown(shelf)).facts.place == "Rome, Lazio, Italy"
    await take_back(shelf)
    assert set(await shelf.items("place:paris")) == {"a.jpg"}
    await put(shelf, "place=At home", "a.jpg")
    await unset(shelf, "gps", "a.jpg")
    assert (await shown(shelf)).facts.place == "At home"
