"""Videos: streams, chapters, tags, rotation, and what is not the picture."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import av
import pytest

import media_files
from mediaforge.errors import ExtractError
from mediaforge.extract import ffprobe, mediainfo, video
from mediaforge.extract.draft import Draft
from mediaforge.extract.tags import apply_tags, iso6709
from mediaforge.model import Chapter, Kind, StreamType, TakenSource
from reading import facts_of


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_rotation_is_what_a_player_turns_clockwise(degrees: int, suffix: str, tmp_path: Path) -> None:
    path = media_files.make_mp4(tmp_path / f"a.{suffix}", seconds=0.2, rotation=degrees)
    facts = facts_of(path)
    assert facts.rotation == degrees
    assert (facts.width, facts.height) == (64, 48)  # as coded
    with av.open(str(path)) as container:
        assert -next(container.decode(video=0)).rotation % 360 == degrees


def test_tags_of_a_phone_become_camera_place_and_time(tmp_path: Path) -> None:
    tags = {
        "com.apple.quicktime.make": "Apple", "com.apple.quicktime.model": "iPhone 12",
        "com.apple.quicktime.location.ISO6709": "+48.8577+002.2950+035.000/",
        "com.apple.quicktime.creationdate": "2021-07-04T12:00:00+0200", "creation_time": "2021-07-04T10:00:01Z",
        "title": "Tour Eiffel", "genre": "Travel", "keywords": "paris, tower",
    }  # fmt: skip
    facts = facts_of(media_files.make_mp4(tmp_path / "a.mp4", seconds=0.2, tags=tags))
    assert (facts.camera_make, facts.camera_model) == ("Apple", "iPhone 12")
    assert (facts.latitude, facts.longitude, facts.altitude) == (48.8577, 2.295, 35.0)
    assert facts.taken_at == datetime(2021, 7, 4, 12, tzinfo=timezone(timedelta(hours=2)))
    assert facts.taken_source is TakenSource.QUICKTIME_OFFSET
    assert (facts.title, facts.genre, facts.keywords) == ("Tour Eiffel", "Travel", ("paris", "tower"))
    assert facts.origins["camera_make"] == "pyav:com.apple.quicktime.make"
    assert facts.origins["taken_at"] == "pyav:com.apple.quicktime.creationdate"
    assert facts.origins["rotation"] == "mp4:tkhd.matrix"


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov"])
def test_creation_time_is_utc(suffix: str, tmp_path: Path) -> None:
    tags = {"creation_time": "2021-07-04T10:00:01Z"}
    facts = facts_of(media_files.make_mp4(tmp_path / f"a.{suffix}", seconds=0.2, tags=tags))
    assert facts.taken_at == datetime(2021, 7, 4, 10, 0, 1, tzinfo=UTC)
    assert facts.taken_source is TakenSource.CONTAINER


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_chapters_languages_and_streams(suffix: str, tmp_path: Path) -> None:
    path = media_files.make_mp4(
        tmp_path / f"a.{suffix}", chapters=[(0, 0.5, "One"), (0.5, 1, "Zwei")], language="ger", tags={"title": "T"}
    )
    facts = facts_of(path)
    assert facts.chapters == (Chapter(0.0, 0.5, "One"), Chapter(0.5, 1.0, "Zwei"))
    film, sound = facts.streams[:2]
    assert (film.type, film.codec, film.width, film.height, film.fps) == (StreamType.VIDEO, "h264", 64, 48, 10.0)
    assert (film.pixel_format, film.bit_depth) == ("yuv420p", 8)
    assert (sound.type, sound.codec, sound.language, sound.channels) == (StreamType.AUDIO, "aac", "ger", 2)
    assert (facts.pixel_format, facts.fps, facts.hdr, facts.title) == ("yuv420p", 10.0, None, "T")


@pytest.mark.parametrize(("transfer", "hdr"), [(16, "hdr10"), (18, "hlg"), (1, None)])
def test_hdr_is_read_from_the_transfer_function(transfer: int, hdr: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p10le"
        stream.codec_context.color_trc = transfer
        frame = av.VideoFrame(64, 48, "yuv420p10le")
        for plane in frame.planes:  # x264 aborts on the noise of fresh memory
            plane.update(bytes(plane.buffer_size))
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    facts = facts_of(path)
    assert (facts.hdr, facts.bit_depth, facts.pixel_format) == (hdr, 10, "yuv420p10le")


def test_a_cover_is_not_the_video(tmp_path: Path) -> None:
    cover = media_files.make_png(tmp_path / "c.png").read_bytes()
    song = media_files.tag_id3(media_files.make_mp3(tmp_path / "a.mp3"), "APIC", mime="image/png", type=3, data=cover)
    for facts in (facts_of(song), facts_of(song.rename(tmp_path / "a.mp4"))):
        assert (facts.width, facts.video_codec, facts.audio_codec) == (None, None, "mp3")
        assert [(s.codec, s.attached_picture) for s in facts.streams] == [("mp3", False), ("png", True)]


DATED = [
    ({"date": "2021-07-04T12:00:01+0200"}, datetime(2021, 7, 4, 12, 0, 1, tzinfo=timezone(timedelta(hours=2))),
     TakenSource.QUICKTIME_OFFSET),
    ({"date": "2021-07-04 12:00:01"}, datetime(2021, 7, 4, 12, 0, 1), TakenSource.CONTAINER),
    ({"date": "2021-07-04"}, None, None),  # the day of release
    ({"origination_date": "2021-07-04", "origination_time": "12:00:01"}, datetime(2021, 7, 4, 12, 0, 1), TakenSource.CONTAINER),
    ({"creation_time": "1904-01-01T00:00:00Z"}, None, None), ({"creation_time": "1970-01-01T00:00:00Z"}, None, None),
    ({"IDIT": "2021-07-04 12:00:01"}, datetime(2021, 7, 4, 12, 0, 1), TakenSource.CONTAINER),
]  # fmt: skip


@pytest.mark.parametrize(("tags", "when", "source"), DATED)
def test_moments_in_tags(tags: dict[str, str], when: datetime | None, source: TakenSource | None) -> None:
    draft = Draft("pyav", Kind.VIDEO)
    apply_tags(draft, tags)
    facts = draft.facts(kind=None)
    assert (facts.taken_at, facts.taken_source) == (when, source)


ISO6709 = [
    ("+48.8577+002.2950+035.000/", (48.8577, 2.295, 35.0)), ("-33.8568+151.2153/", (-33.8568, 151.2153)),
    ("+4851.462+00217.700/", (48.8577, 2.2950)), ("+485127.72+0021742.0/", (48.8577, 2.2950)), ("+00.0000+000.0000/", None),
    ("nowhere", None), ("", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "point"), ISO6709)
def test_iso6709(text: str, point: tuple[float, ...] | None) -> None:
    found = iso6709(text)
    assert found == (point if point is None else pytest.approx(point, abs=1e-6))


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "webm", "avi", "mpg", "mp3", "flac", "wav"])
def test_the_fallback_readers_agree_with_the_first(suffix: str, tmp_path: Path) -> None:
    path = media_files.make_media(tmp_path / f"a.{suffix}", seed=2)
    kind = Kind.AUDIO if suffix in ("mp3", "flac", "wav") else Kind.VIDEO
    head = path.read_bytes()[:4096]
    wanted = ("format", "width", "height", "video_codec", "channels", "sample_rate")
    first = video.read(str(path), suffix, head, kind)
    others = [mediainfo.read(str(path), suffix, head, kind)]
    if shutil.which("ffprobe"):
        others.append(ffprobe.read(str(path), suffix, head, kind))
    else:
        print("ffprobe is not on PATH: its agreement is not tested")
    for other in others:
        assert {f: other.values.get(f) for f in wanted} == {f: first.values.get(f) for f in wanted}
        assert other.values["duration"] == pytest.approx(first.values["duration"], abs=0.1)
        assert [s.level for s in other.streams if s.codec == "h264"] == [s.level for s in first.streams if s.codec == "h264"]


def test_ffprobe_reads_what_the_other_readers_refuse(tmp_path: Path) -> None:
    # A portable pixmap with the name of a PNG: Pillow is asked for what the name and the mark say, MediaInfo does not know it.
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not on PATH: the last fallback is not tested")
    path = tmp_path / "a.png"
    path.write_bytes(b"P6\n4 4\n255\n" + b"\x90" * 48)
    facts = facts_of(path)
    assert (facts.reader, facts.width, facts.height) == ("ffprobe", 4, 4)


def test_without_ffprobe_the_first_complaint_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ExtractError, match="ffprobe is not installed"):
        ffprobe.read(str(tmp_path / "a.mp4"), "mp4", b"", Kind.VIDEO)
    (tmp_path / "a.mp4").write_bytes(b"\x93\x01" * 300)
    with pytest.raises(ExtractError, match="cannot be read as an MP4 file: moov atom not found"):
        facts_of(tmp_path / "a.mp4")
