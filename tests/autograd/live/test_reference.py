"""The animation, and what the explorer sends to the page, compared with the files in the folder test_reference."""

from __future__ import annotations

import json

from pytest_regressions.file_regression import FileRegressionFixture
from random_graphs import small_graph
from reference import assert_same_picture

from autograd import Value, animate, explore
from nn import MLP


def test_animation(file_regression: FileRegressionFixture) -> None:
    file_regression.check(animate(small_graph()).svg, extension=".svg", check_fn=assert_same_picture)


def test_explorer(file_regression: FileRegressionFixture) -> None:
    model = MLP(2, [2, 1], activation="tanh", seed=1)
    loss = (model([Value(1.0, "x1"), Value(-2.0, "x2")]) - 1.0) ** 2
    loss.label = "loss"
    text = json.dumps(explore(loss).data(every=True), indent=1)
    file_regression.check(text, extension=".json", check_fn=assert_same_picture)
