"""The small NumPy in Python, for browsers, compared with NumPy."""

from __future__ import annotations

import importlib.util
import json
import math
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if sys.version_info < (3, 11):
    pytest.skip("it is made for Python from 3.11 on; in browsers it is 3.14", allow_module_level=True)

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".ci" / "browser" / "numpy"


def _small() -> ModuleType:
    """It has NumPy's name where it is used; here it needs another."""
    spec = importlib.util.spec_from_file_location(
        "small_numpy", FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["small_numpy"] = module
    spec.loader.exec_module(module)
    return module


small = _small()
special = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-300, 1e200, -1e200, math.inf, -math.inf, math.nan])
floats = st.floats(-10.0, 10.0) | special
shapes = st.lists(st.integers(0, 4), max_size=3).map(tuple)
SETTINGS = settings(max_examples=60, deadline=None)


def both(values: list[Any], shape: tuple[int, ...], kind: Any = None) -> tuple[Any, Any]:
    """The same array twice: NumPy's, and the small one."""
    return np.array(values, kind).reshape(shape), small.array(values, kind).reshape(shape)


@st.composite
def arrays(draw: st.DrawFn, elements: Any = floats, shape: Any = shapes) -> tuple[Any, Any]:
    """A pair of equal arrays, whose memory may have gaps or another order."""
    sizes = draw(shape)
    size = math.prod(sizes)
    values = draw(st.lists(elements, min_size=size, max_size=size))
    kind = float if not values else type(values[0])
    pair = both(values, sizes, kind)
    match draw(st.integers(0, 3)):
        case 1 if sizes:
            return pair[0].T, pair[1].T
        case 2 if sizes:
            return pair[0][::-1], pair[1][::-1]
    return pair


def same(theirs: Any, ours: Any, tolerance: float = 0.0) -> None:
    """Equal shapes, dtypes and numbers."""
    assert np.shape(theirs) == small.shape(ours)
    theirs = np.asarray(theirs)
    assert theirs.dtype.kind == small.asarray(ours).dtype.kind
    for x, y in zip(theirs.ravel().tolist(), small.asarray(ours).ravel().tolist(), strict=True):
        close = abs(x - y) <= tolerance * abs(x) if isinstance(x, float) and math.isfinite(x) else x == y
        assert close or (x != x and y != y), (theirs, ours)


# ------------------------------------------------------------------------------------------------------------ elements


@pytest.mark.parametrize("name", sorted(f.__name__ for f in small.elementwise.FUNCTIONS))
@SETTINGS
@given(data=st.data())
def test_functions_of_elements(name: str, data: st.DataObject) -> None:
    """The numbers, and whether NumPy finds a division by zero, an overflow or an invalid operation."""
    f, of_numpy = small.elementwise.BY_NAME[name], getattr(np, name)
    kinds = st.booleans() if name.startswith("bitwise") or name == "invert" else floats
    kinds = st.integers(1, 99) if name == "floor_divide" else kinds
    count = data.draw(st.integers(1, 5))
    pairs = [both(data.draw(st.lists(kinds, min_size=count, max_size=count)), (count,)) for _ in range(f.nin)]
    with np.errstate(all="ignore"), small.errstate(all="ignore"):
        same(of_numpy(*(x for x, _ in pairs)), f(*(y for _, y in pairs)), 4e-15)
    if any(x != x for pair in pairs for x in pair[1].tolist()):
        return  # NumPy's compiled code compares nan in some functions, and then reports an invalid operation
    for kind in ("divide", "over", "invalid"):
        found = []
        for errstate, function, side in ((np.errstate, of_numpy, 0), (small.errstate, f, 1)):
            others = dict.fromkeys(("divide", "over", "invalid", "under"), "ignore")
            with errstate(**(others | {kind: "raise"})):
                try:
                    function(*(pair[side] for pair in pairs))
                    found.append(False)
                except FloatingPointError:
                    found.append(True)
        assert found[1] or not found[0], f"{kind}: NumPy reports it, this does not"


