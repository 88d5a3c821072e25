"""mediaforge verify."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge.cli.build import GENTLY, seconds_of
from mediaforge.cli.items import counted, size_text
from mediaforge.cli.output import ListFormat, ListFormatOption, print_rows
from mediaforge.cli.session import Session, session
from mediaforge.cli.work import at_work
from mediaforge.errors import UsageError
from mediaforge.text import display_path, printable

if TYPE_CHECKING:
    from mediaforge.operations.verify import VerifyOptions, VerifyReport


def verify_command(
    context: typer.Context,
    targets: Annotated[list[str] | None, typer.Argument(help="Of which items; all of them.", metavar="TARGET")] = None,
    oldest: Annotated[
        str, typer.Option("--oldest", metavar="N", help="Only so many, or such a share (5%), not read for longest.")
    ] = "",
    log: Annotated[bool, typer.Option("--log", help="Only tell what came of it until now, newest first.")] = False,
    most: Annotated[int, typer.Option("--limit", min=0, help="How many lines of the log; 0: all.")] = 100,
    limit: Annotated[str, typer.Option("--for", metavar="TIME", help="End after so long: 2h, 90m, 1h30m.")] = "",
    jobs: Annotated[int, typer.Option("--jobs", min=0, metavar="N", help="Worker processes; 0: as configured.")] = 0,
    nice: Annotated[bool, typer.Option("--nice", help="Leave the processor and the disks to everybody else.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be read.")] = False,
    how: ListFormatOption = ListFormat.TABLE,
) -> None:
    """Read files again and compare them with their hashes: bit rot is told from edits, and named (exit code 3)."""
    from mediaforge.operations.verify import VerifyOptions

    ours, words = session(context), tuple(targets or ())
    if log:
        return _print_log(ours, words, most, how)
    if jobs:
        ours.config = replace(ours.config, jobs=jobs)
    if nice:
        os.nice(GENTLY)
    count, share = _oldest(oldest)
    options = VerifyOptions(words, count, share, dry_run=dry_run, seconds=seconds_of(limit) if limit else None)
    report = asyncio.run(_verify(ours, options))
    if how is not ListFormat.TABLE:
        print_rows([_record(report)], how, ("read",))
    elif dry_run or not ours.quiet:
        typer.echo(f"{_items(report)} would be read (a dry run: nothing was)" if dry_run else _summary(report))
    if report.unhashed:
        ours.say(f"{counted(report.unhashed, 'file')} with no hash yet: make it with: mediaforge build sha256")
    raise typer.Exit(report.exit_code)


def _oldest(text: str) -> tuple[int | None, float | None]:
    """Return how many items are asked for, or which share of them."""
    number, percent, rest = text.partition("%")
    try:
        if not text:
            return None, None
        if percent and not rest and 0 < float(number) <= 100:
            return None, float(number) / 100
        if int(text) > 0:
            return int(text), None
    except ValueError:
        pass  # told below
    raise UsageError(f"--oldest takes a number such as 100, or a share such as 5%, not '{printable(text)}'")


async def _verify(ours: Session, options: VerifyOptions) -> VerifyReport:
    from mediaforge.operations.verify import verify

    with at_work(ours, "looking for what to read", kept="what was read is logged") as work:
        report = await verify(ours.config, options, stop=work.stop, events=work.hear)
    for why in report.offline:
        ours.say(f"offline: {printable(why)}")
    for trouble in work.troubles:  # every one, also with --quiet: this is what it is all for
        typer.echo(f"{trouble.reason}: {printable(display_path(trouble.path))}: {printable(trouble.message)}", err=True)
    return report


def _items(report: VerifyReport) -> str:
    return f"{counted(report.wanted, 'file')}{f' ({size_text(report.bytes)})' if report.bytes else ''}"


def _record(report: VerifyReport) -> dict[str, object]:
    from mediaforge.operations.verify import Outcome

    return {"read": report.wanted, "bytes": report.bytes, **{one.value: report.outcomes[one] for one in Outcome}}


def _summary(report: VerifyReport) -> str:
    told = [f"{number:,} {outcome.value}" for outcome, number in sorted(report.outcomes.items())]
    ended = "; cancelled" if report.cancelled else "; the time is over" if report.out_of_time else ""
    return f"{_items(report)} to read: {', '.join(told) or 'none read'}{ended}" if report.wanted else "nothing to read"


def _print_log(ours: Session, words: tuple[str, ...], most: int, how: ListFormat) -> None:
    from mediaforge.operations.verify import verification_log

    found = ours.run(lambda catalogue: verification_log(catalogue, words, limit=most))
    rows: list[dict[str, object]] = [
        {"at": one.at, "outcome": one.outcome.value, "id": one.media, "path": display_path(one.path), "message": one.message}
        for one in found
    ]
    if how is ListFormat.TABLE:
        for row in rows:
            row["at"] = str(row["at"])[:19].replace("T", " ")
    print_rows(rows, how, ("at", "outcome", "id", "path"), right=("id",))
