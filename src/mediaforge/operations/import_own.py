"""Import what `export` wrote: lines to what comes in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from pydantic import BaseModel, ValidationError

from mediaforge.catalog.columns import FACT_COLUMNS
from mediaforge.catalog.corrections import packed
from mediaforge.catalog.export import TARGET
from mediaforge.catalog.imports import Borne, Incoming, Rows, Set
from mediaforge.catalog.paths import join
from mediaforge.catalog.record import local_mtime
from mediaforge.catalog.settable import SETTABLE
from mediaforge.config import Config
from mediaforge.errors import UsageError
from mediaforge.model import MediaId, Stream, TakenSource
from mediaforge.operations.export import VERSION
from mediaforge.operations.export_lines import LINE, CompanionLine, EndLine, HeaderLine, ItemLine, LibraryLine, ReadLine
from mediaforge.operations.import_moves import Moves
from mediaforge.operations.import_said import written
from mediaforge.operations.imports import Record, Source
from mediaforge.sidecars import Companion, pack
from mediaforge.text import display_path

_LONGEST = 64 * 2**20  # bytes of a line


def is_export(_path: bytes, head: bytes) -> bool:
    """Say whether a file that begins so is an export."""
    return b'"mediaforge"' in head.partition(b"\n")[0]


async def read_export(path: bytes, moves: Moves, _config: Config) -> Source:
    """Return what an export holds; reading it raises UsageError that names the first line that is wrong."""

    def records() -> Iterator[Record]:
        shown = display_path(path)
        try:
            with open(path, "rb") as file:
                lines = _Lines(shown, moves)
                for number, line in enumerate(iter(lambda: file.readline(_LONGEST), b""), start=1):
                    yield from lines.read(number, line)
                lines.end()
        except OSError as error:
            raise UsageError(f"'{shown}' cannot be read: {(error.strerror or str(error)).lower()}") from error

    return records


class _Wrong(ValueError):
    """What is wrong with a line."""


class _Lines:
    """An export while it is read."""

    def __init__(self, shown: str, moves: Moves) -> None:
        self.shown, self.moves = shown, moves
        self.roots: dict[str, bytes] = {}
        self.items = self.last = 0
        self.ended = False

    def read(self, number: int, line: bytes) -> Iterator[Record]:
        """Yield what a line holds."""
        self.last = number
        try:
            if number == 1:
                _check_header(line)
            elif line.strip():
                yield from self._record(number, line)
        except ValidationError as error:
            raise self._error(_told(error, levels=number > 1)) from None
        except _Wrong as error:
            raise self._error(str(error)) from None

    def end(self) -> None:
        """Refuse a file that was cut off."""
        if not self.ended:
            raise self._error('the last line is not {"type": "end"}: the file was cut off')

    def _error(self, why: str) -> UsageError:
        return UsageError(f"line {self.last:,} of '{self.shown}': {why}; nothing was imported")

    def _record(self, number: int, line: bytes) -> Iterator[Record]:
        if not line.endswith(b"\n") and len(line) == _LONGEST:
            raise _Wrong(f"it is longer than {_LONGEST // 2**20} MiB")
        if self.ended:
            raise _Wrong("something stands behind the last line")
        read = LINE.validate_json(line)
        if isinstance(read, EndLine):
            self.ended = True
            if read.items not in (None, self.items):
                raise _Wrong(f"there should be {read.items:,} items, and there are {self.items:,}")
        elif isinstance(read, LibraryLine):
            if read.slug in self.roots:
                raise _Wrong(f"the library '{read.slug}' is told twice")
            if not _is_absolute(read.path):
                raise _Wrong("root: it is to be absolute, without . and ..")
            self.roots[read.slug] = read.path
            yield read.model_copy(update={"root_base64": self.moves(read.path)})
        elif isinstance(read, ItemLine):
            self.items += 1
            yield self._item(number, read)
        else:
            yield read

    def _item(self, number: int, line: ItemLine) -> Incoming:
        if line.library not in self.roots:
            raise _Wrong(f"no line before it tells of the library '{line.library}'")
        below = line.below
        if not _is_relative(below):
            raise _Wrong("path: it is to be relative to the root of its library, without . and ..")
        return Incoming(
            number=number,
            path=self.moves(join(self.roots[line.library], below)),
            library=line.library,
            below=below,
            id=None if line.id is None else MediaId(line.id),
            missing=line.missing_since,
            added=line.added and _plain_instant(line.added),
            size=line.size,
            fingerprint=line.fingerprint,
            sha256=line.sha256,
            tags=(
                *(Borne(tag.name, tag.source, tag.rule, tag.added) for tag in line.tags),
                *(Borne(name, "refused") for name in line.refused),
            ),
            corrections={name: _set(name, one.value, one.added) for name, one in (line.corrections or {}).items()},
            collections={one.name: one.position for one in line.collections},
            make=partial(_rows, line),
        )


def _is_absolute(path: bytes) -> bool:
    return path == b"/" or (path[:1] == b"/" and _is_relative(path[1:]))


def _is_relative(path: bytes) -> bool:
    """Say whether a path leads to something below where it begins, whatever is there."""
    return b"\0" not in path and not {b"", b".", b".."} & set(path.split(b"/"))


def _check_header(line: bytes) -> None:
    header = HeaderLine.model_validate_json(line.removeprefix(b"\xef\xbb\xbf"))
    if header.version > VERSION:
        raise _Wrong(f"it was written by a newer MediaForge (schema {header.version}); update this program")


def _told(error: ValidationError, *, levels: int) -> str:
    """Return in one sentence what is wrong first, and where in the line, without so many `levels` of that."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"][levels:])
    what = first["msg"].removeprefix("Value error, ")
    what = what[:1].lower() + what[1:]
    return f"{where}: {what}" if where else what


