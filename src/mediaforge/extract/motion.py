"""Pictures that hold a video of their moment, where XMP does not say so: Samsung's of years before 2020.

Behind a JPEG stand blocks of data, and at the very end a directory of them, `SEFH` to `SEFT`; a HEIF has a box for the video.
"""

from __future__ import annotations

import os
import struct
from typing import Any, BinaryIO

from mediaforge.extract.draft import Draft

_MAKER = "samsung"
_NAME = b"MotionPhoto_Data"
_LARGEST = 64 * 1024  # bytes of a directory; real ones have some hundred
_BOX = b"mpvd"


def find_motion(draft: Draft, path: str) -> None:
    """Put into the draft of a picture that it holds a video, where only Samsung's own data say so."""
    if "motion" in draft.values or str(draft.values.get("camera_make", "")).lower() != _MAKER:
        return
    if draft.values.get("format") == "jpeg" and _has_block(path):
        draft.put("motion", value=True, origin="samsung:MotionPhoto_Data")
    elif draft.values.get("format") in ("heif", "avif") and _has_box(path):
        draft.put("motion", value=True, origin="samsung:mpvd")


def _has_block(path: str) -> bool:
    """Say whether a JPEG's trailer has a block of the video's name."""
    with open(path, "rb") as file:
        end = file.seek(0, os.SEEK_END) - 8
        length, mark = _unpacked(file, "<I4s", end)
        if mark != b"SEFT" or not 12 <= length <= _LARGEST:
            return False
        begin = end - length
        mark, _version, count = _unpacked(file, "<4sII", begin)
        for number in range(min(count, length // 12) if mark == b"SEFH" else 0):
            back, _size = _unpacked(file, "<4xII", begin + 12 + 12 * number)
            _kind, name = _unpacked(file, f"<I4x{len(_NAME)}s", begin - back)
            if name == _NAME:
                return True
    return False


def _unpacked(file: BinaryIO, form: str, position: int) -> tuple[Any, ...]:
    """Return what stands at a position; zeros where the file ends before, or begins behind it."""
    size = struct.calcsize(form)
    file.seek(max(position, 0))
    return struct.unpack(form, file.read(size).ljust(size, b"\0"))


def _has_box(path: str) -> bool:
    from mediaforge.extract.boxes import top_boxes  # here: few pictures are asked

    with open(path, "rb") as file:
        return any(kind == _BOX for kind, _start, _length in top_boxes(file))
