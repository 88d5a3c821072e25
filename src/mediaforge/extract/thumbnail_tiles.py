"""What a contact sheet is to show; apart from what draws it, so that asking for one loads no library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tile:
    """One place of a sheet: where its picture is (None: there is none), and the two lines below it."""

    picture: str | None
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What to draw: tiles, or, with a `film`, so many of its frames; `heading` stands above."""

    heading: str
    columns: int
    tiles: tuple[Tile, ...] = ()
    film: str | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet as it was drawn: a JPEG, how many places are on it, and the letters in it that no font has."""

    data: bytes
    places: int
    missing: str = ""
