"""Every error that a person may see: one sentence and an exit code on each class.

A message is lower case without a full stop, names the thing in quotes and then says what to do.
The exit codes are documented in docs/cli.md, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable


class MediaForgeError(Exception):
    """An error that is explained to a person by its message alone, without a traceback."""

    exit_code = 1


class UsageError(MediaForgeError):
    """What was asked for makes no sense as it stands."""

    exit_code = 2


class QueryError(UsageError):
    """A query that does not parse, or asks for what is not there.

    `start` and `end` are offsets in characters into `text`: what the caret points at.
    """

    def __init__(self, message: str, *, text: str, start: int, end: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.text, self.start, self.end, self.hint = text, start, max(end, start + 1), hint

    def __reduce__(self) -> tuple[object, ...]:
        return (_query_error, (str(self), self.text, self.start, self.end, self.hint))


def _query_error(message: str, text: str, start: int, end: int, hint: str | None) -> QueryError:
    return QueryError(message, text=text, start=start, end=end, hint=hint)


class LaterEdits(UsageError):
    """An edit cannot be undone or redone without trampling what others did later.

    `edits` are their numbers; 0 stands for what is in no edit. `reason` is the message without what to do.
    """

    def __init__(self, reason: str, todo: str, edits: Iterable[int]) -> None:
        super().__init__(f"{reason}; {todo}")
        self.reason, self.edits = reason, frozenset(edits)


class PlanOutdated(UsageError):
    """A plan names what is not so any more."""


class RootNotFound(UsageError):
    """A root that no library knows and that is not there."""


class NothingMatched(MediaForgeError):
    """Nothing matched where something had to."""

    exit_code = 4


class CatalogueError(MediaForgeError):
    """There is no catalogue, or it cannot be opened, read or written."""

    exit_code = 10


class CacheError(MediaForgeError):
    """The cache cannot be written: its disk is full, or not ours."""

    exit_code = 10


class Busy(MediaForgeError):
    """Another scan of the same library is running."""

    exit_code = 11


class CatalogueNewer(MediaForgeError):
    """The catalogue was written by a newer program."""

    exit_code = 12


class VolumeOffline(MediaForgeError):
    """The volume of a known library is not there."""

    exit_code = 13


class Cancelled(MediaForgeError):
    """A person, a signal or another terminal asked to stop."""

    exit_code = 130


class ExtractError(Exception):
    """A file whose facts cannot be read; a value of the scan, never the end of it.

    The message says what is wrong with the file, without naming the file.
    """
