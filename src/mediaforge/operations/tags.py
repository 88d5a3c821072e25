"""Tag and untag what targets mean, and tell which tags there are."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mediaforge.catalog import tags
from mediaforge.catalog.cells import Aspect, Cells, State
from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.catalog.places import tag_key
from mediaforge.catalog.tags import Tag
from mediaforge.errors import NothingMatched, UsageError
from mediaforge.operations.edit import Become, Edited, edit, matching, meaning
from mediaforge.text import clean_text

__all__ = ["Branch", "Tag", "add_tags", "list_tags", "names_of", "remove_tags", "replace_tag", "tag_tree"]


COLOURS: Mapping[str, str] = {
    "red": "#e5484d",
    "orange": "#f2994a",
    "yellow": "#e8c33c",
    "green": "#46a758",
    "teal": "#2aa198",
    "blue": "#3b82f6",
    "purple": "#8e5bd0",
    "pink": "#e56bab",
    "brown": "#a0724a",
    "grey": "#8d8d8d",
}
"""The colours that have names."""


def names_of(text: str) -> list[str]:
    """Return the tags in `NAME[,NAME…]`; UsageError on one that is none."""
    return list(dict.fromkeys(map(name_of, text.split(","))))


def name_of(text: str) -> str:
    """Return a tag's name as it is kept; UsageError where it is none."""
    clean = clean_text(text) or ""
    name = tags.tag_name(clean)
    if name is None or name.count("/") != clean.count("/"):
        raise UsageError(f"'{text}' is no tag; a tag is a name, or names with slashes between them: travel/italy")
    return name


async def add_tags(
    catalogue: Catalogue, text: str, targets: Sequence[str], *, group: bool = False, dry_run: bool = False
) -> Edited:
    """Put tags on what the targets mean, and with `group` on the others of their groups; NothingMatched when it is nothing.

    A tag that a file or a rule put there becomes the person's own, so that it stays when the file loses it.
    """
    names = names_of(text)
    async with catalogue.transaction():
        ids, joined = await meaning(catalogue, targets, group=group)
        found, made = await meant(catalogue, names)
        wanted = dict.fromkeys((("tag", tag) for tag in found.values()), _on)
        words = ["tag", "add", *_grouping(group), text, *targets]
        return dataclasses.replace(await edit(catalogue, words, ids, wanted, first=made, dry_run=dry_run), joined=joined)


def _grouping(group: bool) -> list[str]:
    return ["--group"] if group else []


def _on(_before: State) -> State:
    return "person"


async def meant(catalogue: Catalogue, names: Sequence[str]) -> tuple[dict[str, int], list[Cells]]:
    """Return the ids of tags by their names, and how those that are not there yet are made."""
    found, new = dict[str, int](), dict[str, str]()
    for name in names:
        tag = await tags.find_tag(catalogue, name)
        if tag is None:
            new.setdefault(tag_key(name), name)
        else:
            found[tag_key(name)] = tag
    first, now = await tags.next_tag(catalogue), str(await catalogue.value(f"SELECT {NOW}"))
    ids = {key: first + at for at, key in enumerate(new)}
    made: dict[int, tuple[State, State]] = {
        ids[key]: (None, tags.described(name, None, None, now, ())) for key, name in new.items()
    }
    known = found | ids
    return {name: known[tag_key(name)] for name in names}, [Cells(("tags", None), made)] if made else []


async def remove_tags(
    catalogue: Catalogue, text: str, targets: Sequence[str], *, group: bool = False, dry_run: bool = False
) -> Edited:
    """Take tags off what the targets mean, for good where a file bears them or a rule gives them; `group` as in `add_tags`.

    NothingMatched when the targets mean nothing, or there is no such tag.
    """
    async with catalogue.transaction():
        wanted: dict[Aspect, Become] = {}
        for tag in await _named(catalogue, text):
            wanted["tag", tag] = await taken_off(catalogue, tag)
        ids, joined = await meaning(catalogue, targets, group=group)
        words = ["tag", "remove", *_grouping(group), text, *targets]
        return dataclasses.replace(await edit(catalogue, words, ids, wanted, dry_run=dry_run), joined=joined)


