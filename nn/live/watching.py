"""Training, shown live in a notebook: the network, its outputs, and the loss."""

from __future__ import annotations

import functools
import math
import os
import time
from base64 import b64encode
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import explore
from autograd.engine.checks import between, finite, from_zero, integer
from autograd.javascript.graph import real
from autograd.output import notebook
from autograd.output.files import destination, write_file
from autograd.output.film import SECONDS, film_css
from autograd.output.raster import pngs_to_gif, svg_to_png
from autograd.output.theme import document_css
from nn.classes import class_numbers, is_right, right_answers, scores
from nn.data.dataset import Examples
from nn.live.activations import Activations
from nn.live.panels import HEIGHT, WIDTH, curve_panel, loss_panel, network_panel, plane_panel
from nn.live.playground import example_loss, follower, middle_of, parameters_of, playground, script, style
from nn.losses import CLASSIFICATION_LOSSES, Loss
from nn.module import Module
from nn.optim.optimizers import Optimizer
from nn.plane import Plane, spread
from nn.train.history import History
from nn.train.recorded import Recorded
from nn.train.training import Training

Array = NDArray[np.float64]

MAX_SHOWN = 500  # examples in the picture
MOST_EPOCHS = 300  # whose losses the widget has
MOST_AT_ONCE = 10_000  # steps or epochs that a widget may request
RESOLUTION = 48  # points of the plane in each direction


