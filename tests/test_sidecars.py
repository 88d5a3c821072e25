"""Which files beside a media file speak of it, as their names say."""

from __future__ import annotations

import pytest

from mediaforge.model import SUFFIXES
from mediaforge.sidecars import Beside, Companion, Role, moved_alike, owners, pack, role_of, unpack

LONG = "a_name_that_is_longer_than_takeout_likes_it_to_be_01"  # 52 characters

# The names of a folder, and by media file what stands beside it.
FOLDERS: dict[str, tuple[str, dict[str, str]]] = {
    "xmp by either name": ("a.jpg a.jpg.xmp a.xmp b.xmp", {"a.jpg": "a.jpg.xmp a.xmp"}),
    "xmp by the stem is of every picture and video of it": (
        "a.dng a.jpg a.mov a.mp3 a.xmp",
        {"a.dng": "a.xmp", "a.jpg": "a.xmp", "a.mov": "a.xmp", "a.mp3": ""},
    ),
    "xmp by the whole name is of one": ("a.dng a.jpg a.dng.xmp", {"a.dng": "a.dng.xmp", "a.jpg": ""}),
    "xmp of music": ("a.mp3 a.mp3.xmp", {"a.mp3": "a.mp3.xmp"}),
    "no case": ("IMG_1.JPG img_1.xmp IMG_1.jpg.XMP", {"IMG_1.JPG": "IMG_1.jpg.XMP img_1.xmp"}),
    "no normal form": ("e\u0301.jpg \u00e9.xmp", {"e\u0301.jpg": "\u00e9.xmp"}),
    "edits": ("IMG_1.HEIC IMG_1.MOV IMG_1.AAE IMG_2.AAE", {"IMG_1.HEIC": "IMG_1.AAE", "IMG_1.MOV": "IMG_1.AAE"}),
    "edits of an original, and the edited picture": (
        "IMG_0001.HEIC IMG_E0001.JPG IMG_O0001.AAE IMG_0001.AAE",
        {"IMG_0001.HEIC": "IMG_0001.AAE IMG_O0001.AAE", "IMG_E0001.JPG": "IMG_0001.AAE IMG_O0001.AAE"},
    ),
    "nfo": ("Film.mkv Film.nfo Other.nfo Film.jpg", {"Film.mkv": "Film.nfo", "Film.jpg": ""}),
    "nfo of a film with a folder for itself": (
        "Film.mkv Film-trailer.mp4 movie.nfo poster.jpg",
        {"Film.mkv": "movie.nfo", "Film-trailer.mp4": "", "poster.jpg": ""},
    ),
    "nfo of the series": ("S01E01.mkv S01E01.nfo tvshow.nfo", {"S01E01.mkv": "S01E01.nfo tvshow.nfo"}),
    "nfo of the series, in the folder above": ("S01E01.mkv ../tvshow.nfo a.jpg", {"S01E01.mkv": "../tvshow.nfo", "a.jpg": ""}),
    "nfo of the series, nearer": ("S01E01.mkv tvshow.nfo ../tvshow.nfo", {"S01E01.mkv": "tvshow.nfo"}),
    "subtitles": (
        "Film.mkv Film.srt Film.en.srt Film.en.forced.ass Film.mkv.de.vtt Films.srt",
        {"Film.mkv": "Film.en.forced.ass Film.en.srt Film.mkv.de.vtt Film.srt"},
    ),
    "subtitles of the longest name": (
        "Film.mkv Film.2020.mkv Film.2020.en.srt Film.en.srt",
        {"Film.mkv": "Film.en.srt", "Film.2020.mkv": "Film.2020.en.srt"},
    ),
    "subtitles of no picture": ("a.jpg a.srt", {"a.jpg": ""}),
    "pictures of a video": (
        "Film.mkv Film-thumb.jpg Film-poster.png Film.tbn Other-thumb.jpg Film-thumb.json",
        {"Film.mkv": "Film-poster.png Film-thumb.jpg Film.tbn"},
    ),
    "takeout, as it was": ("a.jpg a.jpg.json b.json metadata.json", {"a.jpg": "a.jpg.json"}),
    "takeout, as it is": (
        "a.jpg a.jpg.supplemental-metadata.json b.mp4 b.mp4.supplemental-metadata.json",
        {"a.jpg": "a.jpg.supplemental-metadata.json", "b.mp4": "b.mp4.supplemental-metadata.json"},
    ),
    "takeout, of a title without a suffix": ("a.jpg a.json", {"a.jpg": "a.json"}),
    "takeout, cut within what it adds": (
        "123456789012345678901234567890.jpg 123456789012345678901234567890.jpg.supplementa.json",
        {"123456789012345678901234567890.jpg": "123456789012345678901234567890.jpg.supplementa.json"},
    ),
    "takeout, cut down to a dot": (
        f"{LONG[:41]}.jpg {LONG[:41]}.jpg..json",
        {f"{LONG[:41]}.jpg": f"{LONG[:41]}.jpg..json"},
    ),
    "takeout, cut within the title": (
        f"{LONG[:47]}.jpg {LONG[:46]}.json {LONG[:45]}.json",
        {f"{LONG[:47]}.jpg": f"{LONG[:46]}.json"},
    ),
    "takeout, numbered": (
        "a.jpg a(1).jpg a.jpg.json a.jpg(1).json",
        {"a.jpg": "a.jpg.json", "a(1).jpg": "a.jpg(1).json"},
    ),
    "takeout, numbered as it is": (
        "a.jpg a(1).jpg a.jpg.supplemental-metadata.json a.jpg.supplemental-metadata(1).json",
        {"a.jpg": "a.jpg.supplemental-metadata.json", "a(1).jpg": "a.jpg.supplemental-metadata(1).json"},
    ),
    "takeout, numbered and cut": (
        f"{LONG[:47]}(2).jpg {LONG[:46]}(2).json",
        {f"{LONG[:47]}(2).jpg": f"{LONG[:46]}(2).json"},
    ),
    "takeout, of a title with a number": ("a(1).jpg a(1).jpg.json", {"a(1).jpg": "a(1).jpg.json"}),
    "takeout, edited": (
        "a.jpg a-edited.jpg a-bearbeitet.jpg a.jpg.supplemental-metadata.json",
        dict.fromkeys(("a.jpg", "a-edited.jpg", "a-bearbeitet.jpg"), "a.jpg.supplemental-metadata.json"),
    ),
    "takeout, edited and numbered": ("a(1).jpg a-edited(1).jpg a.jpg(1).json", {"a-edited(1).jpg": "a.jpg(1).json"}),
    "takeout, of a Live Photo": (
        "a.HEIC a.MP4 a.HEIC.supplemental-metadata.json b.MOV b.JPG.json b.MOV.json",
        {
            "a.HEIC": "a.HEIC.supplemental-metadata.json",
            "a.MP4": "a.HEIC.supplemental-metadata.json",
            "b.MOV": "b.MOV.json",
        },
    ),
    "names that are not UTF-8": ("\udcff.jpg \udcff.jpg.xmp \udcff.json", {"\udcff.jpg": "\udcff.jpg.xmp \udcff.json"}),
}


