"""Pictures through Pillow and pillow-heif: size, EXIF, IPTC and XMP, without decoding a pixel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from PIL import Image, UnidentifiedImageError

from mediaforge.errors import ExtractError
from mediaforge.extract import iptc, png
from mediaforge.extract.door import door
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import Exif, parse_exif, text
from mediaforge.extract.gif import read_gif
from mediaforge.extract.heif import read_items
from mediaforge.extract.icon import MARK, read_icon
from mediaforge.extract.jxl import read_jxl
from mediaforge.extract.metadata import apply_metadata
from mediaforge.extract.sniff import sniff
from mediaforge.model import Kind

# Pillow's own refusal of large pictures guards the decoding of pixels, which is not done here: a panorama is no bomb.
Image.MAX_IMAGE_PIXELS = None

# What the content says it is, to the names of Pillow's readers. TGA has no mark, and its reader takes almost any bytes: it is
# asked for .tga alone.
_PLUGINS = {
    "jpeg": ("JPEG",), "png": ("PNG",), "webp": ("WEBP",), "tiff": ("TIFF",), "bmp": ("BMP",),
    "heif": ("HEIF",), "avif": ("AVIF",), "jp2": ("JPEG2000",),
}  # fmt: skip
_BY_SUFFIX = {"tga": ("TGA",), "heic": ("HEIF",), "heif": ("HEIF",), "hif": ("HEIF",)}
_FORMATS = {"MPO": "jpeg", "DIB": "bmp", "JPEG2000": "jp2"}
_DEPTHS = {"1": 1, "I;16": 16, "I;16B": 16, "I;16L": 16, "I": 32, "F": 32}


def read(path: str, suffix: str, head: bytes, kind: Kind) -> Draft:
    """Read a picture."""
    seen = sniff(head)
    plugins = _PLUGINS.get(seen[0]) if seen else _BY_SUFFIX.get(suffix)
    draft = Draft("pillow", kind)
    with open(path, "rb") as file, door(UnidentifiedImageError):
        if seen and seen[0] == "jxl":
            return read_jxl(file, kind)
        if seen and seen[0] == "gif":
            return read_gif(file, kind)
        if seen is None and suffix == "ico" and head.startswith(MARK):
            return read_icon(head, kind)
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
    for field, value in zip(("width", "height"), _coded_size(picture, file), strict=True):
        draft.put(field, value, "size")
    chunks = _chunks(info, file) if name == "PNG" else None
    exif_block, packet, records = chunks.blocks() if chunks else (info.get("exif"), b"", b"")
    exif = parse_exif(exif_block) if isinstance(exif_block, bytes) else Exif()
    draft.put("bit_depth", _bit_depth(picture, head), "mode")
    if (turned := info.get("original_orientation")) is not None:
        draft.put("orientation", turned, "exif:Orientation")
    apply_metadata(draft, exif, packet or xmp_of(info, exif), records or iptc_of(info, exif))
    if chunks:
        png.apply_words(draft, chunks.words)
    elif isinstance(comment := info.get("comment"), bytes):
        draft.note("comment", text(comment))


def _chunks(info: Mapping[Any, Any], file: BinaryIO) -> png.Chunks:
    chunks = png.Chunks(words={str(key): str(value) for key, value in info.items() if isinstance(value, str)})
    chunks.exif = info["exif"] if isinstance(info.get("exif"), bytes) else b""
    if after := png.after_pixels(file):
        chunks.add(after)
    return chunks


def _coded_size(picture: Image.Image, file: BinaryIO) -> tuple[int, int]:
    """Return the size that the file states, where Pillow's is what is shown: turned and cropped."""
    if picture.format in ("HEIF", "AVIF"):
        return read_items(file).size or picture.size
    return picture.size


def reader_of(file: BinaryIO) -> Any:
    """Return a function (offset, length) -> bytes of a file."""

    def read_at(offset: int, length: int) -> bytes:
        file.seek(offset)
        return file.read(length)

    return read_at


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


def _bit_depth(picture: Image.Image, head: bytes) -> int | None:
    if picture.format == "PNG":
        return head[24]  # IHDR's depth: Pillow's mode is 8 bits for a palette of 4
    depth = picture.info.get("bit_depth")
    return depth if isinstance(depth, int) else _DEPTHS.get(picture.mode, 8)
