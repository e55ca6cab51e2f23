"""What ``watch`` shows, compared with the pictures in the folder test_reference."""

from __future__ import annotations

import math
import re

import pytest
from pytest_regressions.file_regression import FileRegressionFixture
from reference import assert_same_picture

import nn
from nn import MLP, data

moons, spiral = data.moons(40, seed=1), data.spiral(45, seed=1, arms=3)
line = [i / 10.0 - 1.5 for i in range(31)]
curve, wave = [[x] for x in line], [math.sin(2.0 * x) for x in line]
TRAININGS = {
    "two_classes": lambda: nn.watch(
        MLP(2, [4, 1], activation="tanh", seed=1), moons.X, moons.y, "binary_cross_entropy", batch_size=20, seed=3
    ),
    "three_classes": lambda: nn.watch(
        MLP(2, [5, 3], activation="relu", seed=2),
        spiral.X,
        spiral.y,
        "cross_entropy",
        batch_size=15,
        seed=3,
        validation=(spiral.X[:9], spiral.y[:9]),
    ),
    "a_curve": lambda: nn.watch(MLP(1, [4, 1], activation="tanh", seed=1), curve, wave, "mse", seed=3),
    "two_curves": lambda: nn.watch(
        MLP(1, [3, 2], activation="tanh", seed=1), curve, [[y, -y] for y in wave], "mae", seed=3
    ),
    "four_inputs": lambda: nn.watch(MLP(4, [3, 3], seed=1), data.iris().X, data.iris().y, "cross_entropy", seed=3),
    "numbers_from_three_inputs": lambda: nn.watch(
        MLP(3, [2, 1], seed=1), [[x, x * x, 1.0] for x in line], wave, "mse", seed=3
    ),
}


@pytest.mark.parametrize("name", TRAININGS)
def test_training(name: str, file_regression: FileRegressionFixture) -> None:
    training = TRAININGS[name]()
    for _ in range(4):
        training.step()
    svg = re.sub(r"base64,[^\"')]+", "base64,", training.svg)  # the compressed bytes depend on zlib
    file_regression.check(svg, extension=".svg", basename=name, check_fn=assert_same_picture)
