"""What a worker makes of a file beside its facts, and the SHA-256 of all of it."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mediaforge.errors import ExtractError
from mediaforge.extract.work import File
from mediaforge.model import Failure, Stamp, storable
from mediaforge.scanned import Failed

Pictures = tuple[tuple[int, bytes], ...]
"""Pictures in files, by their size in pixels."""

_HEAD = 64 * 1024
_PIECE = 1 << 20  # bytes that are read at once: beyond it neither the disk nor the hash gets faster


@dataclass(frozen=True, slots=True)
class Made:
    """A target: the stamp of its source from before that was read, its value, what is to be kept in files, by size."""

    stamp: Stamp
    value: str | None
    seconds: float = 0.0
    pictures: Pictures = field(default=(), repr=False)


def stamp_of(file: int) -> Stamp:
    """Return the stamp of an open file."""
    status = os.fstat(file)
    return Stamp(status.st_size, storable(status.st_mtime_ns))


def refuse_special(path: bytes) -> None:
    """Raise ExtractError where a path is no regular file: opening a FIFO would wait for its writer."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ExtractError("is not a regular file")


def made_of(path: bytes, make: Callable[[bytes], tuple[str | None, Pictures]]) -> Made | Failed:
    """Make a target of a file, whose first bytes `make` gets; one that changes meanwhile is Failed."""
    refuse_special(path)
    began = time.monotonic()
    with open(path, "rb") as file:
        before = stamp_of(file.fileno())
        value, pictures = make(file.read(_HEAD))
        if (after := stamp_of(file.fileno())) != before:
            return Failed(Failure.IO, "changed while it was read", after)
    return Made(before, value, time.monotonic() - began, pictures)


def sha256(payload: File) -> Made | Failed:
    """Read a whole file for its SHA-256; one that changes meanwhile is Failed, with the stamp that it has then."""
    return _read_whole(payload[0], fresh=False)


def sha256_from_disk(payload: File) -> Made | Failed:
    """Read a whole file from its disk, not from the memory that may still hold what once was there."""
    return _read_whole(payload[0], fresh=True)


def _read_whole(path: bytes, *, fresh: bool) -> Made | Failed:
    refuse_special(path)
    began, digest, buffer = time.monotonic(), hashlib.sha256(), bytearray(_PIECE)
    view = memoryview(buffer)
    with open(path, "rb", buffering=0) as file:
        if hasattr(os, "posix_fadvise"):
            if fresh:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        before = stamp_of(file.fileno())
        while count := file.readinto(buffer):
            digest.update(view[:count])
        after = stamp_of(file.fileno())
    if after != before:
        return Failed(Failure.IO, "changed while it was read", after)
    return Made(before, digest.hexdigest(), time.monotonic() - began)
