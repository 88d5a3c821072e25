"""Which volume a root is on, so that an unplugged drive is not taken for a folder that somebody emptied.

Asking a dead share blocks for ever, even `stat`: `look` asks in a daemon thread, and whoever calls `volume_of` himself does
so from one.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread

from mediaforge.scan.walk import RootSilent
from mediaforge.text import display_path

_DISKS = b"/dev/disk"

# Their source in mountinfo names what is mounted, whatever machine or boot it is (server:/export, //server/share, a tag).
# Changes made elsewhere raise no inotify event here, so that a watch must poll; hence the shares of a virtual machine's host.
_NETWORK = frozenset(
    "nfs nfs4 cifs smb3 smbfs ncpfs afs ceph glusterfs lustre 9p virtiofs vboxsf prl_fs"
    " fuse.sshfs fuse.rclone fuse.s3fs fuse.davfs fuse.glusterfs fuse.vmhgfs-fuse davfs".split()
)

# File systems whose statvfs fsid is their UUID, folded (Linux, fs/ext2 and fs/ext4, super.c: uuid_to_fsid). Not exFAT, XFS
# and the like, where it is the number of the device, which changes with the order of plugging in; nor btrfs, which mixes in the
# subvolume and, by a patch of 2025, that number too.
_FSID_IS_UUID = frozenset(("ext2", "ext3", "ext4"))


@dataclass(frozen=True, slots=True)
class Volume:
    """What a root is on, as it was seen.

    `id` is `scheme:value` and outlives a reboot, or None where there is no such thing (tmpfs, overlay, macOS).
    `mount_point`: the root itself is one. `network`: others may change it unseen. `empty`: the root holds no entry at all.
    """

    id: str | None = None
    label: str | None = None
    mount_point: bool = False
    network: bool = False
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Mount:
    """A line of /proc/self/mountinfo (proc_pid_mountinfo(5)): where, of what type, from what."""

    point: bytes
    type: str
    source: bytes


def is_offline(known: Volume, now: Volume | None, *, had_files: bool, empty: bool) -> str | None:
    """Say why a library's root counts as offline, or None; `now` is None where there is no folder at all."""
    if now is None:
        return "it is not there"
    if known.mount_point and not now.mount_point:
        return "nothing is mounted there"
    # Two schemes say nothing of each other: /dev/disk is not seen from every container.
    if known.id and now.id and known.id != now.id and known.id.partition(":")[0] == now.id.partition(":")[0]:
        return "another volume is there"
    if had_files and empty:
        return "it is empty, and held files before; if that is meant, put an empty file named .mediaforgeignore there"
    return None


async def look(root: bytes, silence: float) -> Volume | None:
    """Return the volume of `root`, None where it is not there; raise RootSilent after `silence` seconds without an answer."""
    answer: Future[Volume | None] = Future()
    answer.set_running_or_notify_cancel()  # a running future cannot be cancelled, so that the thread can always set it

    def ask() -> None:
        try:
            answer.set_result(volume_of(root))
        except OSError:
            answer.set_result(None)
        except Exception as error:  # noqa: BLE001  raised again by whoever looks
            answer.set_exception(error)

    Thread(target=ask, name="look", daemon=True).start()
    try:
        async with asyncio.timeout(silence):
            return await asyncio.wrap_future(answer)
    except TimeoutError:
        shown = display_path(root)
        raise RootSilent(f"'{shown}' has not answered for {silence:g} seconds; is its drive or share awake?") from None


def volume_of(root: bytes) -> Volume:
    """Return the volume of an absolute path; raises OSError where no folder is there. Blocks where its file system does."""
    empty = _is_empty(root)  # first, since this is what makes an automounter mount it
    root = os.path.realpath(root)
    if sys.platform != "linux":
        return Volume(mount_point=os.path.ismount(root), empty=empty)
    with open("/proc/self/mountinfo", "rb") as file:
        mount = mount_of(root, file.read())
    return Volume(
        _id(root, mount),
        disk_name(mount.source, b"by-label"),
        mount_point=mount.point == root,
        network=mount.type in _NETWORK,
        empty=empty,
    )


def mount_of(path: bytes, mountinfo: bytes) -> Mount:
    """Return the mount that a resolved path is on: the deepest that it is below, and of several on one point the last."""
    best = Mount(b"", "", b"")
    for line in mountinfo.splitlines():
        before, _, after = line.partition(b" - ")  # optional fields, of any number, stand before the hyphen
        point = _unescape(before.split(b" ")[4])
        if len(point) >= len(best.point) and (path + b"/").startswith(point.rstrip(b"/") + b"/"):
            kind, source, *_ = after.split(b" ")
            best = Mount(point, kind.decode(), _unescape(source))
    return best


def disk_name(device: bytes, by: bytes, disks: bytes = _DISKS) -> str | None:
    """Return the name of the link below /dev/disk/`by` that leads to `device`, as udev unescapes it; None without one."""
    device = os.path.realpath(device)
    try:
        names = sorted(os.listdir(os.path.join(disks, by)))
    except OSError:  # no udev, as in a container
        return None
    for name in names:
        if os.path.realpath(os.path.join(disks, by, name)) == device:
            return display_path(re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), name))
    return None


def _is_empty(root: bytes) -> bool:
    try:
        with os.scandir(root) as entries:
            return next(entries, None) is None
    except PermissionError:  # it is there: the walk tells that it cannot be read
        return False


def _id(root: bytes, mount: Mount) -> str | None:
    if mount.type in _NETWORK:
        return f"{'nfs' if mount.type == 'nfs4' else mount.type}:{display_path(mount.source)}"
    if mount.type == "zfs":  # the source is pool/dataset
        return f"zfs:{display_path(mount.source)}"
    if uuid := disk_name(mount.source, b"by-uuid"):
        return f"uuid:{uuid}"
    if mount.type in _FSID_IS_UUID:
        return f"fsid:{os.statvfs(root).f_fsid:016x}"
    return None


def _unescape(field: bytes) -> bytes:
    """Undo mountinfo's octal escapes of blank, tab, newline and backslash."""
    return re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), field)
