"""Whether the loss of a batch is the mean, or the sum, of the losses of its examples.

A sum may have a term that is added once for the batch, such as a penalty on the parameters; ``split`` finds it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from autograd import Value, add, flatten, no_grad, sub, topological_order
from nn.data.dataset import Examples
from nn.losses import Loss
from nn.module import to_floats

Losses = list[tuple[float, list[float]]]  # of batches: the loss of the batch, and that of each example


class NotSeparableError(ValueError):
    """The loss of a batch is neither the mean nor the sum of the losses of its examples."""


class NeedsMeanError(ValueError):
    """The examples have weights, and the loss of a batch is not the mean of the losses of its examples."""

    def __init__(self) -> None:
        super().__init__("sample weights need a loss that is, for a batch, the mean of those of its examples")


class Separability:
    """Compares the losses of batches, as large as those of the training, with the losses of their examples.

    Arguments:
        loss, y: as for ``nn.fit``.
        sizes: of the batches.
    """

    def __init__(self, loss: Loss, y: Examples, sizes: Iterable[int]) -> None:
        self.loss, self.y = loss, y
        self.sizes = sorted({2, *(min(size, len(y)) for size in sizes)} - {1})  # of one example a sum is a mean

    @cached_property
    def firsts(self) -> list[int]:
        """The index of the first example with each target."""
        return list({str(self.y[i]): i for i in reversed(range(len(self.y)))}.values())

    def some(self, most: int, seed: int) -> list[int]:
        """The indices of some examples, among them one with each target if there are not too many."""
        rng = random.Random(seed)
        chosen = dict.fromkeys([*self.firsts[:most], *rng.sample(range(len(self.y)), min(len(self.y), most))])
        return list(chosen)[:most]

    def compare(self, some: Sequence[int], outputs: Sequence[Any], alone: Sequence[float], seed: int = 0) -> Losses:
        """The losses of batches of some examples, and those of their examples.

        Arguments:
            some: the examples.
            outputs, alone: their outputs, and their losses.
            seed: of the order in which they form batches.
        """
        order = list(range(len(some)))
        random.Random(seed).shuffle(order)
        found = []
        with no_grad():
            for size in self.sizes:
                for start in range(0, len(order), size) if size > 2 else [0]:
                    part = [order[k % len(order)] for k in range(start, start + size)]
                    together = self.loss([outputs[k] for k in part], [self.y[some[k]] for k in part])
                    found.append((to_floats(together), [alone[k] for k in part]))
        return found

    def compare_elsewhere(self, some: Sequence[int], outputs: Sequence[Any], seed: int) -> Iterator[Losses]:
        """The same for other outputs, near and far; nothing where the loss is not defined.

        Arguments:
            some, outputs: the examples, and their outputs.
            seed: of the random changes of the outputs.
        """
        rng = random.Random(seed)
        for size in (1.0, 10.0):
            moved = []
            for output in outputs:
                numbers, unflatten = flatten(output)
                moved.append(unflatten(x + size * rng.gauss(0.0, 1.0) for x in map(to_floats, numbers)))
            try:
                with no_grad():
                    alone = [to_floats(self.loss([y], [self.y[i]])) for y, i in zip(moved, some, strict=True)]
                yield self.compare(some, moved, alone, seed)
            except (ArithmeticError, ValueError):
                continue


def are_means(losses: Losses) -> bool:
    """Whether the loss of each batch is the mean of those of its examples."""
    return all(close(together, math.fsum(alone) / len(alone)) for together, alone in losses)


def check_sums(losses: Losses, plus: float) -> None:
    """Check that the loss of each batch is the sum of those of its examples, but for a term that is added once.

    Arguments:
        losses: of batches, and of their examples.
        plus: the term.

    Raises:
        NotSeparableError: it is not.
    """
    for together, alone in losses:
        if not close(together, math.fsum(alone) - (len(alone) - 1) * plus):
            shown = ", ".join(f"{x:g}" for x in alone[:6]) + (", ..." if len(alone) > 6 else "")
            raise NotSeparableError(
                f"the loss of a batch is not the mean of the losses of its examples, nor their sum: {together:g} for "
                f"{len(alone)} examples, whose losses are {shown}"
            )


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


def close(a: float, b: float) -> bool:
    """Whether two losses are equal, but for rounding."""
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
