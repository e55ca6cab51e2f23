"""Two ways to compute the gradient of a mini-batch: a graph for each example, or one graph, recorded and replayed."""

from __future__ import annotations

import functools
import math
import random
from typing import Any

from autograd import Value, flatten, flatten_like, no_grad, topological_order
from nn.data.dataset import Examples
from nn.losses import BY_NAME, CLASS_NUMBER_LOSSES, CLASSIFICATION_LOSSES, Loss
from nn.module import Module, to_floats
from nn.optim.optimizers import Optimizer


class Eager:
    """A new graph for each example, built and differentiated as you would write it yourself."""

    def __init__(self, model: Module, loss: Loss, optimizer: Optimizer, X: Examples, y: Examples) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.X, self.y = X, y

    def learn(self, batch: list[int]) -> tuple[float, list[Any]]:
        """Set the gradient of each parameter to that of the mean loss over a batch.

        Arguments:
            batch: the indices of its examples.

        Returns:
            The loss and, for a classification loss, the outputs.

        Raises:
            ArithmeticError: the loss is not finite; the message names the first node that is not.
            DomainError: an operation is not defined for its operands.
        """
        self.optimizer.zero_grad()
        outputs = [self.model(self.X[i]) for i in batch]
        loss = self.loss(outputs, [self.y[i] for i in batch])
        _finite(_differentiable(loss))
        loss.backward()
        return loss.data, outputs

    def predict(self, X: list[Any]) -> list[Any]:
        """The outputs of the model for other examples, as plain numbers."""
        return self.model.predict(X, "eager")

    def confirm(self, seed: int) -> None:
        """Nothing is replayed, so there is nothing to check."""


class Recorded:
    """The loss of one example, recorded once and replayed over whole batches as a Program; the methods of ``Eager``.

    Arguments:
        model, loss, optimizer, X, y: as for ``nn.fit``.

    Raises:
        ImportError: NumPy is not installed.
        TypeError, ValueError: the model or the loss cannot be replayed; the message says why.
    """

    def __init__(self, model: Module, loss: Loss, optimizer: Optimizer, X: Examples, y: Examples) -> None:
        import numpy as np

        from autograd import ExampleProgram, Program

        self.eager = Eager(model, loss, optimizer, X, y)
        self.parameters = optimizer.parameters
        with no_grad():
            output = model(X[0])
            if loss in CLASSIFICATION_LOSSES:
                for target in {tuple(map(float, flatten(y[i])[0])): y[i] for i in range(len(y))}.values():
                    loss([output], [target])  # a replay does not check targets, so check all classes now
        self.classes = len(flatten(output)[0]) if loss in CLASS_NUMBER_LOSSES else 0

        def example(given: tuple[Any, Any]) -> tuple[Any, Any]:
            x, target = given
            outputs = model(x)
            return _differentiable(loss([outputs], [target])), outputs

        last = len(X) - 1
        self.like = self.example(X[0], y[0])
        self.rows = [self.row(i, X[i], y[i]) for i in range(len(X))]
        self.columns = np.array(self.rows).T
        self.recorded = recorded = ExampleProgram(example, self.like, self.example(X[last], y[last]))
        mean, *outputs = recorded.recording.outputs
        if loss not in BY_NAME.values():
            self.check_mean(model, loss, X, y)
        inputs = recorded.recording.inputs
        self.step = Program.value_and_grad(mean, inputs)
        place = {parameter: i for i, parameter in enumerate(self.step.parameters)}
        self.places = [place.get(parameter) for parameter in self.parameters]
        self.inputs = len(flatten(X[0])[0])
        self.counts = loss in CLASSIFICATION_LOSSES
        self.outputs = functools.cache(lambda: Program(outputs, inputs[: self.inputs]))
        self.confirm(0)

    def example(self, x: Any, target: Any) -> tuple[Any, Any]:
        """An example and its target, one-hot encoded if it is a class."""
        if self.classes and not hasattr(target, "__len__"):
            target = [float(k == target) for k in range(self.classes)]
        return x, target

    def row(self, i: int, x: Any, target: Any) -> list[float]:
        """Example i and its target as one list of numbers; both must be structured like the first."""
        pairs = zip(self.example(x, target), self.like, (f"example {i}", f"target {i}"), strict=True)
        return [float(number) for part, like, name in pairs for number in flatten_like(part, like, name)]

    def confirm(self, seed: int) -> None:
        """Compare a replay of some examples with the current model and loss.

        Arguments:
            seed: selects the examples.

        Raises:
            ValueError: they differ; the message says for which example and how.
        """
        self.recorded.confirm(self.rows, seed)

    def predict(self, X: list[Any]) -> list[Any]:
        rows = [flatten_like(x, self.like[0], f"example {i}") for i, x in enumerate(X)]
        try:
            return [to_floats(output) for output in self.rebuilt(self.outputs()(*zip(*rows, strict=True)))]
        except (ArithmeticError, ValueError):
            return self.eager.predict(X)  # which reports the error precisely

    def rebuilt(self, columns: list[Any]) -> list[Any]:
        """The outputs for each example, from an array for each number."""
        loss = columns[0]  # a placeholder: the loss is not used
        return [outputs for _, outputs in self.recorded.rebuilt([loss, *columns])]

    def check_mean(self, model: Module, loss: Loss, X: Examples, y: Examples) -> None:
        """Check that the loss of a batch is the mean of the losses of its examples."""
        first = {str(y[i]): i for i in reversed(range(len(X)))}  # the first example of each target
        some = sorted({*list(first.values())[:4], *random.Random(0).sample(range(len(X)), min(len(X), 4))})
        with no_grad():
            outputs, targets = [model(X[i]) for i in some], [y[i] for i in some]
            together = to_floats(loss(outputs, targets))
            alone = [to_floats(loss([output], [target])) for output, target in zip(outputs, targets, strict=True)]
        if not math.isclose(together, sum(alone) / len(alone), rel_tol=1e-9, abs_tol=1e-12):
            raise ValueError(
                f"the loss of a batch is not the mean of the losses of its examples: {together:g} for {len(alone)} "
                f"examples, whose losses are {', '.join(f'{x:g}' for x in alone)}"
            )

    def learn(self, batch: list[int]) -> tuple[float, list[Any]]:
        columns = self.columns[:, batch]
        outputs: list[Any] = []
        try:
            if self.counts:
                outputs = self.rebuilt(self.outputs()(*columns[: self.inputs]))
            loss, gradient = self.step(*columns)
        except (ArithmeticError, ValueError):
            loss = math.nan
        if not math.isfinite(loss) or not all(map(math.isfinite, slopes := gradient.tolist())):
            return self.eager.learn(batch)  # which names the node
        for parameter, place in zip(self.parameters, self.places, strict=True):
            parameter.grad = 0.0 if place is None else slopes[place]
        return loss, outputs


def _differentiable(loss: Any) -> Value:
    """The loss, checked to be a Value."""
    if not isinstance(loss, Value):
        raise TypeError(f"the loss must depend on the parameters and so be a Value, not {loss!r}")
    return loss


def _finite(loss: Value) -> None:
    """If the loss is not finite, raise an error that names the first non-finite node."""
    if not math.isfinite(loss.data):
        bad = next(node for node in topological_order(loss) if not math.isfinite(node.data))
        what = f"{bad.op.name} gave" if bad.op else "a leaf holds"
        name = f" ({bad.label})" if bad.label else ""
        where = f" in {bad.scope}" if bad.scope else ""
        raise ArithmeticError(f"the loss is {loss.data}; the first non-finite node: {what} {bad.data}{name}{where}")
