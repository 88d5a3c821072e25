"""The targets beside the facts: which are stale, and what was made, written down."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.catalog.paths import join
from mediaforge.model import PASSING, Failure, LibraryId, MediaId, Stamp
from mediaforge.scanned import Failed, StaleRow

_PAGE = 5_000

_PASSING = ", ".join(f"'{failure}'" for failure in sorted(PASSING))
# The pauses between trials: a minute, four, sixteen, about an hour, four hours, then a day.
_DUE = "unixepoch(t.made_at) + min(86400, 60 << (2 * (min(t.attempts, 7) - 1))) <= unixepoch('now')"  # attempts: 1 or more
_STALE = f"""(t.media_id IS NULL OR t.version < :t_version OR t.size <> m.size OR t.mtime_ns <> m.mtime_ns
    OR (t.failure IS NOT NULL AND (:t_retry OR (t.failure IN ({_PASSING}) AND {_DUE})))
    OR (t.failure IS NULL AND m.id IN (SELECT media_id FROM temp.gone_target WHERE recipe = :t_recipe)))"""
_FROM = """media m JOIN library l ON l.id = m.library_id
    LEFT JOIN target t ON t.media_id = m.id AND t.recipe = :t_recipe"""
_HERE = "m.missing_at IS NULL AND l.online = 1 AND m.library_id NOT IN (SELECT value FROM json_each(:t_offline))"

# What stands elsewhere of a recipe's targets, beside their rows; what a newer version made is left alone there, too.
_OURS = "EXISTS (SELECT 1 FROM target WHERE media_id = :id AND recipe = 'phash' AND version = :version)"
_BESIDE: Mapping[str, tuple[str, ...]] = {
    "sha256": ("UPDATE media SET sha256 = :value WHERE id = :id AND size = :size AND mtime_ns = :mtime_ns",),
    "phash": (
        f"DELETE FROM likeness WHERE media_id = :id AND {_OURS}",
        f"""INSERT INTO likeness (media_id, position, at, phash, dhash)
        SELECT :id, key, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
        FROM json_each(:value) WHERE {_OURS}""",
    ),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which targets are asked for: those of a recipe that are stale by its version, of the items `m` for which `sql` holds.

    `retry`: what failed is stale, too. What is in the libraries `offline` is left as it is.
    """

    recipe: str
    version: int
    sql: str = "1"
    selection: Mapping[str, object] = field(default_factory=dict)
    retry: bool = False
    offline: frozenset[LibraryId] = frozenset()

    @property
    def params(self) -> dict[str, object]:
        """The parameters of the statements that ask."""
        return {
            **self.selection,
            "t_recipe": self.recipe,
            "t_version": self.version,
            "t_retry": self.retry,
            "t_offline": json.dumps(sorted(self.offline)),
        }

    @property
    def condition(self) -> str:
        """The condition in SQL that an item can be read and its target is stale."""
        return f"{_HERE} AND ({self.sql}) AND {_STALE}"


async def prepare(catalogue: Catalogue) -> None:
    """Find the hashes that are gone from their items; what else is gone, its keeper adds."""
    await catalogue.execute(
        "CREATE TEMP TABLE IF NOT EXISTS gone_target (recipe TEXT, media_id INTEGER, PRIMARY KEY (recipe, media_id))"
        " WITHOUT ROWID"
    )
    await catalogue.execute("DELETE FROM temp.gone_target")
    await catalogue.execute(
        """INSERT INTO temp.gone_target SELECT t.recipe, t.media_id FROM target t JOIN media m ON m.id = t.media_id
        WHERE t.recipe = 'sha256' AND t.failure IS NULL AND m.sha256 IS NULL"""
    )


async def any_item(catalogue: Catalogue, sql: str, params: Mapping[str, object]) -> bool:
    """Return whether there is an item `m` for which `sql` holds."""
    return bool(await catalogue.value(f"SELECT EXISTS (SELECT 1 FROM media m WHERE {sql})", params))


