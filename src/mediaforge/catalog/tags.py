"""Tags: hierarchical names, their aliases, and the items that bear them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.places import tag_key
from mediaforge.errors import UsageError
from mediaforge.model import MediaId
from mediaforge.text import fold

RULE = "rule:"
"""What the state of a tag that a rule put there begins with; the rule's id follows."""

_THESE = "(SELECT value FROM json_each(:ids))"
# The items that bear a tag, or whose tag a person took off.
_TOUCHED = """(SELECT media_id FROM media_tag WHERE tag_id = :tag
    UNION SELECT media_id FROM media_tag_refused WHERE tag_id = :tag)"""
# No item bears such a tag or refuses it, no rule gives it; and nobody would miss it, if nothing is said of it either.
_UNUSED = """NOT EXISTS (SELECT 1 FROM media_tag WHERE tag_id = tag.id)
    AND NOT EXISTS (SELECT 1 FROM media_tag_refused WHERE tag_id = tag.id)
    AND NOT EXISTS (SELECT 1 FROM tag_rule_tag WHERE tag_id = tag.id)"""
_NOTHING = f"""description IS NULL AND colour IS NULL AND NOT EXISTS (SELECT 1 FROM tag_alias WHERE tag_id = tag.id)
    AND {_UNUSED}"""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as it was written, what is said of it, and how many items bear it: those that are not missing, and all."""

    id: int
    name: str
    colour: str | None
    description: str | None
    added: str
    aliases: tuple[str, ...]
    items: int
    borne: int


def tag_name(text: str) -> str | None:
    """Return a tag's name as it is kept: its levels joined by slashes, without those that are nothing; None if all are."""
    return "/".join(level for part in text.split("/") if fold(level := " ".join(part.split()))) or None


async def find_tag(catalogue: Catalogue, name: str) -> int | None:
    """Return the id of the tag that is called `name`, by its own key or an alias."""
    found: int | None = await catalogue.value(
        "SELECT id FROM tag WHERE key = :key UNION ALL SELECT tag_id FROM tag_alias WHERE key = :key", {"key": tag_key(name)}
    )
    return found


async def ensure_tag(catalogue: Catalogue, name: str) -> int:
    """Return the id of the tag that is called `name`, which is made if there is none."""
    found = await find_tag(catalogue, name)
    if found is not None:
        return found
    return await catalogue.insert("INSERT INTO tag (key, name) VALUES (?, ?)", (tag_key(name), name))


async def keys_of(catalogue: Catalogue, tag: int) -> set[str]:
    """Return the keys by which a tag is found: its own and those of its aliases."""
    rows = await catalogue.fetch(
        "SELECT key FROM tag WHERE id = :tag UNION SELECT key FROM tag_alias WHERE tag_id = :tag", {"tag": tag}
    )
    return {row[0] for row in rows}


async def next_tag(catalogue: Catalogue) -> int:
    """Return the id that the next tag gets."""
    return 1 + (await catalogue.value("SELECT seq FROM sqlite_sequence WHERE name = 'tag'") or 0)


async def tags_below(catalogue: Catalogue, key: str) -> list[int]:
    """Return the ids of the tags below a key, by their keys."""
    rows = await catalogue.fetch("SELECT id FROM tag WHERE key >= ? AND key < ? ORDER BY key", (f"{key}/", f"{key}0"))
    return [row[0] for row in rows]


# The tags of items.


async def states(catalogue: Catalogue, tag: int, ids: Sequence[int]) -> dict[int, str]:
    """Return who put a tag on these items, of those that bear it: `person`, `embedded`, or a rule with its id.

    `refused` is said where a person took off what the file says or a rule put there.
    """
    rows = await catalogue.fetch(
        f"""SELECT media_id, source || coalesce(':' || rule_id, '') FROM media_tag WHERE tag_id = :tag AND media_id IN {_THESE}
        UNION ALL SELECT media_id, 'refused' FROM media_tag_refused WHERE tag_id = :tag AND media_id IN {_THESE}""",
        {"tag": tag, "ids": json.dumps(list(ids))},
    )
    return dict(rows)


