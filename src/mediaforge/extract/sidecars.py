"""What stands beside a file, read into its facts, each with its place in the order of trust.

XMP is believed before the file: editors that leave the file as it is write there what a person corrected. So is an NFO.
Google's JSON fills what is left, since it was made from the file. A broken sidecar is a note and costs nothing else.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import takewhile

from mediaforge.errors import ExtractError
from mediaforge.extract import xmp
from mediaforge.extract.draft import Draft
from mediaforge.extract.markup import decoded, first_element
from mediaforge.extract.nfo import OTHERS, read_nfo
from mediaforge.extract.subtitles import subtitle_stream
from mediaforge.extract.taken import Candidate
from mediaforge.extract.takeout import read_takeout
from mediaforge.model import TakenSource, storable
from mediaforge.sidecars import PROBLEMS, Companion, Role, pack, role_of, unpack

_LARGEST = 4 * 2**20  # bytes
_BEGINNING = 16  # bytes that tell what subtitles are

# Facts of an XMP sidecar that are believed before the file's own: what a person writes into it. What a camera measured is not.
_PERSONS = frozenset(
    "keywords title description artist rating latitude longitude altitude"
    " city state country sublocation copyright label rejected".split()
)
_CLOCK = "xmp:exif:DateTimeOriginal"
_CLOCKS = (TakenSource.EXIF_OFFSET, TakenSource.EXIF, TakenSource.GPS)
_GUESSED = ("name:", "folder:", "guessit:")  # origins of what only a name says


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A sidecar as it was read; `problem` says why it has no data."""

    name: str
    role: Role
    data: bytes = b""
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Sidecars:
    """What stands beside a file, and as what state of it that is known (sidecars.pack)."""

    read: tuple[Sidecar, ...]
    packed: bytes | None


def read_beside(path: str, packed: bytes | None) -> Sidecars:
    """Read what a walk saw beside the file at an absolute path; what is gone meanwhile is left out."""
    folder, read, seen = os.path.dirname(path), [], []
    for one in unpack(packed):
        name = os.fsdecode(one.name)
        role = role_of(name)
        try:
            if role is None:
                continue
            sidecar, state = _read(os.path.join(folder, name), name, role)
        except (FileNotFoundError, NotADirectoryError):
            continue
        read.append(sidecar)
        seen.append(Companion(one.name, state.st_size, storable(state.st_mtime_ns)))
    return Sidecars(tuple(read), pack(seen))


def _read(path: str, name: str, role: Role) -> tuple[Sidecar, os.stat_result]:
    status = os.stat(path, follow_symlinks=False)
    if not stat.S_ISREG(status.st_mode):  # before it is opened: a FIFO would wait for its writer
        return Sidecar(name, role, problem="is no file"), status
    if role in (Role.EDITS, Role.PICTURE):
        return Sidecar(name, role), status
    if role is not Role.SUBTITLE and status.st_size > _LARGEST:
        return Sidecar(name, role, problem=f"is larger than {_LARGEST >> 20} MiB"), status
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            return Sidecar(name, role, file.read(_BEGINNING if role is Role.SUBTITLE else _LARGEST)), status
    except PermissionError as error:
        return Sidecar(name, role, problem=f"cannot be opened: {error.strerror}"), status


def apply(draft: Draft, path: str, beside: Iterable[Sidecar]) -> None:
    """Put what stands beside a file into its draft, which holds by now what the file itself and its name say."""
    name, problems = os.path.basename(path), []
    settled: set[str] = set()  # what a sidecar that is trusted more has said
    for sidecar in sorted(beside, key=lambda one: _rank(one, name)):
        mine = Draft(sidecar.role, draft.kind)
        try:
            if sidecar.problem:
                raise ExtractError(sidecar.problem)
            over = _READERS[sidecar.role](draft, mine, sidecar, name)
        except ExtractError as error:
            problems.append(f"'{sidecar.name}' {error}")
        else:
            if "latitude" in (settled if "latitude" in over else draft.values):
                _drop_position(mine)
            elif "latitude" in over & mine.values.keys():
                _drop_position(draft)
            draft.adopt(mine, over - settled, "sidecar-" if sidecar.role is Role.XMP else "")
            settled |= over & {*mine.values, *mine.extra, *(("keywords",) if "keywords" in mine.origins else ())}
    if problems:
        draft.note(PROBLEMS, problems, "file:beside")


