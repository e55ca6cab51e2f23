"""Modules: parameters and their names, saving and loading."""

from __future__ import annotations

import json
import math
import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Value, topological_order
from autograd.picture.diagram import diagram
from nn import MLP, Layer, Module
from nn.module import place, read_model


def test_names_of_parameters() -> None:
    model = MLP(2, [3, 1], seed=0)
    names = [name for name, _ in model.named_parameters()]
    assert names[:3] == ["layers.0.neurons.0.weights.0", "layers.0.neurons.0.weights.1", "layers.0.neurons.0.bias"]
    assert names[-1] == "layers.1.neurons.0.bias"
    assert len(names) == len(set(names)) == model.num_parameters == 3 * 3 + 4


def test_parameters_in_any_container_each_once() -> None:
    class Odd(Module):
        def __init__(self) -> None:
            self.shared = Value(1.0)
            self.again = self.shared
            self.table = {"a": [Value(2.0)], "b": (Layer(1, 1, seed=0),)}
            self.computed = self.shared * 2.0
            self.number = 3.0
            self.me = self

    assert [name for name, _ in Odd().named_parameters()] == [
        "shared",
        "table.a.0",
        "table.b.0.neurons.0.weights.0",
        "table.b.0.neurons.0.bias",
    ]


def test_zero_grad() -> None:
    model = MLP(1, [2, 1], seed=0)
    model([1.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert not any(p.grad for p in model.parameters())


@pytest.mark.parametrize("count", [3, 40])  # called one by one, and replayed
def test_the_types_of_predictions(count: int) -> None:
    class Returns(Module):
        def __init__(self, f: Any) -> None:
            self.f, self.w = f, Value(2.0)

        def __call__(self, x: Any) -> Any:
            return self.f(self.w * x[0])

    X = np.arange(2.0 * count).reshape(count, 2)
    shapes = [(lambda y: y, ()), (lambda y: (y, y), (2,)), (lambda y: [[y, y], [y, 1.0], [y, y]], (3, 2))]
    for f, shape in shapes:
        found = Returns(f).predict(X)
        assert isinstance(found, np.ndarray)
        assert found.shape == (count, *shape)
        assert Returns(f).predict(X.tolist()) == found.tolist()
    for given in (X, X.tolist()):
        with pytest.raises(TypeError, match=r"an output of a module must be .*, not \{"):
            Returns(lambda y: {"y": y}).predict(given)


def test_predict_returns_plain_numbers() -> None:
    model = MLP(2, [3], seed=0)
    (row,) = model.predict([[1.0, 2.0]])
    assert row == [y.data for y in model([1.0, 2.0])]
    assert isinstance(MLP(2, [1], seed=0).predict([[1.0, 2.0]])[0], float)


class Remembers(Module):
    """A recurrent cell that keeps state between calls."""

    def __init__(self) -> None:
        self.w = Value(0.5)
        self.states = {"h": [0.0]}

    def __call__(self, x: float) -> Any:
        self.states["h"][0] = self.states["h"][0] * self.w + x
        return self.states["h"][0]


def test_a_module_with_state_is_not_replayed() -> None:
    with pytest.raises(ValueError, match=r"Remembers changes its attribute 'states.h.0' .*engine='eager'"):
        Remembers().predict([1.0] * 20)
    assert Remembers().predict([1.0] * 20, engine="eager")[:3] == [1.0, 1.5, 1.75]


class Dropout(Module):
    """A random number in each call, but no attribute that a call assigns."""

    def __init__(self) -> None:
        self.rng = random.Random(0)
        self.w = Value(2.0)

    def __call__(self, x: float) -> Any:
        return self.w * (x if self.rng.random() < 0.5 else 0.0)


def test_a_random_module_is_called_for_each_example() -> None:
    assert set(Dropout().predict([1.0] * 50)) == {0.0, 2.0}


class Gives(Module):
    def __init__(self, output: Any) -> None:
        self.output = output

    def __call__(self, x: Any) -> Any:
        return self.output


@pytest.mark.parametrize("engine", ["program", "eager"])
@pytest.mark.parametrize("output", [{"a": 1.0}, "1.0", None, {1.0}])
def test_outputs_that_are_not_numbers(output: Any, engine: str) -> None:
    with pytest.raises(TypeError, match="an output of a module must be a number, a Value, or a list of them, not"):
        Gives(output).predict([1.0] * 20, engine)


def test_arrays_as_outputs() -> None:
    assert Gives(np.array([1.0, Value(2.0)])).predict([0.0]) == [[1.0, 2.0]]


def test_a_module_without_a_call() -> None:
    with pytest.raises(TypeError, match="Module does not define __call__"):
        Module()([1.0])


def test_repr() -> None:
    class Line(Module):
        def __init__(self) -> None:
            self.slope = Value(1.0)

    assert repr(Line()) == "Line(1 parameter)"


def test_saving_and_loading_is_exact(tmp_path: Path) -> None:
    model, other = MLP(2, [3, 1], seed=0), MLP(2, [3, 1], seed=1)
    model.parameters()[0].data = 0.1 + 0.2
    model.parameters()[1].data = 5e-324
    model.save(tmp_path / "model.json", {"note": "ä"})
    other.load(tmp_path / "model.json")
    assert other.state_dict() == model.state_dict()
    assert read_model(tmp_path / "model.json")["about"] == {"note": "ä"}
    assert json.loads((tmp_path / "model.json").read_text())["architecture"] == "MLP(2 -> 3 relu -> 1 linear)"


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_non_finite_parameters_are_not_saved(bad: float, tmp_path: Path) -> None:
    model = MLP(1, [1], seed=0)
    model.save(tmp_path / "model.json")
    before = (tmp_path / "model.json").read_text()
    model.layers[0].neurons[0].bias.data = bad
    with pytest.raises(ValueError, match=r"not saved: 1 parameter\(s\) are not finite.*layers.0.neurons.0.bias = "):
        model.save(tmp_path / "model.json")
    assert (tmp_path / "model.json").read_text() == before


def test_an_interrupted_save_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = MLP(1, [1], seed=0)
    path = model.save(tmp_path / "model.json")
    before = path.read_text()
    model.parameters()[0].data = 7.0

    def fail(*args: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        model.save(path)
    assert path.read_text() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.json"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("layers.0.neurons.0.bias"), "missing: layers.0.neurons.0.bias"),
        (lambda s: s.update(other=1.0), "not in this model: other"),
        (
            lambda s: s.pop("layers.0.neurons.0.weights.1"),
            r"layers.0.neurons.0.weights.\* has 2 entries in this model, but 1 in the state",
        ),
        (
            lambda s: s.update({"layers.0.neurons.0.weights.2": 1.0}),
            r"layers.0.neurons.0.weights.\* has 2 entries in this model, but 3 in the state",
        ),
        (
            lambda s: s.update({"layers.0.neurons.0.bias": "x"}),
            "layers.0.neurons.0.bias' must be a finite number, not 'x'",
        ),
        (lambda s: s.update({"layers.0.neurons.0.bias": True}), "must be a finite number, not True"),
        (lambda s: s.update({"layers.0.neurons.0.bias": math.inf}), "must be a finite number, not inf"),
        (lambda s: s.update({"layers.0.neurons.0.bias": 10**400}), "and not too large for a float"),
        (lambda s: s.clear(), "missing: "),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change: Any, message: str) -> None:
    model, other = MLP(2, [1], seed=0), MLP(2, [1], seed=1)
    state, before = other.state_dict(), model.state_dict()
    change(state)
    with pytest.raises(ValueError, match=message):
        model.load_state_dict(state)
    assert model.state_dict() == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        '{"format": "other"}',
        '{"format": "scalar-backprop model 1"}',
        '{"format": "scalar-backprop model 1", "about": {}, "parameters": {"a": NaN}}',
        "[" * 100_000,
    ],
)
def test_files_that_are_not_models(text: str, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"model\.json is not a saved model"):
        MLP(1, [1]).load(path)


