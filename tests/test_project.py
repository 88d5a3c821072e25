"""What stands around the sources: the Makefile, the licences, the workflows, the documents."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import mediaforge

CHECKOUT = Path(__file__).parents[1]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())

# Stands for the program in a .venv that looks finished: says what it was given, and ends as it was told to.
PROGRAM = '#!/bin/sh\nprintf "%s\\n" "$@"\nexit "${ENDS:-0}"\n'


def make(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    # What an outer make, such as `make test`, hands down would change how this one behaves.
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON", "DIR"))}
    return subprocess.run(["make", *arguments], cwd=folder, env=outer | env, capture_output=True, text=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose .venv is there already."""
    folder = tmp_path / "a checkout"
    (folder / ".venv" / "bin").mkdir(parents=True)
    for name in ["Makefile", "pyproject.toml", "uv.lock", "README.md", "LICENSE", "NOTICE"]:
        shutil.copy(CHECKOUT / name, folder)
    for name in ["src/mediaforge", "alembic"]:
        (folder / name).mkdir(parents=True)
    for name in ["mediaforge", "uv"]:
        (folder / ".venv" / "bin" / name).write_text(PROGRAM)
        (folder / ".venv" / "bin" / name).chmod(0o755)
    (folder / ".venv" / ".installed").touch()
    return folder


def test_the_version_is_written_alike() -> None:
    assert PROJECT["project"]["version"] == mediaforge.__version__


def test_the_commands_in_the_readme_are_targets() -> None:
    used = set(re.findall(r"^make ([a-z]+)", (CHECKOUT / "README.md").read_text(), re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):.*  ## ", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    assert {"scan", "test"} <= used <= targets
    assert targets >= {"install", "scan", "test", "lint", "bench", "soak", "clean", "help"}


def test_help_tells_every_target() -> None:
    lines = make(CHECKOUT).stdout.splitlines()
    targets = "help install scan test coverage lint bench bench-setup fidelity fuzz soak clean"
    assert [line.split()[0] for line in lines] == targets.split()


@pytest.mark.parametrize("folder", ["/a b", "~/Videos", "it's", '"x" $HOME `id` $$', "-x", "a;exit 9", "(x) & é"])
def test_scan_passes_any_folder_on_as_it_is(checkout: Path, folder: str) -> None:
    done = make(checkout, "scan", f"DIR={folder}")
    assert (done.stdout, done.stderr, done.returncode) == (f"scan\n--\n{folder}\n", "", 0)


@pytest.mark.parametrize(("ends", "code"), [("0", 0), ("3", 0), ("1", 2), ("10", 2), ("13", 2)])
def test_scan_with_a_few_unreadable_files_is_no_failure(checkout: Path, ends: str, code: int) -> None:
    assert make(checkout, "scan", "DIR=/a", ENDS=ends).returncode == code


@pytest.mark.parametrize("arguments", [[], ["DIR="]])
def test_scan_without_a_folder_says_so_before_it_sets_anything_up(checkout: Path, arguments: list[str]) -> None:
    shutil.rmtree(checkout / ".venv")
    done = make(checkout, "scan", *arguments)
    assert done.returncode == 2
    assert re.fullmatch(r"Makefile:\d+: \*\*\* no folder is given; say which one .*make scan DIR=.*\n", done.stderr)
    assert not (checkout / ".venv").exists()


def test_install_runs_again_when_a_source_changed(checkout: Path) -> None:
    assert "Nothing to be done" in make(checkout, "install").stdout
    for number, change in enumerate(["src/mediaforge/a.py", "alembic/b.py", "alembic/script.py.mako", "uv.lock"]):
        later = (checkout / ".venv" / ".installed").stat().st_mtime + 2 + number
        (checkout / change).touch()
        os.utime(checkout / change, (later, later))
        assert "--locked\n--no-editable\n" in make(checkout, "install").stdout
        os.utime(checkout / ".venv" / ".installed", (later + 1, later + 1))
    (checkout / "src" / "mediaforge" / "a.py").unlink()
    os.utime(checkout / "src" / "mediaforge", (later + 9, later + 9))
    assert "--reinstall-package\nmediaforge\n" in make(checkout, "install").stdout


@pytest.mark.parametrize(
    ("interpreter", "sentence"),
    [
        ('case "$2" in *version_info*) exit 1;; esac', "'./python' is not Python 3.11 or later; name one that is"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "'./python' has no venv module; install it first"),
    ],
)
def test_a_python_that_will_not_do(checkout: Path, interpreter: str, sentence: str) -> None:
    shutil.rmtree(checkout / ".venv")
    (checkout / "python").write_text(f"#!/bin/sh\n{interpreter}\n")
    (checkout / "python").chmod(0o755)
    done = make(checkout, "install", "PYTHON=./python")
    assert done.stderr.startswith(sentence)
    assert done.returncode == 2


def test_uv_is_asked_for_in_the_version_of_the_lock(checkout: Path) -> None:
    (checkout / ".venv" / "bin" / "uv").unlink()
    locked = {package["name"]: package["version"] for package in tomllib.loads((checkout / "uv.lock").read_text())["package"]}
    assert f"pip install --quiet --disable-pip-version-check uv=={locked['uv']}\n" in make(checkout, "-n", "install").stdout


def test_every_dependency_has_its_licence_in_the_notice() -> None:
    dependencies = {re.match(r"[\w.-]+", line)[0] for line in PROJECT["project"]["dependencies"]}  # type: ignore[index]
    assert dependencies == set(re.findall(r"^  ([\w.-]+) +[A-Z]", (CHECKOUT / "NOTICE").read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", sorted((CHECKOUT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.name)
def test_a_workflow_asks_for_little_and_pins_its_actions(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 30
        for step in job["steps"]:
            assert "run" in step or re.fullmatch(r"[\w/.-]+@v\d+", step["uses"])


def test_other_yaml_parses() -> None:
    for name in [".github/dependabot.yml", ".pre-commit-config.yaml"]:
        assert isinstance(yaml.safe_load((CHECKOUT / name).read_text()), dict)


def test_the_workflows_run_every_python_that_is_promised() -> None:
    pythons = yaml.safe_load((CHECKOUT / ".github/workflows/ci.yml").read_text())["jobs"]["test"]["strategy"]["matrix"][
        "python"
    ]
    promised = [line.rpartition(" ")[2] for line in PROJECT["project"]["classifiers"] if "Python :: 3." in line]
    assert pythons == promised
    assert PROJECT["project"]["requires-python"] == f">={promised[0]}"


def test_ci_run_is_sound() -> None:
    assert os.access(CHECKOUT / ".ci" / "run", os.X_OK)
    subprocess.run(["bash", "-n", CHECKOUT / ".ci" / "run"], check=True)


def test_every_promise_names_a_test_that_exists() -> None:
    promised = set(re.findall(r"`(test_\w+)`", (CHECKOUT / "docs/reliability.md").read_text()))
    there = {
        name
        for path in (CHECKOUT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    assert len(promised) > 50
    assert promised - there == set()
