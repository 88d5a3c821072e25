"""The journal of a person's edits, with what is needed to take each back."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mediaforge.catalog.database import Catalogue


async def record_change(catalogue: Catalogue, command: str, *, items: int, undo: Mapping[str, object]) -> int:
    """Record one edit in the caller's transaction and return its number. `undo` is plain JSON."""
    return await catalogue.insert(
        "INSERT INTO change (command, items, undo) VALUES (?, ?, ?)", (command, items, json.dumps(undo))
    )