def test_a_file_of_another_architecture(tmp_path: Path) -> None:
    path = MLP(2, [1], seed=0).save(tmp_path / "model.json")
    with pytest.raises(
        ValueError, match=r"model\.json: it was saved from MLP\(2 -> 1 linear\), but this is MLP\(3 -> 1"
    ):
        MLP(3, [1]).load(path)
    with pytest.raises(ValueError, match="this is MLP"):
        MLP(2, [1], output="tanh").load(path)


def test_a_notebook_shows_the_architecture() -> None:
    html = MLP(2, [3, 1], seed=1)._repr_html_()
    assert "layers.0" in html
    assert "Layer(2 -&gt; 3 relu)" in html
    assert "<td>13</td>" in html


def test_modules_nested_to_any_depth() -> None:
    class Box(Module):
        def __init__(self, inner: Any) -> None:
            self.inner = inner

    module: Any = Value(1.0)
    for _ in range(5_000):
        module = Box(module)
    assert module.num_parameters == 1
    assert next(module.named_parameters())[0].count("inner") == 5_000
    place(module)


def test_the_names_of_a_state_must_be_strings() -> None:
    model = MLP(1, [1], seed=0)
    with pytest.raises(ValueError, match=r"parameter names must be strings.* not 3"):
        model.load_state_dict({3: 1.0})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="a state must be a dictionary"):
        model.load_state_dict([1.0])  # type: ignore[arg-type]
    extra = {**model.state_dict(), **{f"extra{i}": 1.0 for i in range(7)}}
    with pytest.raises(ValueError, match=r"not in this model: extra0, extra1, extra2, extra3, extra4 and 2 more$"):
        model.load_state_dict(extra)


