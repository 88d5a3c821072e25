"""A watch as a process of its own, over files that really come, change, move and go."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from program import command, environment, mediaforge, scanning
from shelf import Shelf, ask, check, make_pictures

PATIENCE = 60  # seconds after which what should have happened counts as not happening


@dataclass
class Watched:
    """A watch that runs, and what it has said until now."""

    process: subprocess.Popen[bytes]
    said_to: Path

    @property
    def said(self) -> str:
        return self.said_to.read_text()

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait until something holds."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert self.process.poll() is None, f"it ended while {what} was waited for: {self.said}"
            assert time.monotonic() < end, f"{what} did not happen: {self.said}"
            time.sleep(0.05)

    def until_said(self, text: str, times: int = 1) -> None:
        self.until(lambda: self.said.count(text) >= times, f"'{text}'")

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def watching(
    shelf: Shelf, *arguments: str | Path, before: Sequence[str] = (), ready: str | None = "watching"
) -> Iterator[Watched]:
    """Watch, once it listens; it is ended in the end, and must not have ended before."""
    said = Path(shelf.config.catalog).with_name("said")
    line = [*before, *command(shelf.config.catalog, "watch", "--settle", "0.4", *arguments)]
    with said.open("wb") as file:
        process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment())
    try:
        watched = Watched(process, said)
        if ready:
            watched.until_said(ready)
        yield watched
        if process.poll() is None:
            assert watched.stop() == 0, watched.said
        assert "Traceback" not in watched.said, watched.said
    finally:
        process.kill()
        process.wait()


def states(shelf: Shelf) -> dict[str, bool]:
    """Return which paths are known, and whether they are present."""
    sql = "SELECT l.root, m.path, m.missing_at IS NULL FROM media m JOIN library l ON l.id = m.library_id ORDER BY m.missing_at"
    found = {os.fsdecode(os.path.join(root, path)): bool(present) for root, path, present in reversed(shelf.rows(sql))}
    return {os.path.relpath(path, shelf.folder): present for path, present in found.items()}


def present(shelf: Shelf) -> set[str]:
    return {path for path, there in states(shelf).items() if there}


def scans(shelf: Shelf) -> int:
    return int(shelf.rows("SELECT count(*) FROM scan WHERE ended_at IS NOT NULL")[0][0])


def at_rest(shelf: Shelf, watched: Watched) -> int:
    """Wait until no scan was begun for a while, and return how many there were."""
    count = -1
    while count != scans(shelf):
        count = scans(shelf)
        time.sleep(1.5)
    assert watched.process.poll() is None, watched.said
    return count


async def test_what_happens_is_catalogued(shelf: Shelf) -> None:
    one, two = (
        make_pictures(shelf.folder / name, {"a.jpg": seed, "trip": {"b.jpg": seed + 1}}) for name, seed in (("1", 1), ("2", 3))
    )
    with watching(shelf, one, two) as watched:
        watched.until(lambda: len(present(shelf)) == 4, "the first scan")
        before = {path: media.id for path, media in (await shelf.tag_each()).items()}
        make_pictures(one, {"new.jpg": 5, "deep": {"er": {"c.jpg": 6}}})
        watched.until(lambda: {"1/new.jpg", "1/deep/er/c.jpg"} <= present(shelf), "a new file and a new folder")
        make_pictures(one / "deep" / "er", {"later.jpg": 7})
        watched.until(lambda: "1/deep/er/later.jpg" in present(shelf), "a file in a folder that is new itself")
        fingerprint = "SELECT fingerprint FROM media WHERE path = CAST('new.jpg' AS BLOB)"
        old = shelf.rows(fingerprint)
        make_pictures(one, {"new.jpg": 8})
        watched.until(lambda: shelf.rows(fingerprint) != old, "a changed file")
        (one / "new.jpg").unlink()
        watched.until(lambda: "1/new.jpg" not in present(shelf), "a deleted file")
        shutil.rmtree(one / "deep")
        watched.until(lambda: not any(path.startswith("1/deep") for path in present(shelf)), "a deleted folder")

        count = at_rest(shelf, watched)
        (one / "trip").rename(two / "tour")
        watched.until(lambda: "2/tour/b.jpg" in present(shelf), "a folder moved into another library")
        assert at_rest(shelf, watched) == count + 1, "one scan for both ends of a move"
        after = await shelf.items("tag:was/")
        assert {path: media.id for path, media in after.items()} == {
            **{k: v for k, v in before.items() if k != "1/trip/b.jpg"},
            "2/tour/b.jpg": before["1/trip/b.jpg"],
        }
        assert after["2/tour/b.jpg"].tags == ("was/1-trip-b.jpg",)
        assert watched.stop(signal.SIGINT) == 0
        assert " 1 moved" in watched.said and "stopping" in watched.said
    check(shelf.config.catalog)


async def test_a_sidecar_that_comes_and_goes_is_catalogued(shelf: Shelf) -> None:
    make_pictures(shelf.folder, {"trip": {"a.jpg": 1, "b.jpg": 2}})
    beside = "SELECT count(*) FROM media WHERE companions IS NOT NULL AND facts_companions = companions"
    with watching(shelf, shelf.folder) as watched:
        watched.until(lambda: len(present(shelf)) == 2, "the first scan")
        (shelf.folder / "trip" / "a.xmp").write_text("<x/>")
        watched.until(lambda: shelf.rows(beside) == [(1,)], "a sidecar that came")
        (shelf.folder / "trip" / "a.xmp").unlink()
        watched.until(lambda: shelf.rows(beside) == [(0,)], "a sidecar that went")


def test_what_concerns_nobody_leads_to_no_scan(shelf: Shelf, tmp_path: Path) -> None:
    shelf.make({"a.jpg": 1, "@eaDir": {}, ".git": {}, "notes": b""})
    outside = make_pictures(tmp_path / "outside", {})
    (shelf.folder / "link").symlink_to(outside)
    with watching(shelf, shelf.folder, "--quiet", ready=None) as watched:
        watched.until(lambda: Path(shelf.config.catalog).exists() and scans(shelf) >= 2, "the second scan, after it listens")
        count = at_rest(shelf, watched)
        shelf.make({"@eaDir": {"x.jpg": 2}, ".git": {"y.jpg": 3}, ".z.jpg": 4, "b.txt": b"b", "c.d": b"c"})
        make_pictures(outside, {"out.jpg": 5})
        (shelf.folder / "b.txt").rename(shelf.folder / "b2.txt")
        (shelf.folder / "c.d").unlink()
        (shelf.folder / "notes").write_bytes(b"more")
        assert at_rest(shelf, watched) == count
        for number in range(150):
            shutil.copy(shelf.folder / "a.jpg", shelf.folder / f"copy {number}.jpg")
        watched.until(lambda: len(present(shelf)) == 151, "a burst")
        assert at_rest(shelf, watched) <= count + 4, "a burst is few scans"
        shelf.make({".mediaforgeignore": b"copy*\n"})
        watched.until(lambda: present(shelf) == {"a.jpg"}, "a new ignore file")
        assert watched.said == ""
        shelf.make({"broken.jpg": b"no picture"})
        watched.until_said("broken.jpg: ")


def test_a_name_that_is_not_utf_8(shelf: Shelf) -> None:
    with watching(shelf, shelf.make({"a.jpg": 1})) as watched:
        shutil.copy(shelf.folder / "a.jpg", shelf.folder / os.fsdecode(b"caf\xe9.jpg"))
        watched.until(lambda: os.fsdecode(b"caf\xe9.jpg") in present(shelf), "a file of such a name")
        watched.until_said("watching", 2)  # anew
        shelf.make({"b.jpg": 2})
        watched.until(lambda: "b.jpg" in present(shelf), "another one after it")


def test_a_folder_whose_name_is_not_utf_8_is_scanned_regularly(shelf: Shelf) -> None:
    """Watched it would be scanned for ever: walking it is an event that ends the listener."""
    folder = shelf.make({"a.jpg": 1}) / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    shutil.copy(shelf.folder / "a.jpg", folder / "b.jpg")
    with watching(shelf, shelf.folder) as watched:
        watched.until_said("instead of being watched: a folder in it has a name that is not UTF-8")
        watched.until(lambda: len(present(shelf)) == 2, "what is in it")


def test_folders_that_come_and_go_and_new_libraries(shelf: Shelf) -> None:
    one, two = (make_pictures(shelf.folder / name, {"a.jpg": seed}) for name, seed in (("1", 1), ("2", 2)))
    assert mediaforge(shelf.config.catalog, "scan", one, two).code == 0
    away = two.rename(shelf.folder / "away")
    with watching(shelf) as watched:
        offline = f"offline: '{two}' is left as it was: it is not there"
        watched.until_said(offline)
        away.rename(two)
        watched.until_said(f"watching '{two}'")
        make_pictures(two, {"b.jpg": 3})
        watched.until(lambda: "2/b.jpg" in present(shelf), "a file in what came later")
        two.rename(away)
        watched.until_said(offline, 2)
        assert {"2/a.jpg", "2/b.jpg"} <= present(shelf)
        make_pictures(away, {"c.jpg": 4})
        away.rename(two)
        watched.until(lambda: "2/c.jpg" in present(shelf), "what changed while it was away")
        make_pictures(two, {"d.jpg": 6})
        watched.until(lambda: "2/d.jpg" in present(shelf), "a file after it came back")
        three = make_pictures(shelf.folder / "3", {"a.jpg": 5})
        assert mediaforge(shelf.config.catalog, "scan", three).code == 0
        watched.until_said(f"watching '{three}'")


def test_a_catalogue_that_is_exchanged(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "deep": {"b.jpg": 2}})
    with watching(shelf, shelf.folder) as watched:
        at_rest(shelf, watched)
        away = Path(shelf.config.catalog).parent.rename(shelf.folder.parent / "away")
        shelf.make({"deep": {"c.jpg": 3}})
        watched.said_to = away / "said"
        watched.until_said("no catalogue at")
        away.rename(Path(shelf.config.catalog).parent)
        watched.said_to = Path(shelf.config.catalog).with_name("said")
        watched.until(lambda: "deep/c.jpg" in present(shelf), "the change, in the catalogue that is back")
        assert watched.said.count("no catalogue at") == 1
        assert ask(shelf.config.catalog, "SELECT root FROM library") == [(os.fsencode(shelf.folder),)]


def test_another_scan_is_waited_for(shelf: Shelf) -> None:
    shelf.make({f"{number}.jpg": number for number in range(30)})
    with scanning(shelf.config.catalog, shelf.folder) as other:
        other.send_signal(signal.SIGSTOP)
        with watching(shelf, shelf.folder) as watched:
            shelf.make({"new.jpg": 99})
            time.sleep(1)
            other.send_signal(signal.SIGCONT)
            watched.until(lambda: "new.jpg" in present(shelf), "the scan after the other one")


def test_it_can_be_stopped_in_the_middle_of_a_scan(shelf: Shelf) -> None:
    shelf.make({f"{number}.jpg": number for number in range(300)})
    with watching(shelf, shelf.folder, ready=None) as watched:
        watched.until(lambda: Path(shelf.config.catalog).exists() and len(present(shelf)), "the beginning of a scan")
        assert watched.stop() == 0
    assert shelf.rows("SELECT DISTINCT status FROM scan WHERE status NOT IN ('cancelled', 'finished')") == []
    check(shelf.config.catalog)


def limited(name: str, number: int) -> list[str]:
    """Return a command that limits inotify for the process that it becomes."""
    start = ["unshare", "--user", "--map-root-user"]
    if subprocess.run([*start, "true"], capture_output=True).returncode != 0:
        pytest.skip("no user namespace can be made here, and so inotify cannot be limited for one process")
    return [*start, "sh", "-c", f'echo {number} > /proc/sys/user/{name} && exec "$@"', "sh"]


@pytest.mark.parametrize(
    ("name", "number"), [("max_inotify_watches", 2), ("max_inotify_instances", 0), ("max_inotify_watches", 6)]
)
def test_where_inotify_ends_there_are_regular_scans(shelf: Shelf, name: str, number: int) -> None:
    shelf.make({"a.jpg": 1, "deep": {"er": {"b.jpg": 2}}})
    sentence = f"'{shelf.folder}' is scanned every 1 seconds instead of being watched: inotify's limit is reached"
    enough = number > 3  # at first
    with watching(
        shelf, shelf.folder, "--interval", "1", before=limited(name, number), ready="watching" if enough else sentence
    ) as watched:
        if enough:
            assert sentence not in watched.said
            shelf.make({f"new {folder}": {} for folder in range(5)})
            watched.until_said(sentence)
        for folder in (".", "deep/er", "deep/yet"):
            make_pictures(shelf.folder / folder, {"c.jpg": 3})
        watched.until(lambda: {"c.jpg", "deep/er/c.jpg", "deep/yet/c.jpg"} <= present(shelf), "what a regular scan finds")
        assert watched.said.count(sentence) == 1
        assert watched.said.count("watching") == (1 if enough else 0)


NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def mounted(*words: str | Path) -> list[str]:
    """Return a command that mounts something for the process that it becomes."""
    mount = ["mount", *map(str, words)]
    if subprocess.run([*NAMESPACE, *mount], capture_output=True).returncode != 0:
        pytest.skip("nothing can be mounted here")
    return [*NAMESPACE, "sh", "-c", f'{shlex.join(mount)} && exec "$@"', "sh"]


def inside(watched: Watched, line: str) -> None:
    """Run a line of shell where the watch sees what it mounts."""
    enter = ["nsenter", f"--target={watched.process.pid}", "--user", "--mount", "--preserve-credentials"]
    subprocess.run([*enter, "sh", "-c", line], check=True)


def test_a_volume_that_is_unmounted_and_mounted_again(shelf: Shelf, tmp_path: Path) -> None:
    disk, mount = make_pictures(tmp_path / "disk", {"a.jpg": 1}), shelf.folder
    os.utime(disk / "a.jpg", (1, 1))  # a young one may still be settling when the disk goes
    with watching(shelf, mount, before=mounted("--bind", disk, mount)) as watched:
        inside(watched, f"umount {mount}")
        watched.until_said(f"offline: '{mount}' is left as it was: nothing is mounted there")
        assert present(shelf) == {"a.jpg"}
        inside(watched, f"mount --bind {disk} {mount}")
        watched.until(lambda: shelf.rows("SELECT online FROM library") == [(1,)], "that it is online, with nothing new on it")
        inside(watched, f"umount {mount}")
        watched.until_said("nothing is mounted there", 2)
        make_pictures(disk, {"b.jpg": 2})
        inside(watched, f"mount --bind {disk} {mount}")
        watched.until(lambda: present(shelf) == {"a.jpg", "b.jpg"}, "what is new on the volume that is back")
        make_pictures(disk, {"c.jpg": 3})
        watched.until(lambda: "c.jpg" in present(shelf), "a file on it")


def test_a_volume_that_is_exchanged_between_two_looks(shelf: Shelf, tmp_path: Path) -> None:
    pictures, mount = make_pictures(tmp_path / "pictures", {"a.jpg": 1, "b.jpg": 2, "c.jpg": 3}), shelf.folder
    with watching(shelf, mount, before=mounted("-t", "tmpfs", "none", mount)) as watched:
        inside(watched, f"cp {pictures}/a.jpg {mount}")
        watched.until(lambda: present(shelf) == {"a.jpg"}, "a first file")
        again = f"umount {mount} && mount -t tmpfs none {mount}"  # of the same device and inode as it was
        inside(watched, f"{again} && cp {pictures}/[ab].jpg {mount}")
        watched.until_said("watching", 2)
        watched.until(lambda: present(shelf) == {"a.jpg", "b.jpg"}, "what is on the other one")
        inside(watched, f"cp {pictures}/c.jpg {mount}")
        watched.until(lambda: "c.jpg" in present(shelf), "a file that came later")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ((), 10, "no catalogue at"),
        (("gone",), 2, "no file or folder at"),
        (("file.jpg",), 2, "is no folder; name the folder that it is in"),
        (("--settle", "-1"), 2, "'--settle' takes a number of at least 0"),
    ],
)
def test_what_cannot_be_watched(shelf: Shelf, arguments: tuple[str, ...], code: int, sentence: str) -> None:
    shelf.make({"file.jpg": 1})
    paths = [shelf.folder / word if word[0] in "gf" else word for word in arguments]
    done = mediaforge(shelf.config.catalog, "watch", *paths)
    assert done.code == code and sentence in done.said
