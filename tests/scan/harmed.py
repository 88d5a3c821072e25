"""Runs a case of harm.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

NOT_ALLOWED = 77


def harmed(case: str, folder: Path) -> dict[str, object]:
    """Return what the case printed; it has a minute, and a walk's blocked thread must not keep it from its end."""
    command = [sys.executable, str(Path(__file__).with_name("harm.py")), case, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode == NOT_ALLOWED:
        pytest.skip(f"{case}: mounting in a namespace of one's own is not allowed here ({done.stderr.strip()})")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer
