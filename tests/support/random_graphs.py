"""Random graphs for properties that hold for all graphs."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Program, Value, arctan, dot, exp, maximum, sigmoid, sin, softplus, tanh, topological_order


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


def random_sums(seed: int) -> tuple[list[Any], list[Value], list[Value]]:
    """Sums of many kinds of terms, a grid of them: rows, columns and cells of arrays, matrix products; and the leaves.

    Each kind of term alone is laid out in a way of its own; here they meet in one sum.
    """
    rng = random.Random(seed)
    rows, columns, inner = rng.randint(1, 4), rng.randint(1, 4), rng.randint(1, 7)
    x = [Value(rng.uniform(-1.0, 1.0), f"x{i}") for i in range(8)]
    w = [Value(rng.uniform(-1.0, 1.0), f"w{i}") for i in range(8)]

    def numbers(count: int) -> list[Any]:
        leaves = rng.choice([x, x, x, w])
        return [sin(rng.choice(leaves) * rng.uniform(0.5, 2.0)) for _ in range(count)]

    row, column, cell, all_cells = (numbers(n) for n in (rows, columns, rows * columns, inner))
    left, right = numbers(rows * inner), numbers(inner * columns)

    def terms(kind: int, i: int, j: int) -> list[Any]:
        ways: list[Callable[[], list[Any]]] = [
            lambda: [row[i]],
            lambda: [column[j]],
            lambda: [cell[i * columns + j]],
            lambda: all_cells,
            lambda: [row[i] * column[j]],
            lambda: [left[i * inner + k] * right[k * columns + j] for k in range(inner)],
            lambda: left[i * inner : (i + 1) * inner],
            lambda: [w[k] * all_cells[k] for k in range(inner)],
            lambda: [w[i] * column[j]],
            lambda: [w[i]],
        ]
        return ways[kind]()

    kinds = [(rng.randrange(10), rng.random() < 0.4) for _ in range(rng.randint(1, 4))]
    outputs: list[Any] = []
    for i, j in itertools.product(range(rows), range(columns)):
        y: Any = 0.0
        for kind, negative in kinds:
            for term in terms(kind, i, j):
                y = y - term if negative else y + term
        outputs.append(y)
    return outputs, x, w


def random_triangle(seed: int) -> tuple[list[Any], list[Value]]:
    """Sums over all positions before each, or after each, as in causal attention; and the leaves."""
    rng = random.Random(seed)
    count, width = rng.randint(2, 7), rng.randint(1, 4)
    x = [[Value(rng.uniform(-1.0, 1.0), f"x{i}{j}") for j in range(width)] for i in range(count)]
    q, k, v = ([[sin(a * weight) for a in row] for row in x] for weight in (0.5, 1.5, 2.5))
    after, turned, normed, negative = (rng.random() < 0.5 for _ in range(4))
    outputs: list[Any] = []
    for i in range(count):
        there = range(i, count) if after else range(i + 1)
        shares = [dot(q[i], k[j]) for j in there]
        if normed:
            powers = [exp(a) for a in shares]
            shares = [a / dot(powers, [1.0] * len(powers)) for a in powers]
        for column in range(width):
            values = [v[j][column] for j in there]
            y = dot(values, shares) if turned else dot(shares, values)
            outputs.append(x[i][column] - y if negative else y)
    leaves = [a for row in x for a in row]
    return outputs, leaves


def random_step(seed: int) -> tuple[Any, Any, Any]:
    """A program for the gradient of a random graph with random options, a batch, and the numbers of the parameters."""
    rng, numbers = random.Random(seed), np.random.default_rng(seed)
    y, leaves = random_graph(seed)
    order = topological_order(y)
    leaves = [x for x in leaves if x in order]
    count = rng.randint(1, len(leaves))
    inputs, parameters = leaves[:count], leaves[count:]
    options: dict[str, Any] = {"reduction": rng.choice(["mean", "sum"])}
    batch = numbers.normal(size=(count, rng.choice([1, 2, 5])))
    if rng.random() < 0.5:
        options["weight"] = Value(1.0, "weight")
        inputs.append(options["weight"])
        batch = np.concatenate([batch, numbers.uniform(0.1, 2.0, (1, batch.shape[1]))])
    if parameters and rng.random() < 0.5:
        options["plus"] = 0.1 * sum((w * w for w in parameters), Value(0.0))
    if rng.random() < 0.5:
        options["outputs"] = rng.sample([x for x in order if x.op], min(2, len(order) - len(leaves)))
    program = Program.value_and_grad(y, inputs, parameters, **options)
    return program, batch, numbers.normal(size=len(parameters))


def small_graph() -> Value:
    """Seven nodes, in which a has two paths to L."""
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    c = a * b
    c.label = "c"
    L = (c + 7.0).tanh() + a**2
    L.label = "L"
    return L
