"""mediaforge scans."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from mediaforge.cli.items import duration_text
from mediaforge.cli.output import ListFormat, ListFormatOption, print_record, print_rows, print_table
from mediaforge.cli.program import CONTEXT, PlainCommand
from mediaforge.cli.session import session
from mediaforge.model import Scan, ScanStatus
from mediaforge.operations import scans
from mediaforge.text import display_path

scans_app = typer.Typer(
    help="List, show and cancel scans.", invoke_without_command=True, context_settings=CONTEXT, rich_markup_mode=None
)

ScanPrefix = Annotated[str, typer.Argument(help="The id of a scan, or its first digits.", metavar="ID")]


def _record(scan: Scan) -> dict[str, object]:
    return {
        "id": scan.id,
        "mode": scan.mode,
        "status": scan.status.value,
        "phase": scan.phase if scan.status is ScanStatus.RUNNING else None,
        "started": scan.started,
        "ended": scan.ended,
        "heartbeat": scan.heartbeat,
        "host": scan.host,
        "pid": scan.pid,
        "cancel_requested": scan.cancel_requested,
        "current_file": scan.current_file,
        "error": scan.error,
        **scan.counters,
        "roots": [{"path": display_path(path), "outcome": outcome} for path, outcome in scan.roots],
    }


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
        return print_rows([_record(scan) for scan in found], how, ("id",))
    if not found:
        session(context).say("no scans yet; make one with: mediaforge scan FOLDER")
    rows = [
        {
            "scan": scan.id[:8],
            "status": scan.status.value,
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
    """Tell how a scan stands, or stood, and what went wrong with which file."""
    details = session(context).run(lambda catalogue: scans.show_scan(catalogue, scan_id))
    problems = [
        {"path": display_path(problem.path), "reason": problem.reason, "message": problem.message, "media": problem.media}
        for problem in details.problems
    ]
    record = {**_record(details.scan), "problems": problems}
    if how is not ListFormat.TABLE:
        return print_record(record, how)
    print_table(("", ""), _sheet(details.scan))
    if problems:
        typer.echo()
        print_table(("reason", "message", "path"), [(str(p["reason"]), str(p["message"]), str(p["path"])) for p in problems])
    return None


def _sheet(scan: Scan) -> list[tuple[str, str]]:
    """Return what there is to say of a scan, in lines; of one that runs, how far it is."""
    counters = dict(scan.counters)
    total = counters.pop("total", 0)
    rows = [("scan", scan.id), ("status", scan.status.value), ("mode", scan.mode), ("started", _local(scan.started))]
    if scan.ended:
        took = (datetime.fromisoformat(scan.ended) - datetime.fromisoformat(scan.started)).total_seconds()
        rows.append(("ended", f"{_local(scan.ended)} (after {f'{took:.1f} s' if took < 60 else duration_text(took)})"))
    if scan.status is ScanStatus.RUNNING:
        done = counters["done"] + counters["failed"]
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
