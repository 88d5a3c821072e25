"""A plan of what to do with copies: which of each group stays, why, and what the others would hand over to it.

It is a JSON file that a person may read and edit; docs/duplicates.md describes it. Importing this costs pydantic, 60 ms.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from mediaforge.catalog import copies, handover
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.handover import Said
from mediaforge.catalog.media import select_ids
from mediaforge.errors import UsageError
from mediaforge.model import LARGEST, MediaId
from mediaforge.operations.dupes import Group, Member
from mediaforge.operations.select import by_query
from mediaforge.text import display_path

VERSION = 1
KEEPS = ("best", "oldest", "newest")
_PATH = "path:"
_PAGE = 5_000


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _base64(value: str) -> str:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("it is not in base64") from error
    return value


_Whole = Annotated[int, Field(strict=True, ge=-LARGEST, le=LARGEST)]


class File(_Part):
    """One copy, as it was when the plan was made; `path_base64` where `path` is not all of its name.

    `same_as` is the item that is another name of the very same file.
    """

    id: Annotated[int, Field(strict=True, ge=1, le=LARGEST)]
    path: str
    path_base64: Annotated[str, AfterValidator(_base64)] | None = None
    size: _Whole
    mtime_ns: _Whole
    same_as: int | None = None
    why: tuple[str, ...] = ()

    @property
    def name(self) -> bytes:
        """The absolute path."""
        return base64.b64decode(self.path_base64) if self.path_base64 is not None else self.path.encode()


class HandOver(_Part):
    """What the others hand over to the one that stays. `note` goes below the one that it has."""

    tags: tuple[str, ...] = ()
    rating: Annotated[int, Field(strict=True, ge=0, le=5)] | None = None
    note: str | None = None
    favourite: bool = False
    title: str | None = None
    collections: tuple[str, ...] = ()


class PlanGroup(_Part):
    """A group: the one that stays, the others, and what they hand over; `remarks` say which of several won."""

    kind: Literal["exact", "alike"]
    win: _Whole
    keep: File
    others: Annotated[tuple[File, ...], Field(min_length=1)]
    hand_over: HandOver = HandOver()
    remarks: tuple[str, ...] = ()


class Plan(_Part):
    """A plan."""

    mediaforge: Literal["duplicates"] = "duplicates"
    version: Annotated[int, Field(strict=True, ge=1)] = VERSION
    made: str
    keep: str
    query: str = ""
    groups: tuple[PlanGroup, ...]

    def to_json(self) -> str:
        """Return the plan as it is written."""
        return self.model_dump_json(indent=2, exclude_defaults=False, exclude_none=True) + "\n"


@dataclass(slots=True)
class Planned:
    """A plan, and how many groups are not in it since none of their copies is where one is to be kept."""

    plan: Plan
    left_out: int = 0


def check_keep(keep: str) -> None:
    """Refuse what no copy can be kept by: UsageError."""
    if keep not in KEEPS and (not keep.startswith(_PATH) or keep == _PATH):
        raise UsageError(f"--keep takes {', '.join(KEEPS)}, or path: and a folder such as path:Photos/, not '{keep}'")


async def make_plan(catalogue: Catalogue, groups: Sequence[Group], keep: str, query: str) -> Planned:
    """Plan which copy of each group stays: `keep` is one of KEEPS, or what the query language asks of a path."""
    check_keep(keep)
    there = await _at(catalogue, groups, keep) if keep.startswith(_PATH) else None
    planned: list[PlanGroup] = []
    for start in range(0, len(groups), _PAGE):
        page = groups[start : start + _PAGE]
        told = await handover.said(catalogue, [member.candidate.id for group in page for member in group.members])
        planned += [_planned(group, *kept, told) for group in page if (kept := _kept(group.members, keep, there))]
    made = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Planned(Plan(made=made, keep=keep, query=query, groups=tuple(planned)), len(groups) - len(planned))


async def _at(catalogue: Catalogue, groups: Sequence[Group], keep: str) -> frozenset[MediaId]:
    """Return the members for which a query of their path holds."""
    found = await by_query(catalogue, [keep])
    marked = await copies.mark(catalogue, [member.candidate.id for group in groups for member in group.members])
    return frozenset(await select_ids(catalogue, f"({found.sql}) AND {marked}", found.params, order="m.id"))


def _kept(members: Sequence[Member], keep: str, there: frozenset[MediaId] | None) -> tuple[Member, tuple[str, ...]] | None:
    """Return the member that stays, and why; None where none is in the right place."""
    here = [member for member in members if member.candidate.here]
    if there is not None:
        here = [member for member in here if member.candidate.id in there]
        return (here[0], (f"it is in {keep}",)) if here else None
    if keep == "best":
        return members[0], members[0].why
    found = min(here, key=lambda one: one.candidate.mtime_ns) if keep == "oldest" else max(here, key=_modified)
    return found, (f"it is the {keep}",)


def _modified(one: Member) -> int:
    return one.candidate.mtime_ns


def _planned(group: Group, kept: Member, why: tuple[str, ...], told: Mapping[MediaId, Said]) -> PlanGroup:
    others = [member for member in group.members if member is not kept]
    empty = Said()
    given, remarks = hand_over(
        told.get(kept.candidate.id, empty), [(one.candidate.id, told.get(one.candidate.id, empty)) for one in others]
    )
    return PlanGroup(
        kind="alike" if group.kind == "alike" else "exact",
        win=group.win,
        keep=_file(kept, why),
        others=tuple(_file(one, one.why if kept is group.members[0] else ()) for one in others),
        hand_over=given,
        remarks=tuple(remarks),
    )


def _file(member: Member, why: tuple[str, ...]) -> File:
    one = member.candidate
    shown = display_path(one.path)
    exact = None if shown.encode() == one.path else base64.b64encode(one.path).decode()
    return File(
        id=one.id,
        path=shown,
        path_base64=exact,
        size=one.size,
        mtime_ns=one.mtime_ns,
        same_as=member.same_as,
        why=why,
    )


def hand_over(kept: Said, others: Sequence[tuple[MediaId, Said]]) -> tuple[HandOver, list[str]]:
    """Return what others, the best first, hand over to the one that stays, and who won where they say different things."""
    remarks: list[str] = []
    tags = dict.fromkeys(tag for _media, one in others for tag in one.tags if tag not in {*kept.tags, *kept.refused})
    collections = dict.fromkeys(name for _media, one in others for name in one.collections if name not in kept.collections)
    given = HandOver(
        tags=tuple(tags),
        rating=_rating(kept, others, remarks),
        note=_note(kept, others, remarks),
        favourite=not kept.favourite and any(one.favourite for _media, one in others),
        title=_title(kept, others, remarks),
        collections=tuple(collections),
    )
    return given, remarks


def _rating(kept: Said, others: Sequence[tuple[MediaId, Said]], remarks: list[str]) -> int | None:
    """Return the rating that is handed over: a person's own before one of a file, then the one that stays, then the highest."""
    rated = [(one.rated, media is None, one.rating, media) for media, one in ((None, kept), *others) if one.rating is not None]
    if not rated:
        return None
    _own, _stays, rating, winner = max(rated, key=lambda one: one[:3])
    if len({value for _own, _stays, value, _media in rated}) > 1:
        whose = "its own" if winner is None else f"that of item {winner}"
        others_say = ", ".join(f"{value} of item {media}" if media else f"{value} of its own" for _o, _s, value, media in rated)
        remarks.append(f"rating {rating}, {whose}, wins among {others_say}")
    return None if winner is None or rating == kept.rating else rating


