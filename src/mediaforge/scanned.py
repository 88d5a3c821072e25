"""The words of scanning: what a walk finds, how that differs from what is known, what reading it came to, and scans themselves.

Apart from the other words of the domain, since every class costs whoever imports it a millisecond, and a search needs none.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mediaforge.model import Facts, Failure, LibraryId, MediaId, ScanId, Stamp

Found = tuple[bytes, str, str, int, int, int, bytes | None]
"""A file as a walk tells it: path, suffix, kind, size, mtime_ns, inode, what stands beside it (sidecars.pack).

In the order of the columns that it goes to as it is: there are very many.
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one look at a file gave: the stamp from before it was read, its fingerprint, its facts."""

    stamp: Stamp
    inode: int
    fingerprint: str  # hex
    facts: Facts
    sha256: str | None = None  # hex, where it was asked for


@dataclass(frozen=True, slots=True)
class Failed:
    """What one look at a file gave when it gave nothing."""

    reason: Failure
    message: str
    stamp: Stamp | None = None
    fingerprint: str | None = None
    sha256: str | None = None


class ScanStatus(StrEnum):
    """How a scan stands. A running one whose process is dead becomes interrupted when somebody looks."""

    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One scan: who runs it, how far it is, and what it found."""

    id: ScanId
    mode: str
    status: ScanStatus
    host: str
    pid: int
    pid_started: str
    started: str
    heartbeat: str
    ended: str | None
    cancel_requested: bool
    pause_requested: bool
    exit_code: int | None
    phase: str
    current_file: str | None
    error: str | None
    counters: Mapping[str, int]
    roots: tuple[tuple[bytes, str | None], ...] = ()  # absolute path, outcome


@dataclass(frozen=True, slots=True)
class ScanProblem:
    """What went wrong in a scan with one path (absolute)."""

    path: bytes
    reason: str
    message: str
    media: MediaId | None = None


class Evidence(StrEnum):
    """How a file was recognised, most trusted first."""

    PATH = "path"  # it is back where it was missed
    INODE = "inode"  # volume and inode, with size and mtime
    FINGERPRINT = "fingerprint"
    SHA256 = "sha256"


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that was found, and is not known as it stands.

    `media` is the row that is known at its path, `was` the row that it was recognised as under another name, or None.
    """

    id: int
    library: LibraryId
    path: bytes
    suffix: str
    kind: str
    size: int
    mtime_ns: int
    inode: int
    companions: bytes | None = None
    media: MediaId | None = None
    was: MediaId | None = None
    evidence: Evidence | None = None
    touched: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A found file and a row that is not where it was, alike in `key`."""

    key: Hashable
    difference: int
    media: MediaId


@dataclass(frozen=True, slots=True)
class StaleRow:
    """A file one of whose targets is stale. `known_failure` is why this same state of it failed before, if it did."""

    id: MediaId
    path: bytes  # absolute
    suffix: str
    stamp: Stamp
    known_failure: Failure | None
