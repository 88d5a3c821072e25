"""Move a library, and tell how its items were recognised."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from mediaforge.build.pool import Pool
from mediaforge.catalog import cells, history, journal, libraries, media
from mediaforge.catalog.cells import Cells
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.history import Recognition
from mediaforge.catalog.paths import join
from mediaforge.config import Config
from mediaforge.errors import Busy, NothingMatched, UsageError
from mediaforge.model import Library, LibraryId, Media, MediaId
from mediaforge.operations.recipes import IS_THERE
from mediaforge.operations.roots import absolute, is_below
from mediaforge.scan.volume import look
from mediaforge.text import display_path

_SAMPLE = 50  # files that are looked for below a new root


async def list_libraries(catalogue: Catalogue) -> list[Library]:
    """Return every library with how many items it has, and their bytes."""
    return await libraries.list_libraries(catalogue, sizes=True)


async def relocate(catalogue: Catalogue, config: Config, slug: str, new_root: str, *, dry_run: bool = False) -> Library:
    """State that a library's root is at another path now; its items keep their rows, and nothing is read.

    UsageError where the new root is no folder, belongs to another library, or holds none of the library's files.
    """
    root = absolute(new_root)
    found = {library.slug: library for library in await libraries.list_libraries(catalogue)}
    library = found.get(slug)
    if library is None:
        raise NothingMatched(f"no library '{slug}'; there are {', '.join(found) or 'none'}")
    for other in found.values():
        if other.id != library.id and (other.root == root or is_below(root, other.root) or is_below(other.root, root)):
            raise UsageError(f"'{display_path(root)}' belongs to the library '{other.slug}'; choose another folder")
    volume = await look(root, config.silence)
    if volume is None:
        raise UsageError(f"no folder at '{display_path(root)}'; is its drive plugged in?")
    await _must_hold(catalogue, config, library, root)
    if not dry_run:
        async with catalogue.transaction():
            if await _is_scanned(catalogue, library.id):
                raise Busy(f"the library '{slug}' is being scanned; wait for it, or stop it: mediaforge scans")
            page = [Cells(("root", ""), {library.id: (library.root.hex(), root.hex())})]
            await cells.write(catalogue, page, after=True)
            await libraries.set_seen(
                catalogue, library.id, volume=volume.id, label=volume.label, mount_point=volume.mount_point
            )
            await journal.record_change(
                catalogue,
                shlex.join(["library", "relocate", slug, display_path(root)]),
                items=await libraries.count(catalogue, library.id),
                aspects=[("root", "")],
                pages=[journal.Page(tuple(page)).pack()],
            )
    return library


async def _is_scanned(catalogue: Catalogue, library: LibraryId) -> bool:
    from mediaforge.catalog import scans
    from mediaforge.operations.processes import Process, alive

    running = await scans.running_on(catalogue, [library])
    return any(alive(Process(scan.host, scan.pid, scan.pid_started), heartbeat=scan.heartbeat) for scan in running)


async def _must_hold(catalogue: Catalogue, config: Config, library: Library, root: bytes) -> None:
    """Refuse a folder that holds none of some of the library's files: a typing error would make all of it missing."""
    paths = await libraries.sample(catalogue, library.id, _SAMPLE)
    if not paths:
        return
    there: list[bytes] = []

    async def received(index: int, answer: object) -> None:
        if answer is True:
            there.append(paths[index])

    async with Pool(IS_THERE, slots=1, deadline=config.silence) as pool:
        await pool.run([join(root, path) for path in paths], received)
    if not there:
        raise UsageError(
            f"'{display_path(root)}' holds none of the files of '{library.slug}', such as '{display_path(paths[0])}';"
            " is it the right folder?"
        )


@dataclass(frozen=True, slots=True)
class Life:
    """An item, and how it was recognised through time."""

    item: Media
    events: tuple[Recognition, ...]


async def why(catalogue: Catalogue, number: int) -> Life:
    """Tell how an item was recognised through time."""
    async for item in media.load(catalogue, [MediaId(number)]):
        return Life(item, tuple(await history.of_item(catalogue, item.id)))
    raise NothingMatched(f"no item {number}; find its id with: mediaforge search")
