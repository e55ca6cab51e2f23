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
# # Vanishing and exploding gradients
#
# **Why were deep networks once thought impossible to train, and what changed?**
#
# The backward pass multiplies. Through ten layers it multiplies ten times, and ten factors of 1/4 have a product of
# about one millionth. We measure this, layer by layer, for common activations and initializations.

# %%
import math
import random

from autograd import Chart, grad, sigmoid, tanh
from autograd.lessons import exercises
from nn import MLP, init, layer_report, mse
from nn.plots import MARKS

# %% [markdown]
# ## One layer
#
# Let $z$ be the pre-activations of a layer (the weighted sums, before the activation), and
# $\delta = \partial L/\partial z$ the gradient that reaches it. To go back one layer, multiply by the weights and by
# the derivative of the activation: $\delta_{l} = (W_{l+1}^\top \delta_{l+1}) \odot \phi'(z_l)$. With $n$ units per
# layer and independent weights with mean 0, the magnitude of $\delta$ changes by a factor of about
#
# $$\sqrt{n \, \mathrm{Var}(w) \, E[\phi'(z)^2]}$$
#
# The derivative of the sigmoid is at most 1/4, that of tanh at most 1:

# %%
for f in (sigmoid, tanh):
    print(f.name, [round(grad(f)(z), 3) for z in (-4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0)])
assert grad(sigmoid)(0.0) == 0.25

# %% [markdown]
# ## Ten layers, measured
#
# Ten hidden layers of width 8, a batch of 8 random examples, newly initialized weights. `layer_report` gives the root
# mean square of $\delta$ and of the weight gradients in each layer.

# %%
WIDTH, LAYERS = 8, 10


def fresh(activation, start, seed):
    rng = random.Random(seed)
    model = MLP(WIDTH, [WIDTH] * LAYERS + [1], activation=activation, init=start, seed=seed)
    batch = [[rng.gauss(0.0, 1.0) for _ in range(WIDTH)] for _ in range(8)]
    return layer_report(model, mse([model(x) for x in batch], [rng.gauss(0.0, 1.0) for _ in batch]))


report = fresh("sigmoid", init.xavier_uniform(), seed=1)
report

# %%
report.plot()

# %% [markdown]
# The scale is logarithmic. In the chart $\delta$ falls roughly along a straight line, by a factor of four or five per
# layer. In the first layer $\delta$ is about a millionth of what it is in the last hidden layer, so with plain gradient
# descent the first layer learns about a million times more slowly.
#
# ## Activations and initializations compared
#
# The table gives the factor per layer, and the ratio of $\delta$ in layer 1 to $\delta$ in layer 10, averaged over
# several seeds. "Theory" is the formula above, with the derivative of the activation near zero ($\phi'(0)$, and
# $E[\phi'^2] = 1/2$ for ReLU). Away from zero the derivative of sigmoid and tanh is smaller, so the measured factors
# are a little smaller too. Glorot takes $\mathrm{Var}(w) = 2 / (n_\text{in} + n_\text{out})$, He $2 / n_\text{in}$.

# %%
narrow = init.uniform(-1.0 / math.sqrt(WIDTH), 1.0 / math.sqrt(WIDTH))
CASES = [
    ("sigmoid", "Glorot", init.xavier_uniform(), 0.25, 0.222),
    ("sigmoid", "U(-1/sqrt n, 1/sqrt n)", narrow, 0.144, 0.134),
    ("sigmoid", "U(-1, 1)", init.uniform(-1.0, 1.0), 0.41, 0.333),
    ("tanh", "U(-1/sqrt n, 1/sqrt n)", narrow, 0.577, 0.533),
    ("tanh", "Glorot", init.xavier_uniform(), 1.0, 0.876),
    ("relu", "Glorot", init.xavier_uniform(), 0.707, 0.650),
    ("relu", "He", init.kaiming_uniform(), 1.0, 0.868),
]
curves = {}
print(f"{'activation':<11}{'initialization':<24}{'theory':>8}{'measured':>10}{'layer 1 / layer 10':>20}")
for activation, name, start, theory, expected in CASES:
    reports = [fresh(activation, start, seed) for seed in range(8)]
    alive = [r for r in reports if r[0].delta > 0.0]  # a ReLU network may have a layer with zero gradient
    logs = [sum(math.log(r[layer].delta) for r in alive) / len(alive) for layer in range(LAYERS)]
    curves[f"{activation}, {name}"] = [math.exp(x) for x in logs]
    rate = math.exp((logs[0] - logs[9]) / 9.0)
    print(f"{activation:<11}{name:<24}{theory:>8.3f}{rate:>10.3f}{math.exp(logs[0] - logs[9]):>20.1e}")
    assert abs(rate / expected - 1.0) < 0.3

