"""The newest items of a query, out of any number of them.

SQLite does not know how many items a condition will find. Where they are many, it is quickest to read on from the newest
until there are enough; where they are few, to collect them all and sort them. So a part is read first that costs little: the
newest hits of the words, which the full text gives in this order, or the newest items. Only where these have too few is
everything collected.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mediaforge.catalog.beginnings import spelled_out
from mediaforge.catalog.clause import belongs, newest_first
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.where import Where, Words
from mediaforge.model import MediaId

_HITS = (500, 16_000)  # of words that are looked at, 1 to 2 µs each: first these, then those
_FIRST = 4_000  # items that are looked at before anything is known: some 4 ms
_SPARE = 1.5  # times as many as what was found promises, since items of one kind come in lumps
_NEVER = 0.3  # share of the catalogue from which on looking at all costs more than collecting what is meant

_GROUPS = 200  # of which the members are asked together

_EVER = -(2**63)  # before every item

_Rows = list[tuple[int, MediaId]]  # newest, id


async def newest_ids(
    catalogue: Catalogue, found: Where, limit: int, *, hits: Sequence[int] = _HITS, first: int = _FIRST
) -> list[MediaId]:
    """Return the ids of the newest `limit` items that a query finds, newest first; `hits` and `first` are looked at first."""
    spelled = await spelled_out(catalogue, found.sql, found.params)
    params = {**spelled, "wanted": limit, "first": first}
    rows = await _of_words(catalogue, found, params, hits) if found.words else None
    if rows is None:
        rows = await _of_items(catalogue, found.sql, params)
    return [media for _newest, media in rows]


async def _of_words(catalogue: Catalogue, found: Where, params: Mapping[str, Any], most: Sequence[int]) -> _Rows | None:
    """Return the newest items by the words of a query; None where the hits that were looked at are too few to tell.

    Each word stands in the full text or in a tag. Where one of them is a tag's, its items are a stream of their own.
    """
    tagged = [words for words in found.words if await catalogue.value(f"SELECT EXISTS ({words.tags})", params)]
    streams: list[tuple[Sequence[Words], str]] = [(found.words, found.rest)]
    for words in tagged:
        bears = f"{found.rest} AND {belongs('media_tag', f'tag_id IN ({words.tags})')}"
        streams.append(([other for other in found.words if other is not words], bears))
    if len(tagged) > 1:
        return None
    limit = params["wanted"]
    for hits in most:
        rows, sure = set[tuple[int, MediaId]](), _EVER  # down to where nothing is left out
        for matched, rest in streams:
            some, oldest = await _stream(catalogue, matched, rest, {**params, "hits": hits})
            rows.update(some)
            if len(some) < limit:
                sure = max(sure, oldest)
        newest = sorted((row for row in rows if row[0] >= sure), reverse=True)[:limit]
        if len(newest) == limit or sure == _EVER:
            return newest
    return None


async def _stream(catalogue: Catalogue, words: Sequence[Words], rest: str, params: Mapping[str, Any]) -> tuple[_Rows, int]:
    """Return the newest `:wanted` items with all of `words` in the full text, and down to where `:hits` of these reach."""
    if not words:
        return await _of_items(catalogue, rest, params), _EVER
    match = " AND ".join(f"({params[each.match]})" for each in words)
    oldest = await catalogue.value(
        "SELECT rowid FROM media_fts WHERE media_fts MATCH :match ORDER BY rowid DESC LIMIT 1 OFFSET :hits",
        {"match": match, "hits": params["hits"]},
    )
    oldest = _EVER if oldest is None else oldest
    rows = await catalogue.fetch(
        f"""SELECT f.rowid, m.id FROM media_fts f CROSS JOIN media m INDEXED BY ix_media_newest ON m.newest = f.rowid
        WHERE f.media_fts MATCH :match AND f.rowid >= :oldest AND {newest_first(rest)} ORDER BY f.rowid DESC LIMIT :wanted""",
        {**params, "match": match, "oldest": oldest, "newest": 2**63 - 1},
    )
    return [(row[0], MediaId(row[1])) for row in rows], oldest


async def _of_items(catalogue: Catalogue, where: str, params: Mapping[str, Any]) -> _Rows:
    """Return the newest items for which `where` holds: among as many of the newest as it takes, or among all."""
    newest = await catalogue.value("SELECT max(newest) FROM media")
    total = await catalogue.value("SELECT seq FROM sqlite_sequence WHERE name = 'media'") or 0
    limit, ahead = params["wanted"], params["first"]
    found, seen = _Rows(), 0
    while total > ahead and len(found) < limit and seen + ahead < _NEVER * total:
        oldest = await catalogue.value(
            "SELECT newest FROM media WHERE newest <= ? ORDER BY newest DESC LIMIT 1 OFFSET ?", (newest, ahead - 1)
        )
        if oldest is None:
            break
        bounds = {"oldest": oldest, "newest": newest, "wanted": limit - len(found)}
        found += await catalogue.fetch(
            f"""SELECT m.newest, m.id FROM media m INDEXED BY ix_media_newest WHERE m.newest BETWEEN :oldest AND :newest
            AND {newest_first(where)} ORDER BY m.newest DESC LIMIT :wanted""",
            {**params, **bounds},
        )
        seen += ahead
        newest = oldest - 1
        ahead = int(_SPARE * (limit - len(found)) * seen / len(found)) if found else total
    if len(found) < limit:
        found += await catalogue.fetch(
            f"SELECT m.newest, m.id FROM media m WHERE {where} AND m.newest <= :newest ORDER BY m.newest DESC LIMIT :wanted",
            {**params, "newest": newest, "wanted": limit - len(found)},
        )
    return found


async def of_groups(
    catalogue: Catalogue, where: str, params: Mapping[str, Any], groups: Sequence[MediaId]
) -> dict[MediaId, dict[MediaId, str]]:
    """Return by group the items of it of which `where` holds, with their suffixes; nearly always they are of one moment."""
    found: dict[MediaId, dict[MediaId, str]] = {}
    for start in range(0, len(groups), _GROUPS):
        these = json.dumps(groups[start : start + _GROUPS])
        among = "group_id IN (SELECT value FROM json_each(:these))"
        ends = await catalogue.fetch(f"SELECT min(newest), max(newest) FROM media WHERE {among}", {"these": these})
        rows = await catalogue.fetch(
            f"SELECT m.group_id, m.id, m.suffix FROM media m WHERE m.{among} AND {newest_first(where)} ORDER BY m.path",
            {**params, "these": these, "oldest": ends[0][0], "newest": ends[0][1]},
        )
        for group, media, suffix in rows:
            found.setdefault(MediaId(group), {})[MediaId(media)] = suffix
    return found
