"""Tags of music as mutagen hands them out, to fields."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

from mutagen.flac import Picture

from mediaforge.extract.draft import Draft
from mediaforge.extract.tags import leading_number, split_words, year

# Field; ID3 frame; Vorbis comment and APEv2 key (in lower case); ASF attribute. Several in order of trust.
TEXT: tuple[tuple[str, str, str, str], ...] = (
    ("title", "TIT2", "title", "Title"),
    ("artist", "TPE1", "artist", "Author"),
    ("album", "TALB", "album", "WM/AlbumTitle"),
    ("album_artist", "TPE2", "albumartist|album artist|album_artist", "WM/AlbumArtist"),
    ("composer", "TCOM", "composer", "WM/Composer"),
    ("genre", "TCON", "genre", "WM/Genre"),
    ("description", "TDES|COMM", "description|comment", "Description"),
)
NUMBERS: tuple[tuple[str, str, str, str], ...] = (
    ("year", "TDRC|TDOR|TYER", "date|year|originaldate", "WM/Year"),
    ("track", "TRCK", "tracknumber|track", "WM/TrackNumber"),
    ("disc", "TPOS", "discnumber|disc", "WM/PartOfSet"),
)
_ID3, _VORBIS, _ASF = 1, 2, 3
_SYSTEMS = {
    "ID3": _ID3, "_WaveID3": _ID3, "_IFFID3": _ID3, "_DSFID3": _ID3, "_DSDIFFID3": _ID3, "ID3Tags": _ID3, "ASFTags": _ASF,
    "APEv2": _VORBIS,
}  # fmt: skip
_NAMES = {_ID3: "id3", _VORBIS: "vorbis", _ASF: "asf"}
# Windows' ratings (POPM 1 to 255) to stars, as its player and most others write them: up to 31 one star, then every 64.
_STARS = ((0, 0), (31, 1), (95, 2), (159, 3), (223, 4), (255, 5))


def apply(draft: Draft, music: Any) -> None:
    """Put what the tags of a mutagen file say into the draft."""
    tags = music.tags
    if not tags:
        return
    system = _SYSTEMS.get(type(tags).__name__, _VORBIS)
    prefix = "ape" if type(tags).__name__ == "APEv2" else _NAMES[system]
    known = {key.lower(): value for key, value in tags.items()} if system == _VORBIS else tags
    for row in TEXT:
        for name in filter(None, row[system].split("|")):
            value = _joined(known, name, system)
            if draft.put(row[0], value, f"{prefix}:{name}"):
                break
    for row in NUMBERS:
        for name in filter(None, row[system].split("|")):
            value = next(iter(_values(known, name, system)), None)
            found = year(value) if row[0] == "year" else leading_number(value)
            if value is not None and draft.put(row[0], found, f"{prefix}:{name}"):
                break
    for name in {_VORBIS: ("keywords",), _ASF: ("WM/Category",)}.get(system, ()):
        draft.keywords((word for value in _values(known, name, system) for word in split_words(value)), f"{prefix}:{name}")
    draft.put("rating", _rating(known, system), f"{prefix}:rating")


def _joined(tags: Any, name: str, system: int) -> str | None:
    return "; ".join(dict.fromkeys(filter(None, _values(tags, name, system)))) or None


def _values(tags: Any, name: str, system: int) -> list[str]:
    if system == _ID3:
        frames = tags.getall(name)
        if name == "COMM":  # players write their own data into comments that have a description
            frames = [f for f in frames if not f.desc] or [f for f in frames if not f.desc.startswith(("iTun", "Songs-DB"))]
        if name == "TCON":
            return [genre for frame in frames for genre in frame.genres]
        return [str(text) for frame in frames[:1] for text in getattr(frame, "text", ())]
    value = tags.get(name)
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    if system == _VORBIS and not isinstance(value, list):
        items = str(value).split("\0")  # APEv2's separator
    return [str(item[0]) if isinstance(item, tuple) else _plain(item) for item in items]


def _plain(item: Any) -> str:
    return item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)


def _rating(tags: Any, system: int) -> int | None:
    if system == _ID3:
        told = next((frame.rating for frame in tags.getall("POPM")), None)
        return next((stars for most, stars in _STARS if told <= most), None) if told else None
    number = leading_number(next(iter(_values(tags, {_VORBIS: "rating", _ASF: "WM/SharedUserRating"}[system], system)), ""))
    if number is None or system == _ASF:
        return None if not number else min(5, (number + 24) // 25 + (number > 1) - (number > 25))
    return number if number <= 5 else round(number / 20)


def pictures(music: Any) -> Iterator[str]:
    """Yield FFmpeg's name of the codec of each embedded picture."""
    tags = music.tags
    if hasattr(music, "pictures"):
        yield from (_picture_codec(picture.mime, picture.data) for picture in music.pictures)
    elif hasattr(tags, "getall"):
        yield from (_picture_codec(frame.mime, frame.data) for frame in tags.getall("APIC"))
    elif tags is not None and type(tags).__name__ == "APEv2":
        yield from (
            _picture_codec("", bytes(value.value).partition(b"\0")[2])
            for key, value in tags.items()
            if key.lower().startswith("cover art")
        )
    elif type(tags).__name__ == "ASFTags":
        yield from (_asf_picture(bytes(attribute.value)) for attribute in tags.get("WM/Picture", ()))
    elif tags is not None:  # Ogg: a FLAC picture block in base64 (xiph.org, VorbisComment)
        for block in tags.get("metadata_block_picture", ()):
            picture: Any = Picture(b64decode(block))  # type: ignore[no-untyped-call]
            yield _picture_codec(picture.mime, picture.data)
        yield from (_picture_codec("", b64decode(block)) for block in tags.get("coverart", ()))


def _asf_picture(value: bytes) -> str:
    """Return the codec of a picture: type, length, name of its MIME type and description in UTF-16, then its bytes."""
    parts = value[5:].decode("utf-16-le", "replace").split("\0", 2)
    return _picture_codec(parts[0], value[5 + 2 * len("\0".join(parts[:2])) + 2 :])


def _picture_codec(mime: str, data: bytes) -> str:
    return "png" if data.startswith(b"\x89PNG") or mime.endswith("png") else "mjpeg"