async def add_gone(catalogue: Catalogue, recipe: str, ids: Sequence[MediaId]) -> None:
    """Remember that what was made of these items is not there any more."""
    await catalogue.executemany("INSERT OR IGNORE INTO temp.gone_target VALUES (?, ?)", [(recipe, media) for media in ids])


async def forget_gone(catalogue: Catalogue, recipe: str, ids: Sequence[MediaId]) -> None:
    """Remember that what was made of these items is there again."""
    await catalogue.executemany(
        "DELETE FROM temp.gone_target WHERE recipe = ? AND media_id = ?", [(recipe, media) for media in ids]
    )


async def kept(catalogue: Catalogue, recipe: str, beginning: str) -> dict[MediaId, str]:
    """Return the values that begin so, by item."""
    rows = await catalogue.fetch(
        "SELECT media_id, value FROM target WHERE recipe = ? AND value >= ? AND value < ?", (recipe, beginning, beginning + "g")
    )
    return {MediaId(row[0]): row[1] for row in rows}


async def values(catalogue: Catalogue, recipe: str, ids: Sequence[MediaId]) -> dict[MediaId, str]:
    """Return the values of these items, by item; of those that have one."""
    rows = await catalogue.fetch(
        """SELECT media_id, value FROM target WHERE recipe = ? AND value IS NOT NULL
        AND media_id IN (SELECT value FROM json_each(?))""",
        (recipe, json.dumps(list(ids))),
    )
    return {MediaId(row[0]): row[1] for row in rows}


async def count_stale(catalogue: Catalogue, wanted: Wanted) -> tuple[int, int]:
    """Return how many targets are stale, and the size in bytes of the largest of their sources."""
    ((count, largest),) = await catalogue.fetch(
        f"SELECT count(*), coalesce(max(m.size), 0) FROM {_FROM} WHERE {wanted.condition}", wanted.params
    )
    return count, largest


async def stale(catalogue: Catalogue, wanted: Wanted) -> AsyncIterator[MediaId]:
    """Yield the ids of the items whose targets are stale."""
    after = 0
    while rows := await catalogue.fetch(
        f"SELECT m.id FROM {_FROM} WHERE m.id > :t_after AND {wanted.condition} ORDER BY m.id LIMIT {_PAGE}",
        {"t_after": after, **wanted.params},
    ):
        after = rows[-1][0]
        for row in rows:
            yield MediaId(row[0])


