"""Colour, HDR, fields, frame rates, covers: facts of videos that have no field of their own, by their documented names."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

import media_files
from mediaforge.extract.colour import _varies
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
    assert (facts.extra.get("interlaced"), facts.extra.get("field_order")) == (True if order else None, order)


@pytest.mark.parametrize(("pts", "varies"), [(range(30), None), ([*range(10), *range(40, 60, 4), *range(90, 100)], True)])
def test_variable_frame_rate(pts: range | list[int], varies: bool | None, tmp_path: Path) -> None:
    assert facts_of(film(tmp_path / "a.mp4", pts=pts)).extra.get("variable_frame_rate") is varies


# Fields are counted as frames by some containers: half or twice the rate is no variation.
@pytest.mark.parametrize(
    ("average", "base", "varies"),
    [(30, 30, False), (25, 50, False), (50, 25, False), (Fraction(30000, 1001), 30, False), (27, 30, True), (None, 30, False)],
)
def test_when_a_rate_varies(average: Any, base: Any, varies: bool) -> None:
    assert _varies(average and Fraction(average), Fraction(base)) is varies


@pytest.mark.parametrize("suffix", ["mp3", "flac", "m4a", "ogg"])
def test_a_cover_is_a_fact(suffix: str, tmp_path: Path) -> None:
    cover = media_files.make_png(tmp_path / "c.png").read_bytes()
    path = media_files.make_audio(tmp_path / f"a.{suffix}", seconds=0.2)
    assert "cover" not in facts_of(path).extra
    media_files.add_cover(path, cover)
    facts = facts_of(path)
    assert facts.extra["cover"] is True
    assert [(s.codec, s.attached_picture) for s in facts.streams if s.type is StreamType.VIDEO] == [("png", True)]
