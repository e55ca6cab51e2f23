"""The numbers of a model as arrays: walk over to PyTorch or JAX, and back."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import nn
from autograd import Value

jax.config.update("jax_enable_x64", True)


class Twin(torch.nn.Module):
    """What ``nn.MLP(3, [5, 4, 2], "tanh")`` is in PyTorch."""

    def __init__(self) -> None:
        super().__init__()
        sizes = [(3, 5), (5, 4), (4, 2)]
        self.layers = torch.nn.ModuleList([torch.nn.Linear(*size, dtype=torch.float64) for size in sizes])

    def forward(self, x: Any) -> Any:
        for layer in self.layers[:-1]:
            x = torch.tanh(layer(x))
        return self.layers[-1](x)


def test_to_pytorch_and_back() -> None:
    ours, theirs = nn.MLP(3, [5, 4, 2], "tanh", seed=1), Twin()
    theirs.load_state_dict(ours.state_dict("torch"))
    X = np.random.default_rng(0).normal(size=(6, 3))
    assert theirs(torch.asarray(X)).detach().numpy() == pytest.approx(ours.predict(X), rel=1e-12)
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1)
    theirs(torch.asarray(X)).square().mean().backward()
    optimizer.step()
    ours.load_state_dict(theirs.state_dict())
    assert theirs(torch.asarray(X)).detach().numpy() == pytest.approx(ours.predict(X), rel=1e-12)


def test_to_jax_and_back() -> None:
    model = nn.MLP(3, [5, 2], "tanh", seed=1)
    state = model.state_dict("jax")

    def loss(state: Any, x: Any) -> Any:
        h = jnp.tanh(x @ state["layers.0.weight"].T + state["layers.0.bias"])
        return jnp.mean((h @ state["layers.1.weight"].T + state["layers.1.bias"]) ** 2)

    X = np.random.default_rng(0).normal(size=(6, 3))
    assert float(loss(state, X)) == pytest.approx(np.mean(model.predict(X) ** 2), rel=1e-12)
    moved = jax.tree.map(lambda p, g: p - 0.1 * g, state, jax.grad(loss)(state, X))
    model.load_state_dict(moved)
    assert float(loss(moved, X)) == pytest.approx(np.mean(model.predict(X) ** 2), rel=1e-12)


def test_layers_with_the_names_of_pytorch() -> None:
    """Normalization, embeddings and layers inside layers load into PyTorch's modules, and back."""
    ours = nn.Sequential(nn.Layer(2, 3, seed=1), nn.BatchNorm(3), nn.LayerNorm(3), nn.Residual(nn.Layer(3, 3, seed=2)))
    inner = torch.nn.Module()
    inner.block = torch.nn.Linear(3, 3)
    theirs = torch.nn.Module()
    theirs.layers = torch.nn.ModuleList([torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3), torch.nn.LayerNorm(3), inner])
    theirs.load_state_dict(ours.state_dict("torch"))
    before = ours.state_dict()
    ours.load_state_dict(theirs.state_dict())
    assert ours.state_dict() == pytest.approx(before, rel=1e-6)  # PyTorch holds 32 bits
    embedding = nn.Embedding(7, 2, seed=1)
    torch.nn.Embedding(7, 2).load_state_dict(embedding.state_dict("torch"))


def test_every_layer_comes_back() -> None:
    models = [
        nn.Neuron(3, seed=1),
        nn.LSTMCell(2, 3, seed=1),
        nn.Recurrent(nn.GRUCell(2, 3, seed=1)),
        nn.Parallel(nn.Layer(2, 1, seed=1), nn.Layer(2, 2, seed=2)),
    ]
    for model in models:
        state, before = model.state_dict("numpy"), model.state_dict()
        assert sum(array.size for array in state.values()) == len(before)
        for p in model.parameters():
            p.data = 0.0
        model.load_state_dict(state)
        assert model.state_dict() == before


