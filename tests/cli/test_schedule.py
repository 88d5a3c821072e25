"""`mediaforge schedule` with the real crontab, and with systemd as far as it answers."""

from __future__ import annotations

import fcntl
import getpass
import os
import pty
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

MINE = b'MAILTO=""\n# mine: \xe9 100%\n*/7 * * * *   true\t\n\n'


# A folder that no systemd looks at, so that the timer of whoever runs the tests stays as it is.
_AWAY = {**os.environ, "XDG_CONFIG_HOME": "/nowhere"}


def schedule(*arguments: str, catalogue: str = "/nowhere/c d.db", **env: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "mediaforge", "--catalog", catalogue, "schedule", *arguments]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=_AWAY | env, timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def read() -> bytes | None:
    done = subprocess.run(["crontab", "-l"], capture_output=True)
    return done.stdout if done.returncode == 0 else None


def write(content: bytes | None) -> None:
    subprocess.run(["crontab", "-r" if content is None else "-"], input=content or b"", stderr=subprocess.DEVNULL)


@pytest.fixture
def crontab() -> Iterator[None]:
    """An empty crontab for this test alone; what was in it is put back."""
    if shutil.which("crontab") is None:
        pytest.skip("there is no crontab program; install cron")
    with (Path(tempfile.gettempdir()) / f"mediaforge-crontab-{getpass.getuser()}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = read()
        write(None)
        try:
            yield
        finally:
            write(before)


@pytest.mark.usefixtures("crontab")
@pytest.mark.parametrize("others", [None, MINE])
def test_an_entry_is_shown_written_changed_and_removed(others: bytes | None) -> None:
    write(others)
    first = schedule("install", "--daily", "02:30", "--cron", "--yes")
    assert (first.returncode, first.stderr) == (0, "every library is scanned at 02:30 from now on\n")
    after = read()
    assert after is not None and after.startswith(others or b"")
    entry = after[len(others or b"") :].decode().splitlines()[1]
    program = str(Path(sys.executable).with_name("mediaforge"))
    assert entry.startswith("30 2 * * * nice -n 19 ")
    assert entry.endswith(f" {program} scan --all --quiet --catalog '/nowhere/c d.db'")
    assert entry in first.stdout and "mine" not in first.stdout
    assert entry in schedule("show").stdout
    schedule("install", "--daily", "4:05", "--cron", "--yes")
    assert (read() or b"").count(b"mediaforge scan") == 1 and b"\n5 4 * * * nice" in (read() or b"")
    removed = schedule("remove", "--yes")
    assert removed.returncode == 0 and "5 4 * * *" in removed.stdout
    assert read() == others
    assert schedule("show").stderr == schedule("remove", "--yes").stderr == "nothing is scheduled\n"


@pytest.mark.usefixtures("crontab")
@pytest.mark.parametrize("words", [("install", "--daily", "02:30", "--cron"), ("remove",)])
def test_without_a_terminal_nothing_is_done_unasked(words: tuple[str, ...]) -> None:
    if words[0] == "remove":
        schedule("install", "--daily", "02:30", "--cron", "--yes")
    before = read()
    done = schedule(*words)
    assert done.returncode == 2 and done.stderr == "error: there is no terminal to ask on; look at it, and give --yes\n"
    assert "30 2 * * * nice" in done.stdout
    assert read() == before


@pytest.mark.usefixtures("crontab")
@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 130)])
def test_on_a_terminal_a_person_is_asked(answer: str, code: int) -> None:
    terminal, end = pty.openpty()
    line = [sys.executable, "-m", "mediaforge", "schedule", "install", "--daily", "02:30", "--cron"]
    process = subprocess.Popen(line, stdin=end, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    os.write(terminal, f"{answer}\n".encode())
    out, err = process.communicate(timeout=60)
    os.close(terminal)
    os.close(end)
    assert (process.returncode, "Go on?" in err, "30 2 * * *" in out) == (code, True, True), err
    assert (read() is not None) == (code == 0)


@pytest.mark.usefixtures("crontab")
def test_what_crontab_refuses_is_told_in_its_words() -> None:
    done = schedule("install", "--daily", "02:30", "--cron", "--yes", catalogue=f"/{'long' * 300}")
    assert done.returncode == 2 and done.stderr.startswith("error: 'crontab' refused: ") and "too long" in done.stderr
    assert read() is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--daily", "25:00"), "'25:00' is no time of the day; write it as in 02:30"),
        (("--daily", "02:30", "--cron", "--systemd"), "'--cron' and '--systemd' exclude each other; choose one"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], sentence: str) -> None:
    done = schedule("install", *words, "--yes")
    assert (done.returncode, done.stderr) == (2, f"error: {sentence}\n")


@pytest.mark.parametrize("how", [(), ("--cron",)])
def test_without_cron_and_systemd_it_says_what_to_install(tmp_path: Path, how: tuple[str, ...]) -> None:
    done = schedule("install", "--daily", "02:30", "--yes", *how, PATH=str(tmp_path))
    sentence = "error: no crontab program; install one, on Debian with: apt-get install cron\n"
    assert (done.returncode, done.stderr) == (2, sentence)


@pytest.mark.usefixtures("crontab")
def test_one_kind_replaces_the_other(tmp_path: Path) -> None:
    env = {"XDG_CONFIG_HOME": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": "", "XDG_RUNTIME_DIR": str(tmp_path)}
    timer = tmp_path / "systemd/user/mediaforge-scan.timer"
    write(MINE)
    schedule("install", "--daily", "04:00", "--cron", "--yes", **env)
    done = schedule("install", "--daily", "05:00", "--systemd", "--yes", **env)
    assert ("to be removed" in done.stdout, timer.exists(), read()) == (True, True, MINE)
    schedule("install", "--daily", "06:00", "--cron", "--yes", **env)
    assert not timer.exists() and b"\n0 6 * * * nice" in (read() or b"")


@pytest.mark.usefixtures("crontab")
def test_a_timer_of_systemd_comes_and_goes(tmp_path: Path) -> None:
    env = {"XDG_CONFIG_HOME": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": "", "XDG_RUNTIME_DIR": str(tmp_path)}
    done = schedule("install", "--daily", "02:30", "--systemd", "--yes", **env)
    folder = tmp_path / "systemd" / "user"
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("systemd does not answer here; start it once you are logged in: systemctl --user enable")
    assert "OnCalendar=*-*-* 02:30:00" in (folder / "mediaforge-scan.timer").read_text()
    service = (folder / "mediaforge-scan.service").read_text()
    assert 'scan --all --quiet --catalog "/nowhere/c d.db"' in service and service in done.stdout.replace("\n  ", "\n") + "\n"
    assert done.stderr.count("\n") == 1, "nothing is claimed of a timer that does not run"
    assert str(folder / "mediaforge-scan.timer") in schedule("show", **env).stdout
    assert schedule("remove", "--yes", **env).returncode == 0
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("crontab")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "systemd").write_text("in the way")
    done = schedule("install", "--daily", "02:30", "--systemd", "--yes", XDG_CONFIG_HOME=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: cannot write '{tmp_path}/systemd/user/mediaforge-scan.service': ")
