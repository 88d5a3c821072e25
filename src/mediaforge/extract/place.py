"""Where a file was taken, in words: what it states itself, completed by the names of what is nearest to its coordinates."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mediaforge.extract.draft import Draft
from mediaforge.text import fold

if TYPE_CHECKING:
    from mediaforge.extract.gazetteer import Names

STATED = ("sublocation", "city", "state", "country")
"""What a file may state, as facts without a field of their own, the smallest first."""
_ORIGIN = "geonames:cities1000"


def locate(draft: Draft) -> None:
    """Put the place's name, such as `Rome, Lazio, Italy`: each level as the file states it, or else as the gazetteer has it."""
    stated = {level: str(draft.extra[level]) for level in STATED if level in draft.extra}
    latitude, longitude = draft.values.get("latitude"), draft.values.get("longitude")
    found: dict[str, str | None] = {}
    if latitude is not None and longitude is not None:
        names = _names(round(latitude, 3), round(longitude, 3))
        found = {"sublocation": names.suburb, "city": names.city, "state": names.region, "country": names.country}
        if "city" in stated:
            found["sublocation"] = None  # a part of the gazetteer's city, which may be another
    levels = {level: stated.get(level) or found.get(level) for level in STATED}
    origins = dict.fromkeys(
        draft.origins.get(level, draft.reader) if level in stated else _ORIGIN for level in STATED if levels[level]
    )
    draft.put("place", _joined([name for name in levels.values() if name]), " ".join(origins))


def name_of(latitude: float, longitude: float) -> str | None:
    """Return what a point is called, as a file's place is written that states nothing of it; None far from everywhere."""
    names = _names(round(latitude, 3), round(longitude, 3))
    return _joined([name for name in (names.suburb, names.city, names.region, names.country) if name]) or None


@lru_cache(4096)
def _names(latitude: float, longitude: float) -> Names:
    """Return what a point is called; pictures are taken where others were, and a thousandth of a degree is 100 m."""
    from mediaforge.extract.gazetteer import gazetteer

    return gazetteer().names(latitude, longitude)


def _joined(names: list[str]) -> str:
    """Return names with commas between, without those that only repeat the one before: Singapore, Singapore."""
    kept = [name for name, before in zip(names, [None, *names], strict=False) if before is None or fold(name) != fold(before)]
    return ", ".join(kept)
