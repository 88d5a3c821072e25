"""Whether a file is still where it was known, which tells a move from a copy; and which file it is. All run in workers."""

from __future__ import annotations

import os


def is_gone(payload: tuple[bytes, bytes]) -> bool:
    """Say whether the file at `payload` (the root of its library, and its path relative to it) is certainly gone.

    Where the root is not there, or holds nothing, the volume may be elsewhere: then nothing is certain.
    """
    root, path = payload
    try:
        with os.scandir(root) as entries:
            if next(entries, None) is None:
                return False
        os.lstat(os.path.join(root, path))
    except (FileNotFoundError, NotADirectoryError):
        return os.path.isdir(root)
    except OSError:
        return False
    return False


def is_there(path: bytes) -> bool:
    """Say whether there is a file at an absolute path."""
    return os.path.lexists(path)


def which_file(path: bytes) -> tuple[int, int] | None:
    """Return what two names of one file have in common, links followed: its device and inode; None where nothing tells."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
