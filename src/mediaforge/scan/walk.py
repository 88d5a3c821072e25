"""The first pass of a scan: what media files are on disk, in chunks, from a thread of its own.

The thread is a daemon: a read from a dead share cannot be interrupted, and must not hold up the exit (the threads of an
executor are joined there). Everything is bytes, since a name need not be UTF-8.
"""

from __future__ import annotations

import asyncio
import math
import os
import stat
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from functools import partial
from threading import Semaphore, Thread
from time import monotonic

from mediaforge.errors import VolumeOffline
from mediaforge.events import Trouble
from mediaforge.model import LARGEST, SUFFIXES, signed, storable
from mediaforge.scan.beside import SIDECARS, Entry, Sidecars
from mediaforge.scan.ignore import IGNORE_FILE, BadIgnoreFile, Layers, Rules, ignores, read_layer
from mediaforge.scanned import Found
from mediaforge.sidecars import Companion
from mediaforge.text import display_path

JUNK = frozenset(
    name.lower()
    for name in (
        b"@eaDir",  # Synology: thumbnails
        b"#recycle",  # Synology: deleted files
        b"#snapshot",  # Synology: every file again
        b"@Recycle",  # QNAP
        b"$RECYCLE.BIN",  # Windows; also spelt $Recycle.Bin, so that the table is without case
        b"System Volume Information",  # Windows
        b"lost+found",  # ext4
        b"__MACOSX",  # zip files made on a Mac
    )
)
"""Folders that hold no media of a person's, in lower case. `.Trash-1000`, `.thumbnails` and the like are hidden anyway."""

_MEDIA = {suffix.encode(): (suffix, kind.value) for suffix, kind in SUFFIXES.items()}
_SPECIAL = {stat.S_IFIFO: "FIFO", stat.S_IFSOCK: "socket"}
_DOT = ord(".")
_TYPE, _REGULAR = 0o170000, stat.S_IFREG
_AHEAD = 2  # chunks that may wait for their reader
_OFTEN = 0.25  # seconds until a chunk is handed over as it is, so that a live count moves


class RootSilent(VolumeOffline):
    """A root whose file system has stopped answering."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of what a walk saw.

    `unknown` are paths relative to the root, `b""` the root itself: a folder that could not be read, a folder or file that
    `--exclude` leaves out. What is known there and anywhere below must be left as it was, unless it is found all the same.
    `folders` counts those finished since the last chunk.
    """

    found: list[Found]
    unknown: list[bytes]
    troubles: list[Trouble]
    folders: int


