"""Random graphs for properties that hold for all graphs."""

from __future__ import annotations

import random

from autograd import Value, arctan, maximum, sigmoid, sin, softplus, tanh


def random_graph(seed: int, size: int = 25) -> tuple[Value, list[Value]]:
    """A smooth graph with shared nodes and constants, and its leaves."""
    rng = random.Random(seed)
    leaves = [Value(rng.uniform(-2.0, 2.0), f"x{i}") for i in range(rng.randint(1, 4))]
    nodes = list(leaves)
    for _ in range(rng.randint(1, size)):
        x, y = rng.choice(nodes), rng.choice(nodes)
        nodes.append(
            rng.choice(
                [
                    lambda x=x, y=y: x + y,
                    lambda x=x, y=y: x - y,
                    lambda x=x, y=y: tanh(x) * y,
                    lambda x=x, y=y: x / (2.0 + y * y),
                    lambda x=x, y=y: 0.5 * x,
                    lambda x=x, y=y: 1.0 - x,
                    lambda x=x, y=y: sin(x),
                    lambda x=x, y=y: sigmoid(x),
                    lambda x=x, y=y: softplus(x),
                    lambda x=x, y=y: arctan(x) ** 2,
                    lambda x=x, y=y: maximum(x, y - 0.123),
                ]
            )()
        )
    return sum(nodes[-3:], Value(0.0)) * 1.0, leaves


def small_graph() -> Value:
    """Seven nodes, in which a has two paths to L."""
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    c = a * b
    c.label = "c"
    L = (c + 7.0).tanh() + a**2
    L.label = "L"
    return L
