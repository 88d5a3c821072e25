"""What happens below a folder, as watchfiles tells it, and what of that concerns a catalogue.

What watchfiles 1.3 does not tell was found by trying, and tests hold what is done about it: beside `ignore_permission_denied`,
without which one folder that is not ours would end everything, it goes on with a part of the tree where inotify's limit is
reached (`obstacle` finds that out); a queue of the kernel that ran over (a burst of MANY stands for one); that its folder was
unmounted (`Mounts` and `is_watched` tell). A name that is not UTF-8 makes it raise RuntimeError and forget the burst.
"""

from __future__ import annotations

import os
import select
import threading
from collections import Counter
from collections.abc import AsyncIterator, Collection

from mediaforge.model import SUFFIXES
from mediaforge.operations.roots import is_below
from mediaforge.scan.ignore import IGNORE_FILE
from mediaforge.scan.walk import JUNK
from mediaforge.sidecars import Role, owners, role_of

MANY = 4_096  # changes in one burst after which some may be lost: the kernel keeps 16,384 events, and a change is several

# The thread that waits looks at what came once a step, and hands it over when nothing more came in one, or at last after the
# second number. In milliseconds; five steps a second cost 0.1 % of one core.
_STEP, _TOGETHER = 200, 1_000
_FEW = 20  # changed entries of one folder that are scanned each for itself
_MOST = 200  # roots of one scan


async def changes(root: bytes) -> AsyncIterator[set[tuple[bytes, bool]]]:
    """Yield what changed below a folder: absolute paths, and whether something is new there, in bursts.

    The watches are set up before the first wait, one for each folder, at 11 µs where the cache holds it; the interpreter stands
    still meanwhile. RuntimeError: what changed is not known, listen anew.
    """
    from watchfiles import Change, awatch  # 60 ms

    async for burst in awatch(
        os.fsdecode(root),
        watch_filter=None,
        debounce=_TOGETHER,
        step=_STEP,
        rust_timeout=0,
        force_polling=False,
        ignore_permission_denied=True,
    ):
        yield {(os.fsencode(path), change is Change.added) for change, path in burst}


def obstacle(root: bytes) -> str | None:
    """Say why not everything below a folder can be heard, by trying to watch one folder more; None where it can."""
    try:
        from watchfiles import watch

        stopped = threading.Event()
        stopped.set()
        path = os.fsdecode(root)
        for _ in watch(path, recursive=False, stop_event=stopped, step=1, force_polling=False, ignore_permission_denied=False):
            pass
    except UnicodeError:
        return "its name is not UTF-8"
    except (ImportError, OSError, RuntimeError) as error:
        if "limit reached" in str(error):  # ENOSPC, which watchfiles words so
            return "inotify's limit is reached; raise fs.inotify.max_user_watches with sysctl"
        if "os error 24" in str(error):  # EMFILE
            return "inotify's limit is reached; raise fs.inotify.max_user_instances with sysctl"
        return str(error)
    return None


class Mounts:
    """Tells whether anything was mounted or unmounted since it was asked before (Linux; elsewhere it never tells)."""

    def __init__(self) -> None:
        self._poll, self._fd = None, -1
        if os.path.exists("/proc/self/mountinfo"):
            self._fd = os.open("/proc/self/mountinfo", os.O_RDONLY | os.O_CLOEXEC)
            self._poll = select.poll()
            self._poll.register(self._fd, select.POLLPRI)

    def changed(self) -> bool:
        """Say so, once for each time (proc_pid_mountinfo(5))."""
        return self._poll is not None and bool(self._poll.poll(0))

    def close(self) -> None:
        """Ask no more."""
        if self._poll is not None:
            os.close(self._fd)


def is_watched(root: bytes) -> bool:
    """Say whether this process watches a folder by inotify (proc_pid_fdinfo(5)): of what was unmounted nothing is left there.

    Where a file system hides its device, as btrfs does, a folder never counts as watched.
    """
    status = os.stat(root)
    device = os.major(status.st_dev) << 20 | os.minor(status.st_dev)
    line = b" ino:%x sdev:%x " % (status.st_ino, device)
    for number in os.listdir("/proc/self/fdinfo"):
        try:
            with open(f"/proc/self/fdinfo/{number}", "rb") as file:
                if line in file.read():
                    return True
        except FileNotFoundError:  # the one that listed them
            continue
    return False


def concerned(root: bytes, path: bytes) -> bytes | None:
    """Return what is to be looked at when `path` (absolute, below `root`) changed, None where a walk would not see it."""
    if not is_below(path, root):
        return root if path != root else None  # FSEvents resolves links
    *folders, name = path[len(root.rstrip(b"/")) + 1 :].split(b"/")
    if any(_left_out(folder) for folder in folders):
        return None
    if name == IGNORE_FILE:
        return os.path.dirname(path)
    return None if _left_out(name) else path


def is_media(path: bytes) -> bool:
    """Say whether a path has the suffix of a media file; one that has none may be a folder's, or a file's of no concern."""
    stem, _, suffix = os.path.basename(path).rpartition(b".")
    return bool(stem) and os.fsdecode(suffix).lower() in SUFFIXES


def beside(path: bytes) -> list[bytes]:
    """Return the media files of which what changed at a path is or was a sidecar: what is known of them is so no more."""
    folder, name = os.path.split(path)
    role = role_of(os.fsdecode(name))
    if role is None or role is Role.SHOW:
        return [folder] if role else []  # and the folders of its seasons
    try:
        names = [os.fsdecode(other) for other in os.listdir(folder)]
    except OSError:
        return []
    media = [(other, kind) for other in names if (kind := SUFFIXES.get(other.rpartition(".")[2].lower()))]
    return [os.path.join(folder, os.fsencode(owner)) for owner in owners(os.fsdecode(name), media)]


def is_behind_link(root: bytes, path: bytes) -> bool:
    """Say whether a symlink leads from `root` to `path`: watchfiles follows it, and a walk does not."""
    folder = os.path.dirname(path)
    relative = os.path.relpath(folder, root)
    return os.path.realpath(folder) != os.path.normpath(os.path.join(os.path.realpath(root), relative))


def few(changed: Collection[bytes], roots: Collection[bytes]) -> list[bytes]:
    """Return the paths to scan for these changed ones below `roots`: topmost, and a folder for many in it."""
    inside = [path for path in changed if path not in roots]
    siblings = Counter(os.path.dirname(path) for path in inside)
    merged = {folder if siblings[folder := os.path.dirname(path)] > _FEW else path for path in inside}
    top: list[bytes] = []
    for path in sorted({*merged, *(set(changed) - set(inside))}, key=lambda path: path.rstrip(b"/") + b"/"):
        if not top or not is_below(path, top[-1]):
            top.append(path)
    return top if len(top) <= _MOST else [root for root in roots if any(path == root or is_below(path, root) for path in top)]


def _left_out(name: bytes) -> bool:
    return name.startswith(b".") or name.lower() in JUNK
