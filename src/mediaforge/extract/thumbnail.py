"""Thumbnails: a file -> what it looks like, in two sizes, as WebP. Runs in a worker: this is where pixels are decoded."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mediaforge.errors import ExtractError
from mediaforge.extract.made import Made, Pictures, made_of
from mediaforge.extract.sniff import kinds_of, plain_reason
from mediaforge.extract.work import File
from mediaforge.model import Kind
from mediaforge.scanned import Failed

if TYPE_CHECKING:
    from PIL.Image import Image

LARGE, SMALL = 1280, 320
"""Pixels of the longer side; a picture that has fewer is not enlarged."""

_NAME = 32  # hexadecimal digits

# WebP's method 2 takes half the time of the usual 4, for some hundredths more bytes.
_QUALITY, _METHOD = 78, 2

# What draws each kind: `module:function`, (path, suffix, head) -> a picture of no more than LARGE, or None where there is none.
_ARTISTS: Mapping[Kind, str] = {
    Kind.IMAGE: "thumbnail_image:draw",
    Kind.VIDEO: "thumbnail_film:draw",
    Kind.AUDIO: "thumbnail_film:draw_cover",
}


def draw(payload: File) -> Made | Failed:
    """Draw a file's thumbnails; the value is the name that their content gives them, None where there is nothing to see.

    A file that changes meanwhile is Failed. Raises ExtractError and OSError.
    """
    path, suffix = payload

    def make(head: bytes) -> tuple[str | None, Pictures]:
        picture = by_kind(os.fsdecode(path), suffix, head, _ARTISTS)
        pictures = () if picture is None else _encoded(picture)
        name = hashlib.sha256(b"".join(data for _size, data in pictures)).hexdigest()[:_NAME] if pictures else None
        return name, pictures

    return made_of(path, make)


def by_kind(path: str, suffix: str, head: bytes, artists: Mapping[Kind, str]) -> Any:
    """Return what the function of `artists` for a file's kind makes of it; that of the next kind, where it could be two."""
    if reason := plain_reason(head, suffix):
        raise ExtractError(reason)
    complaint = None
    for kind in kinds_of(head, suffix):
        module, _colon, function = artists[kind].partition(":")
        artist: Callable[[str, str, bytes], Any] = getattr(import_module(f"mediaforge.extract.{module}"), function)
        try:
            return artist(path, suffix, head)
        except ExtractError as error:
            complaint = complaint or error
    assert complaint is not None
    raise ExtractError(f"cannot be drawn: {complaint}")


def _encoded(picture: Image) -> tuple[tuple[int, bytes], ...]:
    from mediaforge.extract.thumbnail_image import shrunk

    return tuple((size, _webp(shrunk(picture, size))) for size in (LARGE, SMALL))


def _webp(picture: Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=_QUALITY, method=_METHOD)
    return out.getvalue()
