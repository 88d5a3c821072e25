"""The cache of thumbnails: files that are named by what they hold, in a folder that may be deleted at any time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

from mediaforge.catalog import targets
from mediaforge.catalog.database import Catalogue
from mediaforge.errors import CacheError
from mediaforge.text import display_path

RECIPE = "thumbnail"
SIZES = (1280, 320)
_BUCKETS = tuple(f"{number:02x}" for number in range(256))


class Thumbnails:
    """The thumbnails below a folder, which is made when the first one comes: `thumbnails/ab/abcd…-320.webp`."""

    def __init__(self, folder: str) -> None:
        self.folder = os.path.join(folder, "thumbnails")

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
