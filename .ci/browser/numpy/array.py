"""The array: numbers in a flat buffer, and how to walk through them."""

from __future__ import annotations

import operator
from array import array as buffer_of
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import product as pairs
from math import prod
from typing import Any

from .dtypes import BOOL, FLOAT, INT, OBJECT, TEXT, dtype, of_scalar, together

Shape = tuple[int, ...]


class ndarray:
    """An array: a view of a flat buffer, with a shape and a step along each axis.

    Arguments:
        shape, dtype, buffer, offset, strides: as in NumPy; the buffer is another array, whose memory is shared.
    """

    __slots__ = ("_at", "_buffer", "_steps", "dtype", "shape")
    __hash__ = None  # type: ignore[assignment]
    __array_priority__ = 0.0

    def __new__(
        cls, shape: Any, dtype: Any = float, buffer: ndarray | None = None, offset: int = 0, strides: Any = None
    ) -> ndarray:
        kind = _dtype(dtype)
        shape = _shape(shape)
        if buffer is None:
            return made(new_buffer(kind, prod(shape)), 0, shape, contiguous(shape), kind)
        steps = contiguous(shape) if strides is None else tuple(stride // kind.itemsize for stride in strides)
        return made(buffer._buffer, buffer._at + offset // kind.itemsize, shape, steps, kind)

    def __array_ufunc__(self, *given: Any, **options: Any) -> Any:
        """By this method, others know that operators work on each element."""
        return NotImplemented

    # -------------------------------------------------------------------------------------------------- what it is

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        return self.size * self.itemsize

    @property
    def strides(self) -> Shape:
        return tuple(step * self.itemsize for step in self._steps)

    @property
    def is_contiguous(self) -> bool:
        return all(n == 1 or step == usual for n, step, usual in zip(self.shape, self._steps, contiguous(self.shape)))

    @property
    def flags(self) -> Flags:
        return Flags(self.is_contiguous)

    @property
    def data(self) -> memoryview:
        """The memory, which must be contiguous."""
        if not self.is_contiguous:
            raise ValueError("the memory of this array is not contiguous")
        return memoryview(self._buffer)[self._at : self._at + self.size]

    @property
    def T(self) -> ndarray:  # noqa: N802
        return self.transpose()

    @property
    def flat(self) -> Flat:
        return Flat(self)

    def places(self) -> list[int]:
        """The places of the elements in the buffer, in the order of the last axis first."""
        at = self._at
        found = relative(self.shape, self._steps)
        return [at + place for place in found] if at else found

    def values(self) -> list[Any]:
        """The elements in one list."""
        if self.is_contiguous:
            found = self._buffer[self._at : self._at + self.size]
            return found.tolist() if self.dtype.code else found
        if len(self.shape) == 2 and self._steps[1] == 1:
            width, buffer = self.shape[1], self._buffer
            starts = (
                range(self._at, self._at + self.shape[0] * self._steps[0], self._steps[0]) if self._steps[0] else None
            )
            if starts is not None:
                return [x for start in starts for x in buffer[start : start + width]]
        buffer = self._buffer
        return [buffer[place] for place in self.places()]

    def put_values(self, values: list[Any]) -> None:
        """Write all elements."""
        buffer = self._buffer
        if len(values) != self.size:  # a slice of a buffer would grow
            raise ValueError(f"{len(values)} elements do not fit into an array of shape {self.shape}")
        if self.is_contiguous:
            buffer[self._at : self._at + self.size] = stored(self.dtype, values)
        else:
            for place, x in zip(self.places(), stored(self.dtype, values), strict=True):
                buffer[place] = x

    # ----------------------------------------------------------------------------------------------- other forms of it

    def tolist(self) -> Any:
        values = self.values()
        if self.dtype is BOOL:
            values = list(map(bool, values))
        if not self.shape:
            return values[0]
        for axis in range(self.ndim - 1, 0, -1):
            n = self.shape[axis]
            values = [values[i * n : (i + 1) * n] for i in range(prod(self.shape[:axis]))]
        return values

    def item(self, *index: int) -> Any:
        if not index and self.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return self[index] if len(index) > 1 else self.flat[index[0] if index else 0]

    def astype(self, kind: Any, copy: bool = True) -> ndarray:
        kind = _dtype(kind)
        if kind is self.dtype and not copy:
            return self
        return from_values(converted(self.values(), self.dtype, kind), self.shape, kind)

    def copy(self, order: str = "C") -> ndarray:
        return from_values(self.values(), self.shape, self.dtype)

    def reshape(self, *shape: Any) -> ndarray:
        wanted = _shape(shape[0] if len(shape) == 1 else shape)
        if -1 in wanted:
            known = prod(n for n in wanted if n != -1)
            wanted = tuple(n if n != -1 else (self.size // known if known else 0) for n in wanted)
        if prod(wanted) != self.size:
            raise ValueError(f"cannot reshape array of size {self.size} into shape {wanted}")
        steps = _reshaped(self.shape, self._steps, wanted)
        if steps is None:
            return from_values(self.values(), wanted, self.dtype)
        return made(self._buffer, self._at, wanted, steps, self.dtype)

    def ravel(self) -> ndarray:
        return self.reshape(-1)

    def flatten(self) -> ndarray:
        return self.copy().reshape(-1)

    def transpose(self, *axes: Any) -> ndarray:
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        order = tuple(axis_of(a, self.ndim) for a in order) if order else tuple(reversed(range(self.ndim)))
        shape, steps = tuple(self.shape[a] for a in order), tuple(self._steps[a] for a in order)
        return made(self._buffer, self._at, shape, steps, self.dtype)

    def swapaxes(self, a: int, b: int) -> ndarray:
        order = list(range(self.ndim))
        order[a], order[b] = order[b], order[a]
        return self.transpose(order)

    def squeeze(self, axis: Any = None) -> ndarray:
        axes = (
            {axis_of(a, self.ndim) for a in _axes(axis)}
            if axis is not None
            else {i for i, n in enumerate(self.shape) if n == 1}
        )
        if any(self.shape[a] != 1 for a in axes):
            raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
        keep = [i for i in range(self.ndim) if i not in axes]
        shape, steps = tuple(self.shape[i] for i in keep), tuple(self._steps[i] for i in keep)
        return made(self._buffer, self._at, shape, steps, self.dtype)

    def tobytes(self) -> bytes:
        return buffer_of(self.dtype.code, stored(self.dtype, self.values())).tobytes()

    def fill(self, x: Any) -> None:
        self[...] = x

    def broadcast_to(self, shape: Shape) -> ndarray:
        """A view of this shape, in which axes of length 1 are repeated."""
        if shape == self.shape:
            return self
        missing = len(shape) - self.ndim
        if missing < 0:
            raise ValueError(f"operands could not be broadcast together with shapes {self.shape} {shape}")
        steps = [0] * missing
        for n, have, step in zip(shape[missing:], self.shape, self._steps, strict=True):
            if have not in (n, 1):
                raise ValueError(f"operands could not be broadcast together with shapes {self.shape} {shape}")
            steps.append(step if have == n else 0)
        return made(self._buffer, self._at, shape, tuple(steps), self.dtype)

    # -------------------------------------------------------------------------------------------------- parts of it

    def __getitem__(self, key: Any) -> Any:
        found = self.part(key)
        return found if found.shape or not isinstance(found, ndarray) else scalar_of(found)

    def part(self, key: Any) -> ndarray:
        """What an index selects, as an array: a view, or a copy where an array is among the indices."""
        view, places, shape = self._selected(key)
        if places is None:
            return view
        buffer = view._buffer
        return from_values([buffer[place] for place in places], shape, self.dtype)

    def __setitem__(self, key: Any, x: Any) -> None:
        view, places, shape = self._selected(key)
        given = as_array(x)
        while given.ndim > len(shape) and given.shape[0] == 1:
            given = given[0] if given.ndim > 1 else given.reshape(())
        values = converted(given.broadcast_to(shape).values(), given.dtype, self.dtype)
        if places is None:
            view.put_values(values)
        else:
            for place, y in zip(places, stored(self.dtype, values), strict=True):
                view._buffer[place] = y

    def _selected(self, key: Any) -> tuple[ndarray, list[int] | None, Shape]:
        """A view of the axes that are indexed by integers and slices; and, if arrays are among the indices, the places
        of the elements and their shape."""
        keys = _full_key(key if isinstance(key, tuple) else (key,), self.ndim)
        at, shape, steps = self._at, [], []
        arrays: list[tuple[int, ndarray]] = []  # the axis of the view that each array indexes
        axis = 0
        for item in keys:
            if item is None:
                shape.append(1)
                steps.append(0)
                continue
            n, step = self.shape[axis], self._steps[axis]
            axis += 1
            if isinstance(item, slice):
                start, stop, by = item.indices(n)
                shape.append(len(range(start, stop, by)))
                steps.append(step * by)
                at += start * step if shape[-1] else 0
            elif isinstance(item, ndarray):
                arrays.append((len(shape), item))
                shape.append(n)
                steps.append(step)
            else:
                i = operator.index(item)
                if not -n <= i < n:
                    raise IndexError(f"index {i} is out of bounds for axis {axis - 1} with size {n}")
                at += (i % n) * step
        view = made(self._buffer, at, tuple(shape), tuple(steps), self.dtype)
        if not arrays:
            return view, None, view.shape
        return view, *_gathered(view, arrays, keys)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if len(self.shape) == 1:
            return iter(self.tolist())
        return (self[i] for i in range(len(self)))

    def __contains__(self, x: Any) -> bool:
        return x in self.values()

    # --------------------------------------------------------------------------------------------------- as a number

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(
                "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"
            )
        return bool(self.values()[0])

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.shape or self.dtype.kind not in "iu":
            raise TypeError("only integer scalar arrays can be converted to a scalar index")
        return int(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if not self.shape else str(self).__format__(spec)

    def __copy__(self) -> ndarray:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> ndarray:
        return self.copy()

    def __reduce__(self) -> Any:
        return from_values, (self.values(), self.shape, self.dtype)


class Flags:
    def __init__(self, is_contiguous: bool) -> None:
        self.c_contiguous = is_contiguous
        self.writeable = True


class Flat:
    """The elements in order, by number."""

    def __init__(self, of: ndarray) -> None:
        self._of = of

    def __getitem__(self, i: Any) -> Any:
        of = self._of
        if not isinstance(i, int):
            return of.reshape(-1)[i]
        if not -of.size <= i < of.size:
            raise IndexError(f"index {i} is out of bounds for size {of.size}")
        place = of._at + sum(map(operator.mul, _unraveled(i % of.size, of.shape), of._steps))
        found = of._buffer[place]
        return bool(found) if of.dtype is BOOL else found

    def __setitem__(self, i: int, x: Any) -> None:
        of, size = self._of, self._of.size
        if not -size <= i < size:
            raise IndexError(f"index {i} is out of bounds for size {size}")
        of[tuple(int(k) for k in _unraveled(i % size, of.shape))] = x

    def __iter__(self) -> Iterator[Any]:
        return iter(self._of.reshape(-1).tolist())

    def __len__(self) -> int:
        return self._of.size


def _unraveled(i: int, shape: Shape) -> list[int]:
    """The index of the i-th element, axis by axis."""
    found = []
    for n in reversed(shape):
        i, here = divmod(i, n)
        found.append(here)
    return found[::-1]


# ------------------------------------------------------------------------------------------------------ making arrays


def made(buffer: Any, at: int, shape: Shape, steps: Shape, kind: dtype) -> ndarray:
    """A view of a buffer."""
    found: ndarray = object.__new__(ndarray)
    found._buffer, found._at, found.shape, found._steps, found.dtype = buffer, at, shape, steps, kind
    return found


def from_values(values: list[Any], shape: Any, kind: dtype) -> ndarray:
    """A new array with these elements."""
    shape = _shape(shape)
    return made(stored(kind, values), 0, shape, contiguous(shape), kind)


def new_buffer(kind: dtype, size: int) -> Any:
    return buffer_of(kind.code, bytes(size * kind.itemsize)) if kind.code else [None] * size


def stored(kind: dtype, values: list[Any]) -> Any:
    return buffer_of(kind.code, values) if kind.code else list(values)


def converted(values: list[Any], have: dtype, want: dtype) -> list[Any]:
    """Elements of one dtype as those of another."""
    if have is want or want.kind == "O":
        return list(map(bool, values)) if have is BOOL and want.kind == "O" else values
    if want.kind == "f":
        return (
            list(map(_float, values)) if have.kind in "OU" else list(map(float, values)) if have.kind != "f" else values
        )
    if want is BOOL:
        return list(map(bool, values))
    if want.kind in "iu":
        if have.kind == "f" and not all(x - x == 0.0 for x in values):
            raise ValueError("this NumPy does not convert nan or infinity to an integer")
        return list(map(int, values))
    return list(map(str, values))


def _float(x: Any) -> float:
    return float("nan") if x is None else float(x)


def as_array(x: Any, kind: Any = None) -> ndarray:
    """An array of anything that can be one; an array stays itself."""
    want = None if kind is None else _dtype(kind)
    if isinstance(x, ndarray):
        return x if want is None or want is x.dtype else x.astype(want)
    if type(x) in (float, int, bool):
        own = of_scalar(x)
        return from_values(converted([x], own, want or own), (), want or own)
    values, shape = _nested(x)
    kinds = {of_element(y) for y in values}
    own = together(list(kinds), []) if kinds else (want or FLOAT)
    if TEXT in kinds and len(kinds) > 1:
        own = OBJECT
    values = [scalar_of(y) if isinstance(y, ndarray) else y for y in values]
    return from_values(converted(converted(values, OBJECT, own), own, want or own), shape, want or own)


def of_element(x: Any) -> dtype:
    return x.dtype if isinstance(x, ndarray) else of_scalar(x)


def _nested(x: Any) -> tuple[list[Any], Shape]:
    """The elements of nested sequences, and their shape."""
    if isinstance(x, ndarray):
        return list(x.flat), x.shape
    if isinstance(x, (str, bytes)) or not isinstance(x, Sequence):
        return [x], ()
    parts = [_nested(item) for item in x]
    if not parts:
        return [], (0,)
    if any(shape != parts[0][1] for _, shape in parts):
        raise ValueError("setting an array element with a sequence. The requested array has an inhomogeneous shape")
    return [y for values, _ in parts for y in values], (len(parts), *parts[0][1])


def scalar_of(x: ndarray) -> Any:
    """The only element, as a Python number."""
    found = x._buffer[x._at]
    return bool(found) if x.dtype is BOOL else found


# -------------------------------------------------------------------------------------------------- shapes and places


def _dtype(given: Any) -> dtype:
    return dtype(given)


def _shape(given: Any) -> Shape:
    return tuple(map(operator.index, given)) if isinstance(given, (Sequence, ndarray)) else (operator.index(given),)


def axis_of(axis: int, ndim: int) -> int:
    """The number of an axis, counted from the front."""
    if not -ndim <= axis < ndim:
        raise ValueError(f"axis {axis} is out of bounds for array of dimension {ndim}")
    return axis % ndim


def _axes(given: Any) -> tuple[int, ...]:
    return tuple(given) if isinstance(given, Sequence) else (given,)


@lru_cache(4096)
def contiguous(shape: Shape) -> Shape:
    """The steps along the axes of an array without gaps."""
    steps = [1]
    for n in reversed(shape[1:]):
        steps.append(steps[-1] * n)
    return tuple(reversed(steps)) if shape else ()


@lru_cache(1024)
def relative(shape: Shape, steps: Shape) -> list[int]:
    """The places of all elements, from the first on."""
    found = [0]
    for n, step in zip(shape, steps, strict=True):
        found = [place + i * step for place in found for i in range(n)]
    return found


def _reshaped(shape: Shape, steps: Shape, wanted: Shape) -> Shape | None:
    """The steps of a view in another shape; None if it takes a copy."""
    if all(n == 1 or step == usual for n, step, usual in zip(shape, steps, contiguous(shape))) or not prod(shape):
        return contiguous(wanted)
    old = [(n, step) for n, step in zip(shape, steps, strict=True) if n != 1]
    found: list[int] = []
    i = 0
    j = 0
    while j < len(wanted):
        if wanted[j] == 1:
            found.append(0)
            j += 1
            continue
        have, first = old[i][0], i
        want, start = wanted[j], j
        while have != want:
            if have < want:
                i += 1
                have *= old[i][0]
            else:
                j += 1
                want *= wanted[j]
        if any(old[k][1] != old[k + 1][1] * old[k + 1][0] for k in range(first, i)):
            return None
        step = old[i][1]
        group = [step]
        for n in reversed(wanted[start + 1 : j + 1]):
            group.append(group[-1] * n)
        found += reversed(group)
        i, j = i + 1, j + 1
    return tuple(found)


def _full_key(keys: tuple[Any, ...], ndim: int) -> list[Any]:
    """An index for every axis: without ..., without arrays of truth values."""
    found: list[Any] = []
    for key in keys:
        if isinstance(key, (list, tuple)):
            key = as_array(list(key), None if len(key) else int)
        if isinstance(key, ndarray) and key.dtype is BOOL:
            found += _where_true(key)
        elif isinstance(key, ndarray) and not key.shape:
            found.append(key.item())
        elif isinstance(key, bool):
            raise IndexError("this NumPy takes no truth value as an index")
        else:
            if isinstance(key, ndarray) and key.dtype.kind not in "iu":
                raise IndexError("arrays used as indices must be of integer (or boolean) type")
            found.append(key)
    used = sum(key is not None and key is not Ellipsis for key in found)
    if used > ndim:
        raise IndexError(f"too many indices for array: array is {ndim}-dimensional, but {used} were indexed")
    rest = [slice(None)] * (ndim - used)
    dots = [i for i, key in enumerate(found) if key is Ellipsis]
    at = dots[0] if dots else len(found)
    return [*found[:at], *rest, *found[at + bool(dots) :]]


def _where_true(mask: ndarray) -> list[ndarray]:
    """The indices of the true elements, an array for each axis."""
    places = [index for index, x in zip(pairs(*map(range, mask.shape)), mask.values(), strict=True) if x]
    return [from_values([index[a] for index in places], (len(places),), INT) for a in range(mask.ndim)]


def _gathered(view: ndarray, arrays: list[tuple[int, ndarray]], keys: list[Any]) -> tuple[list[int], Shape]:
    """The places of what arrays of indices select in a view, and their shape."""
    shape = broadcast_shapes(*(array.shape for _, array in arrays))
    chosen = [0] * prod(shape)
    for axis, array in arrays:
        n, step = view.shape[axis], view._steps[axis]
        for i, index in enumerate(array.broadcast_to(shape).values()):
            if not -n <= index < n:
                raise IndexError(f"index {index} is out of bounds for axis with size {n}")
            chosen[i] += (index % n) * step
    axes = [axis for axis, _ in arrays]
    # The axes of the result take the place of the arrays if these stand side by side; otherwise they come first.  An
    # integer counts as an array here:  x = zeros((2, 3, 4));  x[0, :, [1, 2]].shape == (2, 3).
    chosen_by = [i for i, key in enumerate(keys) if key is not None and not isinstance(key, slice)]
    side_by_side = chosen_by == list(range(chosen_by[0], chosen_by[-1] + 1))
    before = [a for a in range(view.ndim) if a not in axes and a < axes[0]] if side_by_side else []
    after = [a for a in range(view.ndim) if a not in axes and a not in before]
    outer = relative(tuple(view.shape[a] for a in before), tuple(view._steps[a] for a in before))
    inner = relative(tuple(view.shape[a] for a in after), tuple(view._steps[a] for a in after))
    places = [view._at + a + b + c for a in outer for b in chosen for c in inner]
    return places, (*(view.shape[a] for a in before), *shape, *(view.shape[a] for a in after))


def broadcast_shapes(*shapes: Any) -> Shape:
    shapes = tuple(_shape(shape) for shape in shapes)
    ndim = max(map(len, shapes), default=0)
    found = []
    for sizes in zip(*((1,) * (ndim - len(shape)) + tuple(shape) for shape in shapes), strict=True):
        wide = {n for n in sizes if n != 1}
        if len(wide) > 1:
            raise ValueError(f"operands could not be broadcast together with shapes {' '.join(map(str, shapes))}")
        found.append(wide.pop() if wide else 1)
    return tuple(found)


def give_methods(methods: dict[str, Callable[..., Any]]) -> None:
    """Add methods to the array: operators, reductions and others that are defined in other files."""
    for name, method in methods.items():
        setattr(ndarray, name, method)
