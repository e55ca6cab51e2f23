"""Programs as ONNX graphs: ONNX Runtime computes the same numbers."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from points import POINTS
from random_graphs import random_graph, random_triangle

import nn
from autograd import TABLE, MissingError, Op, Program, Value, arctan2, cosh, topological_order
from nn.command.main import main
from nn.command.predict import Saved

IN_32_BITS = {"arcsin", "arccos", "arctan", "arctan2", "arcsinh", "arccosh", "arctanh", "sinh", "erf", "erfc", "gelu"}
PRECISION = {"float32": 2e-6, "float64": 1e-12}


def run(model: Any, X: Any) -> Any:
    """The outputs of a model in ONNX Runtime."""
    content = model if isinstance(model, bytes) else model.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    return session.run(None, {given.name: X})[0]


def compare(program: Program, batch: Any, dtype: str, parameters: Any = None) -> None:
    wanted = np.array(program(batch.astype(dtype).astype(float), parameters=parameters)).T
    found = run(program.to_onnx(dtype, parameters=parameters), batch.T.astype(dtype))
    assert found.dtype == dtype
    assert found.shape == wanted.shape
    scale = np.maximum(1.0, np.abs(wanted))
    assert found / scale == pytest.approx(wanted / scale, abs=PRECISION[dtype], nan_ok=True)


@pytest.mark.parametrize("dtype", PRECISION)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_row(row: Op, dtype: str) -> None:
    points = np.array(POINTS[row.name][1], float).T
    x = [Value(number) for number in points[:, 0]]
    program = Program(row(*x), x)
    if dtype == "float64" and row.name in IN_32_BITS:
        with pytest.raises(MissingError, match=r"ONNX Runtime with 64 bits has no operation '\w+'; it may"):
            program.to_onnx(dtype)
        return
    compare(program, points, dtype)


@pytest.mark.parametrize("dtype", PRECISION)
@pytest.mark.parametrize("seed", range(60))
def test_random_graphs(seed: int, dtype: str) -> None:
    y, leaves = random_graph(seed)
    order = topological_order(y)
    if dtype == "float64" and "arctan" in {x.op.name for x in order if x.op}:
        return
    leaves = [leaf for leaf in leaves if leaf in order]
    inputs, parameters = leaves[: (count := 1 + seed % len(leaves))], leaves[count:]
    rng = np.random.default_rng(seed)
    batch, vector = rng.normal(size=(count, 4)), rng.normal(size=len(parameters))
    compare(Program(y, inputs, parameters), batch, dtype, vector)
    compare(Program([y, *leaves, y], inputs, parameters), batch, dtype, vector)


@pytest.mark.parametrize("dtype", PRECISION)
@pytest.mark.parametrize("seed", range(30))
def test_triangles(seed: int, dtype: str) -> None:
    outputs, leaves = random_triangle(seed)
    compare(Program(outputs, leaves), np.random.default_rng(seed).normal(size=(len(leaves), 4)), dtype)


def test_digits_near_zero_are_kept() -> None:
    """log(1 + x) and exp(x) - 1 are put together from what ONNX has, and not as they are written."""
    x = Value(0.5)
    batch = np.array([[1e-12, -1e-9, 1e-4, 0.0, 3.0, 40.0]])
    for program in (Program(x.expm1(), [x]), Program(x.log1p(), [x])):
        found = run(program.to_onnx("float64"), batch.T)
        assert found == pytest.approx(program(batch), rel=1e-14)


@pytest.mark.filterwarnings("ignore")  # inf / inf in the comparison
def test_huge_numbers_infinities_and_signed_zeros() -> None:
    """What is put together from other functions is right wherever these are not finite."""
    x, y = Value(0.5), Value(0.5)
    huge = np.array([[3e37, math.inf, 88.8, -88.8]])
    compare(Program(x.log1p(), [x]), np.abs(huge), "float32")
    compare(Program(cosh(x), [x]), huge[:, 2:], "float32")
    compare(Program(x.log1p(), [x]), np.array([[1e307, math.inf]]), "float64")
    zeros = [0.0, -0.0, 1.0, -1.0, 1e-30, -1e-30]
    points = np.array([(a, b) for a in zeros for b in zeros]).T
    found = run(Program(arctan2(y, x), [y, x]).to_onnx(), points.T.astype("f4"))
    assert found == pytest.approx(np.arctan2(*points), abs=1e-6)


def test_the_graph_can_be_read() -> None:
    """Weights are constants with the names of the layers, nodes have those of the code."""
    model = nn.MLP(3, [4, 2], "tanh", seed=1)
    for p in model.parameters():
        p.data += 0.1
    x = [Value(0.1) for _ in range(3)]
    made = Program(model(x), x).to_onnx(about="a network", names=("features", "scores"))
    assert {array.name: tuple(array.dims) for array in made.graph.initializer} == {
        "W1": (4, 3),
        "b1": (4, 1),
        "W2": (2, 4),
        "b2": (2, 1),
    }
    assert [node.op_type for node in made.graph.node] == [
        "Transpose",
        "MatMul",
        "Add",
        "Tanh",
        "MatMul",
        "Add",
        "Transpose",
    ]
    assert {"z1", "h1", "z2"} < {node.output[0] for node in made.graph.node}
    assert (made.graph.input[0].name, made.graph.output[0].name) == ("features", "scores")
    assert (made.graph.doc_string, made.producer_name) == ("a network", "scalar-backprop")


def test_labels_that_are_names_of_the_graph() -> None:
    x, w = Value(0.3, "x"), Value(2.0, "constant_0")
    y = (w * x).tanh()
    y.label = "y"
    z = y.exp()
    z.label = "mul_1"
    compare(Program([z, y, z * y + 3.0], [x]), np.array([[0.1, 0.2]]), "float64")


def test_any_number_of_samples() -> None:
    x, w = Value(1.0), Value(2.0)
    made = Program([w * x, w, w * w], [x]).to_onnx("float64")
    for count in (0, 1, 3):
        assert run(made, np.ones((count, 1))).tolist() == [[2.0, 2.0, 4.0]] * count


@pytest.mark.parametrize("dtype", PRECISION)
@pytest.mark.parametrize(
    "model",
    [
        nn.MLP(3, [5, 1], "relu", seed=1),
        nn.MLP(3, [4, 4, 2], "silu", seed=1),
        nn.Sequential(nn.Layer(3, 4, "tanh", seed=1), nn.BatchNorm(4), nn.Dropout(0.5), nn.Layer(4, 3, "elu", seed=2)),
        nn.Sequential(nn.LayerNorm(3), nn.Residual(nn.Layer(3, 3, "softplus", seed=1))),
        nn.Neuron(3, "leaky_relu", seed=1),
    ],
    ids=repr,
)
def test_models(model: nn.Module, dtype: str, tmp_path: Path) -> None:
    path = nn.export_onnx(model, tmp_path / "model.onnx", dtype=dtype)
    onnx.checker.check_model(str(path), full_check=True)
    X = np.random.default_rng(1).normal(size=(20, 3)).astype(dtype)
    found, wanted = run(path.read_bytes(), X), model.predict(X.astype(float))
    assert found.shape == np.shape(wanted)
    assert found == pytest.approx(wanted, rel=PRECISION[dtype], abs=PRECISION[dtype])


def test_a_model_that_takes_other_things(tmp_path: Path) -> None:
    class Slope(nn.Module):
        def __init__(self) -> None:
            self.slope = Value(3.0)

        def __call__(self, x: Any) -> Any:
            return self.slope * x

    class Pair(Slope):
        def __call__(self, pair: Any) -> Any:
            (a, b), c = pair["both"], pair["one"]
            return [self.slope * a + c, b]

    path = tmp_path / "slope.onnx"
    nn.export_onnx(Slope(), path, example=1.0)
    assert run(path.read_bytes(), np.array([1.0, 2.0], "f4")).tolist() == [3.0, 6.0]
    nn.export_onnx(Pair(), path, example={"both": [1.0, 2.0], "one": 3.0})
    assert run(path.read_bytes(), np.array([[1.0, 2.0, 3.0]], "f4")).tolist() == [[6.0, 2.0]]
    with pytest.raises(ValueError, match=r"Slope\(1 parameter\) does not say how many numbers it takes"):
        nn.export_onnx(Slope(), path)


def test_nothing_is_written_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    model = nn.MLP(2, [2], seed=1)
    model.parameters()[0].data = math.inf
    with pytest.raises(ValueError, match="W1 of the program is not finite as float32"):
        nn.export_onnx(model, path)

    class Branches(nn.Module):
        def __call__(self, x: Any) -> Any:
            return x[0] if x[0] > 0.0 else x[1]

    with pytest.raises(TypeError, match="cannot replay a branch"):
        nn.export_onnx(Branches(), path, example=[1.0, 2.0])
    x = Value(1.0)
    with pytest.raises(MissingError, match="ONNX has no operation 'cube', which is one of your own"):
        Program(Op("cube", lambda x: x**3, (lambda z, x: 3.0 * x * x,))(x), [x]).to_onnx()
    with pytest.raises(ValueError, match="dtype must be 'float32' or 'float64', not str 'half'"):
        Program(x * 2.0, [x]).to_onnx("half")
    with pytest.raises(ValueError, match=r"names must be two different names, .*, not \('x', 'x'\)"):
        Program(x * 2.0, [x]).to_onnx(names=("x", "x"))
    for names in ("xy", ("a", "b", "c"), ("a", ""), ("a", "b\0")):
        with pytest.raises(ValueError, match="names must be two different names"):
            Program(x * 2.0, [x]).to_onnx(names=names)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="without inputs"):
        Program(x * 2.0, []).to_onnx()
    assert list(tmp_path.iterdir()) == []


COLORS = "color,size,weight,price\n" + "\n".join(f"{c},{i},{0.5 * i},{2.3 * i}" for i, c in enumerate(10 * "rgb"))


@pytest.mark.parametrize(("data", "output"), [("iris", "probabilities"), ("colors.csv", "prediction")])
def test_the_command(
    data: str, output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file takes the columns of the table as they are, and gives what ``predict`` prints."""
    monkeypatch.chdir(tmp_path)
    Path("colors.csv").write_text(COLORS)
    assert main(["train", data, "--epochs", "3", "--quiet", "--out", "run"]) == 0
    capsys.readouterr()
    assert main(["export", "run/model.json", "model.onnx", "--dtype", "float64"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("wrote model.onnx\n  features, (N, ")
    saved = Saved.read(Path("run/model.json"))
    rows = np.random.default_rng(0).random((7, saved.model.nin))
    found = run(Path("model.onnx").read_bytes(), rows)
    outputs = saved.model.predict(saved.scaler(rows.tolist()))
    mean, std = saved.target_scale
    wanted = [nn.softmax(x) if saved.classes else x * std + mean for x in outputs]
    assert found == pytest.approx(np.array(wanted), rel=1e-12)
    assert f"  {output}, (N" in shown


def test_the_command_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["train", "iris", "--epochs", "1", "--quiet", "--activation", "gelu", "--out", "run"]) == 0
    assert main(["export", "run/model.json", "model.onnx", "--dtype", "float64"]) == 2
    assert "error: ONNX Runtime with 64 bits has no operation 'erfc'" in capsys.readouterr().err
    assert main(["export", "run/model.json", "model.onnx"]) == 0
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert main(["export", "run/model.json", "model.onnx"]) == 2
    assert "pip install 'scalar-backprop[onnx]'" in capsys.readouterr().err
