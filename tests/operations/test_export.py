"""Export: everything that is in a catalogue, of one moment, and back again without loss."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from exported import Line, bring, documents, exported, round_trip, write_export
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import BaseModel
from shelf import Shelf, check

from media_files import make_flac, make_jpeg, make_mp4
from mediaforge.catalog.database import create_catalogue
from mediaforge.config import Config
from mediaforge.errors import UsageError
from mediaforge.operations import collections, correct, export, rules, taxonomy
from mediaforge.operations.catalogues import opened
from mediaforge.operations.export_lines import (
    BornTagLine,
    CollectionLine,
    CompanionLine,
    CorrectionLine,
    EndLine,
    FactsLine,
    HeaderLine,
    ItemLine,
    LibraryLine,
    MembershipLine,
    ReadLine,
    RuleLine,
    TagLine,
    TargetLine,
    VerificationLine,
)
from mediaforge.operations.tags import remove_tags
from mediaforge.operations.verify import VerifyOptions, verify

# What of the catalogue an export tells. What it does not: a number that stands for something here alone, what follows from
# something else, and what is of this machine's past: scans, how files were recognised, and the edits that can be undone.
TOLD = {
    "library": "slug root volume volume_label mount_point online added_at seen_at",
    "tag": "name description colour added_at",
    "tag_alias": "name tag_id",
    "tag_rule": "id query added_at",
    "tag_rule_tag": "rule_id tag_id",
    "collection": "name description query sort added_at",
    "collection_media": "collection_id media_id position",
    "media_tag": "media_id tag_id source rule_id added_at",
    "media_tag_refused": "media_id tag_id",
    "correction": "media_id field value added_at",
}
NOT_TOLD = {
    "library": "id root_display",
    "tag": "id key",
    "tag_alias": "key",
    "collection": "id key",
    "correction": "read",
}
LEFT_OUT = {"scan", "scan_root", "scan_problem", "history", "change", "change_page", "tag_rule_due", "group_due", "likeness"}
WHOLE = ("media", "stream", "target", "verification")


@pytest.fixture
async def lived_in(shelf: Shelf) -> Shelf:
    """A shelf with something of everything that a person does."""
    shelf.make({"a.jpg": 1, "b.jpg": 2, "gone.jpg": 3, "sub": {"c.jpg": 4}})
    make_jpeg(shelf.folder / "k.jpg", seed=5, iptc={25: ["Sea", "Places|Italy"]}, exif={"Rating": 3})
    make_flac(shelf.folder / "so.flac", seed=6, tags={"title": "So What", "artist": "Miles Davis"})
    make_mp4(shelf.folder / "film.mkv", seed=7, chapters=[(0, 0.5, "One")], language="jpn")
    (shelf.folder / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + b"x" * 50)
    make_jpeg(Path(os.fsdecode(os.fsencode(shelf.folder) + b"/latin \xe9.jpg")), seed=8)
    await shelf.scan(hashes=True)
    await verify(shelf.config, VerifyOptions(), stop=asyncio.Event())
    (shelf.folder / "gone.jpg").unlink()
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        ids = await shelf.ids()
        await remove_tags(catalogue, "Sea", [str(ids["k.jpg"])])
        await correct.set_fields(catalogue, ["title=Mine", "gps=48.858222,2.2945", "taken=2021-07", str(ids["a.jpg"])])
        await correct.rate(catalogue, "5", [str(ids["k.jpg"])])
        await correct.favourite(catalogue, [str(ids["film.mkv"])])
        await correct.favourite(catalogue, [str(ids["gone.jpg"])])
        await correct.note(catalogue, "ask\nAnna", [str(ids["so.flac"])])
        await rules.add_rule(catalogue, "kind:audio", ["music/jazz"], existing=True)
        await collections.create(catalogue, "Best of/Sea", query="rating:>=4")
        await collections.create(catalogue, "Trip")
        await collections.add(catalogue, "Trip", [str(ids["sub/c.jpg"])])
        await collections.add(catalogue, "Trip", [str(ids["a.jpg"])])
    await shelf.tag("Holiday,travel/Italy", "kind:image")
    async with opened(shelf.config) as catalogue:
        await taxonomy.alias(catalogue, "Ferien", "holiday")
        await taxonomy.colour(catalogue, "holiday", "red")
    return shelf


def told(shelf: Shelf) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of every table that an export tells, with names in place of numbers."""
    names = {"tag_id": "(SELECT name FROM tag WHERE id = tag_id)"}
    names["collection_id"] = "(SELECT name FROM collection WHERE id = collection_id)"
    found = {}
    for table, columns in TOLD.items():
        sql = ", ".join(names.get(name, name) for name in columns.split())
        found[table] = sorted(shelf.rows(f"SELECT {sql} FROM {table}"), key=repr)
    for table in WHOLE:
        found[table] = shelf.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
    read = shelf.rows("SELECT media_id, field, read FROM correction ORDER BY 1, 2")
    found["read"] = [(media, field, json.loads(value or "null")) for media, field, value in read]
    return found


