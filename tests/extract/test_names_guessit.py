"""Where our patterns answer, guessit says the same, or the table of names says why it does not."""

from __future__ import annotations

from typing import Any

import pytest
from guessit import guessit
from test_names_table import ASKED, TABLE

from mediaforge.extract.name_patterns import parse
from mediaforge.text import fold

# guessit's name of each field.
FIELDS = {
    "title": "title", "show": "title", "year": "year", "season": "season", "episode": "episode", "name_last_episode": "last",
    "episode_title": "episode_title", "name_screen_size": "screen_size", "name_source": "source", "name_edition": "edition",
    "name_date": "date", "name_release_group": "release_group", "name_part": "part",
}  # fmt: skip


def alike(value: object) -> str:
    """Return a value as it is compared: without case, accents, and the signs that guessit takes out of titles."""
    return "".join(filter(str.isalnum, fold(str(value))))


def as_guessit_says(stem: str) -> dict[str, str]:
    said: dict[str, Any] = dict(guessit(stem, {"no_user_config": True}))
    if isinstance(said.get("episode"), list):
        said["last"] = max(said["episode"])
    said["part"] = said.get("part", said.get("cd"))
    first = {name: value[0] if isinstance(value, list) else value for name, value in said.items() if value is not None}
    return {name: alike(first[name]) for name in FIELDS.values() if name in first}


@pytest.mark.parametrize(("path", "facts", "why"), TABLE, ids=[row[0] for row in TABLE])
def test_our_patterns_and_guessit_agree(path: str, facts: dict[str, object], why: str) -> None:
    stem = path.rpartition("/")[2].rpartition(".")[0]
    ours = parse(stem)
    if not (facts and ours.whole and ours.said):
        assert not why, "where our patterns do not answer, nothing can differ"
        return
    said = {FIELDS[one.field]: alike(one.value) for one in ours.said if one.field in FIELDS}
    theirs = as_guessit_says(stem)
    differ = {name: (said.get(name), theirs.get(name)) for name in said.keys() | theirs if said.get(name) != theirs.get(name)}
    assert bool(differ) == bool(why), differ


def test_our_patterns_answer_all_others() -> None:
    said = {path: parse(path.rpartition("/")[2].rpartition(".")[0]) for path, facts, _ in TABLE if facts}
    assert {path for path, own in said.items() if not own.whole} == {path for path, _, _ in ASKED}
