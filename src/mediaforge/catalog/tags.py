"""Tags: hierarchical names, and the items that bear them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.places import tag_key
from mediaforge.model import MediaId


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag, as it was written, and how many items bear it."""

    name: str
    items: int


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


async def select_untagged(
    catalogue: Catalogue, tag: int | None, where: str, params: Mapping[str, object], *, tagged: bool = False
) -> list[MediaId]:
    """Return the items that `where` finds and that do not bear `tag`, or, with `tagged`, that do."""
    rows = await catalogue.fetch(
        f"""SELECT m.id FROM media m WHERE ({where}) AND {"" if tagged else "NOT"} EXISTS (SELECT 1 FROM media_tag x
        WHERE x.media_id = m.id AND x.tag_id = :the_tag) ORDER BY m.id""",
        {**params, "the_tag": tag},
    )
    return [MediaId(row[0]) for row in rows]


async def add_tag(catalogue: Catalogue, tag: int, ids: Sequence[MediaId], *, source: str = "person") -> None:
    """Put a tag on items; those that bear it already keep it as it is."""
    await catalogue.execute(
        "DELETE FROM media_tag_refused WHERE tag_id = ? AND media_id IN (SELECT value FROM json_each(?))",
        (tag, json.dumps(list(ids))),
    )
    await catalogue.execute(
        "INSERT OR IGNORE INTO media_tag (media_id, tag_id, source) SELECT value, ?, ? FROM json_each(?)",
        (tag, source, json.dumps(list(ids))),
    )


async def sources_of(catalogue: Catalogue, tag: int, ids: Sequence[MediaId]) -> dict[str, list[int]]:
    """Return by source which of these items bear a tag: what it takes to put it back."""
    rows = await catalogue.fetch(
        """SELECT source, json_group_array(media_id) FROM media_tag WHERE tag_id = ?
        AND media_id IN (SELECT value FROM json_each(?)) GROUP BY source""",
        (tag, json.dumps(list(ids))),
    )
    return {row[0]: json.loads(row[1]) for row in rows}


async def set_source(catalogue: Catalogue, tag: int, ids: Sequence[MediaId], source: str) -> None:
    """State who put a tag on items that bear it."""
    await catalogue.execute(
        "UPDATE media_tag SET source = ? WHERE tag_id = ? AND media_id IN (SELECT value FROM json_each(?))",
        (source, tag, json.dumps(list(ids))),
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
    names = {
        media: [word.replace("|", "/") for word in words if tag_key(word.replace("|", "/"))]
        for media, words in keywords.items()
    }
    tags = {name: await ensure_tag(catalogue, name) for name in dict.fromkeys(name for some in names.values() for name in some)}
    await catalogue.executemany(
        """INSERT OR IGNORE INTO media_tag (media_id, tag_id, source) SELECT :media, :tag, 'embedded'
        WHERE NOT EXISTS (SELECT 1 FROM media_tag_refused WHERE media_id = :media AND tag_id = :tag)""",
        [{"media": media, "tag": tags[name]} for media, some in names.items() for name in some],
    )


async def remove_tag(catalogue: Catalogue, tag: int, ids: Sequence[MediaId]) -> None:
    """Take a tag off items, for good where the file bears it."""
    await catalogue.execute(
        """INSERT OR IGNORE INTO media_tag_refused SELECT media_id, tag_id FROM media_tag
        WHERE tag_id = ? AND source = 'embedded' AND media_id IN (SELECT value FROM json_each(?))""",
        (tag, json.dumps(list(ids))),
    )
    await catalogue.execute(
        "DELETE FROM media_tag WHERE tag_id = ? AND media_id IN (SELECT value FROM json_each(?))", (tag, json.dumps(list(ids)))
    )


async def list_tags(catalogue: Catalogue) -> list[TagCount]:
    """Return every tag in the order of its key, with how many items bear it (not those below it)."""
    rows = await catalogue.fetch(
        """SELECT name, (SELECT count(*) FROM media_tag JOIN media m ON m.id = media_id
        WHERE tag_id = tag.id AND m.missing_at IS NULL) FROM tag ORDER BY key"""
    )
    return [TagCount(*row) for row in rows]


async def tag_names(catalogue: Catalogue) -> list[str]:
    """Return the names of all tags and aliases."""
    return [row[0] for row in await catalogue.fetch("SELECT name FROM tag UNION SELECT name FROM tag_alias")]
