"""What plays where, and why not: real files, and facts as readers give them of files that nothing here encodes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from shelf import Shelf

import media_files
from mediaforge.catalog.facts import store_facts
from mediaforge.config import Config
from mediaforge.model import Facts, Kind, MediaId, Stamp, Stream, StreamType
from mediaforge.operations.catalogues import opened
from mediaforge.operations.search import show
from mediaforge.players import PLAYERS, read_players
from mediaforge.scanned import Reading, StaleRow

WEB, APPLE, CAST, CAST_4K, DLNA = (PLAYERS[name].title for name in ("web", "apple", "chromecast", "chromecast-4k", "dlna"))

Told = dict[str, tuple[str, ...]]

PQ = {"color_trc": 16, "color_primaries": 9, "colorspace": 9}
# Name of a file, how it is made (None: as its suffix says), and what each player says of it; who says nothing plays it.
FILES: list[tuple[str, dict[str, Any] | None, Told]] = [
    ("film.mp4", {"audio": "aac"}, {}),
    ("high10.mp4", {"options": {"profile": "high10"}, "pixels": "yuv420p10le", "audio": "aac"}, {
        "web": (f"h264 high10 is not played by {WEB}",), "apple": (f"h264 high10 is not played by {APPLE}",),
        "chromecast": (f"h264 high10 is not played by {CAST}",), "chromecast-4k": (f"h264 high10 is not played by {CAST_4K}",),
        "dlna": (f"h264 high10 is not played by {DLNA}",)}),
    ("level.mp4", {"options": {"level": "5.1"}, "audio": "aac"}, {
        "chromecast": (f"h264 level 5.1 is above the limit of {CAST}, 4.1",),
        "chromecast-4k": (f"h264 level 5.1 is above the limit of {CAST_4K}, 4.2",),
        "dlna": (f"h264 level 5.1 is above the limit of {DLNA}, 4",)}),
    ("main10.mkv", {"video": "libx265", "pixels": "yuv420p10le", "audio": "ac3"}, {
        "web": (f"container matroska is not played by {WEB}", f"hevc main10 is not played by {WEB}",
                "audio ac3 must be converted"),
        "apple": (f"container matroska is not played by {APPLE}",),
        "chromecast": (f"container matroska is not played by {CAST}", f"hevc main10 is not played by {CAST}",
                       "audio ac3 must be converted"),
        "chromecast-4k": (f"container matroska is not played by {CAST_4K}", "audio ac3 must be converted"),
        "dlna": (f"container matroska is not played by {DLNA}", f"hevc main10 is not played by {DLNA}")}),
    ("hdr.mp4", {"video": "libx265", "pixels": "yuv420p10le", "colour": PQ}, {
        "web": (f"hdr10 is not shown by {WEB}", f"hevc main10 is not played by {WEB}"),
        "chromecast": (f"hdr10 is not shown by {CAST}", f"hevc main10 is not played by {CAST}"),
        "dlna": (f"hdr10 is not shown by {DLNA}", f"hevc main10 is not played by {DLNA}")}),
    ("vp9.webm", {"video": "libvpx-vp9", "audio": "libopus"}, {
        "apple": (f"container webm is not played by {APPLE}", f"vp9 profile0 is not played by {APPLE}",
                  "audio opus must be converted"),
        "chromecast": (f"vp9 profile0 is not played by {CAST}",),
        "dlna": (f"container webm is not played by {DLNA}", f"vp9 profile0 is not played by {DLNA}",
                 "audio opus must be converted")}),
    ("broadcast.ts", {"video": "mpeg2video", "rate": 25, "audio": "ac3"}, {
        "web": (f"container mpegts is not played by {WEB}", f"mpeg2video main is not played by {WEB}",
                "audio ac3 must be converted"),
        "apple": (f"container mpegts is not played by {APPLE}", f"mpeg2video main is not played by {APPLE}"),
        "chromecast": (f"mpeg2video main is not played by {CAST}", "audio ac3 must be converted"),
        "chromecast-4k": (f"mpeg2video main is not played by {CAST_4K}", "audio ac3 must be converted")}),
    ("song.flac", None, {"dlna": (f"container flac is not played by {DLNA}", "audio flac must be converted")}),
    ("song.mp3", None, {}),
    ("song.mp4", {"video": None, "audio": "aac"}, {}),
    ("photo.jpg", None, {}),
    ("photo.png", None, {"apple": (f"png is not shown by {APPLE}",)}),
    ("photo.heic", None, {name: (f"heif is not shown by {PLAYERS[name].title}",) for name in PLAYERS if name != "apple"}),
    ("broken.mp4", None, dict.fromkeys(PLAYERS, ("it could not be read",))),
]  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Make the files and scan them."""
    folder = tmp_path_factory.mktemp("playable")
    for name, how, _told in FILES:
        if name.startswith("broken"):
            (folder / name).write_bytes(b"\0\0\0\x18ftypmp42" + b"x" * 100)
        elif how is None:
            media_files.make_media(folder / name)
        else:
            media_files.make_film(folder / name, **how)
    shelf = Shelf(folder, Config(catalog=str(tmp_path_factory.mktemp("data") / "catalog.db"), jobs=1))
    asyncio.run(shelf.scan())
    return shelf


