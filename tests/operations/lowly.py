"""Runs a command without the privilege of root to read and write whatever it likes: `python lowly.py COMMAND…`.

Root stays root, so that it may still read its own Python, and what a mode forbids its owner is forbidden. Exit code 77: not
allowed here.
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_CAPBSET_DROP = 24  # linux/prctl.h; the bounding set is what a root process has after exec
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2

if os.geteuid() == 0:
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
        if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            print(os.strerror(ctypes.get_errno()), file=sys.stderr)
            sys.exit(77)
os.execv(sys.argv[1], sys.argv[1:])
