"""Compare MediaForge's facts with ffprobe's and exiftool's, field by field: `make fidelity DIR=folder`.

    fidelity.py [--truth ANSWERS] [--brief] FOLDER

Both tools run then and there over every media file below FOLDER; with --truth, answers that were stored before (JSON lines
as in ../shared/corpus/truth) stand in for them. Prints a table and every difference; exit code 1 where a field is below its
least share.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import av

from agreement import EXIFTOOL_TAGS, LEAST, Compared, Row, by_exiftool, by_ffprobe, of_film, share
from mediaforge.build.pool import Pool
from mediaforge.model import SUFFIXES, Facts, Kind
from mediaforge.scanned import Failed, Reading

_DEADLINE = 60.0  # seconds a file: a tool that hangs is no answer
_BATCH = 50  # files a worker is handed at once
STORED_FFPROBE = "5.1.9"  # whose answers are stored in ../shared/corpus/truth
_VERDICTS = ("equal", "different", "only theirs", "ours is right", "only ours")


def media_below(folder: Path) -> list[Path]:
    """Return every file below a folder whose suffix is a medium's, sorted."""
    found = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return sorted(path for path in found if path.suffix[1:].lower() in SUFFIXES)


async def our_facts(paths: list[Path]) -> dict[Path, Facts | str]:
    """Return what MediaForge says of each file, or why it says nothing, read in worker processes as a scan does."""
    found: dict[Path, Facts | str] = {}

    async def read(pool: Pool, batch: list[Path]) -> None:
        async def told(number: int, answer: object) -> None:
            if isinstance(answer, Reading):
                found[batch[number]] = answer.facts
            elif isinstance(answer, Failed):
                found[batch[number]] = f"{answer.reason}: {answer.message}"

        await pool.run([(os.fsencode(path.resolve()), path.suffix[1:].lower()) for path in batch], told)

    async with Pool("mediaforge.extract.work:read", slots=os.cpu_count() or 1, deadline=_DEADLINE) as pool:
        await asyncio.gather(*(read(pool, paths[start : start + _BATCH]) for start in range(0, len(paths), _BATCH)))
    return {path: found[path] for path in paths}


def ask_exiftool(paths: list[Path]) -> dict[Path, Row]:
    """Return exiftool's answer for each file."""
    command = ["exiftool", "-n", "-json", "-q", "-charset", "filename=utf8", *(f"-{tag}" for tag in EXIFTOOL_TAGS), "-@", "-"]
    names = "\n".join(str(path.resolve()) for path in paths)
    done = subprocess.run(command, input=names.encode("utf-8", "surrogateescape"), capture_output=True, check=False)
    rows = json.loads(done.stdout.decode("utf-8", "replace") or "[]")
    known = {str(path.resolve()): path for path in paths}
    return {known[row["SourceFile"]]: row for row in rows if row["SourceFile"] in known}


