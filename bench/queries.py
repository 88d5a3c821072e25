"""Forty queries of every shape over a made catalogue, and what they cost in process."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from math import ceil

from mediaforge.catalog.database import open_catalogue
from mediaforge.operations.search import search
from mediaforge.operations.tags import add_tags
from mediaforge.operations.undo import undo

NEWEST = 50
TAGGED = 100_000

# Common and rare words, beginnings, phrases, fields with and without an index, ranges, tags, negation, places, OR, patterns.
QUERIES = (
    "beach", "sunset", "zenzen", "bacodas", "su", "bea", "quis", "beach sunset", "beach garden river", "2019 holiday",
    '"beach sunset"', '"golden hour"', '"family garden"', "kind:video", "kind:video beach", "kind:audio year:1990..1999",
    "year:2019", "year:2019..2021 beach", "taken:2021-07", "taken:2021-07 kind:image", "added:-7d..", "modified:>2023",
    "size:>=500M", "size:>=990M kind:video", "duration:>1h50m", "height:>=2160", "codec:hevc", "video_codec:av1 -beach",
    "camera:canon", 'camera:"EOS R5" iso:>=3200', "tag:holiday", "tag:travel/", "tag:travel/italy beach", "is:untagged",
    "-tag:family kind:image", "rating:>=4", "near:48.85,2.35,10km", "near:35.0,135.77,5km year:2020",
    "(paris OR rome) kind:image", 'title:~"^Beach .*Dog$"', "artist:garden", "genre:jazz", "name:*beach*", "audio:ja",
    "path:Holidays/", "NOT beach", "has:gps -kind:video", "ext:mkv,mp4 duration:<1m", "",
)  # fmt: skip


async def time_queries(path: str, *, rounds: int) -> dict[str, float]:
    """Return for each query the median milliseconds to find and read its newest 50, each after one run that warms up."""
    times: dict[str, float] = {}
    async with open_catalogue(os.fsencode(path)) as catalogue:
        for query in QUERIES:
            taken = []
            for _ in range(rounds + 1):
                began = time.perf_counter()
                hits = await search(catalogue, [query] if query else [], limit=NEWEST)
                async for _item in hits.items:
                    pass
                taken.append(1000 * (time.perf_counter() - began))
            times[query] = sorted(taken[1:])[rounds // 2]
    return times


@dataclass(frozen=True, slots=True)
class Tagging:
    """How many items were tagged, in how many seconds, and in how many the edit was undone."""

    items: int
    tagged: float
    undone: float


async def time_tagging(path: str, query: str) -> Tagging:
    """Tag what a query finds, and undo it, both by the operations."""
    async with open_catalogue(os.fsencode(path)) as catalogue:
        began = time.perf_counter()
        change = await add_tags(catalogue, "bench", [query])
        tagged = time.perf_counter()
        await undo(catalogue)
        return Tagging(change.changed, tagged - began, time.perf_counter() - tagged)


def percentile(values: list[float], share: float) -> float:
    """Return the smallest of `values` that at least `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, ceil(share * len(ordered)) - 1)]
