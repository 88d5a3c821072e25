"""What items are in, bear and are given, as an import brings it: libraries, tags, rules, collections."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mediaforge.catalog import collections, libraries, rules, tags
from mediaforge.catalog.collections import Collection, collection_key
from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.catalog.imports import Arrivals
from mediaforge.catalog.places import tag_key
from mediaforge.catalog.rules import Rule
from mediaforge.errors import UsageError
from mediaforge.model import LibraryId, MediaId
from mediaforge.operations.export_lines import CollectionLine, LibraryLine, RuleLine, TagLine
from mediaforge.operations.import_entry import Entry
from mediaforge.operations.roots import is_below
from mediaforge.text import display_path


@dataclass(slots=True)
class Definitions:
    """What of them is here, by the names that they come in with; made where it is not.

    `new` counts what is made, `kept` what stays as it is here against what comes in, unless `prefer_import`. With `keep_ids`
    rules keep theirs.
    """

    catalogue: Catalogue
    entry: Entry
    new: Counter[str]
    prefer_import: bool
    keep_ids: bool = False
    kept: int = 0
    now: str = ""
    tags: dict[str, int] = field(default_factory=dict)
    rules: dict[int, int] = field(default_factory=dict)
    _keys: dict[str, int] = field(default_factory=dict)  # of tags and aliases that were looked up
    _libraries: dict[str, LibraryLine] = field(default_factory=dict)
    _made: dict[str, LibraryId] = field(default_factory=dict)
    _collections: dict[str, Collection] = field(default_factory=dict)
    _filled: set[int] = field(default_factory=set)  # collections that were here before

    async def define(self, lines: Sequence[object], *, everything: bool) -> None:
        """Take up what stands before the items; libraries are made when an item needs one, unless `everything` is made."""
        self.now = await self.catalogue.value(f"SELECT {NOW}")
        self._libraries = {line.slug: line for line in lines if isinstance(line, LibraryLine)}
        await self._define_tags([line for line in lines if isinstance(line, TagLine)])
        await self._define_rules([line for line in lines if isinstance(line, RuleLine)])
        await self._define_collections([line for line in lines if isinstance(line, CollectionLine)])
        for slug in self._libraries if everything else ():
            await self.library(slug)

    async def library(self, slug: str) -> LibraryId | None:
        """Return the library that comes in under this name, which is made if need be; None where none does."""
        if slug not in self._made and slug in self._libraries:
            self._made[slug] = await self._library(self._libraries[slug])
        return self._made.get(slug)

    async def _library(self, line: LibraryLine) -> LibraryId:
        known = await libraries.list_libraries(self.catalogue)
        for other in known:
            if other.root == line.path or is_below(line.path, other.root):
                return other.id
            if is_below(other.root, line.path):
                root = display_path(line.path)
                raise UsageError(
                    f"the library '{line.slug}' at '{root}' would hold the library '{other.slug}', so nothing was imported;"
                    f" scan '{root}' first, which makes one of both"
                )
        number = await libraries.next_library(self.catalogue)
        slug = libraries.free_slug(line.slug, [other.slug for other in known])
        state = libraries.described(slug, line.path, line.added or self.now)
        await self.entry.define("libraries", {number: state})
        await libraries.set_volume(
            self.catalogue, number, line.volume, line.volume_label, line.mount_point, online=line.online, seen=line.seen
        )
        self.new["libraries"] += 1
        return number

    async def ensure_tags(self, names: Iterable[str]) -> None:
        """Make the tags among these names that are not here."""
        await self._define_tags([TagLine(type="tag", name=name) for name in dict.fromkeys(names) if name not in self.tags])

    async def _define_tags(self, lines: Sequence[TagLine]) -> None:
        known: dict[int, dict[str, Any]] = {}
        following = await tags.next_tag(self.catalogue) if lines else 0
        for line in lines:
            number = await self._find_tag(line.name)
            if number is None:
                number, following = following, following + 1
                self._keys[tag_key(line.name)] = number
                known[number] = {"name": line.name, "added_at": line.added or self.now, "aliases": []}
                self.new["tags"] += 1
            elif number not in known:
                state = (await tags.known_as(self.catalogue, None, [number]))[number]
                known[number] = json.loads(state)
            self.tags[line.name] = number
            await self._describe_tag(known[number], number, line)
        await self.entry.define("tags", {number: _state(said) for number, said in known.items()})

    async def _find_tag(self, name: str) -> int | None:
        key = tag_key(name)
        if key not in self._keys and (found := await tags.find_tag(self.catalogue, name)) is not None:
            self._keys[key] = found
        return self._keys.get(key)

    async def _describe_tag(self, said: dict[str, Any], number: int, line: TagLine) -> None:
        for name, value in (("colour", line.colour), ("description", line.description)):
            said[name] = self._choose(said.get(name), value)
        for alias in line.aliases:
            owner = await self._find_tag(alias)
            if owner is None:
                said["aliases"].append(alias)
                self._keys[tag_key(alias)] = number
            self.kept += owner not in (None, number)

    def _choose(self, here: str | None, coming: str | None) -> str | None:
        """Return which of two is to be; nothing is never said against something."""
        if here is None or coming is None or here == coming:
            return here if coming is None else coming
        self.kept += not self.prefer_import
        return coming if self.prefer_import else here

    async def _define_rules(self, lines: Sequence[RuleLine]) -> None:
        known = {(rule.query, frozenset(rule.tags)): rule.id for rule in await rules.list_rules(self.catalogue)}
        for line in lines:
            await self.ensure_tags(line.tags)
            given = frozenset(self.tags[name] for name in line.tags)
            number = known.get((line.query, given))
            if number is None:
                free = self.keep_ids and line.id not in known.values()
                number = line.id if free and line.id else await rules.next_rule(self.catalogue)
                known[line.query, given] = number
                rule = Rule(number, line.query, tuple(given), tuple(line.tags), line.added or self.now)
                await self.entry.define("rules", {number: rule.to_json(rule.tags)})
                self.new["rules"] += 1
            if line.id:
                self.rules[line.id] = number

    async def _define_collections(self, lines: Sequence[CollectionLine]) -> None:
        for line in lines:
            key = collection_key(line.name)
            here = self._collections.get(key) or await collections.find_collection(self.catalogue, line.name)
            if here is None:
                number = await collections.next_collection(self.catalogue)
                one = Collection(number, line.name, line.description, line.query, line.sort, line.added or self.now)
                self.new["collections"] += 1
            else:
                one = self._described(here, line)
                self._filled.add(here.id)
            self._collections[key] = one
            await self.entry.define("collections", {one.id: one.to_json()})

    def _described(self, here: Collection, line: CollectionLine) -> Collection:
        """Return a collection as it is to be; a smart one is never made one by hand, nor the other way round."""
        one = replace(here, description=self._choose(here.description, line.description))
        if (here.query is None) != (line.query is None):
            self.kept += 1
            return one
        return replace(one, query=self._choose(here.query, line.query), sort=self._choose(here.sort, line.sort))

    async def put_into(self, arrivals: Arrivals, members: Iterable[tuple[str, int, MediaId]]) -> None:
        """Note which items come into which collections, at which positions."""
        rows = []
        for name, position, media in members:
            key = collection_key(name)
            if key not in self._collections:
                await self._define_collections([CollectionLine(type="collection", name=name)])
            if self._collections[key].query is None:
                rows.append((self._collections[key].id, position, media))
        await arrivals.join(rows)

    async def join(self, arrivals: Arrivals) -> None:
        """Put items into collections: into a new one at their positions, otherwise behind those that are in it."""
        for one in self._collections.values():
            coming = await arrivals.joining(one.id)
            last = await collections.last_position(self.catalogue, one.id) if one.id in self._filled else None
            if last is not None:
                coming = [(media, last + at) for at, (media, _position) in enumerate(coming, start=1)]
            await self.entry.place(one.id, coming)


def _state(said: Mapping[str, Any]) -> str:
    aliases = sorted(said["aliases"], key=tag_key)
    return tags.described(said["name"], said["colour"], said["description"], said["added_at"], aliases)
