from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _bad_work_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let worker processes import `bad_work` from this folder."""
    monkeypatch.setenv("PYTHONPATH", os.path.dirname(__file__))
