"""The backward pass told: what it says is what backward() does."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_graphs import random_graph

from autograd import (
    TABLE,
    TooManyPathsError,
    Value,
    backward_steps,
    cbrt,
    count_operations,
    draw,
    explain,
    forward_steps,
    jvp,
    order_matters,
    sigmoid,
    sqrt,
    step,
    topological_order,
    what_if,
    where,
)
from autograd.output.theme import PALETTE
from nn import MLP


def fixture() -> tuple[Value, dict[str, Value]]:
    """Three inputs and two sigmoid units in a row: O1, O2, and the squared error L."""
    x = [Value(1.0, "x1"), Value(0.5, "x2"), Value(-1.0, "x3")]
    W = [Value(0.2, "W1"), Value(-0.4, "W2"), Value(0.1, "W3")]
    b1, W4, b2 = Value(0.1, "b1"), Value(0.6, "W4"), Value(-0.2, "b2")
    O1 = sigmoid(sum((w * v for w, v in zip(W, x, strict=True)), b1))
    O1.label = "O1"
    O2 = sigmoid(W4 * O1 + b2)
    O2.label = "O2"
    L = (O2 - 1.0) ** 2
    L.label = "L"
    return L, {leaf.label: leaf for leaf in (*x, *W, b1, W4, b2, O1, O2)}


@given(st.integers(0, 10_000))
def test_steps_end_with_the_gradients(seed: int) -> None:
    y, leaves = random_graph(seed)
    steps = list(backward_steps(y))
    assert [step.node for step in steps] == topological_order(y)[::-1]
    assert all(leaf._grad is None for leaf in leaves)
    adjoint = {step.node: step.adjoint for step in steps}
    y.backward()
    for leaf in leaves:
        assert adjoint.get(leaf, 0.0) == leaf.grad
    for turn in steps:
        assert all(part.amount == turn.adjoint * part.partial for part in turn.contributions)


def test_a_step_reads_like_arithmetic() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    c = a * b
    c.label = "c"
    L = c + 0.0 * a
    L.label = "L"
    lines = [str(step) for step in backward_steps(L)]
    assert "dL/da += dL/dc * dc/da = 1 * -3 = -3" in "\n".join(lines)
    assert lines[-1] in ("dL/da = -3", "dL/db = 2")


def test_a_sum_over_readers_shows_what_has_come_so_far() -> None:
    a = Value(3.0, "a")
    assert "so far 6" in "\n".join(map(str, backward_steps(a * a)))


@given(st.integers(0, 10_000))
def test_paths_add_up_to_the_gradient(seed: int) -> None:
    y, leaves = random_graph(seed, size=8)
    for x in leaves:
        if x in topological_order(y):
            found = explain(y, x, limit=100_000)
            assert len(found.paths) == found.count
            assert math.fsum(path.product for path in found.paths) == pytest.approx(found.total, rel=1e-9, abs=1e-12)
            assert all(path.nodes[0] is y and path.nodes[-1] is x for path in found.paths)


def test_the_fixture() -> None:
    L, node = fixture()
    assert explain(L, node["W4"]).total == pytest.approx(-0.11845880923571209, rel=1e-14)
    assert explain(L, node["b2"]).total == pytest.approx(-0.23691761847142417, rel=1e-14)
    assert explain(L, node["W1"]).total == pytest.approx(-0.035537642770713626, rel=1e-14)
    assert explain(L, node["W1"]).count == 1
    text = str(explain(L, node["W4"]))
    assert "dL/dW4: 1 path" in text
    assert text.endswith("dL/dW4 = -0.1185")


def test_two_paths_and_their_sum() -> None:
    x, w = Value(1.0, "x"), Value(0.5, "W1")
    O11 = w * x
    O21, O22 = O11.tanh(), O11.sin()
    for node, label in ((O11, "O11"), (O21, "O21"), (O22, "O22")):
        node.label = label
    L = O21 * O22
    L.label = "L"
    found = explain(L, w)
    assert [[found.names[node] for node in path.nodes] for path in found.paths] == [
        ["L", "O21", "O11", "W1"],
        ["L", "O22", "O11", "W1"],
    ]
    latex = found._repr_latex_()
    assert r"\frac{\partial L}{\partial W_{1}}" in latex
    assert r"\frac{\partial L}{\partial O_{21}} \cdot \frac{\partial O_{21}}{\partial O_{11}}" in latex


def test_each_path_has_a_line_and_its_color_in_the_picture() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    L = (a * b + a) * (a - b) + a
    found = explain(L, a)
    lines = found._repr_latex_().splitlines()[1:-1]
    assert len(lines) == len(found.paths) + 1
    picture = draw(L, paths=found).svg
    for i, (line, path) in enumerate(zip(lines[:-1], found, strict=True)):
        colour = PALETTE[f"path{i}"][0]
        assert rf"\color{{{colour}}}" in line
        assert f".s-path{i}{{stroke:{colour}}}" in picture
        assert picture.count(f's-path{i}"') == len(path.nodes)  # its arrows, and a line in the legend
    assert lines[-1].endswith("= -13")


def test_too_many_paths_are_factored() -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(60):
        y = y + y
    found = explain(y, x)
    assert found.count == 2**60
    assert found.total == 2.0**60
    with pytest.raises(TooManyPathsError, match="1,152,921,504,606,846,976 paths lead from y to x"):
        _ = found.paths
    assert str(found).startswith("1,152,921,504,606,846,976 paths; summed at each node:")
    assert "partial y" in found._repr_latex_()


def test_the_factored_sum_has_one_product_for_each_edge() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    c = a * b
    d = c * a
    e = d * c
    c.label, d.label, e.label = "c", "d", "e"
    assert explain(e, a).factored.splitlines() == [
        "dc/da = 3",
        "dd/da = dd/dc * dc/da + dd/da * da/da = 2 * 3 + 6 * 1 = 12",
        "de/da = de/dd * dd/da + de/dc * dc/da = 6 * 12 + 12 * 3 = 108",
    ]


def test_names_of_many_neurons_are_told_apart() -> None:
    model = MLP(2, [2, 1], seed=1)
    loss = model([1.0, 2.0])
    names = explain(loss, model.layers[0].neurons[1].weights[0]).names
    assert names[model.layers[0].neurons[1].weights[0]] == "w0[0,1]"
    assert len(set(names.text.values())) == len(names.text)


def test_a_name_that_is_taken_is_not_given_again() -> None:
    x, y = Value(1.0, "v1"), Value(2.0, "v2")

    assert sorted(explain((x * y).exp() + x, x).names.text.values()) == ["v1", "v2", "v3", "v4", "y"]


def test_a_hostile_label_stays_text() -> None:
    x = Value(1.0, r"\input{secret} & </script>")
    latex = explain(x * x, x)._repr_latex_()
    assert "input{" not in latex
    assert "&" not in latex.replace("&=", "").replace("&+", "").replace(r"\&", "")


def test_zeros_and_infinities_on_paths() -> None:
    a = Value(2.0, "a")
    y = (a * -1.0).relu() + 1e308 * a
    assert "= -0" not in str(explain(y, a))
    z = (a * 1e200) * 1e200
    assert r"10^{200} \cdot 1 \cdot 10^{200} = \infty" in explain(z, a)._repr_latex_()
    with pytest.raises(ValueError, match="the limit must be a positive integer, not 0"):
        explain(z, a, limit=0)


def test_names_of_all_alphabets_in_formulas() -> None:
    for label, wanted in (("α", "α"), ("é_2", "é_{2}"), ("a_1_2", r"\text{a\_1\_2}"), ("50 %", r"\text{50 \%}")):
        v = Value(2.0, label)
        assert rf"\partial {wanted}}}" in explain(v * v, v)._repr_latex_()


def test_what_if_is_right_for_small_changes() -> None:
    L, node = fixture()
    small, large = what_if(L, node["W4"], 1e-4), what_if(L, node["W4"], 2.0)
    assert small.predicted == pytest.approx(small.actual, rel=1e-3)
    assert abs(large.predicted - large.actual) > 0.05
    assert node["W4"].data == 0.6
    assert "predicted: dL/dW4 * 0.0001" in str(small)


def test_order_matters() -> None:
    report = order_matters()
    assert [list(report.right.values()), list(report.wrong.values())] == [[15.0], [9.0]]
    assert "wrong" in str(report)
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert order_matters(a * b).differ == []
    assert "right by luck" in str(order_matters(a * b))


def test_forward_steps_end_with_the_derivative() -> None:
    L, node = fixture()
    *_, last = forward_steps(L, node["W1"])
    assert last.node is L
    assert last.tangent == pytest.approx(-0.035537642770713626, rel=1e-14)
    assert str(last).startswith("dL/dW1 = ")
    assert jvp(lambda x: x[0] * x[1], [2.0, 3.0], [1.0, 0.0])[1] == 3.0


def test_the_count_of_operations_of_a_network() -> None:
    """One backward pass for all 337 derivatives, 337 forward passes with tangents, 674 for central differences."""
    model = MLP(2, [16, 16, 1], activation="tanh", seed=1)
    loss = (model([1.0, 2.0]) - 1.0) ** 2
    cost = count_operations(loss, model.parameters())
    assert cost.inputs == 337
    assert cost.finite_differences == 337 * (2 * cost.forward_pass + 2)
    assert cost.reverse_mode < 6 * cost.forward_pass
    assert cost.forward_mode > 50 * cost.reverse_mode
    assert "674 forward passes" in str(cost)


def test_wrong_arguments() -> None:
    a, b = Value(1.0), Value(2.0)
    with pytest.raises(TypeError, match="expected a Value, not int 3"):
        list(backward_steps(3))
    with pytest.raises(ValueError, match="does not depend on"):
        explain(a * 2.0, b)
    with pytest.raises(ValueError, match="does not depend on"):
        what_if(a * 2.0, b, 0.1)
    assert str(explain(a, a)) == "dy/dy = 1"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_row_is_told(row: object) -> None:
    from points import POINTS

    xs = [Value(float(x), f"x{i}") for i, x in enumerate(POINTS[row.name][1][0])]
    y = row(*xs)
    for x in xs:
        found = explain(y, x)
        assert str(found)
        assert found._repr_latex_()
    assert len(list(backward_steps(y))) == len(xs) + 1


def test_what_is_not_taken_is_told_without_its_slope() -> None:
    """sqrt has none at 0, and needs none where it is passed over; elsewhere it is an error, and not a 0."""
    x = Value(0.0, "x")
    y = where(step(x), sqrt(x), 3.0 * x)
    assert [s.adjoint for s in backward_steps(y) if s.node is x] == [3.0]
    assert [s.tangent for s in forward_steps(y, x)][-1] == 3.0
    assert explain(y, x).total == 3.0
    assert order_matters(y).right[x] == 3.0
    for tell in (lambda z: list(backward_steps(z)), lambda z: explain(z, x), lambda z: list(forward_steps(z, x))):
        with pytest.raises(ZeroDivisionError, match=r"the derivative of cbrt\(0\.0\) at 'x'"):
            tell(cbrt(x) ** 3)
