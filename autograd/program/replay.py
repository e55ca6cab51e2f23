"""Replay: runs a plan with NumPy over the samples of a batch, block by block."""

from __future__ import annotations

import functools
import struct
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.engine.graph import evaluate
from autograd.engine.modes import active_replays, gc_paused, refuse_in_replays
from autograd.engine.op import Op
from autograd.engine.value import Value
from autograd.functional.derivatives import Variable, differentiated
from autograd.program.arguments import numbers
from autograd.program.buffers import allocate_rows
from autograd.program.lower import Lowering, Request
from autograd.program.machine import NumpyExecutor
from autograd.program.names import own_names
from autograd.program.plan import BATCHED, REDUCED, UNIFORM, Array
from autograd.program.verify import largest_difference

CACHE = 1_500_000  # the most bytes for one block of samples, so that it stays in the cache of a typical processor
SMALLEST = 64  # the fewest samples in a block


class Replay:
    """The base class of ``Program`` and ``GradientProgram``: a plan, its buffers, and the code that runs it.

    Arguments:
        request: what to compute.
        dtype: float, or numpy.float32.

    Attributes:
        inputs, parameters: the leaves, as given.
        plan: the plan.
        scalars: the number of nodes in the graph.
        dtype: the NumPy dtype of all computations.

    Raises:
        ValueError: a leaf is both an input and a parameter, or the dtype is neither of the two.
    """

    def __init__(self, request: Request, dtype: Any) -> None:
        self.inputs, self.parameters = request.inputs, request.parameters
        if set(self.inputs) & set(self.parameters):
            raise ValueError("a leaf is given both as an input and as a parameter; it can be only one of them")
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float64, np.float32):
            raise ValueError(f"the dtype of a program must be float64 or float32, not {self.dtype}")
        self._lowering = lowering = Lowering(request)
        self.plan, self.scalars = lowering.plan, len(lowering.terms.order)
        leaves = [lowering.terms.order[i] for i in lowering.terms.leaves]
        self._variables = [leaf for leaf in leaves if isinstance(leaf, Variable)]
        self._rows = allocate_rows(self.plan)
        # For each array of the plan: which outputs it holds, and at which indices.
        self._output_slots: list[tuple[str, Any, Any]] = []
        for array in (UNIFORM, BATCHED, REDUCED):
            pairs = [(i, place) for i, (where, place) in enumerate(self.plan.outputs) if where == array]
            if pairs:
                which, places = np.array(pairs, dtype=np.intp).T
                self._output_slots.append((array, which, places))
        self._pack = f"{len(self.parameters)}{self.dtype.char}"
        self._local = threading.local()
        if any(op.array for op in own_names(self.plan)):  # check the array forms of a user at the current numbers
            try:
                self.verify(*(x._data for x in self.inputs), tolerance=1e-9 if self.dtype == np.float64 else 1e-4)
            except AssertionError as error:
                raise ValueError(f"an array form does not compute the same as its operation: {error}") from None

    @functools.cached_property
    def _bytes(self) -> tuple[int, int]:
        """The memory of the buffers: the fixed part, and the part per sample."""
        machine = self._machine(2 if self.inputs else 1)
        return machine.bytes, machine.bytes_each

    @functools.cached_property
    def block(self) -> int:
        """The number of samples that are computed at a time."""
        once, each = self._bytes
        return max(SMALLEST, (CACHE - once) // max(each, 1))

    def _columns(self, arrays: Sequence[Any]) -> tuple[int, list[Array]]:
        """The number of samples, and an array with the numbers of each input."""
        if active_replays:
            refuse_in_replays("the results of a program, which are numbers")
        if self._variables and (lost := differentiated(self._variables)):
            raise TypeError(
                f"a program returns numbers, so the derivative with respect to {lost[0]!r}, which it reads, would be "
                "lost here; inside a function that is being differentiated, compute with Values, and make a program of "
                "the result"
            )
        if len(arrays) != len(self.inputs):
            raise TypeError(f"this program takes {len(self.inputs)} array(s), but {len(arrays)} were given")
        columns = [numbers(array, self.dtype) for array in arrays]
        shapes = {column.shape for column in columns}
        lengths = {shape[0] for shape in shapes if shape}
        if any(len(shape) > 1 for shape in shapes) or len(lengths) > 1:
            listed = ", ".join(str(column.shape) for column in columns)
            raise ValueError(f"the inputs must be numbers or arrays of the same shape (B,), not {listed}")
        samples = lengths.pop() if lengths else 1
        return samples, [column if column.ndim else np.broadcast_to(column, samples) for column in columns]

    def _blocks(self, columns: Sequence[Array], samples: int, parameters: Any) -> Iterator[tuple[slice, NumpyExecutor]]:
        """Replay block by block: yields the samples of each block, and the executor that holds their values."""
        vector = None if parameters is None else numbers(parameters, self.dtype)
        if vector is not None and vector.shape != (len(self.parameters),):
            raise ValueError(f"there are {len(self.parameters)} parameters, so an array of {vector.shape} does not fit")
        block = self.block if samples > SMALLEST else SMALLEST
        for start in range(0, samples, block):
            part = slice(start, min(start + block, samples))
            yield part, self._run(columns, part, vector)

    def _run(self, columns: Sequence[Array], part: slice, vector: Array | None) -> NumpyExecutor:
        """Replay over the samples of one block."""
        machine = self._load(columns, part, vector)
        try:
            with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
                machine.run()
        except (ArithmeticError, ValueError):
            # Run again, instruction by instruction, to report the operation and the sample that failed.
            machine = self._load(columns, part, vector)
            for number in range(len(self.plan.instructions)):
                machine.check(number, part.start)
        return machine

    def _machine(self, samples: int) -> NumpyExecutor:
        """The executor of this thread for a block of this many samples.  Executors for two sizes are kept."""
        machines: dict[int, NumpyExecutor] = self._local.__dict__.setdefault("machines", {})
        if samples not in machines:
            while len(machines) > 1:
                del machines[next(iter(machines))]
            with gc_paused():
                machines[samples] = NumpyExecutor(self.plan, self._rows, samples, self.dtype)
        return machines[samples]

    def _load(self, columns: Sequence[Array], part: slice, vector: Array | None = None) -> NumpyExecutor:
        """The executor for a block, loaded with the inputs and parameters."""
        machine = self._machine(part.stop - part.start)
        if vector is not None:
            machine.arrays[UNIFORM][: len(vector)] = vector
        else:
            struct.pack_into(self._pack, machine.arrays[UNIFORM].data, 0, *[p._data for p in self.parameters])
        for row, column in zip(machine.arrays[BATCHED], columns, strict=False):
            row[:] = column[part]
        return machine

    def memory(self, samples: int) -> int:
        """The peak memory of a call in bytes: its buffers, which are kept for the next call, and its results.

        Arguments:
            samples: the number of samples.  More than ``block`` are computed in blocks, with the buffers of one block.

        >>> from autograd import Program
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
        # NumPy itself takes two buffers.
        return buffers + self._results(samples) + 2 * np.getbufsize() * int(self.dtype.itemsize)

    def _results(self, samples: int) -> int:
        return len(self.plan.outputs) * samples * int(self.dtype.itemsize)

    def verify(self, *arrays: Any, tolerance: float = 1e-9) -> float:
        """Compare a replay, node by node, with eager evaluation of the same graph.

        Arguments:
            arrays: as for a call; at most eight samples are compared.
            tolerance: the largest  |replayed - eager| / max(1, |eager|)  allowed.

        Returns:
            The largest difference found.

        Raises:
            AssertionError: a node differs; the message names the first such node, with both numbers.
            RuntimeError: the program was pickled, and so has no graph to compare with.

        >>> from autograd import Program
        >>> x = Value(0.0)
        >>> Program(x.sin() * x, [x]).verify([0.5, 1.0]) < 1e-12
        True
        """
        self._require_graph("verify")
        samples, columns = self._columns(arrays)
        chosen = np.linspace(0, samples - 1, min(samples, 8)).astype(int)
        columns = [column[chosen] for column in columns]
        machine = self._load(columns, slice(0, len(chosen)))
        nodes = [self._lowering.nodes(number) for number in range(len(self.plan.instructions))]
        eager = [
            evaluate(self._lowering.terms.order, dict(zip(self.inputs, sample, strict=True)))
            for sample in np.array(columns).reshape(len(columns), len(chosen)).T.tolist()
        ]
        return largest_difference(machine, nodes, eager, tolerance)

    @property
    def operations(self) -> dict[str, Op]:
        """The user-defined operations without an array form, which ``source`` can only call, by their names in it."""
        return {name: op for op, name in own_names(self.plan).items() if op.array is None}

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

    def _require_graph(self, method: str) -> None:
        if not hasattr(self, "_lowering"):
            raise RuntimeError(f"this program was pickled without its graph; call {method} on the original program")

    def _graph(self) -> tuple[list[Value], dict[str, list[Value]], dict[Value, float]]:
        """The outputs, the leaves that are given in a call, and the numbers of those that are constants."""
        self._require_graph("to_javascript")
        terms, place = self._lowering.terms, self._lowering.place
        given, start = {*self.inputs, *self.parameters}, len(self.parameters)
        constants = {
            terms.order[i]: self.plan.constants[place[i] - start] for i in terms.leaves if terms.order[i] not in given
        }
        return self._lowering.outputs, {"inputs": self.inputs, "parameters": self.parameters}, constants

    def __getstate__(self) -> dict[str, Any]:
        if differentiated(self._variables):
            raise TypeError(
                "a program that reads a variable of a function that is being differentiated cannot be copied or pickled"
            )
        return {name: value for name, value in vars(self).items() if name not in ("_local", "_lowering", "_variables")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._local = threading.local()
        self._variables = []
