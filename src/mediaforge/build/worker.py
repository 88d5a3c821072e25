"""The process in which files are read: it may crash, hang or be killed, and costs its parent one file.

Started as `python -P -m mediaforge.build.worker SOCKET NOTES WORK SECONDS MEMORY EXPECTED…`. Down the socket come pickled
lists of payloads; up go frames: None once the work function is imported (or a str that says why it cannot be), then one answer
a payload, in their order. NOTES is a pipe that is written to only while dying. EXPECTED is for `prepare` beside the work.
"""

from __future__ import annotations

import ctypes
import faulthandler
import importlib
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO

from mediaforge.build.frames import frame
from mediaforge.errors import ExtractError
from mediaforge.model import Failure
from mediaforge.scanned import Failed

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(arguments: list[str]) -> None:
    """Answer until the parent closes its end of the socket."""
    socket, notes, name, seconds, memory, *expected = arguments
    _protect(int(notes), int(memory))
    with open(int(socket), "rb") as incoming, open(int(socket), "wb", closefd=False) as outgoing:
        try:
            work = _import(name)
        except Exception as error:  # noqa: BLE001  whatever it is, the parent tells it
            _send(outgoing, frame(f"{type(error).__name__}: {error}"))
            return
        _send(outgoing, frame(None))
        if expected:
            sys.modules[work.__module__].prepare(expected)
        serve(work, incoming, outgoing, float(seconds))


def serve(work: Callable[[object], object], incoming: BinaryIO, outgoing: BinaryIO, seconds: float) -> None:
    """Answer every payload of every list that comes in, until nothing comes any more."""
    while True:
        try:
            payloads = pickle.load(incoming)  # noqa: S301  our parent wrote it
        except EOFError:
            return
        for payload in payloads:
            # The parent kills at the deadline; this is for a reader that hangs after the parent itself was killed.
            signal.setitimer(signal.ITIMER_REAL, 2 * seconds + 1)
            told = answer(work, payload)
            signal.setitimer(signal.ITIMER_REAL, 0)
            _send(outgoing, told)


def answer(work: Callable[[object], object], payload: object) -> bytes:
    """Return the frame of what `work` makes of `payload`, or of the Failed that says why it makes nothing."""
    try:
        return frame(work(payload))
    except ExtractError as error:
        failed = Failed(Failure.UNREADABLE, str(error))
    except (FileNotFoundError, NotADirectoryError):
        failed = Failed(Failure.VANISHED, "was there when it was counted, and is gone")
    except OSError as error:
        failed = Failed(Failure.IO, error.strerror or str(error))
    except MemoryError:
        failed = Failed(Failure.OUT_OF_MEMORY, "needs more memory than its reader may have")
    except Exception as error:  # noqa: BLE001  ours, and told as such: one file's bug must not end a night's scan
        import traceback  # 10 ms of every worker's start, and hardly ever needed

        place = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__}: {error} at {place.filename.rpartition('/')[2]}:{place.lineno}"
        failed = Failed(Failure.BUG, f"met a bug in MediaForge, please report it: {' '.join(what.split())}")
    return frame(failed)


def _protect(notes: int, memory: int) -> None:
    """Leave decisions to the parent, die with it, say where a crash was, and stay below `memory` bytes (0: any)."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    faulthandler.enable(notes, all_threads=False)
    if memory:
        # RLIMIT_DATA, not RLIMIT_AS: av, Pillow and mutagen map 124 MiB of libraries, which cost nothing until they
        # are used, and 23 MiB of data. A mapped file is no data either.
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (memory if hard < 0 else min(memory, hard), hard))


def _import(name: str) -> Callable[[object], object]:
    module, _, function = name.partition(":")
    work: Callable[[object], object] = getattr(importlib.import_module(module), function)
    return work


def _send(outgoing: BinaryIO, told: bytes) -> None:
    outgoing.write(told)
    outgoing.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
