"""What speed is measured with: made files are real and distinct, made catalogues answer, the table tells what got worse."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import clips, flame, growth, make_catalog, make_library, measure, plot, queries, results, starts
from bench.results import Row
from mediaforge.extract import extract
from mediaforge.model import SUFFIXES, Kind

ROOT = Path(__file__).parents[2]


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    make_library.make_library(str(folder), files=60, seed=5, processes=1)
    return folder


def test_every_file_is_read_and_none_is_another(library: Path) -> None:
    files = files_below(library)
    assert len(files) == 60
    assert len({hashlib.sha256(path.read_bytes()).digest() for path in files}) == 60
    for path in files:
        facts = extract(str(path), path.suffix[1:].lower())
        assert facts.duration or facts.width, path
    kinds = Counter(SUFFIXES[path.suffix[1:].lower()] for path in files)
    assert all(kinds[kind] >= 5 for kind in Kind)


def test_the_same_seed_makes_the_same_names(library: Path, tmp_path: Path) -> None:
    make_library.make_library(str(tmp_path), files=60, seed=5, processes=1)
    assert [path.relative_to(tmp_path) for path in files_below(tmp_path)] == [
        path.relative_to(library) for path in files_below(library)
    ]


def test_the_mix_is_obeyed(tmp_path: Path) -> None:
    make_library.main([str(tmp_path), "--files", "5", "--mix", "0/0/100", "--processes", "1"])
    assert {SUFFIXES[path.suffix[1:].lower()] for path in files_below(tmp_path)} == {Kind.IMAGE}


@pytest.mark.parametrize("mix", ["20/35", "50/50/50"])
def test_a_mix_that_is_none_is_refused(tmp_path: Path, mix: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        make_library.main([str(tmp_path), "--mix", mix])
    assert "--mix takes three numbers that make 100" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", clips.FORMATS)
def test_each_format_is_what_it_says(tmp_path: Path, suffix: str) -> None:
    one, other = tmp_path / f"one.{suffix}", tmp_path / f"other.{suffix}"
    clips.write(os.fsencode(one), suffix, {"title": "one"}, 1)
    clips.write(os.fsencode(other), suffix, {"title": "other"}, 4)
    assert one.read_bytes() != other.read_bytes()
    facts = extract(str(one), suffix)
    assert facts.kind is None
    assert facts.audio_codec
    assert bool(facts.video_codec) == (clips.FORMATS[suffix][1] is not None)


def test_light_files_are_real_and_distinct(tmp_path: Path) -> None:
    make_library.make_library(str(tmp_path), files=120, light=True, processes=1)
    files = files_below(tmp_path)
    assert len({path.read_bytes() for path in files}) == 120
    facts = extract(str(files[-1]), "jpg")
    assert facts.width == 96
    assert facts.camera_make


def test_a_made_catalogue_answers_queries(tmp_path: Path) -> None:
    path = str(tmp_path / "made.db")
    asyncio.run(make_catalog.make_catalogue(path, rows=400))
    times = asyncio.run(queries.time_queries(path, rounds=1))
    assert set(times) == set(queries.QUERIES)
    assert len(times) >= 40
    tagged = asyncio.run(queries.time_tagging(path, "beach")).items
    assert 0 < tagged < 400
    again = asyncio.run(queries.time_tagging(path, "beach")).items
    assert again == tagged  # the tag was taken off


def test_percentiles() -> None:
    values = [float(n) for n in range(1, 101)]
    assert [queries.percentile(values, share) for share in (0.5, 0.95, 1)] == [50, 95, 100]
    assert queries.percentile([7.0], 0.95) == 7


def test_costs_are_those_of_the_process() -> None:
    cost = measure.run([sys.executable, "-c", "import sys; sum(range(3_000_000)); sys.exit(3)"], os.environ, ok=(3,))
    assert cost.exit_code == 3
    assert cost.cpu > 0
    with pytest.raises(RuntimeError, match="ended with 4"):
        measure.run([sys.executable, "-c", "raise SystemExit(4)"], os.environ)


def test_peaks_tell_a_parent_from_its_children() -> None:
    child = "x = b'x' * 150_000_000; import time; time.sleep(0.5)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    found = measure.peaks([sys.executable, "-c", parent], os.environ)
    assert 0 < found.parent < 100 < 143 < found.child < 250
    assert found.cpu > 0


def test_pairs_are_measured_in_turn() -> None:
    said: list[str] = []

    def measure_as(name: str) -> float:
        said.append(name)
        return len(said)

    given = measure.in_turn(3, lambda: measure_as("a"), lambda: measure_as("b"))
    assert "".join(said) == "ababab"
    assert given == [[1, 3, 5], [2, 4, 6]]
    assert measure.ratio([2, 9, 4], [1, 3, 4]) == 2


@pytest.mark.parametrize(
    ("at_least", "was", "now", "marked"),
    [
        (True, 4.0, 3.5, True),
        (True, 4.0, 3.7, False),
        (True, 4.0, 5.0, False),
        (False, 2.0, 2.3, True),
        (False, 2.0, 2.1, False),
        (False, 2.0, 1.0, False),
    ],
)
def test_what_lost_a_tenth_is_marked(tmp_path: Path, at_least: bool, was: float, now: float, marked: bool) -> None:
    run = {"date": "2026-01-02", "machine": "here"}
    results.save(run, [Row("scan", "find", was, "a", "b", 3.0, at_least)], str(tmp_path))
    before = results.last("here", str(tmp_path))
    row = Row("scan", "find", now, "a", "b", 3.0, at_least)
    assert results.worse(row, before) is marked
    assert (f"(was {was:.2f})" in results.table([row], before)) is marked


def test_own_results_are_compared_with_first(tmp_path: Path) -> None:
    for date, machine, ratio in (("2026-01-01", "here", 1.0), ("2026-01-02", "here", 2.0), ("2026-01-03", "there", 3.0)):
        results.save({"date": date, "machine": machine}, [Row("scan", "find", ratio, "", "")], str(tmp_path))
    assert results.last("here", str(tmp_path)) == {("scan", "find"): 2.0}
    assert results.last("elsewhere", str(tmp_path)) == {("scan", "find"): 3.0}
    assert results.last("here", str(tmp_path / "none")) == {}


def test_the_table_goes_between_its_marks(tmp_path: Path) -> None:
    docs = tmp_path / "performance.md"
    docs.write_text("before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n")
    run = {**results.facts_of_run(["--pairs", "3"]), "note": "two runs"}
    for _ in range(2):
        results.write_docs(run, "| table |", str(docs))
    text = docs.read_text()
    assert text.startswith("before\n<!-- bench: begin -->\nMeasured by")
    assert text.endswith("\n| table |\n<!-- bench: end -->\nafter\n")
    assert "old" not in text
    assert "`python -m bench.run --pairs 3`" in text
    assert "\n\ntwo runs\n\n" in text


def test_a_quick_run_prints_the_table_and_writes_it_down(tmp_path: Path) -> None:
    words = ["--quick", "--only", "start_up", "--only", "memory", "--scratch", str(tmp_path)]
    done = subprocess.run([sys.executable, "-m", "bench.run", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("| ratio | must be |")
    (written,) = (tmp_path / "results").glob("*.json")
    found = json.loads(written.read_text())
    assert {row["against"] for row in found["rows"]} >= {"importing its libraries", "search", "300 MB"}
    assert found["versions"]["python"]
    assert found["command"].startswith("python -m bench.run --quick --only start_up")


def test_the_documentation_has_the_marks() -> None:
    text = (ROOT / "docs" / "performance.md").read_text()
    assert text.count("<!-- bench: begin -->") == text.count("<!-- bench: end -->") == 1


def test_slopes_are_exponents() -> None:
    assert growth.slope([(10, 5), (100, 50), (1000, 500)]) == pytest.approx(1)
    assert growth.slope([(10, 3), (1000, 3)]) == pytest.approx(0)
    text = growth.table([10, 100], [("scan", "s", [(10, 1.0), (100, 100.0)]), ("tag", "ms", [(10, 2.0), (100, 2.0)])])
    assert text.splitlines()[2:] == ["| scan | 1 s | 100 s | 2.00 |", "| tag | 2 ms | 2 ms | 0.00 |"]


def test_a_flame_graph_keeps_what_matters_and_both_kinds_of_process() -> None:
    stacks = [
        "process 1:x;main (mediaforge/cli/app.py:9);open <a> 20",
        "process 1:x;process 2:python -m mediaforge.build.worker;serve (mediaforge/build/worker.py:1);read 60",
        "process 1:x;process 3:python;serve (mediaforge/build/worker.py:1);read 119",
        "process 1:x;process 3:python;serve (mediaforge/build/worker.py:1);seldom 1",
    ]
    root = flame.fold(stacks)
    assert {name: below.samples for name, below in root.below.items()} == {"parent": 20, "worker": 180}
    drawn = flame.draw(root)
    assert "read, 89.5%" in drawn
    assert "seldom, 0.5%" in drawn
    assert "open &lt;a&gt;, 10.0%" in drawn
    assert "seldom" not in flame.draw(flame.fold([*stacks, "main 20"]))


def test_growth_is_drawn_with_a_line_and_a_slope_for_each_kind_of_work() -> None:
    picture = plot.draw([("scan <CPU>", 0.98, [(1_000, 0.5), (10_000, 5.0)]), ("search", 0.3, [(1_000, 2.0), (10_000, 4.0)])])
    assert ElementTree.fromstring(picture).tag.endswith("svg")
    assert "scan &lt;CPU&gt;: slope 0.98" in picture and "search: slope 0.30" in picture
    assert picture.count("<circle") == 4
    assert ">1,000<" in picture and ">10,000<" in picture


@pytest.mark.parametrize("way", starts.WAYS)
def test_processes_are_started_in_every_way(way: str) -> None:
    command = [sys.executable, "-m", "bench.starts", "--one", way, "2"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    took, cpu = map(float, told)
    assert took > 0 and cpu > 0
