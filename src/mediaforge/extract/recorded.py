"""When a film was recorded and by whose camera, where no library hands it out: AVCHD's MDPM, and the date of an ASF."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from typing import Any

from mediaforge.extract.draft import Draft
from mediaforge.extract.taken import candidate
from mediaforge.model import TakenSource

# Camcorders write "modified digital video pack metadata" into user data of the first frame, in packs of an id and four bytes.
_MDPM = bytes.fromhex("17ee8c60f84d11d98cd60800200c9a66") + b"MDPM"
_DAY, _CLOCK, _MAKER = 0x18, 0x19, 0xE0
_MAKERS = {0x0103: "Panasonic", 0x0108: "SONY", 0x1011: "Canon", 0x1104: "JVC"}
# The file properties object of an ASF (ASF specification, 3.2): its id, its length, the file's id, its size, its date.
_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_SINCE = datetime(1601, 1, 1, tzinfo=UTC)


def apply_camcorder(draft: Draft, container: Any, stream: Any) -> None:
    """Put what a camcorder wrote into the first frame of an H.264 stream: local time with its offset, and its maker."""
    import av

    try:
        frame = bytes(next(container.demux(stream), b""))
    except av.error.FFmpegError:  # what the header said stands all the same
        return
    packs = _packs(frame)
    draft.put("camera_make", _MAKERS.get(int.from_bytes(packs.get(_MAKER, b"")[:2], "big")), "h264:MDPM")
    if _DAY in packs and _CLOCK in packs:
        told = (packs[_DAY][1:] + packs[_CLOCK]).hex()  # in decimal digits: century, year, month, day, hour, minute, second
        if told.isdecimal():
            zone = _offset(packs[_DAY][0])
            when = f"{told[:4]}:{told[4:6]}:{told[6:8]} {told[8:10]}:{told[10:12]}:{told[12:]}{zone}"
            source = TakenSource.QUICKTIME_OFFSET if zone else TakenSource.CONTAINER
            draft.taken(candidate(source, when, "h264:MDPM"))


def _packs(frame: bytes) -> dict[int, bytes]:
    place = frame.find(_MDPM)
    if place < 0:
        return {}
    # A byte 3 after two zeros only keeps them from looking like a start code (H.264, 7.4.1).
    data = frame[place + len(_MDPM) : place + len(_MDPM) + 2 + 6 * 255].replace(b"\0\0\3", b"\0\0")
    count = data[0] if data else 0
    return {data[at]: data[at + 1 : at + 5] for at in range(1, min(1 + 5 * count, len(data) - 4), 5)}


def _offset(zone: int) -> str:
    """Return `+02:00`; empty where the camcorder knew none (bit 7), or one that is none."""
    hours, half = zone >> 1 & 0x0F, zone & 1
    return "" if zone & 0x80 or hours > 14 else f"{'-' if zone & 0x20 else '+'}{hours:02}:{'30' if half else '00'}"


def apply_asf(draft: Draft, head: bytes) -> None:
    """Put the date of an ASF's header, which is when its recording or encoding began."""
    place = head.find(_PROPERTIES)
    if place < 0 or len(head) < place + 56:
        return
    (ticks,) = struct.unpack_from("<Q", head, place + 48)  # of 100 ns
    try:
        when = _SINCE + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return
    draft.taken(candidate(TakenSource.CONTAINER, when, "asf:CreationDate"))
