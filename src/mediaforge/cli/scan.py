"""mediaforge scan."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge import model
from mediaforge.cli.items import counted
from mediaforge.cli.session import Session, session
from mediaforge.cli.signals import two_steps
from mediaforge.text import display_path, printable

if TYPE_CHECKING:
    from mediaforge.operations.scan import ScanOptions, ScanReport

_STOPPING = "stopping; what was read is kept (once more to leave at once)"
_TOLD = 10  # failures that are named at the end; the rest is a command away


def scan_command(
    context: typer.Context,
    roots: Annotated[list[str], typer.Argument(help="Folders or files to scan.", metavar="ROOT")],
    full: Annotated[bool, typer.Option("--full", help="Read every file again, also those that did not change.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Try again what could not be read before.")] = False,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Leave out what matches, as in .gitignore.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be done.")] = False,
) -> None:
    """Catalogue the videos, music and pictures below folders."""
    from mediaforge.operations.scan import ScanOptions

    ours = session(context)
    options = ScanOptions(full=full, retry=retry, dry_run=dry_run, exclude=tuple(exclude or ()))
    report, failures = asyncio.run(_scan(ours, roots, options))
    _tell(ours, report, failures, dry_run=dry_run)
    raise typer.Exit(report.exit_code)


async def _scan(ours: Session, roots: list[str], options: ScanOptions) -> tuple[ScanReport, list[model.Trouble]]:
    from mediaforge.operations.scan import scan

    stop = asyncio.Event()
    failures: list[model.Trouble] = []
    with ExitStack() as stack:
        draw = _screen(ours, stack)

        def hear(event: model.Event) -> None:
            ours.log.hear(event)
            if isinstance(event, model.ScanStarted):
                ours.say(f"scan {event.scan[:8]} of {', '.join(printable(display_path(root)) for root in event.roots)}")
            elif isinstance(event, model.Trouble) and len(failures) <= _TOLD:
                failures.append(event)
            draw(event)

        stack.enter_context(two_steps(stop, lambda: ours.say(_STOPPING), lambda: _leave(ours)))
        return await scan(ours.config, roots, options, stop=stop, events=hear), failures


def _screen(ours: Session, stack: ExitStack) -> Callable[[model.Event], None]:
    if not ours.draws:
        return model.nobody
    from mediaforge.cli.progress import ScanProgress

    return stack.enter_context(ScanProgress()).hear


def _leave(ours: Session) -> None:
    if ours.draws:
        os.write(2, b"\n\x1b[?25h")  # the cursor, which the progress bar hides


def _tell(ours: Session, report: ScanReport, failures: list[model.Trouble], *, dry_run: bool) -> None:
    for why in report.offline:
        ours.log.write("warning", "offline", message=why)
        typer.echo(f"offline: {printable(why)}", err=True)
    for failure in failures[:_TOLD]:
        typer.echo(f"{printable(display_path(failure.path))}: {printable(failure.message)}", err=True)
    if len(failures) > _TOLD:
        typer.echo(f"… and more; all of them: mediaforge scans show {report.id[:8]}", err=True)
    if dry_run:
        for action, path in report.actions:
            typer.echo(f"{action.value}\t{printable(display_path(path))}")
    counts = {name: getattr(report, name) for name in _COUNTS}
    ours.log.write(
        "info", "scan_ended", exit_code=report.exit_code, cancelled=report.cancelled, **counts, **asdict(report.plan)
    )
    if not ours.quiet:
        typer.echo(_summary(report, dry_run=dry_run))


_COUNTS = ("found", "done", "failed", "known_failed", "unsettled", "unreadable_folders")

# What a plan counts, in a person's words, the interesting first; what is 0 is not said.
_PLANNED = {
    "new": "new",
    "changed": "changed",
    "moved": "moved",
    "missing": "missing",
    "ambiguous": "ambiguous",
    "settling": "still being written",
    "touched": "touched, not changed",
    "unknown": "left as they were",
    "unchanged": "unchanged",
}


def _summary(report: ScanReport, *, dry_run: bool) -> str:
    planned = asdict(report.plan)
    if report.cancelled and not any(planned.values()):
        return "cancelled while counting; nothing was changed"
    counts = [f"{planned[name]:,} {words}" for name, words in _PLANNED.items() if planned[name]]
    found = f"{counted(report.found, 'file')} found: {', '.join(counts) or 'nothing to do'}"
    if dry_run:
        return f"{found} (a dry run: nothing was written)"
    read = [f"{report.done:,} read"]
    if report.failed:
        read.append(f"{report.failed:,} could not be read")
    if report.known_failed:
        read.append(f"{report.known_failed:,} known to be unreadable")
    if report.unsettled:
        read.append(f"{report.unsettled:,} left for the next scan")
    return f"{found}\n{', '.join(read)}{'; cancelled' if report.cancelled else ''}"
