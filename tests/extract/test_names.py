"""What names and folders say of videos: where it ends up, whom it is asked of, and what it never is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_names_table import ASKED, TABLE

import media_files
from mediaforge.extract import extract
from mediaforge.extract.name_folders import read_folders
from mediaforge.extract.name_guesses import guess
from mediaforge.extract.name_patterns import parse
from mediaforge.extract.names import understand
from mediaforge.model import Facts


def facts_of(path: Path, **tags: str) -> Facts:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = media_files.make_mp4(path, seconds=0.2, audio=False, tags=tags)
    return extract(str(made), path.suffix[1:])


def test_a_name_and_its_folders_become_facts_with_their_origins(tmp_path: Path) -> None:
    facts = facts_of(tmp_path / "The Wire (2002)" / "Season 02" / "03 - Hot Shots [720p].mp4")
    assert (facts.show, facts.season, facts.episode, facts.episode_title, facts.year) == ("The Wire", 2, 3, "Hot Shots", 2002)
    assert facts.extra["name_screen_size"] == "720p"
    assert {(field, origin) for field, origin in facts.origins.items() if origin.startswith(("name:", "folder:"))} == {
        ("show", "folder:show"), ("season", "folder:season"), ("episode", "name:episode"), ("year", "folder:year"),
        ("episode_title", "name:episode_title"), ("name_screen_size", "name:screen_size"),
    }  # fmt: skip


def test_what_guessit_says_is_told_from_what_we_read(tmp_path: Path) -> None:
    facts = facts_of(tmp_path / "Christmas (1999) at home.mp4")
    assert (facts.title, facts.origins["title"], facts.origins["year"]) == ("Christmas", "guessit:title", "guessit:year")


def test_a_tag_in_the_file_is_believed_before_its_name(tmp_path: Path) -> None:
    facts = facts_of(tmp_path / "Blade Runner (1982).mp4", title="Final Cut")
    assert (facts.title, facts.origins["title"]) == ("Final Cut", "pyav:title")
    assert (facts.year, facts.origins["year"]) == (1982, "name:year")


@pytest.mark.parametrize("name", ["IMG_0001.mp4", "Queen - Bohemian Rhapsody.mp4", "holiday.mp4", "1080.mp4"])
def test_a_name_that_says_nothing_gives_no_fact(name: str, tmp_path: Path) -> None:
    facts = facts_of(tmp_path / "Wedding (2019)" / name)
    assert not [field for field in ("title", "show", "season", "episode", "episode_title", "year") if getattr(facts, field)]
    assert not [field for field in facts.extra if field.startswith("name_")]


def test_pictures_and_music_are_not_films(tmp_path: Path) -> None:
    picture = extract(str(media_files.make_jpeg(tmp_path / "Blade Runner (1982).jpg")), "jpg")
    assert (picture.title, picture.year) == (None, None)


PROGRAM = """
import sys
from mediaforge.extract.names import understand
for line in sys.stdin.read().split("\\n"):
    understand(line)
    assert "guessit" not in sys.modules, line
