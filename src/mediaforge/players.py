"""What players play: one literal table, and the tables of a person's own in the config file, which have the same keys.

Containers, codecs, profiles and pixel formats go by FFmpeg's names. The facts are the vendors' own, as they stood in 2025:

- web: Mozilla's guides to media containers, video codecs, audio codecs and image types (developer.mozilla.org, Web/Media):
  what Chrome, Edge, Firefox and Safari have in common.
- apple: the technical specifications of the Apple TV 4K, third generation (support.apple.com).
- chromecast, chromecast-4k: Google's table of supported media (developers.google.com/cast/docs/media): what its first three
  generations have in common, and what Ultra, Google TV in 4K and the TV Streamer have.
- dlna: the media format profiles of the DLNA guidelines (IEC 62481-2), each codec at the largest of its profiles.

No vendor promises more than it lists, and many players play more.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a player takes of one codec, or of one format of pictures. What is empty or None is not limited."""

    containers: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()  # as `plain` writes them
    pixel_formats: tuple[str, ...] = ()
    level: float | None = None
    bit_depth: int | None = None
    width: int | None = None  # of the longer side
    height: int | None = None  # of the shorter side
    fps: float | None = None
    channels: int | None = None
    sample_rate: int | None = None

    @property
    def size(self) -> str | None:
        """The largest picture in words; None where that is not limited."""
        if self.width and self.height:
            return f"{self.width:g}×{self.height:g}"
        return f"{self.width:g} wide" if self.width else f"{self.height:g} high" if self.height else None


Codecs = Mapping[str, Limits]


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """What a player plays; None is anything. `title` is what stands behind «is not played by»."""

    title: str
    containers: tuple[str, ...] | None = None
    video: Codecs | None = None
    audio: Codecs | None = None
    images: Codecs | None = None
    hdr: tuple[str, ...] | None = None


def _all(names: str, limits: Limits = Limits()) -> dict[str, Limits]:
    return dict.fromkeys(names.split(), limits)


_H264 = ("constrainedbaseline", "baseline", "main", "high")
_AAC = ("lc", "he-aac", "he-aacv2")
_UHD: dict[str, Any] = {"width": 3840, "height": 2160, "fps": 60}
_HD: dict[str, Any] = {"width": 1920, "height": 1080, "fps": 60}
_CAST_AUDIO = {
    **_all("aac", Limits(profiles=_AAC)),
    **_all("mp3 opus vorbis pcm_s16le pcm_s24le"),
    "flac": Limits(bit_depth=24, sample_rate=96_000),
}
_CAST_IMAGES = _all("bmp gif jpeg png webp")
_CAST_CONTAINERS = tuple("mp4 webm mpegts ogg mp3 aac flac wav".split())

PLAYERS: Mapping[str, Player] = {
    "web": Player(
        title="web browsers",
        containers=tuple("mp4 webm mp3 aac flac wav".split()),
        video={
            "h264": Limits(containers=("mp4",), profiles=_H264, pixel_formats=("yuv420p", "yuvj420p")),
            "vp8": Limits(containers=("webm",)),
            "vp9": Limits(containers=("webm", "mp4"), profiles=("profile0",)),
            "av1": Limits(containers=("webm", "mp4"), profiles=("main",), bit_depth=10),
        },
        audio={
            "aac": Limits(containers=("mp4", "aac"), profiles=_AAC),
            "mp3": Limits(containers=("mp4", "mp3")),
            "opus": Limits(containers=("webm", "mp4")),
            "vorbis": Limits(containers=("webm",)),
            "flac": Limits(containers=("flac", "mp4")),
            **_all("pcm_u8 pcm_s16le pcm_s24le pcm_f32le", Limits(containers=("wav",))),
        },
        images=_all("avif bmp gif ico jpeg png webp"),
        hdr=(),
    ),
    "apple": Player(
        title="Apple TV",
        containers=tuple("mp4 mov mp3 aac flac wav aiff".split()),
        video={
            "h264": Limits(profiles=_H264, pixel_formats=("yuv420p", "yuvj420p"), **_UHD),
            "hevc": Limits(profiles=("main", "main10"), **_UHD),
            "mpeg4": Limits(profiles=("simpleprofile",), width=640, height=480, fps=30),
        },
        audio={
            "aac": Limits(profiles=("lc", "he-aac"), channels=8),
            **_all("ac3 eac3", Limits(channels=8)),
            **_all("alac flac mp3 pcm_*"),
        },
        images=_all("gif heif jpeg tiff"),
        hdr=("dolby-vision", "hdr10", "hlg"),
    ),
    "chromecast": Player(
        title="Chromecast",
        containers=_CAST_CONTAINERS,
        video={
            "h264": Limits(profiles=_H264, level=4.1, **_HD),
            "vp8": Limits(width=1920, height=1080, fps=30),
        },
        audio=_CAST_AUDIO,
        images=_CAST_IMAGES,
        hdr=(),
    ),
    "chromecast-4k": Player(
        title="Chromecast 4K",
        containers=_CAST_CONTAINERS,
        video={
            "h264": Limits(profiles=_H264, level=4.2, **_HD),
            "hevc": Limits(profiles=("main", "main10"), level=5.1, **_UHD),
            "vp8": Limits(width=3840, height=2160, fps=30),
            "vp9": Limits(profiles=("profile0", "profile2"), level=5.1, **_UHD),
        },
        audio=_CAST_AUDIO,
        images=_CAST_IMAGES,
        hdr=("dolby-vision", "hdr10"),
    ),
    "dlna": Player(
        title="DLNA players",
        containers=tuple("mp4 3gp mpegts mpeg asf mp3 aac".split()),
        video={
            "h264": Limits(containers=("mp4", "3gp", "mpegts"), profiles=_H264, level=4, **_HD),
            "mpeg4": Limits(
                containers=("mp4", "3gp"), profiles=("simpleprofile", "advancedsimpleprofile"), width=720, height=576, fps=30
            ),
            "mpeg2video": Limits(containers=("mpeg", "mpegts"), profiles=("simple", "main"), pixel_formats=("yuv420p",), **_HD),
            "mpeg1video": Limits(containers=("mpeg",), width=352, height=288, fps=30),
            "wmv3": Limits(containers=("asf",), profiles=("simple", "main"), **_HD),
        },
        audio={
            "aac": Limits(containers=("mp4", "3gp", "mpegts", "aac"), profiles=_AAC, channels=6),
            "ac3": Limits(containers=("mpeg", "mpegts", "mp4"), channels=6),
            "eac3": Limits(containers=("mpegts", "mp4"), channels=8),
            "mp3": Limits(containers=("mp3", "mp4", "mpegts"), channels=2, sample_rate=48_000),
            "mp2": Limits(containers=("mpeg", "mpegts"), channels=2, sample_rate=48_000),
            "amr_nb": Limits(containers=("3gp", "mp4")),
            **_all("wmav2 wmapro", Limits(containers=("asf",), channels=8)),
        },
        images={
            **_all("jpeg png", Limits(width=4096, height=4096)),
            "gif": Limits(width=1600, height=1200),
        },
        hdr=(),
    ),
}
"""The players that everybody knows, by the names that `playable:` takes."""


