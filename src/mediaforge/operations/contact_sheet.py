"""Contact sheets: a picture of many items, or of one video's frames."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

from mediaforge.build.pool import Pool
from mediaforge.catalog import media, targets
from mediaforge.config import Config
from mediaforge.errors import MediaForgeError, NothingMatched, UsageError
from mediaforge.events import Listener, nobody
from mediaforge.extract.thumbnail_tiles import Paper, Sheet, Tile
from mediaforge.model import Kind, Media
from mediaforge.operations.catalogues import opened
from mediaforge.operations.files import replacing
from mediaforge.operations.select import by_targets
from mediaforge.operations.targets import BuildOptions, build_in
from mediaforge.operations.thumbnails import RECIPE, SIZES, Thumbnails
from mediaforge.scanned import Failed
from mediaforge.text import display_path, printable

_DRAW = "mediaforge.extract.thumbnail_sheet:draw"


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """What to draw: the first `limit` of the items that targets mean, in so many columns; of one video so many `frames`.

    `force` replaces a file that is there.
    """

    targets: tuple[str, ...]
    limit: int = 100
    columns: int = 5
    frames: int = 20
    force: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is on a sheet: how many items, of how many; or how many `frames` of one video.

    `missing` are letters in names that no font has.
    """

    shown: int
    found: int
    frames: int = 0
    missing: str = ""


async def draw_sheet(
    config: Config, options: SheetOptions, path: str, *, stop: asyncio.Event, events: Listener = nobody
) -> Drawn:
    """Draw a sheet into a JPEG, whole or not at all, and make the thumbnails that it lacks.

    Raises NothingMatched, UsageError where it cannot be written, and MediaForgeError where it cannot be drawn.
    """
    _check(path, force=options.force)
    async with opened(config) as catalogue:
        selection = await by_targets(catalogue, options.targets)
        ids = await media.select_ids(
            catalogue, f"({selection.sql}) AND m.missing_at IS NULL", selection.params, order="m.newest DESC"
        )
        if not ids:
            raise NothingMatched(f"nothing matches '{selection.text}'")
        shown = ids[: options.limit] if options.limit else ids
        items = [item async for item in media.load(catalogue, shown)]
        film = len(ids) == 1 and items[0].kind is Kind.VIDEO
        if not film:
            wanted = BuildOptions((RECIPE,), tuple(str(number) for number in shown))
            await build_in(catalogue, config, wanted, stop=stop, events=events)
        names = await targets.values(catalogue, RECIPE, shown)
    cache = Thumbnails(config)
    tiles = tuple(_tile(item, cache.path(names[item.id], SIZES[-1]) if item.id in names else None) for item in items)
    heading = _name(items[0]) if film else printable(selection.text)
    sheet = Sheet(heading, options.columns, () if film else tiles, os.fsdecode(items[0].path) if film else None, options.frames)
    paper = await _ask(config, sheet)
    try:
        with replacing(os.fsencode(path)) as file:
            file.write(paper.data)
    except OSError as error:
        raise UsageError(f"cannot write the sheet '{_shown(path)}': {(error.strerror or str(error)).lower()}") from error
    return Drawn(len(items), len(ids), paper.places if film else 0, paper.missing)


def _shown(path: str) -> str:
    return printable(display_path(os.fsencode(path)))


def _check(path: str, *, force: bool) -> None:
    """Refuse what would be replaced, and what could not be written, before anything is drawn."""
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.isdir(path):
        raise UsageError(f"'{_shown(path)}' is a folder; name a file in it")
    if os.path.isfile(path) and not force:
        raise UsageError(f"'{_shown(path)}' is there already; name another file, or say --force")
    if not os.path.isdir(folder):
        raise UsageError(f"cannot write the sheet '{_shown(path)}': there is no folder '{_shown(folder)}'")


def _name(item: Media) -> str:
    return printable(display_path(os.path.basename(item.path)))


def _tile(item: Media, picture: str | None) -> Tile:
    length = item.facts.duration
    size = f"{item.facts.width} × {item.facts.height}" if item.facts.width and item.facts.height else ""
    return Tile(picture, _name(item), "  ".join(part for part in (_clock(length) if length else "", size) if part))


def _clock(length: float) -> str:
    minutes, seconds = divmod(round(length), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


async def _ask(config: Config, sheet: Sheet) -> Paper:
    answers: list[object] = []

    async def received(_index: int, answer: object) -> None:
        answers.append(answer)

    patience = config.deadline + sheet.count
    async with Pool(_DRAW, slots=1, deadline=patience, memory_limit=config.memory or None) as pool:
        await pool.run([sheet], received)
    (answer,) = answers
    if isinstance(answer, Failed):
        raise MediaForgeError(f"the sheet of '{sheet.heading}' cannot be drawn: it {answer.message}")
    assert isinstance(answer, Paper)
    return answer