def test_a_warning_by_default() -> None:
    with pytest.warns(RuntimeWarning, match="divide by zero encountered in log"):
        assert small.log(small.array([0.0, 1.0])).tolist() == [-math.inf, 0.0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with small.errstate(divide="ignore"):
            small.log(small.array([0.0]))


@SETTINGS
@given(st.data())
def test_operators_broadcast(data: st.DataObject) -> None:
    (a, x) = data.draw(arrays(st.floats(-5.0, 5.0)))
    shape = tuple(data.draw(st.sampled_from([n, 1])) for n in x.shape)[data.draw(st.integers(0, x.ndim)) :]
    (b, y) = data.draw(arrays(st.floats(-5.0, 5.0), st.just(shape)).filter(lambda pair: pair[0].shape == shape))
    for operator in ("__add__", "__sub__", "__mul__", "__rsub__", "__lt__", "__ge__", "__eq__"):
        same(getattr(a, operator)(b), getattr(x, operator)(y))
        same(getattr(a, operator)(2.0), getattr(x, operator)(2.0))


@pytest.mark.parametrize("kinds", [(a, b) for a in "?ifd" for b in "?ifd"], ids=lambda kinds: "".join(kinds))
def test_the_kind_of_a_result(kinds: tuple[str, str]) -> None:
    a, b = (np.ones(2, {"i": "int64"}.get(kind, kind)) for kind in kinds)
    x, y = (small.ones(2, {"i": "int64"}.get(kind, kind)) for kind in kinds)
    for theirs, ours in (
        (a + b, x + y), (a * 2, x * 2), (a * 2.0, x * 2.0), (a < b, x < y), (a / b, x / y),
        (np.where(a > 0, a, b), small.where(x > 0, x, y)), (np.concatenate([a, b]), small.concatenate([x, y])),
        (np.sum(a), small.sum(x)), (np.maximum(a, b), small.maximum(x, y)),
    ):  # fmt: skip
        if isinstance(ours, small.ndarray):
            assert theirs.dtype.name == ours.dtype.name
        same(theirs, ours)


# -------------------------------------------------------------------------------------------------- shapes and indices


@st.composite
def indices(draw: st.DrawFn, shape: tuple[int, ...]) -> Any:
    """An index of an array of this shape; arrays are lists here."""
    found: list[Any] = []
    for n in shape[: draw(st.integers(0, len(shape)))]:
        kinds = ["slice", "slice", "none"]
        kinds += ["int", "list", "mask"] if n else []
        match draw(st.sampled_from(kinds)):
            case "slice":
                found.append(draw(st.slices(n)))
            case "none":
                found += [None, slice(None)]
            case "int":
                found.append(draw(st.integers(-n, n - 1)))
            case "list":
                found.append(draw(st.lists(st.integers(-n, n - 1), min_size=2, max_size=2)))
            case "mask":
                found.append([True] * min(n, 2) + [False] * (n - min(n, 2)))
    lists = [i for i, item in enumerate(found) if isinstance(item, list)]
    if len(lists) > 1:  # their lengths must agree
        for i in lists[1:]:
            found[i] = slice(None)
    if draw(st.booleans()) and len(found) < 4:
        found.append(...)
    return tuple(found)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_parts_of_arrays(data: st.DataObject) -> None:
    """Read, and written: through a view the array changes, through a copy it does not."""
    a, x = data.draw(arrays(st.integers(-100, 100)))
    key = data.draw(indices(a.shape))
    same(a[key], x[key])
    part, ours = a[key], x[key]
    if isinstance(ours, small.ndarray) and part.size:
        part[...] = 7
        ours[...] = 7
        same(a, x)
    a[key] = 5
    x[key] = 5
    same(a, x)


@pytest.mark.parametrize(
    "key",
    [
        (slice(None), [0, 2], slice(None), [1, 0]),
        ([0, 1], slice(None), [[0], [2]]),
        (0, slice(None), [1, 2]),
        ([True, False], [0, 2]),
        ([[True, False, True], [False, True, False]],),
        (..., [0, 1], None),
        ([0, 1], None, [0, 1]),
    ],
)
def test_several_arrays_as_indices(key: Any) -> None:
    a, x = both(list(range(72)), (2, 3, 4, 3))
    theirs = tuple(np.array(k) if isinstance(k, list) else k for k in key)
    ours = tuple(small.array(k) if isinstance(k, list) else k for k in key)
    same(a[theirs], x[ours])
    a[theirs] = -1
    x[ours] = -1
    same(a, x)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_other_shapes(data: st.DataObject) -> None:
    """A view where NumPy has one: what is written there is written here."""
    a, x = data.draw(arrays(st.integers(0, 9)))
    order = data.draw(st.permutations(range(a.ndim)))
    same(a.transpose(order), x.transpose(*order)) if order else None
    size = a.size
    factors = [n for n in range(1, size + 1) if size % n == 0] or [1]
    first = data.draw(st.sampled_from(factors))
    theirs, ours = a.reshape(first, -1) if size else a.ravel(), x.reshape(first, -1) if size else x.ravel()
    same(theirs, ours)
    assert np.shares_memory(a, theirs) == small.shares_memory(x, ours)
    wide = (2, *a.shape)
    same(np.broadcast_to(a, wide), small.broadcast_to(x, wide))
    same(np.expand_dims(a, 0), small.expand_dims(x, 0))
    same(np.squeeze(np.expand_dims(a, 0), 0), small.squeeze(small.expand_dims(x, 0), 0))
    same(a.copy().flatten(), x.copy().flatten())
    assert a.tolist() == x.tolist()
    assert a.astype(float).tobytes() == x.astype(float).tobytes()
    if a.ndim:
        same(np.moveaxis(a, 0, -1), small.moveaxis(x, 0, -1))
        same(a.swapaxes(0, -1), x.swapaxes(0, -1))


# ---------------------------------------------------------------------------------------------------------- reductions


@SETTINGS
@given(st.data())
def test_reductions(data: st.DataObject) -> None:
    elements = data.draw(st.sampled_from([st.floats(-9.0, 9.0), st.integers(-9, 9), st.booleans()]))
    a, x = data.draw(arrays(elements, st.lists(st.integers(1, 4), max_size=3).map(tuple)))
    axis = data.draw(st.sampled_from([None, *range(-a.ndim, a.ndim)] + ([(0, 1)] if a.ndim > 1 else [])))
    for name in ("sum", "prod", "max", "min", "all", "any", "mean"):
        same(getattr(a, name)(axis=axis), getattr(x, name)(axis=axis), 1e-13)
    if not isinstance(axis, tuple):
        same(a.argmax(axis=axis), x.argmax(axis=axis))
        same(a.argmin(axis=axis), x.argmin(axis=axis))
        same(a.cumsum(axis=axis), x.cumsum(axis=axis), 1e-13)
    if a.ndim:
        starts = sorted(data.draw(st.lists(st.integers(0, len(a) - 1), min_size=1, max_size=4)))
        if a.ndim == 1 and a.dtype != bool:
            same(np.minimum.reduceat(a, starts), small.minimum.reduceat(x, starts))
            same(np.maximum.reduceat(a, starts), small.maximum.reduceat(x, starts))
        same(np.sort(a), small.sort(x))
        same(np.argsort(a, kind="stable"), small.argsort(x))


def test_reductions_of_nothing_and_of_nan() -> None:
    assert small.zeros(0).sum() == 0.0
    with pytest.raises(ValueError, match="has no identity"):
        small.zeros(0).max()
    assert math.isnan(small.array([1.0, math.nan, 2.0]).max())
    assert small.nanmin([math.nan, 3.0, 2.0]) == 2.0
    assert small.array([1.0, math.nan]).argmax() == np.array([1.0, math.nan]).argmax()


# ------------------------------------------------------------------------------------------------------------ products


@SETTINGS
@given(st.data())
def test_products(data: st.DataObject) -> None:
    stack, rows, inner, columns = (data.draw(st.integers(1, 4)) for _ in range(4))
    (a, x), (b, y) = (
        data.draw(arrays(st.floats(-9.0, 9.0), st.just(shape)).filter(lambda pair, shape=shape: pair[0].shape == shape))
        for shape in ((stack, rows, inner), (stack, inner, columns))
    )
    same(a @ b, x @ y, 1e-12)
    same(a[0] @ b[0], x[0] @ y[0], 1e-12)
    same(a[0, 0] @ b[0], x[0, 0] @ y[0], 1e-12)
    same(a[0] @ b[0, :, 0], x[0] @ y[0, :, 0], 1e-12)
    same(np.tensordot(a[0], b[0], 1), small.tensordot(x[0], y[0], 1), 1e-12)
    same(np.tensordot(a, b, ((0, 2), (0, 1))), small.tensordot(x, y, ((0, 2), (0, 1))), 1e-11)
    for pattern in ("sri,sic->src", "sri,sic->rc", "sri,sic->", "sri,sic->crs"):
        same(np.einsum(pattern, a, b), small.einsum(pattern, x, y), 1e-11)
    same((a[0] * a[0]).sum(axis=-1), small.vecdot(x[0], x[0]), 1e-12)
    out = small.zeros((stack, rows, columns))
    assert small.matmul(x, y, out) is out
    same(a @ b, out, 1e-12)


def test_products_that_are_refused() -> None:
    with pytest.raises(ValueError, match="mismatch"):
        small.ones((2, 3)) @ small.ones((2, 3))
    with pytest.raises(NotImplementedError, match="einsum pattern"):
        small.einsum("ii->i", small.ones((2, 2)))
    with small.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow"):
        small.array([[1e200]]) @ small.array([[1e200]])


# ------------------------------------------------------------------------------------------------- joining, searching


@SETTINGS
@given(st.data())
def test_joining_and_choosing(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    a, x = both(data.draw(st.lists(st.integers(0, 5), min_size=math.prod(shape), max_size=math.prod(shape))), shape)
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    n = shape[axis]
    chosen = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=5))
    same(np.concatenate([a, a], axis), small.concatenate([x, x], axis))
    same(np.concatenate([a, a], None), small.concatenate([x, x], None))
    same(np.stack([a, a], axis), small.stack([x, x], axis))
    same(np.hstack([a, a]), small.hstack([x, x]))
    same(np.vstack([a, a]), small.vstack([x, x]))
    same(np.append(a, 3), small.append(x, 3))
    same(np.repeat(a, 2, axis), small.repeat(x, 2, axis))
    same(np.repeat(a.ravel(), a.ravel()), small.repeat(x.ravel(), x.ravel()))
    same(np.roll(a, 1, axis), small.roll(x, 1, axis))
    same(np.take(a, chosen, axis), small.take(x, chosen, axis))
    same(np.delete(a, chosen, axis), small.delete(x, chosen, axis))
    same(np.diff(a, axis=axis), small.diff(x, axis=axis))
    same(np.diff(a.ravel(), prepend=-1, append=9), small.diff(x.ravel(), prepend=-1, append=9))
    same(np.pad(a, [(1, 2)] * a.ndim, constant_values=8), small.pad(x, [(1, 2)] * a.ndim, constant_values=8))
    same(np.take_along_axis(a, a.argsort(axis, kind="stable"), axis), small.take_along_axis(x, x.argsort(axis), axis))
    for theirs, ours in zip(np.split(a, [1]), small.split(x, [1]), strict=True):
        same(theirs, ours)


