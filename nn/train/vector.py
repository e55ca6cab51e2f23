"""The numbers of the parameters in one array, while they are trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd import Value, assign
from nn.optim.optimizers import Optimizer
from nn.optim.replay import ReplayedRule
from nn.optim.schedules import reads_only_the_step

Array = NDArray[np.floating[Any]]


class Numbers(NamedTuple):
    """What changes in a step.  Replaced all at once, so that Ctrl-C cannot separate parameters from their state.

    Attributes:
        data: the numbers of the parameters.
        gradient: the gradient of the last step, with respect to the parameters of the optimizer.
        state: the state of the optimizer, an array for each of its names.
        steps: the number of steps made.
    """

    data: Array
    gradient: Array
    state: list[Array]
    steps: int


class ParameterVector:
    """The numbers of parameters in one array, which programs and the rule of an optimizer share.

    The Values hold older numbers until ``publish`` brings them up to date.  So it is called before anyone can look at
    them, and ``collect`` when someone may have changed them.

    Arguments:
        optimizer: the optimizer, whose parameters come first.
        others: leaves that programs read and the optimizer does not have.

    Attributes:
        values: the Values.
        now: their numbers.
        rule: the rule of the optimizer; None if it cannot be replayed.
    """

    def __init__(self, optimizer: Optimizer, others: Iterable[Value]) -> None:
        self.optimizer = optimizer
        self.values = [*optimizer.parameters, *others]
        self._count = len(optimizer.parameters)
        self.rule = _replayed(optimizer)
        self.collect()

    def collect(self) -> None:
        """Read all numbers from the Values and the optimizer."""
        optimizer = self.optimizer
        if optimizer.parameters != self.values[: self._count]:  # == of Values is identity
            raise ValueError("the list of the optimizer's parameters has changed during training; make a new optimizer")
        data = np.array([x.data for x in self.values])
        gradient = np.array([x.grad for x in optimizer.parameters])
        state = [np.array(column) for column in optimizer.state.values()]
        if self.rule is not None and not self.rule.fits(optimizer):
            self.rule = _replayed(optimizer)
        self._is_published = True
        self.now = Numbers(data, gradient, state, optimizer.steps)

    def confirm(self) -> None:
        """Check that the rule of the optimizer is still the one that was recorded.

        Raises:
            ValueError: it is not.
        """
        if self.rule is not None:
            self.rule.confirm(self.optimizer)

    def publish(self) -> None:
        """Give all numbers to the Values and the optimizer."""
        if self._is_published:
            return
        optimizer, now = self.optimizer, self.now
        assign(self.values, now.data.tolist())
        for parameter, slope in zip(optimizer.parameters, now.gradient.tolist(), strict=True):
            parameter.grad = slope
        columns = [column.tolist() for column in now.state]
        optimizer.state, optimizer.steps = dict(zip(optimizer.state_names, columns, strict=True)), now.steps
        self._is_published = True

    def go_back(self, numbers: Numbers) -> None:
        """Return to earlier numbers."""
        self.set(numbers)

    def set(self, numbers: Numbers) -> None:
        """Replace all numbers; the Values get them later."""
        self._is_published = False
        self.now = numbers

    def step(self, gradient: Array, kept: Mapping[int, float] | None = None) -> None:
        """Make one step of the optimizer: by a replay of its rule or, if it cannot be replayed, with the Values.

        Arguments:
            gradient: the gradient of the parameters that the optimizer has.
            kept: new numbers for others of the Values, by their index.
        """
        if self.rule is None:
            self.publish()
            self.optimizer.zero_grad()
            for parameter, slope in zip(self.optimizer.parameters, gradient.tolist(), strict=True):
                parameter.grad += slope
            self.optimizer.step()
            for i, number in (kept or {}).items():
                self.values[i].data = number
            self.collect()
            return
        self.set(self.now._replace(gradient=gradient))
        rate = self.rate()
        data, gradient, state, steps = self.now  # a schedule may have changed them
        moved, state = self.rule(data[: self._count], gradient, rate, steps + 1, state)
        if len(data) > self._count:
            moved = np.concatenate([moved, data[self._count :]])
            for i, number in (kept or {}).items():
                moved[i] = number
        self.set(Numbers(moved, gradient, state, steps + 1))

    @property
    def looks_only_at_the_step(self) -> bool:
        """Whether the learning rate depends on the number of the step alone.  A schedule of the user may look at
        anything, such as the gradient."""
        return type(self.optimizer).rate is Optimizer.rate and reads_only_the_step(self.optimizer.lr)

    def rate(self) -> float:
        """The learning rate of the next step."""
        if self.looks_only_at_the_step:
            self.optimizer.steps = self.now.steps
            return self.optimizer.rate
        self.publish()
        rate = self.optimizer.rate
        self.collect()
        return rate


OVERRIDABLE = ("step", "zero_grad", "_clipped")  # an optimizer with methods of its own in their place is not replayed


def _replayed(optimizer: Optimizer) -> ReplayedRule | None:
    """The rule of an optimizer as a program; None if it cannot be one, for example because it branches."""
    if any(getattr(getattr(optimizer, name), "__func__", None) is not getattr(Optimizer, name) for name in OVERRIDABLE):
        return None
    try:
        return ReplayedRule(optimizer)
    except (TypeError, ValueError, ArithmeticError):
        return None
