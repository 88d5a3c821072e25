"""mediaforge sidecar."""

from __future__ import annotations

from typing import Annotated

import typer

from mediaforge.cli.items import counted
from mediaforge.cli.output import ListFormat, ListFormatOption, print_rows
from mediaforge.cli.program import QueryCommand, group
from mediaforge.cli.session import session
from mediaforge.operations.sidecars_out import SidecarReport, write_sidecars
from mediaforge.text import display_path, printable

_SOME_REFUSED = 3

sidecar_app = group("Write what you did into sidecars beside your files, for other programs.")


@sidecar_app.callback()
def sidecar() -> None:
    """Write what you did into sidecars beside your files, for other programs."""


@sidecar_app.command("write", cls=QueryCommand)
def write(
    context: typer.Context,
    targets: Annotated[list[str], typer.Argument(help="Ids, paths or a query.", metavar="TARGET")],
    force: Annotated[bool, typer.Option("--force", help="Also where others changed a sidecar since it was read.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be written.")] = False,
    how: ListFormatOption = ListFormat.TABLE,
) -> None:
    """Write tags, ratings, titles, descriptions and places of yours into XMP sidecars beside the files."""
    ours = session(context)
    report = ours.run(lambda catalogue: write_sidecars(catalogue, ours.config, targets, force=force, dry_run=dry_run))
    rows: list[dict[str, object]] = [
        {"id": one.media, "outcome": one.what, "sidecar": display_path(one.sidecar), "why": one.why}
        for one in report.outcomes
        if how is not ListFormat.TABLE or one.what != "unchanged"
    ]
    for row in rows if how is ListFormat.TABLE else ():
        row["sidecar"] = " ".join(printable(str(row[name])) for name in ("sidecar", "why") if row[name])
    print_rows(rows, how, ("id", "outcome", "sidecar"), right=["id"])
    ours.say(_told(report, dry_run=dry_run))
    if report.count("refused"):
        raise typer.Exit(_SOME_REFUSED)


def _told(report: SidecarReport, *, dry_run: bool) -> str:
    """Return what came of it in one line."""
    new, changed = report.count("new"), report.count("changed")
    act = "would write" if dry_run else "wrote"
    parts = [f"{act} {counted(new + changed, 'sidecar')}" + (f", {new:,} of them new" if new and changed else "")]
    parts += [f"{number:,} {what}" for what, number in (
        ("as they should be", report.count("unchanged")),
        ("with nothing of yours to write", report.nothing),
        ("whose files are not there", report.away),
        ("refused", report.count("refused")),
    ) if number]  # fmt: skip
    return "; ".join(parts)
