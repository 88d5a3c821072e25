"""Google Takeout: the JSON that an export of Google Photos has beside each file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from mediaforge.errors import ExtractError
from mediaforge.extract.door import door
from mediaforge.extract.draft import Draft, sane
from mediaforge.extract.taken import candidate
from mediaforge.model import TakenSource


def read_takeout(draft: Draft, data: bytes) -> None:
    """Put what Google Photos knew of a file into the draft; JSON of other programs says nothing.

    Raises ExtractError where it is broken.
    """
    with door():
        found = json.loads(data)
    if not isinstance(found, dict) or not isinstance(found.get("photoTakenTime"), dict):
        return
    with door():
        draft.taken(candidate(TakenSource.TAKEOUT, _instant(found["photoTakenTime"]), "takeout:photoTakenTime"))
    description = found.get("description")
    draft.put("description", description if isinstance(description, str) else None, "takeout:description")
    for name in ("geoData", "geoDataExif"):
        _apply_position(draft, found.get(name), name)
    people = found.get("people")
    names = [one.get("name") for one in people if isinstance(one, dict)] if isinstance(people, list) else []
    draft.note("people", ", ".join(name for name in names if isinstance(name, str)) or None, "takeout:people")
    for name in ("favorited", "archived", "trashed"):
        if found.get(name) is True:
            draft.note(name, value=True, origin=f"takeout:{name}")


def _instant(moment: Mapping[str, object]) -> datetime | None:
    seconds = moment.get("timestamp")
    if not isinstance(seconds, str | int):
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except ValueError as error:
        raise ExtractError(f"has a time that is none: {str(seconds)[:40]!r}") from error


def _apply_position(draft: Draft, place: object, name: str) -> None:
    if "latitude" in draft.values or not isinstance(place, dict):
        return
    latitude, longitude, altitude = (_number(place.get(key)) for key in ("latitude", "longitude", "altitude"))
    if not (latitude or longitude):  # 0, 0 is how Google says that it does not know
        return
    if sane("latitude", latitude) is not None and sane("longitude", longitude) is not None:
        draft.put("latitude", latitude, f"takeout:{name}")
        draft.put("longitude", longitude, f"takeout:{name}")
        draft.put("altitude", altitude or None, f"takeout:{name}")


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
