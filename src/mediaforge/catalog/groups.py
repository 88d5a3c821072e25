"""Groups, as they are asked for: files that belong together, led by one of them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from mediaforge.catalog.clause import Ask, each
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.paths import join
from mediaforge.model import GroupKind, MediaId
from mediaforge.query import Field, Value


def build(ask: Ask, field: Field) -> str:
    """Return a condition for what a group is, or for the group of an item."""
    return each(_one, "=")(ask, field)


def _one(ask: Ask, _op: str, value: Value) -> str:
    text = value.text.strip().lower()
    if text.isascii() and text.isdigit():
        number = ask.bind(min(int(text), 2**63 - 1))
        return f"m.group_id = (SELECT group_id FROM media WHERE id = {number})"
    if text not in {kind.value for kind in GroupKind}:
        told = ", ".join(kind.value for kind in GroupKind)
        ask.refuse(f"{value.text!r} does not fit here; it takes {told}, or the id of an item", value.span)
    return f"m.group_kind = {ask.bind(text)}"


async def others(catalogue: Catalogue, ids: Sequence[MediaId]) -> dict[MediaId, list[tuple[MediaId, bytes]]]:
    """Return by item the others of its group, with their absolute paths, the one that leads first."""
    rows = await catalogue.fetch(
        """SELECT m.id, o.id, l.root, o.path FROM media m JOIN media o ON o.group_id = m.group_id AND o.id <> m.id
        JOIN library l ON l.id = o.library_id WHERE m.id IN (SELECT value FROM json_each(?))
        ORDER BY m.id, o.id <> o.group_id, o.path""",
        (json.dumps(list(ids)),),
    )
    found: dict[MediaId, list[tuple[MediaId, bytes]]] = {}
    for media, other, root, path in rows:
        found.setdefault(MediaId(media), []).append((MediaId(other), join(root, path)))
    return found


async def members_of(catalogue: Catalogue, ids: Sequence[MediaId]) -> list[MediaId]:
    """Return these items and all others of their groups."""
    rows = await catalogue.fetch(
        """WITH these AS MATERIALIZED (SELECT value AS id FROM json_each(?)) SELECT id FROM these UNION
        SELECT o.id FROM these JOIN media m ON m.id = these.id JOIN media o ON o.group_id = m.group_id ORDER BY 1""",
        (json.dumps(list(ids)),),
    )
    return [MediaId(row[0]) for row in rows]
