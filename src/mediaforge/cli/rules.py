"""mediaforge tag rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mediaforge.cli.items import counted
from mediaforge.cli.output import ListFormat, ListFormatOption, print_record, print_rows
from mediaforge.cli.program import PlainCommand, QueryCommand, group
from mediaforge.cli.session import Session, session
from mediaforge.errors import UsageError
from mediaforge.text import printable

if TYPE_CHECKING:
    from mediaforge.operations import rules

rule_app = group("Let scans tag what a query finds. They ask of the files that are new, were read again or have moved.")

Number = Annotated[int, typer.Argument(help="The id of a rule.", metavar="ID")]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be changed.")]


@rule_app.command("add", cls=QueryCommand)
def add(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="A query, as one argument.", metavar="QUERY")],
    names: Annotated[list[str], typer.Argument(help="The tags that what it finds gets.", metavar="TAG")],
    existing: Annotated[bool, typer.Option("--existing", help="Tag what is here already, too.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Make a rule. Whatever the query finds gets the tags, as soon as a scan reads it."""
    from mediaforge.operations import rules

    ours = session(context)
    done = ours.run(lambda catalogue: rules.add_rule(catalogue, query, names, existing=existing, dry_run=dry_run))
    made = f"would make rule {done.rules[0]}" if dry_run else f"made rule {done.rules[0]}"
    here = f"{counted(done.items, 'item')} that {'is' if done.items == 1 else 'are'} here"
    _tell(ours, f"{made}, which tags {here}" if existing else made, done)


@rule_app.command("list", cls=PlainCommand)
def list_command(context: typer.Context, how: ListFormatOption = ListFormat.TABLE) -> None:
    """List the rules. They stand in the order in which they are applied, with how many items have tags from each."""
    from mediaforge.operations import rules

    ours = session(context)
    found = [_record(told) for told in ours.run(rules.list_rules)]
    if not found and how is ListFormat.TABLE:
        ours.say("no rules yet; make one with: mediaforge tag rule add QUERY TAG")
    for row in found:
        if how is ListFormat.TABLE:
            if row["problem"]:
                ours.say(printable(f"rule {row['rule']} cannot be asked: {row['problem']}"))
            row["tags"] = ", ".join(map(str, row["tags"]))  # type: ignore[call-overload]
    print_rows(found, how, ("rule", "items", "tags", "query"), right=("rule", "items"))


def _record(told: rules.Told) -> dict[str, object]:
    rule = told.rule
    said = {"rule": rule.id, "query": rule.query, "tags": list(rule.names), "items": told.items, "added": rule.added}
    return {**said, "problem": told.problem}


@rule_app.command("show", cls=PlainCommand)
def show(context: typer.Context, number: Number, how: ListFormatOption = ListFormat.TABLE) -> None:
    """Tell all about a rule. How many items have tags from it, and what is wrong with it, if anything."""
    from mediaforge.operations import rules

    record = _record(session(context).run(lambda catalogue: rules.show_rule(catalogue, number)))
    if how is not ListFormat.TABLE:
        return print_record(record, how)
    said = {key: ", ".join(value) if isinstance(value, list) else value for key, value in record.items()}
    return print_rows([{"field": key, "value": value} for key, value in said.items() if value], how, ("field", "value"))


@rule_app.command("remove", cls=PlainCommand)
def remove(
    context: typer.Context,
    number: Number,
    its_tags: Annotated[bool, typer.Option("--tags", help="Take off what it put on items, too.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Remove a rule. What it put on items stays, unless --tags is said."""
    from mediaforge.operations import rules

    ours = session(context)
    done = ours.run(lambda catalogue: rules.remove_rule(catalogue, number, its_tags=its_tags, dry_run=dry_run))
    also = f", and its tags from {counted(done.items, 'item')}" if its_tags else ""
    _tell(ours, f"{'would remove' if dry_run else 'removed'} rule {number}{also}", done)


@rule_app.command("run", cls=PlainCommand)
def run(
    context: typer.Context,
    numbers: Annotated[list[str] | None, typer.Argument(help="The ids of rules; all of them by default.", metavar="ID")] = None,
    dry_run: DryRun = False,
) -> None:
    """Let rules tag what is here, too. By themselves they only ask of what the next scans read."""
    from mediaforge.operations import rules

    ours, wanted = session(context), [_number(text) for text in numbers or []]
    done = ours.run(lambda catalogue: rules.run_rules(catalogue, wanted, dry_run=dry_run))
    _tell(ours, f"{'would tag' if dry_run else 'tagged'} {counted(done.items, 'item')}", done)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"'ID' takes a whole number, not '{printable(text)}'")
    return int(text)


def _tell(ours: Session, outcome: str, done: rules.Ruled) -> None:
    ours.say(outcome)
    for remark in done.remarks:
        ours.say(printable(remark))
