"""Pictures through Pillow and pillow-heif: size, EXIF, IPTC and XMP, without decoding a pixel."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, BinaryIO

from PIL import Image

from mediaforge.errors import ExtractError
from mediaforge.extract import png
from mediaforge.extract.door import door
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import Exif, parse_exif, text
from mediaforge.extract.gif import read_gif
from mediaforge.extract.heif import read_items
from mediaforge.extract.icon import MARK, read_icon
from mediaforge.extract.jp2 import read_jp2
from mediaforge.extract.jxl import read_jxl
from mediaforge.extract.metadata import apply_metadata
from mediaforge.extract.sniff import sniff
from mediaforge.extract.webp import read_webp
from mediaforge.model import Kind

# Pillow's own refusal of large pictures guards the decoding of pixels, which is not done here: a panorama is no bomb.
Image.MAX_IMAGE_PIXELS = None

# What the content says it is, to the module and class that read it: `Image.open` imports all of Pillow's plugins for any that
# is not among the five commonest, 60 ms. TGA has no mark, and its reader takes almost any bytes: it is asked for .tga alone.
_PLUGINS = {
    "png": ("PIL.PngImagePlugin", "PngImageFile"),
    "tiff": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "bmp": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "heif": ("pillow_heif.as_plugin", "HeifImageFile"),
    "avif": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "tga": ("PIL.TgaImagePlugin", "TgaImageFile"),
}
_BY_SUFFIX = {"tga": "tga", "heic": "heif", "heif": "heif", "hif": "heif"}
_FORMATS = {"DIB": "bmp"}
_DEPTHS = {"1": 1, "I;16": 16, "I;16B": 16, "I;16L": 16, "I": 32, "F": 32}


def read(path: str, suffix: str, head: bytes, kind: Kind) -> Draft:
    """Read a picture."""
    seen = sniff(head)
    name = seen[0] if seen else _BY_SUFFIX.get(suffix, "")
    draft = Draft("pillow", kind)
    with open(path, "rb") as file, door():
        if name == "jxl":
            return read_jxl(file, kind)
        if name == "gif":
            return read_gif(file, kind)
        if name == "jp2":
            return read_jp2(file, kind)
        if name == "webp":
            return read_webp(file, kind)
        if seen is None and suffix == "ico" and head.startswith(MARK):
            return read_icon(head, kind)
        if name not in _PLUGINS:
            raise ExtractError("has no mark of any picture")
        module, plugin = _PLUGINS[name]
        with getattr(import_module(module), plugin)(file) as picture:
            _read_picture(draft, picture, file, head)
    return draft


def _read_picture(draft: Draft, picture: Image.Image, file: BinaryIO, head: bytes) -> None:
    info, name = picture.info, str(picture.format)
    draft.put("format", _FORMATS.get(name, name.lower()), "format")
    items = read_items(file) if name in ("HEIF", "AVIF") else None
    # Pillow's size is what is shown, turned and cropped: the file states the coded one.
    for field, value in zip(("width", "height"), (items and items.size) or picture.size, strict=True):
        draft.put(field, value, "size")
    chunks = _chunks(info, file) if name == "PNG" else None
    exif_block, packet, records = chunks.blocks() if chunks else (info.get("exif") or (items and items.exif), b"", b"")
    exif = parse_exif(exif_block) if isinstance(exif_block, bytes) else Exif()
    draft.put("bit_depth", _bit_depth(picture, head), "mode")
    if (turned := info.get("original_orientation")) is not None:
        draft.put("orientation", turned, "exif:Orientation")
    apply_metadata(draft, exif, packet or _xmp_of(info), records or _iptc_of(info))
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


def _xmp_of(info: Mapping[Any, Any]) -> bytes:
    packet = info.get("xmp") or info.get("XML:com.adobe.xmp") or b""
    return packet.encode() if isinstance(packet, str) else packet if isinstance(packet, bytes) else b""


def _iptc_of(info: Mapping[Any, Any]) -> bytes:
    resources = info.get("photoshop")
    records = resources.get(0x0404) if isinstance(resources, dict) else None
    return records if isinstance(records, bytes) else b""


def _bit_depth(picture: Image.Image, head: bytes) -> int | None:
    if picture.format == "PNG":
        return head[24]  # IHDR's depth: Pillow's mode is 8 bits for a palette of 4
    depth = picture.info.get("bit_depth")
    return depth if isinstance(depth, int) else _DEPTHS.get(picture.mode, 8)
