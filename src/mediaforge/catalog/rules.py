"""Rules: queries whose finds get tags when they are read, and the tags that they gave."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mediaforge.catalog.clause import newest_first
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.tags import RULE
from mediaforge.model import MediaId

_PAGE = 50_000
_THESE = "(SELECT value FROM json_each(:ids))"


@dataclass(frozen=True, slots=True)
class Rule:
    """A query, and the tags that what it finds gets: their ids, and their names."""

    id: int
    query: str
    tags: tuple[int, ...]
    names: tuple[str, ...]
    added: str

    def to_json(self, tags: Iterable[int]) -> str:
        """Return what is known of it, if it gave these tags, as JSON."""
        return described(self.query, tags, self.added)


def described(query: str, tags: Iterable[int], added: str) -> str:
    """Return what is known of a rule, as JSON."""
    return json.dumps({"query": query, "tags": sorted(tags), "added_at": added}, ensure_ascii=False)


async def list_rules(catalogue: Catalogue) -> list[Rule]:
    """Return the rules in the order in which they are applied: as they were made."""
    given: dict[int, list[tuple[int, str]]] = {}
    for rule, tag, name in await catalogue.fetch(
        "SELECT rule_id, tag_id, name FROM tag_rule_tag JOIN tag ON tag.id = tag_id ORDER BY rule_id, key"
    ):
        given.setdefault(rule, []).append((tag, name))
    rows = await catalogue.fetch("SELECT id, query, added_at FROM tag_rule ORDER BY id")
    return [
        Rule(rule, query, tuple(tag for tag, _name in given.get(rule, ())), tuple(n for _tag, n in given.get(rule, ())), added)
        for rule, query, added in rows
    ]


async def given_by(catalogue: Catalogue, rule: int, tag: int) -> list[int]:
    """Return the items that have a tag from a rule."""
    rows = await catalogue.fetch("SELECT media_id FROM media_tag WHERE tag_id = ? AND rule_id = ? ORDER BY 1", (tag, rule))
    return [row[0] for row in rows]


async def tags_of(catalogue: Catalogue, rule: int) -> list[int]:
    """Return the tags that items have from a rule."""
    rows = await catalogue.fetch("SELECT DISTINCT tag_id FROM media_tag WHERE rule_id = ? ORDER BY 1", (rule,))
    return [row[0] for row in rows]


async def counts(catalogue: Catalogue) -> dict[int, int]:
    """Return how many items that are not missing have tags from each rule."""
    return dict(
        await catalogue.fetch(
            """SELECT rule_id, count(DISTINCT media_id) FROM media_tag JOIN media m ON m.id = media_id
            WHERE rule_id IS NOT NULL AND m.missing_at IS NULL GROUP BY rule_id"""
        )
    )


async def of_items(catalogue: Catalogue, ids: Sequence[MediaId]) -> dict[MediaId, dict[str, tuple[int, str | None]]]:
    """Return by item and tag which rule put it there, with its query, where there still is such a rule."""
    rows = await catalogue.fetch(
        f"""SELECT media_id, tag.name, rule_id, query FROM media_tag JOIN tag ON tag.id = tag_id
        LEFT JOIN tag_rule r ON r.id = rule_id WHERE rule_id IS NOT NULL AND media_id IN {_THESE} ORDER BY media_id, key""",
        {"ids": json.dumps(list(ids))},
    )
    found: dict[MediaId, dict[str, tuple[int, str | None]]] = {}
    for media, tag, rule, query in rows:
        found.setdefault(MediaId(media), {})[tag] = rule, query
    return found


async def next_rule(catalogue: Catalogue) -> int:
    """Return the id that the next rule gets."""
    return 1 + (await catalogue.value("SELECT seq FROM sqlite_sequence WHERE name = 'tag_rule'") or 0)


async def known_as(catalogue: Catalogue, _which: None, ids: Sequence[int]) -> dict[int, str]:
    """Return what is known of these rules, each as JSON."""
    return {rule.id: rule.to_json(rule.tags) for rule in await list_rules(catalogue) if rule.id in ids}


async def put_known(catalogue: Catalogue, _which: None, wanted: Mapping[int, str | None]) -> None:
    """Make rules what these states say, or remove them where None is wanted; tags deleted since stay away."""
    await catalogue.execute(
        f"DELETE FROM tag_rule WHERE id IN {_THESE}", {"ids": json.dumps([rule for rule in wanted if wanted[rule] is None])}
    )
    for rule, state in wanted.items():
        if state is not None:
            said = json.loads(state)
            await catalogue.execute(
                """INSERT INTO tag_rule (id, query, added_at) VALUES (?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET query = excluded.query""",
                (rule, said["query"], said["added_at"]),
            )
            await catalogue.execute("DELETE FROM tag_rule_tag WHERE rule_id = ?", (rule,))
            await catalogue.execute(
                "INSERT INTO tag_rule_tag SELECT ?, id FROM tag WHERE id IN (SELECT value FROM json_each(?))",
                (rule, json.dumps(said["tags"])),
            )


# What a scan asks.


async def mark_due(catalogue: Catalogue, ids: Sequence[MediaId]) -> None:
    """Remember that the rules have to be asked about these items, if there are rules, in the caller's transaction."""
    await catalogue.execute(
        """INSERT OR IGNORE INTO tag_rule_due SELECT value FROM json_each(?)
        WHERE EXISTS (SELECT 1 FROM tag_rule) AND EXISTS (SELECT 1 FROM media WHERE id = value)""",
        (json.dumps(list(ids)),),
    )


async def are_due(catalogue: Catalogue) -> bool:
    """Say whether there is any item about which the rules have to be asked."""
    return bool(await catalogue.value("SELECT EXISTS (SELECT 1 FROM tag_rule_due)"))


@dataclass(frozen=True, slots=True)
class DuePage:
    """Some of the items that are due: the last of their ids, and between which places in the order of `newest` they are."""

    last: int
    oldest: int
    newest: int


async def due_page(catalogue: Catalogue) -> DuePage | None:
    """Return the next items that are due; None where none are."""
    [(last, oldest, newest)] = await catalogue.fetch(
        """SELECT max(m.id), min(m.newest), max(m.newest)
        FROM (SELECT media_id FROM tag_rule_due ORDER BY media_id LIMIT ?) d CROSS JOIN media m ON m.id = d.media_id""",
        (_PAGE,),
    )
    return None if last is None else DuePage(last, oldest, newest)


async def apply_to(catalogue: Catalogue, page: DuePage, rule: Rule, sql: str, params: Mapping[str, object]) -> int:
    """Give a rule's tags to those of the due items that its query finds, in the caller's transaction; return how many tags.

    What somebody else put there stays as it is, and what a person took off stays off.
    """
    return await catalogue.execute(
        f"""INSERT INTO media_tag (media_id, tag_id, source, rule_id) SELECT m.id, g.tag_id, 'rule', g.rule_id
        FROM tag_rule_due d CROSS JOIN media m ON m.id = d.media_id CROSS JOIN tag_rule_tag g ON g.rule_id = :rule
        WHERE d.media_id <= :last AND {newest_first(sql)}
        AND NOT EXISTS (SELECT 1 FROM media_tag_refused r WHERE r.media_id = m.id AND r.tag_id = g.tag_id)
        ON CONFLICT (media_id, tag_id) DO NOTHING""",
        {**params, "rule": rule.id, "last": page.last, "oldest": page.oldest, "newest": page.newest},
    )


async def settle_due(catalogue: Catalogue, page: DuePage) -> None:
    """State that the rules were asked about these items, in the caller's transaction."""
    await catalogue.execute("DELETE FROM tag_rule_due WHERE media_id <= ?", (page.last,))


def state_of(rule: int) -> str:
    """Return the state of a tag that a rule put there."""
    return f"{RULE}{rule}"
