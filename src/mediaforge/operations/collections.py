"""Collections: made, filled, put in order, named otherwise, shown and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mediaforge import query as language
from mediaforge.catalog import collections, media
from mediaforge.catalog.cells import Cells, State
from mediaforge.catalog.collections import Collection, collection_key
from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.catalog.sort import sort_sql
from mediaforge.catalog.tags import tag_name
from mediaforge.errors import NothingMatched, QueryError, UsageError
from mediaforge.model import MediaId
from mediaforge.operations import smart
from mediaforge.operations.edit import Edited, Reworked, apply
from mediaforge.operations.saved import still_saying
from mediaforge.operations.search import Hits, search
from mediaforge.operations.select import by_query, by_targets, is_place
from mediaforge.operations.tags import nearest
from mediaforge.text import clean_text

__all__ = ["Collection", "Listed", "Place", "add", "change", "create", "delete", "list_collections", "move", "remove", "rename"]


@dataclass(frozen=True, slots=True)
class Listed:
    """A collection, how many items are in it, and why it cannot be asked, if so."""

    collection: Collection
    items: int | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where items are to stand in a collection: as the so many-th, counted from 1, or before or after another; one of these."""

    to: int | None = None
    before: int | None = None
    after: int | None = None


def name_of(text: str) -> str:
    """Return a collection's name as it is kept; UsageError where it is none."""
    clean = clean_text(text) or ""
    name = tag_name(clean)
    if name is None or name.count("/") != clean.count("/"):
        raise UsageError(
            f"'{text}' is no name of a collection; it is words, with slashes between the folders that it is in: family/summer"
        )
    return name


async def existing(catalogue: Catalogue, name: str) -> Collection:
    """Return the collection that is called `name`; NothingMatched with the nearest one if there is none."""
    found = await collections.find_collection(catalogue, name)
    if found is None:
        known = [one.name for one in await collections.list_collections(catalogue)]
        raise NothingMatched(f"no collection '{name}'{nearest(name, known, 'mediaforge collection list')}")
    return found


async def _by_hand(catalogue: Catalogue, name: str) -> Collection:
    found = await existing(catalogue, name)
    if found.query is not None:
        raise UsageError(f"'{found.name}' is a saved query, and nothing is put into it by hand; it finds: {found.query}")
    return found


# The collections themselves.


async def create(
    catalogue: Catalogue,
    name: str,
    *,
    query: str | None = None,
    sort: str | None = None,
    description: str | None = None,
    dry_run: bool = False,
) -> Collection:
    """Make a collection by hand, or a smart one of a query; UsageError where there is one of that name."""
    async with catalogue.transaction():
        made = Collection(
            id=await collections.next_collection(catalogue),
            name=name_of(name),
            description=clean_text(description or ""),
            query=query,
            sort=sort,
            added=str(await catalogue.value(f"SELECT {NOW}")),
        )
        other = await collections.find_collection(catalogue, made.name)
        if other is not None:
            raise UsageError(f"there is a collection '{other.name}' already; choose another name")
        await _check(catalogue, made)
        words = ["collection", "create", name, *_options(query=query, sort=sort, description=description)]
        await _apply(catalogue, words, {made.id: (None, made.to_json())}, dry_run=dry_run)
    return made


async def change(
    catalogue: Catalogue,
    name: str,
    *,
    query: str | None = None,
    sort: str | None = None,
    description: str | None = None,
    dry_run: bool = False,
) -> Collection:
    """Give a smart collection another query or order, or any another description."""
    if query is None and sort is None and description is None:
        raise UsageError("nothing to change; say --query, --sort or --description")
    async with catalogue.transaction():
        before = await existing(catalogue, name)
        if query is not None and before.query is None:
            raise UsageError(f"'{before.name}' is made by hand; a saved query is a collection of its own, with another name")
        after = replace(before, query=query or before.query, sort=sort or before.sort)
        if description is not None:
            after = replace(after, description=clean_text(description))
        await _check(catalogue, after)
        words = ["collection", "edit", name, *_options(query=query, sort=sort, description=description)]
        await _apply(catalogue, words, {before.id: (before.to_json(), after.to_json())}, dry_run=dry_run)
    return after


def _options(**given: str | None) -> list[str]:
    return [f"--{name}={value}" for name, value in given.items() if value is not None]


async def _check(catalogue: Catalogue, one: Collection) -> None:
    """Refuse what could not be shown: an empty query, one that does not parse or names its own collection, an unknown order."""
    if one.sort is not None:
        sort_sql(one.sort)
        if one.query is None:
            raise UsageError("what is made by hand has an order of its own; --sort is for a collection with a --query")
    if one.query is None:
        return
    if not one.query.strip():
        raise UsageError("a smart collection needs a query; is:any is everything")
    await smart.check(catalogue, one)


