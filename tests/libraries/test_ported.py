"""Programs on JAX, PyTorch and any library that follows the array API standard: the numbers of NumPy."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from typing import Any

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from points import POINTS
from random_graphs import random_graph, random_step, random_triangle

import nn
from autograd import TABLE, Op, Program, Value, dot, topological_order
from autograd.program.libraries import MissingError

jax.config.update("jax_enable_x64", True)
MAKE: dict[str, Any] = {
    "numpy": np.asarray,
    "jax": jnp.asarray,
    "torch": lambda x: torch.asarray(np.array(x)),
    "strict": array_api_strict.asarray,
}
GIVEN: dict[str, Any] = {"numpy": np, "jax": "jax", "torch": "torch", "strict": array_api_strict}
LACKING = {  # what the standard does not have, and what none of the functions of a library does
    "strict": {"erf", "erfc", "gelu", "cbrt"},
    "torch": {"cbrt"},
    "numpy": {"erf", "erfc", "gelu"},
}


def as_numpy(x: Any) -> Any:
    return np.asarray(x._array if hasattr(x, "_array") else x)


def compare(program: Any, library: str, batch: Any, parameters: Any, rel: float = 1e-12) -> None:
    """A program, and the same on another library."""
    make = MAKE[library]
    wanted = program(*batch, parameters=parameters)
    found = program.to(GIVEN[library])(make(parameters), *(make(row) for row in batch))
    wanted, found = ([x] if not isinstance(x, list | tuple) else x for x in (wanted, found))
    for a, b in zip(found, wanted, strict=True):
        assert as_numpy(a) == pytest.approx(np.asarray(b), rel=rel, abs=1e-13, nan_ok=True)


@pytest.mark.parametrize("library", GIVEN)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_row(row: Op, library: str) -> None:
    points = np.array(POINTS[row.name][1], float)
    x = [Value(number) for number in points[0]]
    program = Program(row(*x), x)
    if row.name in LACKING.get(library, ()):
        with pytest.raises(MissingError, match=r"has no operation 'erfc?'|has no operation 'cbrt'"):
            program.to(GIVEN[library])
        return
    compare(program, library, points.T, np.zeros(0))


@pytest.mark.parametrize("library", GIVEN)
@pytest.mark.parametrize("seed", range(40))
def test_random_graphs(seed: int, library: str) -> None:
    y, leaves = random_graph(seed)
    order = topological_order(y)
    leaves = [leaf for leaf in leaves if leaf in order]
    inputs, parameters = leaves[: (count := seed % (len(leaves) + 1))], leaves[count:]
    rng = np.random.default_rng(seed)
    batch, vector = rng.normal(size=(count, 4)), rng.normal(size=len(parameters))
    compare(Program(y, inputs, parameters), library, batch, vector, 1e-9)
    compare(Program([y, *leaves, y], inputs, parameters), library, batch, vector, 1e-9)
    compare(Program.value_and_grad(y, inputs, parameters), library, batch, vector, 1e-9)
    step, rows, vector = random_step(seed)
    compare(step, library, rows, vector, 1e-9)


@pytest.mark.parametrize("library", GIVEN)
@pytest.mark.parametrize("seed", range(20))
def test_triangles(seed: int, library: str) -> None:
    outputs, leaves = random_triangle(seed)
    inputs, parameters = leaves[::2], leaves[1::2]
    rng = np.random.default_rng(seed)
    batch, vector = rng.normal(size=(len(inputs), 4)), rng.normal(size=len(parameters))
    compare(Program(outputs, inputs, parameters), library, batch, vector, 1e-9)
    compare(Program.value_and_grad(dot(outputs, outputs), inputs, parameters), library, batch, vector, 1e-9)


def network(sizes: list[int], activation: str = "tanh") -> tuple[Any, Any, Any]:
    """A program for the loss of a network and its gradient, a batch, and the parameters."""
    model = nn.MLP(sizes[0], sizes[1:], activation, seed=1)
    x, t = [Value(0.1) for _ in range(sizes[0])], [Value(float(k == 0)) for k in range(sizes[-1])]
    outputs = model(x)
    loss = nn.cross_entropy([outputs], [t]) if len(t) > 1 else (outputs - t[0]) ** 2
    rng = np.random.default_rng(0)
    targets = np.eye(len(t))[rng.integers(0, len(t), 30)].T
    batch = np.concatenate([rng.normal(size=(sizes[0], 30)), targets])
    parameters = model.parameters()
    program = Program.value_and_grad(loss, [*x, *t], parameters, plus=0.1 * nn.l2(parameters))
    return program, batch, np.array([p.data for p in parameters])


NETWORKS = [([2, 16, 16, 1], "tanh"), ([5, 7, 3], "relu"), ([3, 4, 4, 2], "silu"), ([2, 3, 2], "elu")]


@pytest.mark.parametrize("library", GIVEN)
@pytest.mark.parametrize(("sizes", "activation"), NETWORKS)
def test_networks(sizes: list[int], activation: str, library: str) -> None:
    program, batch, vector = network(sizes, activation)
    compare(program, library, [batch], vector, 1e-10)
    compare(program, library, [batch[: sizes[0]], batch[sizes[0] :]], vector, 1e-10)


def test_the_code_runs_by_itself() -> None:
    program, batch, vector = network([2, 4, 3])
    wanted = program(batch, parameters=vector)
    for library in ("jax", "torch"):
        names: dict[str, Any] = {}
        code = program.to(library).source
        assert "[" not in next(line for line in code.splitlines() if "gradient = " in line).split("=")[0]
        exec(code, names)
        value, gradient = names["value_and_grad"](MAKE[library](batch), MAKE[library](vector))
        assert float(value) == pytest.approx(wanted[0], rel=1e-12)
        assert as_numpy(gradient) == pytest.approx(wanted[1], rel=1e-12)


def test_it_can_be_pickled() -> None:
    program, batch, vector = network([2, 4, 3])
    for library in GIVEN.values():
        f = program.to(library)
        again = pickle.loads(pickle.dumps(f))
        assert again.source == f.source
    value, _ = again(array_api_strict.asarray(vector), array_api_strict.asarray(batch))
    assert float(value) == pytest.approx(program(batch, parameters=vector)[0], rel=1e-12)


def test_jax_transforms_it() -> None:
    program, batch, vector = network([2, 4, 3])
    f, x, p = program.to("jax"), jnp.asarray(batch), jnp.asarray(vector)
    value, gradient = jax.jit(f)(p, x)
    assert np.asarray(gradient) == pytest.approx(program(batch, parameters=vector)[1], rel=1e-10)
    slopes, hessian = jax.grad(lambda p: f(p, x)[0])(p), jax.hessian(lambda p: f(p, x)[0])(p)
    assert np.asarray(slopes) == pytest.approx(np.asarray(gradient), rel=1e-10)
    assert np.asarray(hessian) == pytest.approx(np.asarray(jax.jacfwd(lambda p: f(p, x)[1])(p)), rel=1e-8, abs=1e-12)
    several = jnp.stack([p, 2.0 * p])
    each = [float(f(q, x)[0]) for q in several]
    assert np.asarray(jax.vmap(f, in_axes=(0, None))(several, x)[0]) == pytest.approx(each, rel=1e-12)
    small = f(p.astype(jnp.float32), x.astype(jnp.float32))
    assert (small[0].dtype, small[1].dtype) == (jnp.float32, jnp.float32)
    assert float(small[0]) == pytest.approx(float(value), rel=1e-5)


def test_torch_transforms_it() -> None:
    program, batch, vector = network([2, 4, 3])
    f, x, p = program.to("torch"), torch.asarray(batch), torch.asarray(vector)
    gradient = f(p, x)[1]
    variable = p.clone().requires_grad_()
    f(variable, x)[0].backward()
    assert variable.grad.numpy() == pytest.approx(gradient.numpy(), rel=1e-10)
    compiled = torch.compile(f.function, backend="eager", fullgraph=True)  # "inductor" needs a compiler of C++
    assert compiled(x, p)[1].numpy() == pytest.approx(gradient.numpy(), rel=1e-12)
    small = f(p.float(), x.float())
    assert (small[0].dtype, small[1].dtype) == (torch.float32, torch.float32)
    assert f(p.to("meta"), x.to("meta"))[1].device.type == "meta"  # all that it makes is where its arguments are


SHARDED = """
import jax, numpy as np
from jax.sharding import AxisType, NamedSharding, PartitionSpec
jax.config.update("jax_enable_x64", True)
from test_ported import network
program, batch, vector = network([2, 4, 3])
batch = np.concatenate([batch, batch[:, :2]], axis=1)  # 32 columns for 4 devices
assert len(jax.devices()) == 4
mesh = jax.make_mesh((4,), ("samples",), axis_types=(AxisType.Auto,))
x = jax.device_put(batch, NamedSharding(mesh, PartitionSpec(None, "samples")))
p = jax.device_put(vector, NamedSharding(mesh, PartitionSpec()))
value, gradient = jax.jit(program.to("jax"))(p, x)
assert len(x.sharding.device_set) == 4
assert np.allclose(gradient, program(batch, parameters=vector)[1], rtol=1e-12)
print("sharded")
"""


def test_jax_shards_it_over_devices() -> None:
    folder = os.path.dirname(__file__)
    paths = os.pathsep.join([folder, os.path.join(folder, "..", "support"), *sys.path])
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "PYTHONPATH": paths}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SHARDED], env={**os.environ, **flags}, capture_output=True, text=True
    )
    assert done.stdout.strip() == "sharded", done.stderr


@pytest.mark.parametrize("library", GIVEN)
def test_constant_outputs_and_any_order_of_slopes(library: str) -> None:
    a, b, w, u = map(Value, (1.5, -2.0, 0.7, 0.3))
    compare(Program([Value(3.0) * 1.0, a], [a], []), library, [np.ones(2)], np.zeros(0))
    compare(Program(Value(2.0) * 1.0, [], []), library, [], np.zeros(0))
    loss = (a * w + b * u).tanh()
    batch = np.random.default_rng(0).normal(size=(2, 3))
    for wrt in ([u, w], [u], [w, u]):
        step = Program.value_and_grad(loss, [a, b], [w, u], wrt=wrt)
        compare(step, library, batch, np.array([0.7, 0.3]))


def test_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    program, batch, vector = network([2, 3, 1])
    with pytest.raises(ValueError, match="there is no library 'mxnet'; choose from jax, torch"):
        program.to("mxnet")
    with pytest.raises(TypeError, match="a module that follows the array API standard, not module"):
        program.to(os)
    f = program.to("jax")
    with pytest.raises(ValueError, match=r"there are 13 parameters, not an array of shape \(12,\)"):
        f(jnp.asarray(vector[1:]), jnp.asarray(batch))
    with pytest.raises(TypeError, match=r"takes 3 input\(s\) after the parameters, not 2"):
        f(jnp.asarray(vector), jnp.asarray(batch[:2]))
    for wrong in ([vector.tolist(), jnp.asarray(batch)], [jnp.asarray(vector), jnp.zeros((1, 1, 1))]):
        with pytest.raises(TypeError, match=r"this function takes arrays of jax: the parameters, then inputs of the"):
            f(*wrong)
    x = Value(1.0)
    with pytest.raises(MissingError, match="jax has no operation 'cube', which is one of your own"):
        Program(Op("cube", lambda x: x**3, (lambda z, x: 3.0 * x * x,))(x), [x]).to("jax")
    monkeypatch.setitem(sys.modules, "jax.numpy", None)
    with pytest.raises(ImportError, match=r"this needs jax: pip install 'scalar-backprop\[jax\]'"):
        program.to("jax")
