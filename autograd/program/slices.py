"""Parts of arrays as NumPy code: slices and other views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autograd.program.plan import Index, strides


@dataclass
class Named:
    """A variable in the generated code.

    Attributes:
        name: its name.
        array: the array of the plan whose values it holds.
        start: the first index that it holds; the others follow.
        shape: its shape, without the axis of the samples.
    """

    name: str
    array: str
    start: int
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=int))


def view(array: Named, index: Index, samples: bool, assign: bool = False) -> str:
    """The code for a NumPy view of the values at these indices; empty if there is none.

    Arguments:
        array: the variable.
        index: the indices in the array of the plan.
        samples: whether the variable has an axis for the samples.
        assign: whether the code is the target of an assignment.
    """
    name, shape = array.name, array.shape
    at = index - array.start
    if not (at.size and at.min() >= 0 and at.max() < array.size):
        return ""
    if at.shape == shape and np.array_equal(at.ravel(), np.arange(array.size)):
        return f"{name}[:]" if assign else name
    if at.size == array.size and np.array_equal(at.ravel(), np.arange(array.size)) and not assign:
        return reshaped(name, at.shape, samples)
    if at.ndim == 2 and len(shape) == 2 and np.array_equal(at, np.arange(array.size).reshape(shape).T):
        return f"{name}.swapaxes(0, 1)" if samples else f"{name}.T"
    steps = strides(at)
    if at.size == 1 and len(shape) == 1:
        return f"{name}[{at.flat[0]}:{at.flat[0] + 1}]" if at.ndim == 1 else ""
    if steps is None:
        return ""
    for axis, (step, length) in enumerate(zip(steps, at.shape, strict=True)):
        if step == 0 and length > 1:  # the values repeat: an axis of length one is enough
            return view(array, index.take([0], axis), samples)
    start = int(at.flat[0])
    if at.ndim == 1:
        text = _slice(start, steps[0], at.shape[0])
        if len(shape) == 1:
            return f"{name}[{text}]"
        rows, columns = np.unravel_index(at, (shape[0], array.size // shape[0]))
        if len(shape) == 2 and (rows == rows[0]).all():
            return f"{name}[{rows[0]}, {_slice(int(columns[0]), steps[0], len(at))}]" if steps[0] > 0 else ""
        if len(shape) == 2 and (columns == columns[0]).all() and steps[0] > 0:
            return f"{name}[{_slice(int(rows[0]), steps[0] // shape[1], len(at))}, {columns[0]}]"
        return f"{reshaped(name, [array.size], samples)}[{text}]"
    if at.ndim == 2 and len(shape) == 2 and steps[1] > 0 and steps[0] > 0:
        rows, columns = np.unravel_index(at, shape)
        if (rows == rows[:, :1]).all() and (columns == columns[:1]).all():
            down = _slice(int(rows[0, 0]), steps[0] // shape[1], at.shape[0])
            across = _slice(int(columns[0, 0]), steps[1], at.shape[1])
            whole = [":" if part == f"0:{n}" else part for part, n in zip((down, across), shape, strict=True)]
            return f"{name}[{', '.join(whole)}]"
    if len(shape) == 1 and all(step > 0 for step, length in zip(steps, at.shape, strict=True) if length > 1):
        found = _grid(name, start, steps, at.shape, array.size, samples)
        if found or assign:
            return found
    if at.ndim == 2 and not assign and abs(steps[0]) < abs(steps[1]):
        turned = view(array, np.ascontiguousarray(index.T), samples)
        return f"{turned}.swapaxes(0, 1)" if turned and samples else f"{turned}.T" if turned else ""
    return "" if assign or len(shape) == 1 else _of_rows(array, at, steps, samples)


def _of_rows(array: Named, at: Index, steps: Sequence[int], samples: bool) -> str:
    """Part of an array with several axes, as a stack of matrices: whole rows of it in another shape."""
    name, row = array.name, array.size // array.shape[0]
    start, size = int(at.flat[0]), at.size
    if start % row == 0 and size % row == 0 and np.array_equal(at.ravel(), np.arange(start, start + size)):
        return reshaped(f"{name}[{start // row}:{(start + size) // row}]", at.shape, samples)
    if at.ndim == 3 and steps[1] < steps[2]:
        turned = _of_rows(array, np.ascontiguousarray(at.swapaxes(1, 2)), (steps[0], steps[2], steps[1]), samples)
        return f"{turned}.swapaxes(1, 2)" if turned else ""
    return ""


def _grid(name: str, start: int, steps: Sequence[int], shape: tuple[int, ...], size: int, samples: bool) -> str:
    """A flat array cut into rows, of which each contributes its first columns, all of them or at a step."""
    steps = [step if n > 1 else 0 for step, n in zip(steps, shape, strict=True)]
    row, step = steps[-2] or shape[-1] * max(steps[-1], 1), steps[-1] or 1
    rows = int(np.prod(shape[:-1]))
    if len(shape) == 3 and shape[0] > 1 and steps[0] != row * shape[1]:
        return ""
    if row < (shape[-1] - 1) * step + 1 or start + rows * row > size:
        return ""
    text = reshaped(f"{name}[{start}:{start + rows * row}]", [*shape[:-1], row], samples)
    if shape[-1] * step == row and step == 1:
        return text
    across = f":{(shape[-1] - 1) * step + 1}" + (f":{step}" if step > 1 else "")
    return f"{text}[{':, ' * (len(shape) - 1)}{across}]"


def _slice(start: int, step: int, length: int) -> str:
    if length == 1:
        return f"{start}:{start + 1}"
    end = start + step * (length - 1) + (1 if step > 0 else -1)
    if step == 1:
        return f"{start}:{end}"
    return f"{start}:{end if end >= 0 else ''}:{step}"


def reshaped(text: str, shape: Sequence[int], samples: bool) -> str:
    return f"{text}.reshape({', '.join(map(str, shape))}{', -1' if samples else ''})"
