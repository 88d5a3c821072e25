"""Sidecars by their names: which of the files beside a media file speak of it. No disk is touched.

The walk asks here what stands beside which file, and the reader what it is; what they hold is read by extract/sidecars.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import normalize

from mediaforge.model import Kind


class Role(StrEnum):
    """What a sidecar is to its file."""

    XMP = "xmp"  # what an editor or a photo manager wrote
    NFO = "nfo"  # what a media centre knows of a film or an episode
    SHOW = "show"  # … of the series: tvshow.nfo, of its folder and of those of its seasons
    TAKEOUT = "takeout"  # what Google Photos knows
    EDITS = "edits"  # what Apple's Photos changed, which only its own programs can do again
    SUBTITLE = "subtitle"
    PICTURE = "picture"  # of a video: a frame or a poster


_ROLES = {
    "xmp": Role.XMP, "nfo": Role.NFO, "json": Role.TAKEOUT, "aae": Role.EDITS, "tbn": Role.PICTURE,
    **dict.fromkeys("srt ass ssa vtt sub".split(), Role.SUBTITLE),
}  # fmt: skip
SUFFIXES = frozenset(_ROLES)
"""Suffixes of files that are sidecars, if they are anything here; pictures of videos have a picture's beside these."""

ARTWORK = ("-thumb", "-poster")
"""Ends of the stem of a picture that belongs to a video."""

PROBLEMS = "sidecar_problems"
"""The fact without a field of its own that holds a sentence for each sidecar that could not be read."""

SHOW = "tvshow.nfo"
ABOVE = "../"
_MOVIE = "movie"  # .nfo: of the video that has the folder for itself
# What a video's name ends with that is no film, but of one (Kodi, Jellyfin and Plex name them so).
_EXTRAS = re.compile(
    r"[-.](?:trailer|sample|behindthescenes|deleted(?:scene)?|featurette|interview|scene|short|clip|extra|other)\d*$"
)

_ROUNDED = 2_000_000_000  # ns that FAT takes off a time, or adds to it
_LONGEST = 46  # characters before `.json` that Takeout leaves of a name
_METADATA = ".supplemental-metadata"
_NUMBERED = re.compile(r"(.+)(\(\d+\))")
# What Google Photos puts behind the name of an edited picture, in the languages of its people; it has no JSON of its own.
_EDITED = re.compile(
    r"(.+)-(?:edited|effects|smile|mix|bearbeitet|bewerkt|modifié|modificato|editado|ha editado|editat|edytowane|redigerad"
    r"|redigeret|redigert|muokattu|upravené|düzenlendi|编辑|已修改|編集済み|수정됨)"
)
_STILLS = ("heic", "jpg", "jpeg", "heif")  # of a Live Photo, in whose JSON its video is meant, too
_APPLE = re.compile(r"(img_)[eo](\d+)")  # the edited picture, and the edits of the original


@dataclass(frozen=True, slots=True)
class Companion:
    """A sidecar as it was seen; its name is relative to the folder of its media file."""

    name: bytes
    size: int
    mtime_ns: int


def pack(companions: Sequence[Companion]) -> bytes | None:
    """Return what stands beside a file as one value that tells one state of it from the next; None for nothing."""
    return b"\0".join(b"%b/%d/%d" % (one.name, one.size, one.mtime_ns) for one in companions) or None


def unpack(packed: bytes | None) -> list[Companion]:
    """Return what `pack` made one value of."""
    parts = (part.rsplit(b"/", 2) for part in packed.split(b"\0")) if packed else ()
    return [Companion(name, int(size), int(mtime_ns)) for name, size, mtime_ns in parts]


def moved_alike(before: bytes | None, after: bytes | None, delta: int) -> bool:
    """Say whether what stands beside a file is the same but for times that moved as that of the file did, by `delta` ns."""
    known, found = unpack(before), unpack(after)
    return len(known) == len(found) and all(
        (old.name, old.size) == (new.name, new.size)
        and (old.mtime_ns == new.mtime_ns or abs(new.mtime_ns - old.mtime_ns - delta) <= _ROUNDED)
        for old, new in zip(known, found, strict=True)
    )


def role_of(name: str) -> Role | None:
    """Return what a file's name says that it is to another; None where it is a sidecar of nothing."""
    stem, _, suffix = name.rpartition(".")
    if name.lower().removeprefix(ABOVE) == SHOW:
        return Role.SHOW
    return _ROLES.get(suffix.lower(), Role.PICTURE if is_artwork(stem) else None) if stem else None


