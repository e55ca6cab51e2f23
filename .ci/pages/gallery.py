"""The gallery: every kind of picture, each with the lines that make it, which are run to make it."""

from __future__ import annotations

import ast
import contextlib
import html
import io
import tempfile
from pathlib import Path
from typing import Any

from page import Page, code, markdown, reachable

import autograd
import nn

# What all lines below use.
BEFORE = """
from autograd import *
from nn import *
import nn
from nn.plots import *

a, b = Value(2.0, "a"), Value(-3.0, "b")
c = (a * b + 7.0).tanh() + a**2
c.label = "c"
c.backward()

model = MLP(2, [3, 1], "tanh", seed=1)
loss = (model([Value(1.0, "x1"), Value(-2.0, "x2")]) - 1.0) ** 2
loss.backward()

moons = data.moons(n=100, seed=1)
net = MLP(2, [8, 2], "tanh", seed=1)
optimizer = Adam(net.parameters(), lr=0.05)
history = fit(net, moons.X, moons.y, "cross_entropy", optimizer, epochs=40, seed=1, progress=False)
"""

# A heading, or a picture: its title, and its code, whose last line is the picture.
ITEMS = (
    "Graphs",
    ("A graph", "draw(c)"),
    ("Its local derivatives", "draw(c, partials=True)"),
    ("Every path from the result to a leaf", "draw(c, paths=explain(c, a))"),
    ("Only some levels of a network", "draw(loss, depth=3)"),
    ("What flows back, as width", "draw(loss, fold=True, flow=True)"),
    ("The size of each gradient, as shade", "draw(loss, fold=True, heat=True)"),
    ("For Graphviz", "print(draw(c).to_dot().source)"),
    "What moves",
    ("A live graph", "explore(c)"),
    ("Both passes, as a film", "animate(c)"),
    ("A network in training", 'nn.watch(MLP(2, [4, 2], "tanh", seed=1), moons.X, moons.y, "cross_entropy")'),
    "Explanations",
    ("A gradient as a sum over paths", "explain(c, a)"),
    ("The backward pass, node by node", "for step in backward_steps(c):\n    print(step)"),
    ("Forward mode", "for step in forward_steps(c, a):\n    print(step)"),
    ("A nudge, predicted and done", "what_if(c, a, 0.1)"),
    ("Why the order must be topological", "order_matters()"),
    ("The cost of three ways to a gradient", "count_operations(loss, model.parameters())"),
    ("Each gradient, checked", "check_grads(c)"),
    "Charts",
    ("A tangent", "plot_tangent(lambda x: x**2, 1.0)"),
    ("Paths of descent", "plot_descent(lambda u, v: u * u + 10.0 * v * v, (1.5, 1.0))"),
    ("A training", "history.plot()"),
    ("Decision regions", "plot_decision_boundary(net, moons.X, moons.y)"),
    ("What each layer is like", "layer_report(net, nn.cross_entropy(net(moons.X[0]), moons.y[0]))"),
    (
        "Any chart",
        'xs = [i / 10.0 for i in range(-30, 31)]\nchart = Chart(560, 280)\nchart.panel(x="x").line(xs, '
        '[tanh(x) for x in xs], "tanh(x)").line(xs, [sigmoid(x) for x in xs], "sigmoid(x)", dash="dashed")\nchart',
    ),
    "Questions",
    ("A graph to differentiate by hand", "quiz(seed=5, size=3)"),
    ("The exercises of a lesson", 'exercises("tangent")'),
)


def gallery() -> Page:
    names: dict[str, Any] = {}
    exec(BEFORE, names)
    parts = []
    for item in ITEMS:
        if isinstance(item, str):
            parts.append(f"<h2>{item}</h2>")
        else:
            title, lines = item
            parts.append(f"<h3>{title}</h3>{code(lines)}<div class='output' tabindex='0'>{_shown(lines, names)}</div>")
    content = (
        "<h1>Gallery</h1><p>Every picture that the library makes, each with the line that makes it. All of them use "
        f"these lines:</p><details><summary>a graph, a network and its training</summary>{code(BEFORE.strip())}"
        f"</details>{''.join(parts)}"
    )
    titles = " ".join(item if isinstance(item, str) else item[0] for item in ITEMS)
    return Page("gallery.html", "Gallery", "Every picture, with the line that makes it.", content, titles, True)


def _shown(lines: str, names: dict[str, Any]) -> str:
    """What a notebook shows after a cell with these lines: what is printed, or the last value."""
    *before, last = ast.parse(lines).body
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        is_value = isinstance(last, ast.Expr)
        exec(compile(ast.Module(before if is_value else [*before, last], []), "gallery", "exec"), names)
        found = eval(compile(ast.Expression(last.value), "gallery", "eval"), names) if is_value else None
    if found is None:
        return f'<pre tabindex="0">{html.escape(printed.getvalue())}</pre>'
    if isinstance(found, autograd.Explorer):
        return found.framed(height=520)
    if isinstance(found, nn.Watch):
        return _playground(found)
    if hasattr(found, "_repr_latex_"):
        return markdown(found._repr_latex_())
    return reachable(found._repr_html_()) if hasattr(found, "_repr_html_") else f'<pre tabindex="0">{found}</pre>'


def _playground(training: nn.Watch) -> str:
    """The page that trains without Python, in a frame."""
    with tempfile.TemporaryDirectory() as folder:
        page = training.save(Path(folder) / "playground.html").read_text("utf-8")
    look = 'width="100%" height="620" style="border:0"'
    return f'<iframe title="a network in training" srcdoc="{html.escape(page)}" {look}></iframe>'
