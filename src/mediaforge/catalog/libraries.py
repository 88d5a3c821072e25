"""The scanned roots."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.catalog.fulltext import fts_text
from mediaforge.catalog.history import add_relocation
from mediaforge.errors import UsageError
from mediaforge.model import Library, LibraryId
from mediaforge.text import display_path

_COLUMNS = "id, slug, root, volume, volume_label, mount_point, online, added_at, seen_at"


def _library(row: Sequence[Any]) -> Library:
    return Library(row[0], row[1], row[2], row[3], row[4], bool(row[5]), bool(row[6]), row[7], row[8])


async def list_libraries(catalogue: Catalogue, *, sizes: bool = False) -> list[Library]:
    """Return every library by its slug; with `sizes`, how many items are not missing from it, and their bytes."""
    if not sizes:
        return [_library(row) for row in await catalogue.fetch(f"SELECT {_COLUMNS} FROM library ORDER BY slug")]
    rows = await catalogue.fetch(
        f"""SELECT {_COLUMNS}, n, bytes FROM library l LEFT JOIN (SELECT library_id, count(*) n, sum(size) bytes FROM media
        WHERE missing_at IS NULL GROUP BY library_id) ON library_id = l.id ORDER BY slug"""
    )
    return [replace(_library(row), items=row[-2] or 0, size=row[-1] or 0) for row in rows]


async def add_library(catalogue: Catalogue, slug: str, root: bytes) -> LibraryId:
    """Add a library at the absolute path `root`, with `slug` or the next free name like it."""
    name = free_slug(slug, [row[0] for row in await catalogue.fetch("SELECT slug FROM library")])
    return LibraryId(
        await catalogue.insert(
            "INSERT INTO library (slug, root, root_display) VALUES (?, ?, ?)", (name, root, display_path(root))
        )
    )


def free_slug(slug: str, taken: Collection[str]) -> str:
    """Return `slug` or the next name like it that is free."""
    name, number = slug, 1
    while name in taken:
        number += 1
        name = f"{slug}-{number}"
    return name


async def set_seen(
    catalogue: Catalogue, library: LibraryId, *, volume: str | None, label: str | None, mount_point: bool
) -> None:
    """State that a library's root is there now, on this volume."""
    await catalogue.execute(
        f"UPDATE library SET volume = ?, volume_label = ?, mount_point = ?, online = 1, seen_at = {NOW} WHERE id = ?",
        (volume, label, mount_point, library),
    )


async def set_offline(catalogue: Catalogue, library: LibraryId) -> None:
    """State that a library's volume is not there; nothing else changes."""
    await catalogue.execute("UPDATE library SET online = 0 WHERE id = ?", (library,))


async def has_files(catalogue: Catalogue, library: LibraryId) -> bool:
    """Return whether any file of a library is known to be present."""
    return bool(
        await catalogue.value("SELECT EXISTS (SELECT 1 FROM media WHERE library_id = ? AND missing_at IS NULL)", (library,))
    )


