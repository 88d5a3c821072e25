"""Schedule: the nightly scan as an entry of the crontab or as a timer of systemd; what is written is made by pure functions."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mediaforge.errors import UsageError

_BEGIN = b"# >>> mediaforge: the nightly scan; change it with: mediaforge schedule >>>"
_END = b"# <<< mediaforge <<<"
_BLOCK = re.compile(rb"^%s\n(?:.*\n)*?%s\n" % (re.escape(_BEGIN), re.escape(_END)), re.MULTILINE)
_UNIT = "mediaforge-scan"
_NO_CRONTAB = "no crontab program; install one, on Debian with: apt-get install cron"


class Scheduler(StrEnum):
    """Who starts the scan."""

    CRON = "cron"
    SYSTEMD = "systemd"


@dataclass(frozen=True, slots=True)
class Time:
    """A time of the day."""

    hour: int
    minute: int


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written where: `path` is a file, or None for the crontab; `content` None removes it."""

    path: Path | None
    content: bytes | None

    @property
    def where(self) -> str:
        """The name of what is changed."""
        return f"'{self.path}'" if self.path else "the crontab"


def parse_time(text: str) -> Time:
    """Read a time such as 02:30."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", text, re.ASCII)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise UsageError(f"'{text}' is no time of the day; write it as in 02:30")
    return Time(int(found[1]), int(found[2]))


def job(program: Sequence[str], catalog: str, *, ionice: bool) -> tuple[str, ...]:
    """Return the words of the command that is started at night, with the lowest claim on processor and disk."""
    if "\n" in catalog:
        raise UsageError(f"{catalog!r} has a line break in it, which no schedule can hold; choose another --catalog")
    idle = ("ionice", "-c", "3") if ionice else ()
    return ("nice", "-n", "19", *idle, *program, "scan", "--all", "--quiet", "--catalog", os.path.abspath(catalog))


def with_block(crontab: bytes, words: Sequence[str], at: Time) -> bytes:
    """Return a crontab with our block in it, where it was or else at the end; everything else stays byte for byte."""
    # A % is a line break to cron, even in quotes, unless a backslash is before it (crontab(5)).
    command = os.fsencode(shlex.join(words)).replace(b"%", rb"\%")
    block = b"%s\n%d %d * * * %s\n%s\n" % (_BEGIN, at.minute, at.hour, command, _END)
    if block_of(crontab) is not None:
        return _BLOCK.sub(lambda _: block, crontab, count=1)
    return crontab + (b"" if crontab.endswith(b"\n") or not crontab else b"\n") + block


def without_block(crontab: bytes) -> bytes:
    """Return a crontab without our block."""
    return _BLOCK.sub(b"", crontab) if block_of(crontab) is not None else crontab


def block_of(crontab: bytes) -> bytes | None:
    """Return our block of a crontab, None where there is none; UsageError where somebody has cut it in pieces."""
    found = _BLOCK.search(crontab)
    if found is None and _BEGIN in crontab.split(b"\n"):
        raise UsageError(f"the crontab lacks the line '{_END.decode()}' that ends our part; mend it with: crontab -e")
    return found and found[0]


def units(words: Sequence[str], at: Time) -> Mapping[str, bytes]:
    """Return the files of a systemd timer and its service by their names (systemd.timer(5), systemd.service(5))."""
    service = f"""[Unit]
Description=Bring the MediaForge catalogue up to date

[Service]
Type=oneshot
ExecStart={" ".join(_unit_word(word) for word in words)}
"""
    timer = f"""[Unit]
Description=Bring the MediaForge catalogue up to date every night

[Timer]
OnCalendar=*-*-* {at.hour:02}:{at.minute:02}:00
Persistent=true

[Install]
WantedBy=timers.target
"""
    return {f"{_UNIT}.service": os.fsencode(service), f"{_UNIT}.timer": os.fsencode(timer)}


def _unit_word(word: str) -> str:
    """Quote a word where it needs it; % and $ stand for something in a unit, quoted or not."""
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return word if re.fullmatch(r"[\w@%+=:,./-]+", word, re.ASCII) else f'"{word}"'


# From here on the machine is asked and changed.


def choose() -> Scheduler:
    """Return who is there to start a scan: cron first, since a person's timers stop where he logs out."""
    if shutil.which("crontab"):
        return Scheduler.CRON
    if answers():
        return Scheduler.SYSTEMD
    raise UsageError(_NO_CRONTAB)


