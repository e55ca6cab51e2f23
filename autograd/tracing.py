"""A function recorded on Values, to be replayed for other numbers.

What the function reads of a number leaves no trace in the graph, and a replay would not notice that it changes:

    def f(x):
        return x * 2.0 if x.data > 0.0 else x * -3.0

recorded at 1.0 and replayed at -1.0 would give -2.0 in place of 3.0.  So everything that depends on an argument is
``Traced``: it has a number, which operations compute with, but whoever reads it gets an error.  Comparisons are refused
for all Values, since a parameter may change too.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any, NoReturn

from autograd.modes import Block, Mode, mode
from autograd.rules import stop_gradient
from autograd.value import Value

WAYS_OUT = "use maximum, minimum, relu, abs or where(step(x), a, b) in its place"


class Traced(Value):
    """A Value that depends on an argument of a function that is being recorded."""

    __slots__ = ()

    @property  # type: ignore[misc]
    def data(self) -> float:
        _refuse("the number of a Value that depends on the input (.data, .item())")

    @property  # type: ignore[misc]
    def grad(self) -> float:
        _refuse("the gradient of a Value that depends on the input (.grad; grad(f) and gradients() can be recorded)")

    def detach(self) -> Value:
        """The same number as a constant; recorded, as ``stop_gradient``, so that a replay has it too."""
        found: Value = stop_gradient(self)
        return found


def _refuse(what: str) -> NoReturn:
    raise TypeError(
        f"a program cannot replay code that reads {what}: the next input may have another; " + WAYS_OUT + ", and "
        "stop_gradient(x) for x as a constant"
    )


@dataclass(frozen=True)
class Tracing(Mode):
    """While a function is recorded.

    Attributes:
        scope: the scope of new nodes.
        grad: whether gradients are wanted, which is not so under ``no_grad()``.
        made: all that is traced.
    """

    scope: str
    grad: bool = True
    made: list[Value] = field(default_factory=list)

    def finish(self, z: Any, op: Any, args: tuple[Any, ...]) -> None:
        if not self.grad:  # a constant for gradients, but not for replays
            inner = object.__new__(Value)
            inner._data, inner._grad, inner.label = z._data, None, ""
            replace(self, grad=True).finish(inner, op, args)
            op, args = stop_gradient, (inner,)
        z.op, z.args, z.scope = op, args, self.scope
        if any(isinstance(x, Traced) for x in args):
            self.trace(z)

    def trace(self, z: Value) -> None:
        z.__class__ = Traced
        self.made.append(z)

    def within(self, scope: str) -> Mode:
        return replace(self, scope=scope)

    def without_grad(self) -> Mode:
        return replace(self, grad=False)

    def with_grad(self) -> Mode:
        return replace(self, grad=True)

    def compared(self) -> NoReturn:
        raise TypeError(
            "a program cannot replay a branch on a Value's number, as if, max(), min() and sorted() make one, since "
            "another sample may take the other branch; " + WAYS_OUT
        )


def call_traced(f: Any, inputs: list[Value]) -> Any:
    """f(*inputs), recorded so that what cannot be replayed is an error; the Values are ordinary ones afterwards."""

    def change(outside: str | Mode, opener: FrameType) -> Mode:
        return tracing

    outer = mode.get()
    tracing = Tracing(outer if isinstance(outer, str) else outer.scope)
    try:
        for x in inputs:
            tracing.trace(x)
        with Block(change):
            return f(*inputs)
    finally:
        for z in tracing.made:
            z.__class__ = Value
