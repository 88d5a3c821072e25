"""mediaforge watch."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge import events
from mediaforge.cli.session import Session, session
from mediaforge.cli.signals import two_steps
from mediaforge.text import display_path, printable

if TYPE_CHECKING:
    from mediaforge.operations.scan import ScanReport
    from mediaforge.operations.watch import Notice, WatchOptions

_STOPPING = "stopping; what was read is kept (once more to leave at once)"


def watch_command(
    context: typer.Context,
    roots: Annotated[
        list[str] | None, typer.Argument(help="Folders to watch; without any, every library.", metavar="ROOT")
    ] = None,
    settle: Annotated[
        float, typer.Option("--settle", metavar="SECONDS", min=0, help="Scan when nothing has changed for so long.")
    ] = 5.0,
    interval: Annotated[
        float, typer.Option("--interval", metavar="SECONDS", min=1, help="Between scans of what cannot be watched.")
    ] = 300.0,
) -> None:
    """Keep the catalogue current while files come, change, move and go, until Ctrl-C."""
    from mediaforge.operations.watch import WatchOptions

    asyncio.run(_watch(session(context), roots or [], WatchOptions(settle, interval)))


async def _watch(ours: Session, roots: list[str], options: WatchOptions) -> None:
    from mediaforge.operations.watch import watch

    stop = asyncio.Event()
    with two_steps(stop, lambda: ours.say(_STOPPING), lambda: None):
        await watch(ours.config, roots, options, stop=stop, events=_Screen(ours).hear)


class _Screen:
    """Prints what is new, what is wrong once, and with --quiet only that."""

    def __init__(self, ours: Session) -> None:
        self._ours = ours
        self._said: set[tuple[bytes, str]] = set()

    def hear(self, event: events.Event | Notice | ScanReport) -> None:
        from mediaforge.operations.scan import ScanReport
        from mediaforge.operations.watch import Notice

        if isinstance(event, Notice):
            self._ours.log.write("warning" if event.wrong else "info", "notice", message=event.text)
            self._line(event.text, wrong=event.wrong)
        elif isinstance(event, ScanReport):
            self._report(event)
        else:
            self._ours.log.hear(event)
            if isinstance(event, events.Trouble):
                self._trouble(event)

    def _report(self, report: ScanReport) -> None:
        for why in report.offline:
            self._line(f"offline: {why}", wrong=True)
        plan = report.plan
        counts = {"new": plan.new, "changed": plan.changed, "moved": plan.moved, "missing": plan.missing, "read": report.done}
        if any(counts.values()):
            told = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number)
            self._line(f"scan {report.id[:8]}: {told}")

    def _trouble(self, event: events.Trouble) -> None:
        """Tell what is wrong with a file; a file that somebody leaves out is watched like any other, and nothing is wrong."""
        if event.reason != "left-out" and (event.path, event.message) not in self._said:
            self._said.add((event.path, event.message))
            self._line(f"{display_path(event.path)}: {event.message}", wrong=True)

    def _line(self, text: str, *, wrong: bool = False) -> None:
        if wrong or not self._ours.quiet:
            typer.echo(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}  {printable(text)}", err=True)