def plan_install(scheduler: Scheduler, at: Time, catalog: str) -> list[Change]:
    """Return what is to be written so that the nightly scan takes place."""
    words = job(_program(), catalog, ionice=shutil.which("ionice") is not None)
    if scheduler is Scheduler.CRON:
        return [Change(None, with_block(_read_crontab(), words, at))]
    return [Change(_unit_folder() / name, content) for name, content in units(words, at).items()]


def others(scheduler: Scheduler) -> list[Change]:
    """Return what is to be removed of an earlier installation by the other scheduler, or the scan would take place twice."""
    return [change for change in plan_remove() if (change.path is None) is (scheduler is not Scheduler.CRON)]


def plan_remove() -> list[Change]:
    """Return what is to be removed or written so that there is no nightly scan."""
    crontab = _read_crontab() if shutil.which("crontab") else b""
    ours = [Change(None, without_block(crontab) or None)] if block_of(crontab) is not None else []
    return ours + [Change(path, None) for path in _unit_paths() if path.exists()]


def installed() -> list[Change]:
    """Return what is written now."""
    block = block_of(_read_crontab()) if shutil.which("crontab") else None
    return ([Change(None, block)] if block else []) + [
        Change(path, path.read_bytes()) for path in _unit_paths() if path.exists()
    ]


def apply(changes: Sequence[Change]) -> str | None:
    """Carry a plan out, and return what a person has to do himself where systemd does not answer."""
    for change in changes:
        if change.path is None:
            _write_crontab(change.content)
    files = [change for change in changes if change.path is not None]
    if not files:
        return None
    goes = all(change.content is None for change in files)
    if goes:
        _systemctl("disable", "--now", f"{_UNIT}.timer")
    for change in files:
        _write(change)
    if goes:
        _systemctl("daemon-reload")
        return None
    if _systemctl("daemon-reload") and _systemctl("enable", "--now", f"{_UNIT}.timer"):
        return "it runs while you are logged in; so that it runs without you: loginctl enable-linger"
    return f"systemd does not answer here; start it once you are logged in: systemctl --user enable --now {_UNIT}.timer"


def _write(change: Change) -> None:
    assert change.path is not None
    try:
        if change.content is None:
            change.path.unlink(missing_ok=True)
        else:
            change.path.parent.mkdir(parents=True, exist_ok=True)
            change.path.write_bytes(change.content)
    except OSError as error:
        raise UsageError(f"cannot write {change.where}: {(error.strerror or str(error)).lower()}") from error


def _program() -> tuple[str, ...]:
    """Return how this installation is started from anywhere."""
    script = os.path.join(sysconfig.get_path("scripts"), "mediaforge")
    return (script,) if os.access(script, os.X_OK) else (sys.executable, "-m", "mediaforge")


def _unit_folder() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def _unit_paths() -> list[Path]:
    return [_unit_folder() / f"{_UNIT}.{kind}" for kind in ("service", "timer")]


def answers() -> bool:
    """Say whether systemd listens to this person."""
    return _systemctl("show-environment")


def _systemctl(*words: str) -> bool:
    if shutil.which("systemctl") is None:
        return False
    return subprocess.run(["systemctl", "--user", *words], capture_output=True, check=False).returncode == 0


def _read_crontab() -> bytes:
    done = _crontab("-l")
    if done.returncode == 0:
        return done.stdout
    if b"no crontab for" in done.stderr:
        return b""
    raise _refused(done)


def _write_crontab(content: bytes | None) -> None:
    done = _crontab("-r") if content is None else _crontab("-", text=content)
    if done.returncode != 0:
        raise _refused(done)


def _crontab(*words: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["crontab", *words], input=text, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"}
        )
    except FileNotFoundError:
        raise UsageError(_NO_CRONTAB) from None


def _refused(done: subprocess.CompletedProcess[bytes]) -> UsageError:
    lines = os.fsdecode(done.stderr).strip().splitlines() or [f"exit code {done.returncode}"]
    return UsageError(f"'crontab' refused: {'; '.join(lines)}")
