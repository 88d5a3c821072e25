"""`--format '{taken_at:%Y-%m} {path}'`: a line of a person's own for each item."""

from __future__ import annotations

import difflib
import os
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mediaforge.cli.items import KEYS, as_object
from mediaforge.errors import UsageError
from mediaforge.model import Media
from mediaforge.text import printable

# What is more than its text in the object: an instant takes strftime's letters, and a path keeps its bytes.
_RICHER: Mapping[str, Callable[[Media], object]] = {
    "path": lambda item: os.fsdecode(item.path),
    "name": lambda item: os.fsdecode(os.path.basename(item.path)),
    "folder": lambda item: os.fsdecode(os.path.dirname(item.path)),
    "taken_at": lambda item: item.facts.taken_at,
    "modified": lambda item: item.modified,
    "added": lambda item: item.added,
    "missing_since": lambda item: item.missing_since,
}
NAMES = tuple(dict.fromkeys((*KEYS, *_RICHER)))
"""What may stand in braces: the keys of an item, and `name` and `folder` of its path."""

_ESCAPES = {"n": "\n", "t": "\t", "0": "\0", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Template:
    """A text with names in braces, as Python's format strings have them, but of an item's keys alone."""

    parts: tuple[tuple[str, str | None, str], ...]  # text before, name, how it is written

    def bytes_of(self, item: Media) -> bytes:
        """Return the line of an item, without a line break; a name that is not UTF-8 keeps its bytes."""
        known = as_object(item)
        return os.fsencode("".join(before + _written(item, known, name, spec) for before, name, spec in self.parts))


def read_template(text: str) -> Template:
    """Return a template; UsageError where a name is unknown, or braces do not match."""
    try:
        pieces = list(string.Formatter().parse(_unescaped(text)))
    except ValueError as error:
        raise UsageError(f"the format '{printable(text)}' does not parse: {error}; {{{{ and }}}} stand for braces") from None
    for _before, name, spec, conversion in pieces:
        if name is None:
            continue
        if name not in NAMES:
            close = difflib.get_close_matches(name, NAMES, n=1, cutoff=0.6)
            meant = f"did you mean {{{close[0]}}}?" if close else f"there are {', '.join(NAMES)}"
            raise UsageError(f"there is no '{{{printable(name)}}}' in a format; {meant}")
        if conversion or "{" in (spec or ""):
            raise UsageError(f"'{{{printable(name)}…}}' is too much for a format; write {{{name}}} or {{{name}:…}}")
    return Template(tuple((before, name, spec or "") for before, name, spec, _conversion in pieces))


def _unescaped(text: str) -> str:
    r"""Return `text` with \n, \t, \0 and \\ for what they stand for, since a shell's quotes leave them as they are."""
    given, found = iter(text), ""
    for character in given:
        following = next(given, "") if character == "\\" else ""
        found += _ESCAPES.get(following, character + following) if following else character
    return found


def _written(item: Media, known: Mapping[str, object], name: str | None, spec: str) -> str:
    if name is None:
        return ""
    value = _RICHER[name](item) if name in _RICHER else known.get(name)
    if value is None:
        return ""
    if isinstance(value, list):
        value = ", ".join(str(part) for part in value)
    try:
        return format(value, spec) if spec else value.isoformat() if isinstance(value, datetime) else str(value)
    except ValueError as error:
        raise UsageError(f"'{{{name}:{printable(spec)}}}' does not fit '{printable(str(value))}': {error}") from None
