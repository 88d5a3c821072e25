"""Take a person's edits back, and do them again."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from mediaforge.catalog import cells, journal, media
from mediaforge.catalog.cells import Aspect, Cells
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.journal import Change
from mediaforge.errors import LaterEdits, NothingMatched, UsageError

__all__ = ["Change", "Undone", "list_changes", "redo", "undo"]

ANYTHING = range(2**63)
"""Every edit, as what may be trampled."""


@dataclass(frozen=True, slots=True)
class Undone:
    """An edit that was taken back or done again; `gone`: of its items, how many are in the catalogue no more."""

    change: Change
    gone: int


async def list_changes(catalogue: Catalogue, *, limit: int = 0) -> list[Change]:
    """Return the edits, newest first; 0 is no limit."""
    return await journal.list_changes(catalogue, limit=limit or -1)


async def undo(
    catalogue: Catalogue, number: int | None = None, *, last: int = 1, over: Container[int] = (), dry_run: bool = False
) -> list[Undone]:
    """Take back one edit by its number, or the last ones that stand, newest first; NothingMatched when there is none.

    LaterEdits where that would trample what later edits did to the same, or what is there otherwise (0), but for those `over`.
    """
    return await _acted(catalogue, number, last, over, undoing=True, dry_run=dry_run)


async def redo(
    catalogue: Catalogue, number: int | None = None, *, last: int = 1, over: Container[int] = (), dry_run: bool = False
) -> list[Undone]:
    """Do again one edit by its number, or those that were taken back last; as `undo` in everything else."""
    return await _acted(catalogue, number, last, over, undoing=False, dry_run=dry_run)


class _OnlyTried(Exception):
    """Rolls back what was done for a dry run."""


async def _acted(
    catalogue: Catalogue, number: int | None, last: int, over: Container[int], *, undoing: bool, dry_run: bool
) -> list[Undone]:
    done: list[Undone] = []
    try:
        async with catalogue.transaction():
            for _ in range(1 if number is not None else last):
                change = await _found(catalogue, number, undoing=undoing)
                if change is None:
                    break
                await _refuse_to_trample(catalogue, change, over, undoing=undoing)
                done.append(Undone(change, await _turn(catalogue, change, undoing=undoing)))
                await journal.mark(catalogue, change.id, undone=undoing)
            if dry_run:
                raise _OnlyTried
    except _OnlyTried:
        pass
    if not done:
        raise NothingMatched(f"nothing to {'undo' if undoing else 'redo'}; list the edits with: mediaforge history")
    return done


async def _found(catalogue: Catalogue, number: int | None, *, undoing: bool) -> Change | None:
    """Return the edit that is meant, the next one without a number; None where there is none left."""
    if number is None:
        return await journal.next_change(catalogue, undone=not undoing)
    change = await journal.find_change(catalogue, number)
    if change is None:
        raise NothingMatched(f"no edit {number}; list the edits with: mediaforge history")
    if (change.undone_at is None) != undoing:
        raise UsageError(f"edit {number} ('{change.command}') {'was undone already' if undoing else 'is not undone'}")
    return change


async def _refuse_to_trample(catalogue: Catalogue, change: Change, over: Container[int], *, undoing: bool) -> None:
    """Raise LaterEdits where others changed since what `change` is about."""
    mine, differing = await _mine(catalogue, change, undoing=undoing)
    found = []
    for later in await journal.standing_after(catalogue, change):
        same, items = False, set[int]()
        async for _at, page in journal.pages(catalogue, later.id):
            for theirs in page.cells:
                made = mine.get(journal.MADE, set()) if cells.of_items(theirs) else set()
                shared = (mine.get(theirs.aspect, set()) | made) & theirs.changes.keys()
                same |= bool(shared)
                items |= shared if cells.of_items(theirs) else set()
        if same:
            found.append((later.id, later.command, len(items)))
    act = "undo" if undoing else "redo"
    if any(later not in over for later, _command, _items in found):
        told = "; ".join(f"edit {later} ('{command}') changed the same{_of(items)}" for later, command, items in found)
        raise LaterEdits(told, "undo that first, or say --force", [later for later, _command, _items in found])
    if differing and not found and 0 not in over:
        told = f"what edit {change.id} ('{change.command}') changed of {_counted(differing)} is something else by now"
        raise LaterEdits(told, f"say --force to {act} it all the same", [0])


def _of(items: int) -> str:
    return f" of {_counted(items)}" if items else ""  # of a tag or a collection itself there are none


def _counted(items: int) -> str:
    return f"{items:,} item{'' if items == 1 else 's'}"


async def _mine(catalogue: Catalogue, change: Change, *, undoing: bool) -> tuple[dict[Aspect, set[int]], int]:
    """Return the items of an edit by aspect, and how many of its cells somebody has changed since."""
    mine: dict[Aspect, set[int]] = {}
    differing = 0
    async for _at, page in journal.pages(catalogue, change.id):
        for some in page.cells:
            there = some.without(await cells.gone(catalogue, some))
            mine.setdefault(some.aspect, set()).update(some.changes)
            differing += await cells.differing(catalogue, there, after=undoing)
        if page.made:
            mine.setdefault(journal.MADE, set()).update(page.back)
    return mine, differing


async def _turn(catalogue: Catalogue, change: Change, *, undoing: bool) -> int:
    """Take an edit back or do it again, page by page, and return how many of its items are gone."""
    missed: set[int] = set()
    async for at, page in journal.pages(catalogue, change.id, backwards=undoing):
        there: list[Cells] = []
        for some in page.cells:
            gone = await cells.gone(catalogue, some)
            missed |= gone
            there.append(some.without(gone))
        await cells.write(catalogue, there, after=not undoing)
        if page.rows:
            await journal.restore_page(catalogue, change.id, at, page.rows, made=page.made)
        elif page.back and page.made:
            await journal.forget_page(catalogue, change.id, at, page.back, made=True)
        elif page.back:
            await journal.forget_page(catalogue, change.id, at, await media.still_missing(catalogue, page.back))
    return len(missed)
