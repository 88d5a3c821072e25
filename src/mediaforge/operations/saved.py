"""Saved queries: those of smart collections and of rules, and what they name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mediaforge import query
from mediaforge.catalog.collections import list_collections
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.places import tag_key
from mediaforge.catalog.rules import list_rules
from mediaforge.catalog.where import asks
from mediaforge.errors import QueryError
from mediaforge.query import And, Field, Node, Not, Or, Value


async def still_saying(catalogue: Catalogue, field: str, keys: Sequence[str]) -> list[str]:
    """Return in words which saved queries ask by a field for something whose key is among `keys`, or below one of them."""
    saved = [(f"the collection '{one.name}'", one.query) for one in await list_collections(catalogue) if one.query]
    saved += [(f"rule {rule.id}", rule.query) for rule in await list_rules(catalogue)]
    return [f"the query of {what} still says: {text}" for what, text in saved if _names(text, field, keys)]


def _names(text: str, field: str, keys: Sequence[str]) -> bool:
    try:
        asked = {tag_key(value.text) for value in _values(query.parse(text), field)}
    except QueryError:
        return False
    return any(one == key or one.startswith(f"{key}/") for one in asked for key in keys)


def _values(tree: Node, field: str) -> Iterable[Value]:
    match tree:
        case And(items) | Or(items):
            return [value for item in items for value in _values(item, field)]
        case Not(item):
            return _values(item, field)
        case Field() if asks(tree, field):
            return [value for value in tree.values if isinstance(value, Value)]
    return []
