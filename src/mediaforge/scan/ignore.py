"""What a walk leaves out by pattern: `--exclude`, and the `.mediaforgeignore` files in the folders themselves.

Both speak gitignore's language. They differ in what becomes of what the catalogue already knows: a `.mediaforgeignore` takes
a file out of the library, so that it becomes missing; `--exclude` leaves it out of one run, so that it stays as it was.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass

from mediaforge.errors import UsageError

IGNORE_FILE = b".mediaforgeignore"
_LARGEST = 1 << 20  # bytes; nobody writes a megabyte of patterns


Patterns = tuple[tuple[re.Pattern[str], bool], ...]
"""Patterns, the last written first, and whether what they match is left out (or, after a `!`, is not)."""


class BadIgnoreFile(Exception):
    """A `.mediaforgeignore` that cannot be obeyed; the message says why, without naming the file."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The patterns of one `.mediaforgeignore`; `start` is where, in a path relative to the root, its folder's part ends."""

    start: int
    patterns: Patterns


Layers = tuple[Layer, ...]
"""The `.mediaforgeignore` files that apply to a folder, innermost first: the first that has an opinion decides."""


class Rules:
    """The patterns of `--exclude`, relative to the library's root."""

    def __init__(self, exclude: Iterable[str] = ()) -> None:
        """Take the patterns, or raise UsageError on one that is none."""
        # A flag has no comments: `--exclude '#recycle'` means that name.
        lines = [f"\\{pattern}" if pattern.startswith("#") else pattern for pattern in exclude if pattern.strip()]
        self._patterns = _compile(lines, UsageError, "--exclude takes patterns as .gitignore does") if lines else ()

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def excludes(self, path: bytes) -> bool:
        """Say whether `path`, relative to the root (a folder's ends with a slash), is left out of this run."""
        return _verdict(self._patterns, os.fsdecode(path)) is True


def ignores(layers: Layers, path: bytes) -> bool:
    """Say whether `path`, relative to the root (a folder's ends with a slash), is left out of the library."""
    for layer in layers:
        verdict = _verdict(layer.patterns, os.fsdecode(path[layer.start :]))
        if verdict is not None:
            return verdict
    return False


def read_layer(folder: bytes, start: int) -> Layer | None:
    """Read the `.mediaforgeignore` of `folder` (absolute, ending with a slash); None where there is none.

    Raises BadIgnoreFile where there is one that cannot be obeyed, OSError where the folder is too deep to ask.
    """
    try:
        # O_NONBLOCK: opening a FIFO would wait for its writer. O_NOFOLLOW: as git (2.32) does with its own.
        fd = os.open(folder + IGNORE_FILE, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise
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


def _verdict(patterns: Patterns, path: str) -> bool | None:
    for pattern, left_out in patterns:
        if pattern.search(path):
            return left_out
    return None


def _compile(lines: list[str], error: type[Exception], complaint: str) -> Patterns:
    from pathspec import GitIgnoreSpec  # 60 ms, and most libraries have no pattern

    try:
        # The other backends, used where they are installed, want UTF-8, and a name need not be.
        patterns = GitIgnoreSpec.from_lines(lines, backend="simple").patterns
    except (ValueError, re.error) as reason:  # [z-a] is a re.error in pathspec 1.1
        raise error(f"{complaint}: {reason}") from reason
    # A pattern of pathspec also matches what is below the folder that it means, and its matcher weighs the two, which makes
    # nothing of `*`, `!*/`, `!*.png`. A walk asks of the folder first, as git does, so that a pattern means a path alone.
    return tuple(
        (re.compile(pattern.regex.pattern.replace("(?P<ps_d>/)", r"/\Z"), re.DOTALL), pattern.include)
        for pattern in reversed(patterns)
        if pattern.regex is not None and pattern.include is not None
    )
