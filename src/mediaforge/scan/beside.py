"""The sidecars of one folder while it is walked, and the media files that they stand beside."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter

from mediaforge.model import Kind
from mediaforge.scanned import Found
from mediaforge.sidecars import ABOVE, ARTWORK, SHOW, SUFFIXES, Beside, Companion, pack

SIDECARS = frozenset(suffix.encode() for suffix in SUFFIXES)
_ARTWORK = tuple(end.encode() for end in ARTWORK)
_KIND = itemgetter(2)
_VIDEO, _IMAGE = Kind.VIDEO.value, Kind.IMAGE.value

Entry = os.DirEntry[bytes]
Look = Callable[[Entry], Companion | None]


class Sidecars:
    """What in one folder may be a sidecar; `above` are those of the folder above it.

    `look` tells what a sidecar is like, None where it is gone, and is asked only about those that belong to a file.
    """

    __slots__ = ("_above", "_beside", "_look", "_seen", "_videos", "is_whole")

    def __init__(self, above: Sidecars | None, look: Look) -> None:
        self._above, self._look = above, look
        self._seen: dict[str, Entry | Companion | None] = {}
        self._videos: set[str] = set()
        self._beside: Beside | None = None
        self.is_whole = False  # whether the folder was looked through before all of its files were told

    def add(self, entry: Entry) -> None:
        """Add a file that may be a sidecar."""
        if not self.is_whole:
            self._seen[os.fsdecode(entry.name)] = entry

    def look_through(self, entries: Iterable[Entry], kinds: Mapping[bytes, tuple[str, str]]) -> None:
        """Find the sidecars among all entries of a folder (none that is left out) whose files are not all told at once.

        `kinds` are suffix and kind of media files by the suffix of a name.
        """
        for entry in entries:
            stem, _, suffix = entry.name.rpartition(b".")
            media = kinds.get(suffix.lower())
            if not stem:
                continue
            if media and media[1] == _VIDEO:
                self._videos.add(os.fsdecode(entry.name))
            elif suffix.lower() in SIDECARS or (media and media[1] == _IMAGE and stem.lower().endswith(_ARTWORK)):
                self.add(entry)
        self.is_whole = True

    def attach(self, found: Sequence[Found]) -> Sequence[Found]:
        """Return files of the folder with what stands beside each, without the pictures of its videos."""
        has_videos = bool(self._videos) if self.is_whole else _VIDEO in set(map(_KIND, found))
        if not (self._seen or has_videos):
            return found  # most folders: this must cost nothing
        if has_videos and self._beside is None:
            self._notice(found)
        if not self._seen:
            return found
        beside = self._beside = self._beside or Beside(self._seen, self._videos)
        return [
            (*one[:6], self._packed(beside.of(_name(one), one[2])))
            for one in found
            if not (_is_artwork(one) and beside.is_of_video(_name(one)))
        ]

    def shows(self) -> list[Companion]:
        """Return what is said of the series of which the folders below are seasons."""
        return [seen for name in list(self._seen) if name.lower() == SHOW and (seen := self._stamp(name))]

    def close(self) -> None:
        """Keep what the folders below may ask for, and no more."""
        self._seen = {name: seen for name, seen in self._seen.items() if name.lower() == SHOW}
        self._videos, self._beside, self._above = set(), None, None

    def _notice(self, found: Sequence[Found]) -> None:
        """Remember the videos, the pictures that may be theirs, and what the folder above says of them."""
        for one in found if not self.is_whole else ():
            if one[2] == _VIDEO:
                self._videos.add(_name(one))
            elif _is_artwork(one):
                self._seen[_name(one)] = Companion(os.fsencode(_name(one)), one[3], one[4])
        for show in self._above.shows() if self._above else ():
            name = f"{ABOVE}{os.fsdecode(show.name)}"
            self._seen[name] = Companion(os.fsencode(name), show.size, show.mtime_ns)

    def _packed(self, names: Sequence[str]) -> bytes | None:
        return pack([seen for name in names if (seen := self._stamp(name))]) if names else None

    def _stamp(self, name: str) -> Companion | None:
        seen = self._seen[name]
        if isinstance(seen, os.DirEntry):
            seen = self._seen[name] = self._look(seen)
        return seen


def _name(found: Found) -> str:
    path = found[0]
    return os.fsdecode(path[path.rfind(b"/") + 1 :])


def _is_artwork(found: Found) -> bool:
    return found[2] == _IMAGE and found[0].rpartition(b".")[0].lower().endswith(_ARTWORK)
