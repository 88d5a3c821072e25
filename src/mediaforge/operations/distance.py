"""How far apart two pictures are, and two videos: pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Protocol

from mediaforge.catalog.likeness import Film, Frame

_TOLERANCE = 0.5  # seconds by which frames of one moment may differ: two encoders have not the same frames
_SHORT = 2.0  # seconds of a video that has few frames to tell it by
_NEEDED = 3  # frames in common, of any longer one
_MOST = 0.75  # share of the frames that can be compared which must be alike
_LEFT = 0.5  # share of the longer one that the shorter one must have left


class Hashed(Protocol):
    """What has both hashes."""

    @property
    def phash(self) -> int:
        """Its shapes."""

    @property
    def dhash(self) -> int:
        """Its edges."""


def apart(one: Hashed, other: Hashed) -> int:
    """Return how far apart two pictures are, in bits of 64."""
    shapes = (one.phash ^ other.phash).bit_count()
    return max(shapes, (shapes + (one.dhash ^ other.dhash).bit_count() + 1) // 2)


def frames_needed(one: Film, other: Film) -> int:
    """Return how many frames two videos must have in common to be alike."""
    return 1 if min(one.duration or 0.0, other.duration or 0.0) <= _SHORT else _NEEDED


def film_distance(one: Film, other: Film, most: int) -> int | None:
    """Return how far apart two videos are, in bits of 64: the mean of their frames that are alike; None: they are not alike.

    They are where three of four frames of a common moment are no more than `most` apart. Moments are counted from the beginning
    of both, or from the end of both, since a copy may have lost some of the other; half of the longer one must be left.
    """
    a, b = one.duration or 0.0, other.duration or 0.0
    if min(a, b) < _LEFT * max(a, b):
        return None
    found = [_common(one, other, shift, most) for shift in dict.fromkeys((0.0, b - a))]
    return min((far for far in found if far is not None), default=None)


def _common(one: Film, other: Film, shift: float, most: int) -> int | None:
    """Return the mean distance of what is alike of two videos, the other of which is behind by `shift` seconds."""
    distances = [apart(frame, counterpart) for frame, counterpart in _moments(one, other, shift)]
    alike = [distance for distance in distances if distance <= most]
    if len(alike) < max(frames_needed(one, other), _MOST * len(distances)):
        return None
    return round(sum(alike) / len(alike))


def _moments(one: Film, other: Film, shift: float) -> Iterator[tuple[Frame, Frame]]:
    """Yield the frames of both that are of one moment; without those to which the other has none."""
    times = [frame.at for frame in other.frames]
    for frame in one.frames:
        at = frame.at + shift
        index = bisect_left(times, at)
        near = min(other.frames[max(index - 1, 0) : index + 1], key=lambda each: abs(each.at - at), default=None)
        if near is not None and abs(near.at - at) <= _TOLERANCE:
            yield frame, near
