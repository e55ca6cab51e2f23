"""A finished graph of scalars, replayed as NumPy code over a whole batch."""

from __future__ import annotations

import functools
import math
import re
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from autograd.engine.graph import adjoint_graph, replay, topological_order
from autograd.engine.modes import no_collection, recording, refuse_in_replays, traces
from autograd.engine.op import Op, describe
from autograd.engine.value import Value
from autograd.functional.derivatives import Variable, differentiated, gradients
from autograd.functional.recording import Recording, record
from autograd.functional.tracing import call_traced
from autograd.program.buffers import rows
from autograd.program.lower import Planner, Request
from autograd.program.machine import Array, Machine
from autograd.program.names import own_names
from autograd.program.plan import BATCHED, TOTAL, UNIFORM
from autograd.program.source import own_operations, source

CACHE = 1_500_000  # bytes that one block of samples may take, so that it stays in the cache of a common processor
SMALLEST = 64  # how many samples a block has at least


class Program:
    """A finished graph of scalars as a few NumPy calls, to be replayed over a batch.

    Arguments:
        outputs: a Value, or several: what to compute.
        inputs: leaves that are given numbers anew in each call, one for each sample.
        parameters: leaves whose ``data`` is read at each call; None for every other leaf, scope by scope.  What is in
            neither list stays as it is now.
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
        outputs: Value | Iterable[Value],
        inputs: Iterable[Value],
        parameters: Iterable[Value] | None = None,
        dtype: Any = float,
    ) -> None:
        with no_collection():
            self._setup(outputs, inputs, parameters, dtype, total=False)

    def _setup(
        self,
        outputs: Value | Iterable[Value],
        inputs: Iterable[Value],
        parameters: Iterable[Value] | None,
        dtype: Any,
        total: bool,
        adjoint: Mapping[Value, Any] | None = None,
    ) -> None:
        self.single = isinstance(outputs, Value)
        ends = _values([outputs] if isinstance(outputs, Value) else outputs, "an output")
        if not ends:
            raise ValueError("a program needs at least one output")
        self.inputs = _leaves(inputs, "an input")
        order = topological_order(*ends)
        if parameters is None:
            parameters = _other_leaves(order, self.inputs)
        self.parameters = _leaves(parameters, "a parameter")
        if set(self.inputs) & set(self.parameters):
            raise ValueError("a leaf is an input or a parameter, not both")
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float64, np.float32):
            raise ValueError(f"a program computes in float64 or float32, not in {self.dtype}")
        self._planner = planner = Planner(Request(ends, self.inputs, self.parameters, total, adjoint or {}, order))
        self.plan, self.scalars = planner.plan, planner.scalars
        leaves = [planner.terms.order[i] for i in planner.terms.leaves()]
        self._variables = [leaf for leaf in leaves if isinstance(leaf, Variable)]
        self._rows = rows(self.plan)
        # Where the outputs are: their numbers among the outputs and their places in the array, for each array.
        self._found: list[tuple[str, Any, Any]] = []
        for array in (UNIFORM, BATCHED, TOTAL):
            pairs = [(i, place) for i, (where, place) in enumerate(self.plan.outputs) if where == array]
            if pairs:
                numbers, places = np.array(pairs, dtype=np.intp).T
                self._found.append((array, numbers, places))
        self._pack = f"{len(self.parameters)}{self.dtype.char}"
        self._local = threading.local()
        if any(op.array for op in own_names(self.plan)):
            self._compare_array_forms()

    def _compare_array_forms(self) -> None:
        """See that the array forms of a user's operations give what the operations do, at the numbers of now."""
        try:
            self.verify(*(x._data for x in self.inputs), tolerance=1e-9 if self.dtype == np.float64 else 1e-4)
        except AssertionError as error:
            raise ValueError(f"an array form does not compute what its operation does: {error}") from None

    def __call__(self, *arrays: Any, parameters: Any = None) -> Any:
        """The outputs for each sample.

        Arguments:
            arrays: for each input a number or an array of shape (B,).
            parameters: an array with a number for each parameter, to compute with in the place of their own.

        Returns:
            An array of shape (B,) for each output, in a list if there are several.
        """
        samples, columns = self._columns(arrays)
        vector = self._vector(parameters)
        results = np.empty((len(self.plan.outputs), samples), self.dtype)
        for part in self._parts(samples):
            machine = self._run(columns, part, vector)
            for array, numbers, places in self._found:
                there = machine.numbers(array, places)
                results[numbers, part] = there if array == BATCHED else there[:, None]
        return results[0] if self.single else list(results)

    @functools.cached_property
    def _bytes(self) -> tuple[int, int]:
        """How much memory the buffers take: in any case, and for each sample."""
        machine = self._machine(2 if self.inputs else 1)
        return machine.bytes, machine.bytes_each

    @functools.cached_property
    def block(self) -> int:
        """How many samples are computed at a time."""
        once, each = self._bytes
        return max(SMALLEST, (CACHE - once) // max(each, 1))

    def _columns(self, arrays: Sequence[Any]) -> tuple[int, list[Array]]:
        """How many samples there are, and the numbers of each input."""
        if traces:
            refuse_in_replays("the results of a program, which are numbers")
        if self._variables and (lost := differentiated(self._variables)):
            raise TypeError(
                f"a program gives numbers, so the derivative by {lost[0]!r}, which it reads, would be lost here; in a "
                "function that is differentiated, compute with Values, and make a program of what comes out"
            )
        if len(arrays) != len(self.inputs):
            raise TypeError(f"this program takes {len(self.inputs)} array(s), {len(arrays)} given")
        columns = [_numbers(array, self.dtype) for array in arrays]
        shapes = {column.shape for column in columns}
        lengths = {shape[0] for shape in shapes if shape}
        if any(len(shape) > 1 for shape in shapes) or len(lengths) > 1:
            listed = ", ".join(str(column.shape) for column in columns)
            raise ValueError(f"the arrays are numbers or of one shape (B,), not {listed}")
        samples = lengths.pop() if lengths else 1
        return samples, [column if column.ndim else np.broadcast_to(column, samples) for column in columns]

    def _vector(self, parameters: Any) -> Array | None:
        """The numbers of the parameters, if they are given."""
        if parameters is None:
            return None
        vector = _numbers(parameters, self.dtype)
        if vector.shape != (len(self.parameters),):
            raise ValueError(f"there are {len(self.parameters)} parameters, so an array of {vector.shape} does not fit")
        return vector

    def _parts(self, samples: int) -> Iterator[slice]:
        """The samples in blocks."""
        block = self.block if samples > SMALLEST else SMALLEST
        for start in range(0, samples, block):
            yield slice(start, min(start + block, samples))

    def _run(self, columns: Sequence[Array], part: slice, vector: Array | None) -> Machine:
        """Replay over the samples of one block."""
        machine = self._load(columns, part, vector)
        try:
            with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
                machine.run()
        except (ArithmeticError, ValueError):
            # Once more from the start, one instruction after the other, to find the number that it was.
            machine = self._load(columns, part, vector)
            for number in range(len(self.plan.instructions)):
                machine.check(number, part.start)
        return machine

    def _machine(self, samples: int) -> Machine:
        """The buffers of this thread for a block of so many samples; those of two sizes are kept."""
        machines: dict[int, Machine] = self._local.__dict__.setdefault("machines", {})
        if samples not in machines:
            while len(machines) > 1:
                del machines[next(iter(machines))]
            with no_collection():
                machines[samples] = Machine(self.plan, self._rows, samples, self.dtype)
        return machines[samples]

    def _load(self, columns: Sequence[Array], part: slice, vector: Array | None = None) -> Machine:
        """The buffers for a block, with inputs and parameters in their places."""
        machine = self._machine(part.stop - part.start)
        if vector is not None:
            machine.arrays[UNIFORM][: len(vector)] = vector
        else:
            struct.pack_into(self._pack, machine.arrays[UNIFORM].data, 0, *[p._data for p in self.parameters])
        for row, column in zip(machine.arrays[BATCHED], columns, strict=False):
            row[:] = column[part]
        return machine

    def memory(self, samples: int) -> int:
        """How many bytes a call takes at its peak: its buffers, which are kept for the next call, and its results.

        Arguments:
            samples: how many.  More than ``block`` are computed in blocks, with the buffers of one block.

        >>> x = Value(0.0)
        >>> program = Program(x * x + 1.0, inputs=[x])
        >>> program.memory(1000) - program.memory(0)  # x and x * x + 1.0, and the result
        24000
        """
        once, each = self._bytes
        rest = samples % self.block if samples > self.block else 0
        buffers = once + each * min(samples, self.block)
        if rest:
            buffers += once + each * rest
        return buffers + self._results(samples) + 2 * np.getbufsize() * int(self.dtype.itemsize)  # NumPy's own

    def _results(self, samples: int) -> int:
        return len(self.plan.outputs) * samples * int(self.dtype.itemsize)

    @classmethod
    def value_and_grad(
        cls,
        loss: Value,
        inputs: Iterable[Value] = (),
        parameters: Iterable[Value] | None = None,
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
        if not hasattr(self, "_planner"):
            raise RuntimeError("this program was pickled without its graph; verify the one that was recorded")
        samples, columns = self._columns(arrays)
        chosen = np.linspace(0, samples - 1, min(samples, 8)).astype(int)
        columns = [column[chosen] for column in columns]
        machine = self._load(columns, slice(0, len(chosen)))
        order = self._planner.terms.order
        eager = [
            replay(order, dict(zip(self.inputs, numbers, strict=True)))
            for numbers in np.array(columns).reshape(len(columns), len(chosen)).T.tolist()
        ]
        worst = 0.0
        for number, instruction in enumerate(self.plan.instructions):
            machine.check(number, 0)
            array = instruction.out.array
            replayed = machine.numbers(array, instruction.out.index.ravel())
            for node, found in zip(self._planner.nodes(number), replayed, strict=True):
                if array == TOTAL:
                    pairs = [(float(found), sum(numbers[node] for numbers in eager))]
                else:
                    each = found.tolist() if array == BATCHED else [float(found)] * len(eager)
                    pairs = [(got, numbers[node]) for got, numbers in zip(each, eager, strict=True)]
                for got, wanted in pairs:
                    same = got == wanted or (math.isnan(got) and math.isnan(wanted))
                    difference = 0.0 if same else abs(got - wanted) / max(1.0, abs(wanted))
                    if not difference <= tolerance:
                        raise AssertionError(_differs(node, got, wanted))
                    worst = max(worst, difference)
        return worst

    @property
    def source(self) -> str:
        """The program as NumPy code, as a person would write it.

        It defines a function of ``inputs``, an array with a row for each, and ``parameters``, an array of their
        numbers; a program without inputs takes the parameters alone.  It gives the outputs, a row for each.  Run by
        ``exec``, with NumPy alone, it computes what the program does.  What it calls of operations of your own is in
        ``operations``: ``exec(program.source, dict(program.operations))``.

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

    @property
    def operations(self) -> dict[str, Op]:
        """The operations that are not of this library, by the names that ``source`` calls them."""
        return own_operations(self.plan)

    def __str__(self) -> str:
        once, each = self.plan.operations()
        bytes_once, bytes_each = self._bytes
        rows = [
            ("scalars", f"{self.scalars:,}"),
            ("matrix instructions", f"{len(self.plan.instructions):,}"),
            ("inputs", f"{len(self.inputs):,}"),
            ("parameters", f"{len(self.parameters):,}"),
            ("outputs", f"{len(self.plan.outputs):,}"),
            ("operations", f"{each:,} for each sample, {once:,} once"),
            ("bytes", f"{bytes_each:,} for each sample of a block of {self.block:,}, {bytes_once:,} once"),
        ]
        return "\n".join([type(self).__name__, *(f"  {name:<20} {text}" for name, text in rows)])

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__}: {self.scalars:,} scalars, {len(self.plan.instructions)} instructions, "
            f"{len(self.inputs)} input{'' if len(self.inputs) == 1 else 's'}, {len(self.parameters)} parameters>"
        )

    def __getstate__(self) -> dict[str, Any]:
        if differentiated(self._variables):
            raise TypeError("a program that reads the variable of a function that is differentiated cannot be copied")
        return {name: value for name, value in vars(self).items() if name not in ("_local", "_planner", "_variables")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._local = threading.local()
        self._variables = []


class GradientProgram(Program):
    """See ``Program.value_and_grad``."""

    def __init__(
        self,
        loss: Value,
        inputs: Iterable[Value] = (),
        parameters: Iterable[Value] | None = None,
        reduction: str = "mean",
        dtype: Any = float,
    ) -> None:
        if reduction not in ("mean", "sum"):
            raise ValueError(f"reduction is 'mean' or 'sum', not {reduction!r}")
        _values([loss], "the loss")
        inputs = _leaves(inputs, "an input")
        self.reduction = reduction
        with no_collection(), recording():
            order = topological_order(loss)
            leaves = _leaves(_other_leaves(order, inputs) if parameters is None else parameters, "a parameter")
            # Recorded too: a partial that branches on a number would be replayed as the branch of now.
            adjoint = call_traced(adjoint_graph, order, {loss: 1.0}, leaves)
            slopes = [dx if isinstance(dx := adjoint.get(x, 0.0), Value) else Value(dx) for x in leaves]
            self._setup([loss, *slopes], inputs, leaves, dtype, total=True, adjoint=adjoint)

    def __call__(self, *arrays: Any, parameters: Any = None) -> tuple[float, Array]:
        """The loss over the batch as a float, and its gradient as an array in the order of the parameters.

        Arguments: as for ``Program``.
        """
        samples, columns = self._columns(arrays)
        vector = self._vector(parameters)
        found = np.zeros(len(self.plan.outputs))
        for part in self._parts(samples):
            machine = self._run(columns, part, vector)
            for array, numbers, places in self._found:
                there = machine.arrays[array].take(places)
                if array == UNIFORM:
                    with np.errstate(over="ignore"):  # a sum that is too large is infinite
                        there *= part.stop - part.start
                if len(numbers) == len(found):
                    found += there
                else:
                    found[numbers] += there
        if self.reduction == "mean":
            found /= max(samples, 1)
        return float(found[0]), found[1:]

    @property
    def source(self) -> str:
        """The program as NumPy code, as a person would write it: a function that gives the loss and its gradient.

        See ``Program.source``.
        """
        return source(self.plan, "value_and_grad", self.reduction)

    def _results(self, samples: int) -> int:
        return 2 * len(self.plan.outputs) * int(self.dtype.itemsize)


class Vectorized:
    """See ``vectorize``.

    Attributes:
        program: the Program, once there was a first call.
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        if not callable(f):
            raise TypeError(f"vectorize needs a function of Values, not {describe(f)}")
        functools.update_wrapper(self, f)
        self.f = f
        self.program: Program | None = None
        self._gradient: Program | None = None
        self._calls = 0

    def __call__(self, *arrays: Any) -> Any:
        """f of each element, the arrays broadcast as NumPy does."""
        shape, columns = _broadcast(arrays)
        if self.program is None:
            self._recording = self._record(columns)
            self.program = Program(self._recording.outputs, self._recording.inputs)
        results = self.program(*columns)
        self._confirm(self._recording, columns)
        return self._recording.rebuild(iter([result.reshape(shape) for result in results]))

    def value_and_grad(self, *arrays: Any) -> tuple[Any, tuple[Any, ...]]:
        """f of each element, and its derivative there by each argument.

        Raises:
            TypeError: f gives more than one number.
        """
        shape, columns = _broadcast(arrays)
        if self._gradient is None:
            found = self._record(columns)
            if len(found.outputs) != 1:
                raise TypeError(f"value_and_grad needs a function that gives one number, not {len(found.outputs)}")
            self._recording_with_gradient = found
            slopes = call_traced(gradients, found.outputs[0], found.inputs)
            self._gradient = Program([*found.outputs, *slopes], found.inputs)
        value, *slopes = self._gradient(*columns)
        self._confirm(self._recording_with_gradient, columns)
        return value.reshape(shape), tuple(slope.reshape(shape) for slope in slopes)

    def _record(self, columns: list[Array]) -> Recording:
        """Calls of f on Values, at the first and the last element."""
        if not len(columns[0]):
            return record(self.f, [1.0] * len(columns))
        return record(self.f, *([float(column[i]) for column in columns] for i in (0, -1)))

    def _confirm(self, recording: Recording, columns: list[Array]) -> None:
        """See that f still does what was recorded: in the first call, the second, the fourth, and so on."""
        self._calls += 1
        if self._calls & (self._calls - 1) == 0:
            some = recording.some(len(columns[0]), seed=self._calls)
            recording.confirm([[float(column[i]) for column in columns] for i in some])

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        raise TypeError(
            f"a vectorized function is not a method, since it records one function for all objects; write "
            f"vectorize(self.{getattr(self, '__name__', 'method')}) where the object is known"
        )


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
        TypeError: in the first call, if f compares its arguments, or reads their numbers as ``x.data``; in any call
            inside of a function that is being differentiated by a variable that f uses, since the result is numbers.
        ValueError: in the first call, if an argument does not reach the result, or if f does other things for the last
            element than for the first, as it does where it uses random numbers; in this and later calls, if f has come
            to give other numbers than its recording.

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
    found = np.broadcast_arrays(*(_numbers(array, float) for array in arrays))
    return found[0].shape, [array.reshape(-1) for array in found]


def _other_leaves(order: Iterable[Value], inputs: Sequence[Value]) -> list[Value]:
    """All leaves that are no inputs, in the order in which they are read, those of a scope together."""
    given = set(inputs)
    found = [node for node in order if node.op is None and node not in given]

    def parts(leaf: Value) -> list[Any]:  # neurons.9 before neurons.10
        return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", leaf.scope)]

    return sorted(found, key=parts)


def _differs(node: Value, found: float, wanted: float) -> str:
    name = node.label or (node.op.name if node.op else "a leaf")
    where = f" in {node.scope}" if node.scope else ""
    return f"{name}{where} differs: the program gives {found!r}, the graph {wanted!r}"


def _numbers(array: Any, dtype: Any) -> Array:
    """An array of numbers, if it is one: NumPy would take None for nan, a date for a number, and forget a mask."""
    if type(array) is np.ndarray and array.dtype == dtype:
        return array
    found = np.asarray(array)
    if isinstance(array, np.ma.MaskedArray) and np.ma.is_masked(array):
        raise ValueError("a masked array has entries without a number; fill them first, with array.filled(number)")
    if found.dtype.kind not in "biuf":
        items = found.ravel().tolist()
        wrong = next((x for x in items if isinstance(x, bool) or not isinstance(x, Real)), found)
        if found.dtype.kind != "O" or wrong is not found:
            raise TypeError(f"an input of a program is a number or an array of numbers, not of {describe(wrong)}")
    try:
        return np.asarray(found, dtype=dtype)
    except OverflowError:
        raise OverflowError("an input of a program is too large for a float, whose largest is about 1.8e308") from None


def _values(values: Iterable[Any], what: str) -> list[Value]:
    if isinstance(values, Value) or not isinstance(values, Iterable):
        raise TypeError(f"{what} of a program is in a list of Values, not {describe(values)}")
    found = list(values)
    for value in found:
        if not isinstance(value, Value):
            raise TypeError(f"{what} of a program is a Value, not {describe(value)}")
    return found


def _leaves(values: Iterable[Value], what: str) -> list[Value]:
    leaves = _values(values, what)
    for value in leaves:
        if value.op is not None:
            raise ValueError(f"{what} of a program is a leaf, not the result of {value.op.name}")
    if len(set(leaves)) != len(leaves):
        raise ValueError(f"{what} is given twice")
    return leaves