async def told(config: Config, *targets: str) -> dict[str, Told]:
    """Return for each item that targets mean what each player says."""
    async with opened(config) as catalogue:
        hits = await show(catalogue, targets)
        return {Path(str(item.path, "utf-8")).name: dict(item.playable or {}) async for item in hits.items}


@pytest.mark.parametrize(("name", "how", "expected"), FILES, ids=[name for name, *_ in FILES])
def test_what_players_say_of_a_real_file(filled: Shelf, name: str, how: object, expected: Told) -> None:
    said = asyncio.run(told(filled.config, f"name:={name}"))[name]
    assert said == {**dict.fromkeys(PLAYERS, ()), **expected}


@pytest.mark.parametrize("player", PLAYERS)
def test_a_query_finds_what_has_no_reason_against_it(filled: Shelf, player: str) -> None:
    found = {name for name, said in asyncio.run(told(filled.config, "is:any")).items() if not said[player]}
    assert set(asyncio.run(filled.items(f"playable:{player}"))) == found
    assert set(asyncio.run(filled.items(f"-playable:{player}"))) == {name for name, *_ in FILES} - found
    assert 0 < len(found) < len(FILES)


def film(codec: str | None, profile: str | None = None, *, level: float | None = None, **facts: Any) -> Facts:
    """Return the facts of an mp4 of this codec, in HD at 25 frames a second unless `facts` say otherwise."""
    shape = {"width": 1920, "height": 1080, "fps": 25.0, "pixel_format": "yuv420p", "bit_depth": 8}
    whole = {"format": "mp4", "channels": 2, "sample_rate": 48_000, "audio_codec": None, **shape, **facts}
    picture = Stream(0, StreamType.VIDEO, codec, profile, level, width=whole["width"])
    sound = Stream(1, StreamType.AUDIO, whole["audio_codec"], whole.pop("audio_profile", None), sample_rate=48_000)
    heard = (sound,) if whole["audio_codec"] or whole.pop("silent", False) else ()
    return Facts(reader="pyav", video_codec=codec, streams=(picture, *heard), **whole)


def song(codec: str, container: str, **facts: Any) -> Facts:
    """Return the facts of music."""
    return Facts(reader="pyav", kind=Kind.AUDIO, format=container, audio_codec=codec, **{"sample_rate": 48_000, **facts})


def picture(container: str, **facts: Any) -> Facts:
    """Return the facts of a picture."""
    return Facts(reader="pillow", kind=Kind.IMAGE, format=container, **facts)


