"""Names of places: what a point is called, what a file states itself, and how the two come together."""

from __future__ import annotations

import math
import os
import random
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import media_files
from mediaforge.extract.gazetteer import BANDS, PRECISION, Gazetteer, Names, gazetteer, row_of
from reading import facts_of
from tools.places import pack

ROME, ABYSS = (41.8902, 12.4922), (30.0, -40.0)
# Where it is; the names, the smallest first.
POINTS: list[tuple[str, tuple[float, float], str]] = [
    ("the Colosseum", ROME, "Rome, Lazio, Italy"),
    ("a part of Rome with a village's centre nearer", (41.8366, 12.4711), "Rome, Lazio, Italy"),
    ("the Eiffel Tower, to which the centres of two suburbs are nearer", (48.8584, 2.2945), "Paris, Île-de-France, France"),
    ("Versailles", (48.8049, 2.1204), "Versailles, Île-de-France, France"),
    ("Camden Market", (51.5413, -0.1463), "Camden Town, London, England, United Kingdom"),
    ("Times Square", (40.758, -73.9855), "Times Square, New York City, New York, United States"),
    ("Jersey City, over the river and in another state", (40.728, -74.0776), "Jersey City, New Jersey, United States"),
    ("Sagrada Família", (41.4036, 2.1744), "Sagrada Família, Barcelona, Catalonia, Spain"),
    ("the pyramids", (29.9792, 31.1342), "Giza, Egypt"),
    ("Copacabana", (-22.9711, -43.1822), "Rio de Janeiro, Brazil"),
    ("Queens, which is not in Brooklyn, though that is larger", (40.6413, -73.7781), "Queens, New York, United States"),
    ("Bondi Beach", (-33.8908, 151.2743), "Bondi Beach, Sydney, New South Wales, Australia"),
    ("Singapore, which is its own country", (1.3521, 103.8198), "Singapore"),
    ("the Taj Mahal", (27.1751, 78.0421), "Agra, Uttar Pradesh, India"),
    ("Fushimi Inari", (34.9671, 135.7727), "Kyoto, Japan"),
    ("Table Mountain", (-33.9628, 18.4098), "Cape Town, Western Cape, South Africa"),
    ("a harbour far in the south", (-54.8019, -68.303), "Ushuaia, Tierra del Fuego, Argentina"),
    ("a harbour far in the north", (78.2232, 15.6267), "Longyearbyen, Svalbard, Svalbard and Jan Mayen"),
    ("the far north, where degrees of longitude are short", (69.6492, 18.9553), "Tromsø, Troms, Norway"),
    # Villages, and where there is hardly one.
    ("Positano", (40.628, 14.485), "Positano, Campania, Italy"),
    ("Vernazza", (44.135, 9.684), "Vernazza, Liguria, Italy"),
    ("below the Matterhorn", (45.9763, 7.6586), "Zermatt, Valais, Switzerland"),
    ("Machu Picchu", (-13.1631, -72.545), "Machupicchu, Cuzco Department, Peru"),
    ("Uluru, 13 km from the nearest place", (-25.3444, 131.0369), "Yulara, Northern Territory, Australia"),
    ("the Sierra Nevada, 29 km from the nearest place", (38.1893, -119.9558), "United States"),
    # Borders.
    ("Konstanz, on the border", (47.6603, 9.1758), "Konstanz, Baden-Wurttemberg, Germany"),
    ("Kreuzlingen, on its other side", (47.65, 9.175), "Kreuzlingen, Thurgau, Switzerland"),
    ("Annemasse, beside a larger city of another country", (46.194, 6.236), "Annemasse, Auvergne-Rhône-Alpes, France"),
    ("Saint Peter's Square", (41.9022, 12.4573), "Vatican City"),
    ("Macau", (22.1987, 113.5439), "Macau, Macao"),
    # Islands.
    ("Santorini", (36.4618, 25.3753), "Oía, South Aegean, Greece"),
    ("Easter Island", (-27.15, -109.43), "Hanga Roa, Valparaíso, Chile"),
    ("the Azores", (37.74, -25.67), "Ponta Delgada, Azores, Portugal"),
    ("Waikiki", (21.2793, -157.8292), "Waikīkī, Honolulu, Hawaii, United States"),
    ("Reykjavík", (64.1466, -21.9426), "Reykjavík, Capital Region, Iceland"),
    # The antimeridian, the poles, the sea.
    ("Fiji, west of the antimeridian", (-16.7, 179.9), "Fiji"),
    ("Fiji, east of it, with its nearest place on the other side", (-16.7, -179.99), "Fiji"),
    ("the Bering Sea", (62.0, 180.0), ""),
    ("the North Pole", (90.0, 0.0), ""),
    ("the South Pole", (-90.0, 180.0), ""),
    ("the Atlantic", ABYSS, ""),
    ("where receivers are that do not know where they are", (0.0, 0.0), ""),
    ("the sea, 33 km from the coast", (43.45, 7.45), "France"),
]


