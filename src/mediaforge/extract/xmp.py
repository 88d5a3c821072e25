"""XMP (ISO 16684-1): what editors and photo managers write into pictures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mediaforge.errors import ExtractError
from mediaforge.extract.door import door
from mediaforge.extract.draft import Draft
from mediaforge.extract.exif import PER_CENT_STARS
from mediaforge.extract.taken import candidate, parse
from mediaforge.model import TakenSource

if TYPE_CHECKING:
    from xml.etree import ElementTree

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc", "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop", "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/tiff/1.0/": "tiff", "http://ns.adobe.com/lightroom/1.0/": "lr",
    "http://www.digikam.org/ns/1.0/": "digikam", "http://ns.microsoft.com/photo/1.0/": "microsoft",
    "http://ns.adobe.com/exif/1.0/aux/": "aux", "http://cipa.jp/exif/1.0/": "exifex",
    "http://ns.google.com/photos/1.0/camera/": "gcamera",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "iptc", "http://ns.iview-multimedia.com/mediapro/1.0/": "mediapro",
}  # fmt: skip
_PACKET = re.compile(rb"<\?xpacket.*?\?>", re.DOTALL)
_LARGEST = 4 * 2**20  # bytes


def properties(data: bytes) -> dict[str, list[str]]:
    """Return `prefix:name` to the property's values, the default language first; empty where it is no XMP."""
    data = _PACKET.sub(b"", _as_utf8(data)).strip(b"\0 \r\n\t\xef\xbb\xbf")
    # Entities could be nested into gigabytes, and no XMP has them.
    if not data or len(data) > _LARGEST or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return {}
    from xml.etree import ElementTree  # most files have no XMP

    try:
        with door(ElementTree.ParseError):
            root = ElementTree.fromstring(data)  # noqa: S314 - entities are refused above
    except ExtractError:  # a broken packet says nothing; the picture around it is not broken for it
        return {}
    return described(root)


def _as_utf8(data: bytes) -> bytes:
    """Return a packet in UTF-8: UTF-16 is allowed in some formats, and found in all (XMP part 1, 7.3.2)."""
    for mark, code in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data[: len(data) & ~1].decode(code, "replace").lstrip("\ufeff").encode()
    return data


def described(root: ElementTree.Element) -> dict[str, list[str]]:
    """Return the properties in a parsed packet, as `properties` does."""
    found: dict[str, list[str]] = {}
    # Only the outermost descriptions speak of the picture: others are of its parts, its history, what it was made from.
    for description in (d for rdf in root.iter(f"{_RDF}RDF") for d in rdf.iterfind(f"{_RDF}Description")):
        for name, value in description.attrib.items():
            _add(found, name, [value] if value.strip() else [])
        for element in description:
            _add(found, element.tag, _values(element))
    return found


def _add(found: dict[str, list[str]], name: str, values: list[str]) -> None:
    namespace, _, local = name[1:].rpartition("}")
    prefix = _PREFIXES.get(namespace)
    if prefix and values:
        found.setdefault(f"{prefix}:{local}", values)


def _values(element: ElementTree.Element) -> list[str]:
    items = list(element.iter(f"{_RDF}li"))
    if not items:
        return [element.text] if element.text and element.text.strip() else []
    items.sort(key=lambda item: item.get("{http://www.w3.org/XML/1998/namespace}lang", "x-default") != "x-default")
    return [item.text for item in items if item.text and item.text.strip()]


