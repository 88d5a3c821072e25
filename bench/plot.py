"""How work grows, as a picture: one line for each kind of work, both axes logarithmic."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

_LEFT, _TOP, _WIDTH, _HEIGHT, _BESIDE = 70, 34, 560, 420, 400
_COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#17becf", "#7f7f7f")

Line = tuple[str, float, Sequence[tuple[int, float]]]
"""What is drawn of one kind of work: its name and unit, its slope, and its points (items, amount)."""


def draw(lines: Sequence[Line]) -> str:
    """Return the lines as SVG; a dashed line shows what grows in step with the number of items."""
    points = [point for _name, _slope, some in lines for point in some]
    low, high = floor(log10(min(y for _x, y in points))), ceil(log10(max(y for _x, y in points)))
    left, right = floor(log10(min(x for x, _y in points))), ceil(log10(max(x for x, _y in points)))

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            _LEFT + (log10(x) - left) / max(right - left, 1) * _WIDTH,
            _TOP + (high - log10(y)) / max(high - low, 1) * _HEIGHT,
        )

    size = f"{_LEFT + _WIDTH + _BESIDE} {_TOP + _HEIGHT + 44}"
    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" font-family="sans-serif" font-size="13">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="20" font-weight="bold">Work against number of items</text>',
    ]
    for power in range(left, right + 1):
        x, y = place(10.0**power, 10.0**low)
        shapes.append(f'<path d="M{x:.1f} {_TOP}V{y:.1f}" stroke="#dddddd"/>')
        shapes.append(f'<text x="{x:.1f}" y="{y + 20:.1f}" text-anchor="middle">{10**power:,}</text>')
    for power in range(low, high + 1):
        x, y = place(10.0**left, 10.0**power)
        shapes.append(f'<path d="M{x:.1f} {y:.1f}H{_LEFT + _WIDTH}" stroke="#dddddd"/>')
        shapes.append(f'<text x="{x - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    rise = min(right - left, high - low)
    (x1, y1), (x2, y2) = place(10.0**left, 10.0**low), place(10.0 ** (left + rise), 10.0 ** (low + rise))
    shapes.append(f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#999999" stroke-dasharray="5 5"/>')
    for number, (name, slope, some) in enumerate(lines):
        colour, path = (
            _COLOURS[number % len(_COLOURS)],
            " L".join(" ".join(f"{at:.1f}" for at in place(*point)) for point in some),
        )
        shapes.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        shapes += [_dot(*place(*point), colour) for point in some]
        y = _TOP + 12 + 24 * number
        shapes.append(f'<path d="M{_LEFT + _WIDTH + 18} {y - 4}h22" stroke="{colour}" stroke-width="3"/>')
        shapes.append(f'<text x="{_LEFT + _WIDTH + 48}" y="{y}">{escape(name)}: slope {slope:.2f}</text>')
    y = _TOP + 12 + 24 * len(lines)
    shapes.append(f'<path d="M{_LEFT + _WIDTH + 18} {y - 4}h22" stroke="#999999" stroke-dasharray="5 5"/>')
    shapes.append(f'<text x="{_LEFT + _WIDTH + 48}" y="{y}">in step with the items: slope 1</text>')
    return "\n".join([*shapes, "</svg>", ""])


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
