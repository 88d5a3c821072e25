"""The one boundary: a sentence and the documented exit code for whatever goes wrong, a traceback for our own mistakes alone."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
import typer
from media_shelf import Shelf
from terminal import COMMAND, environment, run

from mediaforge.cli.app import app
from mediaforge.cli.program import Program
from mediaforge.errors import Busy, CatalogueError, LaterEdits, MediaForgeError, NothingMatched, QueryError

LOWLY = Path(__file__).parents[1] / "operations" / "lowly.py"  # takes root's privileges away


@pytest.fixture(autouse=True)
def nothing_of_the_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("MEDIAFORGE_STATE", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))


def call(*words: str) -> int:
    """Run the program in this process, which is quicker and, but for streams and signals, the same; return its exit code."""
    with pytest.raises(SystemExit) as ended:
        typer.main.get_command(app).main(list(words))
    assert isinstance(ended.value.code, int)
    return ended.value.code


USAGE = [  # words, what the one line on stderr says
    (["serch", "x"], "no such command 'serch'; did you mean 'search'?"),
    (["frobnicate"], "no such command 'frobnicate'; see: mediaforge --help"),
    (["help", "qery"], "no such command 'qery'; did you mean 'query'?"),
    (["search", "--limit", "x"], "'--limit' takes a whole number, not 'x'"),
    (["search", "--limit", "-1"], "'--limit' takes a whole number of at least 0, not '-1'"),
    (["search", "-f", "xml"], "'--format' takes one of table, json, jsonl, csv, paths, paths0, not 'xml'"),
    (["tag", "list", "-f", "paths"], "'--format' takes one of table, json, jsonl, csv, not 'paths'"),
    (["search", "--foo"], "no such option '--foo'; put -- before a query that begins with a dash"),
    (["search", "-video"], "no such option '-v"),
    (["scan", "--foo", "."], "no such option: --foo"),
    (["search", "--catalog"], "'--catalog' needs a value after it"),
    (["search", "--catalog", "--limit", "3"], "'--catalog' needs a value after it"),
    (["--catalog=", "search"], "'--catalog' needs the name of a file"),
    (["--log-format", "yaml", "search"], "'--log-format' takes one of text, json, not 'yaml'"),
    (
        ["--log-file", "/no/such/folder/log", "search"],
        "cannot write the log file '/no/such/folder/log': no such file or directory",
    ),
    (["--log-file", "/", "search"], "cannot write the log file '/': is a directory"),
    (["scan"], "name a folder to scan, or give --all"),
    (["tag", "add"], "missing argument 'NAME[,NAME…]'; see: mediaforge tag add --help"),
    (["show"], "missing argument 'TARGET'; see: mediaforge show --help"),
    (["search", "--sort", "colour"], "items cannot be sorted by 'colour'"),
    (["scans", "cancel", "a", "b"], "got unexpected extra argument"),
]


@pytest.mark.parametrize(("words", "sentence"), USAGE, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_wrong_usage_is_one_sentence_and_2(
    scanned: Shelf, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str], sentence: str
) -> None:
    monkeypatch.setenv("MEDIAFORGE_CATALOG", str(scanned.catalogue))
    assert call(*words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert told.err.startswith(f"error: {sentence}")


@pytest.mark.parametrize(
    ("query", "below"),
    [
        (["kind:film"], "  kind:film\n       ^^^^\n"),
        (["beach", "(paris"], "  beach (paris\n        ^\n"),
        (["日本", "colour:red"], "  日本 colour:red\n       ^^^^^^\n"),  # each of the two is two columns wide
    ],
)
def test_a_query_that_does_not_parse_has_a_caret(
    scanned: Shelf, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, query: list[str], below: str
) -> None:
    monkeypatch.setenv("MEDIAFORGE_CATALOG", str(scanned.catalogue))
    assert call("search", *query) == 2
    assert below in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["tag"], ["library"], ["help"]])
def test_a_command_without_its_command_explains_itself(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(*words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"Usage: mediaforge {' '.join([*words, '[OPTIONS]'])}")


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["search", "--help"], ["tag", "add", "-h"], ["scans", "show", "--help"]])
def test_help_that_was_asked_for_is_a_result(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(*words) == 0
    told = capsys.readouterr()
    assert (told.err, told.out.startswith("Usage: mediaforge ")) == ("", True)
    assert "<" not in told.out.replace("<=", "")  # Typer writes Python's types there


def text_file(path: Path) -> None:
    path.write_text("hello\n" * 1000)


def other_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE a (b)")
    connection.close()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (None, "no catalogue at '{}'; make one with: mediaforge scan FOLDER"),
        (Path.mkdir, "'{}' is a folder, not a catalogue; name a file with --catalog"),
        (text_file, "'{}' is not a catalogue; name another file with --catalog"),
        (other_database, "'{}' is not a MediaForge catalogue; name another file with --catalog"),
        (Path.touch, "'{}' is not a MediaForge catalogue; name another file with --catalog"),
    ],
)
@pytest.mark.parametrize("words", [["search", "beach"], ["tag", "add", "x", "beach"], ["stats"], ["scans"]], ids=" ".join)
def test_no_catalogue_is_one_sentence_and_10(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], None] | None,
    sentence: str,
    words: list[str],
) -> None:
    path = tmp_path / "catalog.db"
    if make:
        make(path)
    monkeypatch.setenv("MEDIAFORGE_CATALOG", str(path))
    assert call(*words) == 10
    assert capsys.readouterr() == ("", f"error: {sentence.format(path)}\n")


@pytest.mark.parametrize("name", ["folder", "text", "text/below"])
def test_scan_says_what_is_wrong_with_a_catalogue_too(scanned: Shelf, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    text_file(tmp_path / "text")
    done = run(tmp_path / "unused.db", "scan", str(scanned.root), "--catalog", str(tmp_path / name))
    assert (done.returncode, done.stdout) == (10, "")
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1


def test_options_stand_before_or_after_a_command(scanned: Shelf, tmp_path: Path) -> None:
    path = str(scanned.catalogue)
    for words in (
        ["--catalog", path, "search", "waves", "-f", "paths"],
        ["search", "waves", "-f", "paths", "--catalog", path],
        ["search", f"--catalog={path}", "-q", "-f", "paths", "waves", "--no-progress"],
    ):
        done = run(tmp_path / "other.db", *words)
        assert (done.returncode, done.stdout) == (0, f"{scanned.root}/Beach/clip.mp4\n"), done.stderr


@pytest.mark.parametrize(
    ("config", "env", "sentence"),
    [
        ("jobs = 'many'", {}, "the setting 'jobs' in '{}' takes a whole number"),
        ("jobs = 1\ncolour = 2", {}, "unknown setting 'colour' in '{}'; there are catalog, jobs, "),
        ("jobs = ", {}, "the config file '{}' is not TOML: "),
        (
            "",
            {"MEDIAFORGE_DEADLINE": "soon"},
            "the setting 'deadline' in the environment variable MEDIAFORGE_DEADLINE takes a number",
        ),
        ("", {"MEDIAFORGE_CONFIG": "/no/such/config"}, "no config file at '/no/such/config'; MEDIAFORGE_CONFIG names it"),
    ],
)
def test_a_wrong_setting(
    scanned: Shelf,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    config: str,
    env: dict[str, str],
    sentence: str,
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(config)
    for name, value in {"MEDIAFORGE_CATALOG": str(scanned.catalogue), "MEDIAFORGE_CONFIG": str(file), **env}.items():
        monkeypatch.setenv(name, value)
    assert call("search") == 2
    assert capsys.readouterr().err.startswith(f"error: {sentence.format(file)}")


RESULTS_LOST = "error: cannot write the results: no space left on device\n"


@pytest.mark.parametrize("words", ["search", "search -f paths", "search -f json", "--version", "show waves"])
def test_results_that_cannot_be_written(scanned: Shelf, words: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, *words.split()], env=environment(scanned.catalogue), stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert (done.returncode, done.stderr) == (1, RESULTS_LOST)


def test_streams_that_are_closed(scanned: Shelf) -> None:
    found, lost = f"{scanned.root}/Beach/clip.mp4\n", "error: cannot write the results: bad file descriptor\n"
    for redirection, code, out, err in ((">&-", 1, "", lost), ("2>&-", 0, found, ""), (">&- 2>&-", 1, "", "")):
        done = subprocess.run(
            ["sh", "-c", f'"$@" search waves -f paths {redirection}', "sh", *COMMAND],
            env=environment(scanned.catalogue),
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stdout, done.stderr) == (code, out, err)


def test_nothing_to_print_needs_no_stdout(scanned: Shelf) -> None:
    words = "--quiet tag add x waves --dry-run >&-"
    done = subprocess.run(["sh", "-c", f'"$@" {words}', "sh", *COMMAND], env=environment(scanned.catalogue))
    assert done.returncode == 0


def test_a_path_that_no_encoding_has(scanned: Shelf) -> None:
    done = run(scanned.catalogue, "show", os.path.join(os.fsencode(scanned.root), b"Strange", b"latin \xe9.jpg"), "-f", "paths")
    assert done.stdout == f"{scanned.root}/Strange/latin \udce9.jpg\n"


def _open_files(pid: int) -> set[str]:
    folder = f"/proc/{pid}/fd"
    try:
        return {os.readlink(f"{folder}/{number}") for number in os.listdir(folder)}
    except OSError:  # one was closed meanwhile
        return set()


def test_ctrl_c_is_cancelled_and_130(shelf: Shelf) -> None:
    connection = sqlite3.connect(shelf.catalogue, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")  # the command waits for this
    with subprocess.Popen(
        [*COMMAND, "tag", "add", "x", "beach"], env=environment(shelf.catalogue), stdout=-1, stderr=-1, text=True
    ) as process:
        until = time.monotonic() + 60
        while time.monotonic() < until and str(shelf.catalogue) not in _open_files(process.pid):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        connection.execute("ROLLBACK")
        out, err = process.communicate(timeout=60)
    connection.close()
    assert (process.returncode, out, err) == (130, "", "cancelled\n")
    assert run(shelf.catalogue, "search", "tag:x").stdout == ""


def raising(error: BaseException) -> Callable[[], None]:
    def command() -> None:
        raise error

    return command


def caught(error: BaseException, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Return the exit code and the message of a program whose command raises this."""
    small = typer.Typer(cls=_Small, add_completion=False, rich_markup_mode=None)
    small.callback()(lambda: None)
    small.command("act")(raising(error))
    with pytest.raises(SystemExit) as ended:
        typer.main.get_command(small).main(["act"])
    assert isinstance(ended.value.code, int)
    return ended.value.code, capsys.readouterr().err


