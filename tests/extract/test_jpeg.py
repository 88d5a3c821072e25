"""JPEG: its segments, whole, unusual and broken."""

from __future__ import annotations

from pathlib import Path

import pytest

import media_files
from mediaforge.errors import ExtractError
from mediaforge.extract import jpeg
from mediaforge.model import Facts, Kind
from reading import facts_of

SOF = b"\xff\xc0\0\x0b\x08\0\x20\0\x30\x01\1\x11\0"  # 48 × 32, 8 bits, one component
SCAN = b"\xff\xda\0\x08\1\1\0\0\x3f\0" + b"\x12\x34" * 20 + b"\xff\xd9"


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(data) + 2).to_bytes(2, "big") + data


def exif(*, model: bytes, padding: int = 0) -> bytes:
    """EXIF that says which camera it was, `padding` bytes after its directory."""
    entry = b"\x01\x10\0\x02" + (len(model) + 1).to_bytes(4, "big") + (26 + padding).to_bytes(4, "big")
    return b"MM\0*\0\0\0\x08\0\x01" + entry + bytes(4 + padding) + model + b"\0"


def picture(tmp_path: Path, *segments: bytes, end: bytes = SOF + SCAN) -> Facts:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8" + b"".join(segments) + end)
    return facts_of(path)


def test_size_depth_and_comment(tmp_path: Path) -> None:
    facts = picture(tmp_path, segment(0xFE, b"caf\xe9"))
    assert (facts.reader, facts.format, facts.width, facts.height, facts.bit_depth) == ("jpeg", "jpeg", 48, 32, 8)
    assert facts.extra["comment"] == "café"
    deep = picture(tmp_path, end=SOF.replace(b"\x0b\x08", b"\x0b\x0c") + SCAN)
    assert deep.bit_depth == 12


@pytest.mark.parametrize(
    "between",
    [b"\xff\xff\xff", b"\0\0junk", b"\xff\x01", b"\xff\xd0\xff\x00", segment(0xC4, b"\xff\xc0\0\x0b\x08\1\1\1\1")],
    ids=["fill bytes", "what is no marker", "a marker alone", "more of them", "a frame within a table"],
)
def test_what_stands_between_segments_is_passed(between: bytes, tmp_path: Path) -> None:
    facts = picture(tmp_path, segment(0xE0, b"JFIF\0"), between, segment(0xE1, b"Exif\0\0" + exif(model=b"X-T4")))
    assert (facts.width, facts.height, facts.camera_model) == (48, 32, "X-T4")


def test_exif_goes_on_in_further_segments(tmp_path: Path) -> None:
    block = exif(model=b"ILCE-7M4", padding=60_000)
    parts = (block[:50_000], block[50_000:])
    facts = picture(tmp_path, *(segment(0xE1, b"Exif\0\0" + part) for part in parts))
    assert facts.camera_model == "ILCE-7M4"


def test_metadata_after_more_than_the_first_bytes(tmp_path: Path) -> None:
    profile = [segment(0xE2, b"ICC_PROFILE\0" + bytes(60_000)) for _ in range(30)]
    facts = picture(tmp_path, *profile, segment(0xE1, b"Exif\0\0" + exif(model=b"D850")))
    assert (facts.width, facts.camera_model) == (48, "D850")


def test_a_picture_of_several_frames_states_the_last(tmp_path: Path) -> None:
    assert picture(tmp_path, SOF.replace(b"\0\x20\0\x30", b"\0\x10\0\x18")).width == 48


@pytest.mark.parametrize("end", [b"\xff", b"\xff\xc0", b"\xff\xc0\0\x0b\x08", SOF[:6], b"\xff\xc0\0\1" + SOF[4:], SCAN + SOF])
def test_what_ends_before_its_size_is_no_picture(end: bytes, tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="cannot be read as a JPEG file: ends before its size"):
        picture(tmp_path, end=end)


def test_what_is_left_of_a_segment_is_read(tmp_path: Path) -> None:
    block = segment(0xE1, b"Exif\0\0" + exif(model=b"Pixel 6") + bytes(500))
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8" + SOF + block[:-400])
    found = jpeg.find(str(path), path.read_bytes())
    assert found.size == (48, 32)
    draft = jpeg.read(str(path), "jpg", path.read_bytes()[:30], Kind.IMAGE)
    assert draft.values["camera_model"] == "Pixel 6"


def test_a_real_one_is_read_alike_whatever_was_read_of_it_before(tmp_path: Path) -> None:
    path = media_files.make_jpeg(tmp_path / "a.jpg", exif={"Model": "EOS R5"}, iptc={5: ["Bridge"]})
    whole = path.read_bytes()
    for size in (4, 30, 1000, len(whole)):
        draft = jpeg.read(str(path), "jpg", whole[:size], Kind.IMAGE)
        assert (draft.values["camera_model"], draft.values["title"]) == ("EOS R5", "Bridge")
