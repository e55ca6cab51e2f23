"""Chart: panels side by side, as a picture that can be shown and saved."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

from autograd.chart.drawing import sketch
from autograd.chart.panel import Panel
from autograd.engine.checks import finite
from autograd.output.files import write_file
from autograd.picture.png import png
from autograd.picture.strokes import Sketch
from autograd.picture.svg import html, svg


class Chart:
    """A chart of one or more panels, side by side.  A notebook displays it, and ``save()`` writes it to a file.

    Arguments:
        width, height: in pixels.
        title: what the chart shows, for screen readers.

    Attributes:
        panels: the panels.

    >>> chart = Chart(title="a parabola")
    >>> chart.panel(x="x", y="x²").line([-1, 0, 1], [1, 0, 1], "f").lines[0].ys
    [1.0, 0.0, 1.0]
    >>> chart
    <Chart of 1 panel; save it with .save('chart.svg')>
    """

    def __init__(self, width: float = 560.0, height: float = 320.0, title: str = "chart") -> None:
        self.width = finite("the width", width)
        self.height = finite("the height", height)
        if min(self.width, self.height) < 80.0:
            raise ValueError(f"a chart must be at least 80 pixels wide and high, not {width!r} x {height!r}")
        self.title = title
        self.panels: list[Panel] = []

    def panel(
        self,
        title: str = "",
        x: str = "",
        y: str = "",
        *,
        x_range: tuple[float, float] | None = None,
        y_range: tuple[float, float] | None = None,
        x_log: bool = False,
        y_log: bool = False,
        names: Sequence[str] = (),
    ) -> Panel:
        """Add a panel.

        Arguments:
            title: a line above it.
            x, y: what the axes show.
            x_range, y_range: the lowest and the highest number shown; None to show everything.
            x_log, y_log: a logarithmic axis; numbers from 0 down are left out.
            names: what is written at 0, 1, 2, ... on the horizontal axis, instead of numbers.

        Raises:
            ValueError: a range is empty, or not positive on a logarithmic axis.
        """
        for name, given, log in (("x_range", x_range, x_log), ("y_range", y_range, y_log)):
            if given is not None and not (
                all(map(math.isfinite, given)) and given[0] < given[1] and (given[0] > 0.0 or not log)
            ):
                raise ValueError(f"{name} must be (lowest, highest), above 0 if the axis is logarithmic, not {given!r}")
        self.panels.append(Panel(title, x, y, x_range, y_range, x_log, y_log, tuple(map(str, names))))
        return self.panels[-1]

    @property
    def sketch(self) -> Sketch:
        """The chart as strokes on a page."""
        return sketch(self.panels, self.width, self.height)

    @property
    def svg(self) -> str:
        """The chart as an SVG document."""
        return svg(self.sketch, self.title)

    def png(self) -> bytes:
        """The chart as a PNG file.

        Raises:
            ImportError: Pillow is not installed.
        """
        return png(self.sketch)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the chart to a file: .svg, or .png, which needs Pillow.

        Raises:
            ValueError: the file ending is not one of these.
            ImportError: Pillow is not installed.
            OSError: the file cannot be written.  Nothing is left half-written.
        """
        kind = Path(path).suffix.lower()
        if kind not in (".svg", ".png"):
            raise ValueError(f"a chart can be saved as .svg or .png, not as {Path(path).name!r}")
        return write_file(path, self.svg if kind == ".svg" else self.png())

    def _repr_html_(self) -> str:
        return html(self.sketch, self.title)

    def __repr__(self) -> str:
        count = len(self.panels)
        return f"<Chart of {count} panel{'s' if count != 1 else ''}; save it with .save('chart.svg')>"
