"""Charts, drawn by matplotlib."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

try:
    from matplotlib.figure import Figure
except ImportError as error:
    raise ImportError("a chart needs the package matplotlib: pip install matplotlib") from error

import numpy as np

from autograd import Value, no_grad, value_and_grad
from autograd.engine.checks import between, integer
from autograd.output.files import destination, write_file
from autograd.output.film import SECONDS
from autograd.output.raster import pngs_to_gif
from nn.classes import are_signed, class_numbers, margin, scores
from nn.optim.optimizers import SGD, Adam, Optimizer
from nn.plane import COLOURS, Plane


class Series(Protocol):
    """Anything with one number per epoch in series named loss, accuracy, validation_loss, ..., such as a History."""

    def columns(self) -> dict[str, list[float]]: ...


MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


class Chart(Figure):
    """A matplotlib figure that a notebook displays; it needs neither a screen nor pyplot."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__(figsize=(width, height), dpi=120, layout="constrained")

    def _repr_png_(self) -> bytes:
        return self.png()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the chart to a file: .png, .svg or .pdf, or another ending that matplotlib knows.

        Raises:
            ValueError: matplotlib does not know the ending.
            OSError: the file cannot be written.
        """
        file = io.BytesIO()
        self.savefig(file, format=Path(path).suffix[1:] or "png")
        return write_file(path, file.getvalue())

    def png(self) -> bytes:
        """The chart as a PNG file."""
        file = io.BytesIO()
        self.savefig(file, format="png", metadata={"Software": None})
        return file.getvalue()


def plot_history(history: Series) -> Chart:
    """The loss of each epoch and, if there is one, the accuracy beside it."""
    columns = history.columns()
    panels = [name for name in ("loss", "accuracy") if name in columns]
    chart = Chart(4.6 * max(len(panels), 1), 3.2)
    for i, name in enumerate(panels):
        axes = chart.add_subplot(1, len(panels), i + 1)
        for series, label, colour, dashes in (
            (columns[name], "training", COLOURS[0], "-"),
            (columns.get(f"validation_{name}", []), "validation", COLOURS[3], "--"),
        ):
            if series:
                axes.plot(range(1, len(series) + 1), series, dashes, color=colour, label=label, linewidth=1.6)
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        if name == "accuracy":
            axes.set_ylim(min(0.5, *columns[name], *columns.get("validation_accuracy", [])) - 0.02, 1.02)
        else:
            axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]) if min(columns[name]) < 0.0 else 0.0)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        if f"validation_{name}" in columns:
            axes.legend(frameon=False)
    return chart


def plot_tangent(
    f: Callable[[Any], Any], x: float, steps: Sequence[float] = (1.0, 0.5, 0.1), span: float = 2.0
) -> Chart:
    """A function of one number, its tangent at x, and difference quotients that close in on it.

    The slope of the line through the points at x and x + h is the difference quotient  (f(x + h) - f(x)) / h.  The
    smaller h, the nearer to the derivative, the slope of the tangent, which is found by backpropagation.

    Arguments:
        f: a function of a number, or of a Value.
        x: where the tangent touches.
        steps: the steps h, none of them 0.
        span: how far the picture reaches to both sides of x.

    Raises:
        ValueError: span is not positive, a step is 0, or f or its derivative does not exist at x.

    >>> plot_tangent(lambda x: x**2, 1.0).axes[0].get_title()
    'slope at 1: 2'
    """
    if not span > 0.0 or not all(steps):
        raise ValueError(f"span must be positive, and no step may be 0: {span!r}, {list(steps)!r}")
    if not (math.isfinite(x) and x + span / 1e6 > x):
        raise ValueError(f"x must be finite, and the span large enough to be seen beside it: x is {x!r}, span {span!r}")
    value, slope = value_and_grad(f)(float(x))
    chart = Chart(5.6, 3.8)
    axes = chart.add_subplot()
    places = np.linspace(x - span, x + span, 201)
    heights = [_height(f, place) for place in places.tolist()]
    axes.plot(places, heights, color=COLOURS[0], linewidth=2.0, label="f")
    bottom, top = axes.get_ylim()
    axes.plot(places, value + slope * (places - x), color="black", linewidth=1.6, label=f"tangent, slope {slope:.4g}")
    for i, h in enumerate(steps):
        height = _height(f, x + h)
        quotient = (height - value) / h
        line = value + quotient * (places - x)
        colour = COLOURS[1 + i % 6]
        axes.plot(places, line, "--", color=colour, linewidth=1.2, label=f"h = {h:g}, slope {quotient:.4g}")
        axes.plot([x + h], [height], MARKERS[1 + i % 7], color=colour, markersize=5)
    axes.plot([x], [value], "o", color="black", markersize=5)
    axes.set_ylim(bottom, top)  # a steep line does not flatten the curve
    axes.set_xlim(places[0], places[-1])
    axes.set_title(f"slope at {x:g}: {slope:.4g}", fontsize=11)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    chart.legend(loc="outside right upper", frameon=False)
    return chart


def _height(f: Callable[..., Any], *point: float) -> float:
    """f at a point, or nan where it is not defined."""
    try:
        with no_grad():
            found = f(*map(Value, point))
        return float(found.data if isinstance(found, Value) else found)
    except (ArithmeticError, ValueError):
        return math.nan


Make = Callable[[list[Value]], Optimizer]


def plot_descent(
    f: Callable[[Any, Any], Any],
    start: tuple[float, float],
    optimizers: Mapping[str, Make] | None = None,
    steps: int = 40,
    region: tuple[tuple[float, float], tuple[float, float]] = ((-2.0, 2.0), (-2.0, 2.0)),
) -> Descent:
    """A function of two numbers as contour lines, and the paths that optimizers take down it.

    Arguments:
        f: the function to minimize, such as a loss of two weights.
        start: where all paths begin.
        optimizers: for each name a function from two parameters to an optimizer; None for SGD, SGD with momentum, and
            Adam.
        steps: how many steps each of them makes.
        region: the lowest and the highest number shown, for each of the two.

    Returns:
        A chart, whose ``film("descent.gif")`` shows the paths step by step.

    Raises:
        ValueError: there are no steps, or the region is empty.
        ArithmeticError: f or its derivative does not exist at a point of a path.

    >>> chart = plot_descent(lambda u, v: u * u + 10.0 * v * v, (1.5, 1.0))
    >>> [text.get_text() for text in chart.legends[0].get_texts()]
    ['SGD', 'momentum', 'Adam']
    """
    integer("steps", steps)
    if len(start) != 2:
        raise ValueError(f"start must be two numbers, not {start!r}")
    if optimizers is not None and not isinstance(optimizers, Mapping):
        raise TypeError(f"optimizers must be a dictionary of names and functions, not {optimizers!r}")
    (left, right), (bottom, top) = region
    if not (left < right and bottom < top):
        raise ValueError(f"the region must be two pairs (lowest, highest), not {region!r}")
    chart = Descent(5.6, 4.4)
    axes = chart.add_subplot()
    us, vs = np.linspace(left, right, 90), np.linspace(bottom, top, 90)
    heights = np.array([[_height(f, u, v) for u in us.tolist()] for v in vs.tolist()])
    low, high = np.nanmin(heights), np.nanmax(heights)
    levels = low + (high - low) * np.linspace(0.0, 1.0, 15) ** 2 if high > low else None  # closer near the minimum
    axes.contour(us, vs, heights, levels=levels, colors="0.75", linewidths=0.8)
    for i, (name, make) in enumerate((optimizers or DESCENTS).items()):
        style: dict[str, Any] = {"marker": MARKERS[i % 8], "markersize": 3.5, "color": COLOURS[i % 6], "linewidth": 1.3}
        chart.paths += axes.plot(*_path_down(f, start, make, steps), "-", label=name, **style)
    axes.plot(*start, "o", color="black", markersize=6)
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.spines[["top", "right"]].set_visible(False)
    chart.legend(loc="outside right upper", frameon=False)
    return chart


class Descent(Chart):
    """The paths of optimizers down a function.  See ``plot_descent``.

    Attributes:
        paths: a line of matplotlib for each optimizer.
    """

    def __init__(self, width: float, height: float) -> None:
        super().__init__(width, height)
        self.paths: list[Any] = []

    def film(self, path: str | os.PathLike[str], seconds: float = 0.2) -> Path:
        """Write a film, step by step, as a GIF; the chart stays as it is.

        Arguments:
            path: a file that ends in .gif.
            seconds: how long each step is shown; the last is shown for two seconds more.

        Raises:
            ValueError: the ending is not .gif, or seconds is not from 0.02 to 60.
            ImportError: Pillow is not installed.
        """
        between("seconds", seconds, *SECONDS)
        if Path(path).suffix.lower() != ".gif":
            raise ValueError(f"save the film as .gif, not as {Path(path).name!r}")
        destination(path)
        points = [line.get_xydata() for line in self.paths]
        images = []
        for step in range(max(map(len, points))):
            for line, whole in zip(self.paths, points, strict=True):
                line.set_data(*whole[: step + 1].T)
            images.append(self.png())
        lengths = [round(1000.0 * seconds)] * len(images)
        lengths[-1] += 2_000
        return write_file(path, pngs_to_gif(images, lengths))


DESCENTS: dict[str, Make] = {
    "SGD": lambda p: SGD(p, lr=0.05),
    "momentum": lambda p: SGD(p, lr=0.02, momentum=0.9),
    "Adam": lambda p: Adam(p, lr=0.2),
}


def _path_down(
    f: Callable[[Any, Any], Any], start: tuple[float, float], make: Make, steps: int
) -> tuple[list[float], list[float]]:
    """The points of a path, until it leaves the floats."""
    point = [Value(float(x)) for x in start]
    optimizer = make(point)
    path = [tuple(x.data for x in point)]
    for _ in range(steps):
        optimizer.zero_grad()
        f(*point).backward()
        optimizer.step()
        path.append(tuple(x.data for x in point))
        if not all(math.isfinite(x.data) and abs(x.data) < 1e6 for x in point):
            break
    us, vs = zip(*path, strict=True)
    return list(us), list(vs)


class Rows(Protocol):
    """Anything with a row for each layer, such as a LayerReport."""

    @property
    def rows(self) -> Sequence[Any]: ...


def plot_layers(report: Rows) -> Chart:
    """Delta and the weight gradient of each layer, on a logarithmic scale, and the saturated and dead fractions.

    The fractions are left out where no unit is saturated or dead.
    """
    names = [row.layer for row in report.rows]
    panels = 2 if any(row.saturated or row.dead for row in report.rows) else 1
    chart = Chart(4.6 * panels, 3.2)
    sizes = chart.add_subplot(1, panels, 1)
    shares = chart.add_subplot(1, 2, 2) if panels == 2 else None
    places = range(len(names))
    for i, (series, label) in enumerate((("delta", "delta, dL/dz"), ("weight_gradient", "weight gradient, dL/dw"))):
        heights = [getattr(row, series) or float("nan") for row in report.rows]  # the logarithm of 0 is undefined
        sizes.plot(places, heights, marker=MARKERS[i], color=COLOURS[(0, 3)[i]], label=label, linewidth=1.6)
    sizes.set_yscale("log")
    sizes.set_ylabel("root mean square")
    sizes.legend(frameon=False)
    if shares is not None:
        for i, series in enumerate(("saturated", "dead")):
            heights = [getattr(row, series) for row in report.rows]
            shares.bar([x + 0.4 * i - 0.2 for x in places], heights, 0.4, color=COLOURS[(5, 7)[i]], label=series)
        shares.set_ylim(0.0, 1.0)
        shares.set_ylabel("share")
        shares.legend(frameon=False)
    for axes in chart.axes:
        axes.set_xticks(places, names, rotation=45 if len(names) > 5 else 0, ha="right" if len(names) > 5 else "center")
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    return chart


def plot_decision_boundary(
    model: Any,
    X: Sequence[Sequence[float]],
    y: Sequence[int],
    features: tuple[int, int] | None = None,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    steps: int = 60,
) -> Chart:
    """The decision regions of a model on a plane through the examples, with the examples.

    Arguments:
        model: a Module that takes a row of X and returns a score for each class, or one number (see ``accuracy``).
        X, y: the examples and their classes: numbers from 0, or -1 and 1.
        features: the two columns of X that span the plane; the others are held at their means.  None means both columns
            if there are exactly two, and the first two principal components otherwise.
        names, classes: the names of the columns and of the classes.
        steps: the number of points in each direction at which the model is evaluated.

    Raises:
        ValueError: X and y differ in length, X has only one column, or features are not two columns of X.
    """
    if len(X) != len(y):
        raise ValueError(f"expected a class for each example; got {len(X)} example(s) and {len(y)} class(es)")
    plane = Plane(X, features, names, steps)
    flat = plane.project(X)
    found = scores(model.predict(plane.points))
    correct = class_numbers(y)
    count = max(found.shape[1], max(correct) + 1)
    names_of_classes = classes or [f"class {kind}" for kind in ((-1, 1) if are_signed(y) else range(count))]

    chart = Chart(5.4, 4.2)
    axes = chart.add_subplot()
    for i, name in enumerate(names_of_classes[:count]):
        colour = COLOURS[i % len(COLOURS)]
        if i < found.shape[1]:
            ahead = margin(found, i).reshape(steps, steps)
            if ahead.max() > 0.0:
                axes.contourf(plane.u, plane.v, ahead, levels=[0.0, ahead.max() + 1.0], colors=[colour], alpha=0.18)
        mine = [j for j, number in enumerate(correct) if number == i]
        marker = MARKERS[i % len(MARKERS)]
        across, up = flat[mine].T
        axes.scatter(
            across, up, s=26, color=colour, marker=marker, edgecolor="white", linewidth=0.6, label=name, zorder=3
        )
    axes.set_xlabel(plane.labels[0])
    axes.set_ylabel(plane.labels[1])
    axes.spines[["top", "right"]].set_visible(False)
    chart.legend(loc="outside upper center", ncols=min(count, 4), frameon=False)
    return chart
