"""mediaforge library forget."""

from __future__ import annotations

from media_shelf import Shelf
from terminal import on_a_terminal, run


def test_a_library_is_forgotten_with_a_persons_word(shelf: Shelf) -> None:
    what = f"the library '{shelf.root.name}' at '{shelf.root}' with 12 items"
    for words, code, said in [
        (["none"], 4, f"error: no library 'none'; there are {shelf.root.name}\n"),
        ([shelf.root.name], 2, "error: nobody is here to be asked, so nothing was changed; say --yes\n"),
        ([shelf.root.name, "--dry-run"], 0, f"would forget {what}\n"),
    ]:
        done = run(shelf.catalogue, "library", "forget", *words)
        assert (done.returncode, done.stdout, done.stderr) == (code, "", said)
    assert "nothing was changed" in on_a_terminal(shelf.catalogue, "library", "forget", shelf.root.name, typed="n\n")
    assert len(run(shelf.catalogue, "search").stdout.splitlines()) > 0
    done = run(shelf.catalogue, "library", "forget", shelf.root.name, "--yes")
    assert (done.returncode, done.stderr) == (0, f"forgot {what}; undo with: mediaforge undo 1\n")
    assert run(shelf.catalogue, "search").stdout == run(shelf.catalogue, "library", "list").stdout == ""
    assert run(shelf.catalogue, "undo").returncode == 0
    assert len(run(shelf.catalogue, "search", "-f", "paths0").stdout.split("\0")) == 13