async def still_stale(catalogue: Catalogue, wanted: Wanted, ids: Sequence[MediaId]) -> list[StaleRow]:
    """Return those of `ids` whose targets are stale now."""
    rows = await catalogue.fetch(
        f"""SELECT m.id, l.root, m.path, m.suffix, m.size, m.mtime_ns,
        CASE WHEN t.size IS m.size AND t.mtime_ns IS m.mtime_ns THEN t.failure END
        FROM {_FROM} WHERE m.id IN (SELECT value FROM json_each(:t_ids)) AND {wanted.condition} ORDER BY m.id""",
        {"t_ids": json.dumps(list(ids)), **wanted.params},
    )
    return [
        StaleRow(MediaId(row[0]), join(row[1], row[2]), row[3], Stamp(row[4], row[5]), Failure(row[6]) if row[6] else None)
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Target:
    """What was made of an item in the state that `stamp` tells. `bytes` are stored of it in files."""

    id: MediaId
    stamp: Stamp
    value: str | None
    bytes: int | None = None
    seconds: float | None = None


# An item that was forgotten meanwhile has no row any more, and gets none here.
_STORE = f"""INSERT INTO target
    (media_id, recipe, version, size, mtime_ns, attempts, failure, error, made_at, value, bytes, seconds)
    SELECT :id, :recipe, :version, :size, :mtime_ns, :attempts, :failure, :error, {NOW}, :value, :bytes, :seconds
    WHERE EXISTS (SELECT 1 FROM media WHERE id = :id)
    ON CONFLICT (media_id, recipe) DO UPDATE SET version = excluded.version, failure = excluded.failure, error = excluded.error,
    made_at = excluded.made_at, value = excluded.value, bytes = excluded.bytes, seconds = excluded.seconds,
    attempts = CASE WHEN excluded.failure IS NULL THEN 0
        WHEN size = excluded.size AND mtime_ns = excluded.mtime_ns THEN attempts + 1 ELSE 1 END,
    size = excluded.size, mtime_ns = excluded.mtime_ns
    WHERE version <= excluded.version"""


async def store_made(catalogue: Catalogue, recipe: str, version: int, made: Sequence[Target]) -> None:
    """Write down what was made, in the caller's transaction; what a newer version made is left alone."""
    await catalogue.executemany(_STORE, [_row(recipe, version, one) for one in made])
    for statement in _BESIDE.get(recipe, ()):
        beside = [{**_row(recipe, version, one), "value": one.value} for one in made]
        await catalogue.executemany(statement, beside)


async def store_hashes(catalogue: Catalogue, version: int, made: Sequence[Target]) -> None:
    """Write down, in the caller's transaction, that the hashes that items have were read from their files."""
    statement = _STORE.replace("WHERE id = :id)", "WHERE id = :id AND sha256 = :hash)")
    await catalogue.executemany(statement, [{**_row("sha256", version, one), "hash": one.value} for one in made])


def _row(recipe: str, version: int, made: Target) -> dict[str, object]:
    return {
        "id": made.id,
        "recipe": recipe,
        "version": version,
        "size": made.stamp.size,
        "mtime_ns": made.stamp.mtime_ns,
        "attempts": 0,
        "failure": None,
        "error": None,
        "value": None if recipe in _BESIDE else made.value,
        "bytes": made.bytes,
        "seconds": made.seconds,
    }


async def store_failures(catalogue: Catalogue, recipe: str, version: int, failures: Sequence[tuple[StaleRow, Failed]]) -> None:
    """Write down why targets could not be made, in the caller's transaction."""
    await catalogue.executemany(
        _STORE,
        [
            {
                "id": row.id,
                "recipe": recipe,
                "version": version,
                "size": row.stamp.size,
                "mtime_ns": row.stamp.mtime_ns,
                "attempts": 1,
                "failure": failed.reason.value,
                "error": failed.message,
                "value": None,
                "bytes": None,
                "seconds": None,
            }
            for row, failed in failures
        ],
    )


@dataclass(frozen=True, slots=True)
class Stored:
    """What there is of a recipe: targets that were made and that failed, seconds that one took, bytes in files."""

    made: int
    failed: int
    seconds: float | None
    bytes: int


async def stored(catalogue: Catalogue, recipe: str) -> Stored:
    """Return what there is of a recipe, of items that are not missing."""
    ((made, failed, seconds, size),) = await catalogue.fetch(
        """SELECT count(*) FILTER (WHERE t.failure IS NULL), count(t.failure), avg(t.seconds), coalesce(sum(t.bytes), 0)
        FROM target t JOIN media m ON m.id = t.media_id WHERE t.recipe = ? AND m.missing_at IS NULL""",
        (recipe,),
    )
    return Stored(made, failed, seconds, size)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a target could not be made, and how often that was tried."""

    media: MediaId
    path: bytes  # absolute
    recipe: str
    reason: Failure
    message: str
    attempts: int
    at: str


async def problems(catalogue: Catalogue, recipes: Sequence[str], sql: str, params: Mapping[str, object]) -> list[Problem]:
    """Return what could not be made of the items `m` for which `sql` holds."""
    rows = await catalogue.fetch(
        f"""SELECT m.id, l.root, m.path, t.recipe, t.failure, t.error, t.attempts, t.made_at FROM target t
        JOIN media m ON m.id = t.media_id JOIN library l ON l.id = m.library_id
        WHERE t.failure IS NOT NULL AND m.missing_at IS NULL AND ({sql})
        AND t.recipe IN (SELECT value FROM json_each(:t_recipes)) ORDER BY t.recipe, l.root, m.path""",
        {"t_recipes": json.dumps(list(recipes)), **params},
    )
    return [Problem(MediaId(row[0]), join(row[1], row[2]), row[3], Failure(row[4]), *row[5:]) for row in rows]
