"""A tree of the query language as SQL: pure, with every value a parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from mediaforge.catalog.clause import Ask, Likes, belongs, matching, with_token
from mediaforge.catalog.fields import BY_NAME, find_field
from mediaforge.catalog.fulltext import ends_in_cjk, fts_phrase, fts_word, starts_in_cjk
from mediaforge.catalog.functions import FUNCTIONS
from mediaforge.query import And, Everything, Field, Node, Not, Or, Phrase, Value, Word
from mediaforge.text import clean_text, fold

if TYPE_CHECKING:
    from mediaforge.players import Player

__all__ = ["FUNCTIONS", "Where", "asks", "where"]

# SQLite's parser has 100 places: the deepest leaf, a word, needs 43 (measured with SQLite 3.40), the statement around it a few.
_STACK = 53
_SAYS_MISSING = ("missing", "any")
# A tag's key as words between blanks.
_TAG_WORDS = "' ' || replace(replace(replace(key, '/', ' '), '-', ' '), '_', ' ') || ' '"


@dataclass(frozen=True, slots=True)
class Words:
    """A word or phrase that an item must have: the name of its FTS5 query's parameter, and a SELECT of the tags with it."""

    match: str
    tags: str

    @property
    def sql(self) -> str:
        """The condition; two subselects, since MATCH may not stand beside OR."""
        return f"({matching(f':{self.match}')} OR {belongs('media_tag', f'tag_id IN ({self.tags})')})"


@dataclass(frozen=True, slots=True)
class Where:
    """A condition over `media m`, and its `:named` parameters: the whole of it, which is `words` and `rest`."""

    sql: str
    params: dict[str, object]
    words: tuple[Words, ...] = ()
    rest: str = "1"


_NOBODYS: Mapping[str, Player] = {}
_NONE: Likes = {}


def where(tree: Node, *, text: str, now: datetime, players: Mapping[str, Player] = _NOBODYS, likes: Likes = _NONE) -> Where:
    """Return what `tree` means for `FROM media m`.

    `text` is the query, for carets; `now` is aware and in the person's time zone, whose days and hours the query means;
    `players` are the person's own, for `playable:`; `likes` are what `like:` means (without, it finds nothing).
    Missing items are left out unless the query speaks of them (`is:missing`, `is:any`, `state:`). The connection has
    `functions.FUNCTIONS`. Raises QueryError for unknown fields and for values that do not fit.
    """
    if now.utcoffset() == now.astimezone().utcoffset() and isinstance(now.tzinfo, timezone):
        now = now.replace(tzinfo=None)  # the system's zone, which knows summer time; the offset of today does not
    ask = Ask(clean_text(text) or "", now, players, likes)
    items = tree.items if isinstance(tree, And) else (tree,)
    words = tuple(_words(ask, item) for item in items if isinstance(item, Word | Phrase))
    others = [_sql(ask, item) for item in items if not isinstance(item, Word | Phrase)]
    if any(stack + 1 > _STACK for _sql, stack in others):
        ask.refuse("so many brackets are too deep in one another for the catalogue; write it flatter", tree.span)
    present = [] if _speaks_of_missing(tree) else ["m.missing_at IS NULL"]
    rest = " AND ".join([*present, *(sql for sql, _stack in others)]) or "1"
    return Where(" AND ".join([rest, *(each.sql for each in words)]), ask.params, words, rest)


def _sql(ask: Ask, tree: Node) -> tuple[str, int]:
    """Return a condition, and how many places it takes on the stack of SQLite's parser beside those of its leaves."""
    match tree:
        case Everything():
            return "1", 0
        case Word() | Phrase():
            return _words(ask, tree).sql, 0
        case Field():
            return find_field(ask, tree).build(ask, tree), 0
        case Not(item):
            sql, stack = _sql(ask, item)
            return f"({sql} IS NOT TRUE)", stack + 1
        case And(items):
            return _joined([_sql(ask, item) for item in items], " AND ")
        case Or(items):
            return _joined([_sql(ask, item) for item in items], " OR ")


def _joined(parts: list[tuple[str, int]], by: str) -> tuple[str, int]:
    """Return conditions joined, the deepest first, where only a bracket stands before it, and not a condition too."""
    parts.sort(key=lambda part: part[1], reverse=True)
    return f"({by.join(sql for sql, _ in parts)})", max(parts[0][1] + 1, parts[1][1] + 3)


def _words(ask: Ask, node: Word | Phrase) -> Words:
    whole, text = isinstance(node, Phrase), with_token(ask, node)
    tags = f"{_TAG_WORDS} LIKE {ask.bind(_tag_pattern(text, whole=whole))} ESCAPE '\\'"
    known = f"SELECT id FROM tag WHERE {tags} UNION ALL SELECT tag_id FROM tag_alias WHERE {tags}"
    return Words(ask.bind(fts_phrase(text) if whole else fts_word(text)).removeprefix(":"), known)


def _tag_pattern(text: str, *, whole: bool) -> str:
    """Return a LIKE pattern for the words of `text` in a row; ideographs are words without blanks."""
    words = " ".join("".join(c if c.isalnum() else " " for c in fold(text)).split())
    before = "%" if starts_in_cjk(words) else "% "
    return before + words + (" %" if whole and not ends_in_cjk(words) else "%")


def asks(tree: Node, name: str) -> bool:
    """Tell whether a query asks for a field, by whichever of its names."""
    match tree:
        case And(items) | Or(items):
            return any(asks(item, name) for item in items)
        case Not(item):
            return asks(item, name)
        case Field(written):
            spec = BY_NAME.get(written.lower().replace("-", "_"))
            return spec is not None and spec.name == name
    return False


def _speaks_of_missing(tree: Node) -> bool:
    match tree:
        case And(items) | Or(items):
            return any(map(_speaks_of_missing, items))
        case Not(item):
            return _speaks_of_missing(item)
        case Field(name, _, values):
            spec = BY_NAME.get(name.lower())
            asked = {value.text.strip().lower() for value in values if isinstance(value, Value)}
            return spec is not None and (spec.name == "state" or (spec.name == "is" and not asked.isdisjoint(_SAYS_MISSING)))
    return False
