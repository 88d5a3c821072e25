"""Text from outside: what is stored, compared and printed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaforge.text import clean_text, display_path, fold, printable

ANY_TEXT = st.text(st.characters())  # surrogates, too


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ("Paris", "Paris"),
        ("  Paris \n", "Paris"),
        ("a\0b", "ab"),
        ("", None),
        (" \0 ", None),
        ("\udc80x", "\N{REPLACEMENT CHARACTER}x"),
        ("e\N{COMBINING ACUTE ACCENT}", "é"),
        ("x" * 200_000, "x" * 100_000),
    ],
)
def test_text_is_cleaned(value: str, cleaned: str | None) -> None:
    assert clean_text(value) == cleaned


@given(ANY_TEXT)
def test_clean_text_can_always_be_stored(value: str) -> None:
    cleaned = clean_text(value)
    assert cleaned is None or (cleaned.encode("utf-8") and "\0" not in cleaned and cleaned)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (b"/a/b.jpg", "/a/b.jpg"),
        ("/a/é.jpg".encode(), "/a/é.jpg"),
        (unicodedata.normalize("NFD", "/a/é.jpg").encode(), "/a/é.jpg"),
        (b"/a/\xff.jpg", "/a/\N{REPLACEMENT CHARACTER}.jpg"),
    ],
)
def test_paths_are_shown_as_text(path: bytes, shown: str) -> None:
    assert display_path(path) == shown


@given(st.binary())
def test_every_path_can_be_shown(path: bytes) -> None:
    assert display_path(path).encode("utf-8") is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CAFÉ", "cafe"),
        ("Straße", "STRASSE"),
        ("a  b\tc", "A b C"),
        (" edges ", "edges"),
        ("ﬁlm", "film"),
        ("İstanbul", "istanbul"),
        (unicodedata.normalize("NFD", "Ångström"), "angstrom"),
        ("が", "か"),
    ],
)
def test_text_folds_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("a b", "ab"), ("резюме", "rezyume"), ("日本", "日 本"), ("1", "2")])
def test_text_folds_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(ANY_TEXT)
def test_folding_twice_is_folding_once(value: str) -> None:
    assert fold(fold(value)) == fold(value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain é 日本", "plain é 日本"),
        ("\x1b[31mred", "\N{REPLACEMENT CHARACTER}[31mred"),
        ("two\nlines\t", "two\N{REPLACEMENT CHARACTER}lines\N{REPLACEMENT CHARACTER}"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe", "\N{REPLACEMENT CHARACTER}gpj.exe"),
    ],
)
def test_nothing_printed_drives_a_terminal(value: str, shown: str) -> None:
    assert printable(value) == shown
