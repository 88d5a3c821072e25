"""Collections: items in a person's own order, or saved queries; names with slashes are in folders."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.places import tag_key as collection_key
from mediaforge.errors import UsageError
from mediaforge.model import MediaId

__all__ = ["Collection", "collection_key"]

_THESE = "(SELECT value FROM json_each(:ids))"
_COLUMNS = "id, name, description, query, sort, added_at"


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection as it was written; without a query it is by hand."""

    id: int
    name: str
    description: str | None
    query: str | None
    sort: str | None  # of a smart one; None: newest first
    added: str

    @property
    def key(self) -> str:
        """What it is found by."""
        return collection_key(self.name)

    def to_json(self) -> str:
        """Return what is known of it, as JSON."""
        said = {"name": self.name, "description": self.description, "query": self.query, "sort": self.sort}
        return json.dumps({**said, "added_at": self.added}, ensure_ascii=False)


async def list_collections(catalogue: Catalogue) -> list[Collection]:
    """Return every collection in the order of its key."""
    return [Collection(*row) for row in await catalogue.fetch(f"SELECT {_COLUMNS} FROM collection ORDER BY key")]


async def find_collection(catalogue: Catalogue, name: str) -> Collection | None:
    """Return the collection that is called `name`."""
    rows = await catalogue.fetch(f"SELECT {_COLUMNS} FROM collection WHERE key = ?", (collection_key(name),))
    return Collection(*rows[0]) if rows else None


async def next_collection(catalogue: Catalogue) -> int:
    """Return the id that the next collection gets."""
    return 1 + (await catalogue.value("SELECT seq FROM sqlite_sequence WHERE name = 'collection'") or 0)


async def counts(catalogue: Catalogue) -> dict[int, int]:
    """Return how many items that are not missing each collection by hand has."""
    return dict(
        await catalogue.fetch(
            """SELECT collection_id, count(*) FROM collection_media JOIN media m ON m.id = media_id
            WHERE m.missing_at IS NULL GROUP BY collection_id"""
        )
    )


async def known_as(catalogue: Catalogue, _which: None, ids: Sequence[int]) -> dict[int, str]:
    """Return what is known of these collections, each as JSON."""
    rows = await catalogue.fetch(f"SELECT {_COLUMNS} FROM collection WHERE id IN {_THESE}", {"ids": json.dumps(list(ids))})
    return {row[0]: Collection(*row).to_json() for row in rows}


async def put_known(catalogue: Catalogue, _which: None, wanted: Mapping[int, str | None]) -> None:
    """Make collections what these states say, or delete them where None is wanted.

    UsageError where one that is to be deleted has items, or another collection has such a name by now.
    """
    await _delete(catalogue, [one for one in wanted if wanted[one] is None])
    known = {one: json.loads(state) for one, state in wanted.items() if state is not None}
    await catalogue.execute(  # collections may swap their names
        f"UPDATE collection SET key = '/' || id WHERE id IN {_THESE}", {"ids": json.dumps(list(known))}
    )
    for one, said in known.items():
        if await find_collection(catalogue, said["name"]) is not None:
            raise UsageError(
                f"there is another collection '{said['name']}' by now; give it another name first: mediaforge collection rename"
            )
        await catalogue.execute(
            """INSERT INTO collection (id, key, name, description, query, sort, added_at)
            VALUES (:id, :key, :name, :description, :query, :sort, :added_at) ON CONFLICT (id) DO UPDATE SET
            key = excluded.key, name = excluded.name, description = excluded.description, query = excluded.query,
            sort = excluded.sort""",
            {**said, "id": one, "key": collection_key(said["name"])},
        )


async def _delete(catalogue: Catalogue, ids: Sequence[int]) -> None:
    given = {"ids": json.dumps(ids)}
    filled = await catalogue.value(
        f"SELECT name FROM collection c WHERE id IN {_THESE} AND id IN (SELECT collection_id FROM collection_media)", given
    )
    if filled is not None:
        raise UsageError(f"items are in the collection '{filled}' by now; delete it with: mediaforge collection delete")
    await catalogue.execute(f"DELETE FROM collection WHERE id IN {_THESE}", given)


# What is in collections by hand.


async def members(catalogue: Catalogue, collection: int) -> list[tuple[MediaId, int, bool]]:
    """Return the items of a collection in its order, with their positions, and whether they are missing."""
    rows = await catalogue.fetch(
        """SELECT media_id, position, m.missing_at IS NOT NULL FROM collection_media c JOIN media m ON m.id = media_id
        WHERE collection_id = ? ORDER BY position, media_id""",
        (collection,),
    )
    return [(MediaId(media), position, bool(missing)) for media, position, missing in rows]


async def last_position(catalogue: Catalogue, collection: int) -> int | None:
    """Return the last position that an item of a collection has; None where it has none."""
    last: int | None = await catalogue.value(
        "SELECT max(position) FROM collection_media WHERE collection_id = ?", (collection,)
    )
    return last


async def positions(catalogue: Catalogue, collection: int, ids: Sequence[int]) -> dict[int, str]:
    """Return the positions of those of these items that are in a collection."""
    rows = await catalogue.fetch(
        f"SELECT media_id, CAST(position AS TEXT) FROM collection_media WHERE collection_id = :one AND media_id IN {_THESE}",
        {"one": collection, "ids": json.dumps(list(ids))},
    )
    return dict(rows)


async def put_positions(catalogue: Catalogue, collection: int, wanted: Mapping[int, str | None]) -> None:
    """Put items at positions of a collection, or take them out."""
    await catalogue.execute(
        f"DELETE FROM collection_media WHERE collection_id = :one AND media_id IN {_THESE}",
        {"one": collection, "ids": json.dumps([media for media, position in wanted.items() if position is None])},
    )
    await catalogue.execute(
        """INSERT INTO collection_media (collection_id, media_id, position)
        SELECT :one, CAST(key AS INTEGER), CAST(value AS INTEGER) FROM json_each(:wanted) WHERE value IS NOT NULL
        ON CONFLICT (collection_id, media_id) DO UPDATE SET position = excluded.position""",
        {"one": collection, "wanted": json.dumps(wanted)},
    )
