"""Pictures: EXIF, IPTC, XMP, and which of them is believed."""

from __future__ import annotations

import struct
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import media_files
from mediaforge.errors import ExtractError
from mediaforge.extract import heif, iptc, salvage, xmp
from mediaforge.extract.exif import parse_exif
from mediaforge.model import Kind, TakenSource
from reading import facts_of

EXIF: dict[str, Any] = {
    "Make": "Canon", "Model": "EOS R5", "Orientation": 6, "LensModel": "RF50mm", "ExposureTime": 0.005, "FNumber": 2.8,
    "ISO": 400, "FocalLength": 50.0, "GPSLatitudeRef": "S", "GPSLatitude": (33.0, 51.0, 24.0), "GPSLongitudeRef": "E",
    "GPSLongitude": (151.0, 12.0, 54.0), "GPSAltitudeRef": b"\1", "GPSAltitude": 5.5, "DateTimeOriginal": "2021:07:04 12:00:01",
    "OffsetTimeOriginal": "+02:00", "SubSecTimeOriginal": "25", "Artist": "Ada", "ImageDescription": "a bridge", "Rating": 4,
}  # fmt: skip


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "heic", "avif"])
def test_exif_in_every_format_that_carries_it(suffix: str, tmp_path: Path) -> None:
    facts = facts_of(media_files.make_image(tmp_path / f"a.{suffix}", exif=EXIF))
    assert (facts.camera_make, facts.camera_model, facts.lens) == ("Canon", "EOS R5", "RF50mm")
    assert (facts.exposure_time, facts.f_number, facts.iso, facts.focal_length) == (0.005, 2.8, 400, 50.0)
    assert facts.orientation == 6
    assert facts.latitude == pytest.approx(-33.856667, abs=1e-6)
    assert facts.longitude == pytest.approx(151.215, abs=1e-6)
    assert facts.altitude == -5.5
    assert facts.taken_at == datetime(2021, 7, 4, 12, 0, 1, 250_000, tzinfo=timezone(timedelta(hours=2)))
    assert facts.taken_source is TakenSource.EXIF_OFFSET
    assert (facts.artist, facts.description, facts.rating) == ("Ada", "a bridge", 4)
    assert facts.origins["taken_at"] == "exif:DateTimeOriginal"


def packet(body: str, attributes: str = "") -> str:
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/"'
        f' {attributes}>{body}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


XMP = packet(
    "<dc:title><rdf:Alt><rdf:li xml:lang='de'>Brücke</rdf:li><rdf:li xml:lang='x-default'>Bridge</rdf:li></rdf:Alt></dc:title>"
    "<dc:subject><rdf:Bag><rdf:li>iron</rdf:li><rdf:li>river</rdf:li></rdf:Bag></dc:subject>"
    "<dc:creator><rdf:Seq><rdf:li>Ada</rdf:li><rdf:li>Bo</rdf:li></rdf:Seq></dc:creator>"
    "<lr:hierarchicalSubject><rdf:Bag><rdf:li>Places|Italy</rdf:li></rdf:Bag></lr:hierarchicalSubject>",
    "xmp:Rating='5' exif:DateTimeOriginal='2020-01-02T03:04:05+01:00'"
    " exif:GPSLatitude='48,51.4620N' exif:GPSLongitude='2,17,42W'",
)


@pytest.mark.parametrize("suffix", ["jpg", "webp", "heic", "tif", "avif", "png"])
def test_xmp_in_every_format_that_carries_it(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    if suffix == "png":
        media_files.make_png(path, text={"XML:com.adobe.xmp": XMP})
    elif suffix == "tif":
        media_files.make_image(path, tiffinfo={700: XMP.encode()})
    else:
        media_files.make_image(path, xmp=XMP)
    facts = facts_of(path)
    assert (facts.title, facts.artist, facts.rating) == ("Bridge", "Ada, Bo", 5)
    assert facts.keywords == ("iron", "river", "Places|Italy")
    assert facts.latitude == pytest.approx(48.8577)
    assert facts.longitude == pytest.approx(-2.295)
    assert facts.taken_at == datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1)))
    assert facts.origins["keywords"] == "xmp:dc:subject xmp:lr:hierarchicalSubject"


