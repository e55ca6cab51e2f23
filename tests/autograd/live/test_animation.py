"""The moving picture of both passes."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image
from random_graphs import small_graph

from autograd import Value, animate


def test_a_step_for_each_node_forward_then_backward() -> None:
    found = animate(small_graph())
    captions = [frame.caption for frame in found.frames]
    assert len(captions) == 14
    assert captions[0] == ["a = 2"]
    assert captions[2] == ["c = a * b = 2 * -3 = -6"]
    assert captions[7][0] == "dL/dL = 1"
    assert any("dL/db += dL/dc * dc/db" in line for lines in captions for line in lines)
    assert repr(found) == "<Animation: forward and backward pass of L, 14 steps>"


def test_the_graph_is_left_as_it_was() -> None:
    L = small_graph()
    assert animate(L).svg
    assert L._grad is None


def test_numbers_come_one_after_the_other() -> None:
    svg = animate(small_graph(), seconds=1.0).svg
    root = ET.fromstring(svg)
    groups = [group for group in root.iter() if group.tag.endswith("}g")]
    assert [group.get("class") for group in groups] == [f"k{i}" for i in range(28)]
    texts = ["".join(text.itertext()) for text in groups[17].iter() if text.tag.endswith("text")]
    assert [text.strip() for text in texts] == ["1"]  # the gradient of v2, which the sum hands on
    assert "prefers-reduced-motion" in svg
    assert "prefers-color-scheme:dark" in svg
    assert not re.search(r"<script|http(?!://www.w3.org)", svg)


def test_files(tmp_path: Path) -> None:
    found = animate(small_graph(), seconds=0.5)
    assert found.save(tmp_path / "a.svg").read_text("utf-8") == found.svg
    image = Image.open(io.BytesIO(found.save(tmp_path / "a.gif").read_bytes()))
    assert (image.n_frames, image.info["duration"]) == (14, 500)
    with pytest.raises(ValueError, match=r"\.svg, \.gif or \.html, not as 'a\.png'"):
        found.save(tmp_path / "a.png")
    assert '"plays": true' in found.save(tmp_path / "a.html").read_text("utf-8")


def test_a_large_graph_takes_twelve_seconds() -> None:
    y = Value(1.0)
    for _ in range(21):
        y = y * 1.1
    assert len(animate(y).frames) * animate(y).seconds == pytest.approx(12.0)
    assert animate(small_graph()).seconds == pytest.approx(12.0 / 14)
    assert animate(Value(1.0) * 2.0).seconds == 1.2


def test_a_hostile_label() -> None:
    x = Value(1.0, '</text><script>alert("x")</script>')
    assert "<script" not in animate(x * 2.0).svg
    assert "<script" not in animate(x * 2.0)._repr_html_()


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="needs a Value"):
        animate(3.0)
    with pytest.raises(ValueError, match="seconds must be from"):
        animate(small_graph(), seconds=0.0)
    y = Value(1.0)
    for _ in range(70):
        y = y + 1.0
    with pytest.raises(ValueError, match="71 nodes; an animation can show at most 60"):
        animate(y)


def test_svg_needs_no_pillow() -> None:
    code = "import sys; sys.modules['PIL'] = None; from autograd import *; print(len(animate(Value(2.0) * 3.0).svg))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 1000
