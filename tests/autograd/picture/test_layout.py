"""Places: nothing overlaps, no edge runs through a box, frames hold what is theirs."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.picture.layout import layout
from autograd.picture.places import Edge, Group, Layout, Name, Point, Size

Graph = tuple[dict[Name, Size], list[Edge], dict[Name, Group]]


def random_boxes(seed: int) -> Graph:
    """A random graph with boxes of random sizes in random groups."""
    rng = random.Random(seed)
    count = rng.randint(1, 40)
    sizes: dict[Name, Size] = {i: (rng.uniform(10, 120), rng.uniform(10, 60)) for i in range(count)}
    edges = [
        Edge(rng.randrange(target), target, slot, 2) for target in range(1, count) for slot in range(rng.randint(0, 2))
    ]
    groups: dict[Name, Group] = {}
    for i in range(count):
        if rng.random() < 0.6:
            outer = f"g{i * 3 // count}"  # neighbours share a group, as in a module
            groups[i] = (outer, f"h{rng.randint(0, 2)}") if rng.random() < 0.5 else (outer,)
    return sizes, edges, groups


def rectangle(found: Layout, sizes: dict[Name, Size], name: Name) -> tuple[float, float, float, float]:
    (x, y), (width, height) = found.centres[name], sizes[name]
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def overlap(a: tuple[float, ...], b: tuple[float, ...], slack: float = 0.01) -> bool:
    return a[0] < b[2] - slack and b[0] < a[2] - slack and a[1] < b[3] - slack and b[1] < a[3] - slack


def traced(points: list[Point]) -> list[Point]:
    """Points along an edge: along the level stretches and the curves between them, as they are drawn."""
    found = []
    for i, ((x0, y0), (x1, y1)) in enumerate(itertools.pairwise(points)):
        for step in range(9):
            t = step / 8
            level = i % 2 == 0
            s = t if level else t * t * (3 - 2 * t)
            u = t if level else 1.5 * t * (1 - t) + t**3
            found.append((x0 + u * (x1 - x0), y0 + s * (y1 - y0)))
    return found


def faults(found: Layout, sizes: dict[Name, Size], edges: list[Edge]) -> list[str]:
    """Everything that is wrong with a layout."""
    boxes = {name: rectangle(found, sizes, name) for name in sizes}
    wrong = [f"{a} overlaps {b}" for a, b in itertools.combinations(sizes, 2) if overlap(boxes[a], boxes[b])]
    for edge in edges:
        for x, y in traced(found.routes[edge]):
            for name, (left, top, right, bottom) in boxes.items():
                if (
                    name not in (edge.source, edge.target)
                    and left + 0.01 < x < right - 0.01
                    and top + 0.01 < y < bottom - 0.01
                ):
                    wrong.append(f"{edge} runs through {name}")
    for name, (left, top, right, bottom) in boxes.items():
        if left < -0.01 or top < -0.01 or right > found.width + 0.01 or bottom > found.height + 0.01:
            wrong.append(f"{name} is cut off")
    return wrong


@settings(max_examples=60)
@given(st.integers(0, 100_000))
def test_nothing_overlaps_and_no_edge_runs_through_a_box(seed: int) -> None:
    sizes, edges, groups = random_boxes(seed)
    assert faults(layout(sizes, edges, groups), sizes, edges) == []


def test_the_finder_of_faults_finds_them() -> None:
    """The checker above, shown wrong layouts."""
    sizes: dict[Name, Size] = {"a": (10, 10), "b": (10, 10), "c": (10, 10)}
    edge = Edge("a", "c")
    good = layout(sizes, [edge, Edge("b", "c")])
    good.centres["b"] = good.centres["a"]
    assert faults(good, sizes, [edge]) == ["a overlaps b"]
    good.centres["b"] = ((good.centres["a"][0] + good.centres["c"][0]) / 2, good.centres["c"][1])
    good.centres["a"] = (5.0, good.centres["c"][1])
    good.routes[edge] = [good.centres["a"], good.centres["c"]]
    assert f"{edge} runs through b" in faults(good, sizes, [edge])
    good.centres["b"] = (-20.0, 0.0)
    assert "b is cut off" in faults(good, sizes, [])


@settings(max_examples=60)
@given(st.integers(0, 100_000))
def test_edges_lead_from_side_to_side(seed: int) -> None:
    sizes, edges, groups = random_boxes(seed)
    found = layout(sizes, edges, groups)
    for edge in edges:
        start, end = found.routes[edge][0], found.routes[edge][-1]
        assert start[0] == pytest.approx(rectangle(found, sizes, edge.source)[2])
        assert end[0] == pytest.approx(rectangle(found, sizes, edge.target)[0])
        top, bottom = rectangle(found, sizes, edge.target)[1::2]
        assert end[1] == pytest.approx(top + (bottom - top) * (edge.slot + 1) / (edge.slots + 1))
        assert all(a[0] <= b[0] + 0.01 for a, b in itertools.pairwise(found.routes[edge]))


@settings(max_examples=60)
@given(st.integers(0, 100_000))
def test_frames_hold_their_boxes_and_no_others(seed: int) -> None:
    sizes, edges, groups = random_boxes(seed)
    found = layout(sizes, edges, groups)
    for group, (x, y, width, height) in found.frames.items():
        frame = (x, y, x + width, y + height)
        for name in sizes:
            mine = groups.get(name, ())[: len(group)] == group
            left, top, right, bottom = rectangle(found, sizes, name)
            if mine:
                assert frame[0] <= left
                assert frame[1] <= top
                assert right <= frame[2]
                assert bottom <= frame[3]
            else:
                assert not overlap(frame, (left, top, right, bottom))


def test_a_weight_stands_beside_what_reads_it() -> None:
    sizes: dict[Name, Size] = dict.fromkeys("abcdw", (20, 20))
    edges = [Edge("a", "b"), Edge("b", "c"), Edge("c", "d", 0, 2), Edge("w", "d", 1, 2)]
    found = layout(sizes, edges)
    assert found.centres["w"][0] == found.centres["c"][0]


def test_a_chain_is_a_straight_line() -> None:
    sizes: dict[Name, Size] = dict.fromkeys(range(10), (20, 20))
    found = layout(sizes, [Edge(i, i + 1) for i in range(9)])
    assert len({y for _, y in found.centres.values()}) == 1


def test_crossings_that_can_be_avoided_are() -> None:
    sizes: dict[Name, Size] = dict.fromkeys(["a", "b", "x", "y", "end"], (20, 20))
    found = layout(sizes, [Edge("b", "x"), Edge("a", "y"), Edge("x", "end", 0, 2), Edge("y", "end", 1, 2)])
    assert (found.centres["a"][1] < found.centres["b"][1]) == (found.centres["y"][1] < found.centres["x"][1])


def test_a_cycle_runs_backwards_once() -> None:
    sizes: dict[Name, Size] = dict.fromkeys("abc", (20, 20))
    edges = [Edge("a", "b"), Edge("b", "c"), Edge("c", "a")]
    found = layout(sizes, edges)
    backwards = [edge for edge in edges if found.routes[edge][0][0] > found.routes[edge][-1][0]]
    assert len(backwards) == 1


def test_a_group_that_is_left_and_entered_again_has_no_frame() -> None:
    sizes: dict[Name, Size] = dict.fromkeys("abc", (20, 20))
    edges = [Edge("a", "b"), Edge("b", "c")]
    assert layout(sizes, edges, {"a": ("g",), "c": ("g",)}).frames == {}
    assert set(layout(sizes, edges, {"a": ("g",), "b": ("g",)}).frames) == {("g",)}


def test_nothing_and_one() -> None:
    assert (layout({}, []).width, layout({}, []).height) == (0.0, 0.0)
    assert layout({"a": (30, 20)}, []).centres == {"a": (15.0, 10.0)}


def test_the_same_every_time() -> None:
    sizes, edges, groups = random_boxes(42)
    assert layout(sizes, edges, groups) == layout(sizes, edges, groups)
