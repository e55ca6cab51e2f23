"""Whether the loss of a batch is the mean, or the sum, of the losses of its examples.

A sum may have a term that is added once for the batch, such as a penalty on the parameters; ``split`` finds it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from typing import Any

from autograd import Value, add, flatten, no_grad, sub, topological_order
from nn.data.dataset import Examples
from nn.losses import Loss
from nn.module import Module, to_floats

Losses = list[tuple[float, list[float]]]  # of batches: the loss of the batch, and that of each example


class NotSeparableError(ValueError):
    """The loss of a batch is neither the mean nor the sum of the losses of its examples."""


class NeedsMeanError(ValueError):
    """The examples have weights, and the loss of a batch is not the mean of the losses of its examples."""

    def __init__(self) -> None:
        super().__init__("sample weights need a loss that is, for a batch, the mean of those of its examples")


class Separability:
    """Compares the losses of two batches, of two and of several examples, with those of the examples.

    Arguments:
        model, loss, X, y: as for ``nn.fit``.

    Attributes:
        firsts: the index of the first example with each target.
    """

    def __init__(self, model: Module, loss: Loss, X: Examples, y: Examples) -> None:
        self.model, self.loss, self.X, self.y = model, loss, X, y
        self.firsts = list({str(y[i]): i for i in reversed(range(len(X)))}.values())

    def is_mean(self) -> bool:
        """Whether the loss of a batch is the mean of the losses of its examples."""
        return _are_means(self._losses())

    def check_mean(self) -> None:
        """Check that the examples may have weights.

        Raises:
            NeedsMeanError: the loss of a batch is not the mean of the losses of its examples.
        """
        if not self.is_mean():
            raise NeedsMeanError

    def check_sum(self, plus: float) -> None:
        """Check that the loss of a batch is the sum of the losses of its examples, but for a term that is added once.

        Arguments:
            plus: this term.

        Raises:
            NotSeparableError: it is neither this nor a mean.
        """
        self._check_sums(self._losses(), plus)

    def check_elsewhere(self, plus: float | None, seed: int) -> None:
        """Check for outputs of other sizes, too, that the loss of a batch is a mean or a sum.

        Arguments:
            plus: what is added once to a sum; None for a mean.
            seed: of the random changes of the outputs.

        Raises:
            NotSeparableError: it is not.
        """
        rng = random.Random(seed)
        for size in (1.0, 10.0):

            def moved(x: float, size: float = size) -> float:
                return x + size * rng.gauss(0.0, 1.0)

            try:
                losses = self._losses(moved)
            except (ArithmeticError, ValueError):  # it is not defined there
                continue
            if plus is not None:
                self._check_sums(losses, plus)
            elif not _are_means(losses):
                raise NotSeparableError("the loss of a batch is not always the mean of the losses of its examples")

    def _check_sums(self, losses: Losses, plus: float) -> None:
        for together, alone in losses:
            if not close(together, sum(alone) - (len(alone) - 1) * plus):
                raise NotSeparableError(
                    f"the loss of a batch is not the mean of the losses of its examples, nor their sum: {together:g} "
                    f"for {len(alone)} examples, whose losses are {', '.join(f'{x:g}' for x in alone)}"
                )

    def _losses(self, change: Callable[[float], float] = float) -> Losses:
        """The losses of the two batches, and of their examples.

        Arguments:
            change: changes each number of the outputs first.
        """
        some = sorted({*self.firsts[:4], *random.Random(0).sample(range(len(self.X)), min(len(self.X), 4))})
        some = some if len(some) > 1 else some * 2  # of one example a sum would look like a mean
        with no_grad():
            outputs, targets = [], [self.y[i] for i in some]
            for i in some:
                numbers, unflatten = flatten(self.model(self.X[i]))
                outputs.append(unflatten(change(to_floats(x)) for x in numbers))
            alone = [to_floats(self.loss([output], [target])) for output, target in zip(outputs, targets, strict=True)]
            sizes = {len(some), min(len(some), 2)}
            return [(to_floats(self.loss(outputs[:size], targets[:size])), alone[:size]) for size in sorted(sizes)]


def split(loss: Value, inputs: Iterable[Value]) -> tuple[Value, Value]:
    """The sum of the terms of a loss that depend on the inputs, and the sum of its other terms.

    >>> x, w = Value(2.0), Value(3.0)
    >>> each, once = split(w * x - (x * x - w * w) + 1.0, [x])
    >>> each.data, once.data
    (2.0, 10.0)
    """
    depends = set(inputs)
    for z in topological_order(loss):
        if not depends.isdisjoint(z.args):
            depends.add(z)
    each, once = Value(0.0), Value(0.0)
    todo: list[tuple[Any, bool]] = [(loss, True)]
    while todo:
        term, positive = todo.pop()
        if isinstance(term, Value) and term in depends and term.op in (add, sub):
            first, second = term.args
            todo += [(second, positive == (term.op is add)), (first, positive)]
        elif isinstance(term, Value) and term in depends:
            each = each + term if positive else each - term
        else:
            once = once + term if positive else once - term
    return each, once


def _are_means(losses: Losses) -> bool:
    return all(close(together, sum(alone) / len(alone)) for together, alone in losses)


def close(a: float, b: float) -> bool:
    """Whether two losses are equal, but for rounding."""
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
