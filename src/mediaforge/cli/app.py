"""The command line: which commands there are."""

from __future__ import annotations

from typing import Annotated

import typer

from mediaforge import __version__
from mediaforge.cli.libraries import library_app
from mediaforge.cli.program import CONTEXT, Program, QueryCommand, group, prepare_streams
from mediaforge.cli.scan import scan_command
from mediaforge.cli.scans import scans_app
from mediaforge.cli.search import help_query_command, search_command, show_command
from mediaforge.cli.session import Session
from mediaforge.cli.stats import stats_command
from mediaforge.cli.tags import tag_app

app = typer.Typer(
    name="mediaforge",
    cls=Program,
    help="Catalogue, search and tag videos, photos and music. Your files are never touched.",
    no_args_is_help=True,
    add_completion=True,
    context_settings=CONTEXT,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mediaforge {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    catalog: Annotated[
        str | None, typer.Option("--catalog", metavar="FILE", help="The database file (MEDIAFORGE_CATALOG names it, too).")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print results and errors only.")] = False,
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Print more; -vv still more.")] = 0,
    log_file: Annotated[str | None, typer.Option("--log-file", metavar="FILE", help="Write a log of what is done.")] = None,
    no_progress: Annotated[bool, typer.Option("--no-progress", help="Draw no progress bar.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Take the options that may stand before or after every command."""
    context.obj = Session(catalog, quiet, verbose, log_file, no_progress)


help_app = group("Explain more than --help does.")
help_app.command("query")(help_query_command)

app.command("scan")(scan_command)
app.command("search", cls=QueryCommand)(search_command)
app.command("show", cls=QueryCommand)(show_command)
app.add_typer(tag_app, name="tag")
app.command("stats", cls=QueryCommand)(stats_command)
app.add_typer(library_app, name="library")
app.add_typer(scans_app, name="scans")
app.add_typer(help_app, name="help")


def main() -> None:
    """Run the program."""
    prepare_streams()
    app()


if __name__ == "__main__":
    main()