async def _apply(
    catalogue: Catalogue, words: Sequence[str], changes: dict[int, tuple[State, State]], *, items: int = 0, dry_run: bool
) -> None:
    changed = {one: states for one, states in changes.items() if states[0] != states[1]}
    if changed and not dry_run:
        await apply(catalogue, words, [Cells(("collections", None), changed)], items=items)


async def rename(catalogue: Catalogue, old: str, new: str, *, dry_run: bool = False) -> Reworked:
    """Give a collection or a folder another name, and with it all below it; UsageError where there is one of that name."""
    name = name_of(new)
    async with catalogue.transaction():
        key = collection_key(old)
        meant = await _below(catalogue, old)
        after = [replace(one, name="/".join([name, *one.name.split("/")[key.count("/") + 1 :]])) for one in meant]
        for one in after:
            other = await collections.find_collection(catalogue, one.name)
            if other is not None and other.id not in {moved.id for moved in meant}:
                raise UsageError(f"there is a collection '{other.name}' already; choose another name")
        changes: dict[int, tuple[State, State]] = {b.id: (b.to_json(), a.to_json()) for b, a in zip(meant, after, strict=True)}
        await _apply(catalogue, ["collection", "rename", old, new], changes, dry_run=dry_run)
        remarks = await still_saying(catalogue, "in", [key]) if collection_key(name) != key else []
    return Reworked(tuple(one.name for one in after), remarks=tuple(remarks))


async def delete(catalogue: Catalogue, name: str, *, dry_run: bool = False) -> Reworked:
    """Delete a collection, or with a slash behind its name the folder and all in it; the items stay in the catalogue."""
    async with catalogue.transaction():
        meant = await _below(catalogue, name) if name.rstrip().endswith("/") else [await existing(catalogue, name)]
        steps, items = [], set[MediaId]()
        for one in meant:
            members = await collections.members(catalogue, one.id)
            steps.append(Cells(("member", one.id), {member: (str(at), None) for member, at, _missing in members}))
            items |= {member for member, _at, _missing in members}
        steps.append(Cells(("collections", None), {one.id: (one.to_json(), None) for one in meant}))
        if not dry_run:
            await apply(catalogue, ["collection", "delete", name], steps, items=len(items))
        remarks = await still_saying(catalogue, "in", [one.key for one in meant])
    return Reworked(tuple(one.name for one in meant), len(items), tuple(remarks))


async def _below(catalogue: Catalogue, name: str) -> list[Collection]:
    """Return a collection and all in the folder of its name; NothingMatched where there is neither."""
    key = collection_key(name)
    every = await collections.list_collections(catalogue)
    return [one for one in every if one.key == key or one.key.startswith(f"{key}/")] or [await existing(catalogue, name)]


async def list_collections(catalogue: Catalogue) -> list[Listed]:
    """Return every collection in the order of its name, with how many items are in it."""
    counts = await collections.counts(catalogue)
    return [await _listed(catalogue, one, counts.get(one.id, 0)) for one in await collections.list_collections(catalogue)]


async def _listed(catalogue: Catalogue, one: Collection, by_hand: int) -> Listed:
    if one.query is None:
        return Listed(one, by_hand)
    try:
        found = await by_query(catalogue, [one.query])
    except QueryError as error:
        return Listed(one, None, str(error))
    return Listed(one, await media.count(catalogue, found.sql, found.params))


# What is in them.


async def add(
    catalogue: Catalogue, name: str, targets: Sequence[str], *, sort: str = "newest", dry_run: bool = False
) -> Edited:
    """Put what targets mean behind what is in a collection; what is in it already stays where it is.

    Ids and paths come as they are told, a folder's files by their paths; what a query finds in the order of `sort`.
    """
    async with catalogue.transaction():
        one = await _by_hand(catalogue, name)
        ids = await _in_order(catalogue, targets, sort)
        known = {member: at for member, at, _missing in await collections.members(catalogue, one.id)}
        last = max(known.values(), default=0)
        new = [member for member in ids if member not in known]
        cells = Cells(("member", one.id), {member: (None, str(last + at)) for at, member in enumerate(new, start=1)})
        words = ["collection", "add", name, *([] if sort == "newest" else [f"--sort={sort}"]), *targets]
        return await _edited(catalogue, words, cells, len(ids), dry_run=dry_run)


async def _in_order(catalogue: Catalogue, targets: Sequence[str], sort: str) -> list[MediaId]:
    order = sort_sql(sort)
    if all(map(is_place, targets)):
        found = [await _ids(catalogue, [target], "m.library_id, m.path, m.id") for target in targets]
        return list(dict.fromkeys(one for some in found for one in some))
    return await _ids(catalogue, targets, order)


