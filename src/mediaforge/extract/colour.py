"""Colour, HDR, fields and frame rate of a video stream: what PyAV's codec context says, in FFmpeg's words."""

from __future__ import annotations

import re
from typing import Any

from mediaforge.extract.draft import Draft

# ITU-T H.273, tables 2 to 4; FFmpeg's names of them. 2 is «unspecified».
_PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 10: "smpte428",
    11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
_TRANSFERS = {
    1: "bt709", 4: "gamma22", 5: "gamma28", 6: "smpte170m", 7: "smpte240m", 8: "linear", 11: "iec61966-2-4", 13: "iec61966-2-1",
    14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084", 17: "smpte428", 18: "arib-std-b67",
}  # fmt: skip
_MATRICES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc", 10: "bt2020c",
    14: "ictcp",
}  # fmt: skip
_RANGES = {1: "tv", 2: "pc"}
_HDR = {16: "hdr10", 18: "hlg"}  # SMPTE ST 2084 (PQ), ARIB STD-B67
# The metadata of HDR10+ in a frame begins so: ITU-T T.35, USA, Samsung, SMPTE ST 2094-40 (CTA-861, annex S).
_HDR10_PLUS = b"\xb5\x00\x3c\x00\x01\x04"
# A track of Matroska with Dolby Vision's configuration: BlockAddIDType (RFC 9559, 5.1.4.1.17.3) is one of its boxes' names.
_DOLBY_MAPPING = re.compile(rb"\x41\xe7\x84dv[cvw]C")
_TRACKS = 1 << 18  # bytes in which the tracks of a Matroska file are told
_DOLBY_TAGS = frozenset({"dvh1", "dvhe", "dva1", "dvav", "dav1"})
_PROGRESSIVE = 1
_FIELDS = {2: "tt", 3: "bb", 4: "tb", 5: "bt"}  # AVFieldOrder


def apply_colour(draft: Draft, stream: Any) -> None:
    """Put what a video stream's header says of colour, fields and rates into the draft."""
    context = stream.codec_context
    transfer = int(context.color_trc)
    if context.codec_tag in _DOLBY_TAGS:
        draft.put("hdr", "dolby-vision", "codec_tag")
    elif draft.values.get("bit_depth", 0) > 8:  # a matching transfer alone, on 8 bits, is not HDR
        draft.put("hdr", _HDR.get(transfer), "color_trc")
    draft.note("color_primaries", _PRIMARIES.get(int(context.color_primaries)))
    draft.note("color_transfer", _TRANSFERS.get(transfer))
    if context.colorspace or draft.values.get("pixel_format", "").startswith(("gbr", "rgb", "bgr")):
        draft.note("color_matrix", _MATRICES.get(int(context.colorspace)))
    draft.note("color_range", _RANGES.get(int(context.color_range)))
    order = int(getattr(context, "field_order", 0) or 0)
    if order in (_PROGRESSIVE, *_FIELDS):
        draft.put("interlaced", order in _FIELDS, "field_order")
        draft.note("field_order", _FIELDS.get(order))
    draft.put("variable_frame_rate", _varies(stream.average_rate, stream.base_rate), "avg_frame_rate")
    aspect = context.sample_aspect_ratio
    if aspect and aspect != 1:
        draft.note("pixel_aspect", f"{aspect.numerator}:{aspect.denominator}")


def apply_dynamic(draft: Draft, container: Any, stream: Any, path: str) -> None:
    """Put what a header does not tell of a film with more than 8 bits: HDR10+ by its first frame, Matroska's Dolby Vision."""
    if draft.values.get("hdr") == "hdr10" and _HDR10_PLUS in _first_packet(container, stream):
        replace_hdr(draft, "hdr10+", "sei")
    if draft.values.get("bit_depth", 0) > 8 and container.format.name.startswith("matroska"):
        with open(path, "rb") as file:
            if _DOLBY_MAPPING.search(file.read(_TRACKS)):
                replace_hdr(draft, "dolby-vision", "matroska:BlockAddIDType")


def _first_packet(container: Any, stream: Any) -> bytes:
    """Return the first coded frame of a stream, empty where it cannot be read: what the header said stands all the same."""
    import av

    try:
        return bytes(next(container.demux(stream), b""))
    except av.error.FFmpegError:
        return b""


def replace_hdr(draft: Draft, kind: str, origin: str) -> None:
    """Put a kind of HDR that is built upon the one that is known."""
    draft.values.pop("hdr", None)
    draft.put("hdr", kind, origin)


def level_of(codec: str | None, number: int | None) -> float | None:
    """Return the level of a video codec as its standard writes it (4.1), from the number in the stream's header.

    H.264: ITU-T H.264, annex A.3, where 9 is level 1b. HEVC: H.265, annex A.4, thirty times the level. AV1: its
    specification, annex A.3. VP9 and MPEG-4 part 2 as FFmpeg has them; other codecs name their levels.
    """
    if number is None or number < 0 or (number == 0 and codec != "av1"):
        return None
    match codec:
        case "h264":
            return 1.0 if number == 9 else number / 10
        case "vp9":
            return number / 10
        case "hevc":
            return round(number / 30, 1)
        case "av1":
            return 2 + (number >> 2) + (number & 3) / 10 if number < 31 else None
        case "mpeg4":
            return float(number)
    return None


def _varies(average: Any, base: Any) -> bool | None:
    """Tell whether the mean rate is another than the finest that fits every frame, or half of it, as fields are counted."""
    if not average or not base:
        return None
    ratio = float(average / base)
    return abs(ratio - 1) > 0.01 and abs(ratio - 0.5) > 0.005 and abs(ratio - 2) > 0.02
