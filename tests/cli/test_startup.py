"""What a command imports: a person who searches waits for nothing that only a scan needs."""

from __future__ import annotations

import subprocess
import sys

import pytest
from media_shelf import Shelf
from terminal import environment

HEAVY = "sqlalchemy alembic av PIL mutagen guessit pydantic pymediainfo pillow_heif rich.progress"

PROGRAM = """
import sys
sys.argv[0] = "mediaforge"
from mediaforge.cli.app import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print(*sorted(sys.modules), sep="\\n", file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words",
    [
        "search beach",
        "search beach -f jsonl",
        "search --limit 3 --sort size kind:video",
        "tag add holiday beach",
        "tag list",
        "set title=Dunes beach",
        "rate 4 beach",
        "show waves",
    ],
)
def test_nothing_heavy_is_imported(shelf: Shelf, words: str) -> None:
    modules = imported(shelf, *words.split())
    assert not modules & set(HEAVY.split())
    assert not {name for name in modules if name.startswith(("mediaforge.extract", "mediaforge.build", "mediaforge.scan"))}
    assert words.startswith("show") == ("mediaforge.players" in modules)


NOT_FOR_A_SCAN = """mediaforge.extract mediaforge.catalog.targets mediaforge.catalog.journal mediaforge.operations.rules
mediaforge.operations.targets"""


def test_a_scan_without_rules_and_recipes_imports_neither_those_nor_the_readers(shelf: Shelf) -> None:
    modules = imported(shelf, "scan", "--full", str(shelf.root))
    assert "mediaforge.operations.passes" in modules
    assert not modules & {*HEAVY.split(), *NOT_FOR_A_SCAN.split()}


def imported(shelf: Shelf, *words: str) -> set[str]:
    """Return the names of the modules that a command has imported by its end."""
    # coverage imports what it likes in a process that it watches
    env = {name: value for name, value in environment(shelf.catalogue).items() if not name.startswith("COVERAGE_")}
    done = subprocess.run([sys.executable, "-c", PROGRAM, *words], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    modules = set(done.stderr.splitlines())
    assert "mediaforge.cli.app" in modules
    return modules
