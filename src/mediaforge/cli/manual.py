"""mediaforge manual: a page for man(1) of each command, made from what --help says."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from mediaforge import __version__
from mediaforge.errors import MediaForgeError, UsageError

_EXIT_CODES = (
    (0, "done; a search without a hit, too"),
    (1, "a bug of ours"),
    (2, "wrong usage, or a query that does not parse"),
    (3, "finished, but some files could not be read"),
    (4, "nothing matched where something had to"),
    (10, "no catalogue, or it cannot be opened"),
    (11, "another scan of that library is running"),
    (12, "the catalogue is newer than this program"),
    (13, "the volume of a known library is not there"),
    (130, "cancelled"),
)


def manual_command(
    context: typer.Context,
    command: Annotated[list[str] | None, typer.Argument(help="A command; without one, the program.", metavar="COMMAND")] = None,
    write: Annotated[str | None, typer.Option("--write", metavar="DIR", help="Write all pages into a folder.")] = None,
) -> None:
    """Print the manual page of a command, for: mediaforge manual search | man -l -."""
    root = context.find_root().command
    pages = dict(_every(root))
    if write is not None:
        _write_all(pages, write)
        return
    name = " ".join(command or [])
    if name not in pages:
        raise UsageError(f"no such command '{name}'; see: mediaforge --help")
    typer.echo(_page(name, pages[name]), nl=False)


def _write_all(pages: dict[str, Any], folder: str) -> None:
    folder = os.path.expanduser(folder)
    try:
        os.makedirs(folder, exist_ok=True)
        for name, one in pages.items():
            with open(os.path.join(folder, f"{_title(name)}.1"), "w", encoding="utf-8") as file:
                file.write(_page(name, one))
    except OSError as error:
        raise MediaForgeError(f"cannot write into '{folder}': {error.strerror}") from error


def _every(one: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    yield name.strip(), one
    context = typer.Context(one, info_name=name)
    for lower in one.list_commands(context) if hasattr(one, "list_commands") else []:
        yield from _every(one.get_command(context, lower), f"{name} {lower}")


def _title(name: str) -> str:
    return "-".join(["mediaforge", *name.split()])


def _page(name: str, one: Any) -> str:
    """Return a page in the man macros (man(7))."""
    context = typer.Context(one, info_name=f"mediaforge {name}".strip())
    help_text = (one.help or "").strip()
    summary = help_text.partition("\n")[0].rstrip(".")
    date = time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))
    lines = [
        f'.TH {_escaped(_title(name).upper())} 1 "{date}" "MediaForge {__version__}" "User Commands"',
        ".SH NAME",
        f"{_escaped(_title(name))} \\- {_escaped(summary[:1].lower() + summary[1:])}",
        ".SH SYNOPSIS",
        f".B {_escaped(context.info_name or '')}",
        _escaped(" ".join(one.collect_usage_pieces(context))),
        ".SH DESCRIPTION",
        *(_escaped(line) if line.strip() else ".PP" for line in help_text.splitlines()),
    ]
    if hasattr(one, "list_commands"):
        lines.append(".SH COMMANDS")
        for lower in one.list_commands(context):
            lines += _entry(lower, (one.get_command(context, lower).help or "").strip().partition("\n")[0])
    for title, kind in (("ARGUMENTS", "argument"), ("OPTIONS", "option")):
        records = [param.get_help_record(context) for param in one.params if param.param_type_name == kind]
        known = [(re.sub(r" <.*>$", "", names) if kind == "argument" else names, text) for names, text in filter(None, records)]
        if known:
            lines.append(f".SH {title}")
            for names, text in known:
                lines += _entry(names, text)
    if not name:
        lines.append(".SH EXIT STATUS")
        for code, meaning in _EXIT_CODES:
            lines += _entry(str(code), meaning)
    lines += [".SH SEE ALSO", _escaped("mediaforge(1), mediaforge help query" if name else "mediaforge help query")]
    return "\n".join(lines) + "\n"


def _entry(term: str, text: str) -> list[str]:
    return [".TP", f".B {_escaped(term)}", _escaped(" ".join(text.split()))]


def _escaped(text: str) -> str:
    """Return `text` as roff takes it: no line may look like a request, and a dash is the one that can be copied."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    text = "".join(character if character.isascii() else f"\\[u{ord(character):04X}]" for character in text)
    return f"\\&{text}" if text.startswith(".") else text
