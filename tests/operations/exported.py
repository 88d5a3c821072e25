"""Exports made and read by tests: of real catalogues, and any that there could be."""

from __future__ import annotations

import asyncio
import io
import json
import string
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from mediaforge.catalog.places import tag_key
from mediaforge.catalog.settable import SETTABLE
from mediaforge.catalog.verifications import Outcome
from mediaforge.config import Config
from mediaforge.model import Facts, Failure, Kind, Stream, StreamType, TakenSource
from mediaforge.operations.catalogues import opened
from mediaforge.operations.export import write_lines
from mediaforge.operations.import_sources import Asked, import_path
from mediaforge.operations.imports import Merge, Report
from mediaforge.text import clean_text, display_path

Line = dict[str, Any]


async def exported(config: Config, *query: str, only_mine: bool = False) -> list[Line]:
    """Return the lines of an export but for the header."""
    file = io.StringIO()
    async with opened(config) as catalogue:
        await write_lines(catalogue, query, file, only_mine=only_mine)
    header, *lines = file.getvalue().removesuffix("\n").split("\n")
    assert json.loads(header)["mediaforge"] == "export"
    return [json.loads(line) for line in lines]


def write_export(path: Path, lines: Sequence[Line | str]) -> Path:
    """Write lines (or what stands in place of one) as a file that `import` takes."""
    text = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(['{"mediaforge": "export", "version": 1}', *text, ""]), "utf-8")
    return path


async def bring(
    config: Config, path: Path, *libraries: str, kind: str | None = None, dry_run: bool = False, **merge: bool
) -> Report:
    """Import a file or folder."""
    asked = Asked(str(path), kind, libraries)
    return await import_path(config, asked, Merge(**merge), ["import", str(path)], dry_run=dry_run)


def round_trip(config: Config, lines: Sequence[Line], folder: Path) -> list[Line]:
    """Import lines and return what an export of that says."""

    async def both() -> list[Line]:
        await bring(config, write_export(folder / "in.jsonl", lines))
        return await exported(config)

    return asyncio.run(both())


# Any export that there could be, as `export` writes it.

_TEXT = st.text(max_size=12).map(clean_text).filter(bool)
_NAMES = (
    st.text(string.ascii_letters + "éß東 ", min_size=1, max_size=6).map(lambda text: " ".join(text.split())).filter(tag_key)
)
_WHOLE = st.integers(-(2**63) + 1, 2**63 - 1)
_COUNT = st.integers(0, 2**63 - 1)
_REAL = st.floats(allow_nan=False, allow_infinity=False)
_HEX = st.binary(min_size=4, max_size=32).map(bytes.hex)
_INSTANT = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.isoformat(timespec="milliseconds") + "Z")
_OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_MOMENTS = st.datetimes(datetime(1000, 1, 2), datetime(9998, 1, 1))
_TIME = st.builds(lambda at, zone: at.replace(tzinfo=zone).isoformat(), _MOMENTS, st.none() | _OFFSETS)
_JSON = st.recursive(
    st.none() | st.booleans() | _WHOLE | _REAL | _TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXT, inner, max_size=2),
    max_leaves=4,
)
_PART = st.binary(min_size=1, max_size=6).filter(lambda name: not set(name) & set(b"/\0") and name not in (b".", b".."))
_PATH = st.tuples(st.lists(_PART, max_size=2), _PART).map(lambda path: b"/".join([*path[0], path[1] + b".jpg"]))


def _some(required: dict[str, Any], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Line]:
    return st.fixed_dictionaries(required, optional=optional)


def _named(name: str, path: bytes) -> dict[str, str]:
    text = display_path(path)
    return {name: text} | ({} if text.encode() == path else {f"{name}_base64": b64encode(path).decode()})


_BY_TYPE = {"str": _TEXT, "int": _WHOLE, "float": _REAL, "bool": st.booleans()}
_OF_FACTS = {one.name: _BY_TYPE[str(one.type).partition(" ")[0]] for one in fields(Facts) if str(one.type).endswith(" | None")
    and str(one.type).partition(" ")[0] in _BY_TYPE}  # fmt: skip
_CHAPTER = _some({"start": _REAL}, end=_REAL, title=_TEXT)
_FACTS = _some(
    {"taken_at": _TIME, "taken_source": st.sampled_from([one.value for one in TakenSource if one != "person"])},
    chapters=st.lists(_CHAPTER, min_size=1, max_size=2),
    keywords=st.lists(_TEXT, min_size=1, max_size=2),
    extra=st.dictionaries(_TEXT, _JSON, min_size=1, max_size=2),
    origins=st.dictionaries(_TEXT, _TEXT, min_size=1, max_size=2),
    **_OF_FACTS,
)
_OF_STREAMS = _BY_TYPE | {"bool": st.just(value=True)}  # what is false is not told
_STREAM = {
    one.name: _OF_STREAMS[str(one.type).partition(" ")[0]] for one in fields(Stream) if one.name not in ("index", "type")
}
_FAILURE = st.sampled_from([one.value for one in Failure])
_COMPANION = st.builds(lambda name, rest: _named("name", name) | rest, _PART, _some({"size": _COUNT, "mtime_ns": _WHOLE}))
_COMPANIONS = st.lists(_COMPANION, min_size=1, max_size=2)
_READ = _some(
    {"attempts": _COUNT},
    version=_COUNT,
    size=_COUNT,
    mtime_ns=_WHOLE,
    at=_INSTANT,
    failure=_FAILURE,
    error=_TEXT,
    reader=_TEXT,
    companions=_COMPANIONS,
)
_TARGET = _some(
    {"version": _COUNT, "size": _COUNT, "mtime_ns": _WHOLE, "attempts": _COUNT, "made_at": _INSTANT},
    failure=_FAILURE,
    error=_TEXT,
    value=_TEXT,
    bytes=_COUNT,
    seconds=_REAL,
)
_VERIFICATION = _some({"at": _INSTANT, "outcome": st.sampled_from([one.value for one in Outcome])}, message=_TEXT)
_DEGREES = st.tuples(st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000))
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(SETTABLE, _TEXT),
    "favourite": st.just(value=True),
    "rating": st.integers(0, 5),
    "year": st.integers(1000, 9999),
    **dict.fromkeys(("track", "disc", "season", "episode"), st.integers(0, 999)),
    "gps": _DEGREES.map(lambda pair: [part / 1e6 for part in pair]),
    "taken": _TIME,
}
_CORRECTIONS = st.fixed_dictionaries(
    {}, optional={name: _some({"value": value, "added": _INSTANT}) for name, value in _VALUES.items()}
)


