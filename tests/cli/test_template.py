"""Lines of a person's own: --format '{…}'."""

from __future__ import annotations

import os
import subprocess

import pytest
from media_shelf import STRANGE, Shelf
from terminal import COMMAND, environment, run

from mediaforge.cli.template import NAMES


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("{id:04} {kind}", "0001 image"),
        ("{taken_at:%Y-%m} {name}", "2021-07 beach.jpg"),
        ("{taken_at}", "2021-07-04T18:30:00+02:00"),
        ("{width}×{height}", "48×32"),
        ("{iso:>6}|{f_number:.2f}|{exposure_time}", "   200|2.80|0.004"),
        (r"{kind}\t{format}\\", "image\tjpeg\\"),
        ("{{{kind}}} {title}{album}.", "{image} ."),
        ("[{tags}] {keywords}", "[a, b c] "),
        ("{folder}", None),
        ("no names{{", "no names{"),
    ],
)
def test_what_a_line_says(shelf: Shelf, template: str, line: str | None) -> None:
    assert run(shelf.catalogue, "tag", "add", "b c,a", "name:beach.jpg").returncode == 0
    number = run(shelf.catalogue, "search", "name:beach.jpg", "-f", "{id}").stdout.strip()
    done = run(shelf.catalogue, "search", "name:beach.jpg", "--format", template)
    expected = str(shelf.root / "Beach") if line is None else line.replace("0001", f"{int(number):04}")
    assert (done.returncode, done.stdout) == (0, f"{expected}\n"), done.stderr


def test_a_name_that_is_not_utf8_keeps_its_bytes(shelf: Shelf) -> None:
    command = [*COMMAND, "search", "path:Strange/", "--format", "{path}\\0"]
    done = subprocess.run(command, env=environment(shelf.catalogue), capture_output=True, timeout=60)
    assert sorted(done.stdout.split(b"\0\n")[:-1]) == sorted(
        os.path.join(os.fsencode(shelf.root), b"Strange", n) for n in STRANGE
    )


def test_every_name_can_be_asked(shelf: Shelf) -> None:
    done = run(shelf.catalogue, "search", "--format", " ".join(f"<{{{name}}}>" for name in NAMES))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{pth}", "there is no '{pth}' in a format; did you mean {path}?"),
        ("{zzzz}", "there is no '{zzzz}' in a format; there are id, library"),
        ("{path.__class__}", "there is no '{path.__class__}' in a format"),
        ("{path[0]}", "there is no '{path[0]}' in a format"),
        ("{}", "there is no '{}' in a format"),
        ("{path!r}", "'{path…}' is too much for a format"),
        ("{path:{id}}", "'{path…}' is too much for a format"),
        ("{path", "the format '{path' does not parse"),
        ("{size:%Y}", "'{size:%Y}' does not fit"),
    ],
)
def test_a_format_that_makes_no_sense(shelf: Shelf, template: str, says: str) -> None:
    done = run(shelf.catalogue, "search", "beach", "--format", template)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr and done.stderr.count("\n") == 1
