"""Import: into an empty catalogue, into a filled one, and what is refused."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from exported import Line, bring, exported, write_export
from shelf import Pictures, Shelf, check, copy_away

from mediaforge.config import Config
from mediaforge.errors import LaterEdits, UsageError
from mediaforge.operations import collections, correct, taxonomy
from mediaforge.operations.catalogues import opened
from mediaforge.operations.tags import remove_tags
from mediaforge.operations.undo import redo, undo

EDITS = ("correction", "media_tag", "media_tag_refused", "tag", "tag_alias", "tag_rule", "collection", "collection_media")


def another(shelf: Shelf, name: str = "other") -> Shelf:
    """Return another shelf beside one, with a catalogue of its own."""
    folder = shelf.folder.parent / name / shelf.folder.name
    folder.mkdir(parents=True)
    return Shelf(folder, Config(catalog=str(folder.parent / "catalog.db"), jobs=1))


async def two(shelf: Shelf, tree: Pictures, *, hashes: bool = False) -> tuple[Shelf, Shelf]:
    """Make the same files twice, each with a catalogue of its own."""
    other = another(shelf)
    for one in (shelf, other):
        one.make(tree)
        await one.scan(hashes=hashes)
    return shelf, other


async def handed_over(source: Shelf, target: Shelf, *libraries: str, **options: Any) -> Any:
    """Export one catalogue, and import that into the other."""
    path = write_export(target.folder.parent / "x.jsonl", await exported(source.config))
    return await bring(target.config, path, *libraries, **options)


def mapped(source: Shelf, target: Shelf) -> str:
    return f"{source.folder}={target.folder}"


def state(shelf: Shelf) -> list[list[Any]]:
    """Return all that a person did."""
    rows: list[list[Any]] = []
    for table in EDITS:
        columns = [row[1] for row in shelf.rows(f"PRAGMA table_info({table})") if row[1] != "added_at"]
        rows.append(sorted(shelf.rows(f"SELECT {', '.join(columns)} FROM {table}"), key=repr))
    return rows


HEADER = '{"mediaforge": "export", "version": 1}'
LIBRARY = '{"type": "library", "slug": "a", "root": "/a"}'
ITEM = {"type": "item", "library": "a", "path": "x.jpg", "kind": "image", "size": 1, "mtime_ns": 1, "inode": 1}
END = '{"type": "end"}'


def item(**changes: object) -> str:
    return json.dumps({name: value for name, value in {**ITEM, **changes}.items() if value is not None})


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["", END], "line 1 of '{}': invalid JSON"),
        (['{"version": 1}', END], "line 1 of '{}': mediaforge: field required"),
        (['{"mediaforge": "export", "version": 2}', END], "line 1 of '{}': it was written by a newer MediaForge"),
        ([HEADER], "line 1 of '{}': the last line is not"),
        ([HEADER, LIBRARY], "line 2 of '{}': the last line is not"),
        ([HEADER, "{", END], "line 2 of '{}': invalid JSON"),
        ([HEADER, LIBRARY, item(), item()[:50], END], "line 4 of '{}': invalid JSON"),
        ([HEADER, "[1]", END], "line 2 of '{}': input should be an object"),
        ([HEADER, '{"type": "thing"}', END], "line 2 of '{}': input tag 'thing'"),
        ([HEADER, "[" * 5000, END], "line 2 of '{}': invalid JSON"),
        ([HEADER, item(), END], "line 2 of '{}': no line before it tells of the library 'a'"),
        ([HEADER, LIBRARY, item(size=None), END], "line 3 of '{}': size: field required"),
        ([HEADER, LIBRARY, item(size=-1), END], "line 3 of '{}': size: input should be greater"),
        ([HEADER, LIBRARY, item(size=2**63), END], "line 3 of '{}': size: input should be less"),
        ([HEADER, LIBRARY, item(size="1"), END], "line 3 of '{}': size: input should be a valid integer"),
        ([HEADER, LIBRARY, item(kind="text"), END], "line 3 of '{}': kind: input should be 'video', 'audio' or 'image'"),
        ([HEADER, LIBRARY, item(stars=5), END], "line 3 of '{}': stars: extra inputs are not permitted"),
        ([HEADER, LIBRARY, item(path="/etc/passwd"), END], "line 3 of '{}': path: it is to be relative"),
        ([HEADER, LIBRARY, item(path="a/../../x.jpg"), END], "line 3 of '{}': path: it is to be relative"),
        ([HEADER, LIBRARY, item(path=""), END], "line 3 of '{}': path: it is to be relative"),
        ([HEADER, LIBRARY, item(path="x\0.jpg"), END], "line 3 of '{}': path: it is to be relative"),
        ([HEADER, LIBRARY, item(path_base64="!"), END], "line 3 of '{}': path_base64: it is not in base64"),
        ([HEADER, LIBRARY.replace("/a", "a"), END], "line 2 of '{}': root: it is to be absolute"),
        ([HEADER, LIBRARY.replace("/a", "/a/../b"), END], "line 2 of '{}': root: it is to be absolute"),
        ([HEADER, LIBRARY, item(tags=[{"name": " / "}]), END], "line 3 of '{}': tags.0.name: it is no name of a tag"),
        ([HEADER, LIBRARY, item(tags=[{"name": "x", "source": "me"}]), END], "line 3 of '{}': tags.0.source: input should be"),
        ([HEADER, LIBRARY, item(added="today"), END], "line 3 of '{}': added: invalid isoformat string"),
        ([HEADER, LIBRARY, item(added="2021-01-01T00:00:00"), END], "line 3 of '{}': added: its offset from UTC is"),
        ([HEADER, LIBRARY, item(facts={"taken_at": "2021"}), END], "line 3 of '{}': facts.taken_at: invalid isoformat"),
        (
            [HEADER, LIBRARY, item(corrections={"size": {"value": 1}}), END],
            "line 3 of '{}': corrections: there is no field 'size'",
        ),
        (
            [HEADER, LIBRARY, item(corrections={"rating": {"value": 6}}), END],
            "line 3 of '{}': corrections.rating: it takes a whole",
        ),
        ([HEADER, LIBRARY, item(corrections={"gps": {"value": [1]}}), END], "line 3 of '{}': corrections.gps.value"),
        (
            [HEADER, LIBRARY, item(corrections={"title": {"value": " "}}), END],
            "line 3 of '{}': corrections.title: it says nothing",
        ),
        ([HEADER, LIBRARY, item(), item(), END], "lines 3 and 4 are one and the same file"),
        ([HEADER, LIBRARY, END, item()], "line 4 of '{}': something stands behind the last line"),
        ([HEADER, LIBRARY, item(), '{"type": "end", "items": 2}'], "line 4 of '{}': there should be 2 items, and there are 1"),
        ([HEADER, LIBRARY, LIBRARY, END], "line 3 of '{}': the library 'a' is told twice"),
        ([HEADER, '{"type": "tag", "name": "\\ud800"}', END], "line 2 of '{}': invalid JSON"),
    ],
)
@pytest.mark.parametrize("there", [False, True])
async def test_a_broken_line_is_named_and_nothing_is_imported(shelf: Shelf, lines: list[str], said: str, there: bool) -> None:
    if there:
        shelf.make({"a.jpg": 1})
        await shelf.scan()
    path = shelf.folder.parent / "x.jsonl"
    path.write_text("\n".join([*lines, ""]))
    before = shelf.bytes()
    with pytest.raises(UsageError, match="^" + re.escape(said.format(path))) as caught:
        await bring(shelf.config, path, kind="mediaforge")
    assert str(caught.value).endswith("nothing was imported")
    assert shelf.bytes() == before


async def test_bytes_that_are_no_text(shelf: Shelf) -> None:
    path = shelf.folder.parent / "x.jsonl"
    path.write_bytes(f"{HEADER}\n{LIBRARY}\n".encode() + b'{"type": "tag", "name": "\xff"}\n')
    with pytest.raises(UsageError, match=r"^line 3 of .*: invalid JSON"):
        await bring(shelf.config, path)


async def test_what_cannot_be_read_is_told(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("nothing of that kind")
    for path, kind, said in [
        (tmp_path / "none", None, "cannot be read: no such file"),
        (tmp_path / "note.txt", None, "is nothing that is known here; say what it is with --from"),
        (tmp_path / "note.txt", "betamax", "is nothing that is known here; say what it is with --from"),
        (tmp_path, "mediaforge", "cannot be read: is a directory"),
    ]:
        with pytest.raises(UsageError, match=said):
            await bring(shelf.config, path, kind=kind)
    for text in ("x", "a=b", "/a="):
        with pytest.raises(UsageError, match="write OLDROOT=NEWROOT"):
            await bring(shelf.config, tmp_path / "note.txt", text)
    assert not os.path.exists(shelf.config.catalog)


async def test_what_both_did_is_united(shelf: Shelf) -> None:
    """Matched by path: tags, corrections and collections of both are there, and here counts where they differ."""
    here, there = await two(shelf, {"a.jpg": 1, "b.jpg": 2, "c.jpg": 3, "only.jpg": 9})
    for one, tags, title in ((here, "here,both", "Here"), (there, "there,both", "There")):
        await one.tag(tags, "a.jpg")
        ids = await one.ids()
        async with opened(one.config) as catalogue:
            await correct.set_fields(catalogue, [f"title={title}", str(ids["a.jpg"])])
            await collections.create(catalogue, "Trip")
            await collections.create(catalogue, "Best", query="rating:5" if one is here else "rating:4")
    ids, theirs = await here.ids(), await there.ids()
    async with opened(here.config) as catalogue:
        await collections.add(catalogue, "Trip", [str(ids["b.jpg"])])
    async with opened(there.config) as catalogue:
        for name in ("c.jpg", "b.jpg", "a.jpg"):
            await collections.add(catalogue, "Trip", [str(theirs[name])])
        await correct.note(catalogue, "theirs", [str(theirs["b.jpg"])])
        await taxonomy.colour(catalogue, "both", "red")
        await taxonomy.alias(catalogue, "beide", "both")
        await taxonomy.alias(catalogue, "here", "there")
    report = await handed_over(there, here, mapped(there, here))
    assert (report.made, dict(report.found), report.changed) == (0, {"path": 4}, 2)
    assert report.kept == 3  # the title, the alias `here`, the query of Best
    assert dict(report.new) == {"tags": 1}
    items = await here.items()
    assert items["a.jpg"].tags == ("both", "here", "there")
    assert (items["a.jpg"].facts.title, items["b.jpg"].note) == ("Here", "theirs")
    async with opened(here.config) as catalogue:
        shown = await collections.show(catalogue, "Trip")
        assert [os.path.basename(item.path).decode() async for item in shown.hits.items] == ["b.jpg", "c.jpg", "a.jpg"]
    assert list(await here.ids("tag:beide")) == ["a.jpg"]
    assert here.rows("SELECT query FROM collection WHERE name = 'Best'") == [("rating:5",)]
    check(here.config.catalog)
    again = await handed_over(there, here, mapped(there, here))
    assert (again.changed, dict(again.new), again.edit) == (0, {}, None)
    preferred = await handed_over(there, here, mapped(there, here), prefer_import=True)
    assert (preferred.changed, preferred.kept) == (1, 1)  # an alias is never taken away
    assert (await here.items())["a.jpg"].facts.title == "There"
    assert here.rows("SELECT query FROM collection WHERE name = 'Best'") == [("rating:4",)]


async def test_a_refusal_and_a_tag_of_a_person_meet(shelf: Shelf) -> None:
    here, there = await two(shelf, {"a.jpg": 1, "b.jpg": 2, "c.jpg": 3})
    for one, refused, tagged in ((here, "a.jpg", "b.jpg"), (there, "b.jpg", "a.jpg")):
        for name, source in ((refused, "embedded"), ("c.jpg", "embedded")):
            await one.tag("sea", name)
            _set_source(one, name, source)
        await one.tag("sea", tagged)
        async with opened(one.config) as catalogue:
            await remove_tags(catalogue, "sea", [str((await one.ids())[refused])])
    async with opened(there.config) as catalogue:
        await remove_tags(catalogue, "sea", [str((await there.ids())["c.jpg"])])
    report = await handed_over(there, here, mapped(there, here))
    assert (report.changed, report.kept) == (1, 2)
    assert list(await here.ids("tag:sea")) == ["b.jpg"]
    await handed_over(there, here, mapped(there, here), prefer_import=True)
    assert list(await here.ids("tag:sea")) == ["a.jpg"]


def _set_source(shelf: Shelf, name: str, source: str) -> None:
    import sqlite3

    with sqlite3.connect(shelf.config.catalog) as connection:
        connection.execute(
            "UPDATE media_tag SET source = ? WHERE media_id = (SELECT id FROM media WHERE path_text = ?)", (source, name)
        )
    connection.close()


@pytest.mark.parametrize("hashes", [False, True])
async def test_files_are_known_by_their_content(shelf: Shelf, hashes: bool) -> None:
    """Under other names in another place: by hash or fingerprint, and never where it could be several."""
    here, there = await two(shelf, {"a.jpg": 1, "b.jpg": 2, "twin.jpg": 3}, hashes=hashes)
    copy_away(here.folder / "a.jpg", here.folder / "new" / "renamed.jpg")
    (here.folder / "one.jpg").write_bytes((here.folder / "twin.jpg").read_bytes())
    (here.folder / "twin.jpg").rename(here.folder / "two.jpg")
    here.make({"b.jpg": 22})
    (here.folder.parent / "data" / "catalog.db").unlink()
    await here.scan(hashes=hashes)
    await there.tag("mine", "is:any")
    report = await handed_over(there, here)
    assert dict(report.found) == {"sha256" if hashes else "fingerprint": 1}
    assert list(await here.ids("tag:mine")) == ["new/renamed.jpg"]
    left = [(os.path.basename(one.path), one.why) for one in report.left]
    assert left == [(b"b.jpg", "not found"), (b"twin.jpg", "could be several")]


async def test_copies_are_told_apart_by_where_they_are(shelf: Shelf) -> None:
    """Two catalogues of one library at different roots: nothing has to be said where its name and the paths in it are alike."""
    here, there = await two(shelf, {"x": {"a.jpg": 1}, "y": {"a.jpg": 1}})
    await there.tag("mine", "path:y/")
    report = await handed_over(there, here)
    assert dict(report.found) == {"path": 2}
    assert list(await here.ids("tag:mine")) == ["y/a.jpg"]


async def test_unmatched_items_are_made_as_missing_ones(shelf: Shelf) -> None:
    """… and a scan that finds their files gives them back all that a person did."""
    here, there = await two(shelf, {"a.jpg": 1})
    there.make({"sub": {"new.jpg": 2}})
    await there.scan()
    await there.tag("mine", "is:any")
    untouched = await handed_over(there, here, mapped(there, here))
    assert (untouched.made, [one.path for one in untouched.left]) == (0, [os.fsencode(here.folder / "sub" / "new.jpg")])
    report = await handed_over(there, here, mapped(there, here), create=True)
    assert (report.made, report.left) == (1, [])
    assert await here.states() == {"a.jpg": "present", "sub/new.jpg": "missing"}
    here.make({"sub": {"new.jpg": 2}})
    await here.scan()
    assert await here.states() == {"a.jpg": "present", "sub/new.jpg": "present"}
    assert sorted(await here.ids("tag:mine")) == ["a.jpg", "sub/new.jpg"]
    check(here.config.catalog)


async def test_a_library_that_is_not_here_is_made_for_its_items(shelf: Shelf) -> None:
    here, there = shelf, another(shelf)
    here.make({"a.jpg": 1})
    there.make({"b.jpg": 2})
    await here.scan()
    await there.scan()
    report = await handed_over(there, here, create=True)
    assert (report.made, dict(report.new)) == (1, {"libraries": 1})
    assert here.rows("SELECT slug, root FROM library ORDER BY id") == [
        ("shelf", os.fsencode(here.folder)),
        ("shelf-2", os.fsencode(there.folder)),
    ]
    (here.folder / "sub").mkdir()
    lower = Shelf(here.folder / "sub", Config(catalog=str(shelf.folder.parent / "lower.db"), jobs=1))
    lower.make({"c.jpg": 4})
    await lower.scan()
    report = await handed_over(lower, here, create=True)
    assert (report.made, dict(report.new)) == (1, {})
    assert "sub/c.jpg" in await here.ids("is:missing")
    upper = another(shelf, "upper")
    upper.folder = shelf.folder.parent
    upper.make({"else.jpg": 3})
    await upper.scan()
    with pytest.raises(UsageError, match=r"would hold the library 'shelf.*', so nothing was imported"):
        await handed_over(upper, here, create=True)


async def test_a_moved_library_comes_into_an_empty_catalogue(shelf: Shelf) -> None:
    source, target = shelf, another(shelf)
    for one in (source, target):
        one.make({"a.jpg": 1, "sub": {"b.jpg": 2}})
        for name in ("a.jpg", "sub/b.jpg"):
            os.utime(one.folder / name, (1_700_000_000, 1_700_000_000))
    await source.scan()
    await source.tag("mine", "a.jpg")
    report = await handed_over(source, target, mapped(source, target))
    assert (report.made, report.left) == (2, [])
    scanned = await target.scan()
    assert (scanned.plan.unchanged, scanned.plan.new, scanned.plan.missing) == (2, 0, 0)
    assert list(await target.ids("tag:mine")) == ["a.jpg"]


async def test_a_dry_run_tells_the_same_and_changes_nothing(shelf: Shelf) -> None:
    here, there = await two(shelf, {"a.jpg": 1, "b.jpg": 2})
    there.make({"new.jpg": 3})
    await there.scan()
    await there.tag("mine", "is:any")
    before = here.checksum(), state(here), here.rows("SELECT * FROM change")
    tried = await handed_over(there, here, mapped(there, here), create=True, dry_run=True)
    assert (here.checksum(), state(here), here.rows("SELECT * FROM change")) == before
    report = await handed_over(there, here, mapped(there, here), create=True)
    assert (tried.made, tried.found, tried.changed, tried.new) == (report.made, report.found, report.changed, report.new)
    assert (report.made, report.changed) == (1, 2)
    nowhere = another(shelf, "nowhere")
    assert (await handed_over(there, nowhere, dry_run=True)).made == 3
    assert not os.path.exists(nowhere.config.catalog)
    assert [path.name for path in nowhere.folder.parent.iterdir() if "catalog" in path.name] == []


async def test_an_import_is_one_edit_that_can_be_undone(shelf: Shelf) -> None:
    here, there = await two(shelf, {"a.jpg": 1, "b.jpg": 2})
    there.make({"new.jpg": 3})
    await there.scan()
    await here.tag("here", "is:any")
    await there.tag("mine,travel/italy", "is:any")
    async with opened(there.config) as catalogue:
        await correct.set_fields(catalogue, ["title=Mine", "taken=2001", "is:any"])
        await collections.create(catalogue, "Trip")
        await collections.add(catalogue, "Trip", ["is:any"])
    before = here.checksum(), state(here)
    report = await handed_over(there, here, mapped(there, here), create=True)
    after = here.checksum(), state(here)
    async with opened(here.config) as catalogue:
        await undo(catalogue)
        assert (here.checksum(), state(here)) == before
        check(here.config.catalog)
        await redo(catalogue)
        assert (here.checksum(), state(here)) == after
        check(here.config.catalog)
        await undo(catalogue, report.edit)
    here.make({"new.jpg": 3})
    await here.scan()
    async with opened(here.config) as catalogue:
        await redo(catalogue)
    assert here.rows("SELECT missing_at IS NULL FROM media WHERE path_text = 'new.jpg' ORDER BY id") == [(0,), (1,)]
    check(here.config.catalog)


async def test_undoing_spares_what_others_did_to_items_that_were_made(shelf: Shelf) -> None:
    source, target = shelf, another(shelf)
    source.make({"a.jpg": 1})
    await source.scan()
    report = await handed_over(source, target)
    await target.tag("later", "is:any")
    async with opened(target.config) as catalogue:
        with pytest.raises(LaterEdits, match="edit 2"):
            await undo(catalogue, report.edit)
        await undo(catalogue, last=2)
    assert target.rows("SELECT count(*) FROM media UNION ALL SELECT count(*) FROM library") == [(0,), (0,)]


async def test_rules_come_along_and_are_not_doubled(shelf: Shelf) -> None:
    lines: list[Line | str] = [
        {"type": "rule", "id": 7, "query": "kind:image", "tags": ["picture", "seen"]},
        {"type": "rule", "id": 9, "query": "kind:audio", "tags": ["sound"]},
        {"type": "end"},
    ]
    path = write_export(shelf.folder.parent / "x.jsonl", lines)
    assert dict((await bring(shelf.config, path)).new) == {"tags": 3, "rules": 2}
    assert shelf.rows("SELECT id, query FROM tag_rule") == [(7, "kind:image"), (9, "kind:audio")]
    assert dict((await bring(shelf.config, path)).new) == {}
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    assert list(await shelf.ids("tag:picture")) == ["a.jpg"]
