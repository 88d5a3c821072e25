"""Names of no plain shape, as guessit reads them: the door to it, and what of its answer is believed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from mediaforge.errors import ExtractError
from mediaforge.extract.door import door
from mediaforge.extract.name_marks import Ignored, Said
from mediaforge.extract.name_words import NEVER, Understood, clean

# guessit's name, and ours.
_FIELDS: Mapping[str, str] = {
    "year": "year",
    "season": "season",
    "episode": "episode",
    "episode_title": "episode_title",
    "screen_size": "name_screen_size",
    "source": "name_source",
    "edition": "name_edition",
    "release_group": "name_release_group",
    "date": "name_date",
    "part": "name_part",
    "cd": "name_part",
}
_EXTRAS: Mapping[str, str] = {"Trailer": "trailer", "Sample": "sample", "Extras": "extra", "Bonus": "extra"}


@lru_cache(maxsize=4096)
def guess(stem: str) -> Understood:
    """Return what guessit makes of a name without its suffix, less what it only supposes. 10 ms, the first time 250."""
    matches = _asked(stem)
    dropped = [match for field in ("season", "episode") for match in matches.get(field, ()) if not _is_plain(match, stem)]
    ignored = (Ignored(match.raw, "a number alone is no episode") for match in dropped)
    kept = {field: [one for one in found if one not in dropped] for field, found in matches.items()}
    return Understood((*_titled(kept, dropped, stem), *_said(kept)), tuple(dict.fromkeys(ignored)))


def _asked(stem: str) -> Mapping[str, list[Any]]:
    from guessit import guessit

    try:
        with door():
            found = guessit(stem, {"no_user_config": True, "advanced": True})
    except ExtractError:  # a name that guessit stumbles over says nothing; the file is not broken for it
        return {}
    return {field: match if isinstance(match, list) else [match] for field, match in found.items()}


def _is_plain(match: Any, stem: str) -> bool:
    """Tell whether a season or an episode is written as one (`S01`, `1x02`, `Episode 5`): guessit reads 720 as S07E20."""
    written = (match.initiator or match).raw
    if re.search(r"[^\W\d_]", written):
        return True
    return stem.startswith("[") and match.value not in NEVER and match.name == "episode" and len(written.strip()) < 4


def _titled(kept: Mapping[str, list[Any]], dropped: Iterable[Any], stem: str) -> list[Said]:
    """Return the title, of a show where an episode or a date is named; with a number that was no episode."""
    if not (found := kept.get("title")):
        return []
    match = found[0]
    end = max((one.end for one in dropped if 0 <= one.start - match.end <= 2), default=match.end)
    value = clean(stem[match.start : end], stem) if end > match.end else str(match.value)
    field = "show" if any(kept.get(name) for name in ("season", "episode", "date")) else "title"
    return [Said(field, value, value, "guessit")]


def _said(kept: Mapping[str, list[Any]]) -> list[Said]:
    said = [
        Said(ours, _plain(found[0].value), found[0].raw.strip(" ._-[]()"), "guessit")
        for theirs, ours in _FIELDS.items()
        if (found := kept.get(theirs))
    ]
    numbers = [one.value for one in kept.get("episode", ()) if isinstance(one.value, int)]
    if numbers and max(numbers) > numbers[0]:
        said.append(Said("name_last_episode", max(numbers), "", "guessit"))
    others = [(_EXTRAS.get(str(other.value)), other.raw) for other in kept.get("other", ())]
    return said + [Said("name_extra", kind, raw, "guessit") for kind, raw in others if kind]


def _plain(value: object) -> str | int:
    return value if isinstance(value, int) else str(value)
