"""The catalogue that the configuration names."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mediaforge.catalog.database import Catalogue, open_catalogue
from mediaforge.config import Config

__all__ = ["Catalogue", "opened"]


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Catalogue]:
    """Open the catalogue; CatalogueError when there is none or it cannot be opened."""
    async with open_catalogue(os.fsencode(config.catalog)) as catalogue:
        catalogue.players = config.playable
        yield catalogue
