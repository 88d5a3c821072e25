"""mediaforge scan."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import ExitStack
from typing import Annotated

import typer

from mediaforge import model
from mediaforge.cli.session import Session, session
from mediaforge.operations.scan import ScanOptions, ScanReport, scan
from mediaforge.text import display_path, printable

_TOLD = 10  # failures that are named at the end; the rest is a command away


def scan_command(
    context: typer.Context,
    roots: Annotated[list[str], typer.Argument(help="Folders or files to scan.", metavar="ROOT...")],
    full: Annotated[bool, typer.Option("--full", help="Read every file again, also those that did not change.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Try again what could not be read before.")] = False,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Leave out what matches, as in .gitignore.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be done.")] = False,
) -> None:
    """Catalogue every video, audio and image file below the given folders."""
    ours = session(context)
    options = ScanOptions(full=full, retry=retry, dry_run=dry_run, exclude=tuple(exclude or ()))
    report, failures = asyncio.run(_scan(ours, roots, options))
    _tell(ours, report, failures, dry_run=dry_run)
    raise typer.Exit(report.exit_code)


async def _scan(ours: Session, roots: list[str], options: ScanOptions) -> tuple[ScanReport, list[model.Trouble]]:
    stop = asyncio.Event()
    failures: list[model.Trouble] = []
    with ExitStack() as stack:
        draw = _screen(ours, stack)

        def hear(event: model.Event) -> None:
            if isinstance(event, model.ScanStarted):
                ours.say(f"scan {event.scan[:8]} of {', '.join(printable(display_path(root)) for root in event.roots)}")
            elif isinstance(event, model.Trouble) and len(failures) <= _TOLD:
                failures.append(event)
            draw(event)

        _stop_on_signals(stop, ours)
        return await scan(ours.config, roots, options, stop=stop, events=hear), failures


def _screen(ours: Session, stack: ExitStack) -> Callable[[model.Event], None]:
    if not ours.draws:
        return model.nobody
    from mediaforge.cli.progress import ScanProgress

    return stack.enter_context(ScanProgress()).hear


def _stop_on_signals(stop: asyncio.Event, ours: Session) -> None:
    """End the scan in good order at the first SIGINT or SIGTERM, and at once, whatever hangs, at the second.

    Leaving at once is safe: what was committed is committed, and workers end when their parent does.
    """

    def heard() -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()
        ours.say("stopping; what was read is kept (once more to leave at once)")

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, heard)


def _tell(ours: Session, report: ScanReport, failures: list[model.Trouble], *, dry_run: bool) -> None:
    for why in report.offline:
        typer.echo(f"offline: {printable(why)}", err=True)
    for failure in failures[:_TOLD]:
        typer.echo(f"{printable(display_path(failure.path))}: {printable(failure.message)}", err=True)
    if len(failures) > _TOLD:
        typer.echo(f"… and more; all of them: mediaforge scans show {report.id[:8]}", err=True)
    if dry_run:
        for action, path in report.actions:
            typer.echo(f"{action.value}\t{printable(display_path(path))}")
    if not ours.quiet:
        typer.echo(_summary(report, dry_run=dry_run))


def _summary(report: ScanReport, *, dry_run: bool) -> str:
    plan = report.plan
    counts = [
        f"{number:,} {name}"
        for name, number in (
            ("new", plan.new),
            ("changed", plan.changed),
            ("moved", plan.moved),
            ("missing", plan.missing),
            ("ambiguous", plan.ambiguous),
            ("left as they were", plan.unknown),
            ("unchanged", plan.unchanged),
        )
        if number
    ]
    found = f"{report.found:,} files found: {', '.join(counts) or 'nothing to do'}"
    if dry_run:
        return f"{found} (a dry run: nothing was written)"
    read = [f"{report.done:,} read"]
    if report.failed:
        read.append(f"{report.failed:,} could not be read")
    if report.known_failed:
        read.append(f"{report.known_failed:,} known to be unreadable")
    return f"{found}\n{', '.join(read)}{'; cancelled' if report.cancelled else ''}"
