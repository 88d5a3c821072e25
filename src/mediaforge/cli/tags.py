"""mediaforge tag."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from mediaforge.cli.items import counted
from mediaforge.cli.output import ListFormat, ListFormatOption, print_record, print_rows, print_table
from mediaforge.cli.program import PlainCommand, QueryCommand, group
from mediaforge.cli.rules import rule_app
from mediaforge.cli.session import Session, confirm, session
from mediaforge.errors import UsageError
from mediaforge.operations import tags
from mediaforge.operations.edit import Edited, Reworked
from mediaforge.text import printable

tag_app = group("Put tags on items, take them off, list, name, merge and describe them, and make rules that give them.")

Names = Annotated[
    str, typer.Argument(help="One tag or several with commas; travel/italy is a tag below travel.", metavar="NAME[,NAME…]")
]
Name = Annotated[str, typer.Argument(help="A tag.", metavar="NAME")]
Targets = Annotated[list[str], typer.Argument(help="Ids, paths or a query.", metavar="TARGET")]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be changed.")]
Group = Annotated[bool, typer.Option("--group", help="Also the others of each item's group.")]
Away = Annotated[bool, typer.Option("--remove", help="Take it away.")]


@tag_app.command("add", cls=QueryCommand)
def add(context: typer.Context, names: Names, targets: Targets, group: Group = False, dry_run: DryRun = False) -> None:
    """Put tags on everything that the targets mean."""
    ours = session(context)
    done = ours.run(lambda catalogue: tags.add_tags(catalogue, names, targets, group=group, dry_run=dry_run))
    ours.say(_outcome("would tag" if dry_run else "tagged", done, "had that already"))


@tag_app.command("remove", cls=QueryCommand)
def remove(context: typer.Context, names: Names, targets: Targets, group: Group = False, dry_run: DryRun = False) -> None:
    """Take tags off everything that the targets mean."""
    ours = session(context)
    done = ours.run(lambda catalogue: tags.remove_tags(catalogue, names, targets, group=group, dry_run=dry_run))
    ours.say(_outcome("would untag" if dry_run else "untagged", done, "did not have it"))


@tag_app.command("replace", cls=QueryCommand)
def replace(
    context: typer.Context,
    old: Annotated[str, typer.Argument(help="The tag to be taken off.", metavar="OLD")],
    new: Annotated[str, typer.Argument(help="The tags to be put on in its place.", metavar="NEW[,NEW…]")],
    targets: Targets,
    dry_run: DryRun = False,
) -> None:
    """Put other tags in the place of one. Only those of the items that have it are changed."""
    ours = session(context)
    done = ours.run(lambda catalogue: tags.replace_tag(catalogue, old, new, targets, dry_run=dry_run))
    ours.say(_outcome("would change" if dry_run else "changed", done, "were so already"))


def _outcome(act: str, done: Edited, others: str) -> str:
    rest = done.matched - done.changed
    joined = f"; {done.joined:,} of these only as part of a group" if done.joined else ""
    return f"{act} {counted(done.changed, 'item')}{f'; {rest:,} {others}' if rest else ''}{joined}"


@tag_app.command("list", cls=PlainCommand)
def list_command(
    context: typer.Context,
    tree: Annotated[
        bool, typer.Option("--tree", help="As a tree, and with how many items have a tag or any below it.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="Those that no item has, too.")] = False,
    how: ListFormatOption = ListFormat.TABLE,
) -> None:
    """List the tags, with how many items have each."""
    ours = session(context)
    if tree:
        return _tree(ours, ours.run(lambda catalogue: tags.tag_tree(catalogue, every=every)), how)
    found = ours.run(lambda catalogue: tags.list_tags(catalogue, every=every))
    if how is not ListFormat.TABLE:
        return print_rows([_record(tag) for tag in found], how, ("tag", "items"))
    _say_if_none(ours, found)
    rows = [(tag.name, str(tag.items)) for tag in found]
    return print_table(("tag", "items"), rows, right={1}, colours=[_shade(tag) for tag in found])


def _say_if_none(ours: Session, found: object) -> None:
    if not found:
        ours.say("no tags yet; make one with: mediaforge tag add NAME TARGET")


def _tree(ours: Session, found: list[tags.Branch], how: ListFormat) -> None:
    if how is not ListFormat.TABLE:
        rows = [_record(one.tag) if one.tag else {**_NOTHING, "tag": one.path} for one in found]
        return print_rows([{**row, "below": one.items} for row, one in zip(rows, found, strict=True)], how, ("tag", "items"))
    _say_if_none(ours, found)
    cells = [(_indented(one), str(one.tag.items) if one.tag else "", str(one.items)) for one in found]
    colours = [_shade(one.tag) for one in found]
    return print_table(("tag", "items", "with those below"), cells, right={1, 2}, colours=colours)


def _indented(one: tags.Branch) -> str:
    return "  " * one.depth + one.name if sys.stdout.isatty() else one.path


_NOTHING: dict[str, object] = {"tag": "", "items": 0, "aliases": [], "colour": None, "description": None}


def _record(tag: tags.Tag) -> dict[str, object]:
    said = {"aliases": list(tag.aliases), "colour": tag.colour, "description": tag.description}
    return {"tag": tag.name, "items": tag.items, **said}


def _shade(tag: tags.Tag | None) -> str | None:
    """Return a tag's colour as Rich takes it."""
    return tags.COLOURS.get(tag.colour, tag.colour) if tag and tag.colour else None


