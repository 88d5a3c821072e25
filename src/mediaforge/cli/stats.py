"""mediaforge stats."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from mediaforge.cli.items import duration_text, size_text
from mediaforge.cli.output import ListFormat, ListFormatOption, print_rows, print_table
from mediaforge.cli.session import session
from mediaforge.operations import stats

_MOST = 12  # groups of one kind on a screen


def stats_command(
    context: typer.Context,
    query: Annotated[list[str] | None, typer.Argument(help="Count only what this query finds.", metavar="QUERY")] = None,
    how: ListFormatOption = ListFormat.TABLE,
) -> None:
    """Tell what is in here: by kind, format, codec, year and library; sizes and durations."""
    found = session(context).run(lambda catalogue: stats.collect(catalogue, query or []))
    if how is ListFormat.CSV:
        return print_rows([asdict(group) for group in found.groups], how, ("by", "value", "items", "size", "duration"))
    if how is not ListFormat.TABLE:
        return print_rows([{**asdict(found.totals), "groups": [asdict(group) for group in found.groups]}], how, ())
    totals = found.totals
    print_table(
        ("", "items"),
        [
            ("items", f"{totals.items:,}"),
            ("size", size_text(totals.size)),
            ("playing time", duration_text(totals.duration)),
            ("unreadable", f"{totals.unreadable:,}"),
            ("missing", f"{totals.missing:,}"),
            ("offline", f"{totals.offline:,}"),
            ("tags", f"{totals.tags:,}"),
        ],
        right={1},
    )
    for by in stats.GROUPS:
        groups = [group for group in found.groups if group.by == by]
        rows = [(g.value, f"{g.items:,}", size_text(g.size), duration_text(g.duration or None)) for g in groups]
        if len(rows) > _MOST:
            rest = groups[_MOST:]
            items, size, duration = (sum(getattr(g, name) for g in rest) for name in ("items", "size", "duration"))
            rows[_MOST:] = [(f"{len(rest)} more", f"{items:,}", size_text(size), duration_text(duration or None))]
        typer.echo()
        print_table((by, "items", "size", "playing time"), rows, right={1, 2, 3})
    return None
