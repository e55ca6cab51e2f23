"""What the explorer computes; what the browser makes of it is tried in tests/browser."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograd import Op, Value, draw, explain, explore, scope
from nn import MLP


def graph() -> tuple[Value, Value, Value]:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    L = (a * b + 7.0).tanh() + a**2
    L.label = "L"
    return a, b, L


def test_the_data_are_plain_and_complete() -> None:
    _, _, L = graph()
    data = explore(L).data()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert [info["name"] for info in data["infos"]] == ["a", "b", "v1", "v2", "v3", "v4", "L"]
    assert data["infos"][3]["args"] == [2, [7.0]]
    assert data["forms"][data["infos"][2]["form"]] == "{0}<mo>·</mo>{1}"
    assert data["nodes"][:2] == [2.0, -3.0]
    assert all(box["places"].keys() == {"value", "grad"} for box in data["views"][data["view"]]["boxes"])


def test_numbers_for_a_moved_leaf_leave_both_graphs_as_they_are() -> None:
    a, b, L = graph()
    explorer = explore(L)
    moved = explorer.numbers({1: -2.0})
    c, d = Value(2.0), Value(-2.0)
    M = (c * d + 7.0).tanh() + c**2
    M.backward()
    assert moved["adjoints"][:2] == [c.grad, d.grad]
    assert moved["values"][-1] == M.data
    assert moved["slopes"][-1] == [[0, 4, 1.0], [1, 5, 1.0]]
    assert (b.data, a._grad, explorer.y.data) == (-3.0, None, L.data)


def test_views_by_depth() -> None:
    model = MLP(2, [4, 3, 1], activation="tanh", seed=1)
    loss = (model([Value(1.0, "x1"), Value(-2.0, "x2")]) - 1.0) ** 2
    data = explore(loss).data(every=True)
    counts = [len(data["views"][level]["boxes"]) for level in data["levels"]]
    assert counts == sorted(counts)
    assert len(counts) == 4
    everything = set(range(len(data["infos"])))
    for view in data["views"].values():
        assert {node for box in view["boxes"] for node in box["nodes"]} == everything
    assert explore(loss, depth=1).data()["view"] == data["levels"][0] == "[]"


def test_a_module_is_opened_and_closed_by_itself() -> None:
    model = MLP(2, [4, 3, 1], activation="tanh", seed=1)
    explorer = explore((model([Value(1.0, "x1"), Value(-2.0, "x2")]) - 1.0) ** 2, depth=1)
    data = explorer.data(every=True)
    (network,) = [box for box in data["views"]["[]"]["boxes"] if box["kind"] == "module"]
    layers = [box for box in data["views"][network["opens"]]["boxes"] if box["kind"] == "module"]
    layers.sort(key=lambda box: box["title"])
    assert [box["title"] for box in layers] == ["mlp/layers.0", "mlp/layers.1", "mlp/layers.2"]
    assert [box["places"].keys() for box in layers] == [
        set(),
        set(),
        {"value", "grad"},
    ]  # only the last gives one number
    assert layers[1]["alone"] in data["views"]  # so that a page without Python can open it
    view = explorer.answer({"view": layers[1]["opens"]})["views"][layers[1]["opens"]]
    titles = [box["title"] for box in view["boxes"] if box["kind"] == "module"]
    assert sorted(titles) == ["mlp/layers.0", *(f"mlp/layers.1/neurons.{i}" for i in range(3)), "mlp/layers.2"]
    frames = {frame["title"]: frame["closes"] for frame in view["frames"]}
    assert frames == {"mlp": "[]", "mlp/layers.1": network["opens"]}


def test_parameters_are_leaves_of_the_graph() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    y = a * b
    assert explore(y).data()["moved"] is None
    assert explore(y, parameters=[b]).data()["moved"] == [1]
    for wrong in (y, Value(1.0)):
        with pytest.raises(ValueError, match="must be a leaf of the graph"):
            explore(y, parameters=[wrong])
    with pytest.raises(TypeError, match="must be Values, not int"):
        explore(y, parameters=[1])  # type: ignore[list-item]


def test_too_many_boxes_are_refused() -> None:
    with scope("module"):
        y = sum((Value(float(i)) * 2.0 for i in range(1500)), Value(0.0))
    explorer = explore(y)
    assert len(explorer.data(every=True)["views"]) == 1
    with pytest.raises(ValueError, match="more than 2,500"):
        explorer.answer({"view": '["module"]'})


def test_the_page_stands_alone(tmp_path: Path) -> None:
    _, _, L = graph()
    text = explore(L).save(tmp_path / "page.html").read_text("utf-8")
    assert "http" not in text.replace("http://www.w3.org", "")
    assert text.count("<script") == 2
    assert "value: (z, x) => Math.tanh(x)" in text


def own_operation() -> Value:
    """A graph with an operation that has no JavaScript."""
    clipped = Op("clipped", lambda x: min(x, 1.0), (lambda z, x: 1.0 if x < 1.0 else 0.0,))
    x = Value(0.5, "x")
    return clipped(x) * x + x


def test_without_javascript_the_numbers_are_those_of_python() -> None:
    data = explore(own_operation()).data()
    assert "operation 'clipped' has no JavaScript: give its Op an array form" in data["lacking"]
    assert data["recorded"]["values"] == [0.5, 0.5, 0.25, 0.75]
    assert data["recorded"]["adjoints"] == [2.0, 0.5, 1.0, 1.0]
    assert data["recorded"]["slopes"][2] == [[0, 1, 0.5], [1, 0, 0.5]]
    widget = explore(own_operation()).widget()
    widget.request = {"changed": {"0": 2.0}}
    assert widget.reply["recorded"]["values"] == [2.0, 1.0, 2.0, 4.0]


def test_an_error_of_python_reaches_the_widget() -> None:
    x = Value(1.0, "x")
    widget = explore(x.log()).widget()
    widget.request = {"changed": {"0": -1.0}}
    assert "log" in widget.error
    widget.request = {"changed": {"0": 2.0}}
    assert widget.error == ""


def test_a_slope_that_does_not_exist_changes_nothing() -> None:
    explorer = explore(Value(1.0, "x").sqrt() * 3.0)
    before = explorer.numbers()
    with pytest.raises(ZeroDivisionError, match="sqrt"):
        explorer.answer({"changed": {"0": 0.0}})
    assert explorer.answer({"changed": {}}) == {"recorded": before}
    with pytest.raises(ValueError, match="only leaves"):
        explorer.answer({"changed": {"1": 2.0}})
    with pytest.raises(ValueError, match="no such view"):
        explorer.answer({"view": '["nowhere"]'})


def test_an_argument_that_stands_twice_has_two_slopes() -> None:
    a = Value(3.0, "a")
    assert explore(2.0 * (a * a)).numbers()["slopes"][1] == [[0, 0, 3.0], [1, 0, 3.0]]


def test_what_a_notebook_gets() -> None:
    _, _, L = graph()
    data, _ = explore(L)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "<img" in data["text/html"]  # stays where the widget and the page are removed
    assert '<iframe title="graph of L" sandbox="allow-scripts' in data["text/html"]
    assert "grad 2.74" in re.sub("<[^>]*>", "", data["text/html"])
    assert data["text/plain"] == "<Explorer: graph of L, 7 nodes>"
    code = (
        "import sys; sys.modules['anywidget'] = None; from autograd import *; found = explore(Value(2.0) * 3.0);"
        "print(sorted(found._repr_mimebundle_())); found.widget()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "['text/html', 'text/plain']"
    assert "the live widget needs anywidget: pip install anywidget" in done.stderr


def test_wrong_arguments(tmp_path: Path) -> None:
    _, _, L = graph()
    with pytest.raises(TypeError, match="needs a Value"):
        explore([L])
    with pytest.raises(ValueError, match="from 1 to 1, not 7"):
        explore(L, depth=7)
    with pytest.raises(ValueError, match=r"save the page as \.html, not as 'page\.png'"):
        explore(L).save(tmp_path / "page.png")
    y = Value(1.0)
    for _ in range(5_000):
        y = y + 1.0
    with pytest.raises(ValueError, match="5,001 nodes"):
        explore(y)


@pytest.mark.parametrize(
    "request_",
    [
        {"changed": [1, 2]},
        {"changed": {"x": 1.0}},
        {"changed": {"-1": 1.0}},
        {"changed": {"99": 1.0}},
        {"changed": {"0": "1"}},
        {"changed": {"0": None}},
        {"changed": {"0": 10**400}},
        {"changed": {"0": math.inf}},
        {"view": 3},
        {"view": "["},
        {"view": "[3]"},
        {"view": '["nowhere"]'},
    ],
)
def test_messages_of_wrong_types_are_answered_with_an_error(request_: Any) -> None:
    _, _, L = graph()
    widget = explore(L).widget()
    widget.request = request_
    assert widget.error
    assert widget.reply == {}


def test_half_a_character_in_a_label(tmp_path: Path) -> None:
    x = Value(1.0, "\ud83d")
    y = x * 2.0
    y.label = "y\udc00"
    explore(y).save(tmp_path / "page.html").read_text("utf-8")
    draw(y).save(tmp_path / "graph.dot").read_text("utf-8")
    str(explain(y, x)).encode()
