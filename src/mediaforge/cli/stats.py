"""mediaforge stats."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from mediaforge.cli.items import duration_text, size_text
from mediaforge.cli.output import ListFormat, ListFormatOption, print_record, print_rows, print_table
from mediaforge.cli.session import session
from mediaforge.operations import stats

_MOST = 12  # groups of one kind on a screen


def stats_command(
    context: typer.Context,
    query: Annotated[list[str] | None, typer.Argument(help="Count only what this query finds.", metavar="QUERY")] = None,
    how: ListFormatOption = ListFormat.TABLE,
) -> None:
    """Tell what is in here, by kind, format, codec, year, library."""
    found = session(context).run(lambda catalogue: stats.collect(catalogue, query or []))
    if how is ListFormat.CSV:
        return print_rows([asdict(group) for group in found.groups], how, ("by", "value", "items", "size", "duration"))
    if how is not ListFormat.TABLE:
        return print_record({**asdict(found.totals), "groups": [asdict(group) for group in found.groups]}, how)
    if sys.stdout.isatty():
        return _screen(found)
    print_table(("by", "value", "items", "size", "playing time"), [("total", *row) for row in _totals(found)])
    print_table((), [(group.by, *_cells(group)) for group in found.groups])
    return None


def _totals(found: stats.Stats) -> list[tuple[str, str]]:
    totals = found.totals
    numbers = [(name, getattr(totals, name)) for name in ("items", "unreadable", "missing", "offline", "tags", "duplicates")]
    return [
        *((name, f"{number:,}") for name, number in numbers if number or name == "items"),
        ("size", size_text(totals.size)),
        *([("can be won back", size_text(totals.reclaimable))] if totals.duplicates else []),
        ("playing time", duration_text(totals.duration)),
    ]


def _cells(group: stats.Group) -> tuple[str, str, str, str]:
    return group.value, f"{group.items:,}", size_text(group.size), duration_text(group.duration or None)


def _screen(found: stats.Stats) -> None:
    print_table(("", ""), _totals(found), right={1})
    for by in stats.GROUPS:
        groups = [group for group in found.groups if group.by == by]
        rows = [_cells(group) for group in groups]
        if len(rows) > _MOST:
            rest = groups[_MOST:]
            items, size, duration = (sum(getattr(g, name) for g in rest) for name in ("items", "size", "duration"))
            rows[_MOST:] = [(f"{len(rest)} more", f"{items:,}", size_text(size), duration_text(duration or None))]
        if rows:
            typer.echo()
            print_table((by, "items", "size", "playing time"), rows, right={1, 2, 3})
