"""The orders in which a search gives its items."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mediaforge.catalog.fields import YEAR
from mediaforge.catalog.fulltext import fts_phrase, fts_word, has_token
from mediaforge.errors import UsageError
from mediaforge.query import And, Node, Or, Phrase, Word

_NEWEST = "m.taken_local {0}, m.mtime_ns {0}, m.id {0}"

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
    "relevance": (f"rank.score {{0}} NULLS LAST, {_NEWEST.format('DESC')}", "desc"),
}


@dataclass(frozen=True, slots=True)
class Sort:
    """What stands behind FROM media m, what stands behind ORDER BY, and the parameters of the first."""

    join: str
    order_by: str
    params: dict[str, object] = field(default_factory=dict)


def sort_sql(spec: str, tree: Node) -> Sort:
    """Return the order that `FIELD[:asc|:desc]` names, for the items that `tree` finds.

    Relevance is FTS5's bm25 of the words of the query, the best first; without words all are alike, and the newest come
    first. Raises UsageError for a field or a direction that does not exist.
    """
    name, colon, direction = spec.strip().lower().replace("-", "_").partition(":")
    if name not in SORTS:
        close = difflib.get_close_matches(name, SORTS, n=1, cutoff=0.6)
        meant = f"did you mean {close[0]!r}?" if close else f"it is one of {', '.join(SORTS)}"
        raise UsageError(f"items cannot be sorted by {name!r}; {meant}")
    sql, usual = SORTS[name]
    if colon and direction not in ("asc", "desc"):
        raise UsageError(f"there is no direction {direction!r}; write {name}:asc or {name}:desc")
    if name != "relevance":
        return Sort("", sql.format((direction or usual).upper()))
    words = [fts_word(node.text) if isinstance(node, Word) else fts_phrase(node.text) for node in _positive_words(tree)]
    if not words:
        return sort_sql("newest", tree)
    scores = "SELECT rowid, bm25(media_fts) AS score FROM media_fts WHERE media_fts MATCH :rank"
    # bm25 is the more negative the better, so that descending relevance is ascending score
    order = sql.format("DESC" if direction == "asc" else "ASC")
    return Sort(f"LEFT JOIN ({scores}) rank ON rank.rowid = m.id", order, {"rank": " OR ".join(words)})


def _positive_words(tree: Node) -> Iterator[Word | Phrase]:
    match tree:
        case And(items) | Or(items):
            for item in items:
                yield from _positive_words(item)
        case Word() | Phrase() if has_token(tree.text):
            yield tree
