"""The words of the domain: values, their types and units; no I/O. What a scan tells while it runs is in events.py.

Sizes are bytes, durations and exposure times seconds, angles degrees, bit rates bit/s, sample rates Hz, altitudes metres.
`None` means "not known". Paths are bytes, relative to their library's root unless a name says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

MediaId = NewType("MediaId", int)
LibraryId = NewType("LibraryId", int)
ScanId = NewType("ScanId", str)


class Kind(StrEnum):
    """What a media file is, as its suffix tells and its content confirms."""

    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"


class State(StrEnum):
    """Where a file is: on its volume, gone from it, or on a volume that is not there."""

    PRESENT = "present"
    MISSING = "missing"
    OFFLINE = "offline"


class GroupKind(StrEnum):
    """What several files are that were made of one moment."""

    LIVE = "live"  # a picture and a video: Apple's Live Photo
    RAW = "raw"  # a RAW picture and the camera's own JPEG or HEIF of it
    BURST = "burst"


class StreamType(StrEnum):
    """The type of one stream of a container, in FFmpeg's words."""

    VIDEO = "video"
    AUDIO = "audio"
    SUBTITLE = "subtitle"
    DATA = "data"
    ATTACHMENT = "attachment"


class TakenSource(StrEnum):
    """Where the time of recording comes from, most trusted first."""

    PERSON = "person"  # who set it, past the reading of files
    EXIF_OFFSET = "exif-offset"
    EXIF = "exif"
    GPS = "gps"
    QUICKTIME_OFFSET = "quicktime-offset"
    CONTAINER = "container"
    TAKEOUT = "takeout"
    FILENAME = "filename"
    MTIME = "mtime"


class Failure(StrEnum):
    """Why a file's target could not be made."""

    UNREADABLE = "unreadable"  # the reader says so: broken, empty, misnamed
    IO = "io"  # the file could not be opened or read: permissions, a bad disk
    VANISHED = "vanished"  # it was there when it was counted
    CRASHED = "crashed"  # it killed a worker that had nothing else to do
    TIMED_OUT = "timed-out"
    OUT_OF_MEMORY = "out-of-memory"
    BUG = "bug"  # our own code raised what it never should


PASSING = frozenset({Failure.IO, Failure.VANISHED})
"""Failures that may pass by themselves; after any other a file is tried again only when it changes or a person asks."""
QUARANTINED = frozenset({Failure.CRASHED, Failure.TIMED_OUT, Failure.OUT_OF_MEMORY})
"""Failures that cost a worker: such a file is not tried again until it changes or a person asks."""

_VIDEO = "mp4 m4v mov qt mkv webm avi wmv asf flv f4v ts m2ts mts mpg mpeg mpe m2v vob 3gp 3g2 ogv ogm divx rm rmvb mxf dv"
_AUDIO = "mp3 mp2 flac m4a m4b m4p aac ogg oga opus spx wav aif aiff aifc ape wv mpc mp+ tta wma dsf dff mka ac3 dts amr au"
_IMAGE = (
    "jpg jpeg jpe jfif png apng gif webp tif tiff bmp heic heif hif avif jxl jp2 ico tga"
    " dng cr2 cr3 nef arw raf orf rw2 pef srw"
)

SUFFIXES: Mapping[str, Kind] = {
    **dict.fromkeys(_VIDEO.split(), Kind.VIDEO),
    **dict.fromkeys(_AUDIO.split(), Kind.AUDIO),
    **dict.fromkeys(_IMAGE.split(), Kind.IMAGE),
}
"""Suffix in lower case without its dot, to the kind of file that bears it; any other name is not looked at."""

RAW_SUFFIXES = frozenset("dng cr2 cr3 nef arw raf orf rw2 pef srw".split())


LARGEST = 2**63 - 1
"""The largest integer that a catalogue can hold: SQLite's are signed and of 64 bits."""


FINGERPRINTED = 128 * 1024
"""Bytes of a file that a fingerprint covers, half of them from each end: of a file with no more than these, all of it."""


def signed(inode: int) -> int:
    """Return an inode number, of which NFS and FUSE use all 64 bits, as an integer that a catalogue can hold."""
    return inode - 2**64 if inode > LARGEST else inode


