"""Training: epochs of mini-batches, and the record of how it went."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, SupportsFloat

from autograd import DomainError, assign
from nn import losses, optim
from nn.data import Examples, batches
from nn.engines import Eager, Engine, Recorded
from nn.losses import CLASSIFICATION_LOSSES, Loss
from nn.module import Module, plain
from nn.optim import Optimizer

if TYPE_CHECKING:
    from nn.plots import Chart


@dataclass
class History:
    """How training went, one entry for each finished epoch.

    Attributes:
        loss: the mean loss over the examples, each as it was when its batch came.
        accuracy: the share of right answers, likewise; empty if there are no classes.
        validation_loss, validation_accuracy: the same for the validation set, after the epoch; empty without one.
        stopped: why training ended before its last epoch; empty if it did not.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    stopped: str = ""

    def __len__(self) -> int:
        return len(self.loss)

    def columns(self) -> dict[str, list[float]]:
        """The series that have entries, by name."""
        names = ("loss", "accuracy", "validation_loss", "validation_accuracy")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    def _shown(self) -> list[int]:
        """At most 21 epochs, the first and the last among them."""
        stride = max(1, math.ceil(len(self) / 20))
        return sorted({*range(0, len(self), stride), len(self) - 1}) if len(self) else []

    def _repr_html_(self) -> str:
        """The table that ``print`` shows, for a notebook."""
        columns = self.columns()
        head = "".join(f"<th>{name.replace('_', ' ')}</th>" for name in ("epoch", *columns))
        rows = [
            f"<tr><td>{i + 1}</td>{''.join(f'<td>{series[i]:.6g}</td>' for series in columns.values())}</tr>"
            for i in self._shown()
        ]
        stopped = f"<p>stopped: {escape(self.stopped)}</p>" if self.stopped else ""
        return f"<table><tr>{head}</tr>{''.join(rows)}</table>{stopped}"

    def __str__(self) -> str:
        """A table of at most 21 epochs, the first and the last among them."""
        columns, shown = self.columns(), self._shown()
        lines = ["".join([f"{'epoch':>6}", *(f"{name:>22}" for name in columns)])]
        lines += ["".join([f"{i + 1:>6}", *(f"{series[i]:>22.6g}" for series in columns.values())]) for i in shown]
        return "\n".join([*lines, f"stopped: {self.stopped}"] if self.stopped else lines)

    def plot(self) -> Chart:
        """The curves of loss and accuracy; needs matplotlib.  The result shows itself in a notebook."""
        from nn.plots import plot_history

        return plot_history(self)


def fit(
    model: Module,
    X: Examples,
    y: Examples,
    loss: str | Loss = "mse",
    optimizer: str | Optimizer = "adam",
    epochs: int = 100,
    batch_size: int = 32,
    validation: tuple[Examples, Examples] | None = None,
    patience: int | None = None,
    callbacks: Callable[[History], Any] | Iterable[Callable[[History], Any]] = (),
    progress: bool = True,
    seed: int | None = None,
    engine: str = "program",
) -> History:
    """Train a model: for each mini-batch a forward pass, a backward pass, and a step of the optimizer.

    Arguments:
        model: a Module that takes one example.
        X, y: the examples and their targets, as many.
        loss: a name in ``nn.losses.BY_NAME``, or a function of a list of outputs and a list of targets.
        optimizer: an Optimizer over the model's parameters, or a name in ``nn.optim.BY_NAME``.
        epochs: how often to go through all examples.
        batch_size: how many examples share one step.
        validation: examples and targets to measure with, and not to learn from, after each epoch.
        patience: stop when the validation loss has not fallen for so many epochs, and take back the best parameters.
        callbacks: functions called with the history after each epoch; one that returns True ends the training.
        progress: show a progress bar.
        seed: a number for the same order of examples every time.
        engine: "program" records the loss of one example and replays it as matrix code over whole batches, which takes
            a hundredth of the time; "eager" makes a graph for each example, as you would write it yourself.  Both give
            the same numbers.  Without NumPy training is eager.

    Returns:
        The history.  Ctrl-C ends the training and keeps it.

    Raises:
        ValueError, TypeError: an argument is none of these; or the model or the loss cannot be replayed, because it
            branches on a Value, say, which ``engine="eager"`` can.
        NonFiniteLossError: the loss is nan or infinite, or cannot be computed.  The message names the epoch, the batch
            and the first node that went wrong; the error's ``history`` holds the epochs before.
    """
    if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 1:
        raise ValueError(f"epochs is a whole number from 1, not {epochs!r}")
    callbacks = [callbacks] if callable(callbacks) else list(callbacks)
    run = Training(model, X, y, loss, optimizer, batch_size, validation, patience, seed, engine)
    with _bar(epochs, run.batches, progress) as bar:
        try:
            for epoch in range(1, epochs + 1):
                for _ in range(run.batches):
                    run.step()
                    bar.update()
                bar.set_description(f"epoch {epoch}/{epochs}", refresh=False)
                bar.set_postfix_str(run.summary(), refresh=False)
                enough = [callback(run.history) is True for callback in callbacks]
                if any(enough):
                    run.history.stopped = f"by a callback after epoch {epoch}"
                if run.history.stopped:
                    break
        except KeyboardInterrupt:
            run.history.stopped = f"interrupted in epoch {len(run.history) + 1}"
    run.confirm()
    run.take_back_best()
    return run.history


