"""A loss and its gradient, compiled to NumPy calls and replayed over a whole batch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.engine.graph import adjoint_graph, topological_order
from autograd.engine.modes import enable_grad, gc_paused
from autograd.engine.value import Value
from autograd.functional.tracing import call_traced
from autograd.javascript.function import gradient_function
from autograd.program.arguments import leaves, other_leaves, values
from autograd.program.chunked import are_chunked, value_and_gradient
from autograd.program.lower import Request
from autograd.program.plan import REDUCED, UNIFORM, Array, Objective, Slot
from autograd.program.replay import Replay
from autograd.program.source import source

NOTHING: Array = np.zeros(0)


class GradientProgram(Replay):
    """The value and the gradient of a loss over a batch; see ``Program.value_and_grad``.

    Attributes:
        objective: how the value is made from the losses of the samples, and where the plan computes what.
        wrt: the parameters with respect to which the gradient is computed.
    """

    def __init__(
        self,
        loss: Value,
        inputs: Iterable[Value] = (),
        parameters: Iterable[Value] | None = None,
        reduction: str = "mean",
        dtype: Any = float,
        wrt: Iterable[Value] | None = None,
        plus: Value | None = None,
        weight: Value | None = None,
        outputs: Iterable[Value] = (),
    ) -> None:
        if reduction not in ("mean", "sum"):
            raise ValueError(f"reduction must be 'mean' or 'sum', not {reduction!r}")
        terms = values([loss] if plus is None else [loss, plus], "the loss")
        inputs, outputs = leaves(inputs, "an input"), values(outputs, "an output")
        if weight is not None and weight not in inputs:
            raise ValueError(f"the weight must be one of the inputs, not {weight!r}")
        if plus is not None and not set(topological_order(plus)).isdisjoint(inputs):
            raise ValueError("the term to add is added once for the whole batch, so it must not depend on an input")
        with gc_paused(), enable_grad():
            order = topological_order(*terms, *outputs)
            known = leaves(other_leaves(order, inputs) if parameters is None else parameters, "a parameter")
            by = known if wrt is None else leaves(wrt, "a parameter")
            if not set(by) <= set(known):
                raise ValueError("wrt must list some of the parameters, and nothing else")
            ends, adjoint = _with_slopes(loss if weight is None else weight * loss, by)
            if weight is not None:
                ends.append(weight)  # their sum
            total = len(ends)
            if plus is not None:
                ends += _with_slopes(plus, by)[0]
            self.objective = Objective(len(by), reduction == "mean", weight is not None, plus is not None)
            super().__init__(Request([*ends, *outputs], inputs, known, total=total, adjoint=adjoint), dtype)
        self.wrt = by
        self._totals = self._slots(0, self.objective.totals)
        self._added = self._slots(self.objective.totals, self.objective.first_output)
        self._outputs = self._slots(self.objective.first_output, len(self.plan.outputs))

    def __call__(self, *arrays: Any, parameters: Any = None) -> tuple[Any, ...]:
        """The loss over the batch as a float, and its gradient as an array in the order of the parameters.

        Arguments:
            arrays, parameters: as for ``Program``.  For Dask arrays all results are Dask arrays, of shapes () and (n,).

        Returns:
            (value, gradient), or for a program with other outputs (value, gradient, outputs), where outputs is an array
            with a row of shape (B,) for each.

        Raises:
            ZeroDivisionError: the weights of the samples sum to 0.
            ValueError: there are no samples, but weights, an added term, or other outputs.
        """
        if are_chunked(arrays):
            return value_and_gradient(self, arrays, self._vector(parameters))
        samples, batch = self._batch(arrays)
        return self.replay(batch, samples, self._vector(parameters))

    def replay(self, batch: Sequence[Array], samples: int, vector: Array) -> tuple[Any, ...]:
        """The same for arrays that are right already: of floats and of shape (k, B), or (B,) for one input."""
        if not samples:
            return float(self.no_sums()[0][0]), np.zeros(self.objective.parameters)
        totals, added, outputs = self.sums(batch, samples, vector)
        value, gradient = self.finished(totals, added, samples)
        return (value, gradient, outputs) if self._outputs else (value, gradient)

    def sums(self, batch: Sequence[Array], samples: int, vector: Array, first: int = 0) -> tuple[Array, Array, Array]:
        """What several batches add up, to be ``finished``.

        Arguments:
            batch, samples, vector: as for ``replay``; at least one sample.
            first: the number of the first sample, for error messages.

        Returns:
            The sums over the samples: of the loss, of its derivatives, and of the weights if there are any; what is
            added once, if anything, with its derivatives; and a row for each other output.
        """
        objective = self.objective
        outputs = np.empty((self.other_outputs, samples), self.dtype)
        sums: Array = np.zeros(0)
        uniform: Array = sums
        for part, machine in self._blocks(batch, samples, vector, first):
            reduced, uniform = machine.arrays[REDUCED], machine.arrays[UNIFORM]
            sums = sums + reduced if part.start else reduced.astype(float, copy=part.stop < samples)
            machine.put(self._outputs, outputs[:, part])
        totals = gathered(self._totals, objective.totals, sums, uniform, samples)
        added = gathered(self._added, 1 + objective.parameters, sums, uniform) if objective.plus else NOTHING
        return totals, added, outputs

    def no_sums(self) -> tuple[Array, Array, int]:
        """The sums over no samples.

        Raises:
            ValueError: they are not defined.
        """
        if self.objective.weighted or self.objective.plus or self._outputs:
            raise ValueError("this program needs a batch of at least one sample")
        return np.zeros(self.objective.totals), NOTHING, 0

    def finished(self, totals: Array, added: Array, samples: int) -> tuple[float, Array]:
        """The value and its gradient, from the sums over a number of samples; ``totals`` may be changed."""
        objective = self.objective
        if objective.mean and samples:
            size = float(totals[-1]) if objective.weighted else samples
            if size == 0.0:
                raise ZeroDivisionError("the weights of the samples sum to 0, so there is no weighted mean")
            if math.frexp(size)[0] == 0.5:  # a power of 2, by which a product is as exact as a quotient, and faster
                totals *= 1.0 / size
            else:
                totals /= size
        if objective.plus:
            totals = totals[: 1 + objective.parameters]
            totals += added
        return float(totals[0]), totals[1 : 1 + objective.parameters]

    @property
    def other_outputs(self) -> int:
        """The number of outputs besides the loss and its gradient."""
        return len(self.plan.outputs) - self.objective.first_output

    @property
    def source(self) -> str:
        """The program as readable NumPy code: a function that returns the loss and its gradient.

        See ``Program.source``.
        """
        return source(self.plan, "value_and_grad", self.objective)

    def to_javascript(self) -> str:
        """The program as a JavaScript function ``value_and_grad(batch, parameters)``, to train in a web page.

        ``batch`` is an array with an array of inputs for each example, ``parameters`` an array of numbers.  The result
        has the mean loss as ``value``, or its sum, and the ``gradient`` as an array.

        Raises:
            NoJavaScriptError: an operation of your own has no array form.
            ValueError: the program has weights, an added term, or other outputs, or a gradient by some parameters only.
        """
        objective = self.objective
        if objective.weighted or objective.plus or self._outputs or self.wrt != self.parameters:
            raise ValueError(
                "only a program with a loss alone can be written in JavaScript: without wrt=, weight=, plus= and "
                "outputs=; a term can be added to the loss of each sample instead, whose mean contains it once"
            )
        return gradient_function(*self._graph(), mean=objective.mean)

    def _results(self, samples: int) -> int:
        objective = self.objective
        return (2 * objective.first_output + self.other_outputs * samples) * int(self.dtype.itemsize)


def _with_slopes(loss: Value, parameters: Sequence[Value]) -> tuple[list[Value], dict[Value, Any]]:
    """A loss and its derivative by each parameter, as nodes; and the adjoint of each node of the loss."""
    order = topological_order(loss)
    # Traced, so that a partial that branches on a number is refused: a replay would repeat the recorded branch.
    adjoint = call_traced(adjoint_graph, order, {loss: 1.0}, parameters)
    slopes = [dx if isinstance(dx := adjoint.get(x, 0.0), Value) else Value(dx) for x in parameters]
    return [loss, *slopes], adjoint


def gathered(slots: Sequence[Slot], size: int, sums: Array, uniform: Array, times: int = 1) -> Array:
    """Some outputs in one array: sums over the samples, and uniform values, which are multiplied by ``times``."""
    found = np.empty(size)
    for array, outputs, places, in_order in slots:
        if array == REDUCED and in_order:  # one copy; the slots after it overwrite what lies between
            stop = int(outputs[-1]) + 1
            found[:stop] = sums[:stop]
        elif array == REDUCED:
            found[outputs] = sums.take(places)
        else:
            with np.errstate(over="ignore"):  # a sum that overflows is infinite, without a warning
                found[outputs] = times * uniform.take(places).astype(float)
    return found
