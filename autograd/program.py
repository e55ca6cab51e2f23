"""A finished graph of scalars, replayed as NumPy code over a whole batch."""

from __future__ import annotations

import functools
import operator
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.functional import gradients
from autograd.graph import replay, topological_order
from autograd.machine import Array, Machine
from autograd.plan import BATCHED, TOTAL, UNIFORM, Index, places, plan
from autograd.rules import describe
from autograd.structure import flatten
from autograd.value import Value, tracing

_DATA = operator.attrgetter("data")


class Program:
    """A finished graph of scalars as a few NumPy calls, to be replayed over a batch.

    Arguments:
        outputs: a Value, or several: what to compute.
        inputs: leaves that are given numbers anew in each call, one for each sample.
        parameters: leaves whose ``data`` is read at each call; None for every other leaf.  What is in neither list
            stays as it is now.
        dtype: float, or numpy.float32.

    Raises:
        TypeError: an argument is no Value.
        ValueError: an input or a parameter is no leaf, or is given twice.

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
        outputs: Value | Sequence[Value],
        inputs: Sequence[Value],
        parameters: Sequence[Value] | None = None,
        dtype: Any = float,
    ) -> None:
        self._setup(outputs, inputs, parameters, dtype, total=False)

    def _setup(
        self,
        outputs: Value | Sequence[Value],
        inputs: Sequence[Value],
        parameters: Sequence[Value] | None,
        dtype: Any,
        total: bool,
    ) -> None:
        self.single = isinstance(outputs, Value)
        ends = [outputs] if isinstance(outputs, Value) else list(outputs)
        self.inputs = _leaves(inputs, "input")
        order = topological_order(*_values(ends, "output"))
        if parameters is None:
            given = set(self.inputs)
            parameters = [node for node in order if node.op is None and node not in given]
        self.parameters = _leaves(parameters, "parameter")
        if set(self.inputs) & set(self.parameters):
            raise ValueError("a leaf is an input or a parameter, not both")
        self.dtype = np.dtype(dtype)
        self.scalars = len(order)
        self._request = ends, self.inputs, self.parameters, [total] * len(ends)
        self.plan = plan(*self._request)
        # Where the outputs are, by array: their numbers among the outputs, and their places in the array.
        self.found: dict[str, tuple[Index, Index]] = {}
        for array in (UNIFORM, BATCHED, TOTAL):
            pairs = [(i, place) for i, (where, place) in enumerate(self.plan.outputs) if where == array]
            numbers, at = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
            self.found[array] = numbers, at
        row = self.dtype.itemsize * max(1, self.plan.batched)
        self.block = max(64, 1_500_000 // row)
        self._local = threading.local()

    def __call__(self, *arrays: Any) -> Any:
        """The outputs for each sample.

        Arguments:
            arrays: for each input a number or an array of shape (B,).

        Returns:
            An array of shape (B,) for each output, in a list if there are several.
        """
        samples, columns = self._columns(arrays)
        parameters = self._parameters()
        results = np.empty((len(self.plan.outputs), samples), self.dtype)
        for start in range(0, samples, self.block):
            part = slice(start, min(start + self.block, samples))
            machine = self._run(columns[:, part], parameters, start)
            for array, (numbers, at) in self.found.items():
                if len(numbers):
                    there = machine.arrays[array][at]
                    results[numbers, part] = there if array == BATCHED else there[:, None]
        return results[0] if self.single else list(results)

    def _columns(self, arrays: Sequence[Any]) -> tuple[int, Array]:
        if len(arrays) != len(self.inputs):
            raise TypeError(f"this program takes {len(self.inputs)} array(s), {len(arrays)} given")
        columns = [np.asarray(array, dtype=self.dtype) for array in arrays]
        lengths = {column.shape[0] for column in columns if column.ndim}
        if any(column.ndim > 1 for column in columns) or len(lengths) > 1:
            shapes = ", ".join(str(column.shape) for column in columns)
            raise ValueError(f"the arrays are numbers or of one shape (B,), not {shapes}")
        samples = lengths.pop() if lengths else 1
        table = np.empty((len(columns), samples), self.dtype)
        for row, column in zip(table, columns, strict=True):
            row[:] = column
        return samples, table

    def _parameters(self) -> Array:
        """The numbers in the parameters, now."""
        return np.fromiter(map(_DATA, self.parameters), self.dtype, len(self.parameters))

    def _run(self, columns: Array, parameters: Array, start: int) -> Machine:
        """Replay over the samples of one block."""
        machine = self._machine(columns.shape[1])
        machine.arrays[UNIFORM][: len(parameters)] = parameters
        machine.arrays[BATCHED][: len(self.inputs)] = columns
        try:
            with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
                machine.run()
        except (ArithmeticError, ValueError):
            machine.careful_run(self.plan, start)
        return machine

    def _machine(self, samples: int) -> Machine:
        """The buffers of this thread for a block of so many samples; those of the last two sizes are kept."""
        machines: dict[int, Machine] = self._local.__dict__.setdefault("machines", {})
        if samples not in machines:
            while len(machines) > 1:
                del machines[next(iter(machines))]
            machines[samples] = Machine(self.plan, len(self.parameters), samples, self.dtype)
        return machines[samples]

    @classmethod
    def value_and_grad(
        cls,
        loss: Value,
        inputs: Sequence[Value] = (),
        parameters: Sequence[Value] | None = None,
        reduction: str = "mean",
        dtype: Any = float,
    ) -> GradientProgram:
        """The program that computes the mean (or sum) of a loss over a batch, and its gradient, in one replay.

        >>> x, y, w = Value(0.0), Value(0.0), Value(3.0)
        >>> step = Program.value_and_grad((w * x - y) ** 2, inputs=[x, y], parameters=[w])
        >>> step([1.0, 2.0], [3.0, 5.0])
        (0.5, array([2.]))
        """
        return GradientProgram(loss, inputs, parameters, reduction, dtype)

    def verify(self, *arrays: Any, tolerance: float = 1e-9) -> float:
        """Compare a replay, node by node, with a fresh eager pass over the same graph.

        Arguments:
            arrays: as for a call; of many samples eight are compared.
            tolerance: how large  |replayed - eager| / max(1, |eager|)  may be.

        Returns:
            The largest difference found.

        Raises:
            AssertionError: a node differs; named is the first, with both numbers.
            RuntimeError: the program has been pickled, and so has no graph to compare with.

        >>> x = Value(0.0)
        >>> Program(x.sin() * x, [x]).verify([0.5, 1.0]) < 1e-12
        True
        """
        if not hasattr(self, "_request"):
            raise RuntimeError("this program was pickled without its graph; verify the one that was recorded")
        samples, columns = self._columns(arrays)
        columns = columns[:, np.linspace(0, samples - 1, min(samples, 8)).astype(int)]
        machine = self._run(columns, self._parameters(), 0)
        order = topological_order(*self._request[0])
        where = places(*self._request)
        worst = 0.0
        for sample, column in enumerate(columns.T.tolist()):
            eager = replay(order, dict(zip(self.inputs, column, strict=True)))
            for node in order:
                if node not in where:
                    continue
                array, place = where[node]
                found = machine.arrays[array][place]
                found = float(found[sample] if array == BATCHED else found)
                difference = abs(found - eager[node]) / max(1.0, abs(eager[node]))
                if found != eager[node] and not difference <= tolerance:
                    name = node.label or (node.op.name if node.op else "a leaf")
                    raise AssertionError(
                        f"{name}{f' in {node.scope}' if node.scope else ''} differs: the program gives {found!r}, the "
                        f"graph {eager[node]!r}"
                    )
                worst = max(worst, difference if found != eager[node] else 0.0)
        return worst

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__}: {self.scalars:,} scalars, {len(self.plan.instructions)} instructions, "
            f"{len(self.inputs)} input{'' if len(self.inputs) == 1 else 's'}, {len(self.parameters)} parameters>"
        )

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_local", "_request")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._local = threading.local()


class GradientProgram(Program):
    """See ``Program.value_and_grad``."""

    def __init__(
        self,
        loss: Value,
        inputs: Sequence[Value] = (),
        parameters: Sequence[Value] | None = None,
        reduction: str = "mean",
        dtype: Any = float,
    ) -> None:
        if reduction not in ("mean", "sum"):
            raise ValueError(f"reduction is 'mean' or 'sum', not {reduction!r}")
        _values([loss], "loss")
        if parameters is None:
            given = set(inputs)
            parameters = [node for node in topological_order(loss) if node.op is None and node not in given]
        self.reduction = reduction
        slopes = gradients(loss, list(parameters))
        self._setup([loss, *slopes], inputs, parameters, dtype, total=True)

    def __call__(self, *arrays: Any) -> tuple[float, Array]:
        """The loss over the batch as a float, and its gradient as an array in the order of the parameters."""
        samples, columns = self._columns(arrays)
        parameters = self._parameters()
        found = np.zeros(len(self.plan.outputs))
        (summed, sums_at), (constant, constants_at) = self.found[TOTAL], self.found[UNIFORM]
        for start in range(0, samples, self.block):
            block = columns[:, start : start + self.block]
            machine = self._run(block, parameters, start)
            found[summed] += machine.arrays[TOTAL][sums_at]
            if len(constant):
                found[constant] += machine.arrays[UNIFORM][constants_at] * block.shape[1]
        if self.reduction == "mean":
            found /= max(samples, 1)
        return float(found[0]), found[1:]


class Vectorized:
    """See ``vectorize``.

    Attributes:
        program: the Program, once there was a first call.
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        functools.update_wrapper(self, f)
        self.f = f
        self.program: Program | None = None
        self._gradient: Program | None = None

    def __call__(self, *arrays: Any) -> Any:
        """f of each element, the arrays broadcast as NumPy does."""
        shape, columns = _broadcast(arrays)
        if self.program is None:
            self._leaves, self._outputs, self._rebuild = self._record(columns)
            self.program = Program(self._outputs, self._leaves)
        results = self.program(*columns)
        return self._rebuild(iter([result.reshape(shape) for result in results]))

    def value_and_grad(self, *arrays: Any) -> tuple[Any, tuple[Any, ...]]:
        """f of each element, and its derivative there by each argument.

        Raises:
            TypeError: f gives more than one number.
        """
        shape, columns = _broadcast(arrays)
        if self._gradient is None:
            leaves, outputs, _ = self._record(columns)
            if len(outputs) != 1:
                raise TypeError(f"value_and_grad needs a function that gives one number, not {len(outputs)}")
            self._gradient = Program([*outputs, *gradients(outputs[0], leaves)], leaves)
        value, *slopes = (result.reshape(shape) for result in self._gradient(*columns))
        return value, tuple(slopes)

    def _record(self, columns: list[Array]) -> tuple[list[Value], list[Value], Any]:
        """One call of f on Values, at the first element of each array."""
        leaves = [Value(float(column[0]) if len(column) else 1.0) for column in columns]
        with tracing():
            outputs, rebuild = flatten(self.f(*leaves))
        ends = [y if isinstance(y, Value) else Value(y) for y in outputs]
        reached = set(topological_order(*ends))
        for i, leaf in enumerate(leaves):
            if leaf not in reached:
                raise ValueError(
                    f"argument {i} of {getattr(self.f, '__name__', 'the function')} does not reach its result; if the "
                    "function uses x.data, the number of the first call would stay for ever: use x itself"
                )
        return leaves, ends, rebuild


