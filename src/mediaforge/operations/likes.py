"""`like:` in a query: which items are alike, asked before the query is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from mediaforge.catalog import likeness
from mediaforge.catalog.clause import Ask, Likes
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.likeness import Asked
from mediaforge.catalog.where import asks
from mediaforge.model import MediaId
from mediaforge.operations.alike import DISTANCE, nearest
from mediaforge.operations.recipes import TARGETS
from mediaforge.query import And, Field, Node, Not, Or


async def found_like(catalogue: Catalogue, tree: Node, text: str) -> tuple[Likes, Sequence[MediaId]]:
    """Return the items that each `like:` of a query means, and those that give it its order, nearest first.

    That is the first `like:` which must hold. Raises QueryError for an item that is not there, or has no hash.
    """
    ask = Ask(text, datetime.now().astimezone(), catalogue.players)
    found: dict[Asked, Sequence[MediaId]] = {}
    for one in _fields(tree):
        asked = likeness.asked(ask, one)
        if asked not in found:
            found[asked] = await _alike(catalogue, ask, one, asked)
    must = tree.items if isinstance(tree, And) else (tree,)
    first = next((one for one in must if isinstance(one, Field) and asks(one, "like")), None)
    return found, found[likeness.asked(ask, first)] if first else ()


def _fields(tree: Node) -> Iterator[Field]:
    match tree:
        case And(items) | Or(items):
            for item in items:
                yield from _fields(item)
        case Not(item):
            yield from _fields(item)
        case Field() if asks(tree, "like"):
            yield tree


async def _alike(catalogue: Catalogue, ask: Ask, one: Field, asked: Asked) -> Sequence[MediaId]:
    media, distance = asked
    found = await nearest(catalogue, media, DISTANCE if distance is None else distance)
    if found is not None:
        return found
    known = await likeness.known(catalogue, TARGETS[likeness.RECIPE].version, media)
    if known is None:
        ask.refuse(f"there is no item {media}", one.span)
    if known.error:
        ask.refuse(f"item {media} could not be looked at: {known.error}", one.span)
    if known.looked_at:
        ask.refuse(f"item {media} shows nothing by which it could be told from others", one.span)
    return ask.refuse(f"item {media} has not been looked at yet; run: mediaforge build phash id:{media}", one.span)
