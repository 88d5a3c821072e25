"""What a command is about: a query, ids, or paths, as one condition on the catalogue."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mediaforge import query
from mediaforge.catalog.clause import Likes
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.paths import below
from mediaforge.catalog.where import Where, asks, where
from mediaforge.errors import NothingMatched, UsageError
from mediaforge.model import Library, MediaId
from mediaforge.text import display_path

_FIELD = re.compile(r"(?:^|[\s(-])[A-Za-z_]+:")


@dataclass(frozen=True, slots=True)
class Selection:
    """A condition on items `m` in SQL, its parameters, and what a person wrote.

    `nearest` are the items in the order that the query gives them by itself, where it does (`like:`).
    """

    sql: str
    params: Mapping[str, object]
    text: str
    tree: query.Node = field(default_factory=query.Everything)
    found: Where | None = None
    nearest: Sequence[MediaId] = ()


async def by_query(catalogue: Catalogue, arguments: Sequence[str]) -> Selection:
    """Return what a query finds; an empty one is everything."""
    text = query.join(arguments)
    tree = query.parse(text)
    if asks(tree, "in"):
        from mediaforge.operations.smart import expanded  # here: most queries name no collection

        tree = await expanded(catalogue, tree, text)
    likes: Likes = {}
    nearest: Sequence[MediaId] = ()
    if asks(tree, "like"):
        from mediaforge.operations.likes import found_like  # here: likewise

        likes, nearest = await found_like(catalogue, tree, text)
    found = where(tree, text=text, now=datetime.now().astimezone(), players=catalogue.players, likes=likes)
    return Selection(found.sql, found.params, text, tree, found, nearest)


async def by_targets(catalogue: Catalogue, arguments: Sequence[str]) -> Selection:
    """Return what the targets of a command mean: all digits, an id; with a slash or `~`, a path; otherwise parts of one query.

    Several ids or paths mean all of them; with a query beside them, both must hold. UsageError when there is nothing.
    """
    if not any(argument.strip() for argument in arguments):
        raise UsageError("nothing to select; give a query, ids or paths")
    ids = [argument for argument in arguments if argument.isascii() and argument.isdigit()]
    paths = [argument for argument in arguments if _is_path(argument)]
    words = [argument for argument in arguments if argument not in ids and argument not in paths]
    conditions, params = [], dict[str, object]()
    if ids or paths:
        from mediaforge.catalog import libraries  # 2 ms, which a search by query need not pay

        known = await libraries.list_libraries(catalogue)
        bounds = [f"m.id = :id_{n}" for n in range(len(ids))]
        params |= {f"id_{n}": min(int(number), 2**63 - 1) for n, number in enumerate(ids)}
        for n, path in enumerate(paths):
            bounds.append(_below(os.path.abspath(os.fsencode(os.path.expanduser(path))), known, f"path_{n}", params))
        conditions.append(f"({' OR '.join(bounds)})")
    if words:
        found = await by_query(catalogue, words)
        conditions.append(f"({found.sql})")
        params |= found.params
    return Selection(" AND ".join(conditions), params, " ".join(arguments))


def is_place(argument: str) -> bool:
    """Say whether an argument is an id or a path, and no part of a query."""
    return (argument.isascii() and argument.isdigit()) or _is_path(argument)


def _is_path(argument: str) -> bool:
    """Say whether an argument is a path; `tag:travel/` and "beach path:Holidays/" are not, for all their slashes."""
    return argument.startswith(("~", "/", "./", "../")) or ("/" in argument and not _FIELD.search(argument))


def _below(path: bytes, known: Sequence[Library], name: str, params: dict[str, object]) -> str:
    """Return the condition that an item is the file `path` or below that folder."""
    conditions = []
    for n, library in enumerate(known):
        root, key = library.root.rstrip(b"/"), f"{name}_{n}"
        params[f"{key}_library"] = library.id
        if path == root or root.startswith(path.rstrip(b"/") + b"/"):
            conditions.append(f"m.library_id = :{key}_library")
        elif path.startswith(root + b"/"):
            relative = path[len(root) + 1 :]
            params[f"{key}_path"] = relative
            params[f"{key}_low"], params[f"{key}_high"] = below(relative)
            inside = f"m.path = :{key}_path OR (m.path >= :{key}_low AND m.path < :{key}_high)"
            conditions.append(f"(m.library_id = :{key}_library AND ({inside}))")
    if not conditions:
        raise NothingMatched(f"'{display_path(path)}' is in no library; list them with: mediaforge library list")
    return f"({' OR '.join(conditions)})"
