"""The program as Typer runs it: options anywhere, queries unquoted, and the one boundary that turns errors into messages."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from mediaforge.errors import MediaForgeError, QueryError, UsageError
from mediaforge.text import printable

REPORT_TO = "https://github.com/mediaforge/mediaforge/issues"

# Options that may stand before or after a command, and whether a value follows: they are moved to the front.
_ANYWHERE = {"--catalog": True, "--log-file": True, "--quiet": False, "--verbose": False, "--no-progress": False}
_LETTERS = re.compile(r"-[qv]+")

# `-tag:work` is a part of a query, not an option. A NUL cannot come from a command line, so it marks what is shielded.
_NEGATED = re.compile(r"-[A-Za-z_]+:")
_SHIELD = "\0"


def to_the_front(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with those that belong to the program before those that belong to its commands."""
    ours: list[str] = []
    rest: list[str] = []
    queue = list(arguments)
    while queue:
        argument = queue.pop(0)
        name = argument.partition("=")[0]
        if argument == "--":
            rest += [argument, *queue]
            break
        if name in _ANYWHERE:
            ours.append(argument)
            if _ANYWHERE[name] and "=" not in argument and queue:
                ours.append(queue.pop(0))
        elif _LETTERS.fullmatch(argument):
            ours.append(argument)
        else:
            rest.append(argument)
    return ours + rest


class Program(TyperGroup):
    """The whole program."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the options that may stand anywhere, wherever they stand."""
        return super().parse_args(ctx, to_the_front(args)) if ctx.parent is None else super().parse_args(ctx, args)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run, tell a person what went wrong in one sentence, and exit with the documented code."""
        extra["standalone_mode"] = False
        try:
            code = super().main(args, *rest, **extra)
            sys.stdout.flush()
        except BrokenPipeError:
            code = _nobody_reads()
        except MediaForgeError as error:
            code = _explain(error)
        except Exception as error:  # noqa: BLE001 - the boundary: what is neither ours nor Typer's is a bug, and says so
            code = _usage(error) if hasattr(error, "format_message") else _bug(error)
        sys.exit(code if isinstance(code, int) else 0)


class QueryCommand(TyperCommand):
    """A command whose arguments are parts of a query, and may begin with a dash before a field's name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, taking `-field:value` as it is."""
        shielded = [_SHIELD + argument if _NEGATED.match(argument) else argument for argument in args]
        try:
            left = super().parse_args(ctx, shielded)
        except Exception as error:
            option = getattr(error, "option_name", "")
            if type(error).__name__ != "NoSuchOption":
                raise
            raise UsageError(
                f"no such option '{printable(option)}'; put -- before a query that begins with a dash, or quote it"
            ) from error
        for name, value in ctx.params.items():
            if isinstance(value, list | tuple):
                ctx.params[name] = [part.removeprefix(_SHIELD) if isinstance(part, str) else part for part in value]
        return left


def _explain(error: MediaForgeError) -> int:
    _say(f"error: {error}")
    if isinstance(error, QueryError):
        shown = printable(error.text)
        _say(f"  {shown}\n  {' ' * _width(shown[: error.start])}{'^' * max(1, _width(shown[error.start : error.end]))}")
        if error.hint:
            _say(f"  {error.hint}")
    return error.exit_code


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _usage(error: Any) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        _say(error.format_message())
        return 2
    help_line = f"; see: {context.command_path} --help" if context is not None else ""
    message = error.format_message().rstrip(".")
    _say(f"error: {message[:1].lower()}{message[1:]}{help_line}")
    return int(error.exit_code)


def _bug(error: Exception) -> int:
    _say("".join(traceback.format_exception(error)))
    _say(f"error: this is a bug in MediaForge; please report it with the lines above at {REPORT_TO}")
    return 1


def _nobody_reads() -> int:
    """Leave quietly when whoever read our results has gone, as `head` does; the flush at exit must not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141


def _say(text: str) -> None:
    print("\n".join(printable(line) for line in text.rstrip("\n").split("\n")), file=sys.stderr, flush=True)  # noqa: T201


def prepare_streams() -> None:
    """Let no name or title fail to be printed: what the terminal's encoding lacks is replaced."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


CONTEXT = {"help_option_names": ["-h", "--help"]}


def group(purpose: str) -> typer.Typer:
    """Return a group of commands."""
    return typer.Typer(help=purpose, no_args_is_help=True, context_settings=CONTEXT, rich_markup_mode=None)
