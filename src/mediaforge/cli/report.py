"""A scan as a program sees it: what `scans show --format json` prints and `scan --report` writes.

The keys are stable and documented in docs/nightly.md.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping

from mediaforge.errors import MediaForgeError, UsageError
from mediaforge.operations.scans import ScanDetails
from mediaforge.scanned import Scan, ScanStatus
from mediaforge.text import display_path

STDOUT = frozenset({"json", "-"})
"""What stands for stdout where the name of a report's file is asked for."""


def scan_record(scan: Scan) -> dict[str, object]:
    """Return a scan as the documented JSON object, without what it noted."""
    return {
        "id": scan.id,
        "mode": scan.mode,
        "status": scan.status.value,
        "exit_code": scan.exit_code,
        "phase": scan.phase if scan.status is ScanStatus.RUNNING else None,
        "started": scan.started,
        "ended": scan.ended,
        "heartbeat": scan.heartbeat,
        "host": scan.host,
        "pid": scan.pid,
        "cancel_requested": scan.cancel_requested,
        "pause_requested": scan.pause_requested,
        "current_file": scan.current_file,
        "error": scan.error,
        "counters": dict(scan.counters),
        "roots": [{**_path("path", path), "outcome": outcome} for path, outcome in scan.roots],
    }


def report_record(details: ScanDetails) -> dict[str, object]:
    """Return a scan with all that it noted as the documented JSON object."""
    return {
        **scan_record(details.scan),
        "problems": [
            {**_path("path", problem.path), "reason": problem.reason, "message": problem.message, "media": problem.media}
            for problem in details.problems
        ],
        "moved": [
            {"media": one.media, **_path("before", one.before), **_path("after", one.after), "evidence": one.evidence}
            for one in details.moved
        ],
        "missing": [{"media": one.media, **_path("path", one.before)} for one in details.missing],
    }


def failed_record(error: MediaForgeError) -> dict[str, object]:
    """Return the report of a scan that could not begin, or whose catalogue can tell nothing of it any more."""
    return {"id": None, "status": ScanStatus.FAILED.value, "exit_code": error.exit_code, "error": str(error)}


def _path(name: str, path: bytes | None) -> dict[str, str]:
    """Return a path as text, and as it is where the text is not all of it."""
    shown = display_path(path or b"")
    exact = {} if shown.encode() == path else {f"{name}_base64": base64.b64encode(path or b"").decode()}
    return {name: shown, **exact}


def check_report(target: str) -> None:
    """Refuse a report that could not be written: UsageError."""
    folder = os.path.dirname(os.path.abspath(target))
    if target in STDOUT:
        return
    if not os.path.isdir(folder):
        raise UsageError(f"no folder '{folder}' for the report '{target}'; make it first")
    if os.path.isdir(target):
        raise UsageError(f"the report '{target}' is a folder; name a file in it")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"the folder '{folder}' of the report '{target}' cannot be written; check its permissions")


def write_report(target: str, record: Mapping[str, object]) -> None:
    """Write a report to stdout, or to a file that is there whole or not at all; UsageError where the disk refuses it."""
    text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    if target in STDOUT:
        sys.stdout.write(text)
        return
    from mediaforge.operations.files import replacing  # most scans write none

    try:
        with replacing(os.fsencode(target)) as file:
            file.write(text.encode(errors="replace"))
    except OSError as error:
        raise UsageError(f"cannot write the report '{target}': {(error.strerror or str(error)).lower()}") from error