@tag_app.command("show", cls=PlainCommand)
def show(context: typer.Context, name: Name, how: ListFormatOption = ListFormat.TABLE) -> None:
    """Tell all about a tag. How many items have it, who put it there, its aliases, its rules, what it is about."""
    from mediaforge.operations import taxonomy

    one = session(context).run(lambda catalogue: taxonomy.show(catalogue, name))
    record = {"tag": one.tag.name, "items": one.tag.items, "below": one.below, **_record(one.tag)}
    record |= {"added": one.tag.added, "sources": dict(one.sources), "rules": one.rules}
    if how is not ListFormat.TABLE:
        return print_record(record, how)
    sources = ", ".join(f"{items:,} {_SOURCES[who]}" for who, items in one.sources.items())
    record |= {"sources": sources, "aliases": ", ".join(one.tag.aliases), "added": one.tag.added[:10]}
    record |= {"rules": "\n".join(f"{rule['rule']}: {rule['query']}" for rule in one.rules)}
    rows = [(key, line) for key, value in record.items() if value not in (None, "") for line in str(value).split("\n")]
    return print_table(("field", "value"), rows)


_SOURCES = {"person": "by you", "embedded": "by files", "rule": "by rules", "refused": "taken off by you for good"}


# The tags themselves.


@tag_app.command("rename", cls=PlainCommand)
def rename(
    context: typer.Context,
    old: Name,
    new: Annotated[str, typer.Argument(help="What it is called from now on.", metavar="NEW")],
    dry_run: DryRun = False,
) -> None:
    """Give a tag another name, and with it all below it."""
    from mediaforge.operations import taxonomy

    ours = session(context)
    done = ours.run(lambda catalogue: taxonomy.rename(catalogue, old, new, dry_run=dry_run))
    names = ", ".join(f"'{printable(name)}'" for name in done.names[:3]) + (" …" if len(done.names) > 3 else "")
    what = f"{counted(len(done.names), 'tag')} to {names}" if done.names else "nothing; it is called that already"
    _tell(ours, f"{'would rename' if dry_run else 'renamed'} {what}", done)


@tag_app.command("merge", cls=PlainCommand)
def merge(
    context: typer.Context,
    names: Annotated[
        list[str], typer.Argument(help="The tags that are to be no more, and the one that they become.", metavar="FROM… INTO")
    ],
    dry_run: DryRun = False,
) -> None:
    """Make one tag of several. The last one is put on all items of the others, which are no more."""
    from mediaforge.operations import taxonomy

    ours, (*sources, into) = session(context), names
    if not sources:
        raise UsageError("name the tags to be merged, and last the one that they become")
    done = ours.run(lambda catalogue: taxonomy.merge(catalogue, sources, into, dry_run=dry_run))
    act = "would merge" if dry_run else "merged"
    _tell(ours, f"{act} {counted(len(done.names), 'tag')} of {counted(done.items, 'item')} into '{printable(into)}'", done)


