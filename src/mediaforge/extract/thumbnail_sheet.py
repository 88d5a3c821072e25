"""Contact sheets: a grid of thumbnails with what stands below each, or of a video's own frames. Runs in a worker."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence

from PIL import Image, ImageDraw

from mediaforge.errors import ExtractError
from mediaforge.extract.door import door
from mediaforge.extract.thumbnail_film import frames
from mediaforge.extract.thumbnail_image import drawn, shrunk
from mediaforge.extract.thumbnail_letters import Letters
from mediaforge.extract.thumbnail_tiles import Paper, Sheet

_CELL, _GAP, _MARGIN = 320, 14, 24  # pixels
_TEXT, _HEADING = 15, 22
_PAPER, _INK, _FAINT, _EMPTY = (252, 252, 250), (34, 34, 34), (118, 118, 118), (226, 226, 222)
_QUALITY = 90
_LONGEST, _MOST_PIXELS = 65_500, 1 << 27  # of a side of a JPEG, and 400 MB in memory

_Place = tuple[Image.Image | None, str, str]


def draw(sheet: Sheet) -> Paper:
    """Draw a sheet as JPEG. Raises ExtractError where it is too large or the film has no frames, and OSError."""
    places: list[_Place]
    if sheet.film is not None:
        places = [(shrunk(picture, _CELL), _clock(at), "") for at, picture in frames(sheet.film, sheet.count)]
    else:
        places = [(_opened(tile.picture), tile.name, tile.detail) for tile in sheet.tiles]
    text, heading, out = Letters(_TEXT), Letters(_HEADING), io.BytesIO()
    _drawn(sheet, places, text, heading).save(out, "JPEG", quality=_QUALITY)
    return Paper(out.getvalue(), len(places), "".join(sorted(text.missing | heading.missing)))


def _opened(path: str | None) -> Image.Image | None:
    """Return a picture; None where it is gone or broken: the cache may be deleted while this runs."""
    if path is None or not os.path.exists(path):
        return None
    try:
        with open(path, "rb") as file, door():
            return shrunk(drawn(file, "webp"), _CELL)
    except (ExtractError, OSError):
        return None


def _drawn(sheet: Sheet, places: Sequence[_Place], text: Letters, heading: Letters) -> Image.Image:
    columns = max(1, min(sheet.columns, len(places)))
    lines = 2 if any(detail for _picture, _name, detail in places) else 1
    tallest = max((picture.height for picture, _name, _detail in places if picture), default=_CELL * 2 // 3)
    row, top = tallest + lines * (_TEXT + 5) + _GAP + 4, _MARGIN + _HEADING + _GAP
    paper = _paper(2 * _MARGIN + columns * (_CELL + _GAP) - _GAP, top + -(-len(places) // columns) * row + _MARGIN - _GAP)
    pen = ImageDraw.Draw(paper)
    heading.draw(pen, (_MARGIN, _MARGIN - 4), sheet.heading, _INK, paper.width - 2 * _MARGIN)
    for number, (picture, name, detail) in enumerate(places):
        left, above = _MARGIN + number % columns * (_CELL + _GAP), top + number // columns * row
        _put(paper, pen, picture, (left, above, tallest))
        below = above + tallest + 5
        text.draw(pen, (left, below), name, _INK, _CELL)
        text.draw(pen, (left, below + _TEXT + 5), detail, _FAINT, _CELL)
    return paper


def _paper(width: int, height: int) -> Image.Image:
    if max(width, height) > _LONGEST or width * height > _MOST_PIXELS:
        raise ExtractError(f"would have {width:,} × {height:,} pixels, which is too large: ask for fewer, or other --columns")
    return Image.new("RGB", (width, height), _PAPER)


def _put(paper: Image.Image, pen: ImageDraw.ImageDraw, picture: Image.Image | None, place: tuple[int, int, int]) -> None:
    """Put a picture into its cell, with a line around it: white ones would have no edge."""
    left, above, tallest = place
    if picture is None:
        pen.rectangle((left, above, left + _CELL - 1, above + tallest - 1), _EMPTY)
        return
    x, y = left + (_CELL - picture.width) // 2, above + tallest - picture.height
    paper.paste(picture, (x, y), picture if picture.mode == "RGBA" else None)
    pen.rectangle((x - 1, y - 1, x + picture.width, y + picture.height), outline=_EMPTY)


def _clock(seconds: float) -> str:
    minutes, left = divmod(round(seconds, 1), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{left:04.1f}" if hours else f"{minutes}:{left:04.1f}"
