"""Look at scans, and stop them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mediaforge.catalog import scans
from mediaforge.catalog.database import Catalogue
from mediaforge.errors import UsageError
from mediaforge.model import Scan, ScanProblem, ScanStatus
from mediaforge.operations.processes import Process, alive


@dataclass(frozen=True, slots=True)
class ScanDetails:
    """A scan and what went wrong in it."""

    scan: Scan
    problems: tuple[ScanProblem, ...]


def _as_it_is(scan: Scan) -> Scan:
    """Return a scan with its true status: one whose process is dead does not run, whatever its row says."""
    if scan.status is ScanStatus.RUNNING and not alive(
        Process(scan.host, scan.pid, scan.pid_started), heartbeat=scan.heartbeat
    ):
        return replace(scan, status=ScanStatus.INTERRUPTED)
    return scan


async def list_scans(catalogue: Catalogue, *, limit: int = 0) -> list[Scan]:
    """Return the scans, newest first; 0 is no limit."""
    return [_as_it_is(scan) for scan in await scans.list_scans(catalogue, limit=limit or -1)]


async def show_scan(catalogue: Catalogue, prefix: str) -> ScanDetails:
    """Return one scan, by a unique beginning of its id, with its problems."""
    scan = _as_it_is(await scans.find_scan(catalogue, prefix))
    return ScanDetails(scan, tuple(await scans.list_problems(catalogue, scan.id)))


async def cancel_scan(catalogue: Catalogue, prefix: str) -> Scan:
    """Ask a running scan to stop; UsageError when it does not run."""
    scan = _as_it_is(await scans.find_scan(catalogue, prefix))
    if scan.status is not ScanStatus.RUNNING:
        raise UsageError(f"scan {scan.id[:8]} is not running; it is {scan.status}")
    async with catalogue.transaction():
        await scans.request(catalogue, scan.id, cancel=True)
    return scan
