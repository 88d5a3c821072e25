"""Draw py-spy's raw stacks as a small flame graph: `python -m bench.flame stacks.raw docs/first-scan.svg`.

    py-spy record --subprocesses --format raw --output stacks.raw -- .venv/bin/python .venv/bin/mediaforge scan FOLDER

The workers are drawn as one, and frames below half a per cent are left out, so that the picture is fit for a repository.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

_WIDTH, _LINE, _LEAST = 1200, 17, 0.005
_COLOURS = {"worker": "#e8a33d", "parent": "#6fa8dc", "mediaforge": "#e0703c", "guessit": "#8fbf6a", "rebulk": "#8fbf6a"}


@dataclass(slots=True)
class Frame:
    """One function on one path of calls, with the samples in it and below it."""

    name: str
    samples: int = 0
    below: dict[str, Frame] = field(default_factory=dict)


def fold(lines: Iterable[str]) -> Frame:
    """Return the tree of py-spy's raw stacks: `frame;frame;frame samples`."""
    root = Frame("first scan")
    for line in lines:
        stack, _, count = line.rpartition(" ")
        names = stack.split(";")
        inner = [name for name in names if not name.startswith(("process ", "thread "))]
        who = "worker" if "build.worker" in stack or "build/worker.py:" in stack else "parent"
        frame = root
        frame.samples += int(count)
        for name in [who, *(name for name in inner if "runpy" not in name)]:
            frame = frame.below.setdefault(name, Frame(name))
            frame.samples += int(count)
    return root


def draw(root: Frame) -> str:
    """Return the tree as SVG, callers above what they call."""
    shapes: list[str] = []
    deepest = _draw(root, 0.0, 0, root.samples, shapes)
    height = (deepest + 1) * _LINE
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="monospace" font-size="11">'
    return "\n".join([head, *shapes, "</svg>", ""])


def _draw(frame: Frame, left: float, depth: int, whole: int, shapes: list[str]) -> int:
    width = frame.samples / whole * _WIDTH
    if width < _LEAST * _WIDTH:
        return depth - 1
    told = escape(f"{frame.name}, {frame.samples / whole:.1%}")
    shown = escape(frame.name[: int(width / 6.7)])
    colour = next((colour for name, colour in _COLOURS.items() if name in frame.name), "#cfcfcf")
    top = depth * _LINE
    shapes.append(
        f'<g><title>{told}</title><rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_LINE - 1}" fill="{colour}"/>'
        f'<text x="{left + 2:.1f}" y="{top + 12}">{shown}</text></g>'
    )
    deepest = depth
    for below in sorted(frame.below.values(), key=lambda one: -one.samples):
        deepest = max(deepest, _draw(below, left, depth + 1, whole, shapes))
        left += below.samples / whole * _WIDTH
    return deepest


if __name__ == "__main__":
    with open(sys.argv[1]) as given, open(sys.argv[2], "w") as drawn:
        drawn.write(draw(fold(given)))
