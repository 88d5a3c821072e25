"""Who runs a scan: this process, told apart from any other on any host, before or after."""

from __future__ import annotations

import os
import socket
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_SILENT = timedelta(minutes=2)  # another host's scan that has not beaten for so long is dead; it beats twice a second


@dataclass(frozen=True, slots=True)
class Process:
    """A process by its host, number and start: a number alone is given again."""

    host: str
    pid: int
    started: str


def this_process() -> Process:
    """Return who we are."""
    return Process(socket.gethostname(), os.getpid(), started_at(os.getpid()) or "")


def started_at(pid: int) -> str | None:
    """Return what tells a process from later ones with its number, or None if there is none (any more)."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        with open("/proc/sys/kernel/random/boot_id", "rb") as file:
            boot = file.read().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None if os.path.exists("/proc/self/stat") else _started_by_ps(pid)
    # proc(5): after the name in brackets comes the state (field 3); Z and X are dead; field 22 is the start in clock ticks.
    return None if fields[0] in (b"Z", b"X") else f"{boot.decode()}:{fields[19].decode()}"


def _started_by_ps(pid: int) -> str | None:
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or None


def alive(process: Process, *, heartbeat: str) -> bool:
    """Return whether a process still runs; one on another host is believed for two minutes after its last sign of life."""
    if process.host == socket.gethostname():
        return started_at(process.pid) == process.started
    return datetime.now(UTC) - datetime.fromisoformat(heartbeat) < _SILENT
