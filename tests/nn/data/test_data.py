"""Data: batches, splits, scaling, CSV files, generated data sets."""

from __future__ import annotations

import math
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import Scaler, batches, data, read_csv, standardize, train_test_split
from nn.data import read_table


@given(st.integers(1, 50), st.integers(1, 20), st.booleans(), st.integers(0, 100))
def test_an_epoch_has_every_example_once(n: int, size: int, shuffle: bool, seed: int) -> None:
    X, y = [[float(i)] for i in range(n)], list(range(n))
    found = list(batches(X, y, size, shuffle, seed))
    assert all(len(xs) == len(ys) <= size for xs, ys in found)
    assert all(len(xs) == size for xs, _ in found[:-1])
    assert sorted(t for _, ys in found for t in ys) == y
    assert all(x[0] == t for xs, ys in found for x, t in zip(xs, ys, strict=True))


def test_order_of_batches() -> None:
    X, y = np.arange(20.0).reshape(10, 2), list(range(10))

    def order(seed: int | random.Random | None, shuffle: bool = True) -> list[int]:
        return [t for _, ys in batches(X, y, 3, shuffle, seed) for t in ys]

    assert order(1, shuffle=False) == y
    assert order(1) == order(1) != order(2)
    rng = random.Random(0)
    assert order(rng) != order(rng)


@pytest.mark.parametrize(("n", "m", "size"), [(2, 3, 1), (0, 0, 1), (2, 2, 0), (2, 2, 1.5), (2, 2, True)])
def test_invalid_batches(n: int, m: int, size: int) -> None:
    with pytest.raises(ValueError, match=r"example\(s\) for|size of a batch"):
        batches([[0.0]] * n, [0] * m, size)


def test_train_test_split() -> None:
    iris = data.iris()
    X_train, X_test, y_train, y_test = train_test_split(iris.X, iris.y, 0.2, seed=1)
    assert (len(X_train), len(X_test)) == (120, 30)
    assert sorted(X_train + X_test) == sorted(iris.X)
    assert train_test_split(iris.X, iris.y, 0.2, seed=1)[3] == y_test
    _, _, y_train, y_test = train_test_split(iris.X, iris.y, 0.2, seed=1, stratify=True)
    assert Counter(y_test) == {0: 10, 1: 10, 2: 10}
    assert Counter(y_train) == {0: 40, 1: 40, 2: 40}


@pytest.mark.parametrize(("n", "m", "test"), [(2, 3, 0.5), (2, 2, 0.0), (2, 2, 1.0), (1, 1, 0.5), (3, 3, 0.01)])
def test_invalid_splits(n: int, m: int, test: float) -> None:
    with pytest.raises(ValueError, match=r"example\(s\)|a fraction between"):
        train_test_split([[0.0]] * n, [0] * m, test)


def test_standardize() -> None:
    X = [[1.0, 5.0], [2.0, 5.0], [6.0, 5.0]]
    moved, other = standardize(X, [[3.0, 6.0]])
    columns = np.array(moved)
    assert columns.mean(axis=0) == pytest.approx([0.0, 0.0])
    assert columns.std(axis=0) == pytest.approx([1.0, 0.0])
    assert other[0] == pytest.approx([0.0, 1.0])
    assert standardize(X) == moved
    with pytest.raises(ValueError, match="no rows"):
        standardize([])
    with pytest.raises(ValueError, match="differ in length"):
        Scaler.fit([[1.0], [1.0, 2.0]])


def table(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_table_of_classes(tmp_path: Path) -> None:
    path = table(tmp_path, '\ufeffa, b,kind\n1,2,"red, dark"\n\n3,4,blue\n5,6,blue\n')
    found = read_csv(path)
    assert (found.features, found.classes, found.target) == (["a", "b"], ["blue", "red, dark"], "kind")
    assert (found.X, found.y) == ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [1, 0, 0])
    assert repr(found) == "<Dataset table: 3 examples, 2 features, 2 classes>"


