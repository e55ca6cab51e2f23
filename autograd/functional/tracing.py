"""The mode in which a function is recorded for replay: code that a replay would miss raises an error.

A branch on a number is not recorded in the graph, so a replay would take the same branch for all numbers:

    def f(x):
        return x * 2.0 if x.data > 0.0 else x * -3.0

recorded at 1.0 and replayed at -1.0 would give -2.0 instead of 3.0.  The same applies to parameters, which change at
every training step.  So while a function is recorded, operations compute numbers as usual, but any other code that
reads or compares them raises an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from autograd.engine.modes import Mode, call_in, mode
from autograd.engine.rules import stop_gradient
from autograd.engine.value import Value


@dataclass(frozen=True)
class Tracing(Mode):
    """The mode while a function is recorded.

    Attributes:
        scope: the scope of new nodes.
        grad: whether gradients are recorded; False inside ``no_grad()``.
    """

    scope: str
    grad: bool = True
    replays = True

    def finish(self, z: Any, op: Any, args: tuple[Any, ...]) -> None:
        if not self.grad:  # no gradient flows through it, but replays recompute it
            inner = object.__new__(Value)
            inner._data, inner._grad, inner.label = z._data, None, ""
            super().finish(inner, op, args)
            op, args = stop_gradient, (inner,)
        super().finish(z, op, args)

    def within(self, scope: str) -> Mode:
        return replace(self, scope=scope)

    def without_grad(self) -> Mode:
        return replace(self, grad=False)

    def with_grad(self) -> Mode:
        return replace(self, grad=True)

    def refuse(self, what: str) -> NoReturn:
        raise TypeError(
            f"a program cannot replay {what}, since it may change with the next input or after the next training step; "
            "use maximum, minimum, relu, abs or where(step(x), a, b) instead, or x.detach() to use x as a constant"
        )


def call_traced(f: Callable[..., Any], *args: Any) -> Any:
    """Call f(*args) in the mode in which code that cannot be replayed raises an error."""
    outside = mode.get()
    return call_in(Tracing(outside if isinstance(outside, str) else outside.scope), f, *args)
