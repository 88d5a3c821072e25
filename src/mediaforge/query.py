"""Query text to tokens to tree and back to text; knows no field and no table.

query := or;  or := and ("OR" and)*;  and := unary (["AND"] unary)*;  unary := ("-" | "NOT") unary | primary
primary := "(" or ")" | FIELD ":" [op] value ("," value)* | WORD | "PHRASE";  value := text | [text] ".." [text]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from mediaforge.errors import QueryError
from mediaforge.text import clean_text

Span = tuple[int, int]
DEPTH = 50
TERMS = 500  # words and values; SQLite refuses expressions deeper than 1,000
LENGTH = 50_000  # characters


@dataclass(frozen=True, slots=True)
class Everything:
    """The empty query."""

    span: Span = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word: beginnings of words."""

    text: str
    span: Span = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in quotes: whole words in a row."""

    text: str
    span: Span = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a field, without its quotes."""

    text: str
    span: Span = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Range:
    """From one value to another, both included; None is open, and not both are."""

    low: Value | None
    high: Value | None
    span: Span = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Field:
    """A field with its operator (empty, or one of `= ~ > >= < <=`) and its values, of which any may hold."""

    name: str
    op: str
    values: tuple[Value | Range, ...]
    span: Span = field(default=(0, 0), compare=False, repr=False)
    name_span: Span = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """What does not match `item`."""

    item: Node
    span: Span = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And:
    """What matches all of two or more items."""

    items: tuple[Node, ...]
    span: Span = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Or:
    """What matches any of two or more items."""

    items: tuple[Node, ...]
    span: Span = field(default=(0, 0), compare=False, repr=False)


Node = Everything | Word | Phrase | Field | Not | And | Or

_QUOTED = r'"(?:[^"\\]|\\.)*"'
# `~/` is a home folder, and no operator: the regular expression that begins with a slash is written ~"/"
_TOKEN = re.compile(
    rf"""(?P<blank>\s+)
    |(?P<open>\()
    |(?P<close>\))
    |(?P<minus>-(?=[^\s)]))
    |(?P<field>(?P<name>[^\W\d][\w-]*):(?P<op>[<>]=?|=|~(?!/))?(?P<value>(?:{_QUOTED}|\([^\s()"]*\)|[^\s()"])*))
    |(?P<phrase>{_QUOTED})
    |(?P<quote>")
    |(?P<word>[^\s()"]+)""",
    re.VERBOSE | re.DOTALL,
)
_VALUE = re.compile(rf'(?P<quoted>{_QUOTED})|(?P<range>\.\.)|(?P<comma>,)|(?P<bare>(?:(?!\.\.)[^",])+)', re.DOTALL)
_BARE = re.compile(r"[\w*?/:+-]+(?:\.[\w*?/:+-]+)*", re.ASCII)  # values that need no quotes; ASCII, since NFC could join others
_KEYWORDS = ("AND", "OR", "NOT")


def parse(text: str) -> Node:
    """Return the tree of a query; spans count characters of the text as `clean_text` leaves it.

    Raises QueryError, and nothing else, for whatever does not parse.
    """
    if len(text) > LENGTH:
        raise QueryError(f"a query has at most {LENGTH:,} characters; this has {len(text):,}", text=text[:80], start=0, end=1)
    text = clean_text(text) or ""
    parser = _Parser(text)
    if not parser.tokens:
        return Everything()
    tree = parser.any_of()
    if token := parser.peek():
        parser.fail("this bracket closes nothing; remove it, or open one before it", token.span())
    return tree


