"""Work functions that do harm, each payload a word: what readers do to their process, for real."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from mediaforge.errors import ExtractError

_expected: list[str] = []


def prepare(words: list[str]) -> None:
    """Keep what this process is told to expect."""
    _expected.extend(words)


def expected(_payload: object) -> tuple[object, int]:
    """Return (what was expected, pid)."""
    return tuple(_expected), os.getpid()


def work(payload: object) -> tuple[object, int]:
    """Return (payload, pid), unless the first word of `payload` names a harm."""
    word, *rest = str(payload).split()
    if word in HARMS:
        HARMS[word](*rest)
    return payload, os.getpid()


def _segfault() -> None:
    ctypes.string_at(0)


def _loop() -> None:
    while True:
        pass


def _raise(name: str) -> None:
    raise {
        "extract": ExtractError("is no film"),
        "gone": FileNotFoundError(2, "No such file"),
        "not-a-folder": NotADirectoryError(20, "Not a directory"),
        "denied": PermissionError(13, "Permission denied"),
        "memory": MemoryError(),
        "bug": ZeroDivisionError("ours"),
        "exit": SystemExit(7),
        "interrupt": KeyboardInterrupt(),
    }[name]


def _fifo(path: str) -> None:
    with open(path, "rb") as stream:
        stream.read()


def _once(path: str) -> None:
    """Be killed the first time only: what the kernel does to an innocent when memory is short."""
    if not os.path.exists(path):
        with open(path, "w"):
            os.kill(os.getpid(), signal.SIGKILL)


def _leak(size: str) -> None:
    LEAKED.append(bytearray(int(size)))


def _child(path: str) -> None:
    """Start a process of its own and wait for it, as a reader does that runs ffprobe."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        with open(path, "w") as stream:
            stream.write(str(child.pid))
        child.wait()


def _unkillable(path: str, seconds: str) -> None:
    """Hang so that a SIGKILL does not end it: a process that is traced stays until its tracer has looked.

    Here the tracer is a child of its own session that never looks, and goes after `seconds`. This stands for a read
    that hangs in the kernel, which needs a dead share.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(0x59616D61, ctypes.c_ulong(-1))  # PR_SET_PTRACER, any
    me = os.getpid()
    if os.fork() == 0:
        os.setsid()
        os.closerange(3, 100)
        if libc.ptrace(0x4206, me, None, None) == 0:  # PTRACE_SEIZE
            with open(path, "w"):
                time.sleep(float(seconds))
        os._exit(0)
    time.sleep(60)


def _close() -> None:
    os.closerange(3, 100)
    time.sleep(60)


LEAKED: list[bytearray] = []

HARMS: dict[str, Callable[..., object]] = {
    "segfault": _segfault,
    "abort": os.abort,
    "exit": lambda: os._exit(3),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "loop": _loop,
    "sleep": lambda seconds="60": time.sleep(float(seconds)),
    "eat": lambda: _leak(str(8 << 30)),
    "leak": _leak,
    "raise": _raise,
    "fifo": _fifo,
    "once": _once,
    "child": _child,
    "unkillable": _unkillable,
    "close": _close,
    "print": lambda: os.write(1, b"x" * 1_000_000) and os.write(2, b"x" * 1_000_000),
}


def lambda_back(_payload: object) -> object:
    """Return what no pickle can hold."""
    return lambda: None


def big(payload: object) -> object:
    """Return `payload` bytes."""
    return b"x" * int(str(payload))


def environment(_payload: object) -> object:
    """Return what the process has been given: its folder for imports, session, standard input."""
    return sys.path[0], os.getsid(0) == os.getpid(), os.read(0, 1)
