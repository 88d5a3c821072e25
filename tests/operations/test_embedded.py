"""Keywords that files bear, and the tags that come of them."""

from __future__ import annotations

from shelf import Shelf, check
from shelf import make_bearing as make

from mediaforge.operations.catalogues import opened
from mediaforge.operations.tags import add_tags, remove_tags
from mediaforge.operations.undo import undo


async def sources(shelf: Shelf) -> dict[str, str]:
    [item] = (await shelf.items()).values()
    return dict(item.tag_sources)


async def test_keywords_are_tags_with_their_levels(shelf: Shelf) -> None:
    make(shelf.folder / "a.jpg", ["Beach", "Places|Italy|Rome"])
    await shelf.scan()
    assert await sources(shelf) == {"Beach": "embedded", "Places/Italy/Rome": "embedded"}
    assert set(await shelf.items("tag:places/")) == set(await shelf.items("tag:beach")) == {"a.jpg"}


async def test_a_level_alone_is_a_copy_for_programs_that_know_of_none(shelf: Shelf) -> None:
    """Lightroom writes `Italy` and `Rome` beside `Places|Italy|Rome`, digiKam `Rome`."""
    make(shelf.folder / "a.jpg", ["Places", "Italy", "rome", "Places|Italy|Rome", "Beach"])
    await shelf.scan()
    assert await sources(shelf) == {"Beach": "embedded", "Places/Italy/Rome": "embedded"}


async def test_a_reading_leaves_what_a_person_did(shelf: Shelf) -> None:
    path = shelf.folder / "a.jpg"
    make(path, ["beach", "sun"])
    await shelf.scan()
    await shelf.tag("mine,sun", "is:any")
    async with opened(shelf.config) as catalogue:
        await remove_tags(catalogue, "beach", ["is:any"])
    make(path, ["beach", "moon"], width=64)
    await shelf.scan()
    assert await sources(shelf) == {"mine": "person", "moon": "embedded", "sun": "person"}
    check(shelf.config.catalog)


async def test_undo_of_a_removal_lets_the_file_speak_again(shelf: Shelf) -> None:
    path = shelf.folder / "a.jpg"
    make(path, ["beach"])
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        await remove_tags(catalogue, "beach", ["is:any"])
        await undo(catalogue)
        await add_tags(catalogue, "beach", ["is:any"])
        await undo(catalogue)
    assert await sources(shelf) == {"beach": "embedded"}
    make(path, ["beach"], width=64)
    await shelf.scan()
    assert await sources(shelf) == {"beach": "embedded"}