@SETTINGS
@given(st.lists(st.integers(0, 6), min_size=1, max_size=9), st.lists(st.integers(0, 6), min_size=1, max_size=4))
def test_searching(values: list[int], others: list[int]) -> None:
    (a, x), (b, y) = both(values, (-1,)), both(others, (-1,))
    for theirs, ours in zip(
        np.unique(a, return_index=True, return_inverse=True, return_counts=True),
        small.unique(x, return_index=True, return_inverse=True, return_counts=True),
        strict=True,
    ):
        same(theirs, ours)
    same(np.searchsorted(np.sort(a), b), small.searchsorted(small.sort(x), y))
    same(np.searchsorted(np.sort(a), b, "right"), small.searchsorted(small.sort(x), y, "right"))
    same(np.lexsort((a, a[::-1])), small.lexsort((x, x[::-1])))
    same(np.lexsort(np.stack([a, a[::-1]])), small.lexsort(small.stack([x, x[::-1]])))
    same(
        np.lexsort((np.stack([a, a[::-1]]), np.stack([a % 2, a % 3]))),
        small.lexsort((small.stack([x, x[::-1]]), small.stack([x % 2, x % 3]))),
    )
    same(np.isin(a, b), small.isin(x, y))
    same(np.setdiff1d(a, b), small.setdiff1d(x, y))
    same(np.bincount(a, minlength=4), small.bincount(x, minlength=4))
    same(np.flatnonzero(a > 2), small.flatnonzero(x > 2))
    same(np.argwhere(a > 2), small.argwhere(x > 2))
    for theirs, ours in zip(np.unravel_index(a, (2, 4)), small.unravel_index(x, (2, 4)), strict=True):
        same(theirs, ours)
    assert np.array_equal(a, b) == small.array_equal(x, y)


