"""How items were recognised through time."""

from __future__ import annotations

from dataclasses import dataclass

from mediaforge.catalog.database import Catalogue
from mediaforge.model import LibraryId, MediaId, ScanId


@dataclass(frozen=True, slots=True)
class Recognition:
    """One event in an item's life: moved, missing or relocated; with the evidence of a move. Paths are absolute."""

    at: str
    event: str
    evidence: str | None
    before: bytes | None
    after: bytes | None
    scan: ScanId | None
    media: MediaId | None = None


_COLUMNS = "at, event, evidence, before, after, scan_id, media_id"


async def of_item(catalogue: Catalogue, media: MediaId) -> list[Recognition]:
    """Return what happened to an item, and to its library since it is in it, oldest first."""
    rows = await catalogue.fetch(
        f"""SELECT {_COLUMNS} FROM history h WHERE media_id = :id OR (media_id IS NULL AND library_id =
        (SELECT library_id FROM media WHERE id = :id) AND at >= (SELECT added_at FROM media WHERE id = :id)) ORDER BY h.id""",
        {"id": media},
    )
    return [Recognition(*row) for row in rows]


async def of_scan(catalogue: Catalogue, scan: ScanId) -> list[Recognition]:
    """Return which items a scan recognised elsewhere or found missing."""
    rows = await catalogue.fetch(f"SELECT {_COLUMNS} FROM history WHERE scan_id = ? ORDER BY id", (scan,))
    return [Recognition(*row) for row in rows]


async def add_relocation(catalogue: Catalogue, library: LibraryId, before: bytes, after: bytes) -> None:
    """Record that a library's root is elsewhere now."""
    await catalogue.execute(
        "INSERT INTO history (library_id, event, before, after) VALUES (?, 'relocated', ?, ?)", (library, before, after)
    )
