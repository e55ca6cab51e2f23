"""The rule of an optimizer, replayed over all parameters at once.

A rule is a function of scalars.  Recorded once, it is a graph; and a program replays a graph over a batch of samples.
Here each parameter is a sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import Program, Value, topological_order
from nn.optim.clipping import clip_factor
from nn.optim.optimizers import Optimizer, hyperparameters
from nn.optim.rules import update_rule

Array = NDArray[np.floating[Any]]


class ReplayedRule:
    """The rule of an optimizer as a program over all of its parameters.

    What all parameters share, such as the learning rate or 1 - b1^t, is computed once, by Python as in eager code:
    NumPy's power may differ in the last digit.  The rest is done operation by operation.  So for a rule of + - * / and
    sqrt, as those of this library are, each parameter is the same as in eager training, to the last bit.  An exception
    is ``clip_norm``, since NumPy adds the squares in another order.

    Arguments:
        optimizer: the optimizer.

    Attributes:
        program: the program; its inputs are the parameter, its gradient and its state, its parameters what all share.
        clip_norm: the largest norm of the gradient; None if there is none.

    Raises:
        TypeError, ValueError: the rule cannot be replayed.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self._hyperparameters = _constants(optimizer)
        self.clip_norm = optimizer.clip_norm
        rule = update_rule(optimizer)
        self._confirm, self._samples = rule.confirm, np.random.default_rng(0).random((4, len(rule.inputs))).tolist()
        self._confirm(self._samples)
        p, g, self._lr, self._t, *state = rule.inputs
        order = topological_order(*rule.outputs)
        differ = {p, g, *state}  # the nodes that differ between parameters
        for z in order:
            if not differ.isdisjoint(z.args):
                differ.add(z)
        read = [x for z in order if z in differ for x in z.args] + rule.outputs
        shared = {x: Value(x.data, x.label) for x in read if isinstance(x, Value) and x not in differ}
        each = _computed(order, {**shared, **{x: x for x in (p, g, *state)}})
        outputs = [each[y] for y in rule.outputs]
        self.program = Program(outputs, [p, g, *state], list(shared.values()), exact=True)
        self._shared = list(shared)
        self._order = topological_order(*shared)

    def fits(self, optimizer: Optimizer) -> bool:
        """Whether the optimizer still has the hyperparameters and the rule that were recorded."""
        return self._has_same_constants(optimizer) and self._has_same_rule()

    def confirm(self, optimizer: Optimizer) -> None:
        """Check that the rule has not changed by itself.

        Raises:
            ValueError: it has, and not because a hyperparameter has changed.
        """
        if self._has_same_constants(optimizer) and not self._has_same_rule():
            raise ValueError(
                f"the rule of {type(optimizer).__name__} has changed since it was recorded: it reads something that is "
                "neither an argument nor a hyperparameter"
            )

    def _has_same_constants(self, optimizer: Optimizer) -> bool:
        try:
            return _constants(optimizer) == self._hyperparameters
        except TypeError:
            return False

    def _has_same_rule(self) -> bool:
        try:
            self._confirm(self._samples)
        except (TypeError, ValueError):
            return False
        return True

    def __call__(
        self, numbers: Array, gradient: Array, lr: float, step: int, state: Sequence[Array]
    ) -> tuple[Array, list[Array]]:
        """The new numbers of the parameters, and their new state.

        Arguments:
            numbers, gradient: a number for each parameter.
            lr: the learning rate.
            step: the number of the step, counted from 1.
            state: an array for each number that the rule keeps.

        Raises:
            ArithmeticError, ValueError: the rule is not defined for a parameter.
        """
        if self.clip_norm is not None:
            factor = clip_factor(float(np.linalg.norm(gradient)), self.clip_norm)
            gradient = gradient if factor == 1.0 else gradient * factor
        moved, *kept = self.program(numbers, gradient, *state, parameters=self.shared(lr, step))
        return moved, kept

    def shared(self, lr: float, step: int) -> Array:
        """What all parameters share, for a learning rate and the number of a step, counted from 1."""
        found = _computed(self._order, {self._lr: lr, self._t: float(step)})
        return np.array([found[x] for x in self._shared])


def _computed(order: Iterable[Value], given: Mapping[Value, Any]) -> dict[Value, Any]:
    """Each node again, computed from other numbers or nodes.

    Arguments:
        order: the nodes, operands first.
        given: for some nodes the number or the node to use.
    """
    found = dict(given)
    for z in order:
        if z not in found:
            found[z] = z.op(*[found[x] if isinstance(x, Value) else x for x in z.args]) if z.op else z.data
    return found


def _constants(optimizer: Optimizer) -> dict[str, Any]:
    """The hyperparameters of an optimizer, which are constants of its recorded rule.

    Raises:
        TypeError: one of them may be changed in place, so that it cannot be compared later.
    """
    found = hyperparameters(optimizer)
    for name, x in found.items():
        numbers = x if isinstance(x, tuple) else [x]
        if not all(isinstance(number, float | int | str | None) for number in numbers):
            raise TypeError(
                f"a rule with the hyperparameter {name} = {x!r:.40} cannot be replayed: use numbers, or tuples"
            )
    return found