@pytest.mark.parametrize(("point", "name"), [(point, name) for _, point, name in POINTS], ids=[row[0] for row in POINTS])
def test_what_a_point_is_called(point: tuple[float, float], name: str, tmp_path: Path) -> None:
    facts = facts_of(media_files.make_jpeg(tmp_path / "a.jpg", exif=media_files.gps_tags(*point)))
    assert (facts.place or "") == name
    assert facts.origins.get("place") == ("geonames:cities1000" if name else None)
    assert facts.latitude == pytest.approx(point[0])  # not what the name was looked up with


def packet(properties: str) -> str:
    names = 'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:c="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"'
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {names} {properties}/></rdf:RDF></x:xmpmeta>'
    )


# Point, XMP, IPTC: the place, from where.
STATEMENTS: list[tuple[tuple[float, float] | None, str, Mapping[int, list[str]], str, str]] = [
    (None, "", {90: ["Roma"], 95: ["Lazio"], 101: ["Italia"], 92: ["Trastevere"]}, "Trastevere, Roma, Lazio, Italia",
     "iptc:Sub-location iptc:City iptc:Province-State iptc:Country-PrimaryLocationName"),
    (None, 'photoshop:City="Roma" photoshop:State="Lazio" photoshop:Country="Italia" c:Location="Trastevere"', {},
     "Trastevere, Roma, Lazio, Italia",
     "xmp:iptc:Location xmp:photoshop:City xmp:photoshop:State xmp:photoshop:Country"),
    (None, 'photoshop:City="Rome"', {90: ["Milano"]}, "Rome", "xmp:photoshop:City"),
    (ROME, "", {90: ["Roma"]}, "Roma, Lazio, Italy", "iptc:City geonames:cities1000"),
    (ROME, "", {101: ["Italia"]}, "Rome, Lazio, Italia", "geonames:cities1000 iptc:Country-PrimaryLocationName"),
    (ROME, "", {92: ["Colosseum"]}, "Colosseum, Rome, Lazio, Italy", "iptc:Sub-location geonames:cities1000"),
    (ROME, "", {92: ["ROME"]}, "ROME, Lazio, Italy", "iptc:Sub-location geonames:cities1000"),
    ((51.5413, -0.1463), "", {90: ["Hill"]}, "Hill, England, United Kingdom", "iptc:City geonames:cities1000"),
    (ABYSS, "", {92: ["On board"]}, "On board", "iptc:Sub-location"),
    (ROME, "", {90: [" \0 "]}, "Rome, Lazio, Italy", "geonames:cities1000"),
]  # fmt: skip


