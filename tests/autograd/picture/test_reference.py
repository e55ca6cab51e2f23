"""Whole pictures, compared with those in the folder test_reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_regressions.file_regression import FileRegressionFixture
from random_graphs import random_graph
from reference import assert_same_picture

from autograd import Picture, Value, draw, explain, scope, tanh
from nn import MLP


def neuron(**options: Any) -> Picture:
    x, w, b = Value(2.0, "x"), Value(-3.0, "w"), Value(6.5, "b")
    y = tanh(x * w + b)
    y.label = "y"
    y.backward()
    return draw(y, **options)


def network(**options: Any) -> Picture:
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    loss = (model([Value(1.0, "x1"), Value(-2.0, "x2")]) - 0.5) ** 2
    loss.label = "loss"
    loss.backward()
    return draw(loss, **options)


def shared() -> Picture:
    a, b = Value(2.0, "a"), Value(-1.0, "b")
    L = (a * b + a) * (a - b) + a
    L.label = "L"
    L.backward()
    return draw(L, partials=True)


def paths() -> Picture:
    a, b = Value(2.0, "a"), Value(-1.0, "b")
    L = (a * b + a) * (a - b) + a
    L.label = "L"
    return draw(L, paths=explain(L, a))


def wide() -> Picture:
    """A sum of many terms, numbers of all lengths, a large number of readers and a label that is too long."""
    xs = [Value(3.0**i * 1e-6, f"x{i}") for i in range(12)]
    y = sum((x * xs[0] for x in xs), Value(0.0, "a label that is much longer than any box would be"))
    return draw(y)


def nested() -> Picture:
    x = Value(0.5, "x")
    with scope("outer"):
        y = x * 2.0
        with scope("inner"):
            z = tanh(y) + x
        w = z * y
    return draw(w - x, partials=True)


PICTURES: dict[str, Callable[[], Picture]] = {
    "neuron": lambda: neuron(partials=True),
    "neuron_from_the_right": lambda: neuron(direction="RL", values=False),
    "neuron_downwards": lambda: neuron(direction="TB", partials=True),
    "neuron_upwards": lambda: neuron(direction="BT", gradients=False),
    "network": lambda: network(max_nodes=None),
    "network_downwards": lambda: network(max_nodes=None, direction="TB", partials=True),
    "network_of_layers": lambda: network(depth=2),
    "network_as_one_box": lambda: network(depth=1),
    "network_folded": lambda: network(max_nodes=None, fold=True, partials=True),
    "network_with_flow": lambda: network(depth=3, flow=True),
    "paths": paths,
    "network_with_heat": lambda: network(max_nodes=None, fold=True, flow=True, heat=True),
    "network_that_fits": lambda: network(),
    "shared": shared,
    "wide": wide,
    "nested": nested,
    "random": lambda: draw(random_graph(4, 40)[0]),
    "random_downwards": lambda: draw(random_graph(11, 30)[0], "TB"),
    "leaf": lambda: draw(Value(2.0, "alone")),
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, file_regression: FileRegressionFixture) -> None:
    file_regression.check(PICTURES[name]().svg, extension=".svg", basename=name, check_fn=assert_same_picture)


def test_dot(file_regression: FileRegressionFixture) -> None:
    file_regression.check(network(max_nodes=None).source, extension=".gv", check_fn=assert_same_picture)
