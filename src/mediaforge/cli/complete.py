"""What may come next on a command line, for the shells: words of the program, and names out of the catalogue.

This stands before everything else that the program does: it imports neither Typer nor asyncio, and answers in a fraction of
the time that these take to load. The commands are those of `words.py`; the catalogue is read with plain sqlite3.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from typing import NamedTuple

from mediaforge.cli.words import ANYWHERE, CHOICES, COMMANDS, FIELDS, OPTION_VALUES, SETTABLE

VARIABLE = "_MEDIAFORGE_COMPLETE"
"""The environment variable by which a shell asks; its value is the shell's name. COMP_LINE is the line up to the cursor."""

_MOST = 200  # names out of the catalogue
_BREAKS = ":="  # bash begins a new word behind these


class Reply(NamedTuple):
    """One way to go on: the whole word, what it is, and whether the word is finished."""

    word: str
    help: str = ""
    finished: bool = True


def main() -> None:
    """Print the replies for the shell that asks; nothing is printed where a file's name is wanted."""
    shell, line = os.environ[VARIABLE], os.environ.get("COMP_LINE", "")
    words = split(line)
    with suppress(BrokenPipeError, sqlite3.Error):
        for reply in replies(words[1:], catalogue_of(words)):
            sys.stdout.write(_SHELLS.get(shell, _plain)(reply, words[-1]) + "\n")
        sys.stdout.flush()


def split(line: str) -> list[str]:
    """Return the words of an unfinished command line, the last of them the one to complete, as the shell would unquote them."""
    words, word, quote, escaped, open_word = list[str](), "", "", False, False
    for character in line:
        if escaped:
            word, escaped = word + character, False
        elif character == "\\" and quote != "'":
            escaped = open_word = True
        elif quote:
            quote, word = ("", word) if character == quote else (quote, word + character)
        elif character in "'\"":
            quote, open_word = character, True
        elif character.isspace():
            if open_word or word:
                words.append(word)
            word, open_word = "", False
        else:
            word += character
    return [*words, word]


def catalogue_of(words: Sequence[str]) -> str | None:
    """Return the path of the catalogue that a command line means, None where the configuration is wrong."""
    from mediaforge.config import load_config
    from mediaforge.errors import MediaForgeError

    named = next((word.partition("=")[2] for word in words if word.startswith("--catalog=")), None)
    if "--catalog" in words[:-2]:
        named = words[words.index("--catalog") + 1]
    try:
        return load_config(os.environ, catalog=named).catalog
    except MediaForgeError:
        return None


def replies(words: Sequence[str], catalogue: str | None) -> list[Reply]:
    """Return how the last of `words` (without the program's name) may go on."""
    *before, current = words
    command, rest = _command(before)
    known = COMMANDS[command]
    last = rest[-1] if rest else before[-1] if before else ""
    if last in known["options"] and known["options"][last]:
        return _of_option(last, current)
    if ANYWHERE.get(last):
        return _of_option(last, current)
    if current.startswith("-") and ":" not in current and not (current[1:2].isalpha() and command in _QUERIES):
        return _matching(current, [Reply(name, text) for name, text in {**known["shown"], **_ANYWHERE_SHOWN}.items()])
    below = [Reply(name, text) for name, text in known["below"].items()]
    if below and not rest:
        return _matching(current, below)
    position = len([word for index, word in enumerate(rest) if not _is_option(rest, index, known["options"])])
    takes = known["arguments"]
    return _positional(takes[min(position, len(takes) - 1)] if takes else "", command, current, catalogue)


