"""A Program beside NumPy code written by hand: the loss of MLP(2, [16, 16, 1]) and its 337 gradients over a batch.

    python tests/benchmarks/mlp.py

All take turns in one process, on one core.
"""

from __future__ import annotations

import time
from typing import Any

from clock import seconds, shown, side_by_side

import numpy as np  # isort: skip

from autograd import Program, Value, gradients, topological_order
from nn import MLP


def by_hand(weights: list[Any], X: Any, y: Any) -> tuple[Any, ...]:
    """What someone would write who knows backpropagation in matrices."""
    W1, b1, W2, b2, W3, b3 = weights
    h1 = np.tanh(W1 @ X + b1)
    h2 = np.tanh(W2 @ h1 + b2)
    error = W3 @ h2 + b3 - y
    delta3 = 2.0 * error / X.shape[1]
    delta2 = (W3.T @ delta3) * (1.0 - h2 * h2)
    delta1 = (W2.T @ delta2) * (1.0 - h1 * h1)
    slopes = (delta1 @ X.T, delta1.sum(1), delta2 @ h1.T, delta2.sum(1), delta3 @ h2.T, delta3.sum(1))
    return (error * error).mean(), *slopes


def main() -> None:
    model = MLP(2, [16, 16, 1], activation="tanh", seed=1)
    x1, x2, target = Value(0.1), Value(0.2), Value(0.3)
    loss = (model([x1, x2]) - target) ** 2
    nodes = len(topological_order(loss, *gradients(loss, model.parameters())))
    start = time.perf_counter()
    step = Program.value_and_grad(loss, [x1, x2, target], model.parameters())
    compiled = (time.perf_counter() - start) * 1e3
    print(f"{nodes:,} nodes, {len(step.plan.instructions)} instructions, compiled in {compiled:.0f} ms")
    weights: list[Any] = []
    for layer in model.layers:
        weights.append(np.array([[w.data for w in neuron.weights] for neuron in layer.neurons]))
        weights.append(np.array([[neuron.bias.data] for neuron in layer.neurons]))
    print(f"{'batch':>8}{'program':>12}{'by hand':>12}{'ratio':>8}{'eager/program':>16}")
    for batch in (1, 32, 1000, 100_000):
        print(row(model, step, weights, np.random.default_rng(0).normal(size=(3, batch))))


def row(model: MLP, step: Any, weights: list[Any], columns: Any) -> str:
    """The times for one size of batch."""

    def program() -> Any:
        return step(*columns)[0]

    def hand() -> Any:
        return by_hand(weights, columns[:2], columns[2:])[0]

    def eager() -> None:
        for a, b, c in columns[:, :32].T.tolist():  # the rest would take as long, one by one
            ((model([a, b]) - c) ** 2).backward()

    batch = columns.shape[1]
    assert abs(program() - hand()) < 1e-12
    ours, theirs = side_by_side(program, hand, turns=max(5, min(300, 200_000 // batch)))
    slow = seconds(eager) * batch / min(batch, 32)
    return f"{batch:>8,}{shown(ours):>12}{shown(theirs):>12}{ours / theirs:>8.2f}{slow / ours:>15,.0f}x"


if __name__ == "__main__":
    main()
