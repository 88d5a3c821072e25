"""The documents name every command, option, setting, key and exit code, and none that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import typer

from mediaforge import errors
from mediaforge.cli.app import app
from mediaforge.cli.items import KEYS
from mediaforge.cli.output import Format
from mediaforge.config import SETTINGS, Config
from mediaforge.operations.correct import settable

DOCS = Path(__file__).parents[2] / "docs"
CLI = (DOCS / "cli.md").read_text()


def section(name: str) -> str:
    return CLI.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def rows(text: str) -> dict[str, str]:
    """Return the rest of each row of the tables in a text, by its first cell."""
    found = {}
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("|---"):
            first, _bar, rest = line.strip("| ").replace("\\|", "/").partition(" | ")
            found[first] = rest
    return found


def commands(one: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every command by its name, and groups that do something themselves."""
    context = typer.Context(one, info_name=name)
    below = one.list_commands(context) if hasattr(one, "list_commands") else []
    if not below or (name and one.invoke_without_command):
        yield name.strip(), one
    for lower in below:
        yield from commands(one.get_command(context, lower), f"{name} {lower}")


ROOT = typer.main.get_command(app)


def options(one: Any) -> set[str]:
    return {name for param in one.params if param.param_type_name == "option" and not param.hidden for name in param.opts}


def test_every_command_with_every_option() -> None:
    documented = {}
    for first, rest in rows(section("Commands")).items():
        if first.startswith("`"):
            name = " ".join(word for word in first.strip("`").split() if word.islower())
            documented[name] = set(re.findall(r"`(-[\w-]+)", rest.partition(" | ")[0]))
    assert documented == {name: options(command) for name, command in commands(ROOT)}


def test_the_options_of_every_command() -> None:
    text = section("Options of every command")
    assert options(ROOT) | {"--help", "-h"} == set(re.findall(r"`(--?[\w-]+)[ `]", "\n".join(rows(text))))


def test_every_exit_code() -> None:
    def codes(kind: type[errors.MediaForgeError]) -> set[int]:
        return {kind.exit_code}.union(*(codes(below) for below in kind.__subclasses__()))

    documented = {int(code) for code in rows(section("Exit codes")) if code.isdigit()}
    assert documented == codes(errors.MediaForgeError) | {0, 3, 141}


def test_every_key_of_an_item_in_its_order() -> None:
    assert sorted(key for first in rows(section("An item in JSON")) for key in re.findall(r"`(\w+)`", first)) == sorted(KEYS)


def test_every_field_that_a_person_may_set() -> None:
    named = [name for first in rows(section("What you set")) for name in re.findall(r"`(\w+)`", first)]
    assert sorted(named) == sorted(settable())


def test_every_format() -> None:
    assert [first.strip("`") for first in rows(section("Formats")) if first != "format"] == [one.value for one in Format]


def test_every_setting_with_its_default() -> None:
    documented = rows((DOCS / "config.md").read_text())
    defaults = {one.name: one.default for one in fields(Config)}
    assert [name.strip("`") for name in documented if name != "setting"] == list(SETTINGS)
    for name, (_read, meaning) in SETTINGS.items():
        default, variable, said = documented[f"`{name}`"].split(" | ")
        assert f"`MEDIAFORGE_{name.upper()}`" in variable
        assert meaning.replace(".gitignore", "`.gitignore`") in said
        assert default in (
            f"`{defaults[name]:g}`" if isinstance(defaults[name], float) else f"`{defaults[name]}`",
            "none",
        ) or name in ("catalog", "cache")


def test_the_readme_links_to_what_is_there() -> None:
    readme = (DOCS.parent / "README.md").read_text()
    for target in re.findall(r"\]\(([^):]+)\)", readme):
        assert (DOCS.parent / target).exists(), target
    named = {line.split()[1] for line in readme.splitlines() if line.startswith("mediaforge ")}
    assert named <= set(ROOT.list_commands(typer.Context(ROOT)))  # type: ignore[attr-defined]
