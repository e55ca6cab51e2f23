"""The first page: a live graph, a network that learns as one scrolls, ten lines of code, the lessons."""

from __future__ import annotations

import html
import json

from page import Page, code

from autograd import Explorer, Value, tanh
from nn import MLP, Adam, accuracy, cross_entropy, data, fit


def first_page(lessons: list[Page]) -> Page:
    w, x, b, y = Value(0.5, "w"), Value(1.5, "x"), Value(-1.0, "b"), Value(0.8, "y")
    out = tanh(w * x + b)
    out.label = "out"
    loss = (out - y) ** 2
    loss.label = "loss"
    graph = Explorer(loss, plays=True, parameters=[w, b]).page
    listed = "".join(
        f'<li><a href="{page.path}">{page.title}</a><p>{page.description}</p></li>' for page in lessons[1:]
    )
    ten = """from autograd import Value, draw
from nn import MLP, data, fit

a, b = Value(2.0, "a"), Value(-3.0, "b")
c = (a * b + 7.0).tanh() + a**2
c.backward()
print(a.grad, b.grad)  # how c changes with a, and with b
draw(c)

moons = data.moons(n=100)
model = MLP(2, [8, 2], "tanh")
fit(model, moons.X, moons.y, "cross_entropy", epochs=60)"""
    content = f"""<section class="hero"><h1>How does a network learn?</h1>
<p>First the values are computed, from left to right; then the slopes of the loss, backward, against the arrows.
Click <code>w</code> or <code>b</code>, and move the slider.</p>
<iframe title="a live computation graph" srcdoc="{html.escape(graph)}"></iframe>
<p class="buttons"><a class="button first" href="lessons/01_the_slope_as_a_tangent.html">Begin with lesson 1</a>
<a class="button" href="exercises/build_your_own_engine.html">Build it yourself</a></p></section>
<h2>Scroll, and watch it learn</h2>
<section class="learning"><div class="held"><canvas width="432" height="432" role="img"
aria-label="two half moons of points, and the two regions into which a network divides the plane"></canvas>
<div><p>Two inputs, eight neurons, two outputs. At first the weights are random, and so is the border between the
colors. Each epoch, the gradient of the loss moves every weight a little.</p>
<p>epoch <span class="number epoch">0</span></p><p>loss <span class="number loss"></span></p>
<p>right <span class="number right"></span></p></div></div></section>
<h2>Ten lines of Python</h2>
{code(ten)}
<h2>The lessons</h2>
<ol class="cards">{listed}</ol>
<script type="application/json" id="learning">{json.dumps(training())}</script>
<script src="learning.js" defer></script>"""
    about = "Write scalars, see every derivative: a live introduction to backpropagation."
    return Page("index.html", "scalar-backprop: how a network learns", about, content, "", True)


def training() -> dict:
    """The weights of a small network, epoch by epoch."""
    moons = data.moons(n=100, seed=1)
    model = MLP(2, [8, 2], activation="tanh", seed=4)
    epochs = []

    def keep(loss: float, right: float) -> None:
        layers = [
            [[[round(w.data, 4) for w in neuron.weights], round(neuron.bias.data, 4)] for neuron in layer.neurons]
            for layer in model.layers
        ]
        epochs.append({"layers": layers, "loss": round(loss, 4), "accuracy": right})

    def note(history) -> None:
        keep(history.loss[-1], history.accuracy[-1])

    outputs = [model(row) for row in moons.X]
    keep(cross_entropy(outputs, moons.y).data, accuracy(outputs, moons.y))
    optimizer = Adam(model.parameters(), lr=0.03)
    options = {"epochs": 60, "callbacks": note, "seed": 1, "progress": False}
    fit(model, moons.X, moons.y, "cross_entropy", optimizer, **options)
    points = [[round(float(u), 3) for u in row] for row in moons.X]
    return {"epochs": epochs, "X": points, "y": list(map(int, moons.y))}
