"""Where files are now that were elsewhere when somebody wrote down where they are."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from mediaforge.errors import UsageError
from mediaforge.operations.roots import absolute


@dataclass(frozen=True, slots=True)
class Moves:
    """Folders, and where each is now, the longest first; relative paths are below the folder b"" where it is told."""

    folders: tuple[tuple[bytes, bytes], ...] = ()

    @classmethod
    def parse(cls, texts: Sequence[str]) -> Moves:
        """Return what `OLDROOT=NEWROOT` means, or `=NEWROOT` for paths that are relative; UsageError for anything else."""
        folders = []
        for text in texts:
            old, equals, new = text.partition("=")
            if not equals or not new or (old and not old.startswith("/")):
                raise UsageError(f"'--library {text}' cannot be; write OLDROOT=NEWROOT, both of them absolute folders")
            folders.append((os.path.normpath(os.fsencode(old)) if old else b"", absolute(new)))
        return cls(tuple(sorted(folders, key=lambda folder: -len(folder[0]))))

    def __call__(self, path: bytes) -> bytes:
        """Return where a path is now."""
        for old, new in self.folders:
            if path == old:
                return new
            base = old.rstrip(b"/") + b"/" if old else b""
            if path.startswith(base) and (old or not path.startswith(b"/")):
                return os.path.join(new, path[len(base) :])
        return path
