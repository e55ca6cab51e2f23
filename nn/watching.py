"""Training to watch: the network, what it says, and its loss, while it learns, in a notebook."""

from __future__ import annotations

import math
import os
import time
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograd import live, no_grad, record
from autograd.files import write_file
from nn.data import Examples
from nn.layers import Layer, Sequential
from nn.losses import CLASSIFICATION_LOSSES, Loss
from nn.module import Module
from nn.optim import Optimizer
from nn.panels import HEIGHT, WIDTH, curve_panel, loss_panel, network_panel, plane_panel
from nn.plane import Array, Plane, scores
from nn.training import Training

MOST_SHOWN = 500  # examples
STEPS = 48  # points of the plane in each direction


class Watch:
    """A training to watch.  See ``watch``.

    Arguments:
        training: what is done, with its ``history``.
        names, classes: as for ``watch``.
    """

    def __init__(
        self, training: Training, names: Sequence[str] | None = None, classes: Sequence[str] | None = None
    ) -> None:
        self.training = training
        X, y = training.X, training.y
        rows = _rows(X)
        self.classes = list(classes) if classes else None
        chosen = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_SHOWN)).astype(int))
        self._rows, self._targets = rows[chosen], [y[int(i)] for i in chosen]
        self._names = list(names) if names else [f"x{i + 1}" for i in range(rows.shape[1])]
        self.plane = Plane(rows, None, names, STEPS) if rows.shape[1] > 1 else None
        if self.plane is not None:
            self._points = self.plane.points
        else:
            margin = 0.08 * np.ptp(rows) + 1e-9
            self._points = np.linspace(rows.min() - margin, rows.max() + margin, STEPS * STEPS)[:, None]
        self._responses = _Responses(training.model, rows[0].tolist(), rows[-1].tolist())

    # ------------------------------------------------------------------------------------------------------- training

    def step(self) -> float:
        """One step, from one mini-batch; its loss before the step."""
        return self.training.step()

    def run(self, epochs: int = 1, seconds: float = math.inf) -> None:
        """To the end of so many epochs, or until the time is over, but one step at least."""
        end = time.monotonic() + seconds
        last = (self.training.epoch + epochs - 1) * self.training.batches
        while self.training.steps < last:
            self.training.step()
            if time.monotonic() > end:
                break

    def restart(self) -> None:
        """Take back the parameters and the optimizer as they were at first; only the learning rate stays."""
        self.training.restart()

    @property
    def rate(self) -> float:
        """The learning rate of the next step.  May be set."""
        return self.training.optimizer.rate

    @rate.setter
    def rate(self, rate: float) -> None:
        if not (isinstance(rate, int | float) and 0.0 <= rate < math.inf):
            raise ValueError(f"the learning rate is a number from 0, not {rate!r}")
        self.training.optimizer.lr = float(rate)

    # -------------------------------------------------------------------------------------------------------- picture

    @property
    def status(self) -> str:
        """Where training is, in one line."""
        training = self.training
        parts = [f"epoch {training.steps / training.batches:.4g}", f"step {training.steps}"]
        if training.steps:
            parts.append(f"loss of the last batch {training.last:.4g}")
        return ", ".join([*parts, *([text] if (text := training.summary()) else [])])

    @property
    def markup(self) -> str:
        """The picture as it stands now, as the inside of an SVG document."""
        classified = self.training.loss in CLASSIFICATION_LOSSES
        found = self._responses(self._points)
        told = self._responses(self._rows)[-1]
        parts = [network_panel(self._responses.layers, self._names, found, self._points, STEPS, self.plane is not None)]
        if self.plane is None:
            targets = [float(np.ravel(target)[0]) for target in self._targets]
            parts.append(curve_panel(self._points[:, 0], found[-1][0], self._rows[:, 0], targets, self._names[0]))
        else:
            outputs = scores(found[-1][0] if len(found[-1]) == 1 or not classified else found[-1].T)
            at = scores(told[0] if len(told) == 1 or not classified else told.T)
            parts.append(plane_panel(self.plane, outputs, self._rows, self._kinds(classified), at, self.classes))
        parts.append(loss_panel(self.training.history.loss))
        return "".join(parts)

    def _kinds(self, classified: bool) -> list[int]:
        """The class of each example that is shown; of a number that is no class, whether it is above zero."""
        first = [float(np.ravel(target)[0]) for target in self._targets]
        if classified and min(first) >= 0.0:
            return [int(target) for target in first]
        return [int(target > 0.0) for target in first]

    @property
    def svg(self) -> str:
        """The picture as it stands now, as an SVG document; it needs Pillow.

        Raises:
            ImportError: Pillow is not installed.
        """
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + 26}" width="{WIDTH}" '
            f'height="{HEIGHT + 26}" role="img"><title>a network in training</title><style>{_COLOURS}\n'
            f'{live.asset("nn", "watch.css")}</style><rect class="nw-paper" width="100%" height="100%"/>'
            f'<text class="nw-ink" x="14" y="20">{self.status}</text>'
            f'<g transform="translate(0 26)">{self.markup}</g></svg>\n'
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture as it stands now to a file, ``training.svg``.

        Raises:
            ValueError: the ending is not .svg.
        """
        if Path(path).suffix.lower() != ".svg":
            raise ValueError(f"the picture is saved as .svg, not as {Path(path).name!r}")
        return write_file(path, self.svg)

    # ------------------------------------------------------------------------------------------------------- notebook

    def data(self) -> dict[str, Any]:
        """All that the widget shows, as plain data."""
        return {
            "markup": self.markup,
            "size": [WIDTH, HEIGHT],
            "status": self.status,
            "rate": self.rate,
            "steps": self.training.steps,
        }

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """What the widget asks for: ``rate``, ``restart``, ``steps`` or ``epochs``; then its new data."""
        if "rate" in request:
            self.rate = float(request["rate"])
        if request.get("restart"):
            self.restart()
        for _ in range(int(request.get("steps", 0))):
            self.step()
        if request.get("epochs"):
            self.run(int(request["epochs"]), seconds=0.2)
        return {**self.data(), "number": request.get("number", 0)}  # an answer is never equal to the one before

    def widget(self) -> Any:
        """The anywidget, for marimo and for pages of ipywidgets.

        Raises:
            ImportError: anywidget is not installed.
        """
        style = live.asset("autograd", "widget.css") + live.asset("nn", "watch.css")
        return live.widget(live.asset("nn", "watch.js"), style, self.data(), self.answer)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The live widget where anywidget is installed; with it, and without it, the picture that stays."""
        image = b64encode(self.svg.encode()).decode()
        html = f'<img alt="a network in training: {self.status}" src="data:image/svg+xml;base64,{image}">'
        return live.mimebundle(self.widget, {"text/plain": repr(self), "text/html": html}, options)

    def __repr__(self) -> str:
        return f"<Watch: {self.training.model!r}, {self.status}>"