@st.composite
def documents(draw: st.DrawFn) -> list[Line]:
    """Draw the lines of an export, in its order."""
    tags = _unique(draw(st.lists(_NAMES.map(lambda name: name + draw(st.sampled_from(["", "/below"]))), max_size=5)))
    aliases = [name for name in _unique(draw(st.lists(_NAMES, max_size=3))) if tag_key(name) not in map(tag_key, tags)]
    owner = {alias: draw(st.sampled_from(tags)) for alias in aliases} if tags else {}
    rules: list[Line] = [
        {
            "type": "rule",
            "id": 2 * at + 1,
            "query": draw(_NAMES),
            "tags": [draw(st.sampled_from(tags))],
            "added": draw(_INSTANT),
        }
        for at in range(draw(st.integers(0, 2)) if tags else 0)
    ]
    rules = list({(rule["query"], rule["tags"][0]): rule for rule in rules}.values())
    collections = _unique(draw(st.lists(_NAMES, max_size=3)))
    smart = {name for name in collections if draw(st.booleans())}
    roots = draw(st.lists(_PART, max_size=2, unique=True))
    items = [
        _item(draw, at, roots, tags, rules, [c for c in collections if c not in smart]) for at in range(draw(st.integers(0, 3)))
    ]
    items = items if roots else []
    paths = [(item["library"], item["path"], item.get("path_base64")) for item in items if "missing_since" not in item]
    for item in items:
        if "missing_since" not in item and paths.count((item["library"], item["path"], item.get("path_base64"))) > 1:
            item["missing_since"] = draw(_INSTANT)
    said = [
        _line("tag", name, draw(_some({"added": _INSTANT}, colour=_TEXT, description=_TEXT)))
        | ({"aliases": own} if (own := sorted((a for a in aliases if owner.get(a) == name), key=tag_key)) else {})
        for name in tags
    ]
    gathered = [
        _line("collection", name, draw(_some({"added": _INSTANT}, description=_TEXT)))
        | (draw(_some({"query": _NAMES}, sort=_NAMES)) if name in smart else {})
        for name in collections
    ]
    state = _some(
        {"mount_point": st.booleans(), "online": st.booleans(), "added": _INSTANT},
        volume=_TEXT,
        volume_label=_TEXT,
        seen=_INSTANT,
    )
    libraries = [
        {"type": "library", "slug": f"l{at}", **_named("root", b"/" + root), **draw(state)} for at, root in enumerate(roots)
    ]
    return [*libraries, *_sorted(said), *rules, *_sorted(gathered), *items, {"type": "end", "items": len(items)}]


def _item(draw: st.DrawFn, at: int, roots: list[bytes], tags: list[str], rules: list[Line], by_hand: list[str]) -> Line:
    item = draw(
        _some(
            {"kind": st.sampled_from([one.value for one in Kind]), "size": _COUNT, "mtime_ns": _WHOLE, "inode": _WHOLE}
            | {"added": _INSTANT, "read": _READ, "facts": _FACTS},
            missing_since=_INSTANT,
            fingerprint=_HEX,
            sha256=_HEX,
            companions=_COMPANIONS,
            verifications=st.lists(_VERIFICATION, min_size=1, max_size=2),
            corrections=_CORRECTIONS.filter(bool),
        )
    )
    streams = draw(st.lists(_some({"type": st.sampled_from([one.value for one in StreamType])}, **_STREAM), max_size=2))
    targets = [{"recipe": name, **draw(_TARGET)} for name in sorted(draw(st.sets(_NAMES, max_size=2)))]
    borne: list[Line] = []
    for name in sorted(draw(st.sets(st.sampled_from(tags))) if tags else (), key=tag_key):
        source = draw(st.sampled_from(["person", "embedded", *(["rule"] if rules else [])]))
        rule = {"rule": draw(st.sampled_from(rules))["id"]} if source == "rule" else {}
        borne.append({"name": name, "source": source, **rule, "added": draw(_INSTANT)})
    refused = sorted((name for name in tags if name not in {tag["name"] for tag in borne} and draw(st.booleans())), key=tag_key)
    members = [
        {"name": name, "position": draw(st.integers(0, 99))} for name in sorted(by_hand, key=tag_key) if draw(st.booleans())
    ]
    lists = {
        "streams": [{"index": number, **stream} for number, stream in enumerate(streams)],
        "targets": targets,
        "tags": borne,
        "refused": refused,
        "collections": members,
    }
    place = {"type": "item", "id": 3 * at + 1, "library": f"l{at % len(roots)}" if roots else "", **_named("path", draw(_PATH))}
    return place | item | {name: rows for name, rows in lists.items() if rows}


def _line(kind: str, name: str, rest: Line) -> Line:
    return {"type": kind, "name": name, **rest}


def _sorted(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: tag_key(line["name"]))


def _unique(names: list[str]) -> list[str]:
    return list({tag_key(name): name for name in names}.values())
