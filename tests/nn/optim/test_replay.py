"""An optimizer's rule, recorded once and replayed over all parameters, beside eager steps: the same to the last bit."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from autograd import Value, sign, step, topological_order, where
from autograd.engine.graph import evaluate
from nn import SGD, Adagrad, Adam, AdamW, RMSprop
from nn.optim import Optimizer
from nn.optim.replay import ReplayedRule
from nn.optim.rules import update_rule


class Lion(Optimizer):
    """Chen et al., "Symbolic discovery of optimization algorithms", 2023."""

    betas: tuple[float, float]

    def rule(self, p: Any, g: Any, lr: Any, t: Any, mean: Any) -> tuple[Any, Any]:
        b1, b2 = self.betas
        return p - lr * sign(b1 * mean + (1.0 - b1) * g), b2 * mean + (1.0 - b2) * g


class Rprop(Optimizer):
    """Riedmiller, Braun, "A direct adaptive method for faster backpropagation learning", 1993; without backtracking."""

    def rule(self, p: Any, g: Any, lr: Any, t: Any, size: Any, before: Any) -> tuple[Any, ...]:
        grown = where(step(g * before), 1.2 * size, where(step(-g * before), 0.5 * size, size))
        size = where(step(t - 1.5), grown, lr)
        return p - size * sign(g), size, g


class Plain(Optimizer):
    """Without a state, and with a learning rate that the rule itself lets decay."""

    def rule(self, p: Any, g: Any, lr: Any, t: Any) -> Any:
        return p - lr / (1.0 + 0.1 * t) * g


MAKERS: list[Any] = [
    lambda p: SGD(p, lr=0.3),
    lambda p: SGD(p, lr=0.3, momentum=0.9, nesterov=True, weight_decay=0.1),
    lambda p: SGD(p, lr=0.3, momentum=0.9, clip_value=0.2, weight_decay=0.1),
    lambda p: Adagrad(p, lr=0.1, weight_decay=0.1),
    lambda p: RMSprop(p, lr=0.01, momentum=0.5, weight_decay=0.01, clip_value=1),
    lambda p: Adam(p, lr=lambda step: 0.1 / (1 + step)),
    lambda p: Adam(p, lr=0.05, betas=(0.8, 0.95), weight_decay=0.1),
    lambda p: AdamW(p, lr=0.05, weight_decay=0.1),
    lambda p: Lion(p, lr=0.01, betas=(0.9, 0.99)),
    lambda p: Rprop(p, lr=0.01),
    lambda p: Plain(p, lr=0.1),
]


def steps(make: Any, count: int, gradients: list[list[float]]) -> tuple[list[float], Any]:
    """The parameters and the state after eager steps."""
    rng = random.Random(0)
    parameters = [Value(rng.gauss(0.0, 1.0)) for _ in range(count)]
    optimizer = make(parameters)
    for row in gradients:
        for parameter, g in zip(parameters, row, strict=True):
            parameter.grad = g
        optimizer.step()
    return [p.data for p in parameters], optimizer.state


def replayed_steps(make: Any, count: int, gradients: list[list[float]]) -> tuple[list[float], Any]:
    """The same from replays."""
    rng = random.Random(0)
    optimizer = make([Value(rng.gauss(0.0, 1.0)) for _ in range(count)])
    rule = ReplayedRule(optimizer)
    numbers = np.array([p.data for p in optimizer.parameters])
    state = [np.zeros(count) for _ in optimizer.state_names]
    for number, row in enumerate(gradients, start=1):
        rate = optimizer.lr(number - 1) if callable(optimizer.lr) else optimizer.lr
        numbers, state = rule(numbers, np.array(row), rate, number, state)
    return numbers.tolist(), {name: x.tolist() for name, x in zip(optimizer.state_names, state, strict=True)}


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("count", [1, 7, 3_000])
def test_replayed_steps_are_the_eager_steps_bit_for_bit(make: Any, count: int) -> None:
    rng = random.Random(1)
    gradients = [[rng.choice((0.0, rng.gauss(0.0, 1.0), 1e-9)) for _ in range(count)] for _ in range(25)]
    assert replayed_steps(make, count, gradients) == steps(make, count, gradients)


def test_clipping_by_the_norm_differs_in_the_last_digits_only() -> None:
    rng = random.Random(2)
    gradients = [[rng.gauss(0.0, 1.0) for _ in range(500)] for _ in range(20)]

    def make(p: list[Value]) -> Optimizer:
        return Adam(p, lr=0.1, clip_norm=0.5)

    ours, eager = replayed_steps(make, 500, gradients)[0], steps(make, 500, gradients)[0]
    assert ours == pytest.approx(eager, rel=1e-12)
    p, q = Value(0.0), Value(0.0)
    p.grad, q.grad = 3.0, -4.0
    optimizer = SGD([p, q], lr=1.0, clip_norm=1.0)
    optimizer.step()
    assert (p.data, q.data) == pytest.approx((-0.6, 0.8))
    p.grad = math.inf
    with pytest.raises(ArithmeticError, match="cannot be clipped: their norm is inf"):
        optimizer.step()
    with pytest.raises(ArithmeticError, match="cannot be clipped: their norm is nan"):
        ReplayedRule(optimizer)(np.zeros(2), np.array([1.0, math.nan]), 1.0, 1, [np.zeros(2)])


def test_other_hyperparameters_do_not_fit() -> None:
    optimizer = Adam([Value(1.0)])
    rule = ReplayedRule(optimizer)
    optimizer.lr = 0.5
    assert rule.fits(optimizer)
    optimizer.betas = (0.5, 0.5)
    assert not rule.fits(optimizer)


@pytest.mark.parametrize("decay", [False, True])
@pytest.mark.parametrize("make", MAKERS)
def test_the_graph_of_a_rule(make: Any, decay: bool) -> None:
    p = Value(0.5)
    optimizer = make([p])
    rule = update_rule(optimizer, decay)
    assert [x.label for x in rule.inputs] == ["p", "g", "lr", *["decay"] * decay, "t", *optimizer.state_names]
    order = topological_order(*rule.outputs)
    number, state = p.data, [0.0] * len(optimizer.state_names)
    for count, gradient in enumerate([0.3, -1.2, 0.7, 2.5, 0.0], start=1):
        p.grad = gradient
        rate = optimizer.rate
        optimizer.step()
        given = [number, gradient, rate, *[optimizer.weight_decay] * decay, float(count), *state]
        found = evaluate(order, dict(zip(rule.inputs, given, strict=True)))
        number, *state = (found[y] for y in rule.outputs)
        assert number == p.data
        assert state == [column[0] for column in optimizer.state.values()]


def test_rules_that_cannot_be_replayed_are_refused() -> None:
    class Branches(Optimizer):
        def rule(self, p: Any, g: Any, lr: Any, t: Any) -> Any:
            return p - lr * g if g > 0.0 else p

    class Guesses(Optimizer):
        def rule(self, p: Any, g: Any, lr: Any, t: Any) -> Any:
            return p - lr * g * random.random()

    class Counts(Optimizer):
        calls = 0.0

        def rule(self, p: Any, g: Any, lr: Any, t: Any) -> Any:
            type(self).calls += 1.0
            return p - lr * g / self.calls

    class Forgets(Optimizer):
        def rule(self, p: Any, g: Any, lr: Any, t: Any, kept: Any) -> Any:
            return p - lr * g

    p = [Value(1.0)]
    with pytest.raises(TypeError, match="cannot replay a branch"):
        ReplayedRule(Branches(p, lr=0.1))
    for kind in (Guesses, Counts):
        with pytest.raises(ValueError, match=f"the rule of {kind.__name__} cannot be replayed"):
            ReplayedRule(kind(p, lr=0.1))
    with pytest.raises(TypeError, match=r"must return the new p and 1 number\(s\) of its state, not 1 number"):
        ReplayedRule(Forgets(p, lr=0.1))
    with pytest.raises(TypeError, match=r"Bad\.rule must take self, p, g, lr, t and its state, not self, p"):

        class Bad(Optimizer):
            def rule(self, p: Any) -> Any:
                return p

    with pytest.raises(TypeError, match="Optimizer needs a method rule"):
        Optimizer(p, lr=0.1)
