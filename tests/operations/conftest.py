"""A shelf for each test."""

from __future__ import annotations

from pathlib import Path

import pytest
from shelf import Shelf

from mediaforge.config import Config


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Return an empty folder and the name of a catalogue that is not there yet."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    (tmp_path / "data").mkdir()
    return Shelf(folder, Config(catalog=str(tmp_path / "data" / "catalog.db"), cache=str(tmp_path / "cache"), jobs=1))
