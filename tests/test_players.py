"""Players: what the tables hold, and what is said of a person's own that make no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaforge.config import load_config
from mediaforge.errors import UsageError
from mediaforge.players import PLAYERS, Limits, Player, plain, read_players

KITCHEN = """
[playable.kitchen]
title = "the  kitchen tablet"
containers = ["mp4", "MKV"]
video.h264 = { profiles = ["Constrained Baseline", "High"], level = 4.1, width = 1920, height = 1080, fps = 29.97 }
video.vp8 = {}
audio = ["aac", "pcm_*"]
images.jpeg = { width = 4096, bit_depth = 8 }
hdr = ["hdr10", "dolby-vision"]
"""


def load(tmp_path: Path, toml: str) -> dict[str, Player]:
    (tmp_path / "config.toml").write_text(toml)
    return dict(load_config({"MEDIAFORGE_CONFIG": str(tmp_path / "config.toml")}).playable)


def test_a_player_of_ones_own(tmp_path: Path) -> None:
    limits = Limits(profiles=("constrainedbaseline", "high"), level=4.1, width=1920, height=1080, fps=29.97)
    assert load(tmp_path, KITCHEN) == {
        "kitchen": Player(
            title="the kitchen tablet",
            containers=("mp4", "mkv"),
            video={"h264": limits, "vp8": Limits()},
            audio={"aac": Limits(), "pcm_*": Limits()},
            images={"jpeg": Limits(width=4096, bit_depth=8)},
            hdr=("hdr10", "dolby-vision"),
        )
    }


def test_what_is_left_out_is_not_limited(tmp_path: Path) -> None:
    assert load(tmp_path, "[playable.tv-2]") == {"tv-2": Player(title="tv-2")}
    assert load(tmp_path, "jobs = 1") == {}


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("playable = 1", "a table for each player, such as [playable.kitchen]"),
        ("playable = 'kitchen ='", "a table of players in TOML: "),
        ("[playable.'my tv']", "names of small letters, digits, - and _, not 'my tv'"),
        ("[playable.TV]", "names of small letters, digits, - and _, not 'TV'"),
        ("playable.tv = 'web'", "a table for 'tv', such as [playable.tv]"),
        ("playable.tv.contaners = []", "no 'tv.contaners'; did you mean 'containers'?"),
        ("playable.tv.x = []", "no 'tv.x'; there are title, containers, video, audio, images, hdr"),
        ("playable.tv.containers = 'mp4'", "a list of names for 'tv.containers'"),
        ("playable.tv.containers = [1]", "a list of names for 'tv.containers'"),
        ("playable.tv.containers = ['']", "a list of names for 'tv.containers'"),
        ("playable.tv.title = 1", "a text for 'tv.title'"),
        ("playable.tv.title = ' '", "a text for 'tv.title'"),
        ("playable.tv.video = 1", "a list of names, or a table of codecs with their limits, for 'tv.video'"),
        ("playable.tv.video.h264 = true", "a table of limits for 'tv.video.h264', such as {} for none"),
        ("playable.tv.video.h264.hight = 1", "no 'tv.video.h264.hight'; did you mean 'height'?"),
        ("playable.tv.audio.mp3.fps = 1", "no 'tv.audio.mp3.fps'; there are containers, profiles, bit_depth, channels"),
        ("playable.tv.video.h264.profiles = 'main'", "a list of names for 'tv.video.h264.profiles'"),
        ("playable.tv.video.h264.level = 0", "a number above 0 for 'tv.video.h264.level'"),
        ("playable.tv.video.h264.level = nan", "a number above 0 for 'tv.video.h264.level'"),
        ("playable.tv.video.h264.level = '4.1'", "a number above 0 for 'tv.video.h264.level'"),
        ("playable.tv.images.png.width = true", "a number above 0 for 'tv.images.png.width'"),
        ("playable.tv.hdr = ['hdr']", "hdr10, hdr10+, hlg or dolby-vision in 'tv.hdr', not 'hdr'"),
    ],
)
def test_a_player_that_makes_no_sense_is_told(tmp_path: Path, toml: str, said: str) -> None:
    with pytest.raises(UsageError) as told:
        load(tmp_path, toml)
    assert f"the setting 'playable' in '{tmp_path}/config.toml' takes {said}" in str(told.value)


def test_a_player_in_the_environment_that_makes_no_sense_is_told() -> None:
    with pytest.raises(UsageError, match="the environment variable MEDIAFORGE_PLAYABLE takes a table of players in TOML: "):
        load_config({"MEDIAFORGE_PLAYABLE": "tv"})


def test_the_known_players_are_written_as_they_are_compared() -> None:
    for name, player in PLAYERS.items():
        assert read_players({name: {}}).keys() == {name}
        for codecs in (player.video, player.audio, player.images):
            assert codecs
            for codec, limits in codecs.items():
                assert codec == plain(codec)
                assert set(limits.containers) <= set(player.containers or ())
                assert limits.profiles == tuple(map(plain, limits.profiles))


def test_the_documented_player_is_one(tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "docs" / "config.md").read_text()
    toml = text.partition("## Players")[2].partition("```toml\n")[2].partition("```")[0]
    kitchen = load(tmp_path, toml)["kitchen"]
    assert kitchen.title == "the kitchen tablet" and kitchen.video and kitchen.audio and kitchen.images and kitchen.hdr == ()
