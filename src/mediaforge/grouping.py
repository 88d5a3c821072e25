"""Which files belong together: what a camera or phone made of one moment. Pure: no disk, no database."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from mediaforge.model import RAW_SUFFIXES, GroupKind, Kind, LibraryId, MediaId, TakenSource

_FINISHED = frozenset("jpg jpeg jpe heic heif hif".split())  # what cameras make beside a RAW picture
_LONGEST_LIVE = 6.0  # seconds
_TOGETHER = timedelta(seconds=3)  # the video of a Live Photo begins before its picture
_ZONE, _FARTHEST = timedelta(minutes=15), timedelta(hours=14)  # time zones differ by, and at most from UTC

# Names of the pictures of a burst: Android's, Huawei's and LG's `IMG_20210704_120000_BURST001_COVER`; Google's and Sony's,
# with numbers before the moment, `00001IMG_00001_BURST20210704120000123`; the Pixel's `PXL_20210704_120000123.BURST-01.COVER`,
# who so names a RAW picture and its JPEG, too; Samsung's `20210704_120000_001`.
_BURST = re.compile(
    r"""(?P<series>.*?BURST)\d{1,4}(?:[_-](?:COVER|TOP|COMP))*
      | .*?(?P<moment>BURST\d{14,20})(?:[_-][A-Z]+)*
      | (?P<pixel>PXL_\d{8}_\d{6,9})\.(?P<what>[A-Z]+)-\d\d(?:\.[A-Z]+)*
      | (?P<samsung>\d{8}_\d{6}_)\d{3}""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Burst:
    """What the name of a picture says of its burst.

    `name` is what the names of all its pictures have in common; `behind_number`: it stands behind a number, and not first.
    """

    name: bytes
    behind_number: bool
    is_raw: bool  # no burst, but a RAW picture and its JPEG


@dataclass(frozen=True, slots=True)
class Member:
    """A file that may belong to others, and the group that it is in.

    `taken_local` is local time at the place in ISO 8601, `taken_offset` seconds east of UTC, where known.
    """

    id: MediaId
    library: LibraryId
    path: bytes
    kind: str
    suffix: str
    duration: float | None
    taken_local: str
    taken_offset: int | None
    taken_source: str
    live_id: str | None
    burst_id: str | None
    group: MediaId | None
    group_kind: str | None

    @property
    def folder(self) -> bytes:
        """What stands before the name, with its slash."""
        return self.path[: self.path.rfind(b"/") + 1]

    @property
    def stem(self) -> bytes:
        """The name without its suffix."""
        return self.path[self.path.rfind(b"/") + 1 : self.path.rfind(b".")]

    @property
    def burst(self) -> Burst | None:
        """What the name says of a burst."""
        if self.kind != Kind.IMAGE or not (found := _BURST.fullmatch(os.fsdecode(self.stem))):
            return None
        name = os.fsencode(next(filter(None, found.group("moment", "pixel", "samsung", "series"))))
        return Burst(name, behind_number=found["moment"] is not None, is_raw=(found["what"] or "").upper() == "RAW")

    @property
    def taken(self) -> datetime:
        """When it was taken, aware where the offset is known."""
        taken = datetime.fromisoformat(self.taken_local)
        return taken if self.taken_offset is None else taken.replace(tzinfo=timezone(timedelta(seconds=self.taken_offset)))

    @property
    def rank(self) -> tuple[object, ...]:
        """What leads comes first: pictures before videos, finished ones before RAW, the cover of a burst, the first by name."""
        is_cover = b"COVER" in self.stem.upper()
        return self.kind != Kind.IMAGE, self.suffix in RAW_SUFFIXES, not is_cover, self.path, self.id


@dataclass(frozen=True, slots=True)
class Near:
    """Where others that may belong to a file are named: paths from `low` to below `high`, with `part` in them."""

    library: LibraryId
    low: bytes
    high: bytes
    part: bytes = b""


def near(member: Member) -> Iterator[Near]:
    """Yield where others that may belong to a file are named."""
    whole = member.path[: member.path.rfind(b".")]
    yield Near(member.library, whole + b".", whole + b"/")  # the slash comes after the dot
    if burst := member.burst:
        folder = member.folder
        if burst.behind_number:
            yield Near(member.library, folder, folder[:-1] + b"0" if folder else b"\xff", burst.name)
        else:
            yield Near(member.library, folder + burst.name, folder + burst.name + b":")  # the colon comes after dot and digits


