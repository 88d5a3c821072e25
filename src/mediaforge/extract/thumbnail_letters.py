"""Names in any script: each run of letters in a font that has them, as far as one is installed."""

from __future__ import annotations

import subprocess
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any

from PIL import ImageDraw, ImageFont, features

Font = Any  # ImageFont.FreeTypeFont, or ImageFont.ImageFont where Pillow has no FreeType

# Fonts that know many scripts, where one of them is installed; Pillow brings one that knows Latin.
_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "Arial.ttf", "segoeui.ttf")
_OTHERS = ("NotoSansCJK-Regular.ttc", "PingFang.ttc", "msyh.ttc", "seguisym.ttf")
_NO_LETTER = "\U0010ffff"  # of which no font has a picture: what it draws stands for what it lacks
_UNKNOWN = "\ufffd", "?"  # the first that a font has is drawn in place of letters that no font has
_MARKS = ("Mn", "Mc", "Me", "Cf")  # Unicode's categories of what belongs to the letter before it
# A name reads from left to right as a whole, and what is Arabic or Hebrew in it from right to left.
_DIRECTION: dict[str, Any] = {"direction": "ltr"} if features.check("raqm") else {}


class Letters:
    """Draws texts of one height, and notes in `missing` which letters no font has."""

    def __init__(self, size: int) -> None:
        self._fonts: list[Font] = [_base(size)]
        self._size = size
        self.missing: set[str] = set()

    def draw(self, pen: ImageDraw.ImageDraw, place: tuple[int, int], text: str, ink: tuple[int, int, int], width: int) -> None:
        """Draw a text in one line, shortened in its middle where it is wider than `width`: names differ at their ends."""
        x, y = place[0], place[1] + self._size
        for run, font in self._runs(self._cut(text, width)):
            pen.text((x, y), run, ink, font, anchor="ls", **_DIRECTION)
            x += round(font.getlength(run, **_DIRECTION))

    def _cut(self, text: str, width: int) -> str:
        keep, text = len(text), unicodedata.normalize("NFC", text)
        shown = text
        while keep > 2 and sum(font.getlength(run, **_DIRECTION) for run, font in self._runs(shown)) > width:
            keep = min(keep, 200) - 1
            shown = f"{text[: keep - keep // 2]}…{text[len(text) - keep // 2 :]}"
        return shown

    def _runs(self, text: str) -> Iterator[tuple[str, Font]]:
        chosen: list[tuple[str, Font]] = []
        for letter in text:
            if chosen and (letter == " " or unicodedata.category(letter) in _MARKS):
                if letter == " " or _has(chosen[-1][1], letter):
                    chosen.append((letter, chosen[-1][1]))
            else:
                chosen.append(self._chosen(letter))
        for _number, run in groupby(chosen, key=lambda one: id(one[1])):
            letters = list(run)
            yield "".join(letter for letter, _font in letters), letters[0][1]

    def _chosen(self, letter: str) -> tuple[str, Font]:
        for font in self._fonts:
            if _has(font, letter):
                return letter, font
        found = None if letter in self.missing else _found(letter, self._size)
        if found is not None:
            self._fonts.append(found)
            return letter, found
        self.missing.add(letter)
        return next((one for one in _UNKNOWN if _has(self._fonts[0], one)), "?"), self._fonts[0]


def _base(size: int) -> Font:
    for name in _FONTS:
        if font := _opened(name, size):
            return font
    return ImageFont.load_default(size)


def _opened(name: str, size: int, index: int = 0) -> Font | None:
    try:
        return ImageFont.truetype(name, size, index)
    except OSError:
        return None  # not installed, or of pictures in one size


def _found(letter: str, size: int) -> Font | None:
    """Return a font that is installed and has a letter: fontconfig knows, where it is there."""
    try:
        asked = ["fc-match", "--format", "%{file}\n%{index}", f"sans:charset={ord(letter):x}"]
        file, _end, index = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True).stdout.partition("\n")
        names = [(file, int(index or 0) & 0xFFFF)]
    except (OSError, ValueError, subprocess.SubprocessError):
        names = [(name, 0) for name in _OTHERS]
    fonts = (_opened(name, size, index) for name, index in names)
    return next((font for font in fonts if font is not None and _has(font, letter)), None)


@lru_cache(maxsize=4096)
def _has(font: Font, letter: str) -> bool:
    return bool(_mask(font, letter) != _mask(font, _NO_LETTER))


def _mask(font: Font, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask) if all(mask.size) else b""
