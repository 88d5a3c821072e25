"""The orders in which a search gives its items."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from mediaforge.catalog.fields import YEAR
from mediaforge.catalog.fulltext import fts_phrase, fts_word, has_token
from mediaforge.errors import UsageError
from mediaforge.query import And, Node, Or, Phrase, Word

_NEWEST = "m.newest {0}"

# What to sort by: its SQL, and the direction that is meant when none is told. Numbers and times begin with the greatest.
SORTS: Mapping[str, tuple[str, str]] = {
    "newest": (_NEWEST, "desc"),
    "taken": (_NEWEST, "desc"),
    "added": ("m.added_at {0}, m.id {0}", "desc"),
    "modified": ("m.mtime_ns {0}, m.id {0}", "desc"),
    "id": ("m.id {0}", "asc"),
    "name": ("file_name(m.path_text) COLLATE NOCASE {0}, m.id {0}", "asc"),
    "path": ("m.library_id {0}, m.path {0}", "asc"),
    "year": (f"{YEAR} {{0}} NULLS LAST, {_NEWEST}", "desc"),
    **{
        name: (f"m.{column} {{0}} NULLS LAST, m.id {{0}}", "desc")
        for name, column in {
            **{same: same for same in "size duration width height fps bit_rate iso f_number rating latitude".split()},
            "exposure": "exposure_time",
            "focal": "focal_length",
        }.items()
    },
    **{
        name: (f"m.{name} COLLATE NOCASE {{0}} NULLS LAST, m.id {{0}}", "asc")
        for name in "kind format title artist composer genre place".split()
    },
    "album": ("m.album COLLATE NOCASE {0} NULLS LAST, m.disc {0}, m.track {0}, m.id {0}", "asc"),
    "show": ("m.show COLLATE NOCASE {0} NULLS LAST, m.season {0}, m.episode {0}, m.id {0}", "asc"),
    "relevance": (f"hit.score {{0}} NULLS LAST, {_NEWEST.format('DESC')}", "desc"),
}


def sort_sql(spec: str) -> str:
    """Return what stands behind ORDER BY for `FIELD[:asc|:desc]`; that of relevance needs the join that `rank_sql` gives.

    Raises UsageError for a field or a direction that does not exist.
    """
    name, direction = _split(spec)
    sql, usual = SORTS[name]
    return sql.format((direction or usual).upper())


def is_newest(spec: str) -> bool:
    """Tell whether `spec` is the default order; raises what `sort_sql` does."""
    return sort_sql(spec) == _NEWEST.format("DESC")


def rank_sql(spec: str, tree: Node) -> tuple[str, dict[str, object]]:
    """Return what stands behind FROM media m to sort so, with its parameters: nothing, but for relevance.

    Relevance is FTS5's bm25 of the words of the query. Without words all items are alike, and the newest come first.
    """
    if _split(spec)[0] != "relevance":
        return "", {}
    words = [fts_word(node.text) if isinstance(node, Word) else fts_phrase(node.text) for node in _positive_words(tree)]
    if not words:
        return "LEFT JOIN (SELECT NULL AS rowid, NULL AS score) AS hit ON hit.rowid = m.newest", {}
    # bm25 is below zero, and the lower the better
    scores = "SELECT rowid, -bm25(media_fts) AS score FROM media_fts WHERE media_fts MATCH :rank"
    return f"LEFT JOIN ({scores}) AS hit ON hit.rowid = m.newest", {"rank": " OR ".join(words)}


def _split(spec: str) -> tuple[str, str]:
    name, colon, direction = spec.strip().lower().replace("-", "_").partition(":")
    if name not in SORTS:
        close = difflib.get_close_matches(name, SORTS, n=1, cutoff=0.6)
        meant = f"did you mean {close[0]!r}?" if close else f"it is one of {', '.join(SORTS)}"
        raise UsageError(f"items cannot be sorted by {name!r}; {meant}")
    if colon and direction not in ("asc", "desc"):
        raise UsageError(f"there is no direction {direction!r}; write {name}:asc or {name}:desc")
    return name, direction


def _positive_words(tree: Node) -> Iterator[Word | Phrase]:
    match tree:
        case And(items) | Or(items):
            for item in items:
                yield from _positive_words(item)
        case Word() | Phrase() if has_token(tree.text):
            yield tree
