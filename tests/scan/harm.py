"""Walks where things are really wrong, in a process of its own: `python harm.py CASE FOLDER` prints what happened as JSON.

It takes privileges away, or mounts in a namespace of its own that ends with it. Exit code 77: not allowed here.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import sys
from collections.abc import Callable

from mediaforge.errors import MediaForgeError
from mediaforge.scan.ignore import Rules
from mediaforge.scan.volume import look, volume_of
from mediaforge.scan.walk import walk

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_REC, MS_PRIVATE, MNT_DETACH = 0x4000, 0x40000, 2
NOBODY = 65534
libc = ctypes.CDLL(None, use_errno=True)


def allowed(result: int) -> None:
    if result != 0:
        print(os.strerror(ctypes.get_errno()), file=sys.stderr)
        sys.exit(77)


def mount(kind: bytes, point: bytes, options: bytes) -> None:
    allowed(libc.mount(kind, point, kind, 0, options))


def own_mounts() -> None:
    identity = os.geteuid(), os.getegid()
    allowed(libc.unshare(CLONE_NEWNS if identity[0] == 0 else CLONE_NEWNS | CLONE_NEWUSER))
    if identity[0] != 0:
        for name, own in (("setgroups", "deny"), ("uid_map", f"0 {identity[0]} 1"), ("gid_map", f"0 {identity[1]} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(own)
    allowed(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))


def stalled_share(point: bytes) -> int:
    """Mount a FUSE file system that nobody serves: every question to it waits, until the returned descriptor is closed."""
    own_mounts()
    try:
        server = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        print(error, file=sys.stderr)
        sys.exit(77)
    mount(b"fuse", point, b"fd=%d,rootmode=40000,user_id=0,group_id=0" % server)
    return server


async def walked(
    root: bytes, *, silence: float = 60, chunk: int = 5000, after_first: Callable[[], object] | None = None
) -> dict[str, object]:
    found, unknown, troubles = [], [], []
    try:
        async for part in walk(root, b"", Rules(), silence=silence, chunk=chunk):
            found += [os.fsdecode(f[0]) for f in part.found]
            unknown += [os.fsdecode(path) for path in part.unknown]
            troubles += [f"{os.fsdecode(os.path.basename(t.path))}: {t.message}" for t in part.troubles]
            if after_first:
                after_first()
                after_first = None
    except MediaForgeError as error:
        return {"error": type(error).__name__, "message": str(error)}
    return {"found": sorted(found), "unknown": sorted(unknown), "troubles": sorted(troubles)}


async def looked(root: bytes) -> dict[str, object]:
    try:
        return {"volume": str(await look(root, 0.3))}
    except MediaForgeError as error:
        return {"error": type(error).__name__, "message": str(error)}


def unreadable(folder: bytes) -> dict[str, object]:
    if os.geteuid() == 0:  # who may read everything
        os.setresuid(NOBODY, NOBODY, NOBODY)
    return asyncio.run(walked(folder)) | {"empty": volume_of(folder).empty}


def stalled_walk(folder: bytes) -> dict[str, object]:
    stalled_share(os.path.join(folder, b"share"))
    return asyncio.run(walked(folder, silence=0.3))


def stalled_look(folder: bytes) -> dict[str, object]:
    stalled_share(os.path.join(folder, b"share"))
    return asyncio.run(looked(os.path.join(folder, b"share")))


def dead_share(folder: bytes) -> dict[str, object]:
    os.close(stalled_share(os.path.join(folder, b"share")))
    return asyncio.run(walked(folder))


def dead_root(folder: bytes) -> dict[str, object]:
    os.close(stalled_share(os.path.join(folder, b"share")))
    return asyncio.run(walked(os.path.join(folder, b"share")))


def unplugged(folder: bytes) -> dict[str, object]:
    own_mounts()
    root = os.path.join(folder, b"share")
    mount(b"tmpfs", root, b"")
    for number in range(200):
        os.makedirs(os.path.join(root, b"%d" % number))
        os.close(os.open(os.path.join(root, b"%d" % number, b"a.jpg"), os.O_CREAT))
    return asyncio.run(walked(root, chunk=10, after_first=lambda: libc.umount2(root, MNT_DETACH)))


def mounted(folder: bytes) -> dict[str, object]:
    own_mounts()
    root = os.path.join(folder, b"share")
    before = volume_of(root)
    mount(b"tmpfs", root, b"")
    inside = os.path.join(root, b"a b")
    os.mkdir(inside)
    return {
        "mount points": [before.mount_point, volume_of(root).mount_point, volume_of(inside).mount_point],
        "empty": [before.empty, volume_of(root).empty, volume_of(inside).empty],
        "tmpfs": volume_of(root).id,
    }


CASES = (unreadable, stalled_walk, stalled_look, dead_share, dead_root, unplugged, mounted)

if __name__ == "__main__":
    case, folder = sys.argv[1:]
    print(json.dumps(next(c for c in CASES if c.__name__ == case)(os.fsencode(folder))))
