"""Work that takes its time: drawn as it goes on, and ended in good order by Ctrl-C."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from mediaforge import events
from mediaforge.cli.session import Session
from mediaforge.cli.signals import two_steps


@dataclass(slots=True)
class Work:
    """One piece of it: `stop` is set to end it, `hear` hears how it goes, `troubles` is what went wrong with which file."""

    stop: asyncio.Event
    hear: events.Listener
    troubles: list[events.Trouble]


@contextmanager
def at_work(
    ours: Session,
    doing: str,
    *,
    kept: str = "what was read is kept",
    told: events.Listener = events.nobody,
    most: int | None = None,
) -> Iterator[Work]:
    """Draw the events of what happens inside, and log them; what they are is also `told`.

    Until the first of them it is `doing` something. Ctrl-C asks it to stop and says what is `kept`, and twice leaves at once.
    Of its troubles no more than `most` are remembered.
    """
    stop, troubles = asyncio.Event(), list[events.Trouble]()
    with ExitStack() as stack:
        draw = screen(ours, stack, doing)

        def hear(event: events.Event) -> None:
            ours.log.hear(event)
            if isinstance(event, events.Trouble) and (most is None or len(troubles) < most):
                troubles.append(event)
            told(event)
            draw(event)

        stopping = f"stopping; {kept} (once more to leave at once)"
        stack.enter_context(two_steps(stop, lambda: ours.say(stopping), lambda: _leave(ours)))
        yield Work(stop, hear, troubles)


def screen(ours: Session, stack: ExitStack, doing: str) -> events.Listener:
    """Return what draws events, where they are drawn; until the first of them, what it is `doing`."""
    if not ours.draws:
        return events.nobody
    from mediaforge.cli.progress import ScanProgress

    return stack.enter_context(ScanProgress(doing)).hear


def _leave(ours: Session) -> None:
    if ours.draws:
        os.write(2, b"\n\x1b[?25h")  # the cursor, which the progress bar hides
