"""Smart collections in a query: each is what its saved query says, as if that stood in brackets in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from mediaforge import query
from mediaforge.catalog.collections import Collection, collection_key, list_collections
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.where import asks, where
from mediaforge.errors import QueryError
from mediaforge.query import And, Field, Node, Not, Or, Range, Value

_DEPTH = 10  # collections in collections


async def expanded(catalogue: Catalogue, tree: Node, text: str) -> Node:
    """Return the tree of a query without smart collections: what their queries ask stands in their place.

    Raises QueryError for a collection that is not there, one whose query does not parse any more, and a circle of them.
    """
    known = {one.key: one for one in await list_collections(catalogue)}
    return _Expansion(catalogue, known, text).node(tree, _Place())


async def check(catalogue: Catalogue, one: Collection) -> None:
    """Raise a QueryError unless a smart collection could be asked, if it were as it is told here."""
    known = {other.key: other for other in await list_collections(catalogue) if other.id != one.id} | {one.key: one}
    text = one.query or ""
    tree = _Expansion(catalogue, known, text).node(query.parse(text), _Place((one.key,)))
    where(tree, text=text, now=datetime.now().astimezone(), players=catalogue.players)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a part of a query stands: in which collections, one in the other, and where the first of them was named."""

    trail: tuple[str, ...] = ()
    span: query.Span | None = None
    inner: bool = False


@dataclass(slots=True)
class _Expansion:
    catalogue: Catalogue
    known: Mapping[str, Collection]
    text: str
    terms: int = field(default=0)

    def node(self, tree: Node, place: _Place) -> Node:
        match tree:
            case And(items, span):
                parts = [self.node(item, place) for item in items]
                flat = [one for part in parts for one in (part.items if isinstance(part, And) else (part,))]
                return And(tuple(flat), span)
            case Or(items, span):
                return Or(tuple(self.node(item, place) for item in items), span)
            case Not(item, span):
                return Not(self.node(item, place), span)
            case Field() if asks(tree, "in") and tree.op in ("", "="):
                return self._collections(tree, place)
        self._count(len(tree.values) if isinstance(tree, Field) else 1, place)
        return tree

    def _count(self, terms: int, place: _Place) -> None:
        self.terms += terms
        if self.terms > query.TERMS and place.trail:
            self._refuse(place, f"a query has at most {query.TERMS} words and values, and with its collections this has more")

    def _collections(self, asked: Field, place: _Place) -> Node:
        by_hand, parts = list[Value | Range](), list[Node]()
        for value in asked.values:
            here = place if place.inner else _Place(place.trail, value.span)
            found = self._meant(value, here)
            if any(one.query is None for one in found) or not found:
                by_hand.append(value)
            parts += [self._query_of(one, here) for one in found if one.query is not None]
        self._count(len(by_hand), place)
        if by_hand:
            parts.insert(0, Field(asked.name, asked.op, tuple(by_hand), asked.span, asked.name_span))
        return parts[0] if len(parts) == 1 else Or(tuple(parts), asked.span)

    def _meant(self, value: Value | Range, place: _Place) -> list[Collection]:
        """Return the collections that a value names: one, or all below a folder, but for one in it that asks for the folder."""
        if isinstance(value, Range):
            return self._refuse(place, "a collection is named by its name; put one with two dots into quotes")
        key = collection_key(value.text)
        below = value.text.rstrip().endswith("/")
        found = [one for name, one in self.known.items() if name == key or (below and name.startswith(f"{key}/"))]
        if not found:
            from mediaforge.operations.tags import nearest  # here: most queries are right

            meant = nearest(value.text, [one.name for one in self.known.values()], "mediaforge collection list")
            inside = f"the collection '{self.known[place.trail[-1]].name}' asks for another: " if place.inner else ""
            self._refuse(place, f"{inside}no collection {value.text!r}{meant}")
        return [one for one in found if one.key not in place.trail] if below else found

    def _query_of(self, one: Collection, place: _Place) -> Node:
        trail = (*place.trail, one.key)
        if one.key in place.trail:
            circle = [self.known[key].name for key in trail[trail.index(one.key) :]]
            named = " → ".join(f"'{name}'" for name in circle)
            self._refuse(place, f"these collections name each other in a circle: {named}; change the query of one")
        if len(trail) > _DEPTH:
            self._refuse(place, f"collections are more than {_DEPTH} deep in one another here; change the query of one")
        try:
            tree = query.parse(one.query or "")
            where(tree, text=one.query or "", now=datetime.now().astimezone(), players=self.catalogue.players)
        except QueryError as error:
            self._refuse(place, f"the query of the collection '{one.name}' cannot be asked: {error}", f"it is: {one.query}")
        return self.node(tree, _Place(trail, place.span, inner=True))

    def _refuse(self, place: _Place, message: str, hint: str | None = None) -> NoReturn:
        start, end = place.span or (0, len(self.text))
        raise QueryError(message, text=self.text, start=start, end=end, hint=hint)
