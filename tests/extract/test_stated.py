"""What streams' headers state, against what FFmpeg finds out by decoding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import media_files
from mediaforge.extract.demux import _open_sparingly, open_container
from mediaforge.extract.sps import read_h264, read_hevc
from mediaforge.extract.stated import complete
from reading import facts_of

X264, X265 = "x264-params", "x265-params"
PQ = {"color_primaries": 9, "color_trc": 16, "colorspace": 9}

# Name, what make_film is told, and whether the header alone tells it all.
FILMS: list[tuple[str, dict[str, Any], bool]] = [
    ("a.mp4", {}, True),
    ("a.mov", {"options": {"profile": "baseline"}}, True),
    ("a.mkv", {"options": {"preset": "medium"}, "size": (66, 50)}, True),
    ("a.flv", {"audio": "aac"}, True),
    ("a.avi", {}, True),
    ("a.ts", {"audio": "aac", "rate": 25, "times": range(12)}, True),
    ("a.mp4", {"size": (130, 98), "options": {X264: "keyint=1"}}, True),
    ("a.mp4", {"options": {X264: "tff=1"}, "size": (64, 96)}, True),
    ("a.mp4", {"options": {X264: "fullrange=on:colorprim=bt709:transfer=bt709:colormatrix=bt709"}}, True),
    ("a.mkv", {"options": {X264: "sar=16/11"}}, True),
    ("a.mkv", {"options": {X264: "sar=7/5"}}, True),
    ("a.mp4", {"pixels": "yuv422p"}, True),
    ("a.mp4", {"pixels": "yuvj444p"}, True),
    ("a.mp4", {"pixels": "yuv420p10le", "colour": PQ}, True),
    ("a.mkv", {"options": {X264: "cqm=jvt"}}, True),
    ("a.mp4", {"video": "libx265"}, True),
    ("a.mkv", {"video": "libx265", "pixels": "yuv420p10le", "colour": PQ}, True),
    ("a.ts", {"video": "libx265", "rate": 25, "times": range(12)}, True),
    ("a.mp4", {"video": "libx265", "pixels": "yuv422p10le", "size": (80, 200)}, True),
    ("a.mp4", {"video": "libx265", "options": {X265: "log-level=none:range=full:scaling-list=default"}}, True),
    ("a.mp4", {"video": "libx265", "pixels": "yuvj420p"}, True),
    ("a.mp4", {"video": "libx265", "options": {X265: "log-level=none:temporal-layers=2:sar=4"}}, True),
    # A message between the pictures may say that HLG is meant.
    ("a.mp4", {"pixels": "yuv420p10le", "options": {X264: "transfer=bt2020-10"}}, False),
    ("a.mp4", {"pixels": "gray"}, False),
    ("a.mp4", {"video": "libx264rgb", "pixels": "rgb24"}, False),
]


@pytest.mark.parametrize(("name", "made", "sparing"), FILMS)
def test_a_header_states_what_decoding_finds(name: str, made: dict[str, Any], sparing: bool, tmp_path: Path) -> None:
    path = media_files.make_film(tmp_path / name, **made)
    head = path.read_bytes()
    spared = _open_sparingly(str(path), head)
    assert (spared is not None) is sparing
    with open_container(str(path), head) as ours, av.open(str(path)) as theirs:
        assert [described(stream) for stream in ours.streams] == [described(stream) for stream in theirs.streams]
        assert (ours.duration, ours.bit_rate) == (theirs.duration, theirs.bit_rate)
    if spared:
        spared.close()


@pytest.mark.parametrize("told", [(60, 41), (64, 48), (65, 48), (33, 48), (0, 48), (48, 40)])
def test_a_container_may_cut_off_what_fills_the_last_blocks(told: tuple[int, int], tmp_path: Path) -> None:
    path = media_files.make_film(tmp_path / "a.mp4", size=(64, 48))
    data = bytearray(path.read_bytes())
    entry = data.index(b"avc1", data.index(b"stsd")) + 28
    assert data[entry : entry + 4] == bytes([0, 64, 0, 48])
    data[entry : entry + 4] = bytes([0, told[0], 0, told[1]])
    path.write_bytes(data)
    with open_container(str(path), bytes(data)) as ours, av.open(str(path)) as theirs:
        assert [described(stream) for stream in ours.streams] == [described(stream) for stream in theirs.streams]


def described(stream: Any) -> list[object]:
    context: Any = stream.codec_context
    if stream.type == "audio":
        return [context.name, context.sample_rate, context.layout.nb_channels, stream.profile]
    names = "name width height pix_fmt level color_range color_primaries color_trc colorspace sample_aspect_ratio field_order"
    return [*(getattr(context, name) for name in names.split()), stream.profile, stream.average_rate, stream.base_rate]


def test_size_and_colours_of_a_film_that_no_decoder_saw(tmp_path: Path) -> None:
    colour = {"color_primaries": 9, "color_trc": 16, "colorspace": 9}
    facts = facts_of(
        media_files.make_film(tmp_path / "a.mkv", video="libx265", pixels="yuv420p10le", size=(66, 50), colour=colour)
    )
    assert (facts.width, facts.height, facts.pixel_format, facts.bit_depth, facts.hdr) == (66, 50, "yuv420p10le", 10, "hdr10")
    assert facts.streams[0].profile == "Main 10"
    assert facts.extra["color_primaries"] == "bt2020"


# AudioSpecificConfig; rate and channels that it states, or None where a decoder has to look.
CONFIGS = [
    ("1190", (48000, 2)), ("1210", (44100, 2)), ("1208", (44100, 1)), ("11b0", (48000, 6)), ("11b8", (48000, 8)),
    ("119056e500", (48000, 2)),  # it says that nothing is doubled
    ("119056e580", None),  # a band is
    ("1310", None),  # 24 kHz, of which frames may double a band
    ("131056e500", (24000, 2)),
    ("1191", None), ("1192", None),  # an extension, another decoder
    ("1180", None),  # channels told elsewhere
    ("2b11880800", None), ("eb8a0800", None), ("f8e85000", None),  # HE-AAC, HE-AAC v2, ELD
    ("1690", None),  # a rate that is not in the table
    ("11", None), ("", None),
]  # fmt: skip


@pytest.mark.parametrize(("config", "stated"), CONFIGS)
def test_aac_is_believed_where_its_header_leaves_no_doubt(config: str, stated: tuple[int, int] | None) -> None:
    context: Any = av.CodecContext.create("aac", "r")
    context.extradata = bytes.fromhex(config)
    told = complete(Container(context))
    assert told is (stated is not None)
    if stated:
        assert (context.sample_rate, context.layout.nb_channels, context.profile) == (*stated, "LC")


class Container:
    """A container of one stream of sound."""

    def __init__(self, context: Any) -> None:
        self.streams, self.codec_context, self.type = [self], context, "audio"


def test_dts_that_calls_itself_pcm_is_found(tmp_path: Path) -> None:
    wave = media_files.make_audio(tmp_path / "a.wav", seconds=2).read_bytes()
    start = wave.index(b"data") + 8
    frame = bytes.fromhex("7ffe8001fc3c2170b5600138").ljust(536, b"\0")  # the header says how long a frame is
    dts = (frame * (len(wave) // len(frame)))[: len(wave) - start]
    swapped = b"".join(dts[i + 1 : i + 2] + dts[i : i + 1] for i in range(0, len(dts), 2))
    for data, codec in ((dts, "dts"), (swapped, "dts"), (wave[start:], "pcm_s16le")):
        (tmp_path / "b.wav").write_bytes(wave[:start] + data)
        assert facts_of(tmp_path / "b.wav").audio_codec == codec


@settings(max_examples=300, deadline=None)
@given(
    data=st.binary(max_size=120), start=st.sampled_from([b"", b"\1d\0\x0c\xff\xe1\0\x20g", b"\0\0\1gd\0\x0c", b"\0\0\1\x42\1"])
)
def test_any_header_is_read_or_refused(data: bytes, start: bytes) -> None:
    for read in (read_h264, read_hevc):
        stated = read(start + data)
        assert stated is None or (stated.width > 0 and stated.height > 0 and stated.profile)


@pytest.mark.parametrize(("name", "made", "read"), [("a.mp4", {}, read_h264), ("a.mkv", {"video": "libx265"}, read_hevc)])
def test_a_header_that_ends_early_is_refused(name: str, made: dict[str, Any], read: Any, tmp_path: Path) -> None:
    with av.open(str(media_files.make_film(tmp_path / name, **made))) as container:
        header = container.streams[0].codec_context.extradata or b""
    assert read(header) is not None
    first = header.index(b"g", 8) if read is read_h264 else header.index(b"\x42\1")
    assert all(read(header[: first + kept]) is None for kept in range(12))
