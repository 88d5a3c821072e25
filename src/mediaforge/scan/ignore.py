"""What a walk leaves out by pattern: `--exclude`, and the `.mediaforgeignore` files in the folders themselves.

Both speak gitignore's language. They differ in what becomes of what the catalogue already knows: a `.mediaforgeignore` takes
a file out of the library, so that it becomes missing; `--exclude` leaves it out of one run, so that it stays as it was.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mediaforge.errors import UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = b".mediaforgeignore"
_LARGEST = 1 << 20  # bytes; nobody writes a megabyte of patterns


class BadIgnoreFile(Exception):
    """A `.mediaforgeignore` that cannot be obeyed; the message says why, without naming the file."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The patterns of one `.mediaforgeignore`; `start` is where, in a path relative to the root, its folder's part ends."""

    start: int
    spec: GitIgnoreSpec


Layers = tuple[Layer, ...]
"""The `.mediaforgeignore` files that apply to a folder, innermost first: the first that has an opinion decides."""


class Rules:
    """The patterns of `--exclude`, relative to the library's root."""

    def __init__(self, exclude: Iterable[str] = ()) -> None:
        """Take the patterns, or raise UsageError on one that is none."""
        # A flag has no comments: `--exclude '#recycle'` means that name.
        self._lines = [f"\\{pattern}" if pattern.startswith("#") else pattern for pattern in exclude if pattern.strip()]
        for line in self._lines:
            _compile([line], UsageError, "--exclude takes patterns as .gitignore does")

    def __bool__(self) -> bool:
        return bool(self._lines)

    @cached_property
    def _spec(self) -> GitIgnoreSpec:
        return _compile(self._lines, UsageError, "")

    def excludes(self, path: bytes) -> bool:
        """Say whether `path`, relative to the root (a folder's ends with a slash), is left out of this run."""
        return self._spec.check_file(os.fsdecode(path)).include is True


def ignores(layers: Layers, path: bytes) -> bool:
    """Say whether `path`, relative to the root (a folder's ends with a slash), is left out of the library."""
    for layer in layers:
        include = layer.spec.check_file(os.fsdecode(path[layer.start :])).include
        if include is not None:
            return include
    return False


def read_layer(folder: bytes, start: int) -> Layer | None:
    """Read the `.mediaforgeignore` of `folder` (absolute, ending with a slash); None where there is none.

    Raises BadIgnoreFile where there is one that cannot be obeyed.
    """
    try:
        # O_NONBLOCK: opening a FIFO would wait for its writer. O_NOFOLLOW: as git (2.32) does with its own.
        fd = os.open(folder + IGNORE_FILE, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadIgnoreFile(f"cannot be opened: {error.strerror}") from error
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise BadIgnoreFile("is not a file")
        content = os.read(fd, _LARGEST + 1)
    except OSError as error:
        raise BadIgnoreFile(f"cannot be read: {error.strerror}") from error
    finally:
        os.close(fd)
    if len(content) > _LARGEST:
        raise BadIgnoreFile("is larger than a megabyte")
    # Split as bytes: str.splitlines would also split at characters that may stand in a name, like U+2028.
    lines = [os.fsdecode(line) for line in content.removeprefix(b"\xef\xbb\xbf").splitlines()]
    return Layer(start, _compile(lines, BadIgnoreFile, "has a bad pattern"))


def _compile(lines: list[str], error: type[Exception], complaint: str) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # 60 ms, and most libraries have no pattern

    try:
        # The other backends, used where they are installed, want UTF-8, and a name need not be.
        return GitIgnoreSpec.from_lines(lines, backend="simple")
    except (ValueError, re.error) as reason:  # [z-a] is a re.error of its own in pathspec 1.1
        raise error(f"{complaint}: {reason}") from reason
