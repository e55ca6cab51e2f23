"""A finished graph of scalars, compiled to NumPy calls and replayed over a whole batch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.engine.graph import adjoint_graph, topological_order
from autograd.engine.modes import enable_grad, gc_paused
from autograd.engine.value import Value
from autograd.functional.tracing import call_traced
from autograd.javascript.function import function, gradient_function
from autograd.program.arguments import leaves, values
from autograd.program.lower import Request
from autograd.program.plan import BATCHED, UNIFORM, Array
from autograd.program.replay import Replay
from autograd.program.source import source


class Program(Replay):
    """A finished graph of scalars, compiled to a few NumPy calls and replayed over a batch.

    Arguments:
        outputs: the Value, or the Values, to compute.
        inputs: leaves whose numbers are passed in each call, one for each sample.
        parameters: leaves whose ``data`` is read in each call; None for all leaves that are not inputs, sorted by
            scope.  A leaf in neither list is a constant: it keeps the number that it has now.
        dtype: float, or numpy.float32.

    Raises:
        TypeError: an argument is not a Value.
        ValueError: an input or a parameter is not a leaf, or is given twice.

    >>> x, w = Value(0.0, "x"), Value(3.0, "w")
    >>> program = Program(w * x + 1.0, inputs=[x])
    >>> program([1.0, 2.0])
    array([4., 7.])
    >>> w.data = 10.0
    >>> program([1.0, 2.0])
    array([11., 21.])
    """

    def __init__(
        self,
        outputs: Value | Iterable[Value],
        inputs: Iterable[Value],
        parameters: Iterable[Value] | None = None,
        dtype: Any = float,
    ) -> None:
        self.single = isinstance(outputs, Value)
        ends = values([outputs] if isinstance(outputs, Value) else outputs, "an output")
        if not ends:
            raise ValueError("a program needs at least one output")
        inputs = leaves(inputs, "an input")
        with gc_paused():
            order = topological_order(*ends)
            parameters = leaves(_other_leaves(order, inputs) if parameters is None else parameters, "a parameter")
            super().__init__(Request(ends, inputs, parameters, order=order), dtype)

    def __call__(self, *arrays: Any, parameters: Any = None) -> Any:
        """The outputs for each sample.

        Arguments:
            arrays: for each input a number or an array of shape (B,).
            parameters: an array with a number for each parameter, used instead of their ``data``.

        Returns:
            An array of shape (B,) for each output, in a list if there are several.
        """
        samples, columns = self._columns(arrays)
        results = np.empty((len(self.plan.outputs), samples), self.dtype)
        for part, machine in self._blocks(columns, samples, parameters):
            for array, which, places in self._output_slots:
                there = machine.numbers(array, places)
                results[which, part] = there if array == BATCHED else there[:, None]
        return results[0] if self.single else list(results)

    @classmethod
    def value_and_grad(
        cls,
        loss: Value,
        inputs: Iterable[Value] = (),
        parameters: Iterable[Value] | None = None,
        reduction: str = "mean",
        dtype: Any = float,
    ) -> GradientProgram:
        """A program that computes the mean (or sum) of a loss over a batch, and its gradient, in one replay.

        >>> x, y, w = Value(0.0), Value(0.0), Value(3.0)
        >>> step = Program.value_and_grad((w * x - y) ** 2, inputs=[x, y], parameters=[w])
        >>> step([1.0, 2.0], [3.0, 5.0])
        (0.5, array([2.]))
        """
        return GradientProgram(loss, inputs, parameters, reduction, dtype)

    @property
    def source(self) -> str:
        """The program as readable NumPy code.

        It defines a function of ``inputs``, an array with a row for each input, and ``parameters``, an array of their
        numbers; a program without inputs takes only the parameters.  It returns the outputs, a row for each.  The code
        needs only NumPy, and computes the same as the program.  If it calls operations of your own, pass them to
        ``exec``: ``exec(program.source, dict(program.operations))``.

        >>> x, w, b = Value(0.0, "x"), Value(3.0, "w"), Value(1.0, "b")
        >>> program = Program((w * x + b).tanh(), inputs=[x])
        >>> print("\\n".join(program.source.splitlines()[9:]))
            w1 = parameters[0:1]  # (1,)
            x = inputs            # (1, B)
            b1 = parameters[1:2]  # (1,)
        <BLANKLINE>
            z1 = w1[:, None] * x + b1[:, None]  # (1, B)
            h1 = np.tanh(z1)                    # (1, B)
        <BLANKLINE>
            return h1
        """
        return source(self.plan, "program")

    def to_javascript(self, name: str = "program") -> str:
        """The program as a JavaScript function of one sample, for a web page.  See ``autograd.to_javascript``.

        Arguments:
            name: the name of the function.

        Raises:
            NoJavaScriptError: an operation of your own has no array form.

        >>> x, w = Value(0.0, "x"), Value(3.0, "w")
        >>> print(Program(w * x + 1.0, inputs=[x]).to_javascript())
        function program(inputs, parameters) {
          const [x] = inputs;
          const [w] = parameters;
          return w * x + 1;
        }
        """
        return function(*self._graph(), name, self.single)


class GradientProgram(Replay):
    """The value and the gradient of a loss over a batch; see ``Program.value_and_grad``."""

    def __init__(
        self,
        loss: Value,
        inputs: Iterable[Value] = (),
        parameters: Iterable[Value] | None = None,
        reduction: str = "mean",
        dtype: Any = float,
    ) -> None:
        if reduction not in ("mean", "sum"):
            raise ValueError(f"reduction must be 'mean' or 'sum', not {reduction!r}")
        values([loss], "the loss")
        inputs = leaves(inputs, "an input")
        self.reduction = reduction
        with gc_paused(), enable_grad():
            order = topological_order(loss)
            by = leaves(_other_leaves(order, inputs) if parameters is None else parameters, "a parameter")
            # Traced, so that a partial that branches on a number is refused: a replay would repeat the recorded branch.
            adjoint = call_traced(adjoint_graph, order, {loss: 1.0}, by)
            slopes = [dx if isinstance(dx := adjoint.get(x, 0.0), Value) else Value(dx) for x in by]
            super().__init__(Request([loss, *slopes], inputs, by, total=True, adjoint=adjoint), dtype)

    def __call__(self, *arrays: Any, parameters: Any = None) -> tuple[float, Array]:
        """The loss over the batch as a float, and its gradient as an array in the order of the parameters.

        Arguments:
            arrays, parameters: as for ``Program``.
        """
        samples, columns = self._columns(arrays)
        totals = np.zeros(len(self.plan.outputs))
        for part, machine in self._blocks(columns, samples, parameters):
            for array, which, places in self._output_slots:
                there = machine.arrays[array].take(places)
                if array == UNIFORM:
                    with np.errstate(over="ignore"):  # a sum that overflows is infinite, without a warning
                        there *= part.stop - part.start
                if len(which) == len(totals):
                    totals += there
                else:
                    totals[which] += there
        if self.reduction == "mean":
            totals /= max(samples, 1)
        return float(totals[0]), totals[1:]

    @property
    def source(self) -> str:
        """The program as readable NumPy code: a function that returns the loss and its gradient.

        See ``Program.source``.
        """
        return source(self.plan, "value_and_grad", self.reduction)

    def to_javascript(self) -> str:
        """The program as a JavaScript function ``value_and_grad(batch, parameters)``, to train in a web page.

        ``batch`` is an array with an array of inputs for each example, ``parameters`` an array of numbers.  The result
        has the mean loss as ``value``, or its sum, and the ``gradient`` as an array.

        Raises:
            NoJavaScriptError: an operation of your own has no array form.
        """
        return gradient_function(*self._graph(), mean=self.reduction == "mean")

    def _results(self, samples: int) -> int:
        return 2 * len(self.plan.outputs) * int(self.dtype.itemsize)


def _other_leaves(order: Iterable[Value], inputs: Sequence[Value]) -> list[Value]:
    """All leaves that are not inputs, sorted by scope, and within a scope in topological order."""
    given = set(inputs)
    found = [node for node in order if node.op is None and node not in given]

    def parts(leaf: Value) -> list[Any]:  # neurons.9 before neurons.10
        return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", leaf.scope)]

    return sorted(found, key=parts)