class Watch:
    """Training, shown live.  See ``watch``.

    Arguments:
        training: the training to show.
        names, classes, features: as for ``watch``.
    """

    def __init__(
        self,
        training: Training,
        names: Sequence[str] | None = None,
        classes: Sequence[str] | None = None,
        features: tuple[int, int] | None = None,
    ) -> None:
        self.training = training
        rows = _rows(training.X)
        if names is not None and len(names) != rows.shape[1]:
            raise ValueError(f"{len(names)} name(s) for {rows.shape[1]} column(s) of X")
        self._names = [f"x{i + 1}" for i in range(rows.shape[1])] if names is None else list(map(str, names))
        self._classes = [] if classes is None else list(map(str, classes))
        self._chosen = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MAX_SHOWN)).astype(int)).tolist()
        self._rows = rows[self._chosen]
        self._shown_targets = [training.y[i] for i in self._chosen]
        self._targets = np.array(self._shown_targets, dtype=float)
        self._features = features
        self.plane = Plane(rows, features, self._names, RESOLUTION) if rows.shape[1] > 1 else None
        grid = np.linspace(*spread(rows.tolist()), 1_000) if self.plane is None else self.plane.points
        self._points = np.array(grid)
        self._activations = Activations(training.model, rows[0].tolist(), rows[-1].tolist(), training.engine_name)
        self._before = self._loss()

    @property
    def history(self) -> History:
        """The completed epochs."""
        return self.training.history

    # ------------------------------------------------------------------------------------------------------- training

    def step(self) -> float:
        """Make one step on one mini-batch, and return its loss before the step."""
        return self.training.step()

    def run(self, epochs: int = 1, seconds: float = math.inf) -> None:
        """Train for a number of epochs, the current one included, or until the time is up, but at least one step."""
        integer("epochs", epochs)
        end = time.monotonic() + seconds
        last = (self.training.epoch + epochs - 1) * self.training.steps_per_epoch
        while self.training.steps < last:
            self.training.advance()
            if time.monotonic() >= end:
                break
        self.training.publish()

    def restart(self) -> None:
        """Reset the parameters and the optimizer to their initial state; only the learning rate is kept."""
        self.training.restart()
        self._before = self._loss()

    def _loss(self) -> float | None:
        """The loss of the examples in the picture with the current parameters; None where it is not a finite number."""
        outputs = self._activations(self._rows)[-1].T.tolist()
        try:
            single = len(outputs[0]) == 1
            found = self.training.loss([x[0] if single else x for x in outputs], self._shown_targets)
        except (ArithmeticError, ValueError, TypeError):
            return None
        return float(found) if math.isfinite(found) else None

    @property
    def rate(self) -> float:
        """The learning rate of the next step.  May be set."""
        return self.training.optimizer.rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self.training.optimizer.lr = from_zero("the learning rate", rate)

    # -------------------------------------------------------------------------------------------------------- picture

    @property
    def status(self) -> str:
        """The epoch, the step and the losses, in one line."""
        training = self.training
        parts = [f"epoch {training.steps / training.steps_per_epoch:.4g}", f"step {training.steps}"]
        if training.steps:
            parts.append(f"loss of the last batch {training.last:.4g}")
        elif self._before is not None:
            parts.append(f"loss before training {self._before:.4g}")
        return ", ".join([*parts, *([text] if (text := training.summary()) else [])])

    @property
    def markup(self) -> str:
        """The current picture, as the content of an SVG element."""
        self._activations.confirm(self._points)
        outputs, answers = self._activations(self._points), self._activations(self._rows)[-1]
        with np.errstate(all="ignore"):  # numbers that are not finite are not drawn
            return self._panels(outputs, answers)

    def _panels(self, outputs: list[Array], answers: Array) -> str:
        """The panels, from the outputs of all neurons at the grid points and of the model at the examples shown."""
        history = self.training.history
        parts = [network_panel(self._activations.layers, self._names, outputs, self._points, RESOLUTION)]
        if self.training.loss in CLASSIFICATION_LOSSES:
            parts.append(self._class_panel(outputs[-1], answers))
        else:
            parts.append(self._number_panel(outputs[-1][0], answers[0]))
        parts.append(loss_panel(history.loss, history.validation_loss, self._before))
        return "".join(parts)

    @functools.cached_property
    def _wanted(self) -> tuple[list[int], list[int | list[bool]]]:
        """The class of each example shown, and the answer that is right."""
        kinds, answers = class_numbers(self.training.y), right_answers(self.training.y)
        return [kinds[i] for i in self._chosen], [answers[i] for i in self._chosen]

    def _class_panel(self, outputs: Array, answers: Array) -> str:
        """The decision regions in the plane or, for a single input, the outputs, with the examples along the bottom.

        Arguments:
            outputs, answers: a row for each output of the model, at the grid points and at the examples shown.
        """
        kinds, wanted = self._wanted
        if self.plane is None:
            foot = np.full(len(kinds), np.nanmin(outputs))
            return curve_panel(self._points[:, 0], outputs, self._rows[:, 0], foot, kinds, self._names[0])
        ground = scores((outputs[0] if len(outputs) == 1 else outputs.T).tolist())
        found = answers[0].tolist() if len(answers) == 1 else answers.T.tolist()
        right = list(map(is_right, found, wanted))
        return plane_panel(self.plane, ground, self._rows, kinds, right, "classes, and examples", self._classes)

    def _number_panel(self, output: Array, answer: Array) -> str:
        """The first output over a single input, or the plane, split where it equals the midpoint of the targets."""
        targets = self._targets.reshape(len(self._rows), -1)[:, 0]
        if self.plane is None:
            none = [0] * len(targets)
            return curve_panel(self._points[:, 0], output[None], self._rows[:, 0], targets, none, self._names[0])
        middle = middle_of(targets.tolist())
        kinds = (targets > middle).tolist()
        two = len(set(targets.tolist())) == 2  # then they are two classes; other numbers are neither right nor wrong
        title = f"output, split at {middle:.4g}, and examples"
        right = [not two or (x > middle) == kind for x, kind in zip(answer.tolist(), kinds, strict=True)]
        return plane_panel(self.plane, scores((output - middle).tolist()), self._rows, kinds, right, title)

    @property
    def svg(self) -> str:
        """The current picture as an SVG document."""
        return _document(self._content)

    @property
    def _content(self) -> str:
        """The status and the picture below it."""
        return (
            f'<text class="nw-ink" x="14" y="20">{self.status}</text><g transform="translate(0 26)">{self.markup}</g>'
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the current picture to a file, such as ``training.svg``, or a page that trains, ``playground.html``.

        The page needs no server, no network and no Python: its loss, gradient, neurons and optimizer are those of this
        training, written as JavaScript.

        Arguments:
            path: a file that ends in .svg, .png, which needs resvg-py, or .html.

        Raises:
            ValueError: the ending is none of these, or the training cannot be written as a page.
            ImportError: resvg-py is not installed.
            NoJavaScriptError: an operation of your own has no array form.
        """
        kind = Path(path).suffix.lower()
        if kind == ".html":
            layers = self._activations.layers
            page = playground(self.training, layers, self._names, self._classes, self._features)
            return write_file(path, page)
        if kind not in (".svg", ".png"):
            raise ValueError(f"save the picture as .svg or .png, or the page as .html, not as {Path(path).name!r}")
        return write_file(path, self.svg if kind == ".svg" else svg_to_png(self.svg))

    def film(self, path: str | os.PathLike[str], frames: int = 16, epochs: int = 1, seconds: float = 0.5) -> Path:
        """Train, and write the pictures on the way as a film: a moving SVG document, without a script, or a GIF.

        Arguments:
            path: a file that ends in .svg, or in .gif, which needs resvg-py.
            frames: how many pictures; the first is that of now.
            epochs: how many epochs lie between two pictures.
            seconds: how long each picture is shown; the last is shown for three times as long.

        Raises:
            ValueError: the ending is neither, there are no frames, or seconds is not from 0.02 to 60.
            ImportError: Pillow or resvg-py is not installed.
            NonFiniteLossError: as for ``fit``.
        """
        integer("frames", frames)
        between("seconds", seconds, *SECONDS)
        kind = Path(path).suffix.lower()
        if kind not in (".svg", ".gif"):
            raise ValueError(f"save the film as .svg or .gif, not as {Path(path).name!r}")
        destination(path)
        pictures = [self._content]
        while len(pictures) < frames:
            self.run(epochs)
            pictures.append(self._content)
        lengths = [seconds] * (frames - 1) + [3.0 * seconds]
        if kind == ".gif":
            images = [svg_to_png(_document(picture), 1.0) for picture in pictures]
            return write_file(path, pngs_to_gif(images, [round(1000.0 * length) for length in lengths]))
        ends = list(accumulate(lengths))
        times = [(end - length, end) for end, length in zip(ends, lengths, strict=True)]
        groups = [f'<g class="k{i}">{content}</g>' for i, content in enumerate(pictures)]
        return write_file(path, _document("".join(groups), film_css(times)))

    # ------------------------------------------------------------------------------------------------------- notebook

    def data(self) -> dict[str, Any]:
        """Everything that the widget shows, as plain data."""
        _, drawn = self._script
        return {**drawn, **self._state()}

    @functools.cached_property
    def _script(self) -> tuple[str, dict[str, Any]]:
        """The script of the widget, and what it needs to draw the network; where it cannot, Python draws a picture."""
        layers, chosen = self._activations.layers, self._chosen
        found = follower(self.training, layers, self._names, self._classes, self._features, chosen)
        return found or (script(), {"size": [WIDTH, HEIGHT]})

    def _state(self) -> dict[str, Any]:
        """What the widget shows now: the numbers, or the picture."""
        state = {"status": self.status, "rate": self.rate}
        _, drawn = self._script
        if "rows" not in drawn:
            return {**state, "markup": self.markup}
        parameters = parameters_of(self._activations.layers)
        return {
            **state,
            "parameters": [real(p.data) for p in parameters],
            "gradient": [real(p.grad) for p in parameters],
            "steps": self.training.steps,
            "history": self._epochs(),
        }

    def _epochs(self) -> list[dict[str, float | str | None]]:
        """The losses of at most 300 epochs, the last one among them, and before the first."""
        history = self.history
        shown = np.unique(np.linspace(0, len(history) - 1, min(len(history), MOST_EPOCHS)).astype(int)).tolist()
        found: list[dict[str, float | str | None]] = [{"epoch": 0, "loss": self._before, "heldLoss": None}]
        held = history.validation_loss
        found += [
            {"epoch": i + 1, "loss": real(history.loss[i]), "heldLoss": real(held[i]) if held else None} for i in shown
        ]
        return found

    def _example(self, i: Any) -> str:
        """A page that explores the loss of an example shown."""
        recorded = self.training.engine
        if not isinstance(recorded, Recorded):
            raise ValueError("only an example of a training with engine='program' can be explored here")
        row = recorded.rows[self._chosen[integer("the example", i, 0, len(self._chosen) - 1)]].tolist()
        return explore(example_loss(self.training, recorded, row, self._names)[0]).page

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Carry out a request of the widget, and return its new data.

        Arguments:
            request: any of ``rate``, ``restart``, ``steps``, ``epochs``, and ``seconds``, a time limit for epochs;
                ``example``, the number of an example shown, whose graph is to be explored; and a ``number`` that
                changes with each request, so that every reply differs from the previous one.
        """
        steps, epochs = (integer(name, request.get(name, 0), 0, MOST_AT_ONCE) for name in ("steps", "epochs"))
        seconds = finite("seconds", request["seconds"]) if "seconds" in request else math.inf
        if "rate" in request:
            self.rate = request["rate"]
        if request.get("restart"):
            self.restart()
        for _ in range(steps):
            self.step()
        if epochs:
            self.run(epochs, seconds)
        page = {"page": self._example(request["example"])} if "example" in request else {}
        return {**self._state(), **page, "number": request.get("number", 0)}

    def widget(self) -> Any:
        """The anywidget, for use in marimo and in layouts of ipywidgets.

        Raises:
            ImportError: anywidget is not installed.
        """
        code, _ = self._script
        return notebook.widget(
            "Watch", code, style() + notebook.asset("nn.live", "watch.css"), self.data(), self.answer, self._state
        )

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The static picture and, if anywidget is installed, the widget."""
        image = b64encode(self.svg.encode()).decode()
        html = f'<img alt="a network in training: {self.status}" src="data:image/svg+xml;base64,{image}">'
        return notebook.mimebundle(self.widget, {"text/plain": repr(self), "text/html": html}, options)

    def __repr__(self) -> str:
        return f"<Watch: {self.training.model!r}, {self.status}>"


def _document(content: str, moves: str = "") -> str:
    """A complete SVG document, with the style of what moves in it."""
    style = f"{document_css()}text{{font:12px system-ui,sans-serif}}{notebook.asset('nn.live', 'watch.css')}{moves}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + 26}" width="{WIDTH}" '
        f'height="{HEIGHT + 26}" role="img"><title>a network in training</title><style>{style}</style>'
        f'<rect class="nw-paper" width="100%" height="100%"/>{content}</svg>\n'
    )


def watch(
    model: Module,
    X: Examples,
    y: Examples,
    loss: str | Loss = "mse",
    optimizer: str | Optimizer = "adam",
    batch_size: int = 32,
    validation: tuple[Examples, Examples] | None = None,
    seed: int | None = None,
    engine: str = "program",
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    features: tuple[int, int] | None = None,
) -> Watch:
    """Live training in a notebook: as ``fit``, but step by step, with buttons and a slider for the learning rate.

    The picture shows the network, the plane of the inputs, and the loss.  In the network, each weight is a line: the
    larger the weight relative to its layer, the wider the line; negative weights are dashed.  Each neuron shows its
    output at every point of the plane.  The plane shows the decision boundary and at most 500 examples, outlined if
    misclassified.  The live widget requires anywidget.

    Arguments:
        model: a Module that takes a row of X.  Layers and weights are drawn only for an MLP or a Sequential of Layers.
        X, y: the examples, as rows of numbers, and their targets.  For more than two columns, the plane is that of the
            first two principal components; for one column, the output is drawn as a curve.
        loss: as for ``fit``.  A classification loss, such as "cross_entropy", shows decision regions; any other loss
            splits the plane where the output equals the midpoint of the targets.
        optimizer, batch_size, validation, seed, engine: as for ``fit``; if seed is None, it is 0.
        names, classes: the names of the columns of X and of the classes.
        features: the two columns of X that span the plane; the others are held at their means.

    Returns:
        A Watch: ``step()``, ``run(epochs)``, ``restart()`` and ``rate`` do what the buttons and the slider do,
        ``history`` is as for ``fit``, and ``save("training.svg")`` writes the picture.

    Raises:
        ValueError, TypeError: as for ``fit``, or the examples are not rows of numbers.

    >>> from nn import MLP, data
    >>> moons = data.moons(40, seed=1)
    >>> training = watch(MLP(2, [4, 1], "tanh", seed=1), moons.X, moons.y, loss="binary_cross_entropy", seed=1)
    >>> training.run(epochs=2)
    >>> len(training.history)
    2
    """
    _rows(X)
    seed = 0 if seed is None else seed
    options: dict[str, Any] = {"batch_size": batch_size, "validation": validation, "seed": seed, "engine": engine}
    training = Training(model, X, y, loss=loss, optimizer=optimizer, **options)
    return Watch(training, names, classes, features)


def _rows(X: Examples) -> Array:
    """The examples as an array, if they are rows of numbers."""
    rows = np.asarray(X, dtype=float)
    if rows.ndim != 2 or not rows.size:
        raise ValueError(f"watch needs the examples as rows of numbers, not as an array of shape {rows.shape}")
    if not np.isfinite(rows).all():
        raise ValueError("watch needs finite numbers in the examples, but one is nan or infinite")
    return rows