def join(args: Sequence[str]) -> str:
    """Return the arguments of a command as one query.

    An argument with blanks may be a whole query, or a value whose quotes the shell took away: nothing tells the two
    apart, so that quotes which are meant for the query need a second pair for the shell.
    """
    return " ".join(args)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [token for token in _TOKEN.finditer(text) if token.lastgroup != "blank"]
        self.at = 0
        self.depth = 0
        self.terms = 0
        for token in self.tokens:
            if token["quote"]:
                self.fail("this quote is never closed; put another one after the last word", token.span())

    def fail(self, message: str, span: Span, hint: str | None = None) -> NoReturn:
        raise QueryError(message, text=self.text, start=span[0], end=span[1], hint=hint)

    def peek(self) -> re.Match[str] | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, *words: str) -> re.Match[str] | None:
        token = self.peek()
        if token is None or token[0] not in words or token["phrase"]:
            return None
        self.at += 1
        return token

    def any_of(self) -> Node:
        items = [self.all_of()]
        while self.take("OR"):
            items.append(self.all_of())
        return items[0] if len(items) == 1 else Or(tuple(items), _around(items))

    def all_of(self) -> Node:
        items = [self.unary()]
        while (token := self.peek()) and token[0] not in (")", "OR"):
            self.take("AND")
            items.append(self.unary())
        return items[0] if len(items) == 1 else And(tuple(items), _around(items))

    def unary(self) -> Node:
        token = self.peek()
        if token is None or token[0] in (")", "OR", "AND"):
            self.missing(token)
        self.at += 1
        if token["open"]:
            return self.bracket(token)
        if token["minus"] or token[0] == "NOT":
            self.deeper(token)
            item = self.unary()
            self.depth -= 1
            return Not(item, (token.start(), item.span[1]))
        if token["field"]:
            return self.field(token)
        self.count(token.span())
        if token["phrase"]:
            return Phrase(_unquote(token[0]), token.span())
        return Word(token[0], token.span())

    def missing(self, token: re.Match[str] | None) -> NoReturn:
        before = self.tokens[self.at - 1] if self.at else None
        where = token or before
        assert where is not None  # an empty query has no tokens
        if before is None or before["open"]:
            self.fail(f"a word or a field is missing before {where[0]!r}; write one, or remove it", where.span())
        self.fail(f"a word or a field is missing after {before[0]!r}; write one, or remove it", before.span())

    def bracket(self, opened: re.Match[str]) -> Node:
        self.deeper(opened)
        inner = self.any_of()
        if self.take(")") is None:
            self.fail("this bracket is never closed; put another one after the last word", opened.span())
        self.depth -= 1
        return inner

    def deeper(self, token: re.Match[str]) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            self.fail(f"brackets and negations are more than {DEPTH} deep here; write it flatter", token.span())

    def count(self, span: Span) -> None:
        self.terms += 1
        if self.terms > TERMS:
            self.fail(f"a query has at most {TERMS} words and values; split it at this one", span)

    def field(self, token: re.Match[str]) -> Field:
        name, op, raw = token["name"], token["op"] or "", token["value"]
        if not raw:
            hint = f'or in quotes, to search for the text: "{token[0]}"'
            self.fail(f"{token[0]!r} has no value; write one right after it, without a blank", token.span(), hint)
        if op == "~" and not raw.startswith('"'):
            values: tuple[Value | Range, ...] = (Value(raw, token.span("value")),)  # a pattern is taken as it stands
        else:
            values = self.values(raw, token.start("value"))
        return Field(name, op, values, token.span(), token.span("name"))

    def values(self, raw: str, offset: int) -> tuple[Value | Range, ...]:
        parts: list[list[re.Match[str]]] = [[]]
        for token in _VALUE.finditer(raw):
            if token["comma"]:
                parts.append([])
            else:
                parts[-1].append(token)
        values = []
        end = offset
        for part in parts:
            span = (offset + part[0].start(), offset + part[-1].end()) if part else (end, end + 1)
            self.count(span)
            values.append(self.value(part, offset, span))
            end = span[1] + 1
        return tuple(values)

    def value(self, part: list[re.Match[str]], offset: int, span: Span) -> Value | Range:
        if not part:
            self.fail('a value is missing here; write one, or quote a text that has commas: "a, b"', span)
        at = next((i for i, token in enumerate(part) if token["range"]), None)
        if at is None:
            return _value(part, offset)
        if len(part) == 1:
            self.fail('a range needs a beginning or an end, as in 5..9, 5.. and ..9; or quote it: ".."', span)
        low, high = part[:at], part[at + 1 :]
        return Range(_value(low, offset) if low else None, _value(high, offset) if high else None, span)


def _value(part: list[re.Match[str]], offset: int) -> Value:
    text = "".join(_unquote(token[0]) if token["quoted"] else token[0] for token in part)
    return Value(text, (offset + part[0].start(), offset + part[-1].end()))


def _unquote(quoted: str) -> str:
    return re.sub(r'\\(["\\])', r"\1", quoted[1:-1])


def _around(items: Sequence[Node]) -> Span:
    return (items[0].span[0], items[-1].span[1])


def quote(text: str) -> str:
    """Return `text` as a phrase of the query language."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def to_text(tree: Node) -> str:
    """Return a query that parses to an equal tree."""
    match tree:
        case Everything():
            return ""
        case Word(text):
            return text
        case Phrase(text):
            return quote(text)
        case Field(name, op, values):
            return f"{name}:{op}" + ",".join(_value_text(value, bare=op != "~") for value in values)
        case Not(item):
            return "-" + _bracketed(item, And, Or)
        case And(items):
            return " ".join(_bracketed(item, And, Or) for item in items)
        case Or(items):
            return " OR ".join(_bracketed(item, Or) for item in items)


def _bracketed(item: Node, *kinds: type[Node]) -> str:
    return f"({to_text(item)})" if isinstance(item, kinds) else to_text(item)


def _value_text(value: Value | Range, *, bare: bool = True) -> str:
    if isinstance(value, Range):
        return "..".join("" if end is None else _value_text(end) for end in (value.low, value.high))
    return value.text if bare and _BARE.fullmatch(value.text) else quote(value.text)
