"""mediaforge import."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from enum import StrEnum
from typing import Annotated

import typer

from mediaforge.cli.items import counted
from mediaforge.cli.output import ListFormat, ListFormatOption, print_rows
from mediaforge.cli.session import session
from mediaforge.cli.work import screen
from mediaforge.operations.import_sources import SOURCES, Asked, import_path
from mediaforge.operations.imports import Merge, Report
from mediaforge.text import display_path, printable


class Prefer(StrEnum):
    """Whose word counts where two say something else."""

    HERE = "here"
    IMPORT = "import"


_ONE_OF = {"libraries": "library", "tags": "tag", "rules": "rule", "collections": "collection"}


def import_command(
    context: typer.Context,
    path: Annotated[str, typer.Argument(help="A file, or a folder.", metavar="PATH")],
    kind: Annotated[
        str | None,
        typer.Option("--from", metavar="KIND", help=f"What it is, where that cannot be seen: {', '.join(SOURCES)}."),
    ] = None,
    library: Annotated[
        list[str] | None,
        typer.Option("--library", metavar="OLDROOT=NEWROOT", help="Where a folder is now; =NEWROOT for relative paths."),
    ] = None,
    prefer: Annotated[
        Prefer,
        typer.Option("--prefer", metavar="here|import", help="Whose word counts where the two say something else."),
    ] = Prefer.HERE,
    create: Annotated[bool, typer.Option("--create", help="Make items that are not found here, as missing ones.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be imported.")] = False,
    how: ListFormatOption = ListFormat.TABLE,
) -> None:
    """Bring in an export, or what another program knows; print what did not match."""
    ours = session(context)
    asked = Asked(path, kind, tuple(library or ()))
    merge = Merge(prefer_import=prefer is Prefer.IMPORT, create=create)
    with ExitStack() as stack:
        hear = screen(ours, stack, "reading")
        report = asyncio.run(import_path(ours.config, asked, merge, _words(asked, merge), dry_run=dry_run, events=hear))
    rows: list[dict[str, object]] = [
        {"line": one.number or None, "why": one.why, "path": display_path(one.path)} for one in report.left
    ]
    for row in rows if how is ListFormat.TABLE else ():
        row["path"] = printable(str(row["path"]))  # here: a line break in a name must not begin a new line
    print_rows(rows, how, ("line", "why", "path"), right=["line"])
    for line in _told(report, dry_run=dry_run):
        ours.say(line)


def _words(asked: Asked, merge: Merge) -> list[str]:
    """Return what a person asked for, word by word."""
    words = ["import", asked.path]
    words += ["--from", asked.kind] if asked.kind else []
    words += [word for one in asked.libraries for word in ("--library", one)]
    return [*words, *(["--prefer", "import"] if merge.prefer_import else []), *(["--create"] if merge.create else [])]


def _told(report: Report, *, dry_run: bool) -> list[str]:
    """Return what an import came to, in lines."""
    would = "would be " if dry_run else ""
    found = sum(report.found.values())
    lines = [f"{counted(report.made, 'item')} {would}made"] if report.made or not found else []
    if found:
        by = ", ".join(f"{number:,} by {evidence}" for evidence, number in report.found.items())
        lines.append(f"{counted(found, 'item')} found ({by}), {report.changed:,} of them {would}changed")
    if report.new:
        new = ", ".join(f"{number:,} {_ONE_OF[what] if number == 1 else what}" for what, number in report.new.items())
        lines.append(f"new: {new}")
    if report.kept:
        lines.append(f"{report.kept:,} times what is here stays, against what comes in; --prefer import turns that round")
    if report.left:
        lines.append(
            f"{len(report.left):,} did not match; where their folders are elsewhere now, say --library OLDROOT=NEWROOT"
        )
    if report.edit:
        lines.append(f"undo with: mediaforge undo {report.edit}")
    return lines
