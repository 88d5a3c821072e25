"""Results on stdout, in the formats that every listing command has."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge.cli.items import KEYS, as_object, details, folded_text, headline, size_text
from mediaforge.cli.table import print_table
from mediaforge.model import Media, MediaId
from mediaforge.text import display_path, printable

if TYPE_CHECKING:
    from typing import TextIO

    from mediaforge.cli.template import Template

__all__ = [
    "Format",
    "FormatOption",
    "ListFormat",
    "ListFormatOption",
    "print_items",
    "print_record",
    "print_rows",
    "print_table",
    "write_csv",
]


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    PATHS = "paths"
    PATHS0 = "paths0"

    @staticmethod
    def otherwise(text: str) -> Template | None:
        """Return a format of a person's own, which has braces."""
        if "{" not in text:
            return None
        from mediaforge.cli.template import read_template

        return read_template(text)


class ListFormat(StrEnum):
    """How results that have no path are printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


_FORMATS = "table (as it is), json, jsonl or csv"
FormatOption = Annotated[
    Format,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        show_default=False,
        help=f"Print {_FORMATS}, or the paths: paths, paths0; or '{{id}} {{path}}'.",
    ),
]
ListFormatOption = Annotated[
    ListFormat, typer.Option("--format", "-f", metavar="FORMAT", show_default=False, help=f"Print {_FORMATS}.")
]

Row = Mapping[str, object]


def _dump(value: object, *, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=str)


Folded = Mapping[MediaId, Sequence[str]]


async def print_items(
    items: AsyncIterator[Media], how: Format | Template, *, alone: bool = False, folded: Folded = MappingProxyType({})
) -> None:
    """Print items as they come; `alone` prints one JSON object instead of an array.

    `folded` are, by items that stand for their groups in a table, the suffixes of the others.
    """
    match how:
        case Format.TABLE:
            await _table(items, folded)
        case Format.JSON if alone:
            async for item in items:
                _line(_dump(as_object(item), indent=2))
        case Format.JSON:
            await _array(items)
        case Format.JSONL:
            async for item in items:
                _line(_dump(as_object(item)))
        case Format.CSV:
            await write_csv(items, sys.stdout)
        case Format.PATHS | Format.PATHS0:
            end = b"\0" if how is Format.PATHS0 else b"\n"
            sys.stdout.flush()
            async for item in items:
                sys.stdout.buffer.write(item.path + end)
        case _:
            sys.stdout.flush()
            async for item in items:
                sys.stdout.buffer.write(how.bytes_of(item) + b"\n")


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")


async def _array(items: AsyncIterator[Media]) -> None:
    opening = "[\n"
    async for item in items:
        sys.stdout.write(f"{opening}  {_dump(as_object(item))}")
        opening = ",\n"
    sys.stdout.write("[]\n" if opening == "[\n" else "\n]\n")


async def write_csv(items: AsyncIterator[Media], file: TextIO) -> None:
    """Write a row for each item below the names of the columns."""
    import csv

    writer = csv.DictWriter(file, KEYS, lineterminator="\n")
    writer.writeheader()
    async for item in items:
        writer.writerow({key: _cell(value) for key, value in as_object(item).items()})


def _cell(value: object) -> object:
    return _dump(value) if isinstance(value, list | dict) else value


async def _table(items: AsyncIterator[Media], folded: Folded) -> None:
    rows = [
        (
            str(item.id),
            item.kind.value,
            f"{item.facts.taken_at:%Y-%m-%d}" if item.facts.taken_at else "",
            size_text(item.size),
            " ".join(filter(None, (details(item), folded_text(item, folded[item.id]) if folded.get(item.id) else ""))),
            _where(item),
        )
        async for item in items
    ]
    print_table(("id", "kind", "taken", "size", "details", "title, path"), rows, right={0, 3})


def _where(item: Media) -> str:
    path = printable(display_path(item.path))  # here: a line break in a name must not begin a new line
    if not sys.stdout.isatty():
        return path
    home = os.path.expanduser("~").rstrip("/") + "/"
    path = "~/" + path.removeprefix(home) if path.startswith(home) and home != "/" else path
    title = " ".join(headline(item).split())
    return f"{title}\n{path}" if title else path


def print_rows(rows: Sequence[Row], how: ListFormat, columns: Sequence[str], *, right: Iterable[str] = ()) -> None:
    """Print plain records; `columns` are those of the table, the other formats hold everything."""
    match how:
        case ListFormat.TABLE:
            cells = [tuple("" if row[name] is None else str(row[name]) for name in columns) for row in rows]
            print_table(columns, cells, right={columns.index(name) for name in right})
        case ListFormat.JSON:
            _line(_dump(rows, indent=2))
        case ListFormat.JSONL:
            for row in rows:
                _line(_dump(row))
        case ListFormat.CSV:
            import csv

            writer = csv.DictWriter(sys.stdout, list(rows[0]) if rows else list(columns), lineterminator="\n")
            writer.writeheader()
            writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)


def print_record(record: Row, how: ListFormat) -> None:
    """Print one plain record, in any format but a table."""
    if how is ListFormat.JSON:
        _line(_dump(record, indent=2))
    else:
        print_rows([record], how, ())
