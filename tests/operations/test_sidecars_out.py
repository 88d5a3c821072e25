"""Sidecars written: what a person did, readable by other programs, and nothing of theirs lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from exported import exported
from shelf import Shelf

from media_files import gps_tags, make_flac, make_jpeg
from mediaforge.errors import NothingMatched
from mediaforge.operations import correct
from mediaforge.operations.catalogues import opened
from mediaforge.operations.sidecars_out import SidecarReport, write_sidecars
from mediaforge.operations.tags import remove_tags

needs_exiftool = pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")


async def write(shelf: Shelf, *targets: str, **options: bool) -> SidecarReport:
    async with opened(shelf.config) as catalogue:
        return await write_sidecars(catalogue, shelf.config, targets or ("is:any",), **options)


async def set_(shelf: Shelf, *words: str) -> None:
    async with opened(shelf.config) as catalogue:
        await correct.set_fields(catalogue, words)


def outcomes(report: SidecarReport) -> dict[str, str]:
    return {os.path.basename(one.sidecar).decode(): one.what for one in report.outcomes}


def exiftool(path: Path) -> dict[str, Any]:
    """Return what exiftool reads, by group and name, numbers as they are."""
    done = subprocess.run(["exiftool", "-j", "-n", "-G1", "-struct", path], capture_output=True, check=True)
    [found] = json.loads(done.stdout)
    assert "ExifTool:Warning" not in found
    return {name: value for name, value in found.items() if name.startswith("XMP-")}


@needs_exiftool
async def test_other_programs_read_what_was_written(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    await shelf.tag("travel/Italy/Rome,Ärger & Co", "a.jpg")
    await set_(
        shelf, "title=The <tower>", "description=At dusk\nby Anna", "rating=4", "place=Trastevere, Rome, Lazio, Italy", "a.jpg"
    )
    await set_(shelf, "gps=-33.856784,151.215297", "a.jpg")
    before = (shelf.folder / "a.jpg").read_bytes()
    assert outcomes(await write(shelf)) == {"a.jpg.xmp": "new"}
    assert exiftool(shelf.folder / "a.jpg.xmp") == {
        "XMP-x:XMPToolkit": "MediaForge",
        "XMP-dc:Subject": ["Ärger & Co", "Rome"],
        "XMP-lr:HierarchicalSubject": ["Ärger & Co", "travel|Italy|Rome"],
        "XMP-digiKam:TagsList": ["Ärger & Co", "travel/Italy/Rome"],
        "XMP-dc:Title": "The <tower>",
        "XMP-dc:Description": "At dusk\nby Anna",
        "XMP-xmp:Rating": 4,
        "XMP-iptcCore:Location": "Trastevere",
        "XMP-photoshop:City": "Rome",
        "XMP-photoshop:State": "Lazio",
        "XMP-photoshop:Country": "Italy",
        "XMP-exif:GPSLatitude": pytest.approx(-33.856784, abs=1e-8),
        "XMP-exif:GPSLongitude": pytest.approx(151.215297, abs=1e-8),
    }
    assert (shelf.folder / "a.jpg").read_bytes() == before


@pytest.mark.parametrize(
    ("place", "city", "state", "country", "location"),
    [
        ("Rome", "Rome", None, None, None),
        ("Rome, Italy", "Rome", None, "Italy", None),
        ("Rome, Lazio, Italy", "Rome", "Lazio", "Italy", None),
        ("a, b, Rome, Lazio, Italy", "Rome", "Lazio", "Italy", "a, b"),
    ],
)
@needs_exiftool
async def test_a_place_has_levels(
    shelf: Shelf, place: str, city: str, state: str | None, country: str | None, location: str | None
) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    await set_(shelf, "place=Somewhere, in, Old, Spain", "a.jpg")
    await write(shelf)
    await set_(shelf, f"place={place}", "a.jpg")
    await write(shelf)
    found = exiftool(shelf.folder / "a.jpg.xmp")
    names = ("photoshop:City", "photoshop:State", "photoshop:Country", "iptcCore:Location")
    assert [found.get(f"XMP-{name}") for name in names] == [city, state, country, location]
    await shelf.scan()
    async with opened(shelf.config) as catalogue:
        await correct.unset_fields(catalogue, "place", ["a.jpg"])
    assert (await shelf.items())["a.jpg"].facts.place == place


async def test_the_next_scan_reads_it_once_and_doubles_no_tag(shelf: Shelf) -> None:
    make_jpeg(shelf.folder / "a.jpg", seed=1, iptc={25: ["in the file"]}, exif=gps_tags(48.0, 2.0))
    await shelf.scan()
    await shelf.tag("travel/Italy/Rome,sea", "a.jpg")
    await set_(shelf, "title=Mine", "rating=3", "gps=10,20", "a.jpg")
    before = (await shelf.items())["a.jpg"]
    [_library, *lines] = await exported(shelf.config, only_mine=True)
    await write(shelf)
    assert [(await shelf.scan()).done for _ in range(3)] == [1, 0, 0]
    item = (await shelf.items())["a.jpg"]
    assert (item.tags, item.tag_sources) == (before.tags, before.tag_sources)
    assert item.tags == ("in the file", "sea", "travel/Italy/Rome")
    assert (item.facts.title, item.facts.rating, item.facts.latitude) == ("Mine", 3, 10.0)
    assert (await exported(shelf.config, only_mine=True))[1:] == lines
    assert outcomes(await write(shelf)) == {"a.jpg.xmp": "unchanged"}
    assert (await shelf.scan()).done == 0


async def test_what_was_taken_back_goes_before_a_scan_and_after(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1, "b.jpg": 2})
    await shelf.scan()
    await shelf.tag("one,two", "is:any")
    await write(shelf)
    for name, scanned in (("a.jpg", False), ("b.jpg", True)):
        if scanned:
            await shelf.scan()
        async with opened(shelf.config) as catalogue:
            await remove_tags(catalogue, "one,two", [name])
        assert outcomes(await write(shelf, name)) == {f"{name}.xmp": "changed"}
        assert b"<rdf:li>" not in (shelf.folder / f"{name}.xmp").read_bytes()
    await shelf.scan()
    assert await shelf.ids("is:tagged") == {}


XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    crs:Exposure2012="+0.35">
   <dc:subject><rdf:Bag><rdf:li>from Lightroom</rdf:li></rdf:Bag></dc:subject>
   <crs:ToneCurve><rdf:Seq><rdf:li>0, 0</rdf:li></rdf:Seq></crs:ToneCurve>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
   \n<?xpacket end="w"?>"""