def _note(kept: Said, others: Sequence[tuple[MediaId, Said]], remarks: list[str]) -> str | None:
    """Return the notes that the one that stays does not have yet, one below the other."""
    known, new = kept.note or "", dict[str, MediaId]()
    for media, one in others:
        if one.note and one.note not in known and one.note not in new:
            new[one.note] = media
    if new and (kept.note or len(new) > 1):
        remarks.append(f"all notes stay, one below the other: {', '.join(f'that of item {media}' for media in new.values())}")
    return "\n".join(new) or None


def _title(kept: Said, others: Sequence[tuple[MediaId, Said]], remarks: list[str]) -> str | None:
    titles = [(media, one.title) for media, one in others if one.title and one.title != kept.title]
    if not titles:
        return None
    if kept.title or len({title for _media, title in titles}) > 1:
        remarks.append(f"title '{kept.title or titles[0][1]}' wins over " + ", ".join(f"'{t}' of item {m}" for m, t in titles))
    return None if kept.title else titles[0][1]


def read_plan(path: str) -> Plan:
    """Return the plan in a file; UsageError with the place of what is wrong in it."""
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError as error:
        raise UsageError(f"the plan '{path}' cannot be read: {(error.strerror or str(error)).lower()}") from error
    try:
        plan = Plan.model_validate_json(text)
    except ValidationError as error:
        raise UsageError(f"the plan '{path}' is broken at {_told(error)}; nothing was changed") from None
    if plan.version > VERSION:
        raise UsageError(f"the plan '{path}' was written by a newer MediaForge (version {plan.version}); update this program")
    return plan


def _told(error: ValidationError) -> str:
    """Return where a plan is wrong first, and what is wrong there."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).removeprefix(".")
    what = first["msg"].removeprefix("Value error, ")
    what = what[:1].lower() + what[1:]
    return f"{where}: {what}" if where else f"its text: {what}"
