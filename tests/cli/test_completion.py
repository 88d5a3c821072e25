"""What the shells complete, asked of the program and in the shells themselves."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_words import FILE, words
from media_shelf import Shelf
from terminal import COMMAND, environment, run

from mediaforge.cli.complete import replies, split
from mediaforge.cli.words import COMMANDS, FIELDS


def test_the_words_are_those_of_the_commands() -> None:
    assert FILE.read_text() == words(), "commands have changed; run: python tests/cli/command_words.py"


@pytest.fixture
def tagged(shelf: Shelf) -> Shelf:
    """The library with tags, an alias-free catalogue, and one collection."""
    for words_given in (("tag", "add", "Family/Anna", "kind:image"), ("tag", "add", "beach year,favourite", "kind:video")):
        assert run(shelf.catalogue, *words_given).returncode == 0
    return shelf


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", [""]),
        ("mediaforge ", ["mediaforge", ""]),
        ("mediaforge se", ["mediaforge", "se"]),
        ("mediaforge search 'a b' c", ["mediaforge", "search", "a b", "c"]),
        (r"mediaforge search a\ b", ["mediaforge", "search", "a b"]),
        ('mediaforge search tag:"to do', ["mediaforge", "search", "tag:to do"]),
        ("mediaforge search '' x", ["mediaforge", "search", "", "x"]),
    ],
)
def test_lines_are_split_as_shells_do(line: str, expected: list[str]) -> None:
    assert split(line) == expected


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("se", ["search", "set"]),
        ("scans sh", ["show"]),
        ("scan --ex", ["--exclude"]),
        ("search --format js", ["json", "jsonl"]),
        ("search beach --sort si", ["size"]),
        ("--quiet search --sort si", ["size"]),
        ("search ta", ["tag:", "taken:"]),
        ("search beach -ta", ["-tag:", "-taken:"]),
        ("search kind:v", ["kind:video", "kind:videos"]),
        ("search tag:fam", ["tag:Family/Anna"]),
        ("search tag:FAM", ["tag:Family/Anna"]),
        ("search -tag:favourite,be", ['-tag:favourite,"beach year"']),
        ("tag add favourite,be", ["favourite,beach year"]),
        ("tag remove fav", ["favourite"]),
        ("tag merge favourite fam", ["Family/Anna"]),
        ("tag replace favourite x,be", ["x,beach year"]),
        ("tag rule add kind:im", ["kind:image", "kind:images"]),
        ("tag rule add kind:image fam", ["Family/Anna"]),
        ("tag add new kind:im", ["kind:image", "kind:images"]),
        ("set tit", ["title:", "title="]),
        ("set title=x -ta", ["-tag:", "-taken:"]),
        ("set title=x kind:v", ["kind:video", "kind:videos"]),
        ("set title=", []),
        ("unset title,no", ["title,note"]),
        ("unset title tag:fam", ["tag:Family/Anna"]),
        ("rate n", ["none"]),
        ("library relocate sh", ["shelf"]),
        ("completion z", ["zsh"]),
        ("search /tm", []),
        ("search nofield:x", []),
        ("scan ", []),
    ],
)
def test_how_a_line_may_go_on(tagged: Shelf, line: str, some: list[str]) -> None:
    assert sorted(reply.word for reply in replies(split(line), str(tagged.catalogue))) == sorted(some)


def test_every_field_is_offered(tagged: Shelf) -> None:
    assert {f"{name}:" for name in FIELDS} <= {reply.word for reply in replies(["search", ""], None)}


def test_scans_are_completed_by_their_ids(tagged: Shelf) -> None:
    (reply,) = replies(["scans", "show", ""], str(tagged.catalogue))
    assert len(reply.word) == 8 and reply.help.startswith("finished, ")


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_offers_its_options(command: str) -> None:
    offered = {reply.word for reply in replies([*command.split(), "--"], None)}
    assert set(COMMANDS[command]["shown"]) <= offered


def ask(catalogue: Path, line: str, shell: str = "bash") -> subprocess.CompletedProcess[str]:
    environ = environment(catalogue, _MEDIAFORGE_COMPLETE=shell, COMP_LINE=line)
    return subprocess.run(COMMAND, env=environ, capture_output=True, text=True, timeout=60)


def test_nothing_is_said_where_there_is_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database" * 100)
    for catalogue in (tmp_path / "none.db", tmp_path / "text.db", tmp_path):
        done = ask(catalogue, "mediaforge search tag:fa")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_completing_loads_neither_typer_nor_asyncio(tagged: Shelf) -> None:
    environ = environment(tagged.catalogue, _MEDIAFORGE_COMPLETE="bash", COMP_LINE="mediaforge search tag:fa")
    command = [sys.executable, "-X", "importtime", "-m", "mediaforge"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.stdout == "favourite \n" or "favourite " in done.stdout
    assert "mediaforge.cli.complete" in loaded
    assert not loaded & {"typer", "asyncio", "rich", "aiosqlite", "sqlalchemy", "mediaforge.model"}


# In the shells themselves: what is typed, up to the key, and what must stand on the line then.
_START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(mediaforge completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -U compinit; compinit -u -D; eval "$(mediaforge completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "mediaforge completion fish | source"),
}


@pytest.mark.parametrize("shell", _START)
@pytest.mark.parametrize(
    ("typed", "line"),
    [("mediaforge sear", "mediaforge search "), ("mediaforge search tag:favo", "mediaforge search tag:favourite ")],
)
def test_in_the_shell(tagged: Shelf, tmp_path: Path, shell: str, typed: str, line: str) -> None:
    command, setup = _START[shell]
    assert shutil.which(command[0]), f"{shell} is not installed; .ci/run installs it"
    program = tmp_path / "bin" / "mediaforge"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m mediaforge "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    environ = {**environment(tagged.catalogue), "PATH": path, "TERM": "xterm", "PS1": "$ ", "COLUMNS": "200"}
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, environ)
    try:
        os.write(terminal, f"{setup}; echo re''ady\n".encode())
        _until(terminal, "ready")
        os.write(terminal, typed.encode() + b"\t")
        _until(terminal, line[len(typed) :].strip())
        os.write(terminal, b"--limit 1 --format jsonl; echo do''ne\n")
        told = _until(terminal, "done")
        assert '"library": "shelf"' in told and "error: " not in told, told
    finally:
        os.write(terminal, b"\x03\nexit\n")
        os.close(terminal)
        os.waitpid(pid, 0)


def _until(terminal: int, wanted: str, patience: float = 30) -> str:
    """Read what a shell prints until something stands in it."""
    told, end = "", time.monotonic() + patience
    while wanted not in told:
        ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
        assert ready, f"{wanted!r} is not in {told!r}"
        told += os.read(terminal, 65536).decode(errors="replace")
    return told
