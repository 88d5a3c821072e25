"""Contact sheets: a grid of thumbnails with what stands below each, or of a video's own frames. Runs in a worker."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from mediaforge.extract.door import door
from mediaforge.extract.thumbnail_film import frames
from mediaforge.extract.thumbnail_image import drawn, shrunk
from mediaforge.extract.thumbnail_tiles import Sheet

_CELL, _GAP, _MARGIN = 320, 14, 24  # pixels
_TEXT, _HEADING = 15, 22
_PAPER, _INK, _FAINT, _EMPTY = (252, 252, 250), (34, 34, 34), (118, 118, 118), (226, 226, 222)
_QUALITY = 90
# Fonts that know more than Latin, where one of them is installed; Pillow brings one that does not.
_FONTS = ("NotoSansCJK-Regular.ttc", "DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "Arial.ttf")


def draw(sheet: Sheet) -> bytes:
    """Draw a sheet as JPEG. Raises ExtractError where the film has no frames, OSError where it cannot be read."""
    places: list[tuple[Image.Image | None, str, str]]
    if sheet.film is not None:
        places = [(shrunk(picture, _CELL), _clock(at), "") for at, picture in frames(sheet.film, sheet.count)]
    else:
        places = [(_opened(tile.picture), tile.name, tile.detail) for tile in sheet.tiles]
    out = io.BytesIO()
    _drawn(sheet, places).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _opened(path: str | None) -> Image.Image | None:
    if path is None or not os.path.exists(path):
        return None
    with open(path, "rb") as file, door():
        return shrunk(drawn(file, "webp"), _CELL)


def _drawn(sheet: Sheet, places: Sequence[tuple[Image.Image | None, str, str]]) -> Image.Image:
    columns = max(1, min(sheet.columns, len(places)))
    lines = 2 if any(detail for _picture, _name, detail in places) else 1
    tallest = max((picture.height for picture, _name, _detail in places if picture), default=_CELL * 2 // 3)
    row = tallest + lines * (_TEXT + 5) + _GAP + 4
    top = _MARGIN + _HEADING + _GAP
    size = (2 * _MARGIN + columns * (_CELL + _GAP) - _GAP, top + -(-len(places) // columns) * row + _MARGIN - _GAP)
    paper = Image.new("RGB", size, _PAPER)
    pen, text = ImageDraw.Draw(paper), _font(_TEXT)
    heading = _font(_HEADING)
    pen.text((_MARGIN, _MARGIN - 4), _cut(pen, sheet.heading, heading, size[0] - 2 * _MARGIN), _INK, heading)
    for number, (picture, name, detail) in enumerate(places):
        left, above = _MARGIN + number % columns * (_CELL + _GAP), top + number // columns * row
        if picture is None:
            pen.rectangle((left, above, left + _CELL - 1, above + tallest - 1), _EMPTY)
        else:
            corner = (left + (_CELL - picture.width) // 2, above + tallest - picture.height)
            paper.paste(picture, corner, picture if picture.mode == "RGBA" else None)
        below = above + tallest + 5
        pen.text((left, below), _cut(pen, name, text, _CELL), _INK, text)
        pen.text((left, below + _TEXT + 5), _cut(pen, detail, text, _CELL), _FAINT, text)
    return paper


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue  # not installed
    return ImageFont.load_default(size)


def _cut(pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """Return a text, shortened in its middle where it is wider, since names differ at their ends."""
    if pen.textlength(text, font) <= width:
        return text
    keep = len(text)
    while keep > 2 and pen.textlength(_shortened(text, keep), font) > width:
        keep -= 1
    return _shortened(text, keep)


def _shortened(text: str, keep: int) -> str:
    return f"{text[: keep - keep // 2]}…{text[len(text) - keep // 2 :]}"


def _clock(seconds: float) -> str:
    minutes, left = divmod(round(seconds, 1), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{left:04.1f}" if hours else f"{minutes}:{left:04.1f}"