@pytest.mark.parametrize(("point", "xmp", "iptc", "name", "origin"), STATEMENTS)
def test_what_a_picture_states_itself_comes_first(
    point: tuple[float, float] | None, xmp: str, iptc: Mapping[int, list[str]], name: str, origin: str, tmp_path: Path
) -> None:
    exif = media_files.gps_tags(*point) if point else None
    told = packet(xmp) if xmp else None
    facts = facts_of(media_files.make_jpeg(tmp_path / "a.jpg", exif=exif, xmp=told, iptc=iptc))
    assert (facts.place, facts.origins["place"]) == (name, origin)


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_the_place_of_a_phones_video(suffix: str, tmp_path: Path) -> None:
    tags = {"com.apple.quicktime.location.ISO6709": "+41.8902+012.4922+021.000/"}
    facts = facts_of(media_files.make_mp4(tmp_path / f"a.{suffix}", seconds=0.2, tags=tags))
    assert (facts.latitude, facts.longitude, facts.altitude) == (41.8902, 12.4922, 21.0)
    assert (facts.place, facts.origins["place"]) == ("Rome, Lazio, Italy", "geonames:cities1000")


def test_the_name_that_a_phone_gave_the_place_comes_first(tmp_path: Path) -> None:
    tags = {"com.apple.quicktime.location.ISO6709": "+41.8902+012.4922/", "com.apple.quicktime.location.name": "Colosseo"}
    facts = facts_of(media_files.make_mp4(tmp_path / "a.mov", seconds=0.2, tags=tags))
    assert facts.place == "Colosseo, Rome, Lazio, Italy"
    assert facts.origins["place"] == "pyav:com.apple.quicktime.location.name geonames:cities1000"


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


def fixed(number: float) -> bytes:
    return struct.pack(">i", round(number * 65536))


XYZ = box(b"\xa9xyz", struct.pack(">HH", 18, 0x15C7) + b"+41.8902+012.4922/")
LOCI = struct.pack(">IH", 0, 0x15C7) + b"Colosseum\0\0" + fixed(12.4922) + fixed(41.8902) + fixed(21) + b"earth\0\0"


@pytest.mark.parametrize(
    ("atom", "suffix", "name"),
    [
        (XYZ, "mov", "Rome, Lazio, Italy"),
        (XYZ, "mp4", "Rome, Lazio, Italy"),  # as Android writes it
        (box(b"loci", LOCI), "3gp", "Colosseum, Rome, Lazio, Italy"),
        (box(b"loci", LOCI.replace(b"Colosseum", b"")), "mp4", "Rome, Lazio, Italy"),
    ],
)
def test_the_place_in_a_movies_user_data(atom: bytes, suffix: str, name: str, tmp_path: Path) -> None:
    path = media_files.make_mp4(tmp_path / f"a.{suffix}", seconds=0.2)
    data = path.read_bytes()
    start = data.index(b"moov") - 4
    size = int.from_bytes(data[start : start + 4], "big")
    moov = data[start + 8 : start + size] + box(b"udta", atom)
    path.write_bytes(data[:start] + box(b"moov", moov) + data[start + size :])
    facts = facts_of(path)
    assert (facts.latitude, facts.longitude) == pytest.approx((41.8902, 12.4922), abs=1e-4)
    assert facts.place == name


PROGRAM = """
import os, sys
from mediaforge.extract.work import read
print(read((os.fsencode(sys.argv[1]), "jpg")).facts.place)
print("mediaforge.extract.gazetteer" in sys.modules)
"""


@pytest.mark.parametrize(
    ("exif", "iptc", "said"),
    [
        ({"Model": "EOS R5"}, {25: ["sea"]}, ["None", "False"]),
        ({}, {90: ["Roma"]}, ["Roma", "False"]),
        (media_files.gps_tags(*ROME), {}, ["Rome, Lazio, Italy", "True"]),
    ],
)
def test_the_gazetteer_is_loaded_for_coordinates_alone(
    exif: Mapping[str, Any], iptc: Mapping[int, list[str]], said: list[str], tmp_path: Path
) -> None:
    path = media_files.make_jpeg(tmp_path / "a.jpg", exif=exif, iptc=iptc)
    done = subprocess.run([sys.executable, "-c", PROGRAM, os.fspath(path)], capture_output=True, text=True)
    assert done.stdout.splitlines() == said, done.stderr


def place(name: str, latitude: float, longitude: float, people: int = 0, state: str = "S", code: str = "XX") -> dict[str, Any]:
    row = {"city": name, "latitude": latitude, "longitude": longitude, "population": people, "country_code": code}
    return row | ({"state": state} if state else {})


