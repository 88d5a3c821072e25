"""The cache of thumbnails: files that are named by what they hold, in a folder that may be deleted at any time."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Iterator, Sequence

from mediaforge.catalog import targets
from mediaforge.catalog.database import Catalogue
from mediaforge.config import Config
from mediaforge.errors import CacheError
from mediaforge.text import display_path

RECIPE = "thumbnail"
SIZES = (1280, 320)
_YOUNG = 3600.0  # seconds for which a file without an item is let be: another process may be about to write its row
_BUCKETS = tuple(f"{number:02x}" for number in range(256))


class Thumbnails:
    """The thumbnails of a catalogue: `thumbnails/<of the catalogue's path>/ab/abcd…-320.webp`, made when the first one comes.

    Catalogues may share a cache: each has a folder of its own there, so that none clears away what another needs.
    """

    def __init__(self, config: Config) -> None:
        own = hashlib.sha256(os.fsencode(os.path.realpath(config.catalog))).hexdigest()[:12]
        self.folder = os.path.join(config.cache, RECIPE + "s", own)

    def path(self, name: str, size: int) -> str:
        """Return where the thumbnail of this name and size is, or would be."""
        return os.path.join(self.folder, name[:2], f"{name}-{size}.webp")

    def keep(self, name: str, pictures: Sequence[tuple[int, bytes]]) -> int:
        """Write pictures, each whole or not at all, and return their bytes; CacheError where the disk refuses it."""
        for size, data in pictures:
            path = self.path(name, size)
            draft = f"{path}.{os.getpid()}.new"
            try:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                try:
                    with open(draft, "wb") as file:
                        file.write(data)
                    os.replace(draft, path)
                except BaseException:
                    if os.path.exists(draft):
                        os.unlink(draft)
                    raise
            except OSError as error:
                shown, why = display_path(os.fsencode(self.folder)), (error.strerror or str(error)).lower()
                raise CacheError(
                    f"cannot write thumbnails to '{shown}': {why}; what was made is kept: free some space, or set 'cache' to"
                    " another folder, and run this again"
                ) from error
        return sum(len(data) for _size, data in pictures)

    def names(self, bucket: str) -> frozenset[str]:
        """Return the names of the thumbnails that are there in every size, of those that begin so."""
        try:
            found = set(os.listdir(os.path.join(self.folder, bucket)))
        except OSError:
            return frozenset()  # deleted, or never made
        first, *others = (f"-{size}.webp" for size in SIZES)
        names = (file.removesuffix(first) for file in found if file.endswith(first))
        return frozenset(name for name in names if all(name + other in found for other in others))

    async def find_gone(self, catalogue: Catalogue) -> None:
        """Find the thumbnails that somebody has deleted: they are stale."""
        for bucket in _BUCKETS:
            if kept := await targets.kept(catalogue, RECIPE, bucket):
                there = await asyncio.to_thread(self.names, bucket)
                await targets.add_gone(catalogue, RECIPE, [media for media, name in kept.items() if name not in there])

    async def clear(self, catalogue: Catalogue) -> int:
        """Remove what no item has any more, and drafts that a killed process left; return how many files those were."""
        count = 0
        for bucket in _BUCKETS:
            if old := await asyncio.to_thread(lambda at: list(self._old(at)), bucket):
                kept = set((await targets.kept(catalogue, RECIPE, bucket)).values())
                unnamed = [file for file in old if file.endswith(".new") or file.partition("-")[0] not in kept]
                count += await asyncio.to_thread(self._remove, bucket, unnamed)
        return count

    def _old(self, bucket: str) -> Iterator[str]:
        """Yield the files that are not young any more, of those that begin so."""
        now = time.time()
        try:
            with os.scandir(os.path.join(self.folder, bucket)) as found:
                yield from (entry.name for entry in found if now - entry.stat().st_mtime > _YOUNG)
        except OSError:
            return  # deleted, or never made

    def _remove(self, bucket: str, files: Sequence[str]) -> int:
        count = 0
        for file in files:
            try:
                os.unlink(os.path.join(self.folder, bucket, file))
                count += 1
            except OSError:
                continue  # somebody else was faster, or may do it and we may not
        return count
