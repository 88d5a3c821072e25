"""Paths as the catalogue keeps them: bytes, relative to the root of their library."""

from __future__ import annotations


def join(root: bytes, path: bytes) -> bytes:
    """Return the absolute path of a file below a library's root."""
    return root.rstrip(b"/") + b"/" + path


def below(path: bytes) -> tuple[bytes, bytes | None]:
    """Return the bounds `low <= p < high` of the paths that are below the folder `path` (relative; b"" is the root)."""
    return (path + b"/", path + b"0") if path else (b"", None)  # "0" is the character after "/"
