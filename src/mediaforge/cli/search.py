"""mediaforge search, show, help query."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge.cli.output import Format, FormatOption, ListFormat, ListFormatOption, print_items, print_rows
from mediaforge.cli.program import PlainCommand, group
from mediaforge.cli.session import Session, session
from mediaforge.operations.search import query_help, search, show

if TYPE_CHECKING:
    from mediaforge.operations.catalogues import Catalogue

_ON_A_SCREEN = 50


def search_command(
    context: typer.Context,
    query: Annotated[
        list[str] | None, typer.Argument(help="Words and fields; see: mediaforge help query", metavar="QUERY")
    ] = None,
    sort: Annotated[
        str | None, typer.Option("--sort", metavar="FIELD[:asc|:desc]", help="By newest, relevance, size, duration, name …")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=0, help=f"How many; 0: all. {_ON_A_SCREEN} on a terminal, all into a pipe."),
    ] = None,
    every: Annotated[bool, typer.Option("--no-group", help="Print a line for every item of a group, in a table, too.")] = False,
    how: FormatOption = Format.TABLE,
) -> None:
    """Find items by words and fields, newest first."""
    ours = session(context)
    screen = sys.stdout.isatty() and how is Format.TABLE
    most = limit if limit is not None else _ON_A_SCREEN if screen else 0

    async def act(catalogue: Catalogue) -> None:
        hits = await search(catalogue, query or [], sort=sort or "", limit=most, fold=how is Format.TABLE and not every)
        await print_items(hits.items, how, folded=hits.folded)
        if hits.more and screen:
            ours.say(f"the first {len(hits.ids)}; all of them: --limit 0")
        elif not hits.ids:
            await _tell_nothing(ours, catalogue, query or [], screen=screen)

    ours.run(act)


async def _tell_nothing(ours: Session, catalogue: Catalogue, query: list[str], *, screen: bool) -> None:
    """Say that nothing was found, to whoever looks at it, and which tag there is not, to everybody."""
    from mediaforge.operations.misnamed import misnamed

    for why in await misnamed(catalogue, query):
        ours.say(why)
    if screen:
        ours.say("nothing found")


def show_command(
    context: typer.Context,
    targets: Annotated[list[str], typer.Argument(help="Ids, paths or a query.", metavar="TARGET")],
    how: FormatOption = Format.TABLE,
) -> None:
    """Show everything known about items, and where it came from."""

    async def act(catalogue: Catalogue) -> None:
        hits = await show(catalogue, targets)
        if how is not Format.TABLE:
            return await print_items(hits.items, how, alone=len(hits.ids) == 1)
        from mediaforge.cli.sheet import print_sheet

        first = True
        async for item in hits.items:
            if not first:
                typer.echo()
            first = False
            print_sheet(item)
        return None

    session(context).run(act)


help_app = group("Explain more than --help does.")


@help_app.command("query", cls=PlainCommand)
def help_query_command(how: ListFormatOption = ListFormat.TABLE) -> None:
    """Explain the query language: words, fields, operators."""
    rows = [dict(zip(("field", "meaning", "operators", "example"), row, strict=True)) for row in query_help()]
    if how is not ListFormat.TABLE:
        return print_rows(rows, how, list(rows[0]))
    width = min(shutil.get_terminal_size().columns, 100)
    typer.echo(_WORDS)
    for operators in dict.fromkeys(row["operators"] for row in rows):
        typer.echo(f"\n{_FIELDS.get(operators, f'Fields ({operators})')}\n")
        for row in rows:
            if row["operators"] == operators:
                _explain(row, width)
    return None


@help_app.command("playable", cls=PlainCommand)
def help_playable_command(context: typer.Context, how: ListFormatOption = ListFormat.TABLE) -> None:
    """Tell what players play, for playable: in a query; yours are in the config file."""
    from mediaforge.cli.players import print_players

    print_players(session(context).config.playable, how)


@help_app.command("set", cls=PlainCommand)
def help_set_command(how: ListFormatOption = ListFormat.TABLE) -> None:
    """List the fields that you may set."""
    from mediaforge.cli.corrections import print_settable

    print_settable(how)


def _explain(row: dict[str, str], width: int) -> None:
    name, *others = row["field"].split(", ")
    meaning = row["meaning"] + (f" (also: {', '.join(others)})" if others else "")
    lines = textwrap.wrap(meaning, max(width - 43, 30))
    typer.echo(f"  {name:14} {row['example']:25} {lines[0]}")
    for line in lines[1:]:
        typer.echo(" " * 43 + line)


_WORDS = """\
All parts of a query must hold. They are joined by blanks:

  beach                 words that begin so, in titles, names, tags, folders
  "golden hour"         whole words, one after the other
  field:value           a field; field:a,b is one of several values
  -word  -field:value   not so (NOT is the same)
  paris OR rome         one or the other; ( ) group
  camera:"EOS R5"       quotes keep a value with blanks together

In a shell, put what holds < > ( ) " ~ or * into single quotes: 'size:>1G'."""

_FIELDS = {
    "=": "Fields with a value",
    "= ~": "Fields with words; field:~PATTERN is a regular expression",
    "= > >= < <= a..b a.. ..b": "Fields that compare: field:>5, field:<=5, field:2..5, field:2.., field:..5",
}
