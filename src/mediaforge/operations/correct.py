"""Set what a person knows better than the file: fields, ratings, notes, favourites."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mediaforge.catalog.cells import Aspect, State
from mediaforge.catalog.corrections import packed, states
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.settable import SETTABLE, Settable, read_value, settable_name
from mediaforge.errors import UsageError
from mediaforge.model import MediaId
from mediaforge.operations.edit import Become, Edited, edit, meaning
from mediaforge.text import clean_text

_ASSIGNMENT = re.compile(r"[A-Za-z][A-Za-z_-]*=")


@dataclass(frozen=True, slots=True)
class Assignments:
    """What is to be set: JSON by field, None where that is nothing; and the targets that stood beside it."""

    values: dict[str, str | None]
    targets: tuple[str, ...]


def assignments(arguments: Sequence[str]) -> Assignments:
    """Tell `FIELD=VALUE` from the targets; UsageError for an unknown field, a value that is wrong, or none at all."""
    values: dict[str, str | None] = {}
    targets = []
    for argument in arguments:
        if not _ASSIGNMENT.match(argument):
            targets.append(argument)
            continue
        written, _equals, value = argument.partition("=")
        field = settable_name(written)
        if field in values:
            raise UsageError(f"'{field}' is set twice; say it once")
        values[field] = packed(read_value(field, value))
    if not values:
        raise UsageError("nothing to set; write FIELD=VALUE before the targets, such as title=Holiday")
    return Assignments(values, tuple(targets))


def field_names(text: str) -> list[str]:
    """Return the fields in `FIELD[,FIELD…]`; UsageError on one that is none."""
    return list(dict.fromkeys(settable_name(name) for name in text.split(",")))


async def set_fields(catalogue: Catalogue, arguments: Sequence[str], *, group: bool = False, dry_run: bool = False) -> Edited:
    """Set fields of what the targets mean; NothingMatched when that is nothing."""
    asked = assignments(arguments)
    wanted: dict[Aspect, Become] = {("field", field): _always(value) for field, value in asked.values.items()}
    return await _edited(catalogue, ["set", *_grouping(group), *arguments], asked.targets, wanted, group=group, dry_run=dry_run)


async def unset_fields(
    catalogue: Catalogue, text: str, targets: Sequence[str], *, group: bool = False, dry_run: bool = False
) -> Edited:
    """Take back what a person set, so that what the file says holds again; NothingMatched when the targets mean nothing."""
    wanted: dict[Aspect, Become] = {("field", field): _always(None) for field in field_names(text)}
    return await _edited(catalogue, ["unset", *_grouping(group), text, *targets], targets, wanted, group=group, dry_run=dry_run)


async def rate(
    catalogue: Catalogue, stars: str, targets: Sequence[str], *, group: bool = False, dry_run: bool = False
) -> Edited:
    """Rate what the targets mean with 0 to 5 stars, or take the person's rating back with `none`."""
    value = None
    if stars.strip().lower() != "none":
        try:
            value = packed(read_value("rating", stars))
        except UsageError:
            raise UsageError(f"a rating is 0 to 5, or none to take yours away; not '{stars}'") from None
    words = ["rate", *_grouping(group), stars, *targets]
    return await _edited(catalogue, words, targets, {("field", "rating"): _always(value)}, group=group, dry_run=dry_run)


async def note(
    catalogue: Catalogue, text: str, targets: Sequence[str], *, append: bool = False, group: bool = False, dry_run: bool = False
) -> Edited:
    """Write a note on what the targets mean, in place of what they have, or, with `append`, as a line below it."""
    line = clean_text(text)
    if line is None:
        raise UsageError("a note has words; to take a note away, say: mediaforge unset note TARGET")

    def below(before: State) -> State:
        return packed((line if before is None else f"{json.loads(before)}\n{line}",))

    become = below if append else _always(packed((line,)))
    words = ["note", *(["--append"] if append else []), *_grouping(group), text, *targets]
    return await _edited(catalogue, words, targets, {("field", "note"): become}, group=group, dry_run=dry_run)


async def favourite(
    catalogue: Catalogue, targets: Sequence[str], *, off: bool = False, group: bool = False, dry_run: bool = False
) -> Edited:
    """Make favourites of what the targets mean, or, with `off`, let them be none."""
    words = ["favourite", *(["--off"] if off else []), *_grouping(group), *targets]
    become = _always(None if off else packed((True,)))
    return await _edited(catalogue, words, targets, {("field", "favourite"): become}, group=group, dry_run=dry_run)


def _always(state: State) -> Become:
    return lambda _before: state


def _grouping(group: bool) -> list[str]:
    return ["--group"] if group else []


async def _edited(
    catalogue: Catalogue,
    command: Sequence[str],
    targets: Sequence[str],
    wanted: dict[Aspect, Become],
    *,
    group: bool,
    dry_run: bool,
) -> Edited:
    async with catalogue.transaction():
        ids, joined = await meaning(catalogue, targets, group=group)
        if _GPS in wanted and _PLACE not in wanted:
            wanted |= {_PLACE: await _place_there(catalogue, ids, wanted[_GPS](None))}
        return replace(await edit(catalogue, command, ids, wanted, dry_run=dry_run), joined=joined)


_GPS, _PLACE = ("field", "gps"), ("field", "place")


async def _place_there(catalogue: Catalogue, ids: Sequence[MediaId], gps: State) -> Become:
    """Return how the name of the place goes with coordinates: as far as nobody wrote another than theirs."""
    theirs = {_named(one) for one in set((await states(catalogue, "gps", ids)).values())}
    name = _named(gps)
    return lambda before: name if before is None or before in theirs else before


def _named(gps: State) -> State:
    if gps is None:
        return None
    from mediaforge.extract.place import name_of  # here: it stands before a list of 155,000 places

    return packed((name,)) if (name := name_of(*json.loads(gps))) else None


def settable() -> dict[str, Settable]:
    """Return the fields that a person may set, in the order in which a person meets them."""
    return dict(SETTABLE)