class _Small(Program):
    table: ClassVar = {"act": ("", None)}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return self.commands[cmd_name]


# Errors that say more than a sentence, or make theirs of parts.
_OTHERWISE: dict[type[MediaForgeError], Callable[[], MediaForgeError]] = {
    QueryError: lambda: QueryError("so it is", text="a b", start=2, end=3),
    LaterEdits: lambda: LaterEdits("so", "it is", [3]),
}


def test_every_error_of_ours_is_a_sentence_and_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    def below(kind: type[MediaForgeError]) -> list[type[MediaForgeError]]:
        return [kind, *(further for one in kind.__subclasses__() for further in below(one))]

    for kind in below(MediaForgeError):
        error = _OTHERWISE[kind]() if kind in _OTHERWISE else kind("so it is")
        code, told = caught(error, capsys)
        assert (code, told.splitlines()[0].replace(";", "")) == (kind.exit_code, "error: so it is")


def test_errors_of_a_group_of_tasks_are_told_like_others(capsys: pytest.CaptureFixture[str]) -> None:
    both = ExceptionGroup("", [ExceptionGroup("", [CatalogueError("it is gone")]), NothingMatched("nothing")])
    assert caught(both, capsys) == (10, "error: it is gone\n")
    code, told = caught(ExceptionGroup("tasks", [Busy("busy"), ZeroDivisionError()]), capsys)
    assert code == 1
    assert "this is a bug in MediaForge" in told


