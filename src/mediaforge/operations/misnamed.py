"""Tags that a query asks for and nobody has: why it finds nothing, most likely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mediaforge import query
from mediaforge.catalog import tags
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.fields import BY_NAME
from mediaforge.catalog.places import tag_key
from mediaforge.operations.select import is_place
from mediaforge.operations.tags import nearest


async def misnamed(catalogue: Catalogue, arguments: Sequence[str]) -> list[str]:
    """Return for each tag that these targets ask for by a name that is none what it could be called instead."""
    text = query.join([argument for argument in arguments if not is_place(argument)])
    asked = [name for name in dict.fromkeys(_tags_in(query.parse(text))) if await tags.find_tag(catalogue, name) is None]
    known = await tags.tag_names(catalogue) if asked else []
    told = []
    for name in asked:
        if not await tags.tags_below(catalogue, tag_key(name)):
            told.append(f"no tag '{name}'{nearest(name, known)}")
        elif not name.rstrip().endswith("/"):
            told.append(f"no tag '{name}', only below it; 'tag:{name}/' finds these")
    return told


def _tags_in(tree: query.Node) -> Iterator[str]:
    """Yield the names of tags that are asked for, but not those of which a query says NOT."""
    match tree:
        case query.And(items) | query.Or(items):
            for item in items:
                yield from _tags_in(item)
        case query.Field(written, "" | "=", values) if _is_tag(written):
            yield from (value.text for value in values if isinstance(value, query.Value))


def _is_tag(written: str) -> bool:
    spec = BY_NAME.get(written.lower().replace("-", "_"))
    return spec is not None and spec.name == "tag"
