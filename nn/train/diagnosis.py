"""Diagnosis of a network: activations, gradients and updates, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from autograd import Value, add, backward_steps, grad, mul, topological_order
from autograd.output import notebook
from nn.layers import Layer
from nn.module import Module

if TYPE_CHECKING:
    from autograd import Chart

FLAT = 0.05  # saturated if the slope is below this part of the steepest: tanh beyond 2.2, sigmoid beyond 4.4


@dataclass(frozen=True)
class LayerRow:
    """Statistics of one layer over all examples of a batch.

    Attributes:
        layer: its name.
        units: the number of its neurons.
        activation: the activation of its neurons.
        mean, spread: mean and standard deviation of its outputs.
        saturated: the fraction of outputs where the activation is flat, so that almost no gradient passes.
        dead: the fraction of units that are flat for every example, and so learn nothing.
        delta: root mean square of dL/dz, where z are the weighted sums before the activation.
        weight_gradient: root mean square of dL/dw over the weights.
        update_ratio: the size of a gradient descent step relative to the size of the weights; about 0.001 is usual.
    """

    layer: str
    units: int
    activation: str
    mean: float
    spread: float
    saturated: float
    dead: float
    delta: float
    weight_gradient: float
    update_ratio: float


class LayerReport:
    """The rows of all layers, as a table.  See ``layer_report``.

    Attributes:
        rows: one for each layer, from the inputs to the output.
    """

    def __init__(self, rows: list[LayerRow]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[LayerRow]:
        return iter(self.rows)

    def __getitem__(self, i: int) -> LayerRow:
        return self.rows[i]

    def _cells(self) -> list[list[str]]:
        """The table as text, with the column names in the first row."""
        head = [column.name.replace("_", " ") for column in fields(LayerRow)]
        rows = [
            [f"{x:.0%}" if name in ("saturated", "dead") else _short(x) for name, x in vars(row).items()]
            for row in self.rows
        ]
        return [head, *rows]

    def __str__(self) -> str:
        cells = self._cells()
        widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
        return "\n".join(
            "  ".join(
                text.ljust(w) if i in (0, 2) else text.rjust(w)
                for i, (text, w) in enumerate(zip(row, widths, strict=True))
            )
            for row in cells
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, *rows = self._cells()
        return notebook.table(head, rows)

    def plot(self) -> Chart:
        """A chart of delta and the weight gradient in each layer, on a logarithmic scale."""
        from nn.plots import plot_layers

        return plot_layers(self)


def layer_report(model: Module, loss: Value, lr: float = 0.01) -> LayerReport:
    """Diagnose each layer of a model: its activations, its gradients, and the size of its next step.

    Weight gradients can look healthy in every layer while delta, the gradient that is propagated back, vanishes; so
    the report shows both.

    Arguments:
        model: a model made of ``Layer``s.
        loss: a loss computed by this model, for one example or for a batch; no ``grad`` is changed.
        lr: the learning rate, for the size of a step.

    Raises:
        TypeError: loss is not a Value.
        ValueError: the model has no ``Layer``, or the loss was not computed by it.

    Sources: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010;
    Karpathy, makemore, 2022.

    >>> from nn import MLP
    >>> model = MLP(2, [3, 1], activation="tanh", seed=1)
    >>> report = layer_report(model, (model([1.0, 2.0]) - 1.0) ** 2)
    >>> [(row.layer, row.units, row.activation) for row in report]
    [('layers.0', 3, 'tanh'), ('layers.1', 1, 'linear')]
    """
    if not isinstance(loss, Value):
        raise TypeError(f"the loss must be a Value computed by the model, not {loss!r}")
    layers = list(_layers(model))
    if not layers:
        raise ValueError(f"{model!r} is not made of nn.Layer, so there are no layers to report on")
    adjoint = {step.node: step.adjoint for step in backward_steps(loss)}
    order = topological_order(loss)
    by_scope: dict[str, list[Value]] = {}
    for node in order:
        by_scope.setdefault(node.scope, []).append(node)
    read_outside = {x for node in order for x in node.args if isinstance(x, Value) and x.scope != node.scope}
    return LayerReport([_row(layer, by_scope, read_outside, adjoint, lr) for layer in layers])


def _layers(model: Module) -> Iterator[Layer]:
    """All layers, in order."""
    if isinstance(model, Layer):
        yield model
        return
    for _, part in model.inner_modules():
        yield from _layers(part)


def _row(
    layer: Layer,
    by_scope: dict[str, list[Value]],
    read_outside: set[Value],
    adjoint: dict[Value, float],
    lr: float,
) -> LayerRow:
    outputs, deltas, slopes = [], [], []
    weights, weight_gradients = [], []
    dead = 0
    for neuron in layer.neurons:
        own = set(neuron.weights)
        nodes = by_scope.get(neuron.bias.scope, [])
        # The sum before the activation is the last addition that has a product with a weight as an operand.
        sums = [node for node in nodes if node.op is add and any(_reads(x, own) for x in node.args)]
        inner = {x for node in sums for x in node.args}
        before = [node for node in sums if node not in inner]
        after = [node for node in nodes if node.op is not None and node not in inner and node in read_outside]
        if not before:
            raise ValueError(
                f"the loss was not computed by this model: it contains no node of {neuron.bias.scope or layer!r}"
            )
        here = [1.0 if neuron._activate is None else abs(float(grad(neuron._activate)(z.data))) for z in before]
        dead += max(here) == 0.0
        slopes += here
        deltas += [adjoint[z] for z in before]
        outputs += [h.data for h in after or before]
        weights += [w.data for w in neuron.weights]
        weight_gradients += [adjoint.get(w, 0.0) for w in neuron.weights]
    mean = sum(outputs) / len(outputs)
    steps = rms(weight_gradients)
    return LayerRow(
        layer.name,
        len(layer.neurons),
        layer.activation,
        mean,
        rms(x - mean for x in outputs),
        sum(slope < flat_below(layer.activation) for slope in slopes) / len(slopes),
        dead / len(layer.neurons),
        rms(deltas),
        steps,
        lr * steps / rms(weights) if any(weights) else math.inf,
    )


def _reads(x: object, weights: set[Value]) -> bool:
    """Whether x is a product with one of the weights."""
    return isinstance(x, Value) and x.op is mul and not weights.isdisjoint(x.args)


def flat_below(activation: str) -> float:
    """The slope below which an activation is flat."""
    return FLAT * (0.25 if activation == "sigmoid" else 1.0)


def rms(numbers: Iterable[float]) -> float:
    """The root mean square; 0 for no numbers.

    >>> rms([3.0, -4.0, 5.0, 0.0]) == 12.5**0.5
    True
    """
    squares = [x * x for x in numbers]
    return math.sqrt(sum(squares) / len(squares)) if squares else 0.0


def _short(x: object) -> str:
    return f"{x:.3g}" if isinstance(x, float) else str(x)
