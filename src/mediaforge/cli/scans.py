"""mediaforge scans."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge.cli.items import counted, duration_text
from mediaforge.cli.output import ListFormat, ListFormatOption, print_record, print_rows, print_table
from mediaforge.cli.program import CONTEXT, Group, PlainCommand
from mediaforge.cli.report import report_record, scan_record
from mediaforge.cli.session import Session, session
from mediaforge.errors import Cancelled
from mediaforge.operations import scans
from mediaforge.scanned import Scan, ScanStatus
from mediaforge.text import display_path, printable

if TYPE_CHECKING:
    from mediaforge.operations.catalogues import Catalogue

_EVERY = 1.0  # seconds between two lines where nobody sees progress drawn

scans_app = typer.Typer(
    cls=Group,
    help="List, show, follow, pause and cancel scans.",
    invoke_without_command=True,
    context_settings=CONTEXT,
    rich_markup_mode=None,
)

ScanPrefix = Annotated[str, typer.Argument(help="The id of a scan, or its first digits.", metavar="ID")]


def _status(scan: Scan) -> str:
    return "paused" if scan.status is ScanStatus.RUNNING and scan.pause_requested else scan.status.value


@scans_app.callback()
def list_command(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many; 0: all.")] = 20,
    how: ListFormatOption = ListFormat.TABLE,
) -> None:
    """List the scans, newest first."""
    if context.invoked_subcommand is not None:
        return None
    found = session(context).run(lambda catalogue: scans.list_scans(catalogue, limit=limit))
    if how is not ListFormat.TABLE:
        return print_rows([scan_record(scan) for scan in found], how, ("id",))
    if not found:
        session(context).say("no scans yet; make one with: mediaforge scan FOLDER")
    rows = [
        {
            "scan": scan.id[:8],
            "status": _status(scan),
            "started": _local(scan.started),
            **{name: scan.counters[name] for name in ("found", "done", "failed")},
            "roots": ", ".join(display_path(path) for path, _outcome in scan.roots),
        }
        for scan in found
    ]
    print_rows(rows, how, ("scan", "status", "started", "found", "done", "failed", "roots"), right=("found", "done", "failed"))
    return None


@scans_app.command("show", cls=PlainCommand)
def show(context: typer.Context, scan_id: ScanPrefix, how: ListFormatOption = ListFormat.TABLE) -> None:
    """Tell how a scan stands, or stood, what moved, and what went wrong with which file."""
    details = session(context).run(lambda catalogue: scans.show_scan(catalogue, scan_id))
    if how is not ListFormat.TABLE:
        return print_record(report_record(details), how)
    print_table(("", ""), _sheet(details.scan))
    if details.moved:
        typer.echo()
        moves = [(str(one.evidence), *(display_path(path or b"") for path in (one.before, one.after))) for one in details.moved]
        print_table(("moved by", "from", "to"), moves)
    if details.problems:
        typer.echo()
        problems = [(problem.reason, problem.message, display_path(problem.path)) for problem in details.problems]
        print_table(("reason", "message", "path"), problems)
    return None


def _sheet(scan: Scan) -> list[tuple[str, str]]:
    """Return what there is to say of a scan, in lines; of one that runs, how far it is."""
    counters = dict(scan.counters)
    total = counters.pop("total", 0)
    rows = [("scan", scan.id), ("status", _status(scan)), ("mode", scan.mode), ("started", _local(scan.started))]
    if scan.ended:
        took = (datetime.fromisoformat(scan.ended) - datetime.fromisoformat(scan.started)).total_seconds()
        rows.append(("ended", f"{_local(scan.ended)} (after {f'{took:.1f} s' if took < 60 else duration_text(took)})"))
    if scan.status is ScanStatus.RUNNING:
        done = counters["done"]
        rows += [
            ("phase", f"{scan.phase}{f': {done:,} of {total:,}' if total else ''}"),
            ("last heard of", _local(scan.heartbeat)),
            ("process", f"{scan.pid} on {scan.host}"),
        ]
        if scan.cancel_requested:
            rows.append(("asked to stop", "yes"))
        if scan.current_file:
            rows.append(("file", scan.current_file))
    rows += [(name.replace("_", " "), f"{number:,}") for name, number in counters.items() if number]
    rows += [(f"root{f' ({outcome})' if outcome else ''}", display_path(path)) for path, outcome in scan.roots]
    return [*rows, ("error", scan.error)] if scan.error else rows


def _local(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M:%S}"


@scans_app.command("cancel", cls=PlainCommand)
def cancel(context: typer.Context, scan_id: ScanPrefix) -> None:
    """Stop a scan from another terminal; what it has read is kept."""
    ours = session(context)
    scan = ours.run(lambda catalogue: scans.cancel_scan(catalogue, scan_id))
    ours.say(f"asked scan {scan.id[:8]} to stop")


@scans_app.command("pause", cls=PlainCommand)
def pause(context: typer.Context, scan_id: ScanPrefix) -> None:
    """Let a running scan begin nothing new, until it is resumed or cancelled."""
    ours = session(context)
    scan = ours.run(lambda catalogue: scans.pause_scan(catalogue, scan_id))
    ours.say(f"asked scan {scan.id[:8]} to pause; let it go on with: mediaforge scans resume {scan.id[:8]}")


@scans_app.command("resume", cls=PlainCommand)
def resume(context: typer.Context, scan_id: ScanPrefix) -> None:
    """Let a paused scan go on."""
    ours = session(context)
    scan = ours.run(lambda catalogue: scans.pause_scan(catalogue, scan_id, pause=False))
    ours.say(f"asked scan {scan.id[:8]} to go on")


@scans_app.command("wait", cls=PlainCommand)
def wait(context: typer.Context, scan_id: ScanPrefix) -> None:
    """Wait until a scan has ended, and exit with its exit code."""
    ours = session(context)
    scan = ours.run(lambda catalogue: _follow(catalogue, scan_id, lambda _scan: None))
    if scan.status is not ScanStatus.FINISHED:
        ours.say(_line(scan))
    raise typer.Exit(scans.exit_code(scan))


@scans_app.command("follow", cls=PlainCommand)
def follow(context: typer.Context, scan_id: ScanPrefix) -> None:
    """Show how far a scan is until it has ended, and exit with its exit code; Ctrl-C leaves, and the scan goes on."""
    ours = session(context)
    try:
        scan = _show_progress(ours, scan_id)
    except KeyboardInterrupt:
        ours.say("the scan goes on")
        raise typer.Exit(Cancelled.exit_code) from None
    raise typer.Exit(scans.exit_code(scan))


def _show_progress(ours: Session, scan_id: str) -> Scan:
    """Draw on a terminal what the scan itself would draw there, elsewhere write a line a second and the last one."""
    with ExitStack() as stack:
        if ours.draws:
            from mediaforge.cli.progress import ScanProgress

            look, every = stack.enter_context(ScanProgress()).look, 0.2
            scan = ours.run(lambda catalogue: _follow(catalogue, scan_id, look, every=every))
        else:
            scan = ours.run(lambda catalogue: _follow(catalogue, scan_id, _print_line, every=_EVERY))
    if ours.draws:
        _print_line(scan)
    return scan


async def _follow(catalogue: Catalogue, scan_id: str, show: Callable[[Scan], None], *, every: float = 0.2) -> Scan:
    async for scan in scans.follow(catalogue, scan_id, every=every):
        show(scan)
    return scan


def _print_line(scan: Scan) -> None:
    print(_line(scan), flush=True)  # noqa: T201


def _line(scan: Scan) -> str:
    counters = scan.counters
    name = scan.phase if scan.status is ScanStatus.RUNNING else scan.status.value
    parts = [f"scan {scan.id[:8]} {name}: {counted(counters['found'], 'file')} found"]
    if counters["total"]:
        parts.append(f"{counters['done']:,} of {counters['total']:,} done")
    if counters["failed"]:
        parts.append(f"{counters['failed']:,} could not be read")
    return ", ".join(parts) + (f"; {printable(scan.error)}" if scan.error else "")