def ask_ffprobe(path: Path) -> Row:
    """Return ffprobe's answer for one file, in the shape of the stored ones."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", "-i", f"file:{path.resolve()}"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_DEADLINE, check=False, stdin=subprocess.DEVNULL)
        answer: dict[str, Any] = json.loads(done.stdout.decode("utf-8", "replace") or "{}")
    except (subprocess.TimeoutExpired, ValueError):  # an ffprobe that crashes leaves half an answer
        return {"rc": -1, "streams": [], "tags": {}}
    container, streams = answer.get("format", {}), answer.get("streams", [])
    for stream in streams:
        stream["disposition_attached_pic"] = stream.get("disposition", {}).get("attached_pic")
        for side in stream.get("side_data_list", ()):
            if "rotation" in side:  # ffprobe counts against the clock; a whole turn is none
                stream["rotation"] = round(-float(side["rotation"])) % 360 or None
    return {"rc": done.returncode, "streams": streams, "tags": container.get("tags"), "duration": container.get("duration")}


def live_answers(paths: list[Path]) -> tuple[dict[Path, Row], dict[Path, Row]]:
    """Return ffprobe's and exiftool's answers, asked for now."""
    films = [path for path in paths if SUFFIXES[path.suffix[1:].lower()] is not Kind.IMAGE]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return dict(zip(films, threads.map(ask_ffprobe, films), strict=True)), ask_exiftool(paths)


def stored_answers(folder: Path, truth: Path) -> tuple[dict[Path, Row], dict[Path, Row]]:
    """Return ffprobe's and exiftool's answers as they were stored."""

    def rows(name: str) -> Mapping[Path, Row]:
        with (truth / name).open(encoding="utf-8") as lines:
            return {folder / row["path"]: row for row in map(json.loads, lines)}

    return dict(rows("ffprobe.jsonl")), {**rows("exiftool_av.jsonl"), **rows("exiftool.jsonl")}


def compare(
    folder: Path, ours: Mapping[Path, Facts | str], ffprobe: Mapping[Path, Row], exiftool: Mapping[Path, Row]
) -> Iterator[Compared]:
    """Yield every field of every file that both can read."""
    for path, facts in ours.items():
        name = os.fsencode(path.relative_to(folder)).decode("utf-8", "replace")
        if isinstance(facts, str):
            continue
        film = SUFFIXES[path.suffix[1:].lower()] is not Kind.IMAGE
        if path in ffprobe and facts.kind is not Kind.IMAGE:
            yield from by_ffprobe(name, facts, ffprobe[path])
        if path in exiftool:
            yield from (of_film if film else by_exiftool)(name, facts, exiftool[path])


def read_by_them(path: Path, ffprobe: Mapping[Path, Row], exiftool: Mapping[Path, Row]) -> str | None:
    """Return what a trusted tool makes of a file, or None where it makes nothing of it."""
    told = ffprobe.get(path)
    if told and told["rc"] == 0:
        return "ffprobe: " + (", ".join(str(s.get("codec_name")) for s in told["streams"]) or "no streams")
    row = exiftool.get(path, {})
    if SUFFIXES[path.suffix[1:].lower()] is Kind.IMAGE and "ImageWidth" in row:
        return f"exiftool: {row.get('FileType')} {row['ImageWidth']} x {row.get('ImageHeight')}"
    return None


def by_field(rows: Iterable[Compared]) -> dict[str, list[Compared]]:
    """Return the rows of each field, in the order of `LEAST`."""
    found: dict[str, list[Compared]] = {field: [] for field in LEAST}
    for row in rows:
        found[row.field].append(row)
    return {field: of_field for field, of_field in found.items() if of_field}


def least_for(ffprobe: str) -> Mapping[str, float]:
    """Return the least shares; an ffprobe older than the FFmpeg that we read with measures films differently."""
    older = int(ffprobe.split(".")[0]) < int(av.ffmpeg_version_info.split(".")[0].lstrip("n"))
    return {**LEAST, "duration": 95} if older else LEAST


def ffprobe_version() -> str:
    """Return the version of the ffprobe on PATH, `5.1.9`; that of a build without one is `0`."""
    told = subprocess.run(["ffprobe", "-version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"ffprobe version n?(\d[\d.]*)", told)
    return match[1] if match else "0"


def report(fields: Mapping[str, list[Compared]], least: Mapping[str, float], *, brief: bool) -> Iterator[str]:
    """Yield the lines of the table, and of every difference unless `brief`."""
    yield f"{'field':16}{'compared':>9}" + "".join(f"{verdict:>15}" for verdict in _VERDICTS) + f"{'share':>9}{'least':>7}"
    for field, rows in fields.items():
        counts = [sum(row.verdict == verdict for row in rows) for verdict in _VERDICTS]
        line = f"{field:16}{sum(counts[:3]):9}" + "".join(f"{count:15}" for count in counts)
        yield f"{line}{share(rows):8.1f}%{least[field]:6g}%" + (" BELOW" if share(rows) < least[field] else "")
    for verdict in _VERDICTS[1:4] if not brief else ():
        for field, rows in fields.items():
            for row in rows:
                if row.verdict == verdict:
                    why = f" ({row.why})" if row.why else ""
                    yield f"\n{verdict}{why}: {field} of {row.path}\n  ours   {row.ours!r:.300}\n  theirs {row.theirs!r:.300}"


def main() -> int:
    """Compare, print, and return the exit code."""
    parser = argparse.ArgumentParser(description="compare MediaForge's facts with ffprobe's and exiftool's")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--truth", type=Path, help="a folder of stored answers, instead of asking the tools now")
    parser.add_argument("--brief", action="store_true", help="the table alone")
    asked = parser.parse_args()
    if not asked.folder.is_dir():
        sys.exit(f"no folder at '{asked.folder}'; name one with media files, as in: make fidelity DIR=~/Pictures")
    missing = [tool for tool in ("ffprobe", "exiftool") if not asked.truth and shutil.which(tool) is None]
    if missing:
        sys.exit(f"{' and '.join(missing)} not found; install ffmpeg and libimage-exiftool-perl, or give --truth")
    paths = media_below(asked.folder)
    ours = asyncio.run(our_facts(paths))
    ffprobe, exiftool = stored_answers(asked.folder, asked.truth) if asked.truth else live_answers(paths)
    fields = by_field(compare(asked.folder, ours, ffprobe, exiftool))
    least = least_for(STORED_FFPROBE if asked.truth else ffprobe_version())
    print(*report(fields, least, brief=asked.brief), sep="\n")
    unread = {path: why for path, why in ours.items() if isinstance(why, str)}
    print(f"\n{len(paths)} files, {len(unread)} of them not read by MediaForge; read by a trusted tool nevertheless:")
    for path, why in unread.items():
        if theirs := read_by_them(path, ffprobe, exiftool):
            print(f"  {path.relative_to(asked.folder)}\n    {why}\n    {theirs}")
    return int(any(share(rows) < least[field] for field, rows in fields.items()))


if __name__ == "__main__":
    sys.exit(main())
