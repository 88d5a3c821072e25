"""Numbers of 64 bits that differ in few: found without comparing all with all.

Multi-index hashing (Norouzi, Punjani and Fleet, 2012), with bands taken together: two numbers that differ in at most d bits
agree in at least m of d + m bands. So whatever is near has the same bits under one of the masks that `masks` gives, and only
numbers that do are compared. It is exact: nothing near is missed, and what is no nearer is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import combinations
from math import comb

_WIDTH = 64
_MOST_MASKS = 300
# What it costs, in relation, to find the place of a number under a mask, and to compare two of one place.
_PLACE, _COMPARE = 16.0, 1.0
_FEW = 64  # numbers that are all compared


def masks(distance: int, expected: int) -> list[int]:
    """Return the choices of bits of which any two near numbers share at least one, for some `expected` numbers.

    A distance is 0 to 63: any two numbers are within 64.
    """
    choices = [
        (bands, together)
        for together in range(1, 5)
        if (bands := distance + together) <= _WIDTH and comb(bands, together) <= _MOST_MASKS
    ]
    bands, together = min(choices, key=lambda choice: _cost(choice[0], choice[1], expected))
    # Neighbouring bits tell of the same parts of a picture: each band has some of everywhere.
    parts = [sum(1 << bit for bit in range(band, _WIDTH, bands)) for band in range(bands)]
    return [sum(chosen) for chosen in combinations(parts, together)]


def _cost(bands: int, together: int, expected: int) -> float:
    return comb(bands, together) * (_PLACE + _COMPARE * expected / 2 ** (_WIDTH * together / bands))


def pairs(numbers: Collection[int], distance: int) -> Iterator[tuple[int, int]]:
    """Yield every pair of numbers, which are all different, that differ in no more bits: each once."""
    chosen = masks(distance, len(numbers))
    for at, mask in enumerate(chosen):
        before = chosen[:at]
        for place in _places(numbers, mask):
            for one, other in combinations(place, 2):
                if (differ := one ^ other).bit_count() <= distance and all(differ & earlier for earlier in before):
                    yield one, other


def in_company(numbers: Collection[int], distance: int) -> Iterator[set[int]]:
    """Yield after each mask those of the numbers that are known to have another near: with the last one, all that have.

    However many are near to each other, it takes no longer: it is enough to know one of them.
    """
    found = set[int]()
    for mask in masks(distance, len(numbers)):
        for place in _places(numbers, mask):
            _see(place, distance, found)
        yield found


def _places(numbers: Collection[int], mask: int) -> Iterator[list[int]]:
    """Yield the numbers that have the same bits under a mask, where there are several."""
    places = defaultdict[int, list[int]](list)
    for number in numbers:
        places[number & mask].append(number)
    return (place for place in places.values() if len(place) > 1)


def _see(place: list[int], distance: int, found: set[int]) -> None:
    if len(place) <= _FEW:
        for one, other in combinations(place, 2):
            if (one ^ other).bit_count() <= distance:
                found.update((one, other))
        return
    seen, alone = [one for one in place if one in found], [one for one in place if one not in found]
    while alone:
        one = alone.pop()
        if any((one ^ other).bit_count() <= distance for other in seen):
            seen.append(one)
        elif near := [other for other in alone if (one ^ other).bit_count() <= distance]:
            seen += (one, *near)
            taken = set(near)
            alone = [other for other in alone if other not in taken]
    found.update(seen)


class Near:
    """Numbers, of which those are found that differ from another in no more than `distance` bits; some `expected` of them."""

    def __init__(self, distance: int, expected: int) -> None:
        self._distance = distance
        self._tables: list[tuple[int, dict[int, list[int]]]] = [(mask, {}) for mask in masks(distance, expected)]
        self._known: set[int] = set()

    def add(self, number: int) -> None:
        """Add a number; one that is there already is no matter."""
        if number in self._known:
            return
        self._known.add(number)
        for mask, table in self._tables:
            place = table.get(number & mask)
            if place is None:
                table[number & mask] = [number]
            else:
                place.append(number)

    def within(self, number: int) -> set[int]:
        """Return the numbers that are near, each once."""
        distance = self._distance
        found: set[int] = set()
        for mask, table in self._tables:
            place = table.get(number & mask)
            if place is not None and (near := [one for one in place if (one ^ number).bit_count() <= distance]):
                found.update(near)
        return found