# Facts, a player, and what it says.
STATED: list[tuple[Facts, str, tuple[str, ...]]] = [
    (film("h264", "High", audio_codec="dts", audio_profile="DTS-HD MA"), "web", ("audio dts must be converted",)),
    (film("h264", "High", audio_codec="truehd"), "apple", ("audio truehd must be converted",)),
    (film("hevc", "Main 10", audio_codec="aac", audio_profile="HE-AACv2", bit_depth=10), "apple",
     ("audio aac he-aacv2 must be converted",)),
    (film("hevc", "Rext", pixel_format="yuv422p10le", bit_depth=10), "apple", (f"hevc rext is not played by {APPLE}",)),
    (film("h264", None, pixel_format="yuv444p"), "web", (f"h264 in yuv444p is not played by {WEB}",)),
    (film("h264", None), "web", ()),  # a profile that is not known forbids nothing
    (film("vp9", "Profile 0", format="mp4"), "web", ()),
    (film("vp8", format="mp4"), "web", (f"vp8 in mp4 is not played by {WEB}",)),
    (film("vp8", format="matroska"), "web", (f"container matroska is not played by {WEB}",)),
    (film("av1", "Main", bit_depth=12), "web", (f"av1 of 12 bits is above the limit of {WEB}, 10",)),
    (film("h264", "High", level=4.1, fps=59.94), "chromecast", ()),
    (film("h264", "High", level=4.1, fps=120.0), "chromecast", (f"a rate of 120 is above the limit of {CAST}, 60",)),
    (film("h264", "High", width=3840, height=2160), "chromecast",
     (f"3840×2160 is above the limit of {CAST}, 1920×1080",)),
    (film("h264", "High", width=1080, height=1920), "chromecast", ()),  # upright
    (film("h264", "High", width=2560, height=1080), "dlna", (f"2560×1080 is above the limit of {DLNA}, 1920×1080",)),
    (film("hevc", "Main 10", level=5.1, width=3840, height=2160, bit_depth=10, hdr="dolby-vision"), "chromecast-4k", ()),
    (film("hevc", "Main 10", level=5.2, bit_depth=10), "chromecast-4k",
     (f"hevc level 5.2 is above the limit of {CAST_4K}, 5.1",)),
    (film("hevc", "Main 10", bit_depth=10, hdr="hdr10+"), "chromecast-4k", ()),  # it is HDR10 with something added
    (film("hevc", "Main 10", bit_depth=10, hdr="hlg"), "chromecast-4k", (f"hlg is not shown by {CAST_4K}",)),
    (film("mpeg4", "Simple Profile"), "apple", (f"1920×1080 is above the limit of {APPLE}, 640×480",)),
    (film("h264", "High", audio_codec="ac3", channels=8), "dlna", ("audio with 8 channels must be mixed down to 6",)),
    (film("h264", "High", audio_codec="opus"), "dlna", ("audio opus must be converted",)),
    (film("h264", "High", audio_codec="mp2"), "dlna", ("audio mp2 in mp4 must be converted",)),
    (film(None, format="mp4", audio_codec="aac"), "web", ("its video could not be read",)),
    (film("h264", "High", silent=True), "web", ("its audio could not be read",)),
    (Facts(reader="pyav", format="mp4"), "web", ("it could not be read",)),
    (Facts(reader="pyav", video_codec="h264"), "web", ("it could not be read",)),
    (song("flac", "flac", sample_rate=192_000, bit_depth=24), "chromecast",
     ("audio of 192000 Hz must be resampled to 96000 Hz",)),
    (song("flac", "flac", bit_depth=32), "chromecast", ("audio of 32 bits must be reduced to 24",)),
    (song("alac", "mp4"), "apple", ()),
    (song("pcm_s24be", "aiff"), "apple", ()),  # pcm_*
    (song("dsd_lsbf_planar", "dsf"), "web",
     (f"container dsf is not played by {WEB}", "audio dsd_lsbf_planar must be converted")),
    (picture("jpeg", width=6000, height=4000), "dlna", (f"6000×4000 is above the limit of {DLNA}, 4096×4096",)),
    (picture("jpeg", width=6000, height=4000), "web", ()),
    (picture("cr3"), "apple", (f"cr3 is not shown by {APPLE}",)),
]  # fmt: skip


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Scan one film, whose facts the tests then write down anew."""
    folder = tmp_path_factory.mktemp("stated")
    media_files.make_film(folder / "a.mp4")
    shelf = Shelf(folder, Config(catalog=str(tmp_path_factory.mktemp("stated-data") / "catalog.db"), jobs=1))
    asyncio.run(shelf.scan())
    return shelf


async def state(shelf: Shelf, facts: Facts, config: Config | None = None) -> Told:
    """Store facts as a reader's, and return what each player says of them."""
    async with opened(config or shelf.config) as catalogue:
        rows = await catalogue.fetch("SELECT id, size, mtime_ns FROM media")
        stamp = Stamp(*rows[0][1:])
        row = StaleRow(MediaId(rows[0][0]), b"a.mp4", "mp4", stamp, None)
        read = Reading(stamp, 1, "00", facts if facts.kind else replace(facts, kind=Kind.VIDEO))
        async with catalogue.transaction():
            await store_facts(catalogue, 1, [(row, read)])
    said = await told(config or shelf.config, "is:any")
    found = {
        player for player in said["a.mp4"] if await Shelf(shelf.folder, config or shelf.config).items(f"playable:{player}")
    }
    assert found == {player for player, reasons in said["a.mp4"].items() if not reasons}
    return said["a.mp4"]


