"""mediaforge scan."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge import events, scanned
from mediaforge.cli.items import counted
from mediaforge.cli.report import STDOUT, check_report, failed_record, report_record, write_report
from mediaforge.cli.session import Session, session
from mediaforge.cli.work import at_work
from mediaforge.errors import MediaForgeError, UsageError
from mediaforge.model import ScanId
from mediaforge.operations import scans
from mediaforge.text import display_path, printable

if TYPE_CHECKING:
    from mediaforge.operations.scan import ScanOptions, ScanReport

_TOLD = 10  # failures that are named at the end; the rest is a command away


def scan_command(
    context: typer.Context,
    roots: Annotated[list[str] | None, typer.Argument(help="Folders or files to scan.", metavar="ROOT")] = None,
    every: Annotated[bool, typer.Option("--all", help="Scan every folder that was scanned before.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Read every file again, also those that did not change.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Try again what could not be read before.")] = False,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Leave out what matches, as in .gitignore.")
    ] = None,
    settle: Annotated[
        float | None, typer.Option("--settle", min=0, metavar="SECONDS", help="Leave files alone that are younger.")
    ] = None,
    hashes: Annotated[bool, typer.Option("--sha256", help="Read the SHA-256 of every file that is read, too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be done.")] = False,
    target: Annotated[
        str | None, typer.Option("--report", metavar="FILE", help="Write what came of it as JSON; 'json' prints it.")
    ] = None,
    in_background: Annotated[
        bool, typer.Option("--background", help="Print the scan's id and return as soon as it has begun.")
    ] = False,
    announce: Annotated[bool, typer.Option("--announce", hidden=True)] = False,
) -> None:
    """Catalogue the videos, music and pictures below folders."""
    from mediaforge.operations.scan import ScanOptions

    gc.set_threshold(_RARELY)
    _check(roots or (), every=every, dry_run=dry_run, target=target, in_background=in_background)
    if in_background:
        raise typer.Exit(_begin(sys.argv[1:]))
    ours = session(context)
    options = ScanOptions(
        full=full,
        retry=retry,
        dry_run=dry_run,
        hashes=hashes,
        all_libraries=every,
        settle=settle,
        exclude=tuple(exclude or ()),
    )
    try:
        report, failures = asyncio.run(_scan(ours, roots or [], options, announce=announce))
        problems = _write_down(ours, report, target) if not dry_run and (failures or target) else failures
    except MediaForgeError as error:
        if target:
            write_report(target, failed_record(error))
        raise
    _tell(ours, report, problems, dry_run=dry_run, summary=target not in STDOUT)
    if report.build_error:
        raise report.build_error
    raise typer.Exit(report.exit_code)


_RARELY = 100_000  # objects between two looks for cycles: found files are in none, and at 700 they cost the walk a tenth


def _check(roots: Sequence[str], *, every: bool, dry_run: bool, target: str | None, in_background: bool) -> None:
    if every and roots:
        raise UsageError(f"'--all' is every folder that was scanned before; leave it out, or '{printable(roots[0])}'")
    if not every and not roots:
        raise UsageError("name a folder to scan, or give --all for every one that was scanned before")
    if dry_run and (target or in_background):
        raise UsageError(f"a dry run leaves no trace; leave '{'--report' if target else '--background'}' out")
    if in_background and target in STDOUT:
        raise UsageError("a scan in the background prints no report; name a file for it")
    if target is not None:
        check_report(target)


def _begin(words: Sequence[str]) -> int:
    """Begin the same scan in a process of its own, print its id, and return the exit code."""
    from mediaforge.operations import background

    end = words.index("--") if "--" in words else len(words)
    options = ["--announce" if word == "--background" else word for word in words[:end]]
    begun = background.launch([*options, *words[end:]])
    print(begun.said, end="", file=sys.stderr)  # noqa: T201
    if begun.scan:
        typer.echo(begun.scan)
    return begun.exit_code


def _announce(scan: ScanId) -> None:
    """Tell whoever began us in the background, who then goes, and be silent."""
    print(scan, flush=True)  # noqa: T201
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_down(ours: Session, report: ScanReport, target: str | None) -> Sequence[scanned.ScanProblem]:
    """Write the report where it is wanted, and return what went wrong: without the failures that are known from before."""
    details = ours.run(lambda catalogue: scans.show_scan(catalogue, report.id))
    if target:
        write_report(target, report_record(details))
    return details.problems


async def _scan(
    ours: Session, roots: list[str], options: ScanOptions, *, announce: bool
) -> tuple[ScanReport, list[events.Trouble]]:
    from mediaforge.operations.scan import scan

    def told(event: events.Event) -> None:
        if isinstance(event, events.ScanStarted):
            if announce:
                _announce(event.scan)
            ours.say(f"scan {event.scan[:8]} of {', '.join(printable(display_path(root)) for root in event.roots)}")
        elif isinstance(event, events.Remark):
            ours.say(printable(event.text))

    with at_work(ours, "counting", told=told, most=_TOLD + 1) as work:
        return await scan(ours.config, roots, options, stop=work.stop, events=work.hear), work.troubles


def _tell(
    ours: Session,
    report: ScanReport,
    problems: Sequence[scanned.ScanProblem | events.Trouble],
    *,
    dry_run: bool,
    summary: bool,
) -> None:
    for why in report.offline:
        ours.log.write("warning", "offline", message=why)
    if report.exit_code or not ours.quiet:  # cron writes a letter for every line, and only an exit code is worth one
        _warn(report, problems)
        if report.cancelled and ours.quiet:
            typer.echo(f"scan {report.id[:8]} was cancelled; what it read is kept", err=True)
    if dry_run:
        for action, path in report.actions:
            typer.echo(f"{action.value}\t{printable(display_path(path))}")
    counts = {name: getattr(report, name) for name in _COUNTS}
    ours.log.write(
        "info", "scan_ended", exit_code=report.exit_code, cancelled=report.cancelled, **counts, **asdict(report.plan)
    )
    if summary and not ours.quiet:
        typer.echo(_summary(report, dry_run=dry_run))
        if report.build:
            from mediaforge.cli.build import build_summary

            typer.echo(build_summary(report.build))


def _warn(report: ScanReport, problems: Sequence[scanned.ScanProblem | events.Trouble]) -> None:
    for why in report.offline:
        typer.echo(f"offline: {printable(why)}", err=True)
    for problem in problems[:_TOLD]:
        typer.echo(f"{printable(display_path(problem.path))}: {printable(problem.message)}", err=True)
    if len(problems) > _TOLD:
        typer.echo(f"… and more; all of them: mediaforge scans show {report.id[:8]}", err=True)


_COUNTS = ("found", "done", "failed", "known_failed", "unsettled", "unreadable_folders", "tagged")

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
        return f"{found}\n{report.to_read:,} would be read (a dry run: nothing was written)"
    read = [f"{report.done:,} read"]
    if report.failed:
        read.append(f"{report.failed:,} could not be read")
    if report.known_failed:
        again = f", {report.tried_again:,} of them tried again" if report.tried_again else ""
        read.append(f"{report.known_failed:,} known to be unreadable{again}")
    if report.unsettled:
        read.append(f"{report.unsettled:,} left for the next scan")
    if report.tagged:
        read.append(f"{counted(report.tagged, 'tag')} by rules")
    return f"{found}\n{', '.join(read)}{'; cancelled' if report.cancelled else ''}"
