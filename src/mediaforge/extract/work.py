"""What a worker process runs: one look at one file."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from mediaforge.errors import ExtractError
from mediaforge.extract import extract
from mediaforge.extract.check import checked
from mediaforge.identity import Fingerprinted, Hashed
from mediaforge.model import FINGERPRINTED, Failure, Stamp, signed, storable
from mediaforge.scanned import Failed, Reading

if TYPE_CHECKING:
    from mediaforge.extract.sidecars import Sidecars

File = tuple[bytes, str]
"""A file to look at: its absolute path, its suffix (lower case, no dot)."""
FileBeside = tuple[bytes, str, bytes | None]
"""The same, and what a walk saw beside it (sidecars.pack)."""

_IMPORTS = {
    "video": ("mediaforge.extract.video", "mediaforge.extract.names", "av"),
    "audio": ("mediaforge.extract.audio", "mediaforge.extract.demux"),
    "image": ("mediaforge.extract.jpeg", "mediaforge.extract.image"),
}
"""What first reads a file of a kind."""
_ENDS = FINGERPRINTED // 2  # bytes of the beginning and of the end


def prepare(kinds: Iterable[str]) -> None:
    """Import what reads files of these kinds, before the first of them is there to be read."""
    for kind in kinds:
        for name in _IMPORTS[kind]:
            import_module(name)


def read(payload: File | FileBeside) -> Reading | Failed:
    """Read the facts of a file, and of what stands beside it.

    A broken file is Failed, with its fingerprint, by which it is known when it moves. Raises OSError where it cannot be
    opened or read, and ExtractError where it is no file.
    """
    path, suffix, packed = payload if len(payload) == 3 else (*payload, None)
    seen, head = _look(path)
    stamp, beside = seen.stamp, _beside(path, packed)
    if beside:
        stamp = replace(stamp, companions=beside.packed)
    try:
        facts = checked(extract(os.fsdecode(path), suffix, head=head, mtime_ns=stamp.mtime_ns, beside=beside))
    except ExtractError as error:
        return Failed(Failure.UNREADABLE, str(error), stamp, seen.fingerprint)
    return Reading(stamp, seen.inode, seen.fingerprint, facts)


def _beside(path: bytes, packed: bytes | None) -> Sidecars | None:
    if packed is None:
        return None
    from mediaforge.extract.sidecars import read_beside  # here: most files have none

    return read_beside(os.fsdecode(path), packed)


def read_hashed(payload: File | FileBeside) -> Reading | Failed:
    """Read the facts of a file and its SHA-256; the payload and errors are `read`'s."""
    return replace(read(payload), sha256=sha256(payload).sha256)


def sha256(payload: File | FileBeside) -> Hashed:
    """Read a whole file for its SHA-256; the payload and errors are `read`'s."""
    _refuse_special(payload[0])
    with open(payload[0], "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Hashed(Stamp(status.st_size, storable(status.st_mtime_ns)), digest)


def fingerprint(payload: File) -> Fingerprinted:
    """Read a file's fingerprint alone; the payload and errors are `read`'s."""
    return _look(payload[0])[0]


def _refuse_special(path: bytes) -> None:
    # Asked before it is opened: opening a FIFO waits for its writer, and opening a device can do anything.
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ExtractError("is not a regular file")


def _look(path: bytes) -> tuple[Fingerprinted, bytes]:
    """Return what a file is known by, and its first bytes."""
    _refuse_special(path)
    with open(path, "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        whole = status.st_size <= 2 * _ENDS
        head = file.read(status.st_size if whole else _ENDS)
        # SHA-256, of which processors know the steps: half of BLAKE2's time. Shortened, since nobody is to be convinced by it.
        digest = hashlib.sha256(status.st_size.to_bytes(8, "little"))
        digest.update(head)
        if not whole:
            file.seek(status.st_size - _ENDS)
            digest.update(file.read(_ENDS))
    stamp = Stamp(status.st_size, storable(status.st_mtime_ns))
    return Fingerprinted(stamp, signed(status.st_ino), digest.hexdigest()[:32]), head