@pytest.mark.parametrize(("facts", "player", "expected"), STATED)
def test_what_players_say_of_facts(one: Shelf, facts: Facts, player: str, expected: tuple[str, ...]) -> None:
    assert asyncio.run(state(one, facts))[player] == expected


KITCHEN = """
[kitchen]
title = "the 100% {kitchen} tablet"
containers = ["mkv", "mp4"]
video.h265 = { profiles = ["Main"], level = 4, width = 1280 }
video."mpeg*" = { height = 576 }
audio = ["aac", "pcm_*"]
images.jpg = { width = 100, height = 50 }
hdr = ["hdr10"]
[everything]
[nothing]
containers = []
video = []
audio = []
images = []
hdr = []
"""
TABLET = "the 100% {kitchen} tablet"
OWN: list[tuple[Facts, str, tuple[str, ...]]] = [
    (film("hevc", "Main", level=4.0, width=1280, height=720), "kitchen", ()),
    (film("hevc", "Main", level=4.1), "kitchen",
     (f"hevc level 4.1 is above the limit of {TABLET}, 4", f"1920×1080 is above the limit of {TABLET}, 1280 wide")),
    (film("hevc", "Main 10", width=1280, hdr="hlg"), "kitchen",
     (f"hlg is not shown by {TABLET}", f"hevc main10 is not played by {TABLET}")),
    (film("mpeg2video", "Main"), "kitchen", (f"1920×1080 is above the limit of {TABLET}, 576 high",)),
    (film("mpeg1video", width=352, height=288, format="matroska"), "kitchen", ()),
    (film("h264", "High", audio_codec="pcm_s16le"), "kitchen", (f"h264 high is not played by {TABLET}",)),
    (picture("jpeg", width=50, height=100), "kitchen", ()),
    (picture("jpeg", width=101, height=50), "kitchen", (f"101×50 is above the limit of {TABLET}, 100×50",)),
    (picture("png"), "kitchen", (f"png is not shown by {TABLET}",)),
    (film("rv40", format="rm", audio_codec="cook", hdr="hlg"), "everything", ()),
    (Facts(reader="pyav", format="mp4"), "everything", ("it could not be read",)),
    (film("h264", "High", audio_codec="aac"), "nothing",
     ("container mp4 is not played by nothing", "h264 high is not played by nothing", "audio aac must be converted")),
    (picture("jpeg"), "nothing", ("jpeg is not shown by nothing",)),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "player", "expected"), OWN)
def test_what_players_of_ones_own_say(one: Shelf, facts: Facts, player: str, expected: tuple[str, ...]) -> None:
    own = replace(one.config, playable=read_players(KITCHEN))
    assert asyncio.run(state(one, facts, own))[player] == expected


def test_a_player_of_ones_own_takes_the_place_of_one_of_its_name(one: Shelf) -> None:
    own = replace(one.config, playable=read_players("[web]\nvideo = ['rv40']"))
    assert asyncio.run(state(one, film("rv40", format="rm"), own))["web"] == ()
    assert list(asyncio.run(told(own, "is:any"))["a.mp4"]) == list(PLAYERS)


async def test_a_file_that_was_counted_and_not_read_yet_is_not_played(shelf: Shelf) -> None:
    media_files.make_film(shelf.folder / "a.mp4")
    await shelf.scan()
    async with opened(shelf.config) as catalogue, catalogue.transaction():
        await catalogue.execute("UPDATE media SET facts_at = NULL, format = NULL, video_codec = NULL")
    assert await told(shelf.config, "is:any") == {"a.mp4": dict.fromkeys(PLAYERS, ("it has not been read yet",))}
    assert await shelf.items("playable:web") == {}
