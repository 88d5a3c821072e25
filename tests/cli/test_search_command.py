"""mediaforge search and show: formats, order, limits, names of any kind."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import subprocess
from pathlib import Path

import pytest
from media_shelf import STRANGE, Shelf
from terminal import COMMAND, environment, run

from mediaforge.cli.items import KEYS
from mediaforge.players import PLAYERS


def paths(shelf: Shelf, *words: str) -> set[str]:
    done = run(shelf.catalogue, "search", *words, "--format", "paths")
    assert done.returncode == 0, done.stderr
    return {Path(line).name for line in done.stdout.splitlines()}


def test_words_and_fields(scanned: Shelf) -> None:
    assert paths(scanned, "waves") == {"clip.mp4"}
    assert paths(scanned, "kind:video", "-is:failed") == {"clip.mp4", "film.mkv"}
    assert paths(scanned, "kind:video", "-format:mp4", "-is:failed") == {"film.mkv"}
    assert paths(scanned, "浜辺") == {"01.mp3"}


def test_a_negated_field_is_no_option_and_others_are(scanned: Shelf) -> None:
    assert paths(scanned, "-kind:image", "-kind:audio", "-video-codec:h264") == {"broken.mp4"}
    done = run(scanned.catalogue, "search", "-video")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no such option" in done.stderr
    assert "put -- before a query" in done.stderr


def test_lines_with_tabs_into_a_pipe(scanned: Shelf) -> None:
    done = run(scanned.catalogue, "search", "beach")
    [line] = [line for line in done.stdout.splitlines() if line.endswith("beach.jpg")]
    number, kind, taken, size, details, path = line.split("\t")
    assert number.isdigit()
    assert (kind, taken, details, path) == ("image", "2021-07-04", "48×32 jpeg", str(scanned.root / "Beach" / "beach.jpg"))
    assert size.endswith(" B")
    assert done.stderr == ""


def test_a_line_is_one_line_whatever_the_name(scanned: Shelf) -> None:
    done = run(scanned.catalogue, "search", "path:Strange")
    lines = done.stdout.splitlines()
    assert len(lines) == len(STRANGE)
    assert all(len(line.split("\t")) == 6 and line.replace("\t", "").isprintable() for line in lines)


def test_json_is_one_array_and_jsonl_a_line_each(scanned: Shelf) -> None:
    array = json.loads(run(scanned.catalogue, "search", "-f", "json").stdout)
    lines = [json.loads(line) for line in run(scanned.catalogue, "search", "-f", "jsonl").stdout.splitlines()]
    assert array == lines
    assert len(array) == 6 + len(STRANGE)
    for item in array:
        assert list(item) == [key for key in KEYS if key in item]
        assert {"streams", "keywords", "tags", "collections"} <= set(item)
        assert None not in item.values()
    assert run(scanned.catalogue, "search", "nothing", "-f", "json").stdout == "[]\n"
    assert run(scanned.catalogue, "search", "nothing", "-f", "jsonl").stdout == ""


def test_json_holds_the_exact_bytes_of_a_name(scanned: Shelf) -> None:
    items = json.loads(run(scanned.catalogue, "search", "path:Strange", "-f", "json").stdout)
    [item] = [item for item in items if "path_base64" in item]
    assert os.path.basename(item["path"]) == "latin \N{REPLACEMENT CHARACTER}.jpg"
    assert os.path.basename(base64.b64decode(item["path_base64"])) == b"latin \xe9.jpg"


def test_csv_has_a_column_for_each_key(scanned: Shelf) -> None:
    done = run(scanned.catalogue, "search", "waves", "-f", "csv")
    [row] = csv.DictReader(io.StringIO(done.stdout))
    assert list(row) == KEYS
    assert (row["title"], row["camera_make"]) == ("Waves at dusk", "")
    assert json.loads(row["streams"])[0]["codec"] == "h264"


def test_paths0_is_fit_for_xargs(scanned: Shelf) -> None:
    done = subprocess.run(
        f"{' '.join(COMMAND)} search path:Strange --format paths0 | xargs -0 stat --printf '%n\\0'",
        shell=True,
        env=environment(scanned.catalogue),
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert {os.path.basename(path) for path in done.stdout.split(b"\0")[:-1]} == set(STRANGE)


def test_order_and_limit(scanned: Shelf) -> None:
    sizes = [
        json.loads(line)["size"]
        for line in run(scanned.catalogue, "search", "--sort", "size:asc", "-f", "jsonl").stdout.splitlines()
    ]
    assert sizes == sorted(sizes)
    largest = run(scanned.catalogue, "search", "--sort", "size:desc", "--limit", "1", "-f", "jsonl").stdout
    assert json.loads(largest)["size"] == max(sizes)
    assert len(run(scanned.catalogue, "search", "--limit", "2").stdout.splitlines()) == 2
    assert len(run(scanned.catalogue, "search", "--limit", "0").stdout.splitlines()) == len(sizes)


def test_no_hit_is_no_error(scanned: Shelf) -> None:
    done = run(scanned.catalogue, "search", "nothing", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_reader_that_leaves_is_no_trouble(scanned: Shelf) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(COMMAND)} search --format csv | true; echo ${{PIPESTATUS[0]}}"],
        env=environment(scanned.catalogue),
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("141\n", "")


@pytest.mark.parametrize("target", ["clip", "title:waves", "ID", "PATH"])
def test_show_takes_a_query_an_id_or_a_path(scanned: Shelf, target: str) -> None:
    path = scanned.root / "Beach" / "clip.mp4"
    item = json.loads(run(scanned.catalogue, "search", "waves", "-f", "jsonl").stdout)
    done = run(scanned.catalogue, "show", {"ID": str(item["id"]), "PATH": str(path)}.get(target, target), "-f", "json")
    shown = json.loads(done.stdout)
    assert shown.pop("playable").keys() == PLAYERS.keys()
    assert shown == item


def test_show_tells_where_each_fact_came_from(scanned: Shelf) -> None:
    done = run(scanned.catalogue, "show", str(scanned.root / "Beach" / "beach.jpg"))
    facts = {name: (value, origin) for name, value, origin in (line.split("\t") for line in done.stdout.splitlines())}
    assert facts["taken_at"] == ("2021-07-04T18:30:00+02:00", "exif:DateTimeOriginal")
    assert facts["camera_model"] == ("EOS R5", "exif:Model")
    assert facts["exposure_time"][0] == "0.004 s (1/250)"
    assert facts["path"][1] == "file system"
    broken = run(scanned.catalogue, "show", "broken").stdout
    assert "\nerror\tcannot be read as an MP4 file" in broken


def test_show_without_a_hit(scanned: Shelf) -> None:
    done = run(scanned.catalogue, "show", "nothing")
    assert (done.returncode, done.stdout, done.stderr) == (4, "", "error: nothing matches 'nothing'\n")


def test_stats_and_lists(scanned: Shelf) -> None:
    found = json.loads(run(scanned.catalogue, "stats", "-f", "json").stdout)
    assert (found["items"], found["unreadable"]) == (6 + len(STRANGE), 1)
    assert {group["value"]: group["items"] for group in found["groups"] if group["by"] == "kind"} == {
        "video": 3,
        "audio": 2,
        "image": 1 + len(STRANGE),
    }
    lines = run(scanned.catalogue, "stats", "kind:audio").stdout.splitlines()
    assert "total\titems\t2" in lines
    assert any(line.startswith("year\t1969\t1\t") for line in lines)
    [library] = json.loads(run(scanned.catalogue, "library", "list", "-f", "json").stdout)
    assert (library["library"], library["root"], library["state"]) == ("shelf", str(scanned.root), "online")


def test_stats_count_the_tags_of_what_is_counted(shelf: Shelf) -> None:
    for name, query in (("one,two", "kind:audio"), ("three", "kind:image")):
        assert run(shelf.catalogue, "tag", "add", name, query).returncode == 0

    def tags(*query: str) -> int:
        return int(json.loads(run(shelf.catalogue, "stats", "-f", "json", *query).stdout)["tags"])

    assert [tags(), tags("kind:audio"), tags("kind:image"), tags("kind:video")] == [3, 2, 1, 0]