async def all_states(catalogue: Catalogue, tag: int) -> dict[int, str]:
    """Return what `states` does of every item that bears or refuses a tag."""
    rows = await catalogue.fetch(
        """SELECT media_id, source || coalesce(':' || rule_id, '') FROM media_tag WHERE tag_id = :tag
        UNION ALL SELECT media_id, 'refused' FROM media_tag_refused WHERE tag_id = :tag ORDER BY media_id""",
        {"tag": tag},
    )
    return dict(rows)


async def put(catalogue: Catalogue, tag: int, wanted: Mapping[int, str | None]) -> None:
    """Put a tag on items in somebody's name, or take it off, for good where `refused` is wanted."""
    groups: dict[str | None, list[int]] = {}
    for media, state in wanted.items():
        groups.setdefault(state, []).append(media)
    for state, items in groups.items():
        source, _colon, rule = (state or "").partition(":")
        given = {"tag": tag, "source": source, "rule": int(rule) if rule else None, "ids": json.dumps(items)}
        for table in ("media_tag_refused", *(("media_tag",) if state in (None, "refused") else ())):
            await catalogue.execute(f"DELETE FROM {table} WHERE tag_id = :tag AND media_id IN {_THESE}", given)
        if state == "refused":
            await catalogue.execute("INSERT INTO media_tag_refused SELECT value, :tag FROM json_each(:ids)", given)
        elif state is not None:
            await catalogue.execute(
                """INSERT INTO media_tag (media_id, tag_id, source, rule_id)
                SELECT value, :tag, :source, :rule FROM json_each(:ids) WHERE TRUE
                ON CONFLICT (media_id, tag_id) DO UPDATE SET source = excluded.source, rule_id = excluded.rule_id""",
                given,
            )


async def set_embedded(catalogue: Catalogue, keywords: Mapping[MediaId, Sequence[str]]) -> None:
    """Make the embedded tags of these items what their files say, in the caller's transaction.

    A keyword with levels (`Places|Italy|Rome`) is a tag with levels. Tags of a person or a rule stay as they are, and what a
    person took off stays off.
    """
    await catalogue.execute(
        "DELETE FROM media_tag WHERE source = 'embedded' AND media_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keywords)),),
    )
    names = {media: keyword_tags(words) for media, words in keywords.items()}
    tags = {name: await ensure_tag(catalogue, name) for name in dict.fromkeys(name for some in names.values() for name in some)}
    await catalogue.executemany(
        """INSERT OR IGNORE INTO media_tag (media_id, tag_id, source) SELECT :media, :tag, 'embedded'
        WHERE NOT EXISTS (SELECT 1 FROM media_tag_refused WHERE media_id = :media AND tag_id = :tag)""",
        [{"media": media, "tag": tags[name]} for media, some in names.items() for name in some],
    )


def keyword_tag(keyword: str) -> str | None:
    """Return the name of the tag that a keyword in a file is; None where it is none."""
    return tag_name(keyword.replace("|", "/"))


def keyword_tags(keywords: Iterable[str]) -> list[str]:
    """Return the names of the tags that the keywords in one file are.

    A word that is a level of one with levels is a copy of that, for programs that know of no levels.
    """
    names = list(dict.fromkeys(filter(None, map(keyword_tag, keywords))))
    levels = {level for name in names if "/" in name for level in tag_key(name).split("/")}
    return [name for name in names if "/" in name or tag_key(name) not in levels]


