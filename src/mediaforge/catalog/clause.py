"""The pieces that fields are made of: what is asked so far, and builders that turn one field of a query into SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from mediaforge.catalog.fulltext import fts_phrase, fts_word, has_token
from mediaforge.catalog.functions import compile_pattern
from mediaforge.catalog.values import Reader, Reading
from mediaforge.errors import QueryError
from mediaforge.model import MediaId
from mediaforge.query import Field, Phrase, Range, Span, Value, Word
from mediaforge.text import fold

if TYPE_CHECKING:
    from mediaforge.players import Player

Likes = Mapping[tuple[MediaId, int | None], Sequence[MediaId]]
_NONE: Likes = {}

_LONGEST_PATTERN = 20_000  # bytes; SQLite refuses LIKE patterns above 50,000


class Ask:
    """One query while it becomes SQL: its text for carets, its clock, the person's players, its parameters so far.

    `likes` are the items that `like:` means, by what it asks for (likeness.Asked).
    """

    def __init__(self, text: str, now: datetime, players: Mapping[str, Player], likes: Likes = _NONE) -> None:
        self.text, self.now, self.players, self.likes = text, now, players, likes
        self.params: dict[str, object] = {}

    def bind(self, value: object) -> str:
        """Return the name that stands for `value` in the SQL."""
        name = f"q{len(self.params)}"
        self.params[name] = value
        return f":{name}"

    def refuse(self, message: str, span: Span, hint: str | None = None) -> NoReturn:
        """Raise a QueryError that points at `span`."""
        raise QueryError(message, text=self.text, start=span[0], end=span[1], hint=hint)


Builder = Callable[[Ask, Field], str]
_One = Callable[[Ask, str, Value], str]  # ask, operator, value

COMPARED = "= > >= < <= a..b a.. ..b"
TEXT = "= ~"
PLAIN = "="


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: its names, how it is built, the operators it takes, one line of help, one example.

    `sql` is what `has:` asks to be not null, where a plain expression says it.
    """

    name: str
    aliases: tuple[str, ...]
    build: Builder
    operators: str
    help: str
    example: str
    sql: str | None = None


def any_of(parts: Iterable[str]) -> str:
    """Return conditions joined by OR, in brackets."""
    return f"({' OR '.join(parts)})"


def matching(words: str) -> str:
    """Return a condition that an item's full text matches an FTS5 query, which the parameter `words` stands for."""
    return f"m.newest IN (SELECT rowid FROM media_fts WHERE media_fts MATCH {words})"


def belongs(table: str, condition: str = "1") -> str:
    """Return a condition that an item has a row in `table` of which `condition` holds."""
    return f"m.id IN (SELECT media_id FROM {table} WHERE ({condition}))"


# Of two files with one fingerprint, a SHA-256 says whether they are the same, where both have one. Two rows are one file where
# they are links to it, or its folder lies in two libraries: the same inode of the same volume. All of this is as flat as it can
# be, since SQLite's parser has few places (where.py).
_LIKE_IT = """media d JOIN library dl ON dl.id = d.library_id WHERE d.fingerprint = m.fingerprint AND d.size = m.size
    AND d.size > 0 AND coalesce(d.sha256 = m.sha256, 1)"""
_HAS_COPY = f"""EXISTS (SELECT 1 FROM library l JOIN {_LIKE_IT} AND l.id = m.library_id AND d.missing_at IS NULL
    AND d.id <> m.id AND (d.inode <> m.inode OR d.mtime_ns <> m.mtime_ns OR dl.volume IS NOT l.volume))"""
SHARED = """SELECT fingerprint FROM media INDEXED BY ix_media_fingerprint WHERE fingerprint IS NOT NULL
    GROUP BY fingerprint HAVING count(*) > 1"""
"""The fingerprints of more than one row: of a million, an index alone tells them in a fraction of a second."""
DUPLICATE = f"""m.id IN (SELECT m.id FROM ({SHARED}) s CROSS JOIN media m INDEXED BY ix_media_fingerprint
    ON m.fingerprint = s.fingerprint WHERE {_HAS_COPY})"""
"""The condition that an item has a copy: another file that is not missing and has the same content, as far as is known."""
FILE = "m.inode || ' ' || m.mtime_ns || ' ' || coalesce(l.volume, '')"
"""What two names of the file of an item `m` in a library `l` have in common."""
_FILES = FILE.replace("m.", "d.").replace("l.", "dl.")
COPIES = f"""CASE WHEN m.fingerprint IS NULL OR m.size = 0 THEN NULL WHEN {DUPLICATE} THEN (SELECT count(DISTINCT {_FILES})
    FROM {_LIKE_IT} AND (d.missing_at IS NULL OR d.id = m.id)) ELSE 1 END"""
