"""Reading one file as a worker does, for tests: its facts, or the complaint as an error."""

from __future__ import annotations

import os
from pathlib import Path

from mediaforge.errors import ExtractError
from mediaforge.extract.work import read
from mediaforge.model import Facts
from mediaforge.scanned import Failed


def facts_of(path: Path) -> Facts:
    """Return the facts of a file; raise ExtractError with the message of its failure."""
    found = read((os.fsencode(path), path.suffix[1:].lower()))
    if isinstance(found, Failed):
        raise ExtractError(found.message)
    return found.facts
