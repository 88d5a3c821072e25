"""Text for FTS5, the same for what is indexed and what is asked."""

from __future__ import annotations

import re
from functools import cache

# Scripts without blanks between words, which unicode61 would index as one long token: bopomofo, kana, hangul, ideographs.
_CJK = "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u318f"
_CJK += "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc"
_CJK += "\U0001b000-\U0001b16f\U00020000-\U0003ffff"
_CHARACTER = f"[{_CJK}][\u3099\u309a]?"  # with its voiced sound mark, where NFC leaves one


@cache
def _pattern(behind: str = "") -> re.Pattern[str]:
    """Return the pattern of such a character, compiled when the first text comes that is not ASCII: that takes 5 ms."""
    return re.compile(_CHARACTER + behind)


def fts_text(text: str) -> str:
    """Return `text` with each character of a run of CJK, kana or hangul standing alone between blanks."""
    return text if text.isascii() else _pattern().sub(r" \g<0> ", text)


def has_token(text: str) -> bool:
    """Tell whether there is a letter or digit in `text`, which a search needs."""
    return any(c.isalnum() for c in text)


def fts_word(word: str) -> str:
    """Return an FTS5 string for the words in `word`, in a row, the last of them a beginning.

    One ideograph is a word, never the beginning of one.
    """
    return fts_phrase(word) + ("" if ends_in_cjk(word) else "*")


def fts_phrase(phrase: str) -> str:
    """Return an FTS5 string for the whole words in `phrase`, in a row."""
    return '"' + fts_text(phrase).replace('"', " ") + '"'


def starts_in_cjk(text: str) -> bool:
    """Tell whether `text` starts with a character that is a word by itself."""
    return not text.isascii() and _pattern().match(text) is not None


def ends_in_cjk(text: str) -> bool:
    """Tell whether `text` ends with a character that is a word by itself."""
    return not text.isascii() and _pattern(r"\W*$").search(text) is not None
