"""What can be seen without reading: lines as wide as what flows back, boxes shaded by the size of the gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from autograd.picture.strokes import Curve, Rectangle, Stroke, Text

MARGIN = 14.0  # around the picture
COLDEST = 1e-6  # gradients of this size and below are not shaded


def flowing(line: Curve, flow: float | None, most: float) -> Curve:
    """A line as wide as what flows along it: orange above zero, blue and dashed below; thin and gray for nothing.

    Arguments:
        line: the line.
        flow: what flows along it; None to leave the line as it is.
        most: the largest flow in the picture.
    """
    if not flow or not most or not math.isfinite(flow):
        return line
    width = 0.8 + 5.2 * math.sqrt(abs(flow) / most)
    return replace(line, style="positive" if flow > 0.0 else "negative", width=width, dashed=flow < 0.0)


def warmth(gradient: float) -> float:
    """How strongly a box is shaded: from 0 for a gradient of 1e-6 to 0.45 for one of 1 and above, by its logarithm."""
    size = min(max(abs(gradient), COLDEST), 1.0) if gradient == gradient else COLDEST
    return 0.45 * (1.0 - math.log(size) / math.log(COLDEST))


def shaded(strokes: Sequence[Stroke], gradient: float) -> list[Stroke]:
    """The strokes of a box, shaded; the gradient, which is red, is then written in the color of the text."""
    ground, *others = strokes
    assert isinstance(ground, Rectangle)
    inside = [replace(x, style="ink") if isinstance(x, Text) and x.style == "grad" else x for x in others]
    return [ground, replace(ground, fill="grad", border="", opacity=warmth(gradient)), *inside]


def flow_legend(top: float) -> list[Stroke]:
    """What the widths and colors of the lines mean, below this height."""
    y = top + 4.0
    key = Curve(((MARGIN, y), (MARGIN + 28.0, y)), False, "positive", 4.0)
    negative = replace(key, points=((MARGIN + 104.0, y), (MARGIN + 132.0, y)), style="negative", dashed=True)
    words = [(34.0, "above 0"), (138.0, "below 0"), (212.0, "width: |dL/dz · dz/dx|, what flows back")]
    return [key, negative, *(Text(MARGIN + x, y + 4.0, text, "muted", 11.0) for x, text in words)]


def beside(line: Curve, paths: Sequence[int]) -> list[Curve]:
    """The lines of the paths along an arrow, one beside the other."""
    found = []
    for rank, path in enumerate(paths):
        off = 3.4 * (rank - (len(paths) - 1) / 2.0)
        points = tuple((x + off, y) if line.upright else (x, y + off) for x, y in line.points)
        found.append(replace(line, points=points, style=f"path{path}", width=2.6, dashed=False))
    return found


def path_legend(top: float, number: int, text: str) -> list[Stroke]:
    """What a path is, below this height."""
    y = top + 4.0
    key = Curve(((MARGIN, y), (MARGIN + 28.0, y)), False, f"path{number}", 2.6)
    return [key, Text(MARGIN + 34.0, y + 4.0, text, "muted", 11.0)]


def heat_legend(top: float) -> list[Stroke]:
    """What the shades of the boxes mean, below this height."""
    y, found = top + 4.0, list[Stroke]()
    for i, power in enumerate((-6, -4, -2, 0)):
        x = MARGIN + 52.0 * i
        found.append(Rectangle(x, y - 8.0, 14.0, 14.0, 3.0, "grad", "border", opacity=warmth(10.0**power)))
        found.append(Text(x + 18.0, y + 4.0, f"1e{power}" if power else "1", "muted", 11.0))
    return [*found, Text(MARGIN + 212.0, y + 4.0, "shade: |dL/dz|", "muted", 11.0)]