"""How many files have the content of an item, itself among them."""


def newest_first(sql: str) -> str:
    """Return a condition as it is best asked of items between `:oldest` and `:newest`, which are read one after the other.

    `matching` looks for hits between these alone, and `belongs` at an item's own rows: to collect all that a common word
    or tag has costs 1 µs each, however few are wanted. So does `DUPLICATE`.
    """
    sql = sql.replace(DUPLICATE, _HAS_COPY)
    sql = sql.replace("WHERE media_fts MATCH", "WHERE rowid BETWEEN :oldest AND :newest AND media_fts MATCH")
    return re.sub(
        r"m\.id IN \(SELECT media_id FROM (\w+) WHERE ", r"EXISTS (SELECT 1 FROM \1 WHERE \1.media_id = m.id AND ", sql
    )


def each(one: _One, operators: str) -> Builder:
    """Return a builder that asks for any of a field's values; a range is the text that it looks like."""

    def build(ask: Ask, field: Field) -> str:
        if field.op not in ("", *operators.split()):
            told = " or ".join(operators.split())
            hint = f"write {field.name}:VALUE, or an operator among {told}"
            ask.refuse(f"{field.name!r} cannot be asked with {field.op!r}", field.span, hint)
        return any_of(one(ask, field.op, _as_text(value)) for value in field.values)

    return build


def _as_text(value: Value | Range) -> Value:
    if isinstance(value, Value):
        return value
    return Value("..".join(end.text if end else "" for end in (value.low, value.high)), value.span)


def compared(sql: str, reader: Reader, *, bound: Callable[[str, str], str] | None = None) -> Builder:
    """Return a builder for what has an order: equality, comparison and ranges of what `reader` reads.

    `bound` gives for an operator among < <= > >= and a parameter what follows from it for an index.
    """

    def _is(ask: Ask, op: str, value: object) -> str:
        name = ask.bind(value)
        return f"{sql} {op} {name} AND {bound(op, name)}" if bound else f"{sql} {op} {name}"

    def build(ask: Ask, field: Field) -> str:
        if field.op == "~":
            hint = f"it takes {COMPARED}"
            ask.refuse(f"{field.name!r} is no text, and cannot be asked with '~'", field.span, hint)
        if field.op not in ("", "=") and (len(field.values) > 1 or isinstance(field.values[0], Range)):
            hint = f"write {field.name}:a..b for a range, {field.name}:a,b for a list"
            ask.refuse(f"{field.op!r} compares with one value", field.span, hint)
        return any_of(_comparison(ask, field, value) for value in field.values)

    def _comparison(ask: Ask, field: Field, value: Value | Range) -> str:
        if isinstance(value, Range):
            ends = [(op, read(ask, reader, end)) for op, end in ((">=", value.low), ("<=", value.high)) if end]
            if len(ends) == 2 and _lowest(ends[0][1]) > _lowest(ends[1][1]):
                ask.refuse("this range goes backwards; write its lower end first", _span(value))
            return " AND ".join(_bound(ask, op, reading) for op, reading in ends)
        reading = read(ask, reader, value)
        if field.op not in ("", "="):
            return _bound(ask, field.op, reading)
        if reading.low != reading.high:
            return f"{_is(ask, '>=', reading.low)} AND {_is(ask, '<', reading.high)}"
        if reading.point is not None:
            hint = f"write {value.text}.. for since then, ..{value.text} for until then"
            ask.refuse(f"{value.text!r} is a moment, and nothing is of exactly then", value.span, hint)
        return f"{sql} = {ask.bind(reading.low)}"

    def _bound(ask: Ask, op: str, reading: Reading) -> str:
        if reading.point is not None or reading.low == reading.high:
            return _is(ask, op, reading.low if reading.point is None else reading.point)
        past = {">": (">=", reading.high), ">=": (">=", reading.low), "<": ("<", reading.low), "<=": ("<", reading.high)}
        return _is(ask, *past[op])

    return build


def _lowest(reading: Reading) -> Any:
    return reading.low if reading.point is None else reading.point


def _span(value: Range) -> Span:
    ends = [end.span for end in (value.low, value.high) if end]
    return ends[0][0], ends[-1][1]


def read(ask: Ask, reader: Reader, value: Value) -> Reading:
    """Return what `reader` makes of a value; raises QueryError with the reader's own words about what is right."""
    try:
        return reader(value.text, ask.now)
    except ValueError as error:
        ask.refuse(f"{value.text!r} does not fit here; {error}", value.span)


