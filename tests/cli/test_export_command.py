"""mediaforge export, import, sidecar."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest
from media_shelf import STRANGE, Shelf
from terminal import on_a_terminal, run

from media_files import make_jpeg


def test_out_and_into_an_empty_catalogue(shelf: Shelf, tmp_path: Path) -> None:
    assert run(shelf.catalogue, "tag", "add", "holiday", "beach").returncode == 0
    out = tmp_path / "x.jsonl"
    done = run(shelf.catalogue, "export", "-o", str(out))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"exported 12 items to '{out}'\n")
    assert run(shelf.catalogue, "export").stdout.split("\n")[1:] == out.read_text().split("\n")[1:]
    again = run(shelf.catalogue, "export", "-o", str(out))
    assert (again.returncode, again.stderr) == (2, f"error: '{out}' is there already; name another file, or say --force\n")
    assert run(shelf.catalogue, "export", "-o", str(out), "--force", "-q").stderr == ""
    other = tmp_path / "new" / "catalog.db"
    tried = run(other, "import", str(out), "--dry-run")
    assert (tried.returncode, tried.stdout) == (0, "")
    assert tried.stderr == "12 items would be made\nnew: 1 tag, 1 library\n"
    assert not other.parent.exists()
    done = run(other, "import", str(out))
    assert done.stderr == "12 items made\nnew: 1 tag, 1 library\nundo with: mediaforge undo 1\n"
    assert run(other, "export").stdout.split("\n")[1:] == out.read_text().split("\n")[1:]
    paths = run(other, "search", "path:Strange/", "-f", "paths0").stdout.encode("utf-8", "surrogateescape")
    assert sorted(os.path.basename(path) for path in paths.split(b"\0")[:-1]) == sorted(STRANGE)
    assert run(other, "history").stdout.split("\t")[2:] == ["12", "", f"import {out}\n"]
    assert run(other, "undo", "1").returncode == 0
    assert run(other, "search").stdout == ""


def test_an_import_is_drawn_on_a_terminal(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(run(shelf.catalogue, "export").stdout)
    shown = on_a_terminal(tmp_path / "new.db", "import", str(tmp_path / "x.jsonl"), width=100)
    assert "importing" in shown and "12/12" in shown, shown
    assert shown.endswith("12 items made\nnew: 1 library\nundo with: mediaforge undo 1\n")
    quiet = on_a_terminal(tmp_path / "other.db", "-q", "import", str(tmp_path / "x.jsonl"))
    assert quiet == ""


def test_what_a_killed_import_left_is_cleared_away(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(run(shelf.catalogue, "export").stdout)
    dead, beside = tmp_path / "new.db.999999999.import", tmp_path / "new.db.999999999.import-wal"  # no process has that number
    at_work, mine = tmp_path / f"new.db.{os.getpid()}.import", tmp_path / "new.db.old.import"
    for path in (dead, beside, at_work, mine):
        path.touch()
    assert run(tmp_path / "new.db", "import", str(tmp_path / "x.jsonl")).returncode == 0
    assert [path.exists() for path in (dead, beside, at_work, mine)] == [False, False, True, True]


def test_csv_is_a_flat_view(shelf: Shelf, tmp_path: Path) -> None:
    done = run(shelf.catalogue, "export", "kind:audio", "-f", "csv")
    assert done.stderr == "csv is a flat view for spreadsheets, a row for each item; import reads jsonl\n"
    assert [row["title"] for row in csv.DictReader(io.StringIO(done.stdout))] == ["So What", "浜辺の歌"]
    done = run(shelf.catalogue, "export", "--only-mine", "-f", "csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert run(shelf.catalogue, "export", "-tag:x", "title:so", "-o", str(tmp_path / "y"), "-f", "csv").returncode == 0
    assert len((tmp_path / "y").read_text().splitlines()) == 2


def test_what_did_not_match_is_printed(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    make_jpeg(tmp_path / "pictures" / "new\nname.jpg", seed=99)
    other = tmp_path / "other.db"
    run(other, "scan", str(tmp_path / "pictures"))
    run(other, "tag", "add", "mine", "is:any")
    (tmp_path / "x.jsonl").write_text(run(other, "export").stdout)
    done = run(shelf.catalogue, "import", str(tmp_path / "x.jsonl"))
    shown = str(tmp_path / "pictures" / "new\ufffdname.jpg")
    assert (done.returncode, done.stdout) == (0, f"4\tnot found\t{shown}\n")
    hint = "where their folders are elsewhere now, say --library OLDROOT=NEWROOT"
    assert done.stderr == f"0 items made\nnew: 1 tag\n1 did not match; {hint}\nundo with: mediaforge undo 1\n"
    done = run(shelf.catalogue, "import", str(tmp_path / "x.jsonl"), "-f", "json", "-q")
    assert json.loads(done.stdout) == [{"line": 4, "why": "not found", "path": str(tmp_path / "pictures" / "new\nname.jpg")}]
    assert "new�name.jpg" in on_a_terminal(shelf.catalogue, "import", str(tmp_path / "x.jsonl"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["import"], "missing argument 'path'"),
        (["import", "/none"], "'/none' cannot be read: no such file or directory"),
        (["import", "/dev/stdin"], "'/dev/stdin' is neither a file nor a folder; write it into a file first"),
        (["import", __file__, "--from", "betamax"], "is nothing that is known here"),
        (["import", "/", "--from", "beets"], "'/' is a folder; name the file of the database in it"),
        (["import", "/", "--from", "digikam"], "'/' is a folder; name the file of the database in it"),
        (["import", "/dev/null", "--prefer", "mine"], "'--prefer' takes one of here, import, not 'mine'"),
        (["export", "-f", "xml"], "'--format' takes one of jsonl, csv, not 'xml'"),
        (["export", "-o", "/none/x"], "cannot write '/none/x': no such file or directory"),
        (["export", "nofield:3"], "there is no field 'nofield'"),
        (["sidecar", "write"], "missing argument 'target'"),
        (["sidecar", "write", ""], "nothing to select"),
    ],
)
def test_wrong_usage(shelf: Shelf, words: list[str], said: str) -> None:
    done = run(shelf.catalogue, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ") and said in done.stderr.lower(), done.stderr


def test_a_broken_line(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"mediaforge": "export", "version": 1}\n{"type": "tag"}\n{"type": "end"}\n')
    done = run(shelf.catalogue, "import", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: line 2 of '{path}': name: field required; nothing was imported\n"


def test_sidecars(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed, name in enumerate(("a.jpg", "b.jpg", "c.jpg")):
        make_jpeg(folder / name, seed=seed)
    catalogue = tmp_path / "catalog.db"
    run(catalogue, "scan", str(folder))
    assert run(catalogue, "sidecar", "write", "is:any").stderr == "wrote 0 sidecars; 3 with nothing of yours to write\n"
    run(catalogue, "tag", "add", "mine", "name:a.jpg OR name:b.jpg")
    (folder / "b.jpg.xmp").write_text("no XML")
    tried = run(catalogue, "sidecar", "write", "is:any", "-n")
    assert (tried.returncode, sorted(path.name for path in folder.glob("*.xmp"))) == (3, ["b.jpg.xmp"])
    done = run(catalogue, "sidecar", "write", "is:any")
    assert done.returncode == 3
    assert sorted(line.split("\t")[1:] for line in done.stdout.splitlines()) == [
        ["new", f"{folder}/a.jpg.xmp"],
        ["refused", f"{folder}/b.jpg.xmp is not XML: syntax error"],
    ]
    assert done.stderr == "wrote 1 sidecar; 1 with nothing of yours to write; 1 refused\n"
    done = run(catalogue, "sidecar", "write", "name:a.jpg", "-f", "json")
    [row] = json.loads(done.stdout)
    assert (row["outcome"], row["sidecar"], row["why"]) == ("unchanged", f"{folder}/a.jpg.xmp", None)
    assert (done.returncode, run(catalogue, "sidecar", "write", "nothing").returncode) == (0, 4)