def test_iptc_exif_and_xmp_together(tmp_path: Path) -> None:
    records = {5: ["IPTC title"], 25: ["river", "élan"], 80: ["Cy"], 120: ["caption"], 90: ["Roma"]}
    facts = facts_of(media_files.make_jpeg(tmp_path / "a.jpg", exif=EXIF, xmp=XMP, iptc=records))
    assert (facts.title, facts.description, facts.artist, facts.rating) == ("Bridge", "caption", "Ada, Bo", 5)
    assert facts.keywords == ("iron", "river", "Places|Italy", "élan")
    assert facts.extra["city"] == "Roma"
    assert facts.taken_at is not None
    assert facts.taken_at.year == 2021  # EXIF's own clock before XMP's copy
    alone = facts_of(media_files.make_jpeg(tmp_path / "b.jpg", iptc=records))
    assert (alone.title, alone.artist) == ("IPTC title", "Cy")


def test_png_words(tmp_path: Path) -> None:
    text = {"Title": "T", "Description": "D", "Author": "A", "Creation Time": "2021-07-04T12:00:00"}
    facts = facts_of(media_files.make_png(tmp_path / "a.png", text=text))
    assert (facts.title, facts.description, facts.artist) == ("T", "D", "A")
    assert facts.taken_at == datetime(2021, 7, 4, 12)


@pytest.mark.parametrize("suffix", ["jpg", "png", "gif"])
def test_what_stands_before_broken_pixels_is_still_read(suffix: str, tmp_path: Path) -> None:
    path = media_files.make_image(tmp_path / f"a.{suffix}", exif=EXIF, size=(64, 64))
    data = path.read_bytes()
    cut = {"jpg": data.find(b"\xff\xdb"), "png": data.find(b"IDAT") + 6, "gif": 20}[suffix]
    path.write_bytes(data[:cut])
    facts = facts_of(path)
    if suffix == "gif":
        assert facts.width == 64
    else:
        assert (facts.camera_model, facts.orientation) == ("EOS R5", 6)


def test_the_items_of_a_heif_are_found_without_libheif(tmp_path: Path) -> None:
    path = media_files.make_image(tmp_path / "a.heic", size=(64, 128), exif=EXIF, xmp=XMP)
    head = path.read_bytes()
    with path.open("rb") as file:
        items = heif.read_items(file)
    assert items.size == (64, 128)
    assert parse_exif(items.exif).tags[0x0110] == b"EOS R5\0"
    assert xmp.properties(items.xmp)["dc:title"] == ["Bridge", "Brücke"]
    draft = salvage.read(str(path), "heic", head[:4096], Kind.IMAGE)
    assert (draft.values["width"], draft.values["camera_model"], draft.values["title"]) == (64, "EOS R5", "Bridge")


def test_a_gif_has_comment_and_xmp_and_no_frame_is_made(tmp_path: Path) -> None:
    path = media_files.make_image(tmp_path / "a.gif", comment=b"by hand")
    data = path.read_bytes()
    packed = b"!\xff\x0bXMP DataXMP" + XMP.encode() + b"\1" + bytes(range(255, -1, -1)) + b"\0"
    colours = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    path.write_bytes(data[:6] + b"\xff\xff\xff\xff" + data[10:colours] + packed + data[colours:])
    facts = facts_of(path)
    assert (facts.width, facts.height, facts.extra["comment"]) == (65_535, 65_535, "by hand")
    assert (facts.title, facts.rating) == ("Bridge", 5)
    path.write_bytes(data[:8])
    with pytest.raises(ExtractError, match="ends within its header"):
        facts_of(path)


