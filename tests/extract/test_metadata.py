"""EXIF, XMP and IPTC in all their ways of writing: words, stars, places, times, and what only maker notes say."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import media_files
from mediaforge.extract import makernote, png
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import apply_exif, parse_exif, user_comment
from mediaforge.model import Kind, TakenSource
from reading import facts_of

NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/", "xmp": "http://ns.adobe.com/xap/1.0/", "tiff": "http://ns.adobe.com/tiff/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/", "exif": "http://ns.adobe.com/exif/1.0/",
    "lr": "http://ns.adobe.com/lightroom/1.0/", "digiKam": "http://www.digikam.org/ns/1.0/",
    "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/", "mediapro": "http://ns.iview-multimedia.com/mediapro/1.0/",
    "exifEX": "http://cipa.jp/exif/1.0/", "stEvt": "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
}  # fmt: skip


def packet(body: str = "", attributes: str = "") -> str:
    spaces = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMESPACES.items())
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {spaces} {attributes}>{body}</rdf:Description></rdf:RDF></x:xmpmeta>'
    )


def bag(name: str, *items: str) -> str:
    return f"<{name}><rdf:Bag>{''.join(f'<rdf:li>{item}</rdf:li>' for item in items)}</rdf:Bag></{name}>"


# XMP: the facts that it makes.
PACKETS: list[tuple[str, dict[str, Any]]] = [
    (packet(bag("dc:subject", "iron", "river")), {"keywords": ("iron", "river")}),
    (packet(bag("lr:hierarchicalSubject", "Places|Italy|Rome")), {"keywords": ("Places|Italy|Rome",)}),
    (packet(bag("digiKam:TagsList", "Places/Italy", "x")), {"keywords": ("Places|Italy", "x")}),
    (packet(bag("MicrosoftPhoto:LastKeywordXMP", "Places/Rome")), {"keywords": ("Places|Rome",)}),
    (packet(bag("mediapro:CatalogSets", "a|b")), {"keywords": ("a|b",)}),
    (packet(attributes='xmp:Rating="4"'), {"rating": 4}),
    (packet(attributes='xmp:Rating="-1"'), {"rating": None}),
    (packet(attributes='MicrosoftPhoto:Rating="75"'), {"rating": 4}),
    (packet(attributes='xmp:Rating="2" MicrosoftPhoto:Rating="75"'), {"rating": 2}),
    (packet(attributes='photoshop:Headline="H"'), {"title": "H"}),
    (packet(attributes='tiff:ImageDescription="D" tiff:Artist="A"'), {"description": "D", "artist": "A"}),
    (packet(attributes='exif:UserComment="U"'), {"description": "U"}),
    (packet(attributes='tiff:Make="M" tiff:Model="N" exifEX:LensModel="L"'),
     {"camera_make": "M", "camera_model": "N", "lens": "L"}),
    (packet(attributes='exifEX:PhotographicSensitivity="800" exif:FNumber="28/10"'), {"iso": 800, "f_number": 2.8}),
    (packet(attributes='exif:GPSLatitude="33,51.4S" exif:GPSLongitude="151,12.9E"'), {"latitude": -33.856666666666666}),
    (packet(attributes='photoshop:DateCreated="2021-07-04T12:00:01.5+02:00"'),
     {"taken_at": datetime(2021, 7, 4, 12, 0, 1, 500_000, tzinfo=timezone(timedelta(hours=2)))}),
    # What is said of a step of its history, or of what it was made from, is not said of the picture.
    (packet("<xmp:History><rdf:Description dc:title='of a part' xmp:Rating='1'/></xmp:History>"),
     {"title": None, "rating": None}),
]  # fmt: skip


@pytest.mark.parametrize(("xmp", "expected"), PACKETS)
def test_xmp(xmp: str, expected: dict[str, Any], tmp_path: Path) -> None:
    facts = facts_of(media_files.make_jpeg(tmp_path / "a.jpg", xmp=xmp))
    assert {name: getattr(facts, name) for name in expected} == expected


def test_a_rejected_picture_is_noted(tmp_path: Path) -> None:
    facts = facts_of(media_files.make_jpeg(tmp_path / "a.jpg", xmp=packet(attributes='xmp:Rating="-1"')))
    assert facts.extra["rejected"] is True


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


FILM = packet(bag("dc:subject", "beach", "Places"), 'xmp:Rating="5" photoshop:Headline="Sea" tiff:Orientation="6"')


@pytest.mark.parametrize("place", ["uuid", "udta"])
@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_xmp_in_videos(suffix: str, place: str, tmp_path: Path) -> None:
    path = media_files.make_mp4(tmp_path / f"a.{suffix}", seconds=0.2)
    data = path.read_bytes()
    if place == "uuid":
        data += box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + FILM.encode())
    else:
        start = data.index(b"moov") - 4
        size = int.from_bytes(data[start : start + 4], "big")
        moov = data[start + 8 : start + size] + box(b"udta", box(b"XMP_", FILM.encode()))
        data = data[:start] + box(b"moov", moov) + data[start + size :]
    path.write_bytes(data)
    facts = facts_of(path)
    assert (facts.keywords, facts.rating, facts.title) == (("beach", "Places"), 5, "Sea")
    assert (facts.width, facts.orientation) == (64, None)  # a video is turned by its track, never by EXIF's number


COMMENTS = [
    (b"ASCII\0\0\0hello", "hello"), (b"UNICODE\0" + "grüß".encode("utf-16-be"), "grüß"),
    (b"UNICODE\0" + "grüß".encode("utf-16-le"), "grüß"), (b"JIS\0\0\0\0\0" + "日本".encode("iso2022_jp"), "日本"),
    (bytes(8) + b"hello", "hello"), (b"filter: 0; module: photo", "filter: 0; module: photo"),
    (b"\x01\x02\x03binary data", None), (b"short", None), ("text", None),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), COMMENTS)
def test_user_comments_in_every_code(value: object, text: str | None) -> None:
    assert user_comment(value) == text


def directory(entries: list[tuple[int, int, bytes]], at: int, order: str = "<") -> bytes:
    """A TIFF directory that stands at an offset: (tag, type, value), values of more than four bytes behind it."""
    widths = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}
    behind, body = b"", b""
    start = at + 2 + 12 * len(entries) + 4
    for tag, kind, value in sorted(entries):
        place = value.ljust(4, b"\0")
        if len(value) > 4:
            place = struct.pack(f"{order}I", start + len(behind))
            behind += value
        body += struct.pack(f"{order}HHI", tag, kind, len(value) // widths[kind]) + place
    return struct.pack(f"{order}H", len(entries)) + body + bytes(4) + behind


def tiff(entries: list[tuple[int, int, bytes]]) -> bytes:
    return b"II*\0" + struct.pack("<I", 8) + directory(entries, 8)


def entry(order: str, tag: int, kind: int, count: int, value: bytes) -> bytes:
    return struct.pack(f"{order}HHI", tag, kind, count) + value.ljust(4, b"\0")


def note(order: str, *entries: bytes) -> bytes:
    return struct.pack(f"{order}H", len(entries)) + b"".join(entries) + bytes(4)


CANON_AUTO = struct.pack("<3H", 6, 160, 128)  # 160/32 = 5 stops above 100/32, times 2^4 * 100/100
# Maker; note; the field and its value.
NOTES: list[tuple[str, bytes, str, int | None]] = [
    ("CASIO COMPUTER CO.,LTD", b"QVC\0\0\0" + note(">", entry(">", 0x3014, 3, 1, struct.pack(">H", 50))), "iso", 50),
    ("CASIO", note(">", entry(">", 0x0014, 3, 1, struct.pack(">H", 125))), "iso", 125),
    ("NIKON CORPORATION",
     b"Nikon\0\2\x10\0\0" + b"MM\0*\0\0\0\x08" + note(">", entry(">", 2, 3, 2, struct.pack(">HH", 0, 200))), "iso", 200),
    ("NIKON", b"Nikon\0\1\0", "iso", None),
    ("NIKON", note("<", entry("<", 2, 3, 2, struct.pack("<HH", 0, 250))), "iso", 250),
    ("EASTMAN KODAK COMPANY", b"KDK INFO" + bytes(0x60) + struct.pack(">H", 100), "iso", 100),
    ("EASTMAN KODAK COMPANY", b"KDK0100\0" + bytes(0x60) + struct.pack("<H", 179), "iso", 179),
    ("EASTMAN KODAK COMPANY", b"KDK INFO" + bytes(0x60), "iso", None),
    ("EASTMAN KODAK COMPANY", bytes(200), "iso", None),
    ("FUJIFILM", b"FUJIFILM\x0c\0\0\0" + note("<", entry("<", 0x1431, 4, 1, struct.pack("<I", 3))), "rating", 3),
    ("FUJIFILM", b"FUJIFILM", "rating", None), ("FUJIFILM", bytes(20), "rating", None),
    ("SONY", b"SONY DSC \0\0\0" + note("<", entry("<", 0x2002, 4, 1, struct.pack("<I", 3))), "rating", 3),
    ("SONY", b"SONY PI\0\0\0\0\0", "rating", None),
    ("Nobody", note("<", entry("<", 0x0014, 3, 1, struct.pack("<H", 125))), "iso", None),
]  # fmt: skip


@pytest.mark.parametrize(("maker", "data", "field", "value"), NOTES)
def test_maker_notes_fill_what_exif_leaves_open(maker: str, data: bytes, field: str, value: int | None) -> None:
    draft = Draft("pillow", Kind.IMAGE)
    makernote.apply_maker_note(draft, parse_exif(tiff([(0x010F, 2, maker.encode() + b"\0"), (0x927C, 7, data)])))
    assert draft.values.get(field) == value


def test_maker_notes_are_not_asked_for_what_is_known() -> None:
    draft = Draft("pillow", Kind.IMAGE)
    draft.put("iso", 400, "exif:ISOSpeedRatings")
    data = note(">", entry(">", 0x0014, 3, 1, struct.pack(">H", 125)))
    makernote.apply_maker_note(draft, parse_exif(tiff([(0x010F, 2, b"CASIO\0"), (0x927C, 7, data)])))
    assert draft.values["iso"] == 400


@pytest.mark.parametrize(
    ("step", "shot", "iso"),
    [
        (16, CANON_AUTO, 50), (19, CANON_AUTO, 400), (0x4000 + 320, CANON_AUTO, 320), (15, CANON_AUTO, 1600),
        (15, struct.pack("<3H", 6, 0, 128), 50), (15, struct.pack("<3H", 6, 0, 0), None),
    ],
)  # fmt: skip
def test_canons_speed_is_a_step_or_computed(step: int, shot: bytes, iso: int | None) -> None:
    settings = struct.pack("<17H", 34, *([0] * 15), step)
    # Canon's places count from the beginning of EXIF: the note's directory stands after its two tables.
    base = tiff([(0x010F, 2, b"Canon\0"), (0x927C, 7, bytes(100))])
    start = len(base) - 100
    data = note("<", entry("<", 1, 3, 17, struct.pack("<I", start + 40)), entry("<", 4, 3, 3, struct.pack("<I", start + 80)))
    data = data.ljust(40, b"\0") + settings.ljust(40, b"\0") + shot
    draft = Draft("pillow", Kind.IMAGE)
    makernote.apply_maker_note(draft, parse_exif(base[:start] + data))
    assert draft.values.get("iso") == iso


POSITIONS = [
    (b"52,00000,50,00000,34,01180\0", 52.842781), (b"52/1,50/1,34/1\0", 52.842778), (b"52 50 34.0118\0", 52.842781),
    (b"52.5\0", 52.5), (b"nowhere\0", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "degrees"), POSITIONS)
def test_places_that_are_written_as_text(text: bytes, degrees: float | None) -> None:
    gps = [(1, 2, b"N\0"), (2, 2, text), (3, 2, b"E\0"), (4, 2, b"11,00000,10,00000,58,28360\0")]
    outer = tiff([(0x8825, 4, struct.pack("<I", 26))])
    draft = Draft("pillow", Kind.IMAGE)
    apply_exif(draft, parse_exif(outer + directory(gps, len(outer))))
    assert draft.values.get("latitude") == (degrees if degrees is None else pytest.approx(degrees, abs=1e-6))
    assert ("longitude" in draft.values) == (degrees is not None)


LOCAL = "2021:07:04 12:00:01"
# EXIF, XMP, IPTC: when, from where, by which origin.
TIMES: list[tuple[dict[str, Any], str, dict[int, list[str]], str, TakenSource, str]] = [
    ({"DateTimeOriginal": LOCAL, "SubSecTimeOriginal": "84"}, "", {55: ["20210704"], 60: ["120001+0000"]},
     "2021-07-04T12:00:01.84+00:00", TakenSource.EXIF_OFFSET, "exif:DateTimeOriginal iptc:DateCreated"),
    ({"DateTimeOriginal": LOCAL}, 'photoshop:DateCreated="2021-07-04T12:00:01.939+02:00"', {},
     "2021-07-04T12:00:01.939+02:00", TakenSource.EXIF_OFFSET, "exif:DateTimeOriginal xmp:photoshop:DateCreated"),
    # A copy that an editor changed to another time is another time: EXIF's own clock stays.
    ({"DateTimeOriginal": LOCAL}, 'exif:DateTimeOriginal="2021-07-04T10:00:01Z"', {},
     "2021-07-04T12:00:01", TakenSource.EXIF, "exif:DateTimeOriginal"),
    ({"DateTimeOriginal": LOCAL, "DateTimeDigitized": "2022:01:01 00:00:01"}, "", {},
     "2021-07-04T12:00:01", TakenSource.EXIF, "exif:DateTimeOriginal"),
    ({"DateTimeDigitized": LOCAL}, "", {}, "2021-07-04T12:00:01", TakenSource.EXIF, "exif:DateTimeDigitized"),
    ({"DateTimeOriginal": "0000:00:00 00:00:00", "DateTimeDigitized": LOCAL}, "", {},
     "2021-07-04T12:00:01", TakenSource.EXIF, "exif:DateTimeDigitized"),
    ({"DateTimeOriginal": LOCAL, "OffsetTimeOriginal": "-05:30"}, "", {},
     "2021-07-04T12:00:01-05:30", TakenSource.EXIF_OFFSET, "exif:DateTimeOriginal"),
    ({"DateTimeOriginal": LOCAL, "DateTime": LOCAL, "OffsetTime": "+09:00"}, "", {},
     "2021-07-04T12:00:01+09:00", TakenSource.EXIF_OFFSET, "exif:DateTimeOriginal"),
    ({"DateTimeOriginal": LOCAL, "DateTime": "2022:01:01 00:00:01", "OffsetTime": "+09:00"}, "", {},
     "2021-07-04T12:00:01", TakenSource.EXIF, "exif:DateTimeOriginal"),
    ({"GPSDateStamp": "2021:07:04", "GPSTimeStamp": (10.0, 0.0, 1.0)}, "", {},
     "2021-07-04T10:00:01+00:00", TakenSource.GPS, "exif:GPSDateTime"),
    ({}, 'photoshop:DateCreated="2021-07-04T12:00:01"', {},
     "2021-07-04T12:00:01", TakenSource.EXIF, "xmp:photoshop:DateCreated"),
    ({}, "", {55: ["20210704"], 60: ["120001+0200"]}, "2021-07-04T12:00:01+02:00", TakenSource.EXIF, "iptc:DateCreated"),
    ({"DateTime": LOCAL}, "", {}, "2021-07-04T12:00:01", TakenSource.EXIF, "exif:DateTime"),
    ({"DateTimeOriginal": "2099:09:29 10:10:10", "DateTime": LOCAL}, "", {},
     "2021-07-04T12:00:01", TakenSource.EXIF, "exif:DateTime"),
]  # fmt: skip


@pytest.mark.parametrize(("exif", "xmp", "iptc", "when", "source", "origin"), TIMES)
def test_when_a_picture_was_taken(
    exif: dict[str, Any], xmp: str, iptc: dict[int, list[str]], when: str, source: TakenSource, origin: str, tmp_path: Path
) -> None:
    told = packet(attributes=xmp) if xmp else None
    facts = facts_of(media_files.make_jpeg(tmp_path / "a.jpg", exif=exif, xmp=told, iptc=iptc))
    assert facts.taken_at == datetime.fromisoformat(when)
    assert facts.taken_at is not None
    assert (facts.taken_at.tzinfo is None) == (datetime.fromisoformat(when).tzinfo is None)
    assert (facts.taken_source, facts.origins["taken_at"]) == (source, origin)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data), name) + data + struct.pack(">I", zlib.crc32(name + data))


def profile(name: str, data: bytes) -> bytes:
    text = f"\n{name}\n{len(data):8}\n{data.hex()}\n"
    return chunk(b"zTXt", f"Raw profile type {name}".encode() + b"\0\0" + zlib.compress(text.encode()))


EXIF = media_files.exif_bytes({"Model": "EOS R5", "DateTimeOriginal": LOCAL})
RECORDS = b"\x1c\x02\x19\x00\x05river"
AFTER: list[tuple[bytes, dict[str, Any]]] = [
    (chunk(b"eXIf", EXIF[6:]), {"camera_model": "EOS R5"}),
    (profile("exif", EXIF), {"camera_model": "EOS R5"}),
    (profile("iptc", b"8BIM\x04\x04\0\0" + struct.pack(">I", len(RECORDS)) + RECORDS), {"keywords": ("river",)}),
    (chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet(attributes='xmp:Rating="3"').encode()), {"rating": 3}),
    (chunk(b"iTXt", b"Title\0\1\0\0\0" + zlib.compress("Brücke".encode())), {"title": "Brücke"}),
    (chunk(b"zTXt", b"Author\0\0" + zlib.compress(b"Ada")), {"artist": "Ada"}),
    (chunk(b"tEXt", b"comment\0from ImageMagick"), {"description": "from ImageMagick"}),
    (
        chunk(b"tEXt", b"exif:Make\0Canon") + chunk(b"tEXt", b"Model\0EOS R5"),
        {"camera_make": "Canon", "camera_model": "EOS R5"},
    ),
    (chunk(b"zTXt", b"Author\0\0broken") + chunk(b"tEXt", b"Title\0T"), {"artist": None, "title": "T"}),
]


@pytest.mark.parametrize(("trailing", "expected"), AFTER)
@pytest.mark.parametrize("pixels", [b"", b"x" * 100_000])
def test_a_png_is_read_beyond_its_pixels(trailing: bytes, expected: dict[str, Any], pixels: bytes, tmp_path: Path) -> None:
    path = media_files.make_png(tmp_path / "a.png")
    data = path.read_bytes()
    pixels = chunk(b"IDAT", pixels) if pixels else b""  # one piece that begins before the last 64 KiB
    path.write_bytes(data[:-12] + pixels + trailing + data[-12:])
    facts = facts_of(path)
    assert {name: getattr(facts, name) for name in expected} == expected
    with path.open("rb") as file:
        assert png.read_chunks(file).size == (48, 32)  # the whole file, as a broken one is read


def test_a_taken_time_of_a_text_chunk_is_kept_in_utc(tmp_path: Path) -> None:
    facts = facts_of(media_files.make_png(tmp_path / "a.png", text={"Creation Time": "2021-07-04T12:00:01Z"}))
    assert facts.taken_at == datetime(2021, 7, 4, 12, 0, 1, tzinfo=UTC)
