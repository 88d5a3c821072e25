"""Watch: keep libraries current, by scanning what changed as soon as it has come to rest."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic

from mediaforge.catalog import libraries, media
from mediaforge.catalog.database import Catalogue
from mediaforge.config import Config
from mediaforge.errors import Busy, CatalogueError, MediaForgeError, NothingMatched, RootNotFound, UsageError, VolumeOffline
from mediaforge.events import Event
from mediaforge.operations.burst import Burst
from mediaforge.operations.catalogues import opened
from mediaforge.operations.job import ScanOptions, ScanReport
from mediaforge.operations.listen import (
    MANY,
    Mounts,
    beside,
    changes,
    concerned,
    few,
    is_behind_link,
    is_media,
    is_watched,
    obstacle,
)
from mediaforge.operations.roots import absolute, is_below, resolve
from mediaforge.operations.scan import scan
from mediaforge.operations.select import by_targets
from mediaforge.scan.volume import look
from mediaforge.scan.walk import RootSilent
from mediaforge.text import display_path

_LOOK = 2.0  # seconds between two looks at a folder that is watched or looked for: one stat
_DEAFENINGS = 3  # by names that are not UTF-8, until a place is not listened to any more


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """How to watch, in seconds.

    `settle`: a change is scanned when nothing else has happened for so long. `interval`: between the regular scans of what
    cannot be watched.
    """

    settle: float = 5.0
    interval: float = 300.0


@dataclass(frozen=True, slots=True)
class Notice:
    """What a person should know, as a sentence; `wrong`: it is no good news."""

    text: str
    wrong: bool = False


WatchListener = Callable[[Event | Notice | ScanReport], None]


async def watch(
    config: Config, paths: Sequence[str], options: WatchOptions, *, stop: asyncio.Event, events: WatchListener
) -> None:
    """Scan the folders at `paths`, or every library, and then what changes in them, until `stop` is set.

    `events` hears what a scan tells, the report of each, and notices. UsageError where there is nothing to watch; RootNotFound
    and CatalogueError only at the beginning: a catalogue that goes later is waited for, as folders and other scans are.
    """
    places = [absolute(path) for path in paths]
    for path in places:
        if os.path.lexists(path) and not os.path.isdir(path):
            raise UsageError(f"'{display_path(path)}' is no folder; name the folder that it is in")
    named = [path for path in places if not any(is_below(path, other) for other in places)]
    await _Watch(config, named, options, stop, events).run()


@dataclass(slots=True, eq=False)
class _Place:
    """A folder that is kept current: watched while `listener` runs, or else scanned regularly."""

    path: bytes
    seen: tuple[int, int] | None = None  # device and inode; None: it is not there
    network: bool = False
    listener: asyncio.Task[None] | None = None
    tells: bool = False  # whether `is_watched` can tell of it
    doubted: bool = False  # something was mounted or unmounted since it was looked at
    offline: bool = False  # as the last scan of it, or of several with it, has told
    polled: bool = False
    deafened: int = 0  # how often a name that is not UTF-8 has ended its listener
    look: float = 0.0  # when to look at it again
    due: float = inf  # when to scan it again, where it is polled

    @property
    def is_heard(self) -> bool:
        return self.listener is not None and not self.listener.done()


class _Watch:
    """The places, and what has changed in them since they were scanned."""

    def __init__(
        self, config: Config, named: Sequence[bytes], options: WatchOptions, stop: asyncio.Event, events: WatchListener
    ) -> None:
        self._config, self._named, self._options = config, named, options
        self._stop, self._events = stop, events
        self._mounts = Mounts()
        self._started = False
        self._places = [_Place(path) for path in dict.fromkeys(named)]
        self._catalogue: object = None  # as it was when its libraries were read
        self._burst = Burst(options.settle)
        self._said: set[str] = set()
        self._trouble = ""  # why the last scan failed

    async def run(self) -> None:
        relay = asyncio.create_task(self._wake_at_stop())
        try:
            await self._begin()
            while not self._stop.is_set():
                await self._look_around()
                if monotonic() >= self._burst.due:
                    await self._scan_changed()
                await self._rest()
        finally:
            relay.cancel()
            self._mounts.close()
            await asyncio.gather(relay, *(self._hush(place) for place in self._places), return_exceptions=True)

    async def _begin(self) -> None:
        """Scan everything, and then listen to it.

        In this order, since the scan can be stopped and has the folders cached when the watches are set up. What happened in
        between is found by a second scan, as in `_appear`.
        """
        await self._find_places()
        if not self._places:
            raise UsageError("no library to watch; name a folder, or scan one first: mediaforge scan FOLDER")
        await self._scan([place.path for place in self._places])
        self._started = True
        for place in self._places:
            place.seen = await self._see(place)
            if place.seen:
                await self._listen(place)

    async def _wake_at_stop(self) -> None:
        await self._stop.wait()
        self._burst.noted.set()

    async def _rest(self) -> None:
        """Wait until there is something to do."""
        until = min(self._burst.due, *(place.look for place in self._places), monotonic() + _LOOK)
        try:
            async with asyncio.timeout(until - monotonic()):
                await self._burst.noted.wait()
        except TimeoutError:
            pass
        if not self._stop.is_set():
            self._burst.noted.clear()

    # Places that come and go.

    async def _find_places(self) -> None:
        """Watch every library that there is, where nothing is named; they are read again when the catalogue has changed."""
        now = _stamp(self._config.catalog)
        if self._named or now == self._catalogue:
            return
        try:
            async with opened(self._config) as catalogue:
                roots = {library.root for library in await libraries.list_libraries(catalogue)}
        except CatalogueError as error:
            self._despair(error)
            return
        self._catalogue = now
        for place in [place for place in self._places if place.path not in roots]:
            await self._hush(place)
            self._places.remove(place)
        self._places += [_Place(root) for root in sorted(roots - {place.path for place in self._places})]

    async def _look_around(self) -> None:
        await self._find_places()
        mounted = self._mounts.changed()
        for place in list(self._places):
            place.doubted |= mounted
            if monotonic() < place.look:
                continue
            place.look = monotonic() + _LOOK
            seen = await self._see(place)
            if seen != place.seen or (seen and (self._is_deaf(place) or await self._is_back(place))):
                await self._appear(place, seen)
            elif seen and not place.polled and not place.is_heard:
                await self._listen(place)
            elif place.polled and monotonic() >= place.due:
                place.due = monotonic() + self._options.interval
                self._burst.note([place.path])

    def _is_deaf(self, place: _Place) -> bool:
        """Say whether a place was unmounted and mounted again between two looks: it looks the same, and nothing is heard."""
        doubted, place.doubted = place.doubted, False
        return doubted and place.is_heard and place.tells and not is_watched(place.path)

    async def _is_back(self, place: _Place) -> bool:
        """Say whether a volume that a scan has missed is there: it may have come back before anybody looked."""
        if not place.offline:
            return False
        try:
            async with opened(self._config) as catalogue:
                roots = await resolve(catalogue, [place.path], silence=self._config.silence)
        except MediaForgeError:  # told where it is scanned
            return False
        return all(root.offline is None for root in roots)

    async def _see(self, place: _Place) -> tuple[int, int] | None:
        """Return what is at a place now; a local folder's inode is in memory as long as it is watched."""
        try:
            if not place.is_heard:
                volume = await look(place.path, min(self._config.silence, self._options.interval))
                place.network = volume is not None and volume.network
                if volume is None:
                    return None
            status = os.stat(place.path)
        except RootSilent:
            place.look = monotonic() + self._options.interval  # each look leaves a thread behind that waits for an answer
            return None
        except OSError:
            return None
        return status.st_dev, status.st_ino

    async def _appear(self, place: _Place, seen: tuple[int, int] | None) -> None:
        """Scan a place that came, went or was exchanged: the scan tells what is offline."""
        await self._hush(place)
        place.seen, place.polled = seen, False
        await self._scan([place.path])
        if seen:
            await self._listen(place)

    # Listening.

    async def _listen(self, place: _Place) -> None:
        """Hear of everything that changes at a place from now on, or else scan it regularly."""
        if place.network:
            return self._poll(place, "it is on a network, where changes of others are not heard", wrong=False)
        place.listener = asyncio.create_task(self._hear(place))
        await asyncio.sleep(0)  # the task has set its watches up when it first waits
        if why := obstacle(place.path):
            await self._hush(place)
            return self._poll(place, why)
        place.tells = sys.platform == "linux" and is_watched(place.path)
        self._tell(f"watching '{display_path(place.path)}'")
        self._burst.note([place.path])
        return None

    def _poll(self, place: _Place, why: str, *, wrong: bool = True) -> None:
        place.polled, place.due = True, monotonic() + self._options.interval
        every = f"every {self._options.interval:g} seconds"
        self._tell(f"'{display_path(place.path)}' is scanned {every} instead of being watched: {why}", wrong=wrong)

    async def _hear(self, place: _Place) -> None:
        try:
            async for burst in changes(place.path):
                if len(burst) >= MANY:
                    return self._burst.note([place.path])
                self._burst.note(filter(None, (concerned(place.path, path) for path, _new in burst)))
                if any(new and os.path.isdir(path) for path, new in burst) and (why := obstacle(place.path)):
                    return self._poll(place, why)
        except* RuntimeError:  # a name that is not UTF-8
            self._deafen(place)
        except* (OSError, ValueError):  # no such folder: looked at next
            self._burst.note([place.path])
        return None

    def _deafen(self, place: _Place) -> None:
        """Scan a place whose listener has ended, and listen anew; where that comes to nothing, scan it regularly.

        Of a folder whose name is not UTF-8 even the scan that follows is an event that ends the listener.
        """
        place.deafened += 1
        self._burst.note([place.path])
        if place.deafened > _DEAFENINGS:
            self._poll(place, "a folder in it has a name that is not UTF-8")

    async def _hush(self, place: _Place) -> None:
        listener, place.listener = place.listener, None
        if listener is not None:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)

    # Scanning.

    async def _scan_changed(self) -> None:
        changed = self._burst.take()
        try:
            async with opened(self._config) as catalogue:
                known = [library.root for library in await libraries.list_libraries(catalogue)]
                concerned = changed.union(*map(beside, changed))
                found = {path for path in concerned if await self._still_concerns(catalogue, path)}
        except CatalogueError as error:
            self._despair(error)
            return self._burst.note(changed)
        # A catalogue that was exchanged may not know a library: a folder of it must not become one.
        places = {place.path for place in self._places}
        roots = {path if _is_in(path, known) else place for path in found for place in places if _is_in(path, [place])}
        if roots := {path for path in roots if _is_in(path, known) or os.path.isdir(path)}:
            await self._scan(few(roots, places))
        return None

    async def _still_concerns(self, catalogue: Catalogue, path: bytes) -> bool:
        """Say whether what changed is a media file, or is or was a folder."""
        place = next((place.path for place in self._places if _is_in(path, [place.path])), None)
        if place is None or (path != place and is_behind_link(place, path)):
            return False
        if path == place or is_media(path):
            return True
        if os.path.lexists(path):
            return os.path.isdir(path) and not os.path.islink(path)
        try:
            was = await by_targets(catalogue, [os.fsdecode(path)])
        except NothingMatched:  # in no library
            return False
        return bool(await media.select_ids(catalogue, was.sql, was.params, order="m.id", limit=1))

    async def _scan(self, paths: Sequence[bytes]) -> None:
        halt = asyncio.Event()  # its own, since another terminal may cancel one scan, and the watch goes on
        relay = asyncio.create_task(_pass_on(self._stop, halt))
        options = ScanOptions(settle=self._options.settle)
        try:
            typed = [os.fsdecode(path) for path in paths]
            report = await scan(self._config, typed, options, stop=halt, events=self._events)
        except Busy:
            return self._burst.note(paths)
        except (CatalogueError, RootNotFound, VolumeOffline) as error:
            if not self._started:
                raise
            self._despair(error)
            return None if isinstance(error, RootNotFound) else self._burst.note(paths)
        finally:
            relay.cancel()
        self._trouble = ""
        self._events(report)
        for place in self._places:
            if any(_is_in(path, [place.path]) for path in paths):
                place.offline = bool(report.offline)
        if report.plan.settling or report.unsettled:
            self._burst.note(paths)
        return None

    # Telling.

    def _tell(self, text: str, *, wrong: bool = False) -> None:
        """Tell something; what is wrong is told once."""
        if not wrong or text not in self._said:
            self._events(Notice(text, wrong))
        if wrong:
            self._said.add(text)

    def _despair(self, error: Exception) -> None:
        """Tell why there is no scan for now, once until there was one; at the beginning it ends the watch."""
        if not self._started:
            raise error
        if str(error) != self._trouble:
            self._trouble = str(error)
            self._events(Notice(self._trouble, wrong=True))


def _is_in(path: bytes, roots: Collection[bytes]) -> bool:
    return any(path == root or is_below(path, root) for root in roots)


async def _pass_on(stop: asyncio.Event, halt: asyncio.Event) -> None:
    await stop.wait()
    halt.set()


def _stamp(catalog: str) -> object:
    """Return what tells one state of the catalogue's files from the next."""
    found = []
    for path in (catalog, f"{catalog}-wal"):
        try:
            status = os.stat(path)
            found.append((status.st_dev, status.st_ino, status.st_mtime_ns))
        except OSError:
            found.append((0, 0, 0))
    return found
