"""What the stages about further ideas check: a second derivative, a wrong order, a rule of the learner's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from autograd.course.answers import (
    attribute,
    class_given,
    functions_given,
    named,
    nothing,
    number,
    refuse,
)
from autograd.course.mistakes import mistake
from autograd.course.recipes import ONE_OPERAND
from autograd.course.report import Finding, NotYet, rows_of
from autograd.course.sandbox import asking
from autograd.course.twins import as_values
from autograd.course.wrong_passes import close
from autograd.engine.graph import adjoint_graph, adjoints, topological_order
from autograd.engine.op import Op
from autograd.engine.rules import tanh
from autograd.engine.value import Value
from autograd.explanations.order import order_matters
from autograd.live.explorer import MOST
from autograd.picture.picture import draw


def second_derivative(kind: Any, f: Any) -> Finding:
    """Stage 12."""
    call = "check.stage12(MyValue, second_derivative)"
    class_given(kind, call)
    functions_given([f], call)
    functions: list[tuple[str, Callable[[Any], Any]]] = [
        ("x * x * x", lambda x: x * x * x),
        ("x ** 4 - x", lambda x: x**4 - x),
        ("x.tanh()", lambda x: x.tanh()),
        ("(x * x).exp()", lambda x: (x * x).exp()),
        ("5 * x + 2", lambda x: 5.0 * x + 2.0),
    ]
    rows, right, first, mine = [], [], [], []
    for written, function in functions:
        for at in (0.5, -0.8):
            with asking(f"second_derivative(lambda x: {written}, {at})"):
                answer = f(function, at)
            rows.append(f"{written} at x = {at}")
            slope, curvature = _derivatives(function, at)
            first.append(slope)
            right.append(curvature)
            mine.append(number(answer, "the second derivative"))
    if not all(close(x, y, 1e-4) or abs(x - y) < 1e-5 for x, y in zip(right, mine, strict=True)):
        fits = None
        if all(close(x, y, 1e-4) for x, y in zip(first, mine, strict=True)):
            fits = mistake("first derivative")
        elif all(abs(y) < 1e-5 for y in mine):
            fits = mistake("slope without a graph")
        elif all(abs(x - y) < 0.1 * (1.0 + abs(x)) for x, y in zip(right, mine, strict=True)):
            fits = mistake("inaccurate")
        raise NotYet(Finding("These are not the second derivatives.", _first_wrong(rows, right, mine, 1e-4), fits))
    x = Value(0.5, "x")
    return Finding("All second derivatives are right; this is x.tanh(), whose slope changes as x moves.", alive=tanh(x))


def _derivatives(f: Callable[[Any], Any], at: float) -> tuple[float, float]:
    """The first and the second derivative."""
    x = Value(at)
    y = f(x)
    slope = adjoint_graph(topological_order(y), {y: 1.0}, [x])[x]
    if isinstance(slope, float):
        return slope, 0.0
    return slope.data, adjoints(topological_order(slope), {slope: 1.0}).get(x, 0.0)


def _first_wrong(names: Sequence[str], right: Sequence[float], mine: Sequence[float], tolerance: float) -> Any:
    wrong = [i for i, (x, y) in enumerate(zip(right, mine, strict=True)) if not close(x, y, tolerance)][:4]
    return rows_of([names[i] for i in wrong], [right[i] for i in wrong], [mine[i] for i in wrong])


def trap(kind: Any, build: Any) -> Finding:
    """Stage 14."""
    class_given(kind, "check.stage14(MyValue, trap)")
    functions_given([build], "check.stage14(MyValue, trap)")
    with asking("trap()"):
        y = build()
    if not isinstance(y, kind):
        refuse(f"trap() should return a {kind.__name__}, not {named(y)}.", nothing(y))
    twin = as_values(y)
    nodes = topological_order(twin)
    compared_orders = order_matters(twin)
    if compared_orders.differ:
        return Finding(f"It goes wrong:\n{compared_orders}", alive=twin if len(nodes) <= MOST else None)
    uses = Counter(x for node in nodes for x in node.args if isinstance(x, Value))
    name = "right by luck" if any(n > 1 and node.op for node, n in uses.items()) else "nothing is shared"
    picture = draw(twin, max_nodes=40)
    raise NotYet(Finding("Breadth-first, every gradient of this graph comes out right.", (), mistake(name), picture))


def own_rule(kind: Any, name: Any) -> Finding:
    """Stage 15."""
    class_given(kind, 'check.stage15(MyValue, "sin")')
    if not isinstance(name, str):
        refuse('Give the name of your method as a text: `check.stage15(MyValue, "sin")`.')
    if name in ONE_OPERAND:
        refuse(f"{name} belongs to an earlier stage. Choose another function.")
    if not callable(getattr(kind, name, None)):
        refuse(f"{kind.__name__} has no method {name}. Put it on the class: {kind.__name__}.{name} = {name}")

    def value(x: float) -> float:
        with asking(f"MyValue({x:g}).{name}()"):
            return number(attribute(getattr(kind(x), name)(), "data"), "data of the result")

    def slope(_: object, x: float) -> float:
        with asking(f"y = MyValue({x:g}).{name}(), y.backward()"):
            a = kind(x)
            getattr(a, name)().backward()
            return number(attribute(a, "grad"), "the gradient")

    points, right, mine = [], [], []
    for at in (0.3, 0.7, 1.2, 2.5, -0.4, -1.5):
        try:
            right.append((value(at + 1e-5) - value(at - 1e-5)) / 2e-5)
        except (ValueError, ArithmeticError):
            continue  # it need not be defined everywhere
        points.append(f"the slope of {name} at {at}")
        mine.append(slope(None, at))
    if len(points) < 2:
        refuse(f"{name} is not defined at most of 0.3, 0.7, 1.2, 2.5, -0.4 and -1.5. Choose a function that is.")
    if all(close(x, right[0]) for x in right):
        refuse(f"{name} is a straight line: its slope is {right[0]:.4g} everywhere. Choose a function that bends.")
    if not all(close(x, y, 1e-4) or abs(x - y) < 1e-6 for x, y in zip(right, mine, strict=True)):
        said = f"The slope of {name}, compared with how much {name} changes around the point"
        raise NotYet(Finding(said, _first_wrong(points, right, mine, 1e-4), mistake("own slope")))
    return Finding(
        f"{name} has the right slope at {len(points)} points.", alive=Op(name, value, (slope,))(Value(0.7, "x"))
    )
