"""Change tags themselves: their names, aliases and colours, what they are merged into, whether there are any such."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mediaforge.catalog import rules, tags
from mediaforge.catalog.cells import Cells, State
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.places import tag_key
from mediaforge.catalog.rules import Rule
from mediaforge.catalog.tags import Tag
from mediaforge.errors import NothingMatched, UsageError
from mediaforge.operations.edit import Reworked, apply
from mediaforge.operations.saved import still_saying
from mediaforge.operations.tags import COLOURS, existing, meant, name_of
from mediaforge.text import clean_text


@dataclass(slots=True)
class _Rework:
    """A change of tags while it is planned: what is known of them after it, and their items; nothing is written yet."""

    catalogue: Catalogue
    before: dict[int, State] = field(default_factory=dict)
    after: dict[int, dict[str, Any] | None] = field(default_factory=dict)
    borne: dict[int, dict[int, tuple[State, State]]] = field(default_factory=dict)
    given: dict[int, tuple[State, State]] = field(default_factory=dict)

    async def open(self, ids: Iterable[int]) -> None:
        """Take tags up, to be changed."""
        known = await tags.known_as(self.catalogue, None, list(ids))
        self.before |= known
        self.after |= {tag: json.loads(state) for tag, state in known.items()}

    def make(self, made: Iterable[Cells]) -> None:
        """Take tags up that are not there yet."""
        for tag, (before, after) in [change for cells in made for change in cells.changes.items()]:
            self.before[tag] = before
            self.after[tag] = json.loads(after or "null")

    def said(self, tag: int) -> dict[str, Any]:
        """Return what is to be known of a tag that was taken up and is not deleted."""
        known = self.after[tag]
        assert known is not None
        return known

    async def bearers(self, tag: int) -> Mapping[int, str]:
        """Return who put a tag on its items, as all that was planned so far would leave it."""
        states = await tags.all_states(self.catalogue, tag)
        states |= {media: after or "" for media, (_before, after) in self.borne.get(tag, {}).items()}
        return {media: state for media, state in states.items() if state}

    async def put(self, tag: int, wanted: Mapping[int, State]) -> None:
        """Let items bear a tag otherwise."""
        now = await tags.all_states(self.catalogue, tag)
        planned = self.borne.setdefault(tag, {})
        planned |= {media: (now.get(media), state) for media, state in wanted.items()}

    async def give_instead(self, old: int, new: int | None) -> list[Rule]:
        """Let rules give another tag in place of one, or none; return those that are left without any."""
        left = []
        for rule in await rules.list_rules(self.catalogue):
            before = rule.to_json(rule.tags)
            _before, planned = self.given.get(rule.id, (before, before))
            gives = set(json.loads(planned)["tags"]) if planned else set()
            if old in gives:
                gives = (gives - {old}) | ({new} if new else set())
                self.given[rule.id] = before, rule.to_json(gives) if gives else None
                left += [] if gives else [rule]
        return left

    def steps(self) -> list[Cells]:
        """Return what is to be done, in an order in which nothing is asked of a tag that is not there."""
        borne = {tag: {m: one for m, one in items.items() if one[0] != one[1]} for tag, items in self.borne.items()}
        known = {tag: (self.before[tag], _state(after)) for tag, after in self.after.items()}
        changed = {tag: states for tag, states in known.items() if states[0] != states[1]}
        steps = [
            Cells(("tags", None), {tag: states for tag, states in changed.items() if states[0] is None}),
            *(Cells(("tag", tag), items) for tag, items in borne.items()),
            Cells(("rules", None), self.given),
            Cells(("tags", None), {tag: states for tag, states in changed.items() if states[0] is not None}),
        ]
        return [step for step in steps if step.changes]

    def items(self) -> int:
        """Return of how many items the tags change, without those that a tag was taken off before."""
        nothing = (None, "refused")
        changed = {media for items in self.borne.values() for media, one in items.items() if one[0] != one[1]}
        return len({m for items in self.borne.values() for m in items if m in changed and items[m][0] not in nothing})


def _state(said: Mapping[str, Any] | None) -> State:
    if said is None:
        return None
    aliases = sorted(said["aliases"], key=tag_key)
    return tags.described(said["name"], said["colour"], said["description"], said["added_at"], aliases)


async def _done(
    plan: _Rework, command: Sequence[str], names: Iterable[str], remarks: Iterable[str], *, dry_run: bool, items: int = 0
) -> Reworked:
    steps, changed = plan.steps(), plan.items() or items
    if not dry_run:
        await apply(plan.catalogue, command, steps, items=changed)
    return Reworked(tuple(names) if steps else (), changed, tuple(remarks))


# Names.


async def rename(catalogue: Catalogue, old: str, new: str, *, dry_run: bool = False) -> Reworked:
    """Give a tag another name, and with it all below it; UsageError where another tag has that name.

    What files call by the old name stays an alias, since the next reading would make the old tag again.
    """
    name = name_of(new)
    async with catalogue.transaction():
        plan, key, ids = await _opened(catalogue, old)
        for moved in [_moved(plan.said(tag)["name"], key, name) for tag in ids]:
            await _make_room(plan, moved, merged_by=f"FROM '{moved}'")
        kept = []
        for tag in ids:
            said = plan.said(tag)
            before, said["name"] = said["name"], _moved(said["name"], key, name)
            said["aliases"] = [alias for alias in said["aliases"] if tag_key(alias) != tag_key(said["name"])]
            if tag_key(before) != tag_key(said["name"]) and tag_key(before) in await tags.keywords(catalogue, tag):
                said["aliases"].append(before)
                kept.append(before)
        remarks = [*map(_stays, kept), *(await still_saying(catalogue, "tag", [key]) if tag_key(name) != key else ())]
        items = await tags.count_bearers(catalogue, ids)
        names = [plan.said(tag)["name"] for tag in ids]
        return await _done(plan, ["tag", "rename", old, new], names, remarks, dry_run=dry_run, items=items)


async def _opened(catalogue: Catalogue, name: str) -> tuple[_Rework, str, list[int]]:
    """Return a plan with a tag and all below it, the key that it has, and their ids; a level may be no tag itself."""
    plan = _Rework(catalogue)
    tag = await tags.find_tag(catalogue, name)
    key = tag_key(name)
    if tag is not None:
        await plan.open([tag])
        key = tag_key(plan.said(tag)["name"])
    below = await tags.tags_below(catalogue, key)
    if tag is None and not below:
        await existing(catalogue, name)
    await plan.open(below)
    return plan, key, [*([] if tag is None else [tag]), *below]


def _moved(name: str, key: str, new: str) -> str:
    """Return the name of a tag that is below the one with `key`, when that is called otherwise."""
    rest = name.split("/")[key.count("/") + 1 :]
    return "/".join([new, *rest])


async def _make_room(plan: _Rework, name: str, *, merged_by: str) -> None:
    """Let the tag of this name go, if it is nothing to anybody; UsageError where it is something."""
    other = await tags.find_tag(plan.catalogue, name)
    if other is None or other in plan.after:
        return
    if not await tags.is_nothing(plan.catalogue, other):
        raise UsageError(f"there is a tag '{name}' already; to make one of both: mediaforge tag merge {merged_by}")
    await plan.open([other])
    plan.after[other] = None


def _stays(name: str) -> str:
    return f"'{name}' stays an alias, since files call it so"


async def merge(catalogue: Catalogue, sources: Sequence[str], into: str, *, dry_run: bool = False) -> Reworked:
    """Let items that bear some tags bear another instead, which gets their aliases and is given by their rules.

    A name with a slash behind it means all below it, too, each of which becomes what it is below `into`. What a person put
    stays the person's; what a person took off `into` stays off, but where a person put one of the others.
    """
    async with catalogue.transaction():
        plan, remarks = _Rework(catalogue), list[str]()
        becoming = await _becoming(plan, sources, into)
        await plan.open({*becoming, *becoming.values()} - plan.after.keys())
        names = [plan.said(source)["name"] for source in becoming]
        for source, target in becoming.items():
            if target in becoming:
                raise UsageError(f"'{plan.said(target)['name']}' cannot be merged into itself; name another tag")
            remarks += await _merge_one(plan, source, target)
        remarks += await still_saying(catalogue, "tag", list(map(tag_key, names)))
        return await _done(plan, ["tag", "merge", *sources, into], names, remarks, dry_run=dry_run)


async def _becoming(plan: _Rework, sources: Sequence[str], into: str) -> dict[int, int]:
    """Return which tags become which: one, or with a slash behind its name all below it, too."""
    await existing(plan.catalogue, into)
    names: dict[int, str] = {}
    for source in sources:
        if source.rstrip().endswith("/"):
            theirs, key, ids = await _opened(plan.catalogue, source.rstrip().rstrip("/"))
            names |= {tag: _moved(theirs.said(tag)["name"], key, name_of(into)) for tag in ids}
        else:
            names[await existing(plan.catalogue, source)] = name_of(into)
    known, made = await meant(plan.catalogue, list(names.values()))
    plan.make(made)
    return {tag: known[name] for tag, name in names.items()}


async def _merge_one(plan: _Rework, source: int, target: int) -> list[str]:
    theirs, ours = await plan.bearers(source), await plan.bearers(target)
    wanted: dict[int, State] = {}
    for media, state in theirs.items():
        wanted[media] = "person" if "person" in (state, ours.get(media)) else ours.get(media, state)
    await plan.put(target, wanted)
    await plan.put(source, dict.fromkeys(theirs))
    await plan.give_instead(source, target)
    gone, kept = plan.said(source), plan.said(target)
    called = [gone["name"]] if tag_key(gone["name"]) in await tags.keywords(plan.catalogue, source) else []
    kept["aliases"] += [alias for alias in (*gone["aliases"], *called) if tag_key(alias) != tag_key(kept["name"])]
    for said in ("colour", "description"):
        kept[said] = kept[said] or gone[said]
    plan.after[source] = None
    return [_stays(name) for name in called]


async def delete(catalogue: Catalogue, name: str, *, dry_run: bool = False) -> Reworked:
    """Delete a tag, and with a slash behind its name all below it, too.

    A file that bears it as a keyword does not bring it back: there the tag is remembered as taken off. Rules do not give it
    any more, and those that give nothing else go with it.
    """
    async with catalogue.transaction():
        plan, remarks = _Rework(catalogue), list[str]()
        if name.rstrip().endswith("/"):
            plan, _key, ids = await _opened(catalogue, name.rstrip().rstrip("/"))
        else:
            ids = [await existing(catalogue, name)]
            await plan.open(ids)
            if await tags.has_alias(catalogue, name):
                whose = plan.said(ids[0])["name"]
                raise UsageError(f"'{name}' is an alias of '{whose}'; delete that, or: mediaforge tag alias --remove '{name}'")
        names, keys = [plan.said(tag)["name"] for tag in ids], [tag_key(plan.said(tag)["name"]) for tag in ids]
        for tag in ids:
            remarks += await _delete_one(plan, tag)
        return await _done(
            plan, ["tag", "delete", name], names, [*remarks, *await still_saying(catalogue, "tag", keys)], dry_run=dry_run
        )


async def _delete_one(plan: _Rework, tag: int) -> list[str]:
    said, bearers = plan.said(tag), await plan.bearers(tag)
    keys = await tags.keys_of(plan.catalogue, tag)
    saying = await tags.saying(plan.catalogue, tag, keys)
    await plan.put(tag, {media: "refused" if media in saying else None for media in bearers})
    remarks = [f"rule {rule.id} gave nothing else and is removed: {rule.query}" for rule in await plan.give_instead(tag, None)]
    if not saying:
        plan.after[tag] = None
        return remarks
    said["colour"] = said["description"] = None
    files = "1 file says" if len(saying) == 1 else f"{len(saying):,} files say"
    return [*remarks, f"{files} '{said['name']}', which is remembered as taken off there"]


# What is said of a tag.


async def alias(catalogue: Catalogue, other: str, name: str, *, dry_run: bool = False) -> Reworked:
    """Let a tag be found by another name, too; UsageError where that is a tag or an alias already."""
    other = name_of(other)
    async with catalogue.transaction():
        tag = await existing(catalogue, name)
        taken = await tags.find_tag(catalogue, other)
        if taken == tag:
            return Reworked(())
        plan = _Rework(catalogue)
        await _make_room(plan, other, merged_by=f"'{other}' '{name}'")
        await plan.open([tag])
        plan.said(tag)["aliases"].append(other)
        return await _done(plan, ["tag", "alias", other, name], [plan.said(tag)["name"]], (), dry_run=dry_run)


async def unalias(catalogue: Catalogue, other: str, *, dry_run: bool = False) -> Reworked:
    """Take an alias away; NothingMatched where it is none."""
    async with catalogue.transaction():
        if not await tags.has_alias(catalogue, other):
            tag = await tags.find_tag(catalogue, other)
            what = f"'{other}' is a tag, not an alias" if tag is not None else f"no alias '{other}'"
            raise NothingMatched(f"{what}; list them with: mediaforge tag alias")
        tag = await existing(catalogue, other)
        plan = _Rework(catalogue)
        await plan.open([tag])
        said = plan.said(tag)
        said["aliases"] = [one for one in said["aliases"] if tag_key(one) != tag_key(other)]
        return await _done(plan, ["tag", "alias", "--remove", other], [said["name"]], (), dry_run=dry_run)


async def colour(catalogue: Catalogue, name: str, shade: str | None, *, dry_run: bool = False) -> Reworked:
    """Give a tag a colour, by its name or as #rrggbb, or none."""
    value = None if shade is None else shade.strip().lower()
    if value is not None and value not in COLOURS and not re.fullmatch("#[0-9a-f]{6}", value):
        raise UsageError(f"'{shade}' is no colour; write #rrggbb, or one of {', '.join(COLOURS)}")
    return await _say(catalogue, "colour", name, value, dry_run=dry_run)