async def _ids(catalogue: Catalogue, targets: Sequence[str], order: str) -> list[MediaId]:
    selection = await by_targets(catalogue, targets)
    ids = await media.select_ids(catalogue, selection.sql, selection.params, order=order)
    if not ids:
        raise NothingMatched(f"nothing matches '{selection.text}', so nothing was changed")
    return ids


async def _edited(catalogue: Catalogue, words: Sequence[str], cells: Cells, matched: int, *, dry_run: bool) -> Edited:
    if cells.changes and not dry_run:
        await apply(catalogue, words, [cells], items=len(cells.changes))
    return Edited(matched, len(cells.changes))


async def remove(catalogue: Catalogue, name: str, targets: Sequence[str], *, dry_run: bool = False) -> Edited:
    """Take what targets mean out of a collection; NothingMatched where nothing of it is in there."""
    async with catalogue.transaction():
        one = await _by_hand(catalogue, name)
        ids, known = await _members(catalogue, one, targets)
        cells = Cells(("member", one.id), {member: (str(known[member]), None) for member in ids})
        return await _edited(catalogue, ["collection", "remove", name, *targets], cells, len(ids), dry_run=dry_run)


async def _members(catalogue: Catalogue, one: Collection, targets: Sequence[str]) -> tuple[list[MediaId], dict[MediaId, int]]:
    """Return what targets mean of a collection, in its order, and the positions of everything in it."""
    meant = set(await _ids(catalogue, targets, "m.id"))
    known = {member: at for member, at, _missing in await collections.members(catalogue, one.id)}
    ids = [member for member in known if member in meant]
    if not ids:
        raise NothingMatched(f"nothing of that is in the collection '{one.name}', so nothing was changed")
    return ids, known


async def move(catalogue: Catalogue, name: str, targets: Sequence[str], place: Place, *, dry_run: bool = False) -> Edited:
    """Put what targets mean elsewhere in a collection, in the order in which it stands there."""
    async with catalogue.transaction():
        one = await _by_hand(catalogue, name)
        ids, known = await _members(catalogue, one, targets)
        gone = {member for member, _at, missing in await collections.members(catalogue, one.id) if missing}
        rest = [member for member in known if member not in set(ids)]
        at = _index(rest, gone, place, one.name)
        order = [*rest[:at], *ids, *rest[at:]]
        changes = _renumbered(order, known)
        if changes and not dry_run:
            words = ["collection", "move", name, *targets, *_told(place)]
            await apply(catalogue, words, [Cells(("member", one.id), changes)], items=len(ids))
        return Edited(len(ids), len(ids) if changes else 0)


def _index(rest: Sequence[MediaId], gone: set[MediaId], place: Place, name: str) -> int:
    """Return before which of the others items are to stand; missing ones, which nobody sees, are not counted."""
    if place.to is not None:
        shown = [at for at, member in enumerate(rest) if member not in gone]
        return shown[place.to - 1] if place.to <= len(shown) else len(rest)
    other = place.before if place.before is not None else place.after
    if other is None or other not in rest:
        raise UsageError(f"item {other} is not in the collection '{name}', or is moved itself; name another one")
    return rest.index(MediaId(other)) + (place.after is not None)


def _renumbered(order: Sequence[MediaId], known: dict[MediaId, int]) -> dict[int, tuple[State, State]]:
    """Return the items whose positions change, so that as few as can be do: the positions stay, their items change."""
    changes: dict[int, tuple[State, State]] = {}
    last = 0
    for member, position in zip(order, sorted(known.values()), strict=True):
        last = max(position, last + 1)
        if known[member] != last:
            changes[member] = str(known[member]), str(last)
    return changes


def _told(place: Place) -> list[str]:
    options = {"to": place.to, "before": place.before, "after": place.after}
    return [f"--{name}={value}" for name, value in options.items() if value is not None]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is in a collection, in its order, and how many items of it are missing and so left out."""

    hits: Hits
    missing: int = 0


async def show(catalogue: Catalogue, name: str, *, limit: int = 0) -> Shown:
    """Return what is in a collection: of one by hand in its order, of a smart one or a folder as a search finds it."""
    if name.rstrip().endswith("/"):
        await _below(catalogue, name)
        return Shown(await search(catalogue, [f"in:{language.quote(name.strip())}"], limit=limit))
    one = await existing(catalogue, name)
    if one.query is not None:
        asked = f"in:{language.quote(one.name)}"  # and not its query, so that what is wrong with it is told of it
        return Shown(await search(catalogue, [asked], sort=one.sort or "", limit=limit))
    members = await collections.members(catalogue, one.id)
    ids = [member for member, _at, missing in members if not missing]
    shown = ids[:limit] if limit else ids
    return Shown(Hits(shown, media.load(catalogue, shown), len(shown) < len(ids)), len(members) - len(ids))