def test_a_gazetteer_holds_what_was_put_into_it() -> None:
    rows = [
        place("Pole", 90, 0, state=""),
        place("Östhafen, Kreis Ost", 10, 179.99, 40_000_000),
        place("West", -10.05, -179.99, 12_000, code="YY"),
    ]
    made = Gazetteer(pack(rows, {"XX": "Exland", "YY": "Wyland"}))
    assert made.names(89.95, 120) == Names(city="Pole", country="Exland")
    assert made.names(10, -179.99) == Names(city="Östhafen", region="S", country="Exland")  # across the antimeridian
    assert made.names(-10, 179.99) == Names(city="West", region="S", country="Wyland")
    assert made.names(-10.05, 179.3) == Names(country="Wyland")  # 78 km
    assert made.names(-10.05, 179) == Names()  # 110 km


def test_a_larger_city_that_reaches_as_far_is_the_city() -> None:
    rows = [
        place("City", 0, 0, 1_000_000), place("Part", 0, 0.05, 20_000), place("Town", 0, -0.05, 20_000, "T"),
        place("Village", 0.2, 0, 900),
    ]  # fmt: skip
    made = Gazetteer(pack(rows, {"XX": "Exland"}))
    assert made.names(0, 0.055) == Names("Part", "City", "S", "Exland")
    assert made.names(0, 0.03) == Names(None, "City", "S", "Exland")  # nearer to the part, and not in it
    assert made.names(0, -0.055) == Names(None, "Town", "T", "Exland")  # of another region
    assert made.names(0.15, 0) == Names(None, "Village", "S", "Exland")  # neither reaches: the nearest
    assert made.names(0, 0.001) == Names(None, "City", "S", "Exland")


def test_the_nearest_place_is_found_anywhere() -> None:
    chance = random.Random(1)
    points = [(math.degrees(math.asin(chance.uniform(-1, 1))), chance.uniform(-180, 180)) for _ in range(4000)]
    points += [(90.0, 0.0), (-90.0, 0.0), (0.0, 180.0), (89.9, -179.0), (89.95, 10.0)]
    known = Gazetteer(pack([place(str(number), *point) for number, point in enumerate(points)], {"XX": "Exland"}))
    for _ in range(300):
        asked = math.degrees(math.asin(chance.uniform(-1, 1))), chance.choice((chance.uniform(-180, 180), 179.999, -179.999))
        nearest = min(range(len(points)), key=lambda number: _angle(asked, points[number]))
        km = 6371 * _angle(asked, points[nearest])
        expected = Names(None, str(nearest), "S", "Exland") if km <= 25 else Names(country="Exland") if km <= 100 else Names()
        assert known.names(*asked) == expected, (asked, points[nearest], km)


def _angle(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the angle between two points, from the vectors to them."""
    vectors = []
    for latitude, longitude in (one, other):
        phi, theta = math.radians(latitude), math.radians(longitude)
        vectors.append((math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)))
    return 2 * math.asin(min(1.0, math.dist(*vectors) / 2))


def test_the_file_is_laid_out_as_the_program_reads_it() -> None:
    known = gazetteer()
    bands, latitudes, longitudes, sizes = known._bands, known._latitudes, known._longitudes, known._sizes
    assert (bands[0], bands[2 * BANDS], len(sizes)) == (0, len(sizes), len(sizes))
    for band in range(2 * BANDS):
        places = range(bands[band], bands[band + 1])
        assert {row_of(latitudes[place] / PRECISION, sizes[place]) for place in places} <= {band}, "make it anew"
        assert all(longitudes[place] <= longitudes[place + 1] for place in places[:-1])


def test_the_gazetteer_has_the_whole_world() -> None:
    assert gazetteer().names(35.6895, 139.6917).country == "Japan"
    told = {country for _region, country in gazetteer()._told}
    assert len(told) > 240
    assert told > {"Russia", "South Korea", "Iran", "Vietnam", "Tanzania", "Czechia", "Ivory Coast", "Vatican City"}
    assert not [name for name in told if "," in name]
