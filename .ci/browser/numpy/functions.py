"""Making, joining, searching and reducing arrays."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from itertools import product as pairs
from typing import Any

from .array import (
    as_array,
    axis_of,
    broadcast_shapes,
    converted,
    from_values,
    give_methods,
    ndarray,
    scalar_of,
)
from .dtypes import BOOL, FLOAT, INT, OBJECT, dtype, of_scalar, together
from .elementwise import BY_NAME

newaxis = None

# -------------------------------------------------------------------------------------------------------------- making


def array(x: Any, dtype: Any = None, copy: bool = True, ndmin: int = 0) -> ndarray:
    found = as_array(x, dtype)
    return found.copy() if copy and found is x else found


def asarray(x: Any, dtype: Any = None) -> ndarray:
    return as_array(x, dtype)


def zeros(shape: Any, dtype: Any = float) -> ndarray:
    return ndarray(shape, dtype)


empty = zeros


def full(shape: Any, x: Any, dtype: Any = None) -> ndarray:
    found = ndarray(shape, of_scalar(x) if dtype is None and not isinstance(x, ndarray) else dtype or x.dtype)
    found[...] = x
    return found


def ones(shape: Any, dtype: Any = float) -> ndarray:
    return full(shape, 1, dtype)


def zeros_like(x: Any, dtype: Any = None) -> ndarray:
    x = as_array(x)
    return zeros(x.shape, dtype or x.dtype)


empty_like = zeros_like


def ones_like(x: Any, dtype: Any = None) -> ndarray:
    x = as_array(x)
    return ones(x.shape, dtype or x.dtype)


def full_like(x: Any, value: Any, dtype: Any = None) -> ndarray:
    x = as_array(x)
    return full(x.shape, value, dtype or x.dtype)


def eye(n: int) -> ndarray:
    return from_values([float(i == j) for i in range(n) for j in range(n)], (n, n), FLOAT)


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> ndarray:
    start, stop = (0, start) if stop is None else (start, stop)
    if all(isinstance(x, int) for x in (start, stop, step)):
        values: list[Any] = list(range(start, stop, step))
        found = from_values(values, (len(values),), INT)
    else:
        values = [start + i * step for i in range(max(0, math.ceil((stop - start) / step)))]
        found = from_values(list(map(float, values)), (len(values),), FLOAT)
    return found if dtype is None else found.astype(dtype)


def linspace(start: Any, stop: Any, num: int = 50) -> ndarray:
    """Numbers at equal distances; between lists, along the first axis."""
    if not isinstance(start, (float, int)) or not isinstance(stop, (float, int)):
        starts, stops = broadcast_arrays(as_array(start, float), as_array(stop, float))
        columns = [linspace(a, b, num) for a, b in zip(starts.values(), stops.values())]
        return stack(columns, axis=1).reshape(num, *starts.shape)
    step = (stop - start) / (num - 1) if num > 1 else 0.0
    values = [start + i * step for i in range(num)]
    if num > 1:
        values[-1] = float(stop)
    return from_values(list(map(float, values)), (num,), FLOAT)


def fromiter(items: Iterable[Any], dtype: Any, count: int = -1) -> ndarray:
    values = list(items)
    return as_array(values, dtype)


def indices(shape: Sequence[int]) -> ndarray:
    places = list(pairs(*map(range, shape)))
    return from_values([place[a] for a in range(len(shape)) for place in places], (len(shape), *shape), INT)


def ascontiguousarray(x: Any, dtype: Any = None) -> ndarray:
    found = as_array(x, dtype)
    return found if found.is_contiguous else found.copy()


def atleast_1d(x: Any) -> ndarray:
    found = as_array(x)
    return found if found.shape else found.reshape(1)


def atleast_2d(x: Any) -> ndarray:
    found = atleast_1d(x)
    return found if found.ndim > 1 else found[None]


def copyto(out: ndarray, x: Any, where: Any = True) -> None:
    given = as_array(x).broadcast_to(out.shape)
    values = converted(given.values(), given.dtype, out.dtype)
    if where is not True:
        there = as_array(where).broadcast_to(out.shape).values()
        values = [new if is_there else old for new, old, is_there in zip(values, out.values(), there)]
    out.put_values(values)


# --------------------------------------------------------------------------------------------------- shapes and joins


def shape(x: Any) -> tuple[int, ...]:
    return as_array(x).shape


def ndim(x: Any) -> int:
    return as_array(x).ndim


def reshape(x: Any, wanted: Any) -> ndarray:
    return as_array(x).reshape(wanted)


def resize(x: Any, wanted: Any) -> ndarray:
    x, wanted = as_array(x), (wanted,) if isinstance(wanted, int) else tuple(wanted)
    values = x.values()
    return from_values([values[i % len(values)] for i in range(math.prod(wanted))], wanted, x.dtype)


def ravel(x: Any) -> ndarray:
    return as_array(x).ravel()


def transpose(x: Any, axes: Any = None) -> ndarray:
    return as_array(x).transpose(*([axes] if axes is not None else []))


def swapaxes(x: Any, a: int, b: int) -> ndarray:
    return as_array(x).swapaxes(a, b)


def moveaxis(x: Any, source: int, target: int) -> ndarray:
    x = as_array(x)
    order = [a for a in range(x.ndim) if a != axis_of(source, x.ndim)]
    order.insert(axis_of(target, x.ndim), axis_of(source, x.ndim))
    return x.transpose(order)


def expand_dims(x: Any, axis: Any) -> ndarray:
    x = as_array(x)
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    wide = x.ndim + len(axes)
    new = {axis_of(a, wide) for a in axes}
    old = iter(x.shape)
    return x.reshape(tuple(1 if a in new else next(old) for a in range(wide)))


def squeeze(x: Any, axis: Any = None) -> ndarray:
    return as_array(x).squeeze(axis)


def broadcast_to(x: Any, wanted: Any) -> ndarray:
    return as_array(x).broadcast_to((wanted,) if isinstance(wanted, int) else tuple(wanted))


def broadcast_arrays(*xs: Any) -> tuple[ndarray, ...]:
    arrays = [as_array(x) for x in xs]
    wanted = broadcast_shapes(*(x.shape for x in arrays))
    return tuple(x.broadcast_to(wanted) for x in arrays)


def concatenate(parts: Iterable[Any], axis: int | None = 0) -> ndarray:
    arrays = [as_array(part) for part in parts]
    if not arrays:
        raise ValueError("need at least one array to concatenate")
    if axis is None:
        arrays, axis = [x.reshape(-1) for x in arrays], 0
    first = arrays[0]
    axis = axis_of(axis, first.ndim)
    for x in arrays:
        if x.ndim != first.ndim or x.shape[:axis] + x.shape[axis + 1 :] != first.shape[:axis] + first.shape[axis + 1 :]:
            raise ValueError("all the input array dimensions except for the concatenation axis must match exactly")
    kind = together([x.dtype for x in arrays], [])
    lists = [converted(x.values(), x.dtype, kind) for x in arrays]
    size = sum(x.shape[axis] for x in arrays)
    outer, inner = math.prod(first.shape[:axis]), math.prod(first.shape[axis + 1 :])
    if outer == 1:
        values = [y for values in lists for y in values]
    else:
        widths = [x.shape[axis] * inner for x in arrays]
        values = [y for i in range(outer) for v, w in zip(lists, widths) for y in v[i * w : (i + 1) * w]]
    return from_values(values, (*first.shape[:axis], size, *first.shape[axis + 1 :]), kind)


def stack(parts: Iterable[Any], axis: int = 0) -> ndarray:
    arrays = [as_array(part) for part in parts]
    axis = axis_of(axis, arrays[0].ndim + 1)
    return concatenate([expand_dims(x, axis) for x in arrays], axis)


def hstack(parts: Iterable[Any]) -> ndarray:
    arrays = [atleast_1d(part) for part in parts]
    return concatenate(arrays, 0 if arrays[0].ndim == 1 else 1)


def vstack(parts: Iterable[Any]) -> ndarray:
    return concatenate([atleast_2d(part) for part in parts])


def column_stack(parts: Iterable[Any]) -> ndarray:
    arrays = [as_array(part) for part in parts]
    return concatenate([x[:, None] if x.ndim == 1 else x for x in arrays], 1)


def append(x: Any, y: Any, axis: int | None = None) -> ndarray:
    return concatenate([as_array(x), as_array(y)], axis) if axis is not None else concatenate([x, y], None)


def split(x: ndarray, places: Any) -> list[ndarray]:
    if isinstance(places, int):
        if len(x) % places:
            raise ValueError("array split does not result in an equal division")
        places = [i * (len(x) // places) for i in range(1, places)]
    bounds = [0, *as_array(places, int).tolist(), len(x)]
    return [x[start:end] for start, end in pairwise(bounds)]


def repeat(x: Any, times: Any, axis: int | None = None) -> ndarray:
    x = as_array(x)
    if axis is None:
        x, axis = x.reshape(-1), 0
    n = x.shape[axis]
    counts = [times] * n if isinstance(times, int) else as_array(times, int).broadcast_to((n,)).values()
    chosen = [i for i, count in enumerate(counts) for _ in range(count)]
    return take(x, chosen, axis)


def roll(x: Any, by: int, axis: int | None = None) -> ndarray:
    x = as_array(x)
    if axis is None:
        return roll(x.reshape(-1), by, 0).reshape(x.shape)
    n = x.shape[axis]
    return take(x, [(i - by) % n for i in range(n)], axis)


def pad(x: Any, widths: Any, mode: str = "constant", constant_values: Any = 0) -> ndarray:
    if mode != "constant":
        raise NotImplementedError("this NumPy pads with a constant only")
    x = as_array(x)
    before = [a for a, _ in widths]
    found = full([a + n + b for n, (a, b) in zip(x.shape, widths)], constant_values, x.dtype)
    found[tuple(slice(a, a + n) for a, n in zip(before, x.shape))] = x
    return found


def delete(x: Any, index: Any, axis: int | None = None) -> ndarray:
    x = as_array(x)
    if axis is None:
        x, axis = x.reshape(-1), 0
    n = x.shape[axis]
    gone = {axis_of(i, n) for i in as_array(index, int).reshape(-1).values()}
    return take(x, [i for i in range(n) if i not in gone], axis)


# ------------------------------------------------------------------------------------------------- choosing, searching


def take(x: Any, index: Any, axis: int | None = None, out: Any = None, mode: str = "raise") -> Any:
    x = as_array(x)
    if axis is None:
        x, axis = x.reshape(-1), 0
    chosen = as_array(index, int)
    if mode == "clip":
        chosen = clip(chosen, 0, x.shape[axis] - 1)
        chosen = as_array(chosen)
    elif mode != "raise":
        raise NotImplementedError(f"this NumPy does not take elements with mode={mode!r}")
    found = x.part((*[slice(None)] * (axis_of(axis, x.ndim)), chosen if chosen.shape else chosen.item()))
    if out is not None:
        if out.shape != found.shape:
            raise ValueError(f"take: the output has the shape {out.shape} instead of {found.shape}")
        out.put_values(converted(found.values(), found.dtype, out.dtype))
        return out
    return found if found.shape else scalar_of(found)


def take_along_axis(x: ndarray, index: ndarray, axis: int) -> ndarray:
    wanted = list(index.shape)
    grid: list[Any] = []
    for a in range(x.ndim):
        if a == axis_of(axis, x.ndim):
            grid.append(index)
        else:
            n = x.shape[a]
            grid.append(arange(n).reshape([n if b == a else 1 for b in range(x.ndim)]))
            wanted[a] = n
    return x.part(tuple(g.broadcast_to(tuple(wanted)) for g in grid))


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None:
        return nonzero(condition)
    numbers = [
        as_array(condition),
        x if isinstance(x, ndarray) else as_array(x),
        y if isinstance(y, ndarray) else as_array(y),
    ]
    wanted = broadcast_shapes(*(z.shape for z in numbers))
    kind = together(
        [z.dtype for z, given in zip(numbers[1:], (x, y)) if isinstance(given, (ndarray, list))],
        [z.dtype for z, given in zip(numbers[1:], (x, y)) if not isinstance(given, (ndarray, list))],
    )
    there, xs, ys = (z.broadcast_to(wanted).values() for z in numbers)
    xs, ys = converted(xs, numbers[1].dtype, kind), converted(ys, numbers[2].dtype, kind)
    found = from_values([a if is_there else b for is_there, a, b in zip(there, xs, ys)], wanted, kind)
    return found if found.shape else scalar_of(found)


def nonzero(x: Any) -> tuple[ndarray, ...]:
    x = as_array(x)
    places = [place for place, y in zip(pairs(*map(range, x.shape)), x.values()) if y]
    return tuple(from_values([place[a] for place in places], (len(places),), INT) for a in range(x.ndim))


def flatnonzero(x: Any) -> ndarray:
    found = [i for i, y in enumerate(as_array(x).values()) if y]
    return from_values(found, (len(found),), INT)


def argwhere(x: Any) -> ndarray:
    found = nonzero(x)
    return stack(found, axis=1) if found else zeros((0, 0), int)


def searchsorted(x: Any, y: Any, side: str = "left") -> Any:
    """Where to insert numbers into a sorted array; nan comes last."""
    values, find = [_rank(z) for z in as_array(x).values()], bisect_left if side == "left" else bisect_right
    if not isinstance(y, (ndarray, list)):
        return find(values, _rank(y))
    y = as_array(y)
    return from_values([find(values, _rank(z)) for z in y.values()], y.shape, INT)


def _rank(x: Any) -> Any:
    """A key for sorting, by which nan comes last."""
    return x != x, x


def lexsort(keys: Any) -> ndarray:
    """The order along the last axis by the last key, then by the one before it, and so on."""
    arrays = [as_array(key) for key in keys]
    n = arrays[0].shape[-1]
    lists = [list(map(_rank, x.values())) if x.dtype.kind == "f" else x.values() for x in reversed(arrays)]
    found: list[int] = []
    for start in range(0, arrays[0].size, n or 1):
        rows = list(zip(*(values[start : start + n] for values in lists)))
        found += sorted(range(n), key=rows.__getitem__)
    return from_values(found, arrays[0].shape, INT)


def argsort(x: Any, axis: int = -1, kind: str | None = None) -> ndarray:
    x = as_array(x)
    return _rows(x, axis, lambda row: sorted(range(len(row)), key=lambda i: _rank(row[i])), INT)


def sort(x: Any, axis: int = -1) -> ndarray:
    x = as_array(x)
    return _rows(x, axis, lambda row: sorted(row, key=_rank), x.dtype)


def _rows(x: ndarray, axis: int, f: Callable[[list[Any]], Sequence[Any]], kind: dtype) -> ndarray:
    """A function of the elements along an axis, which gives as many."""
    turned = moveaxis(x, axis, -1)
    n = turned.shape[-1]
    values = turned.values()
    found = [y for i in range(0, len(values), n or 1) for y in f(values[i : i + n])]
    return moveaxis(from_values(found, turned.shape, kind), -1, axis)


def unique(x: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False) -> Any:
    x = as_array(x)
    first: dict[Any, int] = {}
    counts: dict[Any, int] = {}
    values = x.values()
    if any(y != y for y in values):
        raise NotImplementedError("this NumPy does not look for different numbers where some are nan")
    for i, y in enumerate(values):
        first.setdefault(y, i)
        counts[y] = counts.get(y, 0) + 1
    kept = sorted(first)
    found = [from_values(kept, (len(kept),), x.dtype)]
    if return_index:
        found.append(from_values([first[y] for y in kept], (len(kept),), INT))
    if return_inverse:
        place = {y: i for i, y in enumerate(kept)}
        found.append(from_values([place[y] for y in values], x.shape, INT))
    if return_counts:
        found.append(from_values([counts[y] for y in kept], (len(kept),), INT))
    return found[0] if len(found) == 1 else tuple(found)


def isin(x: Any, among: Any) -> ndarray:
    x, known = as_array(x), set(as_array(list(among) if isinstance(among, tuple) else among).values())
    return from_values([y in known for y in x.values()], x.shape, BOOL)


def setdiff1d(x: Any, y: Any) -> ndarray:
    x = as_array(x)
    found = sorted(set(x.values()) - set(as_array(y).values()))
    return from_values(found, (len(found),), x.dtype)


def bincount(x: Any, minlength: int = 0) -> ndarray:
    values = as_array(x).values()
    if min(values, default=0) < 0:
        raise ValueError("bincount: no element may be negative")
    found = [0] * max(minlength, max(values, default=-1) + 1)
    for y in values:
        found[y] += 1
    return from_values(found, (len(found),), INT)


def unravel_index(x: Any, sizes: Sequence[int]) -> tuple[Any, ...]:
    x = as_array(x)
    found = []
    rest = x
    for n in reversed(sizes):
        found.append(rest % n)
        rest = rest // n
    return tuple(reversed(found))


def divmod(x: Any, y: Any) -> tuple[Any, Any]:
    return BY_NAME["floor_divide"](x, y), BY_NAME["remainder"](x, y)


def shares_memory(x: ndarray, y: ndarray) -> bool:
    return x._buffer is y._buffer and not set(x.places()).isdisjoint(y.places())


def ndindex(*sizes: Any) -> Iterable[tuple[int, ...]]:
    """All indices of an array of this shape."""
    return pairs(*map(range, sizes[0] if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes))


def isscalar(x: Any) -> bool:
    return isinstance(x, (float, int, complex, str, bytes))


def array_equal(x: Any, y: Any, equal_nan: bool = False) -> bool:
    x, y = as_array(x), as_array(y)
    pairs_ = zip(x.values(), y.values())
    return x.shape == y.shape and all(a == b or (equal_nan and a != a and b != b) for a, b in pairs_)


def isclose(x: Any, y: Any, rtol: float = 1e-5, atol: float = 1e-8) -> Any:
    x, y = broadcast_arrays(as_array(x, float), as_array(y, float))
    values = [
        a == b or (math.isfinite(b) and abs(a - b) <= atol + rtol * abs(b)) for a, b in zip(x.values(), y.values())
    ]
    found = from_values(values, x.shape, BOOL)
    return found if found.shape else scalar_of(found)


def allclose(x: Any, y: Any, rtol: float = 1e-5, atol: float = 1e-8) -> bool:
    return bool(as_array(isclose(x, y, rtol, atol)).all())


# ------------------------------------------------------------------------------------------------------------ reducing


def _reduced(name: str) -> Callable[..., Any]:
    def reduce(
        x: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None
    ) -> Any:
        return BY_NAME[name].reduce(x, axis, dtype, out, keepdims, initial)

    return reduce


sum_ = _reduced("add")
prod = _reduced("multiply")
all_ = _reduced("logical_and")
any_ = _reduced("logical_or")
max_ = _reduced("maximum")
min_ = _reduced("minimum")


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    x = as_array(x)
    x = x if x.dtype.kind == "f" else x.astype(float)
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return sum_(x, axis, keepdims=keepdims) / math.prod(x.shape[a] for a in axes)


def average(x: Any, axis: int | None = None, weights: Any = None) -> Any:
    x = as_array(x)
    if weights is None:
        return mean(x, axis)
    w = as_array(weights)
    if axis is not None and w.ndim == 1:
        w = w.reshape([w.size if a == axis_of(axis, x.ndim) else 1 for a in range(x.ndim)])
    return sum_(x * w, axis) / sum_(w)


def var(x: Any, axis: Any = None) -> Any:
    x = as_array(x)
    return mean((x - mean(x, axis, True)) ** 2, axis)


def std(x: Any, axis: Any = None) -> Any:
    return BY_NAME["sqrt"](var(x, axis))


def ptp(x: Any, axis: Any = None) -> Any:
    return max_(x, axis) - min_(x, axis)


def nanmin(x: Any) -> float:
    return min(y for y in as_array(x).values() if y == y)


def nanmean(x: Any) -> float:
    values = [y for y in as_array(x).values() if y == y]
    return sum(values) / len(values) if values else math.nan


def nan_to_num(x: Any, nan: float = 0.0) -> Any:
    largest = 1.7976931348623157e308
    x = as_array(x)
    values = [nan if y != y else math.copysign(largest, y) if math.isinf(y) else y for y in x.values()]
    found = from_values(values, x.shape, x.dtype)
    return found if found.shape else scalar_of(found)


def clip(x: Any, low: Any, high: Any, out: Any = None) -> Any:
    return BY_NAME["minimum"](BY_NAME["maximum"](x, low), high, out=out)


def cumsum(x: Any, axis: int | None = None) -> ndarray:
    x = as_array(x)
    x = x.astype(int) if x.dtype is BOOL else x
    if axis is None:
        return from_values(list(accumulate(x.values())), (x.size,), x.dtype)
    return _rows(x, axis, lambda row: list(accumulate(row)), x.dtype)


def diff(x: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> ndarray:
    x = as_array(x)
    if n != 1:
        raise NotImplementedError("this NumPy has first differences only")
    parts = [as_array([y]) if not isinstance(y, ndarray) else y for y in (prepend,) if y is not None]
    parts += [x, *[as_array([y]) if not isinstance(y, ndarray) else y for y in (append,) if y is not None]]
    if len(parts) > 1:
        x = concatenate(parts, axis)
    before: list[Any] = [slice(None)] * x.ndim
    after = list(before)
    before[axis], after[axis] = slice(None, -1), slice(1, None)
    return x[tuple(after)] - x[tuple(before)]


def _arg(name: str, best: Callable[..., Any]) -> Callable[..., Any]:
    def find(x: Any, axis: int | None = None) -> Any:
        x = as_array(x)

        def first(row: list[Any]) -> int:
            nans = [i for i, y in enumerate(row) if y != y]
            return nans[0] if nans else row.index(best(row))

        if axis is None:
            return first(x.values())
        turned = moveaxis(x, axis, -1)
        n, values = turned.shape[-1], turned.values()
        found = [first(values[i : i + n]) for i in range(0, len(values), n)]
        return from_values(found, turned.shape[:-1], INT)

    find.__name__ = name
    return find


argmax, argmin = _arg("argmax", max), _arg("argmin", min)


def sinc(x: Any) -> Any:
    x = as_array(x)
    values = [math.sin(math.pi * y) / (math.pi * y) if y else 1.0 for y in x.values()]
    found = from_values(values, x.shape, FLOAT)
    return found if found.shape else scalar_of(found)


def round_(x: Any, decimals: int = 0) -> Any:
    """Rounded as NumPy does, to the nearest whole multiple: half of one goes to the even neighbor."""
    x = as_array(x)
    if x.dtype.kind != "f":
        return x.copy() if x.shape else scalar_of(x)
    return BY_NAME["rint"](x * 10.0**decimals) / 10.0**decimals


give_methods(
    {
        "sum": sum_, "prod": prod, "all": all_, "any": any_, "max": max_, "min": min_, "mean": mean, "var": var,
        "std": std, "clip": clip, "cumsum": cumsum, "argmax": argmax, "argmin": argmin, "argsort": argsort,
        "take": take,
        "repeat": repeat, "nonzero": nonzero, "searchsorted": searchsorted, "round": round_,
    }
)  # fmt: skip
