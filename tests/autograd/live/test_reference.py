"""The animation, and what the explorer sends to the page, compared with the files in the folder test_reference."""

from __future__ import annotations

import json

from pytest_regressions.file_regression import FileRegressionFixture
from random_graphs import small_graph
from reference import assert_same_picture

from autograd import Value, animate, explore, scope, tanh


def test_animation(file_regression: FileRegressionFixture) -> None:
    file_regression.check(animate(small_graph()).svg, extension=".svg", check_fn=assert_same_picture)


def test_explorer(file_regression: FileRegressionFixture) -> None:
    x = Value(0.5, "x")
    with scope("outer"), scope("inner"):
        y = x * x
    L = tanh(y) + 3.0 * y
    L.label = "L"
    text = json.dumps(explore(L).data(every=True), indent=0)
    file_regression.check(text, extension=".json", check_fn=assert_same_picture)