def plain(name: str) -> str:
    """Return a name as it is compared: `Main 10` as main10."""
    return "".join(name.lower().split())


# What each key of a person's player takes. Those of a codec differ by what it is a codec of.
_CODEC_KEYS: Mapping[str, tuple[str, ...]] = {
    "video": tuple("containers profiles pixel_formats level bit_depth width height fps".split()),
    "audio": tuple("containers profiles bit_depth channels sample_rate".split()),
    "images": ("bit_depth", "width", "height"),
}
_KEYS = tuple(field.name for field in fields(Player))
_HDR = ("hdr10", "hdr10+", "hlg", "dolby-vision")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def read_players(value: object) -> Mapping[str, Player]:
    """Return the players of the config file's tables, or of TOML in a text; ValueError says what they must be."""
    if isinstance(value, str):
        try:
            value = tomllib.loads(value)
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"a table of players in TOML: {error}") from None
    if not isinstance(value, dict):
        raise ValueError("a table for each player, such as [playable.kitchen]")
    return {name: _player(name, told) for name, told in value.items()}


def _player(name: str, told: object) -> Player:
    if not _NAME.fullmatch(name):
        raise ValueError(f"names of small letters, digits, - and _, not '{name}'")
    if not isinstance(told, dict):
        raise ValueError(f"a table for '{name}', such as [playable.{name}]")
    _known(told, _KEYS, name)
    read: dict[str, Any] = {}
    for key, part in told.items():
        where = f"{name}.{key}"
        if key == "title":
            read[key] = _text(part, where)
        else:
            read[key] = _codecs(part, where, key) if key in _CODEC_KEYS else _names(part, where)
    for kind in read.get("hdr", ()):
        if kind not in _HDR:
            raise ValueError(f"{', '.join(_HDR[:-1])} or {_HDR[-1]} in '{name}.hdr', not '{kind}'")
    return Player(**{"title": name, **read})


def _codecs(value: object, where: str, key: str) -> Codecs:
    """Return the limits of each codec; a list of names is one without any."""
    if isinstance(value, list):
        return dict.fromkeys(_names(value, where), Limits())
    if not isinstance(value, dict):
        raise ValueError(f"a list of names, or a table of codecs with their limits, for '{where}'")
    return {plain(codec): _limits(told, f"{where}.{codec}", key) for codec, told in value.items()}


def _limits(value: object, where: str, key: str) -> Limits:
    if not isinstance(value, dict):
        raise ValueError(f"a table of limits for '{where}', such as {{}} for none")
    _known(value, _CODEC_KEYS[key], where)
    lists = ("containers", "profiles", "pixel_formats")
    read = {name: _names(part, f"{where}.{name}") for name, part in value.items() if name in lists}
    numbers = {name: _number(part, f"{where}.{name}") for name, part in value.items() if name not in lists}
    return Limits(**read, **numbers)  # type: ignore[arg-type]  # each by its own name


def _known(told: Mapping[str, object], keys: tuple[str, ...], where: str) -> None:
    for key in told:
        if key not in keys:
            close = difflib.get_close_matches(key, keys, n=1)
            meant = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(keys)}"
            raise ValueError(f"no '{where}.{key}'; {meant}")


def _names(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(part, str) and part.strip() for part in value):
        raise ValueError(f"a list of names for '{where}'")
    return tuple(map(plain, value))


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"a text for '{where}'")
    return " ".join(value.split())


def _number(value: object, where: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2**53:
        raise ValueError(f"a number above 0 for '{where}'")
    return value
