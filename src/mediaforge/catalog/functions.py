"""What SQL cannot say by itself: the functions that every connection registers before it runs a query."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable
from functools import lru_cache

from mediaforge.text import fold

_EARTH_KM = 6371.0088  # mean radius (IUGG)


@lru_cache(maxsize=64)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return a compiled regular expression without case; raises re.error, OverflowError or RecursionError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as of a set that may mean something else one day
        return re.compile(pattern, re.IGNORECASE)


def regexp(pattern: str, value: object) -> bool | None:
    """Tell whether the regular expression is found in `value`, without case; None where there is no value."""
    return None if value is None else compile_pattern(pattern).search(str(value)) is not None


def folded(value: object) -> str | None:
    """Return `value` without case and accents; None where there is no value."""
    return None if value is None else fold(str(value))


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the great-circle distance of two points given in degrees (haversine)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    a = math.sin((phi2 - phi1) / 2) ** 2
    a += math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(a, 1.0)))


def file_name(path_text: str) -> str:
    """Return the last part of a path."""
    return path_text.rpartition("/")[2]


_BITS = (1 << 64) - 1


def bits_apart(one: int, other: int) -> int:
    """Return in how many of their 64 bits two integers differ."""
    return ((one ^ other) & _BITS).bit_count()


# Name in SQL, number of arguments, function; all of them are deterministic.
FUNCTIONS: tuple[tuple[str, int, Callable[..., str | float | None]], ...] = (
    ("regexp", 2, regexp),
    ("folded", 1, folded),
    ("distance_km", 4, distance_km),
    ("file_name", 1, file_name),
    ("bits_apart", 2, bits_apart),
)
