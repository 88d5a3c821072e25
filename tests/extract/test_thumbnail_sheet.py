"""Contact sheets as they are drawn: names in any script, pictures that are gone, and sizes that are too much."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from mediaforge.errors import ExtractError
from mediaforge.extract.thumbnail_letters import Letters
from mediaforge.extract.thumbnail_sheet import draw
from mediaforge.extract.thumbnail_tiles import Sheet, Tile

BLACK = (0, 0, 0)


def written(text: str, *, width: int = 400) -> tuple[bytes, str]:
    """Return what a text looks like, and which of its letters no font has."""
    paper, letters = Image.new("RGB", (width, 40), "white"), Letters(20)
    letters.draw(ImageDraw.Draw(paper), (0, 5), text, BLACK, width)
    return paper.tobytes(), "".join(sorted(letters.missing))


def test_a_letter_that_no_font_has_is_told_and_not_drawn_as_an_empty_box() -> None:
    lacking = "\U00040404"  # of no script
    picture, missing = written(f"a{lacking}b")
    assert missing == lacking
    assert picture in (written("a\ufffdb")[0], written("a?b")[0])


def test_letters_of_many_scripts_are_told_or_drawn() -> None:
    for text in ("写真", "صورة", "Ελλάδα", "ไทย", "हिन्दी"):
        picture, missing = written(text)
        assert set(missing) <= set(text)
        assert picture != written("")[0]


def test_a_name_that_is_too_long_loses_its_middle() -> None:
    assert written("begin" + "x" * 5000 + "end", width=200) != written("begin" + "x" * 5000 + "END", width=200)
    paper = Image.new("RGB", (400, 40), "white")
    Letters(20).draw(ImageDraw.Draw(paper), (0, 5), "x" * 5000, BLACK, 200)
    right = paper.crop((201, 0, 400, 40))
    assert right.getcolors() == [(right.width * right.height, (255, 255, 255))]


@pytest.mark.parametrize("content", [None, b"", b"RIFF half a picture"])
def test_a_thumbnail_that_is_gone_or_broken_leaves_its_place_empty(tmp_path: Path, content: bytes | None) -> None:
    whole, other = tmp_path / "whole.webp", tmp_path / "other.webp"
    Image.new("RGB", (320, 200), "red").save(whole)
    if content is not None:
        other.write_bytes(content)
    paper = draw(Sheet("two", 2, (Tile(str(whole), "a"), Tile(str(other), "b"))))
    assert paper.places == 2
    with Image.open(io.BytesIO(paper.data)) as sheet:
        colours = [sheet.getpixel((x, 150)) for x in (100, 500)]
    assert colours[0][0] > 240 > colours[1][0] > 200, colours  # type: ignore[index]


@pytest.mark.parametrize("count", [0, 1, 7])
def test_any_number_of_places(count: int) -> None:
    paper = draw(Sheet("few", 3, tuple(Tile(None, str(number)) for number in range(count))))
    with Image.open(io.BytesIO(paper.data)) as sheet:
        assert sheet.width == 2 * 24 + max(1, min(3, count)) * 334 - 14


def test_a_sheet_that_no_jpeg_can_hold_is_refused() -> None:
    with pytest.raises(ExtractError, match="which is too large: ask for fewer, or other --columns"):
        draw(Sheet("many", 1, tuple(Tile(None, str(number)) for number in range(1000))))
