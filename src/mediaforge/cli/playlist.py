"""Playlists in M3U8, which every player reads: UTF-8, a line with length and name before each path."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import TextIO
from urllib.parse import quote_from_bytes

from mediaforge.cli.items import headline
from mediaforge.model import Media
from mediaforge.text import display_path


async def write_playlist(items: AsyncIterator[Media], file: TextIO, *, relative_to: str | None = None) -> None:
    """Write a playlist of items, with absolute paths or those from a folder."""
    folder = None if relative_to is None else os.path.abspath(os.fsencode(os.path.expanduser(relative_to)))
    file.write("#EXTM3U\n")
    async for item in items:
        seconds = -1 if item.facts.duration is None else round(item.facts.duration)
        file.write(f"#EXTINF:{seconds},{_title(item)}\n{_location(item.path, folder)}\n")


def _title(item: Media) -> str:
    """Return the artist and the title, or the name of the file."""
    facts = item.facts
    named = f"{facts.artist} - {facts.title}" if facts.artist and facts.title else headline(item)
    return " ".join((named or os.path.splitext(os.path.basename(display_path(item.path)))[0]).split())


def _location(path: bytes, folder: bytes | None) -> str:
    """Return a path as a line of text, or as a URL where it is not UTF-8 or would not be one line."""
    written = path if folder is None else os.path.relpath(path, folder)
    try:
        line = written.decode()
    except UnicodeDecodeError:
        line = ""
    if not line or "".join(line.splitlines()) != line or line != line.rstrip():
        return f"file://{quote_from_bytes(path)}"
    return f"./{line}" if line != line.lstrip() or line.startswith("#") or "://" in line else line
