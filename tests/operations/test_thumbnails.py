"""Thumbnails in their cache: made once, made again when they are gone, and never half."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from program import command, environment, mediaforge
from shelf import Shelf, ask, check
from test_build import made
from test_durability import fill

from mediaforge.errors import CacheError
from mediaforge.extract.thumbnail import LARGE, SMALL
from mediaforge.operations.targets import BuildOptions, Built, build
from mediaforge.operations.thumbnails import SIZES, Thumbnails


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
        files = [Path(Thumbnails(shelf.config).path(name, one)) for one in SIZES]
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


def _age(shelf: Shelf) -> None:
    for path in Path(shelf.config.cache).rglob("*-*"):
        os.utime(path, (1, 1))


async def test_what_no_item_has_any_more_is_cleared_away(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    await made(shelf, recipe="thumbnail")
    old = set(_cached(shelf))
    shelf.make({"b.jpg": 3})
    await shelf.scan()
    assert (await made(shelf, recipe="thumbnail")).cleared == 0, "young ones may be another process's, of rows to come"
    _age(shelf)
    next(Path(shelf.config.cache).rglob("*-320.webp")).with_suffix(".webp.99.new").write_bytes(b"half")
    _age(shelf)
    assert (await made(shelf, "id:1", recipe="thumbnail")).cleared == 0, "only what is made of everything clears up"
    assert (await made(shelf, recipe="thumbnail", dry_run=True)).cleared == 0
    assert (await made(shelf, recipe="thumbnail")).cleared == 3
    left = set(_cached(shelf))
    assert len(left) == 4 and len(left & old) == 2 and await made(shelf, recipe="thumbnail") == Built("thumbnail")


async def test_two_catalogues_in_one_cache_leave_each_other_alone(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    await made(shelf, recipe="thumbnail")
    other = Shelf(shelf.folder, replace(shelf.config, catalog=shelf.config.catalog + "-other"))
    await other.scan(shelf.folder / "a.jpg")
    assert (await made(other, recipe="thumbnail")).made == 1
    _age(shelf)
    for one in (shelf, other):
        assert await made(one, recipe="thumbnail") == Built("thumbnail")
    assert len(list(Path(shelf.config.cache).rglob("*.webp"))) == 6


async def test_a_cache_that_cannot_be_written_is_one_sentence_and_costs_nothing(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    blocked = replace(shelf.config, cache=str(shelf.folder / "a.jpg"))
    with pytest.raises(
        CacheError, match=r"cannot write thumbnails to '.*a.jpg/thumbnails/[0-9a-f]+': not a directory; what was made is kept"
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
    assert done.code == 10 and done.said.startswith("cannot write thumbnails to '/proc/mediaforge/thumbnails/")
    check(shelf.config.catalog)


_SMALL_DISK = 'mount -t tmpfs -o size=64k none "$0" || exit 77; "$@"; code=$?; cp -r "$0" "$0-kept"; exit $code'


def test_a_cache_that_fills_up_keeps_what_was_made(shelf: Shelf, tmp_path: Path) -> None:
    shelf.make({f"{number}.jpg": number for number in range(40)})
    assert mediaforge(shelf.config.catalog, "scan", shelf.folder).code == 0
    cache = tmp_path / "small"
    cache.mkdir()
    line = ["unshare", "--mount", "sh", "-c", _SMALL_DISK, str(cache)]
    done = subprocess.run(
        [*line, *command(shelf.config.catalog, "build", "thumbnail")],
        capture_output=True,
        text=True,
        env=environment() | {"MEDIAFORGE_CACHE": str(cache)},
    )
    if "error: cannot write thumbnails" not in done.stderr and done.returncode in (1, 77):
        pytest.skip(f"no disk can be made here ({done.stderr.strip()})")
    assert done.returncode == 10 and "no space left on device" in done.stderr, done.stderr
    check(shelf.config.catalog)
    kept = list((tmp_path / "small-kept").rglob("*-*"))
    assert kept and not [path for path in kept if path.name.endswith(".new")]
    for path in kept:
        Image.open(path).load()
    rows = ask(shelf.config.catalog, "SELECT value FROM target")
    assert {name for (name,) in rows} <= {path.name.partition("-")[0] for path in kept}


def test_killed_at_any_moment_no_thumbnail_is_half(shelf: Shelf, tmp_path: Path) -> None:
    shelf.make({f"{number}.jpg": number for number in range(400)})
    catalogue, cache = shelf.config.catalog, tmp_path / "cache"
    assert mediaforge(catalogue, "scan", shelf.folder).code == 0
    for most in (1, 60, 120):
        process = subprocess.Popen(
            command(catalogue, "build", "thumbnail"),
            stdout=subprocess.DEVNULL,
            env=environment() | {"MEDIAFORGE_CACHE": str(cache)},
        )
        while process.poll() is None and len(list(cache.rglob("*-320.webp"))) < most:
            time.sleep(0.002)
        process.kill()
        process.wait()
        check(catalogue)
        whole = {path.name for path in cache.rglob("*.webp")}
        for path in cache.rglob("*.webp"):
            Image.open(path).load()
        for (name,) in ask(catalogue, "SELECT value FROM target"):
            assert {f"{name}-{size}.webp" for size in SIZES} <= whole


async def test_music_without_a_cover_is_made_and_has_no_thumbnail(shelf: Shelf) -> None:
    from media_files import make_mp3

    make_mp3(shelf.folder / "a.mp3", seed=1)
    await shelf.scan()
    assert await made(shelf, recipe="thumbnail") == Built("thumbnail", stale=1, made=1)
    assert await made(shelf, recipe="thumbnail") == Built("thumbnail")
    assert await shelf.items("has:thumbnail") == {}
