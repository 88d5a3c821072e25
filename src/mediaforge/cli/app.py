"""The command line: which commands there are."""

from __future__ import annotations

import sys
from typing import Annotated, ClassVar

import typer

from mediaforge import __version__
from mediaforge.cli import recorder
from mediaforge.cli.log import Log, LogFormat
from mediaforge.cli.program import CONTEXT, PlainCommand, Program, QueryCommand, prepare_streams
from mediaforge.cli.session import Session
from mediaforge.errors import UsageError
from mediaforge.text import printable


class MediaForge(Program):
    """The commands there are, in the order of --help."""

    table: ClassVar = {
        "scan": ("scan:scan_command", PlainCommand),
        "search": ("search:search_command", QueryCommand),
        "show": ("search:show_command", QueryCommand),
        "open": ("opening:open_command", QueryCommand),
        "tag": ("tags:tag_app", None),
        "collection": ("collections:collection_app", None),
        "set": ("corrections:set_command", QueryCommand),
        "unset": ("corrections:unset_command", QueryCommand),
        "rate": ("corrections:rate_command", QueryCommand),
        "note": ("corrections:note_command", QueryCommand),
        "favourite": ("corrections:favourite_command", QueryCommand),
        "history": ("edits:history_command", PlainCommand),
        "undo": ("edits:undo_command", PlainCommand),
        "redo": ("edits:redo_command", PlainCommand),
        "prune": ("edits:prune_command", QueryCommand),
        "why": ("edits:why_command", PlainCommand),
        "stats": ("stats:stats_command", QueryCommand),
        "name": ("name:name_app", None),
        "export": ("export:export_command", QueryCommand),
        "import": ("imports:import_command", PlainCommand),
        "sidecar": ("sidecar:sidecar_app", None),
        "catalog": ("catalog:catalog_app", None),
        "library": ("libraries:library_app", None),
        "scans": ("scans:scans_app", None),
        "build": ("build:build_command", QueryCommand),
        "sheet": ("contact_sheet:sheet_command", QueryCommand),
        "verify": ("verify:verify_command", QueryCommand),
        "dupes": ("dupes:dupes_app", None),
        "watch": ("watch:watch_command", PlainCommand),
        "schedule": ("schedule:schedule_app", None),
        "completion": ("completion:completion_command", PlainCommand),
        "manual": ("manual:manual_command", PlainCommand),
        "help": ("search:help_app", None),
    }


app = typer.Typer(
    name="mediaforge",
    cls=MediaForge,
    help="Catalogue, search and tag videos, photos and music. Your files are never changed.",
    no_args_is_help=True,
    add_completion=False,
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
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose", "-v", count=True, show_default=False, help="Print a line for each event; -vv for all of them."
        ),
    ] = 0,
    log_file: Annotated[
        str | None, typer.Option("--log-file", metavar="FILE", help="Write a line for each event, after those that are there.")
    ] = None,
    log_format: Annotated[
        LogFormat, typer.Option("--log-format", metavar="FORMAT", show_default=False, help="Lines of text (as it is), or json.")
    ] = LogFormat.TEXT,
    no_progress: Annotated[bool, typer.Option("--no-progress", help="Draw no progress bar.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Take the options that may stand before or after every command."""
    if catalog == "":
        raise UsageError("'--catalog' needs the name of a file")
    log = Log(log_file, log_format, verbose=verbose)
    log.write("info", "command", words=[printable(word) for word in sys.argv[1:]])
    context.obj = Session(log, catalog, quiet, verbose, no_progress)


def main() -> None:
    """Run the program."""
    prepare_streams()
    recorder.start()
    app()


if __name__ == "__main__":
    main()
