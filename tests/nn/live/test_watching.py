"""Live training: it trains like ``fit``, and the picture shows the model and its data."""

from __future__ import annotations

import base64
import inspect
import io
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import nn
from autograd import Value, maximum, sqrt
from autograd.output.raster import svg_to_png
from nn import MLP, data
from nn.live.panels import zero_lines

SVG = "{http://www.w3.org/2000/svg}"
moons = data.moons(60, seed=1)


def watched(**options: Any) -> nn.Watch:
    settings = {"loss": "binary_cross_entropy", "batch_size": 20, "seed": 3, **options}
    return nn.watch(MLP(2, [5, 1], activation="tanh", seed=1), moons.X, moons.y, **settings)


def parts(training: nn.Watch, style: str) -> list[Any]:
    return [x for x in ElementTree.fromstring(training.svg).iter() if style in (x.get("class") or "").split()]


# ------------------------------------------------------------------------------------------------------- training


def test_watch_trains_like_fit() -> None:
    training = watched()
    for _ in range(4 * 3):
        training.step()
    model = MLP(2, [5, 1], activation="tanh", seed=1)
    history = nn.fit(model, moons.X, moons.y, "binary_cross_entropy", epochs=4, batch_size=20, seed=3, progress=False)
    assert training.history == history
    assert training.training.model.state_dict() == model.state_dict()


def test_the_arguments_have_the_defaults_of_fit() -> None:
    ours, those_of_fit = (inspect.signature(f).parameters for f in (nn.watch, nn.fit))
    shared = [name for name in ours if name in those_of_fit]
    assert shared == ["model", "X", "y", "loss", "optimizer", "batch_size", "validation", "seed", "engine"]
    assert [ours[name] for name in shared] == [those_of_fit[name] for name in shared]


def test_run_ends_at_the_end_of_an_epoch() -> None:
    training = watched()
    training.step()
    training.run()
    assert (training.training.steps, training.training.epoch) == (3, 2)
    training.run(epochs=2)
    assert len(training.history) == 3
    training.run(epochs=100, seconds=0.0)
    assert training.training.steps == 10  # one step at least


def test_a_restart_repeats_the_training() -> None:
    training = watched(seed=None)
    training.run(3)
    first = training.history.loss
    training.restart()
    assert training.history.loss == []
    training.run(3)
    assert training.history.loss == first


def test_the_rate_can_be_set_during_training() -> None:
    training = watched(optimizer="sgd")
    training.rate = 0.0
    before = training.training.model.state_dict()
    training.run()
    assert training.training.model.state_dict() == before
    training.rate = 0.5
    training.restart()
    assert training.rate == 0.5
    for wrong in (-1.0, math.nan, math.inf, "fast"):
        with pytest.raises((ValueError, TypeError), match="the learning rate must be a non-negative number"):
            training.rate = wrong


# -------------------------------------------------------------------------------------------------------- picture


def test_a_line_for_each_weight_dashed_where_it_is_negative() -> None:
    training = watched()
    weights = [w.data for layer in training.training.model.layers for neuron in layer.neurons for w in neuron.weights]
    lines = parts(training, "nw-edge")
    assert len(lines) == len(weights) == 15
    assert [line.get("stroke-dasharray") is not None for line in lines] == [w < 0.0 for w in weights]
    widest = max(lines[10:], key=lambda line: float(line.get("stroke-width")))
    assert lines.index(widest) == max(range(10, 15), key=lambda i: abs(weights[i]))


def test_misclassified_examples_are_outlined() -> None:
    training = watched()
    training.run(5)
    predicted = [int(output > 0.0) for output in training.training.model.predict(moons.X)]
    wrong = sum(a != b for a, b in zip(predicted, moons.y, strict=True))
    assert len(parts(training, "nw-wrong")) == wrong > 0
    assert len(parts(training, "nw-right")) == 60 - wrong


def test_a_multi_label_target_is_right_if_every_label_is() -> None:
    y = [[int(a > 0.5), int(b > 0.2)] for a, b in moons.X]
    training = nn.watch(MLP(2, [6, 2], "tanh", seed=1), moons.X, y, "binary_cross_entropy", batch_size=20, seed=1)
    training.run(3)
    wrong = 1.0 - nn.accuracy(training.training.model.predict(moons.X), y)
    assert len(parts(training, "nw-wrong")) == round(60 * wrong) > 0


