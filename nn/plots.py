"""Charts of trainings, of functions, and of what a model has learned."""

from __future__ import annotations

import copy
import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from autograd import Chart, Value, no_grad, value_and_grad
from autograd.engine.checks import between, integer
from autograd.output.files import destination, write_file
from autograd.output.film import SECONDS
from autograd.output.raster import pngs_to_gif
from nn.classes import are_signed, class_numbers
from nn.optim.optimizers import SGD, Adam, Optimizer
from nn.plane import Plane
from nn.rows import without_frame


class Series(Protocol):
    """Anything with one number per epoch in series named loss, accuracy, validation_loss, ..., such as a History."""

    def columns(self) -> dict[str, list[float]]: ...


MARKS = ("circle", "square", "triangle", "diamond", "triangle down", "plus", "cross", "star")


def plot_history(history: Series) -> Chart:
    """The loss of each epoch and, if there is one, the accuracy beside it."""
    columns = history.columns()
    names = [name for name in ("loss", "accuracy") if name in columns]
    chart = Chart(max(440.0 * len(names), 440.0), 300.0, title="the training, epoch by epoch")
    for name in names:
        validation = columns.get(f"validation_{name}", [])
        both = [0.0, *(x for x in (*columns[name], *validation) if math.isfinite(x))]
        if name == "accuracy":
            heights = min([0.5, *both[1:]]) - 0.02, 1.02
        else:
            low, high = min(both), max(both)
            heights = low - (0.04 * (high - low) if low < 0.0 else 0.0), high + 0.04 * (high - low)
        panel = chart.panel(x="epoch", y=name, y_range=heights if heights[0] < heights[1] else None)
        panel.line(columns[name], label="training" if validation else "")
        if validation:
            panel.line(validation, label="validation", dash="dashed")
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

    >>> plot_tangent(lambda x: x**2, 1.0).panels[0].title
    'slope at 1: 2'
    """
    if not span > 0.0 or not all(steps):
        raise ValueError(f"span must be positive, and no step may be 0: {span!r}, {list(steps)!r}")
    if not (math.isfinite(x) and x + span / 1e6 > x):
        raise ValueError(f"x must be finite, and the span large enough to be seen beside it: x is {x!r}, span {span!r}")
    value, slope = value_and_grad(f)(float(x))
    places = [x + span * (i - 100) / 100.0 for i in range(201)]
    heights = [_height(f, place) for place in places]
    seen = [height for height in heights if math.isfinite(height)]
    low, high = min(seen), max(seen)
    extra = 0.05 * (high - low) or 0.5 * abs(high) or 0.5
    chart = Chart(560.0, 400.0, title=f"a function, and its slope at {x:g}")
    # A steep line does not flatten the curve: what leaves the panel is cut off.
    frame: dict[str, Any] = {"x_range": (places[0], places[-1]), "y_range": (low - extra, high + extra)}
    panel = chart.panel(f"slope at {x:g}: {slope:.4g}", "x", **frame)
    panel.line(places, heights, "f", width=2.4)
    panel.line(places, [value + slope * (place - x) for place in places], f"tangent, slope {slope:.4g}", "ink")
    for i, h in enumerate(steps):
        height = _height(f, x + h)
        quotient = (height - value) / h
        line = [value + quotient * (place - x) for place in places]
        panel.line(places, line, f"h = {h:g}, slope {quotient:.4g}", 1 + i, "dashed", 1.4)
        panel.points([x + h], [height], color=1 + i, mark=MARKS[1 + i % 7])
    panel.points([x], [value], color="ink")
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
    names: tuple[str, str] = ("first parameter", "second parameter"),
) -> Descent:
    """A function of two numbers as contour lines, and the paths that optimizers take down it.

    Arguments:
        f: the function to minimize, such as a loss of two weights.
        start: where all paths begin.
        optimizers: for each name a function from two parameters to an optimizer; None for SGD, SGD with momentum, and
            Adam.
        steps: how many steps each of them makes.
        region: the lowest and the highest number shown, for each of the two.
        names: what the two numbers are called.

    Returns:
        A ``Chart``, whose ``film("descent.gif")`` shows the paths step by step.

    Raises:
        ValueError: there are no steps, or the region is empty.
        ArithmeticError: f or its derivative does not exist at a point of a path.

    >>> chart = plot_descent(lambda u, v: u * u + 10.0 * v * v, (1.5, 1.0))
    >>> [line.label for line in chart.panels[0].lines]
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
    us = [left + (right - left) * i / 89.0 for i in range(90)]
    vs = [bottom + (top - bottom) * i / 89.0 for i in range(90)]
    heights = [[_height(f, u, v) for u in us] for v in vs]
    seen = [height for row in heights for height in row if math.isfinite(height)]
    low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
    levels = [low + (high - low) * (i / 14.0) ** 2 for i in range(1, 14)]  # closer near the minimum
    chart = Descent(560.0, 460.0, title="paths of descent on contour lines")
    panel = chart.panel(x=names[0], y=names[1], x_range=(left, right), y_range=(bottom, top))
    panel.contours(us, vs, heights, levels if high > low else [])
    for i, (name, make) in enumerate((optimizers or DESCENTS).items()):
        panel.line(*_path_down(f, start, make, steps), name, i, width=1.4, mark=MARKS[i % 8])
    panel.points([start[0]], [start[1]], color="ink", size=5.0)
    return chart


