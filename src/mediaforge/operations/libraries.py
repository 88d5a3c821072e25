"""Move a library, forget one, and tell how items were recognised."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from mediaforge.build.pool import Pool
from mediaforge.catalog import cells, history, journal, libraries, media
from mediaforge.catalog.cells import Aspect, Cells
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
    library, every = await _called(catalogue, slug)
    for other in every:
        if other.id != library.id and (other.root == root or is_below(root, other.root) or is_below(other.root, root)):
            raise UsageError(f"'{display_path(root)}' belongs to the library '{other.slug}'; choose another folder")
    volume = await look(root, config.silence)
    if volume is None:
        raise UsageError(f"no folder at '{display_path(root)}'; is its drive plugged in?")
    await _must_hold(catalogue, config, library, root)
    if not dry_run:
        async with catalogue.transaction():
            await _must_rest(catalogue, library)
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


async def _called(catalogue: Catalogue, slug: str) -> tuple[Library, list[Library]]:
    """Return the library of this name, and all of them; NothingMatched where there is none."""
    every = await libraries.list_libraries(catalogue)
    for library in every:
        if library.slug == slug:
            return library, every
    raise NothingMatched(f"no library '{slug}'; there are {', '.join(one.slug for one in every) or 'none'}")


@dataclass(frozen=True, slots=True)
class Forgettable:
    """A library with all of its items, the missing ones, too."""

    library: Library
    ids: list[MediaId]


async def forgettable(catalogue: Catalogue, slug: str) -> Forgettable:
    """Return a library that may be forgotten; NothingMatched where there is none, Busy while it is scanned."""
    library, _every = await _called(catalogue, slug)
    await _must_rest(catalogue, library)
    return Forgettable(library, await media.select_ids(catalogue, "m.library_id = :one", {"one": library.id}, order="m.id"))


async def forget(catalogue: Catalogue, slug: str) -> int:
    """Forget a library with its items and return the number of the edit, by which undo brings them back."""
    async with catalogue.transaction():
        found = await forgettable(catalogue, slug)
        aspect: Aspect = ("libraries", None)
        number = await journal.record_change(
            catalogue, shlex.join(["library", "forget", slug]), items=len(found.ids), aspects=[aspect]
        )
        pages = await journal.forget_items(catalogue, number, found.ids, made=True)
        known = await cells.states(catalogue, aspect, [found.library.id])
        last = Cells(aspect, {found.library.id: (known[found.library.id], None)})
        await cells.write(catalogue, [last], after=True)
        await journal.set_page(catalogue, number, pages, journal.Page((last,)))
    return number


async def _must_rest(catalogue: Catalogue, library: Library) -> None:
    if await _is_scanned(catalogue, library.id):
        raise Busy(f"the library '{library.slug}' is being scanned; wait for it, or stop it: mediaforge scans")


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
