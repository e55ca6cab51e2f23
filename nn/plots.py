"""Charts, drawn by matplotlib."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

try:
    from matplotlib.figure import Figure
except ImportError as error:
    raise ImportError("a chart needs the package matplotlib: pip install matplotlib") from error

from autograd.output.files import write_file
from nn.classes import are_signed, class_numbers, margin, scores
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


class Rows(Protocol):
    """Anything with a row for each layer, such as a LayerReport."""

    @property
    def rows(self) -> Sequence[Any]: ...


def plot_layers(report: Rows) -> Chart:
    """Delta and the weight gradient of each layer, on a logarithmic scale, and the saturated and dead fractions."""
    names = [row.layer for row in report.rows]
    chart = Chart(9.2, 3.2)
    sizes, shares = chart.add_subplot(1, 2, 1), chart.add_subplot(1, 2, 2)
    places = range(len(names))
    for i, (series, label) in enumerate((("delta", "delta, dL/dz"), ("weight_gradient", "weight gradient, dL/dw"))):
        heights = [getattr(row, series) or float("nan") for row in report.rows]  # the logarithm of 0 is undefined
        sizes.plot(places, heights, marker=MARKERS[i], color=COLOURS[(0, 3)[i]], label=label, linewidth=1.6)
    sizes.set_yscale("log")
    sizes.set_ylabel("root mean square")
    sizes.legend(frameon=False)
    for i, series in enumerate(("saturated", "dead")):
        heights = [getattr(row, series) for row in report.rows]
        shares.bar([x + 0.4 * i - 0.2 for x in places], heights, 0.4, color=COLOURS[(5, 7)[i]], label=series)
    shares.set_ylim(0.0, 1.0)
    shares.set_ylabel("share")
    shares.legend(frameon=False)
    for axes in (sizes, shares):
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
