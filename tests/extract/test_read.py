"""One look at one file: stamp, fingerprint, the right reader, and the right complaint."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

import media_files
from mediaforge.errors import ExtractError
from mediaforge.extract import _attempts, extract
from mediaforge.extract.work import fingerprint, read
from mediaforge.model import SUFFIXES, Kind, TakenSource
from mediaforge.scanned import Reading
from reading import facts_of

# Suffix: reader, format, video codec, audio codec.
MADE = {
    "mp4": ("pyav", "mp4", "h264", "aac"), "m4v": ("pyav", "mp4", "h264", "aac"), "mov": ("pyav", "mov", "h264", "aac"),
    "mkv": ("pyav", "matroska", "h264", "aac"), "webm": ("pyav", "webm", "vp8", "opus"), "avi": ("pyav", "avi", "mpeg4", "mp2"),
    "divx": ("pyav", "avi", "mpeg4", "mp2"), "wmv": ("pyav", "asf", "wmv2", "wmav2"), "asf": ("pyav", "asf", "wmv2", "wmav2"),
    "flv": ("pyav", "flv", "flv1", "mp3"), "f4v": ("pyav", "mp4", "h264", "aac"), "ts": ("pyav", "mpegts", "mpeg2video", "mp2"),
    "m2ts": ("pyav", "mpegts", "mpeg2video", "mp2"), "mts": ("pyav", "mpegts", "mpeg2video", "mp2"),
    "mpg": ("pyav", "mpeg", "mpeg2video", "mp2"), "mpeg": ("pyav", "mpeg", "mpeg2video", "mp2"),
    "vob": ("pyav", "mpeg", "mpeg2video", "mp2"), "3gp": ("pyav", "3gp", "h264", "aac"), "ogv": ("pyav", "ogg", "vp8", "opus"),
    "mxf": ("pyav", "mxf", "mpeg2video", None), "mp3": ("mutagen", "mp3", None, "mp3"),
    "flac": ("mutagen", "flac", None, "flac"), "m4a": ("pyav", "mp4", None, "aac"), "m4b": ("pyav", "mp4", None, "aac"),
    "aac": ("pyav", "aac", None, "aac"), "ogg": ("mutagen", "ogg", None, "vorbis"), "oga": ("mutagen", "ogg", None, "flac"),
    "opus": ("mutagen", "ogg", None, "opus"), "wav": ("pyav", "wav", None, "pcm_s16le"),
    "aiff": ("pyav", "aiff", None, "pcm_s16be"), "aif": ("pyav", "aiff", None, "pcm_s16be"),
    "wv": ("mutagen", "wv", None, "wavpack"), "tta": ("pyav", "tta", None, "tta"), "wma": ("mutagen", "asf", None, "wmav2"),
    "mka": ("pyav", "matroska", None, "opus"), "ac3": ("pyav", "ac3", None, "ac3"), "au": ("pyav", "au", None, "pcm_s16be"),
    "amr": ("pyav", "amr", None, "amr_nb"), "mp2": ("mutagen", "mp3", None, "mp2"),
    "dsf": ("pyav", "dsf", None, "dsd_lsbf_planar"), "jpg": ("jpeg", "jpeg", None, None),
    "png": ("pillow", "png", None, None), "gif": ("gif", "gif", None, None), "webp": ("webp", "webp", None, None),
    "tif": ("tiff", "tiff", None, None), "bmp": ("pillow", "bmp", None, None), "heic": ("pillow", "heif", None, None),
    "avif": ("pillow", "avif", None, None), "jp2": ("jp2", "jp2", None, None), "ico": ("icon", "ico", None, None),
    "tga": ("pillow", "tga", None, None), "jxl": ("jxl", "jxl", None, None),
}  # fmt: skip


# An ICO is scaled by Pillow; HEVC codes in squares of 64, from which a reader crops what is shown.
SIZES = {"ico": (32, 21), "heic": (64, 64)}


@pytest.mark.parametrize(("suffix", "expected"), MADE.items())
def test_every_format_that_can_be_made_is_read(suffix: str, expected: tuple[str, ...], tmp_path: Path) -> None:
    facts = facts_of(media_files.make_media(tmp_path / f"made.{suffix}", seed=5))
    assert (facts.reader, facts.format, facts.video_codec, facts.audio_codec) == expected
    if SUFFIXES[suffix] is Kind.VIDEO:
        assert (facts.width, facts.height) == (64, 48)
        assert facts.duration == pytest.approx(0.3, abs=0.1)
    elif SUFFIXES[suffix] is Kind.AUDIO:
        assert facts.channels == (1 if suffix == "amr" else 2)
        assert facts.duration == pytest.approx(0.3, abs=0.15)
    else:
        assert (facts.width, facts.height) == SIZES.get(suffix, (48, 32))
        assert facts.duration is None
    assert facts.kind is None
    assert facts.taken_source is TakenSource.MTIME
    assert facts.taken_at is not None
    assert facts.taken_at.tzinfo is not None
    assert pickle.loads(pickle.dumps(facts)) == facts
    assert {"format", "taken_at"} <= facts.origins.keys()


@pytest.mark.parametrize("size", [100_000, 128 * 1024, 128 * 1024 + 1, 300_000])
def test_a_reading_has_stamp_inode_and_fingerprint(size: int, tmp_path: Path) -> None:
    path = media_files.make_mp4(tmp_path / "a.mp4")
    data = path.read_bytes() + bytes(number % 251 for number in range(size))
    path.write_bytes(data[:size])
    status, data = path.stat(), path.read_bytes()
    ends = data if size <= 128 * 1024 else data[:65536] + data[-65536:]
    expected = sha256(size.to_bytes(8, "little") + ends).hexdigest()[:32]
    reading = read((os.fsencode(path), "mp4"))
    alone = fingerprint((os.fsencode(path), "mp4"))
    assert isinstance(reading, Reading)
    for seen in (reading, alone):
        assert (seen.stamp.size, seen.stamp.mtime_ns, seen.inode) == (status.st_size, status.st_mtime_ns, status.st_ino)
        assert seen.fingerprint == expected


def test_the_fingerprint_sees_both_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    seen = set()
    for data in (bytes(200_000), b"x" + bytes(199_999), bytes(199_999) + b"x", bytes(200_001)):
        path.write_bytes(data)
        seen.add(fingerprint((os.fsencode(path), "mp4")).fingerprint)
    assert len(seen) == 4


def test_the_fingerprint_of_a_small_file_sees_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    seen = set()
    for data in (b"", bytes(1), bytes(131_072), bytes(65_536) + b"x" + bytes(65_535), bytes(65_535) + b"x" + bytes(65_536)):
        path.write_bytes(data)
        seen.add(fingerprint((os.fsencode(path), "mp4")).fingerprint)
    assert len(seen) == 5


MISNAMED = [("made.png", "photo.mp4", Kind.IMAGE, "png"), ("made.mp4", "film.jpg", Kind.VIDEO, "mp4"),
            ("made.mp3", "song.jpg", Kind.AUDIO, "mp3"), ("made.flac", "song.mkv", Kind.AUDIO, "flac"),
            ("made.m4a", "song.jpg", Kind.AUDIO, "mp4"), ("made.jpg", "photo.png", None, "jpeg"),
            ("made.mkv", "film.mp4", None, "matroska"), ("made.m4a", "film.mp4", None, "mp4"),
            ("made.ogv", "song.ogg", None, "ogg")]  # fmt: skip


@pytest.mark.parametrize(("made", "name", "kind", "container"), MISNAMED)
def test_content_settles_what_a_misnamed_file_is(
    made: str, name: str, kind: Kind | None, container: str, tmp_path: Path
) -> None:
    facts = facts_of(media_files.make_media(tmp_path / made).rename(tmp_path / name))
    assert (facts.kind, facts.format) == (kind, container)


BROKEN = [
    ("a.mp4", b"", "is empty"),
    ("a.jpg", b"", "is empty"),
    ("a.mp4", bytes(5000), "holds nothing but zeros"),
    ("a.ts", b"hello, world\n" * 99, "is text, not an MPEG transport stream file"),
    ("a.mp3", "grüße\n".encode() * 99, "is text, not an MP3 file"),
    ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF", "cannot be read as a JPEG file: "),
    ("a.mp4", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2\0\0\0\x08free\0\0\0\x10mdat12345678", "moov atom not found"),
    ("a.mp4", b"\x93\x01" * 3000, "cannot be read as an MP4 file: "),
    ("a.png", b"\x89PNG\r\n\x1a\n" + b"\1" * 50, "cannot be read as a PNG file: "),
    ("a.jxl", b"\xff\x0a", "cannot be read as a JXL file: ends within its header"),
    ("a.mp4", b"ffconcat version 1.0\nfile other.mp4\n", "is text, not an MP4 file"),
]


@pytest.mark.parametrize(("name", "data", "message"), BROKEN)
def test_a_broken_file_is_told_in_one_sentence_without_its_path(
    name: str, data: bytes, message: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    media_files.make_mp4(tmp_path / "other.mp4")
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ExtractError, match=message) as told:
        facts_of(path)
    assert str(tmp_path) not in str(told.value)
    assert "\n" not in str(told.value)
    assert capfd.readouterr() == ("", "")


def test_a_playlist_in_binary_disguise_states_no_other_files_facts(tmp_path: Path) -> None:
    media_files.make_mp4(tmp_path / "other.mp4")
    path = tmp_path / "list.mp4"
    path.write_bytes(b"ffconcat version 1.0\nfile other.mp4\n#\x01\x02\xff\xfe")
    with pytest.raises(ExtractError):
        facts_of(path)


def test_what_is_not_a_regular_file_is_refused_without_opening_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "folder.mp4").mkdir()
    for name in ("pipe.mp4", "folder.mp4"):
        with pytest.raises(ExtractError, match="is not a regular file"):
            facts_of(tmp_path / name)


def test_a_file_that_is_not_there_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        facts_of(tmp_path / "gone.mp4")
    with pytest.raises(FileNotFoundError):
        extract(str(tmp_path / "gone.mp4"), "mp4", head=b"\0\0\0\x18ftypisom", mtime_ns=0)


@pytest.mark.parametrize("suffix", ["mp4", "mp3", "jpg", "heic", "tif", "wav", "jxl"])
def test_a_name_that_is_not_utf8_is_a_name_like_any_other(suffix: str, tmp_path: Path) -> None:
    made = media_files.make_media(tmp_path / f"a.{suffix}")
    odd = os.fsencode(tmp_path) + b"/caf\xe9 a:b." + suffix.encode()
    os.rename(made, odd)
    found = read((odd, suffix))
    assert isinstance(found, Reading)
    assert found.facts.format


@pytest.mark.parametrize(
    ("suffix", "absent"),
    [
        ("jpg", {"av", "mutagen", "PIL"}),
        ("webp", {"av", "mutagen", "PIL.JpegImagePlugin", "PIL.TgaImagePlugin", "pillow_heif"}),
        ("mp3", {"av", "PIL", "mutagen.mp4", "mutagen.musepack"}),
        ("flac", {"av", "PIL", "mutagen.mp3"}),
        ("mp4", {"PIL", "mutagen"}),
    ],
)
def test_a_worker_loads_only_the_library_that_it_needs(suffix: str, absent: set[str], tmp_path: Path) -> None:
    path = media_files.make_media(tmp_path / f"a.{suffix}")
    program = (
        "import sys; from mediaforge.extract.work import read;"
        "print(*(m for m in ('av', 'PIL', 'mutagen', 'guessit') if m in sys.modules));"
        f"read(({os.fsencode(path)!r}, {suffix!r})); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    before, after = done.stdout.split("\n")[:2]
    assert before == ""
    assert absent.isdisjoint(after.split())


@pytest.mark.parametrize(
    ("suffix", "head", "readers"),
    [
        # libmediainfo loops for ever over some broken files of boxes: by name or by content, they never reach it.
        ("mp4", b"", "video ffprobe"),
        ("mkv", b"\0\0\0\x18ftypisom", "video ffprobe"),
        ("heic", b"", "image salvage ffprobe"),
        ("mkv", b"\x1a\x45\xdf\xa3", "video mediainfo ffprobe"),
        ("mp3", b"ID3", "audio video mediainfo ffprobe"),
        ("wav", b"RIFF0000WAVE", "video mediainfo ffprobe"),
        ("mp4", b"\xff\xd8\xff", "jpeg salvage ffprobe video"),
        ("jpg", b"\x1a\x45\xdf\xa3", "video mediainfo ffprobe image salvage"),
    ],
)
def test_the_order_of_readers(suffix: str, head: bytes, readers: str) -> None:
    assert " ".join(reader for reader, _ in _attempts(suffix, head)) == readers


@pytest.mark.parametrize(("kind", "imported"), [("video", "av"), ("audio", "mutagen"), ("image", "PIL.Image")])
def test_what_reads_a_kind_is_imported_before_its_first_file(kind: str, imported: str) -> None:
    script = f"import sys; from mediaforge.extract import work; before = {imported!r} in sys.modules; work.prepare([{kind!r}])"
    told = f"print(before, {imported!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", f"{script}; {told}"], capture_output=True, text=True, check=True)
    assert done.stdout == "False True\n"