def test_classes_and_more_than_two_columns() -> None:
    iris = data.iris()
    model = MLP(4, [14, 3], seed=1)
    training = nn.watch(model, iris.X, iris.y, "cross_entropy", names=iris.features, classes=iris.classes, seed=1)
    training.run(2)
    texts = [x.text for x in ElementTree.fromstring(training.svg).iter(f"{SVG}text")]
    assert {"setosa", "virginica", "sepal_length", "+ 3 more"} <= set(texts)
    assert "principal component 1 (92% of the variance)" in texts


def test_one_input_is_drawn_as_a_curve() -> None:
    xs = [[0.1 * i] for i in range(-20, 21)]
    training = nn.watch(MLP(1, [4, 1], "tanh", seed=1), xs, [math.sin(x) for (x,) in xs], seed=1)
    training.run(2)
    assert len(parts(training, "nw-output")) == len(parts(training, "nw-loss")) == 1
    assert parts(training, "nw-boundary") == []


class Ring(nn.Module):
    """Class 1 outside a circle; a model without layers."""

    def __init__(self) -> None:
        self.radius = Value(0.5)

    def __call__(self, x: Any) -> Any:
        return maximum(x[0] * x[0] + x[1] * x[1], 0.0) - self.radius * self.radius


def test_a_custom_module() -> None:
    training = nn.watch(Ring(), moons.X, moons.y, "binary_cross_entropy", seed=1)
    training.run(1)
    assert parts(training, "nw-edge") == []
    assert len(parts(training, "nw-marker")) == 60


def test_the_boundary_lies_where_the_function_is_zero() -> None:
    u = np.linspace(-2.0, 2.0, 41)
    square = u[:, None] ** 2 + u[None, :] ** 2 - 1.0
    lines = np.array(zero_lines(square)) * 0.1 - 2.0
    assert len(lines) > 50
    assert np.hypot(lines[..., 0], lines[..., 1]).ravel() == pytest.approx(1.0, abs=0.01)
    assert zero_lines(np.ones((4, 4))) == []


# The layout: the plane has x from 600 to 900 and y from 24 to 294; the loss has y from 350 to 434.


class Right(nn.Module):
    """Positive where the first input is above 1, so known at every point; a model without layers."""

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = Value(scale)

    def __call__(self, x: Any) -> Any:
        return self.scale * (x[0] - 1.0)


def centres(training: nn.Watch) -> list[tuple[float, float]]:
    """The positions of the example markers."""
    marks = parts(training, "nw-right") + parts(training, "nw-wrong")
    return [tuple(map(float, re.findall(r"-?[\d.]+", mark.get("d"))[:2])) for mark in marks]


def pixels(training: nn.Watch) -> Any:
    """The background of the plane: red, green, blue and opacity, rows from the top."""
    images = [x for x in ElementTree.fromstring(training.svg).iter(f"{SVG}image") if x.get("width") == "300.0"]
    content = base64.b64decode(images[0].get("href").split(",")[1])
    return np.asarray(Image.open(io.BytesIO(content)))


