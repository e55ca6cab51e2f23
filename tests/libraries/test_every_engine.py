"""Random graphs over every row of the table: NumPy, JAX, PyTorch, the array API standard, Dask and ONNX agree."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import array_api_strict
import dask
import dask.array as da
import jax
import jax.numpy as jnp
import numpy as np
import onnxruntime
import pytest
import torch
from random_cases import Graph
from random_graphs import random_sums

from autograd import TABLE, MissingError, Program, topological_order

jax.config.update("jax_enable_x64", True)
onnxruntime.set_default_logger_severity(3)


def by_dask(program: Program, batch: Any, vector: Any) -> Any:
    return dask.compute(*program(da.from_array(batch, chunks=(1, 2)), parameters=vector))


def by_onnx(program: Program, batch: Any, vector: Any) -> Any:
    model = program.to_onnx("float64", parameters=vector).SerializeToString()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: batch.T})[0].T


def ported(library: Any, array: Callable[[Any], Any]) -> Callable[[Program, Any, Any], Any]:
    def run(program: Program, batch: Any, vector: Any) -> Any:
        found = program.to(library)(array(vector), array(batch))
        return [np.asarray(x._array if hasattr(x, "_array") else x) for x in found]

    return run


ENGINES: dict[str, Callable[[Program, Any, Any], Any]] = {
    "jax": ported("jax", jnp.asarray),
    "torch": ported("torch", lambda x: torch.asarray(np.array(x))),
    "standard": ported(array_api_strict, array_api_strict.asarray),
    "dask": by_dask,
    "onnx": by_onnx,
}

MISSING = {  # the rows that an engine lacks
    "torch": {"cbrt"},
    "standard": {"erf", "erfc", "gelu", "cbrt"},
    "onnx": {  # with 64 bits
        *("erf", "erfc", "gelu", "sinh", "arcsin", "arccos", "arctan", "arctan2", "arcsinh", "arccosh", "arctanh"),
    },
}


def cases() -> Iterator[tuple[set[str], Program, Any, Any]]:
    """Programs that NumPy can compute, of two outputs each, with the rows that they use."""
    for seed in range(400):
        rng = random.Random(seed)
        graph = Graph(rng)
        order = topological_order(graph.y)
        inputs = [x for x in graph.inputs if x in order]
        if not inputs:
            continue
        parameters = [w for w in graph.parameters if w in order]
        program = Program([graph.y, inputs[0] * graph.y], inputs, parameters)
        batch = np.array([[x.data, *(rng.uniform(0.2, 0.9) for _ in range(4))] for x in inputs])
        vector = np.array([w.data for w in parameters])
        try:
            program(batch, parameters=vector)
        except (ArithmeticError, ValueError):
            continue
        yield {x.op.name for x in order if x.op}, program, batch, vector


CASES = list(cases())


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_numbers(engine: str) -> None:
    """Every engine has every row but for those that it refuses by name."""
    compared: Counter[str] = Counter()
    for rows, program, batch, vector in CASES:
        wanted = np.array(program(batch, parameters=vector))
        try:
            found = np.array(ENGINES[engine](program, batch, vector))
        except MissingError:
            assert rows & MISSING.get(engine, set())
            continue
        compared.update(rows)
        assert found == pytest.approx(wanted, rel=1e-8, abs=1e-8), program.source
    assert {row.name for row in TABLE} - {*compared} == MISSING.get(engine, set())


@pytest.mark.parametrize("engine", ENGINES)
def test_sums_of_many_kinds_of_terms(engine: str) -> None:
    for seed in range(60):
        outputs, inputs, parameters = random_sums(seed)
        program = Program(outputs if len(outputs) > 1 else outputs * 2, inputs, parameters)
        batch = np.random.default_rng(seed).normal(size=(len(inputs), 3))
        vector = np.array([w.data for w in parameters])
        found = np.array(ENGINES[engine](program, batch, vector))
        assert found == pytest.approx(np.array(program(batch, parameters=vector)), rel=1e-9, abs=1e-12), program.source