def watch(
    model: Module,
    X: Examples,
    y: Examples,
    loss: str | Loss = "mse",
    optimizer: str | Optimizer = "adam",
    batch_size: int = 32,
    seed: int | None = None,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
) -> Watch:
    """Training to watch: as ``fit``, but step by step, played and paused in a notebook, with a slider for the rate.

    The picture shows the network, each weight as a line, as wide as it is large, dashed where it is negative; in each
    neuron what it says at every point of the plane; the plane with the examples and the boundary between the classes;
    and the loss.  The live widget needs the package anywidget, and the picture Pillow.

    Arguments:
        model: a Module that takes a row of X.  The lines are drawn for an MLP, and a Sequential of Layers.
        X, y: the examples, in rows of numbers, and their targets.  Of more than two columns the plane of the first two
            principal components is shown; of one, the curve.
        loss, optimizer, batch_size, seed: as for ``fit``; without a seed the order of examples is that of seed 0.
        names, classes: the names of the columns of X and of the classes.

    Returns:
        The training: ``step()``, ``run(epochs)``, ``restart()`` and ``rate`` do by hand what the buttons do, and
        ``save("training.svg")`` writes the picture.

    Raises:
        ValueError, TypeError: as for ``fit``, or the examples are no rows of numbers.

    >>> from nn import MLP, data
    >>> moons = data.moons(40, seed=1)
    >>> training = watch(MLP(2, [4, 1], "tanh", seed=1), moons.X, moons.y, loss="binary_cross_entropy", seed=1)
    >>> training.run(epochs=2)
    >>> len(training.training.history)
    2
    """
    _rows(X)
    training = Training(model, X, y, loss, optimizer, batch_size, seed=0 if seed is None else seed)
    return Watch(training, names, classes)


def _rows(X: Examples) -> Array:
    """The examples as an array, if they are rows of numbers."""
    rows = np.asarray(X, dtype=float)
    if rows.ndim != 2 or not rows.size:
        raise ValueError(f"watch needs examples in rows of numbers, not in the shape {rows.shape}")
    return rows


class _Responses:
    """What each neuron says to many examples, by one recording.

    Arguments:
        model: the model.
        first, last: two examples.

    Attributes:
        layers: the layers of the model; none if it is not made of Layers alone.
    """

    def __init__(self, model: Module, first: list[float], last: list[float]) -> None:
        from autograd import Program

        self.model = model
        inside = model.layers if isinstance(model, Sequential) else []
        layers = [layer for layer in inside if isinstance(layer, Layer)]
        self.layers = layers if len(layers) == len(inside) else []

        def outputs(*numbers: Any) -> list[Any]:
            x: Any = list(numbers)
            if not self.layers:
                x = model(x)
                return [x if isinstance(x, list | tuple) else [x]]
            found = []
            for layer in self.layers:
                x = layer(x)
                found.append(x)
            return found

        with no_grad():
            self.sizes = [len(part) for part in outputs(*first)]
        try:
            recording = record(outputs, first, last, unused=True)
            self.program: Program | None = Program(recording.outputs, recording.inputs)
        except (TypeError, ValueError, ArithmeticError):  # the model branches on its numbers, say
            self.program = None

    def __call__(self, points: Array) -> list[Array]:
        """For each layer a row for each neuron, with what it says at each point."""
        if self.program is None:
            found = np.array(self.model.predict(points.tolist()), dtype=float).reshape(len(points), -1).T
            return [found]
        columns = np.array(self.program(*points.T))
        return np.split(columns, np.cumsum(self.sizes)[:-1])


_COLOURS = """:root{--paper:#ffffff;--ink:#1f2328;--muted:#59636e;--line:#8a94a3}
text{font:12px system-ui,sans-serif}
@media (prefers-color-scheme:dark){:root{--paper:#15181d;--ink:#e6edf3;--muted:#9aa7b5;--line:#8a94a3}}"""