@tag_app.command("delete", cls=PlainCommand)
def delete(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A tag; with a slash behind it all below it, too.", metavar="NAME")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, even where items have it.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Take a tag off all items and forget it."""
    from mediaforge.operations import taxonomy

    ours = session(context)
    plan = ours.run(lambda catalogue: taxonomy.delete(catalogue, name, dry_run=True))
    what = f"{counted(len(plan.names), 'tag')} of {counted(plan.items, 'item')}"
    if not dry_run:
        confirm(f"delete {what}?", yes=yes or not plan.items)
        plan = ours.run(lambda catalogue: taxonomy.delete(catalogue, name))
    _tell(ours, f"{'would delete' if dry_run else 'deleted'} {what}", plan)


@tag_app.command("alias", cls=PlainCommand)
def alias(
    context: typer.Context,
    other: Annotated[str | None, typer.Argument(help="The other name.", metavar="ALIAS")] = None,
    name: Annotated[str | None, typer.Argument(help="The tag.", metavar="NAME")] = None,
    away: Away = False,
    dry_run: DryRun = False,
    how: ListFormatOption = ListFormat.TABLE,
) -> None:
    """Let a tag be found by another name. Without names the aliases are listed."""
    from mediaforge.operations import taxonomy

    ours = session(context)
    if other is None:
        found = ours.run(lambda catalogue: tags.list_tags(catalogue, every=True))
        rows = [{"alias": one, "tag": tag.name} for tag in found for one in tag.aliases]
        return print_rows(rows, how, ("alias", "tag"))
    shown = printable(other)
    if away:
        if name is not None:
            raise UsageError("an alias is removed by its own name alone")
        done = ours.run(lambda catalogue: taxonomy.unalias(catalogue, other, dry_run=dry_run))
        return _tell(ours, f"'{shown}' {'would be' if dry_run else 'is'} no alias any more", done)
    if name is None:
        raise UsageError(f"which tag is '{shown}' to be an alias of? say: mediaforge tag alias '{shown}' NAME")
    done = ours.run(lambda catalogue: taxonomy.alias(catalogue, other, name, dry_run=dry_run))
    return _tell(ours, f"'{shown}' {'would be' if dry_run else 'is'} an alias of '{printable(name)}'", done)


@tag_app.command("colour", cls=PlainCommand)
def colour(
    context: typer.Context,
    name: Name,
    shade: Annotated[str | None, typer.Argument(help=f"#rrggbb, or {', '.join(tags.COLOURS)}.", metavar="COLOUR")] = None,
    away: Away = False,
    dry_run: DryRun = False,
) -> None:
    """Give a tag a colour, in which it is listed."""
    from mediaforge.operations import taxonomy

    ours = session(context)
    if (shade is None) is not away:
        raise UsageError("a colour, or --remove to take it away")
    done = ours.run(lambda catalogue: taxonomy.colour(catalogue, name, shade, dry_run=dry_run))
    _tell(ours, _said(name, done, dry_run=dry_run), done)


@tag_app.command("describe", cls=PlainCommand)
def describe(
    context: typer.Context,
    name: Name,
    text: Annotated[str | None, typer.Argument(help="What it is about.", metavar="TEXT")] = None,
    away: Away = False,
    dry_run: DryRun = False,
) -> None:
    """Say in words what a tag is about."""
    from mediaforge.operations import taxonomy

    ours = session(context)
    if (text is None) is not away:
        raise UsageError("a description, or --remove to take it away")
    done = ours.run(lambda catalogue: taxonomy.describe(catalogue, name, text, dry_run=dry_run))
    _tell(ours, _said(name, done, dry_run=dry_run), done)


def _said(name: str, done: Reworked, *, dry_run: bool) -> str:
    if not done.names:
        return f"'{printable(name)}' is so already"
    return f"{'would change' if dry_run else 'changed'} '{printable(done.names[0])}'"


def _tell(ours: Session, outcome: str, done: Reworked) -> None:
    ours.say(outcome)
    for remark in done.remarks:
        ours.say(printable(remark))


tag_app.add_typer(rule_app, name="rule")
