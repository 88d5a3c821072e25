"""mediaforge tag."""

from __future__ import annotations

from typing import Annotated

import typer

from mediaforge.cli.items import counted
from mediaforge.cli.output import ListFormat, ListFormatOption, print_rows
from mediaforge.cli.program import PlainCommand, QueryCommand, group
from mediaforge.cli.session import session
from mediaforge.operations import tags

tag_app = group("Put tags on items, take them off, list them.")

Names = Annotated[
    str, typer.Argument(help="One tag or several with commas; travel/italy is a tag below travel.", metavar="NAME[,NAME…]")
]
Targets = Annotated[list[str], typer.Argument(help="Ids, paths or a query.", metavar="TARGET")]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be changed.")]


@tag_app.command("add", cls=QueryCommand)
def add(context: typer.Context, names: Names, targets: Targets, dry_run: DryRun = False) -> None:
    """Put tags on everything that the targets mean."""
    ours = session(context)
    done = ours.run(lambda catalogue: tags.add_tags(catalogue, names, targets, dry_run=dry_run))
    ours.say(_outcome("would tag" if dry_run else "tagged", done, "had that already"))


@tag_app.command("remove", cls=QueryCommand)
def remove(context: typer.Context, names: Names, targets: Targets, dry_run: DryRun = False) -> None:
    """Take tags off everything that the targets mean."""
    ours = session(context)
    done = ours.run(lambda catalogue: tags.remove_tags(catalogue, names, targets, dry_run=dry_run))
    ours.say(_outcome("would untag" if dry_run else "untagged", done, "did not have it"))


def _outcome(act: str, done: tags.TagChange, others: str) -> str:
    rest = done.matched - done.changed
    return f"{act} {counted(done.changed, 'item')}{f'; {rest:,} {others}' if rest else ''}"


@tag_app.command("list", cls=PlainCommand)
def list_command(context: typer.Context, how: ListFormatOption = ListFormat.TABLE) -> None:
    """List every tag, with how many items have it."""
    found = session(context).run(tags.list_tags)
    if not found and how is ListFormat.TABLE:
        session(context).say("no tags yet; make one with: mediaforge tag add NAME TARGET")
    print_rows([{"tag": tag.name, "items": tag.items} for tag in found], how, ("tag", "items"), right=["items"])