@SETTINGS
@given(st.floats(-5.0, 5.0), st.floats(-5.0, 5.0), st.integers(1, 9))
def test_making(start: float, stop: float, count: int) -> None:
    same(np.linspace(start, stop, count), small.linspace(start, stop, count), 1e-13)
    same(np.linspace([start, 0.0], [stop, 1.0], count), small.linspace([start, 0.0], [stop, 1.0], count), 1e-13)
    same(np.arange(count), small.arange(count))
    same(np.full((2, count), start), small.full((2, count), start))
    same(np.indices((2, count)), small.indices((2, count)))
    same(np.clip([start, stop], -1.0, 1.0), small.clip(small.array([start, stop]), -1.0, 1.0))
    same(np.isclose(start, stop), small.isclose(start, stop))


REFUSED = {
    "a result larger than the output": lambda np: np.add(np.zeros(3), np.ones((2, 3)), np.zeros(3)),
    "in place": lambda np: np.zeros(3).__iadd__(np.ones((2, 3))),
    "an output of another shape": lambda np: np.take(np.arange(4), np.array([0, 1]), 0, np.zeros(3, int)),
    "a sum into another shape": lambda np: np.add.reduce(np.ones((2, 3)), 0, None, np.zeros((2, 3))),
    "axes of two lengths": lambda np: np.einsum("ij,jk->ik", np.ones((2, 3)), np.ones((2, 3))),
    "tensordot": lambda np: np.tensordot(np.ones((2, 3)), np.ones((6, 2)), 1),
    "vecdot": lambda np: np.vecdot(np.ones((2, 3)), np.ones((2, 1))),
    "an axis that is not there": lambda np: np.sum(np.ones((2, 3)), axis=2),
    "moveaxis": lambda np: np.moveaxis(np.ones((2, 3)), 5, 0),
    "transpose": lambda np: np.ones((2, 3)).transpose(0, 2),
    "concatenate": lambda np: np.concatenate([np.ones((2, 3))] * 2, 3),
    "delete": lambda np: np.delete(np.arange(3), 7),
    "bincount": lambda np: np.bincount(np.array([1, -1])),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_what_numpy_refuses_is_refused(call: Any) -> None:
    for library in (np, small):
        with pytest.raises((ValueError, IndexError)):
            call(library)


@SETTINGS
@given(st.lists(floats, min_size=1, max_size=6), st.lists(floats, min_size=1, max_size=3))
def test_nan_comes_last(values: list[float], others: list[float]) -> None:
    (a, x), (b, y) = both(values, (-1,)), both(others, (-1,))
    same(np.sort(a), small.sort(x))
    same(np.argsort(a, kind="stable"), small.argsort(x))
    same(np.lexsort((a, a[::-1])), small.lexsort((x, x[::-1])))
    same(np.searchsorted(np.sort(a), b), small.searchsorted(small.sort(x), y))
    same(np.searchsorted(np.sort(a), b, "right"), small.searchsorted(small.sort(x), y, "right"))
    if any(map(math.isnan, values)):
        with pytest.raises(NotImplementedError, match="are nan"):
            small.unique(x)


@SETTINGS
@given(st.lists(st.integers(-30, 30), min_size=1, max_size=6), st.data())
def test_places_that_occur_twice(values: list[int], data: st.DataObject) -> None:
    """``add.at`` adds for each of them, also for a single index."""
    (a, x), index = both(values, (-1,)), data.draw(st.integers(0, len(values) - 1))
    for chosen in (index, [index, index, 0]):
        np.add.at(a, chosen, 2)
        small.add.at(x, chosen, 2)
        same(a, x)
    same(np.take(a, [index - 20, 20], mode="clip"), small.take(x, [index - 20, 20], mode="clip"))


@SETTINGS
@given(st.lists(st.integers(-4000, 4000).map(lambda i: i / 8.0), min_size=1, max_size=5), st.integers(0, 3))
def test_rounding(values: list[float], decimals: int) -> None:
    a, x = both(values, (-1,))
    same(a.round(decimals), x.round(decimals))


# --------------------------------------------------------------------------------------------------- text, randomness


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_arrays_as_text(data: st.DataObject) -> None:
    whole = st.integers(-1000, 1000)
    short = whole.map(lambda x: x / 8.0)
    elements = data.draw(st.sampled_from([whole, short, st.booleans(), st.floats(-100.0, 100.0), short | special]))
    a, x = data.draw(arrays(elements, st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)))
    assert str(x) == str(a)
    assert repr(x) == repr(a)


