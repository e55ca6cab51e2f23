"""Charts: the data that they show."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import nn
from nn import History, data
from nn.plots import plot_decision_boundary, plot_descent, plot_history, plot_tangent


def test_history_curves() -> None:
    chart = plot_history(History([3.0, 2.0], [0.5, 0.75], [3.5, 2.5], [0.4, 0.6]))
    loss, accuracy = chart.axes
    assert [list(line.get_ydata()) for line in loss.lines] == [[3.0, 2.0], [3.5, 2.5]]
    assert [list(line.get_ydata()) for line in accuracy.lines] == [[0.5, 0.75], [0.4, 0.6]]
    assert list(loss.lines[0].get_xdata()) == [1, 2]
    assert chart._repr_png_().startswith(b"\x89PNG")
    assert len(History([3.0, 2.0]).plot().axes) == 1


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
    (axes,) = chart.axes
    right = axes.collections[2].get_paths()[0].vertices
    assert min(x for x, _ in right) == pytest.approx(2.0, abs=0.05)
    points = axes.collections[3].get_offsets()
    assert np.asarray(points).tolist() == [[3.0, 1.0], [4.0, 0.0]]


def test_principal_components_and_chosen_features() -> None:
    iris = data.iris()
    model = nn.MLP(4, [3], seed=0)
    chart = plot_decision_boundary(model, iris.X, iris.y, classes=iris.classes, steps=10)
    assert chart.axes[0].get_xlabel() == "principal component 1 (92% of the variance)"
    chosen = plot_decision_boundary(model, iris.X, iris.y, features=(2, 3), names=iris.features, steps=10)
    assert chosen.axes[0].get_xlabel() == "petal_length"
    low, high = chosen.axes[0].get_xlim()
    assert low < 1.0
    assert high > 6.9


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
    for axes in report.plot().axes:
        assert [label.get_text() for label in axes.get_xticklabels()] == ["layers.0", "layers.1", "layers.2"]
    sizes, shares = report.plot().axes
    assert list(sizes.lines[0].get_ydata()) == [row.delta for row in report.rows]
    assert [bar.get_height() for bar in shares.patches[3:]] == [row.dead for row in report.rows]


def test_a_tangent_and_the_quotients_that_close_in_on_it() -> None:
    chart = plot_tangent(lambda x: x**3, 1.0, steps=(1.0, 0.1, -0.001))
    (axes,) = chart.axes
    curve, tangent, *lines = [line for line in axes.lines if len(line.get_xdata()) > 1]
    assert list(curve.get_ydata()) == pytest.approx([x**3 for x in curve.get_xdata()])
    (x0, x1), (y0, y1) = tangent.get_xdata()[[0, -1]], tangent.get_ydata()[[0, -1]]
    assert (y1 - y0) / (x1 - x0) == pytest.approx(3.0)
    slopes = [np.polyfit(line.get_xdata(), line.get_ydata(), 1)[0] for line in lines]
    assert slopes == pytest.approx([7.0, 3.31, 2.997001])
    assert "h = 0.1, slope 3.31" in [text.get_text() for text in chart.legends[0].get_texts()]


def test_a_tangent_where_the_function_is_not_defined_everywhere() -> None:
    (axes,) = plot_tangent(lambda x: x.log(), 0.5, steps=(0.1,)).axes
    assert np.isnan(axes.lines[0].get_ydata()[0])
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
    small, large, start = chart.axes[0].lines
    assert list(small.get_xdata()) == pytest.approx([1.0, 0.98, 0.98**2, 0.98**3])
    assert list(small.get_ydata()) == pytest.approx([1.0, 0.8, 0.8**2, 0.8**3])
    assert len(large.get_xdata()) == 2  # a path that flies away ends
    assert list(start.get_xdata()) == [1.0]
    assert len(plot_descent(valley, (1.0, 1.0)).axes[0].lines) == 4
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
    before = [line.get_xydata().tolist() for line in chart.paths]
    with Image.open(chart.film(tmp_path / "descent.gif", seconds=0.1)) as film:
        assert film.n_frames == 5
        last = np.asarray(film.convert("RGB")).copy()
        film.seek(4)
        assert (np.asarray(film.convert("RGB")) != last).any()
        assert film.info["duration"] == 2_100
    assert [line.get_xydata().tolist() for line in chart.paths] == before
    with pytest.raises(ValueError, match=r"save the film as \.gif, not as 'descent\.svg'"):
        chart.film(tmp_path / "descent.svg")


def test_no_panel_is_empty() -> None:
    model = nn.MLP(1, [2, 1], activation="softplus", seed=1)
    report = nn.layer_report(model, nn.mse(model([0.1]), 1.0))
    assert all(row.saturated == row.dead == 0.0 for row in report.rows)
    assert len(report.plot().axes) == 1