def test_the_plane_is_the_right_way_round() -> None:
    corners = [[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 4.0]]
    training = nn.watch(Right(), corners, [0, 1, 0, 1], "binary_cross_entropy")
    (low_left, low_right, high_left, high_right) = sorted(centres(training), key=lambda at: (-at[1] // 50, at[0]))
    assert low_left[0] < 700.0 < 800.0 < low_right[0]
    assert (high_left[0], high_right[0]) == pytest.approx((low_left[0], low_right[0]), abs=5.0)
    assert low_left[1] > high_left[1]
    (boundary,) = parts(training, "nw-boundary")
    xs = [float(x) for x, _ in re.findall(r"[ML]([\d.]+) ([\d.]+)", boundary.get("d"))]
    left, right = (
        600.0 + 300.0 * 0.32 / 4.64,
        600.0 + 300.0 * 4.32 / 4.64,
    )  # the positions of 0 and 4, with margins of 8%
    assert xs == pytest.approx([left + (right - left) / 4.0] * len(xs), abs=4.0)
    ground = pixels(training)
    assert ground[0, 0, :3].tolist() == ground[-1, 0, :3].tolist() == [0x00, 0x72, 0xB2]
    assert ground[0, -1, :3].tolist() == ground[-1, -1, :3].tolist() == [0xE6, 0x9F, 0x00]


def test_the_vertical_axis_points_up() -> None:
    class Up(Right):
        def __call__(self, x: Any) -> Any:
            return self.scale * (x[1] - 1.0)

    ground = pixels(nn.watch(Up(), [[0.0, 0.0], [4.0, 4.0]], [0, 1], "binary_cross_entropy"))
    assert ground[0, 0, :3].tolist() == [0xE6, 0x9F, 0x00]
    assert ground[-1, 0, :3].tolist() == [0x00, 0x72, 0xB2]


def test_a_regression_loss_splits_the_plane_at_the_midpoint() -> None:
    training = nn.watch(Right(), [[0.0, 0.0], [4.0, 4.0]], [-1.0, 3.0])  # the middle is 1, where x is 2
    (boundary,) = parts(training, "nw-boundary")
    assert float(boundary.get("d")[1:].split()[0]) == pytest.approx(750.0, abs=4.0)
    assert parts(training, "nw-wrong") == []


def test_a_curve_goes_up_where_the_output_does() -> None:
    training = nn.watch(Right(2.0), [[0.0], [4.0]], [0.0, 1.0])
    (curve,) = parts(training, "nw-output")
    points = [tuple(map(float, pair.split(","))) for pair in curve.get("points").split()]
    assert points[0][0] == 600.0
    assert points[-1][0] == pytest.approx(900.0, abs=2.0)
    assert points[0][1] > points[-1][1]


def test_a_decreasing_loss_is_drawn_decreasing() -> None:
    training = watched()
    training.run(1)
    training._before = 4.0
    training.training.history.loss[:] = [2.0, 1.0]
    (line,) = parts(training, "nw-loss")
    assert line.get("points").split() == ["600.0,354.0", "750.0,392.0", "900.0,411.0"]


def test_a_spike_does_not_flatten_the_curve() -> None:
    training = watched()
    training.run(1)
    training._before = 1.0
    training.training.history.loss[:] = [100.0, 0.01]
    (line,) = parts(training, "nw-loss")
    assert line.get("points").split() == ["600.0,392.0", "750.0,354.0", "900.0,430.0"]  # at equal distances
    assert "loss of each epoch, logarithmic" in training.svg


def test_the_loss_is_shown_before_the_first_step() -> None:
    training = watched()
    before = nn.binary_cross_entropy(training.training.model.predict(moons.X), moons.y)
    assert training.status == f"epoch 0, step 0, loss before training {before:.4g}"
    (point,) = parts(training, "nw-last")
    assert float(point.get("cx")) == 600.0
    training.run(2)
    training.restart()
    assert training.status == f"epoch 0, step 0, loss before training {before:.4g}"


def test_the_validation_loss_is_dashed() -> None:
    training = watched(validation=(moons.X[:10], moons.y[:10]))
    training.run(2)
    assert [line.get("stroke-dasharray") for line in parts(training, "nw-loss")] == [None, "5 4"]


class Root(nn.Module):
    """Defined only for non-negative numbers."""

    def __init__(self) -> None:
        self.w = Value(1.0)

    def __call__(self, x: Any) -> Any:
        return self.w * sqrt(x[0])


@pytest.mark.parametrize("columns", [1, 2])
def test_where_a_model_is_not_defined_nothing_is_drawn(columns: int) -> None:
    X = [[float(i), float(i % 3)][:columns] for i in range(10)]
    training = nn.watch(Root(), X, [math.sqrt(x[0]) for x in X])
    training.run(1)
    assert "nan" not in training.svg
    if columns == 2:
        assert pixels(training)[0, 0, 3] == 0


class Branch(nn.Module):
    """Branches at zero, which cannot be recorded."""

    def __init__(self) -> None:
        self.w = Value(1.0)

    def __call__(self, x: Any) -> Any:
        return self.w * x[0] if x[0] > 0.0 else self.w * -2.0


def test_a_model_that_branches_is_watched_eagerly() -> None:
    X = [[-1.0, 0.0], [1.0, 0.0], [2.0, 1.0]]
    with pytest.raises(TypeError, match="engine='eager'"):
        nn.watch(Branch(), X, [0, 1, 1], "binary_cross_entropy")
    training = nn.watch(Branch(), X, [0, 1, 1], "binary_cross_entropy", engine="eager")
    training.run(2)
    assert len(parts(training, "nw-right")) == 3


class Backwards(MLP):
    def __call__(self, x: Any) -> Any:
        return -super().__call__(x)


def test_an_overridden_call_is_what_is_drawn() -> None:
    settings = {"loss": "binary_cross_entropy", "seed": 1}
    training = nn.watch(Backwards(2, [5, 1], activation="tanh", seed=1), moons.X, moons.y, **settings)
    predicted = [int(output > 0.0) for output in training.training.model.predict(moons.X)]
    assert len(parts(training, "nw-right")) == sum(a == b for a, b in zip(predicted, moons.y, strict=True))


def test_a_schedule_survives_a_restart() -> None:
    model = MLP(2, [1], seed=1)
    rates = nn.optim.exponential_lr(1.0, 0.5)
    training = nn.watch(model, moons.X, moons.y, optimizer=nn.SGD(model.parameters(), lr=rates), batch_size=60)
    training.run(4)
    assert training.rate == 0.0625
    training.restart()
    assert training.rate == 1.0


@pytest.mark.parametrize("y", [[[1.0, 0.0], [0.0, 1.0], [0.2, 0.8]], np.eye(2)[[0, 1, 1]]])
def test_rows_of_probabilities_are_classes(y: Any) -> None:
    X = [[0.0, 0.0], [1.0, 1.0], [2.0, 1.0]]
    training = nn.watch(MLP(2, [2], seed=1), X, y, "cross_entropy")
    training.run(1)
    predicted = [int(b > a) for a, b in training.training.model.predict(X)]
    assert len(parts(training, "nw-right")) == sum(a == b for a, b in zip(predicted, [0, 1, 1], strict=True))


def test_a_hostile_name_is_escaped() -> None:
    training = watched(names=["<script>alert(1)</script>", "\x01\ud800var(--foo)"], classes=["<b>", "&"])
    assert "<script" not in training.svg
    ElementTree.fromstring(training.svg)
    assert svg_to_png(training.svg)


def test_saving_the_picture(tmp_path: Path) -> None:
    training = watched()
    ElementTree.parse(training.save(tmp_path / "training.svg"))
    with pytest.raises(ValueError, match=r"as \.svg or \.png, or the page as \.html, not as 'training\.bmp'"):
        training.save(tmp_path / "training.bmp")


# ------------------------------------------------------------------------------------------------------- notebook


def test_the_widget_steps_and_restarts() -> None:
    training = watched()
    widget = training.widget()
    widget.request = {"steps": 1, "number": 1}
    assert widget.reply["status"].startswith("epoch 0.3333, step 1,")
    widget.request = {"epochs": 1, "rate": 0.02, "number": 2}
    assert (training.training.steps, widget.reply["rate"]) == (3, 0.02)
    widget.request = {"restart": True, "number": 3}
    assert widget.reply["status"].startswith("epoch 0, step 0, loss before training")


def test_a_non_finite_loss_is_reported() -> None:
    training = nn.watch(MLP(2, [5, 1], activation="relu", seed=1), moons.X, moons.y, optimizer="sgd", seed=3)
    widget = training.widget()
    widget.request = {"rate": 1e30, "epochs": 50}
    assert "the loss is" in widget.error
    assert widget.reply["steps"] == training.training.steps > 0  # what was done before the error
    assert widget.reply["rate"] == 1e30
    widget.request = {"rate": 0.01, "restart": True, "steps": 1}
    assert widget.error == ""


def test_the_output_in_a_notebook() -> None:
    bundle, _ = watched()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/html"].startswith('<img alt="a network in training: epoch 0, step 0, loss before')
    assert bundle["text/plain"].startswith("<Watch: MLP(2 -> 5 tanh -> 1 linear), epoch 0, step 0, loss before")


def test_without_pillow() -> None:
    code = (
        "import sys; sys.modules['PIL'] = None; import nn; training = nn.watch(nn.MLP(2, [1]), [[0.0, 1.0]], [1.0]);"
        "training.run(2); print(training); training.svg"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("<Watch: MLP(2 -> 1 linear), epoch 2")
    assert done.returncode == 0, done.stderr


def test_mistakes() -> None:
    with pytest.raises(ValueError, match=r"1 name\(s\) for 2 column\(s\)"):
        watched(names=["x"])
    with pytest.raises(ValueError, match="finite numbers"):
        nn.watch(MLP(2, [1]), [[math.nan, 1.0]], [0.0])
    with pytest.raises(TypeError, match="the model must be a Module"):
        nn.watch(lambda x: x, [[0.0, 1.0]], [0.0])
    for epochs in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match="epochs must be a positive integer"):
            watched().run(epochs)
    assert nn.watch(MLP(3, [1]), [[1e9, 2.0, 3.0]], [0.0]).svg  # one example, and large numbers


@pytest.mark.parametrize("X", [[], [1.0, 2.0], [[[1.0]]]])
def test_examples_are_rows_of_numbers(X: Any) -> None:
    with pytest.raises(ValueError, match="rows of numbers"):
        nn.watch(MLP(2, [1]), X, [0.0] * len(X))


@pytest.mark.parametrize(
    "request_",
    [
        {"steps": 10**12},
        {"steps": "3"},
        {"epochs": -1},
        {"epochs": True},
        {"rate": "x"},
        {"rate": None},
        {"epochs": 1, "seconds": "x"},
    ],
)
def test_invalid_requests_are_answered_with_an_error(request_: Any) -> None:
    moons = data.moons(20)
    training = nn.watch(MLP(2, [1], seed=1), moons.X, moons.y, "binary_cross_entropy")
    widget = training.widget()
    widget.request = request_
    assert widget.error
    assert training.training.steps == 0


def test_a_changed_model_is_drawn_as_it_is_now() -> None:
    """The sign is not a Value, so the recording cannot see it; each frame of the picture checks the recording."""

    class Turning(nn.Module):
        sign = 1.0

        def __init__(self) -> None:
            self.w = Value(1.0)

        def __call__(self, x: Any) -> Any:
            return self.w * x[0] * self.sign

    model = Turning()
    training = nn.watch(model, [[-1.0], [0.0], [2.0]], [0.0, 1.0, 2.0], optimizer=nn.SGD([model.w], lr=0.0))
    before = training.markup
    model.sign = -1.0
    assert training.markup != before


def test_a_film_of_a_training(tmp_path: Path) -> None:
    training = watched()
    text = training.film(tmp_path / "film.svg", frames=4, epochs=2, seconds=0.5).read_text("utf-8")
    root = ElementTree.fromstring(text)
    groups = [x for x in root if (x.get("class") or "").startswith("k")]
    assert [x[0].text.split(",")[0] for x in groups] == ["epoch 0", "epoch 2", "epoch 4", "epoch 6"]
    assert "animation:k3 3.0s infinite" in text
    assert len(training.history) == 6
    with pytest.raises(ValueError, match=r"save the film as \.svg or \.gif, not as 'film\.mp4'"):
        training.film(tmp_path / "film.mp4")
    for seconds in (0, 0.01, 300):
        with pytest.raises(ValueError, match=f"seconds must be a number from 0.02 to 60, not {seconds}"):
            training.film(tmp_path / "film.svg", seconds=seconds)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        training.film(tmp_path / "none" / "film.svg")
    assert len(training.history) == 6  # no training before an error
    assert "animation:k1 0.08s infinite" in training.film(tmp_path / "film.svg", 2, seconds=0.02).read_text("utf-8")
    with pytest.raises(ValueError, match="frames must be a positive integer, not 0"):
        training.film(tmp_path / "film.svg", frames=0)


def test_a_film_as_a_gif(tmp_path: Path) -> None:
    training = watched()
    with Image.open(training.film(tmp_path / "film.gif", frames=3, seconds=0.5)) as film:
        assert (film.n_frames, film.size) == (3, (920, 498))
        lengths = []
        for i in range(3):
            film.seek(i)
            lengths.append(film.info["duration"])
    assert lengths == [500, 500, 1500]


def test_the_picture_as_pixels_has_the_colors_of_the_palette(tmp_path: Path) -> None:
    with Image.open(watched().save(tmp_path / "training.png")) as image:
        assert image.size == (2 * 920, 2 * 498)
        colours = {colour[:3] for _, colour in image.convert("RGB").getcolors(10**7)}
    assert {(0xFF, 0xFF, 0xFF), (0x1F, 0x23, 0x28), (0x00, 0x72, 0xB2), (0xE6, 0x9F, 0x00)} <= colours


def test_two_columns_of_several_are_chosen() -> None:
    iris = nn.data.iris()
    model = MLP(4, [3, 3], seed=1)
    training = nn.watch(model, iris.X, iris.y, "cross_entropy", names=["a", "b", "c", "d"], features=(2, 0))
    assert training.plane is not None
    assert training.plane.labels == ["c", "a"]
    with pytest.raises(ValueError, match="features must be two different columns from 0 to 3"):
        nn.watch(model, iris.X, iris.y, "cross_entropy", features=(0, 4))
