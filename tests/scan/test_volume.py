from __future__ import annotations

import os
from pathlib import Path

import pytest
from harmed import harmed

from mediaforge.scan.volume import Mount, Volume, disk_name, is_offline, look, mount_of, volume_of
from trees import make_tree

MOUNTINFO = rb"""22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 22 8:1 / /media/My\040Drive rw shared:1 master:2 - exfat /dev/sdb1 rw
41 22 0:50 / /mnt/nas rw - nfs4 nas:/export/media rw,vers=4.2
42 22 0:51 / /mnt/nas2 rw - autofs systemd-1 rw
43 42 0:52 / /mnt/nas2 rw - cifs //nas/photos\134x rw
44 22 0:53 /sub /home rw - btrfs /dev/mapper/root rw
"""

MOUNTS = [
    (b"/", Mount(b"/", "ext4", b"/dev/vda")),
    (b"/media/My Drive", Mount(b"/media/My Drive", "exfat", b"/dev/sdb1")),
    (b"/media/My Drive/a/b", Mount(b"/media/My Drive", "exfat", b"/dev/sdb1")),
    (b"/media/My Drive 2", Mount(b"/", "ext4", b"/dev/vda")),
    (b"/mnt/nas/x", Mount(b"/mnt/nas", "nfs4", b"nas:/export/media")),
    (b"/mnt/nas2/x", Mount(b"/mnt/nas2", "cifs", b"//nas/photos\\x")),  # the last of two on one point is on top
    (b"/home/me", Mount(b"/home", "btrfs", b"/dev/mapper/root")),
]


@pytest.mark.parametrize(("path", "mount"), MOUNTS)
def test_the_mount_of_a_path(path: bytes, mount: Mount) -> None:
    assert mount_of(path, MOUNTINFO) == mount


def test_the_name_of_a_device(tmp_path: Path) -> None:
    make_tree(tmp_path, {"sda": b"", "sdb1": b"", "dm-0": b"", "mapper": {}, "by-uuid": {}, "by-label": {}})
    for link, target in {
        "by-uuid/ABCD-1234": "../sdb1",
        "by-uuid/11111111-2222-3333-4444-555555555555": "../dm-0",
        "by-label/My\\x20Drive": "../sdb1",
        "mapper/root": "../dm-0",
    }.items():
        os.symlink(target, tmp_path / link)
    disks = os.fsencode(tmp_path)
    assert disk_name(disks + b"/sdb1", b"by-uuid", disks) == "ABCD-1234"
    assert disk_name(disks + b"/sdb1", b"by-label", disks) == "My Drive"
    assert disk_name(disks + b"/mapper/root", b"by-uuid", disks) == "11111111-2222-3333-4444-555555555555"
    assert disk_name(disks + b"/sda", b"by-uuid", disks) is None
    assert disk_name(disks + b"/sda", b"by-nothing", disks) is None


def test_the_volume_of_this_machine_stays_the_same(tmp_path: Path) -> None:
    root = make_tree(tmp_path, {"a": {"b.jpg": b""}, "empty": {}})
    assert volume_of(root) == volume_of(root + b"/a")
    assert volume_of(root).mount_point is False
    assert volume_of(root + b"/empty") == Volume(volume_of(root).id, volume_of(root).label, empty=True)
    os.symlink("/", tmp_path / "link")
    assert volume_of(root + b"/link").mount_point is True


@pytest.mark.parametrize("point", [b"/proc", b"/dev"])
def test_what_lasts_until_the_next_boot_has_no_identity(point: bytes) -> None:
    assert volume_of(point) == Volume(mount_point=True)


async def test_looking_at_what_is_there_and_what_is_not(tmp_path: Path) -> None:
    root = make_tree(tmp_path, {"a.jpg": b""})
    assert await look(root, 60) == volume_of(root)
    assert await look(root + b"/gone", 60) is None
    assert await look(root + b"/a.jpg", 60) is None


def test_looking_at_a_stalled_share_ends(tmp_path: Path) -> None:
    make_tree(tmp_path, {"share": {}})
    assert harmed("stalled_look", tmp_path) == {
        "error": "RootSilent",
        "message": f"'{tmp_path}/share' has not answered for 0.3 seconds; is its drive or share awake?",
    }


def test_mounting_is_seen(tmp_path: Path) -> None:
    make_tree(tmp_path, {"share": {}})
    assert harmed("mounted", tmp_path) == {
        "mount points": [False, True, False],
        "empty": [True, False, True],
        "tmpfs": None,
    }


HERE = Volume("uuid:1", mount_point=True)
OFFLINE = [
    (HERE, HERE, True, False, None),
    (HERE, None, True, False, "it is not there"),
    (HERE, None, False, False, "it is not there"),
    (HERE, Volume("uuid:1"), True, False, "nothing is mounted there"),
    (HERE, Volume("uuid:2", mount_point=True), True, False, "another volume is there"),
    (HERE, Volume("fsid:2", mount_point=True), True, False, None),
    (HERE, Volume(None, mount_point=True), True, False, None),
    (Volume(None), Volume("uuid:1", mount_point=True), True, False, None),
    (
        HERE,
        HERE,
        True,
        True,
        "it is empty, and held files before; if that is meant, put an empty file named .mediaforgeignore there",
    ),
    (HERE, HERE, False, True, None),
]


@pytest.mark.parametrize(("known", "now", "had_files", "empty", "why"), OFFLINE)
def test_when_a_root_is_offline(known: Volume, now: Volume | None, had_files: bool, empty: bool, why: str | None) -> None:
    assert is_offline(known, now, had_files=had_files, empty=empty) == why