def _command(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return the command that words begin with, and what follows its name."""
    command, rest = "", list(words)
    index = 0
    while index < len(rest):
        name = f"{command} {rest[index]}".strip()
        if rest[index] in ANYWHERE:
            index += 2 if ANYWHERE[rest[index]] else 1
        elif name in COMMANDS:
            command, rest, index = name, rest[index + 1 :], 0
        else:
            break
    return command, rest


def _is_option(words: Sequence[str], index: int, options: Mapping[str, str]) -> bool:
    valued = {**options, **{name: "X" if takes else "" for name, takes in ANYWHERE.items()}}
    return words[index] in valued or (index > 0 and bool(valued.get(words[index - 1])))


def _of_option(option: str, current: str) -> list[Reply]:
    return _matching(current, [Reply(value) for value in OPTION_VALUES.get(option, ())])


def _positional(takes: str, command: str, current: str, catalogue: str | None) -> list[Reply]:
    group = command.partition(" ")[0]
    source = _SOURCES.get((group, takes)) or _SOURCES.get(("", takes))
    if source is not None:
        *done, part = current.split(",") if "," in takes else [current]
        before = "".join(f"{one}," for one in done)
        return [Reply(before + name, text) for name, text in _names(catalogue, source, part)]
    if takes == _ASSIGNMENTS and "=" not in current:
        fields = [Reply(f"{name}=", text, finished=False) for name, text in SETTABLE.items()]
        return [*_matching(current, fields), *_query(current, catalogue)]
    if takes == "FIELD[,FIELD…]":
        before, comma, part = current.rpartition(",")
        return [Reply(before + comma + name, text) for name, text in SETTABLE.items() if name.startswith(part)]
    if takes in _FIXED:
        return _matching(current, [Reply(word) for word in _FIXED[takes]])
    if takes in _QUERY_WORDS and not current.startswith(("/", "~", "./", "../")):
        return _query(current, catalogue)
    return []


def _query(current: str, catalogue: str | None) -> list[Reply]:
    """Return how a part of a query may go on: a field, or a value of one."""
    sign = "-" if current.startswith("-") else ""
    name, colon, value = current[len(sign) :].partition(":")
    if not colon:
        return _matching(current, [Reply(f"{sign}{field}:", text, finished=False) for field, text in FIELDS.items()])
    name = name.lower()
    *done, part = value.split(",")
    start = f"{sign}{name}:" + "".join(f"{one}," for one in done)
    if name in _FIELD_SOURCES:
        return [Reply(start + _quoted(found), text) for found, text in _names(catalogue, _FIELD_SOURCES[name], part.strip('"'))]
    return _matching(current, [Reply(start + choice) for choice in CHOICES.get(name, ())])


def _quoted(value: str) -> str:
    """Return a value of a query, in quotes where it has blanks."""
    return f'"{value}"' if any(c.isspace() for c in value) else value


def _matching(current: str, found: Iterable[Reply]) -> list[Reply]:
    return [reply for reply in found if reply.word.startswith(current)]


# Names that the catalogue has: SQL with the beginning as its parameter, giving a name and what it is.
_TAGS = """SELECT name, (SELECT count(*) || ' items' FROM media_tag WHERE tag_id = tag.id) FROM tag WHERE key LIKE ?1
    UNION ALL SELECT a.name, 'is ' || t.name FROM tag_alias a JOIN tag t ON t.id = a.tag_id WHERE a.key LIKE ?1 ORDER BY 1"""
_COLLECTIONS = "SELECT name, coalesce(query, '') FROM collection WHERE key LIKE ? ORDER BY key"
_RULES = "SELECT id, query FROM tag_rule WHERE CAST(id AS TEXT) LIKE ? ORDER BY id"
_LIBRARIES = "SELECT slug, root_display FROM library WHERE slug LIKE ? ORDER BY slug"
_SCANS = "SELECT substr(id, 1, 8), status || ', ' || started_at FROM scan WHERE id LIKE ? ORDER BY started_at DESC"
_EDITS = "SELECT id, command FROM change WHERE CAST(id AS TEXT) LIKE ? ORDER BY id DESC"

# What an argument takes, by its command's first word and its name in the help.
_SOURCES: Mapping[tuple[str, str], str] = {
    ("tag", "NAME"): _TAGS,
    ("tag", "NAME[,NAME…]"): _TAGS,
    ("tag", "OLD"): _TAGS,
    ("tag", "NEW"): _TAGS,
    ("tag", "NEW[,NEW…]"): _TAGS,
    ("tag", "FROM… INTO"): _TAGS,
    ("tag", "TAG"): _TAGS,
    ("tag", "ID"): _RULES,
    ("collection", "NAME"): _COLLECTIONS,
    ("collection", "NEW"): _COLLECTIONS,
    ("library", "SLUG"): _LIBRARIES,
    ("scans", "ID"): _SCANS,
    ("undo", "ID"): _EDITS,
    ("redo", "ID"): _EDITS,
}
_FIELD_SOURCES = {
    **dict.fromkeys(("tag", "tags"), _TAGS),
    **dict.fromkeys(("in", "collection"), _COLLECTIONS),
    "library": _LIBRARIES,
}
_FIXED: Mapping[str, tuple[str, ...]] = {"SHELL": ("bash", "zsh", "fish"), "STARS": ("0", "1", "2", "3", "4", "5", "none")}
_ASSIGNMENTS = "FIELD=VALUE… TARGET"
_QUERY_WORDS = ("QUERY", "TARGET", _ASSIGNMENTS)
_QUERIES = frozenset(name for name, known in COMMANDS.items() if set(known["arguments"]) & set(_QUERY_WORDS))
_ANYWHERE_SHOWN = dict.fromkeys(ANYWHERE, "")


def _names(catalogue: str | None, sql: str, beginning: str) -> list[tuple[str, str]]:
    """Return names that begin so; none where there is no catalogue, or where it cannot be read now."""
    if catalogue is None or not os.path.exists(catalogue):
        return []
    escaped = beginning.casefold().replace("%", "").replace("_", "")  # which LIKE would take for any character
    with closing(sqlite3.connect(f"file:{_escaped(catalogue)}?mode=ro", uri=True, timeout=1)) as connection:
        return [(str(row[0]), str(row[1] or "")) for row in connection.execute(f"{sql} LIMIT {_MOST}", (f"{escaped}%",))]


def _escaped(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


# How each shell takes a reply.


def _shell_quoted(word: str) -> str:
    return "".join(f"\\{c}" if c in " \t\"'\\$`*?[](){}<>|;&!#~" else c for c in word)


def _bash(reply: Reply, current: str) -> str:
    """Return what bash is to put behind the last of its word breaks, with a blank when the word is finished."""
    breaks = [c for c in os.environ.get("COMP_WORDBREAKS", _BREAKS) if c in _BREAKS]
    cut = max((current.rfind(c) + 1 for c in breaks), default=0)
    return _shell_quoted(reply.word[cut:]) + (" " if reply.finished else "")


def _zsh(reply: Reply, _current: str) -> str:
    return f"{_shell_quoted(reply.word)}{' ' if reply.finished else ''}\t{_one_line(reply)}"


def _plain(reply: Reply, _current: str) -> str:
    return f"{reply.word}\t{reply.help}"


def _one_line(reply: Reply) -> str:
    return f"{reply.word}  {reply.help}".strip()


_SHELLS: Mapping[str, Callable[[Reply, str], str]] = {"bash": _bash, "zsh": _zsh, "fish": _plain}
