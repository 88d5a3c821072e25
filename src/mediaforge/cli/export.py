"""mediaforge export."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge.cli.items import counted
from mediaforge.cli.output import write_csv
from mediaforge.cli.session import session
from mediaforge.errors import UsageError
from mediaforge.operations import export
from mediaforge.text import printable

if TYPE_CHECKING:
    from mediaforge.operations.catalogues import Catalogue


class ExportFormat(StrEnum):
    """How a catalogue is exported."""

    JSONL = "jsonl"
    CSV = "csv"


def export_command(
    context: typer.Context,
    query: Annotated[
        list[str] | None, typer.Argument(help="Words and fields; everything, missing or not, without them.", metavar="QUERY")
    ] = None,
    file: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write a file in place of stdout."),
    ] = None,
    how: Annotated[
        ExportFormat,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            show_default=False,
            help="jsonl (as it is) for import, or csv for spreadsheets.",
        ),
    ] = ExportFormat.JSONL,
    only_mine: Annotated[bool, typer.Option("--only-mine", help="Leave out what was read from the files.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write down everything that you did and everything that was read, for import into this or another catalogue."""
    ours = session(context)
    words = [word for word in query or [] if word.strip()]
    if only_mine and how is ExportFormat.CSV:
        raise UsageError("--only-mine is of the format jsonl; csv is a flat view of items")

    with nullcontext(sys.stdout) if file in (None, "-") else export.target(file, force=force) as text:

        async def act(catalogue: Catalogue) -> int:
            if how is ExportFormat.CSV:
                hits = await export.exported_items(catalogue, words)
                await write_csv(hits.items, text)
                return len(hits.ids)
            return await export.write_lines(catalogue, words, text, only_mine=only_mine)

        items = ours.run(act)
    if how is ExportFormat.CSV:
        ours.say("csv is a flat view for spreadsheets, a row for each item; import reads jsonl")
    if file not in (None, "-"):
        ours.say(f"exported {counted(items, 'item')} to '{printable(file)}'")
