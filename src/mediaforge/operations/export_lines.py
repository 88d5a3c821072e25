"""The lines of an export as they are read: what each may hold. docs/export.md describes them.

Importing this costs pydantic, 60 ms: only `import` does.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import MISSING, fields
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    create_model,
)

from mediaforge.catalog.tags import tag_name
from mediaforge.catalog.verifications import Outcome
from mediaforge.model import LARGEST, Chapter, Facts, Failure, Kind, Stream, TakenSource
from mediaforge.text import clean_text


def _clean(value: str) -> str:
    text = clean_text(value)
    if text is None:
        raise ValueError("it is empty")
    return text


def _instant(value: str) -> str:
    if datetime.fromisoformat(value).tzinfo is None:
        raise ValueError("its offset from UTC is not told")
    return value


def _time(value: object) -> object:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _bytes(value: object) -> object:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else value
    except binascii.Error as error:
        raise ValueError("it is not in base64") from error


@lru_cache(10_000)
def _tag(value: str) -> str:
    name = tag_name(_clean(value))
    if name is None:
        raise ValueError("it is no name of a tag")
    return name


Text = Annotated[str, AfterValidator(_clean)]
TagName = Annotated[str, AfterValidator(_tag)]
Instant = Annotated[str, AfterValidator(_instant)]
Time = Annotated[datetime, BeforeValidator(_time)]
Base64 = Annotated[bytes, BeforeValidator(_bytes)]
Whole = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
Count = Annotated[int, Field(ge=0, le=LARGEST)]
Id = Annotated[int, Field(ge=1, le=LARGEST)]
Real = Annotated[float, Field(allow_inf_nan=False)]
Hex = Annotated[str, Field(pattern="^[0-9a-f]{8,128}$")]
_NARROWED = {str: Text, int: Whole, float: Real, datetime: Time}


class Strict(BaseModel):
    """What holds nothing but its fields, and of them nothing but their types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _like(owner: type, **instead: Any) -> Any:
    """Return a model with the fields of a dataclass of ours; `instead` are other types of some, None leaves one out."""
    given: dict[str, Any] = {}
    hints = get_type_hints(owner)
    for field in fields(owner):
        parts = [_NARROWED.get(part, part) for part in get_args(hints[field.name]) or (hints[field.name],)]
        hint = instead[field.name] if field.name in instead else Union[tuple(parts)]  # noqa: UP007 - of any number
        default = None if field.default is MISSING else field.default
        if hint is not None:
            given[field.name] = (hint, ... if default is None and type(None) not in get_args(hint) else default)
    return create_model(f"{owner.__name__}Line", __base__=Strict, **given)


# What was read is told by the names and types of model.py.
ChapterLine = _like(Chapter)
StreamLine = _like(Stream)
FactsLine = _like(
    Facts,
    reader=None,
    kind=None,
    streams=None,
    chapters=list[ChapterLine] | None,  # type: ignore[valid-type]
    taken_at=Time,
    taken_source=TakenSource,
    keywords=list[Text] | None,
    extra=dict[str, JsonValue] | None,
    origins=dict[str, str] | None,
)


class HeaderLine(Strict):
    """The first line. What else stands in it is for people."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)
    mediaforge: Literal["export"]
    version: Annotated[int, Field(ge=1)]


class LibraryLine(Strict):
    """A scanned root."""

    type: Literal["library"]
    slug: Text
    root: str
    root_base64: Base64 | None = None
    volume: Text | None = None
    volume_label: Text | None = None
    mount_point: bool = False
    online: bool = True
    added: Instant | None = None
    seen: Instant | None = None

    @property
    def path(self) -> bytes:
        """The absolute path of the root."""
        return _path(self.root, self.root_base64)


class TagLine(Strict):
    """A tag."""

    type: Literal["tag"]
    name: TagName
    description: Text | None = None
    colour: Text | None = None
    aliases: tuple[TagName, ...] = ()
    added: Instant | None = None


class RuleLine(Strict):
    """A rule that gives tags to what its query finds."""

    type: Literal["rule"]
    id: Id | None = None
    query: Text
    tags: Annotated[tuple[TagName, ...], Field(min_length=1)]
    added: Instant | None = None


class CollectionLine(Strict):
    """A collection: smart with a query, otherwise by hand."""

    type: Literal["collection"]
    name: Text
    description: Text | None = None
    query: Text | None = None
    sort: Text | None = None
    added: Instant | None = None


class CompanionLine(Strict):
    """A sidecar, by its name relative to the folder of its file."""

    name: str
    name_base64: Base64 | None = None
    size: Count
    mtime_ns: Whole

    @property
    def exact(self) -> bytes:
        """The name as it is."""
        return _path(self.name, self.name_base64)


class ReadLine(Strict):
    """When and by which version of what a file was read, and what it was then."""

    version: Count | None = None
    size: Count | None = None
    mtime_ns: Whole | None = None
    at: Instant | None = None
    attempts: Count = 0
    failure: Failure | None = None
    error: Text | None = None
    reader: Text | None = None
    companions: tuple[CompanionLine, ...] = ()


class TargetLine(Strict):
    """What else was made from a file."""

    recipe: Text
    version: Count
    size: Count
    mtime_ns: Whole
    attempts: Count = 0
    failure: Failure | None = None
    error: Text | None = None
    made_at: Instant
    value: str | None = None
    bytes: Count | None = None
    seconds: Real | None = None


class VerificationLine(Strict):
    """What reading a file again came to."""

    at: Instant
    outcome: Outcome
    message: Text | None = None


class BornTagLine(Strict):
    """A tag that an item bears."""

    name: TagName
    source: Literal["person", "embedded", "rule"] = "person"
    rule: Id | None = None
    added: Instant | None = None


class CorrectionLine(Strict):
    """What a person set."""

    value: str | bool | Whole | tuple[Real, Real]
    added: Instant | None = None


class MembershipLine(Strict):
    """A collection that an item is in, and where in it."""

    name: Text
    position: Whole


class ItemLine(Strict):
    """A file."""

    type: Literal["item"]
    id: Id | None = None
    library: Text
    path: str
    path_base64: Base64 | None = None
    kind: Kind
    size: Count
    mtime_ns: Whole
    inode: Whole
    companions: tuple[CompanionLine, ...] = ()
    added: Instant | None = None
    missing_since: Instant | None = None
    fingerprint: Hex | None = None
    sha256: Hex | None = None
    read: ReadLine | None = None
    facts: FactsLine | None = None  # type: ignore[valid-type]
    streams: tuple[StreamLine, ...] = ()  # type: ignore[valid-type]
    targets: tuple[TargetLine, ...] = ()
    verifications: tuple[VerificationLine, ...] = ()
    tags: tuple[BornTagLine, ...] = ()
    refused: tuple[TagName, ...] = ()
    corrections: dict[str, CorrectionLine] | None = None
    collections: tuple[MembershipLine, ...] = ()

    @property
    def below(self) -> bytes:
        """The path of the file below its library's root."""
        return _path(self.path, self.path_base64)


class EndLine(Strict):
    """The last line, without which the file was cut off."""

    type: Literal["end"]
    items: Count | None = None


Line = LibraryLine | TagLine | RuleLine | CollectionLine | ItemLine | EndLine
LINE: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="type")])
"""What reads a line but the first."""


def _path(text: str, exact: bytes | None) -> bytes:
    return text.encode() if exact is None else exact
