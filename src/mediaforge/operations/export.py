"""Export: everything that a person did, and everything that was read, as lines that `import` reads."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

from mediaforge import __version__
from mediaforge.catalog import export
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.export import Choice
from mediaforge.catalog.media import load, select_ids
from mediaforge.errors import UsageError
from mediaforge.model import MediaId
from mediaforge.operations.files import replacing
from mediaforge.operations.search import Hits
from mediaforge.operations.select import by_query
from mediaforge.text import display_path

VERSION = 1
"""The version of the schema of an export, which docs/export.md describes."""


async def write_lines(catalogue: Catalogue, query: Sequence[str], file: TextIO, *, only_mine: bool = False) -> int:
    """Write an export of what a query finds, all of one moment, and return of how many items it is.

    Without a query it is of everything, missing or not; with one only the libraries, tags and collections by hand of these
    items are told, and no rules.
    """
    async with catalogue.snapshot():
        ids = await _ids(catalogue, query, export.OF_A_PERSON if only_mine else "TRUE")
        choice = Choice(ids, partial=bool(query), only_mine=only_mine)
        file.write(_text(_header(query, only_mine=only_mine)))
        rules = [] if query else await export.rules(catalogue)
        for lines in (
            await export.libraries(catalogue, choice),
            await export.tags(catalogue, choice),
            rules,
            await export.collections(catalogue, choice),
        ):
            file.writelines(map(_text, lines))
        async for line in export.items(catalogue, choice):
            file.write(_text(line))
        file.write(_text({"type": "end", "items": len(ids)}))
    return len(ids)


async def exported_items(catalogue: Catalogue, query: Sequence[str]) -> Hits:
    """Return what an export of a query is of, item by item."""
    ids = await _ids(catalogue, query)
    return Hits(ids, load(catalogue, ids))


async def _ids(catalogue: Catalogue, query: Sequence[str], condition: str = "TRUE") -> list[MediaId]:
    selection = await by_query(catalogue, query)
    where = f"({selection.sql}) AND {condition}" if query else condition
    return await select_ids(catalogue, where, selection.params, order="m.id")


def _header(query: Sequence[str], *, only_mine: bool) -> Mapping[str, object]:
    made = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    header: dict[str, object] = {"mediaforge": "export", "version": VERSION, "made": made, "by": __version__}
    return header | ({"query": " ".join(query)} if query else {}) | ({"only_mine": True} if only_mine else {})


def _text(line: Mapping[str, object]) -> str:
    return json.dumps(line, ensure_ascii=False) + "\n"


@contextmanager
def target(path: str, *, force: bool) -> Iterator[TextIO]:
    """Write a file that is there whole or not at all; UsageError where it cannot be, or is there already, unless `force`."""
    name = os.fsencode(os.path.expanduser(path))
    shown = display_path(name)
    if os.path.isdir(name):
        raise UsageError(f"'{shown}' is a folder; name a file in it")
    if os.path.isfile(name) and not force:
        raise UsageError(f"'{shown}' is there already; name another file, or say --force")
    try:
        with replacing(name) as file:
            text = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
            yield text
            text.detach()
    except OSError as error:
        raise UsageError(f"cannot write '{shown}': {(error.strerror or str(error)).lower()}") from error
