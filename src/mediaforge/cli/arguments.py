"""The words after a command: options that may stand anywhere, queries unquoted, values without pydantic, a readable help."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

from typer.core import TyperCommand

from mediaforge.errors import UsageError
from mediaforge.text import printable

# Options that may stand before or after a command, and whether a value follows: they are moved to the front.
ANYWHERE = {
    "--catalog": True,
    "--log-file": True,
    "--log-format": True,
    "--quiet": False,
    "--verbose": False,
    "--no-progress": False,
}
_LETTERS = re.compile(r"-[qv]+")

# `-tag:work` is a part of a query, not an option. A NUL cannot come from a command line, so it marks what is shielded.
_NEGATED = re.compile(r"-[A-Za-z_][A-Za-z_-]*:")
_SHIELD = "\0"


def to_the_front(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with those that belong to the program before those that belong to its commands."""
    ours: list[str] = []
    rest: list[str] = []
    queue = list(arguments)
    while queue:
        argument = queue.pop(0)
        name, equals, _value = argument.partition("=")
        if argument == "--":
            rest += [argument, *queue]
            break
        if name in ANYWHERE:
            ours.append(argument)
            if ANYWHERE[name] and not equals:
                if not queue or queue[0].startswith("-"):
                    raise UsageError(f"'{name}' needs a value after it")
                ours.append(queue.pop(0))
        elif _LETTERS.fullmatch(argument):
            ours.append(argument)
        else:
            rest.append(argument)
    return ours + rest


class PlainCommand(TyperCommand):
    """A command whose help is fit to be read, and whose values are read without pydantic."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse."""
        read_values_ourselves(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write what there is to say of arguments and options."""
        for title, kind in (("Arguments", "argument"), ("Options", "option")):
            records = [p.get_help_record(ctx) for p in self.get_params(ctx) if p.param_type_name == kind]
            # Typer writes the Python type behind an argument's name: NAME <str>, TARGET <list[str]>
            rows = [(re.sub(r" <.*>$", "", name) if kind == "argument" else name, text) for name, text in filter(None, records)]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the pieces of the usage line; what must be there stands without brackets."""
        return [re.sub(r"^\{(.*)\}", r"\1", piece) for piece in super().collect_usage_pieces(ctx)]


class QueryCommand(PlainCommand):
    """A command whose arguments are parts of a query, and may begin with a dash before a field's name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, taking `-field:value` as it is."""
        try:
            left = super().parse_args(ctx, [_SHIELD + part if _NEGATED.match(part) else part for part in args])
        except Exception as error:
            option = getattr(error, "option_name", "")
            if type(error).__name__ != "NoSuchOption":
                raise
            raise UsageError(f"no such option '{printable(option)}'; put -- before a query that begins with a dash") from error
        for name, value in ctx.params.items():
            if isinstance(value, list | tuple):
                ctx.params[name] = [part.removeprefix(_SHIELD) if isinstance(part, str) else part for part in value]
            elif isinstance(value, str) and value.startswith(_SHIELD):
                ctx.params[name] = value.removeprefix(_SHIELD)
        return left


class _Values:
    """Reads the values of one parameter in Typer's place, which loads pydantic to do so: 90 ms in every command."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return a value as its parameter wants it; UsageError says what it takes."""
        many = param.multiple or param.nargs == -1
        if value is None:
            return () if many else None
        read = _one(param)
        return [read(part) for part in value] if many else read(value)


def _one(param: Any) -> Any:
    kind, limits = param.type_descriptor.annotation, param.type_descriptor.parameter_info
    name = f"'{param.opts[0]}'"

    def read(value: Any) -> Any:
        if not isinstance(value, str) or (kind not in (int, float) and not _chosen(kind)):
            return value
        try:
            found = kind(value)
        except ValueError:
            if (other := getattr(kind, "otherwise", None)) and (made := other(value)) is not None:
                return made
            takes = f"one of {', '.join(part.value for part in kind)}" if _chosen(kind) else f"a {_NUMBERS[kind]}"
            raise UsageError(f"{name} takes {takes}, not '{printable(value)}'") from None
        if limits.min is not None and found < limits.min:
            raise UsageError(f"{name} takes a {_NUMBERS[kind]} of at least {limits.min}, not '{printable(value)}'")
        return found

    return read


_NUMBERS = {int: "whole number", float: "number"}


def _chosen(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


_OURS = _Values()
_READ = (str, int, float, bool, list[str])


def read_values_ourselves(params: Iterable[Any]) -> None:
    """Let parameters be read without pydantic, where their types are ones that we know."""
    for param in params:
        descriptor = getattr(param, "type_descriptor", None)
        if descriptor and (descriptor.annotation in _READ or _chosen(descriptor.annotation)):
            param._runtime_param = _OURS
