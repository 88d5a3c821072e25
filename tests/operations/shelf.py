"""A catalogue and a folder of real files, with what a person does to both."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from media_files import make_jpeg
from mediaforge.config import Config
from mediaforge.events import Event, Listener, nobody
from mediaforge.model import Media, MediaId
from mediaforge.operations.catalogues import opened
from mediaforge.operations.scan import ScanOptions, ScanReport, scan
from mediaforge.operations.search import search
from mediaforge.operations.tags import add_tags

Pictures = Mapping[str, "int | bytes | Pictures"]
"""A name to the seed of a JPEG, to a file's bytes, or to a folder's tree."""


def make_pictures(folder: Path, tree: Pictures) -> Path:
    """Make `tree` in `folder`, which is made too; equal seeds make equal files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tree.items():
        path = folder / name
        if isinstance(content, int):
            make_jpeg(path.with_suffix(".jpg"), seed=content).rename(path)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            make_pictures(path, content)
    return folder


def make_bearing(path: Path, keywords: Sequence[str], *, width: int = 48) -> None:
    """Make a JPEG that bears keywords in its XMP."""
    words = "".join(f"<rdf:li>{word}</rdf:li>" for word in keywords)
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag>'
        f"{words}</rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    Image.new("RGB", (width, 32), "red").save(path, "JPEG", xmp=xmp.encode())


def copy_away(source: Path, target: Path) -> None:
    """Move a file as between two disks: it has another inode, and keeps its time."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)
    source.unlink()


@dataclass
class Shelf:
    """A folder, and the catalogue that is kept of it."""

    folder: Path
    config: Config

    def make(self, tree: Pictures) -> Path:
        """Make pictures in the folder."""
        return make_pictures(self.folder, tree)

    async def scan(
        self, *paths: Path | str, stop: asyncio.Event | None = None, events: Listener = nobody, **options: Any
    ) -> ScanReport:
        """Scan `paths`, or else the folder; `options` are those of ScanOptions."""
        roots = [os.fspath(path) for path in paths or (self.folder,)]
        return await scan(self.config, roots, ScanOptions(**options), stop=stop or asyncio.Event(), events=events)

    async def items(self, *query: str) -> dict[str, Media]:
        """Return what a query finds (everything, missing or not, without one) by its path below the folder."""
        async with opened(self.config) as catalogue:
            hits = await search(catalogue, query or ("is:any",), sort="id")
            found = [media async for media in hits.items]
        assert len({(media.path, media.state) for media in found}) == len(found)
        return {os.path.relpath(os.fsdecode(media.path), self.folder): media for media in found}

    async def ids(self, *query: str) -> dict[str, MediaId]:
        """Return the ids of what a query finds, by path."""
        return {path: media.id for path, media in (await self.items(*query)).items()}

    async def states(self) -> dict[str, str]:
        """Return the state of every item, by path."""
        return {path: media.state.value for path, media in (await self.items()).items()}

    async def tag(self, text: str, *targets: str) -> None:
        """Tag what targets mean."""
        async with opened(self.config) as catalogue:
            await add_tags(catalogue, text, targets)

    async def tag_each(self) -> dict[str, Media]:
        """Tag every item with the path that it has now, and return all of them."""
        for path, media in (await self.items()).items():
            await self.tag("was/" + path.replace("/", "-").replace(",", "-"), str(media.id))
        return await self.items()

    def rows(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        """Ask the database file itself."""
        return ask(self.config.catalog, sql, *params)

    def checksum(self, table: str = "media") -> str:
        """Return a checksum over every column of every row of a table."""
        return hashlib.sha256(repr(self.rows(f"SELECT * FROM {table} ORDER BY 1, 2")).encode()).hexdigest()

    def bytes(self) -> dict[str, str]:
        """Return what is in the catalogue's folder: names, and what the files hold."""
        folder = Path(self.config.catalog).parent
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


def ask(catalogue: str, sql: str, *params: object) -> list[tuple[Any, ...]]:
    """Ask a database file, past the program."""
    with closing(sqlite3.connect(catalogue)) as connection:
        return connection.execute(sql, params).fetchall()


def check(catalogue: str) -> None:
    """Fail unless a catalogue passes SQLite's checks of its pages, its references and its full-text index."""
    with closing(sqlite3.connect(catalogue)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.execute("INSERT INTO media_fts (media_fts, rank) VALUES ('integrity-check', 1)")
        orphans = "SELECT count(*) FROM media_fts WHERE rowid NOT IN (SELECT newest FROM media)"
        assert connection.execute(orphans).fetchone() == (0,)
        unindexed = "SELECT count(*) FROM media WHERE newest NOT IN (SELECT rowid FROM media_fts)"
        assert connection.execute(unindexed).fetchone() == (0,)


def on(kind: type[Event], act: Callable[[], object]) -> Listener:
    """Return a listener that acts once, at the first event of a kind."""
    acted: list[Event] = []

    def hear(event: Event) -> None:
        if isinstance(event, kind) and not acted:
            acted.append(event)
            act()

    return hear


def names(items: Sequence[str] | Mapping[str, object]) -> list[str]:
    """Return names in order, to compare."""
    return sorted(items)
