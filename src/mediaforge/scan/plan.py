"""The plan of a scan, from the differences between what was found and what is known. Pure: no disk, no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from mediaforge.events import Planned
from mediaforge.model import MediaId
from mediaforge.scanned import Difference, Pair


class Action(StrEnum):
    """What is to be done about one file."""

    NEW = "new"
    CHANGED = "changed"
    TOUCHED = "touched"
    MOVED = "moved"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Match:
    """What the pairs of one key say: the one move, or which files and rows could not be told apart."""

    moved: tuple[int, MediaId] | None
    differences: tuple[int, ...]
    rows: tuple[MediaId, ...]


def match(pairs: Iterable[Pair]) -> Iterator[Match]:
    """Match found files with rows that are gone; `pairs` come grouped by their key.

    One file and one row alike are the same file. Where several could be, none is guessed.
    """
    group: list[Pair] = []
    for pair in pairs:
        if group and group[0].key != pair.key:
            yield _judge(group)
            group = []
        group.append(pair)
    if group:
        yield _judge(group)


def _judge(group: list[Pair]) -> Match:
    differences = tuple(dict.fromkeys(pair.difference for pair in group))
    rows = tuple(dict.fromkeys(pair.media for pair in group))
    alone = len(differences) == 1 and len(rows) == 1
    return Match((differences[0], rows[0]) if alone else None, differences, rows)


def action(difference: Difference) -> Action:
    """Return what is to be done about a file that was found."""
    if difference.was is not None:
        return Action.MOVED
    if difference.touched:
        return Action.TOUCHED
    return Action.CHANGED if difference.media is not None else Action.NEW


def summary(actions: Counter[Action], *, unknown: int, unchanged: int, ambiguous: int, settling: int) -> Planned:
    """Return the plan in numbers."""
    return Planned(
        new=actions[Action.NEW],
        changed=actions[Action.CHANGED],
        moved=actions[Action.MOVED],
        missing=actions[Action.MISSING],
        unknown=unknown,
        unchanged=unchanged,
        ambiguous=ambiguous,
        settling=settling,
        touched=actions[Action.TOUCHED],
    )
