"""mediaforge collection."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge.cli.items import counted
from mediaforge.cli.output import Format, FormatOption, ListFormat, ListFormatOption, print_items, print_rows, print_table
from mediaforge.cli.program import PlainCommand, QueryCommand, group
from mediaforge.cli.session import Session, confirm, session
from mediaforge.errors import UsageError
from mediaforge.operations import collections
from mediaforge.operations.edit import Edited, Reworked
from mediaforge.text import printable

if TYPE_CHECKING:
    from mediaforge.operations.catalogues import Catalogue

collection_app = group("Put items together: by hand, in an order of your own, or by a saved query.")

Name = Annotated[str, typer.Argument(help="A collection; family/summer is in the folder family.", metavar="NAME")]
Targets = Annotated[list[str], typer.Argument(help="Ids, paths or a query.", metavar="TARGET")]
Query = Annotated[
    str | None, typer.Option("--query", metavar="QUERY", help="Save a query: what it finds is in the collection.")
]
Sort = Annotated[
    str | None, typer.Option("--sort", metavar="FIELD[:asc|:desc]", help="Of a saved query: by what; newest first as it is.")
]
Description = Annotated[str | None, typer.Option("--description", metavar="TEXT", help="Say what it is about.")]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be changed.")]

_ON_A_SCREEN = 50


@collection_app.command("create", cls=PlainCommand)
def create(
    context: typer.Context,
    name: Name,
    query: Query = None,
    sort: Sort = None,
    description: Description = None,
    dry_run: DryRun = False,
) -> None:
    """Make a collection. Items are put into it, or found by a saved query."""
    ours = session(context)
    made = ours.run(
        lambda catalogue: collections.create(catalogue, name, query=query, sort=sort, description=description, dry_run=dry_run)
    )
    ours.say(f"{'would make' if dry_run else 'made'} the collection '{printable(made.name)}'")


@collection_app.command("edit", cls=PlainCommand)
def edit(
    context: typer.Context,
    name: Name,
    query: Query = None,
    sort: Sort = None,
    description: Description = None,
    dry_run: DryRun = False,
) -> None:
    """Give a collection another query, order or description."""
    ours = session(context)
    done = ours.run(
        lambda catalogue: collections.change(catalogue, name, query=query, sort=sort, description=description, dry_run=dry_run)
    )
    ours.say(f"{'would change' if dry_run else 'changed'} the collection '{printable(done.name)}'")


@collection_app.command("add", cls=QueryCommand)
def add(
    context: typer.Context,
    name: Name,
    targets: Targets,
    sort: Annotated[
        str,
        typer.Option(
            "--sort",
            metavar="FIELD[:asc|:desc]",
            help="In which order to put what a query finds behind the rest; newest first.",
        ),
    ] = "newest",
    dry_run: DryRun = False,
) -> None:
    """Put items into a collection, behind what is in it."""
    ours = session(context)
    done = ours.run(lambda catalogue: collections.add(catalogue, name, targets, sort=sort, dry_run=dry_run))
    ours.say(_outcome("would add" if dry_run else "added", done, "in it already"))


@collection_app.command("remove", cls=QueryCommand)
def remove(context: typer.Context, name: Name, targets: Targets, dry_run: DryRun = False) -> None:
    """Take items out of a collection."""
    ours = session(context)
    done = ours.run(lambda catalogue: collections.remove(catalogue, name, targets, dry_run=dry_run))
    ours.say(_outcome("would remove" if dry_run else "removed", done, "not in it"))


def _outcome(act: str, done: Edited, others: str) -> str:
    rest = done.matched - done.changed
    return f"{act} {counted(done.changed, 'item')}{f'; {rest:,} {others}' if rest else ''}"


@collection_app.command("move", cls=QueryCommand)
def move(
    context: typer.Context,
    name: Name,
    targets: Targets,
    to: Annotated[int | None, typer.Option("--to", metavar="N", min=1, help="To be the N-th from now on.")] = None,
    before: Annotated[int | None, typer.Option("--before", metavar="ID", min=1, help="Before this item.")] = None,
    after: Annotated[int | None, typer.Option("--after", metavar="ID", min=1, help="Behind this item.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Put items elsewhere in the order of a collection."""
    if [to, before, after].count(None) != 2:
        raise UsageError("say where to, by one of --to, --before and --after")
    ours, place = session(context), collections.Place(to, before, after)
    done = ours.run(lambda catalogue: collections.move(catalogue, name, targets, place, dry_run=dry_run))
    ours.say(f"{'would move' if dry_run else 'moved'} {counted(done.matched, 'item')}")


@collection_app.command("show", cls=PlainCommand)
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A collection, or a folder with a slash behind it.", metavar="NAME")],
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=0, help=f"How many; 0: all. {_ON_A_SCREEN} on a terminal, all into a pipe."),
    ] = None,
    how: FormatOption = Format.TABLE,
) -> None:
    """Print the items of a collection, in its order."""
    ours = session(context)
    screen = sys.stdout.isatty() and how is Format.TABLE
    most = limit if limit is not None else _ON_A_SCREEN if screen else 0

    async def act(catalogue: Catalogue) -> None:
        shown = await collections.show(catalogue, name, limit=most)
        await print_items(shown.hits.items, how)
        if shown.hits.more and screen:
            ours.say(f"the first {len(shown.hits.ids)}; all of them: --limit 0")
        elif screen and not shown.hits.ids:
            ours.say("nothing in it")
        _say_missing(ours, shown)

    ours.run(act)


def _say_missing(ours: Session, shown: collections.Shown) -> None:
    if shown.missing:
        ours.say(f"{counted(shown.missing, 'item')} of it {'is' if shown.missing == 1 else 'are'} missing and left out")


