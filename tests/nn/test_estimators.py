"""The scikit-learn estimators: scikit-learn's own checks, and that their network is a network of scalars."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import nn
from autograd import Program, Value, draw, explain
from nn.estimators import NetworkClassifier, NetworkRegressor

X, Y = load_iris(return_X_y=True)
SCALED = StandardScaler().fit_transform(X)
NAMES = np.array(["setosa", "versicolor", "virginica"])
WAVE = np.linspace(-2.0, 2.0, 80)[:, None]


def classifier(**options: Any) -> NetworkClassifier:
    return NetworkClassifier(
        **{
            "hidden_layer_sizes": (6,),
            "learning_rate_init": 0.02,
            "max_iter": 30,
            "batch_size": 16,
            "random_state": 0,
            **options,
        }
    )


@pytest.mark.parametrize("estimator", [NetworkClassifier(), NetworkRegressor()], ids=lambda e: type(e).__name__)
def test_all_checks_of_scikit_learn(estimator: Any) -> None:
    found = check_estimator(estimator, on_skip=None)
    assert len(found) > 50
    # This one asks for arrays of other libraries, which scikit-learn only checks where its own support for them is on.
    others = [check for check in found if check["check_name"] != "check_array_api_input"]
    assert [check["check_name"] for check in others if check["status"] != "passed"] == []


def test_classes_of_any_kind() -> None:
    names = NAMES[Y]
    fitted = classifier().fit(SCALED, names)
    assert fitted.classes_.tolist() == NAMES.tolist()
    assert fitted.score(SCALED, names) > 0.9
    probabilities = fitted.predict_proba(SCALED)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(150))
    assert (fitted.classes_[probabilities.argmax(axis=1)] == fitted.predict(SCALED)).all()
    assert nn.softmax(fitted.network_(SCALED[0])[:])[0].data == pytest.approx(probabilities[0, 0])
    assert fitted.n_iter_ == len(fitted.history_) == len(fitted.history_.accuracy) == 30


def test_a_pipeline_a_grid_search_and_cross_validation() -> None:
    pipeline = make_pipeline(StandardScaler(), classifier())
    assert cross_val_score(pipeline, X, Y, cv=3).mean() > 0.85
    search = GridSearchCV(pipeline, {"networkclassifier__hidden_layer_sizes": [(2,), (8,)]}, cv=2)
    search.fit(X, Y)
    assert search.best_estimator_.score(X, Y) > 0.9
    assert repr(search.best_estimator_[-1].network_).startswith("MLP(4 -> ")


def test_copies_go_on_by_themselves() -> None:
    fitted = classifier().fit(SCALED, Y)
    for other in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        assert np.array_equal(other.predict_proba(SCALED), fitted.predict_proba(SCALED))
        other.partial_fit(SCALED, Y)
        assert not np.array_equal(other.predict_proba(SCALED), fitted.predict_proba(SCALED))
        assert other.n_iter_ == 31
    assert not hasattr(clone(fitted), "network_")


def test_partial_fit_goes_through_the_epochs_one_by_one() -> None:
    one_by_one = classifier(batch_size=150)
    for _ in range(5):
        one_by_one.partial_fit(SCALED, Y, classes=[0, 1, 2])
    at_once = classifier(batch_size=150, max_iter=5).fit(SCALED, Y)
    assert one_by_one.history_.loss == pytest.approx(at_once.history_.loss, rel=1e-9)
    assert one_by_one.optimizer_.steps == 5
    with pytest.raises(ValueError, match="there is no class 7"):
        one_by_one.partial_fit(SCALED[:3], [0, 1, 7])
    with pytest.raises(ValueError, match="the classes were"):
        one_by_one.partial_fit(SCALED[:3], [0, 1, 2], classes=[0, 1, 2, 3])
    with pytest.raises(ValueError, match="needs all classes"):
        classifier().partial_fit(SCALED, Y)


def test_early_stopping_restores_the_best_parameters() -> None:
    fitted = classifier(early_stopping=True, n_iter_no_change=3, max_iter=300, learning_rate_init=0.1).fit(SCALED, Y)
    assert fitted.history_.stopped.startswith("early")
    assert fitted.n_iter_ < 300
    assert fitted.history_.validation_loss


def test_regression_of_one_number_and_of_two() -> None:
    y = np.sin(2.0 * WAVE[:, 0])
    options: Any = {"activation": "tanh", "learning_rate_init": 0.05, "random_state": 0}
    fitted = NetworkRegressor((16,), **options).fit(WAVE, y)
    assert fitted.score(WAVE, y) > 0.95
    assert fitted.predict(WAVE).shape == (80,)
    two = NetworkRegressor((16,), **options).fit(WAVE, np.column_stack([y, -y]))
    assert two.predict(WAVE).shape == (80, 2)
    assert two.score(WAVE, np.column_stack([y, -y])) > 0.9
    with pytest.raises(ValueError, match=r"predicts 2 number\(s\) for each example, not 1"):
        two.partial_fit(WAVE, y)


def test_weights_of_samples() -> None:
    often = [i for i in range(150) for _ in range(i % 3)]
    weighted = classifier(max_iter=20, batch_size="auto").fit(SCALED, Y, sample_weight=[i % 3 for i in range(150)])
    repeated = classifier(max_iter=20, batch_size=150).fit(SCALED[often], Y[often])
    assert weighted.predict_proba(SCALED) == pytest.approx(repeated.predict_proba(SCALED), rel=1e-7)


def test_the_network_is_a_network_of_scalars() -> None:
    fitted = classifier().fit(SCALED, Y)
    x = [Value(number, f"x{i}") for i, number in enumerate(SCALED[0])]
    outputs = fitted.network_(x)
    loss = nn.cross_entropy(outputs, int(Y[0]))
    assert "x3" in draw(loss).svg
    assert len(explain(loss, x[0]).paths) >= 6
    assert [row.layer for row in nn.layer_report(fitted.network_, loss)] == ["layers.0", "layers.1"]
    program = Program(outputs, x)
    assert "np.maximum(z1, 0.0)" in program.source
    assert pytest.approx(fitted.network_.predict(SCALED)) == np.array(program(SCALED.T)).T


def test_an_architecture_of_ones_own() -> None:
    def network(inputs: int, outputs: int) -> nn.Module:
        return nn.Sequential(nn.Layer(inputs, 5, "tanh", seed=1), nn.Layer(5, outputs, "linear", seed=2))

    fitted = classifier(network=network).fit(SCALED, Y)
    assert repr(fitted.network_) == "Sequential(4 -> 5 tanh -> 3 linear)"


def test_a_network_with_another_number_of_outputs_is_refused() -> None:
    with pytest.raises(ValueError, match=r"network\(4, 3\) must give a list of 3 numbers, not \["):
        classifier(network=lambda inputs, outputs: nn.Layer(inputs, 2)).fit(SCALED, Y)


def test_partial_fit_is_one_epoch_on_other_examples() -> None:
    """It records once, so it is fast; each call makes the steps that a new training would make."""
    parts = [(SCALED[i::5], Y[i::5]) for i in range(5)] + [(SCALED[:7], Y[:7])]
    ours = classifier(optimizer="sgd", batch_size=10)
    for X, y in parts:
        ours.partial_fit(X, y, classes=[0, 1, 2])
    other = classifier(optimizer="sgd", batch_size=10)
    for X, y in parts:
        other.partial_fit(X, y, classes=[0, 1, 2])
        other = pickle.loads(pickle.dumps(other))  # which forgets the recording
    assert ours.network_.state_dict() == other.network_.state_dict()
    assert ours.history_.loss == other.history_.loss
    assert ours.n_iter_ == 6
    for weights in ([1.0] * 30, None):  # another program
        ours.partial_fit(*parts[0], sample_weight=weights)
    ours.network_.load_state_dict(dict.fromkeys(ours.network_.state_dict(), 0.0))
    ours.partial_fit(*parts[0])
    assert ours.history_.loss[-1] == pytest.approx(math.log(3.0), rel=0.1)  # it began with zeros


def test_a_schedule_can_be_pickled_and_cloned() -> None:
    schedule = nn.optim.warmup_lr(nn.optim.cosine_lr(0.05, 100), 5)
    fitted = classifier(learning_rate_init=schedule).fit(SCALED, Y)
    assert "learning_rate_init=warmup_lr(cosine_lr(0.05, 100, 0.0), 5)" in repr(fitted)
    again = pickle.loads(pickle.dumps(fitted))
    assert again.optimizer_.rate == fitted.optimizer_.rate
    assert again.partial_fit(SCALED, Y).history_.loss == fitted.partial_fit(SCALED, Y).history_.loss


def test_a_regressor_needs_a_number_for_a_number() -> None:
    def network(inputs: int, outputs: int) -> nn.Module:
        return nn.Layer(inputs, outputs, "linear", seed=1)  # which returns a list

    with pytest.raises(ValueError, match=r"network\(1, 1\) must give a single number, not \["):
        NetworkRegressor(network=network).fit(WAVE, WAVE[:, 0])


def test_a_fit_that_fails_leaves_nothing_of_the_one_before() -> None:
    fitted = classifier().fit(SCALED, Y)
    with pytest.raises(ValueError, match="non-negative"):
        fitted.fit(SCALED, Y, sample_weight=[-1.0] * 150)
    with pytest.raises(NotFittedError):
        fitted.predict(SCALED)


def test_a_refused_partial_fit_changes_nothing() -> None:
    runs = []
    for refused in (False, True):
        fitted = classifier().partial_fit(SCALED, Y, classes=[0, 1, 2])
        if refused:
            with pytest.raises(ValueError, match="non-negative"):
                fitted.partial_fit(SCALED, Y, sample_weight=[-1.0] * 150)
        runs.append(fitted.partial_fit(SCALED, Y).network_.state_dict())
    assert runs[0] == runs[1]


def test_batches_of_other_sizes_with_batch_norm() -> None:
    def network(inputs: int, outputs: int) -> nn.Module:
        hidden = nn.Layer(inputs, 5, "linear", seed=1)
        return nn.Sequential(hidden, nn.BatchNorm(5), nn.Layer(5, outputs, "linear", seed=2))

    fitted = classifier(network=network, batch_size="auto")
    for count in (32, 31, 10, 40, 32, 3):
        fitted.partial_fit(SCALED[:count], Y[:count], classes=[0, 1, 2])
    assert len(fitted.history_) == 6


def test_partial_fit_does_not_stop_early() -> None:
    with pytest.raises(ValueError, match="partial_fit does not stop early"):
        classifier(early_stopping=True).partial_fit(SCALED, Y, classes=[0, 1, 2])


def test_one_class_will_not_do() -> None:
    with pytest.raises(ValueError, match="there is one class, 0: classes="):
        classifier().partial_fit(SCALED[:5], [0] * 5, classes=[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": "lbfgs"}, "there is no optimizer 'lbfgs'; choose from sgd"),
        ({"batch_size": 0}, "batch_size must be a positive integer"),
        ({"activation": "cosh"}, "there is no activation 'cosh'"),
        ({"max_iter": 0}, "epochs must be a positive integer"),
    ],
)
def test_mistakes(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        classifier(**options).fit(SCALED, Y)


def test_sparse_matrices_are_refused_with_a_reason() -> None:
    from scipy.sparse import csr_matrix

    with pytest.raises(TypeError, match="dense data is required"):
        classifier().fit(csr_matrix(SCALED), Y)
