"""What a picture shows: boxes, arrows, closed modules."""

from __future__ import annotations

from typing import Any

import pytest

import nn
from autograd import Value, draw, explain, scope, topological_order
from autograd.picture.diagram import Diagram, diagram


def kinds(found: Diagram) -> dict[str, int]:
    counts: dict[str, int] = {}
    for box in found.boxes:
        counts[box.kind] = counts.get(box.kind, 0) + 1
    return counts


def network() -> Value:
    model = nn.MLP(2, [16, 16, 1], activation="tanh", seed=1)
    loss = (model([Value(1.0, "x1"), Value(-2.0, "x2")]) - 1.0) ** 2
    loss.label = "loss"
    loss.backward()
    return loss


def test_every_node_with_its_name_and_its_constants() -> None:
    a = Value(2.0, "a")
    found = diagram(a * 3.0 + a, partials=True)
    assert [(box.kind, box.title, box.operation) for box in found.boxes] == [
        ("node", "a", ""),
        ("node", "v1", "× 3"),
        ("node", "y", "+"),
    ]
    assert [(a.source, a.target, a.slot, a.partial) for a in found.arrows] == [
        (0, 1, 0, 3.0),
        (1, 2, 0, 1.0),
        (0, 2, 1, 1.0),
    ]


def test_a_value_used_twice_has_two_arrows() -> None:
    a = Value(2.0)
    assert [arrow.slot for arrow in diagram(a * a).arrows] == [0, 1]


def test_grad_is_none_before_backward() -> None:
    a = Value(2.0)
    b = a * 3.0
    assert {box.grad for box in diagram(b).boxes} == {None}
    b.backward()
    assert [box.grad for box in diagram(b).boxes if box.kind == "node"] == [3.0, 1.0]


def test_depth_closes_modules() -> None:
    loss = network()
    by_layer, by_neuron = diagram(loss, depth=2), diagram(loss, depth=3)
    assert kinds(by_layer) == {"node": 4, "module": 3}
    assert kinds(by_neuron) == {"node": 4, "module": 33}
    everything = diagram(loss, max_nodes=None)
    assert kinds(everything)["node"] == len(topological_order(loss))
    assert sum(box.count for box in by_layer.boxes) == len(topological_order(loss))


def test_a_module_with_one_result_shows_it() -> None:
    loss = network()
    neuron = next(box for box in diagram(loss, depth=3).boxes if box.kind == "module")
    assert neuron.value is not None
    assert neuron.grad is not None
    layer = next(box for box in diagram(loss, depth=2).boxes if box.title == "layers.0")
    assert layer.value is None


def test_modules_close_by_themselves_above_the_limit() -> None:
    loss = network()
    assert "module" not in kinds(diagram(loss, max_nodes=10_000))
    assert kinds(diagram(loss, max_nodes=150))["module"] == 33
    assert kinds(diagram(loss, max_nodes=20))["module"] == 3
    assert kinds(diagram(loss, max_nodes=5)) == {"node": 4, "module": 1}


def test_without_modules_the_nearest_nodes_are_left() -> None:
    x = Value(1.0)
    for _ in range(1000):
        x = x * 1.01
    found = diagram(x, max_nodes=10)
    assert kinds(found) == {"more": 1, "node": 10}
    assert found.boxes[0].count == 1001 - 10
    assert found.boxes[0].title == "991 more"


def test_a_module_called_in_a_loop_makes_a_cycle_of_boxes() -> None:
    x = Value(1.0)
    for _ in range(3):
        with scope("cell"):
            x = x.tanh()
        x = x * 2.0
    found = diagram(x, depth=1)
    module = next(i for i, box in enumerate(found.boxes) if box.kind == "module")
    assert len({arrow.target for arrow in found.arrows if arrow.source == module}) == 3


def test_several_ends() -> None:
    a = Value(1.0)
    assert kinds(diagram([a + 1.0, a * 2.0]))["node"] == 3


@pytest.mark.parametrize("bad", [3.0, None, [], [1.0], "x"])
def test_what_has_no_graph(bad: Any) -> None:
    with pytest.raises(TypeError, match=r"a picture shows a Value or a (non-empty )?list of Values"):
        diagram(bad)


@pytest.mark.parametrize("limits", [{"depth": 0}, {"max_nodes": 0}, {"depth": 1.5}])
def test_limits_that_are_none(limits: Any) -> None:
    with pytest.raises(ValueError, match=r"must be a positive integer"):
        diagram(Value(1.0), **limits)


