# Everything starts here. Nothing but python3 (3.11 or later, with venv) and make is needed: the rest goes into .venv.

PYTHON ?= python3
# uv's version is written once, in uv.lock.
UV_VERSION = $(shell sed -n '/^name = "uv"$$/{n;s/^version = "\(.*\)"$$/\1/p;}' uv.lock)
UV := .venv/bin/uv
INSTALLED := .venv/.installed
# Folders are listed too: a file that was deleted changes only its folder. __pycache__ is what running leaves behind.
SOURCES := pyproject.toml uv.lock README.md LICENSE NOTICE $(shell find src alembic -name __pycache__ -prune -o -print)
PYTEST := .venv/bin/python -m pytest
# The folder reaches the shell through the environment, as it was written: with its blanks, quotes and dollars.
export MEDIAFORGE_MAKE_DIR = $(value DIR)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install scan test coverage lint bench bench-setup fidelity fuzz soak clean dir-given

help:  ## list what can be made
	@awk -F ':.*  ## ' '/^[a-z-]+:.*  ## / { printf "%-11s %s\n", $$1, $$2 }' Makefile

install: $(INSTALLED)  ## set up .venv, with .venv/bin/mediaforge in it

scan: dir-given $(INSTALLED)  ## catalogue a folder: make scan DIR=~/Videos
	@.venv/bin/mediaforge scan -- "$$MEDIAFORGE_MAKE_DIR" || [ $$? -eq 3 ]  # 3: done, but for a few unreadable files

test: $(INSTALLED)  ## run every test that takes no minutes
	$(PYTEST) -n 2 -m "not soak"

coverage: $(INSTALLED)  ## the same, failing below the share of lines and branches that pyproject.toml asks for
	.venv/bin/coverage erase
	.venv/bin/coverage run -m pytest -n 2 -m "not soak"
	.venv/bin/coverage combine --quiet
	.venv/bin/coverage report

lint: $(INSTALLED)  ## ruff and mypy
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

bench: $(INSTALLED)  ## measure speed against other programs, side by side: make bench ARGS=--write-docs
	.venv/bin/python -m bench.run $(ARGS)

bench-setup: $(INSTALLED)  ## install the programs that bench compares with; packages of Debian only as root
	.venv/bin/python -m bench.peers

fidelity: $(INSTALLED)  ## compare facts with ffprobe's and exiftool's: make fidelity DIR=~/Pictures ARGS=--brief
	.venv/bin/python tests/fidelity.py $(ARGS) -- "$${MEDIAFORGE_MAKE_DIR:-../shared/corpus/media}"

fuzz: $(INSTALLED)  ## feed 10,000 mutated real files to the readers: make fuzz ARGS="--seed 2"
	.venv/bin/python tests/fuzz.py $(ARGS)

soak: $(INSTALLED)  ## run the tests that take minutes
	$(PYTEST) -m soak

clean:  ## remove everything that was made
	rm -rf .venv dist build htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src alembic tests bench -name __pycache__ -prune -exec rm -rf {} +

dir-given:
	$(if $(MEDIAFORGE_MAKE_DIR),,$(error no folder is given; say which one to scan, as in: make scan DIR=~/Videos))

$(INSTALLED): $(SOURCES) | $(UV)
	$(UV) sync --quiet --locked --no-editable --compile-bytecode --reinstall-package mediaforge
	@touch $@

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "'$(PYTHON)' is not Python 3.11 or later; name one that is, as in: make install PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	|| { echo "'$(PYTHON)' has no venv module; install it first, on Debian with: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
