"""One small library, scanned once; a test that changes the catalogue gets a copy."""

from __future__ import annotations

from pathlib import Path

import pytest
from media_shelf import Shelf, make_shelf
from terminal import copy_catalogue, run


@pytest.fixture(scope="session")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    folder = tmp_path_factory.mktemp("cli")
    make_shelf(folder / "shelf")
    done = run(folder / "catalog.db", "scan", str(folder / "shelf"))
    assert done.returncode == 3, done.stderr
    return Shelf(folder / "shelf", folder / "catalog.db")


@pytest.fixture
def shelf(scanned: Shelf, tmp_path: Path) -> Shelf:
    return Shelf(scanned.root, copy_catalogue(scanned.catalogue, tmp_path))