def test_a_table_for_regression(tmp_path: Path) -> None:
    path = table(tmp_path, "a,y\n1,0.5\n2,1\n")
    assert (read_csv(path).classes, read_csv(path).y) == ([], [0.5, 1.0])
    assert read_csv(path, target="a").classes == ["1", "2"]
    whole = table(tmp_path, "a,y\n" + "".join(f"0,{i}\n" for i in range(21)))
    assert read_csv(whole).classes == []
    few = table(tmp_path, "a,y\n0,10\n0,9\n")
    assert (read_csv(few).classes, read_csv(few).y) == (["9", "10"], [1, 0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the first line must name the columns"),
        ("a,b\n", "there are no rows below the header"),
        ("a\n1\n", "needs at least one feature"),
        ("a,a\n1,2\n", "line 1: two columns have the same name"),
        ("a,b\n1,2\n1\n", "line 3: 1 entries, but the header has 2"),
        ("a,b,c\n1,2,3\n,\n", "line 3: 2 entries, but the header has 3"),
        ("a,b\n1,2\nx,2\n", "line 3: column 'a' should hold a number, not 'x'"),
        ("a,b\n1,2\n ,2\n", "line 3: column 'a' is empty; to fill it, train with --fill, or fill=True"),
        ("a,b\nred,2\n,2\n", "line 3: column 'a' is empty; to fill it, train with --fill, or fill=True"),
        ("a,b\nred,2\n?,2\n", "line 3: column 'a' holds '\\?', as missing entries are written; to fill it, train with"),
        ("a,b\n" + "".join(f"name{i},2\n" for i in range(51)), "column 'a' holds 51 different texts, more than 50"),
        ("a,b\n\nnan,2\n", "line 3: column 'a' holds 'nan', as missing entries are written; to fill it, train with"),
        ("a,b\n1,\n", "line 2: column 'b' is empty; leave out lines whose target is not known"),
        ("a,b\n1,2\n1,nan\n", "line 3: column 'b' holds 'nan', as missing entries are written; leave out lines whose"),
        ("a,b\n1,yes\n1,NA\n", "line 3: column 'b' holds 'NA', as missing entries are written; leave out lines whose"),
        ("a,b\n,\n , \n", "there are no rows below the header"),
        ('a,b\n1,"2\n', "line 2: unexpected end of data"),
        (b"a,b\n1,\xff\n", "is not a text file in UTF-8"),
        ("a,b\n1_0,1\n", "line 2: column 'a' should hold a number, not '1_0'"),
        ("a,b\n1e999,1\n", "line 2: column 'a' should hold a number, not '1e999'"),
        (
            "a,b\n" + "".join(f"1,{i}\n" for i in range(30)) + "1,many\n",
            "line 32: .* looks numeric, but here it holds 'many'",
        ),
    ],
)
def test_tables_with_mistakes(text: str | bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        read_csv(table(tmp_path, text))


def test_texts_are_categories(tmp_path: Path) -> None:
    path = table(tmp_path, "size,color,kind\n1,red,a\n2, blue ,b\n3,red,a\n")
    found = read_csv(path)
    assert found.features == ["size", "color=blue", "color=red"]
    assert found.X == [[1.0, 0.0, 1.0], [2.0, 1.0, 0.0], [3.0, 0.0, 1.0]]
    assert [(column.name, column.categories) for column in found.columns] == [("size", []), ("color", ["blue", "red"])]
    assert read_csv(path, without=["size"]).features == ["color=blue", "color=red"]
    for without, message in (
        (["weight"], "there is no column 'weight'"),
        (["size", "color"], "no column is left"),
        (["kind"], "column 'kind' is to be predicted, so it cannot be left out"),
    ):
        with pytest.raises(ValueError, match=message):
            read_csv(path, without=without)


@pytest.mark.parametrize("missing", ["", " ", "NA", "nan", "null", "?", "N/A"])
def test_missing_numbers_are_filled_on_demand(missing: str, tmp_path: Path) -> None:
    path = table(tmp_path, f"size,y\n1,0.5\n{missing},0.5\n3,0.5\n")
    with pytest.raises(ValueError, match="line 3: column 'size'"):
        read_csv(path)
    found = read_csv(path, fill=True)
    assert math.isnan(found.X[1][0])
    scaler = Scaler.fit(found.X, fill=True)
    assert scaler.means == [2.0]
    assert scaler(found.X) == [[-1.0], [0.0], [1.0]]
    with pytest.raises(ValueError, match="column 0 cannot be scaled"):
        Scaler.fit(found.X)
    with pytest.raises(ValueError, match="column 0 cannot be filled: all of its numbers are missing"):
        Scaler.fit([[math.nan]], fill=True)


@pytest.mark.parametrize("missing", ["", "NA", "?", "Null"])
def test_a_missing_category_is_none_of_them(missing: str, tmp_path: Path) -> None:
    path = table(tmp_path, f"color,y\nred,0.5\n{missing},0.5\nblue,0.5\n")
    assert read_csv(path, fill=True).X == [[0.0, 1.0], [0.0, 0.0], [1.0, 0.0]]


def test_none_may_be_a_category(tmp_path: Path) -> None:
    found = read_csv(table(tmp_path, "damage,kind\nnone,none\nscratch,some\n"))
    assert (found.features, found.classes) == (["damage=none", "damage=scratch"], ["none", "some"])


def test_blank_lines_are_no_examples(tmp_path: Path) -> None:
    assert read_csv(table(tmp_path, "a,b\n1,0.5\n\n  \n2,1.5\n,\n")).X == [[1.0], [2.0]]


def test_numeric_classes_are_compared_by_value(tmp_path: Path) -> None:
    found = read_csv(table(tmp_path, "a,y\n0,1\n0,1.0\n0,01\n0,0\n"))
    assert (found.classes, found.y) == (["0", "1"], [1, 1, 1, 0])


def test_number_syntax_of_python_only_is_a_name(tmp_path: Path) -> None:
    found = read_csv(table(tmp_path, "a,y\n0,1_0\n0,10\n0,sNaN\n"))
    assert (found.classes, found.y) == (["10", "1_0", "sNaN"], [1, 0, 2])


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1.0, 1e150, 1e307])
def test_columns_of_any_size_are_scaled(scale: float) -> None:
    scaler = Scaler.fit([[1.0 * scale], [3.0 * scale]])
    assert scaler([[5.0 * scale]]) == [[pytest.approx(3.0)]]


