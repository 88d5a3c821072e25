"""Look at scans, wait for them, hold them up and stop them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from mediaforge.catalog import history, scans
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.history import Recognition
from mediaforge.errors import Cancelled, MediaForgeError, UsageError
from mediaforge.operations.processes import Process, alive
from mediaforge.scanned import Scan, ScanProblem, ScanStatus

__all__ = ["Recognition", "ScanDetails", "cancel_scan", "exit_code", "follow", "list_scans", "pause_scan", "show_scan"]


@dataclass(frozen=True, slots=True)
class ScanDetails:
    """A scan, what went wrong in it, and which items it recognised elsewhere or found missing."""

    scan: Scan
    problems: tuple[ScanProblem, ...]
    moved: tuple[Recognition, ...]
    missing: tuple[Recognition, ...]


def _as_it_is(scan: Scan) -> Scan:
    """Return a scan with its true status: one whose process is dead does not run, whatever its row says."""
    if scan.status is ScanStatus.RUNNING and not alive(
        Process(scan.host, scan.pid, scan.pid_started), heartbeat=scan.heartbeat
    ):
        return replace(scan, status=ScanStatus.INTERRUPTED)
    return scan


async def _find(catalogue: Catalogue, prefix: str) -> Scan:
    scan = _as_it_is(await scans.find_scan(catalogue, prefix))
    if scan.status is ScanStatus.INTERRUPTED:  # or it came to its end between the look at its row and that at its process
        scan = _as_it_is(await scans.find_scan(catalogue, scan.id))
    return scan


async def list_scans(catalogue: Catalogue, *, limit: int = 0) -> list[Scan]:
    """Return the scans, newest first; 0 is no limit."""
    return [_as_it_is(scan) for scan in await scans.list_scans(catalogue, limit=limit or -1)]


async def show_scan(catalogue: Catalogue, prefix: str) -> ScanDetails:
    """Return one scan, by a unique beginning of its id, with all that it noted."""
    scan = await _find(catalogue, prefix)
    noted = await history.of_scan(catalogue, scan.id)
    return ScanDetails(
        scan,
        problems=tuple(await scans.list_problems(catalogue, scan.id)),
        moved=tuple(one for one in noted if one.event == "moved"),
        missing=tuple(one for one in noted if one.event == "missing"),
    )


async def cancel_scan(catalogue: Catalogue, prefix: str) -> Scan:
    """Ask a running scan to stop, paused or not; UsageError when it does not run."""
    return await _order(catalogue, prefix, cancel=True)


async def pause_scan(catalogue: Catalogue, prefix: str, *, pause: bool = True) -> Scan:
    """Ask a running scan to begin nothing new, or to go on; UsageError when it does not run."""
    return await _order(catalogue, prefix, pause=pause)


async def _order(catalogue: Catalogue, prefix: str, *, cancel: bool | None = None, pause: bool | None = None) -> Scan:
    scan = await _find(catalogue, prefix)
    if scan.status is not ScanStatus.RUNNING:
        raise UsageError(f"scan {scan.id[:8]} is not running; it is {scan.status}")
    async with catalogue.transaction():
        await scans.request(catalogue, scan.id, cancel=cancel, pause=pause)
    return scan


async def follow(catalogue: Catalogue, prefix: str, *, every: float = 0.2) -> AsyncIterator[Scan]:
    """Yield a scan as it stands, every so many seconds, until it has ended; at least once."""
    scan = await _find(catalogue, prefix)
    yield scan
    while scan.status is ScanStatus.RUNNING:
        await asyncio.sleep(every)
        scan = await _find(catalogue, scan.id)
        yield scan


def exit_code(scan: Scan) -> int:
    """Return the exit code of a scan that has ended; that of an interrupted one is that of a cancelled one."""
    if scan.exit_code is not None:
        return scan.exit_code
    interrupted = scan.status in (ScanStatus.INTERRUPTED, ScanStatus.CANCELLED)
    return Cancelled.exit_code if interrupted else MediaForgeError.exit_code
