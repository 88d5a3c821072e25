"""What a video looks like: hashes of some of its frames, at times that copies have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import av

from mediaforge.extract.door import door
from mediaforge.extract.phash import SIZE, Look, hashes
from mediaforge.extract.thumbnail_film import OPTIONS, exactly, film_of, in_a_row, picture_of

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_MOST = 8  # frames counted from the beginning, and as many from the end
_FINEST = 0.25  # seconds between two of them
_EDGE = 0.05  # seconds at both ends in which an encoder may have no frame
# Pixels that are decoded from a key frame on to reach a place: 240 frames of 1080p, which is what encoders put between two.
_PIXELS = 1 << 29
_AT_LEAST, _AT_MOST = 30, 1000  # frames


def look_at_film(path: str, _suffix: str, _head: bytes) -> list[Look]:
    """Return what a video looks like at some moments, first to last, without those at which nothing is to be seen."""
    with door(av.error.FFmpegError), av.open(path, options=OPTIONS, metadata_errors="replace") as container:
        stream = film_of(container)
        if stream is None:
            return []
        stream.thread_type = "AUTO"
        seen: dict[float, Look] = {}
        for at, frame in _frames(container, stream):
            if at not in seen and (found := hashes(picture_of(frame, stream, SIZE))):
                seen[at] = (at, *found)
        return [seen[at] for at in sorted(seen)]


def moments(duration: float) -> list[float]:
    """Return the seconds at which a video is looked at.

    They are so many steps from its beginning and from its end, and a step is a power of two: what lost some seconds of one end
    is still looked at in the same moments, counted from the other, or in every second of them.
    """
    step = _FINEST
    while duration / step > _MOST:
        step *= 2
    steps = [count * step for count in range(1, _MOST + 1) if _EDGE <= count * step <= duration - _EDGE]
    both = sorted({round(at, 2) for at in (*steps, *(duration - at for at in steps))})
    return both or [duration / 2]


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[tuple[float, VideoFrame]]:
    """Yield frames with the seconds at which they are shown, counted from the beginning."""
    begin = (container.start_time or 0) / av.time_base
    duration = max(container.duration or 0, 0) / av.time_base
    found = False
    if duration:
        patience = min(max(_PIXELS // max(stream.width * stream.height, 1), _AT_LEAST), _AT_MOST)
        stream.codec_context.skip_frame = "NONREF"  # what no other frame needs: a quarter to a half of the work
        for frame in exactly(container, stream, [at / duration for at in moments(duration)], patience=patience):
            found = True
            yield _time(frame, begin), frame
    if not found:
        yield from _of_beginning(container, stream, begin, duration)


def _of_beginning(
    container: InputContainer, stream: VideoStream, begin: float, duration: float
) -> Iterator[tuple[float, VideoFrame]]:
    """Yield frames of a video that cannot be sought, as far as it is read: at the same moments, or each second."""
    wanted = moments(duration) if duration else [float(second) for second in range(1, 2 * _MOST)]
    rate = float(stream.average_rate or 25)
    for number, frame in enumerate(in_a_row(container, stream)):
        at = _time(frame, begin) if frame.pts is not None else number / rate
        if wanted and at >= wanted[0]:
            yield at, frame
            wanted = [moment for moment in wanted if moment > at]


def _time(frame: VideoFrame, begin: float) -> float:
    return round(max(0.0, (frame.time or 0.0) - begin), 3)
