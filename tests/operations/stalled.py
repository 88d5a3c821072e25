"""Scans FOLDER, in which `share` stalls, and is told to stop: `python stalled.py FOLDER CATALOGUE` prints the exit code."""

from __future__ import annotations

import asyncio
import os
import sys

from harm import stalled_share

from mediaforge.config import Config
from mediaforge.events import Event, ScanStarted
from mediaforge.operations.scan import ScanOptions, scan


async def main(folder: str, catalogue: str) -> int:
    stop = asyncio.Event()

    def hear(event: Event) -> None:
        if isinstance(event, ScanStarted):
            asyncio.get_running_loop().call_later(0.3, stop.set)

    config = Config(catalog=catalogue, jobs=1, silence=3600)
    report = await scan(config, [folder], ScanOptions(), stop=stop, events=hear)
    return report.exit_code


server = stalled_share(os.fsencode(sys.argv[1]) + b"/share")
print(asyncio.run(main(*sys.argv[1:])), flush=True)
os.close(server)
os._exit(0)
