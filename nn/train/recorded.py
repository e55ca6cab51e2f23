"""Training by replay: the loss of one example, recorded once and replayed over whole batches."""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from itertools import chain
from typing import Any

import numpy as np

from autograd import ExampleProgram, Program, Recording, Value, flatten, no_grad, topological_order
from nn.data.dataset import Examples
from nn.losses import BY_NAME, CLASS_NUMBER_LOSSES, CLASSIFICATION_LOSSES
from nn.modes import numbers_from, random_numbers, training
from nn.module import to_floats
from nn.rows import as_array, one_hot, outputs_of, rows_of
from nn.train.eager import KEEPS_BETWEEN_EXAMPLES, Eager, differentiable
from nn.train.separable import (
    Losses,
    NeedsMeanError,
    NotSeparableError,
    Separability,
    are_means,
    check_sums,
    close,
    split,
)
from nn.train.steps import Batch, ReplayError, Steps, TrainingRows
from nn.train.vector import Array, ParameterVector

MOST = 2_000  # the most examples whose losses are compared with those of their batches, before the training


class Recorded:
    """The loss of one example, recorded once and replayed over whole batches as a Program; the methods of ``Eager``.

    One program computes the loss of a batch, the outputs and the gradient; another, the optimizer's rule, the step.
    Between them the parameters stay in one vector.

    Arguments:
        eager: the training to make faster; it makes the steps that cannot be replayed, and reports their errors.
        steps: what makes the steps.

    Attributes:
        recorded: the loss and the outputs as a function of an example and its target, in training.
        evaluation: the same when not in training.
        classes: the number of classes, if targets are class numbers, which are one-hot encoded; else 0.
        like: the first example with its target, in whose structure all others must be.
        inputs: how many numbers an example has without its target.
        rows: for each example its numbers, then those of its target.
        separability: compares the losses of batches with those of their examples.
        plus: what is added once, if the loss of a batch is a sum; None if it is a mean.
        vector: the numbers of the parameters.

    Raises:
        TypeError, ValueError: the model or the loss cannot be replayed; the message says why.
    """

    is_whole = False  # whether a sample of the programs is a whole batch
    keeps_outputs = True  # whether the outputs for the examples will be asked for
    _training_rows: TrainingRows

    def __init__(self, eager: Eager, steps: Callable[[ParameterVector], Steps] = Steps) -> None:
        self.eager = eager
        self._make_steps = steps
        model, loss, X, y = eager.model, eager.loss, eager.X, eager.y
        with no_grad():
            self._example_output = model(X[0])
        self.classes = self._class_count() if loss in CLASS_NUMBER_LOSSES else 0
        self._check_targets()
        try:
            self._set_rows()
            self.evaluation = self._record(False)
        except (TypeError, ValueError):
            # Perhaps the loss selects an output by the number of a class; then it may take one-hot targets as well.
            self.classes = self._class_count()
            if not self.classes or not self._takes_one_hot():
                raise
            self._set_rows()
            self.evaluation = self._record(False)
        self.separability = Separability(loss, y, eager.sizes)
        self.plus: Value | None = None
        self._prepare()
        self._allocate()
        self.confirm(0)

    def _allocate(self) -> None:
        """Make an array for the outputs of all examples, and forget what was evaluated."""
        self._outputs = np.zeros((len(self.rows), len(self.recorded.recording.outputs) - 1))
        self._evaluated: tuple[Any, Any, Array] = None, None, np.zeros((0, 0))  # the last that were evaluated

    def take(self, X: Examples, y: Examples, weights: Sequence[float] | None, sizes: Sequence[int]) -> None:
        """Train on these examples from now on; they may be the same, with other numbers.

        Raises:
            ValueError: they have another structure, or have weights and those before had none, or vice versa; or the
                model or the loss has changed.
        """
        if (weights is None) != (self.eager.weights is None):
            raise ValueError("either all examples have weights, or none")
        self.eager.take(X, y, weights, sizes)
        self.separability = Separability(self.eager.loss, y, self.eager.sizes)
        self._check_targets()
        self._set_rows()
        self._allocate()
        self.collect()
        self._glance(self.vector.now.steps)

    def _prepare(self) -> None:
        """Make the programs."""
        self.recorded = self._record() if self.eager.has_modes else self.evaluation
        recording = self.recorded.recording
        loss, *outputs = recording.outputs
        self._set_vector(self._other_leaves(recording))
        self._forward = self._forward_program()
        if self.eager.weights is not None:
            if not are_means(self._losses()):
                raise NeedsMeanError
        elif self.eager.loss not in BY_NAME.values() and not are_means(losses := self._losses()):
            loss, self.plus = split(loss, recording.inputs)
            check_sums(losses, self.plus.data)
            self._forward = self._forward_program()
        weight = None if self.eager.weights is None else Value(1.0, "weight")
        self._step = Program.value_and_grad(
            loss,
            recording.inputs if weight is None else [*recording.inputs, weight],
            self.vector.values,
            "mean" if self.plus is None else "sum",
            wrt=self.eager.optimizer.parameters,
            plus=self.plus,
            weight=weight,
            outputs=outputs,
        )

    def _set_vector(self, others: Iterable[Value]) -> None:
        """Gather the numbers of the parameters, and of other leaves that the programs read."""
        self.vector = ParameterVector(self.eager.optimizer, others)
        self._steps = self._make_steps(self.vector)

    def _losses(self, most: int = MOST, seed: int = 0) -> Losses:
        """The losses of batches, and of their examples, with the current parameters."""
        some = self.separability.some(most, seed)
        losses, added, rows = self._forwarded(self.rows[some])
        outputs = [_output(row, self.evaluation) for row in rows.tolist()]
        return self.separability.compare(some, outputs, (losses + added).tolist(), seed)

    def _other_leaves(self, recording: Recording) -> list[Value]:
        """The leaves that a recording or an evaluation reads, and that are neither inputs nor trained."""
        both = recording, self.evaluation.recording
        known = {*self.eager.optimizer.parameters, *both[0].inputs, *both[1].inputs}
        order = topological_order(*both[0].outputs, *both[1].outputs)
        return [x for x in order if x.op is None and x not in known]

    def _record(self, in_training: bool = True) -> ExampleProgram:
        """Record the loss and the outputs for the first example, and check the recording with the last.

        In training, the random numbers that the model asks for are inputs, after those of the example and its target.
        """
        model, loss, X, y = self.eager.model, self.eager.loss, self.eager.X, self.eager.y
        last, noise = len(X) - 1, [0.5] * (self.eager.draws if in_training else 0)

        def example(given: tuple[Any, Any, Any]) -> tuple[Any, Any]:
            x, target, noise = given
            with training(numbers_from(noise), is_recorded=True) if in_training else nullcontext() as kept:
                outputs = model(x)
            if kept:
                raise ValueError(KEEPS_BETWEEN_EXAMPLES.format(model))
            return differentiable(loss([outputs], [target])), outputs

        return ExampleProgram(example, (*self.like, noise), (*self._example(X[last], y[last]), noise))

    def _check_targets(self) -> None:
        """Check all targets with one output, since a replay does not check them."""
        if self.eager.loss in CLASSIFICATION_LOSSES:
            with no_grad():
                for target in _distinct(self.eager.y):
                    self.eager.loss([self._example_output], [target])

    def _set_rows(self) -> None:
        """Read the numbers of the examples and of their targets."""
        self.like = self._example(self.eager.X[0], self.eager.y[0])
        self.inputs = len(flatten(self.like[0])[0])
        self.rows = self.rows_of(self.eager.X, self.eager.y)
        weights = None if self.eager.weights is None else np.array(self.eager.weights)
        new = TrainingRows(self.rows, weights, self.eager.draws, self.is_whole)
        if not hasattr(self, "_training_rows") or not new.equals(
            self._training_rows
        ):  # else a cluster has them already
            self._training_rows = new

    def _forward_program(self) -> Program:
        """The loss of one example, what is added once, and the outputs, when not in training."""
        recording = self.evaluation.recording
        loss, *outputs = recording.outputs
        ends = [loss] if self.plus is None else split(loss, recording.inputs)
        return Program([*ends, *outputs], recording.inputs, self.vector.values)

    def _class_count(self) -> int:
        """The number of outputs, if the targets are single numbers, as those of classes are; else 0."""
        return 0 if hasattr(self.eager.y[0], "__len__") else len(flatten(self._example_output)[0])

    def _takes_one_hot(self) -> bool:
        """Whether the loss is the same for one-hot targets as for class numbers, for all classes."""
        loss = self.eager.loss
        try:
            with no_grad():
                for target in _distinct(self.eager.y):
                    if target not in range(self.classes):
                        return False
                    both = target, self._example(None, target)[1]
                    found = [to_floats(loss([self._example_output], [t])) for t in both]
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

    def step(self, parts: Sequence[Sequence[int]], key: tuple[int, ...]) -> float:
        """Make one optimizer step on the mean loss over some mini-batches, and return this loss before the step.

        Arguments, errors: as for ``Eager.step``.
        """
        shares = self.eager.shares(parts)
        batches = [self._batch(part, (*key, k), shares[k]) for k, part in enumerate(parts)]
        try:
            found = self._steps.make(batches, self._training_rows)
        except ReplayError:
            return self._eager_step(parts, key)  # which names the node
        for part, replayed in zip(parts, found if self.keeps_outputs else [], strict=self.keeps_outputs):
            self._outputs[part] = self._by_example(replayed.outputs, len(part))
        total: float = sum([share * replayed.loss for share, replayed in zip(shares, found, strict=True)])
        return total

    def _batch(self, part: Sequence[int], key: tuple[int, ...], share: float) -> Batch:
        """A mini-batch with its program."""
        return Batch(self._step, part, key, share, [], self.keeps_outputs)

    def _by_example(self, outputs: Array, size: int) -> Array:
        """A row of outputs for each example of a batch, from a row for each output of its program."""
        found: Array = outputs.T
        return found

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

    def _rebuilt(self, outputs: Array, program: ExampleProgram) -> Any:
        """The outputs in the structure in which the model returns them, from a row of numbers for each example."""
        found = outputs_of(outputs, lambda numbers: _output(numbers, program))
        return to_floats(found) if isinstance(found, list) else found

    def evaluate(self, X: Examples, y: Examples) -> tuple[float, Any]:
        """The loss of other examples, and the outputs for them, with the current parameters."""
        try:
            if self._evaluated[0] is not X or self._evaluated[1] is not y:
                self._evaluated = X, y, self.rows_of(X, y)
            losses, _, outputs = self._parts(self._steps.forward(self._forward, self._evaluated[2]))
        except (ArithmeticError, ValueError):
            self.publish()
            return self.eager.evaluate(X, y)  # which reports the error precisely
        rebuilt = self._rebuilt(outputs, self.evaluation)
        if self.eager.loss in BY_NAME.values():
            return float(losses.mean()), rebuilt
        self.publish()  # the loss may look at the model, and treat this batch in another way than those of the training
        listed = rebuilt.tolist() if hasattr(rebuilt, "tolist") else rebuilt
        with no_grad():
            return to_floats(self.eager.loss(listed, y)), rebuilt

    def _forwarded(self, rows: Array) -> tuple[Array, float, Array]:
        """The losses of examples, what is added once to their sum, and a row of outputs for each, at present."""
        return self._parts(self._forward(rows.T, parameters=self._steps.data()))

    def _parts(self, found: Sequence[Array]) -> tuple[Array, float, Array]:
        """What the forward program gives: the losses, what is added once, and a row of outputs for each example."""
        losses, *numbers = found
        added = 0.0 if self.plus is None else float(numbers.pop(0)[0])
        return losses, added, np.array(numbers).T

    def values(self) -> list[Value]:
        """The Values that training changes, or reads."""
        return list(dict.fromkeys([*self.eager.own_values(), *self.vector.values]))

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
        self.vector.confirm()
        for program, each in {self.recorded: self.eager.draws, self.evaluation: 0}.items():  # often one and the same
            some = program.recording.some(len(self.rows), seed)
            noise = random_numbers((0, seed), len(some), each)
            program.recording.confirm(np.column_stack([self.rows[some], noise]).tolist())
        rng = random.Random(seed)
        chosen = {*self.separability.firsts[:8], *rng.sample(range(len(self.rows)), min(len(self.rows), 4))}
        self._compare(sorted(chosen), lambda rows: [_output(row, self.evaluation) for row in rows.tolist()])
        self._glance(seed)
        self._confirm_separability(seed)

    def _confirm_separability(self, seed: int) -> None:
        """Check that the loss of a batch is still a mean or a sum, for other outputs too."""
        if self.eager.loss in BY_NAME.values():
            return
        some = self.separability.some(8, seed)
        try:
            _, added, rows = self._forwarded(self.rows[some])
            outputs = [_output(row, self.evaluation) for row in rows.tolist()]
            every = [self._losses(max(64, 2 * self.separability.sizes[-1]), seed)]
        except (ArithmeticError, ValueError):  # a step raises the error
            return
        for losses in chain(every, self.separability.compare_elsewhere(some, outputs, seed)):
            if self.plus is not None:
                check_sums(losses, added)
            elif not are_means(losses):
                raise NotSeparableError("the loss of a batch is not always the mean of the losses of its examples")

    def _glance(self, seed: int) -> None:
        """Compare the losses of a few examples with those of the model: of one, if it is large."""
        most = max(1, min(8, 10_000 // len(self.evaluation.recording.order)))
        some = random.Random(seed).sample(range(len(self.rows)), min(len(self.rows), most))
        self._compare(some, lambda rows: [self.eager.model(self.eager.X[i]) for i in some])

    def _compare(self, some: list[int], outputs: Callable[[Array], list[Any]]) -> None:
        """Compare the replayed losses of some examples with those of the targets as they were given.

        A loss may treat a target as what it is, for example by ``==``, which is never true for a Value in a recording.

        Arguments:
            some: the examples.
            outputs: gives their outputs, from a row of replayed numbers for each.
        """
        try:
            losses, added, rows = self._forwarded(self.rows[some])
            with no_grad():
                pairs = zip(outputs(rows), some, strict=True)
                wanted = [to_floats(self.eager.loss([output], [self.eager.y[i]])) for output, i in pairs]
        except (ArithmeticError, ValueError):  # no result to compare; a step raises the error
            return
        for i, ours, theirs in zip(some, (losses + added).tolist(), wanted, strict=True):
            if math.isfinite(ours) and not math.isfinite(theirs):
                raise ValueError(f"for example {i} the loss is {theirs}, since a number on the way is too large")
            if not close(ours, theirs) and not (math.isnan(ours) and math.isnan(theirs)):
                raise ValueError(
                    f"for example {i} the loss is {theirs:g}, but its recording gives {ours:g}: does it compare a "
                    "target by ==, or look it up, or has a callback changed the model? In a recording a target is a "
                    "Value; compute with it instead, and make a Value of what a callback changes"
                )


def _output(numbers: Iterable[float], program: ExampleProgram) -> Any:
    """The output for one example in the structure in which the model returns it."""
    return program.recording.unflatten(chain([0.0], numbers))[1]  # without the loss


def _distinct(targets: Examples) -> list[Any]:
    """The targets, each once."""
    found = as_array(targets)
    if found is not None and found.ndim == 1:
        return [targets[int(i)] for i in np.unique(found, return_index=True)[1]]
    return list({tuple(map(float, flatten(targets[i])[0])): targets[i] for i in range(len(targets))}.values())
