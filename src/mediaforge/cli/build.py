"""mediaforge build."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge import events
from mediaforge.cli.items import size_text
from mediaforge.cli.output import ListFormat, ListFormatOption, print_rows
from mediaforge.cli.session import Session, session
from mediaforge.cli.work import at_work
from mediaforge.config import RECIPES
from mediaforge.errors import UsageError
from mediaforge.text import display_path, printable

if TYPE_CHECKING:
    from mediaforge.operations.targets import BuildOptions, BuildReport, Built, Overview, Problem

KEPT = "what was made is kept"
_TOLD = 10  # failures that are named at the end; the rest is a command away
_TIME = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")
GENTLY = 19
"""The niceness that leaves the processor to everybody else; Linux' disk schedulers follow it."""


def build_command(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(help=f"What to make ({', '.join(RECIPES)}; all of it), then of which items.", metavar="RECIPE… TARGET"),
    ] = None,
    overview: Annotated[bool, typer.Option("--list", help="Only tell what there is of each recipe.")] = False,
    problems: Annotated[bool, typer.Option("--problems", help="Only tell what could not be made, and why.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Try again what could not be made before.")] = False,
    limit: Annotated[str, typer.Option("--for", metavar="TIME", help="End after so long: 2h, 90m, 1h30m.")] = "",
    jobs: Annotated[int, typer.Option("--jobs", min=0, metavar="N", help="Worker processes; 0: as configured.")] = 0,
    nice: Annotated[bool, typer.Option("--nice", help="Leave the processor and the disks to everybody else.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be done.")] = False,
    how: ListFormatOption = ListFormat.TABLE,
) -> None:
    """Make what is stale of what is made of files, such as hashes; what was made is never made again."""
    from mediaforge.operations.targets import BuildOptions

    ours = session(context)
    recipes, targets = _split(words or [])
    options = BuildOptions(recipes, targets, retry=retry, dry_run=dry_run, seconds=seconds_of(limit) if limit else None)
    if overview or problems:
        return _look(ours, options, how, overview=overview)
    if jobs:
        ours.config = replace(ours.config, jobs=jobs)
    if nice:
        os.nice(GENTLY)
    report, failures = asyncio.run(_build(ours, options))
    if report.exit_code or not ours.quiet:
        _warn(report, failures)
    if how is not ListFormat.TABLE:
        print_rows([_record(one) for one in report.built], how, ("recipe",))
    elif dry_run or not ours.quiet:
        typer.echo(_would(report) if dry_run else build_summary(report))
    raise typer.Exit(report.exit_code)


def _split(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the recipes that the first words name, each once, and the words after them."""
    count = next((at for at, word in enumerate(words) if word not in RECIPES), len(words))
    return tuple(dict.fromkeys(words[:count])), tuple(words[count:])


def seconds_of(text: str) -> float:
    """Return the seconds of a time as a person writes it; UsageError where it is none."""
    found = _TIME.fullmatch(text.strip().lower())
    hours, minutes, seconds = (float(part or 0) for part in found.groups()) if found else (0.0, 0.0, 0.0)
    if not (total := hours * 3600 + minutes * 60 + seconds):
        raise UsageError(f"--for takes a time such as 2h, 90m or 1h30m, not '{printable(text)}'")
    return total


async def _build(ours: Session, options: BuildOptions) -> tuple[BuildReport, list[events.Trouble]]:
    from mediaforge.operations.targets import build

    with at_work(ours, "looking for what is stale", kept=KEPT, most=_TOLD + 1) as work:
        return await build(ours.config, options, stop=work.stop, events=work.hear), work.troubles


def _warn(report: BuildReport, failures: Sequence[events.Trouble]) -> None:
    for why in report.offline:
        typer.echo(f"offline: {printable(why)}", err=True)
    for failure in failures[:_TOLD]:
        typer.echo(f"{printable(display_path(failure.path))}: {printable(failure.message)}", err=True)
    if len(failures) > _TOLD:
        typer.echo("… and more; all of them: mediaforge build --problems", err=True)


def _record(one: Built) -> dict[str, object]:
    counts = {"stale": one.stale, "made": one.made, "failed": one.failed, "tried_again": one.tried_again}
    return {"recipe": one.recipe, **counts, "unsettled": one.unsettled, "cleared": one.cleared}


def _would(report: BuildReport) -> str:
    told = [f"{one.recipe}: {one.stale:,} would be made" for one in report.built]
    return "\n".join([*told, "(a dry run: nothing was written)"])


def build_summary(report: BuildReport) -> str:
    """Return what a build came to, a line for each recipe."""
    lines = []
    for one in report.built:
        parts = [f"{one.made:,} made" if one.stale else "nothing is stale"]
        if one.failed:
            parts.append(f"{one.failed:,} could not be made")
        if one.tried_again:
            parts.append(f"{one.tried_again:,} tried again in vain")
        if one.unsettled:
            parts.append(f"{one.unsettled:,} left for the next scan")
        if one.cleared:
            parts.append(f"{one.cleared:,} old files cleared from the cache")
        lines.append(f"{one.recipe}: {', '.join(parts)}")
    if report.cancelled:
        lines.append("cancelled; the rest is made next time")
    elif report.out_of_time:
        lines.append("the time is over; the rest is made next time")
    return "\n".join(lines)


def _look(ours: Session, options: BuildOptions, how: ListFormat, *, overview: bool) -> None:
    from mediaforge.operations import targets

    if overview:
        return _print_overview(ours.run(lambda catalogue: targets.overview(catalogue, ours.config)), how)
    return _print_problems(ours.run(lambda catalogue: targets.problems(catalogue, options)), how)


def _print_overview(found: Sequence[Overview], how: ListFormat) -> None:
    rows: list[dict[str, object]] = [
        {
            "recipe": one.recipe,
            "version": one.version,
            "made": one.stored.made,
            "stale": one.stale,
            "failed": one.stored.failed,
            "seconds": one.stored.seconds,
            "bytes": one.stored.bytes,
        }
        for one in found
    ]
    if how is ListFormat.TABLE:
        for row, one in zip(rows, found, strict=True):
            row["time a file"] = "" if one.stored.seconds is None else f"{one.stored.seconds * 1000:,.1f} ms"
            row["stored"] = size_text(one.stored.bytes) if one.stored.bytes else ""
    columns = ("recipe", "version", "made", "stale", "failed", "time a file", "stored")
    print_rows(rows, how, columns, right=columns[1:])


def _print_problems(found: Sequence[Problem], how: ListFormat) -> None:
    rows: list[dict[str, object]] = [
        {
            "id": one.media,
            "recipe": one.recipe,
            "reason": one.reason.value,
            "message": one.message,
            "attempts": one.attempts,
            "at": one.at,
            "path": display_path(one.path),
        }
        for one in found
    ]
    print_rows(rows, how, ("id", "recipe", "reason", "message", "path"), right=("id",))