understand("Christmas (1999) at home.mp4")
assert "guessit" in sys.modules
"""


def test_guessit_is_asked_only_of_what_our_patterns_do_not_understand() -> None:
    asked = {path for path, _, _ in ASKED}
    paths = "\n".join(path for path, _, _ in TABLE if path not in asked)
    done = subprocess.run([sys.executable, "-c", PROGRAM], input=paths, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_name_is_asked_about_once_and_a_folder_read_once() -> None:
    for number in range(3):
        understand(f"/{number}/Once (1999) upon a time.mkv")
        understand(f"/Some Show/Season 4/{number + 1:02}.mkv")
    assert guess.cache_info().hits >= 2
    assert read_folders.cache_info().hits >= 2


NUMBERS = ["1080", "720", "2160", "1080p", "720p", "x264", "h264", "x265", "5.1", "7.1", "10bit", "4K", "480", "576"]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "path",
    ["Name {}.mkv", "Name.{}.mkv", "Name.{}.x264.mkv", "Name - {}.mkv", "[Ours] Name - {} [x264].mkv", "{}.mkv",
     "Show/Season 1/{}.mkv", "Show/Season 1/Show - {}.mkv", "Anime/Name - {}.mkv", "Name/S01/{} Name.mkv",
     "Name.{}.Some.Word.WEB-DL.mkv"],
)  # fmt: skip
def test_sizes_and_codecs_are_no_episode_no_season_and_no_year(path: str, number: str) -> None:
    said = {one.field: one.value for one in understand(path.format(number)).said}
    assert {"episode", "year", "name_last_episode"}.isdisjoint(said), said
    assert said.get("season", 1) == 1


@pytest.mark.parametrize("stem", ["Name 720", "Name.102.x264", "Room.104.1080p.WEB.Some.Word.x264"])
def test_guessit_is_not_believed_that_a_bare_number_is_an_episode(stem: str) -> None:
    found = guess(stem)
    assert {"season", "episode"}.isdisjoint(one.field for one in found.said)
    assert "a number alone is no episode" in {one.why for one in found.ignored}


def test_the_innermost_three_folders_are_asked() -> None:
    deep = "/Show/Season 02/a/b/c/03 - Name.mkv"
    assert {one.field for one in understand(deep).said} == set()
    assert understand("/Show/Season 02/Extras/Bloopers at home.mkv").said[0].value == "Show"


def test_what_folders_do_not_agree_with_is_told() -> None:
    ignored = {(one.text, one.why) for one in understand("/Show/Season 2/show.s03e01.mkv").ignored}
    assert ignored == {("Season 2", "the name says season 3")}
    ignored = {(one.text, one.why) for one in understand("/Heat (1995)/Ronin (1998).mkv").ignored}
    assert ignored == {("Heat (1995)", "the folder of a film of another name")}


def test_a_name_that_is_not_utf8() -> None:
    path = os.fsdecode(b"/media/Caf\xe9 (1999)/S01E05.mkv")
    assert [one.value for one in understand(path).said] == ["Caf�", 1, 5, 1999]


@pytest.mark.parametrize(
    "part",
    ["1", " ", "a.", "[", "(", "(1)", "e1", "S01E01", "1x01", "official ", "1080p ", ". ", "-", "'", "2015 ", "x264-", "第1話"],
)
@pytest.mark.parametrize("first", ["", "untitled ", "Show S01E01 ", "[Ours] ", "Film (1999) "])
def test_no_name_takes_long(first: str, part: str) -> None:
    """Hang, where a pattern tries every way to cut a name of 250 characters into pieces."""
    understand((first + part * 250)[:249] + "!")


WORDS = st.sampled_from(
    "Show Film The . - _ [ ] ( ) { } S01 E02 S01E02 1x02 1999 (1999) [1999] 2049 1080p 720 x264 BluRay WEB DL -GRP Season 2 03"
    " 05v2 Episode 5.1 2021-03-04 trailer sample cd1 第05話 [Ours] [4D5A6B7C] {imdb-tt1} Extended / é ﬁ İ ß \0 ½".split(" ")
)


@given(st.lists(WORDS, max_size=12).map(" ".join) | st.lists(WORDS, max_size=12).map("".join) | st.text(max_size=40))
def test_any_text_is_read(name: str) -> None:
    """Read anything without an error, and say only what a field can hold. (guessit, 10 ms a name, is not asked.)"""
    found = parse(name)
    fields = [one.field for one in found.said]
    assert len(fields) == len(set(fields))
    for one in found.said:
        if one.field in ("season", "episode", "year", "name_last_episode", "name_part"):
            assert isinstance(one.value, int)
            assert 0 <= one.value < 10_000
        else:
            assert one.value
    read_folders(tuple(part for part in name.split("/") if part)[:3])
