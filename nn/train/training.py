"""Training: epochs of mini-batches."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from typing import Any

from autograd import DomainError, assign
from autograd.engine.checks import integer
from nn import losses, optim
from nn.classes import accuracy, count_right
from nn.data.dataset import Examples, batches, check_counts
from nn.losses import CLASSIFICATION_LOSSES, Loss
from nn.module import Module, to_floats
from nn.optim.optimizers import Optimizer
from nn.train.engines import Eager, Recorded
from nn.train.history import History, NonFiniteLossError

WAY_OUT = "Use engine='eager', which replays nothing"


def _engine(name: str, model: Module, loss: Loss, optimizer: Optimizer, X: Examples, y: Examples) -> Eager | Recorded:
    """The engine of this name; without NumPy, Eager."""
    if name == "program":
        try:
            return Recorded(model, loss, optimizer, X, y)
        except (ImportError, ArithmeticError, DomainError):
            pass  # NumPy is missing, or the loss is not defined for the first example, which Eager reports
        except (TypeError, ValueError) as error:
            raise type(error)(f"{error}.  {WAY_OUT}") from error
    return Eager(model, loss, optimizer, X, y)


@dataclass(eq=False, repr=False)
class Training:
    """A training run, advanced by one mini-batch and one optimizer step at a time.

    The arguments are those of ``fit``, which documents them and has their defaults.

    Attributes:
        loss, optimizer: as given, or looked up by name.
        gradients: the engine that computes the gradients.
        history: the completed epochs.
        batches: the number of mini-batches in an epoch.
        steps: the number of steps made.
        last: the loss of the last mini-batch, before its step.

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

    def __post_init__(self, loss: str | Loss, optimizer: str | Optimizer) -> None:
        if not isinstance(self.model, Module):
            raise TypeError(f"the model must be a Module, not {self.model!r}")
        self.loss: Loss = _by_name(loss, losses.BY_NAME, "loss")
        self.optimizer = _optimizer(optimizer, self.model)
        integer("batch_size", self.batch_size)
        if self.patience is not None:
            integer("patience", self.patience)
        if self.patience is not None and self.validation is None:
            raise ValueError("patience needs a validation set")
        if self.engine not in ("program", "eager"):
            raise ValueError(f"engine must be 'program' or 'eager', not {self.engine!r}")
        check_counts(self.X, self.y)
        if self.validation is not None:
            check_counts(*self.validation, "validation: ")
        self.gradients = _engine(self.engine, self.model, self.loss, self.optimizer, self.X, self.y)
        self.batches = math.ceil(len(self.X) / self.batch_size)
        self.waiting: list[list[int]] = []  # the mini-batches of this epoch
        self.examples = self.right = 0  # so far in this epoch; so is ``total``
        self.total = 0.0
        moving = dict.fromkeys([*self.model.parameters(), *self.optimizer.parameters])
        self._start = {parameter: parameter.data for parameter in moving}, self.optimizer.state_dict()
        self._clear()

    def _clear(self) -> None:
        self.rng = random.Random(self.seed)
        self.history = History()
        self.steps = 0
        self.last = math.nan
        self.best: dict[str, float] = {}

    def restart(self) -> None:
        """Reset the parameters and the optimizer to their initial state; only the learning rate is kept."""
        numbers, optimizer = self._start
        assign(numbers.keys(), numbers.values())
        self.optimizer.load_state_dict(optimizer)
        self._clear()

    def step(self) -> float:
        """Make one step, and return the loss of its mini-batch.  The last step of an epoch also records the epoch.

        Raises:
            NonFiniteLossError: as for ``fit``.
        """
        number = self.steps % self.batches
        if number == 0:
            numbers = range(len(self.X))
            self.waiting = [list(batch) for batch, _ in batches(numbers, numbers, self.batch_size, seed=self.rng)]
            self.examples = self.right = 0
            self.total = 0.0
        self.learn(number + 1, self.waiting[number])
        self.steps += 1
        if number + 1 == self.batches:
            self.end()
        return self.last

    @property
    def epoch(self) -> int:
        """The epoch of the next step, from 1."""
        return self.steps // self.batches + 1

    def learn(self, number: int, batch: list[int]) -> None:
        """Make one step: ``number`` is that of the mini-batch in its epoch, ``batch`` the indices of its examples."""
        try:
            self.last, outputs = self.gradients.learn(batch)
        except (ArithmeticError, DomainError) as error:
            raise NonFiniteLossError(f"epoch {self.epoch}, batch {number}: {error}", self.history) from error
        self.optimizer.step()
        self.examples += len(batch)
        self.total += self.last * len(batch)
        if self.loss in CLASSIFICATION_LOSSES:
            self.right += count_right(outputs, [self.y[i] for i in batch])

    def end(self) -> None:
        """Record the epoch, and decide whether to stop early."""
        history = self.history
        if self.epoch & (self.epoch - 1) == 0:  # after epochs 1, 2, 4, 8 and so on
            self.confirm()
        if self.validation is not None:
            inputs, targets = self.validation
            try:
                outputs = self.gradients.predict([inputs[i] for i in range(len(inputs))])
                measured = self.loss(outputs, targets)
            except (ArithmeticError, DomainError) as error:
                raise NonFiniteLossError(f"epoch {len(history) + 1}, validation: {error}", history) from error
            history.validation_loss.append(to_floats(measured))
            if self.loss in CLASSIFICATION_LOSSES:
                history.validation_accuracy.append(accuracy(outputs, targets))
        history.loss.append(self.total / self.examples)
        if self.loss in CLASSIFICATION_LOSSES:
            history.accuracy.append(self.right / self.examples)
        if self.patience is not None:
            losses_seen = [math.inf if math.isnan(x) else x for x in history.validation_loss]
            best = min(range(len(history)), key=losses_seen.__getitem__)
            if best == len(history) - 1:
                self.best = self.model.state_dict()
            elif len(history) - 1 - best >= self.patience:
                history.stopped = f"early: the validation loss was lowest after epoch {best + 1}"

    def confirm(self) -> None:
        """Check that the replay still agrees with the model and the loss.

        Raises:
            ValueError: it does not, for example because they branch on a parameter that has changed.
        """
        try:
            self.gradients.confirm(self.steps)
        except ValueError as error:
            raise ValueError(f"epoch {self.epoch}: {error}.  {WAY_OUT}") from None

    def restore_best(self) -> None:
        """With patience, restore the parameters of the epoch with the lowest validation loss."""
        if self.best:
            self.model.load_state_dict(self.best)

    def summary(self) -> str:
        """The latest entry of each series, in one line."""
        short = {"validation_loss": "val loss", "validation_accuracy": "val accuracy"}
        return ", ".join(f"{short.get(name, name)} {series[-1]:.4g}" for name, series in self.history.columns().items())


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
