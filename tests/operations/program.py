"""The program as processes of its own."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

NOT_ALLOWED = 77
_LOWLY = str(Path(__file__).with_name("lowly.py"))


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """The one line that an error is told in."""
        lines = [line for line in self.err.splitlines() if line.startswith("error: ")]
        assert len(lines) == 1 and "Traceback" not in self.err, self.err
        return lines[0].removeprefix("error: ")


def command(catalogue: str, *arguments: str | Path, lowly: bool = False) -> list[str]:
    """Return the command line of the program; `lowly` obeys the modes of files even as root."""
    ours = [sys.executable, "-m", "mediaforge", "--catalog", catalogue, *map(str, arguments)]
    return [sys.executable, _LOWLY, *ours] if lowly else ours


def environment() -> dict[str, str]:
    """Return an environment in which nobody's configuration counts."""
    return {**os.environ, "MEDIAFORGE_CONFIG": os.devnull, "MEDIAFORGE_JOBS": "1"}


def mediaforge(catalogue: str, *arguments: str | Path, lowly: bool = False) -> Done:
    """Run the program to its end."""
    line = command(catalogue, *arguments, lowly=lowly)
    done = subprocess.run(line, capture_output=True, text=True, env=environment(), timeout=120)
    if lowly and done.returncode == NOT_ALLOWED:
        pytest.skip(f"root cannot be made to obey modes here ({done.stderr.strip()})")
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


@contextmanager
def scanning(catalogue: str, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Start a scan, and give it over once it has its id; it is killed in the end if it still runs."""
    line = command(catalogue, "scan", *arguments)
    process = subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment())
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        assert said.startswith("scan "), said + process.stderr.read()
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def frozen(catalogue: str, process: subprocess.Popen[str]) -> Iterator[None]:
    """Stop a process where it holds no lock on the catalogue, and let it go on in the end."""
    while True:
        process.send_signal(signal.SIGSTOP)
        if _is_free(catalogue):
            break
        process.send_signal(signal.SIGCONT)
        time.sleep(0.005)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def _is_free(catalogue: str) -> bool:
    connection = sqlite3.connect(catalogue, timeout=0.1, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True
