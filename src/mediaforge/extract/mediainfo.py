"""The reader for what the first ones refuse: libmediainfo, from pymediainfo's wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mediaforge.errors import ExtractError
from mediaforge.extract.door import door
from mediaforge.extract.draft import Draft, sane
from mediaforge.extract.ffprobe import number, whole
from mediaforge.extract.tags import leading_number, year
from mediaforge.extract.taken import candidate
from mediaforge.extract.video import apply_film, apply_sound
from mediaforge.model import Kind, Stream, StreamType, TakenSource
from mediaforge.text import clean_text

if TYPE_CHECKING:
    from pymediainfo import Track

_TYPES = {"Video": StreamType.VIDEO, "Audio": StreamType.AUDIO, "Text": StreamType.SUBTITLE, "Image": StreamType.VIDEO}

# MediaInfo's format names, in lower case, to the names that FFmpeg (and Facts) use. What is not here keeps MediaInfo's name in
# lower case.
FORMATS = {
    "mpeg-4": "mp4", "quicktime": "mov", "mpeg audio": "mp3", "mpeg-ts": "mpegts", "bdav": "mpegts", "mpeg-ps": "mpeg",
    "windows media": "asf", "wave": "wav", "flash video": "flv", "realmedia": "rm", "monkey's audio": "ape", "wavpack": "wv",
    "musepack sv8": "mpc", "windows media audio": "asf",
}  # fmt: skip
CODECS = {
    "avc": "h264", "mpeg-4 visual": "mpeg4", "mpeg video": "mpeg2video", "aac lc": "aac", "mpeg audio": "mp3", "ac-3": "ac3",
    "e-ac-3": "eac3", "jpeg": "mjpeg", "pcm": "pcm", "monkey's audio": "ape", "wma": "wmav2", "vc-1": "vc1", "utf-8": "subrip",
    "sorenson spark": "flv1",
}  # fmt: skip
_TEXT = (
    ("title", "title"), ("title", "track_name"), ("artist", "performer"), ("album", "album"),
    ("album_artist", "album_performer"), ("composer", "composer"), ("genre", "genre"), ("description", "description"),
    ("description", "comment"), ("camera_make", "comapplequicktimemake"), ("camera_model", "comapplequicktimemodel"),
)  # fmt: skip


def read(path: str, _suffix: str, _head: bytes, kind: Kind) -> Draft:
    """Read what MediaInfo says of a file."""
    from pymediainfo import MediaInfo

    # An open file, since a name that is not UTF-8 cannot be handed over; only the beginning and the end of a file are parsed.
    with open(path, "rb") as file, door():
        tracks = MediaInfo.parse(file, parse_speed=0.3).tracks
        return _draft(tracks, kind)


def _draft(tracks: list[Track], kind: Kind) -> Draft:
    draft = Draft("mediainfo", kind)
    draft.streams = [_stream(index, t) for index, t in enumerate(t for t in tracks if t.track_type in _TYPES)]
    film = next(
        (s for s in draft.streams if s.type is StreamType.VIDEO and s.width and s.height and not s.attached_picture), None
    )
    sound = next((s for s in draft.streams if s.type is StreamType.AUDIO and s.sample_rate), None)
    if film is None and sound is None:
        raise ExtractError("has no video and no audio that could be read")
    general = next((t for t in tracks if t.track_type == "General"), tracks[0])
    name = str(general.format or "").lower()
    draft.put("format", FORMATS.get(name, name), "format")
    milliseconds = number(general.duration)
    draft.put("duration", milliseconds / 1000 if milliseconds else None, "duration")
    draft.put("bit_rate", whole(general.overall_bit_rate), "overall_bit_rate")
    if film is not None:
        apply_film(draft, film)
        draft.put("rotation", _rotation(tracks), "rotation")
    if sound is not None:
        apply_sound(draft, sound)
    draft.put("cover", general.cover == "Yes" or None, "cover")
    _tags(draft, general)
    return draft


def _tags(draft: Draft, general: Track) -> None:
    for field, name in _TEXT:
        value = getattr(general, name)
        draft.put(field, str(value) if value else None, name)
    draft.put("track", leading_number(general.track_name_position), "track_name_position")
    draft.put("year", year(general.recorded_date), "recorded_date")
    told = general.encoded_date or general.tagged_date
    if told:
        moment = f"{str(told).removeprefix('UTC ').removesuffix(' UTC')}Z" if "UTC" in str(told) else str(told)
        draft.taken(candidate(TakenSource.CONTAINER, moment, "mediainfo:encoded_date"))


def _rotation(tracks: list[Track]) -> int | None:
    turned = next((number(t.rotation) for t in tracks if t.track_type == "Video" and t.rotation), None)
    return round(turned) % 360 if turned is not None else None


def _stream(index: int, track: Any) -> Stream:
    name = str(track.format or "").lower()
    profile, level = [*str(track.format_profile or "").split("@"), ""][:2]  # High@L4.1, Main 10@L5.1@High
    shape = {
        "width": whole(track.width), "height": whole(track.height), "fps": number(track.frame_rate),
        "bit_depth": whole(track.bit_depth), "channels": whole(track.channel_s), "sample_rate": whole(track.sampling_rate),
        "bit_rate": whole(track.bit_rate), "level": number(level.removeprefix("L")),
    }  # fmt: skip
    values: dict[str, Any] = {field: sane(field, value) for field, value in shape.items()}
    return Stream(
        index=index, type=_TYPES[track.track_type], codec=CODECS.get(name, name or None),
        profile=clean_text(profile), language=clean_text(track.language or ""),
        title=clean_text(track.title or ""), default=track.default == "Yes", forced=track.forced == "Yes",
        attached_picture=track.track_type == "Image", **values,
    )  # fmt: skip
