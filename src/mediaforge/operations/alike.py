"""Alike: pictures and videos that look the same, whatever was done to their files.

Two pictures are as far apart as their pHashes, or as the mean of both hashes' distances, whichever is more: the one tells of
shapes, the other of edges, and where only one of them agrees they are no copies.

Items are alike to the first of their cluster, the one with the most pixels, and not to each other along a chain: copies are
made of it, and so they are near to it. Who is near to several belongs to the nearest.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from mediaforge.catalog import likeness
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.likeness import Film, Picture
from mediaforge.errors import UsageError
from mediaforge.model import MediaId
from mediaforge.operations.distance import apart, film_distance, frames_needed
from mediaforge.operations.nearness import Near, in_company
from mediaforge.operations.recipes import TARGETS

DISTANCE = 10
"""How far apart alike items are at the most, unless a person says otherwise: chosen by docs/duplicates.md."""

_PAUSE = 100  # items, after which others may run: whoever waits for an answer may press Ctrl-C


@dataclass(frozen=True, slots=True)
class Cluster:
    """Items that are alike: the one with the most pixels, then the others, and how far each is from the first."""

    members: tuple[MediaId, ...]
    distances: tuple[int, ...]


async def clusters(
    catalogue: Catalogue, ids: Sequence[MediaId] | None, *, distance: int = DISTANCE, bursts: bool = False
) -> list[Cluster]:
    """Return the clusters of two and more among these items (None: all), of those that `build phash` has looked at.

    Missing items are left out, and so are others of one group (a burst, a RAW picture and its JPEG), unless `bursts`.
    """
    if not 0 <= distance <= likeness.MOST:
        raise UsageError(f"a distance is 0 to {likeness.MOST} bits; {DISTANCE} is usual")
    version = TARGETS[likeness.RECIPE].version
    pictures = await likeness.pictures(catalogue, version, ids)
    shared = await _shared([one.phash for one in pictures], distance)
    some = [one for one in pictures if one.phash in shared]
    found = await _gathered(some, _Pictures(distance, len(shared)), bursts=bursts)
    films = await likeness.films(catalogue, version, ids)
    shared = await _shared([phash for film in films for phash in {frame.phash for frame in film.frames}], distance)
    return found + await _gathered(films, _Films(distance, shared), bursts=bursts)


async def _shared(hashes: Sequence[int], distance: int) -> set[int]:
    """Return the hashes that several have, or that have another near: most have not, and need not be kept to look at."""
    counts = Counter(hashes)
    found = {one for one, count in counts.items() if count > 1}
    for some in in_company(counts.keys(), distance):
        found |= some
        await asyncio.sleep(0)
    return found


class _Looks(Protocol):
    @property
    def id(self) -> MediaId: ...

    @property
    def group(self) -> MediaId | None: ...


_Item = TypeVar("_Item", bound=_Looks)


class _Firsts(Protocol[_Item]):
    """Items that begin clusters, of which those are found that another is alike to, and how far they are."""

    def add(self, one: _Item) -> None: ...

    def near(self, one: _Item) -> Iterable[tuple[int, _Item]]: ...


async def _gathered(items: Sequence[_Item], firsts: _Firsts[_Item], *, bursts: bool) -> list[Cluster]:
    """Let each item that is near to none before it begin a cluster, and each other one join the nearest."""
    others = list[_Item]()
    for number, one in enumerate(items):
        if number % _PAUSE == 0:
            await asyncio.sleep(0)
        if any(bursts or _apart(one, first) for _distance, first in firsts.near(one)):
            others.append(one)
        else:
            firsts.add(one)
    wishes = list[tuple[int, int, _Item, _Item]]()
    for number, one in enumerate(others):
        if number % _PAUSE == 0:
            await asyncio.sleep(0)
        near = ((distance, first) for distance, first in firsts.near(one) if bursts or _apart(one, first))
        wishes += [(distance, number, one, first) for distance, first in near]
    return _joined(sorted(wishes, key=lambda wish: (*wish[:2], wish[3].id)), bursts=bursts)


def _apart(one: _Looks, other: _Looks) -> bool:
    """Tell whether two items are of two moments, or at least not known to be of one."""
    return one.group is None or one.group != other.group


def _joined(wishes: Iterable[tuple[int, int, _Item, _Item]], *, bursts: bool) -> list[Cluster]:
    """Let each item join the first of its clusters, nearest first; of a group no more than one joins each, unless `bursts`."""
    members: dict[MediaId, dict[MediaId, int]] = {}
    groups: dict[MediaId, set[MediaId | None]] = {}
    settled = set[MediaId]()
    for distance, _number, one, first in wishes:
        if one.id in settled:
            continue
        inside = groups.setdefault(first.id, {first.group})
        if bursts or one.group is None or one.group not in inside:
            settled.add(one.id)
            inside.add(one.group)
            members.setdefault(first.id, {first.id: 0})[one.id] = distance
    return [Cluster(tuple(inside), tuple(inside.values())) for inside in members.values()]


class _Pictures:
    """Pictures by their pHashes."""

    def __init__(self, distance: int, expected: int) -> None:
        self._distance, self._near = distance, Near(distance, expected)
        self._by_hash: dict[int, list[Picture]] = {}

    def add(self, one: Picture) -> None:
        self._near.add(one.phash)
        self._by_hash.setdefault(one.phash, []).append(one)

    def near(self, one: Picture) -> Iterable[tuple[int, Picture]]:
        for phash in self._near.within(one.phash):
            for other in self._by_hash[phash]:
                if (distance := apart(one, other)) <= self._distance:
                    yield distance, other


class _Films:
    """Videos by the pHashes of their frames; whichever share some are compared."""

    def __init__(self, distance: int, shared: set[int]) -> None:
        self._distance, self._near, self._shared = distance, Near(distance, len(shared)), shared
        self._by_hash: dict[int, dict[MediaId, Film]] = {}

    def add(self, one: Film) -> None:
        for phash in {frame.phash for frame in one.frames} & self._shared:
            self._near.add(phash)
            self._by_hash.setdefault(phash, {})[one.id] = one

    def near(self, one: Film) -> Iterable[tuple[int, Film]]:
        shared = Counter[MediaId]()
        films: dict[MediaId, Film] = {}
        for frame in one.frames:
            if frame.phash not in self._shared:
                continue
            some = {media: film for phash in self._near.within(frame.phash) for media, film in self._by_hash[phash].items()}
            shared.update(some.keys())
            films |= some
        for media, count in shared.items():
            if count >= frames_needed(one, films[media]):
                distance = film_distance(one, films[media], self._distance)
                if distance is not None:
                    yield distance, films[media]


async def nearest(catalogue: Catalogue, media: MediaId, distance: int) -> list[MediaId] | None:
    """Return the items, missing or not, that are alike to an item, itself first; None where it has no hash."""
    version = TARGETS[likeness.RECIPE].version
    one = await likeness.picture(catalogue, version, media)
    if one is not None:
        others = await likeness.pictures_near(catalogue, version, one, distance)
        found = [(far, other.id) for other in others if (far := apart(one, other)) <= distance]
    else:
        films = await likeness.films(catalogue, version, None, missing=True)
        film = next((film for film in films if film.id == media), None)
        if film is None:
            return None
        told = ((film_distance(film, other, distance), other.id) for other in films)
        found = [(far, other) for far, other in told if far is not None]
    return [other for _far, other in sorted(found, key=lambda each: (each[0], each[1] != media, each[1]))]
