"""What a person does with the catalogue's file."""

from __future__ import annotations

import os

from mediaforge.catalog import upkeep
from mediaforge.catalog.database import HEAD
from mediaforge.catalog.upkeep import Finding
from mediaforge.config import Config
from mediaforge.operations.catalogues import opened

__all__ = ["Finding", "back_up", "check", "vacuum"]


async def back_up(config: Config, target: str | None = None) -> tuple[bytes, int]:
    """Copy the catalogue to `target`, or into its folder of copies, of which the newest are kept; return path and bytes."""
    path = await _path(config)
    if target is not None:
        named = os.path.abspath(os.fsencode(os.path.expanduser(target)))
        return named, upkeep.copy_catalogue(path, named)
    unnamed = upkeep.next_backup(path, HEAD)
    size = upkeep.copy_catalogue(path, unnamed)
    upkeep.forget_backups(path)
    return unnamed, size


async def check(config: Config) -> list[Finding]:
    """Return what is wrong with the catalogue."""
    path = await _path(config)
    findings = upkeep.check_catalogue(path)
    if os.access(path, os.W_OK) and os.access(os.path.dirname(path), os.W_OK):
        findings += upkeep.check_full_text(path)
    return findings


async def vacuum(config: Config) -> tuple[int, int]:
    """Make the catalogue as small as it can be; return its bytes before and after."""
    return upkeep.vacuum(await _path(config))


async def _path(config: Config) -> bytes:
    """Return where the catalogue is, after a look whether it is one, and of this program's schema."""
    async with opened(config) as catalogue:
        return os.path.abspath(catalogue.path)
