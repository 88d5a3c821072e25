"""The last look at facts before they leave the worker: a reader's slip costs one file, not the scan that would store it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
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


_TYPES: Mapping[type, Mapping[str, tuple[type, ...]]] = {owner: _types(owner) for owner in (Facts, Stream, Chapter)}


def checked(facts: Facts) -> Facts:
    """Return `facts` as they are; TypeError or ValueError names a field that holds what it never may."""
    for value in (facts, *facts.streams, *facts.chapters):
        for name, types in _TYPES[type(value)].items():
            found = getattr(value, name)
            if found is not None:
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
