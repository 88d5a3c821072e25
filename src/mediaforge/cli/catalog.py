"""mediaforge catalog."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer

from mediaforge.cli.items import size_text
from mediaforge.cli.output import ListFormat, ListFormatOption, print_rows
from mediaforge.cli.program import PlainCommand, group
from mediaforge.cli.session import session
from mediaforge.errors import CatalogueError
from mediaforge.operations import upkeep
from mediaforge.text import display_path

catalog_app = group("Look after the catalogue's file.")


@catalog_app.command("path", cls=PlainCommand)
def path_command(context: typer.Context) -> None:
    """Print where the catalogue is, or would be made."""
    typer.echo(os.path.abspath(os.fsencode(session(context).config.catalog)))


@catalog_app.command("backup", cls=PlainCommand)
def backup_command(
    context: typer.Context,
    file: Annotated[
        str | None, typer.Argument(help="The new file; without one, among the newest five.", metavar="FILE")
    ] = None,
) -> None:
    """Copy the catalogue, whole, also while a scan runs; print where the copy is."""
    ours = session(context)
    target, size = asyncio.run(upkeep.back_up(ours.config, file))
    typer.echo(target)
    ours.say(f"copied {size_text(size)}; to go back to it, put it in the place of the catalogue while nothing else runs")


@catalog_app.command("check", cls=PlainCommand)
def check_command(context: typer.Context, how: ListFormatOption = ListFormat.TABLE) -> None:
    """Look for damage: of pages, references, full text and schema."""
    ours = session(context)
    findings = asyncio.run(upkeep.check(ours.config))
    shown = display_path(os.fsencode(ours.config.catalog))
    if findings or how is not ListFormat.TABLE:
        print_rows([{"what": one.what, "detail": one.detail} for one in findings], how, ("what", "detail"))
    if findings:
        raise CatalogueError(f"the catalogue '{shown}' is not as it should be; go back to a backup, or report this")
    ours.say(f"the catalogue '{shown}' is whole")


@catalog_app.command("vacuum", cls=PlainCommand)
def vacuum_command(context: typer.Context) -> None:
    """Give back the space that the catalogue does not use."""
    ours = session(context)
    before, after = asyncio.run(upkeep.vacuum(ours.config))
    ours.say(f"{size_text(before)} before, {size_text(after)} now")