def test_an_export_tells_every_column(lived_in: Shelf) -> None:
    tables = {name for (name,) in lived_in.rows("SELECT name FROM sqlite_master WHERE type = 'table'") if "_fts" not in name}
    assert tables - {"alembic_version", "sqlite_sequence", "sqlite_stat1", "sqlite_stat4"} == TOLD.keys() | LEFT_OUT | {*WHOLE}
    for table, columns in TOLD.items():
        there = {row[1] for row in lived_in.rows(f"PRAGMA table_info({table})")}
        assert there == {*columns.split(), *NOT_TOLD.get(table, "").split()}, table
    for table in TOLD.keys() | {*WHOLE}:
        assert lived_in.rows(f"SELECT 1 FROM {table}"), f"nothing in {table} was tested"


async def test_what_looks_alike_is_not_told_and_made_anew(lived_in: Shelf) -> None:
    with closing(sqlite3.connect(lived_in.config.catalog)) as connection, connection:
        connection.execute("INSERT INTO target (media_id, recipe, version, size, mtime_ns) VALUES (1, 'phash', 1, 1, 1)")
    told = [target["recipe"] for line in await exported(lived_in.config) for target in line.get("targets", ())]
    assert told and "phash" not in told


async def test_a_catalogue_that_was_lived_in_comes_back_whole(lived_in: Shelf, tmp_path: Path) -> None:
    lines = await exported(lived_in.config)
    copy = Shelf(lived_in.folder, Config(catalog=str(tmp_path / "copy.db"), jobs=1))
    report = await bring(copy.config, write_export(tmp_path / "x.jsonl", lines))
    assert (report.made, report.left, report.kept) == (9, [], 0)
    assert await exported(copy.config) == lines
    assert told(copy) == told(lived_in)
    check(copy.config.catalog)
    before = copy.checksum()
    scanned = await copy.scan()
    assert (scanned.plan.new, scanned.plan.changed, scanned.done, copy.checksum()) == (0, 0, 0, before)
    assert (await copy.ids("mine", "tag:ferien")).keys() == {"a.jpg"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty catalogue: making one takes longer than an import."""
    path = tmp_path_factory.mktemp("empty") / "catalog.db"
    create_catalogue(os.fsencode(path))
    return path


@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(documents())
def test_any_export_comes_back_as_it_was(empty: Path, lines: list[Line]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Shelf(Path(folder), Config(catalog=str(shutil.copy(empty, folder))))
        assert round_trip(copy.config, lines, Path(folder)) == lines
        check(copy.config.catalog)


async def test_only_what_a_person_did(lived_in: Shelf) -> None:
    lines = await exported(lived_in.config, only_mine=True)
    items = {line["path"]: line for line in lines if line["type"] == "item"}
    assert not [key for line in items.values() for key in ("read", "facts", "streams", "targets") if key in line]
    assert items["a.jpg"]["corrections"]["gps"]["value"] == [48.858222, 2.2945]
    assert items["a.jpg"]["corrections"]["taken"]["value"] == "2021-07-01T00:00:00"
    assert [tag["name"] for tag in items["k.jpg"]["tags"]] == ["Holiday", "travel/Italy"]
    assert items["k.jpg"]["refused"] == ["Sea"]
    assert "film.mkv" in items  # a favourite
    names = [line["name"] for line in lines if line["type"] == "tag"]
    assert names == ["Holiday", "music/jazz", "Sea", "travel/Italy"]  # not what files alone say


async def test_what_a_query_finds(lived_in: Shelf) -> None:
    lines = await exported(lived_in.config, "a.jpg")
    assert [(line["type"], line.get("name") or line.get("path")) for line in lines] == [
        ("library", None),
        ("tag", "Holiday"),
        ("tag", "travel/Italy"),
        ("collection", "Trip"),
        ("item", "a.jpg"),
        ("end", None),
    ]
    assert [line["type"] for line in await exported(lived_in.config, "nothing")] == ["end"]


async def test_a_name_that_is_not_utf8(lived_in: Shelf) -> None:
    [item] = [line for line in await exported(lived_in.config) if line.get("path", "").startswith("latin")]
    assert (item["path"], item["path_base64"]) == ("latin \N{REPLACEMENT CHARACTER}.jpg", "bGF0aW4g6S5qcGc=")


async def test_an_export_is_of_one_moment(lived_in: Shelf) -> None:
    """What somebody else changes while it is written is not in it."""

    class Meddled(io.StringIO):
        def write(self, text: str) -> int:
            if '"type": "library"' in text or '"type": "tag"' in text:
                with closing(sqlite3.connect(lived_in.config.catalog)) as other, other:
                    other.execute("DELETE FROM correction")
                    other.execute("UPDATE tag SET name = 'other', key = 'other' || id")
            return super().write(text)

    before = await exported(lived_in.config)
    file = Meddled()
    async with opened(lived_in.config) as catalogue:
        await export.write_lines(catalogue, [], file)
    assert [json.loads(line) for line in file.getvalue().removesuffix("\n").split("\n")[1:]] == before
    assert await exported(lived_in.config) != before


@pytest.mark.parametrize("before", [None, b"old"])
def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, before: bytes | None) -> None:
    path = tmp_path / "x.jsonl"
    if before:
        path.write_bytes(before)
        path.chmod(0o600)
    with pytest.raises(ZeroDivisionError), export.target(str(path), force=True) as file:
        file.write("half")
        raise ZeroDivisionError
    assert [p.read_bytes() for p in tmp_path.iterdir()] == ([before] if before else [])
    with export.target(str(path), force=True) as file:
        file.write("whole")
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"whole"]
    if before:
        assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="is there already"), export.target(str(path), force=False):
        raise AssertionError


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    with export.target(os.devnull, force=False) as file:
        file.write("x")
    assert not os.path.isfile(os.devnull)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "there")
    (tmp_path / "there").write_text("old")
    with export.target(str(link), force=True) as file:
        file.write("new")
    assert (link.is_symlink(), (tmp_path / "there").read_text()) == (True, "new")
    for target, why in [(tmp_path, "is a folder"), (tmp_path / "none" / "x", "no such file or directory")]:
        with pytest.raises(UsageError, match=why), export.target(str(target), force=True):
            raise AssertionError


LINES: dict[str, type[BaseModel]] = {
    "header": HeaderLine, "library": LibraryLine, "tag": TagLine, "rule": RuleLine, "collection": CollectionLine,
    "item": ItemLine, "end": EndLine,
}  # fmt: skip
PARTS: dict[str, type[BaseModel]] = {
    "read": ReadLine, "facts": FactsLine, "targets": TargetLine, "verifications": VerificationLine, "tags": BornTagLine,
    "corrections": CorrectionLine, "collections": MembershipLine, "companions": CompanionLine,
}  # fmt: skip


def test_every_key_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "export.md").read_text()
    for name, model in LINES.items():
        section = text.partition(f"\n## {'The header' if name == 'header' else f'`{name}`'}\n")[2].partition("\n##")[0]
        rows = [row.partition(" | ")[0] for row in section.splitlines() if row.startswith("| `")]
        keys = {key for row in rows for key in re.findall(r"`(\w+)`", row)}
        keys -= {"made", "by", "query", "only_mine"} if name == "header" else set()  # for people
        assert keys == model.model_fields.keys() - {"type"}, name
    objects = text.partition("\n### Objects in an item\n")[2].partition("\n##")[0]
    for name, model in PARTS.items():
        [row] = [row for row in objects.splitlines() if row.startswith(f"| `{name}` | ")]
        assert model.model_fields.keys() - set(re.findall(r"`(\w+)`", row)) == set(), name
