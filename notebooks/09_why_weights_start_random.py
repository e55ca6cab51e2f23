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
# # Why weights start random
#
# **What happens if all weights start with the same value?**
#
# You often read: "then all neurons stay identical". That is true, and we can measure it. But the consequences depend on
# the activation, and on the value. We try every case on XOR, which needs hidden units that differ, and on AND, which
# does not.

# %%
import math
import random

from autograd import Chart, Value
from autograd.lessons import exercises
from nn import MLP, SGD, init, losses

XOR = [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)]
AND = [([0.0, 0.0], 0.0), ([0.0, 1.0], 0.0), ([1.0, 0.0], 0.0), ([1.0, 1.0], 1.0)]

# %% [markdown]
# A small network: 2 inputs, 4 hidden units, 1 output, all with a sigmoid. `train` minimizes the error of Rumelhart,
# Hinton and Williams, $E = \frac12\sum(o - y)^2$ over the four cases, by gradient descent with momentum; each step is
# one sweep through all four cases. `spread` measures how much the hidden units differ: it is the largest difference
# between corresponding parameters of two units. If it is exactly zero, the units are identical.


# %%
def train(model, cases, steps=2000, lr=0.5, momentum=0.9):
    optimizer = SGD(model.parameters(), lr=lr, momentum=momentum)
    errors = []
    for _ in range(steps):
        optimizer.zero_grad()
        error = 0.5 * sum((model(x) - y) ** 2 for x, y in cases)
        error.backward()
        optimizer.step()
        errors.append(error.data)
    return errors


def spread(model):
    rows = [[w.data for w in neuron.weights] + [neuron.bias.data] for neuron in model.layers[0].neurons]
    return max(abs(a - b) for row in rows for other in rows for a, b in zip(row, other, strict=True))


# %% [markdown]
# ## A constant start, and a random one

# %%
constant = MLP(2, [4, 1], activation="sigmoid", output="sigmoid", init=init.constant(0.5), seed=1)
random_start = MLP(2, [4, 1], activation="sigmoid", output="sigmoid", init="uniform", seed=3)
curves = {"constant start": train(constant, XOR), "random start": train(random_start, XOR)}
print(f"constant: E = {curves['constant start'][-1]:.4f}, spread of the hidden units {spread(constant)}")
print(f"random:   E = {curves['random start'][-1]:.4f}, spread of the hidden units {spread(random_start):.2f}")
assert spread(constant) == 0.0
assert min(curves["constant start"]) > 1.0 / 3.0
assert curves["random start"][-1] < 0.01

# %% [markdown]
# The spread is not merely small: it is *exactly* zero, after two thousand steps. All hidden units compute the same
# output, so they all get the same gradient and all make the same update. Four units that are always equal act as one
# unit with a larger output weight. And one hidden unit cannot solve XOR: its error never falls below 1/3.

# %%
chart = Chart(600, 320, title="the error on XOR, sweep by sweep")
panel = chart.panel(x="sweep", y="E on XOR", y_range=(0.0, 0.55))
for (name, errors), dash in zip(curves.items(), ("dashed", "solid"), strict=True):
    panel.line(errors, label=name, dash=dash)
panel.level(1.0 / 3.0, "lower bound for one hidden unit, 1/3")
chart

# %% [markdown]
# ## Copies are enough
#
# The weights of a unit need not all be equal: four copies of one random unit, with equal output weights, are just as
# bad. What matters is that all units are the same.

# %%
copied = MLP(2, [4, 1], activation="sigmoid", output="sigmoid", init="uniform", seed=3)
first, *others = copied.layers[0].neurons
for neuron in others:
    for mine, its in zip(neuron.parameters(), first.parameters(), strict=True):
        mine.data = its.data
for w in copied.layers[1].neurons[0].weights:
    w.data = 0.5
errors = train(copied, XOR)
print(f"copies: E = {errors[-1]:.4f}, spread {spread(copied)}")
assert spread(copied) == 0.0
assert min(errors) > 1.0 / 3.0

# %% [markdown]
# ## Zero is a special constant
#
# If all weights are zero, it matters what value the activation has at zero. We try it on AND, which a single unit can
# learn:


# %%
def from_zero(activation):
    model = MLP(2, [4, 1], activation=activation, output="linear", init="zeros", seed=1)
    optimizer = SGD(model.parameters(), lr=0.5, momentum=0.9)
    for _ in range(1500):
        optimizer.zero_grad()
        loss = losses.binary_cross_entropy([model(x) for x, _ in AND], [y for _, y in AND])
        loss.backward()
        optimizer.step()
    E = 0.5 * sum((1.0 / (1.0 + math.exp(-model(x).data)) - y) ** 2 for x, y in AND)
    return model, E


print(f"{'activation':<12}{'E on AND':>10}{'spread':>8}{'largest weight':>16}{'b2':>10}")
for activation in ("sigmoid", "tanh", "relu"):
    model, E = from_zero(activation)
    weights = [w.data for layer in model.layers for neuron in layer.neurons for w in neuron.weights]
    bias = model.layers[1].neurons[0].bias.data
    print(f"{activation:<12}{E:>10.5f}{spread(model):>8}{max(map(abs, weights)):>16.4f}{bias:>10.4f}")
    assert spread(model) == 0.0
    if activation == "sigmoid":
        assert E < 0.01
    else:
        assert not any(weights)
        assert math.isclose(bias, math.log(1.0 / 3.0), abs_tol=1e-3)
        assert math.isclose(E, 0.375, abs_tol=1e-3)

# %% [markdown]
# The sigmoid of 0 is 1/2, so the output weights get a nonzero gradient: first they move, then the weights of the hidden
# units. The network learns AND, with all four units identical. The tanh and the ReLU of 0 are 0. Let $\delta$ be the
# gradient of the network's output: the output weights get the gradient $\delta \cdot 0$, and the outputs of the hidden
# units $\delta \cdot w$ with $w = 0$. Only the output bias changes. It goes to $\log(\frac14 / \frac34) = -1.0986$,
# the logit of the probability 1/4 (one case in four is true), and that is all such a network can learn.
#
# ## Why random, and how random
#
# Randomness breaks the symmetry, nothing more. The scale is a separate question: if the weights are too small or too
# large, the gradient vanishes or explodes on its way through many layers. That is the subject of lesson 10.

# %%
rng = random.Random(0)
print([round(init.xavier_uniform()(rng, 4, 4), 3) for _ in range(4)])
print([round(init.kaiming_normal()(rng, 4, 4), 3) for _ in range(4)])

# %% [markdown]
# ## What moves from zero
#
# In a tanh network with all weights zero, which gradients are nonzero at the start? Only that of the output bias:

# %%
model = MLP(2, [4, 1], activation="tanh", init="zeros", seed=1)
loss = (model([Value(1.0), Value(1.0)]) - 1.0) ** 2
loss.backward()
moving = [name for name, p in model.named_parameters() if p.grad != 0.0]
print(moving)
assert moving == ["layers.1.neurons.0.bias"]

# %% [markdown]
# ## Exercises

# %%
exercises("random start")

# %% [markdown]
# Next: [vanishing and exploding gradients](10_vanishing_and_exploding_gradients.ipynb), or how large the random numbers
# should be.
