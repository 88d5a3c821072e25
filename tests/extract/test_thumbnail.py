"""Thumbnails: upright, in sRGB, of what there is to see, and nothing of what would be too much to decode."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageCms, ImageDraw, ImageFilter

from media_files import add_cover, make_film, make_flac, make_image, make_jpeg, make_mp3, make_mp4
from mediaforge.errors import ExtractError
from mediaforge.extract.made import Made
from mediaforge.extract.thumbnail import draw
from mediaforge.extract.thumbnail_film import frames
from mediaforge.model import RAW_SUFFIXES

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (240, 240, 240)


def made(path: Path) -> Made:
    found = draw((os.fsencode(path), path.suffix[1:].lower()))
    assert isinstance(found, Made)
    return found


def pictures(path: Path) -> list[Image.Image]:
    return [Image.open(io.BytesIO(data)) for _size, data in made(path).pictures]


def corners(picture: Image.Image) -> list[str]:
    """Return the colours in the corners: top left, top right, bottom left, bottom right."""
    width, height = picture.size
    places = [(width // 8, height // 8), (width * 7 // 8, height // 8)]
    places += [(x, height * 7 // 8) for x, _y in places]
    return [_named(picture.convert("RGB").getpixel(place)) for place in places]


def _named(colour: Any) -> str:
    known = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE, "black": (0, 0, 0)}
    return min(known, key=lambda name: sum(abs(a - b) for a, b in zip(known[name], colour, strict=True)))


def four_corners(size: tuple[int, int] = (1600, 1200)) -> Image.Image:
    """Return a picture whose corners are red, green, blue and white."""
    picture = Image.new("RGB", size, RED)
    width, height = size
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    picture.paste(WHITE, (width // 2, height // 2, width, height))
    return picture


UPRIGHT = ["red", "green", "blue", "white"]
_UNDONE: Sequence[Image.Transpose | None] = (
    None,
    Image.Transpose.FLIP_LEFT_RIGHT,
    Image.Transpose.ROTATE_180,
    Image.Transpose.FLIP_TOP_BOTTOM,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.ROTATE_90,
    Image.Transpose.TRANSVERSE,
    Image.Transpose.ROTATE_270,
)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
def test_a_picture_is_upright(tmp_path: Path, suffix: str, orientation: int) -> None:
    lying, undo = four_corners(), _UNDONE[orientation - 1]
    lying = lying.transpose(undo) if undo is not None else lying
    exif = Image.Exif()
    exif[0x0112] = orientation
    lying.save(tmp_path / f"a.{suffix}", exif=exif)
    large, small = pictures(tmp_path / f"a.{suffix}")
    assert (large.size, small.size) == ((1280, 960), (320, 240))
    assert corners(large) == corners(small) == UPRIGHT
    assert large.format == "WEBP"


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_heic_is_upright_by_what_it_says_itself(tmp_path: Path, orientation: int) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    lying, undo = four_corners(), _UNDONE[orientation - 1]
    lying = lying.transpose(undo) if undo is not None else lying
    exif = Image.Exif()
    exif[0x0112] = orientation
    lying.info["exif"] = exif.tobytes()
    lying.save(tmp_path / "a.heic")
    large, _small = pictures(tmp_path / "a.heic")
    assert (large.size, corners(large)) == ((1280, 960), UPRIGHT), "the box that turns it counts, and EXIF beside it does not"


def _swapped() -> bytes:
    """Return a profile like sRGB, but for red and blue, which it has in each other's place."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    data[:] = data.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    places = {bytes(data[at : at + 4]): at for at in range(132, 132 + 12 * struct.unpack_from(">I", data, 128)[0], 12)}
    red, blue = places[b"rXYZ"] + 4, places[b"bXYZ"] + 4
    data[red : red + 8], data[blue : blue + 8] = data[blue : blue + 8], data[red : red + 8]
    return bytes(data)


@pytest.mark.parametrize(("suffix", "mode"), [("jpg", "RGB"), ("png", "RGB"), ("png", "RGBA"), ("webp", "RGB"), ("tif", "RGB")])
def test_a_colour_profile_is_honoured(tmp_path: Path, suffix: str, mode: str) -> None:
    four_corners().convert(mode).save(tmp_path / f"a.{suffix}", icc_profile=_swapped())
    large, small = pictures(tmp_path / f"a.{suffix}")
    assert corners(large) == corners(small) == ["blue", "green", "red", "white"]


def test_a_profile_that_makes_no_sense_is_no_matter(tmp_path: Path) -> None:
    four_corners().save(tmp_path / "a.jpg", icc_profile=b"no profile")
    assert corners(pictures(tmp_path / "a.jpg")[0]) == UPRIGHT


@pytest.mark.parametrize(
    ("mode", "suffix", "shown"),
    [
        ("CMYK", "jpg", "RGB"),
        ("L", "jpg", "RGB"),
        ("P", "gif", "RGB"),
        ("LA", "png", "RGBA"),
        ("1", "tif", "RGB"),
        ("RGBA", "png", "RGBA"),
    ],
)
def test_any_kind_of_pixels(tmp_path: Path, mode: str, suffix: str, shown: str) -> None:
    picture = four_corners().convert(mode)
    if shown == "RGBA":
        picture.putalpha(Image.new("L", picture.size, 90))
    picture.save(tmp_path / f"a.{suffix}")
    large = pictures(tmp_path / f"a.{suffix}")[0]
    assert large.mode == shown
    assert corners(large)[3] == "white"


