"""Replay: a plan, run by NumPy over the samples of a batch, block by block."""

from __future__ import annotations

import functools
import struct
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.engine.graph import evaluate
from autograd.engine.modes import gc_paused, refuse_in_replays, traces
from autograd.engine.op import Op
from autograd.engine.value import Value
from autograd.functional.derivatives import Variable, differentiated
from autograd.program.arguments import numbers
from autograd.program.buffers import allocate_rows
from autograd.program.lower import Lowering, Request
from autograd.program.machine import NumpyExecutor
from autograd.program.names import own_names
from autograd.program.plan import BATCHED, REDUCED, UNIFORM, Array
from autograd.program.source import own_operations
from autograd.program.verify import largest_difference

CACHE = 1_500_000  # bytes for one block of samples, which fit into the cache of a common processor
SMALLEST = 64  # the minimum number of samples in a block


class Replay:
    """What ``Program`` and ``GradientProgram`` share: a plan, its buffers, and how it is run.

    Arguments:
        request: what to compute.
        dtype: float, or numpy.float32.

    Attributes:
        inputs, parameters: the leaves, as they were given.
        plan: the instructions.
        scalars: the number of nodes in the graph.
        dtype: the type of its numbers.

    Raises:
        ValueError: a leaf is both, or the dtype is neither.
    """

    inputs: list[Value]
    parameters: list[Value]

    def __init__(self, request: Request, dtype: Any) -> None:
        self.inputs, self.parameters = request.inputs, request.parameters
        if set(self.inputs) & set(self.parameters):
            raise ValueError("a leaf is an input or a parameter, not both")
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float64, np.float32):
            raise ValueError(f"a program computes in float64 or float32, not in {self.dtype}")
        self._lowering = lowering = Lowering(request)
        self.plan, self.scalars = lowering.plan, lowering.scalars
        leaves = [lowering.terms.order[i] for i in lowering.terms.leaves()]
        self._variables = [leaf for leaf in leaves if isinstance(leaf, Variable)]
        self._rows = allocate_rows(self.plan)
        # Where the outputs are: their numbers among the outputs and their places in the array, for each array.
        self._output_slots: list[tuple[str, Any, Any]] = []
        for array in (UNIFORM, BATCHED, REDUCED):
            pairs = [(i, place) for i, (where, place) in enumerate(self.plan.outputs) if where == array]
            if pairs:
                which, places = np.array(pairs, dtype=np.intp).T
                self._output_slots.append((array, which, places))
        self._pack = f"{len(self.parameters)}{self.dtype.char}"
        self._local = threading.local()
        if any(op.array for op in own_names(self.plan)):
            self._compare_array_forms()

    def _compare_array_forms(self) -> None:
        """Check that the array forms of a user's operations agree with the operations, at the present numbers."""
        try:
            self.verify(*(x._data for x in self.inputs), tolerance=1e-9 if self.dtype == np.float64 else 1e-4)
        except AssertionError as error:
            raise ValueError(f"an array form does not compute what its operation does: {error}") from None

    @functools.cached_property
    def _bytes(self) -> tuple[int, int]:
        """The memory of the buffers: fixed, and for each sample."""
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
        columns = [numbers(array, self.dtype) for array in arrays]
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
        vector = numbers(parameters, self.dtype)
        if vector.shape != (len(self.parameters),):
            raise ValueError(f"there are {len(self.parameters)} parameters, so an array of {vector.shape} does not fit")
        return vector

    def _parts(self, samples: int) -> Iterator[slice]:
        """The samples in blocks."""
        block = self.block if samples > SMALLEST else SMALLEST
        for start in range(0, samples, block):
            yield slice(start, min(start + block, samples))

    def _blocks(self, columns: Sequence[Array], samples: int, parameters: Any) -> Iterator[tuple[slice, NumpyExecutor]]:
        """Replay block by block: which samples, and the buffers with their numbers."""
        vector = self._vector(parameters)
        for part in self._parts(samples):
            yield part, self._run(columns, part, vector)

    def _run(self, columns: Sequence[Array], part: slice, vector: Array | None) -> NumpyExecutor:
        """Replay over the samples of one block."""
        machine = self._load(columns, part, vector)
        try:
            with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
                machine.run()
        except (ArithmeticError, ValueError):
            # Run again, instruction by instruction, to find the operation that failed.
            machine = self._load(columns, part, vector)
            for number in range(len(self.plan.instructions)):
                machine.check(number, part.start)
        return machine

    def _machine(self, samples: int) -> NumpyExecutor:
        """The buffers of this thread for a block of so many samples; those of two sizes are kept."""
        machines: dict[int, NumpyExecutor] = self._local.__dict__.setdefault("machines", {})
        if samples not in machines:
            while len(machines) > 1:
                del machines[next(iter(machines))]
            with gc_paused():
                machines[samples] = NumpyExecutor(self.plan, self._rows, samples, self.dtype)
        return machines[samples]

    def _load(self, columns: Sequence[Array], part: slice, vector: Array | None = None) -> NumpyExecutor:
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
        """The peak memory of a call in bytes: its buffers, which are kept for the next call, and its results.

        Arguments:
            samples: their number.  More than ``block`` are computed in blocks, with the buffers of one block.

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
        return buffers + self._results(samples) + 2 * np.getbufsize() * int(self.dtype.itemsize)  # NumPy's own

    def _results(self, samples: int) -> int:
        return len(self.plan.outputs) * samples * int(self.dtype.itemsize)

    def verify(self, *arrays: Any, tolerance: float = 1e-9) -> float:
        """Compare a replay, node by node, with an eager evaluation of the same graph.

        Arguments:
            arrays: as for a call; of many samples eight are compared.
            tolerance: the largest allowed  |replayed - eager| / max(1, |eager|).

        Returns:
            The largest difference found.

        Raises:
            AssertionError: a node differs; the message names the first, with both numbers.
            RuntimeError: the program was pickled, so there is no graph to compare with.

        >>> from autograd import Program
        >>> x = Value(0.0)
        >>> Program(x.sin() * x, [x]).verify([0.5, 1.0]) < 1e-12
        True
        """
        if not hasattr(self, "_lowering"):
            raise RuntimeError("this program was pickled without its graph; verify the one that was recorded")
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
        """The operations of your own that ``source`` calls, by their names in it."""
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
        return {name: value for name, value in vars(self).items() if name not in ("_local", "_lowering", "_variables")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._local = threading.local()
        self._variables = []
