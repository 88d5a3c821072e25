"""How values cross between a process and its workers: pickles, each behind four bytes of its length."""

from __future__ import annotations

import copyreg
import pickle
import struct
from collections.abc import Sequence
from operator import attrgetter

from mediaforge.model import Chapter, Facts, Stamp, Stream
from mediaforge.scanned import Reading

LENGTH = struct.Struct("!I")

# A frozen class with slots is pickled by what dataclasses put there, which looks its fields up for each value. What comes from
# the workers for every file takes half the time by position.
_OWNERS: tuple[type, ...] = (Stamp, Stream, Chapter, Facts, Reading)
_VALUES = {owner: attrgetter(*owner.__slots__) for owner in _OWNERS}  # type: ignore[attr-defined]  # dataclasses makes it
_SETTERS = {owner: [getattr(owner, name).__set__ for name in owner.__slots__] for owner in _OWNERS}  # type: ignore[attr-defined]


def frame(value: object) -> bytes:
    """Return the frame of a value."""
    data = pickle.dumps(value)
    return LENGTH.pack(len(data)) + data


def take(buffer: bytearray) -> tuple[object] | None:
    """Take the first whole frame off a buffer, and return its value; None where none is whole yet."""
    if len(buffer) < LENGTH.size:
        return None
    end = LENGTH.size + LENGTH.unpack_from(buffer)[0]
    if len(buffer) < end:
        return None
    data = buffer[LENGTH.size : end]
    del buffer[:end]
    return (pickle.loads(data),)  # noqa: S301  from our own process


def _reduced(value: object) -> tuple[object, tuple[type, tuple[object, ...]]]:
    owner = type(value)
    return _rebuilt, (owner, _VALUES[owner](value))


def _rebuilt(owner: type, values: Sequence[object]) -> object:
    value: object = object.__new__(owner)
    for set_value, part in zip(_SETTERS[owner], values, strict=True):
        set_value(value, part)
    return value


for _owner in _OWNERS:
    copyreg.pickle(_owner, _reduced)  # type: ignore[arg-type]  # it knows no function of three results
