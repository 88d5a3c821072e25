"""Windows' icons (ICO): the directory at their beginning.

Our own because Pillow decodes a picture of an icon to tell its size: 359 bytes that claim to be huge took it 40 s.
"""

from __future__ import annotations

import struct

from mediaforge.errors import ExtractError
from mediaforge.extract.draft import Draft
from mediaforge.model import Kind

MARK = b"\0\0\1\0"


def read_icon(head: bytes, kind: Kind) -> Draft:
    """Return the largest size in the directory, in which 0 stands for 256."""
    if len(head) < 22:
        raise ExtractError("ends within its directory")
    count = struct.unpack_from("<H", head, 4)[0]
    entries = (head[start : start + 2] for start in range(6, min(6 + count * 16, len(head) - 15), 16))
    sizes = [(width or 256, height or 256) for width, height in entries]
    if not sizes:
        raise ExtractError("has no picture in its directory")
    draft = Draft("icon", kind)
    draft.put("format", "ico", "signature")
    draft.put("width", max(sizes)[0], "directory")
    draft.put("height", max(sizes)[1], "directory")
    return draft
