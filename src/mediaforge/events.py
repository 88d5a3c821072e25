"""What a scan tells whoever listens. The default listener does nothing; only cli/ knows how to draw.

Apart from model.py, since a search, which every command of a person is, needs none of it: each dataclass costs its import 1 ms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mediaforge.model import ScanId


@dataclass(frozen=True, slots=True)
class ScanStarted:
    """A scan has its id."""

    scan: ScanId
    roots: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """So many media files and folders were seen below the roots until now."""

    files: int
    folders: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What the first pass found out, in files."""

    new: int = 0
    changed: int = 0
    moved: int = 0
    missing: int = 0
    unknown: int = 0
    unchanged: int = 0
    ambiguous: int = 0
    settling: int = 0  # still being written: left for the next scan
    touched: int = 0  # only their modification time is another, shifted as file systems shift it


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` targets are made or have failed; `path` (absolute) is in work."""

    done: int
    total: int
    failed: int
    path: bytes | None = None


@dataclass(frozen=True, slots=True)
class BuildStarted:
    """`total` targets of a recipe are stale, and are made now."""

    recipe: str
    total: int


@dataclass(frozen=True, slots=True)
class Checked:
    """So many items of what is imported were read and are right until now."""

    items: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something went wrong with `path` (absolute); the scan goes on."""

    path: bytes
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a person should know, though nothing is wrong."""

    text: str


Event = ScanStarted | Counted | Planned | Progress | BuildStarted | Checked | Trouble | Remark
Listener = Callable[[Event], None]


def nobody(_event: Event) -> None:
    """Listen to nothing."""
