"""Training: epochs of mini-batches."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterable, Mapping
from contextvars import copy_context
from dataclasses import InitVar, dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from autograd import DomainError, assign
from autograd.engine.checks import from_zero, integer
from nn import losses, optim
from nn.data.dataset import Examples, check_counts
from nn.losses import Loss
from nn.module import Module
from nn.optim.optimizers import Optimizer
from nn.rows import as_array_if_possible, without_frame
from nn.train.eager import Eager
from nn.train.history import History, NonFiniteLossError
from nn.train.metrics import METRICS, Metrics, metrics_of
from nn.train.objective import bound_to
from nn.train.separable import NEEDS_MEAN, NotSeparableError

if TYPE_CHECKING:
    from nn.train.recorded import Recorded

T = TypeVar("T")
SECONDS = 0.25  # how old the numbers of the Values may be for other threads, at the end of an epoch
WAY_OUT = "Use engine='eager', which replays nothing"


class Tally(NamedTuple):
    """What a step changes besides the parameters; replaced all at once, so that Ctrl-C comes before it or after it.

    Attributes:
        steps: the number of steps made.
        total, size: so far in this epoch, the sum of the weighted losses, and of the weights.
        last: the loss of the last mini-batch, before its step.
    """

    steps: int = 0
    total: float = 0.0
    size: float = 0.0
    last: float = math.nan


@dataclass(eq=False, repr=False)
class Training:
    """A training run, advanced by one mini-batch and one optimizer step at a time.

    The arguments are those of ``fit``, which documents them and has their defaults.

    Attributes:
        loss, optimizer: as given, or looked up by name.
        gradients: the engine that makes the steps.
        metrics: by name, what is measured besides the loss.
        batches: the number of steps in an epoch.
        values: the Values that the training changes, or reads.
        tally: the steps made, and their losses.
        shuffled: an epoch, and the state of the random generator before it shuffles the examples.
        ordered: an epoch, and the order of its examples.
        history: the completed epochs.
        best: with patience, the parameters of the best epoch.
        reported: the number of epochs whose callbacks have been called.

    Raises:
        ValueError, TypeError: as for ``fit``.
    """

    model: Module
    X: Examples
    y: Examples
    loss_or_name: InitVar[str | Loss]
    optimizer_or_name: InitVar[str | Optimizer]
    batch_size: int
    validation: tuple[Examples, Examples] | None
    patience: int | None
    seed: int | None
    engine: str
    metrics_or_names: InitVar[Metrics] = None
    sample_weight: InitVar[Examples | None] = None
    accumulate: int = 1

    def __post_init__(
        self,
        loss: str | Loss,
        optimizer: str | Optimizer,
        metrics: Metrics,
        sample_weight: Examples | None,
    ) -> None:
        if not isinstance(self.model, Module):
            raise TypeError(f"the model must be a Module, not {self.model!r}")
        self.loss: Loss = bound_to(_by_name(loss, losses.BY_NAME, "loss"), self.model)
        self.optimizer = _optimizer(optimizer, self.model)
        if self.patience is not None:
            integer("patience", self.patience)
        if self.patience is not None and self.validation is None:
            raise ValueError("patience needs a validation set")
        if self.engine not in ("program", "eager"):
            raise ValueError(f"engine must be 'program' or 'eager', not {self.engine!r}")
        integer("accumulate", self.accumulate)
        self._take(sample_weight)
        if self.validation is not None:
            if len(self.validation) != 2:
                raise ValueError(f"validation must be examples and targets, (X, y), not {len(self.validation)} things")
            self.validation = without_frame(self.validation[0], "X"), without_frame(self.validation[1], "y")
            check_counts(*self.validation, "validation: ")
        self.metrics = metrics_of(metrics, self.loss)
        self._metrics_are_known = all(metric in METRICS.values() for metric in self.metrics.values())
        self._published = time.monotonic()
        self._finished = 0  # how many epochs, of all examples that there have been
        self.gradients = self._engine()
        self.values = self.gradients.values()
        self._start = [x.data for x in self.values], self.optimizer.state_dict()
        self._clear()

    def _take(self, sample_weight: Examples | None) -> None:
        """Check the examples, their targets and weights."""
        self.X, self.y = without_frame(self.X, "X"), without_frame(self.y, "y")
        check_counts(self.X, self.y)
        if wrong := [i for i in range(len(self.y)) if isinstance(self.y[i], str)]:
            raise TypeError(
                f"target {wrong[0]} is {self.y[wrong[0]]!r}, but must be a number: number the classes from 0"
            )
        self.weights = self._weights(sample_weight)
        self._count = len(self.X)
        self.noise = random.Random(self.seed).getrandbits(62)  # the seed of the random numbers that modules ask for
        self.per_step = integer("batch_size", self.batch_size) * self.accumulate
        self.batches = math.ceil(len(self.X) / self.per_step)

    def go_on_with(
        self, X: Examples, y: Examples, sample_weight: Examples | None, batch_size: int, seed: int | None
    ) -> None:
        """Train on other examples from now on, with the programs that there are, and begin a new history.

        Raises:
            ValueError: the examples have another structure, or have weights and those before had none, or vice versa.
        """
        self.X, self.y, self.batch_size, self.seed = X, y, batch_size, seed
        self._take(sample_weight)
        self.gradients.take(self.X, self.y, self.weights)
        self._clear()

    def _weights(self, given: Examples | None) -> list[float] | None:
        """The weights of the examples; those with weight 0 are left out."""
        if given is None:
            return None
        given = without_frame(given, "sample_weight")
        weights = [from_zero(f"the weight of example {i}", given[i]) for i in range(len(given))]
        if len(weights) != len(self.X):
            raise ValueError(f"{len(weights)} weight(s) for {len(self.X)} example(s)")
        if not any(weights):
            raise ValueError("all examples have the weight 0, so there is nothing to learn from")
        kept = [i for i, w in enumerate(weights) if w]
        if len(kept) < len(weights):
            self.X, self.y = [self.X[i] for i in kept], [self.y[i] for i in kept]
        return [weights[i] for i in kept]

    def _engine(self) -> Eager | Recorded:
        """The engine that was asked for; without NumPy, Eager."""
        eager = Eager(self.model, self.loss, self.optimizer, self.X, self.y, self.weights)
        if self.engine == "program" and find_spec("numpy") is not None:
            from nn.train.batchwise import Batchwise
            from nn.train.recorded import Recorded

            try:
                if eager.mixes_examples:
                    return Batchwise(eager)
                try:
                    return Recorded(eager)
                except NotSeparableError:
                    return Batchwise(eager)
            except (ArithmeticError, DomainError):
                pass  # the loss is not defined for the first example, which Eager reports
            except (TypeError, ValueError) as error:
                way_out = "" if str(error) == NEEDS_MEAN else f".  {WAY_OUT}"
                raise type(error)(f"{error}{way_out}") from error
        return eager

    def _clear(self) -> None:
        self.rng = random.Random(self.seed)
        self.shuffled: tuple[int, Any] = 0, None
        self.ordered: tuple[int, list[int]] = 0, []
        self.tally = Tally()
        self.history = History()
        self.best: dict[str, float] = {}
        self.reported = 0

    def restart(self) -> None:
        """Reset the parameters and the optimizer to their initial state; only the learning rate is kept."""
        numbers, optimizer = self._start
        self.publish()
        assign(self.values, numbers)
        self.optimizer.load_state_dict(optimizer)
        self.collect()
        self._clear()

    def step(self) -> float:
        """Make one step, bring the Values up to date, and return the loss of the mini-batch before the step."""
        loss = self.advance()
        self.publish()
        return loss

    def advance(self) -> float:
        """Make one step, and return the loss of its mini-batch.  The last step of an epoch also records the epoch.

        The numbers of the parameters stay in a vector: before someone looks at the Values, ``publish`` them.  A step
        that Ctrl-C interrupts has not been made.

        Raises:
            NonFiniteLossError: as for ``fit``.
        """
        self.finish_epoch()
        before, mark = self.tally, self.gradients.mark()
        number = before.steps % self.batches
        batch = self.order()[number * self.per_step : (number + 1) * self.per_step]
        parts = [batch[start : start + self.batch_size] for start in range(0, len(batch), self.batch_size)]
        try:
            loss = apart(self.gradients.step, parts, (self.noise, before.steps))
            size = len(batch) if self.weights is None else math.fsum([self.weights[i] for i in batch])
            total, sizes = (0.0, 0.0) if number == 0 else (before.total, before.size)
            self.tally = Tally(before.steps + 1, total + loss * size, sizes + size, loss)
        except (ArithmeticError, DomainError) as error:
            self.publish()
            raise NonFiniteLossError(f"epoch {self.epoch}, batch {number + 1}: {error}", self.history) from error
        except KeyboardInterrupt:
            if self.tally is before:
                self.gradients.go_back(mark)
            raise
        self.finish_epoch()
        return loss

    def order(self) -> list[int]:
        """The order of the examples in this epoch."""
        if self.ordered[0] != self.epoch:
            if self.shuffled[0] == self.epoch:  # and Ctrl-C came before the order was there
                self.rng.setstate(self.shuffled[1])
            self.shuffled = self.epoch, self.rng.getstate()
            order = list(range(len(self.X)))
            self.rng.shuffle(order)
            self.ordered = self.epoch, order
        return self.ordered[1]

    @property
    def steps(self) -> int:
        """The number of steps made."""
        return self.tally.steps

    @property
    def last(self) -> float:
        """The loss of the last mini-batch, before its step."""
        return self.tally.last

    @property
    def epoch(self) -> int:
        """The epoch of the next step, from 1."""
        return self.steps // self.batches + 1

    @property
    def is_within_epoch(self) -> bool:
        """Whether there are steps of an epoch that is not recorded yet."""
        return self.steps > len(self.history) * self.batches

    def publish(self) -> None:
        """Bring the Values up to date, before someone looks at them."""
        self.gradients.publish()
        self._published = time.monotonic()

    def collect(self) -> None:
        """Read the numbers of the Values, after someone may have changed them."""
        self.gradients.collect()

    def finish_epoch(self) -> None:
        """Record the epoch and decide whether to stop early, as soon as all of its steps are made."""
        history = self.history
        if self.steps < (len(history) + 1) * self.batches:
            return
        if not self._metrics_are_known or time.monotonic() - self._published > SECONDS:
            self.publish()
        self._finished += 1
        if self._finished & (self._finished - 1) == 0:  # after epochs 1, 2, 4, 8 and so on
            self.confirm()
        found = {"loss": self.tally.total / self.tally.size}
        if self.metrics:
            found |= self._measured(self.gradients.outputs(), self.y)
        if self.validation is not None:
            found |= {f"validation_{name}": x for name, x in self._validate(*self.validation).items()}
        if self.patience is not None:
            losses_seen = [
                math.inf if math.isnan(x) else x for x in (*history.validation_loss, found["validation_loss"])
            ]
            best = min(range(len(losses_seen)), key=losses_seen.__getitem__)
            if best == len(history):
                self.publish()
                self.best = self.model.state_dict()
            elif len(history) - best >= self.patience:
                history.stopped = f"early: the validation loss was lowest after epoch {best + 1}"
        history.add(found)  # last, so that all is done again if Ctrl-C comes before it

    def report(self, callbacks: Iterable[Callable[[History], Any]]) -> None:
        """Call functions with the history; one that returns True ends the training."""
        if callbacks:
            self.publish()
            enough = [callback(self.history) is True for callback in callbacks]
            if len(self.X) != len(self.y) or len(self.X) != self._count:
                raise ValueError(
                    f"a callback has changed the number of examples from {self._count} to {len(self.X)}, with "
                    f"{len(self.y)} target(s); call fit again instead"
                )
            self.collect()
            self.confirm(self.gradients.glance)
            if any(enough):
                self.history.stopped = f"by a callback after epoch {len(self.history)}"
        self.reported = len(self.history)

    def _validate(self, X: Examples, y: Examples) -> dict[str, float]:
        """The loss and the metrics of the validation set."""
        try:
            loss, outputs = apart(self.gradients.evaluate, X, y)
        except (ArithmeticError, DomainError) as error:
            self.publish()
            raise NonFiniteLossError(f"epoch {len(self.history) + 1}, validation: {error}", self.history) from error
        return {"loss": loss, **self._measured(outputs, y)}

    def _measured(self, outputs: Any, y: Examples) -> dict[str, float]:
        """The metrics, of arrays where that is possible: + adds arrays, but joins lists."""
        outputs, targets = as_array_if_possible(outputs), as_array_if_possible(y)
        return {name: float(metric(outputs, targets)) for name, metric in self.metrics.items()}

    def confirm(self, check: Callable[[int], None] | None = None) -> None:
        """Check that the replay still agrees with the model and the loss.

        Arguments:
            check: how; None for the usual, thorough check.

        Raises:
            ValueError: it does not, for example because they branch on a parameter that has changed.
        """
        try:
            apart(check or self.gradients.confirm, self.steps)
        except ValueError as error:
            raise ValueError(f"epoch {self.epoch}: {error}.  {WAY_OUT}") from None

    def restore_best(self) -> None:
        """With patience, restore the parameters of the epoch with the lowest validation loss."""
        self.publish()
        if self.best:
            self.model.load_state_dict(self.best)
            self.collect()

    def summary(self) -> str:
        """The latest entry of each series, in one line."""
        short = {"validation_loss": "val loss", "validation_accuracy": "val accuracy"}
        return ", ".join(f"{short.get(name, name)} {series[-1]:.4g}" for name, series in self.history.columns().items())


def apart(call: Callable[..., T], *arguments: Any) -> T:
    """Call a function in a copy of the context.

    Whether a step is being made, and whether operations are recorded, are context variables.  A ``with`` block sets
    them back, but not if Ctrl-C comes just before its first line; then the model would drop units when it predicts.
    """
    return copy_context().run(call, *arguments)


def _optimizer(given: str | Optimizer, model: Module) -> Optimizer:
    """The given optimizer, or a new one of this name for the parameters of the model."""
    found = given
    if isinstance(given, str):
        found = _by_name(given, optim.BY_NAME, "optimizer")(model.parameters(), lr=optim.RATES[given.lower()])
    if not isinstance(found, Optimizer):
        raise TypeError(f"expected an optimizer or the name of one, not {given!r}")
    if not set(found.parameters) & set(model.parameters()):
        raise ValueError(f"the optimizer has no parameter of {model!r}; create it with model.parameters()")
    return found


def _by_name(given: Any, known: Mapping[str, Any], what: str) -> Any:
    if isinstance(given, str):
        if given.lower() not in known:
            raise ValueError(f"there is no {what} {given!r}; choose from {', '.join(known)}")
        return known[given.lower()]
    if not callable(given):
        raise TypeError(f"expected the name of a {what} or a function, not {given!r}")
    return given
