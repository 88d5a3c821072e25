"""The program as Typer runs it, and the one boundary that turns errors into messages and exit codes."""

from __future__ import annotations

import difflib
import errno
import importlib
import os
import platform
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from mediaforge import __version__
from mediaforge.cli import recorder
from mediaforge.cli.arguments import PlainCommand, QueryCommand, read_values_ourselves, to_the_front
from mediaforge.errors import Cancelled, MediaForgeError, QueryError, UsageError
from mediaforge.text import printable

__all__ = ["CONTEXT", "Group", "PlainCommand", "Program", "QueryCommand", "group", "prepare_streams"]

REPORT_TO = "https://github.com/mediaforge/mediaforge/issues"
NAME = "mediaforge"
_NOBODY_READS = 141  # as a shell says of a program that SIGPIPE ended
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}


class Group(TyperGroup):
    """A command of commands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, without pydantic."""
        read_values_ourselves(self.get_params(ctx))
        return super().parse_args(ctx, args)


class Program(Group):
    """The whole program.

    `table` names each command's function or group (`module:name` in this package) and the class of a function's command.
    A module is imported when its command is asked for: all of them together cost 200 ms.
    """

    table: ClassVar[Mapping[str, tuple[str, type[TyperCommand] | None]]] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, or None."""
        if cmd_name in self.table and cmd_name not in self.commands:
            self.commands[cmd_name] = _loaded(cmd_name, *self.table[cmd_name])
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is meant; UsageError with a suggestion when there is none."""
        if args[0] not in self.table and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0], self.table, n=1)
            after = f"did you mean '{close[0]}'?" if close else f"see: {NAME} --help"
            raise UsageError(f"no such command '{printable(args[0])}'; {after}")
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the options that may stand anywhere, wherever they stand."""
        return super().parse_args(ctx, to_the_front(args))

    def main(self, args: Sequence[str] | None = None, *_rest: Any, **_extra: Any) -> Any:
        """Run, tell a person what went wrong in one sentence, and exit with the documented code."""
        told: list[Any] = []  # the context, once there is one: its session has the log
        try:
            code = self._run(sys.argv[1:] if args is None else list(args), told)
        except BaseException as error:  # noqa: BLE001 - the boundary
            code = _explained(error)
            if told and told[0].obj is not None:
                told[0].obj.log.write("error", "failed", exit_code=code, error=str(error) or type(error).__name__)
        finally:
            if told and told[0].obj is not None:
                told[0].obj.log.close()
        sys.exit(code)

    def _run(self, args: list[str], told: list[Any]) -> int:
        try:
            with self.make_context(NAME, args) as context:
                told.append(context)
                self.invoke(context)
        except typer.Exit as done:
            sys.stdout.flush()
            return done.exit_code
        sys.stdout.flush()
        return 0


def _loaded(name: str, where: str, kind: type[TyperCommand] | None) -> Any:
    module, _colon, attribute = where.partition(":")
    found = getattr(importlib.import_module(f"mediaforge.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        return get_group(found)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    alone.command(name, cls=kind)(found)
    return get_command(alone)


def _explained(error: BaseException) -> int:
    """Tell a person what went wrong, and return the exit code."""
    leaves = list(_leaves(error))
    if isinstance(leaves[0], MediaForgeError) and all(isinstance(one, MediaForgeError) for one in leaves):
        return _explain(leaves[0])
    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        _say("cancelled")
        return Cancelled.exit_code
    if isinstance(error, BrokenPipeError):
        _close_results()
        return _NOBODY_READS
    if isinstance(error, OSError) and error.errno in _DISK and error.filename is None:
        _close_results()
        _say(f"error: cannot write the results: {(error.strerror or 'the disk failed').lower()}")
        return 1
    return _usage(error) if hasattr(error, "format_message") else _bug(error)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for below in error.exceptions:
            yield from _leaves(below)
    else:
        yield error


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
    if type(error).__name__ == "NoArgsIsHelpError":
        _say(error.format_message())
        return UsageError.exit_code
    context = getattr(error, "ctx", None)
    message, _dot, suggestion = error.format_message().rstrip(".?").partition(". Did you mean ")
    after = f"; did you mean {suggestion}?" if suggestion else f"; see: {context.command_path} --help" if context else ""
    _say(f"error: {re.sub('^[A-Z]', lambda first: first[0].lower(), message)}{after}")
    return UsageError.exit_code


def _bug(error: BaseException) -> int:
    _say("".join(traceback.format_exception(error)))
    _say(f"MediaForge {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}")
    _say(recorder.write_down("bug", traceback="".join(traceback.format_exception(error))))
    _say(f"error: this is a bug in MediaForge; please report it with the lines above at {REPORT_TO}")
    return MediaForgeError.exit_code


def _close_results() -> None:
    """Let nothing be written to stdout any more: the flush at exit would fail again, and say so."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(text: str) -> None:
    try:
        print("\n".join(printable(line) for line in text.rstrip("\n").split("\n")), file=sys.stderr, flush=True)  # noqa: T201
    except OSError:
        pass  # stderr is gone, and there is nobody to tell; the exit code says it


def prepare_streams() -> None:
    """Let no name or title fail to be printed: what the terminal's encoding lacks is replaced.

    A stream that was closed becomes the null device, so that no file that is opened later takes its number; results that
    go there fail as they would have, hence only to be read from.
    """
    sys.stdout = sys.stdout or open(os.open(os.devnull, os.O_RDONLY), "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


CONTEXT = {"help_option_names": ["-h", "--help"]}


def group(purpose: str) -> typer.Typer:
    """Return a group of commands."""
    return typer.Typer(cls=Group, help=purpose, no_args_is_help=True, context_settings=CONTEXT, rich_markup_mode=None)