async def keywords(catalogue: Catalogue, tag: int) -> set[str]:
    """Return the keys of the keywords in the files of the items that bear or refuse a tag: whatever these files say."""
    rows = await catalogue.fetch(
        f"""SELECT DISTINCT k.value FROM {_TOUCHED} t CROSS JOIN media m ON m.id = t.media_id
        CROSS JOIN json_each(m.keywords) k WHERE m.keywords IS NOT NULL""",
        {"tag": tag},
    )
    return {_keyword_key(row[0]) for row in rows}


async def saying(catalogue: Catalogue, tag: int, keys: Iterable[str]) -> set[int]:
    """Return those of the items that bear or refuse a tag whose files say one of these keys."""
    rows = await catalogue.fetch(
        f"""SELECT m.id, m.keywords FROM {_TOUCHED} t CROSS JOIN media m ON m.id = t.media_id WHERE m.keywords IS NOT NULL""",
        {"tag": tag},
    )
    wanted = set(keys)
    return {media for media, words in rows if any(_keyword_key(word) in wanted for word in json.loads(words))}


def _keyword_key(keyword: str) -> str:
    return tag_key(keyword.replace("|", "/"))


# The tags themselves.


async def list_tags(catalogue: Catalogue) -> list[Tag]:
    """Return every tag in the order of its key, with how many items bear it (not those below it)."""
    rows = await catalogue.fetch("SELECT id, name, colour, description, added_at FROM tag ORDER BY key")
    borne = dict(await catalogue.fetch("SELECT tag_id, count(*) FROM media_tag GROUP BY tag_id"))
    missing = dict(
        await catalogue.fetch(
            """SELECT tag_id, count(*) FROM media m CROSS JOIN media_tag t ON t.media_id = m.id
            WHERE m.missing_at IS NOT NULL GROUP BY tag_id"""
        )
    )
    aliases: dict[int, list[str]] = {}
    for tag, name in await catalogue.fetch("SELECT tag_id, name FROM tag_alias ORDER BY key"):
        aliases.setdefault(tag, []).append(name)
    return [
        Tag(
            *(tag, name, colour, description, added),
            aliases=tuple(aliases.get(tag, ())),
            items=borne.get(tag, 0) - missing.get(tag, 0),
            borne=borne.get(tag, 0),
        )
        for tag, name, colour, description, added in rows
    ]


async def count_below(catalogue: Catalogue, keys: Iterable[str]) -> dict[str, int]:
    """Return for each key how many items that are not missing bear its tag or any below it, each counted once."""
    rows = await catalogue.fetch(
        """SELECT j.value, (SELECT count(DISTINCT b.media_id) FROM tag t JOIN media_tag b ON b.tag_id = t.id
        JOIN media m ON m.id = b.media_id AND m.missing_at IS NULL
        WHERE t.key = j.value OR t.key >= j.value || '/' AND t.key < j.value || '0') FROM json_each(?) j""",
        (json.dumps(list(keys)),),
    )
    return dict(rows)


async def tag_names(catalogue: Catalogue) -> list[str]:
    """Return the names of all tags and aliases."""
    return [row[0] for row in await catalogue.fetch("SELECT name FROM tag UNION SELECT name FROM tag_alias")]


async def known_as(catalogue: Catalogue, _which: None, tags: Sequence[int]) -> dict[int, str]:
    """Return what is known of these tags, each as JSON: its name, what is said of it, its aliases."""
    rows = await catalogue.fetch(
        f"""SELECT id, name, colour, description, added_at, (SELECT json_group_array(name) FROM
        (SELECT name FROM tag_alias WHERE tag_id = tag.id ORDER BY key)) FROM tag WHERE id IN {_THESE}""",
        {"ids": json.dumps(list(tags))},
    )
    return {row[0]: described(row[1], row[2], row[3], row[4], json.loads(row[5])) for row in rows}


def described(name: str, colour: str | None, description: str | None, added: str, aliases: Iterable[str]) -> str:
    """Return what is known of a tag, as JSON."""
    said = {"name": name, "colour": colour, "description": description, "added_at": added, "aliases": list(aliases)}
    return json.dumps(said, ensure_ascii=False)