def kind_of(name: str) -> str | None:
    return SUFFIXES.get(name.rpartition(".")[2].lower())


@pytest.mark.parametrize("case", FOLDERS)
def test_what_stands_beside(case: str) -> None:
    names, expected = FOLDERS[case][0].split(" "), FOLDERS[case][1]
    videos = [name for name in names if kind_of(name) == "video"]
    beside = Beside([name for name in names if role_of(name)], videos)
    found = {name: " ".join(beside.of(name, str(kind_of(name)))) for name in expected}
    assert found == expected


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("a.xmp", Role.XMP),
        ("a.NFO", Role.NFO),
        ("TVShow.nfo", Role.SHOW),
        ("../tvshow.nfo", Role.SHOW),
        ("a.json", Role.TAKEOUT),
        ("a-thumb.json", Role.TAKEOUT),
        ("a-Thumb.jpg", Role.PICTURE),
        ("a.sub", Role.SUBTITLE),
        ("a.aae", Role.EDITS),
        ("a.jpg", None),
        ("xmp", None),
        (".xmp", None),
    ],
)
def test_what_a_name_is(name: str, role: Role | None) -> None:
    assert role_of(name) is role


def test_a_picture_is_a_videos_only_beside_it() -> None:
    beside = Beside(["Film-thumb.jpg", "Wall-thumb.jpg"], ["Film.mkv"])
    assert (beside.is_of_video("Film-thumb.jpg"), beside.is_of_video("Wall-thumb.jpg")) == (True, False)


@pytest.mark.parametrize(
    ("sidecar", "of"),
    [
        ("a.xmp", ["a.jpg", "a.mov"]),
        ("a.jpg.xmp", ["a.jpg"]),
        ("Film.en.srt", ["Film.mkv"]),
        ("Film-thumb.jpg", ["Film.mkv"]),
        ("a.jpg.json", ["a.jpg", "a.mov"]),
        ("c.xmp", []),
        ("notes.txt", []),
    ],
)
def test_whose_sidecar_a_file_would_be(sidecar: str, of: list[str]) -> None:
    names = [("a.jpg", "image"), ("a.mov", "video"), ("Film.mkv", "video"), ("b.mp3", "audio")]
    assert owners(sidecar, names) == of


def test_what_stands_beside_is_one_value() -> None:
    beside = [Companion(b"a/b.xmp", 1, 2), Companion(b"\xff\n.json", 2**40, -(2**62))]
    packed = pack(beside)
    assert packed is not None and unpack(packed) == beside
    assert (pack([]), unpack(None)) == (None, [])


SECOND = 1_000_000_000
HOUR = 3600 * SECOND


@pytest.mark.parametrize(
    ("after", "same"),
    [
        ((1, 100 * SECOND + HOUR), True),  # moved with its file
        ((1, 100 * SECOND), True),  # not moved at all
        ((1, 101 * SECOND + HOUR), True),  # and rounded
        ((1, 104 * SECOND + HOUR), False),
        ((2, 100 * SECOND + HOUR), False),
    ],
)
def test_whether_times_moved_alike(after: tuple[int, int], same: bool) -> None:
    before = pack([Companion(b"a.xmp", 1, 100 * SECOND)])
    assert moved_alike(before, pack([Companion(b"a.xmp", *after)]), HOUR) is same
    assert not moved_alike(before, None, HOUR)
    assert not moved_alike(before, pack([Companion(b"b.xmp", *after)]), HOUR)
    assert moved_alike(None, None, HOUR)