def test_sixteen_bits_are_not_cut_off(tmp_path: Path) -> None:
    Image.new("I;16", (100, 60), 0x8000).save(tmp_path / "a.png")
    assert all(abs(value - 128) < 4 for value in pictures(tmp_path / "a.png")[0].convert("L").tobytes())


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    make_image(tmp_path / "a.png", seed=1, size=(90, 60))
    assert [picture.size for picture in pictures(tmp_path / "a.png")] == [(90, 60), (90, 60)]


@pytest.mark.parametrize(("size", "large"), [((16000, 2), (1280, 1)), ((2, 16000), (1, 1280))])
def test_a_sliver_is_drawn(tmp_path: Path, size: tuple[int, int], large: tuple[int, int]) -> None:
    Image.new("RGB", size, RED).save(tmp_path / "a.jpg")
    assert pictures(tmp_path / "a.jpg")[0].size == large


def test_equal_files_have_equal_thumbnails_and_others_do_not(tmp_path: Path) -> None:
    paths = [make_jpeg(tmp_path / name, seed=seed) for name, seed in (("a.jpg", 1), ("b.jpg", 1), ("c.jpg", 2))]
    a, b, c = (made(path).value for path in paths)
    assert a == b != c


def _png_that_claims(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _bmp_that_claims(width: int, height: int) -> bytes:
    return (
        b"BM" + struct.pack("<IHHI", 1000, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    )


def _ico_that_claims(width: int, height: int) -> bytes:
    inner = _png_that_claims(width, height)
    return struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, len(inner), 22) + inner


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", _png_that_claims(60_000, 60_000)),
        ("a.bmp", _bmp_that_claims(100_000, 100_000)),
        ("a.ico", _ico_that_claims(30_000, 30_000)),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_decoded(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ExtractError, match=r"too (much|large)"):
        made(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.jpg", b"", "is empty"),
        ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(50), "cannot be drawn"),
        ("a.mp4", b"hello\n" * 9, "is text"),
    ],
)
def test_a_broken_file_is_told(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ExtractError, match=said):
        made(tmp_path / name)


