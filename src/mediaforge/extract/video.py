"""Videos, and music that mutagen does not read, through FFmpeg's own libraries (PyAV).

`format` is FFmpeg's demuxer in one word (mp4, mov, 3gp, matroska, webm, avi, asf, mpegts, mpeg, flv, ogg …): a file that calls
itself M4A, M4V or F4V is an mp4. What PyAV does not hand out (display matrix, Dolby Vision) boxes.py reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mediaforge.errors import ExtractError
from mediaforge.extract import xmp
from mediaforge.extract.boxes import read_movie
from mediaforge.extract.colour import apply_colour, apply_dynamic, level_of, replace_hdr
from mediaforge.extract.demux import open_container
from mediaforge.extract.door import door
from mediaforge.extract.draft import Draft, sane
from mediaforge.extract.recorded import apply_asf, apply_camcorder
from mediaforge.extract.tags import apply_tags
from mediaforge.model import SUFFIXES, Chapter, Kind, Stream, StreamType
from mediaforge.text import clean_text

if TYPE_CHECKING:
    from av.container import InputContainer

_BRANDS = {"qt": "mov", "3gp": "3gp", "3g2": "3g2", "3ge": "3gp", "3gg": "3gp", "3gr": "3gp", "3gs": "3gp"}
# Containers that declare what their streams are: a codec that they name is a fact, even where no frame of it could be read.
_DECLARING = ("mov", "matroska", "mpegts", "avi", "asf", "mxf")
STREAM_TYPES = {str(kind): kind for kind in StreamType}
_TICKS = 1000  # a second: as often as the clock of ASF ticks, which FFmpeg gives for a rate where it knows none
_PROFILE_UNKNOWN = "unknown"


def read(path: str, suffix: str, head: bytes, kind: Kind) -> Draft:
    """Read a container: its streams, chapters and tags."""
    import av

    with door(av.error.FFmpegError), open_container(path, head) as container:
        draft = Draft("pyav", kind)
        _read_container(draft, container, path, head)
        if container.format.name.startswith("mov"):
            _read_boxes(draft, path, container)
    if kind is Kind.VIDEO and SUFFIXES.get(suffix) is Kind.IMAGE and "width" not in draft.values:
        draft.kind = Kind.AUDIO
    return draft


def _read_container(draft: Draft, container: InputContainer, path: str, head: bytes) -> None:
    import av

    draft.put("format", short_format(container.format.name, container.metadata, head), "format")
    draft.streams = [_stream(stream) for stream in container.streams]
    film = next((s for s in draft.streams if s.type is StreamType.VIDEO and not s.attached_picture and s.width), None)
    sound = _first_sound(draft.streams)
    if film is None and sound is None and not (container.format.name.startswith(_DECLARING) and _declares(draft.streams)):
        raise ExtractError("has no video and no audio that could be read")
    seconds = [container.duration / av.time_base] if container.duration else []
    seconds += [float(s.duration * s.time_base) for s in container.streams if s.duration and s.time_base]
    draft.put("duration", max(seconds[:1] or seconds, default=None), "duration")
    draft.put("bit_rate", container.bit_rate or None, "bit_rate")
    if film is not None:
        apply_film(draft, film)
        apply_colour(draft, container.streams[film.index])
        apply_dynamic(draft, container, container.streams[film.index], path)
        if film.codec == "h264" and container.format.name == "mpegts":
            apply_camcorder(draft, container, container.streams[film.index])
    if container.format.name == "asf":
        apply_asf(draft, head)
    if sound is not None:
        apply_sound(draft, sound)
    for chapter in container.chapters():
        draft.chapters.append(_chapter(chapter))
    # An Ogg's tags are its stream's; a title of a stream of a film is the stream's own.
    for tags in (container.metadata, *(s.metadata for s in container.streams if draft.values["format"] == "ogg")):
        apply_tags(draft, tags)


def _declares(streams: list[Stream]) -> bool:
    return any(s.codec and not s.attached_picture for s in streams if s.type in (StreamType.VIDEO, StreamType.AUDIO))


def _first_sound(streams: list[Stream]) -> Stream | None:
    sounds = [s for s in streams if s.type is StreamType.AUDIO and s.sample_rate]
    return next((s for s in sounds if s.default), sounds[0] if sounds else None)


def apply_film(draft: Draft, film: Stream) -> None:
    """Put the video stream's values into the file's fields."""
    for field, value in (
        ("width", film.width),
        ("height", film.height),
        ("fps", film.fps),
        ("pixel_format", film.pixel_format),
        ("bit_depth", film.bit_depth),
        ("video_codec", film.codec),
    ):
        draft.put(field, value, f"stream[{film.index}].{field}")


def apply_sound(draft: Draft, sound: Stream) -> None:
    """Put the audio stream's values into the file's fields."""
    for field, value in (("audio_codec", sound.codec), ("channels", sound.channels), ("sample_rate", sound.sample_rate)):
        draft.put(field, value, f"stream[{sound.index}].{field}")


def short_format(name: str, tags: dict[str, str], head: bytes) -> str:
    """Return the one word for a demuxer's name, which may be a list of what it reads."""
    if name.startswith("mov"):
        brand = tags.get("major_brand", "qt").strip()
        return _BRANDS.get(brand) or _BRANDS.get(brand[:3]) or "mp4"
    if name.startswith("matroska"):
        return "webm" if b"webm" in head[:128] else "matroska"  # EBML DocType (RFC 8794, 11.2.6)
    return {"mpc8": "mpc", "iff": "dff", "asf_o": "asf"}.get(name, name)


