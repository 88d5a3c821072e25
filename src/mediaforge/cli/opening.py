"""mediaforge open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge.cli.items import counted
from mediaforge.cli.session import session
from mediaforge.errors import NothingMatched, UsageError
from mediaforge.model import State
from mediaforge.operations.search import show

if TYPE_CHECKING:
    from mediaforge.operations.catalogues import Catalogue

_MANY = 10  # windows


def open_command(
    context: typer.Context,
    targets: Annotated[list[str], typer.Argument(help="Ids, paths or a query.", metavar="TARGET")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help=f"Also more than {_MANY} at once.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be opened.")] = False,
) -> None:
    """Open files with the programs that the desktop has for them."""
    ours = session(context)

    async def act(catalogue: Catalogue) -> list[bytes]:
        hits = await show(catalogue, targets)
        if len(hits.ids) > _MANY and not (yes or dry_run):
            raise UsageError(f"these are {counted(len(hits.ids), 'item')}; open all of them with --yes, or say which")
        items = [item async for item in hits.items]
        away = [item for item in items if item.state is not State.PRESENT]
        for item in away:
            ours.say(f"item {item.id} is {item.state}: '{item.path.decode(errors='replace')}'")
        if len(away) == len(items):
            raise NothingMatched("none of them is there to be opened")
        return [item.path for item in items if item.state is State.PRESENT]

    from mediaforge.operations.openers import open_files

    paths = ours.run(act)
    if dry_run:
        for path in paths:
            typer.echo(path)
    else:
        open_files(paths)