async def put_known(catalogue: Catalogue, _which: None, wanted: Mapping[int, str | None]) -> None:
    """Make tags what these states say, or delete them where None is wanted and no item or rule has to do with them any more.

    UsageError where another tag has such a name by now.
    """
    await catalogue.execute(
        f"DELETE FROM tag WHERE id IN {_THESE} AND {_UNUSED}",
        {"ids": json.dumps([tag for tag in wanted if wanted[tag] is None])},
    )
    known = {tag: json.loads(state) for tag, state in wanted.items() if state is not None}
    given = {"ids": json.dumps(list(known))}
    await catalogue.execute(f"DELETE FROM tag_alias WHERE tag_id IN {_THESE}", given)
    await catalogue.execute(f"UPDATE tag SET key = '/' || id WHERE id IN {_THESE}", given)  # tags may swap their names
    for tag, said in known.items():
        await _make_room(catalogue, tag, [said["name"], *said["aliases"]])
        await catalogue.execute(
            """INSERT INTO tag (id, key, name, colour, description, added_at)
            VALUES (:id, :key, :name, :colour, :description, :added_at) ON CONFLICT (id) DO UPDATE SET key = excluded.key,
            name = excluded.name, colour = excluded.colour, description = excluded.description""",
            {**{name: said[name] for name in said if name != "aliases"}, "id": tag, "key": tag_key(said["name"])},
        )
        await catalogue.executemany(
            "INSERT INTO tag_alias (key, name, tag_id) VALUES (?, ?, ?)",
            [(tag_key(name), name, tag) for name in said["aliases"]],
        )


async def _make_room(catalogue: Catalogue, tag: int, names: Iterable[str]) -> None:
    """Let tags go that have such names and are nothing to anybody; UsageError where one is."""
    for name in names:
        await catalogue.execute(f"DELETE FROM tag WHERE key = ? AND {_NOTHING}", (tag_key(name),))
        other = await find_tag(catalogue, name)
        if other not in (None, tag):
            raise UsageError(f"there is another tag '{name}' by now; give it another name first: mediaforge tag rename")


async def is_nothing(catalogue: Catalogue, tag: int) -> bool:
    """Say whether nobody would miss a tag: no item bears it, no rule gives it, nothing is said of it."""
    return bool(await catalogue.value(f"SELECT EXISTS (SELECT 1 FROM tag WHERE id = ? AND {_NOTHING})", (tag,)))


async def has_alias(catalogue: Catalogue, name: str) -> bool:
    """Say whether a name is the alias of a tag."""
    return bool(await catalogue.value("SELECT EXISTS (SELECT 1 FROM tag_alias WHERE key = ?)", (tag_key(name),)))


async def count_bearers(catalogue: Catalogue, tags: Sequence[int]) -> int:
    """Return how many items bear any of these tags."""
    items: int = await catalogue.value(
        f"SELECT count(DISTINCT media_id) FROM media_tag WHERE tag_id IN {_THESE}", {"ids": json.dumps(list(tags))}
    )
    return items


async def count_sources(catalogue: Catalogue, tag: int) -> dict[str, int]:
    """Return on how many items that are not missing who put a tag, and on how many a person took it off for good (refused)."""
    return dict(
        await catalogue.fetch(
            """SELECT source, count(*) FROM media_tag JOIN media m ON m.id = media_id
            WHERE tag_id = :tag AND m.missing_at IS NULL GROUP BY source
            UNION ALL SELECT 'refused', count(*) FROM media_tag_refused WHERE tag_id = :tag HAVING count(*) > 0""",
            {"tag": tag},
        )
    )


async def is_given(catalogue: Catalogue, tag: int) -> bool:
    """Say whether a rule gives a tag."""
    return bool(await catalogue.value("SELECT EXISTS (SELECT 1 FROM tag_rule_tag WHERE tag_id = ?)", (tag,)))
