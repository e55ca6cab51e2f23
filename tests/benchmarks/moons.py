"""One step of micrograd's demonstration: 100 moons, MLP(2, [16, 16, 1]), hinge loss, L2 on all parameters, SGD.

    python tests/benchmarks/moons.py

The step by eager scalars, by their replay, and, where torch is installed, by its matrices, in turns on one core.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clock import shown, side_by_side

import numpy as np  # isort: skip

from autograd import Program, Value, relu
from nn import MLP, data, l2

ALPHA, RATE = 1e-4, 0.1
MOONS = data.moons(100, noise=0.1, seed=1)
SIGNS = [2 * y - 1 for y in MOONS.y]


def eager_step(model: MLP) -> float:
    """As in the demonstration."""
    scores = [model(x) for x in MOONS.X]
    losses = [relu(1.0 - y * score) for y, score in zip(SIGNS, scores, strict=True)]
    total = sum(losses) / len(losses) + ALPHA * l2(model.parameters())
    model.zero_grad()
    total.backward()
    for p in model.parameters():
        p.data -= RATE * p.grad
    return total.data


def program_step(model: MLP) -> Callable[[], float]:
    """The same, recorded for one example and replayed over all."""
    x1, x2, y = Value(0.0, "x1"), Value(0.0, "x2"), Value(1.0, "y")
    loss = relu(1.0 - y * model([x1, x2])) + ALPHA * l2(model.parameters())
    parameters = model.parameters()
    program = Program.value_and_grad(loss, [x1, x2, y], parameters)
    columns = [*np.array(MOONS.X).T, np.array(SIGNS, dtype=float)]

    numbers = np.array([p.data for p in parameters])

    def step() -> float:
        value, gradient = program(*columns, parameters=numbers)
        np.subtract(numbers, RATE * gradient, numbers)
        return float(value)

    return step


def torch_step(model: MLP) -> Callable[[], Any] | None:
    """The same in PyTorch; None where it is not installed."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    X = torch.tensor(MOONS.X, dtype=torch.float64)
    y = torch.tensor(SIGNS, dtype=torch.float64)
    W = [
        torch.tensor([[w.data for w in n.weights] for n in layer.neurons], dtype=torch.float64)
        for layer in model.layers
    ]
    b = [torch.tensor([n.bias.data for n in layer.neurons], dtype=torch.float64) for layer in model.layers]
    parameters = [p.requires_grad_(True) for p in (*W, *b)]
    sgd = torch.optim.SGD(parameters, lr=RATE)

    def step() -> Any:
        h = (X @ W[0].T + b[0]).relu()
        h = (h @ W[1].T + b[1]).relu()
        score = (h @ W[2].T + b[2])[:, 0]
        loss = (1.0 - y * score).relu().mean() + ALPHA * sum((p * p).sum() for p in parameters)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        return loss.item()

    return step


def main() -> None:
    models = [MLP(2, [16, 16, 1], seed=1337) for _ in range(2)]
    replayed, torch = program_step(models[0]), torch_step(models[0])
    first = replayed(), eager_step(models[1]), torch() if torch else None
    assert all(loss is None or abs(loss - first[0]) < 1e-9 for loss in first), first
    times = side_by_side(replayed, lambda: eager_step(models[1]), *([torch] if torch else []), turns=9)
    print(f"one step over 100 moons, replayed: {shown(times[0])}")
    print(f"by eager scalars: {shown(times[1])}, {times[1] / times[0]:,.0f} times as long")
    if torch:
        (ours, theirs) = side_by_side(replayed, torch, turns=300)
        print(f"in torch's matrices: {shown(theirs)}, {theirs / ours:.2f} times as long as the replay, {shown(ours)}")
    else:
        print("torch is not installed: no comparison with it")


if __name__ == "__main__":
    main()
