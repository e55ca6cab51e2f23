"""Training and its history."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value, exp, log
from nn import SGD, Adam, History, Module, NonFiniteLossError, accuracy, confusion_matrix, data, fit, losses


class Line(Module):
    def __init__(self) -> None:
        self.slope, self.height = Value(0.0, "slope"), Value(0.0, "height")

    def __call__(self, x: Any) -> Any:
        return self.slope * x[0] + self.height


X = [[i / 10.0] for i in range(20)]
Y = [2.0 * x[0] - 1.0 for x in X]


def test_fitting_a_line() -> None:
    model = Line()
    history = fit(model, X, Y, optimizer=Adam(model.parameters(), lr=0.05), epochs=200, progress=False, seed=0)
    assert (model.slope.data, model.height.data) == (pytest.approx(2.0, abs=1e-3), pytest.approx(-1.0, abs=1e-3))
    assert len(history) == 200
    assert history.loss[-1] < 1e-4 < history.loss[0]
    assert history.stopped == ""


def test_full_batches_are_gradient_descent() -> None:
    """One epoch with one batch is one gradient descent step on the mean loss."""
    model = Line()
    fit(model, X, Y, optimizer=SGD(model.parameters(), lr=0.1), epochs=1, batch_size=100, progress=False)
    slope = sum(-2.0 * y * x[0] for x, y in zip(X, Y, strict=True)) / len(X)
    height = sum(-2.0 * y for y in Y) / len(X)
    assert (model.slope.data, model.height.data) == (pytest.approx(-0.1 * slope), pytest.approx(-0.1 * height))


def test_the_same_seed_gives_the_same_history() -> None:
    runs = [fit(nn.MLP(1, [3, 1], seed=1), X, Y, epochs=3, batch_size=4, progress=False, seed=s) for s in (5, 5, 6)]
    assert runs[0] == runs[1] != runs[2]


def test_classification_records_the_accuracy() -> None:
    moons = data.moons(80)
    model = nn.MLP(2, [8, 2], activation="tanh", seed=0)
    history = fit(
        model,
        moons.X,
        moons.y,
        "cross_entropy",
        Adam(model.parameters(), lr=0.05),
        epochs=15,
        validation=(moons.X, moons.y),
        progress=False,
        seed=0,
    )
    assert history.validation_accuracy[-1] > 0.85
    assert history.validation_accuracy[-1] == accuracy(model.predict(moons.X), moons.y)
    assert len(history.accuracy) == len(history.validation_loss) == 15
    assert "validation_accuracy" in str(history)


def test_arrays_as_examples() -> None:
    history = fit(nn.MLP(1, [1], seed=0), np.array(X), np.array(Y), epochs=1, progress=False)
    assert len(history) == 1


def test_early_stopping_restores_the_best_parameters() -> None:
    model = Line()
    worse = [3.0] * len(X)  # validation targets that training moves away from

    def validation_loss() -> float:
        return losses.mse(model.predict(X), worse)

    history = fit(
        model,
        X,
        Y,
        optimizer=SGD(model.parameters(), lr=0.1),
        epochs=50,
        validation=(X, worse),
        patience=3,
        progress=False,
        seed=0,
    )
    best = min(history.validation_loss)
    assert len(history) < 50
    lowest = history.validation_loss.index(best) + 1
    assert len(history) == lowest + 3
    assert history.stopped == f"early: the validation loss was lowest after epoch {lowest}"
    assert validation_loss() == pytest.approx(best)


def test_callbacks_get_the_history_and_may_stop_training() -> None:
    seen: list[int] = []

    def stop_after_three(history: History) -> bool:
        seen.append(len(history))
        return len(history) == 3

    history = fit(Line(), X, Y, epochs=10, callbacks=[stop_after_three, lambda history: None], progress=False)
    assert seen == [1, 2, 3]
    assert history.stopped == "by a callback after epoch 3"


def test_ctrl_c_keeps_the_history() -> None:
    def interrupt(history: History) -> None:
        if len(history) == 2:
            raise KeyboardInterrupt

    history = fit(Line(), X, Y, epochs=10, callbacks=[interrupt], progress=False)
    assert len(history) == 2
    assert history.stopped == "interrupted in epoch 3"


def test_a_non_finite_loss_is_traced_to_its_node() -> None:
    model = Line()
    model.slope.data = 1e200
    with pytest.raises(
        NonFiniteLossError,
        match=r"epoch 1, batch 1: the loss is (inf|nan); the first non-finite node: \w+ gave (inf|nan)",
    ):
        fit(model, [[1e200]], [0.0], epochs=1, progress=False)
    model.slope.data = math.nan
    with pytest.raises(FloatingPointError, match=r"the first non-finite node: a leaf holds nan \(slope\)"):
        fit(model, X, Y, epochs=1, progress=False)


def test_a_loss_that_cannot_be_computed() -> None:
    class Steep(Line):
        def __call__(self, x: Any) -> Any:
            return exp(1000.0 * (super().__call__(x) + 1.0))

    with pytest.raises(FloatingPointError, match=r"epoch 1, batch 1: exp\(1000.0\): ") as stopped:
        fit(Steep(), X, Y, epochs=1, progress=False)
    assert len(stopped.value.history) == 0


def test_an_argument_outside_the_domain() -> None:
    class Log(Line):
        def __call__(self, x: Any) -> Any:
            return log(super().__call__(x) - 1.0)

    with pytest.raises(NonFiniteLossError, match=r"epoch 1, batch 1: log\(-1\.0\): "):
        fit(Log(), X, Y, epochs=1, progress=False)


def test_numpy_labels() -> None:
    moons = data.moons(20)
    for loss in ("cross_entropy", "Cross_Entropy"):
        history = fit(nn.MLP(2, [2], seed=0), np.array(moons.X), np.array(moons.y), loss, epochs=1, progress=False)
        assert len(history.accuracy) == 1


def test_the_optimizer_of_another_model() -> None:
    with pytest.raises(ValueError, match="the optimizer has no parameter of Line"):
        fit(Line(), X, Y, optimizer=SGD(Line().parameters()), progress=False)


def test_a_single_callback() -> None:
    assert len(fit(Line(), X, Y, epochs=9, callbacks=lambda history: len(history) == 2, progress=False)) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"loss": "least squares"}, "there is no loss 'least squares'; choose from mse, mae"),
        ({"optimizer": "newton"}, "there is no optimizer 'newton'; choose from sgd"),
        ({"epochs": 0}, "epochs must be a positive integer, not 0"),
        ({"batch_size": 1.5}, "batch_size must be a positive integer, not 1.5"),
        ({"validation": ([], [])}, r"validation: 0 example\(s\) for 0 target\(s\)"),
        ({"validation": (X, [1.0])}, r"validation: \d+ example\(s\) for 1 target\(s\)"),
        ({"patience": 3}, "patience needs a validation set"),
    ],
)
def test_mistakes(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(Line(), X, Y, progress=False, **arguments)


def test_examples_and_targets_of_different_lengths() -> None:
    with pytest.raises(ValueError, match=r"20 example\(s\) for 19 target\(s\)"):
        fit(Line(), X, Y[1:], progress=False)


def test_wrong_types() -> None:
    with pytest.raises(TypeError, match="name of a loss or a function, not 3"):
        fit(Line(), X, Y, loss=3, progress=False)
    with pytest.raises(TypeError, match="the loss must depend on the parameters"):
        fit(Line(), X, Y, loss=lambda outputs, targets: 1.0, progress=False)


def test_the_progress_bar(capsys: pytest.CaptureFixture[str]) -> None:
    fit(Line(), X, Y, epochs=2, batch_size=10)
    shown = capsys.readouterr().err
    assert "epoch 2/2" in shown
    assert "loss" in shown
    assert "4/4" in shown


def test_without_tqdm(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    fit(Line(), X, Y, epochs=20)
    assert len(capsys.readouterr().err.splitlines()) == 10
    fit(Line(), X, Y, epochs=2, progress=False)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("outputs", [[math.nan], [[math.nan, 1.0]], [[1.0, math.nan]]])
@pytest.mark.parametrize("target", [0, 1, [0.0, 1.0]])
def test_nan_is_never_a_correct_prediction(outputs: Any, target: Any) -> None:
    with pytest.raises(ValueError, match="nan predicts no class"):
        accuracy(outputs, [target])


@pytest.mark.parametrize("target", [1.7, "1", None, math.nan, math.inf])
def test_targets_that_are_not_classes(target: Any) -> None:
    with pytest.raises(ValueError, match="a target must be a class number, a probability, or a row of numbers"):
        accuracy([1.0], [target])


@pytest.mark.parametrize("of", [list, np.array])
def test_a_row_of_one_is_its_number(of: Any) -> None:
    """As a Layer with a single neuron returns it."""
    outputs, y = of([[3.0], [-2.0], [4.0]]), of([1, 0, 1])
    for targets in (y, of([[1], [0], [1]])):
        assert accuracy(outputs, targets) == accuracy(of([3.0, -2.0, 4.0]), targets) == 1.0
        assert confusion_matrix(outputs, targets) == [[1, 0], [0, 2]]
    assert accuracy(of([[-1.0], [-1.0]]), of([[1], [1]])) == 0.0
    assert accuracy(outputs, of([1, -1, -1])) == pytest.approx(2 / 3)


@pytest.mark.parametrize("of", [list, np.array])
@pytest.mark.parametrize(
    ("outputs", "y", "message"),
    [
        (np.eye(3).tolist(), [-1, 0, 1], r"if one class is -1, the other must be 1; these are \[-1, 0, 1\]"),
        ([3.0, -2.0], [1, -2], "a class is a number from 0, or -1 or 1, not -2"),
        ([[0.0, 1.0]], [5], "a target is class 5, but the outputs are for 2 classes"),
        ([1.0], [2], "a target is class 2, but the outputs are for 2 classes"),
    ],
)
def test_targets_that_are_none_of_the_classes(of: Any, outputs: Any, y: Any, message: str) -> None:
    for measure in (accuracy, confusion_matrix):
        with pytest.raises(ValueError, match=message):
            measure(of(outputs), of(y))


def test_several_labels() -> None:
    """One row that is not of probabilities shows that all are labels."""
    y = [[1, 0], [1, 1], [0, 0]]
    assert accuracy([[5.0, -3.0], [5.0, 3.0], [-1.0, -1.0]], y) == 1.0
    assert accuracy([[5.0, 3.0], [5.0, 3.0], [-1.0, -1.0]], y) == pytest.approx(2 / 3)
    assert accuracy([[5.0, 3.0], [-5.0, 3.0]], [[0.7, 0.3], [0.4, 0.6]]) == 1.0
    with pytest.raises(ValueError, match="a confusion matrix needs one class for each example"):
        confusion_matrix([[5.0, -3.0], [5.0, 3.0]], y[:2])
    with pytest.raises(ValueError, match="must all be class numbers, or all be rows"):
        accuracy([[5.0, -3.0], [5.0, 3.0]], [1, [1, 1]])


def test_accuracy_and_confusion() -> None:
    outputs = [[0.1, 0.9, 0.0], [0.8, 0.2, 0.1], [0.0, 0.1, 0.9], [0.5, 0.4, 0.1]]
    assert accuracy(outputs, [1, 0, 2, 1]) == 0.75
    assert confusion_matrix(outputs, [1, 0, 2, 1]) == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert confusion_matrix(outputs[:1], [1], classes=4)[3] == [0, 0, 0, 0]
    assert accuracy([2.0, -1.0, Value(0.5)], [1, 0, 0]) == pytest.approx(2 / 3)
    assert accuracy([2.0, -1.0], [1, -1]) == 1.0
    assert confusion_matrix([2.0, -1.0, 1.0], [1, -1, -1]) == [[1, 1], [0, 1]]
    with pytest.raises(ValueError, match=r"1 output\(s\) for 2 target\(s\)"):
        accuracy([1.0], [1, 1])


def test_a_long_history_is_a_short_table() -> None:
    history = History(loss=[1.0 / (i + 1) for i in range(500)])
    lines = str(history).splitlines()
    assert len(lines) <= 22
    assert lines[1].split() == ["1", "1"]
    assert lines[-1].split() == ["500", "0.002"]
    assert str(History()) == " epoch"


def test_a_notebook_shows_a_history_as_a_table() -> None:
    history = History(loss=[0.5] * 99 + [0.25], stopped="by <b>")
    html = history._repr_html_()
    assert html.count("<tr>") <= 22
    assert "<td>100</td><td>0.25</td>" in html
    assert "by &lt;b&gt;" in html


def test_the_loss_of_an_epoch_is_the_mean_over_examples() -> None:
    """The last mini-batch is smaller than the others, so it has a smaller weight."""
    moons = data.moons(10, seed=1)
    model = nn.MLP(2, [1], seed=1)
    still = nn.SGD(model.parameters(), lr=0.0)
    history = nn.fit(model, moons.X, moons.y, optimizer=still, epochs=1, batch_size=4, progress=False, seed=1)
    outputs = model.predict(moons.X)
    assert history.loss == [pytest.approx(sum((a - b) ** 2 for a, b in zip(outputs, moons.y, strict=True)) / 10)]


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_targets_may_be_rows(engine: str) -> None:
    X = [[0.0, 0.0], [1.0, 1.0], [2.0, 1.0]]
    kinds = [0, 1, 1]
    for loss, rows in (
        ("cross_entropy", np.eye(2)[kinds]),
        ("cross_entropy", [[0.9, 0.1], [0.0, 1.0], [0.3, 0.7]]),
        ("binary_cross_entropy", [[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]]),
        ("hinge", [[-1.0, -1.0], [1.0, 1.0], [1.0, -1.0]]),
    ):
        model = nn.MLP(2, [2], seed=1)
        before = model.predict(X)
        history = nn.fit(model, X, rows, loss, epochs=1, progress=False, seed=1, engine=engine)
        if loss == "cross_entropy":
            right = [(b > a) == kind for (a, b), kind in zip(before, kinds, strict=True)]
        else:
            right = [
                all((o > 0.0) == (t > 0.0) for o, t in zip(*pair, strict=True))
                for pair in zip(before, rows, strict=True)
            ]
        assert history.accuracy == [sum(right) / 3]


def test_non_finite_gradients_are_computed_eagerly() -> None:
    X, y = [[math.inf], [1.0]], [1, 0]
    found = []
    for engine in ("program", "eager"):
        model = nn.MLP(1, [2, 1], activation="tanh", seed=1)
        nn.fit(model, X, y, "binary_cross_entropy", epochs=3, progress=False, seed=1, engine=engine)
        found.append(model.state_dict())
    assert found[0] == found[1]
    assert all(map(math.isfinite, found[0].values()))


def test_a_confusion_matrix_of_rows_and_probabilities() -> None:
    assert confusion_matrix([[0.1, 0.9], [0.8, 0.2]], np.eye(2)) == [[0, 1], [1, 0]]
    assert confusion_matrix([2.0, -1.0, 1.0], [0.9, 0.2, 0.1]) == [[1, 1], [0, 1]]
