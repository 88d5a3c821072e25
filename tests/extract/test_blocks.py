"""Blocks of metadata where programs put them though no library looks there: in boxes, chunks, pieces and other codes."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import media_files
from mediaforge.errors import ExtractError
from mediaforge.extract import xmp
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import Exif, parse_exif
from mediaforge.extract.metadata import apply_metadata
from mediaforge.model import Facts, Kind
from reading import facts_of

PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:Rating="4">'
    "<dc:title><rdf:Alt><rdf:li>Brücke</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>"
)
TIFF = b"II*\0\x08\0\0\0" + struct.pack("<HHHI4s", 1, 0x010F, 2, 4, b"Sny\0") + bytes(4)
BY_LINE, CAPTION = b"\x1c\x02\x50\0\3Ana", b"\x1c\x02\x78\0\4Dusk"


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


def resource(content: bytes, signature: bytes = b"8BIM", number: int = 0x0404) -> bytes:
    return signature + struct.pack(">HHI", number, 0, len(content)) + content + bytes(len(content) % 2)


JP2 = b"\0\0\0\x0cjP  \r\n\x87\n" + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
HEADER = box(b"jp2h", box(b"ihdr", struct.pack(">IIHBBBB", 480, 640, 3, 11, 7, 0, 0)))
STREAM = b"\xff\x4f\xff\x51" + struct.pack(">HH4I", 47, 0, 650, 490, 10, 10) + bytes(16) + b"\0\3\x07\1\1"


def written(tmp_path: Path, name: str, data: bytes) -> Facts:
    (tmp_path / name).write_bytes(data)
    return facts_of(tmp_path / name)


@pytest.mark.parametrize(
    "block",
    [
        box(b"uuid", b"JpgTiffExif->JP2" + TIFF),
        box(b"uuid", bytes.fromhex("0537cdab9d0c4431a72afa561f2a113e") + TIFF),
    ],
)
def test_exif_of_a_jpeg_2000(block: bytes, tmp_path: Path) -> None:
    facts = written(tmp_path, "a.jp2", JP2 + HEADER + block + box(b"jp2c", STREAM))
    assert (facts.width, facts.height, facts.bit_depth, facts.camera_make) == (640, 480, 12, "Sny")


@pytest.mark.parametrize(
    ("block", "field", "value"),
    [
        (box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + PACKET.encode()), "title", "Brücke"),
        (box(b"xml ", PACKET.encode()), "rating", 4),
        (box(b"xml ", b"<other/>"), "rating", None),
        (box(b"uuid", bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38") + BY_LINE), "artist", "Ana"),
        (box(b"uuid", bytes.fromhex("2c4c0100850440b9a03e562148d6dfeb") + resource(BY_LINE)), "artist", "Ana"),
    ],
)
def test_words_of_a_jpeg_2000(block: bytes, field: str, value: object, tmp_path: Path) -> None:
    facts = written(tmp_path, "a.jp2", JP2 + HEADER + box(b"jp2c", STREAM) + block)
    assert getattr(facts, field) == value


@pytest.mark.parametrize("data", [STREAM, JP2 + box(b"jp2c", STREAM)], ids=["bare", "without a header box"])
def test_a_codestream_states_its_size(data: bytes, tmp_path: Path) -> None:
    facts = written(tmp_path, "a.jp2", data)
    assert (facts.width, facts.height, facts.bit_depth) == (640, 480, 8)


def test_a_jpeg_2000_that_ends_before_its_size_is_none(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="ends before its size"):
        written(tmp_path, "a.jp2", JP2)


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("exif", [None, {"Model": "X-T4"}])
def test_webp_in_each_of_its_ways(lossless: bool, exif: dict[str, str] | None, tmp_path: Path) -> None:
    path = media_files.make_image(
        tmp_path / "a.webp", size=(70, 40), exif=exif, xmp=PACKET if exif else None, lossless=lossless
    )
    facts = facts_of(path)
    assert (facts.reader, facts.width, facts.height) == ("webp", 70, 40)
    assert (facts.camera_model, facts.title) == (("X-T4", "Brücke") if exif else (None, None))
    path.write_bytes(path.read_bytes()[:60])
    assert (facts_of(path).width, facts_of(path).height) == (70, 40)


def test_webp_that_ends_before_its_size_is_none(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="ends before its size"):
        written(tmp_path, "a.webp", b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0")


def test_xmp_after_the_pictures_of_a_gif(tmp_path: Path) -> None:
    data = media_files.make_image(tmp_path / "a.gif").read_bytes()
    packed = b"!\xff\x0bXMP DataXMP" + PACKET.encode() + b"\1" + bytes(range(255, -1, -1)) + b"\0"
    assert written(tmp_path, "b.gif", data[:-1] + packed + data[-1:]).title == "Brücke"


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", ["", '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'])
def test_a_packet_in_every_code(code: str, before: str) -> None:
    assert xmp.properties((before + PACKET).encode(code))["dc:title"] == ["Brücke"]


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(data) + 2).to_bytes(2, "big") + data


PHOTOSHOP = b"Photoshop 3.0\0"


@pytest.mark.parametrize(
    "pieces",
    [
        [resource(BY_LINE + CAPTION)],
        [resource(bytes(9), b"MeSa", 7) + resource(BY_LINE + CAPTION)],
        [resource(BY_LINE), resource(CAPTION)],
        [resource(BY_LINE) + resource(bytes(3), number=0x03ED) + resource(CAPTION)],
        [resource(BY_LINE + CAPTION)[:9], resource(BY_LINE + CAPTION)[9:]],
    ],
    ids=["one", "after another program's", "two segments", "two resources", "one over two segments"],
)
def test_iptc_in_pieces(pieces: list[bytes], tmp_path: Path) -> None:
    whole = media_files.make_jpeg(tmp_path / "a.jpg").read_bytes()
    facts = written(tmp_path, "b.jpg", whole[:2] + b"".join(segment(0xED, PHOTOSHOP + p) for p in pieces) + whole[2:])
    assert (facts.artist, facts.description) == ("Ana", "Dusk")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("swapped", [True, False])
def test_iptc_that_a_tiff_keeps_as_numbers(order: str, swapped: bool) -> None:
    data = BY_LINE + CAPTION
    data += bytes(-len(data) % 4)
    mark, other = (b"II*\0", ">") if order == "<" else (b"MM\0*", "<")
    block = struct.pack(f"{other if swapped else '<'}{len(data) // 4}I", *struct.unpack(f"<{len(data) // 4}I", data))
    tiff = mark + struct.pack(f"{order}IHHHIII", 8, 1, 0x83BB, 4, len(data) // 4, 26, 0) + block
    draft = Draft("tiff", Kind.IMAGE)
    apply_metadata(draft, parse_exif(tiff), b"")
    assert (draft.values.get("artist"), draft.values.get("description")) == ("Ana", "Dusk")


def test_iptc_that_a_tiff_keeps_as_bytes() -> None:
    draft = Draft("tiff", Kind.IMAGE)
    apply_metadata(draft, Exif(tags={0x83BB: tuple(BY_LINE)}), b"")
    assert draft.values["artist"] == "Ana"


@pytest.mark.parametrize(("first", "size"), [(0, (60, 40)), (1, (90, 50))], ids=["a page", "a thumbnail"])
def test_the_first_page_of_a_tiff_that_is_no_thumbnail_tells_its_size(
    first: int, size: tuple[int, int], tmp_path: Path
) -> None:
    def page(kind: int, width: int, height: int, following: int) -> bytes:
        entries = ((0x00FE, kind), (0x0100, width), (0x0101, height))
        return (
            struct.pack("<H", 3)
            + b"".join(struct.pack("<HHII", tag, 4, 1, v) for tag, v in entries)
            + struct.pack("<I", following)
        )

    pages = page(first, 60, 40, 8 + 42) + page(0, 90, 50, 0)
    facts = written(tmp_path, "a.tif", b"II*\0\x08\0\0\0" + pages)
    assert (facts.width, facts.height) == size
