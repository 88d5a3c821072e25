"""What one run found: rows, their file, the table, and what got worse since the last one."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sqlite3
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from bench import peers
from bench.measure import ROOT

FOLDER = os.path.join(ROOT, "bench", "results")
DOCS = os.path.join(ROOT, "docs", "performance.md")
TABLE = ("<!-- bench: begin -->", "<!-- bench: end -->")
GROWTH = ("<!-- growth: begin -->", "<!-- growth: end -->")
_LOST = 0.10  # of a ratio, after which it is marked


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a ratio of ours to a peer's (or to a limit), and what it must be.

    `at_least` says which way is better; `must` is None where nothing is promised. `ours` and `theirs` are in words.
    """

    work: str
    against: str
    ratio: float
    ours: str
    theirs: str
    must: float | None = None
    at_least: bool = False

    @property
    def held(self) -> bool | None:
        """Whether the ratio is as it must be."""
        if self.must is None:
            return None
        return self.ratio >= self.must if self.at_least else self.ratio <= self.must


def facts_of_run(arguments: Sequence[str], module: str = "bench.run") -> dict[str, object]:
    """Return machine, date, versions and command of this run; a commit that was changed since ends in -dirty."""
    describe = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    commit = subprocess.run(describe, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    return {
        "date": time.strftime("%Y-%m-%d"),
        "machine": platform.node(),
        "processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores",
        "system": f"{platform.system()} {platform.release()}",
        "load": round(os.getloadavg()[0], 1),
        "commit": commit,
        "command": shlex.join(["python", "-m", module, *arguments]),
        "versions": {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, **peers.versions()},
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    except OSError:
        return platform.machine()


def save(run: Mapping[str, object], rows: Sequence[Row], folder: str = FOLDER) -> str:
    """Write a run down as `<date>-<machine>.json`, and return the path."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{run['date']}-{run['machine']}.json")
    with open(path, "w") as file:
        json.dump({**run, "rows": [asdict(row) for row in rows]}, file, indent=1, ensure_ascii=False)
        file.write("\n")
    return path


def last(machine: str, folder: str = FOLDER) -> dict[tuple[str, str], float]:
    """Return the ratios of the newest results, of this machine where it has any."""
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    names = [name for name in names if name.endswith(".json")]
    own = [name for name in names if name[11:-5] == machine] or names
    if not own:
        return {}
    with open(os.path.join(folder, own[-1])) as file:
        return {(row["work"], row["against"]): row["ratio"] for row in json.load(file)["rows"]}


def worse(row: Row, before: Mapping[tuple[str, str], float]) -> bool:
    """Say whether a row lost more than a tenth of its ratio."""
    was = before.get((row.work, row.against))
    if not was or not row.ratio:
        return False
    return row.ratio < was * (1 - _LOST) if row.at_least else row.ratio > was / (1 - _LOST)


def table(rows: Sequence[Row], before: Mapping[tuple[str, str], float]) -> str:
    """Return the rows as a table in Markdown, ratios first."""
    lines = ["| ratio | must be | | work | against | ours | theirs |", "|---:|---:|---|---|---|---:|---:|"]
    for row in rows:
        must = "" if row.must is None else f"{'≥' if row.at_least else '≤'} {row.must:g}"
        held = {True: "held", False: "**missed**", None: ""}[row.held]
        if worse(row, before):
            held += f" (was {before[row.work, row.against]:.2f})"
        lines.append(f"| {row.ratio:.2f} | {must} | {held.strip()} | {row.work} | {row.against} | {row.ours} | {row.theirs} |")
    return "\n".join(lines)


def write_docs(run: Mapping[str, object], text: str, path: str = DOCS, marks: tuple[str, str] = TABLE) -> None:
    """Put the table of a run between marks in the documentation."""
    with open(path) as file:
        before, _, rest = file.read().partition(marks[0])
    _, _, after = rest.partition(marks[1])
    versions = run["versions"]
    assert isinstance(versions, dict)
    told = ", ".join(f"{name} {number}" for name, number in versions.items())
    where = f"{run['date']}, {run['processor']}, {run['system']}, commit {run['commit']}, load {run['load']} when it began."
    head = f"Measured by `{run['command']}` on {where}\nVersions: {told}."
    if "note" in run:  # what whoever publishes the numbers has to say of them
        head += f"\n\n{run['note']}"
    with open(path, "w") as file:
        file.write(f"{before}{marks[0]}\n{head}\n\n{text}\n{marks[1]}{after}")
