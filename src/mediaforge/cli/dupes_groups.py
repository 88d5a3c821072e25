"""Groups of copies, in the formats that every listing command has. The keys are stable and documented in docs/duplicates.md."""

from __future__ import annotations

import base64
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mediaforge.cli.items import size_text
from mediaforge.cli.output import Format, print_items
from mediaforge.cli.table import print_table
from mediaforge.operations.dupes import Group, Member, load
from mediaforge.text import display_path, printable

if TYPE_CHECKING:
    from mediaforge.cli.template import Template
    from mediaforge.operations.catalogues import Catalogue

_COLUMNS = ("group", "can be won", "id", "size", "why", "path")


async def print_groups(catalogue: Catalogue, groups: Sequence[Group], how: Format | Template) -> None:
    """Print groups, the best member of each first."""
    match how:
        case Format.TABLE:
            print_table(_COLUMNS, list(_table(groups)), right={0, 1, 2, 3})
        case Format.JSON:
            lines = ",\n".join(f"  {_dump(as_object(group))}" for group in groups)
            sys.stdout.write(f"[\n{lines}\n]\n" if groups else "[]\n")
        case Format.JSONL:
            sys.stdout.writelines(_dump(as_object(group)) + "\n" for group in groups)
        case Format.CSV:
            _csv(groups)
        case Format.PATHS | Format.PATHS0:
            _paths(groups, how)
        case _:
            ids = [member.candidate.id for group in groups for member in group.members]
            await print_items(load(catalogue, ids), how)


def as_object(group: Group) -> dict[str, object]:
    """Return a group as the documented JSON object."""
    told = {"kind": group.kind, "files": group.files, "win": group.win, "sha256": group.sha256}
    members = [_member(member, best=at == 0) for at, member in enumerate(group.members)]
    return {**{name: value for name, value in told.items() if value is not None}, "items": members}


def _member(member: Member, *, best: bool) -> dict[str, object]:
    one = member.candidate
    shown = display_path(one.path)
    told = {
        "id": one.id,
        "path": shown,
        "path_base64": None if shown.encode() == one.path else base64.b64encode(one.path).decode(),
        "size": one.size,
        "here": one.here,
        "best": best,
        "why": list(member.why),
        "same_as": member.same_as,
        "distance": member.distance,
    }
    return {name: value for name, value in told.items() if value is not None}


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _table(groups: Sequence[Group]) -> Iterator[tuple[str, ...]]:
    for number, group in enumerate(groups, start=1):
        for at, member in enumerate(group.members):
            first = at == 0
            why = "; ".join(member.why)
            one = member.candidate
            yield (
                str(number) if first or not sys.stdout.isatty() else "",
                size_text(group.win) if first else "",
                str(one.id),
                size_text(one.size),
                f"best: {why}" if first else why,
                printable(display_path(one.path)),
            )


def _csv(groups: Sequence[Group]) -> None:
    rows = [
        {"group": number, **{name: value for name, value in as_object(group).items() if name != "items"}, **member}
        for number, group in enumerate(groups, start=1)
        for member in as_object(group)["items"]  # type: ignore[attr-defined]
    ]
    names = "group kind files win sha256 id path path_base64 size here best why same_as distance".split()
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "why": "; ".join(row["why"])} for row in rows)


def _paths(groups: Sequence[Group], how: Format) -> None:
    """Print paths, and between the groups an empty line where lines end them."""
    end, between = (b"\0", b"") if how is Format.PATHS0 else (b"\n", b"\n")
    sys.stdout.flush()
    for at, group in enumerate(groups):
        sys.stdout.buffer.write(between if at else b"")
        sys.stdout.buffer.writelines(member.candidate.path + end for member in group.members)
