"""Real files from elsewhere: how many are read, and how far their facts agree with what ffprobe and exiftool say of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mediaforge.errors import ExtractError
from mediaforge.extract.work import read
from mediaforge.model import SUFFIXES, Facts

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
READ, UNREADABLE = 571, 43

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here: no agreement is measured"),
]

Check = tuple[object, object, Callable[[Any, Any], bool]]  # ours, theirs, whether they agree


def same(ours: Any, theirs: Any) -> bool:
    return bool(ours == theirs)


def text(ours: Any, theirs: Any) -> bool:
    return str(ours).strip() == str(theirs).strip()


def near(ours: Any, theirs: Any) -> bool:
    number = float(str(theirs).split()[0])  # exiftool gives two ISO speeds in one text
    return bool(abs(ours - number) <= 0.01 * abs(number))


def place(ours: Any, theirs: Any) -> bool:
    return bool(abs(ours - float(theirs)) <= 1e-5)


def lasting(ours: Any, theirs: Any) -> bool:
    return bool(abs(ours - theirs) <= max(0.01 * theirs, 0.05))


@pytest.fixture(scope="module")
def facts() -> dict[str, Facts | str]:
    found: dict[str, Facts | str] = {}
    for folder, _, names in os.walk(CORPUS / "media"):
        for name in names:
            path = Path(folder, name)
            suffix = path.suffix[1:].lower()
            if suffix in SUFFIXES:
                try:
                    found[str(path.relative_to(CORPUS / "media"))] = read((os.fsencode(path), suffix)).facts
                except ExtractError as error:
                    found[str(path.relative_to(CORPUS / "media"))] = str(error)
    return found


def truth(name: str) -> dict[str, dict[str, Any]]:
    with (CORPUS / "truth" / name).open() as lines:
        return {row["path"]: row for row in map(json.loads, lines)}


def by_ffprobe(ours: Facts, row: dict[str, Any]) -> Iterator[tuple[str, Check]]:
    streams = row["streams"]
    tags = {key.lower(): value for key, value in (row["tags"] or {}).items()}
    pictures = [s for s in streams if s["codec_type"] == "video" and not s.get("disposition_attached_pic")]
    sounds = [s for s in streams if s["codec_type"] == "audio"]
    yield "streams", ([s.type.value for s in ours.streams], [s["codec_type"] for s in streams], same)
    yield (
        "codecs",
        (
            [s.codec for s in ours.streams if s.type in ("video", "audio")],
            [s.get("codec_name") for s in streams if s["codec_type"] in ("video", "audio")],
            same,
        ),
    )
    if pictures:
        yield "size", ((ours.width, ours.height), (pictures[0].get("width"), pictures[0].get("height")), same)
    if sounds:
        yield "channels", (ours.channels, sounds[0].get("channels") or None, same)
        yield "sample rate", (ours.sample_rate, int(sounds[0].get("sample_rate") or 0) or None, same)
    yield "duration", (ours.duration, float(row["duration"]) if row.get("duration") else None, lasting)
    for name in ("title", "artist", "album", "genre"):
        yield "music tags", (getattr(ours, name), tags.get(name), text)
    for name, key in (("year", "date"), ("track", "track")):
        number = "".join(c for c in tags.get(key, "")[:4].split("/")[0] if c.isdigit())
        yield "music tags", (getattr(ours, name), int(number) if number else None, same)


IMAGE_FIELDS: tuple[tuple[str, str, str, Callable[[Any, Any], bool]], ...] = (
    ("size", "width", "ImageWidth", same), ("size", "height", "ImageHeight", same),
    ("orientation", "orientation", "Orientation", same), ("camera", "camera_make", "Make", text),
    ("camera", "camera_model", "Model", text), ("exposure", "exposure_time", "ExposureTime", near),
    ("exposure", "f_number", "FNumber", near), ("exposure", "focal_length", "FocalLength", near),
    ("exposure", "iso", "ISO", near), ("gps", "latitude", "GPSLatitude", place), ("gps", "longitude", "GPSLongitude", place),
    ("words", "rating", "Rating", same), ("words", "artist", "Artist", text), ("words", "title", "Title", text),
)  # fmt: skip


def by_exiftool(ours: Facts, row: dict[str, Any]) -> Iterator[tuple[str, Check]]:
    for field, name, key, agree in IMAGE_FIELDS:
        told = row.get(key)
        yield field, (getattr(ours, name), None if isinstance(told, str) and not told.strip() else told, agree)
    told = str(row.get("DateTimeOriginal") or "")[:19]
    when = ours.taken_at.strftime("%Y:%m:%d %H:%M:%S") if ours.taken_at else None
    yield "taken", (when, told if told[:1] in ("1", "2") else None, same)


# The least that must agree of what the other tool states, in per cent. What is missing to 100 are files that are broken on
# purpose (lengths of 2^31, exposures of 2^32), values that exiftool takes out of maker notes, and answers of ffprobe 5.1 that
# newer ones correct.
LEAST = {
    "streams": 98, "codecs": 98, "channels": 99, "sample rate": 99, "duration": 96, "music tags": 99, "size": 98.5,
    "orientation": 98.5, "camera": 97, "exposure": 95, "gps": 94, "words": 84, "taken": 96,
}  # fmt: skip


def test_so_many_files_are_read(facts: dict[str, Facts | str]) -> None:
    broken = [path for path, found in facts.items() if isinstance(found, str)]
    assert (len(facts) - len(broken), len(broken)) == (READ, UNREADABLE)


def test_facts_agree_with_trusted_tools(facts: dict[str, Facts | str]) -> None:
    checks: dict[str, list[tuple[str, Check]]] = {}
    ffprobe, exiftool = truth("ffprobe.jsonl"), truth("exiftool.jsonl")
    for path, ours in facts.items():
        if isinstance(ours, Facts):
            rows: list[tuple[str, Check]] = []
            if path in ffprobe and ffprobe[path]["rc"] == 0:
                rows += by_ffprobe(ours, ffprobe[path])
            if path in exiftool and "Error" not in exiftool[path]:
                rows += by_exiftool(ours, exiftool[path])
            for field, check in rows:
                if check[1] is not None:
                    checks.setdefault(field, []).append((path, check))
    shares = {}
    for field, of_field in checks.items():
        wrong = [(path, ours, theirs) for path, (ours, theirs, agree) in of_field if ours is None or not agree(ours, theirs)]
        shares[field] = 100 * (1 - len(wrong) / len(of_field))
        print(f"{field}: {shares[field]:.1f} % of {len(of_field)}", *wrong, sep="\n  ")
    assert shares.keys() == LEAST.keys()
    assert {field: share for field, share in shares.items() if share < LEAST[field]} == {}
