"""The forward and the backward pass as an animation."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from autograd.engine.checks import describe
from autograd.engine.graph import adjoints, topological_order
from autograd.engine.value import Value
from autograd.lessons.names import Names
from autograd.lessons.steps import backward_steps, forward_caption
from autograd.output.files import write_file
from autograd.picture.diagram import diagram
from autograd.picture.page import MARGIN, sketch
from autograd.picture.png import gif
from autograd.picture.strokes import LINE, Rectangle, Sketch, Stroke, Text, text_width
from autograd.picture.svg import animated

MOST = 60  # nodes; more would neither fit on a screen nor be watched to the end


@dataclass
class Frame:
    """One moment.

    Attributes:
        caption: what happens, in one or several lines.
        active: the number of the box in which it happens.
        shown: the strokes that appear at this moment and stay.
    """

    caption: list[str]
    active: int
    shown: list[Stroke] = field(default_factory=list)


class Animation:
    """The two passes over a graph, one node at a time.  See ``animate``.

    Attributes:
        frames: the moments, in order.
    """

    def __init__(self, y: Value, seconds: float = 1.2) -> None:
        if not isinstance(y, Value):
            raise TypeError(f"animate(y) needs a Value, not {describe(y)}")
        if not 0.05 <= seconds <= 60.0:
            raise ValueError(f"each step takes from 0.05 to 60 seconds, not {seconds!r}")
        order = topological_order(y)
        if len(order) > MOST:
            raise ValueError(
                f"this graph has {len(order):,} nodes; an animation shows {MOST} at most: animate a part of it, or "
                "draw it whole with draw(y)"
            )
        self.seconds = seconds
        names = Names(order)
        self.title = f"forward and backward pass of {names[y]}"
        # Unlabelled nodes have names too, since the captions speak of them.
        found = diagram(y, depth=1_000, max_nodes=None, names=names.text, gradients=adjoints(order, {y: 1.0}))
        number = {box.node: i for i, box in enumerate(found.boxes) if box.node is not None}
        page = sketch(found)
        hidden = {page.numbers[i][style] for i in number.values() for style in ("value", "grad")}
        self.frames: list[Frame] = []
        for node in order:
            value = page.strokes[page.numbers[number[node]]["value"]]
            self.frames.append(Frame([forward_caption(node, names)], number[node], [value]))
        for step in backward_steps(y):
            place = number[step.node]
            head = f"d{names[y]}/d{names[step.node]} = {step.adjoint:.6g}"
            gradient = page.strokes[page.numbers[place]["grad"]]
            caption = [head, *(str(step).splitlines() if step.contributions else [])]
            self.frames.append(Frame(caption, place, [gradient]))
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
        """What is shown during one frame only: the highlight of the box, and the caption."""
        box = self._boxes[frame.active]
        strokes: list[Stroke] = []
        if isinstance(box, Rectangle):
            strokes.append(Rectangle(box.x - 2.0, box.y - 2.0, box.width + 4.0, box.height + 4.0, 8.0, "", "active"))
        top = self._height + 4.0
        return strokes + [Text(MARGIN, top + LINE * i, line, "ink") for i, line in enumerate(frame.caption)]

    @property
    def svg(self) -> str:
        """An animated SVG document, which also works as an image; it respects the setting for reduced motion."""
        step, whole = self.seconds, self.seconds * (len(self.frames) + 2)  # a rest at the end
        layers, times = [], []
        for i, frame in enumerate(self.frames):
            end = (i + 1) * step if i + 1 < len(self.frames) else whole
            layers += [self._moment(frame), frame.shown]
            times += [(i * step, end), (i * step, whole)]
        return animated(self._page([]), layers, times, self.title)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the animation to a file: .svg, or .gif, which needs Pillow.

        Raises:
            ValueError: the ending is neither.
            ImportError: Pillow is not installed.
        """
        kind = Path(path).suffix.lower()
        if kind == ".svg":
            return write_file(path, self.svg)
        if kind != ".gif":
            raise ValueError(f"an animation is saved as .svg or .gif, not as {Path(path).name!r}")
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


def animate(y: Value, seconds: float = 1.2) -> Animation:
    """The forward pass and then the backward pass as an animation, with a caption for each step.

    Arguments:
        y: the Value whose graph it is; of 60 nodes at most.
        seconds: how long each step is shown.

    Returns:
        An Animation: a notebook plays it, ``save("pass.svg")`` and ``save("pass.gif")`` write it.

    Raises:
        TypeError: y is not a Value.
        ValueError: the graph has too many nodes.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> animate(a * b)
    <Animation: forward and backward pass of y, 6 steps>
    """
    return Animation(y, seconds)
