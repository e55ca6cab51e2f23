"""Objectives: what is minimized, as the losses of single examples and a term that is added once for the batch."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from autograd import Value, add, sub, topological_order
from nn.losses import Loss
from nn.module import Module


def bound_to(loss: Any, model: Module) -> Loss:
    """A loss of outputs and targets.  One of outputs, targets and the model is bound to this model.

    >>> from nn.losses import huber
    >>> bound_to(huber, Module()) is huber  # its third argument has a default, and so is not a model
    True
    """
    try:
        parameters = list(inspect.signature(loss).parameters.values())
    except (TypeError, ValueError):  # a builtin, for example
        return loss  # type: ignore[no-any-return]
    needed = [p for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(needed) < 3:
        return loss  # type: ignore[no-any-return]

    def bound(outputs: Any, targets: Any) -> Any:
        return loss(outputs, targets, model)

    bound.__name__ = getattr(loss, "__name__", "loss")
    return bound


def split(loss: Value, inputs: Iterable[Value]) -> tuple[Value, Value]:
    """The terms of a loss that depend on the example, and the sum of all others.

    >>> x, w = Value(2.0), Value(3.0)
    >>> each, once = split(w * x - (x * x - w * w) + 1.0, [x])
    >>> each.data, once.data
    (2.0, 10.0)
    """
    depends = set(inputs)
    for z in topological_order(loss):
        if not depends.isdisjoint(z.args):
            depends.add(z)
    each, once = Value(0.0), Value(0.0)
    todo: list[tuple[Any, bool]] = [(loss, True)]
    while todo:
        term, positive = todo.pop()
        if isinstance(term, Value) and term in depends and term.op in (add, sub):
            first, second = term.args
            todo += [(second, positive == (term.op is add)), (first, positive)]
        elif isinstance(term, Value) and term in depends:
            each = each + term if positive else each - term
        else:
            once = once + term if positive else once - term
    return each, once