# %%
chart = Chart(700, 400, title="delta in each layer, by activation and initialization")
panel = chart.panel(x="hidden layer", y="delta, root mean square", y_log=True)
for (name, deltas), mark in zip(curves.items(), MARKS, strict=False):
    panel.line(deltas, label=name, mark=mark)
chart

# %% [markdown]
# ## A trap: look at delta, not only at weight gradients
#
# With small initial weights the *weight* gradients of tanh and ReLU stay nearly flat, although $\delta$ collapses. A
# weight's gradient is $\delta$ times the activation of the previous layer, and activations shrink going forward just as
# $\delta$ shrinks going backward. If you look at the weight gradients alone, you see nothing wrong.

# %%
flat = fresh("tanh", narrow, seed=2)
deltas = [row.delta for row in flat][:LAYERS]
slopes = [row.weight_gradient for row in flat][:LAYERS]
print("delta:          ", [f"{x:.1e}" for x in deltas])
print("weight gradient:", [f"{x:.1e}" for x in slopes])
assert deltas[-1] / deltas[1] > 50.0
assert max(slopes[1:]) / min(slopes[1:]) < 30.0

# %% [markdown]
# ## Exploding
#
# With weights twice as large as in He's initialization, $\delta$ about doubles with each layer on its way back. The
# activations grow forward in the same way, so the weight gradients are large in *all* layers, and a step of gradient
# descent makes huge changes to the weights.

# %%
wild = fresh("relu", init.kaiming_uniform(gain=2.0 * math.sqrt(2.0)), seed=1)
print([f"{row.delta:.1e}" for row in wild])
assert wild[0].delta > 20.0 * wild[9].delta

# %% [markdown]
# ## What helps
#
# - An initialization that preserves the magnitude: Glorot's for tanh, He's for ReLU. Both choose $\mathrm{Var}(w)$ so
#   that the formula gives about 1.
# - An activation whose derivative is 1 wherever the unit is active: ReLU and its variants.
# - Optimizers that divide by the magnitude of the gradient, such as Adam; gradient clipping, against explosions.
# - In larger networks: normalization, and skip connections, so that there is always a short path.

# %% [markdown]
# ## Dead layers
#
# A narrow ReLU network can die: in some layer, all units are inactive for all examples, and no gradient gets through.
# Below we count how often this happens with width 4 and ten layers. The wider the network, the rarer it is.

# %%
dead = 0
for seed in range(20):
    rng = random.Random(seed)
    model = MLP(4, [4] * 10 + [1], activation="relu", init="kaiming_uniform", seed=seed)
    batch = [[rng.gauss(0.0, 1.0) for _ in range(4)] for _ in range(8)]
    rows = layer_report(model, mse([model(x) for x in batch], [1.0] * 8))
    dead += rows[0].delta == 0.0
print(f"in {dead} of 20 networks the gradient in layer 1 is exactly zero")

# %% [markdown]
# ## Exercises

# %%
exercises("vanishing")

# %% [markdown]
# Next: [three ways to a gradient](11_three_ways_to_a_gradient.ipynb), and what each of them costs.
