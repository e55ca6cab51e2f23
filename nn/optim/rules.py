"""The update rule of an optimizer as a graph of scalars.

A rule is written for one parameter and plain numbers.  Called with Values instead, it builds a graph, as any function
of scalars does: so it can be drawn, differentiated, or written in JavaScript.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from autograd import Value
from nn.optim.optimizers import Optimizer


@dataclass(frozen=True)
class Rule:
    """One step of an optimizer for one parameter.

    Attributes:
        inputs: the parameter p, its gradient g, the learning rate, the weight decay, the number of the step counted
            from 1, and the entries of the state.
        outputs: the new parameter, and the new entries of the state.
    """

    inputs: list[Value]
    outputs: list[Value]


def update_rule(optimizer: Optimizer) -> Rule:
    """Record the rule of an optimizer by calling it with Values.

    Raises:
        TypeError: the rule does something that cannot be recorded, such as a branch on a number.

    >>> from nn import SGD
    >>> rule = update_rule(SGD([Value(1.0)], lr=0.1))
    >>> [x.label for x in rule.inputs]
    ['p', 'g', 'rate', 'decay', 'step', 'velocity']
    """
    p, g, rate, decay, step = (Value(1.0, name) for name in ("p", "g", "rate", "decay", "step"))
    state = {name: Value(1.0, name) for name in optimizer.state_names}
    kept: dict[str, Any] = dict(state)
    recorded: Any = copy.copy(optimizer)
    recorded.weight_decay, recorded.steps = decay, step
    direction = recorded.direction(cast(Value, SimpleNamespace(data=p, grad=g)), kept)
    return Rule([p, g, rate, decay, step, *state.values()], [p - rate * direction, *kept.values()])
