"""What a video looks like: a frame that is neither black nor blurred, found by looking at a few; and the cover of music."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

import av
from PIL import Image, ImageFilter, ImageStat

from mediaforge.errors import ExtractError
from mediaforge.extract.demux import DEMUXERS
from mediaforge.extract.door import door
from mediaforge.extract.sniff import sniff
from mediaforge.extract.thumbnail import LARGE, SMALL
from mediaforge.extract.thumbnail_colour import shown

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

OPTIONS = {"format_whitelist": DEMUXERS, "protocol_whitelist": "file"}
_ATTACHED = 0x0400  # AV_DISPOSITION_ATTACHED_PIC

# Where to look, in parts of the duration: the beginning is a logo, the end is titles. The second row only where the first
# shows nothing.
_PLACES = ((0.12, 0.3, 0.5, 0.7), (0.05, 0.2, 0.4, 0.6, 0.8, 0.95))
_MOST_PIXELS = 1 << 27  # 8K has 33 million
_IN_A_ROW, _EVERY = 240, 8  # frames that are decoded from the beginning where seeking finds nothing, and which are looked at
_HELD = 1 << 29  # pixels of frames that may be held at a time: of 1080p all of these, of 8K sixteen
_PATIENCE = 400  # packets after a seek without a picture, or frames before the one that is asked for
_NEAR = 3.0  # seconds ahead that are decoded, and not sought
_FAR = 20.0  # seconds between frames from which on any nearby will do
_LOOK = 320  # pixels of the longer side at which frames are compared
_DARK, _BRIGHT, _FLAT = 26, 236, 9  # of 255: the mean and the deviation of what shows nothing
_LAPLACE = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)


def draw(path: str, _suffix: str, _head: bytes) -> Image.Image | None:
    """Draw a video's best frame; the cover of one that has no pictures that move, and None without that, too."""
    with door(av.error.FFmpegError), av.open(path, options=OPTIONS, metadata_errors="replace") as container:
        stream = film_of(container)
        if stream is None:
            return _cover(container)
        frame = _best(container, stream)
        if frame is None:
            raise ExtractError("has no frame that can be decoded")
        return picture_of(frame, stream, LARGE)


def draw_cover(path: str, _suffix: str, _head: bytes) -> Image.Image | None:
    """Draw the cover of music; None where it has none."""
    with door(av.error.FFmpegError), av.open(path, options=OPTIONS, metadata_errors="replace") as container:
        return _cover(container)


