"""One frozen Config from defaults, the TOML file, the environment and flags, in this order of growing weight."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from mediaforge.errors import UsageError

if TYPE_CHECKING:
    from mediaforge.players import Player

APP = "mediaforge"

RECIPES = ("sha256", "thumbnail", "phash")
"""What can be made of files beside their facts: the names in operations/recipes.py, where what they mean stands."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a person may choose. Times are seconds, sizes bytes, ages days."""

    catalog: str = ""
    jobs: int = 0  # worker processes; 0: one a core
    deadline: float = 60.0
    memory: int = 2 << 30
    silence: float = 30.0
    settle: float = 0.0
    exclude: tuple[str, ...] = ()
    keep_scans: int = 90
    playable: Mapping[str, Player] = field(default_factory=dict)
    after_scan: tuple[str, ...] = ()
    cache: str = ""

    @property
    def workers(self) -> int:
        """How many worker processes to use."""
        return self.jobs or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else [None] * (os.cpu_count() or 1))


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("a whole number")
    try:
        number = int(value)
    except ValueError:
        raise ValueError("a whole number") from None
    if number < 0:
        raise ValueError("a whole number of at least 0")
    return number


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("a number of seconds")
    try:
        number = float(value)
    except ValueError:
        raise ValueError("a number of seconds") from None
    if not 0 < number < float("inf"):
        raise ValueError("a number of seconds above 0")
    return number


def _seconds_or_none(value: object) -> float:
    return 0.0 if value in (0, 0.0, "0") else _seconds(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part for part in value.split(os.pathsep) if part)
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise ValueError("a list of texts")
    return tuple(value)


def _recipes(value: object) -> tuple[str, ...]:
    names = _texts(value)
    if unknown := [name for name in names if name not in RECIPES]:
        raise ValueError(f"a list of {' and '.join(RECIPES)}, not '{unknown[0]}'")
    return names


def _players(value: object) -> Mapping[str, Player]:
    from mediaforge.players import read_players  # here: hardly anybody has players of their own

    return read_players(value)


# name, how its value is read, and what it does: the one table that the file, the environment and the docs agree with
SETTINGS: Mapping[str, tuple[Callable[[object], Any], str]] = {
    "catalog": (_text, "the database file"),
    "jobs": (_whole, "worker processes; 0 means one a core"),
    "deadline": (_seconds, "seconds after which a file that is still being read is given up"),
    "memory": (_whole, "bytes of memory that one worker process may use; 0 means no limit"),
    "silence": (_seconds, "seconds without a sign of life after which a disk or share counts as offline"),
    "settle": (_seconds_or_none, "seconds for which a file must have been left alone to be read; 0 reads it at once"),
    "exclude": (_texts, "patterns, as in .gitignore, of what every scan leaves out"),
    "keep_scans": (_whole, "days after which the records of old scans are forgotten"),
    "playable": (_players, "players of your own, and what each of them plays"),
    "after_scan": (_recipes, "recipes of which every scan makes in the end what is stale"),
    "cache": (_text, "the folder for what can be made again at any time, such as thumbnails"),
}
assert set(SETTINGS) == {f.name for f in fields(Config)}


def load_config(environ: Mapping[str, str], *, catalog: str | None = None) -> Config:
    """Return the Config for this process; UsageError names the file or variable that is wrong and what it takes."""
    config = Config(catalog=os.path.join(_folder(environ, "data"), "catalog.db"), cache=_folder(environ, "cache"))
    path = environ.get("MEDIAFORGE_CONFIG") or os.path.join(_folder(environ, "config"), "config.toml")
    config = _with(config, _read_file(path, named=bool(environ.get("MEDIAFORGE_CONFIG"))), f"in '{path}'")
    for name in SETTINGS:
        variable = f"MEDIAFORGE_{name.upper()}"
        if environ.get(variable):
            config = _with(config, {name: environ[variable]}, f"in the environment variable {variable}")
    if catalog:
        config = replace(config, catalog=catalog)
    return replace(config, catalog=os.path.expanduser(config.catalog), cache=os.path.expanduser(config.cache))


def state_folder(environ: Mapping[str, str]) -> str:
    """Return the folder for what the program notes about itself; MEDIAFORGE_STATE names another."""
    import platformdirs

    return os.path.expanduser(environ.get("MEDIAFORGE_STATE") or platformdirs.user_state_dir(APP))


def _folder(environ: Mapping[str, str], which: str) -> str:
    import platformdirs

    folders = {"data": platformdirs.user_data_dir, "config": platformdirs.user_config_dir, "cache": platformdirs.user_cache_dir}
    return folders[which](APP)


def _read_file(path: str, *, named: bool) -> Mapping[str, object]:
    try:
        with open(path, "rb") as file:
            text = file.read()
    except FileNotFoundError:
        if named:
            raise UsageError(f"no config file at '{path}'; MEDIAFORGE_CONFIG names it") from None
        return {}
    except OSError as error:
        raise UsageError(f"cannot read the config file '{path}': {error.strerror}") from error
    import tomllib

    try:
        return tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"the config file '{path}' is not TOML: {error}") from error


def _with(config: Config, values: Mapping[str, object], where: str) -> Config:
    for name, value in values.items():
        if name not in SETTINGS:
            raise UsageError(f"unknown setting '{name}' {where}; there are {', '.join(SETTINGS)}")
        try:
            config = replace(config, **{name: SETTINGS[name][0](value)})
        except ValueError as error:
            raise UsageError(f"the setting '{name}' {where} takes {error}") from None
    return config
