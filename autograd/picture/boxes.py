"""The text, the size and the strokes of a box."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from autograd.engine.notation import short
from autograd.picture.diagram import Box
from autograd.picture.places import Point
from autograd.picture.strokes import LINE, Rectangle, Stroke, Text, text_width

WRAP = 36  # characters of a label on one line


LINES = 5  # lines of a label; the tooltip has the whole label


@dataclass(frozen=True)
class Part:
    """A piece of a line of text in one style."""

    text: str
    style: str
    bold: bool = False


Line = list[Part]


RESERVED = 10  # characters of the longest number, such as -1.234e-05


def lines(box: Box, values: bool, gradients: bool, reserve: bool = False) -> list[Line]:
    """The text of a box: the name and the operation, the number, the gradient (a dash before ``backward()``).

    Arguments:
        box: the box.
        values, gradients: whether to write the numbers.
        reserve: leave room for the longest number, because it will change.
    """
    room = RESERVED if reserve else 0
    if box.kind == "more":
        return [[Part(box.title, "muted")]]
    bold = box.labelled or not box.operation
    text = [[Part(line, "ink" if bold else "muted", bold)] for line in wrapped(box.title)]
    if box.operation:
        text[-1] += [Part("  ", "muted"), Part(box.operation, "muted" if bold else "ink", not bold)]
    if box.kind == "module":
        text.append([Part(f"{box.count:,} node{'s' if box.count > 1 else ''}", "muted")])
    if values and box.value is not None:
        text.append([Part("data ", "muted"), Part(short(box.value).ljust(room), "value")])
    if gradients and box.value is not None:
        text.append([Part("grad ", "muted"), Part(("–" if box.grad is None else short(box.grad)).ljust(room), "grad")])
    if box.remark:
        text.append([Part(*box.remark, bold=True)])
    return text


def wrapped(title: str) -> list[str]:
    """A label, wrapped, with control characters made visible."""
    visible = "".join(letter if letter.isprintable() else "·" for letter in " ".join(title.split()))
    found = textwrap.wrap(visible, WRAP)
    return found if len(found) <= LINES else [*found[: LINES - 1], found[LINES - 1][: WRAP - 1] + "…"]


def box_size(box: Box, inside: list[Line]) -> tuple[float, float]:
    widest = max((sum(text_width(part.text) for part in line) for line in inside), default=0.0)
    return max(widest + 18.0, 34.0), max(LINE * len(inside) + 10.0, 26.0)


def box_strokes(box: Box, inside: list[Line], size: tuple[float, float], centre: Point) -> Sequence[Stroke]:
    (x, y), (width, height) = centre, size
    left, top = x - width / 2.0, y - height / 2.0
    strokes: list[Stroke] = [Rectangle(left, top, width, height, 6.0, fill(box), "border", tooltip(box))]
    base = y - LINE * len(inside) / 2.0 + 12.0
    for row, line in enumerate(inside):
        start = x - sum(text_width(part.text) for part in line) / 2.0
        for part in line:
            if part.text.strip():
                strokes.append(Text(start, base + LINE * row, part.text, part.style, bold=part.bold))
            start += text_width(part.text)
    return strokes


def fill(box: Box) -> str:
    """The style of a box: leaves and computed nodes have different colors."""
    if box.kind == "node":
        return "node" if box.operation else "leaf"
    return "module" if box.kind == "module" else "frame"


def tooltip(box: Box) -> str:
    """The tooltip of a box: the whole label, and the numbers with all digits."""
    said = [box.title, f"{'/'.join(box.group)}" if box.group else ""]
    if box.node is not None:
        operation = box.node.op.name if box.node.op else ""
        said += [operation, f"data {box.node.data!r}", f"grad {'–' if box.grad is None else repr(box.grad)}"]
    elif box.kind == "more":
        said.append("nodes farther from the result; draw(..., max_nodes=None) shows all")
    return "\n".join(line for line in said if line)
