# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Fitting a curve
#
# **How can a sum of neurons take the shape of a curve?**
#
# A network with one hidden layer and one input computes
#
# $$y(x) = \sum_i v_i \tanh(w_i x + b_i) + c$$
#
# Each hidden neuron contributes one step: flat on the left, flat on the right, and between them a slope. The weight
# $w_i$ says how steep it is, the bias $b_i$ where it is, the output weight $v_i$ how high it is and whether it goes up
# or down. The result is the sum of these steps. We watch them find their places.

# %%
import math

from autograd import Chart
from autograd.lessons import exercises
from nn import MLP, Adam, fit, mse

# %% [markdown]
# ## One neuron, three numbers

# %%
xs = [i / 25.0 - 2.0 for i in range(101)]
chart = Chart(900, 260, title="what the three numbers of a neuron do")
for title, which, shapes in (
    ("w: how steep", 0, [(1.0, 0.0, 1.0), (3.0, 0.0, 1.0), (9.0, 0.0, 1.0)]),
    ("b: where", 1, [(4.0, -4.0, 1.0), (4.0, 0.0, 1.0), (4.0, 4.0, 1.0)]),
    ("v: how high", 2, [(4.0, 0.0, 1.0), (4.0, 0.0, 0.3), (4.0, 0.0, -0.7)]),
):
    panel = chart.panel(title, "x", y_range=(-1.1, 1.1))
    for shape, dash in zip(shapes, ("solid", "dashed", "dotted"), strict=True):
        w, b, v = shape
        panel.line(xs, [v * math.tanh(w * x + b) for x in xs], f"{title[0]} = {shape[which]:g}", dash=dash)
chart

# %% [markdown]
# The step is in the middle where $w x + b = 0$, at $x = -b / w$. With $w = 4$ and $b = 4$ that is -1: a larger bias
# moves the step to the *left*.
#
# ## The task
#
# Twenty-five points on one and a half waves. No single step looks like this.


# %%
def target(x):
    # Shifted, since on a symmetric wave some gradients are 0 but for rounding errors, which Adam would magnify.
    return math.sin(3.0 * x + 0.4)


X = [[i / 8.0 - 1.5] for i in range(25)]
y = [target(x) for (x,) in X]
model = MLP(1, [4, 1], activation="tanh", seed=2)


def contributions(model, x):
    """What each hidden neuron adds to the output at x, and the bias of the output."""
    (output,) = model.layers[1].neurons
    hidden = [neuron([x]) for neuron in model.layers[0].neurons]
    return [(v * h).data for v, h in zip(output.weights, hidden, strict=True)], output.bias.data


parts, bias = contributions(model, 0.7)
assert math.isclose(sum(parts) + bias, model([0.7]).data, rel_tol=1e-12)
print("the output at 0.7 is the sum of", ", ".join(f"{part:+.3f}" for part in parts), f"and {bias:+.3f}")

# %% [markdown]
# ## Learning, step by step
#
# Now we train, and stop four times to draw what each neuron contributes (thin) and their sum (thick).

# %%
optimizer = Adam(model.parameters(), lr=0.05)
pictures = []
losses = [mse([model(x) for x in X], y).data]
for epochs in (0, 30, 70, 900):
    if epochs:
        losses += fit(model, X, y, "mse", optimizer, epochs=epochs, batch_size=25, seed=1, progress=False).loss
    places = [i / 30.0 - 1.6 for i in range(97)]
    by_neuron = [contributions(model, x) for x in places]
    pictures.append((len(losses) - 1, places, by_neuron))


def panel_of(chart, epoch, places, by_neuron):
    panel = chart.panel(f"after {epoch} epochs", "x", y_range=(-2.4, 2.4))
    for i in range(4):
        panel.line(places, [parts[i] for parts, _ in by_neuron], color=i, width=1.1)
    panel.line(places, [sum(parts) + bias for parts, bias in by_neuron], "the sum", "ink", width=2.6)
    panel.points([x for (x,) in X], y, "the points", "muted", size=3.2)


chart = Chart(900, 330, title="the contributions of four neurons, before and early in the training")
for picture in pictures[:2]:
    panel_of(chart, *picture)
print(f"loss {losses[0]:.3f}, after 30 epochs {losses[30]:.3f}")
chart

# %%
chart = Chart(900, 330, title="the contributions of four neurons, later")
for picture in pictures[2:]:
    panel_of(chart, *picture)
print(f"loss after 100 epochs {losses[100]:.4f}, the smallest of 1,000 {min(losses):.6f}")
assert losses[30] < losses[0]
assert min(losses) < 0.002
chart

# %% [markdown]
# At first all steps are at $x = 0$, since all biases start at 0, and their sum is a single slanted curve, which misses
# most of the points. Then the steps move apart, to the different flanks of the wave. Several of them are higher than
# the wave itself, and partly cancel in the sum. None of them "is" a part of the wave; only the sum fits it.
#
# The loss shows the same story: a plateau is a time in which neurons still move together.

# %%
chart = Chart(640, 300, title="the loss")
chart.panel(x="epoch", y="loss", y_log=True).line(range(len(losses)), losses)
chart

# %% [markdown]
# ## Outside the points
#
# What does the network say where there were no points? It knows nothing about waves. Far to the left and right all
# steps are over, and the curve is flat.

# %%
wide = [i / 20.0 - 4.0 for i in range(161)]
chart = Chart(640, 320, title="the network and the wave, beyond the points")
panel = chart.panel(x="x", y_range=(-2.5, 2.5))
panel.line(wide, [target(x) for x in wide], "the wave", "edge", dash="dashed")
panel.line(wide, [model([x]).data for x in wide], "the network", "ink", width=2.4)
panel.points([x for (x,) in X], y, "the points", "muted", size=3.2)
assert abs(model([30.0]).data - model([40.0]).data) < 1e-3
chart

# %% [markdown]
# ## How many neurons?
#
# One neuron is one step. A sum of two can be a bump. With enough neurons, the sum can come as close as you like to any
# continuous curve on a closed interval (Cybenko, 1989). That such a sum *exists* does not mean that gradient descent
# finds it: the same network, started with three different sets of random weights, can end with three different losses.
# %%
final = {}
for count in (1, 2, 3, 6):
    tries = []
    for seed in (1, 2, 3):
        model = MLP(1, [count, 1], activation="tanh", seed=seed)
        optimizer = Adam(model.parameters(), lr=0.05)
        tries.append(fit(model, X, y, "mse", optimizer, epochs=400, batch_size=25, seed=1, progress=False).loss[-1])
    final[count] = min(tries)
    print(f"neurons: {count}   loss of three starts: " + ", ".join(f"{loss:.4f}" for loss in tries))
assert final[1] > final[2] > 10.0 * final[3]
assert final[6] < 0.01

# %% [markdown]
# ## Exercises

# %%
exercises("curve")

# %% [markdown]
# Next: [the loss surface](06_the_loss_surface.ipynb), on which training is a path downhill.