def is_artwork(stem: str) -> bool:
    """Say whether the stem of a picture's name says that it belongs to a video."""
    return stem.lower().endswith(ARTWORK)


class Beside:
    """The sidecars of one folder, by the files that they may be of.

    `names` are those that may be sidecars, `videos` the folder's videos. A subtitle is of the video whose name begins its own,
    up to a dot, the longest of several.
    """

    def __init__(self, names: Iterable[str], videos: Iterable[str]) -> None:
        films = {key for name in map(_same, videos) for key in (_stem(name), name)}
        self._by_key: dict[str, list[str]] = {}
        for name in sorted(names):
            if key := _key(_same(name), films):
                self._by_key.setdefault(key, []).append(name)
        self._is_takeout = any(key.startswith(Role.TAKEOUT) for key in self._by_key)

    def of(self, name: str, kind: str) -> list[str]:
        """Return the names of the sidecars of a media file, in order."""
        name, known = _same(name), self._by_key
        found = {beside for key in _keys(name, kind) for beside in known.get(key, ())}
        if self._is_takeout:
            found.update(next((known[key] for key in _takeout_keys(name, kind) if key in known), ()))
        if any(_same(beside) == SHOW for beside in found):
            found = {beside for beside in found if not beside.startswith(ABOVE)}
        return sorted(found)

    def is_of_video(self, picture: str) -> bool:
        """Say whether a picture belongs to a video of this folder, and is no item of its own."""
        return picture in self._by_key.get(f"video:{_artless(_stem(_same(picture)))}", ())


def _same(name: str) -> str:
    """Return a name as it is compared: cameras and computers write one name in either case, and in either normal form."""
    return (name if name.isascii() else normalize("NFC", name)).lower()


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _artless(stem: str) -> str:
    return stem[: stem.rindex("-")]


def _key(name: str, films: Collection[str]) -> str | None:
    """Return under which key a sidecar is looked for."""
    stem, role = _stem(name), role_of(name)
    match role:
        case Role.SUBTITLE | Role.PICTURE:
            base = _artless(stem) if role is Role.PICTURE and is_artwork(stem) else stem
            while role is Role.SUBTITLE and base and base not in films:
                base = base.rpartition(".")[0]
            return f"video:{base}" if base in films else None
        case Role.EDITS if match := _APPLE.fullmatch(stem):
            return f"edits:{match[1]}{match[2]}"
        case Role.SHOW:
            return "show"
        case Role.XMP | Role.NFO | Role.TAKEOUT | Role.EDITS:
            return f"{role}:{stem}"
    return None


def _keys(name: str, kind: str) -> Iterator[str]:
    """Yield the keys of the sidecars that speak of a file, but for Google's."""
    yield f"xmp:{name}"
    if kind == Kind.AUDIO:
        return
    stem = _stem(name)
    yield f"xmp:{stem}"
    yield f"edits:{stem}"
    if match := _APPLE.fullmatch(stem):
        yield f"edits:{match[1]}{match[2]}"
    if kind == Kind.VIDEO:
        yield from (f"nfo:{stem}", f"video:{stem}", f"video:{name}", "show")
        if not _EXTRAS.search(stem):
            yield f"nfo:{_MOVIE}"


def _takeout_keys(name: str, kind: str) -> Iterator[str]:
    """Yield the keys under which Google's JSON of a file may stand, the surest first.

    It is named by the title, with a word behind it in newer exports, and cut. The number of one of several files of a title
    stands behind all of that, and before the dot of the file.
    """
    stem, _, suffix = name.rpartition(".")
    numbered = _NUMBERED.fullmatch(stem)
    stems = [(stem, "")] + ([(numbered[1], numbered[2])] if numbered else [])
    stems += [(match[1], number) for base, number in stems if (match := _EDITED.fullmatch(base))]
    suffixes = (suffix, *_STILLS) if kind == Kind.VIDEO else (suffix,)
    for other in suffixes if kind != Kind.AUDIO else ():
        for base, number in stems:
            title = f"{base}.{other}"
            yield from (f"takeout:{text[:_LONGEST]}{number}" for text in (f"{title}{_METADATA}", title, base))


def owners(sidecar: str, names: Sequence[tuple[str, str]]) -> list[str]:
    """Return of which media files (name, kind) of its folder a file would be a sidecar."""
    beside = Beside([sidecar], [name for name, kind in names if kind == Kind.VIDEO])
    return [name for name, kind in names if beside.of(name, kind)]
