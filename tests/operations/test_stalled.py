"""A share that no longer answers holds up neither a scan's end nor who asks for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from program import NOT_ALLOWED, environment
from shelf import Shelf, ask

HERE = Path(__file__).parent


def test_a_scan_that_waits_for_a_dead_share_is_stopped(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "share": {}})
    places = os.pathsep.join([str(HERE.parent / "scan"), str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, HERE / "stalled.py", shelf.folder, shelf.config.catalog],
        capture_output=True,
        text=True,
        env={**environment(), "PYTHONPATH": places},
        timeout=40,
    )
    if done.returncode == NOT_ALLOWED:
        pytest.skip(f"a share that stalls cannot be mounted here ({done.stderr.strip()})")
    assert (done.stdout, done.returncode) == ("130\n", 0), done.stderr
    assert ask(shelf.config.catalog, "SELECT status FROM scan") == [("cancelled",)]
