"""What people said of files in another program, read from what it left beside them: XMP, and Google's JSON."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from typing import Any

from mediaforge.errors import ExtractError
from mediaforge.extract import xmp
from mediaforge.extract.door import door
from mediaforge.extract.draft import Draft
from mediaforge.extract.markup import decoded, first_element
from mediaforge.extract.place import STATED
from mediaforge.extract.takeout import read_takeout
from mediaforge.model import Kind
from mediaforge.sidecars import Role

_LARGEST = 4 * 2**20  # bytes
_UNLABELLED = {"", "none", "0"}


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one file, or, with an `album` alone, of all files in its folder. Keywords have `|` between levels."""

    title: str | None = None
    description: str | None = None
    rating: int | None = None
    place: str | None = None
    position: tuple[float, float] | None = None
    keywords: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    label: str | None = None
    favourite: bool = False
    name: str | None = None  # of the file, where the program knows it
    album: str | None = None


def read(payload: tuple[bytes, str]) -> Said | None:
    """Read a file at an absolute path in one of the roles `xmp` and `takeout`; None where it is of something else.

    Raises ExtractError where it is broken, and OSError where it cannot be opened.
    """
    path, role = payload
    if not stat.S_ISREG(os.stat(path).st_mode):  # before it is opened: a FIFO would wait for its writer
        raise ExtractError("is no file")
    with open(path, "rb") as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ExtractError(f"is larger than {_LARGEST >> 20} MiB")
    return _xmp(data) if role == Role.XMP else _takeout(data)


def _xmp(data: bytes) -> Said:
    draft = Draft("xmp", Kind.IMAGE)
    found = xmp.described(first_element(decoded(data)))
    xmp.apply_words(draft, found)
    xmp.apply_camera(draft, found)
    label = str(draft.extra.get("label", ""))
    return Said(
        title=draft.values.get("title"),
        description=draft.values.get("description"),
        rating=draft.values.get("rating"),
        place=", ".join(str(draft.extra[level]) for level in STATED if level in draft.extra) or None,
        position=_position(draft),
        keywords=draft.facts(kind=None).keywords,
        label=None if label.lower() in _UNLABELLED else label,
    )


def _takeout(data: bytes) -> Said | None:
    with door():
        found = json.loads(data)
    if not isinstance(found, dict):
        return None
    if "photoTakenTime" not in found:
        own = found.get("albumData", found)  # which older exports had
        return Said(album=_title(own) if isinstance(own, dict) else None)
    draft = Draft("takeout", Kind.IMAGE)
    read_takeout(draft, data)
    people = found.get("people")
    names = [one.get("name") for one in people if isinstance(one, dict)] if isinstance(people, list) else []
    return Said(
        description=draft.values.get("description"),
        position=_position(draft),
        people=tuple(name.strip() for name in names if isinstance(name, str) and name.strip()),
        favourite=found.get("favorited") is True,
        name=_title(found),
    )


def _title(found: dict[str, Any]) -> str | None:
    title = found.get("title")
    return title.strip() or None if isinstance(title, str) else None


def _position(draft: Draft) -> tuple[float, float] | None:
    latitude, longitude = draft.values.get("latitude"), draft.values.get("longitude")
    return None if latitude is None or longitude is None else (latitude, longitude)