def frames(path: str, count: int) -> list[tuple[float, Image.Image]]:
    """Return frames that are spread over a video, with the seconds at which they are shown."""
    with door(av.error.FFmpegError), av.open(path, options=OPTIONS, metadata_errors="replace") as container:
        stream = film_of(container)
        if stream is None:
            raise ExtractError("has no pictures that move")
        places = [(number + 0.5) / count for number in range(count)]
        if (container.duration or 0) / count > _FAR * av.time_base:  # a key frame near each place is as good, and sooner there
            chosen = _at(container, stream, places)
        else:
            stream.thread_type = "AUTO"
            chosen = exactly(container, stream, places)
        found = _pictures(chosen, stream)
        if not found:
            row = _pictures(in_a_row(container, stream), stream)
            found = [row[at] for at in sorted({len(row) * number // count for number in range(count)})] if row else []
        return found


def _pictures(chosen: Iterable[VideoFrame], stream: VideoStream) -> list[tuple[float, Image.Image]]:
    """Return each of the frames once; as pictures at once, since frames of 8K are large."""
    found: dict[object, tuple[float, Image.Image]] = {}
    for frame in chosen:
        if frame.pts not in found:
            found[frame.pts] = float(frame.time or 0), picture_of(frame, stream, SMALL)
    return list(found.values())


def exactly(
    container: InputContainer, stream: VideoStream, places: Sequence[float], *, patience: int = _PATIENCE
) -> Iterator[VideoFrame]:
    """Yield the frames at these parts of the duration, decoded from the key frames before them, or the last of `patience`."""
    if not container.duration or container.duration < 0:
        return
    start, at = container.start_time or 0, float("inf")
    decoder: Iterator[VideoFrame] | None = None
    last: VideoFrame | None = None
    for place in places:
        target = start + container.duration * place
        try:
            if decoder is None or not at - av.time_base / 10 <= target < at + _NEAR * av.time_base:
                container.seek(int(target), backward=True)
                decoder, last, at = iter(container.decode(stream)), None, 0.0
            for number, frame in enumerate(decoder if at < target else ()):
                last, at = frame, float(frame.time or 0) * av.time_base
                if number > patience or at >= target:
                    break
        except av.error.FFmpegError:
            decoder = None  # damaged there: what came before is shown, or nothing
        if last is not None:
            yield last


def film_of(container: InputContainer) -> VideoStream | None:
    streams = [s for s in container.streams.video if not int(s.disposition) & _ATTACHED]
    if not streams:
        return None
    stream = streams[0]
    if stream.codec_context is None:
        raise ExtractError("is in a codec that cannot be decoded")
    if stream.width * stream.height > _MOST_PIXELS:
        raise ExtractError(f"has {stream.width:,} × {stream.height:,} pixels, which is too much to decode")
    stream.thread_type = "SLICE"  # one frame is wanted: threads that each begin one of their own only wait
    return stream


def _cover(container: InputContainer) -> Image.Image | None:
    from mediaforge.extract.thumbnail_image import drawn

    for stream in container.streams.video:
        if int(stream.disposition) & _ATTACHED:
            data = next((bytes(packet) for packet in container.demux(stream) if packet.size), b"")
            if data and (seen := sniff(data)):
                return drawn(io.BytesIO(data), seen[0])
    return None


def _best(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    """Return the sharpest frame that shows something, of a few; where none does, of the beginning; then any."""
    best, most, seen = None, -1.0, set[object]()
    for candidates in (*(_at(container, stream, places) for places in _PLACES), _sampled(container, stream)):
        for frame in candidates:
            if frame.pts in seen:
                continue
            seen.add(frame.pts)
            shows, sharpness = _judged(frame)
            score = sharpness + (1e6 if shows else 0)
            if score > most:
                best, most = frame, score
        if most >= 1e6:
            break
    return best


def _at(container: InputContainer, stream: VideoStream, places: Sequence[float]) -> Iterator[VideoFrame]:
    """Yield the key frames before these parts of the duration; none where the duration is not known."""
    if not container.duration or container.duration < 0:
        return
    start = container.start_time or 0
    stream.codec_context.skip_frame = "NONKEY"
    for place in places:
        try:
            container.seek(int(start + container.duration * place), backward=True)
            frame = _next(container, stream)
        except av.error.FFmpegError:
            continue  # damaged there: another place may not be
        if frame is not None:
            yield frame


def _next(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    for number, packet in enumerate(container.demux(stream)):
        for frame in packet.decode():
            return frame
        if number > _PATIENCE:
            return None
    return None


def _sampled(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    for number, frame in enumerate(in_a_row(container, stream)):
        if number % _EVERY == 0:
            yield frame


def in_a_row(container: InputContainer, _stream: VideoStream) -> Iterator[VideoFrame]:
    """Yield the first frames, as far as they can be decoded, of the file opened anew: not every one can be wound back."""
    with av.open(container.name, options=OPTIONS, metadata_errors="replace") as again:
        stream = film_of(again)
        assert stream is not None
        try:
            yield from islice(again.decode(stream), max(8, min(_IN_A_ROW, _HELD // (stream.width * stream.height or 1))))
        except av.error.FFmpegError:
            return  # what came before is what there is


def _judged(frame: VideoFrame) -> tuple[bool, float]:
    """Return whether a frame shows anything, and how sharp it is: the variance of its Laplacian."""
    width, height = _fitting(frame.width, frame.height, _LOOK)
    small: Any = frame.reformat(width, height, "gray", threads=1)
    grey: Image.Image = small.to_image().convert("L")
    stat = ImageStat.Stat(grey)
    shows = _DARK <= stat.mean[0] <= _BRIGHT and stat.stddev[0] >= _FLAT
    return shows, float(ImageStat.Stat(grey.filter(_LAPLACE)).var[0])


def picture_of(frame: VideoFrame, stream: VideoStream, size: int) -> Image.Image:
    """Return a frame as it is shown: with square pixels, turned as the file says, of no more than `size`."""
    aspect = stream.sample_aspect_ratio or Fraction(1)
    aspect = aspect if Fraction(1, 8) <= aspect <= 8 else Fraction(1)
    width, height = _fitting(max(1, round(frame.width * aspect)), frame.height, size)
    fitted: Any = frame.reformat(width, height, "rgb24", interpolation="BICUBIC", threads=1)
    found = shown(fitted.to_image(), int(frame.color_primaries), int(frame.color_trc))
    return found.rotate(frame.rotation, expand=True) if frame.rotation % 360 else found


def _fitting(width: int, height: int, size: int) -> tuple[int, int]:
    scale = min(1.0, size / max(width, height, 1))
    return max(2, round(width * scale)), max(2, round(height * scale))
