"""Eager training: a new graph for each example, built and differentiated as you would write it yourself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from autograd import Value, assign, no_grad, topological_order
from nn.data.dataset import Examples
from nn.losses import Loss
from nn.modes import demand_of, draws, numbers_from, training
from nn.module import Module, to_floats
from nn.optim.optimizers import Optimizer


class Eager:
    """A new graph for each example.

    Arguments:
        model, loss, optimizer, X, y: as for ``nn.fit``.
        weights: the weight of each example; None if all are equal.

    Attributes:
        draws: how many random numbers the model asks for, for each example.
        has_modes: whether it behaves differently in training.
    """

    def __init__(
        self,
        model: Module,
        loss: Loss,
        optimizer: Optimizer,
        X: Examples,
        y: Examples,
        weights: Sequence[float] | None = None,
    ) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.X, self.y, self.weights = X, y, weights
        self.targets: Examples = y
        self.draws, self.has_modes = 0, False
        with no_grad(), suppress(ArithmeticError, ValueError):  # which the first step reports
            self.draws, self.has_modes = demand_of(lambda: model(X[0]))
        self._is_mean = False  # whether the loss of a batch is known to be a mean
        self._outputs: list[Any] = [None] * len(X)

    def step(self, batch: Sequence[int], key: tuple[int, int]) -> float:
        """Make one optimizer step on the mean loss over a batch, and return this loss before the step.

        Arguments:
            batch: the indices of its examples.
            key: of the random numbers that modules ask for; see ``draws``.

        Raises:
            ArithmeticError: the loss is not finite; the message names the first node that is not.
            DomainError: an operation is not defined for its operands.
        """
        self.optimizer.zero_grad()
        outputs = self._in_training(batch, key)
        loss = differentiable(self._loss_of(outputs, batch))
        _finite(loss)
        loss.backward()
        self.optimizer.step()
        for i, output in zip(batch, outputs, strict=True):
            self._outputs[i] = output
        return loss.data

    def _in_training(self, batch: Sequence[int], key: tuple[int, int]) -> list[Any]:
        """The outputs for a batch, in training."""
        noise: Any = draws(key, len(batch), self.draws) if self.draws else [()] * len(batch)
        found = []
        for i, row in zip(batch, noise, strict=True):
            with training(numbers_from(map(float, row))):
                found.append(self.model(self.X[i]))
        return found

    def _loss_of(self, outputs: list[Any], batch: Sequence[int]) -> Any:
        """The loss of a batch; with weights  sum(weight * loss) / sum(weight)."""
        if self.weights is None:
            return self.loss(outputs, [self.y[i] for i in batch])
        weights = [self.weights[i] for i in batch]
        each = [self.loss([output], [self.y[i]]) for output, i in zip(outputs, batch, strict=True)]
        if not self._is_mean:
            together = to_floats(self.loss(outputs, [self.y[i] for i in batch]))
            if not math.isclose(together, math.fsum(map(to_floats, each)) / len(each), rel_tol=1e-9, abs_tol=1e-12):
                raise ValueError("sample weights need a loss that is, for a batch, the mean of those of its examples")
            self._is_mean = True
        weighted = [w * loss for w, loss in zip(weights, each, strict=True)]
        return sum(weighted[1:], weighted[0]) / math.fsum(weights)

    def outputs(self) -> list[Any]:
        """The output for each example, in the order of X, in its last batch before the step."""
        return [to_floats(output) for output in self._outputs]

    def evaluate(self, X: Examples, y: Examples) -> tuple[float, Any]:
        """The loss of other examples, and the outputs for them."""
        outputs = self.model.predict([X[i] for i in range(len(X))], "eager")
        return to_floats(self.loss(outputs, y)), outputs

    def values(self) -> list[Value]:
        """The Values that training changes."""
        return list(dict.fromkeys([*self.model.parameters(), *self.optimizer.parameters]))

    def mark(self) -> Any:
        """The present numbers, to ``go_back`` to."""
        optimizer = self.optimizer
        return [(p.data, p.grad) for p in optimizer.parameters], optimizer.state, optimizer.steps

    def go_back(self, mark: Any) -> None:
        """Undo what Ctrl-C interrupted."""
        numbers, self.optimizer.state, self.optimizer.steps = mark
        assign(self.optimizer.parameters, [data for data, _ in numbers])
        for parameter, (_, slope) in zip(self.optimizer.parameters, numbers, strict=True):
            parameter.grad = slope

    def outputs_so_far(self) -> Any:
        """The outputs of this epoch, to ``load_outputs`` from."""
        return [None if output is None else to_floats(output) for output in self._outputs]

    def load_outputs(self, outputs: Any) -> None:
        self._outputs = list(outputs)

    def publish(self) -> None:
        """The Values hold all numbers, always."""

    def collect(self) -> None:
        """The numbers of the Values are read where they are used."""

    def confirm(self, seed: int) -> None:
        """Nothing is replayed, so there is nothing to check."""


def differentiable(loss: Any) -> Value:
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
