"""Real clips: a few are encoded for each format, and each file is a copy of its streams, of another length, with other tags."""

from __future__ import annotations

import os
import random
import tempfile
from array import array
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import av

# Suffix: container for FFmpeg, video codec (None: sound alone), audio codec, and whether the container keeps tags. What
# keeps none is encoded anew for each file, or two files could be the same.
FORMATS: Mapping[str, tuple[str, str | None, str, bool]] = {
    "mp4": ("mp4", "libx264", "aac", True),
    "m4v": ("mp4", "libx264", "aac", True),
    "mov": ("mov", "libx264", "aac", True),
    "mkv": ("matroska", "libx264", "aac", True),
    "webm": ("webm", "libvpx", "libopus", True),
    "avi": ("avi", "mpeg4", "mp2", True),
    "wmv": ("asf", "wmv2", "wmav2", True),
    "flv": ("flv", "flv1", "libmp3lame", True),
    "ts": ("mpegts", "mpeg2video", "mp2", True),
    "mts": ("mpegts", "mpeg2video", "mp2", True),
    "mpg": ("mpeg", "mpeg2video", "mp2", False),
    "3gp": ("3gp", "libx264", "aac", True),
    "ogv": ("ogg", "libvpx", "libopus", True),
    "mp3": ("mp3", None, "libmp3lame", True),
    "flac": ("flac", None, "flac", True),
    "m4a": ("ipod", None, "aac", True),
    "ogg": ("ogg", None, "libopus", True),
    "opus": ("opus", None, "libopus", True),
    "wav": ("wav", None, "pcm_s16le", True),
    "wma": ("asf", None, "wmav2", True),
    "aiff": ("aiff", None, "pcm_s16be", True),
    "mka": ("matroska", None, "libopus", True),
    "aac": ("adts", None, "aac", False),
}
_BASES = 3  # clips a format
_SECONDS = 1.5
_SIZES = ((256, 144), (320, 180), (180, 320))
_OPTIONS = {"libx264": {"preset": "ultrafast"}, "libvpx": {"deadline": "realtime", "cpu-used": "8"}}
_RATE = 25


def write(path: bytes, suffix: str, tags: Mapping[str, str], seed: int) -> None:
    """Write a clip in the format of `suffix` with these tags (FFmpeg's names); another seed is another clip."""
    container, _, _, keeps_tags = FORMATS[suffix]
    chance = random.Random(seed)
    if not keeps_tags:
        _encode(os.fsdecode(path), suffix, seed, 0.2 + 0.4 * chance.random())
        return
    seconds = 0.5 + (_SECONDS - 0.5) * chance.random()
    options = {"movflags": "use_metadata_tags"} if container == "mov" else {}
    with av.open(_base(suffix, seed % _BASES)) as given, av.open(os.fsdecode(path), "w", container, options) as out:
        out.metadata.update(tags)
        streams = {stream.index: out.add_stream_from_template(stream) for stream in given.streams}
        packet: Any
        for packet in given.demux():  # the last of each stream has no time: it only empties the decoder
            if packet.dts is not None and packet.dts * packet.time_base < seconds:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="mediaforge-clips-")


@cache
def _base(suffix: str, seed: int) -> str:
    path = os.path.join(_folder().name, f"{seed}.{suffix}")
    _encode(path, suffix, seed, _SECONDS)
    return path


def _encode(path: str, suffix: str, seed: int, seconds: float) -> None:
    container, video_codec, audio_codec, _ = FORMATS[suffix]
    with av.open(path, "w", container) as out:
        video: Any = out.add_stream(video_codec, rate=_RATE) if video_codec else None
        if video:
            video.width, video.height = _SIZES[seed % len(_SIZES)]
            video.pix_fmt, video.options = "yuv420p", _OPTIONS.get(video.name, {})
        sound: Any = out.add_stream(audio_codec, rate=48_000, layout="stereo", bit_rate=128_000)
        if video:
            _pictures(out, video, seed, seconds)
        _sound(out, sound, seed, seconds)


def _pictures(out: Any, stream: Any, seed: int, seconds: float) -> None:
    noise = bytes(byte % 24 + 64 for byte in random.Random(seed).randbytes(stream.width * stream.height))
    for number in range(max(2, round(seconds * _RATE))):
        frame = av.VideoFrame(stream.width, stream.height, "yuv420p")
        for plane in frame.planes:
            plane.update(noise[: plane.buffer_size].ljust(plane.buffer_size, b"@"))
        frame.pts, frame.time_base = number, Fraction(1, _RATE)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def _sound(out: Any, stream: Any, seed: int, seconds: float) -> None:
    context = stream.codec_context
    samples = context.frame_size or 4096
    noise = random.Random(seed)
    quiet = array("f", (noise.uniform(-0.01, 0.01) for _ in range(9000))).tobytes()
    if not context.format.name.startswith("flt"):
        quiet = bytes(byte % 8 for byte in noise.randbytes(36_000))
    for number in range(max(2, round(seconds * 48_000 / samples))):
        frame = av.AudioFrame(context.format.name, context.layout.name, samples)
        for plane in frame.planes:
            start = number * 4 % 2000
            plane.update((quiet[start:] * (plane.buffer_size // 34_000 + 1))[: plane.buffer_size])
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * samples, Fraction(1, 48_000)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))
