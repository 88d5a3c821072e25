"""Tables: aligned for a person, lines of cells with tabs between them where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from mediaforge.text import printable

_GAP = "  "
_INDENT = "    "


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Iterable[int] = (),
    widest: int = 40,
    colours: Sequence[str | None] = (),
) -> None:
    """Print a table, with its columns' names above it on a terminal alone; `colours` are those of its rows' first cells.

    A cell that is wider than `widest` runs on, and does not push the others of its column to the right.

    No cell is ever cut, and no line broken but by the terminal itself, so that a path can be copied whole: a last cell that
    does not fit beside the others begins on a line of its own. It may hold two lines; the rest may not.
    """
    if not sys.stdout.isatty():
        for row in rows:
            sys.stdout.write("\t".join(printable(cell) for cell in row) + "\n")
        return
    if not rows:
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    numbers = set(right)
    shown = [[printable(cell) for cell in row[:-1]] for row in rows]
    widths = [
        min(widest, max(_width(cell) for cell in (name, *(row[at] for row in shown)))) for at, name in enumerate(columns[:-1])
    ]
    widths.append(max(_width(cell) for cell in (columns[-1], *(row[-1] for row in rows))) if len(columns) - 1 in numbers else 0)
    if any(columns):
        heads = [_padded(name, width, at in numbers) for at, (name, width) in enumerate(zip(columns, widths, strict=True))]
        console.print(Text(_GAP.join(heads).rstrip(), style="bold"), soft_wrap=True)
    for row, cells, colour in zip(rows, shown, colours or [None] * len(rows), strict=True):
        start = _GAP.join([*(_padded(cell, widths[at], at in numbers) for at, cell in enumerate(cells)), ""])
        last = [_padded(printable(line), widths[-1], right=True) for line in row[-1].split("\n")]
        lines = [start + last[0]] if _width(start + last[0]) <= console.width else [start, _INDENT + last[0]]
        for number, line in enumerate((*lines, *(_INDENT + line for line in last[1:]))):
            text = Text(line.rstrip())
            if colour and number == 0:
                text.stylize(colour, 0, len(cells[0]))
            console.print(text, soft_wrap=True)


def _padded(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
