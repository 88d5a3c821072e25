"""XML from anywhere: read, or refused in one sentence."""

from __future__ import annotations

import re
from typing import Any, cast
from xml.etree import ElementTree

from mediaforge.errors import ExtractError
from mediaforge.extract.door import door

_DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION = re.compile(r"^\s*<\?xml.{0,300}?\?>", re.DOTALL)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Entities can be nested into gigabytes. Nothing that is read here needs them.
_ENTITIES = ("<!DOCTYPE", "<!ENTITY")


def decoded(data: bytes) -> str:
    """Return the text of an XML file, or of any other, without what it declares: as marked, as declared, UTF-8, or Windows'."""
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    declared = _DECLARED.match(data)
    for encoding in (marked, declared[1].decode() if declared else None, "utf-8"):
        try:
            if encoding:
                return _DECLARATION.sub("", data.decode(encoding))
        except (LookupError, ValueError):  # no such encoding, or not of text
            continue
    return _DECLARATION.sub("", data.decode("cp1252", "replace"))


def first_element(text: str) -> ElementTree.Element:
    """Parse the first element of a text, whatever follows it; ExtractError where it is broken or declares entities."""
    if any(mark in text for mark in _ENTITIES):
        raise ExtractError("declares a document type, which is refused")
    depth = 0
    with door(ElementTree.ParseError):
        parser: ElementTree.XMLPullParser[Any] = ElementTree.XMLPullParser(("start", "end"))
        parser.feed(text)
        for pair in parser.read_events():
            event, element = cast("tuple[str, ElementTree.Element]", pair)
            depth += 1 if event == "start" else -1
            if not depth:
                return element
    raise ExtractError("is cut short, or no XML")
