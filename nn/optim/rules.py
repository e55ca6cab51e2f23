"""The update rule of an optimizer as a graph of scalars.

A rule is written for one parameter and plain numbers.  Called with Values instead, it builds a graph, as any function
of scalars does: so it can be drawn, written in JavaScript, or replayed over all parameters at once.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import Value, record
from nn.optim.optimizers import CHANGING, Optimizer


@dataclass(frozen=True)
class Rule:
    """One step of an optimizer for one parameter.

    Attributes:
        inputs: the parameter p, its gradient g, the learning rate, the weight decay if it is not a constant, the number
            of the step counted from 1, and the entries of the state.
        outputs: the new parameter, and the new entries of the state.
        confirm: compares replays with calls of the rule, for some lists of numbers; raises ValueError if they differ.
    """

    inputs: list[Value]
    outputs: list[Value]
    confirm: Callable[[Iterable[Sequence[float]]], None]


def _watched(kind: type[Optimizer]) -> type[Optimizer]:
    """A kind of optimizer whose rule may read hyperparameters, and nothing that changes, and may change nothing."""

    class Watched(kind):  # type: ignore[valid-type,misc]
        def __getattribute__(self, name: str) -> Any:
            if name in CHANGING:
                raise TypeError(
                    f"a rule that reads self.{name} cannot be replayed; use its arguments p, g, lr, t instead"
                )
            return super().__getattribute__(name)

        def __setattr__(self, name: str, value: Any) -> None:
            raise TypeError(f"a rule that changes self.{name} cannot be replayed; return what changes as state")

    return Watched


def update_rule(optimizer: Optimizer, any_decay: bool = False) -> Rule:
    """Record the rule of an optimizer by calling it with Values.

    Arguments:
        optimizer: the optimizer, whose hyperparameters become constants.
        any_decay: make the weight decay an input instead.

    Raises:
        TypeError, ValueError: the rule does something that cannot be replayed, such as a branch on a number.

    >>> from nn import SGD
    >>> rule = update_rule(SGD([Value(1.0)], lr=0.1, momentum=0.9))
    >>> [x.label for x in rule.inputs], [y.op.name for y in rule.outputs]
    (['p', 'g', 'lr', 't', 'velocity'], ['sub', 'add'])
    """
    names = ["p", "g", "lr", *(["decay"] if any_decay else []), "t", *optimizer.state_names]

    watched = _watched(type(optimizer))

    def step(p: Any, g: Any, lr: Any, *rest: Any) -> Any:
        recorded: Any = copy.copy(optimizer)
        if any_decay:
            recorded.weight_decay, *rest = rest  # type: ignore[assignment]
        t, *state = rest
        recorded.__class__ = watched
        return recorded.update(p, g, lr, t, *state)

    step.__name__ = f"the rule of {type(optimizer).__name__}"
    recording = record(step, [1.0] * len(names), [0.5] * len(names), unused=True)
    for x, name in zip(recording.inputs, names, strict=True):
        x.label = name
    if len(recording.outputs) != 1 + len(optimizer.state_names):
        raise TypeError(
            f"{step.__name__} must return the new p and {len(optimizer.state_names)} number(s) of its state, not "
            f"{len(recording.outputs)} number(s)"
        )
    return Rule(recording.inputs, recording.outputs, recording.confirm)
