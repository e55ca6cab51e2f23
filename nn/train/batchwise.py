"""Training by replay where the examples of a batch cannot be separated: the whole batch is recorded at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

from autograd import Program, Recording, Value, flatten, record
from nn.train.eager import differentiable, with_way_out
from nn.train.recorded import Recorded
from nn.train.separable import NeedsMeanError, are_means
from nn.train.steps import Batch
from nn.train.vector import Array


class RecordedBatch(NamedTuple):
    """A recording of a batch of one size.

    Attributes:
        recording: its loss, its outputs, and what modules keep after the step, as a function of all its numbers.
        kept: the Values that are to hold what is kept.
    """

    recording: Recording
    kept: list[Value]


class Batchwise(Recorded):
    """The loss of a batch, recorded once for each size of a batch and replayed; the methods of ``Eager``.

    It is for models whose outputs for an example depend on the others, such as those with a ``BatchNorm``, and for
    losses that are neither means nor sums over examples.  The recording has as many nodes as the graph of the whole
    batch, so it takes longer to make; a replay of it is fast.

    Raises:
        TypeError, ValueError: the model or the loss cannot be replayed; or the examples have weights, and the loss is
            not a mean.
    """

    is_whole = True

    def _prepare(self) -> None:
        if self.eager.weights is not None:
            self.eager.is_mean = True  # if it is not, the check below raises an error
        self.recorded = self.evaluation
        recording, kept = self._record_batch(min(2, len(self.rows)))
        buffers = [value for _, value in self.eager.model.named_buffers()]
        others = dict.fromkeys([*buffers, *kept, *self._other_leaves(recording)])
        trained = set(self.eager.optimizer.parameters)
        self._set_vector(x for x in others if x not in trained)
        self._place = {x: i for i, x in enumerate(self.vector.values)}
        self._forward = self._forward_program()
        if self.eager.weights is not None and not are_means(self._losses()):
            raise NeedsMeanError
        self._batches: dict[int, tuple[RecordedBatch, Any]] = {}  # with the program for its gradient

    def _record_batch(self, size: int) -> RecordedBatch:
        """Record the loss of a batch of this size."""
        unflatten = flatten(self.like)[1]
        kept: list[Value] = []

        def batch(*numbers: Any) -> list[Any]:
            left = iter(numbers)
            examples = [unflatten(left) for _ in range(size)]
            noise = [list(islice(left, self.eager.draws)) for _ in range(size)]
            weights = None if self.eager.weights is None else list(islice(left, size))
            outputs, news = self.eager.in_training([x for x, _ in examples], noise)
            loss = differentiable(self.eager.loss_of(outputs, [target for _, target in examples], weights))
            kept[:] = [value for value, _ in news]
            return [loss, *flatten(outputs)[0], *(new for _, new in news)]

        count = len(self.rows)
        first, last = self._numbers(range(size), (0,)), self._numbers(range(count - size, count), (0,))
        return RecordedBatch(record(batch, first, last, unused=True), kept)

    def _batch(self, part: Sequence[int], key: tuple[int, ...], share: float) -> Batch:
        if len(part) not in self._batches:
            self._batches[len(part)] = self._program_for(len(part))
        (_, kept), program = self._batches[len(part)]
        return Batch(program, part, key, share, [self._place[x] for x in kept], self.keeps_outputs)

    def _program_for(self, size: int) -> tuple[RecordedBatch, Any]:
        try:
            recorded = self._record_batch(size)
        except (TypeError, ValueError) as error:
            raise with_way_out(error) from error
        (loss, *others), inputs = recorded.recording.outputs, recorded.recording.inputs
        trained = self.eager.optimizer.parameters
        return recorded, Program.value_and_grad(loss, inputs, self.vector.values, "sum", wrt=trained, outputs=others)

    def _numbers(self, batch: Sequence[int], key: tuple[int, ...]) -> list[float]:
        """The numbers of a batch, as the recording takes them."""
        found: list[float] = self._training_rows.inputs(batch, key)[0][:, 0].tolist()
        return found

    def _by_example(self, outputs: Array, size: int) -> Array:
        width = self._outputs.shape[1]
        return outputs[: size * width].reshape(size, width)

    def confirm(self, seed: int) -> None:
        """Compare a replay of some examples, and of a batch, with the current model and loss."""
        super().confirm(seed)
        for size, (recorded, _) in [found for found in self._batches.items() if found[0] <= len(self.rows)][:1]:
            start = seed % (len(self.rows) - size + 1)
            recorded.recording.confirm([self._numbers(range(start, start + size), (0, seed))])

    def _confirm_separability(self, seed: int) -> None:
        """Nothing to check: whole batches are recorded."""