async def roots(catalogue: Catalogue, _which: str, ids: Sequence[int]) -> dict[int, str]:
    """Return the roots of libraries, in hexadecimal."""
    rows = await catalogue.fetch(
        "SELECT id, lower(hex(root)) FROM library WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    )
    return dict(rows)


async def put_roots(catalogue: Catalogue, _which: str, wanted: Mapping[int, str | None]) -> None:
    """Relocate libraries; UsageError where another library is at such a root by now."""
    for library, state in wanted.items():
        assert state is not None
        root = bytes.fromhex(state)
        other = await catalogue.value("SELECT slug FROM library WHERE root = ? AND id <> ?", (root, library))
        if other is not None:
            raise UsageError(f"'{display_path(root)}' belongs to the library '{other}' now; nothing was changed")
        await _relocate(catalogue, LibraryId(library), root)


async def next_library(catalogue: Catalogue) -> LibraryId:
    """Return an id that no library has, or had."""
    return LibraryId(await catalogue.value("SELECT 1 + coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'library'"))


def described(slug: str, root: bytes, added: str) -> str:
    """Return what a library is known by, as JSON: not what a scan says of its volume."""
    return json.dumps({"slug": slug, "root": root.hex(), "added_at": added}, ensure_ascii=False)


async def known_as(catalogue: Catalogue, _which: None, ids: Sequence[int]) -> dict[int, str]:
    """Return what these libraries are known by, each as JSON."""
    rows = await catalogue.fetch(
        "SELECT id, slug, root, added_at FROM library WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    )
    return {row[0]: described(*row[1:]) for row in rows}


async def put_known(catalogue: Catalogue, _which: None, wanted: Mapping[int, str | None]) -> None:
    """Make libraries what these states say, or let them go where None is wanted and nothing is in them.

    UsageError where another library has such a name or root by now.
    """
    await catalogue.execute(
        """DELETE FROM library WHERE id IN (SELECT value FROM json_each(?))
        AND NOT EXISTS (SELECT 1 FROM media WHERE library_id = library.id)""",
        (json.dumps([library for library, state in wanted.items() if state is None]),),
    )
    for library, state in wanted.items():
        if state is not None:
            known = json.loads(state)
            root = bytes.fromhex(known["root"])
            other = await catalogue.value(
                "SELECT slug FROM library WHERE (root = ? OR slug = ?) AND id <> ?", (root, known["slug"], library)
            )
            if other is not None:
                raise UsageError(f"the library '{other}' has the name or root of '{known['slug']}' now; nothing was changed")
            await catalogue.execute(
                """INSERT INTO library (id, slug, root, root_display, added_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, root = excluded.root,
                root_display = excluded.root_display""",
                (library, known["slug"], root, display_path(root), known["added_at"]),
            )


async def set_volume(
    catalogue: Catalogue,
    library: LibraryId,
    volume: str | None,
    label: str | None,
    mount_point: bool,
    *,
    online: bool,
    seen: str | None,
) -> None:
    """State what somebody else last knew of a library's volume."""
    await catalogue.execute(
        "UPDATE library SET volume = ?, volume_label = ?, mount_point = ?, online = ?, seen_at = ? WHERE id = ?",
        (volume, label, mount_point, online, seen, library),
    )


async def _relocate(catalogue: Catalogue, library: LibraryId, root: bytes) -> None:
    """State that a library's root is at another absolute path now, and remember that it was elsewhere."""
    before = await catalogue.value("SELECT root FROM library WHERE id = ?", (library,))
    await add_relocation(catalogue, library, before, root)
    await catalogue.execute("UPDATE library SET root = ?, root_display = ? WHERE id = ?", (root, display_path(root), library))


async def sample(catalogue: Catalogue, library: LibraryId, most: int) -> list[bytes]:
    """Return the relative paths of some of a library's present files, from all over it."""
    rows = await catalogue.fetch(
        """SELECT path FROM media WHERE library_id = :library AND missing_at IS NULL AND id % (1 +
        (SELECT count(*) FROM media WHERE library_id = :library AND missing_at IS NULL) / :most) = 0 LIMIT :most""",
        {"library": library, "most": most},
    )
    return [row[0] for row in rows]


async def count(catalogue: Catalogue, library: LibraryId) -> int:
    """Return how many items of a library are not missing."""
    items: int = await catalogue.value("SELECT count(*) FROM media WHERE library_id = ? AND missing_at IS NULL", (library,))
    return items


async def take_over(catalogue: Catalogue, upper: LibraryId, root: bytes, lower: Library) -> None:
    """Make the library `lower`, whose root is below `root`, a part of `upper`; its rows keep their ids."""
    prefix = lower.root[len(root.rstrip(b"/")) + 1 :] + b"/"
    rows = await catalogue.fetch("SELECT id, path FROM media WHERE library_id = ?", (lower.id,))
    await catalogue.executemany(
        "UPDATE media SET library_id = ?, path = ?, path_text = ? WHERE id = ?",
        [(upper, prefix + path, display_path(prefix + path), media) for media, path in rows],
    )
    await catalogue.executemany(
        "UPDATE media_fts SET path = ? WHERE rowid = (SELECT newest FROM media WHERE id = ?)",
        [(fts_text(display_path(prefix + path)), media) for media, path in rows],
    )
    await catalogue.execute("UPDATE OR IGNORE scan_root SET library_id = ? WHERE library_id = ?", (upper, lower.id))
    await catalogue.execute("DELETE FROM library WHERE id = ?", (lower.id,))
