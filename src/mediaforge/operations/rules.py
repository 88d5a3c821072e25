"""Rules: tags that what a query finds gets by itself, as soon as it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mediaforge.catalog import rules, tags
from mediaforge.catalog.cells import Cells, State
from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.catalog.media import select_ids
from mediaforge.catalog.rules import Rule
from mediaforge.errors import NothingMatched, QueryError, UsageError
from mediaforge.model import MediaId
from mediaforge.operations.edit import apply
from mediaforge.operations.select import Selection, by_query
from mediaforge.operations.tags import meant, names_of

__all__ = ["Rule", "Ruled", "Told", "add_rule", "apply_to_due", "list_rules", "remove_rule", "run_rules", "show_rule"]


@dataclass(frozen=True, slots=True)
class Ruled:
    """What came of rules: which they are, how many items got or lost tags, what a person should know beside that."""

    rules: tuple[int, ...]
    items: int = 0
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A rule, how many items have tags from it, and why it cannot be asked, if so."""

    rule: Rule
    items: int
    problem: str | None = None


async def add_rule(
    catalogue: Catalogue, query: str, names: Sequence[str], *, existing: bool = False, dry_run: bool = False
) -> Ruled:
    """Make a rule, and with `existing` let it tag what is there already; QueryError where its query does not parse."""
    if not query.strip():
        raise UsageError("a rule needs a query; is:any is everything")
    wanted = list(dict.fromkeys(name for text in names for name in names_of(text)))
    async with catalogue.transaction():
        await by_query(catalogue, [query])
        found, new = await meant(catalogue, wanted)
        ids = dict.fromkeys(found.values())
        rule = Rule(await rules.next_rule(catalogue), query.strip(), tuple(ids), tuple(wanted), await _now(catalogue))
        for other in await rules.list_rules(catalogue):
            if (other.query, set(other.tags)) == (rule.query, set(ids)):
                raise UsageError(f"rule {other.id} does just that already")
        made = Cells(("rules", None), {rule.id: (None, rule.to_json(ids))})
        tagged, _broken = await _found(catalogue, [rule]) if existing else ({}, ())
        words = ["tag", "rule", "add", *(["--existing"] if existing else []), query, *names]
        return await _done(catalogue, words, [*new, made], tagged, [rule], dry_run=dry_run)


async def _now(catalogue: Catalogue) -> str:
    return str(await catalogue.value(f"SELECT {NOW}"))


_Found = Mapping[int, Mapping[int, tuple[State, State]]]
"""By tag and item, what becomes of it."""


async def _found(catalogue: Catalogue, wanted: Sequence[Rule]) -> tuple[_Found, list[str]]:
    """Return what rules would tag that has no such tag and never lost it, and which of them cannot be asked."""
    found: dict[int, dict[int, tuple[State, State]]] = {}
    broken = []
    for rule in wanted:
        try:
            ids = await _asked(catalogue, rule)
        except QueryError as error:
            broken.append(_broken(rule, error))
            continue
        for tag in rule.tags:
            borne = await tags.states(catalogue, tag, ids)
            given = found.setdefault(tag, {})
            given |= {media: (None, rules.state_of(rule.id)) for media in ids if media not in borne and media not in given}
    return found, broken


async def _asked(catalogue: Catalogue, rule: Rule) -> list[MediaId]:
    selection = await by_query(catalogue, [rule.query])
    return await select_ids(catalogue, selection.sql, selection.params, order="m.id")


def _broken(rule: Rule, error: QueryError) -> str:
    return f"rule {rule.id} ('{rule.query}') cannot be asked and was left out: {error}"


async def _done(
    catalogue: Catalogue,
    command: Sequence[str],
    steps: Sequence[Cells],
    found: _Found,
    wanted: Sequence[Rule],
    remarks: Sequence[str] = (),
    *,
    dry_run: bool,
) -> Ruled:
    items = len({media for given in found.values() for media in given})
    if not dry_run:
        tagged = [Cells(("tag", tag), given) for tag, given in found.items() if given]
        await apply(catalogue, command, [*steps, *tagged], items=items)
    return Ruled(tuple(rule.id for rule in wanted), items, tuple(remarks))