class Network(Module):
    """A custom module with two layers, written as in PyTorch."""

    def __init__(self) -> None:
        self.hidden = Layer(2, 3, "tanh", seed=0)
        self.output = Layer(3, 1, "linear", seed=1)

    def __call__(self, x: Any) -> Any:
        return self.output(self.hidden(x))[0]


def test_a_module_is_named_after_the_attribute_that_holds_it() -> None:
    model = Network()
    y = model([1.0, 2.0])
    assert {node.scope.split("/")[0] for node in topological_order(y)} == {"hidden", "output"}
    assert {p.scope for p in model.hidden.parameters()} == {f"hidden/neurons.{i}" for i in range(3)}
    assert {box.title for box in diagram(y, depth=1).boxes if box.kind == "module"} == {"hidden", "output"}


def test_nested_modules_have_names_too() -> None:
    class Twice(Module):
        def __init__(self) -> None:
            self.blocks = {"a": Network(), "b": [Network()]}

        def __call__(self, x: Any) -> Any:
            y = self.blocks["a"](x)
            return self.blocks["b"][0]([y, y])

    model = Twice()
    model.name = "twice"
    y = model([1.0, 2.0])
    scopes = {node.scope for node in topological_order(y)}
    assert "twice/blocks.a/hidden/neurons.0" in scopes
    assert "twice/blocks.b.0/output/neurons.0" in scopes
    assert {p.scope.split("/")[0] for p in model.parameters()} == {"twice"}
    model.name = "other"
    assert model([1.0, 2.0]).scope == "other/blocks.b.0/output/neurons.0"
    assert {p.scope.split("/")[0] for p in model.parameters()} == {"other"}


def test_a_subclass_may_call_its_base_class() -> None:
    class Doubled(Layer):
        def __call__(self, x: Any) -> Any:
            return [2.0 * y for y in super().__call__(x)]

    assert Doubled(1, 1, "linear", seed=0)([1.0])[0].scope == "layer"
    assert {p.scope for p in Doubled(1, 1, seed=0).parameters()} == {""}  # not called yet


def test_a_layer_of_a_network_may_be_called_alone() -> None:
    model = MLP(1, [2, 1], seed=0)
    model([1.0])
    assert model.layers[1]([1.0, 2.0])[0].scope == "layers.1/neurons.0"
    assert {p.scope for p in model.layers[1].parameters()} == {"mlp/layers.1/neurons.0"}