def _stream(stream: Any) -> Stream:
    context = stream.codec_context
    kind = STREAM_TYPES.get(stream.type, StreamType.DATA)
    disposition = int(stream.disposition)
    shape: dict[str, Any] = {}
    if context is not None and kind is StreamType.VIDEO:
        pixels = context.format
        rate = stream.average_rate or (stream.base_rate if stream.base_rate and stream.base_rate < _TICKS else None)
        shape = {
            "width": context.width, "height": context.height, "fps": round(float(rate), 3) if rate else None,
            "pixel_format": pixels.name if pixels else None, "bit_depth": pixels.components[0].bits if pixels else None,
            "level": level_of(_codec(context), getattr(context, "level", None)),
        }  # fmt: skip
    elif context is not None and kind is StreamType.AUDIO:
        shape = {"channels": context.layout.nb_channels, "sample_rate": context.sample_rate}
    values: dict[str, Any] = {field: sane(field, value) for field, value in shape.items()}
    profile = stream.profile if context is not None else None
    return Stream(
        index=stream.index,
        type=kind,
        codec=_codec(context),
        profile=profile if profile != _PROFILE_UNKNOWN else None,
        language=_language(stream.language),
        title=clean_text(stream.metadata.get("title") or stream.metadata.get("TITLE") or ""),
        bit_rate=(context.bit_rate or None) if context is not None and kind is not StreamType.SUBTITLE else None,
        default=bool(disposition & 1),
        forced=bool(disposition & 0x40),
        attached_picture=bool(disposition & 0x400),
        **values,
    )


def _codec(context: Any) -> str | None:
    if context is None:
        return None
    return context.codec.canonical_name or context.name or None


def _language(code: str | None) -> str | None:
    cleaned = clean_text(code or "")
    return cleaned if cleaned not in (None, "und", "unk") else None


def _chapter(chapter: Any) -> Chapter:
    base = float(chapter["time_base"] or 0)
    title = clean_text(chapter["metadata"].get("title", ""))
    return Chapter(chapter["start"] * base, chapter["end"] * base, title)


def _read_boxes(draft: Draft, path: str, container: InputContainer) -> None:
    """Add what only the boxes of the file tell: how a track is turned, Dolby Vision, XMP."""
    movie = read_movie(path)
    for stream in draft.streams:
        track = movie.tracks.get(container.streams[stream.index].id)
        if track and stream.type is StreamType.VIDEO and not stream.attached_picture:
            draft.put("rotation", track.rotation, "mp4:tkhd.matrix")
            if track.dolby_vision:
                replace_hdr(draft, "dolby-vision", "mp4:dvcC")
            break
    if movie.xmp:
        found = xmp.properties(movie.xmp)
        xmp.apply_words(draft, found)
        xmp.apply_camera(draft, {name: values for name, values in found.items() if name != "tiff:Orientation"})
