"""A training to watch: that it is the training of ``fit``, and that the picture shows what there is."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import nn
from autograd import Value, maximum
from nn import MLP, data
from nn.panels import zero_lines

SVG = "{http://www.w3.org/2000/svg}"
moons = data.moons(60, seed=1)


def watched(**options: Any) -> nn.Watch:
    settings = {"loss": "binary_cross_entropy", "batch_size": 20, "seed": 3, **options}
    return nn.watch(MLP(2, [5, 1], activation="tanh", seed=1), moons.X, moons.y, **settings)


def parts(training: nn.Watch, style: str) -> list[Any]:
    return [x for x in ElementTree.fromstring(training.svg).iter() if style in (x.get("class") or "").split()]


# ------------------------------------------------------------------------------------------------------- training


def test_it_is_the_training_of_fit() -> None:
    training = watched()
    for _ in range(4 * 3):
        training.step()
    model = MLP(2, [5, 1], activation="tanh", seed=1)
    history = nn.fit(model, moons.X, moons.y, "binary_cross_entropy", epochs=4, batch_size=20, seed=3, progress=False)
    assert training.training.history == history
    assert training.training.model.state_dict() == model.state_dict()


def test_run_ends_at_the_end_of_an_epoch() -> None:
    training = watched()
    training.step()
    training.run()
    assert (training.training.steps, training.training.epoch) == (3, 2)
    training.run(epochs=2)
    assert len(training.training.history) == 3
    training.run(epochs=100, seconds=0.0)
    assert training.training.steps == 10  # one step at least


def test_a_new_start_is_the_same_start() -> None:
    training = watched(seed=None)
    training.run(3)
    first = training.training.history.loss
    training.restart()
    assert training.training.history.loss == []
    training.run(3)
    assert training.training.history.loss == first


def test_the_rate_can_be_set_while_it_learns() -> None:
    training = watched(optimizer="sgd")
    training.rate = 0.0
    before = training.training.model.state_dict()
    training.run()
    assert training.training.model.state_dict() == before
    training.rate = 0.5
    training.restart()
    assert training.rate == 0.5
    for wrong in (-1.0, math.nan, math.inf, "fast"):
        with pytest.raises(ValueError, match="the learning rate is a number from 0"):
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


def test_examples_that_are_told_wrong_are_ringed() -> None:
    training = watched()
    training.run(5)
    told = [int(output > 0.0) for output in training.training.model.predict(moons.X)]
    wrong = sum(a != b for a, b in zip(told, moons.y, strict=True))
    assert len(parts(training, "nw-wrong")) == wrong > 0
    assert len(parts(training, "nw-right")) == 60 - wrong


def test_classes_and_more_columns_than_two() -> None:
    iris = data.iris()
    model = MLP(4, [14, 3], seed=1)
    training = nn.watch(model, iris.X, iris.y, "cross_entropy", names=iris.features, classes=iris.classes, seed=1)
    training.run(2)
    texts = [x.text for x in ElementTree.fromstring(training.svg).iter(f"{SVG}text")]
    assert {"setosa", "virginica", "sepal_length", "+ 2 more"} <= set(texts)
    assert "principal component 1 (92% of the variance)" in texts


def test_one_input_is_a_curve() -> None:
    xs = [[0.1 * i] for i in range(-20, 21)]
    training = nn.watch(MLP(1, [4, 1], "tanh", seed=1), xs, [math.sin(x) for (x,) in xs], seed=1)
    training.run(2)
    assert len(parts(training, "nw-line")) == 2  # the curve and the loss
    assert parts(training, "nw-boundary") == []


class Ring(nn.Module):
    """Class 1 outside of a circle: no layers in it."""

    def __init__(self) -> None:
        self.radius = Value(0.5)

    def __call__(self, x: Any) -> Any:
        return maximum(x[0] * x[0] + x[1] * x[1], 0.0) - self.radius * self.radius


def test_a_module_of_ones_own() -> None:
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


def test_a_hostile_name_stays_text() -> None:
    training = watched(names=["<script>alert(1)</script>", "x"], classes=["<b>", "&"])
    assert "<script" not in training.svg
    ElementTree.fromstring(training.svg)


def test_saved_whole_or_not_at_all(tmp_path: Path) -> None:
    training = watched()
    ElementTree.parse(training.save(tmp_path / "training.svg"))
    with pytest.raises(ValueError, match=r"saved as \.svg, not as 'training\.png'"):
        training.save(tmp_path / "training.png")


# ------------------------------------------------------------------------------------------------------- notebook


def test_the_widget_steps_and_restarts() -> None:
    training = watched()
    widget = training.widget()
    widget.request = {"steps": 1, "number": 1}
    assert widget.reply["steps"] == 1
    widget.request = {"epochs": 1, "rate": 0.02, "number": 2}
    assert (widget.reply["steps"], widget.reply["rate"]) == (3, 0.02)
    widget.request = {"restart": True, "number": 3}
    assert widget.reply["steps"] == 0
    assert widget.reply["status"] == "epoch 0, step 0"


def test_a_loss_that_is_no_number_is_told() -> None:
    training = nn.watch(MLP(2, [5, 1], activation="relu", seed=1), moons.X, moons.y, optimizer="sgd", seed=3)
    widget = training.widget()
    widget.request = {"rate": 1e30, "epochs": 50}
    assert "the loss is" in widget.error
    widget.request = {"rate": 0.01, "restart": True, "steps": 1}
    assert widget.error == ""


def test_what_a_notebook_gets() -> None:
    bundle, _ = watched()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/html"].startswith('<img alt="a network in training: epoch 0, step 0"')
    assert bundle["text/plain"] == "<Watch: MLP(2 -> 5 tanh -> 1 linear), epoch 0, step 0>"


def test_without_pillow() -> None:
    code = (
        "import sys; sys.modules['PIL'] = None; import nn; training = nn.watch(nn.MLP(2, [1]), [[0.0, 1.0]], [1.0]);"
        "training.run(2); print(training); training.svg"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("<Watch: MLP(2 -> 1 linear), epoch 2")
    assert "ImportError: the picture of a training needs Pillow: pip install pillow" in done.stderr


@pytest.mark.parametrize("X", [[], [1.0, 2.0], [[[1.0]]]])
def test_examples_are_rows_of_numbers(X: Any) -> None:
    with pytest.raises(ValueError, match="rows of numbers"):
        nn.watch(MLP(2, [1]), X, [0.0] * len(X))
