"""Two ways to the gradient of a mini-batch: a graph for each example, or one graph, recorded once and replayed."""

from __future__ import annotations

import math
from typing import Any, Protocol

from autograd import Value, flatten, no_grad, record, topological_order
from nn.data import Examples
from nn.losses import BY_NAME, CLASSIFICATION_LOSSES, Loss, cross_entropy, nll
from nn.module import Module, plain
from nn.optim import Optimizer


class Engine(Protocol):
    """What training needs of either."""

    def learn(self, batch: list[int]) -> tuple[float, list[Any]]:
        """Set the gradient of each parameter to that of the mean loss over a batch.

        Arguments:
            batch: the numbers of its examples.

        Returns:
            The loss, and for a loss with classes the outputs.

        Raises:
            ArithmeticError: the loss is no finite number; the message names the first node that is none.
            DomainError: an operation is not defined for its numbers.
        """


class Eager:
    """For each example a graph, made and differentiated anew, as you would write it yourself."""

    def __init__(self, model: Module, loss: Loss, optimizer: Optimizer, X: Examples, y: Examples) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.X, self.y = X, y

    def learn(self, batch: list[int]) -> tuple[float, list[Any]]:
        self.optimizer.zero_grad()
        outputs = [self.model(self.X[i]) for i in batch]
        loss = self.loss(outputs, [self.y[i] for i in batch])
        _finite(_differentiable(loss))
        loss.backward()
        return loss.data, outputs


class Recorded:
    """The loss of one example, recorded once and replayed over whole batches as a Program.

    Arguments:
        model, loss, optimizer, X, y: as for ``nn.fit``.

    Raises:
        ImportError: there is no NumPy.
        TypeError, ValueError: the model or the loss cannot be replayed; the message says why.
    """

    def __init__(self, model: Module, loss: Loss, optimizer: Optimizer, X: Examples, y: Examples) -> None:
        import numpy as np

        from autograd import Program

        self.eager = Eager(model, loss, optimizer, X, y)
        self.parameters = optimizer.parameters
        numbers, rebuild = flatten(X[0])
        with no_grad():
            output = model(X[0])
            if loss in CLASSIFICATION_LOSSES:
                for target in {tuple(map(float, flatten(y[i])[0])): y[i] for i in range(len(y))}.values():
                    loss([output], [target])  # a replay does not look whether a target is a class
        # Classes come as a 1 among zeros, so that one recording serves them all.
        self.classes = len(flatten(output)[0]) if loss in (cross_entropy, nll) else 0
        rows = [self.row(X[i], y[i]) for i in range(len(X))]
        lengths = sorted({len(row) for row in rows})
        if len(lengths) > 1:
            raise ValueError(f"the examples differ: one has {lengths[0]} numbers with its target, one {lengths[-1]}")
        self.columns = np.array(rows).T
        rebuild_target = flatten([0.0] * self.classes if self.classes else y[0])[1]

        def example(*given: Value) -> tuple[Any, Any]:
            values = iter(given)
            outputs = model(rebuild(values))
            return _differentiable(loss([outputs], [rebuild_target(values)])), outputs

        recording = record(example, rows[0], rows[-1], unused=True)
        self.rebuild = recording.rebuild
        mean, *outputs = recording.outputs
        if loss not in BY_NAME.values():
            self.check_mean(model, loss, X, y)
        self.step = Program.value_and_grad(mean, recording.inputs)
        place = {parameter: i for i, parameter in enumerate(self.step.parameters)}
        self.places = [place.get(parameter) for parameter in self.parameters]
        self.inputs = len(numbers)
        self.outputs = Program(outputs, recording.inputs[: self.inputs]) if loss in CLASSIFICATION_LOSSES else None

    def row(self, x: Any, target: Any) -> list[float]:
        """An example and its target as one list of numbers."""
        found = list(map(float, flatten(x)[0]))
        if self.classes and not hasattr(target, "__len__"):
            return found + [float(i == target) for i in range(self.classes)]
        return found + list(map(float, flatten(target)[0]))

    def check_mean(self, model: Module, loss: Loss, X: Examples, y: Examples) -> None:
        """See that the loss of a batch is the mean of the losses of its examples."""
        with no_grad():
            outputs = [model(X[0]), model(X[len(X) - 1])]
            targets = [y[0], y[len(y) - 1]]
            both = plain(loss(outputs, targets))
            alone = [plain(loss([output], [target])) for output, target in zip(outputs, targets, strict=True)]
        if not math.isclose(both, sum(alone) / 2.0, rel_tol=1e-9, abs_tol=1e-12):
            raise ValueError(
                f"the loss of a batch is not the mean of the losses of its examples: {both:g} for two examples, whose "
                f"losses are {alone[0]:g} and {alone[1]:g}"
            )

    def learn(self, batch: list[int]) -> tuple[float, list[Any]]:
        columns = self.columns[:, batch]
        rows: list[Any] = []
        try:
            if self.outputs is not None:
                found = self.outputs(*columns[: self.inputs])
                rows = list(zip(*(column.tolist() for column in found), strict=True))
            loss, gradient = self.step(*columns)
        except (ArithmeticError, ValueError):
            loss = math.nan
        if not math.isfinite(loss) or not all(map(math.isfinite, slopes := gradient.tolist())):
            return self.eager.learn(batch)  # which names the node that it was
        for parameter, place in zip(self.parameters, self.places, strict=True):
            parameter.grad = 0.0 if place is None else slopes[place]
        return loss, [self.rebuild(iter([loss, *row]))[1] for row in rows]


def _differentiable(loss: Any) -> Value:
    """The loss, if it is a Value."""
    if not isinstance(loss, Value):
        raise TypeError(f"the loss must depend on the parameters and so be a Value, not {loss!r}")
    return loss


def _finite(loss: Value) -> None:
    """Raise an error that names the first node that is not a finite number, if the loss is not."""
    if not math.isfinite(loss.data):
        bad = next(node for node in topological_order(loss) if not math.isfinite(node.data))
        what = f"{bad.op.name} gave" if bad.op else "a leaf holds"
        name = f" ({bad.label})" if bad.label else ""
        where = f" in {bad.scope}" if bad.scope else ""
        raise ArithmeticError(f"the loss is {loss.data}; first {what} {bad.data}{name}{where}")
