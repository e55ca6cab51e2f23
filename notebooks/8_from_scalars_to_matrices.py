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
# # From scalars to matrices
#
# Books write backpropagation in matrices: $\delta_1 = W_2^\top \delta_2 \odot \sigma'(z_1)$. This library writes it
# in single numbers. **Are they the same thing, and if so, where do the matrices come from?**
#
# We take a small network of scalars, look at its graph, and watch the matrices come out of it. No one tells the
# program that there are layers.

# %%
import time

import numpy as np

from autograd import Program, Value, draw, gradients, topological_order
from nn import MLP

# %% [markdown]
# ## A network of single numbers
#
# Two inputs, three hidden neurons with tanh, two more, one output. Every weight is a `Value`, and so is every number
# on the way to the loss.

# %%
model = MLP(2, [3, 2, 1], activation="tanh", seed=1)
x1, x2, y = Value(0.5, "x1"), Value(-1.0, "x2"), Value(1.0, "y")
loss = (model([x1, x2]) - y) ** 2
loss.label = "loss"
print(f"{len(topological_order(loss))} nodes, {model.num_parameters} of them parameters")

# %% [markdown]
# Here is one of the three neurons of the first layer: two products, a sum, a tanh.

# %%
z = model.layers[0].neurons[0]([x1, x2])
draw(z)

# %% [markdown]
# And here are all of them, a box for each neuron. Every neuron of a layer reads *the same* numbers: keep that in
# mind, it is the whole secret.

# %%
draw(loss, depth=3)

# %% [markdown]
# ## The forward pass, discovered
#
# `Program` records the finished graph and looks for sums of products. A hidden neuron is $w_0 x_1 + w_1 x_2 + b$. The
# three neurons of the layer read the same $(x_1, x_2)$, each with weights of its own: that *is* a matrix times a
# vector.

# %%
forward = Program(model([x1, x2]), inputs=[x1, x2], parameters=model.parameters())
print(forward.source)

# %% [markdown]
# Line by line. `inputs` has a row for each input and a column for each example, so `X` is 2 × B. The parameters come
# as one long row, as `model.parameters()` lists them: neuron after neuron, its weights, then its bias. Cut into rows
# of three, the first two numbers of each row are `W1` and the third is `b1`. Nothing is copied: these are views.
#
# `z1 = W1 @ X + b1[:, None]` is all three neurons, for all examples, in one call. Do we believe it? We hold it
# against the scalars, for five examples.

# %%
examples = np.random.default_rng(0).normal(size=(2, 5))
by_program = forward(*examples)
one_by_one = np.array([model(example).data for example in examples.T.tolist()])
print(by_program)
print(one_by_one)
assert np.allclose(by_program, one_by_one, rtol=1e-12)

# %% [markdown]
# ## The gradient is a graph too
#
# `gradients(loss, parameters)` gives derivatives as Values: a graph that hangs on the first one and shares its nodes.
# So the same search finds the matrices in it. This is the slope by one weight of the second layer, with all that it
# is made of:

# %%
weight = model.layers[1].neurons[0].weights[0]
(slope,) = gradients(loss, [weight])
slope.label = "slope"
print(f"{len(topological_order(loss))} nodes for the loss, {len(topological_order(loss, slope))} with this slope")
draw(slope, depth=2)

# %% [markdown]
# Now all 20 slopes at once, each summed over a batch.

# %%
step = Program.value_and_grad(loss, inputs=[x1, x2, y], parameters=model.parameters())
print(step)

# %%
print(step.source)

# %% [markdown]
# Compare it with the book:
#
# | the book | the discovered line |
# |---|---|
# | $\delta_3 = 2 (z_3 - y)$ | `delta3 = 2.0 * z3` (here `z3` has `y` taken away already) |
# | $\delta_2 = W_3^\top \delta_3 \odot (1 - h_2^2)$ | `dh2 = delta3 * W3.T`, `delta2 = dh2 * (1.0 - h2 * h2)` |
# | $\delta_1 = W_2^\top \delta_2 \odot (1 - h_1^2)$ | `dh1 = W2.T @ delta2`, `delta1 = dh1 * (1.0 - h1 * h1)` |
# | $\partial L / \partial W_2 = \delta_2 h_1^\top$ | `dW2 = delta2 @ h1.T` |
#
# Why is there a transpose in `W2.T @ delta2`? Forward, neuron $i$ of layer 2 sums over the neurons $j$ of layer 1:
# $z_i = \sum_j W_{ij} h_j$. Backward, neuron $j$ of layer 1 sums over all who read it: $\bar h_j = \sum_i W_{ij}
# \delta_i$. The same weights, summed along the other index. The program did not know that word; it found lists of
# factors that meet each other, and laid them out.

# %% [markdown]
# ## It runs
#
# The source is code like any other, with NumPy alone.

