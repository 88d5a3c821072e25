"""Whether a file that was known elsewhere is still there: what tells a move from a copy. Both run in a worker."""

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
