"""Settings: what wins over what, and what is said of a bad one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mediaforge.config import SETTINGS, Config, load_config
from mediaforge.errors import UsageError
from mediaforge.players import Player


def _environment(tmp_path: Path, toml: str | None = None, **variables: str) -> dict[str, str]:
    path = tmp_path / "config.toml"
    if toml is not None:
        path.write_text(toml)
        variables["MEDIAFORGE_CONFIG"] = str(path)
    else:
        variables.setdefault("MEDIAFORGE_CONFIG", "")
    return variables


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep whoever runs the tests from lending them a config file."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def test_without_anything_there_are_defaults(tmp_path: Path, home: Path) -> None:
    config = load_config({})
    assert config == Config(catalog=config.catalog, cache=config.cache)
    assert config.catalog.startswith(str(home)) and config.catalog.endswith("mediaforge/catalog.db")
    assert config.cache.startswith(str(home)) and config.cache.endswith("mediaforge")


def test_the_file_stands_in_the_config_folder(home: Path) -> None:
    folder = home / ".config" / "mediaforge"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("jobs = 3\n")
    assert load_config({}).jobs == 3


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    environment = _environment(tmp_path, "catalog = '/file.db'\njobs = 3\nsilence = 5", MEDIAFORGE_CATALOG="/env.db")
    config = load_config(environment)
    assert (config.catalog, config.jobs, config.silence) == ("/env.db", 3, 5.0)
    assert load_config(environment, catalog="/flag.db").catalog == "/flag.db"


def test_a_tilde_is_expanded(home: Path) -> None:
    assert load_config({"MEDIAFORGE_CATALOG": "~/c.db"}).catalog == f"{home}/c.db"


def test_every_setting_can_be_given_in_the_file_and_in_the_environment(tmp_path: Path) -> None:
    good = {
        "catalog": ("'/x.db'", "/x.db", "/x.db"),
        "jobs": ("2", "2", 2),
        "deadline": ("1.5", "1.5", 1.5),
        "memory": ("100", "100", 100),
        "silence": ("7", "7", 7.0),
        "exclude": ("['*.tmp', 'a b']", f"*.tmp{os.pathsep}a b", ("*.tmp", "a b")),
        "settle": ("3", "3", 3.0),
        "keep_scans": ("0", "0", 0),
        "playable": ("{ tv = { hdr = ['hlg'] } }", "tv.hdr = ['hlg']", {"tv": Player(title="tv", hdr=("hlg",))}),
        "after_scan": ("['sha256']", "sha256", ("sha256",)),
        "cache": ("'/c'", "/c", "/c"),
    }
    assert set(SETTINGS) == set(good), "a new setting needs a line here"
    for name, (toml, variable, value) in good.items():
        assert getattr(load_config(_environment(tmp_path, f"{name} = {toml}")), name) == value
        assert getattr(load_config({f"MEDIAFORGE_{name.upper()}": variable}), name) == value


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("jobs = -1", "takes a whole number of at least 0"),
        ("jobs = 1.5", "takes a whole number"),
        ("jobs = true", "takes a whole number"),
        ("jobs = 'many'", "takes a whole number"),
        ("deadline = 0", "takes a number of seconds above 0"),
        ("deadline = nan", "takes a number of seconds above 0"),
        ("silence = inf", "takes a number of seconds above 0"),
        ("silence = 'soon'", "takes a number of seconds"),
        ("silence = true", "takes a number of seconds"),
        ("catalog = 1", "takes a text"),
        ("exclude = [1]", "takes a list of texts"),
        ("exclude = 1", "takes a list of texts"),
        ("after_scan = ['sha255']", "takes a list of sha256"),
    ],
)
def test_a_bad_setting_in_the_file_is_told(tmp_path: Path, toml: str, said: str) -> None:
    with pytest.raises(UsageError) as told:
        load_config(_environment(tmp_path, toml))
    name = toml.split()[0]
    assert f"the setting '{name}' in '{tmp_path}/config.toml' {said}" in str(told.value)


def test_a_bad_setting_in_the_environment_is_told() -> None:
    with pytest.raises(UsageError, match="the setting 'jobs' in the environment variable MEDIAFORGE_JOBS takes a whole number"):
        load_config({"MEDIAFORGE_JOBS": "four"})


def test_an_unknown_setting_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown setting 'job' in '.*config.toml'; there are .*jobs, deadline"):
        load_config(_environment(tmp_path, "job = 1"))


@pytest.mark.parametrize("content", [b"jobs = ", b"\xff\xfe", b"jobs = 1\njobs = 2"])
def test_a_file_that_is_not_toml_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"the config file '.*broken\.toml' is not TOML: "):
        load_config({"MEDIAFORGE_CONFIG": str(path)})


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no config file at '.*nowhere\.toml'; MEDIAFORGE_CONFIG names it"):
        load_config({"MEDIAFORGE_CONFIG": str(tmp_path / "nowhere.toml")})


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read the config file '.*': Is a directory"):
        load_config({"MEDIAFORGE_CONFIG": str(tmp_path)})


def test_workers_are_as_many_as_asked_for_or_one_a_core() -> None:
    assert Config(jobs=3).workers == 3
    assert Config().workers >= 1
