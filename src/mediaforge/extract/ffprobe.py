"""The last reader: `ffprobe` as a process, where it is on PATH. It may be newer than our FFmpeg, or built with more in it."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from mediaforge.errors import ExtractError
from mediaforge.extract.colour import level_of
from mediaforge.extract.demux import DEMUXERS
from mediaforge.extract.door import door, sentence
from mediaforge.extract.draft import Draft, sane
from mediaforge.extract.tags import apply_tags
from mediaforge.extract.video import STREAM_TYPES, apply_film, apply_sound, short_format
from mediaforge.model import Chapter, Kind, Stream, StreamType
from mediaforge.text import clean_text

_SECONDS = 60  # a worker's own deadline comes first; this one ends the process when ours is killed no more
# `image2` reads a pattern of names unless it is told not to, and the pictures' own demuxers are named after their codecs.
_PICTURES = (
    "png_pipe,jpeg_pipe,webp_pipe,tiff_pipe,bmp_pipe,gif,gif_pipe,jpegxl_pipe,j2k_pipe,apng,ico,"
    "ppm_pipe,pgm_pipe,pbm_pipe,pam_pipe,pcx_pipe,psd_pipe,qoi_pipe,exr_pipe,sgi_pipe"
)


def read(path: str, _suffix: str, head: bytes, kind: Kind) -> Draft:
    """Read what ffprobe says of a file."""
    program = shutil.which("ffprobe")
    if program is None:
        raise ExtractError("ffprobe is not installed")
    with door(subprocess.SubprocessError):
        answer = _ask(program, path, f"{DEMUXERS},{_PICTURES}" if kind is Kind.IMAGE else DEMUXERS)
        return _draft(answer, head, kind)


def _ask(program: str, path: str, demuxers: str) -> dict[str, Any]:
    command = [
        program, "-v", "error", "-of", "json", "-show_format", "-show_streams", "-show_chapters",
        "-format_whitelist", demuxers, "-protocol_whitelist", "file", "-i", f"file:{path}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ExtractError(sentence(Exception(lines[-1].rsplit(": ", 1)[-1])) if lines else "ffprobe cannot read it")
    answer = json.loads(done.stdout.decode("utf-8", "replace"))
    return answer if isinstance(answer, dict) else {}


def _draft(answer: dict[str, Any], head: bytes, kind: Kind) -> Draft:
    draft = Draft("ffprobe", kind)
    container: dict[str, Any] = answer.get("format", {})
    tags = container.get("tags", {})
    draft.put("format", short_format(container.get("format_name", ""), tags, head).removesuffix("_pipe"), "format_name")
    draft.streams = [_stream(stream) for stream in answer.get("streams", ())]
    film = next((s for s in draft.streams if s.type is StreamType.VIDEO and not s.attached_picture and s.width), None)
    sound = next((s for s in draft.streams if s.type is StreamType.AUDIO and s.sample_rate), None)
    if film is None and sound is None:
        raise ExtractError("has no video and no audio that could be read")
    if kind is not Kind.IMAGE:
        draft.put("duration", number(container.get("duration")), "duration")
        draft.put("bit_rate", whole(container.get("bit_rate")), "bit_rate")
    if film is not None:
        apply_film(draft, film)
        for side in answer["streams"][draft.streams.index(film)].get("side_data_list", ()):
            if (turned := number(side.get("rotation"))) is not None:
                draft.put("rotation", round(-turned) % 360, "displaymatrix")  # ffprobe counts against the clock
    if sound is not None:
        apply_sound(draft, sound)
    for chapter in answer.get("chapters", ()):
        title = clean_text(chapter.get("tags", {}).get("title", ""))
        draft.chapters.append(Chapter(number(chapter.get("start_time")) or 0.0, number(chapter.get("end_time")), title))
    for named in (tags, *(s.get("tags", {}) for s in answer["streams"] if draft.values["format"] == "ogg")):
        apply_tags(draft, named)
    return draft


def _stream(found: dict[str, Any]) -> Stream:
    kind = found.get("codec_type")
    tags, disposition = found.get("tags", {}), found.get("disposition", {})
    language = clean_text(tags.get("language", ""))
    shape = {
        "width": whole(found.get("width")), "height": whole(found.get("height")), "fps": _rate(found.get("avg_frame_rate")),
        "bit_depth": whole(found.get("bits_per_raw_sample")), "channels": whole(found.get("channels")),
        "sample_rate": whole(found.get("sample_rate")), "bit_rate": whole(found.get("bit_rate")),
        "level": level_of(found.get("codec_name"), whole(found.get("level"))),
    }  # fmt: skip
    if kind == "audio":
        shape["fps"] = None
    values: dict[str, Any] = {field: sane(field, value) for field, value in shape.items()}
    return Stream(
        index=found["index"], type=STREAM_TYPES.get(str(kind), StreamType.DATA), codec=found.get("codec_name"),
        profile=found.get("profile"), language=language if language != "und" else None, title=clean_text(tags.get("title", "")),
        pixel_format=found.get("pix_fmt"), default=bool(disposition.get("default")), forced=bool(disposition.get("forced")),
        attached_picture=bool(disposition.get("attached_pic")), **values,
    )  # fmt: skip


def number(value: object) -> float | None:
    """Return a number that is written as text; None where it is none."""
    try:
        return float(str(value))
    except ValueError:
        return None


def whole(value: object) -> int | None:
    """Return a whole number that is written as text; None where it is none."""
    found = number(value)
    return int(found) if found is not None and abs(found) < 2**63 else None


def _rate(text: object) -> float | None:
    above, _, below = str(text).partition("/")
    top, bottom = number(above), number(below or 1)
    return round(top / bottom, 3) if top and bottom else None
