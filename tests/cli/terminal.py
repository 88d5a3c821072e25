"""The program as people start it: as a process, into a pipe or on a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

COMMAND = [sys.executable, "-m", "mediaforge"]


def environment(catalogue: Path, **more: str) -> dict[str, str]:
    """Return the environment for the program: nothing of the person's who runs the tests, times in UTC."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MEDIAFORGE_")}
    home = {"HOME": str(catalogue.parent), "XDG_CONFIG_HOME": str(catalogue.parent / "config")}
    state = {"XDG_STATE_HOME": str(catalogue.parent / "state"), "XDG_DATA_HOME": str(catalogue.parent / "data")}
    state["XDG_CACHE_HOME"] = str(catalogue.parent / "cache")
    return {**kept, **home, **state, "MEDIAFORGE_CATALOG": str(catalogue), "TZ": "UTC", "LC_ALL": "C.UTF-8", **more}


def run(catalogue: Path, *words: str | bytes, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the program into pipes and return what it printed, and its exit code."""
    return subprocess.run(
        [*COMMAND, *words],
        env=environment(catalogue, **env),
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=60,
    )


def start(catalogue: Path, *words: str, **env: str) -> subprocess.Popen[str]:
    """Start the program as the first of a group of processes, as a shell does."""
    return subprocess.Popen(
        [*COMMAND, *words],
        env=environment(catalogue, **env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def on_a_terminal(catalogue: Path, *words: str, width: int = 80, typed: str = "", **env: str) -> str:
    """Run the program on a terminal of that width where somebody types ahead, and return all that stands there then."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    wanted = {"TERM": "xterm-256color", **env}
    with subprocess.Popen(
        [*COMMAND, *words], env=_without_size(environment(catalogue, **wanted)), stdin=slave, stdout=slave, stderr=slave
    ) as process:
        os.close(slave)
        os.write(master, typed.encode())
        shown = b""
        try:
            while part := os.read(master, 65536):
                shown += part
        except OSError:  # EIO: how Linux says that the other end is closed
            pass
        process.wait(timeout=60)
    os.close(master)
    return shown.decode().replace("\r\n", "\n")


def _without_size(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name not in ("COLUMNS", "LINES", "NO_COLOR") or value == "1"}


def copy_catalogue(catalogue: Path, folder: Path) -> Path:
    """Copy a catalogue that nobody writes."""
    return Path(shutil.copy(catalogue, folder / "catalog.db"))
