"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


@contextmanager
def replacing(path: bytes) -> Iterator[BinaryIO]:
    """Write what stands at `path` once this ends without an error, and leave what stands there alone otherwise.

    A file that is there keeps its mode and owner, a link to one stays a link, and what is no file (a pipe, a device) is written
    as it is. Raises OSError.
    """
    path = os.path.realpath(path)
    was = _status(path)
    if was is not None and not stat.S_ISREG(was.st_mode):
        with open(path, "wb") as file:
            yield file
        return
    draft = path + b".%d.new" % os.getpid()
    try:
        with open(draft, "xb") as file:
            yield file
            if was is not None:
                _make_like(file.fileno(), was)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        if os.path.lexists(draft):
            os.unlink(draft)


def _status(path: bytes) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _make_like(file: int, other: os.stat_result) -> None:
    """Give a file the mode of another, and its owner, as far as that is allowed."""
    os.fchmod(file, stat.S_IMODE(other.st_mode))
    status = os.fstat(file)
    if (status.st_uid, status.st_gid) != (other.st_uid, other.st_gid):
        try:
            os.fchown(file, other.st_uid, other.st_gid)
        except PermissionError:
            pass  # only root may give files away; the content is what counts
