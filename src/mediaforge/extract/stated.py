"""Streams whose headers state everything: H.264, HEVC and AAC, read without the decoders that FFmpeg would open for them.

FFmpeg decodes a picture of a film to learn its pixel format and colours: 30 ms in HD, and 0.1 ms here. Where a header does
not tell enough, the file is opened again, with all decoders (demux.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from mediaforge.extract.sps import Sequence, read_h264, read_hevc

_PICTURES: Mapping[str, Callable[[bytes], Sequence | None]] = {"h264": read_h264, "hevc": read_hevc}
_SOUND = "aac"
STATED = frozenset({*_PICTURES, _SOUND})
"""FFmpeg's names of the codecs whose headers are read here."""
# ISO/IEC 14496-3: audio object type (table 1.17), sampling frequencies by index (table 1.18), FFmpeg's names of channels by
# channelConfiguration (table 1.19), and an extension that says that there is no band replication (1.6.5).
_LOW_COMPLEXITY = 2
_PLAIN = "LC"
_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "7.1"}
_NOT_REPLICATED = b"\x56\xe5\0"
_SURE = 32000  # Hz; frames of a lower rate may replicate a band, which doubles it, and no header says so


def complete(container: Any) -> bool:
    """Fill in what no decoder told, and tell whether nothing is left open."""
    return all(_complete(stream) for stream in container.streams if stream.type in ("video", "audio"))


def _complete(stream: Any) -> bool:
    context = stream.codec_context
    if context is None or context.format is not None or context.name not in STATED:
        return True
    header = context.extradata or b""
    if context.name == _SOUND:
        return _fill_sound(context, header)
    # A picture or two have no rate but what their decoder may know.
    stated = _PICTURES[context.name](header) if stream.average_rate else None
    if stated is not None:
        _fill_picture(context, stated)
    return stated is not None


def _fill_picture(context: Any, stated: Sequence) -> None:
    if not _crops(context, stated):
        context.width, context.height = stated.width, stated.height
    context.pix_fmt, context.profile, context.level = stated.pixels, stated.profile, stated.level
    if all(stated.aspect):
        context.sample_aspect_ratio = Fraction(*stated.aspect)
    if stated.range is not None:
        context.color_range = stated.range
    if stated.colour is not None:
        context.color_primaries, context.color_trc, context.colorspace = stated.colour


def _crops(context: Any, stated: Sequence) -> bool:
    """Tell whether the container cuts off what fills the last row or column of blocks, as FFmpeg takes it for H.264."""
    if context.name != "h264" or stated.cropped_at_start:
        return False
    return all(
        0 < theirs <= ours and -theirs // 16 == -ours // 16
        for theirs, ours in ((context.width, stated.width), (context.height, stated.height))
    )


def _fill_sound(context: Any, header: bytes) -> bool:
    """Fill in what an AudioSpecificConfig (1.6.2.1) of plain AAC states; tell whether it is plain."""
    bits = int.from_bytes(header[:2], "big")
    kind, rate, channels, flags = bits >> 11, bits >> 7 & 15, bits >> 3 & 15, bits & 7
    if len(header) < 2 or kind != _LOW_COMPLEXITY or rate >= len(_RATES) or channels not in _LAYOUTS or flags & 3:
        return False  # the last two flags call for other decoders
    alone = not any(header[2:]) and _RATES[rate] >= _SURE
    if not alone and header[2:5] != _NOT_REPLICATED:
        return False
    context.sample_rate, context.layout, context.profile = _RATES[rate], _LAYOUTS[channels], _PLAIN
    return True
