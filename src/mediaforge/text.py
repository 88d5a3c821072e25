"""Text from outside, made safe to store, to compare and to print."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 100_000  # characters; a comment of a megabyte is not a title
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean_text(value: str) -> str | None:
    """Return `value` in NFC without surrogates (they become U+FFFD), NULs and outer blanks; None if nothing is left."""
    if not value.isascii():
        value = unicodedata.normalize("NFC", _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", value))
    return value.replace("\0", "").strip()[:_LONGEST] or None


def display_path(path: bytes) -> str:
    """Return a path as text to show and to search: NFC, U+FFFD for bytes that are not UTF-8."""
    text = path.decode("utf-8", "replace")
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fold(value: str) -> str:
    """Return `value` as it is compared: without case and accents, white space runs as one blank."""
    if not value.isascii():
        decomposed = unicodedata.normalize("NFKD", value.casefold())
        value = unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
    return " ".join(value.casefold().split())


def printable(value: str) -> str:
    """Return `value` fit for a terminal: control characters, which could drive it, become U+FFFD."""
    if value.isprintable():
        return value
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)
