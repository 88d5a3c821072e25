"""What a worker process runs: one look at one file."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from hashlib import blake2b, file_digest

from mediaforge.errors import ExtractError
from mediaforge.extract import extract
from mediaforge.extract.check import checked
from mediaforge.model import Failed, Failure, Reading, Stamp, signed, storable

_ENDS = 64 * 1024  # bytes of the beginning and of the end that a fingerprint covers


@dataclass(frozen=True, slots=True)
class Fingerprinted:
    """A file's stamp, inode and fingerprint, and nothing of what it holds."""

    stamp: Stamp
    inode: int
    fingerprint: str  # hex


@dataclass(frozen=True, slots=True)
class Hashed:
    """A file's stamp from before it was read, and its SHA-256."""

    stamp: Stamp
    sha256: str  # hex


def read(payload: tuple[bytes, str]) -> Reading | Failed:
    """Read the facts of the file at an absolute path with a suffix (lower case, no dot).

    A broken file is Failed, with its fingerprint, by which it is known when it moves. Raises OSError where it cannot be
    opened or read, and ExtractError where it is no file.
    """
    path, suffix = payload
    seen, head = _look(path)
    try:
        facts = checked(extract(os.fsdecode(path), suffix, head=head, mtime_ns=seen.stamp.mtime_ns))
    except ExtractError as error:
        return Failed(Failure.UNREADABLE, str(error), seen.stamp, seen.fingerprint)
    return Reading(seen.stamp, seen.inode, seen.fingerprint, facts)


def read_hashed(payload: tuple[bytes, str]) -> Reading | Failed:
    """Read the facts of a file and its SHA-256; the payload and errors are `read`'s."""
    return replace(read(payload), sha256=sha256(payload).sha256)


def sha256(payload: tuple[bytes, str]) -> Hashed:
    """Read a whole file for its SHA-256; the payload and errors are `read`'s."""
    _refuse_special(payload[0])
    with open(payload[0], "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        digest = file_digest(file, "sha256").hexdigest()
    return Hashed(Stamp(status.st_size, storable(status.st_mtime_ns)), digest)


def fingerprint(payload: tuple[bytes, str]) -> Fingerprinted:
    """Read a file's fingerprint alone; the payload and errors are `read`'s."""
    return _look(payload[0])[0]


def _refuse_special(path: bytes) -> None:
    # Asked before it is opened: opening a FIFO waits for its writer, and opening a device can do anything.
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ExtractError("is not a regular file")


def _look(path: bytes) -> tuple[Fingerprinted, bytes]:
    _refuse_special(path)
    with open(path, "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        head = file.read(_ENDS)
        file.seek(max(0, status.st_size - _ENDS))
        tail = file.read(_ENDS)
    digest = blake2b(status.st_size.to_bytes(8, "little") + head + tail, digest_size=16).hexdigest()
    return Fingerprinted(Stamp(status.st_size, storable(status.st_mtime_ns)), signed(status.st_ino), digest), head
