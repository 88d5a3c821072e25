"""Imports go down, as docs/architecture.md draws them, and what is costly or foreign stays where it belongs."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "src" / "mediaforge"

FLOOR = frozenset({"errors", "text"})
WORDS = FLOOR | set("query model events grouping identity ranking scanned languages players sidecars config".split())
PEERS = frozenset({"catalog", "scan", "build", "extract"})
# What each module or package at the top may import of ours, beside itself. Lowest first.
BELOW: dict[str, frozenset[str]] = {
    "__init__": frozenset(),
    "errors": frozenset(),
    "text": frozenset(),
    "query": FLOOR,
    "model": FLOOR,
    "events": FLOOR | {"model"},
    "grouping": FLOOR | {"model"},
    "identity": FLOOR | {"model"},
    "scanned": FLOOR | {"model"},
    "ranking": FLOOR | {"model"},
    "languages": frozenset(),
    "players": FLOOR,
    "sidecars": FLOOR | {"model", "languages"},
    "config": FLOOR | {"players"},
    "catalog": WORDS,
    "scan": WORDS,
    "build": WORDS,
    "extract": WORDS,
    "operations": WORDS | PEERS,
    "cli": WORDS | {"operations"},
    "web": WORDS | {"operations"},
    "__main__": frozenset({"cli"}),
}
# Libraries that only these may import: each costs start-up, or would spread over the program.
FOREIGN: dict[str, tuple[str, ...]] = {
    "sqlalchemy": (
        "catalog/tables_metadata.py",
        "catalog/tables_media.py",
        "catalog/tables_organised.py",
        "catalog/tables_scans.py",
        "catalog/migrate.py",
    ),
    "alembic": ("catalog/migrate.py",),
    "rich": ("cli/",),
    "typer": ("cli/",),
    "click": (),  # typer carries its own
}
VAGUE = {"utils", "util", "core", "common", "services", "managers", "helpers"}


def imports(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the absolute name of every import, wherever it stands; `package` is what a dot means."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            module = ".".join([*parents, *([node.module] if node.module else [])])
            # `from mediaforge import model` names a module in its last part.
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def violations(root: Path) -> list[str]:
    """Return a sentence for every import below `root` that goes up or sideways, and for every vague name."""
    found = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        shown = os.fspath(path.relative_to(root))
        found += [f"{shown}: '{part}' says nothing" for part in parts if part.strip("_") in VAGUE]
        if parts[0] not in BELOW:
            found.append(f"{shown}: '{parts[0]}' has no place in the layers")
            continue
        allowed = BELOW[parts[0]] | {parts[0]}
        for line, name in imports(ast.parse(path.read_bytes()), ".".join(["mediaforge", *parts[:-1]])):
            first, second = [*name.split("."), ""][:2]
            if first == "mediaforge" and second in BELOW and second not in allowed:
                found.append(f"{shown}:{line}: {parts[0]} imports {second}")
            if first in FOREIGN and not shown.startswith(FOREIGN[first] or ("nowhere",)):
                found.append(f"{shown}:{line}: {first} is imported")
    return found


def test_imports_go_down() -> None:
    assert violations(SOURCES) == []


def test_every_layer_was_read() -> None:
    read = {path.relative_to(SOURCES).parts[0].removesuffix(".py") for path in SOURCES.rglob("*.py")}
    assert read >= BELOW.keys() - {"web", "__main__"}


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("catalog/media.py", "from mediaforge.model import Media\nimport mediaforge.errors", None),
        ("cli/app.py", "import typer\nfrom rich.table import Table\nfrom mediaforge import __version__, operations", None),
        ("scan/walk.py", "from mediaforge.scan.plan import plan\nfrom . import plan\nfrom ..model import Media", None),
        ("catalog/migrate.py", "from alembic.config import Config", None),
        ("catalog/media.py", "\nfrom mediaforge.scan.walk import walk", "catalog/media.py:2: catalog imports scan"),
        ("scan/walk.py", "import mediaforge.catalog.media", "scan/walk.py:1: scan imports catalog"),
        ("build/run.py", "from mediaforge import extract", "build/run.py:1: build imports extract"),
        ("extract/video.py", "from ..build import run", "extract/video.py:1: extract imports build"),
        ("extract/video.py", "from .. import build", "extract/video.py:1: extract imports build"),
        ("model.py", "def f():\n    from mediaforge import config", "model.py:2: model imports config"),
        ("model.py", "from . import config", "model.py:1: model imports config"),
        ("query.py", "if TYPE_CHECKING:\n    import mediaforge.catalog", "query.py:2: query imports catalog"),
        ("cli/tag.py", "from mediaforge.catalog import tags", "cli/tag.py:1: cli imports catalog"),
        ("cli/tag.py", "import click", "cli/tag.py:1: click is imported"),
        ("operations/tag.py", "from mediaforge.cli import output", "operations/tag.py:1: operations imports cli"),
        ("operations/tag.py", "import rich.console", "operations/tag.py:1: rich is imported"),
        ("catalog/media.py", "from sqlalchemy import text", "catalog/media.py:1: sqlalchemy is imported"),
        ("catalog/utils.py", "", "catalog/utils.py: 'utils' says nothing"),
        ("core.py", "", "core.py: 'core' says nothing\ncore.py: 'core' has no place in the layers"),
        ("errors.py", "from mediaforge.text import fold", "errors.py:1: errors imports text"),
    ],
)
def test_an_arrow_up_or_sideways_is_found(tmp_path: Path, path: str, source: str, expected: str | None) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(source)
    assert "\n".join(violations(tmp_path)) == (expected or "")