def test_half_a_picture_is_no_thumbnail(tmp_path: Path) -> None:
    make_image(tmp_path / "a.jpg", seed=1, size=(800, 600))
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(data[: len(data) // 2])
    with pytest.raises(ExtractError, match=r"truncated .*\d bytes not processed\)$"):
        made(tmp_path / "a.jpg")


def make_raw(path: Path, *, orientation: int, previews: Sequence[tuple[int, int]]) -> Path:
    """Write a TIFF as cameras do: a directory with the orientation for each JPEG that it names."""
    jpegs = []
    for size in previews:
        out = io.BytesIO()
        four_corners(size).save(out, "JPEG")
        jpegs.append(out.getvalue())
    entries, data = 5, bytearray(b"II*\0" + struct.pack("<I", 8))
    at = 8 + len(jpegs) * (2 + entries * 12 + 4)
    for number, jpeg in enumerate(jpegs):
        tags = [(0x0100, 4, previews[number][0]), (0x0101, 4, previews[number][1]), (0x0112, 3, orientation)]
        tags += [(0x0201, 4, at), (0x0202, 4, len(jpeg))]
        data += struct.pack("<H", entries) + b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
        data += struct.pack("<I", len(data) + 4 if number + 1 < len(jpegs) else 0)
        at += len(jpeg)
    path.write_bytes(bytes(data) + b"".join(jpegs))
    return path


@pytest.mark.parametrize("suffix", sorted(RAW_SUFFIXES & {"nef", "arw", "cr2", "dng", "pef"}))
def test_a_raw_shows_what_its_camera_put_into_it(tmp_path: Path, suffix: str) -> None:
    path = make_raw(tmp_path / f"a.{suffix}", orientation=6, previews=[(160, 120), (1600, 1200), (3200, 2400)])
    large, _small = pictures(path)
    assert large.size == (960, 1280), "turned, and of the smallest that is large enough"
    assert corners(large) == ["blue", "red", "white", "green"]


def test_a_preview_that_no_directory_names_is_found(tmp_path: Path) -> None:
    out = io.BytesIO()
    four_corners().save(out, "JPEG")
    raw = make_raw(tmp_path / "a.orf", orientation=1, previews=[(160, 120)])
    raw.write_bytes(b"IIRO" + raw.read_bytes()[4:] + bytes(1000) + out.getvalue())
    assert corners(pictures(raw)[0]) == UPRIGHT and pictures(raw)[0].size == (1280, 960)


def _film(path: Path, paint: Callable[[int], Image.Image], *, count: int = 60, every: int = 10, rotation: int = 0) -> Path:
    """Write a video of 10 frames a second that are painted by their number, with a key frame `every` so many."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(
            "libx264", rate=10, options={"x264-params": f"keyint={every}:min-keyint={every}:scenecut=0:log-level=none"}
        )
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        if rotation:
            stream.set_display_rotation(-rotation)
        for number in range(count):
            frame: Any = av.VideoFrame.from_image(paint(number))  # type: ignore[no-untyped-call]
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def _busy(colour: tuple[int, int, int]) -> Image.Image:
    picture = Image.new("RGB", (320, 240), colour)
    pen = ImageDraw.Draw(picture)
    for x in range(0, 320, 16):
        pen.line((x, 0, 320 - x, 240), (250, 250, 250), 3)
    return picture


def _mostly(picture: Image.Image) -> str:
    colour = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return max(("red", "green", "blue"), key=lambda name: colour[("red", "green", "blue").index(name)])  # type: ignore[index]


BLACK = Image.new("RGB", (320, 240))


@pytest.mark.parametrize(
    ("paint", "every"),
    [
        (lambda number: _busy(GREEN) if 20 <= number < 31 else BLACK, 10),
        (lambda number: _busy(GREEN) if number >= 25 else BLACK, 250),
        (lambda number: _busy(GREEN) if 30 <= number < 41 else _busy(RED).filter(ImageFilter.GaussianBlur(8)), 10),
        (lambda number: _busy(GREEN) if 40 <= number < 51 else Image.new("RGB", (320, 240), (255, 255, 255)), 10),
    ],
    ids=["black", "black in one group", "blurred", "white"],
)
def test_a_video_shows_a_frame_that_is_neither_black_nor_blurred(
    tmp_path: Path, paint: Callable[[int], Image.Image], every: int
) -> None:
    assert _mostly(pictures(_film(tmp_path / "a.mp4", paint, every=every))[0]) == "green"


CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "media"
of_the_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")


@pytest.mark.corpus
@of_the_corpus
@pytest.mark.parametrize("name", ["oneSecond.ts", "id3.ts"])
def test_a_recording_that_cannot_be_wound_back_shows_its_beginning(name: str) -> None:
    path = CORPUS / "http-streaming" / "test" / "segments" / name
    assert pictures(path)[0].size == (416, 234)
    assert len(frames(os.fspath(path), 3)) == 3


@pytest.mark.corpus
@of_the_corpus
@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("nom-exif/testdata/canon-r6.cr3", (1280, 853)),
        ("exif-orientation-examples/Landscape_6.jpg", (1280, 853)),
        ("exif-orientation-examples/Portrait_6.jpg", (853, 1280)),
        ("pillow_heif/tests/images/heif/zPug_3.heic", (64, 64)),
        ("libavif/tests/data/paris_exif_orientation_5.jpg", (302, 403)),
    ],
)
def test_real_files_are_drawn(name: str, size: tuple[int, int]) -> None:
    assert pictures(CORPUS / name)[0].size == size


@pytest.mark.parametrize(("count", "wanted"), [(1, 1), (7, 7), (60, 60), (200, 60)])
def test_a_film_shows_so_many_of_its_frames_each_once(tmp_path: Path, count: int, wanted: int) -> None:
    found = frames(os.fspath(_film(tmp_path / "a.mp4", lambda _number: _busy(GREEN))), count)
    times = [at for at, _picture in found]
    assert wanted * 0.95 <= len(times) <= wanted and times == sorted(set(times))


def test_a_video_that_is_all_black_is_black(tmp_path: Path) -> None:
    large = pictures(_film(tmp_path / "a.mp4", lambda _number: BLACK))[0]
    assert large.size == (320, 240) and corners(large) == ["black"] * 4


@pytest.mark.parametrize(("rotation", "shown"), [(90, ["blue", "red", "white", "green"]), (180, UPRIGHT[::-1])])
def test_a_video_is_upright(tmp_path: Path, rotation: int, shown: list[str]) -> None:
    path = _film(tmp_path / "a.mp4", lambda _number: four_corners((320, 240)), count=10, rotation=rotation)
    assert corners(pictures(path)[0]) == shown


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "webm", "avi", "ts"])
def test_videos_in_every_container(tmp_path: Path, suffix: str) -> None:
    assert pictures(make_mp4(tmp_path / f"a.{suffix}", seed=3, seconds=1))[0].size == (64, 48)


def test_music_shows_its_cover_and_without_one_nothing(tmp_path: Path) -> None:
    out = io.BytesIO()
    four_corners((200, 200)).save(out, "PNG")
    for path in (make_mp3(tmp_path / "a.mp3", seed=1), make_flac(tmp_path / "a.flac", seed=2)):
        bare = made(path)
        assert (bare.value, bare.pictures) == (None, ())
        add_cover(path, out.getvalue())
        assert corners(pictures(path)[0]) == UPRIGHT


def test_a_video_shows_its_frames_and_not_its_cover(tmp_path: Path) -> None:
    out = io.BytesIO()
    four_corners((200, 200)).save(out, "PNG")
    path = make_film(tmp_path / "a.mkv", cover=out.getvalue())
    assert pictures(path)[0].size == (64, 48)