async def walk(root: bytes, below: bytes, rules: Rules, *, silence: float, chunk: int = 5000) -> AsyncGenerator[Chunk, None]:
    """Walk `below` (relative to the absolute `root`; `b""` is all of it; a folder or a file) and yield what is there.

    A chunk holds at most `chunk` files. Hidden names, JUNK, symlinks and what `rules` or a `.mediaforgeignore` leave out are
    not seen, except that the root itself is walked whatever its name. A `below` that is gone is an empty walk; one that the
    library leaves out is so too, with a Trouble that says why.

    Raises VolumeOffline where the root is gone, or became another folder while it was walked (unmounted: then every
    folder in it looked gone, and what was yielded must not be believed to be all), and RootSilent after `silence` seconds
    in which no entry was read. Closing it early stops the thread at its next entry.
    """
    job = _Walk(root, rules, chunk)
    Thread(target=job.run, args=(below,), name="walk", daemon=True).start()
    try:
        waiting = monotonic()
        while True:
            if job.ahead:
                item = job.ahead.popleft()
                job.room.release()
                if isinstance(item, BaseException):
                    raise item
                if item is None:
                    return
                yield item
                waiting = monotonic()
            elif not await job.wait(max(waiting, job.beat) + silence) and monotonic() - max(waiting, job.beat) >= silence:
                raise RootSilent(
                    f"'{display_path(root)}' has not answered for {silence:g} seconds; is its drive or share awake?"
                )
    finally:
        job.stop()


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that is being read: where it is, and what applies in it."""

    prefix: bytes
    layers: Layers
    sidecars: Sidecars


class _Walk:
    """One walk: what its thread and its reader share, and what the thread does."""

    def __init__(self, root: bytes, rules: Rules, chunk: int) -> None:
        self.root, self.rules, self.chunk = root, rules, chunk
        self.base = root.rstrip(b"/") + b"/"
        self.loop = asyncio.get_running_loop()
        self.ready = asyncio.Event()
        self.ahead: deque[Chunk | BaseException | None] = deque()  # None: the end
        self.room = Semaphore(_AHEAD)
        self.beat = monotonic()  # when the thread last had an answer from the file system
        self.due = math.inf  # until `below` is reached
        self.stopped = False
        # Folders still to be read, b"" or ending with a slash, with what applies in the folder that they are in.
        self.stack: list[tuple[bytes, Layers, Sidecars | None]] = []
        self.start = 0  # where in `found` the files of the folder begin that is being read
        self.found: list[Found] = []
        self.unknown: list[bytes] = []
        self.troubles: list[Trouble] = []
        self.folders = 0

    # Called by the reader.

    async def wait(self, until: float) -> bool:
        """Wait for something in `ahead`; say whether it came before `until`."""
        self.ready.clear()
        if not self.ahead:
            try:
                async with asyncio.timeout(until - monotonic()):
                    await self.ready.wait()
            except TimeoutError:
                pass  # the thread may still have come first
        return bool(self.ahead)

    def stop(self) -> None:
        self.stopped = True
        self.room.release()

    # Called in the thread.

    def run(self, below: bytes) -> None:
        try:
            self._walk(below)
        except Exception as error:  # noqa: BLE001  raised again where the walk is read
            self._put(error)
        else:
            self._put(None)

    def _walk(self, below: bytes) -> None:
        before = _identity(self.root)
        self._begin(below)
        while self.stack and not self.stopped:
            self._folder(*self.stack.pop())
            self.folders += 1
            self.beat = monotonic()
        if _identity(self.root) != before:
            raise VolumeOffline(f"'{display_path(self.root)}' was unmounted or replaced while it was scanned; scan it again")
        self._hand_over()

    def _begin(self, below: bytes) -> None:
        """Go down to `below`, one name of one folder at a time, by the rules of every folder on the way."""
        self.stack.append((b"", (), None))
        for name in below.split(b"/") if below else ():
            if self.stack:
                self._folder(*self.stack.pop(), only=name)
        nothing = not (self.stack or self.found or self.unknown or self.troubles)
        if nothing and os.path.lexists(self.base + below):
            message = "is left out of its library: a symlink, hidden, junk, of no media suffix, or by a .mediaforgeignore"
            self._trouble(below, "left-out", message)
        self.due = monotonic() + _OFTEN

    def _folder(self, prefix: bytes, layers: Layers, above: Sidecars | None, only: bytes | None = None) -> None:
        self.start = len(self.found)
        try:
            with os.scandir(self.base + prefix) as entries:
                inner = self._inner(prefix, layers)
                if inner is not None:
                    here = _Folder(prefix, inner, Sidecars(above, partial(self._sidecar, inner)))
                    if only:
                        self._look_through(here)
                    self._entries((e for e in entries if e.name == only) if only else entries, here)
                    self._attach(here)
                    here.sidecars.close()
        except (FileNotFoundError, NotADirectoryError):
            del self.found[self.start :]  # gone since its parent was read; where it was the root that went, _walk notices
        except OSError as error:
            del self.found[self.start :]  # left as it was: what stands beside them is not known
            self._unreadable(prefix.rstrip(b"/"), error)

    def _entries(self, entries: Iterator[Entry], here: _Folder) -> None:
        # The one loop that runs for every file there is. stat itself is two thirds of its time, and a call of a function of
        # ours another 3 %, so that it calls none for a file without patterns.
        prefix, layers = here.prefix, here.layers
        patterns = bool(layers or self.rules)
        found, media_of = self.found, _MEDIA.get
        for entry in entries:
            self.beat = now = monotonic()
            if self.stopped:
                return
            if now >= self.due or len(found) >= self.chunk:
                self._hand_over(here)
            name = entry.name
            if name[0] == _DOT:
                continue
            stem, _, suffix = name.rpartition(b".")
            media = (media_of(suffix) or media_of(suffix.lower())) if stem else None
            if media is None:
                if entry.is_dir(follow_symlinks=False):
                    self._push(prefix + name, here)
                elif suffix.lower() in SIDECARS:
                    here.sidecars.add(entry)
                continue
            path = prefix + name
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            except OSError as error:
                self._unreadable(path, error)
                continue
            if status.st_mode & _TYPE != _REGULAR:
                self._other(path, status.st_mode, here)
            elif not (patterns and self._left_out(path, layers)):
                mtime_ns, inode = status.st_mtime_ns, status.st_ino
                if inode > LARGEST or not -LARGEST <= mtime_ns <= LARGEST:
                    mtime_ns, inode = storable(mtime_ns), signed(inode)
                found.append((path, media[0], media[1], status.st_size, mtime_ns, inode, None))

    def _look_through(self, here: _Folder) -> None:
        """Find the sidecars of a folder of whose files only some are told now."""
        if not here.sidecars.is_whole:
            with os.scandir(self.base + here.prefix) as entries:
                here.sidecars.look_through((e for e in entries if not self._hides(here.layers, e)), _MEDIA)

    def _attach(self, here: _Folder) -> None:
        """Tell files of a folder together with what stands beside them."""
        files = self.found[self.start :]
        told = here.sidecars.attach(files)
        if told is not files:
            self.found[self.start :] = told

    def _hides(self, layers: Layers, entry: Entry) -> bool:
        """Say whether a file is hidden or left out, and leave no note of it: it is only asked what stands beside what."""
        self.beat = monotonic()
        path = entry.path[len(self.base) :]
        return entry.name[0] == _DOT or bool((self.rules and self.rules.excludes(path)) or (layers and ignores(layers, path)))

    def _sidecar(self, layers: Layers, entry: Entry) -> Companion | None:
        """Return what a sidecar is like; None where it is no file, gone, or left out."""
        if self.stopped or self._hides(layers, entry):
            return None
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._trouble(entry.path[len(self.base) :], "io", f"cannot be read: {error.strerror}")
            return None
        return Companion(entry.name, status.st_size, storable(status.st_mtime_ns)) if stat.S_ISREG(status.st_mode) else None

    def _other(self, path: bytes, mode: int, here: _Folder) -> None:
        """Take what is no file but is named like one."""
        if stat.S_ISDIR(mode):
            self._push(path, here)
        elif not stat.S_ISLNK(mode) and not self._left_out(path, here.layers):
            self._trouble(path, "not-a-file", f"is a {_SPECIAL.get(stat.S_IFMT(mode), 'device')}, not a file")

    def _push(self, path: bytes, here: _Folder) -> None:
        folder = path + b"/"
        if path[path.rfind(b"/") + 1 :].lower() not in JUNK and not self._left_out(folder, here.layers):
            self.stack.append((folder, here.layers, here.sidecars))

    def _inner(self, prefix: bytes, layers: Layers) -> Layers | None:
        """Return the layers that apply in a folder; None, and the folder is unknown, where its own cannot be obeyed."""
        try:
            layer = read_layer(self.base + prefix, len(prefix))
        except BadIgnoreFile as error:
            self._trouble(prefix + IGNORE_FILE, "ignore-file", f"{error}, so that its folder was not scanned")
            self.unknown.append(prefix.rstrip(b"/"))
            return None
        return (layer, *layers) if layer else layers

    def _left_out(self, path: bytes, layers: Layers) -> bool:
        if self.rules and self.rules.excludes(path):
            self.unknown.append(path.rstrip(b"/"))
            return True
        return bool(layers) and ignores(layers, path)

    def _unreadable(self, path: bytes, error: OSError) -> None:
        self.unknown.append(path)
        self._trouble(path, "io", f"cannot be read: {error.strerror}")

    def _trouble(self, path: bytes, reason: str, message: str) -> None:
        self.troubles.append(Trouble((self.base + path).rstrip(b"/") or b"/", reason, message))

    def _hand_over(self, here: _Folder | None = None) -> None:
        if here and len(self.found) > self.start:
            self._look_through(here)
            self._attach(here)
        self._put(Chunk(self.found[:], self.unknown[:], self.troubles[:], self.folders))
        for seen in (self.found, self.unknown, self.troubles):
            seen.clear()
        self.folders = self.start = 0
        self.due = monotonic() + _OFTEN

    def _put(self, item: Chunk | BaseException | None) -> None:
        if not self.stopped:
            self.room.acquire()
        if not self.stopped:  # stop() lets in whoever waits
            self.ahead.append(item)
            try:
                self.loop.call_soon_threadsafe(self.ready.set)
            except RuntimeError:  # the loop has ended without closing the generator: nobody waits any more
                self.stopped = True


def _identity(root: bytes) -> tuple[int, int] | None:
    """Return what tells this folder from another at the same path; None where we may not even ask."""
    try:
        status = os.stat(root)
    except PermissionError:
        return None
    except OSError as error:
        raise VolumeOffline(f"cannot reach '{display_path(root)}': {error.strerror}; is its drive plugged in?") from error
    if not stat.S_ISDIR(status.st_mode):
        raise VolumeOffline(f"'{display_path(root)}' is no folder any more")
    return status.st_dev, status.st_ino