def storable(mtime_ns: int) -> int:
    """Return a modification time that a catalogue can hold; a broken clock gives years after 2262."""
    return max(-LARGEST, min(mtime_ns, LARGEST))


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one state of a file, and of what stands beside it (sidecars.pack), from the next."""

    size: int
    mtime_ns: int
    companions: bytes | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of a container. `index` counts from 0 as FFmpeg does; codecs are FFmpeg's names."""

    index: int
    type: StreamType
    codec: str | None = None
    profile: str | None = None
    level: float | None = None  # of a video codec, as its standard writes it: 4.1
    language: str | None = None  # ISO 639, two or three letters, as the container has it
    title: str | None = None
    bit_rate: int | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    pixel_format: str | None = None
    bit_depth: int | None = None
    channels: int | None = None
    sample_rate: int | None = None
    default: bool = False
    forced: bool = False
    attached_picture: bool = False
    file: str | None = None  # of subtitles that stand beside the video: the name of theirs


@dataclass(frozen=True, slots=True)
class Chapter:
    """A named part of a film or book; times in seconds from its beginning."""

    start: float
    end: float | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that was read from one file.

    `width` and `height` are as coded; `orientation` is EXIF's 1 to 8 (images), `rotation` clockwise degrees (videos).
    `taken_at` is aware where the offset is known, and otherwise the naive local time at the place.
    `origins` tells for each field where it was read, as `reader:tag` (`exif:DateTimeOriginal`, `id3:TIT2`, `pyav:duration`).
    `extra` holds, by their own names, facts that have no field.
    """

    reader: str
    kind: Kind | None = None  # only where the content is of another kind than the suffix says
    format: str | None = None
    duration: float | None = None
    bit_rate: int | None = None
    width: int | None = None
    height: int | None = None
    orientation: int | None = None
    rotation: int | None = None
    fps: float | None = None
    pixel_format: str | None = None
    bit_depth: int | None = None
    hdr: str | None = None  # hdr10, hdr10+, hlg, dolby-vision
    interlaced: bool | None = None
    variable_frame_rate: bool | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    channels: int | None = None
    sample_rate: int | None = None
    cover: bool | None = None  # whether a picture is attached; of videos and music
    motion: bool | None = None  # whether a picture holds a video of its moment
    streams: tuple[Stream, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    taken_at: datetime | None = None
    taken_source: TakenSource | None = None
    camera_make: str | None = None
    camera_model: str | None = None
    lens: str | None = None
    iso: int | None = None
    f_number: float | None = None
    exposure_time: float | None = None
    focal_length: float | None = None  # millimetres, as on the lens
    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None
    place: str | None = None
    title: str | None = None
    description: str | None = None
    artist: str | None = None
    album: str | None = None
    album_artist: str | None = None
    composer: str | None = None
    genre: str | None = None
    year: int | None = None  # of release
    track: int | None = None
    disc: int | None = None
    keywords: tuple[str, ...] = ()
    show: str | None = None
    season: int | None = None
    episode: int | None = None
    episode_title: str | None = None
    rating: int | None = None  # 0 to 5
    live_id: str | None = None  # what Apple calls both the picture and the video of a Live Photo
    burst_id: str | None = None  # what it calls every picture of a burst
    extra: Mapping[str, object] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Library:
    """A scanned root. `volume` outlives a reboot where one is known; `online` is as of the last look."""

    id: LibraryId
    slug: str
    root: bytes  # absolute
    volume: str | None = None
    volume_label: str | None = None
    mount_point: bool = False
    online: bool = True
    added: str = ""
    seen: str | None = None
    items: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person set in a field of an item, and what the file says there, if anything. The facts hold `value`."""

    value: object
    read: object
    added: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One item of the catalogue: a file, where it is, what was read from it, and what a person did with it."""

    id: MediaId
    library: str
    path: bytes  # absolute
    kind: Kind
    state: State
    size: int
    modified: datetime
    added: datetime
    missing_since: datetime | None = None
    volume_label: str | None = None
    sha256: str | None = None
    fingerprint: str | None = None
    facts: Facts
    sidecars: tuple[str, ...] = ()  # names, relative to its folder
    group: MediaId | None = None  # the item that leads the group that it is in, perhaps itself
    group_kind: GroupKind | None = None
    group_with: tuple[tuple[MediaId, bytes], ...] | None = None  # the others, absolute paths; only where it was asked for
    tags: tuple[str, ...] = ()
    tag_sources: Mapping[str, str] = field(default_factory=dict)
    favourite: bool = False
    note: str | None = None
    corrections: Mapping[str, Correction] | None = None  # by field, what a person set; only where it was asked for
    collections: tuple[str, ...] = ()
    rules: Mapping[str, tuple[int, str | None]] | None = None  # by tag, the rule that put it there; only where it was asked for
    playable: Mapping[str, tuple[str, ...]] | None = None  # by player, why it is not played; only where it was asked for
    failure: Failure | None = None
    error: str | None = None
