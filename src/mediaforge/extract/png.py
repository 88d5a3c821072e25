"""A PNG's chunks (PNG 3rd edition, 11): its size and metadata, wherever they stand.

Pillow reads the chunks before the pixels. Metadata may follow them, and many editors write it there.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import BinaryIO

from mediaforge.extract.draft import Draft
from mediaforge.extract.iptc import from_photoshop
from mediaforge.extract.taken import candidate
from mediaforge.model import TakenSource

_MOST = 10_000  # chunks
_LARGEST = 4 * 2**20  # bytes of a chunk, and of a text that is packed in one
_TAIL = 64 * 1024
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_TRAILING = re.compile(rb"tEXt|zTXt|iTXt|eXIf")
_XMP = "XML:com.adobe.xmp"

# PNG's own words (11.3.3.1) and what programs add to them.
_WORDS = (
    ("title", "Title"),
    ("description", "Description"),
    ("description", "Comment"),
    ("artist", "Author"),
    ("artist", "Artist"),
    ("camera_make", "Make"),
    ("camera_make", "exif:Make"),
    ("camera_model", "Model"),
    ("camera_model", "exif:Model"),
)


@dataclass(slots=True)
class Chunks:
    """What the chunks say: the size, EXIF, and texts by their keywords, in which other blocks of metadata may be."""

    size: tuple[int, int] | None = None
    exif: bytes = b""
    words: dict[str, str] = field(default_factory=dict)

    def add(self, other: Chunks) -> None:
        """Take over what `other` knows and this does not."""
        self.exif = self.exif or other.exif
        self.words = other.words | self.words

    def blocks(self) -> tuple[bytes, bytes, bytes]:
        """Return EXIF, XMP and IPTC, empty where there is none: from their own chunks, or from ImageMagick's profiles."""
        exif = self.exif or self._profile("exif") or self._profile("APP1")
        packet = self.words.get(_XMP, "").encode() or self._profile("xmp")
        records = self._profile("iptc") or self._profile("8bim")
        return exif, packet, from_photoshop(records) if records.startswith(b"8BIM") else records

    def _profile(self, name: str) -> bytes:
        """Return the bytes of a profile in a text chunk: its name, its length, then hex."""
        parts = self.words.get(f"Raw profile type {name}", "").split(None, 2)
        try:
            return bytes.fromhex("".join(parts[2].split())) if len(parts) == 3 else b""
        except ValueError:  # a broken profile says nothing; the picture is not broken for it
            return b""


def read_chunks(file: BinaryIO, position: int = 8) -> Chunks:
    """Read the chunks from `position` on, pixels aside; what is broken ends it."""
    found = Chunks()
    for _ in range(_MOST):
        file.seek(position)
        header = file.read(8)
        if len(header) < 8:
            break
        length, name = struct.unpack(">I4s", header)
        position += length + 12
        if length > _LARGEST or name not in _TEXTS | {b"IHDR", b"eXIf"}:
            continue
        data = file.read(length)
        if name == b"IHDR" and length >= 8:
            found.size = struct.unpack_from(">II", data)
        elif name == b"eXIf":
            found.exif = data
        elif name in _TEXTS:
            key, text = _text(name, data)
            found.words.setdefault(key, text)
    return found


def _text(name: bytes, data: bytes) -> tuple[str, str]:
    """Return keyword and text of a chunk: Latin-1, packed Latin-1, or UTF-8 that may be packed."""
    key, _, rest = data.partition(b"\0")
    packed, code = name == b"zTXt", "latin-1"
    if name == b"zTXt":
        rest = rest[1:]
    elif name == b"iTXt":
        packed, code = rest[:1] == b"\1", "utf-8"
        rest = rest[2:].split(b"\0", 2)[-1]
    if packed:
        try:
            rest = zlib.decompressobj().decompress(rest, _LARGEST)
        except zlib.error:  # a broken text says nothing; the picture is not broken for it
            rest = b""
    return key.decode("latin-1"), rest.decode(code, "replace")


def after_pixels(file: BinaryIO) -> Chunks | None:
    """Return what the chunks after the pixels say; None where there are none within the file's last 64 KiB."""
    start = max(0, file.seek(0, 2) - _TAIL)
    file.seek(start)
    tail = file.read(_TAIL)
    # The last piece of the pixels, where it begins in the tail; otherwise whatever leads from chunk to chunk to the end.
    pixels = tail.rfind(b"IDAT") - 4
    places = [pixels + 12 + int.from_bytes(tail[pixels : pixels + 4], "big")] if pixels >= 0 else []
    places = places or [match.start() - 4 for match in _TRAILING.finditer(tail)]
    place = next((place for place in places if _leads_to_end(tail, place)), None)
    return None if place is None or tail[place + 4 : place + 8] == b"IEND" else read_chunks(file, start + place)


def _leads_to_end(tail: bytes, place: int) -> bool:
    for _ in range(_MOST):
        if not 0 <= place <= len(tail) - 12:
            return False
        if tail[place + 4 : place + 8] == b"IEND":
            return True
        place += 12 + int.from_bytes(tail[place : place + 4], "big")
    return False


def apply_words(draft: Draft, words: dict[str, str]) -> None:
    """Put the words of a PNG's text chunks into the draft; ImageMagick writes their keywords in lower case."""
    known = {key.lower(): value for key, value in words.items()}
    for name, key in _WORDS:
        draft.put(name, known.get(key.lower()), f"png:{key}")
    for key in ("software", "copyright"):
        draft.note(key, known.get(key))
    for key in ("Creation Time", "create-date", "exif:DateTimeOriginal"):
        if told := known.get(key.lower()):
            draft.taken(candidate(TakenSource.EXIF, told, f"png:{key}", weak=key == "create-date"))