# %%
namespace = {}
exec(step.source, namespace)
batch = np.vstack([examples, np.sign(examples[:1])])
parameters = np.array([p.data for p in model.parameters()])
value, gradient = namespace["value_and_grad"](batch, parameters)
expected = step(*batch)
print(value, expected[0])
assert np.isclose(value, expected[0], rtol=1e-12)
assert np.allclose(gradient, expected[1], rtol=1e-12)

# %% [markdown]
# And every number in it can be held against a fresh pass over the scalars:

# %%
print(f"largest difference: {step.verify(*batch):.1e}")

# %% [markdown]
# ## What it is good for
#
# The same network with sixteen neurons in each hidden layer: about 1,900 scalars, and still the same twenty lines.

# %%
wide = MLP(2, [16, 16, 1], activation="tanh", seed=1)
wide_loss = (wide([x1, x2]) - y) ** 2
wide_step = Program.value_and_grad(wide_loss, [x1, x2, y], wide.parameters())
many = np.random.default_rng(0).normal(size=(3, 1000))
wide_step(*many)

start = time.perf_counter()
wide_step(*many)
replayed = time.perf_counter() - start

start = time.perf_counter()
for a, b, c in many[:, :20].T.tolist():
    ((wide([a, b]) - c) ** 2).backward()
eager = (time.perf_counter() - start) * 1000 / 20

print(f"{wide_step!r}")
print(f"1,000 examples: {replayed * 1e3:.1f} ms replayed, {eager * 1e3:.0f} ms as scalars")
print(f"the scalars take {eager / replayed:,.0f} times as long")

# %% [markdown]
# `nn.fit` does this by itself: it records the loss of one example and replays it over each mini-batch. With
# `engine="eager"` it lets you watch the scalars instead, and comes to the same numbers.
#
# ## One weight, both ways
#
# The end of the story. Take one entry of $W_2$, from neuron $j = 1$ of layer 1 to neuron $i = 0$ of layer 2. The
# scalar chain rule says, for one example,
#
# $$\frac{\partial L}{\partial W_{ij}} = \underbrace{\frac{\partial L}{\partial z_i}}_{\delta_i}
# \cdot \underbrace{\frac{\partial z_i}{\partial W_{ij}}}_{h_j}$$
#
# and for a batch these products are summed over the examples. Row $i$ of `delta2` times row $j$ of `h1`, summed over
# the columns: that is entry $(i, j)$ of `delta2 @ h1.T`.

# %%
i, j = 0, 1
weight = model.layers[1].neurons[i].weights[j]
total = 0.0
print("example   delta_i       h_j         product")
for n, (a, b, target) in enumerate(batch.T.tolist()):
    h = model.layers[0]([a, b])
    neuron = model.layers[1].neurons[i]
    z_i = sum((w * x for w, x in zip(neuron.weights, h, strict=True)), neuron.bias)
    others = model.layers[1].neurons[1](h)
    error = (model.layers[2]([z_i.tanh(), others])[0] - target) ** 2
    error.backward()
    product = z_i.grad * h[j].data
    total += product
    print(f"{n:>7}{z_i.grad:>12.6f}{h[j].data:>11.6f}{product:>14.6f}")
print(f"{'sum':>7}{total:>37.6f}")

place = model.parameters().index(weight)
by_matrix = expected[1][place] * batch.shape[1]  # the program gives the mean
print(f"{'dW2[0, 1]':>9}{by_matrix:>35.6f}")
assert np.isclose(total, by_matrix, rtol=1e-12)

# %% [markdown]
# ```
# the scalar chain rule          dL/dW_ij = sum over examples of  delta_i * h_j what the program made of it    dW2 =
# delta2 @ h1.T
# ```
#
# ## Exercises
#
# 1. Without running it: which line of the source computes the gradient of the biases of layer 1, and why is it a sum?
#
# <details><summary>Answer</summary>
#
# `db1 = delta1.sum(axis=-1)`. The bias enters $z_i$ with the factor 1, so each example adds $\delta_i \cdot 1$, and
# the batch adds them up.
#
# </details>
#
# 2. Change the activation to `"relu"`. Which lines change?
#
# <details><summary>Answer</summary>
#
# `h1 = np.maximum(z1, 0.0)`, and `1.0 - h1 * h1`, the slope of tanh, becomes `np.where(z1 > 0.0, 1.0, 0.0)`. All the
# matrix products stay: they come from who reads whom, and not from the activation.
#
# </details>
#
# 3. Write a network by hand in which neuron 0 of layer 2 reads $h_0, h_1$ and neuron 1 reads $h_1, h_2$. What becomes
#    of `W2 @ h1`?
#
# <details><summary>Answer</summary>
#
# Its sums do not share a list of factors any more, so there is no product of matrices. The program still computes all
# of them in one call, row by row.
#
# </details>
