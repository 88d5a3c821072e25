"""What a file says of the moment that it shares with others, or holds itself: Apple's identifiers, Motion Photos."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

from media_files import make_image, make_jpeg, make_mp4
from mediaforge.extract import extract
from mediaforge.model import Facts

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "media"


def apple_note(values: Mapping[int, bytes]) -> bytes:
    """Return Apple's maker note with these texts by tag."""
    head = b"Apple iOS\0\0\x01MM" + struct.pack(">H", len(values))
    behind = len(head) + 12 * len(values) + 4
    entries = texts = b""
    for tag, value in values.items():
        entries += struct.pack(">HHII", tag, 2, len(value) + 1, behind + len(texts))
        texts += value + b"\0"
    return head + entries + bytes(4) + texts


def make_apple(path: Path, note: bytes, *, make: str = "Apple") -> Path:
    exif = Image.Exif()
    exif[0x010F] = make
    exif.get_ifd(0x8769)[0x927C] = note
    Image.new("RGB", (48, 32)).save(path, exif=exif.tobytes())
    return path


def facts_of(path: Path) -> Facts:
    return extract(str(path), path.suffix[1:].lower())


def test_apples_identifiers_of_a_picture(tmp_path: Path) -> None:
    facts = facts_of(make_apple(tmp_path / "a.jpg", apple_note({0x0011: b"LIVE-1", 0x000B: b"BURST-2"})))
    assert (facts.live_id, facts.burst_id) == ("LIVE-1", "BURST-2")
    assert facts.origins["live_id"] == "exif:MakerNote.apple"


@pytest.mark.parametrize(
    ("note", "make"),
    [
        (apple_note({0x0001: b"x"}), "Apple"),
        (apple_note({0x0011: b"LIVE-1"}), "Canon"),
        (b"Apple iOS", "Apple"),
        (b"Apple iOS\0\0\x01MM\xff\xff", "Apple"),
        (b"Apple iOS\0\0\x01MM\0\x01\0\x11\0\x02\xff\xff\xff\xff\0\0\0\0", "Apple"),
    ],
)
def test_no_identifier_where_there_is_none(tmp_path: Path, note: bytes, make: str) -> None:
    facts = facts_of(make_apple(tmp_path / "a.jpg", note, make=make))
    assert (facts.live_id, facts.burst_id) == (None, None)


def test_apples_identifier_of_a_video(tmp_path: Path) -> None:
    tags = {"com.apple.quicktime.content.identifier": "LIVE-1"}
    facts = facts_of(make_mp4(tmp_path / "a.mov", seconds=0.3, tags=tags))
    assert facts.live_id == "LIVE-1"


XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
    ' rdf:about="" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" GCamera:{}="{}"/></rdf:RDF></x:xmpmeta>'
)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("MotionPhoto", "1", True), ("MicroVideo", "1", True), ("MotionPhoto", "0", None), ("MotionPhotoVersion", "1", None)],
)
def test_a_motion_photo_says_so_in_its_xmp(tmp_path: Path, name: str, value: str, expected: bool | None) -> None:
    facts = facts_of(make_jpeg(tmp_path / "a.jpg", xmp=XMP.format(name, value)))
    assert facts.motion is expected


def trailer(name: bytes) -> bytes:
    """Return what Samsung writes behind a JPEG: a block of this name, and the directory of it."""
    block = struct.pack("<HHI", 0, 0x0A30, len(name)) + name + b"\0\0\0\x18ftypmp42" + bytes(50)
    directory = b"SEFH" + struct.pack("<II", 107, 1) + struct.pack("<HHII", 0, 0x0A30, len(block), len(block))
    return block + directory + struct.pack("<I", len(directory)) + b"SEFT"


@pytest.mark.parametrize(
    ("behind", "make", "expected"),
    [
        (trailer(b"MotionPhoto_Data"), "samsung", True),
        (trailer(b"MotionPhoto_Data"), "Canon", None),
        (trailer(b"Image_UTC_Data__"), "samsung", None),
        (trailer(b"MotionPhoto_Data")[-24:], "samsung", None),
        (b"\xff\xff\xff\xffSEFT", "samsung", None),
        (b"\x0c\0\0\0SEFT", "samsung", None),
        (b"", "samsung", None),
    ],
)
def test_samsungs_older_motion_photos(tmp_path: Path, behind: bytes, make: str, expected: bool | None) -> None:
    path = make_jpeg(tmp_path / "a.jpg", exif={"Make": make})
    path.write_bytes(path.read_bytes() + behind)
    assert facts_of(path).motion is expected


def test_samsungs_heif_with_a_video(tmp_path: Path) -> None:
    path = make_image(tmp_path / "a.heic", exif={"Make": "samsung"})
    assert facts_of(path).motion is None
    path.write_bytes(path.read_bytes() + struct.pack(">I4s", 16, b"mpvd") + bytes(8))
    assert facts_of(path).motion is True


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("path", "motion", "live"),
    [
        ("nom-exif/testdata/motion_photo_pixel_synth.jpg", True, None),
        ("nom-exif/testdata/exif.avif", None, "242684F6-0839-44E0-8E39-A8FE43182C29"),  # both as exiftool has it
        ("elodie/elodie/tests/files/photo.heic", None, "76C3E45A-2CCC-498B-9C1A-29C3ADD99D39"),
    ],
)
def test_real_files(path: str, motion: bool | None, live: str | None) -> None:
    if not (CORPUS / path).exists():
        pytest.skip("the corpus is not here")
    facts = facts_of(CORPUS / path)
    assert (facts.motion, facts.live_id) == (motion, live)
