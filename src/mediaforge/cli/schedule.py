"""mediaforge schedule."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from mediaforge.cli.program import group
from mediaforge.cli.session import session
from mediaforge.errors import UsageError
from mediaforge.operations import schedule
from mediaforge.operations.schedule import Change, Scheduler
from mediaforge.text import printable

schedule_app = group("Scan every library at night, from cron or systemd.")

YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]


@schedule_app.command("install")
def install(
    context: typer.Context,
    daily: Annotated[str, typer.Option("--daily", metavar="HH:MM", help="When, by the clock of this machine.")],
    cron: Annotated[bool, typer.Option("--cron", help="Write an entry of the crontab (as it is where there is one).")] = False,
    systemd: Annotated[bool, typer.Option("--systemd", help="Write a timer of systemd.")] = False,
    yes: YesOption = False,
) -> None:
    """Have every library scanned once a day; what is written is shown first."""
    ours = session(context)
    if cron and systemd:
        raise UsageError("'--cron' and '--systemd' exclude each other; choose one")
    at = schedule.parse_time(daily)
    scheduler = Scheduler.CRON if cron else Scheduler.SYSTEMD if systemd else schedule.choose()
    changes = schedule.plan_install(scheduler, at, ours.config.catalog)
    _show(changes)
    replaced = schedule.others(scheduler)
    for change in replaced:
        typer.echo(f"{printable(change.where)}: to be removed")
    _confirm(yes)
    schedule.apply(replaced)
    if advice := schedule.apply(changes):
        ours.say(advice)
    if not advice or scheduler is Scheduler.CRON or schedule.answers():
        ours.say(f"every library is scanned at {at.hour:02}:{at.minute:02} from now on")


@schedule_app.command("remove")
def remove(context: typer.Context, yes: YesOption = False) -> None:
    """Have nothing scanned by itself any more; what is removed is shown first."""
    ours = session(context)
    found = schedule.installed()
    if not found:
        ours.say("nothing is scheduled")
        return
    typer.echo("to be removed:")
    _show(found)
    _confirm(yes)
    schedule.apply(schedule.plan_remove())
    ours.say("nothing is scheduled any more")


@schedule_app.command("show")
def show(context: typer.Context) -> None:
    """Show what is scheduled, as it is written."""
    found = schedule.installed()
    _show(found)
    if not found:
        session(context).say("nothing is scheduled")


def _show(changes: Sequence[Change]) -> None:
    """Print what is written where; of a crontab only our part."""
    for change in changes:
        content = schedule.block_of(change.content or b"") if change.path is None else change.content
        typer.echo(f"{printable(change.where)}:")
        for line in os.fsdecode(content or b"").splitlines():
            typer.echo(f"  {printable(line)}")


def _confirm(yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on; look at it, and give --yes")
    if not typer.confirm("Go on?", err=True):
        raise typer.Exit(130)
