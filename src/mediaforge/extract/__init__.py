"""A file -> Facts: the table of readers, and what is tried when the first one fails.

Importing this imports no library: a reader's module is imported when its first file comes, so that a worker that reads only
JPEGs never loads FFmpeg.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from mediaforge.errors import ExtractError
from mediaforge.extract import filename, motion, place, taken
from mediaforge.extract.draft import Draft
from mediaforge.extract.sniff import kinds_of, name_of, plain_reason, sniff
from mediaforge.model import SUFFIXES, Facts, Kind

if TYPE_CHECKING:
    from mediaforge.extract.sidecars import Sidecars

# Modules with a `read(path, suffix, head, kind) -> Draft`, in the order in which they are tried. mutagen reads tags best and
# fastest; FFmpeg knows more containers; salvage reads what stands before broken pixels; libmediainfo reads files that FFmpeg
# refuses, at 3 to 15 ms; `ffprobe` may be newer than our FFmpeg, and costs a process.
READERS: Mapping[str, tuple[str, ...]] = {
    "video": ("video", "mediainfo", "ffprobe"),
    "audio": ("audio", "video", "mediainfo", "ffprobe"),
    # libmediainfo is not asked: it reads no picture that these do not, and searches a JPEG without its first bytes for 2 s.
    "image": ("image", "salvage", "ffprobe"),
    # A format, where what its content states calls for other readers than its kind. mutagen does not know the first five; of
    # WAV, AIFF, TTA and DSD it states no codec and reads no tags but ID3; of MP4 it says two channels of a mono file, since it
    # does not read the decoder's own header.
    **{
        f"audio:{name}": ("video", "mediainfo", "ffprobe")
        for name in "matroska avi mpeg rm flv au amr wav aiff dsf dff tta mp4 mov".split()
    },
    "image:jpeg": ("jpeg", "salvage", "ffprobe"),
    **{f"image:{name}": ("tiff", "image", "ffprobe") for name in "tiff orf rw2 raf cr3".split()},
}
# Names of files of boxes (ISO/IEC 14496-12) and of transport streams, and formats that `sniff` finds in them: libmediainfo
# 24.12 loops for ever, inside one call, over some that are broken. It would cost a worker, and what is wrong with the file
# would never be told.
_LOOPING = frozenset("mp4 m4v mov qt m4a m4b m4p 3gp 3g2 f4v heic heif hif avif jp2 jxl cr3 ts m2ts mts mpegts".split())


def extract(
    path: str, suffix: str, *, head: bytes | None = None, mtime_ns: int | None = None, beside: Sidecars | None = None
) -> Facts:
    """Return the facts of the file at an absolute path, with what stands `beside` it.

    `suffix` is in lower case without its dot; `head` (first bytes) and `mtime_ns` are read where they are not given.
    Raises ExtractError where no reader can read it, and OSError where it cannot be opened.
    """
    if head is None:
        with open(path, "rb") as file:
            head = file.read(4096)
    if mtime_ns is None:
        mtime_ns = os.stat(path).st_mtime_ns
    if reason := plain_reason(head, suffix):
        raise ExtractError(reason)
    draft = _first_answer(path, suffix, head)
    told = SUFFIXES.get(suffix, draft.kind)
    name = os.path.basename(path)
    if draft.kind is Kind.VIDEO:
        names = import_module("mediaforge.extract.names")
        names.identify(draft, path)
    if draft.kind is Kind.IMAGE:
        motion.find_motion(draft, path)
    else:
        draft.put("cover", any(stream.attached_picture for stream in draft.streams), "streams")
    if beside:
        import_module("mediaforge.extract.sidecars").apply(draft, path, beside.read)
    place.locate(draft)
    draft.taken(filename.taken(name))
    draft.taken(taken.from_mtime(mtime_ns))
    return draft.facts(kind=None if draft.kind is told else draft.kind)


def _first_answer(path: str, suffix: str, head: bytes) -> Draft:
    """Return what the first reader that understands the file found; the first one's complaint where none does."""
    complaint = None
    for reader, kind in _attempts(suffix, head):
        try:
            draft: Draft = import_module(f"mediaforge.extract.{reader}").read(path, suffix, head, kind)
        except ExtractError as error:
            complaint = complaint or error
        else:
            return draft
    raise ExtractError(f"cannot be read as {name_of(suffix)} file: {complaint}")


def _attempts(suffix: str, head: bytes) -> Iterator[tuple[str, Kind]]:
    """Yield (reader, kind), best first, no reader twice."""
    asked, seen = set(), sniff(head)
    for kind in kinds_of(head, suffix):
        for reader in READERS.get(f"{kind}:{seen[0] if seen else ''}", READERS[kind]):
            if reader not in asked and not (reader == "mediainfo" and _LOOPING & {suffix, seen[0] if seen else suffix}):
                asked.add(reader)
                yield reader, kind
