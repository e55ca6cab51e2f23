"""Initializers: their standard deviations, their bounds, and the default for each activation."""

from __future__ import annotations

import math
import random
import statistics

import pytest

from nn import init


def draws(initialiser: init.Initialiser, fan_in: int = 50, fan_out: int = 30, count: int = 20_000) -> list[float]:
    rng = random.Random(0)
    return [initialiser(rng, fan_in, fan_out) for _ in range(count)]


@pytest.mark.parametrize(
    ("name", "std"),
    [
        ("xavier_uniform", math.sqrt(2 / 80)),
        ("xavier_normal", math.sqrt(2 / 80)),
        ("kaiming_uniform", math.sqrt(2 / 50)),
        ("kaiming_normal", math.sqrt(2 / 50)),
        ("lecun_normal", math.sqrt(1 / 50)),
        ("uniform", math.sqrt(1 / 3)),
        ("normal", 1.0),
        ("zeros", 0.0),
    ],
)
def test_standard_deviations(name: str, std: float) -> None:
    found = draws(init.initialiser(name))
    assert statistics.fmean(found) == pytest.approx(0.0, abs=0.03)
    assert statistics.pstdev(found) == pytest.approx(std, rel=0.03)


def test_bounds_of_uniform_initializers() -> None:
    limit = math.sqrt(6 / 80)
    found = draws(init.xavier_uniform())
    assert limit * 0.99 < max(found) <= limit
    assert max(draws(init.uniform(2.0, 3.0))) <= 3.0
    assert set(draws(init.constant(0.5), count=10)) == {0.5}


def test_gain() -> None:
    assert statistics.pstdev(draws(init.xavier_normal(3.0))) == pytest.approx(3.0 * math.sqrt(2 / 80), rel=0.03)


def test_the_default_suits_the_activation() -> None:
    for activation, name in [("relu", "kaiming_uniform"), ("gelu", "kaiming_uniform"), ("tanh", "xavier_uniform")]:
        assert draws(init.suited_to(activation), count=5) == draws(init.initialiser(name), count=5)


def test_invalid_arguments() -> None:
    with pytest.raises(ValueError, match="low <= high"):
        init.uniform(1.0, 0.0)
    with pytest.raises(ValueError, match="std >= 0"):
        init.normal(0.0, -1.0)