def vectorize(f: Callable[..., Any]) -> Vectorized:
    """A function of scalars as a function of whole arrays: recorded once, replayed as NumPy code.

    The first call runs f once on Values; every further call replays what it did, whatever the numbers.  So f must do
    the same for all numbers: a comparison of its arguments is refused, and ``maximum`` or ``where`` takes its place.
    Values that f uses from outside are read anew in each call.

    Arguments:
        f: a function of Values that gives a Value, or lists, tuples and dictionaries of them.

    Returns:
        A function of arrays, or numbers, with the attributes ``program`` and ``value_and_grad``.

    Raises:
        TypeError: in the first call, if f compares its arguments.
        ValueError: in the first call, if an argument does not reach the result.

    >>> slope = Value(2.0)
    >>> @vectorize
    ... def line(x):
    ...     return slope * x + 1.0
    >>> line([0.0, 1.0, 2.0])
    array([1., 3., 5.])
    >>> slope.data = 10.0
    >>> line([[0.0], [1.0]])
    array([[ 1.],
           [11.]])
    >>> line.value_and_grad([0.0, 1.0])
    (array([ 1., 11.]), (array([10., 10.]),))
    """
    return Vectorized(f)


def _broadcast(arrays: Sequence[Any]) -> tuple[tuple[int, ...], list[Array]]:
    """The common shape of some arrays, and each of them in it, as a flat row."""
    if not arrays:
        raise TypeError("a vectorized function takes at least one array")
    found = np.broadcast_arrays(*(np.asarray(array, dtype=float) for array in arrays))
    return found[0].shape, [array.reshape(-1) for array in found]


def _values(values: Sequence[Any], what: str) -> list[Value]:
    for value in values:
        if not isinstance(value, Value):
            raise TypeError(f"an {what} of a program is a Value, not {describe(value)}")
    return list(values)


def _leaves(values: Sequence[Value], what: str) -> list[Value]:
    leaves = _values(values, what)
    for value in leaves:
        if value.op is not None:
            raise ValueError(f"an {what} of a program is a leaf, not the result of {value.op.name}")
    if len(set(leaves)) != len(leaves):
        raise ValueError(f"an {what} is given twice")
    return leaves
