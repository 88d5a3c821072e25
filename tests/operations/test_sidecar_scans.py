"""Sidecars through whole scans: what becomes of an item when they come, change and go."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from program import mediaforge
from shelf import Shelf, check, copy_away

from media_files import make_jpeg, make_mp4
from mediaforge.events import Planned, Trouble

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"'
HOUR = 3600 * 1_000_000_000


def packet(title: str, *keywords: str) -> str:
    """Return XMP with a title and keywords."""
    words = "".join(f"<rdf:li>{word}</rdf:li>" for word in keywords)
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {RDF}><rdf:Description rdf:about=""><dc:title>{title}</dc:title>'
        f"<dc:subject><rdf:Bag>{words}</rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"
    )


async def titles(shelf: Shelf) -> dict[str, str | None]:
    return {path: item.facts.title for path, item in (await shelf.items()).items()}


async def test_a_sidecar_that_comes_changes_and_goes_makes_its_item_stale(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    sidecar = shelf.folder / "a.xmp"
    await shelf.scan()
    before = await shelf.ids()
    for content, expected in (
        (packet("One", "sun", "Places|Rome"), "One"),
        (packet("Another", "moon"), "Another"),
        (None, None),
    ):
        sidecar.write_text(content) if content else sidecar.unlink()
        report = await shelf.scan()
        assert (report.plan, report.done) == (Planned(changed=1, unchanged=1), 1)
        assert await titles(shelf) == {"a.jpg": expected, "b.jpg": None}
        tags = {"One": ("Places/Rome", "sun"), "Another": ("moon",), None: ()}[expected]
        assert (await shelf.items())["a.jpg"].tags == tags
        again = await shelf.scan()
        assert (again.plan, again.done) == (Planned(unchanged=2), 0)
    assert await shelf.ids() == before
    check(shelf.config.catalog)


async def test_what_stands_beside_an_item_is_told(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "a.xmp": packet("One").encode(), "a.jpg.json": b"{}"})
    await shelf.scan()
    assert (await shelf.items())["a.jpg"].sidecars == ("a.jpg.json", "a.xmp")
    assert set(await shelf.items("has:sidecar")) == {"a.jpg"}


async def test_a_sidecar_that_was_only_touched_is_read_again_and_changes_nothing(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "a.xmp": packet("One").encode()})
    await shelf.scan()
    before = (await shelf.items())["a.jpg"]
    os.utime(shelf.folder / "a.xmp", ns=(5, 5))
    assert (await shelf.scan()).plan == Planned(changed=1)
    assert (await shelf.items())["a.jpg"] == before


async def test_a_person_keeps_what_a_person_did(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "a.xmp": packet("One", "sun").encode()})
    await shelf.scan()
    await shelf.tag("mine,sun", "a.jpg")
    (shelf.folder / "a.xmp").unlink()
    await shelf.scan()
    assert (await shelf.items())["a.jpg"].tag_sources == {"mine": "person", "sun": "person"}


async def test_a_scan_of_one_file_sees_its_sidecars(shelf: Shelf) -> None:
    shelf.make({"trip": {"a.jpg": 1, "b.jpg": 2}, "c.jpg": 3})
    await shelf.scan()
    for name in ("a", "b"):
        (shelf.folder / "trip" / f"{name}.xmp").write_text(packet(name))
    report = await shelf.scan(shelf.folder / "trip" / "a.jpg")
    assert (report.plan, report.done) == (Planned(changed=1), 1)
    assert await titles(shelf) == {"trip/a.jpg": "a", "trip/b.jpg": None, "c.jpg": None}
    assert (await shelf.scan()).plan == Planned(changed=1, unchanged=2)


def _rename_both(root: Path) -> None:
    (root / "a.jpg").rename(root / "z.jpg")
    (root / "a.xmp").rename(root / "z.xmp")


def _copy_both(root: Path) -> None:
    copy_away(root / "a.jpg", root / "new" / "a.jpg")
    copy_away(root / "a.xmp", root / "new" / "a.xmp")


def _move_both(root: Path) -> None:
    (root / "x").mkdir()
    for name in ("a.jpg", "a.xmp"):
        (root / name).rename(root / "x" / name)


MOVES: dict[str, tuple[Callable[[Path], object], str, int]] = {
    # what is done, where the file is then, how many files are read again
    "renamed with its sidecar": (_rename_both, "z.jpg", 1),
    "renamed without it": (lambda root: (root / "a.jpg").rename(root / "z.jpg"), "z.jpg", 1),
    "copied to another disk with it": (_copy_both, "new/a.jpg", 0),
    "moved into a folder with it": (_move_both, "x/a.jpg", 0),
}


@pytest.mark.parametrize("how", MOVES)
async def test_a_file_that_moves_with_its_sidecars_keeps_its_row(shelf: Shelf, how: str) -> None:
    act, path, read = MOVES[how]
    shelf.make({"trip": {"a.jpg": 1, "a.xmp": packet("One", "sun").encode()}, "b.jpg": 2})
    await shelf.scan()
    before = (await shelf.tag_each())["trip/a.jpg"]
    act(shelf.folder / "trip")
    report = await shelf.scan()
    assert (report.plan, report.done) == (Planned(moved=1, unchanged=1), read)
    after = (await shelf.items(""))[f"trip/{path}"]
    assert after.id == before.id and "was/trip-a.jpg" in after.tags
    assert (after.facts.title, "sun" in after.tags) == ((None, False) if "without" in how else ("One", True))
    assert (await shelf.scan()).done == 0


async def test_a_shifted_time_of_both_reads_nothing_but_the_fingerprint(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "a.xmp": packet("One").encode()})
    for name in ("a.jpg", "a.xmp"):
        os.utime(shelf.folder / name, ns=(0, 1_600_000_000 * 10**9))
    await shelf.scan()
    for name in ("a.jpg", "a.xmp"):
        os.utime(shelf.folder / name, ns=(0, 1_600_000_000 * 10**9 + HOUR))
    report = await shelf.scan()
    assert (report.plan, report.done) == (Planned(touched=1), 0)
    assert (await shelf.scan()).plan == Planned(unchanged=1)


async def test_a_shifted_time_beside_a_changed_sidecar_is_a_change(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "a.xmp": packet("One").encode()})
    os.utime(shelf.folder / "a.jpg", ns=(0, 1_600_000_000 * 10**9))
    await shelf.scan()
    os.utime(shelf.folder / "a.jpg", ns=(0, 1_600_000_000 * 10**9 + HOUR))
    (shelf.folder / "a.xmp").write_text(packet("Another"))
    report = await shelf.scan()
    assert (report.plan, report.done) == (Planned(changed=1), 1)
    assert await titles(shelf) == {"a.jpg": "Another"}


async def test_a_sidecar_that_changes_between_the_passes_is_left_for_the_next_scan(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "a.xmp": packet("One").encode()})

    def hear(event: object) -> None:
        if isinstance(event, Planned):
            (shelf.folder / "a.xmp").write_text(packet("Another"))

    report = await shelf.scan(events=hear)
    assert (report.unsettled, report.done, report.exit_code) == (1, 0, 0)
    assert (await shelf.scan()).done == 1
    assert await titles(shelf) == {"a.jpg": "Another"}


async def test_a_broken_sidecar_is_told_and_its_file_is_read_all_the_same(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "a.xmp": b"<x:xmpmeta"})
    told: list[Trouble] = []
    report = await shelf.scan(events=lambda event: told.append(event) if isinstance(event, Trouble) else None)
    assert (report.done, report.failed, report.exit_code) == (1, 0, 0)
    says = "its sidecar 'a.xmp' is cut short, or no XML"
    assert [(trouble.path, trouble.message) for trouble in told] == [(os.fsencode(shelf.folder / "a.jpg"), says)]
    shown = mediaforge(shelf.config.catalog, "scans", "show", report.id, "-f", "json")
    [problem] = json.loads(shown.out)["problems"]
    assert (problem["reason"], problem["message"]) == ("sidecar", says)
    item = (await shelf.items())["a.jpg"]
    assert (item.facts.width, item.error, await shelf.items("is:failed")) == (48, None, {})
    told.clear()
    assert (await shelf.scan(events=lambda event: told.append(event) if isinstance(event, Trouble) else None)).done == 0
    assert told == []


async def test_a_broken_file_is_no_news_when_its_sidecar_changes(shelf: Shelf) -> None:
    shelf.make({"a.jpg": b"broken", "a.xmp": packet("One").encode()})
    assert ((await shelf.scan()).failed, (await shelf.scan()).failed) == (1, 0)
    (shelf.folder / "a.xmp").write_text(packet("Another"))
    report = await shelf.scan()
    assert (report.plan, report.failed, report.tried_again, report.exit_code) == (Planned(changed=1), 0, 1, 0)


async def test_pictures_of_videos_are_no_items(shelf: Shelf) -> None:
    make_mp4(shelf.folder / "Film.mp4", seconds=0.3)
    for seed, name in enumerate(("Film-thumb.jpg", "Film-poster.jpg", "Wall-poster.jpg")):
        make_jpeg(shelf.folder / name, seed=seed)
    await shelf.scan()
    assert set(await shelf.items()) == {"Film.mp4", "Wall-poster.jpg"}
    assert set(await shelf.items("has:artwork")) == {"Film.mp4"}
    (shelf.folder / "Film.mp4").unlink()
    await shelf.scan()
    assert await shelf.states() == {
        "Film.mp4": "missing", "Film-thumb.jpg": "present", "Film-poster.jpg": "present", "Wall-poster.jpg": "present",
    }  # fmt: skip


async def test_subtitles_beside_a_video_are_searched_like_its_own(shelf: Shelf) -> None:
    make_mp4(shelf.folder / "Film.mp4", seconds=0.3)
    await shelf.scan()
    assert await shelf.items("has:subtitle") == {}
    (shelf.folder / "Film.en.forced.srt").write_text("1")
    await shelf.scan()
    assert set(await shelf.items("subtitle:english has:subtitle codec:srt")) == {"Film.mp4"}


async def test_the_nfo_of_a_series_is_of_its_seasons(shelf: Shelf) -> None:
    season = shelf.folder / "Show" / "Season 01"
    season.mkdir(parents=True)
    make_mp4(season / "s01e01.mp4", seconds=0.3)
    await shelf.scan()
    (shelf.folder / "Show" / "tvshow.nfo").write_text("<tvshow><title>The Show, Really</title></tvshow>")
    report = await shelf.scan()
    assert report.plan == Planned(changed=1)
    assert (await shelf.items("show:really"))["Show/Season 01/s01e01.mp4"].facts.episode == 1
    assert (await shelf.scan(season / "s01e01.mp4")).plan == Planned(unchanged=1)


async def test_an_ignored_sidecar_is_not_read(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "a.xmp": packet("One").encode(), ".mediaforgeignore": b"*.xmp\n"})
    await shelf.scan()
    assert await titles(shelf) == {"a.jpg": None}
    (shelf.folder / ".mediaforgeignore").unlink()
    assert (await shelf.scan()).plan == Planned(changed=1)
    assert await titles(shelf) == {"a.jpg": "One"}


async def test_a_dry_run_says_that_it_would_read_what_a_sidecar_changed(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    (shelf.folder / "a.xmp").write_text(packet("One"))
    report = await shelf.scan(dry_run=True)
    assert (report.plan, report.to_read) == (Planned(changed=1, unchanged=1), 1)


async def test_a_library_that_is_taken_over_reads_no_sidecar_again(shelf: Shelf) -> None:
    shelf.make({"trip": {"a.jpg": 1, "a.xmp": packet("One").encode()}})
    await shelf.scan(shelf.folder / "trip")
    assert (await shelf.scan()).plan == Planned(unchanged=1)
