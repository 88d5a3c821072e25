"""What belongs together, by names, identifiers and times: pure tables."""

from __future__ import annotations

import pytest

from mediaforge.grouping import Member, grouped, near
from mediaforge.model import RAW_SUFFIXES, SUFFIXES, LibraryId, MediaId


def member(number: int, text: str) -> Member:
    """Return a file from `NAME key=value…`; keys are those of Member, `at` a time of that day, `lib` a library."""
    path, *words = text.split(" ")
    facts = dict(word.split("=") for word in words)
    suffix = path.rpartition(".")[2].lower()
    at = facts.get("at", "12:00:00")
    return Member(
        id=MediaId(number),
        library=LibraryId(int(facts.get("lib", 1))),
        path=path.encode(),
        kind=SUFFIXES[suffix].value,
        suffix=suffix,
        duration=float(facts["for"]) if "for" in facts else None,
        taken_local=f"2021-07-04T{at}",
        taken_offset=int(facts["zone"]) * 3600 if "zone" in facts else None,
        taken_source=facts.get("from", "exif"),
        live_id=facts.get("live"),
        burst_id=facts.get("burst"),
        group=None,
        group_kind=None,
    )


# The files, and the groups: what each is, and the names of its members, the lead first.
TABLE: dict[str, tuple[str, list[str]]] = {
    "nothing": ("a.jpg / b.jpg / c.mov for=2", []),
    "raw and jpeg": ("a.jpg / a.dng", ["raw a.jpg a.dng"]),
    "raw and heif, in capitals": ("IMG_1.HEIC / IMG_1.CR3", ["raw IMG_1.HEIC IMG_1.CR3"]),
    "raw, jpeg and heif": ("a.nef / a.heif / a.jpg", ["raw a.heif a.jpg a.nef"]),
    "raw and what was made of it later": ("a.dng / a.tif / a.png", []),
    "raw in another folder": ("x/a.dng / y/a.jpg", []),
    "raw in another library": ("a.dng lib=1 / a.jpg lib=2", []),
    "live by time": ("a.heic / a.mov for=2.5 from=quicktime-offset at=11:59:58", ["live a.heic a.mov"]),
    "live by time, as a JPEG and an MP4": ("a.jpg / a.mp4 for=3 from=container at=12:00:01", ["live a.jpg a.mp4"]),
    "live by instants": ("a.heic zone=2 / a.mov for=2 zone=0 from=container at=10:00:01", ["live a.heic a.mov"]),
    "live in UTC beside a time without zone": ("a.heic / a.mov for=2 from=container zone=0 at=10:00:02", ["live a.heic a.mov"]),
    "live beside a zone of half an hour": ("a.heic / a.mov for=2 from=container zone=0 at=06:30:01", ["live a.heic a.mov"]),
    "not live: UTC, and no zone between them": ("a.heic / a.mov for=2 from=container zone=0 at=10:05:00", []),
    "not live: too long": ("a.heic / a.mov for=6 at=12:00:00", []),
    "not live: of unknown length": ("a.heic / a.mov at=12:00:00", []),
    "not live: later": ("a.heic / a.mov for=2 at=12:00:04", []),
    "not live: only written at one time": ("a.heic from=mtime / a.mov for=2", []),
    "live though both have no other time": ("a.heic from=mtime / a.mov for=2 from=mtime", ["live a.heic a.mov"]),
    "not live: two videos": ("a.heic / a.mov for=2 / a.mp4 for=2", []),
    "live by identifier, of any length and time": ("a.heic live=X / a.mov live=X for=60 at=18:00:00", ["live a.heic a.mov"]),
    "live by identifier, of other names": ("a.heic live=X / b.mov live=X", ["live a.heic b.mov"]),
    "live by identifier, in other folders": ("x/a.heic live=X / y/a.mov live=X", ["live x/a.heic y/a.mov"]),
    "not live: other identifiers": ("a.heic live=X / a.mov live=Y for=2", []),
    "live: only one has an identifier": ("a.heic live=X / a.mov for=2", ["live a.heic a.mov"]),
    "live copies in two folders are two": (
        "x/a.heic live=X / x/a.mov live=X / y/a.heic live=X / y/a.mov live=X",
        ["live x/a.heic x/a.mov", "live y/a.heic y/a.mov"],
    ),
    "copies of one half are none": ("x/a.heic live=X / y/a.heic live=X", []),
    "which of two copies is never guessed": ("x/a.heic live=X / y/a.heic live=X / z/a.mov live=X", []),
    "live in other libraries": ("a.heic live=X lib=1 / a.mov live=X lib=2", []),
    "raw and live": ("a.dng / a.heic / a.mov for=2", ["live a.heic a.dng a.mov"]),
    "burst by Apple's identifier": (
        "IMG_1.jpg burst=B / IMG_2.jpg burst=B / IMG_3.jpg burst=C / sub/IMG_4.jpg burst=B",
        ["burst IMG_1.jpg IMG_2.jpg"],
    ),
    "burst of Android": (
        "IMG_20210704_120000_BURST001.jpg / IMG_20210704_120000_BURST002_COVER.jpg / IMG_20210704_120001_BURST001.jpg",
        ["burst IMG_20210704_120000_BURST002_COVER.jpg IMG_20210704_120000_BURST001.jpg"],
    ),
    "burst with one digit": ("IMG_1_BURST1.jpg / IMG_1_BURST2.jpg / IMG_1_BURST10.jpg", [
        "burst IMG_1_BURST1.jpg IMG_1_BURST10.jpg IMG_1_BURST2.jpg",
    ]),
    "burst of Motorola": ("IMG_1_BURST000_COVER_TOP.jpg / IMG_1_BURST001.jpg", [
        "burst IMG_1_BURST000_COVER_TOP.jpg IMG_1_BURST001.jpg",
    ]),
    "burst of Google": (
        "00000IMG_00000_BURST20210704120000123.jpg / 00001IMG_00001_BURST20210704120000123_COVER.jpg"
        " / 00000IMG_00000_BURST20210704120009999_COVER.jpg",
        ["burst 00001IMG_00001_BURST20210704120000123_COVER.jpg 00000IMG_00000_BURST20210704120000123.jpg"],
    ),
    "burst of Sony": (
        "DSC_0001_BURST20210704120000123.JPG / DSC_0002_BURST20210704120000123_COVER.JPG",
        ["burst DSC_0002_BURST20210704120000123_COVER.JPG DSC_0001_BURST20210704120000123.JPG"],
    ),
    "burst of Samsung": ("20210704_120000_001.jpg / 20210704_120000_002.jpg / 20210704_120000.jpg", [
        "burst 20210704_120000_001.jpg 20210704_120000_002.jpg",
    ]),
    "burst of the Pixel": ("PXL_20210704_120000123.BURST-01.COVER.jpg / PXL_20210704_120000123.BURST-02.jpg", [
        "burst PXL_20210704_120000123.BURST-01.COVER.jpg PXL_20210704_120000123.BURST-02.jpg",
    ]),
    "raw of the Pixel": (
        "PXL_20210704_120000123.RAW-01.COVER.jpg / PXL_20210704_120000123.RAW-02.ORIGINAL.dng",
        ["raw PXL_20210704_120000123.RAW-01.COVER.jpg PXL_20210704_120000123.RAW-02.ORIGINAL.dng"],
    ),
    "portrait of the Pixel, and its original": (
        "PXL_20210704_120000123.PORTRAIT-01.COVER.jpg / PXL_20210704_120000123.PORTRAIT-02.ORIGINAL.jpg",
        ["burst PXL_20210704_120000123.PORTRAIT-01.COVER.jpg PXL_20210704_120000123.PORTRAIT-02.ORIGINAL.jpg"],
    ),
    "burst of raw and jpeg": (
        "a_BURST001.jpg / a_BURST001.dng / a_BURST002.jpg / a_BURST002.dng",
        ["burst a_BURST001.jpg a_BURST002.jpg a_BURST001.dng a_BURST002.dng"],
    ),
    "burst in other folders": ("x/a_BURST001.jpg / y/a_BURST002.jpg", []),
    "no burst: a video, a word": ("a_BURST001.mp4 / a_BURST002.mp4 / outburst.jpg / outburst2.jpg", []),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
@pytest.mark.parametrize("backwards", [False, True], ids=["as written", "backwards"])
def test_what_belongs_together(case: str, backwards: bool) -> None:
    files, expected = TABLE[case]
    members = [member(number, text) for number, text in enumerate(files.split(" / "), start=1)]
    names = {one.id: one.path.decode() for one in members}
    found = grouped(members[::-1] if backwards else members)
    groups: dict[MediaId, list[Member]] = {}
    for one in members:
        if one.id in found:
            groups.setdefault(found[one.id][0], []).append(one)
    told = [
        f"{found[lead][1]} {' '.join(names[one.id] for one in sorted(some, key=lambda one: (one.id != lead, one.rank)))}"
        for lead, some in groups.items()
    ]
    assert sorted(told) == sorted(expected)


@pytest.mark.parametrize("case", TABLE)
def test_what_belongs_together_is_near(case: str) -> None:
    """Each member of a group by name is found from each other one, by steps from one to the next."""
    members = [member(number, text) for number, text in enumerate(TABLE[case][0].split(" / "), start=1)]
    found = grouped(members)
    for one in members:
        reached = {one.id}
        while True:
            more = {
                other.id
                for known in members
                if known.id in reached
                for place in near(known)
                for other in members
                if other.library == place.library and place.low <= other.path < place.high and place.part in other.path
            }
            if more <= reached:
                break
            reached |= more
        by_name = {
            other.id
            for other in members
            if one.id in found and found.get(other.id) == found[one.id] and not (one.live_id or one.burst_id)
        }
        assert by_name <= reached


def test_every_raw_suffix_is_one_of_a_picture() -> None:
    assert all(SUFFIXES[suffix] == "image" for suffix in RAW_SUFFIXES)