@collection_app.command("list", cls=PlainCommand)
def list_command(
    context: typer.Context,
    tree: Annotated[bool, typer.Option("--tree", help="As a tree of folders.")] = False,
    how: ListFormatOption = ListFormat.TABLE,
) -> None:
    """List the collections, with how many items are in each."""
    ours = session(context)
    found = ours.run(collections.list_collections)
    if how is not ListFormat.TABLE:
        return print_rows([_record(one) for one in found], how, ("collection", "items"))
    if not found:
        ours.say("no collections yet; make one with: mediaforge collection create NAME")
    for one in found:
        if one.problem:
            ours.say(printable(f"'{one.collection.name}' cannot be asked: {one.problem}"))
    cells = [
        (name, *_cells(one)) for name, one in (_branches(found) if tree else [(one.collection.name, one) for one in found])
    ]
    return print_table(("collection", "items", "query"), cells, right={1})


def _record(one: collections.Listed) -> dict[str, object]:
    its = one.collection
    said = {"query": its.query, "sort": its.sort, "description": its.description, "added": its.added}
    return {"collection": its.name, "items": one.items, **said, "problem": one.problem}


def _cells(one: collections.Listed | None) -> tuple[str, str]:
    return ("", "") if one is None else ("" if one.items is None else str(one.items), one.collection.query or "")


def _branches(found: list[collections.Listed]) -> list[tuple[str, collections.Listed | None]]:
    """Return a line for each collection and each folder that is none itself."""
    lines: dict[tuple[str, ...], tuple[str, collections.Listed | None]] = {}
    for one in found:
        keys, names = one.collection.key.split("/"), one.collection.name.split("/")
        for depth in range(len(keys)):
            here = one if depth == len(keys) - 1 else None
            shown = "  " * depth + names[depth] if sys.stdout.isatty() else "/".join(names[: depth + 1])
            if here is not None or tuple(keys[: depth + 1]) not in lines:
                lines[tuple(keys[: depth + 1])] = shown, here
    return [lines[keys] for keys in sorted(lines)]


@collection_app.command("rename", cls=PlainCommand)
def rename(
    context: typer.Context,
    old: Annotated[str, typer.Argument(help="A collection, or a folder of them.", metavar="NAME")],
    new: Annotated[str, typer.Argument(help="What it is called from now on.", metavar="NEW")],
    dry_run: DryRun = False,
) -> None:
    """Give a collection another name, or folder. What is below it goes with it."""
    ours = session(context)
    done = ours.run(lambda catalogue: collections.rename(catalogue, old, new, dry_run=dry_run))
    _tell(ours, f"{'would rename' if dry_run else 'renamed'} {counted(len(done.names), 'collection')}", done)


@collection_app.command("delete", cls=PlainCommand)
def delete(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A collection; with a slash behind it the folder and all in it.", metavar="NAME")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, even where items are in it.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Delete a collection; its items stay where they are."""
    ours = session(context)
    plan = ours.run(lambda catalogue: collections.delete(catalogue, name, dry_run=True))
    what = f"{counted(len(plan.names), 'collection')} of {counted(plan.items, 'item')}"
    if not dry_run:
        confirm(f"delete {what}?", yes=yes or not plan.items)
        plan = ours.run(lambda catalogue: collections.delete(catalogue, name))
    _tell(ours, f"{'would delete' if dry_run else 'deleted'} {what}", plan)


def _tell(ours: Session, outcome: str, done: Reworked) -> None:
    ours.say(outcome)
    for remark in done.remarks:
        ours.say(printable(remark))


class ExportFormat(StrEnum):
    """How a collection is exported."""

    M3U8 = "m3u8"
    JSONL = "jsonl"
    CSV = "csv"
    PATHS = "paths"
    PATHS0 = "paths0"


@collection_app.command("export", cls=PlainCommand)
def export(
    context: typer.Context,
    name: Name,
    how: Annotated[
        ExportFormat,
        typer.Option(
            "--format", "-f", metavar="FORMAT", show_default=False, help="m3u8 (as it is), jsonl, csv, paths, paths0."
        ),
    ] = ExportFormat.M3U8,
    file: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write a file, whole or not at all, in place of stdout."),
    ] = None,
    relative_to: Annotated[
        str | None, typer.Option("--relative-to", metavar="DIR", help="Of m3u8: write the paths as they are from a folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a playlist, or a list for programs."""
    ours = session(context)
    if relative_to is not None and how is not ExportFormat.M3U8:
        raise UsageError(f"--relative-to is of the format m3u8; {how.value} has absolute paths")

    async def act(catalogue: Catalogue) -> int:
        shown = await collections.show(catalogue, name)
        with _target(file, force=force):
            if how is ExportFormat.M3U8:
                from mediaforge.cli.playlist import write_playlist

                await write_playlist(shown.hits.items, sys.stdout, relative_to=relative_to)
            else:
                await print_items(shown.hits.items, Format(how.value))
        _say_missing(ours, shown)
        return len(shown.hits.ids)

    items = ours.run(act)
    if file not in (None, "-"):
        ours.say(f"exported {counted(items, 'item')} to '{printable(file)}'")


def _target(file: str | None, *, force: bool) -> AbstractContextManager[object]:
    """Let what is printed go into a file, if one is named."""
    return nullcontext() if file is None or file == "-" else _into(file, force=force)


@contextmanager
def _into(file: str, *, force: bool) -> Iterator[None]:
    from mediaforge.operations.export import target

    with target(file, force=force) as text, redirect_stdout(text):
        yield