async def describe(catalogue: Catalogue, name: str, text: str | None, *, dry_run: bool = False) -> Reworked:
    """Say in words what a tag is about, or nothing."""
    words = None if text is None else clean_text(text)
    if text is not None and words is None:
        raise UsageError("a description has words; to take it away, say --remove")
    return await _say(catalogue, "description", name, words, dry_run=dry_run)


_COMMANDS = {"colour": "colour", "description": "describe"}


async def _say(catalogue: Catalogue, what: str, name: str, value: str | None, *, dry_run: bool) -> Reworked:
    async with catalogue.transaction():
        plan, tag = _Rework(catalogue), await existing(catalogue, name)
        await plan.open([tag])
        plan.said(tag)[what] = value
        words = ["tag", _COMMANDS[what], name, "--remove" if value is None else value]
        return await _done(plan, words, [plan.said(tag)["name"]], (), dry_run=dry_run)


@dataclass(frozen=True, slots=True)
class Told:
    """A tag with all that there is to say of it: its items with those below, who put it there on how many, the rules of it."""

    tag: Tag
    below: int
    sources: Mapping[str, int]
    rules: list[dict[str, object]]


async def show(catalogue: Catalogue, name: str) -> Told:
    """Return what there is to say of a tag; NothingMatched with the nearest one if there is none."""
    number = await existing(catalogue, name)
    [tag] = [one for one in await tags.list_tags(catalogue) if one.id == number]
    key = tag_key(tag.name)
    below = await tags.count_below(catalogue, [key])
    given = [{"rule": rule.id, "query": rule.query} for rule in await rules.list_rules(catalogue) if number in rule.tags]
    return Told(tag, below[key], await tags.count_sources(catalogue, number), given)
