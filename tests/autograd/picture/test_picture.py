"""Pictures: SVG, PNG, HTML, DOT, and what labels may not do to them."""

from __future__ import annotations

import base64
import io
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import graphviz
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import nn
from autograd import Picture, Value, draw, draw_dot, scope
from autograd.picture.legends import warmth
from autograd.picture.png import MOST_PIXELS, png
from autograd.picture.strokes import Rectangle, Text, text_width

SVG = "{http://www.w3.org/2000/svg}"


def neuron() -> Value:
    x, w, b = Value(2.0, "x"), Value(-3.0, "w"), Value(6.5, "b")
    y = (x * w + b).tanh() ** 2
    y.label = "y"
    return y


def texts(picture: Picture) -> list[str]:
    return [element.text or "" for element in ET.fromstring(picture.svg).iter(f"{SVG}text")]


def test_what_stands_in_the_boxes() -> None:
    y = neuron()
    before = texts(draw(y))
    assert {"x", "w", "b", "y", "×", "+", "tanh", "x²", "v1", "2", "-3", "6.5", f"{y.data:.4g}"} <= set(before)
    assert before.count("–") == 7  # one dash for each of the nodes, which no backward pass has reached
    y.backward()
    after = texts(draw(y))
    assert "–" not in after
    assert "1" in after


def test_values_and_gradients_can_be_left_out() -> None:
    y = neuron()
    y.backward()
    assert "data " not in texts(draw(y, values=False))
    assert "grad " not in texts(draw(y, gradients=False))
    assert {"data ", "grad "} <= set(texts(draw(y)))


def test_partials_stand_at_the_arrows() -> None:
    x, w = Value(2.0), Value(-3.5)
    shown = texts(draw(x * w, partials=True, values=False, gradients=False))
    assert {"-3.5", "2"} <= set(shown)


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_directions(direction: str) -> None:
    a = Value(1.0, "start")
    b = a.tanh()
    b.label = "end"
    places = {text.text: (text.x, text.y) for text in draw(b, direction).sketch.strokes if isinstance(text, Text)}
    (x0, y0), (x1, y1) = places["start"], places["end"]
    assert {"LR": x0 < x1, "RL": x0 > x1, "TB": y0 < y1, "BT": y0 > y1}[direction]


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_no_label_is_cut(direction: str) -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    y = model([Value(1.0, "a rather long label for an input"), Value(2.0, "中文标签")])
    y.label = "x" * 100
    picture = draw(y, direction, partials=True, max_nodes=None)
    rectangles = [stroke for stroke in picture.sketch.strokes if isinstance(stroke, Rectangle)]
    for text in (stroke for stroke in picture.sketch.strokes if isinstance(stroke, Text)):
        if text.style in ("ink", "value", "grad"):
            right = text.x + text_width(text.text)
            assert any(
                box.x <= text.x and right <= box.x + box.width and box.y < text.y < box.y + box.height
                for box in rectangles[1:]
            ), text


def test_modules_are_frames() -> None:
    shown = texts(draw(nn.MLP(1, [2, 1], seed=0)([Value(1.0, "x")])))
    assert {"mlp", "layers.0", "layers.1", "neurons.0", "neurons.1"} <= set(shown)


def test_an_outer_frame_around_inner_ones() -> None:
    with scope("outer"), scope("inner"):
        y = Value(1.0) * 2.0
    assert {"outer", "inner"} <= set(texts(draw(y)))


HOSTILE = [
    "<script>alert(1)</script>",
    "a & b < c > d",
    "\"quotes\" and 'apostrophes'",
    "\\n \\l {record|fields} <port>",
    "]]> <!-- --> <![CDATA[",
    "null \x00 bell \x07 line\nbreak",
    "<b>bold</b>",
    "%s {0} ${x}",
    "\ud800 lone surrogate",
]


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels(label: str) -> None:
    with scope(label.replace("/", "|")):
        y = Value(1.0, label) + Value(2.0, label)
    y.label = label
    picture = draw(y)
    root = ET.fromstring(picture.svg)  # well-formed, and nothing but what the library draws
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert names <= {"svg", "title", "style", "rect", "text", "path", "polygon"}
    assert "<script>" not in picture.svg
    assert "<script>" not in picture._repr_html_()
    source = picture.to_dot().source
    assert "<script>" not in source
    assert "<b>bold" not in source


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_any_label_gives_a_good_file(label: str) -> None:
    ET.fromstring(draw(Value(1.0, label)).svg)


@pytest.mark.skipif(not shutil.which("dot"), reason="the program dot is not installed: apt install graphviz")
@pytest.mark.parametrize("label", HOSTILE)
def test_dot_reads_hostile_labels(label: str) -> None:
    with scope(label.replace("/", "|")):
        y = Value(1.0, label) * 2.0
    assert b"<svg" in draw(y).to_dot().pipe(format="svg")