async def run_rules(catalogue: Catalogue, numbers: Sequence[int] = (), *, dry_run: bool = False) -> Ruled:
    """Let some rules, or all of them, tag everything that their queries find; NothingMatched where there are none."""
    async with catalogue.transaction():
        wanted = [await _rule(catalogue, number) for number in numbers] or await rules.list_rules(catalogue)
        if not wanted:
            raise NothingMatched("no rules yet; make one with: mediaforge tag rule add QUERY TAG")
        found, broken = await _found(catalogue, wanted)
        words = ["tag", "rule", "run", *map(str, numbers)]
        return await _done(catalogue, words, (), found, wanted, broken, dry_run=dry_run)


async def remove_rule(catalogue: Catalogue, number: int, *, its_tags: bool = False, dry_run: bool = False) -> Ruled:
    """Remove a rule, and with `its_tags` what it put on items; without, that stays."""
    async with catalogue.transaction():
        rule = await _rule(catalogue, number)
        state = rules.state_of(number)
        given = {tag: await rules.given_by(catalogue, number, tag) for tag in await rules.tags_of(catalogue, number)}
        found: _Found = {tag: dict.fromkeys(items, (state, None)) for tag, items in given.items()} if its_tags else {}
        gone = Cells(("rules", None), {number: (rule.to_json(rule.tags), None)})
        left = len({media for items in given.values() for media in items}) if not its_tags else 0
        remarks = [f"what it put on {left:,} {'item' if left == 1 else 'items'} stays; --tags takes it off"] if left else []
        words = ["tag", "rule", "remove", str(number), *(["--tags"] if its_tags else [])]
        return await _done(catalogue, words, [gone], found, [rule], remarks, dry_run=dry_run)


async def _rule(catalogue: Catalogue, number: int) -> Rule:
    for rule in await rules.list_rules(catalogue):
        if rule.id == number:
            return rule
    raise NothingMatched(f"no rule {number}; list them with: mediaforge tag rule list")


async def list_rules(catalogue: Catalogue) -> list[Told]:
    """Return the rules in the order in which they are applied."""
    counts = await rules.counts(catalogue)
    return [await _told(catalogue, rule, counts) for rule in await rules.list_rules(catalogue)]


async def show_rule(catalogue: Catalogue, number: int) -> Told:
    """Return one rule; NothingMatched where there is none."""
    return await _told(catalogue, await _rule(catalogue, number), await rules.counts(catalogue))


async def _told(catalogue: Catalogue, rule: Rule, counts: Mapping[int, int]) -> Told:
    try:
        await by_query(catalogue, [rule.query])
    except QueryError as error:
        return Told(rule, counts.get(rule.id, 0), str(error))
    return Told(rule, counts.get(rule.id, 0))


async def apply_to_due(catalogue: Catalogue) -> tuple[int, list[str]]:
    """Let the rules tag what was read since they were asked last; return how many tags they gave, and what is wrong with which.

    A rule whose query does not parse any more is left out: it must not keep a scan from its end.
    """
    asked, broken, given = [], [], 0
    for rule in await rules.list_rules(catalogue):
        try:
            asked.append((rule, await by_query(catalogue, [rule.query])))
        except QueryError as error:
            broken.append(_broken(rule, error))
    while await rules.are_due(catalogue):
        async with catalogue.transaction(durable=False):
            given += await _apply_page(catalogue, asked)
    return given, broken


async def _apply_page(catalogue: Catalogue, asked: Sequence[tuple[Rule, Selection]]) -> int:
    page, given = await rules.due_page(catalogue), 0
    if page is not None:
        for rule, selection in asked:
            given += await rules.apply_to(catalogue, page, rule, selection.sql, selection.params)
        await rules.settle_due(catalogue, page)
    return given
