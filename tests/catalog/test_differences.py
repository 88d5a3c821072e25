"""The comparison of a scan: where it is kept."""

from __future__ import annotations

import os
from pathlib import Path

from mediaforge.catalog.database import create_catalogue, open_catalogue
from mediaforge.catalog.differences import Differences
from mediaforge.model import LibraryId

FILES = 100_000


def in_files() -> int:
    """Return how many bytes SQLite keeps in temporary files of this process, which have no names any more."""
    links = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
    return sum(os.stat(link).st_size for link in links if os.path.islink(link) and "etilqs" in os.readlink(link))


async def test_what_differs_of_very_many_files_is_no_burden_on_memory(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path / "catalog.db")
    create_catalogue(path)
    async with open_catalogue(path) as catalogue:
        differences = Differences(catalogue)
        await differences.prepare()
        found = [(f"{number:0100}.jpg".encode(), "jpg", "image", 1, 1, number, None) for number in range(FILES)]
        await differences.add(LibraryId(1), found[:1_000])
        assert in_files() == 0
        await differences.add(LibraryId(1), found[1_000:])
        assert in_files() > 2**20
        assert await differences.kinds() == {"image": FILES}