def test_long_arrays_as_text() -> None:
    a, x = both([i / 3.0 for i in range(60)], (60,))
    assert str(x) == str(a)
    assert repr(x) == repr(a)


@pytest.mark.parametrize("seed", [0, 1, 12345, 2**40 + 3, [1, 2, 3], [7, 2**33, 9, 4, 5]])
def test_random_numbers_are_those_of_numpy(seed: Any) -> None:
    theirs, ours = np.random.default_rng(seed), small.random.default_rng(seed)
    same(theirs.random((3, 4)), ours.random((3, 4)))
    same(theirs.integers(0, 10, 9), ours.integers(0, 10, 9))
    same(theirs.uniform(-1.0, 1.0, 5), ours.uniform(-1.0, 1.0, 5))
    same(theirs.normal(size=4000), ours.normal(size=4000), 1e-12)
    assert theirs.integers(5) == ours.integers(5)


def test_what_is_missing_is_said() -> None:
    with pytest.raises(AttributeError, match="the small NumPy in Python"):
        small.fft  # noqa: B018
    with pytest.raises(NotImplementedError, match="singular value"):
        small.linalg.svd(small.ones((2, 2)))
    with pytest.raises(ValueError, match="inhomogeneous"):
        small.array([[1.0], [1.0, 2.0]])
    with pytest.raises(OverflowError):
        small.array([2**62]) * 4
    with pytest.raises(NotImplementedError, match="astype"):
        small.add(1.0, 2.0, dtype=float)


