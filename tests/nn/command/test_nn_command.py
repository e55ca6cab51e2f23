"""The command ``python -m nn``, as a user runs it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from nn import data
from nn.command import main

Captured = pytest.CaptureFixture[str]


def test_help_has_examples(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(["--help"])
    assert ended.value.code == 0
    assert "examples:" in capsys.readouterr().out


def train(out: Path, *arguments: str) -> int:
    return main.main(["train", *arguments, "--quiet", "--out", str(out)])


def test_train_and_predict(tmp_path: Path, capsys: Captured) -> None:
    assert train(tmp_path, "iris", "--epochs", "15", "--layers", "6") == 0
    printed = capsys.readouterr().out
    assert "test  accuracy 9" in printed
    header, *counts = printed[printed.index("true \\ predicted") :].splitlines()[:4]
    assert header == "".join(name.rjust(18) for name in ("true \\ predicted  ", "setosa", "versicolor", "virginica"))
    assert [len(line) for line in counts] == [4 * 18] * 3
    assert sum(int(number) for line in counts for number in line.split()[1:]) == 30
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {"model.json", "graph.svg", "graph.png", "loss.png", "boundary.png"}

    flowers = Path(data.__file__).with_name("iris.csv")
    assert main.main(["predict", str(tmp_path / "model.json"), str(flowers)]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    species = [row["species"] for row in csv.DictReader(io.StringIO(flowers.read_text()))]
    right = sum(row["predicted species"] == kind for row, kind in zip(rows, species, strict=True))
    assert right > 135
    assert sum(float(rows[0][f"p({kind})"]) for kind in ("setosa", "versicolor", "virginica")) == pytest.approx(
        1, abs=1e-3
    )

    assert main.main(["predict", str(tmp_path / "model.json"), str(flowers), "-o", str(tmp_path / "p.csv")]) == 0
    assert list(csv.DictReader(io.StringIO((tmp_path / "p.csv").read_text()))) == rows


def test_the_same_seed_gives_the_same_model(tmp_path: Path) -> None:
    for name in ("a", "b"):
        train(tmp_path / name, "moons", "--epochs", "2", "--layers", "3", "--seed", "5")
    assert (tmp_path / "a" / "model.json").read_text() == (tmp_path / "b" / "model.json").read_text()


def test_regression_from_a_file(tmp_path: Path, capsys: Captured) -> None:
    table = tmp_path / "line.csv"
    table.write_text("x,y\n" + "".join(f"{x / 10},{3.0 * x / 10 + 0.5 + 0.2 * (-1) ** x}\n" for x in range(40)))
    out = tmp_path / "out"
    assert train(out, str(table), "--layers", "--epochs", "60", "--lr", "0.1") == 0
    error = float(re.search(r"train root mean squared error ([\d.e-]+)", capsys.readouterr().out)[1])
    assert main.main(["predict", str(out / "model.json"), str(table)]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[0] == "predicted y"
    assert float(rows[11]) == pytest.approx(3.5, abs=0.1)
    assert error == pytest.approx(0.2, rel=0.2)  # the zigzag around the line, in the target's own units


def mixed(tmp_path: Path) -> Path:
    """A table with numbers, categories and missing entries."""
    rows = []
    for i in range(80):
        color, size = ("red", "blue")[i % 2], i % 7
        kind = "warm" if (color == "red") != (size > 5) else "cold"
        rows.append(f"{'' if i == 11 else size},{'' if i == 12 else color},row{i},{kind}\n")
    path = tmp_path / "mixed.csv"
    path.write_text("size,color,name,kind\n" + "".join(rows))
    return path


def test_categories_and_missing_entries(tmp_path: Path, capsys: Captured) -> None:
    path, out = mixed(tmp_path), tmp_path / "out"
    assert train(out, str(path), "--epochs", "1") == 2
    assert "column 'name' holds 80 different texts" in capsys.readouterr().err
    assert train(out, str(path), "--epochs", "1", "--without", "name") == 2
    assert "line 13: column 'size' is empty; to fill it, train with --fill" in capsys.readouterr().err
    assert train(out, str(path), "--epochs", "60", "--without", "name", "--fill") == 0
    assert "color=red" in (out / "graph.svg").read_text()
    assert "test  accuracy 100.0%" in capsys.readouterr().out

    other = tmp_path / "other.csv"
    other.write_text("color,size\nred,2\n,\nblue,3\n,1\n\nred,NA\n")
    assert main.main(["predict", str(out / "model.json"), str(other)]) == 0
    predicted = [line.split(",")[0] for line in capsys.readouterr().out.splitlines()]
    assert predicted[0] == "predicted kind"
    assert predicted[1::2] == ["warm", "cold", "warm"]  # also after a line whose entries are all missing
    assert len(predicted) == 6
    other.write_text("color,size\ngreen,2\n")
    assert main.main(["predict", str(out / "model.json"), str(other)]) == 2
    message = "line 2: column 'color' holds 'green', which is none of the categories blue, red"
    assert message in capsys.readouterr().err


def test_a_checkpoint(tmp_path: Path, capsys: Captured) -> None:
    saved = ["--checkpoint", str(tmp_path / "saved"), "--layers", "3"]
    assert train(tmp_path / "a", "moons", "--epochs", "2", *saved) == 0
    assert train(tmp_path / "a", "moons", "--epochs", "4", *saved) == 0
    assert train(tmp_path / "b", "moons", "--epochs", "4", "--layers", "3") == 0
    assert (tmp_path / "a" / "model.json").read_text() == (tmp_path / "b" / "model.json").read_text()
    assert train(tmp_path / "a", "moons", "--epochs", "4", "--seed", "9", *saved) == 2
    assert "belongs to another training" in capsys.readouterr().err


def test_two_chosen_features(tmp_path: Path) -> None:
    features = ["--features", "petal_length", "petal_width"]
    assert train(tmp_path, "iris", "--epochs", "1", "--layers", "2", *features) == 0
    assert (tmp_path / "boundary.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "there is no data set and no file 'nothing'; choose from iris, moons"),
        (["iris", "--target", "species"], "--target is for CSV files"),
        (["iris", "--fill"], "--fill is for CSV files"),
        (["iris", "--without", "species"], "--without is for CSV files"),
        (["iris", "--features", "a", "b"], "there is no feature 'a'; choose from sepal_length"),
        (["iris", "--features", "petal_width", "petal_width"], "two different"),
    ],
)
def test_mistakes_in_training(arguments: list[str], message: str, tmp_path: Path, capsys: Captured) -> None:
    assert train(tmp_path, *arguments, "--epochs", "1") == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["iris", "--lr", "0"], ["iris", "--epochs", "x"], ["iris", "--test", "2"], []])
def test_mistakes_in_options(arguments: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(["train", *arguments])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert "usage:" in error
    assert not arguments or "expected a" in error


def test_mistakes_in_predicting(tmp_path: Path, capsys: Captured) -> None:
    train(tmp_path, "moons", "--epochs", "1", "--layers", "2")
    model = tmp_path / "model.json"
    (tmp_path / "other.csv").write_text("x1,x3\n1,2\n")
    (tmp_path / "bad.csv").write_text("x1,x2\n1,2\n1,zwei\n")
    (tmp_path / "not.json").write_text("{}")
    saved = json.loads(model.read_text())
    (tmp_path / "no_about.json").write_text(json.dumps({**saved, "about": {}}))
    changes = [
        {"columns": [["x1", ["a"]], ["x2", []]]},
        {"classes": ["a"]},
        {"features": 3},
        {"features": [1, 2]},
        {"means": ["x", "y"]},
        {"model": []},
    ]
    for i, change in enumerate(changes):
        (tmp_path / f"changed{i}.json").write_text(json.dumps({**saved, "about": {**saved["about"], **change}}))
    capsys.readouterr()
    for arguments, message in [
        ([model, tmp_path / "other.csv"], "the model needs the column(s) x2"),
        ([model, tmp_path / "bad.csv"], "line 3: column 'x2' should hold a number, not 'zwei'"),
        ([model, tmp_path / "missing.csv"], "No such file"),
        ([tmp_path / "not.json", tmp_path / "bad.csv"], "is not a saved model"),
        ([tmp_path / "no_about.json", tmp_path / "bad.csv"], "was not written by 'python -m nn train'"),
        ([tmp_path / "missing.json", tmp_path / "bad.csv"], f"there is no model {tmp_path / 'missing.json'}; 'python"),
        *(
            ([tmp_path / f"changed{i}.json", tmp_path / "bad.csv"], "was not written by 'python -m nn train'")
            for i in range(len(changes))
        ),
    ]:
        assert main.main(["predict", *map(str, arguments)]) == 2
        assert message in capsys.readouterr().err


def test_missing_files_are_named(tmp_path: Path, capsys: Captured) -> None:
    missing = str(tmp_path / "none.json")
    assert main.main(["predict", missing, missing]) == 2
    assert capsys.readouterr().err.startswith(f"error: there is no model {missing}; 'python -m nn train' saves one")
    train(tmp_path, "moons", "--epochs", "1", "--layers", "2")
    assert main.main(["predict", str(tmp_path / "model.json"), missing]) == 2
    assert capsys.readouterr().err == f"error: {missing}: No such file or directory\n"
