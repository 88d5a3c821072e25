"""XMP, written: the properties that are ours to set, with every other byte of the packet left as it is (ISO 16684-1, 7.9).

A packet is not made anew from what was parsed: serialisers lose prefixes, comments, processing instructions, the white space
that pads a packet, and what an attribute's line breaks were. The places of elements are told by expat, and only these change.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from mediaforge.errors import ExtractError
from mediaforge.model import storable
from mediaforge.sidecars import Companion

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML = "http://www.w3.org/XML/1998/namespace"
_DEFAULT = "x-default"

Name = tuple[str, str]
"""A namespace, and the name in it."""
Shape = Literal["text", "Alt", "Bag", "Seq"]


@dataclass(frozen=True, slots=True)
class Property:
    """What a property is to be: no values is none. Of one in several languages only what is for any is meant.

    `only_known`: it is set where it is there already, and not added: a copy that some program keeps. Of a list whatever else
    is `allowed` stays.
    """

    name: Name
    values: tuple[str, ...]
    shape: Shape = "text"
    only_known: bool = False
    allowed: frozenset[str] = frozenset()


# Prefixes as their makers write them, for properties that are added where a packet has none of its own.
PREFIXES: Mapping[str, str] = {
    RDF: "rdf",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/lightroom/1.0/": "lr",
    "http://www.digikam.org/ns/1.0/": "digiKam",
    "http://ns.microsoft.com/photo/1.0/": "MicrosoftPhoto",
    "http://ns.iview-multimedia.com/mediapro/1.0/": "mediapro",
}
_EMPTY = b"""\
<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="MediaForge">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="">
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""


_TAG = re.compile(rb"""<[^\s/>"']+(?:\s+[^\s=/>"']+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>""")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>"']+)\s*=\s*(?:"[^"]*"|'[^']*')""")
_DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["'][^>]{0,200}\?>""")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # characters that XML has no way to write
_LIST = (RDF, "li")
_LARGEST = 4 * 2**20  # bytes


@dataclass(slots=True)
class _Attribute:
    """An attribute, and where it stands, with the white space before it."""

    name: Name
    written: str
    value: str
    start: int
    end: int


@dataclass(slots=True)
class _Element:
    """An element, and where it stands: from `start` to `end`, what is in it from `inside` to `closing`."""

    name: Name
    written: str
    start: int
    inside: int
    scope: Mapping[str, str]  # prefix to namespace
    attributes: Sequence[_Attribute]
    closing: int = 0
    end: int = 0
    text: str = ""
    children: list[_Element] = field(default_factory=list)

    def below(self, name: Name) -> list[_Element]:
        """Return the elements right below this one that are called so."""
        return [child for child in self.children if child.name == name]

    def attribute(self, name: Name) -> str | None:
        """Return the value of an attribute."""
        return next((one.value for one in self.attributes if one.name == name), None)

    @property
    def list(self) -> _Element | None:
        """The list (Alt, Bag, Seq) that this property is."""
        return next((child for child in self.children if child.name in _SHAPES), None)


_SHAPES = {(RDF, "Alt"), (RDF, "Bag"), (RDF, "Seq")}