WAY_OUT = "With engine='eager' nothing is replayed"


def _engine(name: str, model: Module, loss: Loss, optimizer: Optimizer, X: Examples, y: Examples) -> Engine:
    """The engine of this name."""
    if name == "program":
        try:
            return Recorded(model, loss, optimizer, X, y)
        except (ImportError, ArithmeticError, DomainError):  # no NumPy; or the first loss is none, as eager will say
            return Eager(model, loss, optimizer, X, y)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{error}.  {WAY_OUT}") from error
    return Eager(model, loss, optimizer, X, y)


class NonFiniteLossError(FloatingPointError):
    """Training stopped because the loss was no finite number.

    Attributes:
        history: the epochs before.
    """

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


class Training:
    """A training under way: one mini-batch, and one step of the optimizer, after the other.

    Arguments: as for ``fit``.

    Attributes:
        model, loss, optimizer: what is trained, by what measure, and by what steps.
        history: the epochs that are over.
        batches: how many mini-batches make an epoch.
        steps: how many steps have been made.
        last: the loss of the last mini-batch, before its step.

    Raises:
        ValueError, TypeError: as for ``fit``.
    """

    def __init__(
        self,
        model: Module,
        X: Examples,
        y: Examples,
        loss: str | Loss = "mse",
        optimizer: str | Optimizer = "adam",
        batch_size: int = 32,
        validation: tuple[Examples, Examples] | None = None,
        patience: int | None = None,
        seed: int | None = None,
        engine: str = "program",
    ) -> None:
        if not isinstance(model, Module):
            raise TypeError(f"a model to train is a Module, not {model!r}")
        self.model, self.X, self.y = model, X, y
        self.waiting: list[list[int]] = []  # the mini-batches of this epoch
        self.examples = self.right = 0  # so far in this epoch, as is ``total``
        self.total = 0.0
        self.loss: Loss = _by_name(loss, losses.BY_NAME, "loss")
        self.optimizer = _optimizer(optimizer, model)
        for name, number in (("batch_size", batch_size), ("patience", patience)):
            if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 1):
                raise ValueError(f"{name} is a whole number from 1, not {number!r}")
        if patience is not None and validation is None:
            raise ValueError("patience needs a validation set to watch")
        if engine not in ("program", "eager"):
            raise ValueError(f"the engine is 'program' or 'eager', not {engine!r}")
        if len(X) != len(y) or not len(X):
            raise ValueError(f"{len(X)} example(s) for {len(y)} target(s)")
        if validation is not None:
            checked, targets = validation
            if len(checked) != len(targets) or not len(checked):
                raise ValueError(f"validation: {len(checked)} example(s) for {len(targets)} target(s)")
        self.batch_size, self.validation, self.patience = batch_size, validation, patience
        self.engine_name = engine
        self.engine = _engine(engine, model, self.loss, self.optimizer, X, y)
        self.batches = math.ceil(len(X) / batch_size)
        self.seed = seed
        moving = dict.fromkeys([*model.parameters(), *self.optimizer.parameters])
        self._start = {parameter: parameter.data for parameter in moving}, self.optimizer.state_dict()
        self._clear()

    def _clear(self) -> None:
        self.rng = random.Random(self.seed)
        self.history = History()
        self.steps = 0
        self.last = math.nan
        self.best: dict[str, float] = {}

    def restart(self) -> None:
        """Take back the parameters and the optimizer as they were at first; only its learning rate stays."""
        numbers, optimizer = self._start
        assign(numbers.keys(), numbers.values())
        self.optimizer.load_state_dict(optimizer)
        self._clear()

    def step(self) -> float:
        """The loss of the next mini-batch, from which a step was made.  The last of an epoch writes down the epoch.

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
        """One step from one mini-batch: its number in the epoch, and the numbers of its examples."""
        try:
            self.last, outputs = self.engine.learn(batch)
        except (ArithmeticError, DomainError) as error:
            raise NonFiniteLossError(f"epoch {self.epoch}, batch {number}: {error}", self.history) from error
        self.optimizer.step()
        self.examples += len(batch)
        self.total += self.last * len(batch)
        if self.loss in CLASSIFICATION_LOSSES:
            self.right += _count_right(outputs, [self.y[i] for i in batch])

    def end(self) -> None:
        """Write down the epoch, and see whether it was one too many."""
        history = self.history
        if self.epoch & (self.epoch - 1) == 0:  # after epochs 1, 2, 4, 8 and so on
            self.confirm()
        if self.validation is not None:
            inputs, targets = self.validation
            try:
                outputs = self.engine.predict([inputs[i] for i in range(len(inputs))])
                measured = self.loss(outputs, targets)
            except (ArithmeticError, DomainError) as error:
                raise NonFiniteLossError(f"epoch {len(history) + 1}, validation: {error}", history) from error
            history.validation_loss.append(plain(measured))
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
        """See that what is replayed still is what the model and the loss compute.

        Raises:
            ValueError: it is not, since they branch on a parameter, say, that has moved.
        """
        try:
            self.engine.confirm(self.steps)
        except ValueError as error:
            raise ValueError(f"epoch {self.epoch}: {error}.  {WAY_OUT}") from None

    def take_back_best(self) -> None:
        """Where there is patience: the parameters of the epoch with the lowest validation loss."""
        if self.best:
            self.model.load_state_dict(self.best)

    def summary(self) -> str:
        """The newest entry of each series, in one line."""
        short = {"validation_loss": "val loss", "validation_accuracy": "val accuracy"}
        return ", ".join(f"{short.get(name, name)} {series[-1]:.4g}" for name, series in self.history.columns().items())


# ------------------------------------------------------------------------------------------------------ right and wrong


def accuracy(outputs: Any, y: Any) -> float:
    """The share of examples whose output tells the right class.

    Arguments:
        outputs: for each example a list with a number for each class, of which the largest counts; or one number,
            above zero for class 1, and else class 0, or -1 where the targets are -1 and 1.
        y: the right classes.  A row of probabilities stands for the class with the largest; another row says of each
            output whether it is to be above zero.

    Raises:
        ValueError: outputs and y differ in length, or are empty, or an output is nan, or a target is no class.

    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5
    """
    _same_length(outputs, y)
    return _count_right(outputs, y) / len(y)


def confusion_matrix(outputs: Any, y: Any, classes: int | None = None) -> list[list[int]]:
    """How often examples of each class (row) were taken for each class (column).  Arguments as for ``accuracy``.

    Where the classes are -1 and 1, they come in this order.

    >>> confusion_matrix([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    [[0, 0], [1, 1]]
    """
    _same_length(outputs, y)
    signed = _signed(y)
    y = [_class_of(target) for target in y]
    told = [predicted_class(output, signed) for output in outputs]
    if signed:
        told, y = [(t + 1) // 2 for t in told], [(t + 1) // 2 for t in y]
    size = max([classes or 2, *(t + 1 for t in (*told, *y))])
    matrix = [[0] * size for _ in range(size)]
    for right, answer in zip(y, told, strict=True):
        matrix[right][answer] += 1
    return matrix


def predicted_class(output: Any, signed: bool = False) -> int:
    """The class that one output tells: see ``accuracy``."""
    numbers = _numbers_of(output)
    if any(map(math.isnan, numbers)):
        raise ValueError(f"an output that is nan belongs to no class: {plain(output)}")
    if _is_row(output):
        return numbers.index(max(numbers))
    return 1 if numbers[0] > 0.0 else -1 if signed else 0


def _count_right(outputs: Any, y: Any) -> int:
    signed = _signed(y)
    return sum(_is_right(output, target, signed) for output, target in zip(outputs, y, strict=True))


def _signed(y: Any) -> bool:
    """Whether the classes are -1 and 1."""
    return any(not _is_row(target) and target == -1 for target in y)


def _class_of(target: Any) -> int:
    """The class that a target stands for: its number, the nearer one for a probability, or the largest of a row."""
    if _is_row(target):
        return predicted_class(target)
    if isinstance(target, SupportsFloat) and (0.0 < float(target) < 1.0 or float(target).is_integer()):
        return round(float(target))
    raise ValueError(f"a target is the number of a class, a probability, or a row of numbers, not {target!r}")


def _is_right(output: Any, target: Any, signed: bool) -> bool:
    numbers = _numbers_of(target) if _is_row(target) else []
    if not numbers or (math.isclose(sum(numbers), 1.0) and min(numbers) >= 0.0):
        return predicted_class(output, signed) == _class_of(target)
    middle = 0.0 if min(numbers) < 0.0 else 0.5  # of targets -1 and 1, and of 0 and 1
    return all((predicted_class(x) == 1) == (t > middle) for x, t in zip(output, numbers, strict=True))


def _is_row(x: Any) -> bool:
    return isinstance(x, list | tuple) or bool(getattr(x, "shape", ()))


def _numbers_of(x: Any) -> list[float]:
    """The numbers of a row, or the one number."""
    return [plain(part) for part in x] if _is_row(x) else [plain(x)]


def _same_length(outputs: Any, y: Any) -> None:
    if len(outputs) != len(y) or not len(y):
        raise ValueError(f"{len(outputs)} output(s) for {len(y)} target(s)")


# --------------------------------------------------------------------------------------------------------- progress bar


class _Lines:
    """Where tqdm is not installed: some lines of text in the place of a progress bar; none where none is wanted."""

    def __init__(self, epochs: int, shown: bool) -> None:
        self.stride = math.ceil(epochs / 10)
        self.shown = shown
        self.text = ""
        self.epoch = 0

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *error: object) -> None: ...

    def update(self) -> None: ...

    def set_description(self, text: str, refresh: bool) -> None:
        self.text = text
        self.epoch += 1

    def set_postfix_str(self, text: str, refresh: bool) -> None:
        if self.shown and self.epoch % self.stride == 0:
            print(f"{self.text}: {text}", file=sys.stderr)


def _bar(epochs: int, steps: int, progress: bool) -> Any:
    """A progress bar in a terminal or a notebook."""
    if progress:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            return _Lines(epochs, shown=True)
        # In a log file each refresh is a new line of text: there, one every ten seconds is enough.
        live = sys.stderr.isatty() or "ipykernel" in sys.modules
        return tqdm(total=epochs * steps, unit="batch", dynamic_ncols=True, mininterval=0.1 if live else 10.0)
    return _Lines(epochs, shown=False)


def _optimizer(given: str | Optimizer, model: Module) -> Optimizer:
    """The optimizer given, or the one of this name over the parameters of the model."""
    found = given if isinstance(given, Optimizer) else _by_name(given, optim.BY_NAME, "optimizer")(model.parameters())
    if not isinstance(found, Optimizer):
        raise TypeError(f"expected an optimizer or the name of one, not {given!r}")
    if not set(found.parameters) & set(model.parameters()):
        raise ValueError(f"the optimizer holds no parameter of {model!r}; make it of model.parameters()")
    return found


def _by_name(given: Any, known: Mapping[str, Any], what: str) -> Any:
    if isinstance(given, str):
        if given.lower() not in known:
            raise ValueError(f"there is no {what} {given!r}; there are {', '.join(known)}")
        return known[given.lower()]
    if not callable(given):
        raise TypeError(f"expected the name of a {what} or a function, not {given!r}")
    return given
