"""When films were recorded, as camcorders and Windows' recorders tell: in the first frame, in the header."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

import media_files
from mediaforge.extract.draft import Draft
from mediaforge.extract.recorded import _packs, apply_asf
from mediaforge.model import Kind, TakenSource
from reading import facts_of

MDPM = bytes.fromhex("17ee8c60f84d11d98cd60800200c9a66") + b"MDPM"
NORTH, SOUTH = timezone(timedelta(hours=2)), timezone(timedelta(hours=-2))


def sei(payload: bytes) -> bytes:
    """A unit of supplemental information (H.264, 7.3.2.3) with unregistered user data, in Annex B's form."""
    size = b"\xff" * (len(payload) // 255) + bytes([len(payload) % 255])
    body = b"\x06\x05" + size + payload + b"\x80"
    return b"\0\0\0\1" + body.replace(b"\0\0\0", b"\0\0\3\0")


def camcorder(path: Path, *packs: bytes) -> Path:
    """Write a transport stream of H.264 whose first frame holds packs of an id and four bytes."""
    return media_files.make_film(path, before=sei(MDPM + bytes([len(packs)]) + b"".join(packs)) if packs else b"")


WHEN = [
    ([bytes.fromhex("1804202107"), bytes.fromhex("1904123045")], datetime(2021, 7, 4, 12, 30, 45, tzinfo=NORTH)),
    ([bytes.fromhex("1824202107"), bytes.fromhex("1904123045")], datetime(2021, 7, 4, 12, 30, 45, tzinfo=SOUTH)),
    ([bytes.fromhex("1800202107"), bytes.fromhex("1904000000")], datetime(2021, 7, 4, tzinfo=UTC)),
    ([bytes.fromhex("18ff202107"), bytes.fromhex("1904123045")], datetime(2021, 7, 4, 12, 30, 45)),
]  # fmt: skip


@pytest.mark.parametrize(("packs", "when"), WHEN)
def test_a_camcorder_tells_its_own_time(packs: list[bytes], when: datetime, tmp_path: Path) -> None:
    facts = facts_of(camcorder(tmp_path / "00001.mts", *packs, bytes.fromhex("e010111311")))
    assert facts.taken_at is not None
    assert (facts.taken_at, facts.taken_at.utcoffset()) == (when, when.utcoffset())
    assert facts.taken_source is (TakenSource.QUICKTIME_OFFSET if when.tzinfo else TakenSource.CONTAINER)
    assert (facts.camera_make, facts.origins["taken_at"]) == ("Canon", "h264:MDPM")


@pytest.mark.parametrize(
    "packs", [[], [bytes.fromhex("18002021ab"), bytes.fromhex("1904123045")], [bytes.fromhex("1800202107")]]
)
def test_what_is_no_time_is_not_told(packs: list[bytes], tmp_path: Path) -> None:
    facts = facts_of(camcorder(tmp_path / "00001.mts", *packs))
    assert (facts.taken_source, facts.camera_make, facts.video_codec) == (TakenSource.MTIME, None, "h264")


def test_packs_that_end_early() -> None:
    assert _packs(MDPM) == {}
    assert _packs(MDPM + b"\2\x18\1\2\3\4\x19") == {0x18: b"\1\2\3\4"}


@pytest.mark.parametrize(
    ("ticks", "when"),
    [(132_698_755_450_000_000, datetime(2021, 7, 4, 12, 32, 25, tzinfo=UTC)), (0, None), (2**64 - 1, None)],
)
def test_the_date_of_an_asf(ticks: int, when: datetime | None) -> None:
    draft = Draft("pyav", Kind.VIDEO)
    apply_asf(draft, bytes(30) + bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365") + bytes(32) + struct.pack("<Q", ticks))
    assert [found.when for found in draft.candidates] == ([when] if when else [])


def test_a_windows_film_tells_when_and_no_rate_that_is_its_clocks(tmp_path: Path) -> None:
    path = media_files.make_film(tmp_path / "a.wmv", video="wmv2", times=(0, 3))
    data = path.read_bytes()
    place = data.find(bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")) + 48
    path.write_bytes(data[:place] + struct.pack("<Q", 132_698_755_450_000_000) + data[place + 8 :])
    facts = facts_of(path)
    assert (facts.taken_source, facts.video_codec) == (TakenSource.CONTAINER, "wmv2")
    assert facts.fps is None or facts.fps < 100


def test_an_asf_that_ends_before_its_date() -> None:
    draft = Draft("pyav", Kind.VIDEO)
    apply_asf(draft, bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365") + bytes(39))
    assert draft.candidates == []
