"""Charts: what is drawn where, and what is refused."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from autograd import Chart
from autograd.chart.contours import contour, region
from autograd.chart.drawing import Frame, clipped, scales
from autograd.chart.marks import NAMES
from autograd.chart.scale import Scale, nice_step, scale
from autograd.picture.strokes import Area, Polyline, Rectangle, Text

numbers = st.floats(-1e6, 1e6)


def texts(chart: Chart) -> list[str]:
    return [stroke.text for stroke in chart.sketch.strokes if isinstance(stroke, Text)]


def test_a_line_lies_where_its_numbers_are() -> None:
    chart = Chart(400, 300)
    chart.panel(x_range=(0.0, 10.0), y_range=(0.0, 1.0)).line([0.0, 5.0, 10.0], [0.0, 0.5, 1.0], "f")
    (line,) = [stroke for stroke in chart.sketch.strokes if isinstance(stroke, Polyline) and stroke.style == "path0"][
        1:
    ]
    (x0, y0), (x1, y1), (x2, y2) = line.points
    assert x1 - x0 == pytest.approx(x2 - x1)
    assert y1 - y0 == pytest.approx(y2 - y1)
    assert x0 < x2
    assert y0 > y2  # upwards
    assert {"f", "0", "10", "1"} <= set(texts(chart))


def test_nothing_leaves_the_page() -> None:
    chart = Chart(300, 200, title="a small chart")
    panel = chart.panel("a title", "across", "up")
    panel.line([0.0, 1.0, 2.0], [1e9, math.nan, -1e9], "a long label that needs a row of its own", mark="star")
    panel.note(2.0, 0.0, "a note at the end").level(0.0, "a level")
    for stroke in chart.sketch.strokes:
        points = []
        if isinstance(stroke, Polyline):
            points = list(stroke.points)
        elif isinstance(stroke, Area):
            points = [point for polygon in stroke.polygons for point in polygon]
        assert all(-1.0 <= x <= 301.0 and -1.0 <= y <= 201.0 for x, y in points)


def test_a_line_is_interrupted_at_nan_and_cut_at_the_edge() -> None:
    frame = Frame(0.0, 0.0, 10.0, 10.0, Scale(0.0, 1.0), Scale(0.0, 1.0))
    assert clipped([(1.0, 1.0), (2.0, 2.0), (math.nan, 3.0), (4.0, 4.0), (20.0, 20.0)], frame) == [
        [(1.0, 1.0), (2.0, 2.0)],
        [(4.0, 4.0), (10.0, 10.0)],
    ]
    assert clipped([(-5.0, 5.0), (15.0, 5.0)], frame) == [[(0.0, 5.0), (10.0, 5.0)]]
    assert clipped([(-5.0, -5.0), (-1.0, 20.0)], frame) == []


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=6))
def test_what_is_cut_lies_inside(points: list[tuple[float, float]]) -> None:
    frame = Frame(-100.0, -50.0, 100.0, 50.0, Scale(0.0, 1.0), Scale(0.0, 1.0))
    for piece in clipped(points, frame):
        assert all(-100.001 <= x <= 100.001 and -50.001 <= y <= 50.001 for x, y in piece)


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=5), st.booleans())
def test_scales_hold_all_numbers(given_numbers: list[float], log: bool) -> None:
    found = scale(given_numbers, None, log, ())
    shown = [x for x in given_numbers if x > 0.0 or not log]
    if all(abs(x) < 1e150 for x in shown) and all(abs(x) > 1e-150 or x == 0.0 for x in shown):
        assert found.low < found.high
        assert all(-1e-9 <= found.place(x) <= 1.0 + 1e-9 for x in shown)
        ticks = found.ticks(5)
        assert all(
            (found.low <= x * (1.0 + 1e-9) and x <= found.high * (1.0 + 1e-9) + 1e-9) or x <= 0.0 for x, _ in ticks
        )


@given(st.floats(1e-6, 1e6), st.integers(2, 12))
def test_steps_are_one_two_or_five(span: float, most: int) -> None:
    step = nice_step(span, most)
    assert span / step <= most * (1.0 + 1e-9)
    assert re.match(r"[125]\.?0*e", f"{step:.6e}")


def test_names_on_the_horizontal_axis() -> None:
    chart = Chart(400, 240)
    panel = chart.panel(names=["one", "two"]).bars([0.2, 0.4], "a").bars([math.nan, -0.1], "b")
    drawn = [stroke for stroke in chart.sketch.strokes if isinstance(stroke, Rectangle) and stroke.tooltip]
    assert [stroke.tooltip for stroke in drawn] == ["0.2", "0.4", "-0.1"]
    assert drawn[1].height == pytest.approx(2.0 * drawn[0].height)
    assert {"one", "two", "a", "b"} <= set(texts(chart))
    assert scales(panel)[1].low < -0.1


@pytest.mark.parametrize("level", [0.25, 1.0])
def test_contours_of_a_circle(level: float) -> None:
    us = [i / 20.0 - 1.5 for i in range(61)]
    heights = [[u * u + v * v for u in us] for v in us]
    (line,) = contour(us, us, heights, level)
    assert line[0] == line[-1]  # it is closed
    assert all(math.hypot(*point) == pytest.approx(math.sqrt(level), abs=0.01) for point in line)
    area = sum(
        0.5 * abs(sum(a[0] * b[1] - a[1] * b[0] for a, b in zip(polygon, polygon[1:] + polygon[:1], strict=True)))
        for polygon in region(us, us, [[level - h for h in row] for row in heights])
    )
    assert area == pytest.approx(math.pi * level, rel=0.02)


def test_contours_of_a_saddle_and_of_holes() -> None:
    us = [-1.0, 0.0, 1.0]
    saddle = [[u * v for u in us] for v in us]
    assert len(contour(us, us, saddle, 0.5)) == 2
    holed = [[math.nan if (u, v) == (0.0, 0.0) else u for u in us] for v in us]
    assert contour(us, us, holed, 0.5) == []
    assert contour(us, us, [[1.0] * 3] * 3, 1.0) == []
    assert region(us, us, [[-1.0] * 3] * 3) == []


def test_saved_and_shown(tmp_path: Path) -> None:
    chart = Chart(title="<b>hostile</b> & more")
    chart.panel(title="<script>", x="&", y='"').points([1.0, 2.0], [1.0, 2.0], "</svg>", mark="cross")
    assert "<script>" not in chart.svg
    assert "&lt;/svg&gt;" in chart.svg
    assert "autograd-live" in chart._repr_html_()
    with Image.open(chart.save(tmp_path / "chart.png")) as image:
        assert image.size == (1120, 640)
    assert chart.save(tmp_path / "chart.svg").read_text("utf-8") == chart.svg
    with pytest.raises(ValueError, match=r"a chart can be saved as \.svg or \.png, not as 'chart\.gif'"):
        chart.save(tmp_path / "chart.gif")
    assert repr(chart) == "<Chart of 1 panel; save it with .save('chart.svg')>"


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "ys", [[-1e308, 1e308], [1e-300, 1e300], [5e-324, 1e308], [1e308, 1e308], [0.0, 5e-324], [-math.inf, math.nan]]
)
def test_the_largest_and_the_smallest_numbers(ys: list[float], log: bool) -> None:
    chart = Chart()
    chart.panel(y_log=log).line(ys, mark="circle")
    assert "nan" not in chart.svg
    assert not re.search(r"\binf\b", chart.svg)


SERIES = st.sampled_from(["line", "points", "bars", "contours", "region"])


@given(st.lists(st.tuples(SERIES, st.integers(0, 7)), min_size=1, max_size=4))
def test_every_color_has_its_rule(series: list[tuple[str, int]]) -> None:
    """In light and in dark.  A shape without a rule is black."""
    chart = Chart(400, 300)
    panel = chart.panel()
    grid = [[u * v for u in (0.0, 1.0, 2.0)] for v in (0.0, 1.0, 2.0)]
    for kind, color in series:
        match kind:
            case "line":
                panel.line([0.0, 1.0], color=color, mark="circle")
            case "points":
                panel.points([0.0, 1.0], [1.0, 0.0], "a", color=color)
            case "bars":
                panel.bars([1.0, 2.0], "b", color=color)
            case "contours":
                panel.contours([0.0, 1.0, 2.0], [0.0, 1.0, 2.0], grid, [1.0])
            case "region":
                panel.region([0.0, 1.0, 2.0], [0.0, 1.0, 2.0], grid, color=color)
    rules, night, shapes = re.match(r".*?<style>(.*?)@media(.*?)</style>(.*)", chart.svg, re.S).groups()  # type: ignore[union-attr]
    for name in {name for found in re.findall(r'class="([^"]*)"', shapes) for name in found.split()} - {"b"}:
        assert f".{name}{{" in rules, name
        assert f".{name}{{" in night, name


def test_an_empty_chart_can_be_drawn() -> None:
    chart = Chart()
    assert "<svg" in chart.svg
    chart.panel(y_log=True)
    chart.panel().line([], [])
    chart.panel().line([1.0], [1.0]).points([math.nan], [math.inf])
    chart.panel(y_log=True).line([-1.0, 0.0])
    assert "nan" not in chart.svg


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda p: p.line([1.0], [1.0, 2.0]), ValueError, "one y for each x, not 2 for 1"),
        (lambda p: p.line(["a"]), TypeError, "needs a list of numbers"),
        (lambda p: p.line(3), TypeError, "needs a list of numbers, not int 3"),
        (lambda p: p.line([1.0], dash="wavy"), ValueError, "dash must be one of solid, dashed, dotted, not 'wavy'"),
        (lambda p: p.points([1.0], [1.0], mark="heart"), ValueError, "a mark must be one of circle"),
        (lambda p: p.line([1.0], color="blue"), ValueError, "a color must be a number or one of paper"),
        (lambda p: p.contours([0, 1], [0, 1], [[1]], [0]), ValueError, "heights must be 2 rows of 2 numbers"),
    ],
)
def test_wrong_arguments(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make(Chart().panel())


@pytest.mark.parametrize("given_range", [(1.0, 1.0), (2.0, 1.0), (0.0, math.inf), (math.nan, 1.0)])
def test_wrong_ranges(given_range: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="x_range must be"):
        Chart().panel(x_range=given_range)
    with pytest.raises(ValueError, match="above 0 if the axis is logarithmic"):
        Chart().panel(y_range=(-1.0, 1.0), y_log=True)
    with pytest.raises(ValueError, match="at least 80 pixels"):
        Chart(10, 10)


@pytest.mark.parametrize("name", NAMES)
def test_every_mark_is_drawn(name: str) -> None:
    chart = Chart()
    chart.panel().points([1.0], [1.0], mark=name)
    assert sum(isinstance(stroke, Area) for stroke in chart.sketch.strokes) == 1
