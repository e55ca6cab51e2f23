"""A program on Dask arrays: lazily, and block by block, so that the samples need not fit into memory.

A block holds all inputs of some samples.  The outputs of blocks are put side by side; the sums of a gradient over the
blocks are added in a tree.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.program.arguments import numbers
from autograd.program.plan import Array

if TYPE_CHECKING:
    from autograd.program.gradient import GradientProgram
    from autograd.program.program import Program

TOGETHER = 8  # how many sums are added at a time


def are_chunked(arrays: Sequence[Any]) -> bool:
    """Whether one of them is a collection of Dask."""
    return "dask" in sys.modules and any(hasattr(x, "__dask_graph__") for x in arrays)


def columns(arrays: Sequence[Any], inputs: int) -> Any:
    """The inputs as one Dask array of shape (inputs, B), with all inputs in each block.

    Raises:
        TypeError: they are more or fewer, or something other than numbers, arrays, and columns of a data frame.
        ValueError: they are not of the shapes (), (B,) or (k, B), or the lengths of their blocks differ.
    """
    import dask.array as da

    found = [_array(x) for x in arrays]
    if any(x.dtype.kind not in "biuf" for x in found):
        raise TypeError(f"an input of a program must be an array of numbers, not of {[str(x.dtype) for x in found]}")
    if any(x.ndim > 2 for x in found):
        raise ValueError("an input must be a number, an array of shape (B,), or one of shape (k, B) for k inputs")
    found = found if any(x.ndim for x in found) else [x[None] for x in found]  # a single sample
    count = sum(x.shape[0] if x.ndim == 2 else 1 for x in found)
    if count != inputs:
        raise TypeError(f"this program takes {inputs} array(s), but {count} were given")
    lengths = {x.shape[-1] for x in found if x.ndim}
    unknown = any(np.isnan(length) for length in lengths)  # of the blocks of a data frame, for example
    if not unknown and len(lengths) > 1:
        raise ValueError(f"the inputs must have as many samples each, not {', '.join(map(str, sorted(lengths)))}")
    if unknown and (len({x.numblocks[-1] for x in found if x.ndim}) > 1 or not all(map(np.isnan, lengths))):
        raise ValueError(
            "the lengths of the blocks of some inputs are not known, and the others are divided in another way: call "
            "compute_chunk_sizes() on these Dask arrays first"
        )
    if len(found) == 1 and found[0].ndim == 2:
        return found[0].rechunk({0: -1})
    pairs = [part for i, x in enumerate(found) for part in (x, ((f"rows {i}", "samples")[2 - x.ndim :]))]
    return da.blockwise(
        _side_by_side,
        ("inputs", "samples"),
        *pairs,
        new_axes={"inputs": inputs},
        concatenate=True,
        align_arrays=not unknown,
        dtype=float,
        meta=np.empty((0, 0)),
    )


def _array(given: Any) -> Any:
    """An input as a Dask array."""
    import dask.array as da
    from dask.delayed import Delayed

    if isinstance(given, da.Array):
        return given
    if not isinstance(given, Delayed) and hasattr(given, "to_dask_array") and given.ndim == 1:
        return given.to_dask_array()
    if hasattr(given, "__dask_graph__"):
        raise TypeError(
            f"an input of a program must be a Dask array or a column of a data frame, not {type(given).__name__}; of a "
            "data frame give its columns one by one"
        )
    return da.asarray(numbers(given, float))


def _side_by_side(*blocks: Any) -> Array:
    """All inputs of the samples of a block."""
    rows = [numbers(x, float) for x in blocks]
    lengths = {x.shape[-1] for x in rows if x.ndim}
    if len(lengths) > 1:
        raise ValueError(f"the inputs must have as many samples each, but blocks have {', '.join(map(str, lengths))}")
    (length,) = lengths
    return np.concatenate([np.atleast_2d(x if x.ndim else np.full(length, x)) for x in rows])


def outputs(program: Program, arrays: Sequence[Any], vector: Array) -> Any:
    """The outputs for each sample, as Dask arrays: as ``Program.__call__``."""
    import dask

    given = columns(arrays, len(program.inputs))
    count = len(program.plan.outputs)
    found = given.map_blocks(
        _outputs,
        dask.delayed(program),
        dask.delayed(vector.copy()),  # it may be changed before this is computed
        dtype=program.dtype,
        chunks=((count,), given.chunks[1]),
        meta=np.empty((0, 0), program.dtype),
    )
    return found[0] if program.single else [found[i] for i in range(count)]


def _outputs(block: Array, program: Program, vector: Array, block_info: Any = None) -> Array:
    return program.outputs(block, vector, _first(block_info))


def value_and_gradient(program: GradientProgram, arrays: Sequence[Any], vector: Array) -> tuple[Any, ...]:
    """The loss over all samples and its gradient, as Dask arrays: as ``GradientProgram.__call__``."""
    import dask
    import dask.array as da

    given = columns(arrays, len(program.inputs))
    blocks = given.to_delayed().ravel().tolist()
    sizes = given.chunks[1]
    firsts = np.cumsum([0, *sizes[:-1]]).tolist()
    known, parameters, sums = dask.delayed(program), dask.delayed(vector.copy()), dask.delayed(_sums, nout=2)
    found = [
        sums(block, known, parameters, None if np.isnan(first) else first)
        for block, first in zip(blocks, firsts, strict=True)
    ]
    totals = [total for total, _ in found]
    while len(totals) > 1:
        totals = [dask.delayed(_added)(totals[i : i + TOGETHER]) for i in range(0, len(totals), TOGETHER)]
    value, gradient = dask.delayed(_finished, nout=2)(known, totals[0])
    result = (
        da.from_delayed(value, (), dtype=float),
        da.from_delayed(gradient, (program.objective.parameters,), dtype=float),
    )
    if not program.other_outputs:
        return result
    rows = [
        da.from_delayed(row, (program.other_outputs, size), dtype=program.dtype)
        for (_, row), size in zip(found, sizes, strict=True)
    ]
    return (*result, da.concatenate(rows, axis=1, allow_unknown_chunksizes=True))


def _sums(block: Array, program: GradientProgram, vector: Array, first: int | None) -> tuple[Any, Array]:
    """The sums over the samples of a block, with their number, and the outputs."""
    samples = block.shape[1]
    if not samples:
        return None, np.empty((program.other_outputs, 0), program.dtype)
    totals, added, rows = program.sums([numbers(block, program.dtype)], samples, vector, first or 0)
    return (totals, added, samples), rows


def _added(sums: Sequence[Any]) -> Any:
    """The sum of several, without those of no samples."""
    there = [found for found in sums if found is not None]
    if not there:
        return None
    return sum(totals for totals, _, _ in there), there[0][1], sum(samples for _, _, samples in there)


def _finished(program: GradientProgram, sums: Any) -> tuple[float, Array]:
    totals, added, samples = sums if sums is not None else program.no_sums()
    return program.finished(totals.copy(), added, samples)  # a task may be run again, with the same sums


def _first(block_info: Any) -> int:
    """The number of the first sample of a block; 0 if the lengths of the blocks are not known."""
    start = block_info[0]["array-location"][1][0] if block_info else 0
    return 0 if np.isnan(start) else int(start)