# Field, property: what speaks before EXIF and IPTC, since editors write it last.
_WORDS = (("title", "dc:title"), ("description", "dc:description"))
# And what is believed only after them: copies, and words that were meant for something else. Repeated in order of trust.
_COPIES = (
    ("title", "photoshop:Headline"), ("description", "tiff:ImageDescription"), ("description", "exif:UserComment"),
    ("artist", "tiff:Artist"), ("camera_make", "tiff:Make"), ("camera_model", "tiff:Model"), ("lens", "exifex:LensModel"),
    ("lens", "aux:Lens"), ("lens", "exif:Lens"),
)  # fmt: skip
_NUMBERS = (
    ("orientation", "tiff:Orientation"), ("exposure_time", "exif:ExposureTime"), ("f_number", "exif:FNumber"),
    ("focal_length", "exif:FocalLength"), ("iso", "exif:ISOSpeedRatings"), ("iso", "exifex:PhotographicSensitivity"),
)  # fmt: skip
# Bags of keywords, and what stands between the steps of a hierarchical one: kept as `|`, Lightroom's own.
_KEYWORDS = (
    ("dc:subject", None), ("lr:hierarchicalSubject", "|"), ("digikam:TagsList", "/"), ("microsoft:LastKeywordXMP", "/"),
    ("mediapro:CatalogSets", "|"),
)  # fmt: skip
_NOTED = (
    ("photoshop:City", "city"), ("photoshop:State", "state"), ("photoshop:Country", "country"),
    ("iptc:Location", "sublocation"), ("xmp:Label", "label"), ("xmp:CreatorTool", "software"), ("dc:rights", "copyright"),
)  # fmt: skip
_MOTION = ("gcamera:MotionPhoto", "gcamera:MicroVideo")  # Google's, and Samsung's of today; and Google's older one
_TIMES = ("exif:DateTimeOriginal", "photoshop:DateCreated", "exif:DateTimeDigitized", "xmp:CreateDate")


def apply_words(draft: Draft, found: dict[str, list[str]]) -> None:
    """Put XMP's words, rating and people into the draft."""
    for field, name in _WORDS:
        draft.put(field, _text(found, name), f"xmp:{name}")
    draft.put("artist", ", ".join(found.get("dc:creator", ())), "xmp:dc:creator")
    stars = _number(found, "xmp:Rating")
    draft.put("rating", stars, "xmp:xmp:Rating")
    if stars == -1:  # XMP part 1, 8.4: rejected
        draft.note("rejected", value=True)
    draft.put("rating", PER_CENT_STARS.get(_number(found, "microsoft:Rating")), "xmp:microsoft:Rating")
    for name in _MOTION:
        draft.put("motion", _number(found, name) == 1 or None, f"xmp:{name}")
    for name, between in _KEYWORDS:
        words = found.get(name, ())
        draft.keywords((w.replace(between, "|") for w in words) if between else words, f"xmp:{name}")
    for name, key in _NOTED:
        draft.note(key, _text(found, name), f"xmp:{name}")


def apply_camera(draft: Draft, found: dict[str, list[str]]) -> None:
    """Put XMP's copy of the camera's data into the draft: after EXIF's own."""
    for field, name in _COPIES:
        draft.put(field, _text(found, name), f"xmp:{name}")
    for field, name in _NUMBERS:
        draft.put(field, _number(found, name), f"xmp:{name}")
    latitude, longitude = (_position(_text(found, f"exif:GPS{name}") or "") for name in ("Latitude", "Longitude"))
    if latitude is not None and longitude is not None and "latitude" not in draft.values:
        draft.put("latitude", latitude, "xmp:exif:GPSLatitude")
        draft.put("longitude", longitude, "xmp:exif:GPSLongitude")
        height = _number(found, "exif:GPSAltitude")
        below = _text(found, "exif:GPSAltitudeRef") == "1"
        draft.put("altitude", -height if height and below else height, "xmp:exif:GPSAltitude")
    for name in _TIMES:
        when = parse(_text(found, name) or "")
        source = TakenSource.EXIF_OFFSET if when and when.tzinfo else TakenSource.EXIF
        draft.taken(candidate(source, when, f"xmp:{name}", weak=name == "xmp:CreateDate", copied=True))


def _text(found: dict[str, list[str]], name: str) -> str | None:
    return next(iter(found.get(name, ())), None)


def _number(found: dict[str, list[str]], name: str) -> float | int | None:
    match = re.fullmatch(r"\s*([+-]?\d+(?:\.\d+)?)(?:/(\d+))?\s*", _text(found, name) or "")
    if not match or (match[2] and not int(match[2])):
        return None
    value = float(match[1]) / int(match[2] or 1)
    return int(value) if value.is_integer() else value


def _position(value: str) -> float | None:
    """Read `48,51.46N` and `48,51,27.6N` (XMP part 2, GPSCoordinate)."""
    match = re.fullmatch(r"\s*(\d+),(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?([NSEW])\s*", value)
    if not match:
        return None
    degrees = int(match[1]) + float(match[2]) / 60 + float(match[3] or 0) / 3600
    return -degrees if match[4] in "SW" else degrees
