"""The order of a graph and the sweeps over it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from random_graphs import random_graph

from autograd import Value, topological_order
from autograd.graph import adjoints, local_partials, replay, tangents, times


@given(st.integers(0, 10_000))
def test_every_node_comes_once_and_after_its_arguments(seed: int) -> None:
    y, _ = random_graph(seed)
    order = topological_order(y)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is y
    for node in order:
        assert all(place[x] < place[node] for x in node.args if isinstance(x, Value))


def test_arguments_from_left_to_right() -> None:
    a, b, c = Value(1.0), Value(2.0), Value(3.0)
    ab = a * b
    y = ab + c
    assert topological_order(y) == [a, b, ab, c, y]


def test_several_ends() -> None:
    a = Value(1.0)
    b, c = a + 1.0, a + 2.0
    assert topological_order(c, b) == [a, c, b]
    assert topological_order() == []


def test_the_program_that_goes_wrong_without_the_order() -> None:
    """The example in the docstring of the module, with the right order and with a wrong one."""
    a = Value(2.0)
    b = a * 3.0
    ab = a * b
    c = b + ab
    assert adjoints([a, b, ab, c], {c: 1.0})[a] == 15.0
    assert adjoints([a, ab, b, c], {c: 1.0})[a] == 9.0  # b hands on before a * b has paid in


@given(st.integers(0, 10_000))
def test_forward_and_reverse_mode_agree(seed: int) -> None:
    y, leaves = random_graph(seed)
    order = topological_order(y)
    reverse = adjoints(order, {y: 1.0})
    for x in leaves:
        forward = tangents(order, {x: 1.0}, [y]).get(y, 0.0)
        assert abs(forward - reverse.get(x, 0.0)) <= 1e-9 * max(1.0, abs(forward))


def test_local_partials() -> None:
    a, b = Value(2.0), Value(-3.0)
    assert local_partials(a * b) == [-3.0, 2.0]
    assert local_partials(a**3) == [12.0, None]


def test_replay_with_other_numbers() -> None:
    a, b = Value(2.0), Value(-3.0)
    c = a * b
    y = c + 1.0
    assert replay(topological_order(y), {})[y] == -5.0
    assert replay(topological_order(y), {a: 5.0})[y] == -14.0
    assert replay(topological_order(y), {c: 10.0})[y] == 11.0


def test_products_with_nothing_to_compute_make_no_node() -> None:
    x = Value(3.0)
    assert times(1.0, x) is x
    assert times(x, 1.0) is x
    assert times(0.0, x) == 0.0
    assert times(x, -1.0).op.name == "neg"
    assert times(x, 2.0).op.name == "mul"
