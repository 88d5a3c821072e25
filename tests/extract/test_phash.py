"""Perceptual hashes: what looks the same has nearly the same, what does not has others, and what shows nothing has none."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from math import cos, pi
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from media_files import make_film, make_mp3
from mediaforge.errors import ExtractError
from mediaforge.extract.made import Made
from mediaforge.extract.phash import hashes, look
from mediaforge.extract.phash_film import look_at_film, moments
from scenes import scene, shots, write_film


def looks(path: Path) -> list[list[Any]]:
    """Return what a worker sees of a file."""
    made = look((os.fsencode(path), path.suffix[1:].lower()))
    assert isinstance(made, Made) and made.pictures == ()
    return json.loads(made.value) if made.value else []


def differ(one: Path, other: Path) -> tuple[int, int]:
    """Return by how many bits the pHashes and the dHashes of two pictures differ."""
    ((_at, *a),), ((_at, *b),) = looks(one), looks(other)
    phash, dhash = (((x ^ y) & (2**64 - 1)).bit_count() for x, y in zip(a, b, strict=True))
    return phash, dhash


def saved(picture: Image.Image, path: Path, **options: Any) -> Path:
    picture.save(path, **options)
    return path


@pytest.mark.parametrize(
    ("name", "change", "options"),
    [
        ("b.jpg", lambda one: one.resize((300, 225)), {"quality": 90}),
        ("b.jpg", lambda one: one, {"quality": 25}),
        ("b.png", lambda one: one, {}),
        ("b.webp", lambda one: one, {"quality": 60}),
        ("b.jpg", lambda one: one.convert("L"), {}),
        ("b.jpg", lambda one: ImageEnhance.Brightness(one).enhance(0.85), {}),
        ("b.gif", lambda one: one.quantize(64), {}),
    ],
)
def test_a_copy_is_near(tmp_path: Path, name: str, change: Callable[[Image.Image], Image.Image], options: Any) -> None:
    original = saved(scene(1, (1600, 1200)), tmp_path / "a.jpg", quality=95)
    phash, dhash = differ(original, saved(change(scene(1, (1600, 1200))), tmp_path / name, **options))
    assert phash <= 6 and dhash <= 8


def test_other_pictures_are_far(tmp_path: Path) -> None:
    paths = [saved(scene(seed), tmp_path / f"{seed}.jpg") for seed in range(12)]
    assert all(min(differ(one, other)) > 12 for number, one in enumerate(paths) for other in paths[:number])


@pytest.mark.parametrize(("orientation", "undo"), [(3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_90)])
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_what_exif_turns_upright_is_the_same(tmp_path: Path, suffix: str, orientation: int, undo: Image.Transpose) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = saved(scene(2), tmp_path / "a.png")
    turned = saved(scene(2).transpose(undo), tmp_path / f"b.{suffix}", exif=exif)
    assert max(differ(upright, turned)) <= 2


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    clear = scene(3).convert("RGBA")
    clear.putalpha(Image.new("L", clear.size, 0))
    assert looks(saved(clear, tmp_path / "a.png")) == [], "there is nothing to be seen, whatever the pixels are"
    shape = Image.new("L", clear.size, 0)
    ImageDraw.Draw(shape).ellipse((20, 20, 280, 220), fill=255)
    clear.putalpha(shape)
    flat = Image.new("RGB", clear.size, "white")
    flat.paste(scene(3), mask=shape)
    assert max(differ(saved(clear, tmp_path / "b.png"), saved(flat, tmp_path / "c.png"))) <= 1


def _dim(seed: int) -> Image.Image:
    """Return a picture so dark that its shapes are hardly there."""
    return scene(seed).point(lambda value: value // 90)


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (200, 150)),
        Image.new("RGB", (200, 150), "white"),
        Image.new("RGB", (200, 150), (90, 120, 200)),
        Image.linear_gradient("L"),
        _dim(1),
    ],
    ids=["black", "white", "blue", "gradient", "dim"],
)
def test_where_nothing_is_to_be_seen_there_is_no_hash(tmp_path: Path, picture: Image.Image) -> None:
    assert looks(saved(picture, tmp_path / "a.png")) == []
    assert looks(saved(picture.convert("RGB"), tmp_path / "b.jpg", quality=40)) == []


def test_the_hashes_are_those_of_their_definition() -> None:
    picture = scene(4).convert("L")
    small = picture.resize((32, 32), Image.Resampling.LANCZOS, reducing_gap=3.0)

    def strength(u: int, v: int) -> float:
        places = ((x, y) for x in range(32) for y in range(32))
        wave = (_value(small, x, y) * cos(pi * u * (2 * x + 1) / 64) * cos(pi * v * (2 * y + 1) / 64) for x, y in places)
        return sum(wave)

    order = [(u, total - u) for total in range(1, 11) for u in range(total + 1)][:64]
    steps = picture.resize((9, 8), Image.Resampling.LANCZOS, reducing_gap=3.0)
    rises = [_value(steps, x, y) < _value(steps, x + 1, y) for y in range(8) for x in range(8)]
    bits = [[strength(u, v) > 0 for u, v in order], rises]
    phash, dhash = (int("".join("01"[bit] for bit in some), 2) for some in bits)
    assert [one % 2**64 for one in hashes(picture) or ()] == [phash, dhash]
    assert all(-(2**63) <= one < 2**63 for one in hashes(picture) or ()), "as SQLite holds them"


def _value(picture: Image.Image, x: int, y: int) -> int:
    value: Any = picture.getpixel((x, y))
    return int(value)


def test_music_has_none_whatever_its_cover(tmp_path: Path) -> None:
    assert looks(make_mp3(tmp_path / "a.mp3", seed=1)) == []


def _bmp_that_claims(width: int, height: int) -> bytes:
    sizes = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 1000, 0, 0, 54) + sizes


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(50), "cannot be drawn"),
        ("a.bmp", _bmp_that_claims(100_000, 100_000), "too much to decode"),
        ("a.mp4", b"hello\n" * 9, "is text"),
        ("a.jpg", b"", "is empty"),
    ],
)
def test_what_is_broken_or_too_large_is_told(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ExtractError, match=said):
        looks(tmp_path / name)


def test_half_a_picture_has_no_hash(tmp_path: Path) -> None:
    data = saved(scene(1, (800, 600)), tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(data[: len(data) // 2])
    with pytest.raises(ExtractError, match="truncated"):
        looks(tmp_path / "a.jpg")


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (0.1, [0.05]),
        (1.0, [0.25, 0.5, 0.75]),
        (3.0, [0.5, 1.0, 1.5, 2.0, 2.5]),
        (4.5, [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]),
        (3.75, [number * 0.25 for number in range(1, 15)]),
    ],
)
def test_a_video_is_looked_at_in_steps_from_both_ends(duration: float, expected: list[float]) -> None:
    assert moments(duration) == expected


@pytest.mark.parametrize("duration", [0.3, 2.0, 59.9, 64.0, 7200.0, 100_000.0])
def test_a_longer_video_is_looked_at_no_more_often(duration: float) -> None:
    found = moments(duration)
    assert 1 <= len(found) <= 16 and all(0 < at < duration for at in found)


def test_a_shorter_copy_is_looked_at_in_the_same_moments() -> None:
    whole, part = moments(100), moments(70)
    from_begin, from_end = set(whole) & set(part), {at - 30 for at in whole} & set(part)
    assert len(from_begin) >= 3 and len(from_end) >= 3


def test_a_video_is_told_by_its_frames_and_what_is_black_tells_nothing(tmp_path: Path) -> None:
    black = Image.new("RGB", (160, 120))
    paint = shots(1)
    film = looks(write_film(tmp_path / "a.mp4", lambda at: black if at < 4 else paint(at), 8))
    assert film and all(4 <= at <= 8 for at, *_hashes in film)
    assert [at for at, *_hashes in film] == sorted({at for at, *_hashes in film})
    assert looks(write_film(tmp_path / "b.mp4", lambda _at: black, 3)) == []


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi", "ts"])
def test_where_the_key_frames_are_is_no_matter(tmp_path: Path, suffix: str) -> None:
    one = {at: found for at, *found in looks(write_film(tmp_path / f"a.{suffix}", shots(2, each=1.7), 8))}
    other = {at: found for at, *found in looks(write_film(tmp_path / f"b.{suffix}", shots(2, each=1.7), 8, every=7))}
    common = one.keys() & other.keys()
    assert len(common) >= 4
    for at in common:
        assert all(((a ^ b) & (2**64 - 1)).bit_count() <= 8 for a, b in zip(one[at], other[at], strict=True))


def test_a_video_whose_length_is_not_known_is_told_by_its_beginning(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4", shots(3, each=1.7), 8)
    with av.open(str(tmp_path / "a.mp4")) as given, av.open(str(tmp_path / "a.h264"), "w", format="h264") as out:
        stream = given.streams.video[0]
        copied = out.add_stream_from_template(stream)
        for packet in given.demux(stream):
            if packet.dts is not None:
                packet.stream = copied
                out.mux(packet)
    found = [at for at, *_hashes in look_at_film(str(tmp_path / "a.h264"), "h264", b"")]
    assert found == [1.0, 2.0, 3.0], "80 frames, at the rate that is taken where none is told"


def test_a_cover_is_no_film(tmp_path: Path) -> None:
    path = make_film(tmp_path / "a.mkv")
    assert all(at is not None for at, *_hashes in looks(path))
