"""What names say, without a file and without a catalogue."""

from __future__ import annotations

import os
from dataclasses import dataclass

from mediaforge.extract.filename import taken
from mediaforge.extract.names import MOST, Ignored, Said, understand
from mediaforge.model import SUFFIXES, Kind

__all__ = ["Explained", "Ignored", "Said", "explain"]

_OTHERS = {
    Kind.IMAGE: "an image is not named for what it shows: its name says when it was taken, or nothing",
    Kind.AUDIO: "music is named by its tags: its name says when it was recorded, or nothing",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """What a path says, by whom and where it was read, and what of it says nothing, and why."""

    path: str
    said: tuple[Said, ...]
    ignored: tuple[Ignored, ...]


def explain(path: str) -> Explained:
    """Explain a path; one that is there is made absolute, as a scan would see it, and any other is taken as it stands."""
    whole = os.path.abspath(os.path.expanduser(path)) if os.path.lexists(os.path.expanduser(path)) else path
    *folders, name = whole.rstrip("/").split("/")
    moment = taken(name)
    when = (Said("taken_at", moment.when.isoformat(), name, moment.origin),) if moment else ()
    kind = SUFFIXES.get(name.rpartition(".")[2].lower())
    if why := _OTHERS.get(kind) if kind else None:
        return Explained(path, when, () if when else (Ignored(name, why),))
    found = understand(whole.rstrip("/"))
    heard = {one.text for one in found.said} | {one.text for one in found.ignored}
    silent = [folder for folder in reversed(folders) if folder][:MOST] if found.said else []
    unheard = (Ignored(folder, "a folder's name of no shape that counts") for folder in silent if folder not in heard)
    return Explained(path, (*found.said, *when), (*found.ignored, *unheard))