def edited(data: bytes | None, wanted: Sequence[Property]) -> bytes:
    """Return a packet with these properties: `data` as it is where it has them already; without one a new one.

    Raises ExtractError where it is no XMP, so that nothing of it could be sure to stay.
    """
    packet = _Packet(_EMPTY if data is None else _utf8(data))
    clean = [replace(one, values=tuple(map(_clean, one.values))) for one in wanted]
    changed = packet.edited(clean)
    if changed == packet.raw:
        return changed if data is None else data
    if _Packet(changed).edited(clean) != changed:
        raise ExtractError("cannot be changed and be sure to stay what it is")
    return changed


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A sidecar as it is to be; `data` is None where it is that already. `known` is how it was seen, None if it is new."""

    path: bytes  # absolute
    data: bytes | None
    known: Companion | None


def rewrite(payload: tuple[bytes, Sequence[bytes], Sequence[Property]]) -> Rewritten:
    """Return what the sidecar of the file at an absolute path is to be, so that it has these properties.

    The first of several paths at which a sidecar stands is meant, otherwise the first of them. Raises ExtractError where what
    stands there cannot be changed, and OSError where it cannot be read, or the file is gone.
    """
    file, paths, wanted = payload
    os.stat(file)
    path = next((one for one in paths if os.path.lexists(one)), None)
    if path is None:
        return Rewritten(paths[0], edited(None, wanted), None)
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise ExtractError("is no file")
    with open(path, "rb") as sidecar:
        status = os.fstat(sidecar.fileno())
        data = sidecar.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ExtractError(f"is larger than {_LARGEST >> 20} MiB")
    changed = edited(data, wanted)
    seen = Companion(os.path.basename(path), status.st_size, storable(status.st_mtime_ns))
    return Rewritten(path, None if changed == data else changed, seen)


def _clean(value: str) -> str:
    """Return a value as XML can hold it: what it has no way to write goes, and a line ends in one character."""
    return _NO_XML.sub("", value).replace("\r\n", "\n").replace("\r", "\n").strip()


def _utf8(data: bytes) -> bytes:
    """Return a packet in UTF-8, without its declaration where that says something else."""
    declared = _DECLARED.match(data)
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else declared[1].decode() if declared else "utf-8"
    try:
        text = data.decode(encoding)
    except (LookupError, ValueError) as error:
        raise ExtractError(f"is not written in {encoding}, as it should be") from error
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "us-ascii", "ascii"):
        return data
    return _DECLARED.sub(b"", text.lstrip("\ufeff").encode(), count=1).lstrip()


class _Reader:
    """Reads where the elements of a document stand."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._stack: list[_Element] = []
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, self._end
        self._parser.CharacterDataHandler, self._parser.StartDoctypeDeclHandler = self._characters, _refuse
        self.done: list[_Element] = []

    def root(self) -> _Element:
        """Return the outermost element; ExtractError where the document is broken."""
        try:
            self._parser.Parse(self._raw, True)
        except expat.ExpatError as error:
            raise ExtractError(f"is not XML: {expat.ErrorString(error.code)}") from error
        return self.done[0]

    def _start(self, written: str, values: Mapping[str, str]) -> None:
        at = self._parser.CurrentByteIndex
        tag = _TAG.match(self._raw, at)
        assert tag is not None, "expat has seen that it is well-formed"
        scope = dict(self._stack[-1].scope) if self._stack else {"xml": XML, "": ""}
        scope |= {name[6:]: value for name, value in values.items() if name.startswith("xmlns:")}
        scope[""] = values.get("xmlns", scope[""])
        found = ((one[1].decode(), one) for one in _ATTRIBUTE.finditer(self._raw, at, tag.end()))
        attributes = [
            _Attribute(_qualified(name, {**scope, "": ""}), name, values[name], one.start(), one.end()) for name, one in found
        ]
        self._stack.append(_Element(_qualified(written, scope), written, at, tag.end(), scope, attributes))

    def _end(self, _written: str) -> None:
        one = self._stack.pop()
        one.closing = one.end = one.inside
        if self._raw[one.inside - 2 : one.inside] != b"/>":
            one.closing = self._parser.CurrentByteIndex
            one.end = self._raw.index(b">", one.closing) + 1
        (self._stack[-1].children if self._stack else self.done).append(one)

    def _characters(self, text: str) -> None:
        self._stack[-1].text += text


