"""The flight recorder: what the program did last is kept in memory, and written down when something unexpected happens.

That is what a log cannot do: nobody reads the debug records of a thousand good nights, and after a bad one they are there.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import signal
import sys
import traceback
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from types import FrameType

from mediaforge import __version__
from mediaforge.config import state_folder
from mediaforge.text import printable

_LAST = 50_000  # records; 250 bytes each
_KEPT = 20  # files


class _Ring(logging.Handler):
    """Keeps the last records as the little that is told of them: a LogRecord takes four times as much."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: deque[tuple[float, str, str, str]] = deque(maxlen=_LAST)

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append((record.created, record.levelname.lower(), record.name, record.getMessage()))


_ring = _Ring()


def start() -> None:
    """Record from now on, and write the records down at SIGUSR1, after which the program goes on."""
    logger = logging.getLogger("mediaforge")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(_ring)
    signal.signal(signal.SIGUSR1, _asked)


def _asked(_number: int, frame: FrameType | None) -> None:
    import asyncio  # 30 ms of every command that needs none

    try:
        tasks = [repr(task) for task in asyncio.all_tasks()]
    except RuntimeError:  # no loop runs
        tasks = []
    written = write_down("SIGUSR1", stack="".join(traceback.format_stack(frame)), tasks=tasks)
    print(printable(written), file=sys.stderr, flush=True)  # noqa: T201


def write_down(why: str, **more: object) -> str:
    """Write the records to a file in the state folder, below a line that says `why` and `more`; return a sentence about it."""
    now = datetime.now(UTC)
    try:
        folder = os.path.join(state_folder(os.environ), "forensics")
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, f"{now:%Y%m%dT%H%M%S.%fZ}-{os.getpid()}.jsonl")
        head = {
            "at": now.isoformat(),
            "why": why,
            "version": __version__,
            "python": platform.python_version(),
            "system": platform.platform(),
            "words": sys.argv[1:],
            **more,
        }
        with open(path, "w", encoding="utf-8", errors="replace") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in (head, *_lines(list(_ring.records))))
        for old in sorted(name for name in os.listdir(folder) if name.endswith(".jsonl"))[:-_KEPT]:
            with suppress(FileNotFoundError):  # another process keeps house, too
                os.unlink(os.path.join(folder, old))
    except OSError as error:
        return f"what the program did last could not be written down: {error.strerror or error}"
    return f"what the program did last is in '{path}'"


def _lines(records: Iterable[tuple[float, str, str, str]]) -> Iterable[dict[str, str]]:
    for at, level, name, message in records:
        moment = datetime.fromtimestamp(at, UTC).isoformat()
        yield {"at": moment, "level": level, "logger": name, "message": message}
