"""Colour, HDR, fields, frame rates, levels, covers of real files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

import media_files
from mediaforge.extract.colour import _varies, level_of
from mediaforge.model import StreamType
from reading import facts_of


def film(
    path: Path,
    *,
    params: str = "",
    pts: range | list[int] = range(10),
    pixels: str = "yuv420p",
    colour: dict[str, int] | None = None,
) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"preset": "ultrafast", "x264-params": f"bframes=0:{params}"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        stream.codec_context.time_base = Fraction(1, 30)
        for name, value in (colour or {}).items():
            setattr(stream.codec_context, name, value)
        for when in pts:
            frame = av.VideoFrame(64, 48, pixels)
            for plane in frame.planes:  # x264 aborts on the noise of fresh memory
                plane.update(bytes(plane.buffer_size))
            frame.pts = when
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


COLOURS: list[tuple[dict[str, int], dict[str, object]]] = [
    ({"color_primaries": 9, "color_trc": 16, "colorspace": 9, "color_range": 1},
     {"color_primaries": "bt2020", "color_transfer": "smpte2084", "color_matrix": "bt2020nc", "color_range": "tv"}),
    ({"color_primaries": 1, "color_trc": 1, "colorspace": 1, "color_range": 2},
     {"color_primaries": "bt709", "color_transfer": "bt709", "color_matrix": "bt709", "color_range": "pc"}),
    ({}, {"color_primaries": None, "color_transfer": None, "color_matrix": None}),
]  # fmt: skip


@pytest.mark.parametrize(("colour", "expected"), COLOURS)
@pytest.mark.parametrize("suffix", ["mkv", "mp4"])
def test_colour_in_the_words_of_ffmpeg(
    suffix: str, colour: dict[str, int], expected: dict[str, object], tmp_path: Path
) -> None:
    facts = facts_of(film(tmp_path / f"a.{suffix}", pixels="yuv420p10le", colour=colour))
    assert {name: facts.extra.get(name) for name in expected} == expected
    assert facts.hdr == ("hdr10" if colour.get("color_trc") == 16 else None)
    assert facts.bit_depth == 10


@pytest.mark.parametrize(("params", "order"), [("tff=1", "tt"), ("bff=1", "bb"), ("", None)])
def test_interlaced(params: str, order: str | None, tmp_path: Path) -> None:
    facts = facts_of(film(tmp_path / "a.mkv", params=params))
    assert (facts.interlaced, facts.extra.get("field_order")) == (bool(order), order)


def test_whether_a_broadcast_is_interlaced(tmp_path: Path) -> None:
    how: dict[str, Any] = {"video": "mpeg2video", "audio": "mp2", "rate": 25, "options": {"flags": "+ildct+ilme"}}
    assert facts_of(media_files.make_film(tmp_path / "a.ts", **how)).interlaced is True
    assert facts_of(media_files.make_film(tmp_path / "b.avi", video="mpeg4")).interlaced is None  # the file does not say


@pytest.mark.parametrize(("pts", "varies"), [(range(30), False), ([*range(10), *range(40, 60, 4), *range(90, 100)], True)])
def test_variable_frame_rate(pts: range | list[int], varies: bool, tmp_path: Path) -> None:
    assert facts_of(film(tmp_path / "a.mp4", pts=pts)).variable_frame_rate is varies


# Fields are counted as frames by some containers: half or twice the rate is no variation.
@pytest.mark.parametrize(
    ("average", "base", "varies"),
    [(30, 30, False), (25, 50, False), (50, 25, False), (Fraction(30000, 1001), 30, False), (27, 30, True), (None, 30, None)],
)
def test_when_a_rate_varies(average: Any, base: Any, varies: bool | None) -> None:
    assert _varies(average and Fraction(average), Fraction(base)) is varies


@pytest.mark.parametrize("suffix", ["mp3", "flac", "m4a", "ogg", "opus", "wma"])
def test_a_cover_is_a_fact(suffix: str, tmp_path: Path) -> None:
    cover = media_files.make_png(tmp_path / "c.png").read_bytes()
    path = media_files.make_audio(tmp_path / f"a.{suffix}", seconds=0.2)
    assert facts_of(path).cover is False
    media_files.add_cover(path, cover)
    facts = facts_of(path)
    assert facts.cover is True
    assert [(s.codec, s.attached_picture) for s in facts.streams if s.type is StreamType.VIDEO] == [("png", True)]


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_picture_that_is_attached_to_a_film_is_its_cover(suffix: str, tmp_path: Path) -> None:
    cover = media_files.make_png(tmp_path / "c.png").read_bytes()
    assert facts_of(media_files.make_film(tmp_path / f"a.{suffix}")).cover is False
    facts = facts_of(media_files.make_film(tmp_path / f"b.{suffix}", cover=cover))
    assert (facts.cover, facts.video_codec, facts.width) == (True, "h264", 64)


def test_a_picture_has_no_cover_to_speak_of(tmp_path: Path) -> None:
    assert facts_of(media_files.make_jpeg(tmp_path / "a.jpg")).cover is None


PQ = {"color_trc": 16, "color_primaries": 9, "colorspace": 9}
HDR10_PLUS = bytes.fromhex("b5003c000104014000")  # the beginning of SMPTE ST 2094-40, as CTA-861 wraps it
# A message before the picture (H.265, 7.3.2.4): registered user data, its length, itself, and the end.
MESSAGE = b"\0\0\0\1\x4e\1\4" + bytes([len(HDR10_PLUS)]) + HDR10_PLUS + b"\x80"


def hevc(path: Path, *, before: bytes = b"", colour: dict[str, int] | None = None) -> Path:
    return media_files.make_film(path, video="libx265", pixels="yuv420p10le", colour=colour or PQ, before=before)


@pytest.mark.parametrize("suffix", ["mkv", "mp4", "ts"])
def test_hdr10_plus_is_told_by_the_first_frame(suffix: str, tmp_path: Path) -> None:
    facts = facts_of(hevc(tmp_path / f"a.{suffix}"))
    assert (facts.hdr, facts.origins["hdr"]) == ("hdr10", "pyav:color_trc")
    facts = facts_of(hevc(tmp_path / f"b.{suffix}", before=MESSAGE))
    assert (facts.hdr, facts.origins["hdr"]) == ("hdr10+", "pyav:sei")
    assert facts.streams[0].profile == "Main 10"


def test_a_film_whose_frames_are_lost_keeps_what_its_header_says(tmp_path: Path) -> None:
    path = hevc(tmp_path / "a.mkv")
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(bytes.fromhex("1f43b675")) + 12])  # the first Cluster, without its blocks
    facts = facts_of(path)
    assert (facts.hdr, facts.video_codec) == ("hdr10", "hevc")


CONFIGURATION = bytes.fromhex("01001014300000000000000000000000000000000000000000")[:24]  # profile 8, as a dvvC box holds it


def with_box(content: bytes, names: list[bytes], box: bytes) -> bytes:
    """Return boxes (ISO/IEC 14496-12) with one more at the end of that which `names` lead to."""
    if not names:
        return content + box
    # What stands in an stsd before its entries, and in an entry of a picture before its boxes.
    head = {b"stsd": 8, b"hev1": 78}.get(names[0], 0)
    made, position = b"", 0
    while position < len(content):
        size, kind = int.from_bytes(content[position : position + 4], "big"), content[position + 4 : position + 8]
        inner = content[position + 8 : position + size]
        if kind == names[0]:
            inner = inner[:head] + with_box(inner[head:], names[1:], box)
        made += (len(inner) + 8).to_bytes(4, "big") + kind + inner
        position += size
    return made


def test_dolby_vision_in_an_mp4(tmp_path: Path) -> None:
    path = hevc(tmp_path / "a.mp4")
    names = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"hev1"]
    box = (len(CONFIGURATION) + 8).to_bytes(4, "big") + b"dvvC" + CONFIGURATION
    path.write_bytes(with_box(path.read_bytes(), names, box))
    facts = facts_of(path)
    assert (facts.hdr, facts.origins["hdr"], facts.video_codec) == ("dolby-vision", "mp4:dvcC", "hevc")


def element(number: str, *content: bytes) -> bytes:
    """Return an element of EBML (RFC 8794), its length in eight bytes."""
    joined = b"".join(content)
    return bytes.fromhex(number) + b"\1" + len(joined).to_bytes(7, "big") + joined


def test_dolby_vision_in_matroska(tmp_path: Path) -> None:
    with av.open(str(hevc(tmp_path / "a.mp4"))) as mp4:
        header = mp4.streams.video[0].codec_context.extradata or b""
        frame = bytes(next(mp4.demux(video=0)))
    mapping = element("41e4", element("41f0", b"\1"), element("41e7", b"dvvC").replace(b"\1" + bytes(6) + b"\4", b"\x84"),
                      element("41ed", CONFIGURATION))  # fmt: skip
    shape = element("e0", element("b0", b"\x40"), element("ba", b"\x30"))
    track = element("ae", element("d7", b"\1"), element("73c5", b"\1"), element("83", b"\1"),
                    element("86", b"V_MPEGH/ISO/HEVC"), element("63a2", header), shape, mapping)  # fmt: skip
    cluster = element("1f43b675", element("e7", b"\0"), element("a3", b"\x81\0\0\x80" + frame))
    path = tmp_path / "b.mkv"
    segment = element("18538067", element("1654ae6b", track), cluster)
    path.write_bytes(element("1a45dfa3", element("4282", b"matroska")) + segment)
    facts = facts_of(path)
    assert (facts.hdr, facts.video_codec, facts.bit_depth) == ("dolby-vision", "hevc", 10)
    path.write_bytes(path.read_bytes().replace(b"dvvC", b"mdcv"))
    assert facts_of(path).hdr == "hdr10"


LEVELS = [
    ("h264", 41, 4.1), ("h264", 9, 1.0), ("h264", 0, None), ("h264", -99, None), ("hevc", 123, 4.1), ("hevc", 153, 5.1),
    ("hevc", 186, 6.2), ("av1", 0, 2.0), ("av1", 8, 4.0), ("av1", 13, 5.1), ("av1", 31, None), ("vp9", 51, 5.1),
    ("mpeg4", 5, 5.0), ("mpeg2video", 8, None), ("vc1", None, None), (None, 41, None),
]  # fmt: skip


@pytest.mark.parametrize(("codec", "number", "level"), LEVELS)
def test_levels_as_their_standards_write_them(codec: str | None, number: int | None, level: float | None) -> None:
    assert level_of(codec, number) == level


def test_profile_and_level_of_a_real_film(tmp_path: Path) -> None:
    stream = facts_of(media_files.make_film(tmp_path / "a.mp4", options={"profile": "high", "level": "4.1"})).streams[0]
    assert stream.level == 4.1
    stream = facts_of(media_files.make_film(tmp_path / "b.mp4", video="libsvtav1", size=(64, 64))).streams[0]
    assert (stream.codec, stream.profile, stream.level) == ("av1", "Main", 2.0)