def test_what_flows_back_is_the_adjoint_times_the_local_derivative() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    found = diagram(a * b + a, flow=True)
    names = [box.title for box in found.boxes]
    flow = {(names[arrow.source], names[arrow.target]): arrow.flow for arrow in found.arrows}
    assert flow == {("a", "v1"): -3.0, ("b", "v1"): 2.0, ("v1", "y"): 1.0, ("a", "y"): 1.0}
    assert [arrow.flow for arrow in diagram(a * b).arrows] == [None, None]


def test_paths_that_use_a_node_twice_take_both_arrows() -> None:
    x = Value(3.0, "x")
    y = x * x
    z = y * y
    found = diagram(z, paths=[[z, y, x]] * 4)
    arrows = {(found.boxes[arrow.source].title, arrow.slot): arrow.paths for arrow in found.arrows}
    assert arrows == {("v1", 0): (0, 1), ("v1", 1): (2, 3), ("x", 0): (0, 2), ("x", 1): (1, 3)}


def test_paths_through_a_closed_module_and_through_a_folded_sum() -> None:
    model = nn.MLP(2, [2, 1], activation="tanh", seed=1)
    x = Value(1.0, "x")
    y = model([x, 2.0])
    paths = explain(y, x).paths
    closed = diagram(y, depth=1, paths=paths)
    assert [arrow.paths for arrow in closed.arrows if closed.boxes[arrow.source].title == "x"] == [(0, 1)]
    whole = diagram(y, fold=True, paths=paths)
    leaving = [arrow.paths for arrow in whole.arrows if whole.boxes[arrow.source].title == "x"]
    assert sorted(path for numbers in leaving for path in numbers) == [0, 1]


def test_what_is_not_a_path_is_refused() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    c = a * b
    y = c + b
    with pytest.raises(ValueError, match="path 1 is not a path: each of its nodes must be an argument of"):
        diagram(y, paths=[[y, c, a], [y, a]])
    with pytest.raises(ValueError, match="a path has nodes of another graph"):
        draw(a * b, paths=explain(a * 2.0, a))
    for wrong in (a, None, [[1, 2]], [()], explain(y, a).paths[0]):
        with pytest.raises(TypeError, match=r"paths must be explain\(y, x\), or a list of lists of Values"):
            draw(y, paths=wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="flow and paths both give the arrows their color"):
        draw(y, flow=True, paths=explain(y, a))
    with pytest.raises(ValueError, match=r"a picture can show 6 paths, not 7: choose some of explain\(y, x\)\.paths"):
        draw(y, paths=[[y, c, a]] * 7)


def test_what_flows_into_a_closed_module_is_the_sum_over_its_arrows() -> None:
    model = nn.MLP(1, [2, 1], activation="linear", seed=1)
    x = Value(2.0, "x")
    y = model([x])
    y.backward()
    found = diagram(y, depth=1, flow=True)
    (into,) = [arrow for arrow in found.arrows if found.boxes[arrow.source].title == "x"]
    assert into.flow == pytest.approx(x.grad)


def test_a_folded_sum_is_one_box_with_the_slope_of_each_operand() -> None:
    x, w, b = Value(2.0, "x"), Value(-3.0, "w"), Value(0.5, "b")
    product = w * x
    y = (product - b + x).tanh()
    found = diagram(y, partials=True, fold=True)
    assert [(box.title, box.operation) for box in found.boxes] == [
        ("w", ""),
        ("x", ""),
        ("b", ""),
        ("v1", "Σ"),
        ("y", "tanh"),
    ]
    into = [(found.boxes[arrow.source].title, arrow.partial) for arrow in found.arrows if arrow.target == 3]
    assert into == [("w", 2.0), ("x", -3.0), ("b", -1.0), ("x", 1.0)]
    product.label = "product"  # what has a name keeps its box
    assert "product" in [box.title for box in diagram(y, fold=True).boxes]
    assert len(diagram([y, product], fold=True).boxes) == 6


def test_a_neuron_is_a_sum_and_an_activation() -> None:
    loss = nn.MLP(3, [4, 1], activation="tanh", seed=1)([1.0, 2.0, 3.0]).square()
    operations = [box.operation for box in diagram(loss, max_nodes=None, fold=True).boxes if box.operation]
    assert operations.count("Σ") == 5
    assert operations.count("tanh") == 4
    assert len(operations) == 10
