"""Ctrl-C and its like, while a scan runs."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mediaforge.errors import Cancelled

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def two_steps(stop: asyncio.Event, say: Callable[[], None], leave: Callable[[], None]) -> Iterator[None]:
    """Set `stop` and `say` so at the first SIGINT, SIGTERM or SIGHUP; `leave` and be gone at the second, whatever hangs.

    A thread hears them, since the main one may be in a system call that does not return. Leaving at once is safe: what was
    committed is committed, and workers end when their parent does.
    """
    heard, written = os.pipe()
    os.set_blocking(written, False)
    loop = asyncio.get_running_loop()
    numbers = [number for number in _STOPPING if signal.getsignal(number) is not signal.SIG_IGN]  # SIG_IGN: nohup

    def listen() -> None:
        count = 0
        while received := os.read(heard, 1):
            if received[0] not in numbers:
                continue
            count += 1
            if count > 1:
                leave()
                os._exit(Cancelled.exit_code)
            say()
            loop.call_soon_threadsafe(stop.set)

    thread = threading.Thread(target=listen, name="signals", daemon=True)
    before = {number: signal.signal(number, lambda *_: None) for number in numbers}
    old = signal.set_wakeup_fd(written, warn_on_full_buffer=False)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(old)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(written)
        thread.join()
        os.close(heard)
