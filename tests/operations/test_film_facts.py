"""What films and music are beside their size: read from real files, and found by queries."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from shelf import Shelf

import media_files
from mediaforge.config import Config

PQ = {"color_trc": 16, "color_primaries": 9, "colorspace": 9}


def make(folder: Path) -> None:
    """Make a file for each fact, and a plain one."""
    png = media_files.make_png(folder / "picture.png").read_bytes()
    interlaced = {"flags": "+ildct+ilme"}
    media_files.make_film(folder / "fields.ts", video="mpeg2video", audio="mp2", rate=25, options=interlaced)
    media_files.make_film(folder / "varies.mp4", times=[*range(10), 30, 31, 60, 61])
    media_files.make_film(folder / "deep.mkv", video="libx265", pixels="yuv420p10le", colour=PQ)
    media_files.make_film(folder / "covered.mp4", cover=png)
    media_files.make_film(folder / "covered.mkv", cover=png)
    media_files.add_cover(media_files.make_mp3(folder / "covered.mp3", seconds=0.3), png)
    media_files.add_cover(media_files.make_flac(folder / "covered.flac", seconds=0.3), png)
    media_files.make_mp4(folder / "turned.mp4", seconds=0.3, rotation=90, chapters=[(0, 0.3, "One")], language="eng")
    media_files.make_mp3(folder / "plain.mp3", seconds=0.3)


QUERIES = [
    ("has:cover", "covered.flac covered.mkv covered.mp3 covered.mp4"),
    ("kind:audio -has:cover", "plain.mp3"),
    ("is:interlaced", "fields.ts"),
    ("kind:video -is:interlaced", "covered.mkv covered.mp4 deep.mkv turned.mp4 varies.mp4"),
    ("is:vfr", "varies.mp4"),
    ("kind:video -is:vfr", "covered.mkv covered.mp4 deep.mkv fields.ts turned.mp4"),
    ("bitdepth:10", "deep.mkv"),
    ("hdr:hdr10", "deep.mkv"),
    ("is:hdr", "deep.mkv"),
    ("profile:main10", "deep.mkv"),
    ("profile:lc", "turned.mp4"),
    ("codec:hevc level:1", "deep.mkv"),
    ("has:chapters", "turned.mp4"),
    ("rotation:90", "turned.mp4"),
    ("audio:en", "turned.mp4"),
]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Make the files and scan them."""
    folder = tmp_path_factory.mktemp("films")
    make(folder)
    shelf = Shelf(folder, Config(catalog=str(tmp_path_factory.mktemp("data") / "catalog.db"), jobs=1))
    asyncio.run(shelf.scan())
    return shelf


@pytest.mark.parametrize(("query", "names"), QUERIES)
def test_a_fact_is_found(films: Shelf, query: str, names: str) -> None:
    assert sorted(asyncio.run(films.items(query))) == names.split()


def test_a_fact_comes_back_as_it_was_read(films: Shelf) -> None:
    items = asyncio.run(films.items())
    deep, turned, fields, plain = (items[name].facts for name in ("deep.mkv", "turned.mp4", "fields.ts", "plain.mp3"))
    assert (turned.interlaced, turned.variable_frame_rate, turned.cover) == (False, False, False)
    assert (deep.streams[0].profile, deep.streams[0].level) == ("Main 10", 1.0)
    assert deep.extra["color_transfer"] == "smpte2084"
    assert fields.interlaced is True
    assert (plain.interlaced, plain.variable_frame_rate, plain.cover) == (None, None, False)
