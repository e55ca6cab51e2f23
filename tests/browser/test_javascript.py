"""What a page computes with the JavaScript written from the table, compared with Python."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from points import POINTS

from autograd import (
    TABLE,
    DomainError,
    Op,
    Program,
    Value,
    gradients,
    relu,
    sqrt,
    to_javascript,
    topological_order,
    where,
)
from autograd.javascript.graph import Rows, engine
from autograd.output.notebook import to_json
from nn import MLP

CASES = 10_000
BLOCK = 500


@pytest.fixture(scope="module")
def chromium(browser: Any) -> Iterator[Any]:
    """A page that is empty."""
    page = browser.new_page()
    yield page
    page.close()


def random_graph(rng: random.Random) -> Value:
    """A graph over any rows, with constants, shared nodes and numbers of an ordinary size."""
    nodes = [Value(rng.uniform(0.3, 2.0)) for _ in range(rng.randint(1, 4))]
    for _ in range(rng.randint(3, 15)):
        row = rng.choice(TABLE)
        for _ in range(8):  # until it is defined for the numbers that are drawn
            points = rng.choice(POINTS[row.name][1])
            args = [rng.choice(nodes) if rng.random() < 0.8 else points[i] for i in range(len(row.partials))]
            if any(isinstance(x, Value) for x in args) and not at_a_kink(row, *args):
                try:
                    z = row(*args)
                except (ArithmeticError, ValueError):
                    continue
                if abs(z.data) < 1e3:
                    nodes.append(z)
                    break
    return sum((0.5 * node for node in nodes[-4:-1]), nodes[-1])


def at_a_kink(row: Op, *args: Value | float) -> bool:
    """Whether the last bit of a number decides about a slope: V8 and the C library round some functions differently."""
    numbers = [x.data if isinstance(x, Value) else x for x in args]
    if row.name in ("maximum", "minimum"):
        return abs(numbers[0] - numbers[1]) < 1e-9
    return row.name in ("step", "sign", "abs", "relu", "leaky_relu", "elu", "where") and abs(numbers[0]) < 1e-9


def derivatives(y: Value, x: Value) -> dict[str, Any] | None:
    """The number and the adjoint at every node, and d2y/dx2, which may be missing; None where dy/dx is missing."""
    order = topological_order(y)
    for node in order:
        node.grad = 0.0
    try:
        y.backward()
    except (ArithmeticError, ValueError):
        return None
    try:
        (second,) = gradients(gradients(y, [x])[0], [x])
    except (ArithmeticError, ValueError):
        second = Value(math.nan)
    return {"values": [z.data for z in order], "adjoints": [z.grad for z in order], "second": second.data}


SCRIPT = """(cases) => cases.map(({ nodes, leaf }) => {
  const graph = new Graph(rows, nodes);
  const values = graph.forward();
  const { adjoints } = graph.backward(values);
  let second = "missing";
  try { second = graph.second(values, leaf); } catch (error) { if (!(error instanceof UndefinedError)) throw error; }
  return { values: [...values], adjoints: [...adjoints], second };
})"""


def load(page: Any, *code: str) -> None:
    """Open an empty page with these scripts."""
    page.goto("about:blank")
    for text in code:
        page.add_script_tag(content=text)


def test_ten_thousand_random_graphs(chromium: Any) -> None:
    rng = random.Random(0)
    compared = 0
    rows = Rows()
    cases, expected = [], []
    while len(cases) < CASES:
        y = random_graph(rng)
        order = topological_order(y)
        leaf = next(i for i, z in enumerate(order) if z.op is None)
        found = derivatives(y, order[leaf])
        if found is not None:
            cases.append({"nodes": rows.nodes(order), "leaf": leaf})
            expected.append(found)
    assert set(re.findall(r'name: "(\w+)"', rows.code)) == {row.name for row in TABLE}
    load(chromium, engine(), rows.code)
    for i in range(0, CASES, BLOCK):
        for wanted, found in zip(expected[i:], chromium.evaluate(SCRIPT, cases[i : i + BLOCK]), strict=False):
            for part in ("values", "adjoints"):
                for a, b in zip(wanted[part], found[part], strict=True):
                    assert abs(a - b) <= 1e-12 * max(1.0, abs(a)), (part, a, b)
            if math.isnan(wanted["second"]):
                assert found["second"] == "missing"
            else:
                assert found["second"] == pytest.approx(wanted["second"], rel=1e-11, abs=1e-11)
            compared += 1
    assert compared == CASES


def test_graphs_as_functions_in_straight_lines(chromium: Any) -> None:
    """What trains in a page: leaves as parameters and inputs, and the gradient added to what is there."""
    rng = random.Random(5)
    rows = Rows()
    cases, expected = [], []
    while len(cases) < 300:
        y = random_graph(rng)
        order = topological_order(y)
        leaves = [i for i, z in enumerate(order) if z.op is None]
        found = derivatives(y, order[leaves[0]])
        if found is not None:
            given, by = leaves[::2], leaves[1::2]
            numbers = {"x": [order[i].data for i in given], "p": [order[i].data for i in by]}
            cases.append({"nodes": rows.nodes(order), "inputs": given, "parameters": by, **numbers})
            expected.append((y.data, [order[i].grad for i in by], [z.data for z in order]))
    load(chromium, engine(), rows.code)
    results = chromium.evaluate(
        """(cases) => cases.map(({ nodes, inputs, parameters, x, p }) => {
          const all = nodes.map((_, i) => i);
          const { run, learn } = new Graph(rows, nodes).compiled(inputs, parameters, all);
          const g = p.map(() => 1);
          return [learn(x, p, g), g, run(x, p)];
        })""",
        cases,
    )
    for (value, slopes, numbers), (loss, gradient, run) in zip(expected, results, strict=True):
        assert loss == pytest.approx(value, rel=1e-12, abs=1e-12)
        assert [g - 1.0 for g in gradient] == pytest.approx(slopes, rel=1e-11, abs=1e-11)
        assert run == pytest.approx(numbers, rel=1e-12, abs=1e-12)


def test_what_does_not_exist_in_python_does_not_exist_here(chromium: Any) -> None:
    x = Value(0.0)
    for y in (where(x, sqrt(x), 2.0 * x), relu(sqrt(x) - 1.0), sqrt(x) * 0.0 + x):  # no path has a part
        rows = Rows()
        order = topological_order(y)
        x.grad = 0.0
        y.backward()
        nodes = rows.nodes(order)
        load(chromium, engine(), rows.code)
        graph = f"new Graph(rows, {to_json(nodes)})"
        found = chromium.evaluate(f"() => {{ const g = {graph}; return [...g.backward(g.forward()).adjoints]; }}")
        assert found[order.index(x)] == x.grad
    y = 0.0 * x + sqrt(x) * x  # the slope of sqrt has a factor 0, and is missing
    with pytest.raises((ArithmeticError, DomainError)):
        y.backward()
    rows = Rows()
    nodes = rows.nodes(topological_order(y))
    load(chromium, engine(), rows.code)
    fails = "(run) => { try { run(); } catch (error) { return error.message; } return ''; }"
    graph = f"new Graph(rows, {to_json(nodes)})"
    assert chromium.evaluate(f"() => ({fails})(() => {{ const g = {graph}; g.backward(g.forward()); }})") == (
        "the derivative of sqrt(0) does not exist"
    )
    assert chromium.evaluate(f"() => ({fails})(() => {graph}.forward({{ 0: -1 }}))") == "sqrt(-1) is not defined"


def test_numbers_are_written_as_python_writes_them(chromium: Any) -> None:
    rng = random.Random(1)
    numbers = [rng.uniform(-10.0, 10.0) * 10.0 ** rng.randint(-12, 12) for _ in range(2_000)]
    numbers += [0.0, -0.0, 1.0, 1e-4, 1e-5, 9999.4, 9999.5, 99995.0, 0.00099995, 123456.0, 5e-324, 1.7e308, 2.5, 0.5]
    load(chromium, engine())
    found = chromium.evaluate("(numbers) => numbers.map((x) => short(x))", numbers)
    for x, text in zip(numbers, found, strict=True):
        if x != 0.0:  # the way from Python to the page loses the sign of 0
            assert text == f"{x:.4g}"
    special = chromium.evaluate("() => [NaN, Infinity, -Infinity, -0].map((x) => short(x))")
    assert special == ["nan", "inf", "-inf", "-0"]


def test_a_program_in_a_page(chromium: Any) -> None:
    model = MLP(2, [8, 8, 1], activation="tanh", seed=1)
    x, target = [Value(0.5, "x1"), Value(-1.0, "x2")], Value(1.0, "target")
    step = Program.value_and_grad((model(x) - target) ** 2, inputs=[*x, target], parameters=model.parameters())
    rng = random.Random(2)
    batch = [[rng.uniform(-1.0, 1.0) for _ in range(3)] for _ in range(40)]
    value, gradient = step(*map(list, zip(*batch, strict=True)))
    load(chromium, step.to_javascript(), to_javascript(model(x), x, model.parameters(), name="network"))
    numbers = [p.data for p in model.parameters()]
    found = chromium.evaluate("([batch, parameters]) => value_and_grad(batch, parameters)", [batch, numbers])
    assert found["value"] == pytest.approx(value, rel=1e-13)
    assert found["gradient"] == pytest.approx(gradient.tolist(), rel=1e-12, abs=1e-15)
    output = chromium.evaluate("(parameters) => network([0.5, -1], parameters)", numbers)
    assert output == pytest.approx(model([0.5, -1.0]).data, rel=1e-13)
