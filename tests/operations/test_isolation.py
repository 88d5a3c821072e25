"""Hostile files in a real scan: each costs itself and no other, and is remembered for what it did."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from shelf import Shelf, check

from media_files import make_jpeg, make_mp3

MB = 1_000_000


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def pixel_bomb(path: Path) -> None:
    """A picture of 40 gigapixels in a hundred bytes."""
    path.with_suffix(".png").write_bytes(png(200_000, 200_000))


def text_bomb(path: Path) -> None:
    """A comment of 300 MB, as much as a worker may have, in 300 kB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(MB)) for _ in range(300)) + packer.flush()
    path.with_suffix(".png").write_bytes(png(8, 8, chunk(b"zTXt", b"Comment\0\0" + packed)))


def nested_boxes(path: Path) -> None:
    """A film whose boxes lie in one another 20,000 deep."""
    data = b""
    for _ in range(20_000):
        data = struct.pack(">I", 8 + len(data)) + b"moov" + data
    path.with_suffix(".mp4").write_bytes(struct.pack(">I", 16) + b"ftypisom\0\0\0\0" + data)


def endless_tag(path: Path) -> None:
    """A song with a tag of 250 MB, nearly all of it a hole in the file: its reader wants all of it in memory."""
    path = path.with_suffix(".mp3")
    with path.open("wb") as file:
        size = 250 * MB
        length = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))  # synchsafe, as ID3v2.4.0 section 6.2 has it
        file.write(b"ID3\x04\0\0" + length + b"APIC" + length + b"\0\0\0image/png\0\x03\0")
        file.truncate(size + 10)


@pytest.mark.parametrize("harm", [pixel_bomb, text_bomb, nested_boxes, endless_tag], ids=lambda harm: harm.__name__)
async def test_a_hostile_file_costs_itself_and_no_other(shelf: Shelf, harm: Callable[[Path], None]) -> None:
    shelf.config = replace(shelf.config, memory=300 * MB)
    for number in range(5):
        make_jpeg(shelf.folder / f"{number}.jpg", seed=number)
        make_mp3(shelf.folder / f"{number}.mp3", seed=number)
    harm(shelf.folder / "hostile")
    report = await shelf.scan()
    assert report.done + report.failed == 11
    read = await shelf.items("-is:failed")
    assert {name for name in read if not name.startswith("hostile")} == {f"{n}.{s}" for n in range(5) for s in ("jpg", "mp3")}
    assert report.exit_code == (3 if report.failed else 0)
    check(shelf.config.catalog)
    again = await shelf.scan()
    assert (again.done, again.failed, again.exit_code) == (0, 0, 0)
    assert again.known_failed == report.failed


async def test_a_file_that_wants_all_memory_is_quarantined_until_it_changes_or_somebody_asks(shelf: Shelf) -> None:
    shelf.config = replace(shelf.config, memory=120 * MB)
    make_jpeg(shelf.folder / "good.jpg")
    endless_tag(shelf.folder / "greedy")
    assert (await shelf.scan()).exit_code == 3
    [(name, item)] = (await shelf.items("is:quarantined")).items()
    assert (name, item.failure, item.error) == ("greedy.mp3", "out-of-memory", "needs more memory than its reader may have")
    assert set(await shelf.items("is:failed")) == {"greedy.mp3"}
    attempts = "SELECT facts_attempts, facts_failure FROM media WHERE suffix = 'mp3'"
    await shelf.scan()
    assert shelf.rows(attempts) == [(1, "out-of-memory")]
    report = await shelf.scan(retry=True)
    assert (report.failed, report.known_failed, report.exit_code) == (0, 1, 0)
    assert shelf.rows(attempts) == [(2, "out-of-memory")]
    make_mp3(shelf.folder / "greedy.mp3")
    assert (await shelf.scan()).done == 1
    assert await shelf.items("is:quarantined") == {}
