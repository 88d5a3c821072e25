"""What tells one file's content from another's. It stands apart from the readers, for those who only receive it."""

from __future__ import annotations

from dataclasses import dataclass

from mediaforge.model import Stamp


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
