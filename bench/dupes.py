"""Measure finding copies against jdupes and rmlint on one tree: `python -m bench.dupes --files 4000 --pairs 3`.

MediaForge is measured from a scanned catalogue, which is what it finds copies in; the others have to walk first. Each is run in
turn, with the tree in the memory of the machine (`warm`) and after that has forgotten it (`cold`).
"""

from __future__ import annotations

import argparse
import io
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from statistics import median

from PIL import Image

from bench import peers
from bench.measure import PROGRAM, SCRATCH, environment, in_turn, ratio, run

_PEERS: Mapping[str, Sequence[str]] = {
    "jdupes": ("--recurse", "--quiet"),
    "rmlint": ("--no-with-color", "-o", "summary:stdout"),  # it would replace /dev/null
}


def make_tree(folder: str, files: int, *, seed: int = 1) -> None:
    """Make so many pictures of some 500 KB, a fourth of which have a copy, some a link, some a double but for its middle."""
    chance = random.Random(seed)
    head = _picture()
    for number in range(files):
        body = random.Random(f"{seed}:{number}").randbytes(int(chance.lognormvariate(13, 1)))
        name = f"IMG_{number:05}.jpg"
        path = _write(folder, f"{number % 50:02}", name, head + body)
        if number % 4 == 0:
            _write(folder, f"backup/{number % 30:02}", name, head + body)
        if number % 50 == 0:
            os.link(path, os.path.join(folder, f"link-{number}.jpg"))
        if number % 40 == 1:
            middle = len(body) // 2
            _write(folder, "almost", name, head + body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :])


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "JPEG")
    return file.getvalue()


def _write(root: str, folder: str, name: str, content: bytes) -> str:
    path = os.path.join(root, folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return path


def forget(folder: str) -> None:
    """Let the machine's memory forget what is in the files of a tree."""
    os.sync()
    for path in _files(folder):
        with open(path, "rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def remember(folder: str) -> None:
    """Read every file of a tree once."""
    for path in _files(folder):
        with open(path, "rb") as file:
            while file.read(1 << 20):
                pass


def _files(folder: str) -> Iterator[str]:
    for where, _folders, names in os.walk(folder):
        yield from (os.path.join(where, name) for name in names)


def measure(folder: str, scratch: str, pairs: int) -> list[tuple[str, str, float, float, float]]:
    """Return a row for each peer and state of the memory: state, peer, our seconds, theirs, the median ratio of the pairs."""
    environ = environment(scratch)
    scanned, catalogue = os.path.join(scratch, "scanned.db"), os.path.join(scratch, "dupes.db")
    run([PROGRAM, "--catalog", scanned, "--quiet", "scan", folder], environ)

    def first() -> None:
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(catalogue + suffix):
                os.unlink(catalogue + suffix)
        shutil.copy(scanned, catalogue)

    def nothing() -> None:
        pass

    def seconds(command: Sequence[str]) -> float:
        return run(command, environ).seconds

    ours = partial(seconds, [PROGRAM, "--catalog", catalogue, "--quiet", "dupes"])

    def timed(prepare: Callable[[str], None], begin: Callable[[], None], act: Callable[[], float]) -> Callable[[], float]:
        def once() -> float:
            prepare(folder)
            begin()
            return act()

        return once

    rows = []
    for state, prepare in (("warm", remember), ("cold", forget)):
        for peer in filter(peers.find, _PEERS):
            command = [str(peers.find(peer)), *_PEERS[peer], folder]
            theirs = timed(prepare, nothing, partial(seconds, command))
            for which, begin in (("first", first), ("second", nothing)):
                mine, other = in_turn(pairs, timed(prepare, begin, ours), theirs)
                rows.append((f"{state}, {which} run", peer, median(mine), median(other), ratio(mine, other)))
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, make the tree where there is none, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.dupes", description="Measure finding copies, side by side.")
    parser.add_argument("--files", type=int, default=4_000, help="pictures of some 500 KB, of which a fourth have copies")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--scratch", default=SCRATCH)
    asked = parser.parse_args(arguments)
    folder = os.path.join(asked.scratch, f"copies-{asked.files}")
    if not os.path.isdir(folder):
        shutil.rmtree(f"{folder}.draft", ignore_errors=True)
        make_tree(f"{folder}.draft", asked.files)
        os.rename(f"{folder}.draft", folder)
    with tempfile.TemporaryDirectory(prefix="mediaforge-dupes-") as scratch:
        print("| | against | ours | theirs | ratio |\n|---|---|---:|---:|---:|")
        for state, peer, mine, theirs, share in measure(folder, scratch, asked.pairs):
            print(f"| {state} | {peer} | {mine:.2f} s | {theirs:.2f} s | {share:.2f} |", flush=True)


if __name__ == "__main__":
    main()
