"""Training by replay: the loss of one example, recorded once and replayed over whole batches."""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from itertools import chain
from typing import Any

import numpy as np

from autograd import ExampleProgram, Program, Value, flatten, no_grad, topological_order
from nn.data.dataset import Examples
from nn.losses import BY_NAME, CLASS_NUMBER_LOSSES, CLASSIFICATION_LOSSES, Loss
from nn.modes import draws, numbers_from, training
from nn.module import Module, to_floats
from nn.optim.optimizers import Optimizer
from nn.rows import as_array, one_hot, outputs_of, rows_of
from nn.train.eager import Eager, differentiable
from nn.train.objective import split
from nn.train.vector import Array, ParameterVector


class NotSeparableError(ValueError):
    """The loss of a batch is neither the mean nor the sum of the losses of its examples."""


class Recorded:
    """The loss of one example, recorded once and replayed over whole batches as a Program; the methods of ``Eager``.

    One program computes the loss of a batch, the outputs and the gradient; another, the optimizer's rule, the step.
    Between them the parameters stay in one vector.

    Arguments:
        model, loss, optimizer, X, y, weights: as for ``Eager``.

    Attributes:
        recorded: the loss and the outputs as a function of an example and its target, in training.
        evaluation: the same when not in training.
        classes: the number of classes, if targets are class numbers, which are one-hot encoded; else 0.
        inputs: how many numbers an example has without its target.
        rows: for each example its numbers, then those of its target.
        vector: the numbers of the parameters.

    Raises:
        TypeError, ValueError: the model or the loss cannot be replayed; the message says why.
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
        self.eager = Eager(model, loss, optimizer, X, y, weights)
        with no_grad():
            output = model(X[0])
            self.classes = self._class_count(output) if loss in CLASS_NUMBER_LOSSES else 0
            if loss in CLASSIFICATION_LOSSES:
                for target in _distinct(y):
                    loss([output], [target])  # a replay does not check targets, so check all classes now
        try:
            self.evaluation = self._record(False)
        except (TypeError, ValueError):
            # Perhaps the loss selects an output by the number of a class; then it may take one-hot targets as well.
            self.classes = self._class_count(output)
            if not self.classes or not self._takes_one_hot(output):
                raise
            self.evaluation = self._record(False)
        found = as_array(y)
        self.targets: Examples = y if found is None else found
        self._weights = None if weights is None else np.array(weights)
        self.plus: Value | None = None  # what is added once, if the loss of a batch is a sum
        self._firsts = list({str(y[i]): i for i in reversed(range(len(X)))}.values())  # the first of each target
        self._evaluated: tuple[Any, Any, Array] = None, None, np.zeros((0, 0))  # the last that were evaluated
        self._prepare()
        self._outputs = np.zeros((len(X), len(self.recorded.recording.outputs) - 1))
        self.confirm(0)

    def _prepare(self) -> None:
        """Make the programs."""
        self.recorded = self._record() if self.eager.has_modes else self.evaluation
        recording, optimizer = self.recorded.recording, self.eager.optimizer
        loss, *outputs = recording.outputs
        if self.eager.loss not in BY_NAME.values() and not self._is_mean():
            loss, self.plus = split(loss, recording.inputs)
            self._check_sum(self.plus.data, self._losses())
        both = *recording.outputs, *self.evaluation.recording.outputs
        known = {*optimizer.parameters, *recording.inputs, *self.evaluation.recording.inputs}
        others = [x for x in topological_order(*both) if x.op is None and x not in known]
        self.vector = ParameterVector(optimizer, others)
        weight = None if self._weights is None else Value(1.0, "weight")
        self._step = Program.value_and_grad(
            loss,
            recording.inputs if weight is None else [*recording.inputs, weight],
            self.vector.values,
            "mean" if self.plus is None else "sum",
            plus=self.plus,
            weight=weight,
            outputs=outputs,
        )
        self._forward = self._forward_program()

    def _record(self, in_training: bool = True) -> ExampleProgram:
        """Record the loss and the outputs for the first example, and check the recording with the last.

        In training, the random numbers that the model asks for are inputs, after those of the example and its target.
        """
        model, loss, X, y = self.eager.model, self.eager.loss, self.eager.X, self.eager.y
        last, noise = len(X) - 1, [0.5] * (self.eager.draws if in_training else 0)

        def example(given: tuple[Any, Any, Any]) -> tuple[Any, Any]:
            x, target, noise = given
            with training(numbers_from(noise)) if in_training else nullcontext():
                outputs = model(x)
            return differentiable(loss([outputs], [target])), outputs

        self.like = self._example(X[0], y[0])
        self.inputs = len(flatten(self.like[0])[0])
        self.rows = self.rows_of(X, y)
        return ExampleProgram(example, (*self.like, noise), (*self._example(X[last], y[last]), noise))

    def _forward_program(self) -> Program:
        """The loss of one example, what is added once, and the outputs, when not in training."""
        recording = self.evaluation.recording
        loss, *outputs = recording.outputs
        ends = [loss] if self.plus is None else split(loss, recording.inputs)
        return Program([*ends, *outputs], recording.inputs, self.vector.values)

    def _class_count(self, output: Any) -> int:
        """The number of outputs, if the targets are single numbers, as those of classes are; else 0."""
        return 0 if hasattr(self.eager.y[0], "__len__") else len(flatten(output)[0])

    def _takes_one_hot(self, output: Any) -> bool:
        """Whether the loss is the same for one-hot targets as for class numbers, for all classes."""
        loss = self.eager.loss
        try:
            with no_grad():
                for target in _distinct(self.eager.y):
                    if target not in range(self.classes):
                        return False
                    found = [to_floats(loss([output], [t])) for t in (target, self._example(None, target)[1])]
                    if not math.isclose(*found, rel_tol=1e-12, abs_tol=1e-300):
                        return False
        except (TypeError, ValueError):
            return False
        return True

    def _example(self, x: Any, target: Any) -> tuple[Any, Any]:
        """An example and its target, one-hot encoded if it is a class."""
        if self.classes and not hasattr(target, "__len__"):
            target = [float(k == target) for k in range(self.classes)]
        return x, target

    def rows_of(self, X: Examples, y: Examples) -> Array:
        """Examples and their targets, a row of numbers for each; all must be structured like the first."""
        numbers = as_array(y) if self.classes else None
        if numbers is not None and numbers.ndim == 1:
            targets = one_hot(numbers, self.classes)
        elif self.classes:
            targets = rows_of([self._example(X[i], y[i])[1] for i in range(len(y))], self.like[1], "target")
        else:
            targets = rows_of(y, self.like[1], "target")
        return np.column_stack([rows_of(X, self.like[0], "example"), targets])

    def _is_mean(self) -> bool:
        """Whether the loss of a batch is the mean of the losses of its examples."""
        return all(_close(together, sum(alone) / len(alone)) for together, alone in self._losses())

    def _check_sum(self, plus: float, losses: list[tuple[float, list[float]]]) -> None:
        """Check that the loss of a batch is the sum of the losses of its examples, but for a term that is added once.

        Arguments:
            plus: this term.
            losses: as from ``_losses``.

        Raises:
            NotSeparableError: it is neither this nor a mean.
        """
        weighted = self.eager.weights is not None
        for together, alone in losses:
            if weighted or not _close(together, sum(alone) - (len(alone) - 1) * plus):
                nor = "" if weighted else ", nor their sum"
                raise NotSeparableError(
                    f"the loss of a batch is not the mean of the losses of its examples{nor}: {together:g} for "
                    f"{len(alone)} examples, whose losses are {', '.join(f'{x:g}' for x in alone)}"
                )

    def _losses(self, change: Callable[[float], float] = float) -> list[tuple[float, list[float]]]:
        """For two batches, of two and of several examples, its loss, and that of each example.

        Arguments:
            change: changes each number of the outputs first.
        """
        loss, X, y = self.eager.loss, self.eager.X, self.eager.y
        some = sorted({*self._firsts[:4], *random.Random(0).sample(range(len(X)), min(len(X), 4))})
        some = some if len(some) > 1 else some * 2  # of one example a sum would look like a mean
        with no_grad():
            outputs, targets = [], [y[i] for i in some]
            for i in some:
                numbers, unflatten = flatten(self.eager.model(X[i]))
                outputs.append(unflatten(change(to_floats(x)) for x in numbers))
            alone = [to_floats(loss([output], [target])) for output, target in zip(outputs, targets, strict=True)]
            sizes = {len(some), min(len(some), 2)}
            return [(to_floats(loss(outputs[:size], targets[:size])), alone[:size]) for size in sorted(sizes)]

    def step(self, parts: Sequence[Sequence[int]], key: tuple[int, ...]) -> float:
        """Make one optimizer step on the mean loss over some mini-batches, and return this loss before the step."""
        data = self.vector.now.data
        news: dict[int, float] = {}
        total = 0.0
        slopes: Array = np.zeros(0)
        for k, (part, share) in enumerate(zip(parts, self.eager.shares(parts), strict=True)):
            try:
                loss, gradient, outputs, kept = self._gradient(part, (*key, k), data)
                finite = math.isfinite(loss) and np.isfinite(gradient).all()
            except (ArithmeticError, ValueError):
                finite = False
            if not finite:
                return self._eager_step(parts, key)  # which names the node
            if len(parts) == 1:
                total, slopes = loss, gradient
            else:
                total += share * loss
                slopes = slopes + share * gradient if k else share * gradient
            if kept:
                news |= kept
                data = data.copy()
                data[list(kept)] = list(kept.values())
            self._outputs[part] = outputs
        self.vector.step(slopes[: len(self.vector.optimizer.parameters)], news)
        return total

    def _gradient(
        self, batch: Sequence[int], key: tuple[int, ...], data: Array
    ) -> tuple[float, Array, Array, dict[int, float]]:
        """The loss of a mini-batch, its gradient, a row of outputs for each example, and what is kept after the step.

        Arguments:
            batch, key: as for ``step``.
            data: the numbers of the parameters.
        """
        columns = [self.rows.take(batch, axis=0).T]
        if self.eager.draws:
            columns.append(draws(key, len(batch), self.eager.draws).T)
        if self._weights is not None:
            columns.append(self._weights.take(batch))
        loss, gradient, outputs = self._step.replay(columns, len(batch), data)
        return loss, gradient, outputs.T, {}

    def _eager_step(self, parts: Sequence[Sequence[int]], key: tuple[int, ...]) -> float:
        self.publish()
        loss = self.eager.step(parts, key)
        self.collect()
        found = self.eager.outputs_so_far()
        for part in parts:
            self._outputs[part] = [list(map(float, flatten(found[i])[0])) for i in part]
        return loss

    def outputs(self) -> Any:
        """The output for each example, in the order of X, in its last batch before the step: an array if possible."""
        return self._rebuilt(self._outputs, self.recorded)

    def _rebuilt(self, outputs: Array, recorded: ExampleProgram) -> Any:
        """The outputs in the structure in which the model returns them, from a row of numbers for each example."""
        unflatten = recorded.recording.unflatten
        found = outputs_of(outputs, lambda numbers: unflatten(chain([0.0], numbers))[1])  # without the loss
        return to_floats(found) if isinstance(found, list) else found

    def evaluate(self, X: Examples, y: Examples) -> tuple[float, Any]:
        """The loss of other examples, and the outputs for them, with the current parameters."""
        try:
            if self._evaluated[0] is not X or self._evaluated[1] is not y:
                self._evaluated = X, y, self.rows_of(X, y)
            loss, *found = self._forward(self._evaluated[2].T, parameters=self.vector.now.data)
        except (ArithmeticError, ValueError):
            self.publish()
            return self.eager.evaluate(X, y)  # which reports the error precisely
        if self.plus is None:
            return float(loss.mean()), self._rebuilt(np.array(found).T, self.evaluation)
        return float(loss.sum() + found[0][0]), self._rebuilt(np.array(found[1:]).T, self.evaluation)

    def values(self) -> list[Value]:
        """The Values that training changes, or reads."""
        return list(dict.fromkeys([*self.eager.values(), *self.vector.values]))

    def mark(self) -> Any:
        """The present numbers, to ``go_back`` to."""
        return self.vector.now

    def go_back(self, mark: Any) -> None:
        """Undo what Ctrl-C interrupted."""
        self.vector.go_back(mark)

    def outputs_so_far(self) -> Any:
        """The outputs of this epoch, to ``load_outputs`` from."""
        return array("d", self._outputs.tobytes())

    def load_outputs(self, outputs: Any) -> None:
        self._outputs.ravel()[:] = outputs

    def publish(self) -> None:
        """Bring the Values up to date, before someone looks at them."""
        self.vector.publish()

    def collect(self) -> None:
        """Read the numbers of the Values, after someone may have changed them."""
        self.vector.collect()

    def confirm(self, seed: int) -> None:
        """Compare a replay of some examples with the current model and loss.

        Arguments:
            seed: selects the examples.

        Raises:
            ValueError: they differ; the message says for which example and how.
        """
        self.publish()
        count = self.eager.draws
        for program, each in {self.recorded: count, self.evaluation: 0 if self.eager.has_modes else count}.items():
            some = program.recording.some(len(self.rows), seed)
            noise = draws((0, seed), len(some), each)
            program.recording.confirm(np.column_stack([self.rows[some], noise]).tolist())
        self._confirm_losses(seed)

    def _confirm_losses(self, seed: int) -> None:
        """Compare the replayed losses of some examples with those of the examples and targets as they were given.

        A loss may treat a target as what it is, for example by ``==``, which is never true for a Value in a recording.
        """
        loss, model, X, y = self.eager.loss, self.eager.model, self.eager.X, self.eager.y
        some = sorted({*self._firsts[:8], *random.Random(seed).sample(range(len(X)), min(len(X), 4))})
        try:
            found = self._forward(self.rows[some].T, parameters=self.vector.now.data)
            with no_grad():
                wanted = [to_floats(loss([model(X[i])], [y[i]])) for i in some]
        except (ArithmeticError, ValueError):  # no result to compare; a step raises the error
            return
        replayed = found[0] if self.plus is None else found[0] + found[1]
        for i, ours, theirs in zip(some, replayed.tolist(), wanted, strict=True):
            if not _close(ours, theirs) and not (math.isnan(ours) and math.isnan(theirs)):
                raise ValueError(
                    f"for example {i} the loss is {theirs:g}, but its recording gives {ours:g}: does it compare a "
                    "target by ==, or look it up? In a recording a target is a Value; compute with it instead"
                )
        if loss not in BY_NAME.values() and type(self) is Recorded:
            self._check_batches(seed, None if self.plus is None else float(found[1][0]))

    def _check_batches(self, seed: int, plus: float | None) -> None:
        """Check for outputs of other sizes, too, that the loss of a batch is a mean or a sum.

        Arguments:
            seed: of the random changes of the outputs.
            plus: what is added once to a sum; None for a mean.

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
                self._check_sum(plus, losses)
            elif not all(_close(together, sum(alone) / len(alone)) for together, alone in losses):
                raise NotSeparableError("the loss of a batch is not always the mean of the losses of its examples")


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def _distinct(targets: Examples) -> list[Any]:
    """The targets, each once."""
    found = as_array(targets)
    if found is not None and found.ndim == 1:
        return [targets[int(i)] for i in np.unique(found, return_index=True)[1]]
    return list({tuple(map(float, flatten(targets[i])[0])): targets[i] for i in range(len(targets))}.values())
