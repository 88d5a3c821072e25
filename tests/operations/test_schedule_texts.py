"""What is written for the night: a block of a crontab and a timer of systemd, as the programs that read them see it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from mediaforge.errors import UsageError
from mediaforge.operations.schedule import Time, block_of, job, parse_time, units, with_block, without_block

WORDS = ("nice", "/opt/media forge/bin/mediaforge", "--catalog", '/a b/100%/it\'s "$HOME".db')
OTHERS = [
    b"",
    b"MAILTO=me\n# mine\n*/5 * * * * true\n",
    b"0 0 * * * echo \xe9\t \r\n\n\n",
    b"# >>> another >>>\n1 1 * * * a\n# <<< another <<<\n",
]


@pytest.mark.parametrize(
    ("text", "time"), [("02:30", Time(2, 30)), ("2:30", Time(2, 30)), ("00:00", Time(0, 0)), ("23:59", Time(23, 59))]
)
def test_a_time(text: str, time: Time) -> None:
    assert parse_time(text) == time


@pytest.mark.parametrize("text", ["", "2", "24:00", "12:60", "2:3", "02:30:00", "-1:00", "noon", "٠٢:٣٠", " 2:30"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UsageError, match="is no time of the day; write it as in 02:30"):
        parse_time(text)


@pytest.mark.parametrize("ionice", [True, False])
def test_the_job_has_the_lowest_claim_and_an_absolute_catalogue(ionice: bool) -> None:
    idle = ("ionice", "-c", "3") if ionice else ()
    expected = ("nice", "-n", "19", *idle, "/bin/m", "scan", "--all", "--quiet", "--catalog", os.path.abspath("c.db"))
    assert job(["/bin/m"], "c.db", ionice=ionice) == expected


def test_a_line_break_cannot_be_scheduled() -> None:
    with pytest.raises(UsageError, match="line break"):
        job(["/bin/m"], "/a\nb", ionice=False)


@pytest.mark.parametrize("crontab", OTHERS)
def test_our_block_comes_changes_and_goes_and_the_rest_stays(crontab: bytes) -> None:
    first = with_block(crontab, WORDS, Time(2, 30))
    assert first.startswith(crontab) and b"\n30 2 * * * nice " in first
    again = with_block(first + b"9 9 * * * later\n", WORDS, Time(23, 5))
    assert again.startswith(crontab) and again.endswith(b"9 9 * * * later\n") and again.count(b"* * * nice") == 1
    assert b"\n5 23 * * * nice " in again
    assert without_block(again) == crontab + b"9 9 * * * later\n"
    assert without_block(crontab) == crontab and block_of(crontab) is None


def test_a_block_without_its_end_is_not_touched() -> None:
    torn = b"".join(with_block(b"", WORDS, Time(2, 30)).splitlines(keepends=True)[:2]) + b"1 1 * * * mine\n"
    for act in (without_block, lambda crontab: with_block(crontab, WORDS, Time(1, 1))):
        with pytest.raises(UsageError, match="mend it with: crontab -e"):
            act(torn)


def test_a_shell_reads_the_words_again_after_cron_has_read_the_line() -> None:
    line = with_block(b"", WORDS, Time(2, 30)).splitlines()[1].decode().split(" ", 5)[5]
    assert "%" not in line.replace("\\%", "")
    seen = line.replace("\\%", "%")  # crontab(5): a % ends the command unless a backslash is before it, which goes
    said = subprocess.run(["sh", "-c", f"printf '%s\\0' {seen}"], capture_output=True, text=True, check=True).stdout
    assert tuple(said.split("\0")[:-1]) == WORDS == tuple(shlex.split(seen))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here to read the units")
def test_systemd_reads_the_units(tmp_path: Path) -> None:
    program = tmp_path / "a $b %h" / "mediaforge"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name, content in units(("nice", str(program), "a\\b", '"c"', "$HOME", "%%"), Time(2, 5)).items():
        (tmp_path / name).write_bytes(content)
    paths = [tmp_path / "mediaforge-scan.service", tmp_path / "mediaforge-scan.timer"]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines() if "mediaforge" in line]
    assert complaints == [], done.stderr
    calendar = paths[1].read_text().partition("OnCalendar=")[2].splitlines()[0]
    told = subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True, text=True, check=True).stdout
    assert "Normalized form: *-*-* 02:05:00" in told
