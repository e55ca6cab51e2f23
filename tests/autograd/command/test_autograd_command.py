"""The command ``python -m autograd``, as a user runs it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from autograd.command import main

Captured = pytest.CaptureFixture[str]


def test_a_neuron(tmp_path: Path, capsys: Captured) -> None:
    arguments = ["x1=2", "x2=0", "w1=-3", "w2=1", "b=6.8813735870195432", "-o", str(tmp_path / "neuron.svg")]
    assert main.main(["tanh(x1*w1 + x2*w2 + b)", *arguments]) == 0
    printed = capsys.readouterr().out
    rows = {line.split()[0]: line.split()[1:] for line in printed.splitlines() if line}
    assert float(rows["value"][0]) == pytest.approx(0.7071067811865477)
    for name, gradient in [("x1", -1.5), ("x2", 0.5), ("w1", 1.0), ("w2", 0.0), ("b", 0.5)]:
        assert float(rows[name][1]) == pytest.approx(gradient)
        assert float(rows[name][2]) == pytest.approx(gradient, abs=1e-8)
    ET.parse(tmp_path / "neuron.svg")


def test_options_between_variables(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "circuit.svg"
    assert main.main(["(x + y) * z", "x=-2", "-o", str(path), "--partials", "y=5", "z=-4"]) == 0
    assert "value  -12.0" in capsys.readouterr().out
    assert path.exists()


def test_kinks_and_strangers_are_named(capsys: Captured) -> None:
    assert main.main(["relu(x)", "x=0", "y=1"]) == 0
    printed = capsys.readouterr().out
    assert "a kink: slope 0 on the left, 1 on the right" in printed
    assert "not in the expression" in printed


def test_an_expression_that_begins_with_a_minus(capsys: Captured) -> None:
    assert main.main(["-x**2", "x=2"]) == 0
    assert "value  -4.0" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["sign(x)", "x=0"], ["step(x)", "x=0"], ["tan(x)", "x=1.5707963"]])
def test_where_differences_are_no_help(arguments: list[str], capsys: Captured) -> None:
    assert main.main(arguments) == 0
    assert "gradient" in capsys.readouterr().out


def test_no_variables(capsys: Captured) -> None:
    assert main.main(["1 + 2"]) == 0
    assert capsys.readouterr().out == "value  3.0\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x"], "column 1: 'x' has no value"),
        (["x", "x=1", "x=2"], "'x' is given twice"),
        (["x", "x"], "NAME=NUMBER"),
        (["log(x)", "x=-1"], "log(-1.0) at 'x'"),
        (["sqrt(x)", "x=0"], "the derivative of sqrt(0.0) at 'x'"),
        (["x", "x=1", "-o", "graph.gif"], "saved as .svg"),
        (["x", "x=1", "--partials"], "--partials needs a picture; add -o FILE"),
        (["x", "x=1", "-o", "no/such/folder/graph.svg"], "there is no folder"),
    ],
)
def test_mistakes_end_in_one_message(arguments: list[str], message: str, capsys: Captured) -> None:
    assert main.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error


def test_help_has_examples(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(["--help"])
    assert ended.value.code == 0
    assert "examples:" in capsys.readouterr().out


def test_only_what_is_printed_is_checked(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Differences for every node of a long expression would take minutes."""
    counted: list[int] = []
    check = main.check_grads

    def counting(*args: Any, **kwargs: Any) -> Any:
        report = check(*args, **kwargs)
        counted.append(len(report.rows))
        return report

    monkeypatch.setattr(main, "check_grads", counting)
    assert main.main(["+".join(["sin(x)*y"] * 150), "x=0.5", "y=2"]) == 0
    assert counted == [2]
    monkeypatch.setattr(main, "WORK", 1)
    assert main.main(["x*y", "x=0.5", "y=2"]) == 0
    assert "not computed: the expression is long" in capsys.readouterr().out
