"""Charts: the data that they show."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from PIL import Image

import nn
from autograd.chart.contours import region
from autograd.chart.drawing import scales
from autograd.chart.panel import Points, Region
from nn import History, data
from nn.plots import plot_decision_boundary, plot_descent, plot_history, plot_tangent


def test_history_curves() -> None:
    chart = plot_history(History([3.0, 2.0], [0.5, 0.75], [3.5, 2.5], [0.4, 0.6]))
    loss, accuracy = chart.panels
    assert [line.ys for line in loss.lines] == [[3.0, 2.0], [3.5, 2.5]]
    assert [line.ys for line in accuracy.lines] == [[0.5, 0.75], [0.4, 0.6]]
    assert loss.lines[0].xs == [1.0, 2.0]
    assert [line.label for line in loss.lines] == ["training", "validation"]
    assert chart.png().startswith(b"\x89PNG")
    assert len(History([3.0, 2.0]).plot().panels) == 1
    assert History([math.nan, math.inf]).plot().svg
    assert History([-1.0, -2.0]).plot().panels[0].y_range == pytest.approx((-2.08, 0.08))


class Corner(nn.Module):
    """Class 1 where the first number is above 2, else class 0."""

    def __call__(self, x: Any) -> Any:
        return [0.0, float(x[0]) - 2.0]


class Sign(nn.Module):
    def __call__(self, x: Any) -> Any:
        return float(x[0]) - 2.0


@pytest.mark.parametrize(("model", "y"), [(Corner(), [0, 0, 1, 1]), (Sign(), [0, 0, 1, 1]), (Sign(), [-1, -1, 1, 1])])
def test_the_boundary_lies_where_the_prediction_changes(model: nn.Module, y: list[int]) -> None:
    chart = plot_decision_boundary(model, [[0.0, 1.0], [1.0, 0.0], [3.0, 1.0], [4.0, 0.0]], y)
    (panel,) = chart.panels
    left, right, _, points = panel.series
    assert isinstance(right, Region)
    for area, sign in ((left, -1.0), (right, 1.0)):
        boundary = [x for polygon in region(area.us, area.vs, area.heights) for x, _ in polygon]
        assert min(sign * x for x in boundary) == pytest.approx(sign * 2.0, abs=0.05)
    assert isinstance(points, Points)
    assert (points.xs, points.ys) == ([3.0, 4.0], [1.0, 0.0])


def test_arrays_and_data_frames_are_the_same_examples() -> None:
    rows, y = [[0.0, 1.0], [1.0, 0.0], [3.0, 1.0], [4.0, 0.0]], [0, 0, 1, 1]
    frame = pandas.DataFrame(rows, columns=["a", "b"])
    charts = [plot_decision_boundary(Corner(), X, y, steps=8) for X in (rows, np.array(rows), frame)]
    assert charts[0].svg == charts[1].svg == charts[2].svg
    assert plot_decision_boundary(Corner(), frame, np.array(y), steps=8).svg == charts[0].svg


def test_principal_components_and_chosen_features() -> None:
    iris = data.iris()
    model = nn.MLP(4, [3], seed=0)
    chart = plot_decision_boundary(model, iris.X, iris.y, classes=iris.classes, steps=10)
    assert chart.panels[0].x == "principal component 1 (92% of the variance)"
    chosen = plot_decision_boundary(model, iris.X, iris.y, features=(2, 3), names=iris.features, steps=10)
    (panel,) = chosen.panels
    assert panel.x == "petal_length"
    scale, _ = scales(panel)
    assert scale.low < 1.0
    assert scale.high > 6.9


@pytest.mark.parametrize(
    ("X", "y", "features"), [([[1.0]], [0], None), ([[1.0, 2.0]], [0, 1], None), ([[1.0, 2.0]], [0], (0, 2))]
)
def test_mistakes(X: Any, y: Any, features: Any) -> None:
    with pytest.raises(
        ValueError, match=r"rows of at least two numbers|a class for each example|two different columns"
    ):
        plot_decision_boundary(Corner(), X, y, features)


def test_a_chart_of_the_layers() -> None:
    model = nn.MLP(2, [3, 2, 1], activation="relu", seed=1)
    loss = nn.mse([model(x) for x in ([1.0, 2.0], [-1.0, 0.5])], [1.0, 0.0])
    report = nn.layer_report(model, loss)
    for panel in report.plot().panels:
        assert panel.names == ("layers.0", "layers.1", "layers.2")
    sizes, shares = report.plot().panels
    assert sizes.lines[0].ys == [row.delta for row in report.rows]
    assert [bars.heights for bars in shares.series] == [
        [row.saturated for row in report.rows],
        [row.dead for row in report.rows],
    ]


def test_a_tangent_and_the_quotients_that_close_in_on_it() -> None:
    chart = plot_tangent(lambda x: x**3, 1.0, steps=(1.0, 0.1, -0.001))
    (panel,) = chart.panels
    curve, tangent, *lines = panel.lines
    assert curve.ys == pytest.approx([x**3 for x in curve.xs])
    slopes = [(line.ys[-1] - line.ys[0]) / (line.xs[-1] - line.xs[0]) for line in (tangent, *lines)]
    assert slopes == pytest.approx([3.0, 7.0, 3.31, 2.997001])
    assert [line.label for line in lines][1] == "h = 0.1, slope 3.31"


def test_a_tangent_where_the_function_is_not_defined_everywhere() -> None:
    (panel,) = plot_tangent(lambda x: x.log(), 0.5, steps=(0.1,)).panels
    assert math.isnan(panel.lines[0].ys[0])
    with pytest.raises(ValueError, match="span must be positive, and no step may be 0"):
        plot_tangent(lambda x: x * x, 1.0, steps=(0.1, 0.0))
    with pytest.raises(ValueError, match="log"):
        plot_tangent(lambda x: x.log(), -1.0)
    for x in (math.inf, math.nan, 1e300):
        with pytest.raises(ValueError, match="x must be finite, and the span large enough"):
            plot_tangent(lambda x: x * 1.0, x)


def test_paths_of_descent() -> None:
    def valley(u: Any, v: Any) -> Any:
        return u * u + 10.0 * v * v

    make = {"small": lambda p: nn.SGD(p, lr=0.01), "large": lambda p: nn.SGD(p, lr=1e9)}
    chart = plot_descent(valley, (1.0, 1.0), make, steps=3)
    small, large = chart.panels[0].lines
    assert small.xs == pytest.approx([1.0, 0.98, 0.98**2, 0.98**3])
    assert small.ys == pytest.approx([1.0, 0.8, 0.8**2, 0.8**3])
    assert len(large.xs) == 2  # a path that flies away ends
    assert len(plot_descent(valley, (1.0, 1.0)).panels[0].lines) == 3
    with pytest.raises(ValueError, match="steps must be a positive integer"):
        plot_descent(valley, (1.0, 1.0), steps=0)
    with pytest.raises(TypeError, match="optimizers must be a dictionary"):
        plot_descent(valley, (1.0, 1.0), 0.1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="start must be two numbers"):
        plot_descent(valley, (1.0,))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"two pairs \(lowest, highest\)"):
        plot_descent(valley, (1.0, 1.0), region=((1.0, -1.0), (0.0, 1.0)))


def test_a_film_of_a_descent(tmp_path: Path) -> None:
    chart = plot_descent(lambda u, v: u * u + 5.0 * v * v, (1.0, 1.0), steps=4)
    before = [line.xs[:] for line in chart.panels[0].lines]
    with Image.open(chart.film(tmp_path / "descent.gif", seconds=0.1)) as film:
        assert film.n_frames == 5
        last = np.asarray(film.convert("RGB")).copy()
        film.seek(4)
        assert (np.asarray(film.convert("RGB")) != last).any()
        assert film.info["duration"] == 2_100
    assert [line.xs for line in chart.panels[0].lines] == before
    with pytest.raises(ValueError, match=r"save the film as \.gif, not as 'descent\.svg'"):
        chart.film(tmp_path / "descent.svg")


def test_no_panel_is_empty() -> None:
    model = nn.MLP(1, [2, 1], activation="softplus", seed=1)
    report = nn.layer_report(model, nn.mse(model([0.1]), 1.0))
    assert all(row.saturated == row.dead == 0.0 for row in report.rows)
    assert len(report.plot().panels) == 1
