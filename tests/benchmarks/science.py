"""Programs that are no neural networks: a Hessian, an orbit, and the price of an option.

    python tests/benchmarks/science.py

Each is written for single numbers, recorded once, replayed over many, and held against numbers found otherwise.
"""

from __future__ import annotations

import math
import statistics
import time
from itertools import pairwise
from typing import Any

from clock import seconds, shown

import numpy as np  # isort: skip

from autograd import Program, Value, erfc, exp, gradients, log, maximum, sqrt

# ------------------------------------------------------------------------------------------- Rosenbrock's Hessian


def rosenbrock(x: Any) -> Any:
    """Source: Rosenbrock, The Computer Journal 3, 1960."""
    return sum(100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(x))


def hessians(dimension: int = 20, points: int = 10_000) -> None:
    """The Hessian at many points, beside the one worked out by hand."""
    x = [Value(0.5, f"x{i}") for i in range(dimension)]
    slopes = gradients(rosenbrock(x), x)
    second = [entry for slope in slopes for entry in gradients(slope, x)]
    program = Program(second, x)
    X = np.random.default_rng(0).uniform(-2.0, 2.0, (dimension, points))
    program(*X[:, :10])
    took = seconds(lambda: program(*X))
    found = np.array(program(*X)).reshape(dimension, dimension, points)
    exact = np.zeros_like(found)
    for i in range(dimension - 1):
        exact[i, i] += 1200.0 * X[i] ** 2 - 400.0 * X[i + 1] + 2.0
        exact[i, i + 1] = exact[i + 1, i] = -400.0 * X[i]
        exact[i + 1, i + 1] += 200.0
    error = np.abs(found - exact).max() / np.abs(exact).max()
    assert error < 1e-12
    print(f"Hessian of Rosenbrock's function in {dimension} dimensions at {points:,} points: {shown(took)}, "
          f"{len(program.plan.instructions)} instructions, largest error {error:.0e}")  # fmt: skip


# ------------------------------------------------------------------------------------------- an orbit, fitted


def orbit(speed: Any, steps: int = 1000, duration: float = 4.0) -> tuple[Any, Any]:
    """Where a body is that starts at (1, 0), upwards, around a sun of mass 1: the classic Runge-Kutta method."""

    def slope(state: tuple[Any, ...]) -> tuple[Any, ...]:
        x, y, u, v = state
        pull = (x * x + y * y) ** -1.5
        return u, v, -x * pull, -y * pull

    def moved(state: tuple[Any, ...], by: tuple[Any, ...], h: float) -> tuple[Any, ...]:
        return tuple(a + h * b for a, b in zip(state, by, strict=True))

    h = duration / steps
    state = (1.0, 0.0, 0.0, speed)
    for _ in range(steps):
        k1 = slope(state)
        k2 = slope(moved(state, k1, h / 2.0))
        k3 = slope(moved(state, k2, h / 2.0))
        k4 = slope(moved(state, k3, h))
        mean = tuple((a + 2.0 * b + 2.0 * c + d) / 6.0 for a, b, c, d in zip(k1, k2, k3, k4, strict=True))
        state = moved(state, mean, h)
    return state[0], state[1]


def fitted_orbits(bodies: int = 100) -> None:
    """The speeds with which bodies come to where others were seen; by gradient descent, for all of them at once."""
    speed, seen_x, seen_y = Value(1.0, "speed"), Value(0.0), Value(0.0)
    x, y = orbit(speed)
    loss = (x - seen_x) ** 2 + (y - seen_y) ** 2
    start = time.perf_counter()
    program = Program([loss, *gradients(loss, [speed])], [speed, seen_x, seen_y])
    compiled = time.perf_counter() - start
    true = np.linspace(0.95, 1.15, bodies)
    there = Program([x, y], [speed])(true)
    found = np.ones(bodies)
    steps, took = 0, []
    while np.abs(found - true).max() > 1e-8 and steps < 200:
        start = time.perf_counter()
        found -= 0.0025 * program(found, *there)[1]
        took.append(time.perf_counter() - start)
        steps += 1
    assert np.abs(found - true).max() < 1e-8
    print(f"orbits of 1,000 steps, {program.scalars:,} nodes: compiled in {shown(compiled)}")
    print(f"replayed for {bodies} bodies in {shown(statistics.median(took))}; all speeds to 8 digits in {steps} steps")


# ------------------------------------------------------------------------------------------- an option and its Greeks


def payoff(normal: Any, spot: Any, volatility: Any, rate: Any) -> Any:
    """What a call with strike 100 pays in a year, discounted, on one path of the price."""
    price = spot * exp(rate - 0.5 * volatility**2 + volatility * normal)
    return exp(-rate) * maximum(price - 100.0, 0.0)


def option(paths: int = 100_000) -> None:
    """A call by Monte Carlo, beside the formula of Black and Scholes (Journal of Political Economy 81, 1973).

    The payoff has a kink, where its slope jumps, and a second derivative path by path does not see the jump.  So gamma
    is the mean of the pathwise delta times the score of the final price, by the likelihood ratio: Glasserman, "Monte
    Carlo Methods in Financial Engineering", 2003, section 7.3.
    """
    spot, volatility, rate = Value(100.0, "spot"), Value(0.2, "volatility"), Value(0.03, "rate")
    z = Value(0.0, "z")
    value = payoff(z, spot, volatility, rate)
    delta, vega, rho = gradients(value, [spot, volatility, rate])
    gamma = delta * (z / (spot * volatility) - 1.0 / spot)
    program = Program([value, delta, vega, rho, gamma], [z])
    normals = np.random.default_rng(0).normal(size=paths // 2)
    both = np.concatenate([normals, -normals])
    program(both[:10])
    took = seconds(lambda: program(both))
    found = [float(column.mean()) for column in program(both)]
    spread = [float(column.std()) / math.sqrt(paths) for column in program(both)]
    closed = black_scholes(spot, volatility, rate)
    exact = [closed.data, *(slope.data for slope in gradients(closed, [spot, volatility, rate]))]
    exact.append(gradients(gradients(closed, [spot])[0], [spot])[0].data)
    print(f"a call by {paths:,} paths with its Greeks: {shown(took)}")
    print(f"{'':>8}{'price':>10}{'delta':>10}{'vega':>10}{'rho':>10}{'gamma':>10}")
    for name, numbers in (("paths", found), ("exact", exact)):
        print(f"{name:>8}" + "".join(f"{number:>10.5f}" for number in numbers))
    assert all(abs(a - b) < 5.0 * error for a, b, error in zip(found, exact, spread, strict=True))


def black_scholes(spot: Any, volatility: Any, rate: Any) -> Any:
    """The closed form, in plain Values: its Greeks of every order are derivatives."""
    d1 = (log(spot / 100.0) + rate + 0.5 * volatility**2) / volatility
    d2 = d1 - volatility
    below = [0.5 * erfc(-d / sqrt(2.0)) for d in (d1, d2)]
    return spot * below[0] - 100.0 * exp(-rate) * below[1]


def main() -> None:
    hessians()
    fitted_orbits()
    option()


if __name__ == "__main__":
    main()