class Descent(Chart):
    """The paths of optimizers down a function.  See ``plot_descent``."""

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
        frame = copy.deepcopy(self)
        images = []
        for step in range(max(len(line.xs) for line in self.panels[0].lines)):
            for line, whole in zip(frame.panels[0].lines, self.panels[0].lines, strict=True):
                line.xs[:], line.ys[:] = whole.xs[: step + 1], whole.ys[: step + 1]
            images.append(frame.png())
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
    shares = [name for name in ("saturated", "dead") if any(row.saturated or row.dead for row in report.rows)]
    chart = Chart(460.0 * (2 if shares else 1), 300.0, title="the gradient of each layer")
    sizes = chart.panel(y="root mean square", y_log=True, names=names)
    for i, (series, label) in enumerate((("delta", "delta, dL/dz"), ("weight_gradient", "weight gradient, dL/dw"))):
        heights = [getattr(row, series) or math.nan for row in report.rows]  # the logarithm of 0 is undefined
        sizes.line(range(len(names)), heights, label, mark=MARKS[i])
    if shares:
        panel = chart.panel(y="share", y_range=(0.0, 1.0), names=names)
        for i, series in enumerate(shares):
            panel.bars([getattr(row, series) for row in report.rows], series, (4, 5)[i])
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
    X, y = without_frame(X, "X"), without_frame(y, "y")
    plane = Plane(X, features, names, steps)
    outputs = model.predict(plane.points)
    scores = [[-output, output] if isinstance(output, float) else output for output in outputs]
    correct = class_numbers(y)
    count = max(len(scores[0]), max(correct) + 1)
    names_of_classes = classes or [f"class {kind}" for kind in ((-1, 1) if are_signed(y) else range(count))]

    chart = Chart(540.0, 440.0, title="decision regions, and the examples")
    panel = chart.panel(x=plane.labels[0], y=plane.labels[1])
    for i in range(min(count, len(scores[0]))):
        ahead = [row[i] - max(row[:i] + row[i + 1 :]) for row in scores]
        panel.region(plane.u, plane.v, [ahead[j : j + steps] for j in range(0, len(ahead), steps)], i)
    places = plane.project(X)
    for i, name in enumerate(names_of_classes[:count]):
        mine = [place for place, number in zip(places, correct, strict=True) if number == i]
        panel.points([u for u, _ in mine], [v for _, v in mine], name, i, MARKS[i % len(MARKS)])
    return chart
