"""Music: tags of every system to the same fields."""

from __future__ import annotations

from pathlib import Path

import mutagen
import pytest

import media_files
from reading import facts_of

TAGS: dict[str, str | list[str]] = {
    "title": "Título", "artist": "Ada", "album": "First", "albumartist": "Various", "composer": "Bo", "genre": "Jazz",
    "date": "2003-05-01", "tracknumber": "3/12", "discnumber": "1/2",
}  # fmt: skip
APE_NAMES = {  # mutagen has no easy names for APEv2
    "title": "Title", "artist": "Artist", "album": "Album", "albumartist": "Album Artist", "genre": "Genre",
    "composer": "Composer", "date": "Year", "tracknumber": "Track", "discnumber": "Disc",
}  # fmt: skip


@pytest.mark.parametrize("suffix", ["mp3", "flac", "ogg", "oga", "opus", "m4a", "m4b", "wma", "wv"])
def test_tags_of_every_system(suffix: str, tmp_path: Path) -> None:
    tags = {k: v for k, v in TAGS.items() if not (suffix in ("m4a", "m4b") and k == "composer")}
    path = media_files.make_audio(tmp_path / f"a.{suffix}", seconds=0.3, tags=None if suffix == "wv" else tags)
    if suffix == "wv":
        music = mutagen.File(path)
        assert music is not None
        for key, name in APE_NAMES.items():
            music[name] = TAGS[key]
        music.save()
    facts = facts_of(path)
    assert (facts.title, facts.artist, facts.album, facts.album_artist) == ("Título", "Ada", "First", "Various")
    assert (facts.genre, facts.year, facts.track, facts.disc) == ("Jazz", 2003, 3, 1)
    if "composer" in tags:
        assert facts.composer == "Bo"
    assert ":" in facts.origins["title"]


def test_several_artists_are_one_text(tmp_path: Path) -> None:
    for suffix in ("mp3", "flac"):
        assert facts_of(media_files.make_audio(tmp_path / f"a.{suffix}", tags={"artist": ["Ada", "Bo"]})).artist == "Ada; Bo"


@pytest.mark.parametrize(("popm", "stars"), [(1, 1), (64, 2), (128, 3), (196, 4), (255, 5), (0, None)])
def test_windows_ratings_are_stars(popm: int, stars: int | None, tmp_path: Path) -> None:
    path = media_files.make_mp3(tmp_path / "a.mp3", seconds=0.2)
    media_files.tag_id3(path, "POPM", email="Windows Media Player 9 Series", rating=popm, count=0)
    assert facts_of(path).rating == stars


def test_the_comment_is_the_description_and_a_players_own_notes_are_not(tmp_path: Path) -> None:
    path = media_files.make_mp3(tmp_path / "a.mp3", seconds=0.2)
    media_files.tag_id3(path, "COMM", encoding=3, lang="eng", desc="iTunNORM", text=["0000 0000"])
    assert facts_of(path).description is None
    media_files.tag_id3(path, "COMM", encoding=3, lang="eng", desc="", text=["live"])
    assert facts_of(path).description == "live"


def test_a_length_that_so_few_bytes_cannot_have_is_asked_of_ffmpeg(tmp_path: Path) -> None:
    path = media_files.make_mp3(tmp_path / "a.mp3", seconds=2)
    data = path.read_bytes()
    place = max(data.find(b"Xing"), data.find(b"Info"))
    assert place > 0
    path.write_bytes(data[: place + 8] + (2_000_000).to_bytes(4, "big") + data[place + 12 :])  # frames
    assert (facts_of(path).reader, facts_of(path).audio_codec) == ("pyav", "mp3")


def test_numbers_of_a_stereo_and_a_mono_file(tmp_path: Path) -> None:
    for suffix in ("m4a", "flac", "wav", "opus", "wv", "mp3"):
        for channels in (1, 2):
            facts = facts_of(media_files.make_audio(tmp_path / f"{channels}.{suffix}", channels=channels))
            assert (facts.channels, facts.sample_rate) == (channels, 48_000)
            assert type(facts.channels) is int  # mutagen says True of a mono WavPack
            assert facts.duration == pytest.approx(1, abs=0.05)