# ------------------------------------------------------------------------------------------------- the library with it


def run(*command: str) -> str:
    """What a program prints that has the small NumPy as its NumPy."""
    code = (
        f"import sys; sys.path[:0] = [{str(FOLDER.parent)!r}, {str(ROOT)!r}]; sys.modules['PIL'] = None; {command[0]}"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_lesson_runs_with_it(path: Path) -> None:
    """What a browser can run of each."""
    spec = importlib.util.spec_from_file_location("runnable", ROOT / ".ci" / "pages" / "runnable.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    cells = module.runnable(json.loads(path.read_text("utf-8")))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    assert code.count("exercises(") == (path.name[:2] != "00")
    run(f"exec({code!r}, {{'__name__': 'lesson'}})")


def test_a_program_is_the_same() -> None:
    """Its source, its numbers, and the weights after a training."""
    code = """
import numpy as np, nn
from autograd import Program, Value
model = nn.MLP(2, [5, 3, 1], "tanh", seed=1)
x, t = [Value(0.0, "x1"), Value(0.0, "x2")], Value(0.0, "t")
step = Program.value_and_grad((model(x) - t) ** 2, [*x, t], model.parameters())
value, gradient = step(np.random.default_rng(0).normal(size=(3, 200)))
print(step.source)
print(f"{value:.10f}", *[f"{g:.10f}" for g in gradient])
moons = nn.data.moons(60, seed=1)
model = nn.Sequential(nn.Layer(2, 6, "tanh", seed=1), nn.Dropout(0.2), nn.Layer(6, 2, "linear", seed=2))
history = nn.fit(model, moons.X, moons.y, "cross_entropy", epochs=5, seed=3, progress=False)
print(f"{history.loss[-1]:.10f}", *[f"{p.data:.10f}" for p in model.parameters()])
"""
    real = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert run(f"exec({code!r})") == real
