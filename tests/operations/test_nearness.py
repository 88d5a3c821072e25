"""Numbers that differ in few bits: all of them are found, and nothing else, however many are alike."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaforge.operations.nearness import Near, in_company, masks, pairs

NUMBERS = st.integers(0, 2**64 - 1)


@st.composite
def clouds(draw: st.DrawFn) -> list[int]:
    """Return different numbers, some of which are near to others."""
    found = draw(st.lists(NUMBERS, max_size=12))
    for one in list(found):
        for _ in range(draw(st.integers(0, 6))):
            bits = draw(st.lists(st.integers(0, 63), max_size=14, unique=True))
            found.append(one ^ sum(1 << bit for bit in bits))
    return list(dict.fromkeys(found))


def compared(numbers: Sequence[int], distance: int) -> set[frozenset[int]]:
    """Return the pairs that are near, by comparing all with all."""
    return {frozenset(pair) for pair in combinations(numbers, 2) if (pair[0] ^ pair[1]).bit_count() <= distance}


def known_by_company(numbers: Sequence[int], distance: int) -> set[int]:
    return set().union(*in_company(numbers, distance))


def near_by_asking(numbers: Iterable[int], distance: int, expected: int) -> set[frozenset[int]]:
    near, found = Near(distance, expected), set[frozenset[int]]()
    for one in numbers:
        found |= {frozenset((one, other)) for other in near.within(one)}
        near.add(one)
    return found


@given(clouds(), st.integers(0, 12))
def test_what_is_found_is_what_comparing_all_finds(numbers: list[int], distance: int) -> None:
    wanted = compared(numbers, distance)
    found = [frozenset(pair) for pair in pairs(numbers, distance)]
    assert set(found) == wanted and len(found) == len(wanted), "each once"
    assert near_by_asking(numbers, distance, len(numbers)) == wanted
    assert known_by_company(numbers, distance) == {one for pair in wanted for one in pair}


@pytest.mark.parametrize("expected", [1, 1_000, 1_000_000, 10**9])
@pytest.mark.parametrize("distance", [0, 1, 6, 10, 32, 63])
def test_two_that_are_near_share_the_bits_of_a_mask(expected: int, distance: int) -> None:
    chance, chosen = random.Random(distance), masks(distance, expected)
    for _ in range(50):
        differ = sum(1 << bit for bit in chance.sample(range(64), distance))
        assert any(not differ & mask for mask in chosen)


def test_a_thousand_that_are_all_alike_are_all_found() -> None:
    chance, middle = random.Random(1), 0x123456789ABCDEF
    numbers = [middle, *(middle ^ (1 << one) ^ (1 << other) for one, other in combinations(range(64), 2))]
    numbers += [chance.getrandbits(64) for _ in range(500)]
    chance.shuffle(numbers)
    wanted = compared(numbers, 3)
    assert {frozenset(pair) for pair in pairs(numbers, 3)} == wanted
    assert known_by_company(numbers, 3) == {one for pair in wanted for one in pair} != set(numbers)


def test_a_number_that_is_there_already_is_there_once() -> None:
    near = Near(2, 10)
    for _ in range(3):
        near.add(5)
    assert near.within(4) == {5} and near.within(0x50) == set()
