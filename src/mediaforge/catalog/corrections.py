"""What a person set, in `correction` and in the columns of `media`, where it stands in place of what was read.

So a search, an order or a page of results knows nothing of corrections. `read` is what the file says instead: a reading puts it
there anew, and it goes back into the columns when the person takes the correction back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from mediaforge.catalog.columns import DERIVED, FACT_COLUMNS
from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.catalog.indexed import add_text, change_text, drop_text, in_bulk
from mediaforge.catalog.settable import SETTABLE, Values
from mediaforge.model import Correction, MediaId

_DERIVED_FROM = {"taken": tuple(DERIVED), "year": ("shown_year",)}
_REAL = frozenset({"latitude", "longitude"})


def packed(values: Values) -> str | None:
    """Return the values of a field's columns as `correction` holds them; None where there is nothing."""
    if values is None:
        return None
    return json.dumps(values[0] if len(values) == 1 else list(values), ensure_ascii=False)


def _columns_sql(field: str) -> str:
    """Return in SQL what the columns of `media m` hold, as JSON; null where that is nothing."""
    columns = SETTABLE[field].columns
    parts = [f"coalesce(printf('%!.17g', m.{c}), 'null')" if c in _REAL else f"json_quote(m.{c})" for c in columns]
    nothing = f"coalesce({', '.join(f'm.{c}' for c in columns)}, NULL) IS NULL"
    whole = parts[0] if len(parts) == 1 else "'[' || " + " || ',' || ".join(parts) + " || ']'"
    return f"CASE WHEN {nothing} THEN NULL ELSE {whole} END"


def _assigned_sql(field: str, source: str) -> str:
    """Return what stands behind SET to write JSON of `correction c` into the columns of a field."""
    columns = SETTABLE[field].columns
    paths = ["$"] if len(columns) == 1 else [f"$[{at}]" for at in range(len(columns))]
    return ", ".join(f"{c} = json_extract(c.{source}, '{path}')" for c, path in zip(columns, paths, strict=True))


async def states(catalogue: Catalogue, field: str, ids: Sequence[int]) -> dict[int, str]:
    """Return what a person set in a field of these items, where somebody did."""
    rows = await catalogue.fetch(
        "SELECT media_id, value FROM correction WHERE field = ? AND media_id IN (SELECT value FROM json_each(?))",
        (field, json.dumps(list(ids))),
    )
    return dict(rows)


async def put(catalogue: Catalogue, field: str, wanted: Mapping[int, str | None]) -> None:
    """Set a field of items, or take back what a person set where None is wanted, in the caller's transaction.

    `settle` must follow, once for all the fields that were put.
    """
    given = {
        "field": field,
        "states": json.dumps({media: state for media, state in wanted.items() if state is not None}),
        "on": json.dumps([media for media, state in wanted.items() if state is not None]),
        "off": json.dumps([media for media, state in wanted.items() if state is None]),
    }
    if given["on"] != "[]":
        await catalogue.execute(
            f"""INSERT INTO correction (media_id, field, value, read) SELECT m.id, :field, j.value, {_columns_sql(field)}
            FROM json_each(:states) j CROSS JOIN media m ON m.id = CAST(j.key AS INTEGER) WHERE true
            ON CONFLICT (media_id, field) DO UPDATE SET value = excluded.value, added_at = {NOW}""",
            given,
        )
        await _write(catalogue, field, "value", "on", given)
    if given["off"] != "[]":
        await _write(catalogue, field, "read", "off", given)
        await catalogue.execute(
            "DELETE FROM correction WHERE field = :field AND media_id IN (SELECT value FROM json_each(:off))", given
        )


async def _write(catalogue: Catalogue, field: str, source: str, which: str, given: Mapping[str, object]) -> None:
    """Write the `value` or the `read` of corrections into the columns of their items."""
    await catalogue.execute(
        f"""UPDATE media SET {_assigned_sql(field, source)} FROM json_each(:{which}) j
        CROSS JOIN correction c ON c.media_id = j.value AND c.field = :field WHERE media.id = c.media_id""",
        given,
    )


async def settle(catalogue: Catalogue, fields: Iterable[str], ids: Sequence[MediaId]) -> None:
    """Let follow what follows from fields that were put: the order and the year by which items are found, the full text."""
    names = list(fields)
    texts = dict.fromkeys(text for name in names if (text := SETTABLE[name].indexed))
    if "taken" in names:
        async with in_bulk(catalogue, len(ids)):
            await drop_text(catalogue, ids)
            await _derive(catalogue, names, ids)
            await add_text(catalogue, ids)
        return
    await _derive(catalogue, names, ids)
    if texts:
        async with in_bulk(catalogue, len(ids)):
            await change_text(catalogue, texts, ids)


async def _derive(catalogue: Catalogue, fields: Iterable[str], ids: Sequence[MediaId]) -> None:
    columns = dict.fromkeys(column for field in fields for column in _DERIVED_FROM.get(field, ()))
    if columns:
        own = {"id": "id", "taken_local": "taken_local", "year": "year"}
        assigned = ", ".join(f"{name} = {DERIVED[name].format(**own)}" for name in columns)
        await catalogue.execute(
            f"UPDATE media SET {assigned} WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
        )


async def keep(catalogue: Catalogue, ids: Sequence[MediaId], version: int) -> None:
    """Put what a person set back into the columns that a reading of this version has just written.

    What was read stays in `read`. The full text must not be there yet, since a time moves it.
    """
    given = {"ids": json.dumps(list(ids)), "version": version}
    rows = await catalogue.fetch(
        """SELECT field, json_group_array(media_id) FROM correction c JOIN media m ON m.id = c.media_id
        WHERE c.media_id IN (SELECT value FROM json_each(:ids)) AND m.facts_version <= :version GROUP BY field""",
        given,
    )
    for field, items in rows:
        if SETTABLE[field].columns[0] in FACT_COLUMNS:
            some = {"field": field, "ids": items}
            await catalogue.execute(
                f"""UPDATE correction SET read = (SELECT {_columns_sql(field)} FROM media m WHERE m.id = media_id)
                WHERE field = :field AND media_id IN (SELECT value FROM json_each(:ids))""",
                some,
            )
            await _write(catalogue, field, "value", "ids", some)
            await _derive(catalogue, [field], json.loads(items))


async def of_items(catalogue: Catalogue, ids: Sequence[MediaId]) -> dict[MediaId, dict[str, Correction]]:
    """Return what a person set, by item and field."""
    rows = await catalogue.fetch(
        """SELECT media_id, field, value, read, added_at FROM correction
        WHERE media_id IN (SELECT value FROM json_each(?)) ORDER BY media_id, field""",
        (json.dumps(list(ids)),),
    )
    found: dict[MediaId, dict[str, Correction]] = {}
    for media, field, value, read, added in rows:
        found.setdefault(MediaId(media), {})[field] = Correction(
            _shown(field, json.loads(value)), _shown(field, json.loads(read or "null")), datetime.fromisoformat(added)
        )
    return found


def _shown(field: str, value: Any) -> object:
    """Return a value as a person sees it: a time in ISO 8601, with its offset where it is known."""
    if field != "taken" or value is None:
        return value
    local, offset, _source = value
    at = datetime.fromisoformat(local)
    return (at if offset is None else at.replace(tzinfo=timezone(timedelta(seconds=offset)))).isoformat()
