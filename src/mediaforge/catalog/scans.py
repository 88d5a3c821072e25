"""The records of scans: who runs, how far it is, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mediaforge.catalog.database import NOW, Catalogue
from mediaforge.errors import NothingMatched, UsageError
from mediaforge.events import Planned
from mediaforge.model import LibraryId, MediaId, ScanId
from mediaforge.scanned import Scan, ScanProblem, ScanStatus
from mediaforge.text import display_path

COUNTERS = "found new changed moved missing unknown unchanged ambiguous settling touched total done failed known_failed".split()

_COLUMNS = (
    "id, mode, status, host, pid, pid_started, started_at, heartbeat_at, ended_at, cancel_requested, phase, current_file,"
    f" error, pause_requested, exit_code, {', '.join(COUNTERS)}"
)


def _scan(row: Sequence[Any], roots: tuple[tuple[bytes, str | None], ...] = ()) -> Scan:
    return Scan(
        id=ScanId(row[0]),
        mode=row[1],
        status=ScanStatus(row[2]),
        host=row[3],
        pid=row[4],
        pid_started=row[5],
        started=row[6],
        heartbeat=row[7],
        ended=row[8],
        cancel_requested=bool(row[9]),
        phase=row[10],
        current_file=row[11],
        error=row[12],
        pause_requested=bool(row[13]),
        exit_code=row[14],
        counters=dict(zip(COUNTERS, row[15:], strict=True)),
        roots=roots,
    )


async def add_scan(catalogue: Catalogue, scan: ScanId, *, mode: str, host: str, pid: int, pid_started: str) -> None:
    """Record that a scan has begun."""
    await catalogue.execute(
        "INSERT INTO scan (id, mode, status, host, pid, pid_started) VALUES (?, ?, 'running', ?, ?, ?)",
        (scan, mode, host, pid, pid_started),
    )


async def add_root(catalogue: Catalogue, scan: ScanId, library: LibraryId, root: bytes) -> None:
    """Record that a scan looks below `root` (absolute), which belongs to `library`."""
    await catalogue.execute(
        "INSERT OR IGNORE INTO scan_root (scan_id, library_id, root, root_display) VALUES (?, ?, ?, ?)",
        (scan, library, root, display_path(root)),
    )


async def set_outcome(catalogue: Catalogue, scan: ScanId, library: LibraryId, outcome: str) -> None:
    """Record how the roots of one library fared."""
    await catalogue.execute("UPDATE scan_root SET outcome = ? WHERE scan_id = ? AND library_id = ?", (outcome, scan, library))


async def running_on(catalogue: Catalogue, libraries: Sequence[LibraryId]) -> list[Scan]:
    """Return the scans that are recorded as running on any of `libraries`."""
    rows = await catalogue.fetch(
        f"""SELECT {_COLUMNS} FROM scan WHERE status = 'running' AND id IN (SELECT scan_id FROM scan_root
        WHERE library_id IN ({", ".join("?" * len(libraries))}))""",
        list(libraries),
    )
    return [_scan(row) for row in rows]


async def list_scans(catalogue: Catalogue, *, status: ScanStatus | None = None, limit: int = -1) -> list[Scan]:
    """Return the scans, newest first, with their roots."""
    rows = await catalogue.fetch(
        f"SELECT {_COLUMNS} FROM scan WHERE :status IS NULL OR status = :status ORDER BY started_at DESC, id LIMIT :limit",
        {"status": status, "limit": limit},
    )
    return [_scan(row, await _roots(catalogue, ScanId(row[0]))) for row in rows]


async def _roots(catalogue: Catalogue, scan: ScanId) -> tuple[tuple[bytes, str | None], ...]:
    rows = await catalogue.fetch("SELECT root, outcome FROM scan_root WHERE scan_id = ? ORDER BY root", (scan,))
    return tuple((row[0], row[1]) for row in rows)


async def find_scan(catalogue: Catalogue, prefix: str) -> Scan:
    """Return the one scan whose id begins with `prefix`; NothingMatched if there is none, UsageError if there are several."""
    rows = await catalogue.fetch(
        f"SELECT {_COLUMNS} FROM scan WHERE substr(id, 1, length(:prefix)) = :prefix LIMIT 2", {"prefix": prefix.lower()}
    )
    if not rows or not prefix:
        raise NothingMatched(f"no scan '{prefix}'; list them with: mediaforge scans")
    if len(rows) > 1:
        raise UsageError(f"several scans begin with '{prefix}'; give more digits of the id")
    return _scan(rows[0], await _roots(catalogue, ScanId(rows[0][0])))


async def beat(catalogue: Catalogue, scan: ScanId, counters: Mapping[str, int], *, phase: str, current: bytes | None) -> None:
    """Record a sign of life and how far the scan is."""
    assert set(counters) <= set(COUNTERS)
    await catalogue.execute(
        f"""UPDATE scan SET heartbeat_at = {NOW}, phase = :phase, current_file = :current
        {"".join(f", {name} = :{name}" for name in counters)} WHERE id = :scan""",
        {"scan": scan, "phase": phase, "current": current and display_path(current), **counters},
    )


def plan_counters(plan: Planned) -> dict[str, int]:
    """Return a plan as counters of a scan."""
    return {name: getattr(plan, name) for name in Planned.__slots__}


@dataclass(frozen=True, slots=True)
class Orders:
    """What somebody asked of a running scan, which looks twice a second."""

    cancel: bool
    pause: bool


async def orders(catalogue: Catalogue, scan: ScanId) -> Orders:
    """Return what was asked of a scan; one whose record is gone is to stop."""
    rows = await catalogue.fetch("SELECT cancel_requested, pause_requested FROM scan WHERE id = ?", (scan,))
    return Orders(bool(rows[0][0]), bool(rows[0][1])) if rows else Orders(cancel=True, pause=False)


async def request(catalogue: Catalogue, scan: ScanId, *, cancel: bool | None = None, pause: bool | None = None) -> None:
    """Ask a running scan to stop, to pause or to go on; None leaves an order as it is."""
    await catalogue.execute(
        """UPDATE scan SET cancel_requested = coalesce(:cancel, cancel_requested),
        pause_requested = coalesce(:pause, pause_requested) WHERE id = :scan AND status = 'running'""",
        {"scan": scan, "cancel": cancel, "pause": pause},
    )


async def end_scan(
    catalogue: Catalogue, scan: ScanId, status: ScanStatus, *, error: str | None = None, exit_code: int | None = None
) -> None:
    """Record how a scan ended."""
    await catalogue.execute(
        f"""UPDATE scan SET status = ?, error = ?, exit_code = ?, current_file = NULL, heartbeat_at = {NOW},
        ended_at = CASE ? WHEN 'interrupted' THEN heartbeat_at ELSE {NOW} END WHERE id = ? AND status = 'running'""",
        (status.value, error, exit_code, status.value, scan),
    )


async def add_problems(catalogue: Catalogue, scan: ScanId, problems: Sequence[ScanProblem]) -> None:
    """Record what went wrong with which path."""
    await catalogue.executemany(
        "INSERT INTO scan_problem (scan_id, media_id, path, path_text, reason, message) VALUES (?, ?, ?, ?, ?, ?)",
        [(scan, p.media, p.path, display_path(p.path), p.reason, p.message) for p in problems],
    )


async def list_problems(catalogue: Catalogue, scan: ScanId) -> list[ScanProblem]:
    """Return what went wrong in a scan, in the order in which it did."""
    rows = await catalogue.fetch(
        "SELECT path, reason, message, media_id FROM scan_problem WHERE scan_id = ? ORDER BY id", (scan,)
    )
    return [ScanProblem(row[0], row[1], row[2], MediaId(row[3]) if row[3] is not None else None) for row in rows]


async def forget_scans(catalogue: Catalogue, *, days: int) -> None:
    """Forget the records of scans that ended more than `days` ago."""
    await catalogue.execute(
        "DELETE FROM scan WHERE status != 'running' AND started_at < strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ?)",
        (f"-{days} days",),
    )
