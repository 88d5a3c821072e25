"""Begin a scan that outlives its terminal."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from mediaforge.errors import MediaForgeError
from mediaforge.model import ScanId


@dataclass(frozen=True, slots=True)
class Launch:
    """What came of it: the id of a scan that has begun, or else how its process ended, and what it said."""

    scan: ScanId | None
    exit_code: int = 0
    said: str = ""


def launch(arguments: Sequence[str]) -> Launch:
    """Run this program with `arguments` in a session of its own, until it prints the id of the scan that it has begun.

    It is nobody's child then: no terminal stops it. What it says is kept in a file without a name, which goes when it ends.
    """
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "mediaforge", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                start_new_session=True,
            )
        except OSError as error:
            raise MediaForgeError(f"cannot start a process to scan in: {error.strerror}") from error
        assert process.stdout is not None
        with process.stdout as announced:
            scan = announced.readline().decode().strip()
        if scan:
            process.returncode = 0  # not ours any more: or Python would warn that nobody waited for it
            return Launch(ScanId(scan))
        code = process.wait()
        said.seek(0)
        return Launch(None, code if code >= 0 else 128 - code, said.read().decode(errors="replace"))
