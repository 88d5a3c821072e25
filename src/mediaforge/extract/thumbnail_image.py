"""What a picture looks like: turned upright, in sRGB, of no more than a thumbnail's size; decoded as little as that takes."""

from __future__ import annotations

import io
import struct
import sys
from functools import lru_cache
from importlib import import_module
from typing import Any, BinaryIO

from PIL import Image, ImageCms

from mediaforge.errors import ExtractError
from mediaforge.extract.door import door
from mediaforge.extract.sniff import sniff
from mediaforge.extract.thumbnail import LARGE
from mediaforge.extract.thumbnail_colour import shown
from mediaforge.extract.thumbnail_heif import Look, look
from mediaforge.extract.thumbnail_raw import preview
from mediaforge.model import RAW_SUFFIXES

# Asked here before a pixel is decoded, and after a JPEG has said how far it can be scaled down while it is.
Image.MAX_IMAGE_PIXELS = None
_MOST_PIXELS = 1 << 28  # 268 million: a gigabyte of RGBA, which a worker may have

# What the first bytes say, or a suffix where they say nothing, to the module and class that read it.
_READERS = {
    "jpeg": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "png": ("PIL.PngImagePlugin", "PngImageFile"),
    "gif": ("PIL.GifImagePlugin", "GifImageFile"),
    "webp": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "tiff": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "bmp": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "avif": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "jp2": ("PIL.Jpeg2KImagePlugin", "Jpeg2KImageFile"),
    "tga": ("PIL.TgaImagePlugin", "TgaImageFile"),
    "ico": ("PIL.IcoImagePlugin", "IcoImageFile"),
    "heif": ("pillow_heif.as_plugin", "HeifImageFile"),
}
_SAME = {"heic": "heif", "hif": "heif"}
_ORIENTATION = 0x0112
# EXIF's orientation (CIPA DC-008, 4.6.5.1.6), and what makes it upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SPARE = (
    1.5  # how much larger than wanted a picture may be decoded at the least, for the last step to have detail to choose from
)


def draw(path: str, suffix: str, head: bytes, *, size: int = LARGE) -> Image.Image:
    """Draw a picture in a file, of no more than `size` pixels a side; of a camera's RAW the one that the camera put into it."""
    seen = sniff(head)
    name = seen[0] if seen else suffix
    if name in ("orf", "rw2", "raf", "cr3") or (name == "tiff" and suffix in RAW_SUFFIXES):
        with door(Image.DecompressionBombError):
            found = preview(path, suffix, head)
        if found is not None:
            return drawn(io.BytesIO(found.data), "jpeg", orientation=found.orientation, size=size)
        if name != "tiff":
            raise ExtractError("has no preview in it")
    name = _SAME.get(name, name)
    if name not in _READERS:
        raise ExtractError(f"is {name.upper()}, of which no pixels are read" if seen else "has no mark of any picture")
    with open(path, "rb") as file:
        return drawn(file, name, size=size)


def drawn(file: BinaryIO, name: str, *, orientation: int | None = None, size: int = LARGE) -> Image.Image:
    """Draw what a file holds whose format has this name; `orientation` is EXIF's, where the file itself is not to say it."""
    with door(Image.DecompressionBombError, ImageCms.PyCMSError):
        if name == "ico":
            _refuse_large_icons(file)
        seen = look(file, size) if name in ("heif", "avif") else Look(file)
        if seen.file is not file:
            try:
                with door(ImageCms.PyCMSError):
                    return _read(seen, name, orientation, size)
            except ExtractError:
                seen = look(file, sys.maxsize)  # the preview is broken, and the picture may not be
        return _read(seen, name, orientation, size)


def _read(seen: Look, name: str, orientation: int | None, size: int) -> Image.Image:
    module, reader = _READERS[name]
    with getattr(import_module(module), reader)(seen.file) as picture:
        return _drawn(picture, seen, orientation, size)


def _drawn(picture: Any, seen: Look, orientation: int | None, size: int) -> Image.Image:
    part = size * _SPARE / max(picture.size)
    picture.draft(None, (max(1, int(picture.width * part)), max(1, int(picture.height * part))))  # a JPEG alone can do so
    if picture.width * picture.height > _MOST_PIXELS:
        raise ExtractError(f"has {picture.width:,} × {picture.height:,} pixels, which is too much to decode")
    picture.load()
    if orientation is None:
        orientation = picture.getexif().get(_ORIENTATION)
    found = in_srgb(shrunk(_plain(picture), size), seen.profile or picture.info.get("icc_profile"))
    if seen.coded and not seen.profile:
        found = shown(found, *seen.coded)
    return found.transpose(_TURNS[orientation]) if orientation in _TURNS else found


def shrunk(picture: Image.Image, size: int) -> Image.Image:
    """Return a picture whose longer side has no more than `size` pixels."""
    scale = size / max(picture.size)
    if scale >= 1:
        return picture
    wanted = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(wanted, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _plain(picture: Image.Image) -> Image.Image:
    """Return a picture in a mode whose pixels can be mixed: without a palette, of 8 bits."""
    match picture.mode:
        case "P":
            return picture.convert("RGBA" if "transparency" in picture.info else "RGB")
        case "1":
            return picture.convert("L")
        case "PA" | "LA" | "La" | "RGBa":
            return picture.convert("RGBA")
        case "I" | "F" | "I;16" | "I;16B" | "I;16L" | "I;16N":
            return _of_eight_bits(picture)
        case "YCbCr" | "HSV":
            return picture.convert("RGB")
    if picture.mode == "RGB" and "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture


def _of_eight_bits(picture: Image.Image) -> Image.Image:
    wide = picture.convert("F")
    extrema: Any = wide.getextrema()
    low, high = (0.0, 65535.0) if picture.mode.startswith("I") and extrema[0] >= 0 and extrema[1] <= 65535 else extrema
    scale = 255 / (high - low) if high > low else 0.0
    return wide.point(lambda value: value * scale + -low * scale).convert("L")


def in_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """Return a picture as RGB or RGBA, or L, that means sRGB; one whose profile makes no sense is taken for sRGB."""
    if isinstance(profile, bytes) and profile:
        alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
        opaque = picture.convert("RGB") if alpha else picture
        transform = _transform(profile, opaque.mode)
        if transform is not None:
            opaque = ImageCms.applyTransform(opaque, transform) or opaque
            if alpha:
                opaque.putalpha(alpha)
            return opaque
    return picture if picture.mode in ("RGB", "RGBA", "L") else picture.convert("RGB")


@lru_cache(maxsize=32)  # a camera writes the same one into every picture
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return what brings pixels of a profile to sRGB; None where they are, or where the profile is not one of such pixels."""
    try:
        found = ImageCms.getOpenProfile(io.BytesIO(profile))
        if "sRGB" in (ImageCms.getProfileDescription(found) or ""):
            return None
        return ImageCms.buildTransform(found, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError):
        return None


def _refuse_large_icons(file: BinaryIO) -> None:
    """Refuse an icon with a picture of which an icon has no need: Pillow would decode it to learn its size."""
    data = file.read(1 << 20)
    file.seek(0)
    for start in range(6, min(6 + 16 * struct.unpack_from("<H", data, 4)[0], len(data) - 15), 16):
        offset = struct.unpack_from("<I", data, start + 12)[0]
        head = data[offset : offset + 24]
        if len(head) == 24:
            order, at = (">II", 16) if head.startswith(b"\x89PNG") else ("<II", 4)
            width, height = struct.unpack_from(order, head, at)
            if width * height > 1 << 22:
                raise ExtractError("holds a picture that is too large for an icon")
