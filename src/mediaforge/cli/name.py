"""mediaforge name."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge.cli.output import ListFormat, ListFormatOption, print_rows, print_table
from mediaforge.cli.program import PlainCommand, group
from mediaforge.text import display_path, printable

if TYPE_CHECKING:
    from mediaforge.operations.names import Explained

name_app = group("Tell what the names of videos say.")

_COLUMNS = ("path", "field", "value", "from", "read from, or why it is ignored")


@name_app.command("explain", cls=PlainCommand)
def explain_command(
    paths: Annotated[list[str], typer.Argument(help="Paths of files, which need not be there.", metavar="PATH")],
    how: ListFormatOption = ListFormat.TABLE,
) -> None:
    """Tell what is understood of names and folders, by whom, and what is ignored and why."""
    from mediaforge.operations.names import explain

    found = [explain(path) for path in paths]
    match how:
        case ListFormat.TABLE if sys.stdout.isatty():
            _screens(found)
        case ListFormat.TABLE:
            print_table(_COLUMNS, [(_shown(one), *row) for one in found for row in _rows(one)])
        case ListFormat.CSV:
            rows = [dict(zip(_COLUMNS, (_shown(one), *row), strict=True)) for one in found for row in _rows(one)]
            print_rows(rows, how, _COLUMNS)
        case _:
            print_rows([_record(one) for one in found], how, ())


def _screens(found: list[Explained]) -> None:
    for number, one in enumerate(found):
        if len(found) > 1:
            typer.echo(("\n" if number else "") + printable(_shown(one)))
        print_table(_COLUMNS[1:], _rows(one))


def _rows(one: Explained) -> list[tuple[str, str, str, str]]:
    said = [(fact.field, str(fact.value), fact.origin, fact.text) for fact in one.said]
    return said + [("ignored", part.text, "", part.why) for part in one.ignored]


def _record(one: Explained) -> dict[str, object]:
    return {
        "path": _shown(one),
        "said": [{"field": fact.field, "value": fact.value, "origin": fact.origin, "text": fact.text} for fact in one.said],
        "ignored": [{"text": part.text, "why": part.why} for part in one.ignored],
    }


def _shown(one: Explained) -> str:
    return display_path(os.fsencode(one.path))