async def _named(catalogue: Catalogue, text: str) -> list[int]:
    """Return the tags in `NAME[,NAME…]`; a keyword in a file may have a comma of its own."""
    whole = await tags.find_tag(catalogue, text)
    return [await existing(catalogue, name) for name in names_of(text)] if whole is None else [whole]


async def replace_tag(catalogue: Catalogue, old: str, new: str, targets: Sequence[str], *, dry_run: bool = False) -> Edited:
    """Put other tags in the place of one on those of the meant items that bear it; NothingMatched where none does."""
    names = names_of(new)
    async with catalogue.transaction():
        tag = await existing(catalogue, old)
        found = await matching(catalogue, targets)
        before = await tags.states(catalogue, tag, found)
        ids = [media for media in found if before.get(media, "refused") != "refused"]
        if not ids:
            raise NothingMatched(f"none of these items has the tag '{old}', so nothing was changed")
        others, made = await meant(catalogue, names)
        wanted = {
            ("tag", tag): await taken_off(catalogue, tag),
            **dict.fromkeys((("tag", one) for one in others.values()), _on),
        }
        return await edit(catalogue, ["tag", "replace", old, new, *targets], ids, wanted, first=made, dry_run=dry_run)


async def taken_off(catalogue: Catalogue, tag: int) -> Become:
    """Return how a tag is taken off: for good wherever the file or a rule would put it there again."""
    said = await tags.keywords(catalogue, tag)
    comes_back = await tags.is_given(catalogue, tag) or not said.isdisjoint(await tags.keys_of(catalogue, tag))

    def off(before: State) -> State:
        if before is None or (before == "person" and not comes_back):
            return None
        return "refused"

    return off


async def existing(catalogue: Catalogue, name: str) -> int:
    """Return the id of the tag that is called `name`; NothingMatched with the nearest one if there is none."""
    tag = await tags.find_tag(catalogue, name)
    if tag is None:
        every, key = await tags.tag_names(catalogue), tag_key(name)
        if below := [one for one in every if tag_key(one).startswith(f"{key}/")]:
            raise NothingMatched(f"no tag '{name}', only below it, as '{below[0]}'; to delete or merge these, say '{name}/'")
        raise NothingMatched(f"no tag '{name}'{nearest(name, every)}")
    return tag


def nearest(name: str, known: Sequence[str], listed_by: str = "mediaforge tag list") -> str:
    """Return what to say behind the name of something that is not there; its folder or level above may have been left out."""
    by_key = {tag_key(one).rpartition("/")[2]: one for one in known} | {tag_key(one): one for one in known}
    near = difflib.get_close_matches(tag_key(name), by_key, n=1, cutoff=0.6)
    return f"; did you mean '{by_key[near[0]]}'?" if near else f"; list them with: {listed_by}"


async def list_tags(catalogue: Catalogue, *, every: bool = False) -> list[Tag]:
    """Return the tags that any item bears, or every one, with how many items do."""
    return [tag for tag in await tags.list_tags(catalogue) if every or tag.borne]


@dataclass(frozen=True, slots=True)
class Branch:
    """A level of the tree of tags: its path, its own name, the tag if it is one, and how many items bear it or any below."""

    path: str
    name: str
    depth: int
    tag: Tag | None
    items: int


async def tag_tree(catalogue: Catalogue, *, every: bool = False) -> list[Branch]:
    """Return the tags as a tree, each level after the one that it is in; a level may be no tag itself."""
    known = {tag_key(tag.name): tag for tag in await list_tags(catalogue, every=every)}
    paths: dict[str, str] = {}
    for tag in known.values():
        levels = tag.name.split("/")
        for end in range(1, len(levels) + 1):
            path = "/".join(levels[:end])
            paths.setdefault(tag_key(path), path)
    counts = await tags.count_below(catalogue, paths)
    return [
        Branch(path, path.rpartition("/")[2], path.count("/"), known.get(key), counts[key])
        for key, path in sorted(paths.items(), key=lambda pair: pair[0].split("/"))
    ]
