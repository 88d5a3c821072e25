"""One run of the program: what stood before or after the command, and the way to the operations."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from mediaforge.cli.log import Log
from mediaforge.config import Config, load_config
from mediaforge.errors import UsageError
from mediaforge.text import display_path

if TYPE_CHECKING:
    from mediaforge.operations.catalogues import Catalogue

T = TypeVar("T")


@dataclass
class Session:
    """The options that every command has."""

    log: Log
    catalog: str | None = None
    quiet: bool = False
    verbose: int = 0
    no_progress: bool = False

    @cached_property
    def config(self) -> Config:
        """The configuration; UsageError where it is wrong."""
        return load_config(os.environ, catalog=self.catalog)

    @property
    def draws(self) -> bool:
        """Whether progress is drawn: on a terminal, unless somebody does not want it, or wants lines instead."""
        unwanted = self.quiet or self.verbose or self.no_progress or os.environ.get("TERM") == "dumb"
        return sys.stderr.isatty() and not unwanted

    def say(self, text: str) -> None:
        """Tell a person something that is no result."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)  # noqa: T201

    def run(self, act: Callable[[Catalogue], Awaitable[T]]) -> T:
        """Run something on the open catalogue."""
        from mediaforge.operations.catalogues import opened

        async def inside() -> T:
            async with opened(self.config) as catalogue:
                if catalogue.backup is not None:
                    self.say(f"brought the catalogue up to date; a copy of what it was is '{display_path(catalogue.backup)}'")
                return await act(catalogue)

        return asyncio.run(inside())


def confirm(question: str, *, yes: bool) -> None:
    """Go on only with a person's word; UsageError without it."""
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("nobody is here to be asked, so nothing was changed; say --yes")
    if not typer.confirm(question, err=True):
        raise UsageError("nothing was changed")


def session(context: typer.Context) -> Session:
    """Return the session that a command runs in."""
    found: Any = context.obj
    assert isinstance(found, Session)
    return found
