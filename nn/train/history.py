"""The history of a training run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from autograd.output import notebook

if TYPE_CHECKING:
    from autograd import Chart


class NoWorkersError(RuntimeError):
    """A cluster has had no worker for too long; see ``nn.Cluster``.  No step was lost: a checkpoint has all of them."""


_SERIES = ("loss", "accuracy", "validation_loss", "validation_accuracy")


@dataclass
class History:
    """The history of a training run, with one entry for each completed epoch.

    Attributes:
        loss: the mean loss over the examples, measured on each mini-batch before its step.
        accuracy: the fraction of correct predictions, likewise; empty unless the loss is a classification loss.
        validation_loss, validation_accuracy: the same for the validation set, after the epoch; empty without one.
        metrics: what else was measured, by name; ``history["mae"]`` is the series of the metric ``mae``.
        stopped: why training ended early; empty if it did not.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    stopped: str = ""

    def __getitem__(self, name: str) -> list[float]:
        """The series of this name, such as "loss" or "validation_mae"."""
        if name in (columns := self.columns()):
            return columns[name]
        raise KeyError(f"the history has no series {name!r}; choose from {', '.join(columns) or 'none'}")

    @property
    def is_interrupted(self) -> bool:
        """Whether Ctrl-C ended the training."""
        return self.stopped.startswith("interrupted")

    def add(self, numbers: Mapping[str, float]) -> None:
        """Add an epoch: a number for each series, with the loss last, so that Ctrl-C leaves no part of an epoch."""
        for name, number in sorted(numbers.items(), key=lambda item: item[0] == "loss"):
            series = getattr(self, name) if name in _SERIES else self.metrics.setdefault(name, [])
            series[len(self) :] = [number]

    def __len__(self) -> int:
        return len(self.loss)

    def columns(self) -> dict[str, list[float]]:
        """The series that are not empty, by name."""
        found = {name: getattr(self, name) for name in _SERIES if getattr(self, name)} | self.metrics
        return dict(sorted(found.items(), key=lambda item: item[0].startswith("validation_")))

    def _shown(self) -> list[int]:
        """The indices of at most 21 epochs, including the first and the last."""
        stride = max(1, math.ceil(len(self) / 20))
        return sorted({*range(0, len(self), stride), len(self) - 1}) if len(self) else []

    def _repr_html_(self) -> str:
        """The table that ``print`` shows, for a notebook."""
        columns = self.columns()
        head = [name.replace("_", " ") for name in ("epoch", *columns)]
        rows = [[str(i + 1), *(f"{series[i]:.6g}" for series in columns.values())] for i in self._shown()]
        return notebook.table(head, rows) + (f"<p>stopped: {escape(self.stopped)}</p>" if self.stopped else "")

    def __str__(self) -> str:
        """A table of at most 21 epochs, including the first and the last."""
        columns, shown = self.columns(), self._shown()
        lines = ["".join([f"{'epoch':>6}", *(f"{name:>22}" for name in columns)])]
        lines += ["".join([f"{i + 1:>6}", *(f"{series[i]:>22.6g}" for series in columns.values())]) for i in shown]
        return "\n".join([*lines, f"stopped: {self.stopped}"] if self.stopped else lines)

    def plot(self) -> Chart:
        """The curves of loss and accuracy.  A notebook displays the result."""
        from nn.plots import plot_history

        return plot_history(self)


class NonFiniteLossError(FloatingPointError):
    """Training stopped because the loss was not finite.

    Attributes:
        history: the completed epochs.
    """

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle, which calls the class with the message alone otherwise."""
        return type(self), (str(self), self.history)
