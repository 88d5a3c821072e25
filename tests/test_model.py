"""The words of the domain: frozen, slotted, and in agreement with the schema."""

from __future__ import annotations

import dataclasses
import inspect
from enum import StrEnum

import pytest

from mediaforge import identity, model, scanned
from mediaforge.catalog.columns import FACT_COLUMNS
from mediaforge.catalog.scans import COUNTERS
from mediaforge.events import Planned, nobody
from mediaforge.model import RAW_SUFFIXES, SUFFIXES, Facts, Kind

VALUES = [
    value
    for module in (model, scanned, identity)
    for _name, value in inspect.getmembers(module, dataclasses.is_dataclass)
    if value.__module__ == module.__name__
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__name__)
def test_values_are_frozen_and_slotted(value: type) -> None:
    parameters = value.__dataclass_params__  # type: ignore[attr-defined]
    assert parameters.frozen and "__slots__" in vars(value)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__name__)
def test_unknown_is_none_and_never_an_empty_text_or_a_nought(value: type) -> None:
    for field in dataclasses.fields(value):
        if str(field.type).endswith("| None") and field.default is not dataclasses.MISSING:
            assert field.default is None, f"{value.__name__}.{field.name}"


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("mp4", Kind.VIDEO),
        ("ts", Kind.VIDEO),
        ("mka", Kind.AUDIO),
        ("opus", Kind.AUDIO),
        ("jpg", Kind.IMAGE),
        ("cr3", Kind.IMAGE),
    ],
)
def test_suffixes_tell_kinds(suffix: str, kind: Kind) -> None:
    assert SUFFIXES[suffix] is kind


def test_suffixes_cover_what_the_program_promises() -> None:
    promised = (
        "mp4 m4v mov mkv webm avi wmv flv ts m2ts mts mpg mpeg 3gp ogv vob divx mp3 flac m4a m4b aac ogg oga opus wav aiff ape"
        " wv mpc wma dsf mka jpg jpeg png gif webp tif tiff bmp heic heif avif jxl dng cr2 cr3 nef arw raf orf rw2 pef srw"
    )
    assert set(promised.split()) <= set(SUFFIXES)
    assert all(suffix == suffix.lower().strip(".") for suffix in SUFFIXES)
    assert all(SUFFIXES[suffix] is Kind.IMAGE for suffix in RAW_SUFFIXES)


def test_every_fact_has_its_column() -> None:
    apart = {"reader", "kind", "streams", "taken_at"}  # columns of the row, a table of its own, taken_local and taken_offset
    assert {field.name for field in dataclasses.fields(Facts)} - apart == set(FACT_COLUMNS) - {"taken_local", "taken_offset"}


def test_every_number_of_a_plan_is_a_counter_of_its_scan() -> None:
    assert set(Planned.__slots__) <= set(COUNTERS)


def test_words_of_enums_are_what_is_stored() -> None:
    enums = [value for _name, value in inspect.getmembers(model, inspect.isclass) if issubclass(value, StrEnum)]
    words = [word.value for kind in enums if kind is not StrEnum for word in kind]
    assert words and all(word == word.lower() and " " not in word for word in words)


def test_nobody_hears_anything() -> None:
    assert nobody(Planned(new=1)) is None  # type: ignore[func-returns-value]
