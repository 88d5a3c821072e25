"""Colour, HDR, fields and frame rate of a video stream: what PyAV's codec context says, in FFmpeg's words."""

from __future__ import annotations

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
_DOLBY_TAGS = frozenset({"dvh1", "dvhe", "dva1", "dvav", "dav1"})
_FIELDS = {2: "tt", 3: "bb", 4: "tb", 5: "bt"}  # AVFieldOrder; 1 is progressive


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
    if order := _FIELDS.get(int(getattr(context, "field_order", 0) or 0)):
        draft.note("interlaced", value=True)
        draft.note("field_order", order)
    if _varies(stream.average_rate, stream.base_rate):
        draft.note("variable_frame_rate", value=True)
    aspect = context.sample_aspect_ratio
    if aspect and aspect != 1:
        draft.note("pixel_aspect", f"{aspect.numerator}:{aspect.denominator}")
    if (level := getattr(context, "level", None)) and level > 0:
        draft.note("video_level", level)


def _varies(average: Any, base: Any) -> bool:
    """Tell whether the mean rate is another than the finest that fits every frame, or half of it, as fields are counted."""
    if not average or not base:
        return False
    ratio = float(average / base)
    return abs(ratio - 1) > 0.01 and abs(ratio - 0.5) > 0.005 and abs(ratio - 2) > 0.02
