"""The derivatives of an operation, as formulas and as curves, from its row of the table."""

from __future__ import annotations

import math
from collections.abc import Callable

from autograd import Chart, Op, Value, grad
from autograd.engine import rules
from autograd.engine.notation import in_mathml, short

NAMES = "xyw"
LOOSE = {rules.add, rules.sub}  # in parentheses inside a product, a power or a difference
TIGHT = {rules.mul, rules.pow, rules.neg, rules.sub}
ABOUT_0 = [i / 12.0 for i in range(-42, 43)]


def derivatives(op: Op) -> str:
    """The partial derivatives, as MathML: z is the result."""
    arguments = [
        Value(2.0 + 0.25 * i if op.name in ("arccosh", "pow") else 0.5, NAMES[i]) for i in range(len(op.partials))
    ]
    result = Value(op(*[x.data for x in arguments]), "z")
    rows = []
    for partial, x in zip(op.partials, arguments, strict=True):
        found = partial(result, *arguments) if callable(partial) else partial
        left = f"<mfrac><mrow><mi>∂</mi><mi>z</mi></mrow><mrow><mi>∂</mi><mi>{x.label}</mi></mrow></mfrac>"
        rows.append(f'<math displaystyle="true"><mrow>{left}<mo>=</mo>{_written(found)}</mrow></math>')
    return f'<div class="partials" tabindex="0">{"".join(rows)}</div>'


def _written(found: Value | float, outer: Op | None = None) -> str:
    """A graph of scalars as MathML."""
    if not isinstance(found, Value):
        return f"<mn>{short(found)}</mn>"
    if found.op is None:
        return f"<mi>{found.label}</mi>"
    inner = in_mathml(found.op).format(*[f"<mrow>{_written(x, found.op)}</mrow>" for x in found.args])
    is_sum = found.op in LOOSE and outer in TIGHT
    is_product = found.op in (rules.mul, rules.div, rules.neg) and outer is rules.pow
    return f"<mrow><mo>(</mo>{inner}<mo>)</mo></mrow>" if is_sum or is_product else f"<mrow>{inner}</mrow>"


def curves(op: Op) -> str:
    """The function and its derivative, for an operation of one argument."""
    if len(op.partials) != 1 or op is rules.stop_gradient:
        return ""
    values, slopes = [], []
    for x in ABOUT_0:
        values.append(_drawn(op, x))
        slopes.append(_drawn(grad(op), x))
    chart = Chart(440, 210)
    panel = chart.panel(x="x", y_range=(-3.0, 3.0), x_range=(-3.5, 3.5))
    panel.line(ABOUT_0, values, op.name).line(ABOUT_0, slopes, "derivative", dash="dashed")
    return f'<div class="output">{chart._repr_html_()}</div>'


def _drawn(function: Callable[[float], float], x: float) -> float:
    """Its value, or nan where it has none, or one far outside of the picture."""
    try:
        found = function(x)
    except (ArithmeticError, ValueError):
        return math.nan
    return found if abs(found) < 4.0 else math.nan
