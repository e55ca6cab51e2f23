"""The marks of points: eight shapes, which can be told apart without color."""

from __future__ import annotations

import math

Point = tuple[float, float]


def _regular(corners: int, turn: float = 0.0, inner: float = 1.0) -> list[Point]:
    """A regular polygon, or a star, around the origin; the first corner points up."""
    radii = [1.0 if k % 2 == 0 or inner == 1.0 else inner for k in range(corners)]
    angles = [2.0 * math.pi * (k + turn) / corners for k in range(corners)]
    return [(r * math.sin(angle), -r * math.cos(angle)) for r, angle in zip(radii, angles, strict=True)]


_ARM = 0.36
_PLUS = [
    *((-_ARM, -1.0), (_ARM, -1.0), (_ARM, -_ARM), (1.0, -_ARM), (1.0, _ARM), (_ARM, _ARM)),
    *((_ARM, 1.0), (-_ARM, 1.0), (-_ARM, _ARM), (-1.0, _ARM), (-1.0, -_ARM), (-_ARM, -_ARM)),
]
_TURN = math.sqrt(0.5)

SHAPES: dict[str, list[Point]] = {
    "circle": _regular(16),
    "square": [(0.86 * x, 0.86 * y) for x, y in ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))],
    "triangle": [(1.1 * x, 1.1 * y) for x, y in _regular(3)],
    "diamond": [(1.1 * x, 1.1 * y) for x, y in _regular(4)],
    "triangle down": [(1.1 * x, -1.1 * y) for x, y in _regular(3)],
    "plus": _PLUS,
    "cross": [(_TURN * (x - y), _TURN * (x + y)) for x, y in _PLUS],
    "star": [(1.25 * x, 1.25 * y) for x, y in _regular(10, inner=0.45)],
}
NAMES = tuple(SHAPES)


def mark(name: str, x: float, y: float, size: float) -> tuple[Point, ...]:
    """A mark at a place; size is about its radius in pixels."""
    return tuple((x + size * dx, y + size * dy) for dx, dy in SHAPES[name])