def grouped(members: Sequence[Member]) -> dict[MediaId, tuple[MediaId, GroupKind]]:
    """Return for each file that belongs to others the one that leads its group, and what the group is."""
    groups: dict[MediaId, list[Member]] = {}
    kinds: dict[MediaId, set[GroupKind]] = {}
    for kind, bound in _bonds(members):
        wholes = {id(whole): whole for one in bound if (whole := groups.get(one.id))}
        joined = list({one.id: one for one in (*bound, *(one for whole in wholes.values() for one in whole))}.values())
        said = {kind}.union(*(kinds[one.id] for one in joined if one.id in kinds))
        groups |= dict.fromkeys((one.id for one in joined), joined)
        kinds |= dict.fromkeys((one.id for one in joined), said)
    leads = {id(whole): min(whole, key=lambda one: one.rank).id for whole in groups.values()}
    return {member: (leads[id(whole)], next(k for k in _KINDS if k in kinds[member])) for member, whole in groups.items()}


_KINDS = (GroupKind.BURST, GroupKind.LIVE, GroupKind.RAW)  # what a group is that is several of them, the first of these


def _bonds(members: Iterable[Member]) -> Iterator[tuple[GroupKind, Sequence[Member]]]:
    """Yield what is bound together, two files or more at a time; one may be bound to several."""
    named, bursts, moments = (defaultdict[Hashable, list[Member]](list) for _ in range(3))
    for member in members:
        place = member.library, member.folder
        named[*place, member.stem].append(member)
        if burst := member.burst:
            bursts[*place, burst.name.upper()].append(member)
        if member.burst_id and member.kind == Kind.IMAGE:
            bursts[*place, member.burst_id].append(member)
        if member.live_id:
            moments[member.library, member.live_id].append(member)
    for some in filter(_several, bursts.values()):
        is_raw = all(one.burst and one.burst.is_raw for one in some)
        yield GroupKind.RAW if is_raw else GroupKind.BURST, some
    for some in filter(_several, moments.values()):
        yield from ((GroupKind.LIVE, pair) for pair in _of_one_moment(some))
    for some in filter(_several, named.values()):
        yield from _of_one_name(some)


def _several(members: Sequence[Member]) -> bool:
    return len(members) > 1


def _of_one_moment(members: Sequence[Member]) -> Iterator[Sequence[Member]]:
    """Yield pictures and videos that bear one identifier: those of a folder, and a pair that was parted; never copies."""
    folders = defaultdict[bytes, list[Member]](list)
    for member in members:
        folders[member.folder].append(member)
    whole = [some for some in folders.values() if len({one.kind for one in some}) > 1]
    yield from whole
    rest = [one for some in folders.values() if some not in whole for one in some]
    if len(rest) == 2 and rest[0].kind != rest[1].kind:
        yield rest


def _of_one_name(members: Sequence[Member]) -> Iterator[tuple[GroupKind, Sequence[Member]]]:
    """Yield what files of one folder and name are to each other."""
    raws = [one for one in members if one.suffix in RAW_SUFFIXES]
    finished = [one for one in members if one.suffix in _FINISHED]
    if raws and finished:
        yield GroupKind.RAW, (*raws, *finished)
    films = [one for one in members if one.kind == Kind.VIDEO]
    stills = [one for one in members if one.kind == Kind.IMAGE]
    if len(films) == 1 and (bound := [still for still in stills if _is_live(still, films[0])]):
        yield GroupKind.LIVE, (*bound, films[0])


def _is_live(still: Member, film: Member) -> bool:
    """Say whether a video is that of a picture of its name, by what both are called, or else by when they were taken."""
    if still.live_id and film.live_id:
        return still.live_id == film.live_id
    return film.duration is not None and film.duration < _LONGEST_LIVE and _is_together(still, film)


def _is_together(still: Member, film: Member) -> bool:
    if (still.taken_source == TakenSource.MTIME) != (film.taken_source == TakenSource.MTIME):
        return False  # when a file was written tells nothing of when a moment was
    if still.taken.tzinfo and film.taken.tzinfo:
        return abs(film.taken - still.taken) <= _TOGETHER
    apart = film.taken.replace(tzinfo=None) - still.taken.replace(tzinfo=None)
    if film.taken_source == TakenSource.CONTAINER and abs(apart) <= _FARTHEST:  # UTC, beside a local time of an unknown zone
        apart -= round(apart / _ZONE) * _ZONE
    return abs(apart) <= _TOGETHER
