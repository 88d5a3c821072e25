"""Which changes concern a catalogue, and how few paths are scanned for them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mediaforge.operations.listen import beside, concerned, few, is_behind_link, is_media, obstacle

ROOT = b"/lib"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/lib/a.jpg", b"/lib/a.jpg"),
        (b"/lib/a/b\xe9.mp4", b"/lib/a/b\xe9.mp4"),
        (b"/lib/a", b"/lib/a"),
        (b"/lib/notes.txt", b"/lib/notes.txt"),  # it may be a folder: who looks at it knows
        (b"/lib", None),  # that is looked at anyway
        (b"/lib/.hidden.jpg", None),
        (b"/lib/.git/x.jpg", None),
        (b"/lib/a/@eaDir/x.jpg", None),
        (b"/lib/$recycle.bin", None),
        (b"/lib/a/.mediaforgeignore", b"/lib/a"),
        (b"/lib/.a/.mediaforgeignore", None),
        (b"/private/lib/a.jpg", ROOT),
    ],
)
def test_what_is_to_be_looked_at(path: bytes, expected: bytes | None) -> None:
    assert concerned(ROOT, path) == expected


def test_a_library_may_be_the_root_of_all() -> None:
    assert concerned(b"/", b"/a/b.jpg") == b"/a/b.jpg"
    assert concerned(b"/", b"/.a/b.jpg") is None


@pytest.mark.parametrize(
    ("name", "expected"), [(b"a.jpg", True), (b"A.JPG", True), (b"a.txt", False), (b"jpg", False), (b".jpg", False)]
)
def test_media_by_suffix(name: bytes, expected: bool) -> None:
    assert is_media(b"/lib/" + name) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.xmp", ["a.jpg", "a.mp4"]),
        ("a.jpg.json", ["a.jpg", "a.mp4"]),
        ("a.en.srt", ["a.mp4"]),
        ("a-thumb.jpg", ["a.mp4"]),
        ("c.xmp", []),
        ("notes.txt", []),
        ("a.jpg", []),
        ("tvshow.nfo", ["."]),
        ("gone/a.xmp", []),
    ],
)
def test_whose_sidecar_changed(tmp_path: Path, name: str, expected: list[str]) -> None:
    for other in ("a.jpg", "a.mp4", "b.jpg", "notes.txt"):
        (tmp_path / other).touch()
    found = beside(os.fsencode(tmp_path / name))
    assert sorted(os.path.relpath(os.fsdecode(path), tmp_path) for path in found) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ([], []),
        ([b"/lib/a.jpg"], [b"/lib/a.jpg"]),
        ([b"/lib/a/b.jpg", b"/lib/a", b"/lib/a-b/c.jpg", b"/lib/a/d/e.jpg"], [b"/lib/a-b/c.jpg", b"/lib/a"]),
        ([b"/lib/a", b"/lib"], [b"/lib"]),
        ([b"/lib/a/%d.jpg" % n for n in range(21)], [b"/lib/a"]),
        ([b"/lib/%d.jpg" % n for n in range(21)] + [b"/two/x.jpg"], [b"/lib", b"/two/x.jpg"]),
        ([b"/lib/%d/%d.jpg" % (n // 2, n) for n in range(500)] + [b"/two/x.jpg"], [b"/lib", b"/two"]),
        ([b"/lib", b"/two"], [b"/lib", b"/two"]),
    ],
)
def test_few_paths_are_scanned(changed: list[bytes], expected: list[bytes]) -> None:
    assert few(changed, [b"/lib", b"/two"]) == expected


def test_many_folders_beside_each_other_become_theirs() -> None:
    assert few([b"/lib/%d" % n for n in range(21)], [b"/lib"]) == [b"/lib"]


def test_what_a_link_leads_to_is_not_walked(tmp_path: Path) -> None:
    (tmp_path / "lib" / "a").mkdir(parents=True)
    (tmp_path / "lib" / "link").symlink_to("a")
    (tmp_path / "root").symlink_to("lib")
    for root in ("lib", "root"):  # the root itself may be a link
        folder = os.fsencode(tmp_path / root)
        assert is_behind_link(folder, folder + b"/link/x.jpg")
        assert not is_behind_link(folder, folder + b"/a/x.jpg")
        assert not is_behind_link(folder, folder + b"/gone/deep/x.jpg")
        assert not is_behind_link(folder, folder + b"/x.jpg")


def test_obstacles(tmp_path: Path) -> None:
    assert obstacle(os.fsencode(tmp_path)) is None
    assert obstacle(os.fsencode(tmp_path) + b"/caf\xe9") == "its name is not UTF-8"
    assert obstacle(os.fsencode(tmp_path / "gone")) is not None
