"""Write src/mediaforge/cli/words.py anew from the commands: `python tests/cli/command_words.py`."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from mediaforge.catalog.fields import _HAS, _IS, _KINDS, FIELDS
from mediaforge.catalog.settable import SETTABLE
from mediaforge.catalog.sort import SORTS
from mediaforge.cli.app import app
from mediaforge.cli.arguments import ANYWHERE
from mediaforge.cli.output import Format
from mediaforge.model import SUFFIXES

FILE = Path(__file__).parents[2] / "src" / "mediaforge" / "cli" / "words.py"

_HEAD = '''# ruff: noqa: E501
"""The words of the command line, for the shells: made by tests/cli/command_words.py, which a test compares with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict


class Command(TypedDict):
    """What may follow a command: those below it, its options with what they take (or ""), and its arguments."""

    below: Mapping[str, str]
    options: Mapping[str, str]
    shown: Mapping[str, str]
    arguments: tuple[str, ...]


'''


def _every(one: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    yield name.strip(), one
    context = typer.Context(one, info_name=name)
    for lower in one.list_commands(context) if hasattr(one, "list_commands") else []:
        yield from _every(one.get_command(context, lower), f"{name} {lower}")


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0].rstrip(".")


def _command(one: Any) -> Mapping[str, object]:
    context = typer.Context(one)
    names = one.list_commands(context) if hasattr(one, "list_commands") else []
    options = [param for param in one.params if param.param_type_name == "option" and not param.hidden]
    # An option whose value follows it has a metavar in its help, a flag has none.
    return {
        "below": {name: _first_line(one.get_command(context, name).help) for name in names},
        "options": {name: "" if p.is_flag or p.count else _metavar(p) for p in options for name in p.opts},
        "shown": {p.opts[0]: _first_line(p.help) for p in options} | {"--help": "Show this message and exit"},
        "arguments": tuple(_metavar(p) for p in one.params if p.param_type_name == "argument"),
    }


def _metavar(param: Any) -> str:
    return re.sub(r" <.*>$", "", param.metavar or param.name.upper())


def words() -> str:
    """Return the module's text as the commands are now."""
    root = typer.main.get_command(app)
    values = {
        "--format": [one.value for one in Format],
        "-f": [one.value for one in Format],
        "--sort": sorted(SORTS),
        "--log-format": ["text", "json"],
    }
    choices = {"kind": sorted(_KINDS), "type": sorted(_KINDS), "is": sorted(_IS), "state": ["missing", "offline", "present"]}
    known = {spec.name for spec in FIELDS if spec.sql} | set(_HAS)
    choices |= {"has": sorted(known), "ext": sorted(SUFFIXES), "orientation": ["landscape", "portrait", "square"]}
    parts = {
        "ANYWHERE: Mapping[str, bool]": ANYWHERE,
        "COMMANDS: Mapping[str, Command]": {name: _command(one) for name, one in _every(root)},
        "OPTION_VALUES: Mapping[str, tuple[str, ...]]": {name: tuple(some) for name, some in values.items()},
        "FIELDS: Mapping[str, str]": {spec.name: spec.help for spec in FIELDS},
        "SETTABLE: Mapping[str, str]": {name: one.help for name, one in SETTABLE.items()},
        "CHOICES: Mapping[str, tuple[str, ...]]": {name: tuple(some) for name, some in choices.items()},
    }
    text = _HEAD + "".join(f"{name} = {value!r}\n\n" for name, value in parts.items())
    command = [str(Path(sys.executable).with_name("ruff")), "format", "--stdin-filename", str(FILE), "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=FILE.parents[3]).stdout


if __name__ == "__main__":
    FILE.write_text(words())