@pytest.mark.parametrize("column", [[1.0, math.nan], [1.7e308, -1.7e308], [1.0, math.inf], [1.7e308, 1.7e308]])
def test_columns_that_cannot_be_scaled(column: list[float]) -> None:
    with pytest.raises(ValueError, match="column 1 cannot be scaled"):
        Scaler.fit([[0.0, x] for x in column])


def test_rows_of_a_different_width_are_not_scaled() -> None:
    with pytest.raises(ValueError, match=r"row 1 has 2 number\(s\), but this scaler takes rows of 1"):
        Scaler.fit([[1.0], [2.0]])([[1.0], [2.0, 3.0]])


def test_a_constant_column_is_only_centered() -> None:
    assert Scaler.fit([[5.4]] * 111)([[6.4]])[0][0] == pytest.approx(1.0)


def test_a_target_that_is_not_a_column(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no column 'c'; choose from a, b"):
        read_csv(table(tmp_path, "a,b\n1,2\n"), target="c")


def test_iris_matches_the_paper() -> None:
    found = data.iris()
    assert Counter(found.y) == {0: 50, 1: 50, 2: 50}
    means = [
        [sum(x[i] for x, t in zip(found.X, found.y, strict=True) if t == k) / 50 for i in range(4)] for k in range(3)
    ]
    # Fisher 1936, table II.
    assert means[0] == pytest.approx([5.006, 3.428, 1.462, 0.246])
    assert means[1] == pytest.approx([5.936, 2.770, 4.260, 1.326])
    assert means[2] == pytest.approx([6.588, 2.974, 5.552, 2.026])
    assert found.X[34] == [4.9, 3.1, 1.5, 0.2]  # 0.1 in UCI's copy
    assert found.X[37] == [4.9, 3.6, 1.4, 0.1]  # 3.1 and 1.5 in UCI's copy


@pytest.mark.parametrize("name", [name for name in data.BY_NAME if name != "iris"])
def test_generated_sets(name: str) -> None:
    make = getattr(data, name)
    found = make(n=101, seed=3)
    assert len(found) == 101
    counts = Counter(found.y)
    assert len(counts) == len(found.classes)
    assert max(counts.values()) - min(counts.values()) <= 1
    assert make(n=101, seed=3).X == found.X != make(n=101, seed=4).X
    with pytest.raises(ValueError, match="at least one point for each class"):
        make(n=1)
    with pytest.raises(ValueError, match="noise must be a non-negative number"):
        make(noise=-1.0)


def test_shapes_without_noise() -> None:
    for x, kind in zip(*vars_of(data.circles(40, noise=0.0)), strict=True):
        assert (x[0] ** 2 + x[1] ** 2) ** 0.5 == pytest.approx(1.0 if kind == 0 else 0.5)
    for x, kind in zip(*vars_of(data.xor(40, noise=0.0)), strict=True):
        assert (x[0] * x[1] < 0) == bool(kind)


def vars_of(found: data.Dataset) -> tuple[list[list[float]], list[int]]:
    return found.X, found.y


def test_classes_of_large_numbers_keep_their_names(tmp_path: Path) -> None:
    for labels in (["1000001", "1000002", "1000003"], [str(2**53), str(2**53 + 1), str(2**53 + 2)], ["1e30", "2e30"]):
        path = tmp_path / "numbers.csv"
        path.write_text("x,y\n" + "".join(f"{i},{label}\n" for i, label in enumerate(labels)))
        found = read_csv(path)
        assert (found.classes, found.y) == (labels, list(range(len(labels))))


def test_many_classes_are_read_in_linear_time(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("x,y\n" + "".join(f"{i},name {i:06}\n" for i in range(50_000)))
    found = read_csv(path)
    assert (len(found.classes), found.y[-1]) == (50_000, 49_999)


def test_blobs_lie_around_points_of_the_unit_circle() -> None:
    found = data.blobs(30, noise=0.0, centres=3)
    for x, kind in zip(found.X, found.y, strict=True):
        angle = 2.0 * math.pi * kind / 3.0
        assert x == pytest.approx([math.cos(angle), math.sin(angle)], abs=1e-12)


def test_the_first_name_among_numbers_is_reported(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("x,y\n" + "".join(f"{i},{i}\n" for i in range(30)) + "1,abc\n2,xyz\n")
    with pytest.raises(ValueError, match="line 32: column 'y' looks numeric, but here it holds 'abc'"):
        data.read_csv(table)


def test_frames_are_taken_by_position() -> None:
    """[i] of a series is the entry with the label i."""
    X, y = pd.DataFrame([[1, 2, 3], [4, 5, 6], [7, 8, 9]], index=[2, 1, 0]), pd.Series([10, 20, 30], index=[2, 1, 0])
    [(rows, targets)] = batches(X, y, 3, shuffle=False)
    assert ([list(row) for row in rows], targets) == ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [10, 20, 30])
    X_train, X_test, y_train, y_test = train_test_split(X, y, test=0.34, seed=0)
    assert {int(row[0]): t for row, t in zip([*X_train, *X_test], [*y_train, *y_test], strict=True)} == {
        1: 10,
        4: 20,
        7: 30,
    }


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.int16, float])
def test_a_scaler_computes_in_64_bits(kind: Any) -> None:
    rows = np.array([[2048], [2050], [2052], [2054]]).astype(kind)
    wanted = Scaler.fit(rows.tolist())
    for X in (rows, pd.DataFrame(rows), list(rows)):
        assert Scaler.fit(X) == wanted
        assert wanted(X) == wanted(rows.tolist())


def test_what_a_scaler_refuses() -> None:
    with pytest.raises(ValueError, match="a Scaler takes rows of numbers; for single numbers give rows of one"):
        Scaler.fit([1.0, 2.0])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="column 'size' cannot be scaled"):
        Scaler.fit([[math.nan], [1.0]], names=["size"])
    with pytest.raises(ValueError, match="row 1 cannot be scaled: a number in it is too large"):
        Scaler.fit([[0.0], [1e-300]])([[0.0], [1e10]])


def test_blank_lines_of_a_single_column_are_missing_entries(tmp_path: Path) -> None:
    header, lines = read_table(table(tmp_path, "a\n1\n\n3\n\n"))
    assert (header, lines) == (["a"], [(2, ["1"]), (3, [""]), (4, ["3"])])


def test_integers_that_are_one_float(tmp_path: Path) -> None:
    path = table(tmp_path, "a,y\n" + "".join(f"{i},{10**18 + i}\n" for i in range(30)))
    with pytest.raises(ValueError, match="column 'y': it holds different numbers that are one and the same float"):
        read_csv(path)
