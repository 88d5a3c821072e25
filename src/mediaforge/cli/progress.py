"""What a person sees of a scan while it runs: a live count, then a determinate bar. Only here is Rich's progress known."""

from __future__ import annotations

import os
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from mediaforge import events, scanned
from mediaforge.text import display_path, printable


class _Rate(ProgressColumn):
    """Files a second, over the last half minute."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="progress.data.speed")


class _File(ProgressColumn):
    """The end of the path in work, as much as there is room for."""

    max_refresh = 0.1

    def render(self, task: Task) -> Text:
        return Text(task.fields.get("file", ""), style="dim", no_wrap=True, overflow="crop")


class ScanProgress:
    """Draws the events of a scan, a build or an import on stderr until it is left; `doing` is what it does before the first."""

    def __init__(self, doing: str = "counting") -> None:
        self._console = Console(stderr=True, highlight=False)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[failed]}", style="red"),
            _File(),
            console=self._console,
            transient=True,
            speed_estimate_period=30,
        )
        self._task: TaskID | None = None
        self._status = self._console.status(doing, spinner="dots")
        self._drawn = 0.0

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._status.stop()
        self._progress.stop()

    def hear(self, event: events.Event) -> None:
        """Draw one event."""
        match event:
            case events.Counted():
                self._status.update(f"counting: {event.files:,} files in {event.folders:,} folders")
            case events.Planned():
                self._status.update("comparing with what is known")
            case events.Checked():
                self._status.update(f"checking: {event.items:,} items")
            case events.Progress():
                self._draw(event)
            case events.BuildStarted():
                self._begin(event.recipe, event.total)
            case _:
                pass

    def look(self, scan: scanned.Scan) -> None:
        """Draw how far a scan is by its record."""
        done, total, failed = (scan.counters[name] for name in ("done", "total", "failed"))
        if not total:
            self._status.update(f"{scan.phase}: {scan.counters['found']:,} files")
            return
        self.hear(events.Progress(done, total, failed, os.fsencode(scan.current_file) if scan.current_file else None))
        if self._task is not None:
            self._progress.update(self._task, description=scan.phase)

    def _draw(self, event: events.Progress) -> None:
        if self._task is None:
            if not event.total:
                return
            self._begin("reading", event.total)
        assert self._task is not None
        now = time.monotonic()
        if now - self._drawn < 0.05 and event.done + event.failed < event.total:
            return
        self._drawn = now
        self._progress.update(
            self._task,
            completed=event.done,
            total=event.total,
            failed=f"{event.failed} failed" if event.failed else "",
            file=self._shortened(event.path),
        )

    def _begin(self, what: str, total: int) -> None:
        """Draw a bar, in the place of one that is done."""
        self._status.stop()
        self._progress.start()
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(what, total=total, failed="", file="")

    def _shortened(self, path: bytes | None) -> str:
        if path is None:
            return ""
        room = max(self._console.width - 66, 10)
        text = printable(display_path(path))
        return text if len(text) <= room else "…" + text[-(room - 1) :]