class Odd(nn.Module):
    """Parameters in every kind of structure, one of them twice, beside what is none."""

    def __init__(self) -> None:
        self.one = Value(1.0)
        self.ragged = [[Value(2.0)], [Value(3.0), Value(4.0)]]
        self.named = {"a": Value(5.0), "b": [Value(6.0), Value(7.0)]}
        self.cube = [[[Value(8.0)]]]
        self.again = [self.one, Value(9.0)]
        self.mixed = [Value(10.0), "text"]
        self.text, self.nothing = "text", []
        self.itself = self


def test_any_structure() -> None:
    state = Odd().state_dict("numpy")
    assert {name: array.shape for name, array in state.items()} == {
        "one": (),
        "cube": (1, 1, 1),
        "again": (2,),
        "ragged.0": (1,),
        "ragged.1": (2,),
        "named.a": (),
        "named.b": (2,),
        "mixed.0": (),
    }
    other = Odd()
    other.load_state_dict({name: 2.0 * array for name, array in state.items()})
    assert list(other.state_dict().values()) == [2.0 * x for x in Odd().state_dict().values()]
    with pytest.raises(ValueError, match="again gives one another number than an array before it"):
        other.load_state_dict({**state, "again": np.array([5.0, 9.0])})


def test_a_module_of_single_parameters() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            self.a, self.b = Value(1.0), Value(2.0)

    for library in ("numpy", "jax", "torch"):
        other = Two()
        other.a.data = 5.0
        other.load_state_dict(Two().state_dict(library))
        assert other.state_dict() == {"a": 1.0, "b": 2.0}


def test_no_parameter_is_left_out() -> None:
    """Neurons that differ are not stacked; two arrays of one name are refused."""
    layer = nn.Layer(2, 2, seed=0)
    layer.neurons[1].extra = Value(3.0)  # type: ignore[attr-defined]
    state = layer.state_dict("numpy")
    assert sum(array.size for array in state.values()) == layer.num_parameters
    layer.load_state_dict({name: 2.0 * array for name, array in state.items()})
    assert layer.neurons[1].extra.data == 6.0  # type: ignore[attr-defined]
    layer = nn.Layer(2, 2, seed=0)
    layer.neurons[0].weights = [1.0, 2.0]  # type: ignore[list-item]
    assert sum(array.size for array in layer.state_dict("numpy").values()) == layer.num_parameters == 4

    class Twice(nn.Layer):
        def __init__(self) -> None:
            super().__init__(2, 2, seed=0)
            self.weight = Value(7.0)

    with pytest.raises(ValueError, match="has no place in the arrays: two have the same name"):
        Twice().state_dict("numpy")


def test_containers_that_contain_themselves() -> None:
    class Cycle(nn.Module):
        def __init__(self) -> None:
            self.named: dict[str, Any] = {"a": Value(1.0)}
            self.named["me"] = self.named
            self.listed: list[Any] = [Value(2.0)]
            self.listed.append(self.listed)

    assert {name: float(x) for name, x in Cycle().state_dict("numpy").items()} == {"named.a": 1.0, "listed.0": 2.0}


def test_mistakes() -> None:
    model = nn.MLP(2, [3], seed=1)
    before, state = model.state_dict(), model.state_dict("torch")
    with pytest.raises(ValueError, match="arrays must be of 'numpy', 'jax', 'torch', not 'mxnet'"):
        model.state_dict("mxnet")
    with pytest.raises(ValueError, match=r"layers\.0\.weight has the shape \(3, 2\), not \(2, 3\)"):
        model.load_state_dict({**state, "layers.0.weight": state["layers.0.weight"].T})
    with pytest.raises(ValueError, match=r"arrays must be of .*, not \['numpy'\]"):
        model.state_dict(["numpy"])  # type: ignore[arg-type]
    for wrong in (np.array(["a"] * 3), np.array([1j] * 3), torch.zeros(3, device="meta")):
        with pytest.raises(ValueError, match=r"layers\.0\.bias|parameter"):
            model.load_state_dict({**state, "layers.0.bias": wrong})
    with pytest.raises(ValueError, match=r"missing: layers\.0\.bias"):
        model.load_state_dict({"layers.0.weight": state["layers.0.weight"]})
    with pytest.raises(ValueError, match="must be a finite number"):
        model.load_state_dict({**state, "layers.0.bias": state["layers.0.bias"] * float("nan")})
    assert model.state_dict() == before
