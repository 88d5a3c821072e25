from __future__ import annotations

import pickle
from datetime import UTC, datetime

import pytest

from mediaforge.build.frames import frame, take
from mediaforge.model import Chapter, Facts, Failure, Kind, Stamp, Stream, StreamType, TakenSource
from mediaforge.scanned import Failed, Reading

FACTS = Facts(
    reader="pyav",
    kind=Kind.AUDIO,
    duration=1.5,
    streams=(Stream(0, StreamType.AUDIO, "aac", channels=2), Stream(1, StreamType.VIDEO, attached_picture=True)),
    chapters=(Chapter(0.0, 1.5, "one"), Chapter(1.5)),
    taken_at=datetime(2021, 7, 4, 12, tzinfo=UTC),
    taken_source=TakenSource.EXIF,
    keywords=("a", "b"),
    extra={"encoder": "Lavf"},
    origins={"duration": "pyav:duration"},
)
VALUES = [
    None,
    "text",
    Stamp(1, 2),
    FACTS,
    Reading(Stamp(3, 4), -5, "ab", FACTS, "cd"),
    Failed(Failure.UNREADABLE, "is empty", Stamp(0, 1)),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_comes_out_as_it_went_in(value: object) -> None:
    buffer = bytearray(frame(value))
    assert take(buffer) == (value,)
    assert not buffer


def test_frames_are_taken_whole_and_in_order() -> None:
    data = frame(VALUES[4]) + frame(None) + frame("last")
    for cut in range(len(data)):
        buffer, found = bytearray(data[:cut]), list[object]()
        while told := take(buffer):
            found += told
        buffer += data[cut:]
        while told := take(buffer):
            found += told
        assert found == [VALUES[4], None, "last"]


def test_what_comes_for_every_file_is_pickled_by_position() -> None:
    assert b"fingerprint" not in pickle.dumps(VALUES[4])
    assert b"_rebuilt" in pickle.dumps(VALUES[4])
