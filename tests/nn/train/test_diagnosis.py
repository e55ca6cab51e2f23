"""The layer report, compared with the gradients in the graph."""

from __future__ import annotations

import math
from typing import Any

import pytest

import nn
from autograd import Value
from nn import MLP, layer_report, mse
from nn.train.diagnosis import rms


def batch_loss(model: MLP, count: int = 5, nin: int = 2) -> Value:
    xs = [[math.sin(7.0 * i + j) for j in range(nin)] for i in range(count)]
    loss: Value = mse([model(x) for x in xs], [math.cos(i) for i in range(count)])
    return loss


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "gelu"])
def test_the_report_matches_the_graph(activation: str) -> None:
    model = MLP(2, [4, 3, 1], activation=activation, seed=1)
    loss = batch_loss(model)
    report = layer_report(model, loss, lr=0.1)
    assert [(row.layer, row.units, row.activation) for row in report] == [
        ("layers.0", 4, activation),
        ("layers.1", 3, activation),
        ("layers.2", 1, "linear"),
    ]
    assert all(p._grad is None for p in model.parameters())
    loss.backward()
    for row, layer in zip(report, model.layers, strict=True):
        weights = [w for neuron in layer.neurons for w in neuron.weights]
        assert row.weight_gradient == pytest.approx(rms(w.grad for w in weights), rel=1e-12)
        assert row.update_ratio == pytest.approx(0.1 * row.weight_gradient / rms(w.data for w in weights), rel=1e-12)
        # The gradient of a bias is the sum of the deltas of its unit.
        assert row.delta > 0.0 or all(neuron.bias.grad == 0.0 for neuron in layer.neurons)


def test_outputs_and_deltas_by_hand() -> None:
    model = MLP(1, [2, 1], activation="tanh", seed=1)
    for p, number in zip(model.parameters(), [0.5, 0.0, -1.0, 0.25, 2.0, 1.0, 0.0], strict=True):
        p.data = number
    x, y = 0.8, 0.3
    h = [math.tanh(0.5 * x), math.tanh(-x + 0.25)]
    error = 2.0 * h[0] + h[1] - y
    first, last = layer_report(model, (model([x]) - y) ** 2)
    assert first.mean == pytest.approx(sum(h) / 2.0, rel=1e-14)
    assert first.spread == pytest.approx(abs(h[0] - h[1]) / 2.0, rel=1e-13)
    deltas = [2.0 * error * w * (1.0 - a * a) for w, a in zip((2.0, 1.0), h, strict=True)]
    assert first.delta == pytest.approx(rms(deltas), rel=1e-13)
    assert last.delta == pytest.approx(abs(2.0 * error), rel=1e-13)


def test_saturated_and_dead_units() -> None:
    model = MLP(1, [3, 1], activation="tanh", seed=1)
    for neuron, bias in zip(model.layers[0].neurons, (0.0, 5.0, -5.0), strict=True):
        neuron.bias.data = bias
    row = layer_report(model, batch_loss(model, nin=1))[0]
    assert row.saturated == pytest.approx(2.0 / 3.0)
    assert row.dead == 0.0
    model = MLP(1, [4, 1], activation="relu", seed=1)
    for neuron, bias in zip(model.layers[0].neurons, (9.0, 9.0, 9.0, -9.0), strict=True):
        neuron.bias.data = bias
    row = layer_report(model, batch_loss(model, nin=1))[0]
    assert (row.saturated, row.dead) == (0.25, 0.25)


def test_delta_vanishes_through_sigmoids_and_not_through_tanh() -> None:
    """Ten hidden layers of width 8, Glorot initialization: a factor of 0.22 per layer for sigmoid, 0.88 for tanh."""
    per_layer = {}
    for activation in ("sigmoid", "tanh"):
        rates = []
        for seed in range(10):
            model = MLP(8, [8] * 10 + [1], activation=activation, init="xavier_uniform", seed=seed)
            report = layer_report(model, batch_loss(model, count=4, nin=8))
            rates.append(math.log(report[0].delta / report[9].delta) / 9.0)
        per_layer[activation] = math.exp(sum(rates) / len(rates))
    assert per_layer["sigmoid"] == pytest.approx(0.222, rel=0.15)
    assert per_layer["tanh"] == pytest.approx(0.876, rel=0.15)


def test_the_report_as_text_html_and_chart() -> None:
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    report = layer_report(model, batch_loss(model))
    lines = str(report).splitlines()
    assert len(lines) == 3
    assert "update ratio" in lines[0]
    assert ">layers.1</td>" in report._repr_html_()
    assert report.plot().png().startswith(b"\x89PNG")


def test_wrong_arguments() -> None:
    model: Any = MLP(2, [3, 1], seed=1)
    with pytest.raises(TypeError, match="the loss must be a Value"):
        layer_report(model, 1.0)
    with pytest.raises(ValueError, match="the loss was not computed by this model"):
        layer_report(MLP(2, [3, 1], seed=1, name="other"), batch_loss(model))
    with pytest.raises(ValueError, match=r"not made of nn\.Layer"):
        layer_report(nn.Neuron(2), Value(1.0) * 2.0)
