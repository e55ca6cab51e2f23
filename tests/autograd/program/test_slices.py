"""Parts of arrays as code: what is written gives the numbers at the places, whatever their pattern."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.program.plan import strides
from autograd.program.slices import Named, reshaped, view

SHAPES = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)


@st.composite
def patterns(draw: st.DrawFn) -> tuple[Named, np.ndarray]:
    """An array in the code, and places of it that follow a pattern: a slice along each axis, in any direction."""
    shape = draw(SHAPES)
    array = Named("a", "batched", draw(st.integers(0, 7)), shape)
    places = np.arange(array.size).reshape(shape)
    if draw(st.booleans()):
        places = places.ravel()
    for axis in range(places.ndim):
        start = draw(st.integers(0, places.shape[axis] - 1))
        step = draw(st.sampled_from([1, 1, 2, 3, -1]))
        places = places.take(range(places.shape[axis])[start::step], axis)
    if places.ndim == 2 and draw(st.booleans()):
        places = places.T
    if places.ndim == 1 and draw(st.booleans()):  # rows of a grid, of which each gives its first numbers
        width = draw(st.integers(1, len(places)))
        places = places[: len(places) // width * width].reshape(-1, width)[:, : draw(st.integers(1, width))]
    if places.ndim == 2 and draw(st.booleans()):  # a stack of matrices, perhaps turned
        rows = draw(st.sampled_from([n for n in range(1, len(places) + 1) if len(places) % n == 0]))
        places = places.reshape(-1, rows, places.shape[1])
        places = places.swapaxes(1, 2) if draw(st.booleans()) else places
    elif draw(st.booleans()):
        places = places.reshape(*([1] * draw(st.integers(0, 1))), *places.shape)
    return array, np.ascontiguousarray(places) + array.start


@given(patterns(), st.booleans())
def test_the_code_gives_the_numbers_at_the_places(pattern: tuple[Named, np.ndarray], samples: bool) -> None:
    array, index = pattern
    text = view(array, index, samples)
    if not text:
        return
    tail = (3,) if samples else ()
    a = np.random.default_rng(0).normal(size=(*array.shape, *tail))
    wanted = a.reshape(array.size, *tail)[index - array.start]
    found = eval(text, {"a": a, "np": np})
    assert found.shape == wanted.shape
    assert (found == wanted).all()
    assert np.shares_memory(found, a)


def test_every_rectangle_of_an_array() -> None:
    """The text of rows 10:12 holds that of 0:12, all rows."""
    a = np.arange(12.0 * 11.0).reshape(12, 11)
    array, places = Named("a", "uniform", 0, a.shape), a.astype(int)
    bounds = [(i, j) for j in range(1, 13) for i in range(j)]
    for (top, bottom), (left, right) in itertools.product(bounds, [(i, j) for i, j in bounds if j <= 11]):
        index = places[top:bottom, left:right]
        assert (eval(view(array, index, False) or "a[index // 11, index % 11]") == index).all()


@given(patterns())
def test_what_is_assigned_arrives_at_the_places(pattern: tuple[Named, np.ndarray]) -> None:
    """The target is always a list."""
    array, index = pattern
    array = Named("a", "total", array.start, (array.size,))
    text = view(array, index, False, assign=True)
    if not text:
        return
    a, wanted = np.zeros((2, array.size))
    new = np.arange(1.0, index.size + 1.0).reshape(index.shape)
    wanted[index - array.start] = new
    exec(f"{text}{'[:]' if text.endswith(')') else ''} = new", {"a": a, "new": new})
    assert (a == wanted).all()


@pytest.mark.parametrize(
    ("shape", "index", "text"),
    [
        ((6,), [0, 1, 2, 3, 4, 5], "a"),
        ((6,), [1, 2, 3], "a[1:4]"),
        ((6,), [4, 2, 0], "a[4::-2]"),
        ((6,), [5], "a[5:6]"),
        ((2, 3), [[0, 3], [1, 4], [2, 5]], "a.T"),
        ((2, 3), [[0, 2], [3, 5]], "a[:, 0:3:2]"),
        ((3, 3), [[4, 5], [7, 8]], "a[1:3, 1:3]"),
        ((2, 3), [1, 4], "a[0:2, 1]"),
        ((8,), [[0, 1, 2], [4, 5, 6]], "a[0:8].reshape(2, 4)[:, :3]"),
        ((6,), [[1, 2], [3, 4]], "a[1:5].reshape(2, 2)"),
        ((6,), [0, 1, 3], ""),
        ((3, 4), [[0, 2], [5, 7]], ""),  # whole rows, but other columns in each
        ((4, 3), [[0, 4], [6, 10]], ""),  # whole columns, but other rows in each
    ],
)
def test_as_a_person_would_write_it(shape: tuple[int, ...], index: list[int], text: str) -> None:
    assert view(Named("a", "uniform", 0, shape), np.array(index), False) == text


def test_samples_stay_behind() -> None:
    assert reshaped("a", (2, 3), True) == "a.reshape(2, 3, -1)"
    assert view(Named("a", "batched", 4, (2, 3)), np.array([[4, 7], [5, 8], [6, 9]]), True) == "a.swapaxes(0, 1)"


@given(patterns())
def test_strides(pattern: tuple[Named, np.ndarray]) -> None:
    _, index = pattern
    steps = strides(index)
    assert steps is not None
    grids = np.indices(index.shape)
    first = index.flat[0]
    assert (index == first + sum((step * grid for step, grid in zip(steps, grids, strict=True)), 0)).all()
    if index.size > 3:
        index.flat[-1] += 1
        assert strides(index) is None
