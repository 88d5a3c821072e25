"""Scans FOLDER with a catalogue on a disk that is too small, then with room: `python small_disk.py POINT FOLDER` prints JSON.

The disk is a tmpfs in a namespace of this process, and ends with it. Exit code 77: not allowed here.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys

from program import NOT_ALLOWED, command, environment
from shelf import ask, check

CLONE_NEWNS = 0x20000
MS_REMOUNT, MS_REC, MS_PRIVATE = 32, 0x4000, 0x40000
libc = ctypes.CDLL(None, use_errno=True)


def allowed(result: int) -> None:
    if result != 0:
        print(os.strerror(ctypes.get_errno()), file=sys.stderr)
        sys.exit(NOT_ALLOWED)


def disk(point: bytes, size: bytes, flags: int = 0) -> None:
    allowed(libc.mount(b"tmpfs", point, b"tmpfs", flags, b"size=" + size))


def main() -> None:
    point, folder = sys.argv[1:]
    allowed(libc.unshare(CLONE_NEWNS))
    allowed(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))
    disk(os.fsencode(point), b"1200k")
    catalogue = os.path.join(point, "catalog.db")
    told = []
    for size in (b"1200k", b"64m"):
        disk(os.fsencode(point), size, MS_REMOUNT)
        done = subprocess.run(command(catalogue, "scan", folder), capture_output=True, text=True, env=environment())
        kept = ask(catalogue, "SELECT count(*), count(facts_version) FROM media")[0]
        told.append({"code": done.returncode, "err": done.stderr, "kept": kept})
        check(catalogue)
    print(json.dumps(told))


main()
