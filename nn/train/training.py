"""Training: epochs of mini-batches."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterable, Mapping
from contextvars import copy_context
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from autograd import DomainError, assign
from autograd.engine.checks import from_zero, integer
from nn import losses, optim
from nn.data.dataset import Examples, check_counts
from nn.losses import Loss, bound_to
from nn.module import Module
from nn.optim.optimizers import Optimizer
from nn.rows import as_array_if_possible, in_columns, in_memory, without_frame
from nn.train.eager import Eager, with_way_out
from nn.train.history import History, NonFiniteLossError
from nn.train.metrics import METRICS, Metrics, metrics_of
from nn.train.separable import NeedsMeanError, NotSeparableError

if TYPE_CHECKING:
    from nn.train.recorded import Recorded
    from nn.train.steps import Steps
    from nn.train.vector import ParameterVector

T = TypeVar("T")
ENGINES = ("program", "eager", "jax", "torch")
PUBLISH_EVERY = 0.25  # seconds: other threads, such as a live view, read the Values


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


class Training:
    """A training run, advanced by one optimizer step at a time.

    The arguments are those of ``fit``, which documents them.

    Attributes:
        model, validation, batch_size, patience, seed: as given.
        X, y: the examples and their targets, without those of weight 0.
        weights: the weights of the examples; None if all are equal.
        loss, optimizer: as given, or looked up by name.
        metrics: by name, what is measured besides the loss.
        engine: what makes the steps; ``engine_name`` is as given.
        examples_per_step, steps_per_epoch: how many.
        values: the Values that the training changes, or reads.
        dtype: the type of the numbers of the engine.
        tally: the steps made, and their losses.
        shuffled: an epoch, and the state of the random generator before it shuffles the examples.
        ordered: an epoch, and the order of its examples.
        history: the completed epochs.
        best: with patience, the parameters of the best epoch.
        reported: the number of epochs whose callbacks have been called.

    Raises:
        ValueError, TypeError: as for ``fit``.
    """

    def __init__(
        self,
        model: Module,
        X: Examples,
        y: Examples,
        *,
        loss: str | Loss,
        optimizer: str | Optimizer,
        batch_size: int,
        validation: tuple[Examples, Examples] | None = None,
        patience: int | None = None,
        seed: int | None = None,
        engine: str = "program",
        metrics: Metrics = None,
        sample_weight: Examples | None = None,
        accumulate: int = 1,
        device: Any = None,
        dtype: str = "float64",
        client: Any = None,
    ) -> None:
        if not isinstance(model, Module):
            raise TypeError(f"the model must be a Module, not {model!r}")
        if engine not in ENGINES:
            raise ValueError(f"engine must be {', '.join(map(repr, ENGINES[:-1]))} or {ENGINES[-1]!r}, not {engine!r}")
        if patience is not None and validation is None:
            raise ValueError("patience needs a validation set")
        self.model = model
        self.loss: Loss = bound_to(_by_name(loss, losses.BY_NAME, "loss"), model)
        self.optimizer = _optimizer(optimizer, model)
        self.metrics = metrics_of(metrics, self.loss)
        self._metrics_are_known = all(metric in METRICS.values() for metric in self.metrics.values())
        self.patience = None if patience is None else integer("patience", patience)
        self.accumulate = integer("accumulate", accumulate)
        self._validation = validation
        self._set_examples(X, y, sample_weight, batch_size, seed)
        self.engine_name, self.engine = engine, self._made_engine(_steps(engine, device, dtype, client))
        self.engine.keeps_outputs = bool(self.metrics)
        if client is not None and getattr(self.engine, "is_whole", False):
            raise ValueError(
                "a mini-batch of this model or loss cannot be divided among workers, since it needs all its examples "
                "at once, as BatchNorm does; train it without a client"
            )
        self.values = self.engine.values()
        self.dtype = dtype
        self._start = [x.data for x in self.values], self.optimizer.state_dict()
        self._published = time.monotonic()
        self._epochs = 0  # how many were finished, with these and with earlier examples
        self._clear()

    def _set_examples(
        self, X: Examples, y: Examples, sample_weight: Examples | None, batch_size: int, seed: int | None
    ) -> None:
        """Check and store the examples, their targets and weights, and what follows from how many there are."""
        self.batch_size, self.seed = integer("batch_size", batch_size), seed
        X, y = in_memory(X, y)
        check_counts(X, y)
        self._given: tuple[Any, Any] = X, y
        self._count = len(X)
        self._kept, self.weights = _checked_weights(sample_weight, len(X))
        self._read()
        if wrong := [i for i in range(len(self.y)) if isinstance(self.y[i], str)]:
            raise TypeError(
                f"target {wrong[0]} is {self.y[wrong[0]]!r}, but must be a number: number the classes from 0"
            )
        self.noise_seed = random.Random(seed).getrandbits(62)  # of the random numbers that modules ask for
        self.examples_per_step = self.batch_size * self.accumulate
        self.steps_per_epoch = math.ceil(len(self.X) / self.examples_per_step)
        last = len(self.X) % self.examples_per_step % self.batch_size
        self._sizes = [self.batch_size, last or self.batch_size]  # of a mini-batch, and of the last

    def _read(self) -> None:
        """Read what was given: examples and targets, without those of weight 0, and those for validation."""
        X: Examples = without_frame(self._given[0], "X")
        y: Examples = without_frame(self._given[1], "y")
        every = len(self._kept) == len(X)
        self.X, self.y = (X, y) if every else ([X[i] for i in self._kept], [y[i] for i in self._kept])
        self.validation = _checked_validation(self._validation, self._given[0])

    def go_on_with(
        self, X: Examples, y: Examples, sample_weight: Examples | None, batch_size: int, seed: int | None
    ) -> None:
        """Train on other examples from now on, with the programs that there are, and begin a new history.

        Raises:
            ValueError: the examples have another structure, or have weights and those before had none, or vice versa.
        """
        self._set_examples(X, y, sample_weight, batch_size, seed)
        self.engine.take(self.X, self.y, self.weights, self._sizes)
        self._clear()

    def _made_engine(self, steps: Callable[[ParameterVector], Steps] | None) -> Eager | Recorded:
        """The engine, from what makes its steps; None for Eager."""
        eager = Eager(self.model, self.loss, self.optimizer, self.X, self.y, self.weights, self._sizes)
        if steps is None:
            return eager
        from nn.train.batchwise import Batchwise
        from nn.train.recorded import Recorded

        try:
            if eager.mixes_examples:
                return Batchwise(eager, steps)
            try:
                return Recorded(eager, steps)
            except NotSeparableError:
                return Batchwise(eager, steps)
        except (ArithmeticError, DomainError):
            return eager  # the loss is not defined for the first example, which the first step reports
        except NeedsMeanError:
            raise
        except (TypeError, ValueError) as error:
            raise with_way_out(error) from error

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
        before, mark = self.tally, self.engine.mark()
        number = before.steps % self.steps_per_epoch
        batch = self.order()[number * self.examples_per_step : (number + 1) * self.examples_per_step]
        parts = [batch[start : start + self.batch_size] for start in range(0, len(batch), self.batch_size)]
        try:
            loss = apart(self.engine.step, parts, (self.noise_seed, before.steps))
            size = len(batch) if self.weights is None else math.fsum([self.weights[i] for i in batch])
            total, sizes = (0.0, 0.0) if number == 0 else (before.total, before.size)
            self.tally = Tally(before.steps + 1, total + loss * size, sizes + size, loss)
        except (ArithmeticError, DomainError) as error:
            self.publish()
            raise NonFiniteLossError(f"epoch {self.epoch}, batch {number + 1}: {error}", self.history) from error
        except KeyboardInterrupt:
            if self.tally is before:
                self.engine.go_back(mark)
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
        return self.steps // self.steps_per_epoch + 1

    @property
    def is_within_epoch(self) -> bool:
        """Whether there are steps of an epoch that is not recorded yet."""
        return self.steps > len(self.history) * self.steps_per_epoch

    def publish(self) -> None:
        """Bring the Values up to date, before someone looks at them."""
        self.engine.publish()
        self._published = time.monotonic()

    def collect(self) -> None:
        """Read the numbers of the Values, after someone may have changed them."""
        self.engine.collect()

    def finish_epoch(self) -> None:
        """If all steps of an epoch are made, measure it, decide whether to stop early, and add it to the history."""
        if self.steps < (len(self.history) + 1) * self.steps_per_epoch:
            return
        if not self._metrics_are_known or time.monotonic() - self._published > PUBLISH_EVERY:
            self.publish()
        self._epochs += 1
        if self._epochs & (self._epochs - 1) == 0:  # after epochs 1, 2, 4, 8 and so on
            self.confirm()
        found = {"loss": self.tally.total / self.tally.size}
        if self.metrics:
            found |= self._measured(self.engine.outputs(), self.y)
        if self.validation is not None:
            found |= {f"validation_{name}": x for name, x in self._validate(*self.validation).items()}
        if self.patience is not None:
            self._stop_early(self.patience, found["validation_loss"])
        self.history.add(found)  # last, so that all is done again if Ctrl-C comes before it

    def _stop_early(self, patience: int, validation_loss: float) -> None:
        """Remember the parameters if this epoch is the best, and stop if the best was too long ago."""
        count = len(self.history)
        seen = [math.inf if math.isnan(x) else x for x in (*self.history.validation_loss, validation_loss)]
        best = min(range(len(seen)), key=seen.__getitem__)
        if best == count:
            self.publish()
            self.best = self.model.state_dict()
        elif count - best >= patience:
            self.history.stopped = f"early: the validation loss was lowest after epoch {best + 1}"

    def report(self, callbacks: Iterable[Callable[[History], Any]]) -> None:
        """Call functions with the history; one that returns True ends the training.

        Raises:
            ValueError: one of them has changed the number of examples, or what a replay does not notice.
        """
        if callbacks:
            self.publish()
            enough = [callback(self.history) is True for callback in callbacks]
            X, y = self._given
            if len(X) != self._count or len(y) != self._count:
                raise ValueError(
                    f"a callback has changed the number of examples from {self._count} to {len(X)}, with {len(y)} "
                    "target(s); call fit again instead"
                )
            self._read()
            self._confirm(self.engine.take, self.X, self.y, self.weights, self._sizes)
            if any(enough):
                self.history.stopped = f"by a callback after epoch {len(self.history)}"
        self.reported = len(self.history)

    def _validate(self, X: Examples, y: Examples) -> dict[str, float]:
        """The loss and the metrics of the validation set."""
        try:
            loss, outputs = apart(self.engine.evaluate, X, y)
        except (ArithmeticError, DomainError) as error:
            self.publish()
            raise NonFiniteLossError(f"epoch {len(self.history) + 1}, validation: {error}", self.history) from error
        return {"loss": loss, **self._measured(outputs, y)}

    def _measured(self, outputs: Any, y: Examples) -> dict[str, float]:
        """The metrics, of arrays where that is possible: + adds arrays, but joins lists."""
        outputs, targets = as_array_if_possible(outputs), as_array_if_possible(y)
        return {name: float(metric(outputs, targets)) for name, metric in self.metrics.items()}

    def confirm(self) -> None:
        """Check that the replay still agrees with the model and the loss.

        Raises:
            ValueError: it does not, for example because they branch on a parameter that has changed.
        """
        self._confirm(self.engine.confirm, self.steps)

    def _confirm(self, check: Callable[..., None], *arguments: Any) -> None:
        try:
            apart(check, *arguments)
        except ValueError as error:
            raise ValueError(f"epoch {self.epoch}: {with_way_out(error)}") from None

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


def _steps(engine: str, device: Any, dtype: str, client: Any) -> Callable[[ParameterVector], Steps] | None:
    """What makes the steps of a recorded training, from the numbers of its parameters; None for eager training."""
    if client is not None and engine != "program":
        raise ValueError(f"the workers of a client compute with engine='program', not {engine!r}")
    if engine in ("jax", "torch"):
        from nn.train.compiled import CompiledSteps, library_of

        library = library_of(engine, device, dtype)
        return lambda vector: CompiledSteps(vector, library)
    if device is not None or dtype != "float64":
        raise ValueError(f"engine={engine!r} computes with float64 on the processor: for others use 'jax' or 'torch'")
    if engine == "eager" or find_spec("numpy") is None:
        return None
    if client is not None:
        from nn.train.distributed import Cluster, DistributedSteps

        cluster = client if isinstance(client, Cluster) else Cluster(client)
        return lambda vector: DistributedSteps(vector, cluster)
    from nn.train.steps import Steps

    return Steps


def _checked_validation(given: tuple[Examples, Examples] | None, like: Examples) -> tuple[Examples, Examples] | None:
    """Examples and targets for validation, as arrays or lists; in data frames, in the columns of those to train on."""
    if given is None:
        return None
    if len(given) != 2:
        raise ValueError(f"validation must be examples and targets, (X, y), not {len(given)} things")
    X, y = without_frame(in_columns(given[0], like), "X"), without_frame(given[1], "y")
    check_counts(X, y, "validation: ")
    return X, y


def _checked_weights(given: Examples | None, count: int) -> tuple[list[int], list[float] | None]:
    """The indices of the examples that count, and their weights; None if all are equal."""
    if given is None:
        return list(range(count)), None
    given = without_frame(given, "sample_weight")
    weights = [from_zero(f"the weight of example {i}", given[i]) for i in range(len(given))]
    if len(weights) != count:
        raise ValueError(f"{len(weights)} weight(s) for {count} example(s)")
    kept = [i for i, w in enumerate(weights) if w]
    if not kept:
        raise ValueError("all examples have the weight 0, so there is nothing to learn from")
    return kept, [weights[i] for i in kept]


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
