"""Whole programs as source, compared with those in the folder test_reference.

The same numbers can be computed by much slower code; these files show when the code changes.  After a change on
purpose, ``pytest --force-regen`` writes them anew: read them before you commit them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pytest_regressions.file_regression import FileRegressionFixture

from autograd import Op, Program, Value, exp, log, maximum, pow, scope, sigmoid, sqrt, step, tanh, where
from nn import MLP, losses

rng = random.Random(0)


def values(name: str, count: int) -> list[Value]:
    return [Value(rng.uniform(0.5, 2.0), f"{name}{i}") for i in range(count)]


def matrix(name: str, rows: int, columns: int) -> list[list[Value]]:
    return [values(f"{name}{i}", columns) for i in range(rows)]


def flat(rows: list[list[Value]]) -> list[Value]:
    return [x for row in rows for x in row]


def dot(x: Any, y: Any) -> Any:
    first, *others = (a * b for a, b in zip(x, y, strict=True))
    return sum(others, first)


def network(sizes: list[int], activation: str, loss: Callable[..., Any]) -> Program:
    model = MLP(sizes[0], sizes[1:], activation=activation, seed=1)
    x, t = values("x", sizes[0]), values("t", sizes[-1])
    out = model(x)
    objective = loss(out if isinstance(out, list) else [out], t)
    return Program.value_and_grad(objective, parameters=model.parameters(), inputs=[*x, *t])


def convolution() -> Program:
    image, kernel = matrix("x", 5, 6), matrix("k", 3, 3)
    pooled = []
    for i in range(3):
        row = [dot([v for r in image[i : i + 3] for v in r[j : j + 3]], flat(kernel)) for j in range(4)]
        pooled += [maximum(row[0], row[1]), maximum(row[2], row[3])]
    return Program.value_and_grad(dot(pooled, pooled), parameters=flat(kernel), inputs=flat(image))


def recurrence() -> Program:
    W, U, b = matrix("W", 3, 2), matrix("U", 3, 3), values("b", 3)
    inputs = matrix("x", 4, 2)
    h: list[Any] = [0.0] * 3
    for x in inputs:
        h = [tanh(dot(w, x) + dot(u, h) + c) for w, u, c in zip(W, U, b, strict=True)]
    parameters = [*flat(W), *flat(U), *b]
    return Program.value_and_grad(dot(h, h), parameters=parameters, inputs=flat(inputs))


def attention() -> Program:
    q, k, v = (matrix(name, 4, 3) for name in "qkv")
    out = []
    for i, query in enumerate(q):
        scores = [dot(query, key) / 3.0**0.5 for key in k[: i + 1]]
        weights = losses.softmax(scores)
        out.append([dot(weights, [row[j] for row in v[: i + 1]]) for j in range(3)])
    return Program.value_and_grad(
        sum((y * y for row in out for y in row), 0.0), parameters=[], inputs=flat([*q, *k, *v])
    )


def mixed() -> Program:
    """Operations with constants, choices, powers, and one of the user's."""
    gaussian = Op("gaussian", lambda x: 2.718281828459045 ** (-x * x), (lambda z, x: -2.0 * x * z,))
    x, y, a = values("x", 3), values("y", 3), values("a", 3)
    terms = [where(step(u - v), u * c, sqrt(v) / c) for u, v, c in zip(x, y, a, strict=True)]
    terms += [pow(u, 3.0) - log(v) ** 2 + exp(-u) * c for u, v, c in zip(x, y, a, strict=True)]
    terms += [gaussian(u) for u in x]
    return Program([*terms, sum(terms, 0.0), sigmoid(a[0])], parameters=a, inputs=[*x, *y])


def sums_of_parameters() -> Program:
    """Sums that differ in length: little in A, so that zeros fill them up, and much in B."""
    a, b = values("a", 6), values("b", 40)
    outputs = [dot(a[: i + 3], a[: i + 3]) for i in range(4)]
    outputs += [dot(b[:n], b[:n]) + b[n] for n in (2, 3, 39)]
    return Program(outputs, parameters=[*a, *b], inputs=[])


def scopes() -> Program:
    """Parameters are named after the innermost scope that all of them share."""
    x = values("x", 3)
    with scope("model"), scope("encoder"), scope("gate"):
        w, v = values("w", 3), values("v", 3)
    with scope("model"), scope("decoder"):
        with scope("left"):
            u = values("u", 2)
        with scope("right"):
            u += values("u", 1)
    outputs = [tanh(a * w + b) * c for a, w, b, c in zip(x, w, v, u, strict=True)]
    return Program(outputs, parameters=[*w, *v, *u], inputs=x)


PROGRAMS: dict[str, Callable[[], Program]] = {
    "regression": lambda: network([3, 4, 1], "tanh", losses.mse),
    "classes": lambda: network([2, 5, 3], "relu", lambda out, t: losses.cross_entropy([out], [t])),
    "deep": lambda: network([2, 3, 3, 3, 2], "sigmoid", losses.huber),
    "convolution": convolution,
    "recurrence": recurrence,
    "attention": attention,
    "mixed": mixed,
    "sums_of_parameters": sums_of_parameters,
    "scopes": scopes,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_source(name: str, file_regression: FileRegressionFixture) -> None:
    rng.seed(0)
    program = PROGRAMS[name]()
    samples = np.random.default_rng(0).uniform(0.3, 1.5, (len(program.inputs), 5))
    assert program.verify(*samples) < 1e-12
    file_regression.check(program.source, extension=".txt", basename=name)
