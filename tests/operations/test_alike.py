"""What looks alike: clusters around an original, `like:` in a query, and what neither may say."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageEnhance
from program import mediaforge
from shelf import Shelf, ask, check
from test_build import made
from test_groups import TAKEN

from media_files import exif_bytes
from mediaforge.catalog.likeness import Film, Frame
from mediaforge.errors import QueryError, UsageError
from mediaforge.model import MediaId
from mediaforge.operations.alike import DISTANCE, Cluster, clusters
from mediaforge.operations.catalogues import opened
from mediaforge.operations.distance import apart, film_distance
from mediaforge.operations.prune import prunable, prune
from mediaforge.operations.search import search
from mediaforge.operations.targets import Built
from mediaforge.operations.undo import undo
from scenes import scene, shots, write_film


def save(shelf: Shelf, name: str, seed: int, *, size: tuple[int, int] = (320, 240), light: float = 1.0, **options: Any) -> Path:
    """Make a picture of a scene; another name, size or light is another file of it."""
    path = shelf.folder / name
    path.parent.mkdir(exist_ok=True)
    ImageEnhance.Brightness(scene(seed, size)).enhance(light).save(path, **options)
    return path


async def looked_at(shelf: Shelf) -> Built:
    await shelf.scan()
    return await made(shelf, recipe="phash")


async def found(shelf: Shelf, *query: str, **options: Any) -> list[list[str]]:
    """Return the names of the members of each cluster, as they stand in it."""
    names = {media: path for path, media in (await shelf.ids()).items()}
    ids = list((await shelf.ids(*query)).values()) if query else None
    async with opened(shelf.config) as catalogue:
        told = await clusters(catalogue, ids, **options)
    for one in told:
        assert len(one.members) == len(one.distances) > 1 and one.distances[0] == 0
        assert list(one.distances) == sorted(one.distances) and one.distances[-1] <= options.get("distance", DISTANCE)
    return sorted([names[member] for member in one.members] for one in told)


async def like(shelf: Shelf, *query: str, **options: Any) -> list[str]:
    """Return the names of what a query finds, in its order."""
    async with opened(shelf.config) as catalogue:
        hits = await search(catalogue, query, **options)
        return [os.path.relpath(os.fsdecode(item.path), shelf.folder) async for item in hits.items]


async def test_copies_of_a_picture_are_one_cluster_around_the_largest(shelf: Shelf) -> None:
    save(shelf, "small.jpg", 1, size=(160, 120))
    save(shelf, "a.jpg", 1, size=(640, 480), quality=95)
    save(shelf, "bright.png", 1, light=1.15)
    save(shelf, "other.jpg", 2)
    assert await looked_at(shelf) == Built("phash", stale=4, made=4)
    ((first, *others),) = await found(shelf)
    assert first == "a.jpg" and set(others) == {"small.jpg", "bright.png"}
    assert await found(shelf, "name:*.jpg") == [["a.jpg", "small.jpg"]], "of these alone"
    assert await found(shelf, "name:other.jpg") == []


async def test_what_shows_nothing_is_like_nothing(shelf: Shelf) -> None:
    for number, colour in enumerate(["black", "black", "#010101", "white"]):
        Image.new("RGB", (200 + number, 100), colour).save(shelf.folder / f"{number}.jpg")
    assert (await looked_at(shelf)).made == 4
    assert await found(shelf, distance=32) == []
    media = (await shelf.ids())["0.jpg"]
    with pytest.raises(QueryError, match=f"item {media} shows nothing by which it could be told from others"):
        await like(shelf, f"like:{media}")


async def test_missing_items_and_those_that_changed_since_are_left_out(shelf: Shelf) -> None:
    for name in ("a.png", "b.jpg", "c.jpg"):
        save(shelf, name, 1)
    await looked_at(shelf)
    assert await found(shelf) == [["a.png", "b.jpg", "c.jpg"]]
    (shelf.folder / "b.jpg").unlink()
    save(shelf, "c.jpg", 2, size=(300, 200))
    await shelf.scan()
    assert await found(shelf) == [], "one is gone, and what is known of the other is of what was there before"
    assert await made(shelf, recipe="phash") == Built("phash", stale=1, made=1)
    assert await found(shelf) == []


async def test_a_file_that_changes_while_it_is_built_leaves_a_stale_target(shelf: Shelf) -> None:
    save(shelf, "a.jpg", 1)
    await shelf.scan()
    save(shelf, "a.jpg", 2, size=(300, 200))
    assert await made(shelf, recipe="phash") == Built("phash", stale=1, unsettled=1)
    assert ask(shelf.config.catalog, "SELECT count(*) FROM likeness") == [(0,)]


async def test_an_older_versions_hashes_are_compared_with_nothing(shelf: Shelf) -> None:
    save(shelf, "a.jpg", 1)
    save(shelf, "b.png", 1)
    await looked_at(shelf)
    async with opened(shelf.config) as catalogue:
        await catalogue.execute("UPDATE target SET version = 0")
    assert await found(shelf) == []
    assert await made(shelf, recipe="phash") == Built("phash", stale=2, made=2)
    assert len(await found(shelf)) == 1
    assert ask(shelf.config.catalog, "SELECT count(*) FROM likeness") == [(2,)]


async def test_what_a_newer_version_saw_is_left_alone(shelf: Shelf) -> None:
    from mediaforge.catalog import targets
    from mediaforge.catalog.targets import Target
    from mediaforge.model import Stamp

    save(shelf, "a.jpg", 1)
    await looked_at(shelf)
    media = (await shelf.ids())["a.jpg"]
    async with opened(shelf.config) as catalogue:
        await catalogue.execute("UPDATE target SET version = 99")
        before = await catalogue.fetch("SELECT * FROM likeness")
        async with catalogue.transaction():
            await targets.store_made(catalogue, "phash", 1, [Target(media, Stamp(1, 1), json.dumps([[None, 1, 2]]))])
        assert await catalogue.fetch("SELECT * FROM likeness") == before


async def test_pictures_of_one_burst_are_no_copies_of_each_other(shelf: Shelf) -> None:
    (shelf.folder / "saved").mkdir()
    for number in range(3):
        moment = scene(1, (640, 480)).crop((8 * number, 6 * number, 600 + 8 * number, 450 + 6 * number))
        moment.save(shelf.folder / f"IMG_BURST00{number}.jpg")
        moment.resize((300, 225)).save(shelf.folder / "saved" / f"{number}.png")
    await looked_at(shelf)
    assert await found(shelf) == [[f"IMG_BURST00{number}.jpg", f"saved/{number}.png"] for number in range(3)]
    assert [len(one) for one in await found(shelf, bursts=True)] == [6]
    assert await found(shelf, "name:*BURST*") == []


async def test_a_raw_picture_and_its_jpeg_are_no_copies_of_each_other(shelf: Shelf) -> None:
    save(shelf, "a.jpg", 1)
    save(shelf, "a.tif", 1).rename(shelf.folder / "a.dng")
    await looked_at(shelf)
    assert await found(shelf) == []
    assert [sorted(one) for one in await found(shelf, bursts=True)] == [["a.dng", "a.jpg"]]
    save(shelf, "mail/a-1.jpg", 1, size=(160, 120))
    await looked_at(shelf)
    assert [len(one) for one in await found(shelf)] == [2], "of the two, one counts"


HASH = 0xF0F0_1234_5678_9ABC


async def fill_hashes(shelf: Shelf, hashes: Sequence[int]) -> list[MediaId]:
    """Let there be as many pictures as hashes, which are those of the items in their order."""
    async with opened(shelf.config) as catalogue, catalogue.transaction():
        columns = [
            row[1] for row in await catalogue.fetch("PRAGMA table_info(media)") if row[1] not in ("id", "path", "newest")
        ]
        listed = ", ".join(columns)
        await catalogue.execute(
            f"""WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO media
            (id, path, newest, {listed}) SELECT i, CAST(i AS BLOB), i, {listed} FROM n, media WHERE media.id = 1""",
            (len(hashes),),
        )
        await catalogue.execute(
            """INSERT OR REPLACE INTO target (media_id, recipe, version, size, mtime_ns)
            SELECT id, 'phash', 1, size, mtime_ns FROM media"""
        )
        await catalogue.execute("DELETE FROM likeness")
        signed = [one - (1 << 64) if one >> 63 else one for one in hashes]
        await catalogue.executemany(
            "INSERT INTO likeness (media_id, position, phash, dhash) VALUES (?, 0, ?, ?)",
            [(number, one, one) for number, one in enumerate(signed, 1)],
        )
    return [MediaId(number) for number in range(1, len(hashes) + 1)]


async def told(shelf: Shelf, **options: Any) -> list[Cluster]:
    async with opened(shelf.config) as catalogue:
        return await clusters(catalogue, None, **options)


async def test_a_chain_is_cut_where_it_is_too_far_from_its_first(shelf: Shelf) -> None:
    save(shelf, "a.jpg", 1)
    await looked_at(shelf)
    await fill_hashes(shelf, [HASH ^ ((1 << 4 * number) - 1) for number in range(6)])
    assert [(one.members, one.distances) for one in await told(shelf, distance=8)] == [
        ((1, 2), (0, 4)),
        ((4, 3, 5, 6), (0, 4, 4, 8)),
    ]


async def test_who_is_near_to_several_belongs_to_the_nearest(shelf: Shelf) -> None:
    save(shelf, "a.jpg", 1)
    await looked_at(shelf)
    await fill_hashes(shelf, [HASH ^ bits for bits in (0, 0b111111_111111, 0b11111, 0b1, 0b111111_111110, 0b1111111)])
    assert [(one.members, one.distances) for one in await told(shelf, distance=7)] == [
        ((1, 4, 3), (0, 1, 5)),
        ((2, 5, 6), (0, 1, 5)),
    ]


async def test_a_hundred_thousand_equal_ones_are_one_cluster(shelf: Shelf) -> None:
    save(shelf, "a.jpg", 1)
    await looked_at(shelf)
    ids = await fill_hashes(shelf, [0x1234_5678_9ABC_DEF0] * 100_000)
    assert await told(shelf) == [Cluster(tuple(ids), (0,) * len(ids))]


@pytest.mark.parametrize("distance", [-1, 33])
async def test_a_distance_that_makes_no_sense_is_told(shelf: Shelf, distance: int) -> None:
    await shelf.scan()
    with pytest.raises(UsageError, match="a distance is 0 to 32 bits; 10 is usual"):
        await told(shelf, distance=distance)


def test_pictures_are_apart_by_shapes_and_by_both() -> None:
    def frame(phash: int, dhash: int) -> Frame:
        return Frame(0.0, phash, dhash)

    assert apart(frame(0, 0), frame(0b111, 0)) == 3
    assert apart(frame(0, 0), frame(0b111, 0b11111111)) == 6
    assert apart(frame(0, 0), frame(0, 0b11111)) == 3
    assert apart(frame(2**64 - 1, 0), frame(0, 2**64 - 1)) == 64


def film(times: Sequence[float], duration: float | None, content: Callable[[float], int]) -> Film:
    return Film(MediaId(1), tuple(Frame(at, content(at), content(at)) for at in times), duration, None)


def content(at: float) -> int:
    """Return a hash that is another every second."""
    return int(at + 0.01) * 0x9E37_79B9_7F4A_7C15 % 2**64


def other(at: float) -> int:
    return (int(at) + 77) * 0xC2B2_AE3D_27D4_EB4F % 2**64


WHOLE = film([1, 2, 3, 4, 5, 6, 7], 8.0, content)


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        (film([1.1, 2.1, 3.1, 4.1, 5.1], 8.1, content), 0),
        (film([1, 2, 3, 4, 5], 6.0, content), 0),  # without its end
        (film([1, 2, 3, 4, 5], 6.0, lambda at: content(at + 2)), 0),  # without its beginning
        (film([1, 2, 3], 3.9, content), None),  # half of it is too little
        (film([1, 2], 8.0, content), None),  # two frames are
        (film([1, 2, 3, 4], 8.0, lambda at: content(at) if at < 4 else other(at)), 0),
        (film([1, 2, 3, 4, 5], 8.0, lambda at: content(at) if at < 4 else other(at)), None),  # as an opening is in common
        (film([1, 2, 3, 4, 5], 8.0, lambda at: content(at) ^ 0b1111), 4),
        (film([1, 2, 3], None, content), None),
    ],
)
def test_films_are_alike_in_most_of_their_frames(copy: Film, expected: int | None) -> None:
    assert film_distance(WHOLE, copy, DISTANCE) == film_distance(copy, WHOLE, DISTANCE) == expected


def test_clips_of_a_moment_are_told_by_one_frame() -> None:
    clip = film([0.5], 1.0, content)
    assert film_distance(clip, clip, 0) == 0
    assert film_distance(clip, film([0.5], 1.0, other), DISTANCE) is None


async def test_copies_of_videos_are_found_and_dark_ones_are_not(shelf: Shelf) -> None:
    paint, black = shots(1, each=1.3), Image.new("RGB", (160, 120))
    write_film(shelf.folder / "a.mp4", paint, 8)
    write_film(shelf.folder / "b.mkv", paint, 8, every=9, rate=8)
    write_film(shelf.folder / "c.mp4", shots(1, begin=1.5, each=1.3), 6.5)
    write_film(shelf.folder / "d.mp4", paint, 6.4)
    write_film(shelf.folder / "e.mp4", shots(2, each=1.3), 8)
    for name in ("f.mp4", "g.mp4"):
        write_film(shelf.folder / name, lambda at: black if at < 7.2 else scene(5), 8 if name == "f.mp4" else 7.9)
    await looked_at(shelf)
    ((first, *others),) = await found(shelf)
    assert {first, *others} == {"a.mp4", "b.mkv", "c.mp4", "d.mp4"}
    ids = await shelf.ids()
    assert set(await like(shelf, f"like:{ids['d.mp4']}")) >= {"d.mp4", "a.mp4", "b.mkv"}
    assert (await like(shelf, f"like:{ids['d.mp4']}"))[0] == "d.mp4"


async def test_like_finds_the_nearest_first(shelf: Shelf) -> None:
    save(shelf, "a.png", 1)
    save(shelf, "b.jpg", 1, quality=10)
    save(shelf, "c.jpg", 1, light=0.97)
    save(shelf, "d.jpg", 2)
    await looked_at(shelf)
    ids = await shelf.ids()
    a = ids["a.png"]
    order = await like(shelf, f"like:{a}")
    assert order[0] == "a.png" and sorted(order) == ["a.png", "b.jpg", "c.jpg"]
    assert await like(shelf, f"like:{a}", limit=1) == ["a.png"]
    assert await like(shelf, f"like:{a}", sort="id:desc") == sorted(order, key=lambda name: -ids[name])
    assert await like(shelf, f"like:{a} ext:jpg") == [name for name in order if name != "a.png"]
    assert await like(shelf, f"-like:{a}") == ["d.jpg"]
    assert sorted(await like(shelf, f"like:{a} OR name:d.jpg")) == ["a.png", "b.jpg", "c.jpg", "d.jpg"]
    assert set(await like(shelf, f"like:{a},0")) < set(order) <= set(await like(shelf, f"like:{a},32"))
    (shelf.folder / "c.jpg").unlink()
    await shelf.scan()
    assert sorted(await like(shelf, f"like:{a}")) == ["a.png", "b.jpg"]
    assert sorted(await like(shelf, f"like:{a} is:any")) == ["a.png", "b.jpg", "c.jpg"]
    assert sorted(await like(shelf, f"like:{ids['c.jpg']}")) == ["a.png", "b.jpg"], "of a missing one, too"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("like:99", "there is no item 99"),
        ("like:1", r"item 1 has not been looked at yet; run: mediaforge build phash id:1"),
        ("-like:1", "has not been looked at yet"),
        ("like:a", "this takes the id of an item"),
        ("like:1,2,3", "this takes the id of an item"),
        ("like:1..3", "this takes the id of an item"),
        ("like:>1", "'like' cannot be asked with '>'"),
        ("like:1,33", "33 bits of 64 are too many"),
    ],
)
async def test_what_like_cannot_answer_it_says(shelf: Shelf, query: str, said: str) -> None:
    save(shelf, "a.jpg", 1)
    await shelf.scan()
    with pytest.raises(QueryError, match=said) as caught:
        await like(shelf, query)
    assert caught.value.text[caught.value.start : caught.value.end].strip("-") in query


async def test_like_a_broken_picture_is_told_with_what_is_wrong(shelf: Shelf) -> None:
    (shelf.folder / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    await looked_at(shelf)
    with pytest.raises(QueryError, match="item 1 could not be looked at: cannot be drawn: truncated"):
        await like(shelf, "like:1")


async def test_pruned_and_brought_back_an_item_is_alike_again(shelf: Shelf) -> None:
    save(shelf, "a.png", 1)
    save(shelf, "b.jpg", 1)
    await looked_at(shelf)
    before = ask(shelf.config.catalog, "SELECT * FROM likeness ORDER BY 1, 2")
    (shelf.folder / "b.jpg").rename(shelf.folder.parent / "away.jpg")
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        await prune(catalogue, await prunable(catalogue, older_than=0))
        assert len(await catalogue.fetch("SELECT * FROM likeness")) == 1
        await undo(catalogue)
    assert ask(shelf.config.catalog, "SELECT * FROM likeness ORDER BY 1, 2") == before
    (shelf.folder.parent / "away.jpg").rename(shelf.folder / "b.jpg")
    await shelf.scan()
    assert len(await found(shelf)) == 1
    check(shelf.config.catalog)


async def test_a_smart_collection_may_ask_what_is_alike(shelf: Shelf) -> None:
    save(shelf, "a.png", 1)
    save(shelf, "b.jpg", 1)
    save(shelf, "c.jpg", 2)
    await looked_at(shelf)
    a = (await shelf.ids())["a.png"]
    done = mediaforge(shelf.config.catalog, "collection", "create", "same", "--query", f"like:{a}")
    assert done.code == 0, done.said
    assert sorted(await like(shelf, "in:same")) == ["a.png", "b.jpg"]


def test_the_command_builds_tells_and_finds(shelf: Shelf) -> None:
    save(shelf, "a.png", 1)
    save(shelf, "b.jpg", 1, exif=exif_bytes(TAKEN))
    (shelf.folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    catalogue = shelf.config.catalog
    assert mediaforge(catalogue, "scan", shelf.folder).code == 3
    done = mediaforge(catalogue, "build", "phash")
    assert done.code == 3 and done.out.startswith("phash: 2 made, 1 could not be made") and "cannot be drawn" in done.err
    (line,) = (line for line in mediaforge(catalogue, "build", "--list").out.splitlines() if line.startswith("phash"))
    assert line.split("\t")[1:5] == ["1", "2", "0", "1"]
    assert len(mediaforge(catalogue, "search", "has:phash", "-f", "paths").out.splitlines()) == 2
    (first, _second) = mediaforge(
        catalogue, "search", "name:a.png OR name:b.jpg", "--sort", "id", "-f", "jsonl"
    ).out.splitlines()
    media = json.loads(first)["id"]
    assert len(mediaforge(catalogue, "search", f"like:{media}", "-f", "paths").out.splitlines()) == 2
