"""Costs of real processes, as the kernel counts them, and pairs of runs in turn."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PYTHON = sys.executable
PROGRAM = os.path.join(os.path.dirname(PYTHON), "mediaforge")
SCRATCH = os.path.expanduser("~/.cache/mediaforge-bench")
_LOOK = 0.02  # seconds between two looks at who is there


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process and the children that it waited for cost, in seconds."""

    seconds: float
    cpu: float
    exit_code: int


def environment(scratch: str) -> dict[str, str]:
    """Return an environment in which no person's configuration is read, and compiled code is kept as `make install` does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MEDIAFORGE_"))}
    folders = {
        name: os.path.join(scratch, "home") for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "MEDIAFORGE_STATE", "BEETSDIR")
    }
    return {**kept, **folders, "TERM": "dumb", "LC_ALL": "C.UTF-8"}


def run(command: Sequence[str], environ: Mapping[str, str], *, ok: Sequence[int] = (0,)) -> Cost:
    """Run a command without its output and return what it cost; RuntimeError when its exit code is none of `ok`."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=dict(environ), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in ok:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, process.returncode)


def in_turn(pairs: int, *measured: Callable[[], float]) -> list[list[float]]:
    """Call each of `measured` once a round, A B A B, and return what each gave, round by round."""
    given: list[list[float]] = [[] for _ in measured]
    for _ in range(pairs):
        for values, measure in zip(given, measured, strict=True):
            values.append(measure())
    return given


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios of the pairs: what slows the machine for a while slows both of a pair."""
    return median(a / b for a, b in zip(ours, theirs, strict=True))


@dataclass(frozen=True, slots=True)
class Peaks:
    """The peak memory in MB of a process and of the largest of those below it, and the CPU seconds of all."""

    parent: float
    child: float
    cpu: float


def peaks(command: Sequence[str], environ: Mapping[str, str]) -> Peaks:
    """Run a command and return what memory and CPU it took, with the processes below it.

    The kernel keeps each process's peak (VmHWM), so that looking now and then is enough. wait4's ru_maxrss is not: it
    is at least what the process that started it had, and does not tell a parent from its children.
    """
    process = subprocess.Popen(
        command, env=dict(environ), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    seen: dict[int, float] = {}
    over = threading.Event()

    def look() -> None:
        while not over.wait(_LOOK):
            for pid in [process.pid, *_below(process.pid)]:
                # The last, not the largest: until its exec a child has its parent's memory, and shows its peak.
                seen[pid] = _peak(pid) or seen.get(pid, 0)

    watcher = threading.Thread(target=look)
    watcher.start()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    over.set()
    watcher.join()
    return Peaks(seen.pop(process.pid, 0), max(seen.values(), default=0), usage.ru_utime + usage.ru_stime)


def _below(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                for child in map(int, file.read().split()):
                    found += [child, *_below(child)]
    except (FileNotFoundError, ProcessLookupError):
        pass  # it went meanwhile
    return found


def _peak(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/status") as file:
            return next((int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM:")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0
