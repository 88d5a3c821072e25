"""What names say, and when a file was taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

import media_files
from mediaforge.extract import extract, filename, taken
from mediaforge.extract.taken import Candidate
from mediaforge.model import TakenSource

DATES = [
    ("IMG_20210704_120001.jpg", datetime(2021, 7, 4, 12, 0, 1)), ("PXL_20210704_120001123.jpg", datetime(2021, 7, 4, 12, 0, 1)),
    ("VID_20210704_120001.mp4", datetime(2021, 7, 4, 12, 0, 1)), ("20210704_120001.jpg", datetime(2021, 7, 4, 12, 0, 1)),
    ("Screenshot 2021-07-04 at 10.11.12.png", datetime(2021, 7, 4, 10, 11, 12)), ("IMG-20210704-WA0001.jpg",
    datetime(2021, 7, 4)), ("Screenshot_20210704-101112.png", datetime(2021, 7, 4, 10, 11, 12)),
    ("signal-2021-07-04-101112.jpg", datetime(2021, 7, 4, 10, 11, 12)), ("2021-07-04 10.11.12.jpg",
    datetime(2021, 7, 4, 10, 11, 12)), ("WhatsApp Image 2021-07-04 at 10.11.12.jpeg", datetime(2021, 7, 4, 10, 11, 12)),
    ("IMG_20210704_120001_1.jpg", datetime(2021, 7, 4, 12, 0, 1)), ("IMG_20210704_120001~2.jpg",
    datetime(2021, 7, 4, 12, 0, 1)), ("IMG_0001.jpg", None), ("DSC01234.jpg", None), ("20211340_000000.jpg", None),
    ("1234202107041.jpg", None), ("20990704_120000.jpg", None), ("call 02021070.mp3", None), ("20210231.jpg", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "when"), DATES)
def test_dates_in_names(name: str, when: datetime | None) -> None:
    found = filename.taken(name)
    assert (found.when if found else None) == when


NAMES = [
    (
        "The Expanse S03E05 Triple Point.mkv",
        {"show": "The Expanse", "season": 3, "episode": 5, "episode_title": "Triple Point"},
    ),
    ("the.wire.1x02.mkv", {"show": "the wire", "season": 1, "episode": 2}),
    ("Blade Runner (1982).mp4", {"title": "Blade Runner", "year": 1982}),
    ("Blade.Runner.1982.1080p.mkv", {"title": "Blade Runner", "year": 1982}),
    ("IMG_0001.mp4", {}),
    ("holiday.mp4", {}),
    ("VID_20210704_120001.mp4", {}),
    ("GOPR0123.mp4", {}),
    ("MVI_1080.mp4", {}),
]


@pytest.mark.parametrize(("name", "fields"), NAMES)
def test_names_of_films_and_episodes(name: str, fields: dict[str, object], tmp_path: Path) -> None:
    path = media_files.make_mp4(tmp_path / name, seconds=0.2, audio=False)
    facts = extract(str(path), path.suffix[1:])
    wanted = ("title", "show", "season", "episode", "episode_title", "year")
    assert {f: getattr(facts, f) for f in wanted if getattr(facts, f) is not None} == fields
    assert filename.says_something(name) == bool(fields)


def test_a_tag_in_the_file_is_believed_before_its_name(tmp_path: Path) -> None:
    path = media_files.make_mp4(tmp_path / "Blade Runner (1982).mp4", seconds=0.2, tags={"title": "Final Cut"})
    facts = extract(str(path), "mp4")
    assert (facts.title, facts.origins["title"]) == ("Final Cut", "pyav:title")
    assert (facts.year, facts.origins["year"]) == (1982, "guessit:year")


PARSED = [
    ("2021:07:04 12:00:01", datetime(2021, 7, 4, 12, 0, 1)), ("2021-07-04T12:00:01Z",
    datetime(2021, 7, 4, 12, 0, 1, tzinfo=UTC)), ("2021-07-04T12:00:01.25+0200", datetime(2021, 7, 4, 12, 0, 1, 250_000,
    tzinfo=timezone(timedelta(hours=2)))), ("2021-07-04", datetime(2021, 7, 4)), ("0000:00:00 00:00:00", None), ("", None),
    ("yesterday", None), ("2021:02:31 10:00:00", None), ("2016-12-31T23:59:60Z",
    datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "when"), PARSED)
def test_dates_as_tags_write_them(text: str, when: datetime | None) -> None:
    assert taken.parse(text) == when


@pytest.mark.parametrize(
    "text",
    ["1904-01-01T00:00:00Z", "1970-01-01 00:00:00", "1980:01:01 00:00:00", "2216:11:15 11:46:51", "0001-01-01", "0000:00:00"],
)
def test_nonsense_is_refused(text: str) -> None:
    assert taken.candidate(TakenSource.EXIF, text, "exif:DateTimeOriginal") is None


def test_the_most_trusted_source_wins() -> None:
    when = datetime(2021, 7, 4)
    order = [Candidate(source, when, source.value) for source in taken.TRUST]
    written = Candidate(TakenSource.EXIF, when, "exif:DateTime", weak=True)
    for first in range(len(order)):
        assert taken.choose(reversed(order[first:])) == order[first]
    assert taken.choose([order[-1], written]) == written
    assert taken.choose([written, order[-2]]) == order[-2]


def test_a_name_dates_a_picture_that_has_no_exif_and_mtime_the_rest(tmp_path: Path) -> None:
    named = extract(str(media_files.make_jpeg(tmp_path / "IMG_20210704_120001.jpg")), "jpg")
    assert (named.taken_at, named.taken_source) == (datetime(2021, 7, 4, 12, 0, 1), TakenSource.FILENAME)
    assert named.origins["taken_at"] == "filename:date"
    plain = extract(str(media_files.make_jpeg(tmp_path / "a.jpg")), "jpg", mtime_ns=1_600_000_000 * 10**9)
    assert (plain.taken_at, plain.taken_source) == (datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC), TakenSource.MTIME)
    odd = extract(str(tmp_path / "a.jpg"), "jpg", mtime_ns=-(2**63))
    assert odd.taken_source is TakenSource.MTIME
