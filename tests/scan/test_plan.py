"""The plan of a scan: what is one file, and what cannot be told."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaforge.events import Planned
from mediaforge.model import LibraryId, MediaId
from mediaforge.scan.plan import Action, Match, action, match, summary
from mediaforge.scanned import Difference, Pair


def _pairs(*triples: tuple[str, int, int]) -> list[Pair]:
    return [Pair(key, difference, MediaId(media)) for key, difference, media in triples]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], []),
        ([("k", 1, 10)], [Match((1, MediaId(10)), (1,), (MediaId(10),))]),
        (
            [("k", 1, 10), ("l", 2, 20)],
            [Match((1, MediaId(10)), (1,), (MediaId(10),)), Match((2, MediaId(20)), (2,), (MediaId(20),))],
        ),
        ([("k", 1, 10), ("k", 2, 10)], [Match(None, (1, 2), (MediaId(10),))]),
        ([("k", 1, 10), ("k", 1, 11)], [Match(None, (1,), (MediaId(10), MediaId(11)))]),
        (
            [("k", 1, 10), ("k", 1, 11), ("k", 2, 10), ("k", 2, 11), ("l", 3, 30)],
            [Match(None, (1, 2), (MediaId(10), MediaId(11))), Match((3, MediaId(30)), (3,), (MediaId(30),))],
        ),
        ([("k", 1, 10), ("k", 1, 10)], [Match((1, MediaId(10)), (1,), (MediaId(10),))]),
    ],
    ids=["nothing", "one", "two", "two files of one row", "two rows of one file", "two of each", "the same pair twice"],
)
def test_only_a_pair_that_is_alone_with_its_key_is_one_file(pairs: list[tuple[str, int, int]], expected: list[Match]) -> None:
    assert list(match(_pairs(*pairs))) == expected


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 8), st.integers(0, 8))))
def test_no_file_and_no_row_is_matched_by_guessing(triples: list[tuple[int, int, int]]) -> None:
    pairs = [Pair(key, difference, MediaId(media)) for key, difference, media in sorted(triples)]
    found = list(match(pairs))
    assert len(found) == len({pair.key for pair in pairs})
    for one in found:
        assert (one.moved is not None) == (len(one.differences) == len(one.rows) == 1)
    assert {difference for one in found for difference in one.differences} == {pair.difference for pair in pairs}


def _difference(media: int | None, was: int | None, touched: bool = False) -> Difference:
    ids = [None if number is None else MediaId(number) for number in (media, was)]
    return Difference(1, LibraryId(1), b"a.jpg", "jpg", "image", 1, 1, 1, media=ids[0], was=ids[1], touched=touched)


@pytest.mark.parametrize(
    ("media", "was", "expected"),
    [
        (None, None, Action.NEW),
        (1, None, Action.CHANGED),
        (None, 2, Action.MOVED),
        (1, 2, Action.MOVED),  # a file that was moved over another
    ],
)
def test_what_is_done_about_a_file(media: int | None, was: int | None, expected: Action) -> None:
    assert action(_difference(media, was)) is expected


def test_a_plan_in_numbers() -> None:
    actions = Counter({Action.NEW: 1, Action.CHANGED: 2, Action.MOVED: 3, Action.MISSING: 4, Action.TOUCHED: 9})
    numbers = summary(actions, unknown=5, unchanged=6, ambiguous=7, settling=8)
    assert numbers == Planned(1, 2, 3, 4, 5, 6, 7, settling=8, touched=9)


@pytest.mark.parametrize(("was", "expected"), [(None, Action.TOUCHED), (2, Action.MOVED)])
def test_a_file_whose_time_alone_moved_is_not_changed(was: int | None, expected: Action) -> None:
    assert action(_difference(1, was, touched=True)) is expected
