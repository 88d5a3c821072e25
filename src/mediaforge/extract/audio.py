"""Music through mutagen: what it is and what its tags say, in ID3, Vorbis comments, MP4, APEv2 and ASF."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from mutagen import File, MutagenError

from mediaforge.errors import ExtractError
from mediaforge.extract import audio_tags
from mediaforge.extract.door import BROKEN, door
from mediaforge.extract.draft import Draft, sane
from mediaforge.extract.sniff import sniff
from mediaforge.extract.video import apply_sound
from mediaforge.model import Kind, Stream, StreamType

# mutagen's class: format, FFmpeg's name of the codec; None where the class knows several. Raw AAC is not here: mutagen does not
# see what HE-AAC doubles; nor AC-3, of which it takes 5.1 for 5 channels.
FORMATS: dict[str, tuple[str, str | None]] = {
    "MP3": ("mp3", None), "EasyMP3": ("mp3", None), "FLAC": ("flac", "flac"),
    "OggVorbis": ("ogg", "vorbis"), "OggOpus": ("ogg", "opus"), "OggFLAC": ("ogg", "flac"), "OggSpeex": ("ogg", "speex"),
    "MonkeysAudio": ("ape", "ape"), "WavPack": ("wv", "wavpack"), "Musepack": ("mpc", None),
    "ASF": ("asf", None),
}  # fmt: skip
_WINDOWS = (("Professional", "wmapro"), ("Lossless", "wmalossless"), ("Voice", "wmavoice"), ("Windows Media Audio", "wmav2"))


# What the first bytes say, mutagen's module and class for it, and the suffixes of which that is believed: `mp3` is an ID3 tag,
# with which others begin, too. Asking all of mutagen's classes takes 0.1 ms, and importing them 10.
_CLASSES: Mapping[str, tuple[str, str, str]] = {
    "mp3": ("mp3", "MP3", "mp3"),
    "flac": ("flac", "FLAC", "flac"),
    "asf": ("asf", "ASF", "wma"),
    "ape": ("monkeysaudio", "MonkeysAudio", "ape"),
    "wv": ("wavpack", "WavPack", "wv"),
    "mpc": ("musepack", "Musepack", "mpc mp+"),
    "\1vorbis": ("oggvorbis", "OggVorbis", "ogg oga"),
    "OpusHead": ("oggopus", "OggOpus", "opus ogg oga"),
    "Speex   ": ("oggspeex", "OggSpeex", "spx ogg oga"),
    "\x7fFLAC": ("oggflac", "OggFLAC", "ogg oga"),
}
_NOT_IT: tuple[type[Exception], ...] = (MutagenError, *BROKEN)
_SLOWEST = 1000  # bytes a second: the least bit rate of MPEG's sound. What belies it is noise, or a file that was cut short
_FIRST_PACKET = 28  # where it begins in an Ogg whose first page holds no other (RFC 3533, 6)


def read(path: str, suffix: str, head: bytes, kind: Kind) -> Draft:
    """Read music."""
    with door(MutagenError):
        music = _open(path, _class(suffix, head))
        name = type(music).__name__
        if name not in FORMATS:
            raise ExtractError(f"is {name}, which is read otherwise")
        draft = Draft("mutagen", kind)
        _read_stream(draft, music, *FORMATS[name])
        audio_tags.apply(draft, music)
        return draft


def _class(suffix: str, head: bytes) -> Callable[[str], Any] | None:
    """Return mutagen's class for a file; None where its first bytes leave a doubt."""
    seen = sniff(head)
    name = seen[0] if seen else suffix
    if name == "ogg":
        name = next((mark for mark in _CLASSES if head.startswith(mark.encode(), _FIRST_PACKET)), "")
    module, found, suffixes = _CLASSES.get(name, ("", "", ""))
    if suffix not in suffixes.split():
        return None
    return getattr(import_module(f"mutagen.{module}"), found)  # type: ignore[no-any-return]


def _open(path: str, found: Callable[[str], Any] | None) -> Any:
    try:
        music = _first(path, found)
        music = File(path) if music is None else music
    except MutagenError as error:
        if isinstance(error.__cause__ or error.__context__, OSError):
            raise error.__cause__ or error.__context__ from error  # type: ignore[misc]  # an OSError, as asked
        raise
    if music is None or music.info is None:
        raise ExtractError("is no format that mutagen knows")
    return music


def _first(path: str, found: Callable[[str], Any] | None) -> Any:
    """Open a file as what it seems to be; None where it is not."""
    if found is None:
        return None
    try:
        return found(path)
    except _NOT_IT:
        return None  # asked again, of all classes: the complaint is theirs


def _read_stream(draft: Draft, music: Any, container: str, codec: str | None) -> None:
    info = music.info
    rate = getattr(info, "sample_rate", None) or (
        48_000 if codec == "opus" else None
    )  # Opus always decodes to 48 kHz (RFC 7845)
    channels = getattr(info, "channels", None)
    codec = codec or _codec(container, info)
    if not codec or not rate or not channels or not info.length:
        raise ExtractError("states no codec, channels or sample rate")
    if container == "mp3" and info.length > os.path.getsize(music.filename) / _SLOWEST + 1:
        raise ExtractError("states a length that so few bytes cannot have")
    draft.put("format", container, "format")
    draft.put("duration", float(info.length), "length")
    draft.put("bit_rate", int(getattr(info, "bitrate", 0) or 0) or None, "bitrate")
    depth = sane(
        "bit_depth",
        getattr(info, "bits_per_sample", None) if codec.startswith(("pcm", "flac", "alac", "ape", "wavpack", "tta")) else None,
    )
    sound = Stream(index=0, type=StreamType.AUDIO, codec=codec, channels=int(channels), sample_rate=int(rate), default=True)
    apply_sound(draft, sound)
    draft.put("bit_depth", depth, "bits_per_sample")
    draft.streams = [sound]
    for index, picture in enumerate(audio_tags.pictures(music), 1):
        draft.streams.append(Stream(index=index, type=StreamType.VIDEO, codec=picture, attached_picture=True))


def _codec(container: str, info: Any) -> str | None:
    """Return FFmpeg's name of the codec where the class alone does not tell."""
    match container:
        case "mp3":
            return f"mp{info.layer}"
        case "mpc":
            return "musepack8" if info.version >= 8 else "musepack7"
        case "asf":
            return next((codec for words, codec in _WINDOWS if words in info.codec_name), None)
    return None
