"""The places of the world: what stands where, to tell the names of a point. Only a file that states coordinates loads this.

The file `places.bin` holds GeoNames' places of 1,000 people and more: first the large ones, then the small, each by bands of a
tenth of a degree of latitude, and in a band by longitude. After the header stand columns: where each band begins, latitudes and
longitudes (in 1/100,000 of a degree), where each name begins, regions by number, sizes (eight times the logarithm to base 2 of
the population); then all names, and lines of region and country, in UTF-8. It is little-endian, as is every machine for which
the readers' libraries are built.
"""

from __future__ import annotations

import math
import os
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

HEADER, MARK = "<8sIII", b"places 1"
BANDS, PRECISION, SIZES = 1800, 100_000, 8
_EARTH = 6371.0  # its radius in km
_KM = _EARTH * math.pi / 180  # of a degree along a meridian
_UNIT = math.radians(1 / PRECISION)

CITY_KM, COUNTRY_KM = 25.0, 100.0
"""How far away a place may be to be named, and to tell the country: of GeoNames' places whose next one is within 25 km, that
one is in another region for 6 of 100 and in another country for 1; from 25 to 100 km for 18 and 4; and beyond for 36 and 13."""
_SUBURB = 2 * SIZES  # by how much smaller a part of a city is than the city: a quarter of its people
_NEAR_KM = 5.0  # how far is looked first, since most are nearer
_DENSE = 4000 * math.pi  # people on a km², times pi: how far a place of so many reaches, as a circle
_LEAST_KM, _SMALL_KM, _MOST_KM = 0.5, 2.0, 15.0  # what a place reaches at least, as a small one at most, and at most


@dataclass(frozen=True, slots=True)
class Names:
    """What a point is called, the smallest first: a part or a suburb of the city, where it has one, and so on."""

    suburb: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None


def reach(size: int) -> float:
    """Return how many km from its centre a place of a size goes."""
    return min(_MOST_KM, max(_LEAST_KM, math.sqrt(2.0 ** (size / SIZES) / _DENSE)))


_REACH = tuple(map(reach, range(256)))


def band_of(latitude: float) -> int:
    """Return the number of the band in which a latitude lies."""
    return min(BANDS - 1, int((latitude + 90) * BANDS / 180))


def row_of(latitude: float, size: int) -> int:
    """Return the number of the band among those of large and small places."""
    return band_of(latitude) + (0 if _REACH[size] > _SMALL_KM else BANDS)


class Gazetteer:
    """All places, as they stand in the file."""

    def __init__(self, data: bytes) -> None:
        _mark, count, names, regions = struct.unpack_from(HEADER, data)
        rest = memoryview(data)[struct.calcsize(HEADER) :]
        layout: list[tuple[Literal["I", "i", "H", "B"], int]] = [
            ("I", 2 * BANDS + 1), ("i", count), ("i", count), ("I", count + 1), ("H", count), ("B", count),
        ]  # fmt: skip
        columns = []
        for kind, length in layout:
            size = struct.calcsize(kind) * length
            columns.append(rest[:size].cast(kind))
            rest = rest[size:]
        self._bands, self._latitudes, self._longitudes, self._starts, self._regions, self._sizes = columns
        self._names = rest[:names]
        self._told = [line.split("\t") for line in str(rest[names : names + regions], "utf-8").split("\n")]

    def names(self, latitude: float, longitude: float) -> Names:
        """Return what a point is called.

        Places reach as far as so many people live. Of those that reach the point the nearest one says in which region it is.
        The largest one of that region is the city, of which the nearest is a suburb or a part, unless they are of one kind.
        Where no place reaches the point, the nearest one is named.
        """
        around = [*self._within(latitude, longitude, _MOST_KM, 0), *self._within(latitude, longitude, _SMALL_KM, BANDS)]
        reaching = sorted((km, place) for km, place in around if km <= _REACH[self._sizes[place]])
        if not reaching:
            return self._beside(latitude, longitude)
        nearest = reaching[0][1]
        home = self._regions[nearest]
        city = max((place for _, place in reaching if self._regions[place] == home), key=self._sizes.__getitem__)
        if self._sizes[city] - self._sizes[nearest] < _SUBURB:
            city = nearest
        region, country = self._told[home]
        return Names(self._name(nearest) if city != nearest else None, self._name(city), region or None, country)

    def _beside(self, latitude: float, longitude: float) -> Names:
        for km in (_NEAR_KM, CITY_KM, COUNTRY_KM):
            near = [row for first in (0, BANDS) for row in self._within(latitude, longitude, km, first)]
            if near:
                _, nearest = min(near)
                region, country = self._told[self._regions[nearest]]
                return Names(None, self._name(nearest), region or None, country) if km <= CITY_KM else Names(country=country)
        return Names()

    def _name(self, place: int) -> str:
        return str(self._names[self._starts[place] : self._starts[place + 1]], "utf-8")

    def _within(self, latitude: float, longitude: float, km: float, first: int) -> Iterator[tuple[float, int]]:
        """Yield (distance in km, place) of those within a distance, of the bands from `first` on."""
        phi, theta = math.radians(latitude), math.radians(longitude)
        shrunk, most = math.cos(phi), math.sin(km / _EARTH / 2) ** 2
        south, north = latitude - km / _KM, latitude + km / _KM
        narrow = math.cos(math.radians(max(abs(south), abs(north)))) if south > -90 and north < 90 else 0.0
        width = min(180.0, km / _KM / narrow) if narrow else 180.0
        for band in range(first + band_of(max(-90.0, south)), first + band_of(min(90.0, north)) + 1):
            for west, east in _ranges(longitude, width):
                low, high = self._bands[band], self._bands[band + 1]
                low = bisect_left(self._longitudes, round(west * PRECISION), low, high)
                for place in range(low, bisect_right(self._longitudes, round(east * PRECISION), low, high)):
                    there = self._latitudes[place] * _UNIT
                    across = math.sin((self._longitudes[place] * _UNIT - theta) / 2) ** 2
                    half = math.sin((there - phi) / 2) ** 2 + shrunk * math.cos(there) * across  # haversine
                    if half <= most:
                        yield 2 * _EARTH * math.asin(math.sqrt(half)), place


def _ranges(longitude: float, width: float) -> Iterator[tuple[float, float]]:
    """Yield what lies so many degrees to both sides, in two parts where that goes across the antimeridian."""
    west, east = longitude - width, longitude + width
    yield max(-180.0, west), min(180.0, east)
    if west < -180:
        yield west + 360, 180.0
    if east > 180:
        yield -180.0, east - 360


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer that came with the program, read once."""
    with open(os.path.join(os.path.dirname(__file__), "places.bin"), "rb") as file:
        return Gazetteer(file.read())
