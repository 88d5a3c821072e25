"""Errors that a person may see: their exit codes, and that they survive a process boundary."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

from mediaforge import errors
from mediaforge.errors import MediaForgeError, QueryError

CODES = {
    errors.MediaForgeError: 1,
    errors.UsageError: 2,
    errors.QueryError: 2,
    errors.LaterEdits: 2,
    errors.PlanOutdated: 2,
    errors.RootNotFound: 2,
    errors.NothingMatched: 4,
    errors.CatalogueError: 10,
    errors.CacheError: 10,
    errors.Busy: 11,
    errors.CatalogueNewer: 12,
    errors.VolumeOffline: 13,
    errors.Cancelled: 130,
}


def _subclasses(error: type[MediaForgeError]) -> Iterator[type[MediaForgeError]]:
    yield error
    for lower in error.__subclasses__():
        yield from _subclasses(lower)


def test_every_error_has_its_documented_code() -> None:
    ours = {error: error.exit_code for error in _subclasses(MediaForgeError) if error.__module__ == errors.__name__}
    assert ours == CODES


def test_a_file_s_failure_is_no_error_of_the_program() -> None:
    assert not issubclass(errors.ExtractError, MediaForgeError)


def test_a_query_error_points_at_something_and_can_be_pickled() -> None:
    error = QueryError("no field 'knd'", text="knd:video", start=3, end=3, hint="did you mean 'kind'?")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.text, again.start, again.end, again.hint) == (
        "no field 'knd'",
        "knd:video",
        3,
        4,
        "did you mean 'kind'?",
    )
