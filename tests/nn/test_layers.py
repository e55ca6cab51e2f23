"""Neurons, layers and networks."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from autograd import Value, check_grads, topological_order
from autograd.picture.diagram import diagram
from nn import ACTIVATIONS, MLP, Layer, Neuron, Sequential


def test_a_neuron_is_a_weighted_sum() -> None:
    neuron = Neuron(2, activation="tanh", seed=0)
    neuron.weights[0].data, neuron.weights[1].data, neuron.bias.data = -3.0, 1.0, 6.8813735870195432
    y = neuron([2.0, 0.0])
    y.backward()
    assert y.data == pytest.approx(math.sqrt(0.5))
    assert [w.grad for w in neuron.weights] == pytest.approx([1.0, 0.0])
    assert neuron.w is neuron.weights
    assert neuron.b is neuron.bias


def test_micrograd_usage() -> None:
    model = MLP(3, [4, 4, 1])
    y = model([2.0, 3.0, -1.0])
    assert isinstance(y, Value)
    assert len(model.parameters()) == 41
    assert len(MLP(3, [4, 2])([2.0, 3.0, -1.0])) == 2


def test_a_layer_of_width_one_in_the_middle() -> None:
    y = MLP(2, [1, 1, 3], seed=0)([1.0, 2.0])
    assert len(y) == 3


@pytest.mark.parametrize(
    "x",
    [
        [1.0, 2.0],
        (1.0, 2.0),
        np.array([1.0, 2.0]),
        np.array([1, 2]),
        [Value(1.0), Value(2.0)],
        np.array([Value(1.0), 2]),
    ],
)
def test_kinds_of_inputs(x: Any) -> None:
    assert MLP(2, [3, 1], seed=0)(x).data == MLP(2, [3, 1], seed=0)([1.0, 2.0]).data


@pytest.mark.parametrize("model", [Neuron(2), Layer(2, 3), MLP(2, [3])])
def test_inputs_that_do_not_fit(model: Any) -> None:
    with pytest.raises(ValueError, match=r"takes 2 input\(s\), 3 given"):
        model([1.0, 2.0, 3.0])
    for bad in (1.0, "ab", b"ab", Value(1.0), None, {"a": 1.0, "b": 2.0}, {1.0, 2.0}):
        with pytest.raises(TypeError, match=r"takes a list, tuple or row of 2 number\(s\)"):
            model(bad)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_of_every_activation(activation: str) -> None:
    model = MLP(2, [3, 1], activation=activation, output=activation, seed=3)
    assert activation in repr(model)
    check_grads(model([0.3, -0.8]))


def test_a_custom_activation() -> None:
    def double(x: Any) -> Any:
        return 2.0 * x

    model = MLP(1, [1, 1], activation=double, seed=0)
    assert "double" in repr(model)
    assert model([1.0]).data == pytest.approx(
        2.0 * model.layers[0].neurons[0].weights[0].data * model.layers[1].neurons[0].weights[0].data
    )


def test_seeds() -> None:
    assert MLP(2, [3], seed=1).state_dict() == MLP(2, [3], seed=1).state_dict()
    assert MLP(2, [3], seed=1).state_dict() != MLP(2, [3], seed=2).state_dict()
    random.seed(1337)
    first = MLP(2, [3]).state_dict()
    random.seed(1337)
    assert MLP(2, [3]).state_dict() == first


def test_scopes_and_labels() -> None:
    model = MLP(1, [2, 1], seed=0)
    y = model([Value(1.0, "x")])
    scopes = {node.scope for node in topological_order(y)}
    assert scopes == {"", "mlp/layers.0/neurons.0", "mlp/layers.0/neurons.1", "mlp/layers.1/neurons.0"}
    assert Neuron(1, seed=0)([1.0]).scope == "neuron"
    assert Layer(1, 1, seed=0)([1.0])[0].scope == "layer/neurons.0"
    assert {node.label for node in topological_order(y) if node.op is None} == {"x", "w0", "w1", "b"}


def test_two_networks_in_one_graph() -> None:
    first, second = MLP(1, [2, 1], seed=0, name="encoder"), MLP(1, [2, 1], seed=1, name="decoder")
    y = second([first([Value(1.0, "x")])])
    assert {box.title for box in diagram(y, depth=1).boxes if box.kind == "module"} == {"encoder", "decoder"}


def test_networks_of_networks() -> None:
    assert Sequential(MLP(2, [3, 1], seed=0), Layer(1, 2, seed=0))([1.0, 2.0])[1].scope == "network/layers.1/neurons.1"
    with pytest.raises(ValueError, match=r"layer 0 gives 3 output\(s\), but layer 1 takes 4"):
        Sequential(MLP(2, [3]), Layer(4, 1))


def test_sequential_of_separate_layers() -> None:
    model = Sequential(Layer(2, 3, "tanh", seed=0), lambda x: [v * 2.0 for v in x], Layer(3, 1, "linear", seed=1))
    y = model([1.0, 2.0])
    assert {node.scope for node in topological_order(y)} >= {
        "network/layers.0/neurons.2",
        "network",
        "network/layers.2/neurons.0",
    }
    assert repr(model) == "Sequential(2 -> 3 tanh -> <lambda> -> 1 linear)"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Sequential(Layer(2, 3), Layer(4, 1)), r"layer 0 gives 3 output\(s\), but layer 1 takes 4"),
        (lambda: Sequential(), "at least one layer"),
        (lambda: MLP(2, []), r"list the number of neurons in each layer.*got \[\]"),
        (lambda: MLP(2, 3), "list the number of neurons in each layer.*got 3"),
        (lambda: MLP(0, [1]), "number of inputs must be a positive integer, not 0"),
        (lambda: MLP(2, [1.5]), "number of neurons must be a positive integer, not 1.5"),
        (lambda: Neuron(2, "tangens"), "no activation 'tangens'; choose from linear, relu"),
        (lambda: Neuron(2, init="random"), "no initializer 'random'; choose from zeros"),
    ],
)
def test_invalid_networks(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_wrong_types() -> None:
    with pytest.raises(TypeError, match="an activation must be a name or a function, not 3"):
        Neuron(2, 3)
    with pytest.raises(TypeError, match="an initializer must be a name or a function, not 3"):
        Neuron(2, init=3)
