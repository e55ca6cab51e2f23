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
    """Whether one of them is a Dask array."""
    return "dask.array" in sys.modules and any(isinstance(x, sys.modules["dask.array"].Array) for x in arrays)


def columns(arrays: Sequence[Any], inputs: int) -> Any:
    """The inputs as one Dask array of shape (inputs, B), with all inputs in each block.

    Raises:
        TypeError: they are more or fewer.
        ValueError: they are not numbers, arrays of one shape (B,), or arrays of shape (k, B).
    """
    import dask.array as da

    found = [da.asarray(x) for x in arrays]
    if any(x.dtype.kind not in "biuf" for x in found):
        raise TypeError(f"an input of a program must be an array of numbers, not of {[str(x.dtype) for x in found]}")
    if any(x.ndim > 2 for x in found):
        raise ValueError("an input must be a number, an array of shape (B,), or one of shape (k, B) for k inputs")
    found = found if any(x.ndim for x in found) else [x[None] for x in found]  # a single sample
    longest = next(x for x in found if x.ndim)
    rows = [da.broadcast_to(x, (1, longest.shape[-1]), (1, longest.chunks[-1])) if not x.ndim else x for x in found]
    rows = [x[None, :] if x.ndim == 1 else x for x in rows]
    count = sum(x.shape[0] for x in rows)
    if count != inputs:
        raise TypeError(f"this program takes {inputs} array(s), but {count} were given")
    unknown = any(np.isnan(x.shape[1]) for x in rows)  # the lengths of the blocks of a data frame, for example
    if not unknown and len({x.shape[1] for x in rows}) > 1:
        raise ValueError(f"the inputs must have as many samples each, not {', '.join(str(x.shape[1]) for x in rows)}")
    if not unknown and len(rows) > 1:
        parts = [part for i, x in enumerate(rows) for part in (x, (2 * i, -1))]  # only the samples are shared
        rows = da.core.unify_chunks(*parts)[1]
    every = rows[0] if len(rows) == 1 else da.concatenate(rows, allow_unknown_chunksizes=True)
    return every.rechunk({0: -1}).astype(float, copy=False)


def outputs(program: Program, arrays: Sequence[Any], vector: Array) -> Any:
    """The outputs for each sample, as Dask arrays: as ``Program.__call__``."""
    import dask

    given = columns(arrays, len(program.inputs))
    count = len(program.plan.outputs)
    found = given.map_blocks(
        _outputs,
        dask.delayed(program),
        dask.delayed(vector),
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
    known, parameters, sums = dask.delayed(program), dask.delayed(vector), dask.delayed(_sums, nout=2)
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
    return program.finished(totals, added, samples)


def _first(block_info: Any) -> int:
    """The number of the first sample of a block; 0 if the lengths of the blocks are not known."""
    start = block_info[0]["array-location"][1][0] if block_info else 0
    return 0 if np.isnan(start) else int(start)
