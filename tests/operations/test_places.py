"""Pictures and videos found by where they were taken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from program import environment
from shelf import Shelf

import media_files


@pytest.fixture
async def trip(shelf: Shelf) -> Shelf:
    """Return a shelf with what a journey leaves behind, and what has no place."""
    make = media_files.make_jpeg
    make(shelf.folder / "colosseum.jpg", seed=1, exif=media_files.gps_tags(41.8902, 12.4922))
    make(shelf.folder / "scan.jpg", seed=2, iptc={90: ["Rome"], 101: ["Italy"]})
    make(shelf.folder / "tower.jpg", seed=3, exif=media_files.gps_tags(48.8584, 2.2945))
    make(shelf.folder / "canal.jpg", seed=4, exif=media_files.gps_tags(45.4341, 12.3388))
    make(shelf.folder / "ferry.jpg", seed=5, exif=media_files.gps_tags(30, -40))
    make(shelf.folder / "inside.jpg", seed=6, exif={"Model": "EOS R5"})
    tags = {"com.apple.quicktime.location.ISO6709": "+41.9022+012.4539+050.000/"}
    media_files.make_mp4(shelf.folder / "walk.mov", seconds=0.2, tags=tags)
    make(shelf.folder / "zoo.jpg", seed=7, exif=media_files.gps_tags(47.3849, 8.5743))
    await shelf.scan()
    return shelf


FOUND = [
    ("place:rome", "colosseum scan"),
    ("rome", "colosseum scan"),
    ("place:rom", "colosseum scan"),
    ('place:"rome, lazio"', "colosseum"),
    ("place:lazio", "colosseum"),
    ("place:italy", "canal colosseum scan"),
    ("italy", "canal colosseum scan"),
    ("place:vatican", "walk"),
    ("place:paris", "tower"),
    ("ile-de-france", "tower"),
    ("place:=" + '"Paris, Île-de-France, France"', "tower"),
    ("place:zurich", "zoo"),
    ("zürich", "zoo"),
    ("near:41.8902,12.4922,5km", "colosseum walk"),
    ("near:41.8902,12.4922,1km", "colosseum"),
    ("near:30,-40,1km", "ferry"),
    ("has:place", "canal colosseum scan tower walk zoo"),
    ("has:gps", "canal colosseum ferry tower walk zoo"),
    ("-has:place", "ferry inside"),
    ("rome -has:gps", "scan"),
]


async def test_a_place_is_found_by_its_names_and_by_where_it_is(trip: Shelf) -> None:
    found = {query: " ".join(sorted(Path(name).stem for name in await trip.items(query))) for query, _ in FOUND}
    assert found == dict(FOUND)


PROGRAM = """
import sys
sys.argv[:] = ["mediaforge", *sys.argv[1:]]
from mediaforge.cli.app import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print("mediaforge.extract.gazetteer" in sys.modules)
"""


def test_the_parent_of_a_scan_loads_no_gazetteer(shelf: Shelf) -> None:
    media_files.make_jpeg(shelf.folder / "a.jpg", exif=media_files.gps_tags(41.8902, 12.4922))
    line = [sys.executable, "-c", PROGRAM, "--catalog", shelf.config.catalog, "scan", str(shelf.folder)]
    done = subprocess.run(line, capture_output=True, text=True, env=environment())
    assert done.stdout.splitlines()[-1:] == ["False"], done.stderr
    assert shelf.rows("SELECT place FROM media") == [("Rome, Lazio, Italy",)]
