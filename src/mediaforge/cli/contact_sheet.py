"""mediaforge sheet."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge.cli.build import KEPT
from mediaforge.cli.items import counted
from mediaforge.cli.session import Session, session
from mediaforge.cli.work import at_work
from mediaforge.errors import Cancelled
from mediaforge.text import display_path, printable

if TYPE_CHECKING:
    from mediaforge.operations.contact_sheet import Drawn, SheetOptions

_TOLD = 20  # letters that are named


def sheet_command(
    context: typer.Context,
    targets: Annotated[list[str], typer.Argument(help="Ids, paths or a query.", metavar="TARGET")],
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="The JPEG to write.")],
    columns: Annotated[int, typer.Option("--columns", min=1, max=100, metavar="N", help="Pictures in a row.")] = 5,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1000, metavar="N", help="No more items than these, the newest.")
    ] = 100,
    frames: Annotated[int, typer.Option("--frames", min=1, max=500, metavar="N", help="How many of a single video.")] = 20,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Draw a contact sheet: the pictures of items with names and durations; of a single video its frames."""
    from mediaforge.operations.contact_sheet import SheetOptions

    ours = session(context)
    options = SheetOptions(tuple(targets), limit, columns, frames, force)
    drawn, cancelled = asyncio.run(_draw(ours, options, output))
    if cancelled:
        raise typer.Exit(Cancelled.exit_code)
    what = f"{counted(drawn.frames, 'frame')} of a video" if drawn.frames else counted(drawn.shown, "item")
    more = f" of {drawn.found:,}" if drawn.found > drawn.shown else ""
    ours.say(f"drew {what}{more} into '{printable(display_path(os.fsencode(output)))}'")
    if drawn.missing:
        lacking = f"{drawn.missing[:_TOLD]}{'…' if len(drawn.missing) > _TOLD else ''}"
        ours.say(f"no font here has '{printable(lacking)}': a font such as Noto Sans, once installed, is found by itself")


async def _draw(ours: Session, options: SheetOptions, output: str) -> tuple[Drawn, bool]:
    from mediaforge.operations.contact_sheet import draw_sheet

    with at_work(ours, "drawing", kept=KEPT) as work:
        return await draw_sheet(ours.config, options, output, stop=work.stop, events=work.hear), work.stop.is_set()