def _plain_instant(value: str) -> str:
    """Return an instant as the catalogue writes it."""
    return datetime.fromisoformat(value).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _set(name: str, value: object, added: str | None) -> Set:
    """Return what a person set, read as a person writes it; an error where it cannot be."""
    if name not in SETTABLE:
        raise _Wrong(f"corrections: there is no field '{name}' to set")
    try:
        state = packed(SETTABLE[name].read(written(value)))
    except ValueError as error:
        raise _Wrong(f"corrections.{name}: {error}") from None
    if state in (None, "null"):
        raise _Wrong(f"corrections.{name}: it says nothing")
    return Set(str(state), added)


def _rows(line: ItemLine) -> Rows:
    """Return the rows of an item as it was read, before a person set anything."""
    return Rows(
        _row(line),
        tuple(tuple(_plain(getattr(stream, name)) for name in _STREAM) for stream in line.streams),
        tuple(tuple(_plain(getattr(one, name)) for name in TARGET) for one in line.targets),
        tuple((one.at, one.outcome.value, one.message) for one in line.verifications),
    )


_STREAM = [field.name for field in fields(Stream)]


def _row(line: ItemLine) -> dict[str, object]:
    read = line.read or ReadLine()
    return {
        **{name: getattr(line, name) for name in ("size", "mtime_ns", "inode", "fingerprint", "sha256")},
        "companions": _companions(line.companions),
        "facts_companions": _companions(read.companions),
        "kind": line.kind.value,
        "suffix": line.below.rpartition(b".")[2].decode("utf-8", "replace").lower(),
        "added_at": line.added,
        "reader": read.reader,
        **{f"facts_{name}": _plain(getattr(read, name)) for name in _READ},
        **_facts(line),
    }


_READ = "version size mtime_ns at attempts failure error".split()


def _companions(found: Sequence[CompanionLine]) -> bytes | None:
    return pack([Companion(one.exact, one.size, one.mtime_ns) for one in found])


def _facts(line: ItemLine) -> dict[str, object]:
    facts: Any = line.facts
    if facts is None:
        local, offset = local_mtime(line.mtime_ns)
        taken = {"taken_local": local, "taken_offset": offset, "taken_source": TakenSource.MTIME.value}
        return dict.fromkeys(FACT_COLUMNS) | taken
    at = facts.taken_at
    east = at.utcoffset()
    taken = {
        "taken_local": at.replace(tzinfo=None).isoformat(),
        "taken_offset": None if east is None else east // timedelta(seconds=1),
        "taken_source": facts.taken_source.value,
    }
    values = facts.__dict__
    lists = {name: _plain(values[name]) for name in ("chapters", "keywords", "extra", "origins")}
    return {name: values[name] for name in FACT_COLUMNS if name not in taken} | lists | taken


def _plain(value: Any) -> Any:
    """Return a value as its column holds it."""
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=_without_none) if value else None
    return getattr(value, "value", value)


def _without_none(value: BaseModel) -> dict[str, object]:
    return {name: part for name, part in value if part is not None}
