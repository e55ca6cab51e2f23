"""The forward and the backward pass as an animation."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from autograd.engine.checks import describe
from autograd.engine.graph import adjoints, topological_order
from autograd.engine.notation import Names, short
from autograd.engine.value import Value
from autograd.explanations.steps import backward_steps, forward_caption
from autograd.live.explorer import Explorer
from autograd.output.files import write_file
from autograd.picture.diagram import diagram
from autograd.picture.legends import MARGIN
from autograd.picture.page import sketch
from autograd.picture.png import gif
from autograd.picture.strokes import LINE, Rectangle, Sketch, Stroke, Text, text_width
from autograd.picture.svg import animated

LONG = 12.0  # seconds for all steps of a large graph
MOST = 60  # nodes; a larger graph would not fit on a screen, and its animation would take minutes


@dataclass
class Frame:
    """One step of an animation.

    Attributes:
        caption: the lines of text below the picture.
        active: the index of the highlighted box.
        shown: the strokes that appear in this step and stay.
    """

    caption: list[str]
    active: int
    shown: list[Stroke] = field(default_factory=list)


class Animation:
    """The two passes over a graph, one node at a time.  See ``animate``.

    Attributes:
        frames: the steps, in order.
    """

    def __init__(self, y: Value, seconds: float | None = None) -> None:
        if not isinstance(y, Value):
            raise TypeError(f"animate(y) needs a Value, not {describe(y)}")
        if seconds is not None and not 0.05 <= seconds <= 60.0:
            raise ValueError(f"seconds must be from 0.05 to 60, not {seconds!r}")
        order = topological_order(y)
        if len(order) > MOST:
            raise ValueError(
                f"this graph has {len(order):,} nodes; an animation can show at most {MOST}: animate a part of the "
                "graph, or draw all of it with draw(y)"
            )
        self.y = y
        names = Names(order)
        self.title = f"forward and backward pass of {names[y]}"
        found = diagram(y, depth=1_000, max_nodes=None, gradients=adjoints(order, {y: 1.0}))
        number = {box.node: i for i, box in enumerate(found.boxes) if box.node is not None}
        page = sketch(found, reserve=True)
        hidden = {page.numbers[i][style] for i in number.values() for style in ("value", "grad")}
        self.frames: list[Frame] = []
        for node in order:
            value = page.strokes[page.numbers[number[node]]["value"]]
            self.frames.append(Frame([forward_caption(node, names)], number[node], [value]))
        for step in backward_steps(y):
            place = number[step.node]
            head = f"d{names[y]}/d{names[step.node]} = {short(step.adjoint)}"
            gradient = page.strokes[page.numbers[place]["grad"]]
            caption = [head, *(str(step).splitlines() if step.contributions else [])]
            self.frames.append(Frame(caption, place, [gradient]))
        self.seconds = seconds or min(1.2, max(0.25, LONG / len(self.frames)))
        lines = max(len(frame.caption) for frame in self.frames)
        widest = max(text_width(line) for frame in self.frames for line in frame.caption)
        self._still = [stroke for j, stroke in enumerate(page.strokes) if j not in hidden and j > 0]
        self._height = page.height
        self.width = max(page.width, widest + 2.0 * MARGIN)
        self.height = page.height + lines * LINE + 6.0
        self._boxes = [page.strokes[start] for start, _ in page.boxes]

    def _page(self, strokes: list[Stroke]) -> Sketch:
        paper = Rectangle(0.0, 0.0, self.width, self.height, 0.0, "paper", "paper")
        return Sketch(self.width, self.height, [paper, *self._still, *strokes])

    def _moment(self, frame: Frame) -> list[Stroke]:
        """The strokes of one frame only: the highlight around the box, and the caption."""
        box = self._boxes[frame.active]
        strokes: list[Stroke] = []
        if isinstance(box, Rectangle):
            strokes.append(Rectangle(box.x - 2.0, box.y - 2.0, box.width + 4.0, box.height + 4.0, 8.0, "", "active"))
        top = self._height + 4.0
        return strokes + [Text(MARGIN, top + LINE * i, line, "ink") for i, line in enumerate(frame.caption)]

    @property
    def svg(self) -> str:
        """An animated SVG document, which also works as an image; it respects the system setting for reduced motion."""
        step, whole = self.seconds, self.seconds * (len(self.frames) + 2)  # the last frame lasts three steps
        layers, times = [], []
        for i, frame in enumerate(self.frames):
            end = (i + 1) * step if i + 1 < len(self.frames) else whole
            layers += [self._moment(frame), frame.shown]
            times += [(i * step, end), (i * step, whole)]
        return animated(self._page([]), layers, times, self.title)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the animation to a file: .svg, .gif, which needs Pillow, or .html, a page with pause, step and speed.

        Raises:
            ValueError: the suffix is none of these.
            ImportError: Pillow is not installed.
        """
        kind = Path(path).suffix.lower()
        if kind == ".html":
            return Explorer(self.y, plays=True).save(path)
        if kind == ".svg":
            return write_file(path, self.svg)
        if kind != ".gif":
            raise ValueError(f"save the animation as .svg, .gif or .html, not as {Path(path).name!r}")
        pages, shown = [], []
        for frame in self.frames:
            shown += frame.shown
            pages.append(self._page([*shown, *self._moment(frame)]))
        milliseconds = [round(1000 * self.seconds)] * len(pages)
        milliseconds[-1] *= 3
        return write_file(path, gif(pages, milliseconds))

    def _repr_html_(self) -> str:
        image = base64.b64encode(self.svg.encode()).decode()
        return (
            f'<img alt="{escape(self.title)}" width="{self.width:.0f}" height="{self.height:.0f}" '
            f'style="max-width:none" src="data:image/svg+xml;base64,{image}">'
        )

    def __repr__(self) -> str:
        return f"<Animation: {self.title}, {len(self.frames)} steps>"


def animate(y: Value, seconds: float | None = None) -> Animation:
    """The forward pass and then the backward pass as an animation, with a caption for each step.

    Arguments:
        y: the output of the graph, which may have at most 60 nodes.
        seconds: the duration of each step, from 0.05 to 60; None for 1.2, and less for larger graphs.

    Returns:
        An Animation: a notebook plays it; ``save("pass.svg")`` or ``save("pass.gif")`` writes it to a file, and
        ``save("pass.html")`` a page with buttons to pause and to step.

    Raises:
        TypeError: y is not a Value.
        ValueError: the graph has too many nodes, or seconds is out of range.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> animate(a * b)
    <Animation: forward and backward pass of y, 6 steps>
    """
    return Animation(y, seconds)
