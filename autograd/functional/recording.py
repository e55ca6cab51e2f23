"""Record a function by calling it on Values, and check that the recording is still valid."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd.engine.checks import name_of
from autograd.engine.graph import evaluate, topological_order
from autograd.engine.modes import gc_paused, no_grad
from autograd.engine.value import Value, as_float
from autograd.functional.structure import Unflatten, flatten
from autograd.functional.tracing import call_traced


@dataclass(frozen=True)
class Recording:
    """One recorded call of a function.

    Attributes:
        inputs: the arguments.
        outputs: the results, as a flat list.
        unflatten: a function that takes an iterator over as many results and returns them in the structure of f's
            result.
        f: the function.
    """

    inputs: list[Value]
    outputs: list[Value]
    unflatten: Unflatten
    f: Callable[..., Any]

    @cached_property
    def order(self) -> list[Value]:
        """The nodes of the graph, arguments before results."""
        return topological_order(*self.outputs)

    def confirm(self, samples: Iterable[Sequence[float]]) -> None:
        """Compare replays of the recording with calls of the function, for some samples.

        Recording does not notice everything that a function depends on, e.g. random numbers or a global variable that
        changes.  So compare a few samples, and compare again later.

        Arguments:
            samples: lists of arguments of the function.

        Raises:
            ValueError: the results differ; the message says how.
        """
        for sample in samples:
            try:
                recorded = evaluate(self.order, dict(zip(self.inputs, map(float, sample), strict=True)))
                with no_grad():
                    found = [as_float(y) for y in flatten(self.f(*map(Value, sample)))[0]]
            except (ArithmeticError, ValueError):  # no result to compare; a replay raises the error
                continue
            wanted = [recorded[y] for y in self.outputs]
            if len(found) == len(wanted) and all(map(_close, found, wanted)):
                continue
            try:
                difference = _difference(self, _call(self.f, sample))
            except TypeError as error:
                difference = str(error)
            shown = ", ".join(f"{x:.6g}" for x in sample[:6]) + (", ..." if len(sample) > 6 else "")
            raise ValueError(
                f"for ({shown}) {name_of(self.f)} gives {found[:3]}, but its recording gives {wanted[:3]}: "
                + (difference or "it uses a Value that was computed outside it, or that it changes")
            )

    def some(self, count: int, seed: int = 0) -> list[int]:
        """The indices of up to 32 random samples; fewer for a large graph, so that comparing them is fast.

        Arguments:
            count: the number of samples to choose from.
            seed: the seed of the random choice.
        """
        most = max(1, min(32, 1_000 // len(self.order)))
        return random.Random(seed).sample(range(count), min(count, most))


def record(f: Callable[..., Any], *examples: Sequence[float], unused: bool = False) -> Recording:
    """Record a function by calling it on Values, so that it can be replayed for other numbers.

    Arguments:
        f: a function of Values that returns a Value, or lists, tuples and dictionaries of them.
        examples: one or two lists of numbers, the arguments of f.  The call with the first is recorded; the call with
            the second checks that f records the same graph again.
        unused: allow arguments that the result does not depend on.

    Raises:
        TypeError: f compares Values, reads the number or the gradient of one, or does not return numbers.
        ValueError: the result does not depend on an argument, or the two calls recorded different graphs.

    >>> recording = record(lambda x, y: x * y + 1.0, (2.0, 3.0), (5.0, 7.0))
    >>> recording.outputs
    [Value(data=7.0, grad=-)]
    """
    if not examples:
        raise TypeError("record(f, example) needs an example: a list of numbers, the arguments of f")
    found = _call(f, examples[0])
    name = name_of(f)
    reached = set(found.order)
    for i, x in enumerate(found.inputs):
        if x not in reached and not unused:
            raise ValueError(
                f"the result of {name} does not depend on argument {i}, so a replay would ignore it; remove it, "
                "or allow it with unused=True"
            )
    for example in examples[1:2]:
        try:
            again = _call(f, example)
        except (ArithmeticError, ValueError):  # outside the domain of an operation; a replay raises the error
            continue
        if difference := _difference(found, again):
            raise ValueError(
                f"{name} cannot be replayed, since two calls recorded different graphs: {difference}; does it use "
                "random numbers, or count its calls?"
            )
    return found


def _call(f: Callable[..., Any], example: Sequence[float]) -> Recording:
    inputs = [Value(x) for x in example]
    with gc_paused():
        outputs, unflatten = flatten(call_traced(f, *inputs))
    return Recording(inputs, [y if isinstance(y, Value) else Value(y) for y in outputs], unflatten, f)


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or (math.isnan(a) and math.isnan(b))


def _difference(first: Recording, second: Recording) -> str:
    """The first difference between the two graphs, in words; empty if they are the same."""
    if len(first.outputs) != len(second.outputs):
        return f"it returned {len(first.outputs)} results, then {len(second.outputs)}"
    ours, theirs = first.order, second.order
    twin = dict(zip(first.inputs, second.inputs, strict=True))
    for a, b in zip(ours, theirs, strict=False):
        if a in twin:
            if twin[a] is not b:
                return "it used its arguments in a different order"
        elif a.op is None and b.op is None:
            if a is not b and a.data != b.data and not (math.isnan(a.data) and math.isnan(b.data)):
                return f"a constant was {a.data!r}, then {b.data!r}"
        elif a.op is not b.op or len(a.args) != len(b.args):
            names = [x.op.name if x.op else "a constant" for x in (a, b)]
            return f"an operation was {names[0]}, then {names[1]}"
        else:
            for x, y in zip(a.args, b.args, strict=True):
                if isinstance(x, float) and isinstance(y, float):
                    if x != y and not (x != x and y != y):
                        return f"a number in {a.op.name if a.op else ''} was {x!r}, then {y!r}"
                elif isinstance(x, float) or isinstance(y, float) or twin.get(x, x) is not y:
                    return f"{a.op.name if a.op else ''} had different operands"
        twin[a] = b
    return "" if len(ours) == len(theirs) else f"it created {len(ours)} nodes, then {len(theirs)}"