def test_xmp_with_entities_is_not_expanded(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + XMP.encode()
    assert xmp.properties(bomb) == {}
    assert xmp.properties(b"<broken") == {}
    assert xmp.properties(XMP.encode())["dc:title"] == ["Bridge", "Brücke"]


def test_iptc_that_ends_early() -> None:
    block = b"\x1c\x02\x19\x00\x05river\x1c\x02\x19\x00\x05ro"
    assert iptc.records(block) == {25: ["river", "ro"]}
    assert iptc.from_photoshop(b"8BIM\x04\x04\x00\x00\xff") == b""


def test_exif_directories_that_point_at_each_other_end() -> None:
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    loop = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + entry + struct.pack("<I", 8)
    assert parse_exif(loop).tags == {0x8769: 8}


def tiff(entries: list[tuple[int, int, int, int]], header: bytes = b"II*\0") -> bytes:
    """A little-endian TIFF of one directory: (tag, type, count, value)."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return header + struct.pack("<I", 8) + struct.pack("<H", len(entries)) + body + bytes(4)


RAW_TAGS = [(0x0100, 4, 1, 6000), (0x0101, 4, 1, 4000), (0x010F, 2, 4, int.from_bytes(b"Sny\0", "little")), (0x0112, 3, 1, 8)]
RAWS = [
    ("arw", b"II*\0", RAW_TAGS, "arw", (6000, 4000)), ("nef", b"II*\0", RAW_TAGS, "nef", (6000, 4000)),
    ("pef", b"II*\0", RAW_TAGS, "pef", (6000, 4000)), ("srw", b"II*\0", RAW_TAGS, "srw", (6000, 4000)),
    ("cr2", b"II*\0", RAW_TAGS, "cr2", (6000, 4000)), ("orf", b"IIRO", RAW_TAGS, "orf", (6000, 4000)),
    ("tif", b"II*\0", [(0xC612, 1, 4, 0x0401), *RAW_TAGS], "dng", (6000, 4000)),
    ("rw2", b"IIU\0", [(4, 4, 1, 10), (5, 4, 1, 20), (6, 4, 1, 3010), (7, 4, 1, 4020), *RAW_TAGS[2:]], "rw2", (4000, 3000)),
]  # fmt: skip


@pytest.mark.parametrize(("suffix", "header", "entries", "name", "size"), RAWS)
def test_raw_files_of_cameras(
    suffix: str, header: bytes, entries: list[tuple[int, int, int, int]], name: str, size: tuple[int, int], tmp_path: Path
) -> None:
    (tmp_path / f"a.{suffix}").write_bytes(tiff(entries, header))
    facts = facts_of(tmp_path / f"a.{suffix}")
    assert (facts.format, facts.width, facts.height) == (name, *size)
    assert (facts.camera_make, facts.orientation, facts.kind) == ("Sny", 8, None)


def test_the_speed_of_a_panasonic_stands_in_its_raw_file(tmp_path: Path) -> None:
    (tmp_path / "a.rw2").write_bytes(tiff([(0x17, 3, 1, 80), *RAW_TAGS], b"IIU\0"))
    (tmp_path / "a.tif").write_bytes(tiff([(0x17, 3, 1, 80), *RAW_TAGS]))
    assert [facts_of(tmp_path / name).iso for name in ("a.rw2", "a.tif")] == [80, None]


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


def test_cr3_keeps_its_exif_in_boxes(tmp_path: Path) -> None:
    uuid = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    moov = box(b"moov", box(b"uuid", uuid + box(b"CMT1", tiff(RAW_TAGS)) + box(b"CMT2", tiff([(0x8827, 3, 1, 800)]))))
    rating = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + packet("", "xmp:Rating='3'").encode())
    (tmp_path / "a.cr3").write_bytes(box(b"ftyp", b"crx \0\0\0\1crx isom") + moov + rating)
    facts = facts_of(tmp_path / "a.cr3")
    assert (facts.format, facts.width, facts.height, facts.iso, facts.rating) == ("cr3", 6000, 4000, 800, 3)


def test_raf_keeps_its_exif_in_a_jpeg(tmp_path: Path) -> None:
    jpeg = media_files.make_jpeg(tmp_path / "in.jpg", exif={"Model": "X-T4"}).read_bytes()
    directory = struct.pack(">I", 1) + struct.pack(">HHHH", 0x0111, 4, 3000, 4500)
    head = b"FUJIFILMCCD-RAW ".ljust(84, b"0") + struct.pack(">4I", 200, len(jpeg), 200 + len(jpeg), len(directory))
    (tmp_path / "a.raf").write_bytes(head.ljust(200, b"\0") + jpeg + directory)
    facts = facts_of(tmp_path / "a.raf")
    assert (facts.format, facts.width, facts.height, facts.camera_model) == ("raf", 4500, 3000, "X-T4")


@pytest.mark.parametrize(("size", "orientation"), [((48, 32), 1), ((300, 200), 6)])
def test_jpeg_xl_bare_and_in_boxes(size: tuple[int, int], orientation: int, tmp_path: Path) -> None:
    bare = media_files.make_jxl(tmp_path / "a.jxl", size=size, orientation=orientation)
    boxed = tmp_path / "b.jxl"
    exif = bytes(4) + media_files.exif_bytes({"Model": "EOS R5"})[6:]
    boxed.write_bytes(
        box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl \0\0\0\0jxl ") + box(b"Exif", exif) + box(b"jxlc", bare.read_bytes())
    )
    for path in (bare, boxed):
        facts = facts_of(path)
        assert (facts.format, facts.width, facts.height, facts.orientation) == ("jxl", *size, orientation)
    assert facts_of(boxed).camera_model == "EOS R5"
