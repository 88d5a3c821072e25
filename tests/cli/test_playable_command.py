"""playable: on the command line: show, search, help playable, players of one's own."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from media_shelf import Shelf
from terminal import on_a_terminal, run

from mediaforge.players import PLAYERS

TV = "[playable.tv]\ntitle = 'the old TV'\ncontainers = ['avi']\nimages = ['jpeg']\n"


def test_show_says_of_each_player_whether_it_plays(scanned: Shelf) -> None:
    lines = run(scanned.catalogue, "show", "name:film.mkv").stdout.splitlines()
    told = {line.split("\t")[0]: line.split("\t")[1:] for line in lines if line.startswith("playable ")}
    assert list(told) == [f"playable {name}" for name in PLAYERS]
    assert told["playable web"] == ["container matroska is not played by web browsers", "player"]
    lines = run(scanned.catalogue, "show", "name:beach.jpg").stdout.splitlines()
    assert "playable web\tyes\tplayer" in lines


def test_show_in_json_has_an_object_and_search_has_none(scanned: Shelf) -> None:
    item = json.loads(run(scanned.catalogue, "show", "name:film.mkv", "-f", "json").stdout)
    assert item["playable"]["web"] == ["container matroska is not played by web browsers"]
    assert list(item["playable"]) == list(PLAYERS)
    item = json.loads(run(scanned.catalogue, "show", "name:beach.jpg", "-f", "json").stdout)
    assert set(map(tuple, item["playable"].values())) == {()}
    assert "playable" not in json.loads(run(scanned.catalogue, "search", "name:film.mkv", "-f", "json").stdout)[0]


def test_show_of_many_has_it_for_each(scanned: Shelf) -> None:
    rows = list(csv.DictReader(io.StringIO(run(scanned.catalogue, "show", "is:any", "-f", "csv").stdout)))
    assert len(rows) > 10
    assert all(json.loads(row["playable"]).keys() == PLAYERS.keys() for row in rows)


def test_the_facts_of_a_film_in_json(scanned: Shelf) -> None:
    item = json.loads(run(scanned.catalogue, "show", "name:film.mkv", "-f", "json").stdout)
    assert (item["interlaced"], item["variable_frame_rate"], item["cover"]) == (False, False, False)
    assert (item["streams"][0]["profile"], item["streams"][0]["level"]) == ("Constrained Baseline", 1.0)
    lines = run(scanned.catalogue, "show", "name:film.mkv").stdout.splitlines()
    assert "interlaced\tno\tpyav:field_order" in lines
    assert any("h264 (Constrained Baseline) level 1.0 64×48" in line for line in lines)
    assert "cover" not in json.loads(run(scanned.catalogue, "show", "name:beach.jpg", "-f", "json").stdout)


def test_an_unknown_player_is_told_with_the_nearest(scanned: Shelf) -> None:
    done = run(scanned.catalogue, "search", "playable:wbe")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no player 'wbe'; did you mean 'web'?" in done.stderr
    assert "mediaforge help playable" in done.stderr


def test_a_player_of_ones_own_in_every_command(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(TV)
    config = {"MEDIAFORGE_CONFIG": str(tmp_path / "config.toml")}
    pictures = run(shelf.catalogue, "search", "playable:tv", "-f", "jsonl", **config).stdout.splitlines()
    assert {json.loads(line)["kind"] for line in pictures} == {"image"}
    item = json.loads(run(shelf.catalogue, "show", "name:film.mkv", "-f", "json", **config).stdout)
    assert item["playable"]["tv"] == ["container matroska is not played by the old TV"]
    assert f"{len(pictures)} items" in run(shelf.catalogue, "tag", "add", "old", "playable:tv", **config).stderr
    assert run(shelf.catalogue, "stats", "playable:tv", **config).returncode == 0
    assert "playable:tv  the old TV" in run(shelf.catalogue, "help", "playable", **config).stdout
    assert "there is no player 'tv'" in run(shelf.catalogue, "search", "playable:tv").stderr


def test_a_player_that_makes_no_sense_ends_every_command(scanned: Shelf, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[playable.tv]\ncontaners = ['avi']\n")
    done = run(scanned.catalogue, "search", "beach", MEDIAFORGE_CONFIG=str(tmp_path / "config.toml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "takes no 'tv.contaners'; did you mean 'containers'?" in done.stderr


def test_help_playable_tells_what_each_plays(scanned: Shelf) -> None:
    text = run(scanned.catalogue, "help", "playable").stdout
    assert all(f"playable:{name}  {player.title}\n" in text for name, player in PLAYERS.items())
    assert "hevc (main main10; 3840×2160; 60 fps)" in " ".join(text.split())
    rows = {row["player"]: row for row in json.loads(run(scanned.catalogue, "help", "playable", "-f", "json").stdout)}
    assert rows["chromecast"]["video"]["h264"]["level"] == 4.1
    assert (rows["web"]["hdr"], rows["web"]["images"]["jpeg"]) == ([], {})
    rows = {
        row["player"]: row
        for row in csv.DictReader(io.StringIO(run(scanned.catalogue, "help", "playable", "-f", "csv").stdout))
    }
    assert json.loads(rows["apple"]["hdr"]) == ["dolby-vision", "hdr10", "hlg"]


def test_help_playable_keeps_to_the_width_of_a_terminal(scanned: Shelf) -> None:
    assert max(map(len, on_a_terminal(scanned.catalogue, "help", "playable", width=80).splitlines())) <= 80
