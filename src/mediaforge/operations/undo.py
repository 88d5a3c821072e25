"""Take a person's edits back."""

from __future__ import annotations

from mediaforge.catalog import journal, libraries, tags
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.journal import Change
from mediaforge.errors import NothingMatched, UsageError
from mediaforge.model import LibraryId, MediaId

__all__ = ["Change", "list_changes", "undo"]


async def list_changes(catalogue: Catalogue, *, limit: int = 0) -> list[Change]:
    """Return the edits, newest first; 0 is no limit."""
    return await journal.list_changes(catalogue, limit=limit or -1)


async def undo(catalogue: Catalogue, number: int | None = None, *, dry_run: bool = False) -> Change:
    """Take back one edit, the last one unless a number is given; NothingMatched when there is none to take back."""
    async with catalogue.transaction():
        change = await journal.find_change(catalogue, number)
        if change is None:
            which = f"no edit {number}" if number is not None else "nothing to undo"
            raise NothingMatched(f"{which}; list the edits with: mediaforge history")
        if change.undone_at is not None:
            raise UsageError(f"edit {change.id} ('{change.command}') was undone already")
        if not dry_run:
            await _take_back(catalogue, change)
            await journal.mark_undone(catalogue, change.id)
    return change


async def _take_back(catalogue: Catalogue, change: Change) -> None:
    recipe = change.undo
    for tag, ids in recipe.get("remove_tags", []):
        await tags.remove_tag(catalogue, tag, [MediaId(media) for media in ids])
    for tag, by_source in recipe.get("disown_tags", []):
        for source, ids in by_source.items():
            await tags.set_source(catalogue, tag, [MediaId(media) for media in ids], source)
    for tag, by_source in recipe.get("add_tags", []):
        for source, ids in by_source.items():
            await tags.add_tag(catalogue, tag, [MediaId(media) for media in ids], source=source)
    if "relocate" in recipe:
        library, root = recipe["relocate"]
        await libraries.relocate(catalogue, LibraryId(library), bytes.fromhex(root))
    if recipe.get("restore"):
        await journal.restore_items(catalogue, change.id)