@pytest.mark.skipif(not shutil.which("dot"), reason="the program dot is not installed: apt install graphviz")
def test_engine_dot(tmp_path: Path) -> None:
    picture = draw(neuron(), engine="dot")
    assert "Generated by graphviz" in picture.svg
    assert "<svg" in picture._repr_html_()
    assert picture.save(tmp_path / "graph.png").read_bytes().startswith(b"\x89PNG")
    assert draw(neuron()).save(tmp_path / "graph.pdf").read_bytes().startswith(b"%PDF")


def test_without_the_program_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    picture = draw(neuron())
    picture.save(tmp_path / "graph.svg")
    picture.save(tmp_path / "graph.png")
    picture.save(tmp_path / "graph.dot")
    assert isinstance(picture.to_dot(), graphviz.Digraph)
    with pytest.raises(RuntimeError, match="Graphviz's program 'dot', which is not on the PATH: install"):
        picture.save(tmp_path / "graph.pdf")
    with pytest.raises(RuntimeError, match="which do not need Graphviz"):
        draw(neuron(), engine="neato").save(tmp_path / "other.svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graph.dot", "graph.png", "graph.svg"]


def test_png_is_the_picture(tmp_path: Path) -> None:
    picture = draw(neuron())
    image = Image.open(picture.save(tmp_path / "graph.png"))
    assert image.size == (round(picture.sketch.width * 2), round(picture.sketch.height * 2))
    colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 20) or []}
    assert (255, 255, 255) in colours
    assert len(colours) > 20


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_the_png_has_the_lines_and_arrowheads_of_the_svg(direction: str) -> None:
    a, b = Value(2.0, "a"), Value(-1.0, "b")
    picture = draw((a * b + a) * (a - b) + a, direction, values=False, gradients=False)
    image = Image.open(io.BytesIO(png(picture.sketch))).convert("RGB")
    assert image.width == round(2.0 * picture.sketch.width)

    def pixel(x: float, y: float) -> tuple[int, ...]:
        return image.getpixel((min(int(2.0 * x), image.width - 1), min(int(2.0 * y), image.height - 1)))

    root = ET.fromstring(picture.svg)
    for head in root.iter(f"{SVG}polygon"):
        corners = [tuple(map(float, corner.split(","))) for corner in head.get("points", "").split()]
        assert pixel(*(sum(numbers) / 3.0 for numbers in zip(*corners, strict=True))) == (0x8A, 0x94, 0xA3)
    for path in root.iter(f"{SVG}path"):
        here: list[float] = []
        for command, text in re.findall(r"([MLC])([^MLC]*)", path.get("d", "")):
            numbers = [*here, *map(float, text.split())]
            here = numbers[-2:]
            for t in (0.1, 0.25, 0.5, 0.75) if command == "C" else ():
                weights = (1.0 - t) ** 3, 3.0 * t * (1.0 - t) ** 2, 3.0 * t * t * (1.0 - t), t**3
                x, y = (sum(w * p for w, p in zip(weights, numbers[i::2], strict=True)) for i in (0, 1))
                assert min(max(pixel(x + i / 2.0, y + j / 2.0)) for i in (-1, 0, 1) for j in (-1, 0, 1)) < 240


def test_a_huge_png_is_made_coarser() -> None:
    x = Value(1.0)
    for _ in range(2000):
        x = (x * 1.01).tanh()
    page = draw(x, max_nodes=None).sketch
    page.height = 20_000.0
    image = Image.open(io.BytesIO(png(page)))
    assert image.width * image.height <= MOST_PIXELS * 1.01


def test_the_same_bytes_on_every_run() -> None:
    program = (
        "import hashlib, sys; sys.path.insert(0, 'tests/autograd/picture'); from test_picture import neuron;"
        "from autograd import draw;"
        "p = draw(neuron(), partials=True); print(hashlib.sha256((p.svg + p.to_dot().source).encode()).hexdigest())"
    )
    root = Path(__file__).parents[3]
    runs = {
        subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True).stdout
        for _ in range(3)
    }
    assert len(runs) == 1


