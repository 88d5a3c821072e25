"""The roots of a scan: which library each belongs to, and whether its volume is there."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from mediaforge.catalog import libraries
from mediaforge.catalog.database import Catalogue
from mediaforge.errors import RootNotFound, UsageError, VolumeOffline
from mediaforge.model import Library, LibraryId
from mediaforge.scan.volume import Volume, is_offline, look
from mediaforge.scan.walk import RootSilent
from mediaforge.text import display_path

log = logging.getLogger(__name__)

_NEW = LibraryId(-1)  # and below: libraries that are not written down yet


@dataclass(slots=True)
class Root:
    """A part of a library that is to be scanned: `below` is relative to the library's root, b"" all of it.

    `offline` says why its volume counts as not there. `takes_over` are libraries below it that become parts of it.
    """

    library: Library
    below: bytes
    volume: Volume | None = None
    offline: str | None = None
    takes_over: tuple[Library, ...] = ()
    had_files: bool = False
    path: bytes = field(init=False)  # absolute

    def __post_init__(self) -> None:
        self.path = os.path.join(self.library.root, self.below) if self.below else self.library.root

    def parts(self) -> list[tuple[LibraryId, bytes]]:
        """Return which library holds what is known below which prefix; the last is the root's own.

        Before it is written down (as in a dry run) the libraries that it takes over are still apart.
        """
        base = len(self.library.root.rstrip(b"/")) + 1
        lower = self.takes_over if self.library.id <= _NEW else ()
        return [*((library.id, library.root[base:] + b"/") for library in lower), (self.library.id, b"")]


def absolute(root: str) -> bytes:
    """Return a root as a person typed it as an absolute path; `~` is ours to expand where the shell did not."""
    return os.path.abspath(os.fsencode(os.path.expanduser(root)))


async def resolve(catalogue: Catalogue, roots: Sequence[bytes], *, silence: float) -> list[Root]:
    """Return what is to be scanned for these absolute paths.

    Raises RootNotFound for one that no library knows and that is not there, VolumeOffline for one above a library that
    is not there.
    """
    known = await libraries.list_libraries(catalogue)
    paths = sorted(dict.fromkeys(roots))
    outermost = [path for path in paths if not any(is_below(path, other) for other in paths)]
    return [await _resolve(catalogue, path, known, silence, LibraryId(_NEW - n)) for n, path in enumerate(outermost)]


async def _resolve(catalogue: Catalogue, path: bytes, known: Sequence[Library], silence: float, new: LibraryId) -> Root:
    for library in known:
        if path == library.root or is_below(path, library.root):
            root = Root(library, path[len(library.root.rstrip(b"/")) + 1 :])
            root.had_files = await libraries.has_files(catalogue, library.id)
            root.volume, root.offline = await _look(library, had_files=root.had_files, silence=silence)
            return root
    if not os.path.lexists(path):
        raise RootNotFound(f"no file or folder at '{display_path(path)}'; is its drive plugged in?")
    folder, below = (path, b"") if os.path.isdir(path) else os.path.split(path)
    if below and not os.path.isfile(path):
        raise UsageError(f"'{display_path(path)}' is neither a folder nor a file; name a folder to scan")
    root = Root(Library(new, _slug(folder), folder), below)
    root.takes_over = tuple(library for library in known if is_below(library.root, folder))
    for lower in root.takes_over:  # once it is a part, nothing tells its unplugged volume from an emptied folder
        had_files = await libraries.has_files(catalogue, lower.id)
        _volume, why = await _look(lower, had_files=had_files, silence=silence)
        if why:
            raise VolumeOffline(f"{why}; '{display_path(folder)}' can take it over only while it is there")
    root.volume = await look(folder, silence)
    return root


async def outdated(catalogue: Catalogue, roots: Sequence[Root]) -> bool:
    """Say whether somebody has added libraries at, above or below the new ones among `roots` since they were resolved."""
    known = await libraries.list_libraries(catalogue)
    for root in roots:
        folder, lower = root.library.root, {library.id for library in root.takes_over}
        near = {k.id for k in known if k.root == folder or is_below(k.root, folder) or is_below(folder, k.root)}
        if root.library.id <= _NEW and near != lower:
            return True
    return False


def is_below(path: bytes, folder: bytes) -> bool:
    """Say whether an absolute path lies below a folder."""
    return path != folder and path.startswith(folder.rstrip(b"/") + b"/")


def _slug(folder: bytes) -> str:
    name = display_path(os.path.basename(folder.rstrip(b"/"))).casefold()
    return "-".join("".join(c if c.isalnum() else " " for c in name).split()) or "root"


async def _look(library: Library, *, had_files: bool, silence: float) -> tuple[Volume | None, str | None]:
    try:
        volume = await look(library.root, silence)
    except RootSilent as error:
        return None, str(error)
    empty = volume is not None and volume.empty
    known = Volume(library.volume, library.volume_label, library.mount_point)
    why = is_offline(known, volume, had_files=had_files, empty=empty)
    log.debug("%r: known as %r, found as %r, had files: %s; %s", library.root, known, volume, had_files, why or "online")
    return volume, why and f"'{display_path(library.root)}' is left as it was: {why}"


async def register(catalogue: Catalogue, root: Root) -> None:
    """Write a root's library down, in the caller's transaction, where it is new or its volume was looked at."""
    if root.library.id <= _NEW:
        await _add(catalogue, root)
    if root.offline is not None:
        await libraries.set_offline(catalogue, root.library.id)
    elif root.volume is not None:
        volume = root.volume
        await libraries.set_seen(
            catalogue, root.library.id, volume=volume.id, label=volume.label, mount_point=volume.mount_point
        )


async def _add(catalogue: Catalogue, root: Root) -> None:
    library = root.library
    added = await libraries.add_library(catalogue, library.slug, library.root)
    root.library = Library(added, library.slug, library.root)
    for lower in root.takes_over:
        log.debug("library %d takes over %d at %r", added, lower.id, lower.root)
        await libraries.take_over(catalogue, added, library.root, lower)
