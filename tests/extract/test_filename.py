"""When a file was taken, and what its name says of that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

import media_files
from mediaforge.extract import extract, filename, taken
from mediaforge.extract.taken import Candidate
from mediaforge.model import TakenSource

# Name, the moment in it: with Z where it is told in UTC, without an offset where it is the local time.
DATES = [
    ("IMG_20210704_120001.jpg", "2021-07-04 12:00:01"), ("IMG_20210704_120001_1.jpg", "2021-07-04 12:00:01"),
    ("IMG_20210704_120001~2.jpg", "2021-07-04 12:00:01"), ("IMG_20210704_120001_HDR.jpg", "2021-07-04 12:00:01"),
    ("IMG_20210704_120001_BURST001.jpg", "2021-07-04 12:00:01"), ("IMG_20210704_120001 (1).jpg", "2021-07-04 12:00:01"),
    ("IMG20210704120001.jpg", "2021-07-04 12:00:01"), ("IMG_20210704120001.jpg", "2021-07-04 12:00:01"),
    ("IMG-20210704-120001.jpg", "2021-07-04 12:00:01"), ("PXL_20210704_120001123.jpg", "2021-07-04 12:00:01.123Z"),
    ("PXL_20210704_120001123.MP.jpg", "2021-07-04 12:00:01.123Z"),
    ("PXL_20210704_120001123.PORTRAIT.jpg", "2021-07-04 12:00:01.123Z"),
    ("PXL_20210704_120001123~2.jpg", "2021-07-04 12:00:01.123Z"), ("VID_20210704_120001.mp4", "2021-07-04 12:00:01"),
    ("VID_20210704_120001_001.mp4", "2021-07-04 12:00:01"), ("VID-20210704-WA0007.mp4", "2021-07-04"),
    ("IMG-20210704-WA0001.jpg", "2021-07-04"), ("AUD-20210704-WA0002.opus", "2021-07-04"),
    ("PTT-20210704-WA0002.opus", "2021-07-04"), ("WhatsApp Image 2021-07-04 at 10.11.12.jpeg", "2021-07-04 10:11:12"),
    ("WhatsApp Image 2021-07-04 at 10.11.12 (1).jpeg", "2021-07-04 10:11:12"),
    ("WhatsApp Video 2021-07-04 at 10.11.12.mp4", "2021-07-04 10:11:12"),
    ("WhatsApp Image 2021-07-04 at 3.04.05 PM.jpeg", "2021-07-04 15:04:05"),
    ("Screenshot 2021-07-04 at 10.11.12.png", "2021-07-04 10:11:12"),
    ("Screenshot 2021-07-04 at 10.11.12 PM.png", "2021-07-04 22:11:12"),
    ("Screenshot 2021-07-04 at 12.11.12 AM.png", "2021-07-04 00:11:12"),
    ("Screenshot 2021-07-04 at 9.11.12\u202fAM.png", "2021-07-04 09:11:12"),
    ("Screen Shot 2021-07-04 at 9.11.12 AM.png", "2021-07-04 09:11:12"),
    ("Bildschirmfoto 2021-07-04 um 10.11.12.png", "2021-07-04 10:11:12"),
    ("Capture d’écran 2021-07-04 à 10.11.12.png", "2021-07-04 10:11:12"),
    ("Screenshot_20210704-101112.png", "2021-07-04 10:11:12"),
    ("Screenshot_20210704-101112_Chrome.jpg", "2021-07-04 10:11:12"),
    ("Screenshot_2021-07-04-10-11-12-345_com.app.jpg", "2021-07-04 10:11:12.345"),
    ("Screenshot_2021-07-04-10-11-12.png", "2021-07-04 10:11:12"),
    ("Screenshot from 2021-07-04 10-11-12.png", "2021-07-04 10:11:12"),
    ("Screen Recording 2021-07-04 at 10.11.12.mov", "2021-07-04 10:11:12"),
    ("Screenrecorder-2021-07-04-10-11-12-345.mp4", "2021-07-04 10:11:12.345"),
    ("signal-2021-07-04-101112.jpg", "2021-07-04 10:11:12"),
    ("signal-2021-07-04-10-11-12-345.jpg", "2021-07-04 10:11:12.345"),
    ("signal-2021-07-04-101112_002.jpeg", "2021-07-04 10:11:12"), ("photo_2021-07-04_10-11-12.jpg", "2021-07-04 10:11:12"),
    ("video_2021-07-04_10-11-12.mp4", "2021-07-04 10:11:12"), ("photo_5@04-07-2021_10-11-12.jpg", "2021-07-04 10:11:12"),
    ("audio_2021-07-04_10-11-12.ogg", "2021-07-04 10:11:12"), ("20210704_120001.jpg", "2021-07-04 12:00:01"),
    ("20210704_120001(0).jpg", "2021-07-04 12:00:01"), ("20210704-120001.mp4", "2021-07-04 12:00:01"),
    ("20210704120001.jpg", "2021-07-04 12:00:01"), ("2021-07-04 10.11.12.jpg", "2021-07-04 10:11:12"),
    ("2021-07-04 10.11.12-1.jpg", "2021-07-04 10:11:12"), ("2021-07-04T10:11:12.jpg", "2021-07-04 10:11:12"),
    ("2021-07-04T101112Z.mov", "2021-07-04 10:11:12"), ("2021_07_04_10_11_12.jpg", "2021-07-04 10:11:12"),
    ("2021.07.04 holiday.jpg", "2021-07-04"), ("holiday 2021-07-04.jpg", "2021-07-04"),
    ("MVIMG_20210704_120001.jpg", "2021-07-04 12:00:01"), ("WP_20210704_12_00_01_Pro.jpg", "2021-07-04 12:00:01"),
    ("WP_20210704_001.jpg", "2021-07-04"), ("P_20210704_120001.jpg", "2021-07-04 12:00:01"),
    ("C360_2021-07-04-12-00-01-234.jpg", "2021-07-04 12:00:01.234"),
    ("DJI_20210704_120001_0001_D.MP4", "2021-07-04 12:00:01"), ("DJI_20210704120001_0001_D.MP4", "2021-07-04 12:00:01"),
    ("Snapchat-20210704.jpg", "2021-07-04"), ("received_20210704_120001.jpeg", "2021-07-04 12:00:01"),
    ("Rec_20210704_120001.m4a", "2021-07-04 12:00:01"), ("Recording_20210704_120001.m4a", "2021-07-04 12:00:01"),
    ("InShot_20210704_120001123.mp4", "2021-07-04 12:00:01.123"), ("FB_IMG_1625392801000.jpg", "2021-07-04 10:00:01Z"),
    ("1625392801000.jpg", "2021-07-04 10:00:01Z"), ("mmexport1625392801000.jpg", "2021-07-04 10:00:01Z"),
    ("VideoCapture_20210704-101112.jpg", "2021-07-04 10:11:12"), ("Photo on 04-07-2021 at 10.11.jpg", None),
    ("scan0001_1987-05-12.jpg", "1987-05-12"), ("MOV_20210704_1200012.mp4", "2021-07-04 12:00:01"), ("IMG_0001.jpg", None),
    ("DSC01234.jpg", None), ("DSC_0042.NEF", None), ("DSCF1999.JPG", None), ("GOPR0123.mp4", None), ("GX010042.MP4", None),
    ("P1010042.JPG", None), ("MVI_1080.mp4", None), ("100_2021.jpg", None), ("20211340_000000.jpg", None),
    ("20210231.jpg", None), ("20990704_120000.jpg", None), ("1234202107041.jpg", None), ("call 02021070.mp3", None),
    ("19700101_000000.jpg", None), ("00000000_000000.jpg", None), ("1080p 1920x1080 19201080.mp4", None),
    ("+49 170 2021070.mp3", None), ("9781234567897.jpg", None), ("invoice 20210704123.pdf.png", None),
    ("Blade.Runner.2049.2017.1080p.mkv", None), ("IMG_20210704_250001.jpg", "2021-07-04"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "when"), DATES)
def test_dates_in_names(name: str, when: str | None) -> None:
    found = filename.taken(name)
    assert (found.when if found else None) == (datetime.fromisoformat(when) if when else None)
    assert found is None or found.source is TakenSource.FILENAME


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
