"""Pictures through Pillow and pillow-heif: size, EXIF, IPTC and XMP, without decoding a pixel."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

from PIL import Image, UnidentifiedImageError

from mediaforge.errors import ExtractError
from mediaforge.extract import iptc, xmp
from mediaforge.extract.door import door
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import Exif, apply_exif, apply_exif_words, parse_exif, read_directories
from mediaforge.extract.heif import read_items
from mediaforge.extract.jxl import read_jxl
from mediaforge.extract.sniff import sniff
from mediaforge.extract.taken import candidate
from mediaforge.model import Kind, TakenSource

# Pillow's own refusal of large pictures guards the decoding of pixels, which is not done here: a panorama is no bomb.
Image.MAX_IMAGE_PIXELS = None

# What the content says it is, to the names of Pillow's readers. TGA has no mark, and its reader takes almost any bytes: it is
# asked for .tga alone.
_PLUGINS = {
    "jpeg": ("JPEG",), "png": ("PNG",), "gif": ("GIF",), "webp": ("WEBP",), "tiff": ("TIFF",), "bmp": ("BMP",),
    "heif": ("HEIF",), "avif": ("AVIF",), "jp2": ("JPEG2000",),
}  # fmt: skip
_BY_SUFFIX = {"tga": ("TGA",), "ico": ("ICO",), "heic": ("HEIF",), "heif": ("HEIF",), "hif": ("HEIF",)}
_FORMATS = {"MPO": "jpeg", "DIB": "bmp", "JPEG2000": "jp2"}
_DEPTHS = {"1": 1, "I;16": 16, "I;16B": 16, "I;16L": 16, "I": 32, "F": 32}

# PNG's own words (PNG 3rd edition, 11.3.3.1) and what programs add to them.
_PNG_WORDS = (
    ("title", "Title"),
    ("description", "Description"),
    ("description", "Comment"),
    ("artist", "Author"),
    ("artist", "Artist"),
)


def read(path: str, suffix: str, head: bytes, kind: Kind) -> Draft:
    """Read a picture."""
    seen = sniff(head)
    plugins = _PLUGINS.get(seen[0]) if seen else _BY_SUFFIX.get(suffix)
    draft = Draft("pillow", kind)
    with open(path, "rb") as file, door(UnidentifiedImageError):
        if seen and seen[0] == "jxl":
            return read_jxl(file, kind)
        if plugins is None:
            raise ExtractError("has no mark of any picture")
        if plugins[0] == "HEIF":
            import pillow_heif

            pillow_heif.register_heif_opener()
        with Image.open(file, formats=plugins) as picture:
            _read_picture(draft, picture, file, head)
    return draft


def _read_picture(draft: Draft, picture: Image.Image, file: BinaryIO, head: bytes) -> None:
    info, name = picture.info, str(picture.format)
    draft.put("format", _FORMATS.get(name, name.lower()), "format")
    for field, value in zip(("width", "height"), _coded_size(picture, file, head), strict=True):
        draft.put(field, value, "size")
    exif = _exif(picture, file)
    draft.put("bit_depth", _bit_depth(picture, exif, head), "mode")
    if (turned := info.get("original_orientation")) is not None:
        draft.put("orientation", turned, "exif:Orientation")
    apply_metadata(draft, exif, xmp_of(info, exif), iptc_of(info, exif))
    if name == "PNG":
        apply_png_words(draft, info)


def _coded_size(picture: Image.Image, file: BinaryIO, head: bytes) -> tuple[int, int]:
    """Return the size that the file states, where Pillow's is what is shown: turned, cropped, or grown to hold every frame."""
    if picture.format in ("HEIF", "AVIF"):
        return read_items(file).size or picture.size
    return struct.unpack_from("<HH", head, 6) if picture.format == "GIF" else picture.size


def apply_metadata(draft: Draft, exif: Exif, packet: bytes, records: bytes) -> None:
    """Put EXIF, XMP and IPTC into the draft: the camera's data from EXIF first, words from XMP, which editors write last."""
    found = xmp.properties(packet) if packet else {}
    xmp.apply_words(draft, found)
    if records:
        iptc.apply_iptc(draft, records)
    apply_exif_words(draft, exif)
    apply_exif(draft, exif)
    xmp.apply_camera(draft, found)


def _exif(picture: Image.Image, file: BinaryIO) -> Exif:
    if picture.format == "TIFF":
        return read_directories(reader_of(file))
    data = picture.info.get("exif")
    if data is None and picture.format == "PNG" and (text := picture.info.get("Raw profile type exif")):
        data = raw_profile(str(text))
    return parse_exif(data) if isinstance(data, bytes) else Exif()


def reader_of(file: BinaryIO) -> Any:
    """Return a function (offset, length) -> bytes of a file."""

    def read_at(offset: int, length: int) -> bytes:
        file.seek(offset)
        return file.read(length)

    return read_at


def raw_profile(text: str) -> bytes | None:
    """Return the bytes of ImageMagick's profile in a text chunk: a name, a length, then hex."""
    parts = text.split(None, 2)
    try:
        return bytes.fromhex("".join(parts[2].split())) if len(parts) == 3 else None
    except ValueError:  # a broken profile says nothing; the picture is not broken for it
        return None


def xmp_of(info: dict[Any, Any], exif: Exif) -> bytes:
    packet = info.get("xmp") or info.get("XML:com.adobe.xmp") or exif.tags.get(0x02BC) or b""
    if isinstance(packet, tuple):
        packet = bytes(packet)
    return packet.encode() if isinstance(packet, str) else packet if isinstance(packet, bytes) else b""


def iptc_of(info: dict[Any, Any], exif: Exif) -> bytes:
    resources = info.get("photoshop")
    if isinstance(resources, dict) and isinstance(resources.get(0x0404), bytes):
        return bytes(resources[0x0404])
    block = exif.tags.get(0x83BB) or exif.tags.get(0x8649) or b""
    block = bytes(block) if isinstance(block, tuple) and max(block) < 256 else block
    if not isinstance(block, bytes):
        return b""
    return iptc.from_photoshop(block) if block.startswith(b"8BIM") else block


def _bit_depth(picture: Image.Image, exif: Exif, head: bytes) -> int | None:
    if picture.format == "PNG":
        return head[24]  # IHDR's depth: Pillow's mode is 8 bits for a palette of 4
    if picture.format == "TIFF":
        bits = exif.tags.get(0x0102, 1)
        return int(max(bits) if isinstance(bits, tuple) else bits)
    depth = picture.info.get("bit_depth")
    return depth if isinstance(depth, int) else _DEPTHS.get(picture.mode, 8)


def apply_png_words(draft: Draft, info: Mapping[Any, Any]) -> None:
    """Put the words of a PNG's text chunks into the draft."""
    for field, key in _PNG_WORDS:
        draft.put(field, info.get(key), f"png:{key}")
    for key in ("Software", "Copyright"):
        draft.note(key.lower(), info.get(key))
    for key in ("Creation Time", "create-date", "exif:DateTimeOriginal"):
        if isinstance(told := info.get(key), str):
            draft.taken(candidate(TakenSource.EXIF, told, f"png:{key}"))
