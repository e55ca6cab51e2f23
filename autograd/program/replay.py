"""Replay: runs a plan with NumPy over the samples of a batch, block by block."""

from __future__ import annotations

import functools
import struct
import threading
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from autograd.engine.graph import evaluate
from autograd.engine.modes import active_replays, gc_paused, refuse_in_replays
from autograd.engine.op import Op
from autograd.engine.value import Value
from autograd.functional.derivatives import Variable, differentiated
from autograd.program.arguments import numbers
from autograd.program.buffers import allocate
from autograd.program.chains import chains
from autograd.program.lower import Lowering, Request
from autograd.program.machine import NumpyExecutor, works_in_place
from autograd.program.names import own_names
from autograd.program.plan import BATCHED, REDUCED, UNIFORM, Array, Slot
from autograd.program.ported import Ported, library_of
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
        self.plan, self.scalars = lowering.plan, len(lowering.terms.graph)
        leaves = [lowering.terms.order[i] for i in lowering.terms.leaves]
        self._variables = [leaf for leaf in leaves if isinstance(leaf, Variable)]
        self._places = allocate(self.plan, works_in_place)
        self._chains = chains(self.plan, self._places[BATCHED])
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
        each = max(each, 1)
        # The work that each block does once, for the parameters, must not outweigh that for its samples.
        return max(SMALLEST, (CACHE - once) // each, 4 * once // each)

    def _batch(self, arrays: Sequence[Any]) -> tuple[int, list[Array]]:
        """The number of samples, and the numbers of the inputs: arrays of shape (k, B), each for the next k inputs."""
        if active_replays:
            refuse_in_replays("the results of a program, which are numbers")
        if self._variables and (lost := differentiated(self._variables)):
            raise TypeError(
                f"a program returns numbers, so the derivative with respect to {lost[0]!r}, which it reads, would be "
                "lost here; inside a function that is being differentiated, compute with Values, and make a program of "
                "the result"
            )
        found = [numbers(array, self.dtype) for array in arrays]
        inputs = sum([array.shape[0] if array.ndim == 2 else 1 for array in found])
        if inputs != len(self.inputs):
            raise TypeError(f"this program takes {len(self.inputs)} array(s), but {inputs} were given")
        lengths = {array.shape[-1] for array in found if array.ndim}
        if len(lengths) > 1 or max([array.ndim for array in found], default=0) > 2:
            listed = ", ".join(str(array.shape) for array in found)
            raise ValueError(
                "the inputs must be numbers, arrays of the same shape (B,), or arrays of shape (k, B) for k inputs, "
                f"not {listed}"
            )
        samples = lengths.pop() if lengths else 1
        return samples, [array if array.ndim else np.broadcast_to(array, samples) for array in found]

    def _vector(self, given: Any) -> Array:
        """The numbers of the parameters: those given, or those that they hold now."""
        if given is None:
            vector = np.empty(len(self.parameters), self.dtype)
            struct.pack_into(self._pack, vector.data, 0, *[p._data for p in self.parameters])
            return vector
        vector = numbers(given, self.dtype)
        if vector.shape != (len(self.parameters),):
            raise ValueError(f"there are {len(self.parameters)} parameters, so an array of {vector.shape} does not fit")
        return vector

    def _blocks(
        self, batch: Sequence[Array], samples: int, vector: Array, first: int = 0
    ) -> Iterator[tuple[slice, NumpyExecutor]]:
        """Replay block by block: yields the samples of each block, and the executor that holds their values."""
        machine: NumpyExecutor | None = None
        for part in self._parts(samples):
            before, machine = machine, self._machine(part.stop - part.start)
            if machine is not before:
                machine.arrays[UNIFORM][: len(vector)] = vector
            self._run(machine, batch, part, first)
            yield part, machine

    def _parts(self, samples: int) -> list[slice]:
        """The samples of each block.  All blocks have the same size but the last, so that two executors are enough."""
        if samples <= SMALLEST:
            return [slice(0, samples)] if samples else []
        count = -(-samples // self.block)
        size = min(samples, -(-samples // (8 * count)) * 8)  # rows that start at multiples of 64 bytes are faster
        return [slice(start, min(start + size, samples)) for start in range(0, samples, size)]

    def _run(self, machine: NumpyExecutor, batch: Sequence[Array], part: slice, first: int) -> None:
        """Replay over the samples of one block.  The parameters must be in the executor already."""
        machine.load(batch, part)
        try:
            with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
                machine.run()
        except (ArithmeticError, ValueError):
            # Run again, instruction by instruction, to report the operation and the sample that failed.
            machine.load(batch, part)
            for number in range(len(self.plan.instructions)):
                machine.check(number, first + part.start)

    def _slots(self, start: int, stop: int) -> list[Slot]:
        """Where in memory some of the outputs are, which are numbered from ``start``; those in REDUCED first."""
        found: list[Slot] = []
        for array in (REDUCED, BATCHED, UNIFORM):
            numbered = enumerate(self.plan.outputs[start:stop])
            if pairs := [(i, place) for i, (where, place) in numbered if where == array]:
                outputs, places = np.array(pairs, dtype=np.intp).T.copy()
                places = self._places[array][places] if array in self._places else places
                found.append(Slot(array, outputs, places, np.array_equal(outputs, places)))
        return found

    def _machine(self, samples: int) -> NumpyExecutor:
        """The executor of this thread for a block of this many samples.  Executors for two sizes are kept."""
        machines: dict[int, NumpyExecutor] = self._local.__dict__.setdefault("machines", {})
        if samples not in machines:
            while len(machines) > 1:
                del machines[next(iter(machines))]
            with gc_paused():
                machines[samples] = NumpyExecutor(self.plan, self._places, self._chains, samples, self.dtype)
        return machines[samples]

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
        sizes = {part.stop - part.start for part in self._parts(samples)} or {0}
        buffers: int = sum([once + each * size for size in sizes])
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
        samples, batch = self._batch(arrays)
        chosen = np.linspace(0, samples - 1, min(samples, 8)).astype(int)
        batch = [np.atleast_2d(array)[:, chosen] for array in batch]
        columns = np.concatenate(batch) if batch else np.zeros((0, len(chosen)))
        machine = self._machine(len(chosen))
        machine.arrays[UNIFORM][: len(self.parameters)] = self._vector(None)
        machine.load(batch, slice(0, len(chosen)))
        nodes = [self._lowering.nodes(number) for number in range(len(self.plan.instructions))]
        eager = [
            evaluate(self._lowering.terms.graph, dict(zip(self.inputs, sample, strict=True)))
            for sample in columns.T.tolist()
        ]
        return largest_difference(machine, nodes, eager, tolerance)

    def to(self, library: str | ModuleType) -> Ported:
        """The program as a pure function of arrays of another library, such as JAX or PyTorch.

        The function is ``f(parameters, *inputs)``; see ``Ported``.  ``jax.jit``, ``jax.grad`` and ``jax.vmap`` take it,
        and so does ``torch.compile``.  ``f.source`` is its code; for infinite numbers see ``Program.source``.

        Arguments:
            library: "jax" or "torch"; or a module that follows the array API standard.

        Raises:
            MissingError: the library lacks an operation; the message names it.
            ImportError: the library is not installed; the message names the extra that installs it.
            ValueError, TypeError: there is no such library.

        >>> import numpy as np
        >>> from autograd import Program
        >>> x, w = Value(0.0, "x"), Value(3.0, "w")
        >>> f = Program(w * x + 1.0, inputs=[x]).to(np)
        >>> f(np.array([3.0]), np.array([1.0, 2.0])).tolist()
        [4.0, 7.0]
        >>> print(f.source.splitlines()[-3].strip())
        z1 = w1[:, None] * x + 1.0  # (1, B)
        """
        return Ported(self.plan, library_of(library), getattr(self, "objective", None), getattr(self, "single", False))

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
