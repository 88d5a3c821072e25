"""Beginnings of words in the full text, spelled out.

FTS5 gives the hits of a word newest first, one after the other, so that a search for fifty ends at once. For a beginning
that is longer than the index of beginnings it collects all hits of all words first: 20 ms for a common one. So such words
are looked up, one step down the list of all words each, and asked as words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mediaforge.catalog.database import Catalogue

_MATCHED = re.compile(r"media_fts MATCH :(\w+)")
_BEGINNING = re.compile(r'((?:\w+ : )?)"([A-Za-z0-9]{4,})"\*')  # of ASCII alone: FTS5 folds others by rules of its own
_MOST = 24  # words; 50 µs each
_WORDS = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.media_word USING fts5vocab(main, media_fts, instance)"


async def spelled_out(catalogue: Catalogue, sql: str, params: Mapping[str, object]) -> dict[str, object]:
    """Return `params` with what is matched as a beginning in `sql` matched as all words that begin so, where they are few."""
    spelled = dict(params)
    for name in _MATCHED.findall(sql):
        asked = _BEGINNING.fullmatch(str(params[name]))
        words = await _words(catalogue, asked[2].lower()) if asked else []
        if asked and len(words) <= _MOST:
            any_word = " OR ".join(f'"{word}"' for word in words or [asked[2]])
            spelled[name] = f"{asked[1]}({any_word})"
    return spelled


async def _words(catalogue: Catalogue, beginning: str) -> list[str]:
    """Return the words of the full text that begin so; one more than are wanted where there are too many."""
    await catalogue.execute(_WORDS)
    rows = await catalogue.fetch(
        """WITH RECURSIVE word (term) AS (
            SELECT (SELECT v.term FROM temp.media_word v WHERE v.term >= :low LIMIT 1)
            UNION ALL
            SELECT (SELECT v.term FROM temp.media_word v WHERE v.term >= word.term || char(1) LIMIT 1)
            FROM word WHERE word.term < :high)
        SELECT term FROM word WHERE term < :high LIMIT :most""",
        {"low": beginning, "high": beginning + "\U0010ffff", "most": _MOST + 1},
    )
    return [row[0] for row in rows]
