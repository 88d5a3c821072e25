"""Tag and untag what targets mean."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from mediaforge.catalog import journal, tags
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.media import select_ids
from mediaforge.catalog.tags import TagCount
from mediaforge.errors import NothingMatched, UsageError
from mediaforge.model import MediaId
from mediaforge.operations.select import Selection, by_targets
from mediaforge.text import clean_text


@dataclass(frozen=True, slots=True)
class TagChange:
    """What an edit of tags came to: the items that the targets mean, and those that changed."""

    matched: int
    changed: int


def names_of(text: str) -> list[str]:
    """Return the tags in `NAME[,NAME…]`; UsageError on one that is none."""
    names = []
    for part in text.split(","):
        levels = [clean_text(level) for level in part.split("/")]
        if not all(levels):
            raise UsageError(f"'{text}' is no tag; a tag is a name, or names with slashes between them: travel/italy")
        names.append("/".join(" ".join((level or "").split()) for level in levels))
    return list(dict.fromkeys(names))


async def add_tags(catalogue: Catalogue, text: str, targets: Sequence[str], *, dry_run: bool = False) -> TagChange:
    """Put tags on what the targets mean; NothingMatched when that is nothing.

    A tag that a file or a rule put there becomes the person's own, so that it stays when the file loses it.
    """
    names = names_of(text)
    async with catalogue.transaction():
        selection, matched = await _select(catalogue, targets)
        changed: set[int] = set()
        added: list[list[object]] = []
        adopted: list[list[object]] = []
        for name in names:
            tag = await tags.find_tag(catalogue, name) if dry_run else await tags.ensure_tag(catalogue, name)
            ids = await tags.select_untagged(catalogue, tag, selection.sql, selection.params)
            others = {} if tag is None else await _borne_otherwise(catalogue, tag, selection)
            changed.update(ids, *others.values())
            if tag is not None and not dry_run:
                await tags.add_tag(catalogue, tag, ids)
                for theirs in others.values():
                    await tags.set_source(catalogue, tag, theirs, "person")
                added.append([tag, ids])
                if others:
                    adopted.append([tag, others])
        if changed and not dry_run:
            undo = {"remove_tags": added} | ({"disown_tags": adopted} if adopted else {})
            await journal.record_change(catalogue, f"tag add {text} {selection.text}", items=len(changed), undo=undo)
    return TagChange(matched, len(changed))


async def _borne_otherwise(catalogue: Catalogue, tag: int, selection: Selection) -> dict[str, list[MediaId]]:
    """Return by source the selected items that bear a tag which no person put there."""
    bearing = await tags.select_untagged(catalogue, tag, selection.sql, selection.params, tagged=True)
    sources = await tags.sources_of(catalogue, tag, bearing)
    return {source: [MediaId(media) for media in ids] for source, ids in sources.items() if source != "person"}


async def remove_tags(catalogue: Catalogue, text: str, targets: Sequence[str], *, dry_run: bool = False) -> TagChange:
    """Take tags off what the targets mean; NothingMatched when that is nothing, or there is no such tag."""
    names = names_of(text)
    async with catalogue.transaction():
        known = [(await tags.find_tag(catalogue, name), name) for name in names]
        for tag, name in known:
            if tag is None:
                raise NothingMatched(f"no tag '{name}'{await _nearest(catalogue, name)}")
        selection, matched = await _select(catalogue, targets)
        changed: set[int] = set()
        removed: list[list[object]] = []
        for tag, _name in known:
            assert tag is not None
            ids = await tags.select_untagged(catalogue, tag, selection.sql, selection.params, tagged=True)
            changed.update(ids)
            if not dry_run:
                removed.append([tag, await tags.sources_of(catalogue, tag, ids)])
                await tags.remove_tag(catalogue, tag, ids)
        if changed and not dry_run:
            await journal.record_change(
                catalogue, f"tag remove {text} {selection.text}", items=len(changed), undo={"add_tags": removed}
            )
    return TagChange(matched, len(changed))


async def _select(catalogue: Catalogue, targets: Sequence[str]) -> tuple[Selection, int]:
    selection = await by_targets(catalogue, targets)
    matched = len(await select_ids(catalogue, selection.sql, selection.params, order="m.id"))
    if not matched:
        raise NothingMatched(f"nothing matches '{selection.text}', so nothing was changed")
    return selection, matched


async def _nearest(catalogue: Catalogue, name: str) -> str:
    near = difflib.get_close_matches(name, await tags.tag_names(catalogue), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else "; list them with: mediaforge tag list"


async def list_tags(catalogue: Catalogue) -> list[TagCount]:
    """Return every tag with how many items bear it."""
    return await tags.list_tags(catalogue)
