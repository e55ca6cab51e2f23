"""Products of matrices, and sums of products."""

from __future__ import annotations

import math
from operator import mul
from typing import Any

from .array import as_array, broadcast_shapes, converted, from_values, give_methods, made, ndarray, scalar_of
from .dtypes import together
from .elementwise import report


def _checked(values: list[float], name: str, operands: list[ndarray]) -> list[float]:
    """The results; what is not finite although all operands are is reported."""
    if not all(map(math.isfinite, values)):
        given = [x for operand in operands for x in operand.values()]
        if all(map(math.isfinite, given)):
            report("over", name)
        elif any(map(math.isnan, values)) and not any(map(math.isnan, given)):
            report("invalid", name)
    return values


def _given(values: list[Any], shape: tuple[int, ...], operands: list[ndarray], out: Any, name: str) -> Any:
    kind = together([x.dtype for x in operands], [])
    if kind.kind == "f":
        _checked(values, name, operands)
    if out is None:
        found = from_values(values, shape, kind)
        return found if shape else scalar_of(found)
    if out.shape != shape:
        raise ValueError(f"{name}: the output has the shape {out.shape} instead of {shape}")
    out.put_values(converted(values, kind, out.dtype))
    return out


def matmul(a: Any, b: Any, out: Any = None) -> Any:
    a, b = as_array(a), as_array(b)
    if not a.ndim or not b.ndim:
        raise ValueError("matmul: Input operand does not have enough dimensions")
    left, right = (a[None] if a.ndim == 1 else a), (b[:, None] if b.ndim == 1 else b)
    if left.shape[-1] != right.shape[-2]:
        raise ValueError(f"matmul: mismatch in its core dimension: {left.shape} and {right.shape}")
    stack = broadcast_shapes(left.shape[:-2], right.shape[:-2])
    rows, inner, columns = left.shape[-2], left.shape[-1], right.shape[-1]
    lefts = left.broadcast_to((*stack, rows, inner)).values()
    rights = right.swapaxes(-1, -2).broadcast_to((*stack, columns, inner)).values()
    values = []
    for i in range(math.prod(stack)):
        first, second = i * rows * inner, i * columns * inner
        of_right = [rights[second + j * inner : second + (j + 1) * inner] for j in range(columns)]
        for k in range(rows):
            row = lefts[first + k * inner : first + (k + 1) * inner]
            values += [sum(map(mul, row, column)) for column in of_right]
    kept = (*stack, *([] if a.ndim == 1 else [rows]), *([] if b.ndim == 1 else [columns]))
    return _given([x + 0.0 for x in values] if not inner else values, kept, [a, b], out, "matmul")


def dot(a: Any, b: Any, out: Any = None) -> Any:
    a, b = as_array(a), as_array(b)
    if not a.ndim or not b.ndim:
        return a * b
    if b.ndim > 2:
        raise NotImplementedError("this NumPy has the dot product of vectors and matrices only")
    return matmul(a, b, out)


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    a, b = as_array(a), as_array(b)
    if isinstance(axes, int):
        ours, theirs = list(range(a.ndim - axes, a.ndim)), list(range(axes))
    else:
        ours, theirs = ([x] if isinstance(x, int) else list(x) for x in axes)
    if [a.shape[i] for i in ours] != [b.shape[i] for i in theirs]:
        raise ValueError(f"tensordot: shape-mismatch for sum, of {a.shape} and {b.shape}")
    kept_a, kept_b = ([i for i in range(x.ndim) if i not in gone] for x, gone in ((a, ours), (b, theirs)))
    size = math.prod(a.shape[i] for i in ours)
    left = a.transpose([*kept_a, *ours]).reshape(-1, size)
    right = b.transpose([*theirs, *kept_b]).reshape(size, -1)
    return matmul(left, right).reshape([a.shape[i] for i in kept_a] + [b.shape[i] for i in kept_b])


def vecdot(a: Any, b: Any, out: Any = None) -> Any:
    a, b = as_array(a), as_array(b)
    if a.shape[-1:] != b.shape[-1:]:
        raise ValueError(f"vecdot: the last axes of {a.shape} and {b.shape} differ")
    shape = broadcast_shapes(a.shape, b.shape)
    n = shape[-1]
    xs, ys = a.broadcast_to(shape).values(), b.broadcast_to(shape).values()
    values = [sum(map(mul, xs[i * n : (i + 1) * n], ys[i * n : (i + 1) * n])) for i in range(math.prod(shape[:-1]))]
    return _given(values, shape[:-1], [a, b], out, "vecdot")


def einsum(pattern: str, *given: Any, out: Any = None) -> Any:
    """A sum of products, written with a letter for each axis: ``"ij,jk->ik"``."""
    inputs, arrow, result = pattern.replace(" ", "").partition("->")
    letters, operands = inputs.split(","), [as_array(x) for x in given]
    if not arrow or "." in pattern or any(len(set(part)) != len(part) for part in [*letters, result]):
        raise NotImplementedError(f"this NumPy does not know the einsum pattern {pattern!r}")
    sizes: dict[str, int] = {}
    for part, x in zip(letters, operands, strict=True):
        for letter, n in zip(part, x.shape, strict=True):
            if sizes.setdefault(letter, n) != n:
                raise ValueError(f"einsum: the axes {letter!r} have the lengths {sizes[letter]} and {n}")
    summed = [letter for letter in sizes if letter not in result]
    order = [*result, *summed]
    shape = tuple(sizes[letter] for letter in order)
    lists = []
    for part, x in zip(letters, operands):
        steps = dict(zip(part, x._steps))
        lists.append(made(x._buffer, x._at, shape, tuple(steps.get(letter, 0) for letter in order), x.dtype).values())
    products = lists[0]
    for other in lists[1:]:
        products = list(map(mul, products, other))
    width = math.prod(sizes[letter] for letter in summed)
    values = products if width == 1 else [sum(products[i : i + width]) for i in range(0, len(products), width or 1)]
    if not width:
        values = [0.0] * math.prod(shape[: len(result)])
    return _given(values, shape[: len(result)], operands, out, "einsum")


def norm(x: Any) -> float:
    return math.sqrt(sum(y * y for y in as_array(x).values()))


def _matmul(self: ndarray, other: Any) -> Any:
    return matmul(self, other) if isinstance(other, (ndarray, list)) else NotImplemented


give_methods({"dot": dot, "__matmul__": _matmul, "__rmatmul__": lambda self, other: matmul(other, self)})
