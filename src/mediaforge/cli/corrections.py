"""mediaforge set, unset, rate, note, favourite."""

from __future__ import annotations

from typing import Annotated

import typer

from mediaforge.cli.items import counted
from mediaforge.cli.output import ListFormat, print_rows
from mediaforge.cli.session import session
from mediaforge.operations import correct
from mediaforge.operations.edit import Edited

Targets = Annotated[list[str], typer.Argument(help="Ids, paths or a query.", metavar="TARGET")]
Group = Annotated[bool, typer.Option("--group", help="Also the others of each item's group.")]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be changed.")]


def set_command(
    context: typer.Context,
    arguments: Annotated[
        list[str], typer.Argument(help="Fields with their values, then ids, paths or a query.", metavar="FIELD=VALUE… TARGET")
    ],
    group: Group = False,
    dry_run: DryRun = False,
) -> None:
    """Set fields of everything that the targets mean; it stays through every scan. See: mediaforge help set."""
    ours = session(context)
    done = ours.run(lambda catalogue: correct.set_fields(catalogue, arguments, group=group, dry_run=dry_run))
    fields = ", ".join(correct.assignments(arguments).values)
    ours.say(_told(dry_run, "set", f"{fields} of", done, "had that already"))


def unset_command(
    context: typer.Context,
    names: Annotated[str, typer.Argument(help="One field or several with commas.", metavar="FIELD[,FIELD…]")],
    targets: Targets,
    group: Group = False,
    dry_run: DryRun = False,
) -> None:
    """Take back what you set, rated or noted: what the file says holds again."""
    ours = session(context)
    done = ours.run(lambda catalogue: correct.unset_fields(catalogue, names, targets, group=group, dry_run=dry_run))
    ours.say(_told(dry_run, "unset", f"{', '.join(correct.field_names(names))} of", done, "had none of yours"))


def rate_command(
    context: typer.Context,
    stars: Annotated[str, typer.Argument(help="0 to 5, or none to take your rating back.", metavar="STARS")],
    targets: Targets,
    group: Group = False,
    dry_run: DryRun = False,
) -> None:
    """Rate everything that the targets mean with 0 to 5 stars."""
    ours = session(context)
    done = ours.run(lambda catalogue: correct.rate(catalogue, stars, targets, group=group, dry_run=dry_run))
    ours.say(_told(dry_run, "rate", "", done, "had that already", past="rated"))


def note_command(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="What you want to remember.", metavar="TEXT")],
    targets: Targets,
    append: Annotated[bool, typer.Option("--append", help="Add a line to the note that is there.")] = False,
    group: Group = False,
    dry_run: DryRun = False,
) -> None:
    """Write a note on everything that the targets mean; a search finds its words."""
    ours = session(context)
    done = ours.run(lambda catalogue: correct.note(catalogue, text, targets, append=append, group=group, dry_run=dry_run))
    ours.say(_told(dry_run, "note", "on", done, "had that already", past="noted"))


def favourite_command(
    context: typer.Context,
    targets: Targets,
    off: Annotated[bool, typer.Option("--off", help="Let them be favourites no more.")] = False,
    group: Group = False,
    dry_run: DryRun = False,
) -> None:
    """Make everything that the targets mean a favourite, for is:favourite in a query."""
    ours = session(context)
    done = ours.run(lambda catalogue: correct.favourite(catalogue, targets, off=off, group=group, dry_run=dry_run))
    if off:
        ours.say(_told(dry_run, "unset", "favourite of", done, "were none"))
    else:
        ours.say(_told(dry_run, "set", "favourite of", done, "were that already"))


def _told(dry_run: bool, act: str, what: str, done: Edited, others: str, *, past: str | None = None) -> str:
    """Return what an edit came to: set title of 3 items; 1 had that already."""
    rest = done.matched - done.changed
    words = f"would {act}" if dry_run else past or act
    joined = f"; {done.joined:,} of these only as part of a group" if done.joined else ""
    return (
        f"{' '.join(f'{words} {what}'.split())} {counted(done.changed, 'item')}{f'; {rest:,} {others}' if rest else ''}{joined}"
    )


def print_settable(how: ListFormat) -> None:
    """Print the fields that a person may set."""
    rows: list[dict[str, object]] = [
        {"field": name, "aliases": list(one.aliases), "meaning": one.help, "example": one.example}
        for name, one in correct.settable().items()
    ]
    print_rows(rows, how, ("field", "example", "meaning"))
