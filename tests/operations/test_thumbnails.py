"""Thumbnails in their cache: made once, made again when they are gone, and never half."""

from __future__ import annotations

import asyncio
import io
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from program import mediaforge
from shelf import Shelf, ask, check
from test_build import made
from test_durability import fill

from mediaforge.errors import CacheError
from mediaforge.extract.thumbnail import LARGE, SMALL
from mediaforge.operations.targets import BuildOptions, Built, build
from mediaforge.operations.thumbnails import SIZES


def _cached(shelf: Shelf) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(shelf.config.cache).rglob("*") if path.is_file()}


def test_the_cache_keeps_what_is_drawn() -> None:
    assert SIZES == (LARGE, SMALL)


async def test_they_are_made_once_and_found(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2, "broken.jpg": b"\xff\xd8\xff\xe0 broken"})
    await shelf.scan()
    assert await made(shelf, recipe="thumbnail") == Built("thumbnail", stale=3, made=2, failed=1)
    assert sorted(await shelf.items("has:thumbnail")) == ["a.jpg", "b.jpg"]
    assert await made(shelf, recipe="thumbnail") == Built("thumbnail"), "a broken file is not tried again"
    names = dict(ask(shelf.config.catalog, "SELECT value, bytes FROM target WHERE value IS NOT NULL"))
    assert set(_cached(shelf)) == {f"{name}-{size}.webp" for name in names for size in SIZES}
    for name, size in names.items():
        files = [Path(shelf.config.cache) / "thumbnails" / name[:2] / f"{name}-{one}.webp" for one in SIZES]
        assert sum(file.stat().st_size for file in files) == size
        assert [max(Image.open(io.BytesIO(file.read_bytes())).size) for file in files] == [48, 48]


async def test_what_is_gone_from_the_cache_is_made_again(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    await made(shelf, recipe="thumbnail")
    before = _cached(shelf)
    next(Path(shelf.config.cache).rglob("*-320.webp")).unlink()
    assert await made(shelf, recipe="thumbnail", dry_run=True) == Built("thumbnail", stale=1)
    assert await made(shelf, recipe="thumbnail") == Built("thumbnail", stale=1, made=1)
    shutil.rmtree(shelf.config.cache)
    assert await made(shelf, recipe="thumbnail") == Built("thumbnail", stale=2, made=2)
    assert _cached(shelf) == before


async def test_a_cache_that_cannot_be_written_is_one_sentence_and_costs_nothing(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    blocked = replace(shelf.config, cache=str(shelf.folder / "a.jpg"))
    with pytest.raises(
        CacheError, match=r"cannot write thumbnails to '.*a.jpg/thumbnails': not a directory; what was made is kept"
    ):
        await build(blocked, BuildOptions(("thumbnail",)), stop=asyncio.Event())
    check(shelf.config.catalog)
    assert ask(shelf.config.catalog, "SELECT count(*) FROM target") == [(0,)]
    assert await made(shelf, recipe="thumbnail") == Built("thumbnail", stale=2, made=2)


def test_a_disk_that_takes_no_more_is_told(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(shelf.folder, range(20))
    monkeypatch.setenv("MEDIAFORGE_CACHE", "/proc/mediaforge")
    assert mediaforge(shelf.config.catalog, "scan", shelf.folder).code == 0
    done = mediaforge(shelf.config.catalog, "build", "thumbnail")
    assert done.code == 10 and done.said.startswith("cannot write thumbnails to '/proc/mediaforge/thumbnails'")
    check(shelf.config.catalog)


async def test_music_without_a_cover_is_made_and_has_no_thumbnail(shelf: Shelf) -> None:
    from media_files import make_mp3

    make_mp3(shelf.folder / "a.mp3", seed=1)
    await shelf.scan()
    assert await made(shelf, recipe="thumbnail") == Built("thumbnail", stale=1, made=1)
    assert await made(shelf, recipe="thumbnail") == Built("thumbnail")
    assert await shelf.items("has:thumbnail") == {}
