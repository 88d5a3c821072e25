"""For each format: cut short, empty, with a flipped bit, and under another's name; facts come out, or one clear sentence."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import media_files
from mediaforge.errors import ExtractError
from mediaforge.extract.work import read
from mediaforge.model import SUFFIXES, Facts
from reading import facts_of

FORMATS = sorted({*media_files.VIDEO_CODECS, *media_files.AUDIO_CODECS, *"jpg png gif webp tif bmp heic avif jp2 jxl".split()})


def outcome(path: Path) -> Facts | str:
    try:
        return facts_of(path)
    except ExtractError as error:
        return str(error)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    place = tmp_path_factory.mktemp("made")
    return {suffix: media_files.make_media(place / f"a.{suffix}", seed=3).read_bytes() for suffix in FORMATS}


def is_sentence(text: str) -> bool:
    return bool(text.strip()) and "\n" not in text and "/" not in text and not text.endswith(".") and "Traceback" not in text


@pytest.mark.parametrize("suffix", FORMATS)
def test_cut_short(suffix: str, made: dict[str, bytes], tmp_path: Path) -> None:
    data = made[suffix]
    for number, share in enumerate((0.02, 0.3, 0.9)):
        path = tmp_path / f"{number}.{suffix}"
        path.write_bytes(data[: max(4, int(len(data) * share))])
        found = outcome(path)
        assert found.format if isinstance(found, Facts) else is_sentence(found), found


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_empty(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(b"")
    assert outcome(path) == "is empty"


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
@pytest.mark.parametrize("noise", [bytes(5000), random.Random(7).randbytes(5000)], ids=["zeros", "random"])
def test_noise_is_nothing(suffix: str, noise: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(noise)
    found = outcome(path)
    assert isinstance(found, str), found
    assert is_sentence(found)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_flipped_bit(suffix: str, made: dict[str, bytes], tmp_path: Path) -> None:
    chance = random.Random(suffix)
    for number in range(4):
        data = bytearray(made[suffix])
        data[chance.randrange(min(len(data), 4096))] ^= 1 << chance.randrange(8)
        path = tmp_path / f"{number}.{suffix}"
        path.write_bytes(bytes(data))
        found = outcome(path)
        assert found.format if isinstance(found, Facts) else is_sentence(found), found


# What the content is: the names under which it is read all the same, since its first bytes tell.
@pytest.mark.parametrize(
    "suffix", ["mp4", "mkv", "avi", "wmv", "flv", "mp3", "flac", "ogg", "wav", "jpg", "png", "gif", "webp", "tif", "heic"]
)
@pytest.mark.parametrize("other", ["jpg", "mp4", "flac"])
def test_misnamed(suffix: str, other: str, made: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / f"a.{other}"
    path.write_bytes(made[suffix])
    found = outcome(path)
    if suffix == "mp3":  # nothing marks an MP3 without tags: only the readers of its own kind look for its frames
        assert isinstance(found, Facts) or is_sentence(found)
        return
    assert isinstance(found, Facts), found
    right = tmp_path / f"b.{suffix}"
    right.write_bytes(made[suffix])
    told = outcome(right)
    assert isinstance(told, Facts)
    assert (found.format, found.width, found.channels) == (told.format, told.width, told.channels)


def test_what_a_container_declares_is_read_where_no_frame_can_be(tmp_path: Path) -> None:
    # The tables of a transport stream say MPEG video and MPEG audio, of whose layer only a frame would tell.
    data = media_files.make_mp4(tmp_path / "a.ts", seconds=0.3).read_bytes()
    packets = [data[i : i + 188] for i in range(0, len(data), 188)]
    tables = [p for p in packets if int.from_bytes(p[1:3], "big") & 0x1FFF in (0, 0x1000)]
    (tmp_path / "b.ts").write_bytes(b"".join(tables[:2] * 3))
    facts = facts_of(tmp_path / "b.ts")
    assert (facts.format, facts.width, facts.video_codec) == ("mpegts", None, None)
    assert [s.codec for s in facts.streams] == ["mpeg2video", "mp3"]


def test_a_picture_that_ends_before_its_size_has_what_exif_states(tmp_path: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0100], exif[0x0101], exif[0x0110] = 3072, 4096, "Pixel 6"
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe1" + (len(exif.tobytes()) + 2).to_bytes(2, "big") + exif.tobytes())
    facts = facts_of(path)
    assert (facts.reader, facts.width, facts.height, facts.camera_model) == ("salvage", 3072, 4096, "Pixel 6")


def test_the_directory_of_a_broken_icon(tmp_path: Path) -> None:
    path = tmp_path / "a.ico"
    entries = b"".join(bytes([w, h, 0, 0]) + bytes(12) for w, h in ((16, 16), (0, 0), (48, 48)))
    path.write_bytes(b"\0\0\1\0\3\0" + entries + b"no picture")
    facts = facts_of(path)
    assert (facts.format, facts.width, facts.height) == ("ico", 256, 256)
    for data, message in (
        (b"\0\0\1\0\1\0", "ends within its directory"),
        (bytes([0, 0, 1, 0, 0, 0, *[9] * 20]), "has no picture"),
    ):
        path.write_bytes(data)
        assert message in str(outcome(path))


def test_the_largest_size_that_a_header_can_state(tmp_path: Path) -> None:
    path = media_files.make_image(tmp_path / "a.bmp")
    data = bytearray(path.read_bytes())
    data[18:22] = (3_000_000).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    assert facts_of(path).width == 3_000_000


def test_a_failure_has_the_fingerprint_by_which_it_is_known(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"\x93\x01" * 300)
    found = read((bytes(tmp_path / "a.mp4"), "mp4"))
    assert not hasattr(found, "facts")
    assert found.fingerprint