async def test_what_others_wrote_stays(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    sidecar = shelf.folder / "a.xmp"  # Adobe's way
    sidecar.write_text(XMP)
    sidecar.chmod(0o640)
    await shelf.scan()
    await shelf.tag("mine", "a.jpg")
    assert outcomes(await write(shelf)) == {"a.xmp": "changed"}
    text = sidecar.read_text()
    assert (text[: XMP.index("<dc:subject>")], text[-60:]) == (XMP[: XMP.index("<dc:subject>")], XMP[-60:])
    assert "<crs:ToneCurve><rdf:Seq><rdf:li>0, 0</rdf:li></rdf:Seq></crs:ToneCurve>" in text
    assert ("<rdf:li>from Lightroom</rdf:li>" in text, "<rdf:li>mine</rdf:li>" in text) == (True, True)
    assert sidecar.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in shelf.folder.iterdir()) == ["a.jpg", "a.xmp"]


async def test_a_sidecar_that_others_changed_is_not_trampled(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    sidecar = shelf.folder / "a.jpg.xmp"
    await shelf.scan()
    sidecar.write_text(XMP)  # and no scan has seen it
    await shelf.tag("mine", "a.jpg")
    report = await write(shelf)
    assert [(one.what, one.why) for one in report.outcomes] == [
        ("refused", "is not as it was read last: scan it first, or say --force")
    ]
    assert sidecar.read_text() == XMP
    await shelf.scan()
    assert outcomes(await write(shelf)) == {"a.jpg.xmp": "changed"}
    assert "from Lightroom" in sidecar.read_text()
    sidecar.write_text(XMP)
    assert outcomes(await write(shelf, force=True)) == {"a.jpg.xmp": "changed"}
    assert "mine" in sidecar.read_text()


async def test_what_cannot_be_written_is_told_and_the_rest_is_written(shelf: Shelf) -> None:
    shelf.make({name: seed for seed, name in enumerate(("a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"))})
    await shelf.scan()
    await shelf.tag("mine", "is:any")
    (shelf.folder / "a.jpg.xmp").write_text("no XML")
    (shelf.folder / "b.jpg.xmp").write_text("<gpx/>")
    (shelf.folder / "c.jpg.xmp").mkdir()
    (shelf.folder / "d.jpg").unlink()
    await shelf.scan()
    (shelf.folder / "e.jpg").unlink()
    (shelf.folder / "f.jpg").touch()
    report = await write(shelf, force=True)
    assert {os.path.basename(one.sidecar).decode(): one.why for one in report.outcomes} == {
        "a.jpg.xmp": "is not XML: syntax error",
        "b.jpg.xmp": "is XML, but no XMP",
        "c.jpg.xmp": "is no file",
        "e.jpg.xmp": "was there when it was counted, and is gone",
    }
    assert report.away == 1
    assert (shelf.folder / "a.jpg.xmp").read_text() == "no XML"
    assert not (shelf.folder / "e.jpg.xmp").exists()


async def test_of_a_raw_picture_and_its_jpeg_each_has_its_own(shelf: Shelf) -> None:
    shelf.make({"IMG.dng": 2, "IMG.jpg": 1, "alone.jpg": 3})
    make_flac(shelf.folder / "song.flac", seed=4)
    for name in ("IMG.xmp", "alone.xmp", "song.xmp"):
        (shelf.folder / name).write_text(XMP)
    await shelf.scan()
    await shelf.tag("mine", "is:any")
    assert outcomes(await write(shelf)) == {
        "IMG.jpg.xmp": "new",
        "IMG.xmp": "changed",
        "alone.xmp": "changed",
        "song.flac.xmp": "new",
    }


async def test_what_is_not_a_persons_is_not_written(shelf: Shelf) -> None:
    make_jpeg(shelf.folder / "a.jpg", seed=1, iptc={25: ["in the file"], 5: ["its title"]}, exif=gps_tags(48.0, 2.0))
    shelf.make({"b.jpg": 2})
    await shelf.scan()
    await set_(shelf, "note=only here", "b.jpg")
    report = await write(shelf)
    assert (report.outcomes, report.nothing) == ([], 2)
    await set_(shelf, "rating=5", "a.jpg")
    await write(shelf)
    text = (shelf.folder / "a.jpg.xmp").read_text()
    assert ("Rating" in text, "title" in text, "GPS" in text, "in the file" in text) == (True, False, False, False)
    with pytest.raises(NothingMatched, match="so nothing was written"):
        await write(shelf, "nothing")


async def test_a_dry_run_writes_nothing(shelf: Shelf) -> None:
    shelf.make({"a.jpg": 1})
    await shelf.scan()
    await shelf.tag("mine", "a.jpg")
    before = shelf.bytes()
    assert outcomes(await write(shelf, dry_run=True)) == {"a.jpg.xmp": "new"}
    assert [path.name for path in shelf.folder.iterdir()] == ["a.jpg"]
    assert shelf.bytes() == before


async def test_a_name_that_is_not_utf8(shelf: Shelf) -> None:
    path = Path(os.fsdecode(os.fsencode(shelf.folder) + b"/latin \xe9.jpg"))
    make_jpeg(path, seed=1)
    await shelf.scan()
    await shelf.tag("mine", "is:any")
    assert [one.sidecar for one in (await write(shelf)).outcomes] == [os.fsencode(shelf.folder) + b"/latin \xe9.jpg.xmp"]
    assert [(await shelf.scan()).done for _ in range(2)] == [1, 0]
