"""Data frames, series, arrays and lists as examples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from autograd import draw, mean, square
from nn import MLP, Sequential, data, fit

IRIS = data.iris()
COLUMNS = {name: [row[i] for row in IRIS.X] for i, name in enumerate(IRIS.features)}


def train(X: Any, y: Any, **options: Any) -> tuple[list[float], Any]:
    model = MLP(4, [5, 3], activation="tanh", seed=1)
    history = fit(model, X, y, "cross_entropy", epochs=2, progress=False, seed=0, **options)
    return [*history.loss, *history.accuracy, *(p.data for p in model.parameters())], model.predict(X)


@pytest.mark.parametrize("engine", ["program", "eager"])
@pytest.mark.parametrize(
    ("X", "y"),
    [
        (pd.DataFrame(COLUMNS), pd.Series(IRIS.y)),
        (pd.DataFrame(COLUMNS, index=range(1_000, 1_150)), pd.DataFrame({"species": IRIS.y})),
        (pd.DataFrame(COLUMNS).convert_dtypes(), pd.Series(IRIS.y, dtype="Int64")),
        (pl.DataFrame(COLUMNS), pl.Series(IRIS.y)),
        (pl.DataFrame(COLUMNS, schema_overrides={IRIS.features[0]: pl.Float64}), pl.DataFrame({"species": IRIS.y})),
        (np.array(IRIS.X), np.array(IRIS.y)),
        (tuple(map(tuple, IRIS.X)), tuple(IRIS.y)),
    ],
)
def test_examples_of_any_kind_train_the_same_model(X: Any, y: Any, engine: str) -> None:
    wanted, predicted = train(IRIS.X, IRIS.y, engine=engine, validation=(IRIS.X[:20], IRIS.y[:20]))
    found, outputs = train(X, y, engine=engine, validation=(X[:20], y[:20]))
    assert found == wanted
    assert np.array(outputs) == pytest.approx(np.array(predicted), rel=1e-12)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pd.Series([1.0, None, 3.0]), "has no number in row 1"),
        (pd.Series([1, pd.NA, 3], dtype="Int64"), "has no number in row 1"),
        (pl.Series([1, 2, None]), "has no number in row 2"),
        (pd.Series(["red", "blue", "red"]), "holds 'red' in row 0, but a network takes numbers"),
        (pl.Series(["red", "blue", "red"]), "holds 'red' in row 0, but a network takes numbers"),
        (pd.Series([1.0, "2", 3.0], dtype=object), "holds '2' in row 1"),
        (pd.Series(["a", "b", "a"], dtype="category"), "holds 'a' in row 0"),
        (pd.Series(pd.to_datetime(["2026-01-01"] * 3)), "holds .*2026-01-01.* in row 0, but a network takes numbers"),
        (pd.Series(pd.to_timedelta([1, 2, 3], unit="s")), "holds .* in row 0, but a network takes numbers"),
        (pl.Series(["2026-01-01"] * 3).str.to_date(), "holds .*2026-01-01.* in row 0, but a network takes numbers"),
    ],
)
def test_columns_without_numbers_are_refused(column: Any, message: str) -> None:
    kind = pd.DataFrame if isinstance(column, pd.Series) else pl.DataFrame
    frame = kind({"width": [1.0, 2.0, 3.0], "color": column})
    model = MLP(2, [2], seed=1)
    with pytest.raises((TypeError, ValueError), match=f"column 'color' of X {message}"):
        fit(model, frame, [0, 1, 0], "cross_entropy", progress=False)
    with pytest.raises((TypeError, ValueError), match=f"column 'color' of X {message}"):
        model.predict(frame)
    with pytest.raises((TypeError, ValueError), match=f"y {message}"):
        fit(model, [[1.0, 2.0]] * 3, column, "cross_entropy", progress=False)


def test_booleans_are_numbers() -> None:
    frame = pl.DataFrame({"a": [True, False], "b": [1.5, 2.5]})
    model = MLP(2, [1], seed=1)
    assert model.predict(frame) == pytest.approx(model.predict(np.array([[1.0, 1.5], [0.0, 2.5]])))


def test_a_row_of_a_frame_brings_the_names_of_its_columns() -> None:
    model = MLP(4, [2, 1], seed=1)
    for row in (pd.DataFrame(COLUMNS).iloc[0], pd.DataFrame(COLUMNS).iloc[[0]], pl.DataFrame(COLUMNS)[0]):
        drawn = draw(model(row), depth=9).svg
        for name in IRIS.features:
            assert name in drawn
        assert model(row).data == model(IRIS.X[0]).data
    assert model(pd.Series(IRIS.X[0])).data == model(IRIS.X[0]).data


def test_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two columns of X have the same name, in a, a"):
        MLP(2, [1], seed=1).predict(pd.DataFrame([[1.0, 2.0]], columns=["a", "a"]))


def test_validation_in_columns_of_another_order() -> None:
    frame, y = pd.DataFrame(COLUMNS), IRIS.y
    same, other = (train(frame, y, validation=(frame[names], y)) for names in (frame.columns, frame.columns[::-1]))
    assert same[0] == other[0]
    with pytest.raises(ValueError, match="the columns must be"):
        train(frame, y, validation=(frame.rename(columns={IRIS.features[0]: "length"}), y))


@pytest.mark.parametrize("count", [3, 40])  # called one by one, and replayed
@pytest.mark.parametrize("kind", [bool, np.int8, np.uint8, np.float16, np.float32])
def test_predictions_for_numbers_of_small_types(kind: Any, count: int) -> None:
    model = Sequential(lambda x: [x[0] + x[1], x[0] - x[1]])
    numbers = np.array([[100, 101], [1, 0], [1, 1]] * 20)[:count].astype(kind)
    wanted = model.predict(numbers.astype(float).tolist())
    assert model.predict(numbers).tolist() == model.predict(list(numbers)) == wanted


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.float16])
def test_targets_of_small_types_in_a_loss_of_ones_own(kind: Any) -> None:
    def loss(outputs: Any, targets: Any) -> Any:
        return mean([square(o - 0.01 * (100 * t - 1)) for o, t in zip(outputs, targets, strict=True)])

    losses = []
    for targets in ([0, 1, 2, 3], np.array([0, 1, 2, 3], kind), [kind(t) for t in (0, 1, 2, 3)]):
        model = MLP(1, [1], seed=1)
        losses.append(fit(model, [[0.1], [0.2], [0.3], [0.4]], targets, loss, epochs=2, engine="eager", progress=False))
    assert losses[1].loss == pytest.approx(losses[0].loss, rel=1e-12)
    assert losses[2].loss == pytest.approx(losses[0].loss, rel=1e-12)
