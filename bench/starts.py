"""How long processes take until they could read any file, by how they are started: `python -m bench.starts`.

Ours are fresh interpreters that import the readers. The others are those of the standard library's multiprocessing.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from statistics import median
from typing import Any

READERS = [f"mediaforge.extract.{name}" for name in "work video names audio demux jpeg image".split()]
_FRESH = "import sys, bench.starts as s; s.ready(); print(flush=True); sys.stdin.read()"


def ready() -> None:
    """Import what reads files of every kind."""
    for name in READERS:
        import_module(name)


def _serve(connection: Connection) -> None:
    ready()
    connection.send(None)
    connection.recv()


def fresh(count: int) -> float:
    """Start `count` fresh interpreters and return when they are ready, in seconds."""
    began = time.perf_counter()
    command = [sys.executable, "-c", _FRESH]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(count)]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    took = time.perf_counter() - began
    for process in processes:
        process.communicate()
    return took


def by_library(method: str) -> Callable[[int], float]:
    """Return what starts processes by a method of multiprocessing, whose server has imported the readers already."""

    def start(count: int) -> float:
        began, context = time.perf_counter(), multiprocessing.get_context(method)
        context.set_forkserver_preload(READERS)
        ends = []
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs,))  # type: ignore[attr-defined]
            process.start()
            ends.append((ours, process))
        for ours, _process in ends:
            ours.recv()
        took = time.perf_counter() - began
        for ours, process in ends:
            ours.send(None)
            process.join()
        if method == "forkserver":
            _end_server()
        return took

    return start


def _end_server() -> None:
    """Wait for the server, so that its CPU is counted."""
    server: Any = forkserver._forkserver  # nothing public ends it
    os.close(server._forkserver_alive_fd)
    os.waitpid(server._forkserver_pid, 0)


WAYS = {"fresh interpreters": fresh, "spawn": by_library("spawn"), "forkserver": by_library("forkserver")}


def main() -> None:
    """Measure each way with one process and with two, each time in a process of its own, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--one", nargs=2, metavar=("WAY", "COUNT"), help="measure once and print seconds and CPU seconds")
    asked = parser.parse_args()
    if asked.one:
        took = WAYS[asked.one[0]](int(asked.one[1]))
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        sys.stdout.write(f"{took} {sum(usage.ru_utime + usage.ru_stime for usage in usages)}\n")
        return
    cases = [(way, count) for count in (1, 2) for way in WAYS]
    found: dict[tuple[str, int], list[tuple[float, float]]] = {case: [] for case in cases}
    for _ in range(asked.rounds):
        for way, count in cases:
            command = [sys.executable, "-m", "bench.starts", "--one", way, str(count)]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
            found[way, count].append((float(told[0]), float(told[1])))
    for (way, count), times in found.items():
        took, cpu = (median(column) * 1000 for column in zip(*times, strict=True))
        sys.stdout.write(f"{count} by {way:20} ready after {took:4.0f} ms, CPU of all {cpu:4.0f} ms\n")


if __name__ == "__main__":
    main()
