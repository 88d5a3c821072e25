"""mediaforge dupes."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mediaforge.cli.items import counted, size_text
from mediaforge.cli.output import Format, FormatOption
from mediaforge.cli.program import CONTEXT, Group, PlainCommand, QueryCommand
from mediaforge.cli.session import Session, session
from mediaforge.cli.work import at_work
from mediaforge.errors import Cancelled, UsageError
from mediaforge.operations.dupes import DupesOptions, DupesReport, find
from mediaforge.text import display_path, printable

if TYPE_CHECKING:
    from mediaforge.operations.catalogues import Catalogue

_ON_A_SCREEN = 20  # groups
_TOLD = 10  # failures that are named
_ITSELF = "find"


class DupesGroup(Group):
    """A group one of whose commands need not be named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, taking what names no command for what is to be found."""
        named = bool(args) and (args[0] in self.commands or args[0] in CONTEXT["help_option_names"])
        return super().parse_args(ctx, args if named else [_ITSELF, *args])


dupes_app = typer.Typer(
    cls=DupesGroup,
    help="Find copies of files, and bring together what you did with them. No file is ever deleted, linked or moved.",
    context_settings=CONTEXT,
    rich_markup_mode=None,
)

Targets = Annotated[list[str] | None, typer.Argument(help="Among which items; all of them.", metavar="TARGET")]
Alike = Annotated[bool, typer.Option("--alike", help="Pictures and videos that look alike, in place of exact copies.")]
Distance = Annotated[
    int | None, typer.Option("--distance", metavar="N", min=0, help="In how many of 64 bits alike ones may differ.")
]
Bursts = Annotated[bool, typer.Option("--bursts", help="With --alike: those of one burst, or RAW and JPEG, too.")]


@dupes_app.command(_ITSELF, cls=QueryCommand)
def find_command(
    context: typer.Context,
    targets: Targets = None,
    alike: Alike = False,
    distance: Distance = None,
    bursts: Bursts = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=0, help="How many groups; 0: all. 20 on a terminal, else all.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say how much would be read.")] = False,
    how: FormatOption = Format.TABLE,
) -> None:
    """Find files that are copies of others, the biggest win first, and of each group the best; `find` may be left out."""
    ours = session(context)
    options = _options(targets, alike, distance, bursts, dry_run)
    most = limit if limit is not None else _ON_A_SCREEN if sys.stdout.isatty() and how is Format.TABLE else 0

    async def act(catalogue: Catalogue) -> DupesReport:
        report = await searched(ours, catalogue, options)
        if not (report.cancelled or dry_run):
            from mediaforge.cli.dupes_groups import print_groups

            await print_groups(catalogue, report.groups[:most] if most else report.groups, how)
        return report

    report = ours.run(act)
    if dry_run:
        size = "" if alike else f" ({size_text(report.bytes_to_read)})"
        typer.echo(f"{counted(report.to_read, 'file')}{size} would be read (a dry run: nothing was)")
    else:
        tell(ours, report, most)
    raise typer.Exit(report.exit_code)


def _options(targets: list[str] | None, alike: bool, distance: int | None, bursts: bool, dry_run: bool = False) -> DupesOptions:
    """Return what is asked for; UsageError where that is of alike copies alone."""
    if not alike and (distance is not None or bursts):
        raise UsageError(f"{'--bursts' if bursts else '--distance'} is about what looks alike; say --alike, too")
    return DupesOptions(tuple(targets or ()), alike, distance, bursts, dry_run)


async def searched(ours: Session, catalogue: Catalogue, options: DupesOptions) -> DupesReport:
    """Find copies while progress is drawn, and tell what could not be read; Ctrl-C keeps what was."""
    with at_work(ours, "looking for copies") as work:
        report = await find(catalogue, ours.config, options, stop=work.stop, events=work.hear)
    for why in report.offline:
        ours.say(f"offline: {printable(why)}")
    for failure in work.troubles[:_TOLD]:
        typer.echo(f"{printable(display_path(failure.path))}: {printable(failure.message)}", err=True)
    return report


def tell(ours: Session, report: DupesReport, most: int = 0) -> None:
    """Tell what was found in all, what was left out, and why."""
    if report.cancelled:
        return ours.say("cancelled; the rest is read next time")
    if most and len(report.groups) > most:
        ours.say(f"the first {counted(most, 'group')}; all of them: --limit 0")
    if report.unread:
        ours.say(f"{counted(report.unread, 'file')} could not be read or changed since the last scan, and were left out")
    if report.elsewhere:
        copies = "copy is" if report.elsewhere == 1 else "copies are"
        ours.say(f"{report.elsewhere:,} more {copies} missing or on volumes that are not here, and not counted")
    if not report.groups:
        return ours.say("no copies found")
    files = sum(group.files for group in report.groups)
    ours.say(
        f"{counted(len(report.groups), 'group')} of {counted(files, 'file')}:"
        f" {size_text(report.win)} ({report.win:,} bytes) can be won back"
    )
    return None


@dupes_app.command("plan", cls=QueryCommand)
def plan_command(
    context: typer.Context,
    targets: Targets = None,
    keep: Annotated[
        str, typer.Option("--keep", metavar="WHICH", help="Which copy stays: best, oldest, newest, or path:FOLDER/.")
    ] = "best",
    alike: Alike = False,
    distance: Distance = None,
    bursts: Bursts = False,
    file: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Write a file in place of stdout.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write down which copy of each group stays, why, and what the others would hand over to it: a file to read and edit."""
    from mediaforge.operations import dupes_plan, export

    ours, words = session(context), tuple(targets or ())
    dupes_plan.check_keep(keep)
    options = _options(targets, alike, distance, bursts)

    async def act(catalogue: Catalogue) -> tuple[DupesReport, dupes_plan.Planned | None]:
        report = await searched(ours, catalogue, options)
        if report.cancelled:
            return report, None
        return report, await dupes_plan.make_plan(catalogue, report.groups, keep, " ".join(words))

    with ExitStack() as stack:
        text = stack.enter_context(export.target(file, force=force)) if file not in (None, "-") else sys.stdout
        report, planned = ours.run(act)
        if planned is None:
            raise Cancelled("cancelled; what was read is kept, and no plan was written")
        text.write(planned.plan.to_json())
    tell(ours, report)
    if planned.left_out:
        ours.say(f"{counted(planned.left_out, 'group')} with no copy in {printable(keep)}: not in the plan")
    if file not in (None, "-"):
        groups, name = counted(len(planned.plan.groups), "group"), printable(file)
        ours.say(f"planned {groups} in '{name}'; then: mediaforge dupes merge '{name}'")
    raise typer.Exit(report.exit_code)


@dupes_app.command("merge", cls=PlainCommand)
def merge_command(
    context: typer.Context,
    plan: Annotated[str, typer.Argument(help="The file that dupes plan wrote.", metavar="PLAN")],
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be done.")] = False,
) -> None:
    """Hand over tags, ratings, notes, titles and collections as a plan says; undo takes it back. No file is touched."""
    from mediaforge.operations.dupes_merge import merge
    from mediaforge.operations.dupes_plan import read_plan

    ours, found = session(context), read_plan(plan)
    merged = ours.run(lambda catalogue: merge(catalogue, found, ["dupes", "merge", plan], dry_run=dry_run))
    would = "would hand over" if dry_run else "handed over"
    told = ", ".join(counted(number, name) for name, number in sorted(merged.given.items()))
    if not merged.items:
        return ours.say("nothing to hand over: the copies that stay have it all")
    ours.say(f"{would} {told} to {counted(merged.items, 'item')}{'' if dry_run else '; undo with: mediaforge undo'}")
    return None
