"""The formulas of docstrings, as the reference of the site sets them."""

from __future__ import annotations

import importlib.util
import inspect
from pathlib import Path
from types import ModuleType

import pytest

import autograd
import nn


@pytest.fixture(scope="module")
def formulas() -> ModuleType:
    path = Path(__file__).parents[1] / ".ci" / "pages" / "formulas.py"
    spec = importlib.util.spec_from_file_location("formulas", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x + y", "x + y"),
        ("-x", None),  # nothing tells it from a word with a hyphen
        ("x^2 + y^-1", "{x}^{2} + {y}^{-1}"),
        ("1 / (1 + e^-x)", r"\frac{1}{1 + {e}^{-x}}"),
        ("lr * m / (1 - b1^t)", r"\mathrm{lr}\,\frac{m}{1 - {b_{1}}^{t}}"),
        ("x / y / z", r"\frac{\frac{x}{y}}{z}"),
        ("x / y z", None),  # x / (y z), or (x / y) z?
        ("sqrt(s) + eps", r"\sqrt{s} + \varepsilon "),
        ("p <- p - lr * v", r"p\leftarrow p - \mathrm{lr}\,v"),
        ("sum_i x_i y_i", r"\sum_{i} x_{i}\,y_{i}"),
        ("J[i][j] = dy_i / dx_j", r"J_{i j}=\frac{dy_{i}}{dx_{j}}"),
        ("d2y / (dx_i dx_j)", r"\frac{d^2y}{dx_{i}\,dx_{j}}"),
        ("max(0, 1 - y)", r"\max \left(0,\ 1 - y\right)"),
        ("|x - y|", r"\left|x - y\right|"),
        ("(1 + 2) * (3 + 4)", r"\left(1 + 2\right)\,\left(3 + 4\right)"),
        ("a well-kept thing", None),
        ("x + y is the sum", None),
        ("x + ", None),
        ("(x + y", None),
        ("", None),
    ],
)
def test_formulas(formulas: ModuleType, text: str, latex: str | None) -> None:
    if latex is None:
        with pytest.raises(formulas.NoFormulaError):
            formulas.formula(text)
    else:
        assert formulas.formula(text) == latex


def test_formulas_within_a_sentence(formulas: ModuleType) -> None:
    assert formulas.with_formulas("The mean:  sum_i x_i / n.  No more.") == (
        r"The mean: $\sum_{i} \frac{x_{i}}{n}$. No more."
    )
    assert formulas.with_formulas("sinh(x), of a number") == r"$\sinh \left(x\right)$, of a number"
    assert formulas.with_formulas("Nothing to set.  Really.") == "Nothing to set. Really."
    assert formulas.with_formulas("s <- s + g^2;  p <- p - s").split("\n") == [
        "",
        r"$$s\leftarrow s + {g}^{2}$$",
        "",
        r"$$p\leftarrow p - s$$",
        "",
    ]


def test_every_optimizer_and_many_operations_have_a_formula(formulas: ModuleType) -> None:
    for optimizer in (nn.SGD, nn.Adagrad, nn.Adam, nn.RMSprop, nn.AdamW):
        lines = [formulas.with_formulas(line) for line in (inspect.getdoc(optimizer) or "").splitlines()]
        assert any(r"p\leftarrow p" in line for line in lines), optimizer
    set_as_formulas = [op for op in autograd.TABLE if "$" in formulas.with_formulas(op.__doc__ or "")]
    assert len(set_as_formulas) > 0.8 * len(autograd.TABLE)