def _drop_position(draft: Draft) -> None:
    """Forget where it was taken: latitude, longitude and altitude are of one place, and never of two."""
    for field in ("latitude", "longitude", "altitude"):
        draft.values.pop(field, None)
        draft.origins.pop(field, None)


_ORDER = (Role.XMP, Role.NFO, Role.SHOW, Role.TAKEOUT, Role.EDITS, Role.SUBTITLE, Role.PICTURE)


def _rank(sidecar: Sidecar, name: str) -> tuple[object, ...]:
    """Sort by trust, then what is named most like the file first: `IMG.jpg.xmp`, `IMG.xmp`; `Film.nfo`, `movie.nfo`."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(sidecar.name.lower(), name.lower(), strict=False))
    common = sum(1 for _ in alike)
    return _ORDER.index(sidecar.role), -common, sidecar.name


def _read_xmp(draft: Draft, mine: Draft, sidecar: Sidecar, _name: str) -> frozenset[str]:
    found = xmp.described(first_element(decoded(sidecar.data)))
    xmp.apply_words(mine, found)
    xmp.apply_camera(mine, found)
    clock = next((one for one in mine.candidates if one.origin == _CLOCK), None)
    if clock and _corrects(clock, draft.candidates):
        draft.candidates = [one for one in draft.candidates if one.source not in _CLOCKS]
    return _PERSONS


def _corrects(clock: Candidate, known: Sequence[Candidate]) -> bool:
    """Say whether the time of a sidecar is another than that of the file: programs copy it, and people correct the copy."""
    own = next((one.when for one in known if one.source in _CLOCKS and not one.weak), None)
    if own is None or clock.when.replace(tzinfo=None, microsecond=0) == own.replace(tzinfo=None, microsecond=0):
        return False
    if clock.when.tzinfo is UTC:  # the same moment, told by a program that has no other zone
        return own.tzinfo is not None and own.replace(microsecond=0) != clock.when.replace(microsecond=0)
    return True


def _read_nfo(draft: Draft, mine: Draft, sidecar: Sidecar, _name: str) -> frozenset[str]:
    kind = read_nfo(mine, sidecar.data)
    for field in OTHERS.get(kind or "", ()):
        if draft.origins.get(field, "").startswith(_GUESSED):
            del draft.values[field], draft.origins[field]
    return frozenset(mine.values)


def _read_takeout(_draft: Draft, mine: Draft, sidecar: Sidecar, _name: str) -> frozenset[str]:
    read_takeout(mine, sidecar.data)
    return frozenset()


def _read_edits(_draft: Draft, mine: Draft, sidecar: Sidecar, _name: str) -> frozenset[str]:
    mine.note("edited", value=True, origin=f"aae:{sidecar.name}")
    return frozenset()


def _read_picture(_draft: Draft, mine: Draft, sidecar: Sidecar, _name: str) -> frozenset[str]:
    mine.note("artwork", sidecar.name, "file:beside")
    return frozenset()


def _read_subtitle(draft: Draft, mine: Draft, sidecar: Sidecar, name: str) -> frozenset[str]:
    index = 1 + max((stream.index for stream in draft.streams), default=-1)
    mine.streams.append(subtitle_stream(sidecar.name, name, sidecar.data, index))
    return frozenset()


# What reads a sidecar of each role into a draft of its own, and returns what of it is believed before the file.
_READERS: Mapping[Role, Callable[[Draft, Draft, Sidecar, str], frozenset[str]]] = {
    Role.XMP: _read_xmp, Role.NFO: _read_nfo, Role.SHOW: _read_nfo, Role.TAKEOUT: _read_takeout, Role.EDITS: _read_edits,
    Role.SUBTITLE: _read_subtitle, Role.PICTURE: _read_picture,
}  # fmt: skip
