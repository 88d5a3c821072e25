"""mediaforge library."""

from __future__ import annotations

import typer

from mediaforge.cli.items import size_text
from mediaforge.cli.output import ListFormat, ListFormatOption, print_rows
from mediaforge.cli.program import group
from mediaforge.cli.session import session
from mediaforge.model import Library
from mediaforge.operations import stats
from mediaforge.text import display_path

library_app = group("The scanned folders.")


def _record(library: Library) -> dict[str, object]:
    return {
        "library": library.slug,
        "root": display_path(library.root),
        "state": "online" if library.online else "offline",
        "items": library.items,
        "size": library.size,
        "volume": library.volume,
        "volume_label": library.volume_label,
        "added": library.added,
        "seen": library.seen,
    }


@library_app.command("list")
def list_command(context: typer.Context, how: ListFormatOption = ListFormat.TABLE) -> None:
    """List the scanned folders, with how many items each has."""
    rows = [_record(library) for library in session(context).run(stats.list_libraries)]
    if how is ListFormat.TABLE:
        for row in rows:
            row["size"] = size_text(int(str(row["size"])))
    print_rows(rows, how, ("library", "state", "items", "size", "root"), right=("items", "size"))
