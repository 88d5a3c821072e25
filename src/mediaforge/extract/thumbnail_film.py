"""What a video looks like: a frame that is neither black nor blurred, found by looking at a few; and the cover of music."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
from PIL import Image, ImageFilter, ImageStat

from mediaforge.errors import ExtractError
from mediaforge.extract.demux import DEMUXERS
from mediaforge.extract.door import door
from mediaforge.extract.sniff import sniff
from mediaforge.extract.thumbnail import LARGE

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_OPTIONS = {"format_whitelist": DEMUXERS, "protocol_whitelist": "file"}
_ATTACHED = 0x0400  # AV_DISPOSITION_ATTACHED_PIC

# Where to look, in parts of the duration: the beginning is a logo, the end is titles. The second row only where the first
# shows nothing.
_PLACES = ((0.12, 0.3, 0.5, 0.7), (0.05, 0.2, 0.4, 0.6, 0.8, 0.95))
_MOST_PIXELS = 1 << 27  # 8K has 33 million
_IN_A_ROW, _EVERY = 240, 8  # frames that are decoded from the beginning where seeking finds nothing, and which are looked at
_PATIENCE = 400  # packets after a seek without a picture, or frames before the one that is asked for
_LOOK = 320  # pixels of the longer side at which frames are compared
_DARK, _BRIGHT, _FLAT = 26, 236, 9  # of 255: the mean and the deviation of what shows nothing
_LAPLACE = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)


def draw(path: str, _suffix: str, _head: bytes) -> Image.Image | None:
    """Draw a video's best frame; the cover of one that has no pictures that move, and None without that, too."""
    with door(av.error.FFmpegError), av.open(path, options=_OPTIONS, metadata_errors="replace") as container:
        stream = _film(container)
        if stream is None:
            return _cover(container)
        frame = _best(container, stream)
        if frame is None:
            raise ExtractError("has no frame that can be decoded")
        return _picture(frame, stream, LARGE)


def draw_cover(path: str, _suffix: str, _head: bytes) -> Image.Image | None:
    """Draw the cover of music; None where it has none."""
    with door(av.error.FFmpegError), av.open(path, options=_OPTIONS, metadata_errors="replace") as container:
        return _cover(container)


def frames(path: str, count: int) -> list[tuple[float, Image.Image]]:
    """Return frames that are spread over a video, with the seconds at which they are shown."""
    with door(av.error.FFmpegError), av.open(path, options=_OPTIONS, metadata_errors="replace") as container:
        stream = _film(container)
        if stream is None:
            raise ExtractError("has no pictures that move")
        stream.thread_type = "AUTO"
        places = [(number + 0.5) / count for number in range(count)]
        found = {frame.pts: frame for frame in _exactly(container, stream, places)}
        if not found:
            row = list(_in_a_row(container, stream))
            found = {row[len(row) * number // count].pts: row[len(row) * number // count] for number in range(count) if row}
        return [(float(frame.time or 0), _picture(frame, stream, LARGE // 2)) for frame in found.values()]


def _exactly(container: InputContainer, stream: VideoStream, places: Sequence[float]) -> Iterator[VideoFrame]:
    """Yield the frames at these parts of the duration, decoded from the key frames before them."""
    if not container.duration or container.duration < 0:
        return
    start = container.start_time or 0
    for place in places:
        target, last = start + container.duration * place, None
        try:
            container.seek(int(target), backward=True)
            for number, frame in enumerate(container.decode(stream)):
                last = frame
                if number > _PATIENCE or (frame.time or 0) * av.time_base >= target:
                    break
        except av.error.FFmpegError:
            pass  # damaged there: what came before is shown, or nothing
        if last is not None:
            yield last


def _film(container: InputContainer) -> VideoStream | None:
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
    for number, frame in enumerate(_in_a_row(container, stream)):
        if number % _EVERY == 0:
            yield frame


def _in_a_row(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Yield the first frames, as far as they can be decoded."""
    stream.codec_context.skip_frame = "DEFAULT"
    try:
        container.seek(0)
    except av.error.FFmpegError:
        pass  # a stream that cannot be sought is read on from where it is
    try:
        for number, frame in enumerate(container.decode(stream)):
            if number >= _IN_A_ROW:
                return
            yield frame
    except av.error.FFmpegError:
        return  # what came before is what there is


def _judged(frame: VideoFrame) -> tuple[bool, float]:
    """Return whether a frame shows anything, and how sharp it is: the variance of its Laplacian."""
    width, height = _fitting(frame.width, frame.height, _LOOK)
    small: Any = frame.reformat(width, height, "gray")
    grey: Image.Image = small.to_image().convert("L")
    stat = ImageStat.Stat(grey)
    shows = _DARK <= stat.mean[0] <= _BRIGHT and stat.stddev[0] >= _FLAT
    return shows, float(ImageStat.Stat(grey.filter(_LAPLACE)).var[0])


def _picture(frame: VideoFrame, stream: VideoStream, size: int) -> Image.Image:
    """Return a frame as it is shown: with square pixels, turned as the file says, of no more than `size`."""
    aspect = stream.sample_aspect_ratio or Fraction(1)
    aspect = aspect if Fraction(1, 8) <= aspect <= 8 else Fraction(1)
    width, height = _fitting(max(1, round(frame.width * aspect)), frame.height, size)
    fitted: Any = frame.reformat(width, height, "rgb24", interpolation="BICUBIC")
    found: Image.Image = fitted.to_image()
    return found.rotate(frame.rotation, expand=True) if frame.rotation % 360 else found


def _fitting(width: int, height: int, size: int) -> tuple[int, int]:
    scale = min(1.0, size / max(width, height, 1))
    return max(2, round(width * scale)), max(2, round(height * scale))
