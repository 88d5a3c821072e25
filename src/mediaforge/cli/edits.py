"""mediaforge history, undo, redo, prune, why."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge.cli.items import counted
from mediaforge.cli.output import Format, FormatOption, ListFormat, ListFormatOption, print_items, print_rows
from mediaforge.cli.session import Session, confirm, session
from mediaforge.errors import LaterEdits, UsageError
from mediaforge.operations import libraries, prune, undo
from mediaforge.text import display_path, printable

if TYPE_CHECKING:
    from mediaforge.operations.catalogues import Catalogue
    from mediaforge.operations.libraries import Life
    from mediaforge.operations.undo import Undone

DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be done.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "m": 30.0, "y": 365.0}


def history_command(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many; 0: all.")] = 20,
    how: ListFormatOption = ListFormat.TABLE,
) -> None:
    """List a person's edits, newest first; undo takes them back."""
    changes = session(context).run(lambda catalogue: undo.list_changes(catalogue, limit=limit))
    rows: list[dict[str, object]] = [
        {"id": change.id, "at": change.at, "items": change.items, "undone": change.undone_at, "edit": change.command}
        for change in changes
    ]
    if how is ListFormat.TABLE:
        for row in rows:
            row["at"] = str(row["at"])[:19].replace("T", " ")
            row["undone"] = "undone" if row["undone"] else ""
    print_rows(rows, how, ("id", "at", "items", "undone", "edit"), right=("id", "items"))


Number = Annotated[int | None, typer.Argument(help="The id of an edit; the last one by default.", metavar="ID")]
Last = Annotated[int | None, typer.Option("--last", metavar="N", min=1, help="The last N, one after the other.")]
Force = Annotated[bool, typer.Option("--force", help="Even where later edits changed the same.")]


def undo_command(
    context: typer.Context, number: Number = None, last: Last = None, force: Force = False, dry_run: DryRun = False
) -> None:
    """Take back edits: whatever you tagged, set, rated, noted, relocated, pruned."""
    _turn(session(context), number, last, force=force, dry_run=dry_run, undoing=True)


def redo_command(
    context: typer.Context, number: Number = None, last: Last = None, force: Force = False, dry_run: DryRun = False
) -> None:
    """Do edits again that were taken back, the last of them by default."""
    _turn(session(context), number, last, force=force, dry_run=dry_run, undoing=False)


def _turn(ours: Session, number: int | None, last: int | None, *, force: bool, dry_run: bool, undoing: bool) -> None:
    if number is not None and last is not None:
        raise UsageError("an edit by its id, or the last ones with --last, but not both")
    act, told = undo.undo if undoing else undo.redo, frozenset[int]()
    done: list[Undone] = []
    while not done:
        over = undo.ANYTHING if force else told
        try:
            done = ours.run(partial(act, number=number, last=last or 1, over=over, dry_run=dry_run))
        except LaterEdits as error:
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                raise
            ours.say(printable(error.reason))
            confirm(f"{'undo' if undoing else 'redo'} it all the same?", yes=False)
            told |= error.edits  # those that a person has heard of, and no others
    would, did = ("would undo", "undid") if undoing else ("would redo", "redid")
    for one in done:
        gone = f" ({one.gone:,} of them gone from the catalogue)" if one.gone else ""
        items = f", {counted(one.change.items, 'item')}" if one.change.items else ""  # of a tag's colour there are none
        ours.say(f"{would if dry_run else did} edit {one.change.id}{items}{gone}: {printable(one.change.command)}")


def prune_command(
    context: typer.Context,
    targets: Annotated[list[str] | None, typer.Argument(help="Only of these: ids, paths or a query.", metavar="TARGET")] = None,
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="AGE", help="Missing for longer than this: 12h, 30d, 6w, 6m, 1y.")
    ] = "30d",
    yes: Yes = False,
    dry_run: DryRun = False,
    how: FormatOption = Format.TABLE,
) -> None:
    """Forget items whose files have been missing for long; undo brings them back."""
    ours, days = session(context), _days(older_than)

    async def act(catalogue: Catalogue) -> None:
        found = await prune.prunable(catalogue, older_than=days, targets=targets or [])
        await print_items(found.hits.items, how)
        items = f"{len(found.ids):,} {'item' if len(found.ids) == 1 else 'items'}"
        if dry_run or not found.ids:
            return ours.say(f"would forget {items}" if found.ids else f"nothing has been missing for longer than {older_than}")
        confirm(f"forget {items}?", yes=yes)
        change = await prune.prune(catalogue, found)
        return ours.say(f"forgot {items}; undo with: mediaforge undo {change}")

    ours.run(act)


def _days(text: str) -> float:
    try:
        number, unit = float(text[:-1]), _DAYS[text[-1:].lower()]
    except (ValueError, KeyError):
        raise UsageError(f"--older-than takes an age such as 12h, 30d, 6w, 6m or 1y, not '{text}'") from None
    if not 0 <= number < 100_000:
        raise UsageError(f"--older-than takes an age of at least 0 days, not '{text}'")
    return number * unit


def why_command(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The id of an item.", metavar="ID")],
    how: ListFormatOption = ListFormat.TABLE,
) -> None:
    """Tell how an item was recognised through time: when it was found, moved, missed, and by what evidence."""
    ours: Session = session(context)
    life: Life = ours.run(lambda catalogue: libraries.why(catalogue, number))
    first: dict[str, object] = {"at": f"{life.item.added:%Y-%m-%dT%H:%M:%SZ}", "event": "added", "evidence": None}
    rows = [first | {"before": None, "after": _first_path(life), "scan": None}]
    rows += [
        {
            "at": event.at,
            "event": event.event,
            "evidence": event.evidence,
            "before": display_path(event.before) if event.before else None,
            "after": display_path(event.after) if event.after else None,
            "scan": event.scan,
        }
        for event in life.events
    ]
    if how is not ListFormat.TABLE:
        return print_rows(rows, how, ("at",))
    for row in rows:
        row["at"] = str(row["at"])[:19].replace("T", " ")
        row["what"] = " → ".join(str(path) for path in (row["before"], row["after"]) if path)
    return print_rows(rows, how, ("at", "event", "evidence", "what"))


def _first_path(life: Life) -> str:
    """Return where an item was when it was added: before its first move, if it ever moved."""
    befores = [event.before for event in life.events if event.event in ("moved", "missing") and event.before]
    return display_path(befores[0] if befores else life.item.path)