def test_only_our_own_mistakes_have_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = caught(ZeroDivisionError("division by zero"), capsys)
    assert code == 1
    assert told.startswith("Traceback (most recent call last):")
    assert "please report it with the lines above at https://" in told
    assert caught(KeyboardInterrupt(), capsys) == (130, "cancelled\n")


def test_control_characters_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert caught(NothingMatched("nothing matches '\x1b[2J'"), capsys) == (
        4,
        "error: nothing matches '\N{REPLACEMENT CHARACTER}[2J'\n",
    )


def test_python_dash_m_is_the_same_program() -> None:
    done = subprocess.run([sys.executable, "-m", "mediaforge", "--version"], capture_output=True, text=True)
    assert done.stdout.startswith("mediaforge 0")


@pytest.mark.parametrize(
    ("mode", "words", "code"), [(0o000, "search waves", 10), (0o444, "search waves", 0), (0o444, "tag add x waves", 10)]
)
def test_a_catalogue_that_may_not_be_read_or_written(shelf: Shelf, mode: int, words: str, code: int) -> None:
    shelf.catalogue.chmod(mode)
    done = subprocess.run(
        [sys.executable, str(LOWLY), *COMMAND, *words.split()], env=environment(shelf.catalogue), capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith(f"error: the catalogue '{shelf.catalogue}' cannot be ") is bool(code)
    assert len(done.stderr.splitlines()) == bool(code)
