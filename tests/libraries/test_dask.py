"""Programs on Dask arrays: lazily, block by block, with the numbers of NumPy."""

from __future__ import annotations

from typing import Any

import dask
import dask.array as da
import numpy as np
import pandas as pd
import pytest
from points import POINTS
from random_graphs import random_graph, random_step, random_triangle

from autograd import TABLE, Op, Program, Value, topological_order
from autograd.program import chunked


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_row(row: Op) -> None:
    points = np.array(POINTS[row.name][1], float).T
    x = [Value(number) for number in points[:, 0]]
    program = Program(row(*x), x)
    found = program(*(da.from_array(column, chunks=2) for column in points))
    assert isinstance(found, da.Array)
    assert np.array_equal(found.compute(), program(*points))


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs(seed: int) -> None:
    y, leaves = random_graph(seed)
    inputs = [x for x in leaves if x in topological_order(y)]
    batch = np.random.default_rng(seed).normal(size=(len(inputs), 7))
    program = Program([y, inputs[0], y], inputs)
    found = program(da.from_array(batch, chunks=(1, 3)))
    assert [x.shape for x in found] == [(7,)] * 3
    assert np.array_equal(dask.compute(*found), program(batch))


@pytest.mark.parametrize("seed", range(60))
def test_random_gradients(seed: int) -> None:
    program, batch, vector = random_step(seed)
    size = 1 + seed % 3
    found = program(da.from_array(batch, chunks=(1, size)), parameters=vector)
    assert all(isinstance(x, da.Array) for x in found)
    for a, b in zip(dask.compute(*found), program(batch, parameters=vector), strict=True):
        assert np.asarray(a).shape == np.shape(b)
        assert a == pytest.approx(b, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_triangles(seed: int) -> None:
    outputs, leaves = random_triangle(seed)
    batch = np.random.default_rng(seed).normal(size=(len(leaves), 7))
    program = Program(outputs, leaves)
    found = dask.compute(*program(da.from_array(batch, chunks=(1, 3))))
    assert np.array(found) == pytest.approx(np.array(program(batch)), rel=1e-12, abs=1e-14)


def line() -> tuple[Program, Any]:
    x, t, w = Value(0.0, "x"), Value(0.0, "t"), Value(3.0, "w")
    return Program(w * x, [x]), Program.value_and_grad((w * x - t) ** 2, [x, t], [w], outputs=[w * x])


def test_nothing_is_computed_before_it_is_asked_for() -> None:
    computed: list[int] = []

    def block(x: Any) -> Any:
        computed.append(len(x))
        return x

    forward, step = line()
    x = da.arange(100, chunks=10).map_blocks(block, meta=np.zeros(0, int))
    y, (value, gradient, outputs) = forward(x), step(x, x)
    assert (y.shape, value.shape, gradient.shape, outputs.shape) == ((100,), (), (1,), (1, 100))
    assert computed == []
    assert float(y[:10].sum().compute()) == 3.0 * 45.0
    assert computed == [10]


def test_many_blocks_are_added_in_a_tree() -> None:
    _, step = line()
    x = np.linspace(-1.0, 1.0, 100_000)
    value, gradient, outputs = step(da.from_array(x, chunks=100), da.from_array(x, chunks=77))
    wanted = step(x, x)
    assert float(value.compute()) == pytest.approx(wanted[0], rel=1e-12)
    assert gradient.compute() == pytest.approx(wanted[1], rel=1e-12)
    assert np.array_equal(outputs.compute(), wanted[2])


def test_a_number_or_an_array_of_numpy_beside_dask_arrays() -> None:
    _, step = line()
    x = np.arange(5.0)
    for t in (2, 2.0 * x, [1, 2, 3, 4, 5]):
        found = dask.compute(*step(da.from_array(x, chunks=2), t))
        assert found[0] == pytest.approx(step(x, t)[0], rel=1e-12)


def test_a_single_sample() -> None:
    forward, step = line()
    assert forward(da.from_array(np.array(2.0))).compute().tolist() == [6.0]
    assert float(step(da.from_array(np.array(2.0)), 5.0)[0].compute()) == 1.0


def test_masked_numbers_are_refused() -> None:
    """A mask is not dropped in a block."""
    forward, step = line()
    x = da.from_array(np.ma.masked_array([1.0, 2.0, 3.0], [False, True, False]), chunks=2)
    for lazy in (forward(x), step(x, x)[0], step(x, 1.0)[0]):
        with pytest.raises(ValueError, match="a masked array has entries without a value"):
            lazy.compute()


def test_blocks_of_unknown_length() -> None:
    """Rows of a data frame, of which a filter leaves none in some blocks."""
    frame = pd.DataFrame({"x": np.arange(12.0), "t": 1.0})
    dd = pytest.importorskip("dask.dataframe")
    some = dd.from_pandas(frame, npartitions=4)
    some = some[some.x > 4.0]
    forward, step = line()
    columns = some[["x", "t"]].values.T
    value, _, outputs = step(columns)
    wanted = step(np.arange(5.0, 12.0), np.ones(7))
    assert value.compute() == pytest.approx(wanted[0], rel=1e-12)
    assert outputs.compute() == pytest.approx(wanted[2])
    assert forward(columns[0]).compute() == pytest.approx(3.0 * np.arange(5.0, 12.0))


def unknown(sizes: list[int], base: float) -> Any:
    """A Dask array of blocks whose lengths are not known."""
    numbers, kept = np.arange(5.0 * len(sizes)) + base, np.concatenate([np.arange(5) < size for size in sizes])
    return da.from_array(numbers, chunks=5)[da.from_array(kept, chunks=5)]


def test_blocks_of_unknown_lengths_that_differ() -> None:
    """A block of one sample is not repeated for all samples of the others."""
    _, step = line()
    for sizes in ([1, 1], [3, 2]):
        for found in step(unknown([3, 3], 0.0), unknown(sizes, 100.0))[:2]:
            with pytest.raises(ValueError, match="as many samples each, but blocks have"):
                found.compute()
    for other in (unknown([3], 0.0), np.zeros(6), da.zeros(6, chunks=3)):
        with pytest.raises(ValueError, match=r"are not known, .* call compute_chunk_sizes\(\)"):
            step(unknown([3, 3], 0.0), other)
    value, _, outputs = step(unknown([3, 2], 0.0), 2.0)
    assert outputs.compute().tolist() == [[0.0, 3.0, 6.0, 15.0, 18.0]]
    assert float(value.compute()) == pytest.approx(step(np.array([0.0, 1.0, 2.0, 5.0, 6.0]), 2.0)[0])


def test_columns_of_a_data_frame() -> None:
    dd = pytest.importorskip("dask.dataframe")
    frame = dd.from_pandas(pd.DataFrame({"x": np.arange(6.0), "t": 1}), npartitions=2)
    _, step = line()
    value, _, outputs = step(frame.x, frame.t)
    assert isinstance(outputs, da.Array)
    assert float(value.compute()) == step(np.arange(6.0), np.ones(6))[0]
    for wrong in (frame, dask.delayed(frame.x)):
        with pytest.raises(TypeError, match="must be a Dask array or a column of a data frame, not"):
            step(wrong, frame.t)


def test_a_task_that_is_run_again() -> None:
    """After a worker is lost, the last task may be run again with sums that are still there."""
    x, t, w = Value(0.0), Value(0.0), Value(3.0)
    step = Program.value_and_grad((w * x - t) ** 2, [x, t], [w])
    totals, added, _ = step.sums([np.ones((2, 4))], 4, np.array([3.0]))
    kept = totals, added, 4
    assert [chunked._finished(step, kept)[0] for _ in range(2)] == [4.0, 4.0]


def test_parameters_that_change_before_it_is_computed() -> None:
    forward, step = line()
    vector = np.array([2.0])
    y, (value, *_) = forward(da.ones(3), parameters=vector), step(da.ones(3), 0.0, parameters=vector)
    vector[0] = 100.0
    assert y.compute().tolist() == [2.0] * 3
    assert float(value.compute()) == 4.0


def test_no_samples() -> None:
    x, w = Value(0.0), Value(2.0)
    step = Program.value_and_grad(w * x, [x], [w])
    empty = da.from_array(np.zeros(0), chunks=1)
    assert float(step(empty)[0].compute()) == 0.0
    _, with_outputs = line()
    with pytest.raises(ValueError, match="needs a batch of at least one sample"):
        with_outputs(empty, empty)[0].compute()


def test_an_error_names_the_sample() -> None:
    x = Value(1.0, "x")
    logarithm = Program(x.log(), [x])
    bad = da.from_array([1.0, 2.0, 3.0, -4.0, 5.0], chunks=2)
    with pytest.raises(ValueError, match=r"sample 3, log\(-4\.0\) at 'x'"):
        logarithm(bad).compute()
    with pytest.raises(ValueError, match=r"sample 3, log\(-4\.0\) at 'x'"):
        Program.value_and_grad(x.log(), [x], [])(bad)[0].compute()


def test_mistakes() -> None:
    forward, step = line()
    x = da.ones(4, chunks=2)
    with pytest.raises(TypeError, match=r"this program takes 1 array\(s\), but 2 were given"):
        forward(x, x)
    with pytest.raises(ValueError, match="as many samples each, not 4, 5"):
        step(x, da.ones(5, chunks=2))
    with pytest.raises(ValueError, match=r"an array of shape \(B,\), or one of shape \(k, B\)"):
        forward(da.ones((2, 2, 2)))
    with pytest.raises(TypeError, match=r"must be an array of numbers, not of \['object'\]"):
        forward(da.from_array(np.array(["a", None], object), chunks=1))
    with pytest.raises(ValueError, match="there are 1 parameters"):
        step(x, x, parameters=[1.0, 2.0])
