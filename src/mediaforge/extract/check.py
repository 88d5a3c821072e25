"""The last look at facts before they leave the worker: a reader's slip costs one file, not the scan that would store it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import get_args, get_type_hints

from mediaforge.model import LARGEST, Chapter, Facts, Stream


def _types(owner: type) -> Mapping[str, tuple[type, ...]]:
    """Return by field the plain types that it may have: those in its annotation, generics by their origin."""
    return {
        name: tuple(getattr(part, "__origin__", part) for part in (get_args(hint) if _is_union(hint) else (hint,)))
        for name, hint in get_type_hints(owner).items()
    }


def _is_union(hint: object) -> bool:
    return type(hint).__name__ in ("UnionType", "Union")


_Fields = tuple[Callable[[object], tuple[object, ...]], tuple[tuple[str, tuple[type, ...]], ...]]


def _reader(owner: type) -> _Fields:
    types = _types(owner)
    return attrgetter(*types), tuple(types.items())


# Each class: what gets all of its values at once, and their names and types in the same order.
_FIELDS: Mapping[type, _Fields] = {owner: _reader(owner) for owner in (Facts, Stream, Chapter)}


def checked(facts: Facts) -> Facts:
    """Return `facts` as they are; TypeError or ValueError names a field that holds what it never may."""
    for value in (facts, *facts.streams, *facts.chapters):
        values, fields = _FIELDS[type(value)]
        for found, (name, types) in zip(values(value), fields, strict=True):
            if found is not None and not (type(found) is str and str in types):  # what most are is passed quickly
                _check(name, found, types)
    return facts


def _check(name: str, value: object, types: tuple[type, ...]) -> None:
    if not isinstance(value, types) and not (isinstance(value, int) and float in types):
        raise TypeError(f"the fact '{name}' is a {type(value).__name__}, {value!r}")
    if isinstance(value, bool) and bool not in types:
        raise TypeError(f"the fact '{name}' is a truth value")
    if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
        raise ValueError(f"the fact '{name}' is out of range: {value}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"the fact '{name}' is no number: {value}")
    if isinstance(value, datetime) and not 1 < value.year < 9999:
        raise ValueError(f"the fact '{name}' is out of range: {value}")
