"""Eager training: a new graph for each example, built and differentiated as you would write it yourself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from itertools import chain
from typing import Any

from autograd import Value, assign, no_grad, topological_order
from nn.data.dataset import Examples
from nn.losses import Loss
from nn.modes import Kept, demand_of, numbers_from, random_numbers, training
from nn.module import Module, mixes_examples, to_floats
from nn.optim.optimizers import Optimizer
from nn.train.separable import NeedsMeanError, close

KEEPS_BETWEEN_EXAMPLES = (
    "{!r} keeps a number from one example to the next, with nn.keep: this needs a module with needs_batch = True that "
    "defines batch(self, X)"
)


class Eager:
    """Makes the steps of a training with a new graph for each example.

    Arguments:
        model, loss, optimizer, X, y: as for ``nn.fit``.
        weights: the weight of each example; None if all are equal.
        sizes: how many examples are in a mini-batch, and in the last.

    Attributes:
        draws: how many random numbers the model asks for in training, for each example.
        has_modes: whether it behaves differently in training.
        mixes_examples: whether the outputs for an example depend on the batch, in training.
        is_mean: whether the loss of a batch is known to be the mean of those of its examples.
        keeps_outputs: whether the outputs for the examples will be asked for.
    """

    keeps_outputs = True

    def __init__(
        self,
        model: Module,
        loss: Loss,
        optimizer: Optimizer,
        X: Examples,
        y: Examples,
        weights: Sequence[float] | None,
        sizes: Sequence[int],
    ) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.X, self.y, self.weights, self.sizes = X, y, weights, sizes
        self.draws, self.has_modes, self.mixes_examples, self.is_mean = 0, False, mixes_examples(model), False
        with no_grad(), suppress(ArithmeticError, ValueError):  # which the first step reports
            self.draws, self.has_modes = demand_of(lambda: model.batch([X[0]]) if self.mixes_examples else model(X[0]))
        self._outputs: list[Any] = [None] * len(X)

    def take(self, X: Examples, y: Examples, weights: Sequence[float] | None, sizes: Sequence[int]) -> None:
        """Train on these examples from now on; they may be the same, with other numbers."""
        self.X, self.y, self.weights, self.sizes = X, y, weights, sizes
        self._outputs = [None] * len(X)

    def step(self, parts: Sequence[Sequence[int]], key: tuple[int, ...]) -> float:
        """Make one optimizer step on the mean loss over some mini-batches, and return this loss before the step.

        Arguments:
            parts: the indices of the examples in each mini-batch; usually there is one.
            key: of the random numbers that modules ask for; see ``draws``.

        Raises:
            ArithmeticError: the loss is not finite; the message names the first node that is not.
            DomainError: an operation is not defined for its operands.
        """
        self.optimizer.zero_grad()
        slopes_before = [x.grad for x in self._frozen]
        total = 0.0
        for k, (part, share) in enumerate(zip(parts, self.shares(parts), strict=True)):
            noise = to_floats(random_numbers((*key, k), len(part), self.draws))
            outputs, kept = self.in_training([self.X[i] for i in part], noise)
            weights = None if self.weights is None else [self.weights[i] for i in part]
            loss = differentiable(self.loss_of(outputs, [self.y[i] for i in part], weights))
            _finite(loss)
            (loss if share == 1.0 else share * loss).backward()  # which adds to the gradients of the part before
            # After the backward pass, which reads the numbers that the forward pass has used.
            assign([value for value, _ in kept], [new.data if isinstance(new, Value) else new for _, new in kept])
            total += share * loss.data
            for i, output in zip(part, outputs, strict=True):
                self._outputs[i] = output
        for x, slope in zip(self._frozen, slopes_before, strict=True):
            x.grad = slope
        self.optimizer.step()
        return total

    @cached_property
    def _frozen(self) -> list[Value]:
        """The parameters that are not trained; their gradients would add up, since no optimizer sets them to 0."""
        trained = set(self.optimizer.parameters)
        return [x for x in self.model.parameters() if x not in trained]

    def shares(self, parts: Sequence[Sequence[int]]) -> list[float]:
        """The weight of each mini-batch among all of a step."""
        if len(parts) == 1:
            return [1.0]
        sizes = [len(part) if self.weights is None else math.fsum(self.weights[i] for i in part) for part in parts]
        return [size / math.fsum(sizes) for size in sizes]

    def in_training(self, examples: Sequence[Any], noise: Sequence[Sequence[Any]]) -> tuple[list[Any], Kept]:
        """The outputs for a batch of examples in training, and what modules keep after the step.

        Arguments:
            examples: the examples.
            noise: a row of random numbers for each.

        Raises:
            ValueError: a module keeps a number for a trained parameter, or from one example to the next.
        """
        outputs: list[Any] = []
        news: Kept = []
        if self.mixes_examples:
            with training(numbers_from(chain.from_iterable(noise)), is_recorded=True) as news:
                outputs = self.model.batch(examples)
        else:
            for x, row in zip(examples, noise, strict=True):
                with training(numbers_from(row), is_recorded=True) as kept:
                    outputs.append(self.model(x))
                if not {value for value, _ in kept}.isdisjoint(value for value, _ in news):
                    raise ValueError(KEEPS_BETWEEN_EXAMPLES.format(self.model))
                news += kept
        if not {value for value, _ in news}.isdisjoint(self.optimizer.parameters):
            raise ValueError("nn.keep is for buffers, such as running means, not for parameters that the optimizer has")
        return outputs, news

    def loss_of(self, outputs: list[Any], targets: list[Any], weights: Sequence[Any] | None) -> Any:
        """The loss of a batch; with weights  sum(weight * loss) / sum(weight).

        Raises:
            ValueError: with weights, the loss of a batch is not the mean of those of its examples.
        """
        if weights is None:
            return self.loss(outputs, targets)
        each = [self.loss([output], [target]) for output, target in zip(outputs, targets, strict=True)]
        if not self.is_mean:
            if not close(to_floats(self.loss(outputs, targets)), math.fsum(map(to_floats, each)) / len(each)):
                raise NeedsMeanError
            self.is_mean = True
        weighted = [w * loss for w, loss in zip(weights, each, strict=True)]
        return sum(weighted[1:], weighted[0]) / sum(weights[1:], weights[0])

    def outputs(self) -> list[Any]:
        """The output for each example, in the order of X, in its last batch before the step."""
        return [to_floats(output) for output in self._outputs]

    def evaluate(self, X: Examples, y: Examples) -> tuple[float, Any]:
        """The loss of other examples, and the outputs for them."""
        outputs = self.model.predict([X[i] for i in range(len(X))], "eager")
        return to_floats(self.loss(outputs, y)), outputs

    @cached_property
    def _values(self) -> list[Value]:
        """Those of the model and the optimizer, and the leaves of the loss, one of which a callback may change."""
        found = self.own_values()
        with suppress(ArithmeticError, ValueError, TypeError):
            loss = self.loss([self.model(self.X[0])], [self.y[0]])
            found += [x for x in topological_order(loss) if x.op is None and type(x) is Value]
        return list(dict.fromkeys(found))

    def own_values(self) -> list[Value]:
        """The Values of the model and of the optimizer."""
        buffers = [value for _, value in self.model.named_buffers()]
        return list(dict.fromkeys([*self.model.parameters(), *buffers, *self.optimizer.parameters]))

    def values(self) -> list[Value]:
        """The Values that training changes, or reads."""
        return list(self._values)

    def mark(self) -> Any:
        """The present numbers, to ``go_back`` to."""
        return [(x, x.data, x.grad) for x in self._values], self.optimizer.state, self.optimizer.steps

    def go_back(self, mark: Any) -> None:
        """Undo what Ctrl-C interrupted."""
        numbers, self.optimizer.state, self.optimizer.steps = mark
        assign([x for x, _, _ in numbers], [data for _, data, _ in numbers])
        for x, _, slope in numbers:
            x.grad = slope

    def outputs_so_far(self) -> Any:
        """The outputs of this epoch, to ``load_outputs`` from."""
        return [None if output is None else to_floats(output) for output in self._outputs]

    def load_outputs(self, outputs: Any) -> None:
        self._outputs = list(outputs)

    def publish(self) -> None:
        """Nothing to do: the Values are always up to date."""

    def collect(self) -> None:
        """Nothing to do: the numbers of the Values are read where they are used."""

    def confirm(self, seed: int) -> None:
        """Nothing to check: nothing is replayed."""


def with_way_out(error: Exception) -> TypeError | ValueError:
    """The error of a model or a loss that cannot be replayed, and what to do."""
    kind = TypeError if isinstance(error, TypeError) else ValueError
    if "engine=" in str(error):
        return kind(str(error))
    return kind(f"{error}.  Use engine='eager', which replays nothing")


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
