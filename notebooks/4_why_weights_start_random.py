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
# **What happens if all weights start at the same number?**
#
# Often one reads: "then all neurons stay identical". That is true, and it can be made a number. But what it leads to
# depends on the activation, and on the number. We try every case: on XOR, which needs hidden units that differ, and
# on AND, which does not.

# %%
import math
import random

from autograd import Value
from nn import MLP, SGD, init, losses
from nn.plots import Chart

XOR = [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)]
AND = [([0.0, 0.0], 0.0), ([0.0, 1.0], 0.0), ([1.0, 0.0], 0.0), ([1.0, 1.0], 1.0)]

# %% [markdown]
# A small network, 2 inputs, 4 hidden units, 1 output, all with a sigmoid. `train` counts the error of Rumelhart,
# Hinton and Williams, $E = \frac12\sum(o - y)^2$ over the four cases, and goes down its slope. `spread` says how far
# the hidden units are apart: the largest difference between the weights of two of them. If it is exactly zero, they
# are one.


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
# The spread is not small, it is *exactly* zero, after two thousand steps. All hidden units compute the same number,
# so all get the same gradient, and so all make the same step. Four units that are always equal are one unit with a
# larger weight. And one hidden unit cannot do XOR: its error never falls below 1/3.

# %%
chart = Chart(6.0, 3.2)
axes = chart.add_subplot()
for (name, errors), dashes in zip(curves.items(), ("--", "-"), strict=True):
    axes.plot(errors, dashes, label=name)
axes.axhline(1.0 / 3.0, color="gray", linewidth=0.8)
axes.text(2000, 1.0 / 3.0 + 0.01, "the floor of one hidden unit, 1/3", ha="right", color="gray")
axes.set_xlabel("sweep")
axes.set_ylabel("E on XOR")
axes.legend(frameon=False)
chart

# %% [markdown]
# ## Copies are enough
#
# The numbers need not be constant: four copies of one random unit are just as bad. What counts is that no two units
# are different.

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
# With all weights zero it matters what the activation does at zero. On AND, which one unit can do:


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
# The sigmoid of 0 is 1/2: there is something to multiply with, the weights of the output move, then those of the
# hidden units. They learn AND, all four alike. The tanh of 0 and the ReLU of 0 are 0: the output's weights get the
# gradient $\delta \cdot 0$, and the hidden ones $\delta \cdot w$ with $w = 0$. Nothing moves but the last bias, to
# $\log(\frac14 / \frac34) = -1.0986$, the logit of "one case in four is true". That is all such a network can say.
#
# ## Why random, and how random
#
# Random numbers break the tie, nothing more. How large they are is another question: too small or too large, and the
# gradient dies or explodes on its way through many layers. That is notebook 5.

# %%
rng = random.Random(0)
print([round(init.xavier_uniform()(rng, 4, 4), 3) for _ in range(4)])
print([round(init.kaiming_normal()(rng, 4, 4), 3) for _ in range(4)])

# %% [markdown]
# ## Exercises
#
# 1. Start all four units alike, but with one weight of one unit larger by $10^{-6}$. Does XOR get learned?
#
# <details><summary>Answer</summary>
#
# The difference grows, slowly at first: the tie is broken, and given enough sweeps it may be learned. A symmetry that
# is only nearly there is an unstable balance; an exact one stays for ever.
#
# </details>
#
# 2. May the biases all start at zero?
#
# <details><summary>Answer</summary>
#
# Yes, and here they do: the weights alone make the units differ.
#
# </details>
#
# 3. Which gradient is zero at the start of the tanh network from zero, and which is not? Look with `draw`.
#
# <details><summary>Answer</summary>
#
# Only that of the output's bias is not zero.
#
# </details>

# %%
model = MLP(2, [4, 1], activation="tanh", init="zeros", seed=1)
loss = (model([Value(1.0), Value(1.0)]) - 1.0) ** 2
loss.backward()
moving = [name for name, p in model.named_parameters() if p.grad != 0.0]
print(moving)
assert moving == ["layers.1.neurons.0.bias"]