def test_html_holds_the_picture_twice() -> None:
    """An image for a notebook that is not trusted, which strips style and inline SVG; inline SVG for one that is."""
    html = draw(neuron())._repr_html_()
    (image,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    ET.fromstring(base64.b64decode(image))
    assert html.count("<svg") == 1
    assert ".autograd-static{display:none}" in html
    assert "prefers-color-scheme:dark" in html
    assert "[data-jp-theme-light='false']" in html


def test_a_chain_is_drawn_straight() -> None:
    y = Value(1.0)
    for _ in range(30):
        y = y * 1.01
    assert draw(y).sketch.height < 200.0


def test_partials_that_do_not_exist() -> None:
    assert "–" in texts(draw(Value(0.0).sqrt(), partials=True, gradients=False))


def test_draw_dot_is_draw(tmp_path: Path) -> None:
    y = neuron()
    assert draw_dot(y).source == draw(y).to_dot().source
    assert draw_dot(y, format="png").render(tmp_path / "gout").name == "gout.png"
    assert draw_dot(y).render(str(tmp_path / "gout")).name == "gout.svg"
    assert draw_dot(y).svg == draw(y).svg
    assert draw_dot(y, rankdir="TB").direction == "TB"
    assert isinstance(draw_dot(y).to_dot(), graphviz.Digraph)


def test_repr() -> None:
    assert repr(draw(neuron())) == (
        "<Picture of a computation graph, 7 nodes, 7 boxes; save it with .save('graph.svg')>"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"direction": "up"}, "direction must be one of LR, RL, TB, BT"),
        ({"engine": "latex"}, "engine must be None or one of dot"),
    ],
)
def test_arguments_that_are_wrong(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw(Value(1.0), **arguments)


@pytest.mark.parametrize("name", ["graph.gif", "graph", "graph.svg.txt"])
def test_endings_that_are_wrong(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"saved as \.svg, \.png, \.pdf or \.dot"):
        draw(Value(1.0)).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_very_many_nodes_are_drawn_collapsed() -> None:
    x = Value(1.0)
    for _ in range(200_000):
        x = x * 1.0000001
    shown = texts(draw(x, max_nodes=20))
    assert "199,981 more" in shown
    assert len(ET.fromstring(draw(x, max_nodes=20).svg)) < 300


def test_two_thousand_nodes_uncollapsed() -> None:
    model = nn.MLP(2, [20, 20, 1], seed=0)
    loss = model([Value(1.0), Value(2.0)])
    picture = draw(loss, max_nodes=None)
    assert sum(isinstance(stroke, Rectangle) for stroke in picture.sketch.strokes) > 1400
    assert len(draw(loss).diagram.boxes) == 43


def test_a_value_shows_its_graph_in_a_notebook() -> None:
    a = Value(2.0, "a")
    html = (a * 3.0)._repr_html_()
    assert html is not None
    assert "<svg" in html
    assert "<img" in html
    assert a._repr_html_() is None
    y = a
    for _ in range(6_000):
        y = y + 1.0
    assert y._repr_html_() is None
    model = nn.MLP(3, [16, 16, 1], seed=1)
    assert "layers.0" in (model([1.0, 2.0, 3.0])._repr_html_() or "")


def test_a_network_opens_as_far_as_it_can_be_read() -> None:
    """At 1,000 pixels, the width of a notebook, the text has nine pixels at least; a line says how to see more."""
    loss = nn.MLP(3, [4, 4, 1], seed=1)([Value(1.0, "x"), Value(2.0, "y"), Value(3.0, "z")]).square()
    picture = draw(loss)
    assert 12.0 * 1000.0 / picture.sketch.width >= 9.0
    assert "3 of 4 levels are open: draw(y, depth=4) opens one more, max_nodes=None all" in texts(picture)
    everything = draw(loss, max_nodes=None)
    assert everything.sketch.width > 2000.0
    assert not any("levels" in text for text in texts(everything))
    assert not any("levels" in text for text in texts(draw(neuron())))


def test_encodings_have_a_legend_and_do_not_rely_on_color() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    y = a * b + a
    picture = draw(y, flow=True, heat=True)
    assert {"above 0", "below 0", "shade: |dL/dz|", "1e-6"} <= set(texts(picture))
    negative = [x for x in ET.fromstring(picture.svg).iter(f"{SVG}path") if x.get("class") == "s-negative"]
    assert all(x.get("stroke-dasharray") for x in negative)
    widths = sorted(float(x.get("stroke-width", 0.0)) for x in ET.fromstring(picture.svg).iter(f"{SVG}path"))[-3:]
    assert widths[-1] == 6.0
    assert {"above 0", "1e-6"}.isdisjoint(texts(draw(y)))


@pytest.mark.parametrize("gradient", [0.0, 1e-9, 1e-3, 1.0, 50.0, float("nan"), float("inf")])
def test_shades_grow_with_the_gradient(gradient: float) -> None:
    assert warmth(1e-6) == 0.0
    assert 0.0 <= warmth(gradient) <= warmth(1.0)
    assert warmth(1e-3) == pytest.approx(warmth(1.0) / 2.0)
    assert warmth(-1e-3) == warmth(1e-3)
