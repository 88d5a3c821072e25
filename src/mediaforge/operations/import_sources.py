"""What can be imported: one literal table, by which a source is recognised where nobody says what it is."""

from __future__ import annotations

import os
import re
import shlex
import stat
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from mediaforge.catalog.database import create_catalogue, open_catalogue, put_in_place, remove_catalogue
from mediaforge.config import Config
from mediaforge.errors import CatalogueError, UsageError
from mediaforge.events import Listener, nobody
from mediaforge.operations.catalogues import opened
from mediaforge.operations.import_beside import has_takeout, has_xmp, read_takeout, read_xmp
from mediaforge.operations.import_databases import has_tables, read_beets, read_digikam
from mediaforge.operations.import_moves import Moves
from mediaforge.operations.import_own import is_export, read_export
from mediaforge.operations.imports import Merge, Report, Source, bring_in
from mediaforge.operations.scan import on_network
from mediaforge.text import display_path

_HEAD = 4096
_OURS = "mediaforge"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of source: what it is, how it is recognised (by its path, and its first bytes or b"" of a folder), and read."""

    help: str
    is_one: Callable[[bytes, bytes], bool]
    read: Callable[[bytes, Moves, Config], Awaitable[Source]]


# What is surest first: JSON may be of any program, and XMP stands beside what others export, too.
SOURCES: Mapping[str, Kind] = {
    _OURS: Kind("what `mediaforge export` wrote", is_export, read_export),
    "beets": Kind("the library file of beets", has_tables("items", "albums", "item_attributes"), read_beets),
    "digikam": Kind("the database of digiKam (digikam4.db)", has_tables("AlbumRoots", "Images", "ImageTags"), read_digikam),
    "takeout": Kind("the folder of a Google Takeout, unpacked", has_takeout, read_takeout),
    "xmp": Kind("a folder with XMP sidecars", has_xmp, read_xmp),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks to be imported: a file or folder, what it is where that was told, and where its folders are now."""

    path: str
    kind: str | None = None
    libraries: tuple[str, ...] = ()


async def import_path(
    config: Config, asked: Asked, merge: Merge, command: Sequence[str], *, dry_run: bool = False, events: Listener = nobody
) -> Report:
    """Import what stands at a path; an export also into a catalogue that is not there yet, which then is there whole or not.

    UsageError where it cannot be read, or anything in it is wrong; `command` is what a person typed, word by word.
    """
    path, words = os.path.abspath(os.fsencode(os.path.expanduser(asked.path))), shlex.join(command)
    moves, kind = Moves.parse(asked.libraries), _kind(path, asked.kind)
    catalog = os.fsencode(config.catalog)
    if kind != _OURS or os.path.exists(catalog):
        async with opened(config) as catalogue:
            source = await SOURCES[kind].read(path, moves, config)
            return await bring_in(catalogue, words, source, merge, dry_run=dry_run, events=events)
    source = await SOURCES[kind].read(path, moves, config)
    _clear_drafts(catalog)
    with tempfile.TemporaryDirectory(prefix="mediaforge-") as scratch:
        draft = os.path.join(os.fsencode(scratch), b"catalog.db") if dry_run else catalog + b".%d.import" % os.getpid()
        try:
            create_catalogue(draft, wal=not await on_network(catalog, config.silence))
            async with open_catalogue(draft) as catalogue:
                report = await bring_in(catalogue, words, source, merge, dry_run=dry_run, events=events)
            if not dry_run and not put_in_place(draft, catalog):
                shown = display_path(catalog)
                raise CatalogueError(f"a catalogue was made at '{shown}' meanwhile; import into that one now")
        finally:
            remove_catalogue(draft)
    return report


def _clear_drafts(catalog: bytes) -> None:
    """Remove what imports have left that were killed."""
    folder, name = os.path.split(catalog)
    for found in os.listdir(folder) if os.path.isdir(folder) else ():
        draft = re.fullmatch(re.escape(name) + rb"\.([0-9]{1,9})\.import", found)
        if draft and not _runs(int(draft[1])):
            remove_catalogue(os.path.join(folder, found))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _kind(path: bytes, told: str | None) -> str:
    """Return what stands at a path; UsageError where there is nothing, or nothing that is known."""
    shown = display_path(path)
    try:
        mode = os.stat(path).st_mode
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):  # it is read more than once
            raise UsageError(f"'{shown}' is neither a file nor a folder; write it into a file first")
        head = b"" if stat.S_ISDIR(mode) else _head(path)
    except OSError as error:
        raise UsageError(f"'{shown}' cannot be read: {(error.strerror or str(error)).lower()}") from error
    found = told or next((name for name, one in SOURCES.items() if one.is_one(path, head)), "")
    if found not in SOURCES:
        raise UsageError(f"'{shown}' is nothing that is known here; say what it is with --from {'|'.join(SOURCES)}")
    return found


def _head(path: bytes) -> bytes:
    with open(path, "rb") as file:
        return file.read(_HEAD)
