"""The query language: what parses, to which tree, and what is said of what does not."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mediaforge.errors import QueryError
from mediaforge.query import And, Everything, Field, Node, Not, Or, Phrase, Range, Value, Word, join, parse, to_text

A, B, C = Word("a"), Word("b"), Word("c")


def field(name: str, *values: str | Range, op: str = "") -> Field:
    return Field(name, op, tuple(Value(value) if isinstance(value, str) else value for value in values))


TREES: list[tuple[str, Node]] = [
    ("", Everything()),
    (" \t\n\0", Everything()),
    ("a", A),
    ("a b", And((A, B))),
    ("a AND b", And((A, B))),
    ("a OR b", Or((A, B))),
    ("a b OR c", Or((And((A, B)), C))),
    ("a (b OR c)", And((A, Or((B, C))))),
    ("(a b) c", And((And((A, B)), C))),
    ("((a))", A),
    ("-a", Not(A)),
    ("NOT a", Not(A)),
    ("--a", Not(Not(A))),
    ("-(a b)", Not(And((A, B)))),
    ("-a b", And((Not(A), B))),
    ("or and not", And((Word("or"), Word("and"), Word("not")))),
    ('"OR"', Phrase("OR")),
    ("a-b", Word("a-b")),
    ("12:30", Word("12:30")),
    ("- a", And((Word("-"), A))),
    ('"golden hour"', Phrase("golden hour")),
    (r'"say \"hi\" \\ \d"', Phrase(r'say "hi" \ \d')),
    ('"a"b', And((Phrase("a"), B))),
    ("kind:video", field("kind", "video")),
    ("video-codec:h264", field("video-codec", "h264")),
    ("-kind:video", Not(field("kind", "video"))),
    ("(kind:video)", field("kind", "video")),
    ('camera:"EOS R5"', field("camera", "EOS R5")),
    ("ext:mkv,mp4", field("ext", "mkv", "mp4")),
    ('x:"a, b",c', field("x", "a, b", "c")),
    ("path:Film(1)/", field("path", "Film(1)/")),
    ("x:>5", field("x", "5", op=">")),
    ("x:>=5", field("x", "5", op=">=")),
    ("x:<5", field("x", "5", op="<")),
    ("x:<=5", field("x", "5", op="<=")),
    ("x:=5", field("x", "5", op="=")),
    ('x:"=5"', field("x", "=5")),
    ("x:~^S0[1,3]..$", field("x", "^S0[1,3]..$", op="~")),
    ('x:~"/a"', field("x", "/a", op="~")),
    ("x:~/a", field("x", "~/a")),
    ('x:~"a b"', field("x", "a b", op="~")),
    ("x:5..9", field("x", Range(Value("5"), Value("9")))),
    ("x:5..", field("x", Range(Value("5"), None))),
    ("x:..9", field("x", Range(None, Value("9")))),
    ("x:-7d..", field("x", Range(Value("-7d"), None))),
    ('x:"5..9"', field("x", "5..9")),
    ('x:1..2,"a b".."c d"', field("x", Range(Value("1"), Value("2")), Range(Value("a b"), Value("c d")))),
    ("x:wait...", field("x", Range(Value("wait"), Value(".")))),
    ("x:a:b", field("x", "a:b")),
    ('x:""', field("x", "")),
    ("été:1", field("été", "1")),
]


@pytest.mark.parametrize(("text", "tree"), TREES)
def test_text_becomes_a_tree(text: str, tree: Node) -> None:
    assert parse(text) == tree
    assert parse(to_text(tree)) == tree


# Each with what the caret stands under, and a word that the message must have.
ERRORS = [
    ("a )", ")", "closes nothing"),
    ("(a", "(", "never closed"),
    ("()", ")", "missing before"),
    ("(OR a)", "OR", "missing before"),
    ("a OR", "OR", "missing after"),
    ("a AND OR b", "AND", "missing after"),
    ("AND a", "AND", "missing before"),
    ("a NOT", "NOT", "missing after"),
    ("-OR", "-", "missing after"),
    ('a "b', '"', "never closed"),
    ('title:"b', '"', "never closed"),
    ("title: b", "title:", "has no value"),
    ("a size:>", "size:>", "has no value"),
    ("x:a,,b", ",", "value is missing"),
    ("x:,b", ",", "value is missing"),
    ("x:a,", "", "value is missing"),
    ("x:..", "..", "beginning or an end"),
    ("(" * 51 + "a" + ")" * 51, "(", "50 deep"),
    ("-" * 51 + "a", "-", "50 deep"),
    ("a " * 501, "a", "500"),
    ("id:" + ",".join(["1"] * 501), "1", "500"),
    ("a" * 50_001, "a", "50,000"),
]


@pytest.mark.parametrize(("text", "under", "says"), ERRORS, ids=[text[:12] for text, _, _ in ERRORS])
def test_what_does_not_parse_is_pointed_at(text: str, under: str, says: str) -> None:
    with pytest.raises(QueryError, match=says) as raised:
        parse(text)
    error = raised.value
    assert error.text[error.start : error.end] == under
    assert error.exit_code == 2


def test_the_second_of_two_commas_is_pointed_at() -> None:
    with pytest.raises(QueryError) as raised:
        parse("x:a,,b")
    assert (raised.value.start, raised.value.end) == (4, 5)


@pytest.mark.parametrize("text", ["(" * 50 + "a" + ")" * 50, "-" * 50 + "a", "a " * 500])
def test_the_limits_themselves_are_allowed(text: str) -> None:
    assert parse(to_text(parse(text))) == parse(text)


def test_spans_say_where_a_node_stands() -> None:
    tree = parse('ab -kind:video,"x y"  (c OR d)')
    assert isinstance(tree, And)
    word, negation, either = tree.items
    assert isinstance(negation, Not) and isinstance(negation.item, Field)
    kind = negation.item
    assert (word.span, negation.span, kind.span, kind.name_span) == ((0, 2), (3, 20), (4, 20), (4, 8))
    assert [value.span for value in kind.values] == [(9, 14), (15, 20)]
    assert either.span == (23, 29)


def test_arguments_are_joined_by_blanks() -> None:
    assert parse(join(["beach", "kind:video", "-tag:work"])) == parse("beach kind:video -tag:work")


WRITTEN = 'a beach 東京 - NOT_ OR_ AND_ ( ) " _ x: kind: > <= = ~ .. , 5 \\ "a_b" \u0338 \u0301 \ud800 \0'
PIECES = st.sampled_from([piece.replace("_", " ") for piece in WRITTEN.split(" ")])


@given(st.lists(PIECES, max_size=25).map("".join) | st.text())
@example('x:="\u0338a"')
@example('x:"a."..b')
def test_any_text_parses_and_prints_back_or_says_where_not(text: str) -> None:
    try:
        tree = parse(text)
    except QueryError as error:
        assert 0 <= error.start < error.end
        return
    assert parse(to_text(tree)) == tree


SAFE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8).filter(
    lambda text: parse('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"') == Phrase(text)
)
VALUES = st.builds(Value, SAFE)
RANGES = st.builds(Range, VALUES, VALUES | st.none()) | st.builds(Range, st.none(), VALUES)
OPERATORS = st.sampled_from(["", ">", "<", "=", ">=", "<="])
MANY = st.lists(VALUES | RANGES, min_size=1, max_size=3).map(tuple)
FIELDS = st.builds(Field, st.sampled_from(["kind", "a_b", "a-b"]), OPERATORS, MANY)
LEAVES = st.sampled_from([A, B, Word("a-b"), Word("-")]) | st.builds(Phrase, SAFE) | FIELDS
TREE = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=8,
)


@given(TREE)
def test_any_tree_prints_as_a_query_that_means_it(tree: Node) -> None:
    assert parse(to_text(tree)) == tree
