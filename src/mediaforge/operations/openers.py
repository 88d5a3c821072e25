"""Items shown by the desktop's own programs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence

from mediaforge.errors import UsageError

# By platform: what opens a file with the program that a person chose for its kind.
_OPENERS = {"darwin": ("open",), "win32": ("cmd", "/c", "start", "")}
_USUAL = ("xdg-open",)


def open_files(paths: Sequence[bytes]) -> None:
    """Hand files to the desktop's opener, one after the other; UsageError where there is none, or where it fails."""
    opener = _OPENERS.get(sys.platform, _USUAL)
    program = shutil.which(opener[0])
    if program is None:
        raise UsageError(f"there is no '{opener[0]}' here to open files with; install it, or print paths with: --format paths")
    for path in paths:
        done = subprocess.run([program, *opener[1:], path], check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if done.returncode:
            raise UsageError(f"'{opener[0]}' could not open '{path.decode(errors='replace')}'; it ended with {done.returncode}")
