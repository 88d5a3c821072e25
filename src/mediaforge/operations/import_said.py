"""What another program knows of an item, as what a person set."""

from __future__ import annotations

from mediaforge.catalog.corrections import packed
from mediaforge.catalog.imports import Set
from mediaforge.catalog.settable import SETTABLE


def corrections(**known: object) -> dict[str, Set]:
    """Return what is set by these values of fields; one that says nothing, or that cannot be, is left out."""
    found = {}
    for name, value in known.items():
        try:
            state = None if value is None else packed(SETTABLE[name].read(written(value)))
        except ValueError:
            continue
        if state not in (None, "null"):
            found[name] = Set(str(state))
    return found


def written(value: object) -> str:
    """Return a value as a person writes it."""
    if isinstance(value, tuple):
        return ",".join(f"{part:.15f}" for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def level(name: str) -> str:
    """Return a name as one level of a tag or a collection, whatever slashes it has."""
    return " ".join(name.replace("/", " ").split())