class _Packet:
    """A packet with the places of its elements, and what is to be changed at them."""

    def __init__(self, raw: bytes) -> None:
        root = _Reader(raw).root()
        found = [root] if root.name == (RDF, "RDF") else root.below((RDF, "RDF"))
        if not found:
            raise ExtractError("is XML, but no XMP")
        self.raw, self._rdf = raw, found[0]
        self._descriptions = self._rdf.below((RDF, "Description"))
        self._edits: list[tuple[int, int, str]] = []
        self._added: list[Property] = []

    def edited(self, wanted: Sequence[Property]) -> bytes:
        """Return the packet with these properties."""
        for one in wanted:
            self._set(one)
        if self._added:
            self._add()
        raw = self.raw
        for start, end, text in sorted(self._edits, reverse=True):
            raw = raw[:start] + text.encode() + raw[end:]
        return raw

    def _set(self, one: Property) -> None:
        """Plan what makes a property what it is to be: the first that is there is changed, any more of it go."""
        elements = [(owner, child) for owner in self._descriptions for child in owner.below(one.name)]
        attributes = [each for owner in self._descriptions for each in owner.attributes if each.name == one.name]
        there = [*(_values(child, one) for _owner, child in elements), *([each.value] for each in attributes)]
        if not there and one.only_known:
            return
        also = {value for values in there for value in values if value in one.allowed and value not in one.values}
        one = replace(one, values=(*one.values, *sorted(also))) if one.values else one
        if [sorted(values) for values in there] == ([sorted(one.values)] if one.values else []):
            return
        done = not one.values
        for owner, child in elements:
            if done:
                self._drop(child)
            else:
                self._change(owner, child, one)
            done = True
        for each in attributes:
            stays = not done and one.shape == "text"
            self._edits.append((each.start, each.end, f" {each.written}={_quoted(one.values[0])}" if stays else ""))
            done = done or stays
        if not done:
            self._added.append(one)

    def _drop(self, child: _Element) -> None:
        before = self.raw[: child.start].rstrip(b" \t\r\n")
        self._edits.append((len(before), child.end, ""))

    def _change(self, owner: _Element, child: _Element, one: Property) -> None:
        found = child.list if one.shape == "Alt" else None
        if found is None or found.end == found.inside:
            self._edits.append((child.start, child.end, _rendered(one, owner.scope, self._indent(child))))
        elif (default := _default(found)) is None:  # in some languages alone: they stay
            tag = found.written.removesuffix("Alt") + "li"
            text = f'<{tag} xml:lang="{_DEFAULT}">{escape(one.values[0])}</{tag}>'
            self._edits.append((found.inside, found.inside, f"{self._indent(found)}{text}"))
        elif default.end == default.inside:
            self._edits.append((default.end - 2, default.end, f">{escape(one.values[0])}</{default.written}>"))
        else:
            self._edits.append((default.inside, default.closing, escape(one.values[0])))

    def _indent(self, one: _Element) -> str:
        """Return the white space before an element, with its line break."""
        before = self.raw[: one.start]
        return before[len(before.rstrip(b" \t\r\n")) :].decode() or "\n"

    def _add(self) -> None:
        """Put what is added behind all that the first description holds."""
        owner = next(iter(self._descriptions), self._rdf)
        indent = self._indent(owner.children[-1] if owner.children else owner) + ("" if owner.children else " ")
        texts, scope = [], owner.scope
        if owner is self._rdf:  # which has no description
            declared: dict[str, str] = {}
            tag = _qualify(RDF, scope, declared)
            own = _declarations(declared)
            texts = [f'{indent}<{tag}:Description{own} {tag}:about="">', f"{indent}</{tag}:Description>"]
            scope = {**scope, **declared}
        inner = indent + " " if texts else indent
        texts[1:1] = [inner + _rendered(one, scope, inner) for one in self._added]
        if owner.end == owner.inside:
            closed = f">{''.join(texts)}{self._indent(owner)}</{owner.written}>"
            self._edits.append((owner.end - 2, owner.end, closed))
        else:
            place = owner.children[-1].end if owner.children else owner.inside
            self._edits.append((place, place, "".join(texts)))


def _refuse(*_declared: object) -> None:
    raise ExtractError("declares a document type, which is refused")


def _qualified(written: str, scope: Mapping[str, str]) -> Name:
    prefix, colon, local = written.rpartition(":")
    return scope.get(prefix if colon else "", ""), local


def _default(alternatives: _Element) -> _Element | None:
    """Return the entry of a list of languages that is for any."""
    for one in alternatives.below(_LIST):
        if (one.attribute((XML, "lang")) or _DEFAULT).lower() == _DEFAULT:
            return one
    return None


def _values(child: _Element, one: Property) -> list[str]:
    found = child.list
    if found is None:
        return [child.text.strip()] if child.text.strip() else []
    if one.shape == "Alt":
        default = _default(found)
        return [default.text.strip()] if default else []
    return [each.text.strip() for each in found.below(_LIST)]


def _quoted(value: str) -> str:
    return quoteattr(value, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _rendered(one: Property, scope: Mapping[str, str], indent: str) -> str:
    """Return a property as an element."""
    declared: dict[str, str] = {}
    tag = f"{_qualify(one.name[0], scope, declared)}:{one.name[1]}"
    rdf = _qualify(RDF, scope, declared) if one.shape != "text" else ""
    own = _declarations(declared)
    if one.shape == "text":
        return f"<{tag}{own}>{escape(one.values[0])}</{tag}>"
    lang = f' xml:lang="{_DEFAULT}"' if one.shape == "Alt" else ""
    entries = [f"{indent}  <{rdf}:li{lang}>{escape(value)}</{rdf}:li>" for value in one.values]
    return f"<{tag}{own}>{indent} <{rdf}:{one.shape}>{''.join(entries)}{indent} </{rdf}:{one.shape}>{indent}</{tag}>"


def _declarations(declared: Mapping[str, str]) -> str:
    return "".join(f" xmlns:{prefix}={_quoted(uri)}" for prefix, uri in declared.items())


def _qualify(uri: str, scope: Mapping[str, str], declared: dict[str, str]) -> str:
    """Return a prefix that means a namespace; one that does not yet is declared."""
    for prefix, meant in scope.items():
        if meant == uri and prefix and prefix not in declared:
            return prefix
    declared[PREFIXES[uri]] = uri
    return PREFIXES[uri]