def words(column: str, *sql: str, among: str = "{}") -> Builder:
    """Return a builder for texts of a column of media_fts, whose originals `sql` tells.

    Without an operator the words of the value stand in a row, the last may be a beginning. `=` is the whole text, `~` a
    regular expression. `among` surrounds conditions on the originals where they are elements of a list.
    """

    def one(ask: Ask, op: str, value: Value) -> str:
        if op == "~":
            return among.format(_matches(ask, value, sql))
        if op == "":
            return _in_column(ask, column, fts_word(with_token(ask, value)))
        same = among.format(any_of(f"folded({each_sql}) = {ask.bind(fold(value.text))}" for each_sql in sql))
        if not has_token(value.text):
            return same
        return f"({_in_column(ask, column, fts_phrase(value.text))} AND {same})"  # the index first, it is quick

    return each(one, TEXT)


def _in_column(ask: Ask, column: str, quoted: str) -> str:
    return matching(ask.bind(f"{column} : {quoted}"))


def with_token(ask: Ask, value: Value | Word | Phrase) -> str:
    """Return the text of a value that has a letter or digit; raises QueryError if it has none."""
    if not has_token(value.text):
        ask.refuse(f"{value.text!r} has no letter or digit to search for; add one, or remove it", value.span)
    return value.text


def _matches(ask: Ask, value: Value, sql: Iterable[str]) -> str:
    try:
        compile_pattern(value.text)
    except (re.error, OverflowError, RecursionError) as error:
        hint = "it is read as Python's re module reads it"
        ask.refuse(f"{value.text!r} is no regular expression: {error}", value.span, hint)
    return any_of(f"regexp({ask.bind(value.text)}, {each_sql})" for each_sql in sql)


def contains(sql: str) -> Builder:
    """Return a builder for texts that are in no index: a part of the text, `*` and `?` for the whole, `=` and `~`."""

    def one(ask: Ask, op: str, value: Value) -> str:
        if op == "~":
            return _matches(ask, value, (sql,))
        if op == "=":
            return f"folded({sql}) = {ask.bind(fold(value.text))}"
        text = with_value(ask, value)
        return like(ask, sql, value, "{}" if is_glob(text) else "%{}%")

    return each(one, TEXT)


def with_value(ask: Ask, value: Value) -> str:
    """Return the text of a value that is not blank; raises QueryError if it is."""
    if not value.text.strip():
        ask.refuse("this value is empty; write one, or ask has:FIELD for whether there is any", value.span)
    return value.text


def is_glob(text: str) -> bool:
    """Tell whether `text` has a `*` or `?`."""
    return "*" in text or "?" in text


def like(ask: Ask, sql: str, value: Value, frame: str) -> str:
    """Return a condition that `sql` is like a value within `frame`, whatever its case and accents.

    LIKE itself knows the case of ASCII only, but costs a fifth of a call of Python, which the rows that are ASCII spare.
    """
    patterns = [frame.format(_pattern(text)) for text in (value.text, fold(value.text))]
    if max(len(pattern.encode()) for pattern in patterns) > _LONGEST_PATTERN:
        ask.refuse("this value is too long; write less of it", value.span)
    raw, plain = map(ask.bind, patterns)
    escape = r"ESCAPE '\'"
    return f"({sql} LIKE {raw} {escape} OR ({sql} GLOB '*[^ -~]*' AND folded({sql}) LIKE {plain} {escape}))"


def _pattern(text: str) -> str:
    return re.sub(r"([%_\\])", r"\\\1", text).replace("*", "%").replace("?", "_")


def codes(*sql: str, same: Mapping[str, str] | None = None, more: str | None = None) -> Builder:
    """Return a builder for short names in lower case; `*` and `?` stand for any.

    `same` maps other names to ours; `more` is a condition on streams with `{}` where that on `codec` goes.
    """

    def one(ask: Ask, _op: str, value: Value) -> str:
        code = with_value(ask, value).strip().lower().removeprefix(".")
        code = (same or {}).get(code, code)
        test = f"GLOB {ask.bind(code.replace('[', '[[]'))}" if is_glob(code) else f"= {ask.bind(code)}"
        parts = [f"{each_sql} {test}" for each_sql in sql]
        return any_of([*parts, more.format(f"codec {test}")] if more else parts)

    return each(one, PLAIN)


def chosen(choices: Mapping[str, str]) -> Builder:
    """Return a builder for a value that is one of the keys of `choices`, each of which is a condition."""

    def one(ask: Ask, _op: str, value: Value) -> str:
        name = value.text.strip().lower().replace("-", "_")
        if name not in choices:
            ask.refuse(f"{value.text!r} does not fit here; it takes {', '.join(choices)}", value.span)
        return f"({choices[name]})"

    return each(one, PLAIN)
