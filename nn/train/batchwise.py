"""Training by replay where the examples of a batch cannot be separated: the whole batch is recorded at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from autograd import Program, Value, flatten, record, topological_order
from nn.data.dataset import Examples
from nn.modes import draws
from nn.module import to_floats
from nn.train.eager import differentiable
from nn.train.recorded import Recorded
from nn.train.vector import Array, ParameterVector


@dataclass(frozen=True)
class RecordedBatch:
    """A recording of a batch of one size.

    Attributes:
        program: the loss and its gradient, the outputs, and what is kept after the step.
        kept: the Values that are to hold what is kept.
        recording: the recording, to be compared with the model.
    """

    program: Any
    kept: list[Value]
    recording: Any


class Batchwise(Recorded):
    """The loss of a batch, recorded once for each size of a batch and replayed; the methods of ``Eager``.

    It is for models whose outputs for an example depend on the others, such as those with a ``BatchNorm``, and for
    losses that are neither means nor sums over examples.  The recording has as many nodes as the graph of the whole
    batch, so it takes longer to make; a replay of it is fast.

    Raises:
        TypeError, ValueError: the model or the loss cannot be replayed; or the examples have weights, and the loss is
            not a mean.
    """

    def _prepare(self) -> None:
        if self._weights is not None:
            self.separability.check_mean()
            self.eager.is_mean = True
        self.recorded = self.evaluation
        recording, optimizer = self._record_batch(min(2, len(self.rows))).recording, self.eager.optimizer
        both = *recording.outputs, *self.evaluation.recording.outputs
        known = {*optimizer.parameters, *recording.inputs, *self.evaluation.recording.inputs}
        leaves = [value for _, value in self.eager.model.named_buffers()]
        leaves += [x for x in topological_order(*both) if x.op is None]
        self.vector = ParameterVector(optimizer, dict.fromkeys(x for x in leaves if x not in known))
        self._place = {x: i for i, x in enumerate(self.vector.values)}
        self._forward = self._forward_program()
        self._batches: dict[int, RecordedBatch] = {}

    def _record_batch(self, size: int, values: Sequence[Value] | None = None) -> RecordedBatch:
        """Record the loss of a batch of this size.

        Arguments:
            size: the number of examples.
            values: the parameters of the program; None for a recording without a program for its gradient.
        """
        unflatten = flatten(self.like)[1]
        kept: list[Value] = []

        def batch(*numbers: Any) -> list[Any]:
            left = iter(numbers)
            examples = [unflatten(left) for _ in range(size)]
            noise = [list(islice(left, self.eager.draws)) for _ in range(size)]
            weights = None if self._weights is None else list(islice(left, size))
            outputs, news = self.eager.in_training([x for x, _ in examples], noise, is_recorded=True)
            loss = differentiable(self.eager.loss_of(outputs, [target for _, target in examples], weights))
            kept[:] = [value for value, _ in news]
            return [loss, *flatten(outputs)[0], *(new for _, new in news)]

        count, key = len(self.rows), (0,)
        first, last = (self._numbers(part, key).tolist() for part in (range(size), range(count - size, count)))
        recording = record(batch, first, last, unused=True)
        loss, *others = recording.outputs
        program = Program.value_and_grad(loss, recording.inputs, values or [], "sum", outputs=others)
        return RecordedBatch(program, kept, recording)

    def _numbers(self, batch: Sequence[int], key: tuple[int, ...]) -> Array:
        """The inputs of the recording: examples and targets, random numbers, and weights."""
        parts = [self.rows.take(batch, axis=0), draws(key, len(batch), self.eager.draws)]
        if self._weights is not None:
            parts.append(self._weights.take(batch))
        return np.concatenate([np.ravel(part) for part in parts])

    def _gradient(
        self, batch: Sequence[int], key: tuple[int, ...], data: Array
    ) -> tuple[float, Array, Array, dict[int, float]]:
        size = len(batch)
        if size not in self._batches:
            self._batches[size] = self._record_batch(size, self.vector.values)
        found = self._batches[size]
        loss, gradient, others = found.program.replay([self._numbers(batch, key)[:, None]], 1, data)
        count = others.size - len(found.kept)
        kept = dict(zip([self._place[x] for x in found.kept], others[count:, 0].tolist(), strict=True))
        return loss, gradient, others[:count].reshape(size, -1), kept

    def evaluate(self, X: Examples, y: Examples) -> tuple[float, Any]:
        """The loss of other examples, and the outputs for them, with the current parameters."""
        self.publish()  # the loss may look at the model
        _, outputs = super().evaluate(X, y)
        listed = outputs.tolist() if hasattr(outputs, "tolist") else outputs
        return to_floats(self.eager.loss(listed, y)), outputs

    def confirm(self, seed: int) -> None:
        """Compare a replay of some examples, and of a batch, with the current model and loss."""
        super().confirm(seed)
        for size, found in list(self._batches.items())[:1]:
            start = seed % (len(self.rows) - size + 1)
            found.recording.confirm([self._numbers(range(start, start + size), (0, seed)).tolist()])
